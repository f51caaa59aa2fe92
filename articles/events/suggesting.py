"""Act: earlier and later developments of a new or changed event are looked for, whatever its age, and suggested."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils import timezone

from articles.events.database import lock_events
from articles.events.stories import reasons_as_rows
from articles.events.storylines import MOST_LINKS, Chapter, Suggestion, rarity, relate, suggest
from articles.models import EntityDay, Event, StorylineLink
from entities.models import Entity

# Other events are found by the names that tell most of this one: articles that name them, the newest ones of each.
NAMES_ASKED = 8
ARTICLES_A_NAME = 300
NEAREST = 40  # articles that read most alike, by the index
COMPARED = 40  # events, those that share most first
MOST_NAMES = 25  # of an event, those that most of its articles name
# Rarity is told as if the desk had heard so many articles before its first: a new desk knows nobody as rare or common.
PRIOR_ARTICLES = 2000

_CHAPTERS = """
SELECT e.id, e.first_at, e.last_at, e.article_count, v.dense::text, n.ids, n.counts
FROM articles_event e LEFT JOIN articles_eventvector v ON v.event_id = e.id
LEFT JOIN LATERAL (
    SELECT array_agg(c.entity_id) AS ids, array_agg(c.n) AS counts FROM (
        SELECT x.entity_id, count(*) AS n FROM articles_membership m
        JOIN articles_articleentity x ON x.article_id = m.article_id
        WHERE m.event_id = e.id GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(names)s
    ) c
) n ON true
WHERE e.id = ANY(%(events)s) AND e.merged_into_id IS NULL AND e.article_count > 0 AND e.status <> 'dismissed'
  AND (%(sample)s::boolean IS NULL OR e.sample = %(sample)s::boolean)
ORDER BY e.id
"""
# The newest articles of each telling name, by event: how much the names that lead there tell together.
_BY_NAMES = """
SELECT t.event_id FROM (
    SELECT DISTINCT k.entity_id, k.weight, m.event_id
    FROM unnest(%(ids)s::bigint[], %(weights)s::float8[]) AS k(entity_id, weight)
    CROSS JOIN LATERAL (
        SELECT x.article_id FROM articles_articleentity x WHERE x.entity_id = k.entity_id
        ORDER BY x.published_at DESC LIMIT %(each)s
    ) x JOIN articles_membership m ON m.article_id = x.article_id
) t WHERE t.event_id <> %(event)s
GROUP BY 1 ORDER BY sum(t.weight) DESC, 1 LIMIT %(most)s
"""
_BY_READING = """
SELECT DISTINCT m.event_id FROM (
    SELECT a.article_id FROM articles_articleembedding a
    ORDER BY a.vector <#> (SELECT v.dense FROM articles_eventvector v WHERE v.event_id = %(event)s) LIMIT %(most)s
) n JOIN articles_membership m ON m.article_id = n.article_id
WHERE m.event_id <> %(event)s
"""
# What the planner thinks there is: an estimate is enough, for rarity is a logarithm.
_ARTICLES = "EXPLAIN (FORMAT JSON) SELECT FROM articles_article WHERE published_at >= %s"
HEARD_DAYS = 365  # in which the articles that name somebody are counted
# An event that was looked at so many seconds ago is looked at again when it has grown or shrunk by such a part.
REST_SECONDS, GREW = 300.0, 0.25
MOST_REMEMBERED = 5000

_State = tuple[float, int, str, int | None]
# Of this process: when an event was looked at last, and what it was then. Whoever has forgotten looks once more.
_looked: dict[int, _State] = {}


@dataclass(frozen=True, slots=True)
class _Row:
    """An event as it is read: how many of its articles name whom, and the sum of their embeddings as text."""

    id: int
    first_at: datetime
    last_at: datetime
    articles: int
    dense: str | None
    named: dict[int, int]


def suggest_storylines_at_times(event_id: int, at: float) -> int | None:
    """`suggest_storylines` unless the event is much what it was a few minutes ago, by this process; None then.

    `at` is a monotonic time in seconds.
    """
    now = Event.objects.filter(pk=event_id).values_list("article_count", "status", "merged_into_id").first()
    last = _looked.get(event_id)
    is_fresh = last is not None and now is not None and at - last[0] < REST_SECONDS and now[1:] == last[2:]
    if is_fresh and last is not None and now is not None and abs(now[0] - last[1]) < max(GREW * last[1], 1):
        return None
    found = suggest_storylines(event_id)
    _looked.pop(event_id, None)
    if now is not None:
        _looked[event_id] = (at, *now)
        if len(_looked) > MOST_REMEMBERED:
            del _looked[next(iter(_looked))]
    return found


def suggest_storylines(event_id: int) -> int:
    """Suggest what an event came out of and what came out of it; how many links of it wait for a person's word then.

    Call it with no transaction open. What a person decided stays; a suggestion that no longer holds is taken back.
    """
    sample = Event.objects.filter(pk=event_id).values_list("sample", flat=True).first()
    own = _rows([event_id], sample)
    if sample is None or not own:
        return 0
    since = timezone.now() - timedelta(days=HEARD_DAYS)
    articles = _articles_of_the_desk(since)
    mine = _chapters(own, articles, since.date())[event_id]
    waiting = StorylineLink.objects.filter(
        Q(later_id=event_id) | Q(earlier_id=event_id), status=StorylineLink.Status.SUGGESTED
    )
    linked = {key for pair in waiting.values_list("earlier_id", "later_id") for key in pair} - {event_id}
    found = _by_names(event_id, mine) | linked
    if own[0].dense is not None:
        found |= _by_reading(event_id)
    others = _chapters(_rows(found, sample), articles, since.date())
    made = suggest(mine, others.values())
    gone = {key for key in linked if key not in others or relate(mine, others[key]) is None}
    return _write(event_id, made, gone) if made or gone else len(linked)


def _rows(event_ids: Iterable[int], sample: bool | None) -> list[_Row]:  # noqa: FBT001 - a column's value
    values: dict[str, Any] = {"events": sorted(event_ids), "names": MOST_NAMES, "sample": sample}
    with connection.cursor() as cursor:
        cursor.execute(_CHAPTERS, values)
        return [
            _Row(pk, first_at, last_at, count, dense, dict(zip(ids or (), counts or (), strict=True)))
            for pk, first_at, last_at, count, dense, ids, counts in cursor.fetchall()
        ]


def _chapters(rows: Sequence[_Row], articles: int, since: date) -> dict[int, Chapter]:
    """The events as they are compared; the names of each weighted by how many of its articles have them."""
    ids = sorted({key for row in rows for key in row.named})
    heard = dict(
        EntityDay.objects.filter(entity_id__in=ids, day__gte=since)
        .values("entity_id")
        .annotate(total=Sum("n"))
        .values_list("entity_id", "total")
    )
    labels = dict(Entity.objects.filter(pk__in=ids).values_list("id", "name"))
    return {
        row.id: Chapter(
            event_id=row.id,
            first_at=row.first_at,
            last_at=row.last_at,
            names={
                str(key): n / max(row.articles, n) * rarity(heard.get(key, n), articles)
                for key, n in row.named.items()
            },
            labels={str(key): labels[key] for key in row.named if key in labels},
            dense=None if row.dense is None else np.array(row.dense.strip("[]").split(","), np.float32),
        )
        for row in rows
    }


def _articles_of_the_desk(since: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ARTICLES, [since])
        (plan,) = cursor.fetchone()
    # Django's cursors leave JSON as text.
    return PRIOR_ARTICLES + int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])


def _by_names(event_id: int, mine: Chapter) -> set[int]:
    """Events that speak of the same, by the names that tell most."""
    best = sorted(mine.names.items(), key=lambda pair: (-pair[1], pair[0]))[:NAMES_ASKED]
    values: dict[str, Any] = {
        "event": event_id,
        "ids": [int(key) for key, _ in best],
        "weights": [weight for _, weight in best],
        "each": ARTICLES_A_NAME,
        "most": COMPARED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_NAMES, values)
        return {row[0] for row in cursor.fetchall()}


def _by_reading(event_id: int) -> set[int]:
    """Events with an article that reads like this one; the index is good enough for a suggestion."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_READING, {"event": event_id, "most": NEAREST})
        return {row[0] for row in cursor.fetchall()}


