"""A small desk of stories, events and entities for tests of the pages that read; plain functions, invented names.

Times are relative to the `now` that is given; every function returns the row that it made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from django.utils.text import slugify

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
from entities.models import Alias, Entity, Exchange, Listing, Position, Security
from entities.names import fold

_numbers = count(1)
SOURCE, AS_OF = "Register of Norland", "2026-03"


def make_publisher(name: str, **columns: object) -> Publisher:
    """A masthead of that name, made once."""
    return Publisher.objects.get_or_create(slug=slugify(name), defaults={"name": name, **columns})[0]


def make_feed(publisher: Publisher, now: datetime, **columns: object) -> Feed:
    """A feed of a publisher at an address of its own."""
    url = f"https://{publisher.slug}.example/feed"
    made, _ = Feed.objects.get_or_create(
        url_sha256=hashlib.sha256(url.encode()).digest(),
        defaults={
            "publisher": publisher,
            "url": url,
            "host": f"{publisher.slug}.example:443",
            "title": f"{publisher.name}, all stories",
            "next_fetch_at": now,
            **columns,
        },
    )
    return made


def make_entity(
    name: str,
    kind: str = "company",
    *,
    ticker: str = "",
    mic: str = "XNOR",
    names: Sequence[str] = (),
    **columns: object,
) -> Entity:
    """An entity with its names as aliases and, with a ticker, one current primary listing."""
    made = Entity.objects.create(
        name=name, slug=slugify(name), kind=kind, **{"source": SOURCE, "as_of": AS_OF, **columns}
    )
    for place, text in enumerate((name, *names)):
        alias_kind = "name" if place == 0 else "short"
        Alias.objects.create(
            entity=made, text=text, folded=fold(text), kind=alias_kind, source=SOURCE, as_of=AS_OF
        )
    if ticker:
        exchange, _ = Exchange.objects.get_or_create(
            mic=mic, defaults={"name": "Norland Exchange", "source": SOURCE, "as_of": AS_OF}
        )
        security = Security.objects.create(issuer=made, source=SOURCE, as_of=AS_OF)
        Listing.objects.create(
            security=security,
            exchange=exchange,
            ticker=ticker,
            currency="NOK",
            primary=True,
            source=SOURCE,
            as_of=AS_OF,
        )
    return made


def make_position(person: Entity, organization: Entity, title: str, **columns: object) -> Position:
    """A post of a person at an organisation."""
    return Position.objects.create(
        person=person, organization=organization, title=title, source=SOURCE, as_of=AS_OF, **columns
    )


def make_article(
    title: str,
    text: str,
    published_at: datetime,
    *,
    publisher: str = "Harbour Post",
    entities: Sequence[Entity] = (),
    feed: bool = False,
    **columns: object,
) -> Article:
    """An article as the pipeline leaves it: revision, mentions where the entities' names stand, counts, search row."""
    house = make_publisher(publisher)
    url = f"https://{house.slug}.example/{slugify(title)}-{next(_numbers)}"
    made = Article.objects.create(
        publisher=house,
        url=url,
        url_sha256=hashlib.sha256(url.encode()).digest(),
        title=title,
        summary=text[:200],
        published_at=published_at,
        published_from="feed",
        fetched_at=published_at + timedelta(seconds=40),
        **{"language": "en", "stage": "done", **columns},
    )
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    revision = Revision.objects.create(
        article=made, number=1, title=title, text=text, text_sha256=digest, origin="feed"
    )
    Article.objects.filter(pk=made.pk).update(revision=revision)
    made.revision = revision
    mention_all(made, entities)
    index_articles([made.pk])
    index_entities([made.pk])
    if feed:
        source = make_feed(house, published_at)
        Sighting.objects.create(
            feed=source, article=made, guid=url, guid_sha256=made.url_sha256, entry_sha256=made.url_sha256,
            first_seen_at=published_at, changed_at=published_at,
        )  # fmt: skip
    return made


