"""One question of the review queue with all that an editor needs to answer it; None when it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from articles.measures.posts import Post, contradictions, post_name
from articles.models import PositionEvidence, PositionProposal, Proposal
from articles.queries.chips import KIND_WORDS, Chip, chips_of
from articles.queries.countries import country_name
from articles.queries.review_kinds import FACT, LINK, NAME, PLACEMENT, POSITION, SAME, Question
from articles.queries.review_pairs import PairItem, pair_item
from articles.queries.review_passages import Passages, proposed_passages, unsure_passages
from articles.queries.review_placements import PlacementItem, placement_item
from entities.models import Alias, Conflict, Position
from entities.names import fold

QUOTES = 6
AKIN = 6  # other waiting names beside one
BESIDE = 12  # positions of the knowledge base beside a stated one
READ_BESIDE = 200  # among which they are looked for
# What the parts of a score are about, as the first column says it.
PARTS = {
    "full_name": "Name", "known_name": "Name", "weak_name": "Name", "native_name": "Name", "place_name": "Name",
    "short_name": "Name", "acronym": "Name", "common_word": "Ordinary word", "common_words": "Ordinary words",
    "prominence": "How well known", "ticker": "Ticker", "code": "Ticker", "market": "Words of the market",
    "cue": "Words near", "title": "Title", "headline": "Headline", "country": "Country", "related": "Company",
    "anchor": "Full name", "contact": "Contact", "capital": "Capital letter", "inside": "Part of a larger name",
    "sentence_start": "Capital letter", "person": "Person", "person_like": "Person", "role": "Position",
    "close": "Lead", "thin": "Evidence", "form": "Legal form", "announced": "Announced", "ner": "Language model",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score in words."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Row:
    """What speaks for and against each candidate under one heading, in the candidates' order."""

    name: str
    cells: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a name may mean, how sure the machine is, and what people said before: meant it, or did not."""

    chip: Chip
    score: float
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class LinkItem:
    """A name that may mean several: the candidates, what speaks for each, and where it stands."""

    question: Question
    candidates: tuple[Meant, ...]
    rows: tuple[Row, ...]
    passages: Passages
    kind = LINK

    @property
    def judged(self) -> bool:
        """Whether people decided about this name before."""
        return any(meant.right or meant.wrong for meant in self.candidates)


@dataclass(frozen=True, slots=True)
class Akin:
    """Another unknown name that waits and may be of the same: it begins alike, is short for it, or is written alike."""

    id: int
    key: str
    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class NameItem:
    """A name that nobody knows: how it is written, what articles call it, and whom it resembles."""

    question: Question
    name: str
    entity_kind: str
    kinds: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, int], ...]
    articles: int
    first_at: datetime
    last_at: datetime
    like: Chip | None
    like_why: str
    akin: tuple[Akin, ...]
    passages: Passages
    kind = NAME

    @property
    def kind_words(self) -> str:
        """The kind that most articles suggest."""
        return KIND_WORDS.get(self.entity_kind, self.entity_kind)


@dataclass(frozen=True, slots=True)
class FactItem:
    """A fact of a table that contradicts ours: both values with their sources."""

    question: Question
    entity: Chip
    field: str
    place: str
    ours: str
    ours_source: str
    theirs: str
    theirs_source: str
    theirs_as_of: str
    line: int
    at: datetime
    others: int
    kind = FACT

    @property
    def field_words(self) -> str:
        """The field within a sentence: "country", but "Wikidata item" and "ISIN"."""
        first = self.field.partition(" ")[0]
        return self.field if first.isupper() or first == "Wikidata" else self.field.lower()


@dataclass(frozen=True, slots=True)
class Quote:
    """Where an article states a position."""

    article_id: int
    title: str
    publisher: str
    published_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Held:
    """A position as the knowledge base has it."""

    person: str
    person_slug: str
    title: str
    organization: str
    organization_slug: str
    since: str
    until: str
    former: bool
    source: str
    as_of: str
    contradicts: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """Another position that articles state about the same person or post, still open."""

    key: str
    person: str
    title: str
    organization: str
    former: bool
    articles: int


@dataclass(frozen=True, slots=True)
class PositionItem:
    """A position that articles state, what the knowledge base has, and what contradicts it."""

    question: Question
    person: Chip | None
    person_name: str
    organization: Chip | None
    organization_name: str
    title: str
    former: bool
    articles: int
    quotes: tuple[Quote, ...]
    held: tuple[Held, ...]
    others: tuple[Stated, ...]
    kind = POSITION

    @property
    def is_whole(self) -> bool:
        """Whether both are known, so that it can be accepted."""
        return self.person is not None and self.organization is not None


Item = LinkItem | NameItem | PairItem | FactItem | PositionItem | PlacementItem


def review_item(question: Question) -> Item | None:
    """The question with its evidence, at most five queries; None when it waits no longer."""
    if question.kind == LINK:
        return _link(question)
    if question.kind == NAME:
        return _name(question)
    if question.kind == SAME:
        return pair_item(question)
    if question.kind == FACT:
        return _fact(question)
    if question.kind == PLACEMENT:
        return placement_item(question)
    return _position(question)


def _link(question: Question) -> LinkItem | None:
    passages = unsure_passages(question.surface, question.candidates)
    if not passages.rows:
        return None
    newest = passages.rows[0].candidates
    chips = chips_of(question.candidates)
    trust: dict[int, tuple[int, int]] = {}
    for entity_id, right, wrong in Alias.objects.filter(
        entity_id__in=question.candidates, folded=fold(question.surface)
    ).values_list("entity_id", "right", "wrong"):
        had = trust.get(entity_id, (0, 0))
        trust[entity_id] = (had[0] + right, had[1] + wrong)
    found = [candidate for candidate in newest if candidate["entity"] in chips]
    return LinkItem(
        question,
        tuple(
            Meant(chips[one["entity"]], float(one["score"]), *trust.get(one["entity"], (0, 0)))
            for one in found
        ),
        _rows([one.get("why", ()) for one in found]),
        passages,
    )


def _rows(whys: Sequence[Iterable[Mapping[str, Any]]]) -> tuple[Row, ...]:
    """The parts of several scores beside each other, under one heading each, in the order of the first that has it."""
    found: dict[str, list[list[Part]]] = {}
    for at, why in enumerate(whys):
        for part in why:
            code = str(part.get("code", ""))
            name = PARTS.get(code, code.replace("_", " ").capitalize() or "Evidence")
            cells = found.setdefault(name, [[] for _ in whys])
            cells[at].append(Part(str(part.get("words", "")), float(part.get("weight", 0.0))))
    return tuple(Row(name, tuple(tuple(cell) for cell in cells)) for name, cells in found.items())


def _name(question: Question) -> NameItem | None:
    row = Proposal.objects.filter(pk=question.number, state="open").select_related("like").first()
    if row is None:
        return None
    chips = chips_of([row.like_entity_id] if row.like_entity_id else ())
    return NameItem(
        question,
        name=row.name,
        entity_kind=row.kind,
        kinds=tuple((KIND_WORDS.get(kind, kind), n) for kind, n in _most(row.kinds)),
        names=_most(row.names),
        articles=row.articles,
        first_at=row.first_at,
        last_at=row.last_at,
        like=chips.get(row.like_entity_id or 0),
        like_why=row.like_why,
        akin=_akin(row),
        passages=proposed_passages(row.pk),
    )


def _akin(row: Proposal) -> tuple[Akin, ...]:
    """Waiting names that are like this one, begin with all of it, or are all of its beginning; most articles first."""
    words = row.key.split()
    beginnings = [" ".join(words[:count]) for count in range(1, len(words))]
    alike = Q(like=row) | Q(pk=row.like_id or 0)
    found = (
        Proposal.objects.filter(
            alike | Q(key__startswith=f"{row.key} ") | Q(key__in=beginnings),
            state="open",
            articles__gt=0,
            askable=True,
        )
        .exclude(pk=row.pk)
        .order_by("-articles", "id")
        .values_list("id", "name", "articles")[:AKIN]
    )
    return tuple(Akin(pk, Question(NAME, number=pk).key, name, n) for pk, name, n in found)


def _most(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _fact(question: Question) -> FactItem | None:
    row = Conflict.objects.filter(pk=question.number, decision="").first()
    chips = chips_of([row.entity_id] if row else ())
    if row is None or row.entity_id not in chips:
        return None
    return FactItem(
        question,
        entity=chips[row.entity_id],
        field=row.get_field_display(),
        place=row.place,
        ours=_value(row.field, row.ours),
        ours_source=row.ours_source,
        theirs=_value(row.field, row.theirs),
        theirs_source=row.theirs_source,
        theirs_as_of=row.theirs_as_of,
        line=row.line,
        at=row.at,
        others=Conflict.objects.filter(entity_id=row.entity_id, decision="").exclude(pk=row.pk).count(),
    )


def _value(field: str, value: str) -> str:
    """A value as a person reads it: a country by its name, the code behind it."""
    name = country_name(value) if field == Conflict.Field.COUNTRY else value
    return name if name == value else f"{name} ({value})"


def _position(question: Question) -> PositionItem | None:
    row = PositionProposal.objects.filter(pk=question.number, state="open").first()
    if row is None:
        return None
    chips = chips_of(pk for pk in (row.person_id, row.organization_id) if pk)
    quotes = (
        PositionEvidence.objects.filter(proposal_id=row.pk)
        .order_by("-published_at", "-id")
        .values_list("article_id", "article__title", "article__publisher__name", "published_at", "quote")[
            :QUOTES
        ]
    )
    return PositionItem(
        question,
        person=chips.get(row.person_id or 0),
        person_name=row.person_name,
        organization=chips.get(row.organization_id or 0),
        organization_name=row.organization_name,
        title=row.title,
        former=row.former,
        articles=row.articles,
        quotes=tuple(Quote(*quote) for quote in quotes),
        held=_held(row),
        others=_others(row),
    )


def _held(row: PositionProposal) -> tuple[Held, ...]:
    """What the knowledge base has of the person, and of the organisation what is the same post or contradicts this one."""
    wanted = Q(pk=None)
    if row.person_id:
        wanted |= Q(person_id=row.person_id)
    if row.organization_id:
        wanted |= Q(organization_id=row.organization_id)
    read = list(
        Position.objects.filter(wanted)
        .order_by("former", "-since", "id")
        .values(
            "id", "person_id", "person__name", "person__slug", "title", "organization_id", "organization__name",
            "organization__slug", "since", "until", "former", "source", "as_of",
        )[:READ_BESIDE]
    )  # fmt: skip
    against = _against(row, read)
    post = post_name(row.title)
    found = [
        one
        for one in read
        if one["id"] in against or one["person_id"] == row.person_id or post_name(one["title"]) == post
    ]
    found.sort(key=lambda one: one["id"] not in against)
    return tuple(
        Held(
            person=one["person__name"],
            person_slug=one["person__slug"],
            title=one["title"],
            organization=one["organization__name"],
            organization_slug=one["organization__slug"],
            since=one["since"],
            until=one["until"],
            former=one["former"],
            source=one["source"],
            as_of=one["as_of"],
            contradicts=one["id"] in against,
        )
        for one in found[:BESIDE]
    )


def _against(row: PositionProposal, held: Sequence[Mapping[str, Any]]) -> set[int]:
    """The positions that cannot be true beside a stated one, by the rule of the pages of entities."""
    ours = Post(
        "stated",
        str(row.person_id or row.person_name),
        str(row.organization_id or row.organization_name),
        row.title,
        former=row.former,
    )
    theirs = [
        Post(
            str(one["id"]), str(one["person_id"]), str(one["organization_id"]), one["title"], one["since"],
            one["until"], one["former"],
        )
        for one in held
    ]  # fmt: skip
    return {int(key) for key in contradictions([ours, *theirs]).get(ours.key, ())}


def _others(row: PositionProposal) -> tuple[Stated, ...]:
    """Open proposals about the same person at the same organisation, or the same title there."""
    wanted = Q(pk=None)
    if row.organization_id:
        wanted |= Q(organization_id=row.organization_id, title__iexact=row.title)
    if row.person_id and row.organization_id:
        wanted |= Q(person_id=row.person_id, organization_id=row.organization_id)
    found = (
        PositionProposal.objects.filter(wanted, state="open").exclude(pk=row.pk).order_by("-articles", "id")
    )
    return tuple(
        Stated(
            Question(POSITION, number=one.pk).key,
            one.person_name,
            one.title,
            one.organization_name,
            one.former,
            one.articles,
        )
        for one in found[:BESIDE]
    )


def why_gone(question: Question) -> str:
    """Who settled a question that waits no longer, as a sentence."""
    by = ""
    if question.kind == NAME:
        by = Proposal.objects.filter(pk=question.number).values_list("decided_by", flat=True).first() or ""
    elif question.kind == FACT:
        by = Conflict.objects.filter(pk=question.number).values_list("decided_by", flat=True).first() or ""
    elif question.kind == POSITION:
        by = (
            PositionProposal.objects.filter(pk=question.number).values_list("decided_by", flat=True).first()
            or ""
        )
    if by:
        return f"{by} decided it meanwhile, so there is nothing left to do here."
    return "Somebody decided it, or its articles read otherwise by now, so there is nothing left to do here."
