"""Act: on a desk with many entity days, the articles of a year by entity are counted for the lists that show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from articles.models import EntityYear, Progress

STEP = "counted a year"  # of Progress; its number is the second (Unix time) in which it was done
DAYS = 365
# Below so many entity days a list adds them up in a few hundredths of a second, and is always new.
WORTH = 100_000

_IS_MUCH = """
SELECT count(*) FROM (SELECT FROM articles_entityday d WHERE d.day > %(before)s AND d.day <= %(last)s LIMIT %(worth)s) few
"""
# Only what is another number is written: the next pages find the table as small as it was.
_COUNT = """
WITH counted AS MATERIALIZED (
    SELECT d.entity_id, sum(d.n)::int AS n FROM articles_entityday d
    WHERE d.day > %(before)s AND d.day <= %(last)s GROUP BY 1 HAVING sum(d.n) > 0
), gone AS (
    DELETE FROM articles_entityyear y WHERE NOT EXISTS (SELECT FROM counted c WHERE c.entity_id = y.entity_id)
)
INSERT INTO articles_entityyear AS y (entity_id, n)
SELECT c.entity_id, c.n FROM counted c JOIN entities_entity e ON e.id = c.entity_id
WHERE e.merged_into_id IS NULL ORDER BY c.entity_id
ON CONFLICT (entity_id) DO UPDATE SET n = excluded.n WHERE y.n <> excluded.n
"""


def count_year(now: datetime) -> tuple[int, bool]:
    """Count the 365 UTC days that end with the day of `now`; how many numbers are new, and that nothing is left.

    A desk with few entity days keeps no such count: its lists add up what stands there.
    """
    last = now.astimezone(UTC).date()
    values: dict[str, Any] = {"before": last - timedelta(days=DAYS), "last": last, "worth": WORTH}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_IS_MUCH, values)
        if cursor.fetchone()[0] < WORTH:
            Progress.objects.filter(pk=STEP).delete()
            EntityYear.objects.all().delete()
            return 0, False
        cursor.execute(_COUNT, values)
        count = cursor.rowcount
        Progress.objects.update_or_create(step=STEP, defaults={"number": int(now.timestamp())})
    return count, False
