"""Acts: what the language model makes of an article's text is kept with it, for placing and for the search for its like.

Only the worker that reads texts runs the model; whoever compares articles uses what is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from articles.events.embedding import embed_stories, embedding_model, is_embedded
from articles.events.vectors import Embedding
from articles.models import Article, ArticleEmbedding, Progress, Revision

logger = logging.getLogger(__name__)

# Articles that are looked through at once for those without vectors.
PORTION = 100
FAILED = "NEWSDESK_EMBEDDING: the language model failed"
# What no model that works fails over.
PLAIN = ("A ferry runs aground", "A ferry ran aground in fog on Monday.")


def load_model() -> None:
    """Load the model, if one is wanted: a second that should not pass while a row is locked. It may fail."""
    try:
        embed_stories([("", "")])
    except Exception:
        logger.exception(FAILED)


def keep_embedding(article: Article, revision: Revision) -> bool:
    """Keep the vectors of an article's current text, in the caller's transaction; False when the model failed over it.

    No article stops for that. Of a text in another language, or without a model, nothing is kept; nor of an earlier one.
    """
    found: dict[int, tuple[int, Embedding]] | None = {}
    if is_embedded(article.language):
        found = _embedded([article], {revision.pk: revision})
    if found:
        _write(found)
    else:
        ArticleEmbedding.objects.filter(article_id=article.pk).delete()
    if found is None:
        # Whoever makes up for what lacks vectors may be further already: it comes here once more.
        behind = Progress.objects.filter(step=_step(embedding_model()), number__gte=article.pk)
        behind.update(number=article.pk - 1)
    return found is not None


def mend_embedding(article: Article, revision: Revision) -> None:
    """The same for an article that may have its vectors already: then nothing is computed."""
    model = embedding_model()
    kept = ArticleEmbedding.objects.filter(article_id=article.pk, revision_id=revision.pk, model=model)
    if model and not kept.exists():
        keep_embedding(article, revision)


def embed_missing(is_time_up: Callable[[], bool]) -> int:
    """Go on through the articles that were read before there was this model, oldest first; how many got vectors.

    How far it came is kept, so that a kill loses a portion at most, and a desk that is through pays one small query.
    A text over which a model fails that works otherwise is told in the log and left without vectors.
    """
    model, done = embedding_model(), 0
    while model and not is_time_up():
        came_to = _came_to(model)
        articles = _portion(came_to)
        if not articles:
            break
        wanted = [article for article in articles if _lacks(article, model)]
        revisions = {
            article.revision.pk: article.revision for article in wanted if article.revision is not None
        }
        found = _embedded(wanted, revisions)
        if found is None:
            found = _embedded_singly(wanted, revisions)
        elif len(found) < len(wanted):
            found = None
        if found is None:
            break  # the model fails or cannot be loaded: the log says why, and the next run tries again
        with transaction.atomic():
            # A text that changed meanwhile has its own vectors already, or will have.
            rows = Article.objects.select_for_update().filter(pk__in=found).order_by("pk")
            standing = dict(rows.values_list("pk", "revision_id"))
            _write({pk: row for pk, row in found.items() if standing.get(pk) == row[0]})
            # Unless somebody set it back meanwhile: then from there.
            Progress.objects.get_or_create(step=_step(model))
            Progress.objects.filter(step=_step(model), number=came_to).update(number=articles[-1].pk)
        done += len(found)
    return done


def _step(model: str) -> str:
    return f"embedding {model}"[:40]


def _came_to(model: str) -> int:
    return Progress.objects.filter(step=_step(model)).values_list("number", flat=True).first() or 0


def _portion(after: int) -> list[Article]:
    rows = Article.objects.filter(pk__gt=after).select_related("revision", "embedding").order_by("pk")
    return list(rows.defer("revision__html", "embedding__vector", "embedding__title_vector")[:PORTION])


def _lacks(article: Article, model: str) -> bool:
    """Whether an article that was read has no vectors of this model; one that is not read yet gets them when it is."""
    if article.revision_id is None or article.stage == Article.Stage.NEW or not is_embedded(article.language):
        return False
    kept = getattr(article, "embedding", None)
    return kept is None or (kept.revision_id, kept.model) != (article.revision_id, model)


def _embedded(
    articles: list[Article], revisions: dict[int, Revision]
) -> dict[int, tuple[int, Embedding]] | None:
    """By article: its revision and vectors; empty when there is no model, None when it fails."""
    rows = [(article, revisions[article.revision_id or 0]) for article in articles]
    try:
        found = embed_stories([(one.title, text.text or one.summary) for one, text in rows])
    except Exception:
        logger.exception(FAILED)
        return None
    if found is None:
        return {}
    return {one.pk: (text.pk, each) for (one, text), each in zip(rows, found, strict=True)}


def _embedded_singly(
    articles: list[Article], revisions: dict[int, Revision]
) -> dict[int, tuple[int, Embedding]] | None:
    """The same, each text alone: without those over which the model fails. None when it fails over a plain text too."""
    try:
        if embed_stories([PLAIN]) is None:
            return None
    except Exception:
        logger.exception(FAILED)
        return None
    found: dict[int, tuple[int, Embedding]] = {}
    for article in articles:
        one = _embedded([article], revisions)
        if one is None:
            logger.error("article %s has no vectors: the language model fails over its text", article.pk)
        found |= one or {}
    return found


def _write(found: dict[int, tuple[int, Embedding]]) -> None:
    model = embedding_model()
    ArticleEmbedding.objects.bulk_create(
        [
            ArticleEmbedding(
                article_id=article_id,
                revision_id=revision_id,
                model=model,
                vector=each.vector,
                title_vector=each.title_vector,
            )
            for article_id, (revision_id, each) in sorted(found.items())
        ],
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["revision_id", "model", "vector", "title_vector"],
    )
