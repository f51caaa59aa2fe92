"""Acts: an article that came by a feed gets its text, its links and its place in the queue for events."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from articles.errors import StaleLeaseError
from articles.ingest.claim import ClaimedArticle, holds_lease
from articles.ingest.clean import SeenPage, repeated_keys
from articles.ingest.entries import clamp_date, normal_text, text_key
from articles.ingest.link import link_revision, write_mentions
from articles.models import Article, Revision, SearchRow
from articles.search.index import index_articles
from articles.types import ExtractedPage

# A page's text must say more than the feed did, by this much, to take its place.
LONGER_BY = 1.1
# What a publisher repeats is counted in so many of its newest pages.
PAGES_COMPARED = 30
UNDETERMINED = "und"  # BCP 47's word for a language that nobody named


def finish_reading(
    claimed: ClaimedArticle, token: uuid.UUID, page: ExtractedPage | None, note: str, *, now: datetime
) -> None:
    """Write a page's text as a revision when it says more, link the names, and hand the article to placing.

    `page` is None when no page was needed or none could be read; `note` then says why, for the article's page.
    Raises StaleLeaseError, with nothing written, when somebody else has claimed the article since.
    """
    with transaction.atomic():
        if not holds_lease("articles_article", claimed.id, token):
            raise StaleLeaseError(f"article {claimed.id} was claimed again before its text was stored")
        article = Article.objects.select_related("revision").get(pk=claimed.id)
        revision = article.revision
        if revision is None:  # nothing to read: a row restored by hand without its revisions
            article.stage = Article.Stage.FAILED
            article.message = "The article has no text at all: fetch its feed again."
            article.save(update_fields=["stage", "message"])
            return
        if page is not None:
            revision = _take_page(article, revision, page, now)
        language = article.language or (page.language if page else "") or UNDETERMINED
        is_new_text = revision.pk != claimed.revision_id or language != article.language
        article.language = language
        article.stage = Article.Stage.LINKED
        article.message = note
        article.lease_until = None
        article.lease_token = None
        article.attempts = 0
        article.save(
            update_fields=[
                "revision",
                "title",
                "authors",
                "published_at",
                "published_from",
                "published_day_only",
                "published_raw",
                "corrected_at",
                "language",
                "stage",
                "message",
                "needs_page",
                "lease_until",
                "lease_token",
                "attempts",
            ]
        )
        if is_new_text:  # the row is written: the vector is computed from what it says now, in its language
            index_articles([article.pk])
        else:
            SearchRow.objects.filter(pk=article.pk).exclude(published_at=article.published_at).update(
                published_at=article.published_at
            )
        write_mentions(article, revision, link_revision(revision, language=article.language))


def repeated_lines(publisher_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """By publisher, what its newest pages repeat at their edges (see `repeated_keys`)."""
    return {publisher_id: _repeated_by(publisher_id) for publisher_id in sorted(publisher_ids)}


def _repeated_by(publisher_id: int) -> frozenset[str]:
    newest = (
        Article.objects.filter(publisher_id=publisher_id, revision__origin=Revision.Origin.PAGE)
        .order_by("-published_at", "-id")
        .values_list("title", "revision__text", "revision__removed")[:PAGES_COMPARED]
    )
    return repeated_keys(
        SeenPage(title, text, [line for rule, line in removed if rule == "repeated"])
        for title, text, removed in newest
    )


def put_off(claimed: ClaimedArticle, token: uuid.UUID, note: str, *, wait: timedelta) -> None:
    """A page did not answer but may later: try again after `wait`. Until then, the feed's text stands."""
    with transaction.atomic():
        if holds_lease("articles_article", claimed.id, token):
            Article.objects.filter(pk=claimed.id).update(
                lease_until=None,
                lease_token=None,
                attempts=0,
                page_tries=claimed.page_tries + 1,
                not_before=Now() + wait,
                message=note,
            )


def finish_placing(article_ids: Sequence[int]) -> None:
    """These articles have their event: they are ready."""
    Article.objects.filter(pk__in=article_ids, stage=Article.Stage.LINKED).update(stage=Article.Stage.DONE)


def articles_to_place(limit: int) -> list[int]:
    """Linked articles in the order of placing: (batch, published, id), so that a replay gives the same events."""
    return list(
        Article.objects.filter(stage=Article.Stage.LINKED)
        .order_by("batch", "published_at", "id")
        .values_list("id", flat=True)[:limit]
    )


def _take_page(article: Article, current: Revision, page: ExtractedPage, now: datetime) -> Revision:
    article.needs_page = False
    article.authors = article.authors or list(page.authors)
    if article.published_from == "fetched" and page.published is not None and page.published_from is not None:
        article.published_at, origin = clamp_date(page.published, now=now)
        if origin == "feed":  # the page's date is a possible one
            article.published_from = page.published_from
            article.published_day_only = page.published_precision == "day"
    text = normal_text(page.text)
    key = text_key(article.title, text)
    is_first = current.origin == Revision.Origin.FEED
    if key == current.text_sha256 or (is_first and len(text) < len(current.text) * LONGER_BY):
        return current
    revision = Revision(
        article_id=article.pk,
        number=current.number + 1,
        title=article.title,
        text=text,
        html=page.html,
        text_sha256=key,
        origin=Revision.Origin.PAGE,
        removed=[list(line) for line in page.removed],
        problems=list(page.problems),
    )
    revision.save(force_insert=True)
    article.revision = revision
    if not is_first:
        article.corrected_at = article.corrected_at or now
    return revision
