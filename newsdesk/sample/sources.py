"""Acts: the sample world comes to the desk as sources, and goes again with all that came from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from articles.errors import RefusedError
from articles.events.database import lock_events
from articles.events.forgetting import forget_articles, lock_shards
from articles.ingest.canonical import url_sha256
from articles.models import (
    Article,
    ArticleEntity,
    Event,
    Feed,
    Publisher,
    RemovedSource,
)
from entities.history import MACHINE, record_change
from newsdesk.sample.server import HOST
from newsdesk.sample.world import SamplePublisher, SampleWorld

# The row of RemovedSource by which the desk knows that somebody took the sample away.
REMOVED_MARK = "newsdesk:sample-world"
HISTORY_KIND = "sample"
HISTORY_ID = 1


@dataclass(frozen=True, slots=True)
class SampleStatus:
    """How much of the sample world is in the desk. `removed` says that it does not come back by itself."""

    publishers: int
    feeds: int
    articles: int
    events: int
    removed: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing marked sample is left."""
        return not (self.publishers or self.feeds or self.articles or self.events)


def sample_status() -> SampleStatus:
    """Count what is marked sample."""
    return SampleStatus(
        publishers=Publisher.objects.filter(sample=True).count(),
        feeds=Feed.objects.filter(sample=True).count(),
        articles=Article.objects.filter(sample=True).count(),
        events=Event.objects.filter(sample=True).count(),
        removed=is_sample_removed(),
    )


def is_sample_removed() -> bool:
    """Whether somebody removed the sample world, so that it is neither served nor loaded."""
    return RemovedSource.objects.filter(url_sha256=url_sha256(REMOVED_MARK)).exists()


@transaction.atomic
def welcome_sample_back(by: str) -> bool:
    """Forget that the sample world was removed; False when it was not. The caller loads it."""
    forgotten, _ = RemovedSource.objects.filter(url_sha256=url_sha256(REMOVED_MARK)).delete()
    if forgotten:
        record_change(HISTORY_KIND, HISTORY_ID, by, "sample welcomed back")
    return bool(forgotten)


@transaction.atomic
def load_sample_sources(world: SampleWorld, base_url: str) -> int:
    """Subscribe to every feed of the sample world; how many are new. Nothing happens after a removal.

    `base_url` is where the world is served now, `http://127.0.0.1:PORT`. Feeds and articles of an earlier
    start on another port move along, so that their addresses still lead to their pages.
    """
    base_url = base_url.rstrip("/")
    parts = urlsplit(base_url)
    if parts.scheme != "http" or parts.hostname != HOST or parts.port is None or parts.path:
        raise RefusedError(f"{base_url!r} is no address of the sample world: it is http://{HOST}:PORT.")
    if is_sample_removed():
        return 0
    subscribed = {
        feed.publisher.slug: feed
        for feed in Feed.objects.filter(sample=True)
        .select_related("publisher")
        .select_for_update(of=("self",))
    }
    created = 0
    for publisher in world.publishers:
        feed = subscribed.get(publisher.slug)
        if feed is None:
            created += _subscribe(publisher, base_url)
        elif feed.host != parts.netloc:
            _move_feed(feed, base_url)
    _move_articles(base_url)
    return created


@transaction.atomic
def remove_sample(by: str = MACHINE) -> SampleStatus:
    """Delete all that came from the sample world and remember it; what was there is returned.

    Real events that held sample articles stay, with the figures and the headline of what is left. A second call
    changes nothing.
    """
    sample = Article.objects.filter(sample=True)
    lock_shards(sample.values_list("language", flat=True).distinct())
    # Whoever stores or reads a sample row right now holds its lock; after this, none of them writes again.
    list(Feed.objects.filter(sample=True).order_by("id").select_for_update().values_list("id", flat=True))
    article_ids = list(sample.order_by("id").select_for_update().values_list("id", flat=True))
    before = sample_status()
    days = _entity_days(sample)
    forget_articles(article_ids)
    Feed.objects.filter(sample=True).delete()
    sample.delete()
    _recount_entity_days(days)
    # What is left of the sample's events: joined ones that lead to real events.
    lock_events(Event.objects.filter(sample=True).values_list("pk", flat=True))
    Event.objects.filter(sample=True).update(sample=False)
    _drop_publishers()
    _, is_first = RemovedSource.objects.get_or_create(
        url_sha256=url_sha256(REMOVED_MARK), defaults={"url": REMOVED_MARK, "by": by}
    )
    if is_first or not before.is_empty:
        record_change(
            HISTORY_KIND,
            HISTORY_ID,
            by,
            "sample removed",
            before={
                "publishers": before.publishers,
                "feeds": before.feeds,
                "articles": before.articles,
                "events": before.events,
            },
        )
    return before


