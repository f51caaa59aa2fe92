"""What the page of an article reads of its revisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from articles.models import Revision


@dataclass(frozen=True, slots=True)
class Version:
    """One revision of the text."""

    number: int
    origin: str
    created_at: datetime
    words: int
    change: int
    current: bool


def versions_of(article_id: int, current: int) -> tuple[Version, ...]:
    """Newest first, each with its words and how many more they are than before."""
    found: list[Version] = []
    before = 0
    rows = Revision.objects.filter(article_id=article_id).order_by("number")
    for pk, number, origin, created_at, text in rows.values_list(
        "id", "number", "origin", "created_at", "text"
    ):
        words = len(text.split())
        found.append(
            Version(
                number,
                Revision.Origin(origin).label,
                created_at,
                words,
                words - before,
                current=pk == current,
            )
        )
        before = words
    return tuple(reversed(found))
