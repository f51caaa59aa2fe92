"""Articles as placing sees them, read from their rows; and reasons as rows hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from articles.events.embedding import embedding_model
from articles.events.features import NameLink, shard_of
from articles.events.placement import Story
from articles.events.vectors import Embedding
from articles.models import Article, ArticleEmbedding, Mention
from articles.types import Reason


def load_stories(article_ids: Sequence[int]) -> list[Story]:
    """Articles as placing sees them, in the order of placing: (batch, published, id)."""
    articles = list(
        Article.objects.filter(pk__in=article_ids)
        .select_related("publisher", "revision")
        .order_by("batch", "published_at", "id")
    )
    links: dict[int, list[NameLink]] = {}
    mentions = (
        Mention.objects.filter(
            revision_id__in=[article.revision_id for article in articles if article.revision_id],
            status=Mention.Status.LINKED,
            entity__isnull=False,
        )
        .order_by("id")
        .values_list("revision_id", "text", "entity_id", "entity__merged_into_id", "entity__name")
    )
    for revision_id, surface, entity_id, merged_into, name in mentions:
        links.setdefault(revision_id, []).append(
            NameLink(surface, f"entity:{merged_into or entity_id}", name)
        )
    embeddings = kept_embeddings(articles)
    return [
        story_of(article, links.get(article.revision_id or 0, ()), embeddings.get(article.pk))
        for article in articles
    ]


def kept_embeddings(articles: Sequence[Article]) -> dict[int, Embedding]:
    """The vectors that the language model of now made of the articles' current texts; runs no model."""
    rows = ArticleEmbedding.objects.filter(
        article__in=[article.pk for article in articles], model=embedding_model()
    )
    current = {article.pk: article.revision_id for article in articles}
    return {
        row.article_id: Embedding(_array(row.vector), _array(row.title_vector))
        for row in rows
        if row.revision_id == current[row.article_id]
    }


def story_of(article: Article, links: Iterable[NameLink] = (), embedding: Embedding | None = None) -> Story:
    """One article; its publisher and revision are loaded."""
    removed = article.revision.removed if article.revision is not None else []
    return Story(
        key=article.pk,
        shard=shard_of(article.language),
        title=article.title,
        text=text_of(article),
        published=article.published_at,
        seen_at=article.fetched_at,
        publisher=str(article.publisher_id),
        publisher_name=article.publisher.name,
        byline=", ".join(str(author) for author in article.authors),
        links=tuple(links),
        source=article.source_name,
        removed=tuple(str(pair[1]) for pair in removed if isinstance(pair, list | tuple) and len(pair) > 1),
        day_only=article.published_day_only,
        embedding=embedding,
    )


def text_of(article: Article) -> str:
    """What an article says: its current revision, else what the feed said of it."""
    revision = article.revision
    return (revision.text if revision is not None else "") or article.summary


def reasons_as_rows(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Reasons as they are stored and shown: code, words, weight."""
    return [{"code": r.code, "words": r.words, "weight": r.weight, **_detail(r.detail)} for r in reasons]


def reasons_of_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Stored reasons as values."""
    return tuple(
        Reason(
            str(row.get("code", "")),
            str(row.get("words", "")),
            float(row.get("weight", 0.0)),
            dict(row.get("detail", {})),
        )
        for row in rows
    )


def _array(vector: Sequence[float]) -> NDArray[np.float32]:
    return np.array(vector, np.float32)


def _detail(detail: Mapping[str, str | float | int]) -> dict[str, Any]:
    return {"detail": dict(detail)} if detail else {}