def mention_all(article: Article, entities: Sequence[Entity]) -> None:
    """Link every place where a name of the entities stands, and count them."""
    revision = article.revision
    assert revision is not None
    for entity in entities:
        found = 0
        for where, source in (("title", revision.title), ("text", revision.text)):
            taken = 0
            for alias in sorted((alias.text for alias in entity.aliases.all()), key=len, reverse=True):
                at = source.find(alias, taken)
                while at >= 0:
                    taken = at + len(alias)
                    found += 1
                    Mention.objects.create(
                        revision=revision, entity=entity, field=where, start=at, end=taken, text=alias,
                        kind=entity.kind, status="linked", score=0.9, rule_version="link-1",
                        why=[
                            {"code": "name", "words": "the full name stands here", "weight": 0.78},
                            {"code": "context", "words": "its field is spoken of", "weight": 0.12},
                        ],
                    )  # fmt: skip
                    at = source.find(alias, taken)
        ArticleEntity.objects.create(
            article=article, entity=entity, published_at=article.published_at, mentions=max(1, found)
        )
    change_days([(entity.pk, article.published_at, 1) for entity in entities])


def make_event(title: str, articles: Sequence[Article], **columns: object) -> Event:
    """An event of these articles with reasons, counted as placing counts them."""
    moments = [article.published_at for article in articles]
    owners = {article.publisher.owner or article.publisher.name for article in articles}
    made = Event.objects.create(
        title=title,
        shard="en",
        first_at=min(moments),
        last_at=max(moments),
        article_count=len(articles),
        publisher_count=len({article.publisher_id for article in articles}),
        owner_count=len(owners),
        rule_version="place-1",
        **columns,
    )
    for place, article in enumerate(articles):
        Membership.objects.create(
            article=article,
            event=made,
            score=1.0 if place == 0 else 0.82,
            why=[]
            if place == 0
            else [
                {"code": "entities", "words": "names the same two entities", "weight": 0.52},
                {"code": "lead", "words": "its first sentence says the same", "weight": 0.3},
            ],
            rule_version="place-1",
        )
    return made


@dataclass
class World:
    """What `make_world` made, by name."""

    entities: dict[str, Entity] = field(default_factory=dict)
    articles: list[Article] = field(default_factory=list)
    events: dict[str, Event] = field(default_factory=dict)


BRIDGE = (
    "The Halvard Bridge over the river Orne was closed to lorries on Tuesday after Norland Road Authority found cracks "
    "in two of its main cables.\n\nSkagen Steel AB, which made the cables, said that it would send engineers. Shares of "
    "Skagen Steel fell by four per cent.\n\nIngrid Tveit, who leads the authority, expects the repair to take eleven weeks."
)
WIND = (
    "Orne Energy Holdings will build forty wind turbines off Tessin, it said on Wednesday. Skagen Steel AB is to supply "
    "the towers.\n\nThe first power is expected in two years."
)


def make_world(now: datetime, *, copies: int = 1) -> World:
    """Two events, six entities and eight articles of the last three days; `copies` more of all articles' tellings."""
    made = World()
    names = made.entities
    names["skagen"] = make_entity(
        "Skagen Steel AB",
        ticker="SKST",
        names=("Skagen Steel",),
        country="NO",
        description="maker of steel cables",
    )
    names["orne"] = make_entity("Orne Energy Holdings", ticker="ORNE", names=("Orne Energy",), country="NO")
    names["road"] = make_entity("Norland Road Authority", "public_body", source="editorial")
    names["tveit"] = make_entity("Ingrid Tveit", "person", country="NO")
    make_position(names["tveit"], names["road"], "director", since="2021", kind="director")
    bridge = [names["road"], names["skagen"], names["tveit"]]
    wind = [names["orne"], names["skagen"]]
    tellers = ("Harbour Post", "Tessin Courier", "Kestrel Wire", "Lion City Business")
    for event, title, text, named, first in (
        ("bridge", "Halvard Bridge closed to lorries after cracks in its cables", BRIDGE, bridge, 26),
        ("wind", "Orne Energy to build forty turbines off Tessin", WIND, wind, 5),
    ):
        told = [
            make_article(
                f"{title}{'' if not place else f', says the {place + 1}th report'}",
                text,
                now - timedelta(hours=first - place * 0.5, minutes=7 * place),
                publisher=tellers[place % len(tellers)],
                entities=named,
                feed=place == 0,
            )
            for place in range(4 * copies)
        ]
        made.articles += told
        made.events[event] = make_event(title, told)
    return made
