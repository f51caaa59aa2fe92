"""What people decided about an event or an entity, in sentences, and which of it can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

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
    "move_articles": "moved articles",
    "confirm_placement": "confirmed that an article is in the right event",
    "placement_confirmed": "confirmed that an article belongs here",
    "article_kept_out": "said that an article does not belong here",
    "not_in_event": "said that an article does not belong to an event",
    "not_same_event": "said that this is not the same event as another",
    "confirm_storyline": "linked this event with another",
    "refuse_storyline": "refused a link of this event to another",
    "open_storyline": "left a link of this event to another open again",
    "rename_event": "the title",
    "set_event_status": "the status",
    "set_event_type": "the type",
    "replay_events": "put articles elsewhere by newer rules",
}
# What is said of one article, when several went together, and with the title of the other event.
_MANY = {
    "article_left": "moved {n} articles out of this event",
    "article_came": "moved {n} articles into this event",
    "placement_confirmed": "confirmed that {n} articles belong here",
    "confirm_placement": "confirmed that {n} articles are in the right event",
    "split_event": "split {n} articles off into an event of their own",
}
_OTHER = {
    "not_same_event": "said that this is not the same event as “{title}”",
    "confirm_storyline": "linked this event with “{title}”",
    "refuse_storyline": "refused the link to “{title}”",
    "open_storyline": "left the link to “{title}” open again",
    "join_events": "joined “{title}” with this one",
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
    """The newest changes of one subject, newest first; two queries at most.

    The companion row on an event's page counts as undone when the decision that it is part of is.
    """
    return [_decided(row) for row in changes_of(subject_kind, subject_id)]


def changes_of(
    subject_kind: str, subject_id: int, *, also: Q | None = None, most: int = SHOWN
) -> list[dict[str, Any]]:
    """The newest changes of one subject, newest first, with `undone`; two queries at most. `also`: of others, too.

    A companion row on another subject's page counts as undone when the decision that it is part of is.
    """
    undone = Exists(Change.objects.filter(undoes_id=OuterRef("pk")))
    wanted = Q(subject_kind=subject_kind, subject_id=subject_id)
    rows = list(
        Change.objects.filter(wanted if also is None else wanted | also)
        .annotate(undone=undone)
        .order_by("-id")
        .values(
            "id",
            "at",
            "by",
            "act",
            "before",
            "after",
            "why",
            "undone",
            "undoes_id",
            "subject_kind",
            "subject_id",
        )[:most]
    )
    parts = [row["after"]["part_of"] for row in rows if "part_of" in row["after"]]
    parts_undone = set(
        Change.objects.filter(undoes_id__in=parts).values_list("undoes_id", flat=True) if parts else ()
    )
    return [{**row, "undone": row["undone"] or row["after"].get("part_of") in parts_undone} for row in rows]


def _decided(row: Mapping[str, Any]) -> Decided:
    undone = row["undone"]
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
    if act in _SPECIAL:
        return _SPECIAL[act](before, after)
    n, title = after.get("articles"), after.get("title")
    if act in _OTHER and title:
        return _OTHER[act].format(title=_short(str(title)))
    many = isinstance(n, int) and n > 1
    return _MANY[act].format(n=n) if many and act in _MANY else _WORDS.get(act, act.replace("_", " "))


def _status_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return f"set the status to {_status(after)} (it was {_status(before)})"


def _title_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    was, now = (_short(_of_event(side, "title")) for side in (before, after))
    return f"named the event “{now}” (it was “{was}”)"


def _type_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names = dict(Event.Type.choices)
    was = str(names.get(_of_event(before, "type"), "not known")).lower()
    if not _of_event(after, "typed_by"):
        return f"let the desk choose the type again (it was {was})"
    return f"set the type to {str(names.get(_of_event(after, 'type'), '')).lower()} (it was {was})"


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str]] = {
    "set_event_status": _status_words,
    "rename_event": _title_words,
    "set_event_type": _type_words,
}


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
