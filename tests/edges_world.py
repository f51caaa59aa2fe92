"""Articles of one publisher whose pages end in the same lines, for tests of what is learnt from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from articles.models import Article, Publisher, Revision
from tests.factories import NOON, make_article

TOPICS = (
    *(
        "Ferries return",
        "Crane strike ends",
        "Cod prices fall",
        "Museum robbed",
        "Elections called",
        "Lighthouse sold",
    ),
    *(
        "Orchestra tours",
        "Bridge inspected",
        "Glacier shrinks",
        "Vaccine approved",
        "Chess drawn",
        "Bakery burns",
    ),
)
CALL = "The Harbour Post, since 1881"


def make_pages(
    publisher: Publisher,
    count: int,
    *lines: str,
    first: int = 0,
    at: datetime = NOON,
    removed: Sequence[tuple[str, str]] = (),
) -> list[Article]:
    """Articles about different things, an hour apart from `at` on, each with `lines` below its text."""
    made = []
    for number in range(first, first + count):
        title = TOPICS[number % len(TOPICS)] + (f" anew{number}" if number >= len(TOPICS) else "")
        text = "\n\n".join([f"{title}, the {number}. text of its own, says nothing else.", *lines])
        article = make_article(
            title, text, publisher=publisher, published_at=at + timedelta(hours=number), page_kind="article"
        )
        Revision.objects.filter(article=article).update(removed=[list(one) for one in removed], created_at=at)
        made.append(article)
    return made
