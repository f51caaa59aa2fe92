"""What people decided about an event or an entity, in sentences, and which of it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from articles.models import Event
from entities.models import Change

SHOWN = 50
LONGEST = 80
_WORDS = {
    "move_article": "moved an article",
    "join_events": "joined another event with this one",
    "split_event": "split articles off into an event of their own",
    "article_left": "moved an article out of this event",
    "article_came": "moved an article into this event",
    "joined_into": "joined this event into another",
    "split_from": "split this event off from another",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """One change as a page says it, behind the name of who did it. `undo`: it may be taken back."""

    id: int
    at: datetime
    by: str
    words: str
    why: str
    undo: bool
    undone: bool


def decided_about(subject_kind: str, subject_id: int) -> list[Decided]:
    """The newest changes of one subject, newest first, one query.

    The companion row on an event's page counts as undone when the decision that it is part of is.
    """
    undone = Exists(Change.objects.filter(undoes_id=OuterRef("pk")))
    rows = list(
        Change.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
        .annotate(undone=undone)
        .order_by("-id")
        .values("id", "at", "by", "act", "before", "after", "why", "undone", "undoes_id")[:SHOWN]
    )
    parts = [row["after"]["part_of"] for row in rows if "part_of" in row["after"]]
    parts_undone = set(
        Change.objects.filter(undoes_id__in=parts).values_list("undoes_id", flat=True) if parts else ()
    )
    return [_decided(row, parts_undone) for row in rows]


def _decided(row: Mapping[str, Any], parts_undone: set[int]) -> Decided:
    undone = row["undone"] or row["after"].get("part_of") in parts_undone
    whole = {"memberships", "events", "in_force", "withdrawn"} <= row["after"].keys()
    whole = whole or "steps" in row["after"] or row["act"] == "decide_conflict"
    is_undo = row["act"].startswith("undo_")
    return Decided(
        id=row["id"],
        at=row["at"],
        by=row["by"],
        words=words_for(row["act"], row["before"], row["after"]),
        why=row["why"],
        undo=not undone and not is_undo and (whole or "part_of" in row["after"]),
        undone=undone,
    )


def words_for(act: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What a change did, as the rest of a sentence that begins with who did it."""
    if "words" in after:
        return str(after["words"])
    if act.startswith("undo_"):
        return (
            f"took back: {_WORDS.get(act.removeprefix('undo_'), act.removeprefix('undo_').replace('_', ' '))}"
        )
    if act == "set_event_status":
        return f"set the status to {_status(after)} (it was {_status(before)})"
    if act == "rename_event":
        return f"named the event “{_short(_of_event(after, 'title'))}” (it was “{_short(_of_event(before, 'title'))}”)"
    return _WORDS.get(act, act.replace("_", " "))


def _of_event(side: Mapping[str, Any], name: str) -> str:
    """A value of the one event in a decision's snapshot."""
    events: Mapping[str, Mapping[str, Any]] = side.get("events") or {}
    return str(next(iter(events.values()), {}).get(name, ""))


def _status(side: Mapping[str, Any]) -> str:
    value = _of_event(side, "status")
    return str(dict(Event.Status.choices).get(value, value)).lower()


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
