"""The history of an article in words, newest first, with what can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from articles.models import Article, ArticleAddress, MergedRows
from entities.history import MACHINE, history_of
from entities.models import Change

# Acts of people that the article's page can take back.
UNDOABLE = frozenset(
    {
        "attach_note",
        "edit_note",
        "delete_note",
        "decide_link",
        "set_article_status",
        "move_article",
        "say_not_copy",
        "say_origin",
        "merge_article",
        "undo_merge_article",
    }
)
LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True)
class Past:
    """One change: who did what, when and why; `undoable` means that a button may take it back."""

    id: int
    by: str
    at: datetime
    words: str
    why: str
    undoable: bool
    undone: bool
    is_machine: bool


def past_of(article_id: int) -> list[Past]:
    """What was done to an article, and to those that became part of it."""
    former = ArticleAddress.objects.filter(article_id=article_id, merged_id__isnull=False)
    numbers = [number for number in former.values_list("merged_id", flat=True) if number is not None]
    changes = history_of("article", article_id, *numbers)
    merges = [change.pk for change in changes if change.act == "merge_article"]
    can_part = set(MergedRows.objects.filter(pk__in=merges).values_list("pk", flat=True)) if merges else set()
    return [_past(change, has_rows=change.pk in can_part) for change in changes]


def _past(change: Change, *, has_rows: bool) -> Past:
    # Two addresses of which the desk does not have what parting needs stay one.
    is_undone = bool(change.undone_by.all())
    ours = change.act in UNDOABLE and (change.act != "merge_article" or has_rows or is_undone)
    return Past(
        id=change.pk,
        by=change.by,
        at=change.at,
        words=change_words(change.act, change.before, change.after),
        why=change.why,
        undoable=ours and not is_undone,
        undone=ours and is_undone,
        is_machine=change.by == MACHINE,
    )


def _short(text: str) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def _status(value: str) -> str:
    return str(dict(Article.Status.choices).get(value, value)).lower()


def change_words(act: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """What a change did, as a sentence without its subject."""
    undone = act.removeprefix("undo_")
    words = {
        "attach_note": f"noted “{_short(after.get('exact', ''))}”: {_short(after.get('body', ''))}",
        "edit_note": f"changed a note from “{_short(before.get('body', ''))}” to “{_short(after.get('body', ''))}”",
        "delete_note": f"deleted the note “{_short(before.get('body', ''))}”",
        "decide_link": _link_words(after),
        "set_article_status": f"set the status from {_status(before.get('status', ''))} to {_status(after.get('status', ''))}",
        "move_article": "moved it to another event",
        "say_not_copy": f"said that it is no copy of “{_short(after.get('title', ''))}”",
        "said_not_copy": f"said that “{_short(after.get('title', ''))}” is no copy of it",
        "say_origin": "said that it is the origin of its text",
        "merge_article": _merge_words(before, after),
        "undo_merge_article": f"said that article {after.get('article', '')} at {_short(after.get('url', ''))} is another one",
        "undo_undo_merge_article": f"took back that article {after.get('article', '')} is another one",
        "parted_article": f"made it an article of its own again, which had become part of “{_short(after.get('title', ''))}”",
    }
    if act in words:
        return words[act]
    taken_back = {
        "attach_note": "took back a note",
        "edit_note": "took back a change of a note",
        "delete_note": "brought a deleted note back",
        "decide_link": f"took back a decision about “{_short(before.get('surface', ''))}”",
        "set_article_status": f"set the status back to {_status(after.get('status', ''))}",
        "move_article": "took back a move to another event",
        "say_not_copy": f"took back that it is no copy of “{_short(before.get('title', ''))}”",
        "say_origin": "took back that it is the origin of its text",
    }
    return taken_back.get(undone, act.replace("_", " "))


def _link_words(after: dict[str, Any]) -> str:
    surface = _short(after.get("surface", ""))
    if after.get("entity"):
        return f"linked “{surface}” to {after.get('name', '')}"
    return f"said that “{surface}” is no entity that we follow"


def _merge_words(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What came over from the row that was one too many."""
    came = [
        f"{count} {what}{'s' if count > 1 else ''}"
        for what, count in (
            ("sighting", after.get("sightings", 0)),
            ("note", after.get("notes", 0)),
            ("decision", after.get("decisions", 0)),
        )
        if count
    ]
    listed = f", with {' and '.join(came)}" if came else ""
    return f"found that article {before.get('article', '')} at {_short(before.get('url', ''))} is this one{listed}"


def change_article(change_id: int) -> int | None:
    """The article that a change is about; None when it is about something else."""
    return (
        Change.objects.filter(pk=change_id, subject_kind="article")
        .values_list("subject_id", flat=True)
        .first()
    )
