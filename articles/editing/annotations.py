"""Acts: notes on passages; every change is in the article's history and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from articles.errors import ConflictError, RefusedError
from articles.models import Annotation, Article, Revision
from articles.texts.anchors import Anchor, anchor_at, find_quote
from entities.history import record_change
from entities.models import Change

LONGEST_BODY = 5000
LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """A note as a form brings it. Without a fitting span, the quote nearest to `start` is taken."""

    quote: str
    body: str
    tag: str = ""
    start: int = 0
    end: int = 0
    revision: int | None = None


@transaction.atomic
def attach_note(article_id: int, by: str, draft: NoteDraft) -> Change:
    """Hang a note on a passage of the article's current text.

    Raises RefusedError for an empty or too long note, or a quote that does not stand in the text.
    """
    body, tag = _body(draft.body), _tag(draft.tag)
    article = (
        Article.objects.select_for_update(of=("self",))
        .select_related("revision")
        .filter(pk=article_id)
        .first()
    )
    if article is None or article.revision is None:
        raise RefusedError("This article has no text to note. Reload the page.")
    anchor = _anchor(article.revision, draft)
    note = Annotation.objects.create(
        article_id=article_id,
        revision_id=article.revision.pk,
        start=anchor.start,
        end=anchor.end,
        exact=anchor.exact,
        prefix=anchor.prefix,
        suffix=anchor.suffix,
        body=body,
        tag=tag,
        by=by,
    )
    after = {"note": note.pk, "exact": anchor.exact, "body": body, "tag": tag}
    return record_change("article", article_id, by, "attach_note", after=after)


def _anchor(revision: Revision, draft: NoteDraft) -> Anchor:
    """Where the passage stands: at the span when its words are the quote, else where the quote is found."""
    quote, text = draft.quote.replace("\r\n", "\n").strip(), revision.text
    try:
        if text[draft.start : draft.end] == quote and quote:
            return anchor_at(text, draft.start, draft.end)
        found = find_quote(text, quote, draft.start)
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if found is None:
        raise RefusedError("These words do not stand in the text. Copy the passage as it is written there.")
    return found


@transaction.atomic
def edit_note(note_id: int, by: str, body: str, tag: str, version: int) -> Change | None:
    """Change a note's words; None when nothing is different. Raises ConflictError when somebody was first."""
    note = _standing(note_id)
    body, tag = _body(body), _tag(tag)
    if note.version != version:
        raise ConflictError(f"{_last_hand(note)} changed this note since you opened it.")
    if (note.body, note.tag) == (body, tag):
        return None
    before = _state(note)
    Annotation.objects.filter(pk=note_id, version=version).update(
        body=body, tag=tag, edited_at=Now(), version=F("version") + 1
    )
    after = {"note": note_id, "exact": note.exact, "body": body, "tag": tag}
    return record_change("article", note.article_id, by, "edit_note", before=before, after=after)


@transaction.atomic
def delete_note(note_id: int, by: str, version: int) -> Change:
    """Take a note away; its row stays and undoing brings it back. Raises ConflictError when it was changed since."""
    note = _standing(note_id)
    if note.version != version:
        raise ConflictError(f"{_last_hand(note)} changed this note since you opened it.")
    Annotation.objects.filter(pk=note_id).update(deleted_at=Now(), version=F("version") + 1)
    after = {"note": note_id, "deleted": True}
    return record_change("article", note.article_id, by, "delete_note", before=_state(note), after=after)


def undo_note_change(change: Change, by: str) -> Change:
    """Put a note back to before a change, inside the caller's transaction.

    Raises RefusedError when the note was changed later.
    """
    note = Annotation.objects.select_for_update().filter(pk=change.after["note"]).first()
    if note is None:
        raise RefusedError("The note is not here any more.")
    if change.act == "delete_note":
        if note.deleted_at is None:
            raise RefusedError("The note is back already.")
        Annotation.objects.filter(pk=note.pk).update(deleted_at=None, version=F("version") + 1)
    else:
        if note.deleted_at is not None or (note.body, note.tag) != (
            change.after["body"],
            change.after["tag"],
        ):
            raise RefusedError("The note was changed since: take back the later change first.")
        if change.act == "attach_note":
            Annotation.objects.filter(pk=note.pk).update(deleted_at=Now(), version=F("version") + 1)
        else:
            Annotation.objects.filter(pk=note.pk).update(
                body=change.before["body"],
                tag=change.before["tag"],
                edited_at=Now(),
                version=F("version") + 1,
            )
    return record_change(
        "article",
        note.article_id,
        by,
        f"undo_{change.act}",
        before=change.after,
        after=change.before,
        undoes=change,
    )


def _standing(note_id: int) -> Annotation:
    note = Annotation.objects.select_for_update().filter(pk=note_id, deleted_at__isnull=True).first()
    if note is None:
        raise RefusedError("This note is not here any more. Reload the article.")
    return note


def _state(note: Annotation) -> dict[str, Any]:
    return {"note": note.pk, "exact": note.exact, "body": note.body, "tag": note.tag}


def _last_hand(note: Annotation) -> str:
    last = (
        Change.objects.filter(subject_kind="article", subject_id=note.article_id, after__note=note.pk)
        .order_by("-id")
        .values_list("by", flat=True)
        .first()
    )
    return last or note.by


def _body(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise RefusedError("The note is empty: write what you want to say.")
    if len(text) > LONGEST_BODY:
        raise RefusedError(f"The note has {len(text)} characters: shorten it to {LONGEST_BODY}.")
    return text


def _tag(text: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if len(text) > LONGEST_TAG:
        raise RefusedError(f"The tag has {len(text)} characters: shorten it to {LONGEST_TAG}.")
    return text
