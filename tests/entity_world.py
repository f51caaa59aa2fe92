"""An entity of which much is known: names, numbers, listings, owners, people, ten weeks of articles beside others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from articles.ingest.link import change_days
from articles.models import (
    Article,
    ArticleEntity,
    PositionEvidence,
    PositionProposal,
    Revision,
    SearchRow,
)
from entities.models import Alias, Entity, Exchange, Identifier, Listing, Ownership, Position, Security
from entities.names import fold
from tests.stories_world import AS_OF, SOURCE, make_entity, make_event, make_position, make_publisher

LEI = "529900ODI3047E2LIV03"


@dataclass
class Known:
    """What `make_known` made."""

    company: Entity
    person: Entity
    others: list[Entity] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)


@dataclass(frozen=True)
class Story:
    """An article to be made: it names entities and is about the first `about` of them."""

    number: int
    at: datetime
    entities: list[Entity]
    about: int = 0
    title: str = ""


def tell(number: int, at: datetime, entities: list[Entity], about: int = 0) -> Article:
    """One article, counted as the machine counts it."""
    return tell_all([Story(number, at, entities, about)])[0]


def tell_all(stories: list[Story], publisher: str = "Harbour Post") -> list[Article]:
    """Articles in a few statements, counted as the machine counts them."""
    house = make_publisher(publisher)
    made = []
    for story in stories:
        url = f"https://{house.slug}.example/told-{story.number}"
        title = story.title or f"Report {story.number} from the harbour"
        made.append(
            Article(
                publisher=house, url=url, url_sha256=hashlib.sha256(url.encode()).digest(), title=title, summary=title,
                language="en", published_at=story.at, published_from="feed",
                fetched_at=story.at + timedelta(seconds=40), stage="done",
            )
        )  # fmt: skip
    Article.objects.bulk_create(made)
    revisions = [
        Revision(
            article=article, number=1, title=article.title, text_sha256=article.url_sha256.hex(), origin="feed",
            text=f"{article.title}. " + " ".join(f"{entity.name} is named here." for entity in story.entities),
        )
        for article, story in zip(made, stories, strict=True)
    ]  # fmt: skip
    Revision.objects.bulk_create(revisions)
    for article, revision in zip(made, revisions, strict=True):
        article.revision = revision
    Article.objects.bulk_update(made, ["revision"])
    ArticleEntity.objects.bulk_create(
        ArticleEntity(
            article=article, entity=entity, published_at=story.at, mentions=2 if place < story.about else 1,
            about=place < story.about, salience=0.8 if place < story.about else 0.1,
            why=[{"code": "title", "words": "it stands in the title", "weight": 0.5}] if place < story.about else [],
        )
        for article, story in zip(made, stories, strict=True)
        for place, entity in enumerate(story.entities)
    )  # fmt: skip
    SearchRow.objects.bulk_create(
        SearchRow(
            article_id=article.pk, publisher_id=house.pk, published_at=article.published_at, title=article.title,
            language="en",
        )
        for article in made
    )  # fmt: skip
    change_days([(entity.pk, story.at, 1) for story in stories for entity in story.entities])
    return made


def make_known(now: datetime, *, others: int = 24, days: int = 70, loud: int = 12) -> Known:
    """The company with everything; two articles a day for `days`, `loud` more of them in the last two days."""
    company = make_entity(
        "Skagen Steel AB",
        ticker="SKST",
        names=("Skagen Steel",),
        country="NO",
        description="maker of steel cables",
    )
    Identifier.objects.create(entity=company, scheme="lei", value=LEI, source="GLEIF", as_of="2026-01")
    Entity.objects.filter(pk=company.pk).update(wikidata_id="Q4242")
    Alias.objects.create(
        entity=company, text="Skagen", folded=fold("Skagen"), kind="short", weak=True, right=3, wrong=1,
        source=SOURCE, as_of=AS_OF,
    )  # fmt: skip
    Alias.objects.create(
        entity=company, text="Cables", folded=fold("Cables"), kind="former", off_at=timezone.now(), off_by="ed",
        source=SOURCE, as_of=AS_OF,
    )  # fmt: skip
    exchange, _ = Exchange.objects.get_or_create(
        mic="XSKA", defaults={"name": "Exchange of Skagen", "source": SOURCE, "as_of": AS_OF}
    )
    old = Security.objects.create(issuer=company, isin="NO0010063308", source=SOURCE, as_of=AS_OF)
    Listing.objects.create(
        security=old, exchange=exchange, ticker="SKGN", valid_to=date(2024, 6, 28), source=SOURCE, as_of=AS_OF
    )
    person = make_entity("Ingrid Tveit", "person", country="NO")
    rival = make_entity("Anders Moe", "person", country="NO")
    make_position(person, company, "chief executive", since="2021-04", kind="employee")
    make_position(rival, company, "chairman", since="2015", until="2023", kind="director")
    parent, daughter = make_entity("Norland Holdings"), make_entity("Skagen Ropes")
    Ownership.objects.create(
        owner=parent, asset=company, kind="direct", share=0.62, since="2019", source="GLEIF", as_of="2026-01"
    )
    Ownership.objects.create(owner=company, asset=daughter, kind="direct", source="GLEIF", as_of="2026-01")
    made = Known(company, person)
    made.others = [
        make_entity(f"{name} {place + 1}", kind)
        for place, (name, kind) in enumerate(
            [("Tessin Ferries", "company"), ("Mara Quint", "person"), ("Port Authority", "public_body")]
            * (others // 3)
        )
    ]
    stories: list[Story] = []
    for day in range(days, -1, -1):
        for hour in (5, 11) if day else (5,):
            number = len(stories)
            at = now - timedelta(days=day, hours=hour % 3)
            beside = [made.others[(number * 7 + step) % len(made.others)] for step in range(number % 4)]
            stories.append(Story(number, at, [company, *dict.fromkeys(beside)], about=number % 3 == 0))
    for place in range(loud):
        title = f"Cables of the Halvard Bridge crack, part {place}"
        at = now - timedelta(hours=2 + place * 2)
        stories.append(Story(len(stories), at, [company, *made.others[: place % 6]], about=1, title=title))
    made.articles = tell_all(stories)
    make_event("Cables of the Halvard Bridge crack", made.articles[-loud:])
    stated = PositionProposal.objects.create(
        key=f"{rival.pk} chief executive {company.pk}", person=rival, organization=company, person_name="Anders Moe",
        organization_name="Skagen Steel", title="chief executive", first_at=now, last_at=now, articles=1,
    )  # fmt: skip
    quoted = made.articles[-1]
    assert quoted.revision is not None
    PositionEvidence.objects.create(
        proposal=stated, article=quoted, revision=quoted.revision, start=0, end=10,
        quote="Anders Moe, chief executive of Skagen Steel, said that the cables were sound.", published_at=now,
    )  # fmt: skip
    assert Position.objects.count() == 2
    return made
