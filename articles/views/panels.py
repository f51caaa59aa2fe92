"""What is open on an article's page: why a name is linked, or a form for a note or a link."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from articles.access import EDITORS
from articles.forms import LinkForm, NoteChangeForm, NoteForm
from articles.queries.article import (
    STATUSES,
    ArticlePage,
    Asked,
    Note,
    article_page,
    asked_about,
    note_of,
    passage_of,
)
from articles.queries.article_origin import moved_to
from articles.queries.chips import Chip
from articles.queries.link_offers import Offer, offer_after
from articles.queries.related import related_articles
from articles.texts.citing import read_citation
from articles.views.numbers import whole


@dataclass(frozen=True, slots=True)
class Panel:
    """An open panel: `at` is the paragraph below which it stands when the page has no script."""

    kind: str  # why, note, link, edit, settled
    at: int
    asked: Asked | None = None
    note: Note | None = None
    form: forms.Form | None = None
    choices: tuple[Chip, ...] = ()
    conflict: Note | None = None
    offer: Offer | None = None


def number_in(request: HttpRequest, name: str) -> int | None:
    """A whole number of the address; None when there is none."""
    return whole(request.GET.get(name))


def may_edit(request: HttpRequest) -> bool:
    """Whether the reader may change what the desk says."""
    return getattr(request.user, "role", "") in EDITORS


def panel_of(request: HttpRequest, article_id: int) -> Panel | None:
    """The panel that an address asks for; forms are for editors. None when there is nothing to show."""
    mention = number_in(request, "why")
    if mention is not None:
        asked = asked_about(article_id, mention)
        return None if asked is None else Panel("why", at=-1, asked=asked)
    if not may_edit(request):
        return None
    settled = number_in(request, "settled")
    if settled is not None:
        offer = offer_after(article_id, settled)
        return None if offer is None else Panel("settled", at=number_in(request, "at") or 0, offer=offer)
    note_id = number_in(request, "edit")
    if note_id is not None:
        note = note_of(article_id, note_id)
        if note is None:
            return None
        old = {"body": note.body, "tag": note.tag, "version": note.version}
        return Panel("edit", at=-1, note=note, form=NoteChangeForm(initial=old))
    return _form_asked(request, article_id)


def _form_asked(request: HttpRequest, article_id: int) -> Panel | None:
    """The form for a new note (not on the title) or link."""
    for kind in ("note", "link"):
        number = number_in(request, kind)
        if number is not None and (number or kind == "link"):
            start, end = number_in(request, "from"), number_in(request, "to")
            passage = passage_of(article_id, number, start, end)
            if passage is None:
                return None
            chosen = start is not None and end is not None
            initial: dict[str, Any] = {"start": passage.start, "number": number}
            if kind == "note":
                return Panel("note", number, form=NoteForm(initial={**initial, "quote": passage.text}))
            initial["field"] = passage.field
            initial["surface"] = passage.text if chosen else ""
            return Panel("link", number, form=LinkForm(initial=initial))
    return None


def show_article(
    request: HttpRequest, article_id: int, panel: Panel | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The whole page with at most one panel open and the words of `?cite=` marked.

    The number of an article that became part of another leads there.
    """
    page = article_page(article_id, read_citation(request.GET.get("cite", "")))
    if page is None:
        survivor = moved_to(article_id)
        if survivor is None:
            raise Http404("No article has this number.")
        return redirect("article", survivor)  # not for good: an editor may part the two
    context = {
        "page": page,
        "panel": panel,
        "article_id": article_id,
        "panel_at": _place(page, panel),
        "statuses": STATUSES,
        "related": related_articles(article_id),
    }
    return render(request, "article/page.html", context, status=status)


def _place(page: ArticlePage, panel: Panel | None) -> int | None:
    """The paragraph below which the panel stands."""
    if panel is None:
        return None
    if panel.asked is not None:
        return 0 if panel.asked.field == "title" else page.paragraph_of(panel.asked.id)
    if panel.note is not None:
        numbers = {note.id: number for number, note in page.notes.items()}
        number = numbers.get(panel.note.id, 0)
        return next((part.number for part in page.paragraphs if number in part.notes), len(page.paragraphs))
    return panel.at