@transaction.atomic
def _write(event_id: int, made: Sequence[Suggestion], gone: Collection[int]) -> int:
    """Under the locks of all events whose links it writes: none of them becomes part of another meanwhile."""
    others = {one.earlier if one.later == event_id else one.later for one in made}
    lock_events({event_id, *others, *gone})
    standing = Event.objects.filter(pk__in={event_id, *others}, merged_into__isnull=True)
    live = set(standing.values_list("pk", flat=True))
    links = {
        link.later_id if link.earlier_id == event_id else link.earlier_id: link
        for link in StorylineLink.objects.filter(Q(later_id=event_id) | Q(earlier_id=event_id))
    }
    for key in gone:
        link = links.pop(key, None)
        if link is not None and _is_ours(link):
            link.delete()
    for one in made:
        other = one.earlier if one.later == event_id else one.later
        if not {other, event_id} <= live:
            continue
        known = links.get(other)
        if known is None:
            _add(one)
        elif _is_ours(known):
            known.score, known.why = one.score, reasons_as_rows(one.why)
            known.save(update_fields=["score", "why"])
    return StorylineLink.objects.filter(
        Q(later_id=event_id) | Q(earlier_id=event_id), status=StorylineLink.Status.SUGGESTED
    ).count()


def _is_ours(link: StorylineLink) -> bool:
    """Whether the link is the machine's own suggestion, and not what a person's split has left open."""
    if link.status != StorylineLink.Status.SUGGESTED or link.decided_by:
        return False
    return not any(part.get("code") in {"split", "person"} for part in link.why)


def _add(one: Suggestion) -> None:
    """One event has few suggestions for its earlier side: a better one takes the place of the weakest."""
    waiting = StorylineLink.objects.filter(later_id=one.later, status=StorylineLink.Status.SUGGESTED)
    weakest = waiting.order_by("score", "id").first()
    if weakest is not None and waiting.count() >= MOST_LINKS:
        if weakest.score >= one.score or not _is_ours(weakest):
            return
        weakest.delete()
    StorylineLink.objects.get_or_create(
        earlier_id=one.earlier,
        later_id=one.later,
        defaults={"score": one.score, "why": reasons_as_rows(one.why)},
    )
