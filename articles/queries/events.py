"""Events as rows of lists, with their entities and their course; and events by words, or by whom they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from articles.models import Event
from articles.queries.chips import Chip, chips_of
from articles.queries.times import Range, fill

CHIPS = 3
WEIGHED = 200  # events whose heat is not known, for the first of a range
FOUND = 12

# Icon and css class of each status; the word comes from the model.
LOOKS = {
    Event.Status.OPEN: ("clock", ""),
    Event.Status.CONFIRMED: ("ok", "ok"),
    Event.Status.CLOSED: ("check", "paused"),
    Event.Status.DISMISSED: ("close", "gone"),
}


@dataclass(frozen=True, slots=True)
class StatusWord:
    """A status as pages show it."""

    value: str
    words: str
    icon: str
    look: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in a list. `course` are its articles in the pieces of the range, `new` their sum, `before` how many
    came in as long a time before it. `independent` are owners with a report of their own.
    """

    id: int
    title: str
    status: StatusWord
    first_at: datetime
    last_at: datetime
    articles: int
    publishers: int
    owners: int
    sample: bool
    type_words: str
    heat: float | None
    growth: float | None
    independent: int
    chips: tuple[Chip, ...]
    more: int
    course: tuple[int, ...]
    new: int
    before: int


# What `dress_events` wants of an event's row, in this order.
COLUMNS = (
    "id", "title", "status", "first_at", "last_at", "article_count", "publisher_count", "owner_count", "sample", "type",
    "heat", "growth",
)  # fmt: skip


def status_word(value: str) -> StatusWord:
    """A status with its icon and look."""
    icon, look = LOOKS[Event.Status(value)]
    return StatusWord(value, Event.Status(value).label, icon, look)


STATUSES: tuple[StatusWord, ...] = tuple(status_word(value) for value in Event.Status.values)

# Articles by piece of the range and of as long a time before it (negative), and independent sources: of each text
# the origin or, when that is elsewhere, the earliest counts for its owner.
_COURSES = """
WITH told AS MATERIALIZED (
    SELECT m.event_id, a.id, a.published_at, a.publisher_id
    FROM articles_membership m JOIN articles_article a ON a.id = m.article_id WHERE m.event_id = ANY(%(ids)s)
)
SELECT 'piece', a.event_id, floor(extract(epoch FROM a.published_at - %(since)s) / %(seconds)s)::int, count(*)
FROM told a WHERE a.published_at >= %(earlier)s AND a.published_at <= %(until)s
GROUP BY 2, 3
UNION ALL
SELECT 'sources', t.event_id, 0, count(DISTINCT t.holder) FROM (
    SELECT a.event_id, coalesce(nullif(p.owner, ''), p.name) AS holder, c.group_id IS NULL OR row_number() OVER (
               PARTITION BY a.event_id, c.group_id ORDER BY c.kind <> 'origin', a.published_at, a.id) = 1 AS is_own
    FROM told a JOIN articles_publisher p ON p.id = a.publisher_id LEFT JOIN articles_articlecopy c ON c.article_id = a.id
) AS t WHERE t.is_own GROUP BY 2
"""
_ENTITIES = """
SELECT event_id, array_agg(entity_id ORDER BY n DESC, entity_id) FROM (
    SELECT m.event_id, x.entity_id, count(*) AS n
    FROM articles_membership m JOIN articles_articleentity x ON x.article_id = m.article_id
    WHERE m.event_id = ANY(%(ids)s) GROUP BY 1, 2
) AS counted GROUP BY 1
"""


_SELECTED = ", ".join(f"e.{column}" for column in COLUMNS)
_LIVE = "merged_into_id IS NULL AND last_at >= %(since)s AND status <> 'dismissed'"

# Only those are weighed by their publishers of the range that can be among the first: the hottest, and of the others
# those that most publishers told at all. Where enough are hotter than usual none of the others can be among the first;
# what cools down cannot keep them out.
_TOP = f"""
WITH hot AS MATERIALIZED (
    SELECT id, heat FROM articles_event WHERE {_LIVE} AND heat IS NOT NULL ORDER BY heat DESC, id DESC LIMIT %(limit)s
), candidates AS (
    SELECT id FROM hot
    UNION ALL
    (SELECT id FROM articles_event WHERE {_LIVE} AND heat IS NULL ORDER BY publisher_count DESC, last_at DESC
     LIMIT CASE WHEN (SELECT count(*) FROM hot WHERE heat >= 1) < %(limit)s THEN %(weighed)s ELSE 0 END)
)
SELECT {_SELECTED}
FROM candidates c JOIN articles_event e ON e.id = c.id
JOIN LATERAL (
    SELECT count(*) AS n, count(DISTINCT a.publisher_id) AS publishers
    FROM articles_membership m JOIN articles_article a ON a.id = m.article_id
    WHERE m.event_id = e.id AND a.published_at >= %(since)s
) r ON r.n > 0
ORDER BY coalesce(e.heat, 1) DESC, r.publishers DESC, r.n DESC, e.last_at DESC, e.id DESC LIMIT %(limit)s
"""  # noqa: S608 - constants of this module


