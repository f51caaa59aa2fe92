"""What a user watches: which entities, what is new about each since their page was opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from articles.measures.heat import Heat
from articles.models import Watch
from articles.queries.chips import Chip

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


# Those with the most news first, then those watched last.
_WATCHED = """
SELECT w.entity_id, (
    SELECT count(*) FROM (
        SELECT 1 FROM articles_articleentity x JOIN articles_article a ON a.id = x.article_id
        WHERE x.entity_id = w.entity_id AND x.published_at > w.seen_at - %(news)s AND a.fetched_at > w.seen_at
        LIMIT %(most)s
    ) f
), count(*) OVER ()
FROM articles_watch w WHERE w.user_id = %(user)s ORDER BY 2 DESC, w.at DESC, w.id LIMIT %(watched)s
"""


def watched_sql(user_id: int, limit: int = SHOWN) -> tuple[str, Mapping[str, Any]]:
    """The statement for (entity id, new articles, all that the user watches), most news first, and its values."""
    return _WATCHED, {"user": user_id, "news": NEWS, "most": MOST_NEW, "watched": limit}


def watch_since(user_id: int, entity_id: int) -> datetime | None:
    """Until when a user has seen what is new about an entity; None when it is not watched."""
    return (
        Watch.objects.filter(user_id=user_id, entity_id=entity_id).values_list("seen_at", flat=True).first()
    )
