"""Rows of articles that a measurement makes up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from articles.models import Article, Revision


def add_texts(articles: Sequence[Article], texts: Sequence[str]) -> list[Revision]:
    """Give each article its one text, as its feed brought it, under the title that it has."""
    revisions = Revision.objects.bulk_create(
        [
            Revision(
                article=article,
                number=1,
                title=article.title,
                text=text,
                text_sha256=hashlib.sha256(text.encode()).hexdigest(),
                origin=Revision.Origin.FEED,
            )
            for article, text in zip(articles, texts, strict=True)
        ]
    )
    for article, revision in zip(articles, revisions, strict=True):
        article.revision = revision
    Article.objects.bulk_update(articles, ["revision"])
    return revisions
