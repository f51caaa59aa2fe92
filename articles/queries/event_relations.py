"""Which other events belong to an event: developments before and after it, and those near it but kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from articles.models import StorylineLink
from articles.queries.events import related_events

MOST_DEVELOPMENTS = 20
MOST_NEAR = 6
LEAST_NEAR = 0.1  # a score below it is shared by any two events


@dataclass(frozen=True, slots=True)
class Development:
    """An event that came before or after this one: suggested by the machine, or confirmed by a person."""

    link: int
    event: int
    title: str
    at: datetime
    articles: int
    is_later: bool
    is_confirmed: bool
    score: float
    why: Sequence[Mapping[str, Any]]
    decided_by: str


@dataclass(frozen=True, slots=True)
class Near:
    """An event of about the same time. `score` is the best that an article of ours had with it; None: not compared."""

    event: int
    title: str
    at: datetime | None
    articles: int
    score: float | None


_LINK = ("id", "score", "why", "status", "decided_by", "earlier_id", "later_id")
_SIDES = tuple(
    f"{side}__{column}" for side in ("earlier", "later") for column in ("title", "first_at", "article_count")
)


def developments_of(event_id: int, *, suggestions: bool) -> list[Development]:
    """Earlier and later developments, the oldest first; confirmed ones, with `suggestions` also what waits for a word.

    One query.
    """
    wanted = [StorylineLink.Status.CONFIRMED, *([StorylineLink.Status.SUGGESTED] if suggestions else [])]
    rows = (
        StorylineLink.objects.filter(Q(earlier_id=event_id) | Q(later_id=event_id), status__in=wanted)
        .filter(earlier__merged_into__isnull=True, later__merged_into__isnull=True)
        .order_by(F("later__first_at"), "earlier__first_at", "id")
        .values(*_LINK, *_SIDES)[:MOST_DEVELOPMENTS]
    )
    found = []
    for row in rows:
        side = "later" if row["earlier_id"] == event_id else "earlier"
        found.append(
            Development(
                link=row["id"],
                event=row[f"{side}_id"],
                title=row[f"{side}__title"],
                at=row[f"{side}__first_at"],
                articles=row[f"{side}__article_count"],
                is_later=side == "later",
                is_confirmed=row["status"] == StorylineLink.Status.CONFIRMED,
                score=row["score"],
                why=[part for part in row["why"] if part.get("words")],
                decided_by=row["decided_by"],
            )
        )
    return sorted(found, key=lambda one: (one.at, one.event))


def near_events(event_id: int, runners_up: Iterable[tuple[int, str, float]]) -> tuple[Near, ...]:
    """The next best events of its articles, the nearest first, then those that name the same entities; one query."""
    best: dict[int, tuple[str, float]] = {}
    for event, title, score in runners_up:
        if event != event_id and score > best.get(event, ("", LEAST_NEAR))[1]:
            best[event] = (title, score)
    alike = {one.id: one for one in related_events(event_id, MOST_NEAR)}
    nearest = sorted(best, key=lambda event: (-best[event][1], event))
    found = [
        Near(
            event,
            best[event][0],
            alike[event].last_at if event in alike else None,
            alike[event].articles if event in alike else 0,
            best[event][1],
        )
        for event in nearest
    ]
    found += [
        Near(one.id, one.title, one.last_at, one.articles, None)
        for one in alike.values()
        if one.id not in best
    ]
    return tuple(found[:MOST_NEAR])
