"""Events in doubt for tests of decisions: two that are near each other, and articles that nearly went to the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from articles.models import Article, ArticleCopy, CopyGroup, Event, Membership
from entities.models import Entity
from tests.stories_world import make_article, make_entity, make_event


@dataclass(frozen=True)
class Doubts:
    """The rows: `here` has four articles (the last one a copy of the first), `there` two; two of `here` are in doubt."""

    crew: list[Entity]
    articles: list[Article]
    here: Event
    there: Event


def doubt(article: Article, runner_up: Event | None, unsure: str = "runner_up", score: float = 0.31) -> None:
    """Have the machine be unsure of an article's place."""
    Membership.objects.filter(article=article).update(
        unsure=unsure,
        score=score,
        threshold=0.245,
        runner_up=runner_up,
        runner_up_score=0.3,
        why=[{"code": "names", "words": "shares Skagen Steel AB (.16)", "weight": 0.16}],
    )


def copies(origin: Article, *others: Article) -> None:
    """Say that articles carry the text of one."""
    group = CopyGroup.objects.create(origin=origin, article_count=1 + len(others))
    for article, kind in ((origin, "origin"), *((other, "verbatim") for other in others)):
        ArticleCopy.objects.create(article=article, group=group, kind=kind, rule_version="copies-1")


def make_doubts(now: datetime) -> Doubts:
    """Two near events and two articles between them."""
    crew = [make_entity("Skagen Steel AB"), make_entity("Orne Energy Holdings")]
    told = [
        make_article(
            title,
            "Skagen Steel AB said so.",
            now - timedelta(hours=hours),
            publisher=publisher,
            entities=crew[: 1 + n % 2],
        )
        for n, (title, hours, publisher) in enumerate(
            (
                ("Cracked cables close Halvard Bridge", 9, "Harbour Post"),
                ("Halvard Bridge: repair of cables takes eleven weeks", 8, "Tessin Courier"),
                ("Cable maker looks at Halvard Bridge", 7, "Kestrel Wire"),
                ("Cracked cables close bridge, wire", 6, "Lion City Business"),
                ("Turbine cables of Orne arrive", 5, "Harbour Post"),
                ("Forty turbines off Tessin get their cables", 4, "Kestrel Wire"),
            )
        )
    ]
    copies(told[0], told[3])
    here, there = make_event(told[0].title, told[:4]), make_event(told[4].title, told[4:])
    for article in told[1:3]:
        doubt(article, there)
    return Doubts(crew, told, here, there)
