"""Acts: the status of an article, and the one door that takes any change of articles and events back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from articles.editing.annotations import undo_note_change
from articles.editing.copies import COPY_ACTS, undo_copy_change
from articles.editing.links import undo_link_change
from articles.editing.parting import PARTING_ACTS, undo_merge_change
from articles.errors import ConflictError, RefusedError
from articles.events import judging
from articles.models import Article
from entities.history import record_change
from entities.lexicon import current_lexicon
from entities.models import Change

LINK_ACT = "decide_link"
NOTE_ACTS = frozenset({"attach_note", "edit_note", "delete_note"})


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the page that shows it ("article" or "event") and its number."""

    kind: str
    id: int


@transaction.atomic
def set_article_status(article_id: int, by: str, status: str, version: int, why: str = "") -> Change:
    """Say how far the desk is with an article.

    Raises ConflictError when somebody changed it since `version` was shown, RefusedError for an unknown status or
    the one it has.
    """
    if status not in Article.Status.values:
        raise RefusedError(f"There is no status “{status[:40]}”: choose one of the list.")
    article = Article.objects.select_for_update().filter(pk=article_id).only("status", "version").first()
    if article is None:
        raise RefusedError("This article is not here any more.")
    if article.version != version:
        raise ConflictError(
            "Somebody changed the status since you opened the page. Look at it and choose again."
        )
    if article.status == status:
        raise RefusedError("The article has this status already.")
    Article.objects.filter(pk=article_id, version=version).update(status=status, version=F("version") + 1)
    return record_change(
        "article", article_id, by, "set_article_status",
        before={"status": article.status}, after={"status": status}, why=why,
    )  # fmt: skip


def undo_change(change_id: int, by: str, why: str = "") -> Undone:
    """Take one change of an article or an event back. `why` is kept where two addresses are parted.

    Raises RefusedError when it cannot be: no such change, taken back already, or a later one stands on it.
    """
    change = Change.objects.filter(pk=change_id).first()
    if change is None or change.subject_kind not in {"article", "event"}:
        raise RefusedError("There is no such change of an article or an event.")
    if change.act in COPY_ACTS or change.act == "said_not_copy":
        return Undone("article", undo_copy_change(change_id, by).subject_id)
    if change.act in PARTING_ACTS:
        return Undone("article", undo_merge_change(change_id, by, why).subject_id)
    if "memberships" in change.after or "part_of" in change.after:
        judged = judging.undo(change_id, by)
        return Undone("event", judged.event_id)
    if change.act == LINK_ACT:
        current_lexicon()  # after an update it is compiled first, and that takes seconds
    try:
        with transaction.atomic():
            _undo_of_article(change, by)
    except IntegrityError as error:  # the unique key on `undoes`: another person was first
        raise RefusedError("This was taken back already.") from error
    return Undone("article", change.subject_id)


def _undo_of_article(change: Change, by: str) -> None:
    Article.objects.select_for_update().filter(pk=change.subject_id).only("id").first()
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError("This was taken back already.")
    if change.act in NOTE_ACTS:
        undo_note_change(change, by)
    elif change.act == LINK_ACT:
        undo_link_change(change, by)
    elif change.act == "set_article_status":
        _undo_status(change, by)
    else:
        raise RefusedError("This change cannot be taken back.")


def _undo_status(change: Change, by: str) -> None:
    changed = Article.objects.filter(pk=change.subject_id, status=change.after["status"]).update(
        status=change.before["status"], version=F("version") + 1
    )
    if not changed:
        raise RefusedError("The status was changed since: take back the later change first.")
    record_change(
        "article", change.subject_id, by, "undo_set_article_status",
        before=change.after, after=change.before, undoes=change,
    )  # fmt: skip
