"""Stories of our own invention, told by several publishers, and the rows that hold them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from articles.models import Article, Publisher, Revision

START = datetime(2026, 3, 10, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """One telling of a story."""

    story: str
    source: str
    hours: int
    title: str
    text: str

    @property
    def published(self) -> datetime:
        return START + timedelta(hours=self.hours)


BRIDGE = (
    "The Halvard Bridge over the river Orne was closed to lorries on Tuesday after inspectors found cracks in two of "
    "its main cables. Engineers of the Norland Road Authority said that the cracks were no longer than a hand but had "
    "grown since the autumn. Ferries at Tessin will run every twenty minutes until the cables are replaced. The "
    "authority expects the repair to take eleven weeks and to cost forty million crowns. Hauliers called the detour "
    "through the Kestrel Pass a disaster for the fish trade, which sends sixty lorries a day across the bridge."
)
BRIDGE_AGAIN = (
    "Lorries may not use the Halvard Bridge from today. Two main cables are cracked, the Norland Road Authority said, "
    "and a repair of eleven weeks lies ahead. Fishermen at Tessin fear for their trade: their lorries must now cross "
    "the Kestrel Pass or wait for ferries. An inspector who asked not to be named said that the cracks in the cables "
    "had been seen in the autumn and reported twice."
)
VACCINE = (
    "Pellmore Laboratories said on Wednesday that its vaccine against river fever protected nine of ten children in a "
    "trial in Sarnia. The company followed four thousand children for two years. Doctor Ines Vandal, who led the "
    "trial, said that no serious side effects had been found. Sarnia's ministry of health will decide in May whether "
    "to buy the vaccine. Shares of Pellmore rose by a tenth in early dealings."
)
VACCINE_AGAIN = (
    "A vaccine against river fever made by Pellmore Laboratories worked in ninety per cent of the children who got "
    "it, a trial in Sarnia shows. River fever kills three thousand people a year there. Ines Vandal of Pellmore told "
    "reporters that the children would be watched for another year. The ministry of health in Sarnia called the "
    "figures hopeful."
)
ELECTION = (
    "Voters in Castellane chose Mara Quint as their president on Sunday, the electoral board said after counting nine "
    "tenths of the ballots. Quint, a former judge, had fifty-four per cent; Governor Aldo Ferrant conceded shortly "
    "before midnight. She promised to end the emergency laws in the mining province of Uvda. Observers from the "
    "Union of Southern States spoke of an orderly election with long queues."
)
ELECTION_AGAIN = (
    "Mara Quint will be the next president of Castellane. The former judge beat Governor Aldo Ferrant by ten points, "
    "the electoral board announced. Ferrant congratulated her and asked his voters to accept the result. Quint said "
    "that her first act would be to lift the emergency laws in Uvda."
)

STREAM = (
    Told("bridge", "norland-herald", 0, "Cracked cables close Halvard Bridge to lorries", BRIDGE),
    Told("vaccine", "sarnia-post", 2, "River fever vaccine protects nine in ten children", VACCINE),
    Told(
        "bridge",
        "tessin-times",
        3,
        "Halvard Bridge: repair of cracked cables to take eleven weeks",
        BRIDGE_AGAIN,
    ),
    Told(
        "bridge",
        "coast-daily",
        4,
        "Bridge closed",
        "COAST (Coastwire) - " + BRIDGE + " Read more on our site.",
    ),
    Told("election", "castellane-today", 5, "Mara Quint elected president of Castellane", ELECTION),
    Told("vaccine", "medical-letter", 6, "Pellmore's river fever vaccine works in trial", VACCINE_AGAIN),
    Told("election", "southern-mail", 8, "Quint beats Ferrant in Castellane", ELECTION_AGAIN),
    Told("vaccine", "market-wire", 9, "Pellmore shares up", ". ".join(VACCINE.split(". ")[:3]) + "."),
    Told("bridge", "fish-news", 400, "Halvard Bridge cables cracked again", BRIDGE_AGAIN),
)


def publisher(name: str, owner: str = "") -> Publisher:
    return Publisher.objects.get_or_create(slug=name, defaults={"name": name, "owner": owner})[0]


def store_article(told: Told, *, language: str = "en", batch: int = 1) -> Article:
    """An article with its text, linked and waiting for its event."""
    url = f"https://{told.source}.example/{told.story}/{told.hours}"
    article = Article.objects.create(
        publisher=publisher(told.source),
        url=url,
        url_sha256=hashlib.sha256(url.encode()).digest(),
        title=told.title,
        language=language,
        published_at=told.published,
        published_from="feed",
        fetched_at=told.published,
        stage=Article.Stage.LINKED,
        batch=batch,
    )
    revise(article, told.title, told.text)
    return article


def revise(article: Article, title: str, text: str) -> Revision:
    """Another text of the article."""
    number = article.revisions.count() + 1
    revision = Revision.objects.create(
        article=article,
        number=number,
        title=title,
        text=text,
        text_sha256=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest(),
        origin=Revision.Origin.PAGE,
    )
    Revision.objects.filter(pk=revision.pk).update(created_at=timezone.now())
    article.revision, article.title = revision, title
    article.save(update_fields=["revision", "title"])
    return revision
