"""What the page of an article reads of its copies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from articles.models import ArticleCopy

COPIES = 20


@dataclass(frozen=True, slots=True)
class CopyRow:
    """Another article with the same text."""

    id: int
    publisher: str
    published_at: datetime
    share: float
    kind: str


@dataclass(frozen=True, slots=True)
class CopyBox:
    """The copy group of an article; `kind` is the article's own place in it."""

    kind: str
    words: str
    rows: tuple[CopyRow, ...]


COPY_WORDS = {
    "origin": "this is the first",
    "verbatim": "this is a copy",
    "abridged": "this is an abridged copy",
}


def copies_of(article_id: int) -> CopyBox | None:
    """The other articles of its copy group; None when it stands alone."""
    rows = list(
        ArticleCopy.objects.filter(group__members__article_id=article_id)
        .order_by("article__published_at", "article_id")
        .values("article_id", "article__publisher__name", "article__published_at", "containment", "kind")[
            : COPIES + 1
        ]
    )
    mine = next((row for row in rows if row["article_id"] == article_id), None)
    if mine is None or len(rows) < 2:  # noqa: PLR2004 - itself and another
        return None
    return CopyBox(
        kind=mine["kind"],
        words=COPY_WORDS.get(mine["kind"], ""),
        rows=tuple(
            CopyRow(
                row["article_id"],
                row["article__publisher__name"],
                row["article__published_at"],
                row["containment"],
                row["kind"],
            )
            for row in rows
            if row["article_id"] != article_id
        ),
    )
