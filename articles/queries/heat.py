"""How hot entities are: their articles by day beside those of the whole desk, read for the rule of heat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from articles.measures.heat import Days, Heat, heat_of, weeks_of
from articles.models import EntityDay
from articles.queries.times import Range

# Days that the heat of a range tells of: a year has no normal of its own weekdays, its last month has.
LENGTHS = {"24h": 1, "7d": 7, "30d": 30, "1y": 30}
SPOKEN = {1: "today", 7: "the last 7 days", 30: "the last 30 days"}
# What is in by this hour is told from the desk's own days; so many articles of a day that knows nothing stand beside.
PRIOR = 50

_DESK = """
SELECT (s.published_at AT TIME ZONE 'UTC')::date, count(*),
       count(*) FILTER (WHERE (s.published_at AT TIME ZONE 'UTC')::time <= %(hour)s)
FROM articles_searchrow s WHERE s.published_at >= %(since)s AND s.published_at < %(until)s GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """The days that a heat tells of, and the weeks that they are compared with."""

    days: Days
    weeks: tuple[int, ...]

    @property
    def spoken(self) -> str:
        """The days in words."""
        return SPOKEN.get((self.days.last - self.days.first).days + 1, "these days")


def measure_of(span: Range) -> Measure:
    """What the heat of a range is measured by: its UTC days until now; one query over the desk's articles of the time."""
    now = span.until.astimezone(UTC)
    last = now.date()
    whole = Days(last - timedelta(days=LENGTHS[span.code] - 1), last)
    values: dict[str, Any] = {
        "since": datetime.combine(whole.before, datetime.min.time(), UTC),
        "until": datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC),
        "hour": now.time(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DESK, values)
        rows = cursor.fetchall()
    past = [(n, by_now) for day, n, by_now in rows if day < last]
    even = (now - datetime.combine(last, datetime.min.time(), UTC)) / timedelta(days=1)
    share = (sum(by_now for _, by_now in past) + PRIOR * even) / (sum(n for n, _ in past) + PRIOR)
    days = Days(whole.first, last, min(1.0, share))
    return Measure(days, weeks_of(days, {day: n for day, n, _ in rows}))


def counts_of(entity_ids: Iterable[int], first: date, last: date) -> dict[int, dict[date, int]]:
    """Articles by UTC day of each of these entities, one query; days without any are absent."""
    found: dict[int, dict[date, int]] = {}
    rows = EntityDay.objects.filter(entity_id__in=sorted(set(entity_ids)), day__gte=first, day__lte=last)
    for entity_id, day, n in rows.values_list("entity_id", "day", "n"):
        found.setdefault(entity_id, {})[day] = n
    return found


def heats_of(entity_ids: Sequence[int], measure: Measure) -> Mapping[int, Heat]:
    """The heat of each of these entities, one query (none for none)."""
    if not entity_ids:
        return {}
    counts = counts_of(entity_ids, measure.days.before, measure.days.last)
    return {pk: heat_of(counts.get(pk, {}), measure.days, measure.weeks) for pk in entity_ids}
