"""Values of the lexicon: names go in, mentions with reasons come out; free of Django, network and clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EntityKind = Literal["person", "company", "organization", "public_body", "place", "other"]
AliasKind = Literal["legal", "short", "former", "acronym", "native", "ticker", "name"]
TextField = Literal["title", "text"]
# A name that a desk follows; what stands besides (a people, an event, a name in a line of the page); a pronoun.
MentionForm = Literal["name", "besides", "pronoun"]
MentionStatus = Literal["linked", "ambiguous", "proposed"]


@dataclass(frozen=True, slots=True)
class LexiconAlias:
    """One name of one entity as the automaton knows it. `weak` names link only beside other evidence."""

    entity_id: int
    text: str
    kind: AliasKind
    weak: bool = False
    lang: str = ""


@dataclass(frozen=True, slots=True)
class LexiconEntity:
    """What scoring needs to know of an entity. `mics` are the markets of its current listings."""

    id: int
    slug: str
    name: str
    kind: EntityKind
    country: str = ""
    tickers: tuple[tuple[str, str], ...] = ()  # (ticker, MIC) of current listings
    prominence: float = 0.0  # 0..1: how likely an unqualified name means this one


@dataclass(frozen=True, slots=True)
class Why:
    """One part of a score: a stable code, the sentence a person reads, and what it added."""

    code: str
    words: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a mention may mean, with the parts of its score."""

    entity_id: int
    score: float
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class FoundMention:
    """A name in a text. Offsets are Unicode code points in its field, `end` exclusive.

    `entity_id` is None unless the status is "linked"; `candidates` are best first.
    """

    field: TextField
    start: int
    end: int
    text: str
    kind: EntityKind
    status: MentionStatus
    entity_id: int | None
    score: float
    why: tuple[Why, ...]
    candidates: tuple[Candidate, ...] = ()
    decided_by: str = ""  # whose decision this obeys; empty: the machine's own
    rule_id: int | None = None  # the NameRule that it obeys
    label: str = ""  # of a proposed one: the whole name that it stands for, in plain form
    form: MentionForm = "name"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a name in one text. `entity_id` None: the name is nothing that we follow.

    Without field, start and end it holds for each occurrence of the surface in the text.
    """

    surface: str
    entity_id: int | None
    by: str
    field: TextField | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class NameRule:
    """A person's correction that holds in every text where it applies: what a name means.

    `entity_id` None: the name is nothing that we follow. With `beside` it holds only in texts that also name that
    entity. A decision on the text itself stands over it.
    """

    id: int
    surface: str
    entity_id: int | None
    by: str
    why: str = ""
    beside: int | None = None


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """What a language model calls a name; its label is a vote, never the last word."""

    field: TextField
    start: int
    end: int
    label: str  # of the model: PERSON, ORG, GPE, LOC, FAC, NORP, PRODUCT, ...


@dataclass(frozen=True, slots=True)
class Salient:
    """How much a text is about a linked entity (0..1), and why."""

    entity_id: int
    salience: float
    about: bool
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class FoundRole:
    """A position that the text states: person, title, organisation (names as written) and its quote."""

    person: str
    title: str
    organization: str
    start: int
    end: int
    quote: str
    person_id: int | None = None  # where the name is linked
    organization_id: int | None = None
    former: bool = False  # the text says that it has ended


@dataclass(frozen=True, slots=True)
class LinkedText:
    """All that the lexicon says of one text."""

    mentions: tuple[FoundMention, ...]
    roles: tuple[FoundRole, ...] = ()
    salience: tuple[Salient, ...] = ()  # one for each linked entity, the most salient first
    # Of the forms "besides" and "pronoun", by field and start, none over another or over a mention; only when asked for.
    besides: tuple[FoundMention, ...] = ()
