"""Rows for tests of pages: publishers, articles with their text and names, entities with listings, events."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.text import slugify

from articles.ingest.canonical import url_sha256
from articles.ingest.link import change_days
from articles.models import (
    Article,
    ArticleEntity,
    Event,
    Feed,
    Membership,
    Mention,
    Publisher,
    Revision,
    Sighting,
)
from articles.search.index import index_articles, index_entities
from entities.lexicon import forget_lexicon
from entities.models import Alias, Entity, Exchange, Listing, Security
from entities.names import fold

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)
TEXT = (
    "The harbour of Halvard was closed on Tuesday, Orne Shipping said.\n\n"
    "Orne Shipping expects ferries to run again within a week. Mara Quint, who leads the harbour, called the damage "
    "small 🌊 and the repair cheap.\n\n"
    "Fishermen at Tessin were less calm."
)


def make_publisher(name: str = "Tessin Times", **columns: object) -> Publisher:
    """A masthead, once a name."""
    return Publisher.objects.get_or_create(name=name, defaults={"slug": slugify(name), **columns})[0]


def make_entity(
    name: str, *, kind: str = "company", aliases: Sequence[str] = (), **columns: object
) -> Entity:
    """An entity with its name and further names as aliases."""
    entity = Entity.objects.create(
        kind=kind, name=name, slug=slugify(name), source="test", as_of="2026", **columns
    )
    Alias.objects.bulk_create(
        Alias(entity=entity, text=text, folded=fold(text), source="test", as_of="2026")
        for text in dict.fromkeys([name, *aliases])
    )
    forget_lexicon()
    return entity


def make_listing(entity: Entity, ticker: str, mic: str = "XHKG") -> Listing:
    """A current, primary line of an entity's shares."""
    exchange = Exchange.objects.get_or_create(
        mic=mic, defaults={"name": mic, "source": "test", "as_of": "2026"}
    )[0]
    security = Security.objects.create(issuer=entity, source="test", as_of="2026")
    return Listing.objects.create(
        security=security, exchange=exchange, ticker=ticker, primary=True, source="test", as_of="2026"
    )


def make_article(
    title: str = "Harbour of Halvard closed",
    text: str = TEXT,
    *,
    publisher: Publisher | None = None,
    published_at: datetime | None = None,
    language: str = "en",
    **columns: object,
) -> Article:
    """An article that is ready: one revision, indexed, without names (see `name_in`) and without an event."""
    publisher = publisher or make_publisher()
    published_at = published_at or timezone.now() - timedelta(hours=1)
    url = f"https://{publisher.slug}.example/{slugify(title)}-{Article.objects.count()}"
    article = Article.objects.create(
        publisher=publisher,
        url=url,
        url_sha256=hashlib.sha256(url.encode()).digest(),
        title=title,
        summary=text[:200],
        language=language,
        published_at=published_at,
        published_from="feed",
        fetched_at=published_at,
        **{"stage": Article.Stage.DONE, **columns},
    )
    make_revision(article, title, text)
    forget_lexicon()  # names that another test had made
    index_articles([article.pk])
    return article


def make_revision(article: Article, title: str, text: str) -> Revision:
    """Another text of an article; it becomes the current one."""
    revision = Revision.objects.create(
        article=article,
        number=article.revisions.count() + 1,
        title=title,
        text=text,
        text_sha256=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest(),
        origin=Revision.Origin.PAGE,
    )
    article.revision, article.title = revision, title
    article.save(update_fields=["revision", "title"])
    return revision


def make_sighting(article: Article, guid: str) -> Sighting:
    """The article was met in a feed of its publisher under this guid; a feed for each guid."""
    url = f"https://tessin-times.example/{guid}.xml"
    feed = Feed.objects.create(
        publisher=article.publisher,
        url=url,
        url_sha256=url_sha256(url),
        title=guid,
        next_fetch_at=timezone.now(),
    )
    key = url_sha256(f"https://guid.example/{guid}")
    at = timezone.now()
    return Sighting.objects.create(
        feed=feed,
        article=article,
        guid=guid,
        guid_sha256=key,
        entry_sha256=key,
        first_seen_at=at,
        changed_at=at,
    )


def name_in(
    article: Article,
    surface: str,
    entity: Entity | None,
    *,
    field: str = "text",
    status: str = "",
    **columns: object,
) -> list[Mention]:
    """Each place of some words in an article's current text as a mention, counted as the machine counts it."""
    revision = article.revision
    assert revision is not None
    source = revision.title if field == "title" else revision.text
    found, at = [], source.find(surface)
    while at >= 0:
        found.append(
            Mention(
                revision=revision,
                entity=entity,
                field=field,
                start=at,
                end=at + len(surface),
                text=surface,
                kind=entity.kind if entity else "company",
                status=status or ("linked" if entity else "proposed"),
                **{
                    "score": 0.9,
                    "why": [{"code": "name", "words": f"name: {surface}", "weight": 0.9}],
                    "rule_version": "test",
                    **columns,
                },
            )
        )
        at = source.find(surface, at + len(surface))
    made = Mention.objects.bulk_create(found)
    if entity is not None:
        ArticleEntity.objects.update_or_create(
            article=article,
            entity=entity,
            defaults={
                "published_at": article.published_at,
                "mentions": Mention.objects.filter(revision=revision, entity=entity).count(),
                "in_title": field == "title",
            },
        )
        change_days([(entity.pk, article.published_at, 1)])
        index_entities([article.pk])
    return made


def make_event(title: str, articles: Sequence[Article], **columns: object) -> Event:
    """An event of these articles, with the figures that go with them."""
    times = [article.published_at for article in articles]
    publishers = {article.publisher_id for article in articles}
    event = Event.objects.create(
        title=title,
        shard="en",
        first_at=min(times),
        last_at=max(times),
        article_count=len(articles),
        publisher_count=len(publishers),
        owner_count=len(publishers),
        **{"rule_version": "test", **columns},
    )
    Membership.objects.bulk_create(
        Membership(
            article=article,
            event=event,
            score=0.8,
            why=[{"code": "lead", "words": "the same lead words", "weight": 0.8}],
            rule_version="test",
        )
        for article in articles
    )
    return event
