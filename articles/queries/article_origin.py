"""What the page of an article reads of where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from articles.models import ArticleAddress, Sighting


@dataclass(frozen=True, slots=True)
class SeenIn:
    """A feed that carried the article."""

    feed_id: int
    title: str
    first_seen_at: datetime


def seen_in(article_id: int) -> tuple[SeenIn, ...]:
    """The feeds that carried an article, in the order in which they did."""
    rows = Sighting.objects.filter(article_id=article_id).order_by("first_seen_at", "id")
    return tuple(SeenIn(*row) for row in rows.values_list("feed_id", "feed__title", "first_seen_at"))


def moved_to(article_id: int) -> int | None:
    """The article of which another, that had this number, became part; None when none did."""
    return (
        ArticleAddress.objects.filter(merged_id=article_id)
        .order_by("id")
        .values_list("article_id", flat=True)
        .first()
    )
