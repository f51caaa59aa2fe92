"""What the event list reads: events of a time range, their entities and their course; and events by words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db import connection

from articles.models import Event
from articles.queries.chips import Chip, chips_of
from articles.queries.times import Range, fill
from articles.search.find import Cursor, read_cursor

PAGE = 25
CHIPS = 3
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
    """One event in a list. `course` are its articles in the pieces of the range, `new` their sum."""

    id: int
    title: str
    status: StatusWord
    first_at: datetime
    last_at: datetime
    articles: int
    publishers: int
    owners: int
    sample: bool
    chips: tuple[Chip, ...]
    more: int
    course: tuple[int, ...]
    new: int


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What the event list was asked for: words of titles, a status, only those that began within the range."""

    text: str = ""
    status: str = ""
    only_new: bool = False
    after: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.status or self.only_new)


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page of events; `after` is the next page's cursor or empty."""

    rows: tuple[EventRow, ...]
    after: str
    total: int
    any: bool


def status_word(value: str) -> StatusWord:
    """A status with its icon and look."""
    icon, look = LOOKS[Event.Status(value)]
    return StatusWord(value, Event.Status(value).label, icon, look)


STATUSES: tuple[StatusWord, ...] = tuple(status_word(value) for value in Event.Status.values)

_WHERE = """
FROM articles_event e
WHERE e.merged_into_id IS NULL AND e.article_count > 0 AND e.last_at >= %(since)s
  AND (NOT %(only_new)s OR e.first_at >= %(since)s)
  AND (%(status)s = '' OR e.status = %(status)s)
  AND (%(text)s = '' OR to_tsvector('english', e.title) || to_tsvector('simple', e.title)
       @@ (websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s)))
"""
_COLUMNS = "e.id, e.title, e.status, e.first_at, e.last_at, e.article_count, e.publisher_count, e.owner_count, e.sample"
_PAGE = f"""
SELECT {_COLUMNS}
{_WHERE} AND (%(after_at)s::timestamptz IS NULL OR (e.last_at, e.id) < (%(after_at)s::timestamptz, %(after_id)s))
ORDER BY e.last_at DESC, e.id DESC LIMIT %(limit)s
"""
_TOTAL = f"SELECT count(*), EXISTS (SELECT FROM articles_event) FROM (SELECT 1 {_WHERE} LIMIT 1001) AS m"  # noqa: S608 - a constant of this module
_TOP = f"""
SELECT {_COLUMNS}
FROM articles_event e
JOIN LATERAL (
    SELECT count(*) AS n, count(DISTINCT a.publisher_id) AS publishers
    FROM articles_membership m JOIN articles_article a ON a.id = m.article_id
    WHERE m.event_id = e.id AND a.published_at >= %(since)s
) r ON true
WHERE e.merged_into_id IS NULL AND e.last_at >= %(since)s AND e.status <> 'dismissed' AND r.n > 0
ORDER BY r.publishers DESC, r.n DESC, e.last_at DESC, e.id DESC LIMIT %(limit)s
"""  # noqa: S608 - a constant of this module
_COURSES = """
SELECT m.event_id, floor(extract(epoch FROM a.published_at - %(since)s) / %(seconds)s)::int AS piece, count(*)
FROM articles_membership m JOIN articles_article a ON a.id = m.article_id
WHERE m.event_id = ANY(%(ids)s) AND a.published_at >= %(since)s AND a.published_at <= %(until)s
GROUP BY 1, 2
"""
_ENTITIES = """
SELECT event_id, array_agg(entity_id ORDER BY n DESC, entity_id) FROM (
    SELECT m.event_id, x.entity_id, count(*) AS n
    FROM articles_membership m JOIN articles_articleentity x ON x.article_id = m.article_id
    WHERE m.event_id = ANY(%(ids)s) GROUP BY 1, 2
) AS counted GROUP BY 1
"""


def events_page(wanted: EventFilter, span: Range, zone: tzinfo) -> EventsPage:
    """Events that were told within the range, the latest told first; five queries."""
    after = read_cursor(wanted.after, zone)
    values: dict[str, Any] = {
        "since": span.since,
        "only_new": wanted.only_new,
        "status": wanted.status if wanted.status in Event.Status.values else "",
        "text": wanted.text.replace("\x00", "")[:200],
        "after_at": after.published_at if after else None,
        "after_id": after.article_id if after else 0,
        "limit": PAGE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, values)
        found = cursor.fetchall()
        cursor.execute(_TOTAL, values)
        total, some = cursor.fetchone()
    rows = dress_events(found[:PAGE], span)
    last = rows[-1] if len(found) > PAGE else None
    return EventsPage(rows, str(Cursor(last.last_at, last.id)) if last else "", total, some)


def top_rows(span: Range, limit: int) -> Sequence[tuple[Any, ...]]:
    """The events that most publishers told within the range, as rows for `dress_events`."""
    with connection.cursor() as cursor:
        cursor.execute(_TOP, {"since": span.since, "limit": limit})
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
        course = courses.get(row[0], (0,) * span.pieces)
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
                chips=shown,
                more=len(pks) - len(shown),
                course=course,
                new=sum(course),
            )
        )
    return tuple(rows)


def courses_of(ids: Iterable[int], span: Range) -> Mapping[int, tuple[int, ...]]:
    """How many articles each event got in each piece of the range."""
    values: dict[str, Any] = {
        "ids": list(ids),
        "since": span.since,
        "until": span.until,
        "seconds": span.seconds,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COURSES, values)
        pieces: dict[int, list[tuple[int, int]]] = {}
        for event_id, piece, n in cursor.fetchall():
            pieces.setdefault(event_id, []).append((piece, n))
    return {event_id: fill(span.pieces, counted) for event_id, counted in pieces.items()}


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


_RELATED = """
WITH own AS (
    SELECT DISTINCT x.entity_id FROM articles_membership m
    JOIN articles_articleentity x ON x.article_id = m.article_id WHERE m.event_id = %(event)s
)
SELECT e.id, e.title, e.last_at, e.article_count, e.publisher_count
FROM articles_articleentity x
JOIN own ON own.entity_id = x.entity_id
JOIN articles_membership m ON m.article_id = x.article_id
JOIN articles_event e ON e.id = m.event_id
CROSS JOIN (SELECT first_at, last_at FROM articles_event WHERE id = %(event)s) AS o
WHERE e.id <> %(event)s AND e.merged_into_id IS NULL
  AND x.published_at BETWEEN o.first_at - interval '14 days' AND o.last_at + interval '14 days'
GROUP BY e.id ORDER BY count(DISTINCT x.entity_id) DESC, e.last_at DESC, e.id DESC LIMIT %(limit)s
"""


def related_events(event_id: int, limit: int = FOUND) -> list[FoundEvent]:
    """Events of about the same time that name the same entities, those that share most first."""
    with connection.cursor() as cursor:
        cursor.execute(_RELATED, {"event": event_id, "limit": limit})
        return [FoundEvent(*row) for row in cursor.fetchall()]
