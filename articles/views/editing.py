"""What editors do on an article's page: notes, the meaning of names, the status, and taking a change back."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import editor_required
from articles.editing import links, workflow
from articles.editing.annotations import NoteDraft, attach_note, delete_note, edit_note
from articles.editing.link_batches import decide_again
from articles.editing.links import LinkDraft
from articles.errors import ConflictError, RefusedError
from articles.forms import LinkForm, NoteChangeForm, NoteForm, StatusForm
from articles.queries.article import article_exists, article_of_note, name_place, note_of, paragraph_at
from articles.queries.chips import Chip, called
from articles.queries.history import change_article
from articles.queries.link_offers import is_link_change, offer_after
from articles.views.numbers import whole
from articles.views.panels import Panel, show_article


def _by(request: HttpRequest) -> str:
    """Who acts, as the history names them."""
    return request.user.get_username()


def _back(
    request: HttpRequest, article_id: int, change_id: int | None, done: str, number: int | None = None
) -> HttpResponse:
    """To the article, at the paragraph that was worked on, with a toast that offers to undo."""
    undo = reverse("article_undo", args=[change_id]) if change_id else ""
    messages.success(request, done if change_id else "Nothing was different.", extra_tags=undo)
    place = f"#p{number}" if number else ""
    return redirect(reverse("article", args=[article_id]) + place)


def _settled(request: HttpRequest, article_id: int, change_id: int, done: str, number: int) -> HttpResponse:
    """To the article; where other articles have the name and read it otherwise, to the offer to correct them, too."""
    if offer_after(article_id, change_id) is None:
        return _back(request, article_id, change_id, done, number)
    messages.success(request, done, extra_tags=reverse("article_undo", args=[change_id]))
    return redirect(f"{reverse('article', args=[article_id])}?settled={change_id}&at={number}#settled")


def _refused(request: HttpRequest, article_id: int, panel: Panel) -> HttpResponse:
    """The article with the form as it was sent and what is wrong with it."""
    return show_article(request, article_id, panel, HTTPStatus.UNPROCESSABLE_ENTITY)


def _number(form: NoteForm | LinkForm) -> int:
    """The paragraph below which a form stands, also when the form has faults."""
    number = form.cleaned_data.get("number")
    return number if isinstance(number, int) else 0


@require_POST
@editor_required
def note_add(request: HttpRequest, article_id: int) -> HttpResponse:
    """Hang a note on a passage."""
    form = NoteForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        draft = NoteDraft(quote=data["quote"], body=data["body"], tag=data["tag"], start=data["start"] or 0)
        try:
            change = attach_note(article_id, _by(request), draft)
        except RefusedError as error:
            form.add_error("quote", str(error))
        else:
            return _back(request, article_id, change.pk, "Noted.", data["number"])
    return _refused(request, article_id, Panel("note", at=_number(form), form=form))


@require_http_methods(["GET", "HEAD", "POST"])
@editor_required
def note_edit(request: HttpRequest, note_id: int) -> HttpResponse:
    """Change a note's words. Somebody else's change in between is shown beside one's own; nothing is lost."""
    article_id = article_of_note(note_id)
    note = note_of(article_id, note_id) if article_id else None
    if article_id is None or note is None:
        raise Http404("This note is not here any more.")
    if request.method != "POST":
        return redirect(reverse("article", args=[article_id]) + f"?edit={note_id}")
    form = NoteChangeForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            change = edit_note(note_id, _by(request), data["body"], data["tag"], data["version"])
        except ConflictError as error:
            mine = NoteChangeForm(initial={"body": data["body"], "tag": data["tag"], "version": note.version})
            messages.error(request, str(error))
            panel = Panel("edit", at=0, note=note, form=mine, conflict=note)
            return show_article(request, article_id, panel, HTTPStatus.CONFLICT)
        except RefusedError as error:
            form.add_error("body", str(error))
        else:
            return _back(request, article_id, change.pk if change else None, "Saved.")
    return _refused(request, article_id, Panel("edit", at=0, note=note, form=form))


@require_POST
@editor_required
def note_delete(request: HttpRequest, note_id: int) -> HttpResponse:
    """Take a note away; the toast brings it back."""
    article_id = article_of_note(note_id)
    if article_id is None:
        raise Http404("This note is not here any more.")
    try:
        change = delete_note(note_id, _by(request), whole(request.POST.get("version")) or 0)
    except ConflictError as error:
        messages.error(request, f"{error} It is still there: read it before you delete it.")
        return show_article(request, article_id, None, HTTPStatus.CONFLICT)
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("article", article_id)
    return _back(request, article_id, change.pk, "The note is deleted.")


