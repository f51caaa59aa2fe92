"""What a user watches: which entities, what is new about each since their page was opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from articles.measures.heat import Heat
from articles.models import Watch
from articles.queries.chips import Chip, chips_of
from articles.queries.heat import Measure, heats_of

# An article that was published longer before one looked than this is a find of the archive, no news.
NEWS = timedelta(days=7)
MOST_NEW = 100  # more are "99+"
SHOWN = 12


@dataclass(frozen=True, slots=True)
class WatchedRow:
    """A watched entity: `new` articles stored since its page was opened last, at most MOST_NEW, and its heat."""

    chip: Chip
    new: int
    heat: Heat | None
    seen_at: datetime


# Those with the most news first, then those watched last.
_WATCHED = """
SELECT w.entity_id, w.seen_at, (
    SELECT count(*) FROM (
        SELECT 1 FROM articles_articleentity x JOIN articles_article a ON a.id = x.article_id
        WHERE x.entity_id = w.entity_id AND x.published_at > w.seen_at - %(news)s AND a.fetched_at > w.seen_at
        LIMIT %(most)s
    ) f
), count(*) OVER ()
FROM articles_watch w WHERE w.user_id = %(user)s ORDER BY 3 DESC, w.at DESC, w.id LIMIT %(limit)s
"""


def watched_rows(
    user_id: int, measure: Measure | None = None, limit: int = SHOWN
) -> tuple[Sequence[WatchedRow], int]:
    """The watched entities of a user with the most news first, and how many there are in all; at most three queries."""
    values: dict[str, Any] = {"user": user_id, "news": NEWS, "most": MOST_NEW, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_WATCHED, values)
        found = cursor.fetchall()
    ids = [row[0] for row in found]
    chips = chips_of(ids)
    heats = heats_of(ids, measure) if measure else {}
    rows = [
        WatchedRow(chips[pk], new, heats.get(pk), seen_at) for pk, seen_at, new, _ in found if pk in chips
    ]
    return rows, found[0][3] if found else 0


def watch_since(user_id: int, entity_id: int) -> datetime | None:
    """Until when a user has seen what is new about an entity; None when it is not watched."""
    return (
        Watch.objects.filter(user_id=user_id, entity_id=entity_id).values_list("seen_at", flat=True).first()
    )