def top_rows(span: Range, limit: int) -> Sequence[tuple[Any, ...]]:
    """The hottest events that were told within the range, then those that most publishers told, what cools down last.

    As `dress_events` wants them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOP, {"since": span.since, "limit": limit, "weighed": WEIGHED})
        return list(cursor.fetchall())


def dress_events(
    found: Sequence[tuple[Any, ...]],
    span: Range,
    named: Mapping[int, Sequence[int]] | None = None,
    chips: Mapping[int, Chip] | None = None,
) -> tuple[EventRow, ...]:
    """Rows of events with their entities and their course in the range; three queries whatever their number.

    Whoever has asked already who is `named` in them, and for the `chips`, saves two.
    """
    ids = [row[0] for row in found]
    if not ids:
        return ()
    courses = courses_of(ids, span)
    if named is None:
        named = entities_of(ids)
    if chips is None:
        chips = chips_of(pk for pks in named.values() for pk in pks[:CHIPS])
    rows = []
    for row in found:
        pks = named.get(row[0], [])
        shown = tuple(chips[pk] for pk in pks[:CHIPS] if pk in chips)
        course = courses[row[0]]
        rows.append(
            EventRow(
                id=row[0],
                title=row[1],
                status=status_word(row[2]),
                first_at=row[3],
                last_at=row[4],
                articles=row[5],
                publishers=row[6],
                owners=row[7],
                sample=row[8],
                type_words=str(Event.Type(row[9]).label) if row[9] else "",
                heat=row[10],
                growth=row[11],
                independent=course.independent,
                chips=shown,
                more=len(pks) - len(shown),
                course=course.pieces,
                new=sum(course.pieces),
                before=course.before,
            )
        )
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class Course:
    """How an event went on: articles in each piece of a range, those before it, and its independent sources."""

    pieces: tuple[int, ...]
    before: int
    independent: int


def courses_of(ids: Iterable[int], span: Range) -> Mapping[int, Course]:
    """The course of each event in a range, one query."""
    wanted = list(ids)
    values: dict[str, Any] = {
        "ids": wanted,
        "since": span.since,
        "earlier": span.since - (span.until - span.since),
        "until": span.until,
        "seconds": span.seconds,
    }
    pieces: dict[int, list[tuple[int, int]]] = {event_id: [] for event_id in wanted}
    before, sources = Counter[int](), Counter[int]()
    with connection.cursor() as cursor:
        cursor.execute(_COURSES, values)
        for kind, event_id, piece, n in cursor.fetchall():
            if kind == "sources":
                sources[event_id] = n
            elif piece < 0:
                before[event_id] += n
            else:
                pieces[event_id].append((piece, n))
    return {
        event_id: Course(fill(span.pieces, counted), before[event_id], sources[event_id])
        for event_id, counted in pieces.items()
    }


def entities_of(ids: Iterable[int]) -> Mapping[int, list[int]]:
    """The entities of each event, those that most of its articles name first."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTITIES, {"ids": list(ids)})
        return dict(cursor.fetchall())


_FIND = """
SELECT e.id, e.title, e.last_at, e.article_count, e.publisher_count
FROM articles_event e
WHERE e.merged_into_id IS NULL AND e.article_count > 0
  AND to_tsvector('english', e.title) || to_tsvector('simple', e.title)
      @@ (websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s)
          || coalesce(nullif(%(prefix)s, '')::tsquery, ''::tsquery))
ORDER BY e.last_at DESC, e.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event that fits some words."""

    id: int
    title: str
    last_at: datetime
    articles: int
    publishers: int


def find_events(text: str, limit: int = FOUND) -> list[FoundEvent]:
    """Events whose title has these words, the last one as a beginning; the latest told first."""
    text = text.replace("\x00", "")[:200]
    letters = ["".join(c for c in word if c.isalnum()) for word in text.split()]
    words = [word for word in letters if word]
    if not words:
        return []
    prefix = " & ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"text": text, "prefix": prefix, "limit": limit})
        return [FoundEvent(*row) for row in cursor.fetchall()]


# Of the names that most of its newest articles have, those that tell most (in many articles, seldom heard in a year)
# lead to others: by the newest articles of about the same time that have them.
RELATED_BY, RELATED_COUNTED, ARTICLES_A_NAME = 8, 25, 300
_RELATED = """
WITH o AS (
    SELECT id, first_at - interval '14 days' AS since, last_at + interval '14 days' AS until
    FROM articles_event WHERE id = %(event)s
), own AS MATERIALIZED (
    SELECT c.entity_id FROM (
        SELECT x.entity_id, count(*) AS n FROM (
            SELECT article_id FROM articles_membership WHERE event_id = %(event)s ORDER BY id DESC LIMIT %(each)s
        ) m JOIN articles_articleentity x ON x.article_id = m.article_id GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(counted)s
    ) c LEFT JOIN articles_entityyear y ON y.entity_id = c.entity_id
    ORDER BY c.n / ln(coalesce(y.n, 0) + 10) DESC, c.entity_id LIMIT %(names)s
)
SELECT e.id, e.title, e.last_at, e.article_count, e.publisher_count
FROM own CROSS JOIN o CROSS JOIN LATERAL (
    SELECT x.article_id FROM articles_articleentity x
    WHERE x.entity_id = own.entity_id AND x.published_at BETWEEN o.since AND o.until
    ORDER BY x.published_at DESC LIMIT %(each)s
) x
JOIN articles_membership m ON m.article_id = x.article_id
JOIN articles_event e ON e.id = m.event_id
WHERE e.id <> o.id AND e.merged_into_id IS NULL
GROUP BY e.id ORDER BY count(DISTINCT own.entity_id) DESC, e.last_at DESC, e.id DESC LIMIT %(limit)s
"""


def related_events(event_id: int, limit: int = FOUND) -> list[FoundEvent]:
    """Events of about the same time that name the same entities, those that share most first; the same work for any event."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RELATED,
            {
                "event": event_id,
                "limit": limit,
                "names": RELATED_BY,
                "counted": RELATED_COUNTED,
                "each": ARTICLES_A_NAME,
            },
        )
        return [FoundEvent(*row) for row in cursor.fetchall()]
