"""Puts what the sample world prints into the desk as a fetch would, without a socket."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from articles.events.placing import place_articles
from articles.ingest.claim import ClaimedFeed
from articles.ingest.closing import Visit
from articles.ingest.link import change_days
from articles.ingest.parse import parse_feed
from articles.ingest.store import IngestRules, store_answer
from articles.models import Article, ArticleEntity, Feed
from articles.types import FetchResult
from entities.models import Entity
from newsdesk.sample.routes import Site
from newsdesk.sample.world import SampleWorld

BASE = "http://127.0.0.1:8090"
RULES = IngestRules()


def ingest_sample(world: SampleWorld, started: datetime, now: datetime, base: str = BASE) -> list[int]:
    """Store what every sample feed answers at `now` and place it; the ids of the new articles."""
    site = Site(world, base, started)
    ids: list[int] = []
    for feed in Feed.objects.filter(sample=True).order_by("id"):
        answer = site.answer(urlsplit(feed.url).path, {}, now=now)
        if answer.status == 301:
            answer = site.answer(urlsplit(answer.headers["location"]).path, {}, now=now)
        if answer.status != 200:
            continue
        ids.extend(store_bytes(feed, answer.body, answer.headers["content-type"], now))
    place_articles(ids)
    return ids


def store_bytes(feed: Feed, body: bytes, content_type: str, now: datetime) -> tuple[int, ...]:
    """Store one answer of one feed under a lease of its own."""
    token = uuid.uuid4()
    Feed.objects.filter(pk=feed.pk).update(lease_token=token, lease_until=now + timedelta(minutes=1))
    claimed = ClaimedFeed(
        id=feed.pk, url=feed.url, host=feed.host, sample=feed.sample, publisher_id=feed.publisher_id, title=feed.title,
        language=feed.language,
    )  # fmt: skip
    result = FetchResult(
        url=feed.url, final_url=feed.url, status=200, headers={"content-type": content_type}, body=body,
        body_sha256=hashlib.sha256(body).hexdigest(), elapsed_seconds=0.01,
    )  # fmt: skip
    parsed = parse_feed(body, url=feed.url, content_type=content_type)
    return store_answer(Visit(claimed, token, now), result, parsed, RULES).new


def count_entity(entity: Entity, article_ids: list[int]) -> None:
    """Say that these articles mention the entity, as linking does."""
    articles = list(Article.objects.filter(pk__in=article_ids))
    ArticleEntity.objects.bulk_create(
        ArticleEntity(article=article, entity=entity, published_at=article.published_at, mentions=1)
        for article in articles
    )
    change_days([(entity.pk, article.published_at, 1) for article in articles])
