"""What people decided about the events of a stream and still stands: what a rebuilding of events must keep."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from articles.models import Constraint, Event, Membership, StorylineLink


@dataclass(frozen=True, slots=True)
class Pair:
    """A word on two articles: they must be together, or cannot be. `id` is the order in which it was said."""

    id: int
    kind: str
    a: int
    b: int
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """An article that a person put into an event, or left there (`checked_by`), with its reasons as rows hold them."""

    article_id: int
    event_id: int
    decided_by: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of an event itself; empty where the machine chooses. `articles` are those that it has now."""

    event_id: int
    title: str
    titled_by: str
    type: str
    typed_by: str
    status: str
    articles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Storyline:
    """A link between two events that a person confirmed or refused."""

    earlier: int
    later: int
    status: str
    by: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """All of it. Pairs stand in the order in which they were said: of two contrary words the later counts."""

    pairs: tuple[Pair, ...]
    fixed: tuple[Fixed, ...]
    events: tuple[Said, ...]
    storylines: tuple[Storyline, ...]


def decisions_of(shard: str) -> Decisions:
    """What stands in a stream (a language; "und" for none): five queries, however much was decided.

    A pair of articles of two streams is in the decisions of both, as is a storyline between their events.
    """
    pairs = Constraint.objects.filter(
        Q(a__membership__event__shard=shard) | Q(b__membership__event__shard=shard),
        withdrawn_at__isnull=True,
    ).order_by("id")
    fixed = (
        Membership.objects.filter(event__shard=shard)
        .exclude(decided_by="", checked_by="")
        .order_by("article_id")
    )
    said = (
        Event.objects.filter(shard=shard, merged_into__isnull=True)
        .exclude(titled_by="", typed_by="", status=Event.Status.OPEN)
        .order_by("id")
    )
    links = (
        StorylineLink.objects.filter(Q(earlier__shard=shard) | Q(later__shard=shard))
        .exclude(status=StorylineLink.Status.SUGGESTED)
        .order_by("id")
    )
    heads = list(said.values_list("id", "title", "titled_by", "type", "typed_by", "status"))
    members: dict[int, list[int]] = {}
    rows = Membership.objects.filter(event_id__in=[head[0] for head in heads]).order_by("id")
    for event_id, article_id in rows.values_list("event_id", "article_id"):
        members.setdefault(event_id, []).append(article_id)
    return Decisions(
        tuple(Pair(*row) for row in pairs.values_list("id", "kind", "a_id", "b_id", "by", "why")),
        tuple(Fixed(*row) for row in fixed.values_list("article_id", "event_id", "decided_by", "checked_by")),
        tuple(
            Said(
                key,
                title if titled_by else "",
                titled_by,
                kind if typed_by else "",
                typed_by,
                status,
                tuple(members.get(key, ())),
            )
            for key, title, titled_by, kind, typed_by, status in heads
        ),
        tuple(Storyline(*row) for row in links.values_list("earlier_id", "later_id", "status", "decided_by")),
    )
