"""Acts: how hot each live event is and how it grows, measured anew every few minutes in a handful of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from articles.measures.event_heat import (
    LEAST,
    MOST_NAMES,
    OWN_DAYS,
    Course,
    NameCourse,
    event_growth,
    event_heat,
)
from articles.measures.heat import Days, usual_by_day, weeks_of

STEP = "heat of events"
DAY = timedelta(days=1)
ROWS_AT_ONCE = 5000

# Events that were told of lately, and those whose figures are of a time when they were.
_LIVE = "e.merged_into_id IS NULL AND (e.last_at > %(lately)s OR e.heat IS NOT NULL OR e.growth IS NOT NULL)"
_COURSES = f"""
SELECT e.id, e.first_at, e.last_at > %(lately)s,
       count(a.id) FILTER (WHERE a.published_at > %(day)s),
       count(a.id) FILTER (WHERE a.published_at > %(before)s AND a.published_at <= %(day)s),
       count(a.id) FILTER (WHERE a.published_at > %(earlier)s AND a.published_at <= %(day)s)
FROM articles_event e
LEFT JOIN articles_membership m ON m.event_id = e.id
LEFT JOIN articles_article a ON a.id = m.article_id AND a.published_at > %(earlier)s AND a.published_at <= %(now)s
WHERE {_LIVE} GROUP BY e.id ORDER BY e.id
"""  # noqa: S608 - a constant of this module
# Whom an event is mostly about: places are in everything.
_NAMES = """
SELECT event_id, entity_id FROM (
    SELECT m.event_id, x.entity_id, row_number() OVER (PARTITION BY m.event_id ORDER BY count(*) DESC, sum(x.salience) DESC, x.entity_id) AS place
    FROM articles_membership m JOIN articles_event e ON e.id = m.event_id
         JOIN articles_articleentity x ON x.article_id = m.article_id
         JOIN entities_entity n ON n.id = x.entity_id AND n.kind <> 'place'
    WHERE m.event_id = ANY(%s) GROUP BY m.event_id, e.article_count, x.entity_id
    HAVING count(*) * 2 >= e.article_count
) ranked WHERE place <= %s ORDER BY event_id, place
"""
_NOW = """
SELECT x.entity_id, count(*) FROM articles_articleentity x
WHERE x.entity_id = ANY(%s) AND x.published_at > %s AND x.published_at <= %s GROUP BY x.entity_id
"""
_DAYS = """
SELECT NULL::bigint, (s.published_at AT TIME ZONE 'UTC')::date, count(*) FROM articles_searchrow s
WHERE s.published_at >= %(first)s AND s.published_at < %(until)s GROUP BY 2
UNION ALL
SELECT d.entity_id, d.day, d.n FROM articles_entityday d
WHERE d.entity_id = ANY(%(ids)s) AND d.day >= %(first)s AND d.day <= %(last)s
"""
# What somebody holds just now is left to the next time: nobody waits for these figures.
_WRITE = """
WITH n AS MATERIALIZED (
    SELECT * FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) AS n(id, heat, growth)
), held AS MATERIALIZED (
    SELECT e.id FROM articles_event e JOIN n ON n.id = e.id AND (e.heat, e.growth) IS DISTINCT FROM (n.heat, n.growth)
    ORDER BY e.id FOR NO KEY UPDATE OF e SKIP LOCKED
)
UPDATE articles_event e SET heat = n.heat, growth = n.growth, measured_at = %s
FROM n JOIN held ON held.id = n.id WHERE e.id = n.id
"""


class Measured(NamedTuple):
    """How many events were looked at, and of how many the figures changed."""

    events: int
    changed: int


def is_measuring_due(seconds: float) -> bool:
    """Whether events were last measured so long ago, and there are any; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT NOT EXISTS (SELECT 1 FROM articles_progress WHERE step = %s
                   AND number > extract(epoch FROM statement_timestamp()) - %s) AND EXISTS (SELECT 1 FROM articles_event)""",
            [STEP, seconds],
        )
        return bool(cursor.fetchone()[0])


def measure_due_events(seconds: float, *, now: datetime) -> Measured | None:
    """Measure the live events unless that was done within so many seconds, or is being done; None then."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_progress AS p (step, number) VALUES (%s, extract(epoch FROM statement_timestamp()))
               ON CONFLICT (step) DO UPDATE SET number = excluded.number WHERE p.number <= excluded.number - %s
               RETURNING number""",
            [STEP, seconds],
        )
        if cursor.fetchone() is None:
            return None
    return measure_events(now=now)


def measure_events(*, now: datetime) -> Measured:
    """Write heat and growth of all live events as of `now`; five statements, and one a few thousand events that changed.

    Events without an article for NEWSDESK_EVENT_DORMANT_DAYS have neither.
    """
    courses = _courses(now)
    names = _name_courses([pk for pk, (course, _) in courses.items() if course.now >= LEAST], now)
    rows = [
        (
            pk,
            event_heat(course, names.get(pk, ())) if is_fresh else None,
            event_growth(course) if is_fresh else None,
        )
        for pk, (course, is_fresh) in courses.items()
    ]
    changed = 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        portion = rows[start : start + ROWS_AT_ONCE]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WRITE, [*(list(column) for column in zip(*portion, strict=True)), now])
            changed += cursor.rowcount
    return Measured(len(rows), changed)


def _courses(now: datetime) -> dict[int, tuple[Course, bool]]:
    """By event, how its articles came, and whether it is not dormant."""
    values = {
        "now": now,
        "day": now - DAY,
        "before": now - 2 * DAY,
        "earlier": now - (OWN_DAYS + 1) * DAY,
        "lately": now - timedelta(days=settings.EVENT_DORMANT_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COURSES, values)
        return {
            pk: (Course(n, before, earlier, max(0.0, (now - DAY - first_at) / DAY)), is_fresh)
            for pk, first_at, is_fresh, n, before, earlier in cursor.fetchall()
        }


def _name_courses(event_ids: Collection[int], now: datetime) -> dict[int, list[NameCourse]]:
    """By event, the course of the entities that it is mostly about; none while the desk is too young to know a normal."""
    if not event_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [sorted(event_ids), MOST_NAMES])
        about: dict[int, list[int]] = {}
        for event_id, entity_id in cursor.fetchall():
            about.setdefault(event_id, []).append(entity_id)
        ids = sorted({entity_id for entities in about.values() for entity_id in entities})
        if not ids:
            return {}
        cursor.execute(_NOW, [ids, now - DAY, now])
        lately = dict(cursor.fetchall())
    usual = _usual(ids, now)
    return {
        event_id: [NameCourse(lately.get(pk, 0), usual[pk]) for pk in entities if pk in usual]
        for event_id, entities in about.items()
    }


def _usual(entity_ids: Collection[int], now: datetime) -> Mapping[int, float]:
    """What each entity usually has in the 24 hours that end at this hour of this weekday; empty for a young desk."""
    today = now.astimezone(UTC).date()
    days = Days(today - DAY, today)
    counts: dict[int | None, dict[date, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _DAYS,
            {"ids": sorted(entity_ids), "first": days.before, "last": today, "until": today + DAY},
        )
        for entity_id, day, n in cursor.fetchall():
            counts.setdefault(entity_id, {})[day] = n
    weeks = weeks_of(days, counts.get(None, {}))
    part = (now.astimezone(UTC) - datetime(today.year, today.month, today.day, tzinfo=UTC)) / DAY
    found = {}
    for pk in entity_ids:
        usual = usual_by_day(counts.get(pk, {}), days, weeks)
        if usual:
            found[pk] = part * usual[today] + (1 - part) * usual[today - DAY]
    return found