def _subscribe(publisher: SamplePublisher, base_url: str) -> int:
    """Create the publisher and its feed; 0 when the publisher is there: somebody removed its feed."""
    home = f"{base_url}/{publisher.slug}/"
    if Publisher.objects.filter(Q(slug=publisher.slug) | Q(name=publisher.name)).exists():
        return 0
    row = Publisher.objects.create(
        slug=publisher.slug,
        name=publisher.name,
        owner=publisher.owner,
        country=publisher.country,
        homepage=home,
        sample=True,
    )
    url = home + publisher.feed.subscribed_path
    Feed.objects.create(
        publisher=row,
        url=url,
        url_sha256=url_sha256(url),
        host=urlsplit(url).netloc,
        site_url=home,
        title=publisher.name,
        language=publisher.language,
        section=publisher.section,
        sample=True,
        added_by=MACHINE,
        next_fetch_at=Now(),
    )
    return 1


def _move_feed(feed: Feed, base_url: str) -> None:
    feed.url = base_url + urlsplit(feed.url).path
    feed.url_sha256 = url_sha256(feed.url)
    feed.host = urlsplit(base_url).netloc
    feed.site_url = base_url + urlsplit(feed.site_url).path
    feed.proposed_url, feed.redirects_seen, feed.redirects_since = "", 0, None
    feed.save(
        update_fields=[
            "url",
            "url_sha256",
            "host",
            "site_url",
            "proposed_url",
            "redirects_seen",
            "redirects_since",
        ]
    )
    Publisher.objects.filter(pk=feed.publisher_id, sample=True).update(homepage=feed.site_url)


def _move_articles(base_url: str) -> None:
    moved = list(Article.objects.filter(sample=True).exclude(url__startswith=f"{base_url}/").order_by("id"))
    for article in moved:
        article.url = base_url + urlsplit(article.url).path
        article.url_sha256 = url_sha256(article.url)
    Article.objects.bulk_update(moved, ["url", "url_sha256"])


def _entity_days(articles: QuerySet[Article]) -> set[tuple[int, date]]:
    """The (entity, day in UTC) pairs in which these articles are counted."""
    rows = ArticleEntity.objects.filter(article__in=articles).values_list("entity_id", "published_at")
    return {(entity_id, published_at.astimezone(UTC).date()) for entity_id, published_at in rows}


def _recount_entity_days(pairs: Collection[tuple[int, date]]) -> None:
    """Count the articles of these entities and days anew; a day without any loses its row."""
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH touched AS (SELECT * FROM unnest(%s::bigint[], %s::date[]) AS t(entity_id, day)),
                 counted AS (
                   SELECT t.entity_id, t.day,
                     (SELECT count(*) FROM articles_articleentity x WHERE x.entity_id = t.entity_id
                        AND x.published_at >= t.day::timestamp AT TIME ZONE 'UTC'
                        AND x.published_at < (t.day + 1)::timestamp AT TIME ZONE 'UTC') AS n
                   FROM touched t),
                 emptied AS (
                   DELETE FROM articles_entityday d USING counted c
                   WHERE d.entity_id = c.entity_id AND d.day = c.day AND c.n = 0)
               UPDATE articles_entityday d SET n = c.n FROM counted c
               WHERE d.entity_id = c.entity_id AND d.day = c.day AND c.n > 0""",
            [[entity_id for entity_id, _ in sorted(pairs)], [day for _, day in sorted(pairs)]],
        )


def _drop_publishers() -> None:
    """Publishers of the sample go, but for those to which somebody gave a feed of their own."""
    feed = Feed.objects.filter(publisher=OuterRef("pk"))
    article = Article.objects.filter(publisher=OuterRef("pk"))
    Publisher.objects.filter(~Exists(feed), ~Exists(article), sample=True).delete()
    Publisher.objects.filter(sample=True).update(sample=False)
