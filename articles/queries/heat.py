"""How hot entities are: their articles by day beside those of the whole desk, read for the rule of heat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from articles.measures.heat import Days, Heat, heat_of, weeks_of
from articles.queries.times import Range

# Days that the heat of a range tells of: a year has no normal of its own weekdays, its last month has.
LENGTHS = {"24h": 1, "7d": 7, "30d": 30, "1y": 30}
SPOKEN = {1: "today", 7: "the last 7 days", 30: "the last 30 days"}
# What is in by this hour is told from the desk's own days; so many articles of a day that knows nothing stand beside.
PRIOR = 50
LATELY = 14  # days that tell it

# The desk's own days stand under no entity.
_DAYS = """
SELECT NULL::bigint, (s.published_at AT TIME ZONE 'UTC')::date, count(*),
       count(*) FILTER (WHERE s.published_at >= %(lately)s AND (s.published_at AT TIME ZONE 'UTC')::time <= %(hour)s)
FROM articles_searchrow s WHERE s.published_at >= %(since)s AND s.published_at < %(until)s GROUP BY 2
UNION ALL
SELECT d.entity_id, d.day, d.n, 0 FROM articles_entityday d
WHERE d.entity_id = ANY(%(ids)s::bigint[]) AND d.day >= %(first)s AND d.day <= %(last)s
"""
Counts = Mapping[int, Mapping[date, int]]


@dataclass(frozen=True, slots=True)
class Measure:
    """The days that a heat tells of, the weeks that they are compared with, and the desk's articles by day."""

    days: Days
    weeks: tuple[int, ...]
    desk: Mapping[date, int]

    def last_days(self, length: int) -> Measure:
        """The measure for fewer days that end with the same one."""
        days = replace(self.days, first=self.days.last - timedelta(days=length - 1))
        return Measure(days, weeks_of(days, self.desk), self.desk)

    @property
    def spoken(self) -> str:
        """The days in words."""
        return SPOKEN.get((self.days.last - self.days.first).days + 1, "these days")


def measure_days(span: Range) -> Days:
    """The UTC days that the heat of a range tells of, the last one whole."""
    last = span.until.astimezone(UTC).date()
    return Days(last - timedelta(days=LENGTHS[span.code] - 1), last)


def measured(entity_ids: Iterable[int], span: Range, *, since: date | None = None) -> tuple[Measure, Counts]:
    """What the heat of a range is measured by, and the articles by UTC day of these entities (of none without any).

    One query. `since` is an earlier first day that the caller wants the counts from.
    """
    now, whole = span.until.astimezone(UTC), measure_days(span)
    midnight = datetime.combine(whole.last, time.min, UTC)
    values: dict[str, Any] = {
        "since": datetime.combine(whole.before, time.min, UTC),
        "until": midnight + timedelta(days=1),
        "hour": now.time(),
        "lately": midnight - timedelta(days=LATELY),
        "ids": sorted(set(entity_ids)),
        "first": min(whole.before, since or whole.before),
        "last": whole.last,
    }
    desk: list[tuple[date, int, int]] = []
    counts: dict[int, dict[date, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, values)
        for entity_id, day, n, by_now in cursor.fetchall():
            if entity_id is None:
                desk.append((day, n, by_now))
            else:
                counts.setdefault(entity_id, {})[day] = n
    lately = whole.last - timedelta(days=LATELY)
    past = [(n, by_now) for day, n, by_now in desk if lately <= day < whole.last]
    even = (now - midnight) / timedelta(days=1)
    share = (sum(by_now for _, by_now in past) + PRIOR * even) / (sum(n for n, _ in past) + PRIOR)
    days, totals = Days(whole.first, whole.last, min(1.0, share)), {day: n for day, n, _ in desk}
    return Measure(days, weeks_of(days, totals), totals), counts


def heats_of(entity_ids: Sequence[int], span: Range) -> tuple[Measure, Mapping[int, Heat]]:
    """The heat of each of these entities in a range, and what it is measured by; one query."""
    measure, counts = measured(entity_ids, span)
    return measure, {pk: heat_of(counts.get(pk, {}), measure.days, measure.weeks) for pk in entity_ids}
