"""What waits for an editor, for tests of the review pages: one question of each kind, or as many as are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from articles.models import (
    Article,
    Mention,
    PositionEvidence,
    PositionProposal,
    Proposal,
    ProposalArticle,
)
from entities.models import Conflict, Entity, Resemblance
from entities.names import proposal_key
from tests.factories import make_article, make_entity, make_listing, make_publisher, name_in

SENTENCE = "Traders in Halvard said that {name} kept most of its gain. The rest of the board was quiet."


@dataclass(frozen=True)
class Waiting:
    """The rows behind the questions."""

    bank: Entity
    school: Entity
    article: Article
    proposal: Proposal
    pair: Resemblance
    conflict: Conflict
    position: PositionProposal


def unsure_of(article: Article, surface: str, *candidates: Entity) -> list[Mention]:
    """Each place of a name in an article as one that may mean several."""
    scores = [
        {
            "entity": one.pk,
            "score": round(0.64 - 0.1 * place, 2),
            "why": [
                {"code": "weak_name", "words": f"short name of {one.name}", "weight": 0.4},
                {"code": "cue", "words": "gain, board", "weight": round(0.24 - 0.1 * place, 2)},
            ],
        }
        for place, one in enumerate(candidates)
    ]
    return name_in(article, surface, None, status="ambiguous", candidates=scores)


def propose(name: str, *articles: Article, kind: str = "company", **columns: object) -> Proposal:
    """An unknown name with the articles that use it."""
    made = Proposal.objects.create(
        key=proposal_key(name),
        name=name,
        kind=kind,
        kinds={kind: len(articles)},
        names={name: len(articles)},
        articles=len(articles),
        first_at=min(one.published_at for one in articles),
        last_at=max(one.published_at for one in articles),
        **columns,
    )
    for one in articles:
        name_in(one, name, None, status="proposed", proposal=made)
        ProposalArticle.objects.create(
            proposal=made, article=one, name=name, kind=kind, published_at=one.published_at
        )
    return made


def alike(left: Entity, right: Entity, score: float = 0.8) -> Resemblance:
    """Two entities that may be one."""
    first, second = sorted((left, right), key=lambda one: one.pk)
    why = [{"code": "name", "words": "their names are alike", "weight": score}]
    return Resemblance.objects.create(left=first, right=second, score=score, why=why)


def contradict(entity: Entity, ours: str = "HK", theirs: str = "CN", source: str = "Register") -> Conflict:
    """A table that has another country."""
    return Conflict.objects.create(
        entity=entity, field="country", ours=ours, ours_source="test", theirs=theirs, theirs_source=source,
        theirs_as_of="2026-03", line=12,
    )  # fmt: skip


def state(person: Entity, title: str, organization: Entity, article: Article) -> PositionProposal:
    """A position that an article states."""
    made = PositionProposal.objects.create(
        key=f"{person.pk}|{title}|{organization.pk}",
        person=person,
        organization=organization,
        person_name=person.name,
        organization_name=organization.name,
        title=title,
        first_at=article.published_at,
        last_at=article.published_at,
        articles=1,
    )
    assert article.revision is not None
    PositionEvidence.objects.create(
        proposal=made, article=article, revision=article.revision, start=0, end=10,
        quote=f"{person.name}, {title} of {organization.name}", published_at=article.published_at,
    )  # fmt: skip
    return made


def make_waiting() -> Waiting:
    """One question of each kind."""
    now = timezone.now()
    bank = make_entity("Fudal Bank", aliases=["Fudal"], country="HK")
    school = make_entity("Fudal University", kind="organization", aliases=["Fudal"], country="HK")
    make_listing(bank, "1385")
    text = SENTENCE.format(name="Fudal")
    article = make_article("Small names lead the board", text, published_at=now - timedelta(hours=2))
    unsure_of(article, "Fudal", bank, school)
    second = make_article(
        "Board looks back", f"{text}\n\nMore of Fudal later.", publisher=make_publisher("Kowl Wire"),
        published_at=now - timedelta(hours=5),
    )  # fmt: skip
    unsure_of(second, "Fudal", bank, school)
    named = [
        make_article(
            f"Intral {n}", SENTENCE.format(name="Intral Metals"), published_at=now - timedelta(hours=n)
        )
        for n in (3, 4)
    ]
    person = make_entity("Zhao Wei", kind="person")
    return Waiting(
        bank=bank,
        school=school,
        article=article,
        proposal=propose("Intral Metals", *named),
        pair=alike(make_entity("Semi Works"), make_entity("Semi Works International")),
        conflict=contradict(bank),
        position=state(
            person, "chairman", bank, make_article("Heads", "Zhao Wei, chairman of Fudal Bank, spoke.")
        ),
    )