@require_POST
@editor_required
def link_decide(request: HttpRequest, article_id: int) -> HttpResponse:
    """Say what a name means: an entity chosen (`slug`), one typed (`entity`), or none (`nothing`)."""
    form = LinkForm(request.POST)
    choices: tuple[Chip, ...] = ()
    if form.is_valid():
        data = form.cleaned_data
        nothing = bool(request.POST.get("nothing"))
        typed = request.POST.get("slug", "") or data["entity"]
        choices = () if nothing else called(typed)
        if not nothing and not typed:
            form.add_error("entity", "Write whom it means, or say that it is no entity.")
        elif not nothing and not choices:
            form.add_error("entity", f"No entity is called “{typed[:80]}”. Try its full name or its ticker.")
        elif len(choices) > 1:
            form.add_error("entity", f"“{typed[:80]}” may be several: choose one of them above.")
        else:
            try:
                change = links.decide_link(
                    article_id,
                    _by(request),
                    _draft(form, article_id, choices[0].id if choices else None),
                    data["why"],
                )
            except RefusedError as error:
                form.add_error("surface", str(error))
                choices = ()
            else:
                meant = f"means {choices[0].name}" if choices else "is no entity"
                done = f"“{data['surface']}” {meant}, now and in every later run."
                return _settled(request, article_id, change.pk, done, _paragraph(form, article_id))
    panel = Panel("link", at=_number(form), form=form, choices=choices if len(choices) > 1 else ())
    return _refused(request, article_id, panel)


def _paragraph(form: LinkForm, article_id: int) -> int:
    """The paragraph in which a decision was made: the form's own, or that of the place which it names."""
    data = form.cleaned_data
    if data["number"] is not None:
        return _number(form)
    if data["field"] == "title" or data["start"] is None:
        return 0
    return paragraph_at(article_id, data["start"])


def _draft(form: LinkForm, article_id: int, entity_id: int | None) -> LinkDraft:
    """The decision; a form that names a paragraph means the first place of the words in it."""
    data = form.cleaned_data
    surface, start = data["surface"], data["start"]
    if data["number"] is not None and start is not None:
        found = name_place(article_id, data["number"], surface, start)
        start = start if found is None else found
    if data["everywhere"] or start is None:
        return LinkDraft(surface=surface, entity_id=entity_id)
    field, end = data["field"] or "text", start + len(surface)
    return LinkDraft(surface=surface, entity_id=entity_id, field=field, start=start, end=end)


@require_POST
@editor_required
def article_status(request: HttpRequest, article_id: int) -> HttpResponse:
    """Say how far the desk is with an article."""
    if not article_exists(article_id):
        raise Http404("No article has this number.")
    form = StatusForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a status of the list.")
        return show_article(request, article_id, None, HTTPStatus.UNPROCESSABLE_ENTITY)
    data = form.cleaned_data
    try:
        change = workflow.set_article_status(
            article_id, _by(request), data["status"], data["version"], data["why"]
        )
    except (ConflictError, RefusedError) as error:
        conflict = isinstance(error, ConflictError)
        messages.error(request, str(error))
        status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
        return show_article(request, article_id, None, status)
    return _back(request, article_id, change.pk, "The status is set.")


@require_POST
@editor_required
def article_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take one change of an article back."""
    try:
        undone = workflow.undo_change(change_id, _by(request), request.POST.get("why", ""))
    except RefusedError as error:
        messages.error(request, str(error))
        article_id = change_article(change_id)
        return redirect("article", article_id) if article_id else redirect("articles")
    again = reverse("link_again", args=[change_id]) if is_link_change(change_id) else ""
    messages.success(request, "Taken back.", extra_tags=again)
    return redirect(undone.kind, undone.id)


@require_POST
@editor_required
def link_again(request: HttpRequest, change_id: int) -> HttpResponse:
    """Make a decision on a name once more that was taken back: the undo of the undo."""
    try:
        change = decide_again(change_id, _by(request))
    except RefusedError as error:
        messages.error(request, str(error))
        article_id = change_article(change_id)
        return redirect("article", article_id) if article_id else redirect("articles")
    return _back(request, change.subject_id, change.pk, "It holds again.")
