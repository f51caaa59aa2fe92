"""Facts on their way into the knowledge base: what a source says of an entity, with its source and date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from stdnum import figi, isin, lei

from entities.types import AliasKind, EntityKind

DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
TICKER = re.compile(r"[A-Z0-9][A-Z0-9.&+\-]{0,23}")
NUMBERED_SCHEMES = {"cik": re.compile(r"[1-9]\d{0,9}"), "wikidata": re.compile(r"Q[1-9]\d*")}


@dataclass(frozen=True, slots=True)
class EntityFact:
    """Who or what is meant. `slug` is only a key within one batch when the entity is known already."""

    slug: str
    kind: EntityKind
    name: str
    source: str
    as_of: str
    country: str = ""
    description: str = ""
    wikidata_id: str = ""
    prominence: float = 0.0


@dataclass(frozen=True, slots=True)
class AliasFact:
    """One name of the entity `slug`."""

    slug: str
    text: str
    kind: AliasKind
    source: str
    as_of: str
    weak: bool = False
    lang: str = ""


@dataclass(frozen=True, slots=True)
class IdentifierFact:
    """One identifier of the entity `slug` in a public scheme."""

    slug: str
    scheme: str
    value: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class ListingFact:
    """A current line of the issuer `slug`. Facts of one issuer with the same `line` are one security."""

    slug: str
    mic: str
    ticker: str
    source: str
    as_of: str
    line: int = 1
    security: str = "equity"
    isin: str = ""
    isin_source: str = ""
    isin_as_of: str = ""
    currency: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class PositionFact:
    """A person's post at an organisation, both by slug."""

    person: str
    organization: str
    title: str
    source: str
    as_of: str
    kind: str = "employee"
    since: str = ""
    until: str = ""
    former: bool = False


@dataclass(frozen=True, slots=True)
class OwnershipFact:
    """Who owns or consolidates whom, both by slug; `share` is a fraction of 0..1 or unknown."""

    owner: str
    asset: str
    kind: str
    source: str
    as_of: str
    share: float | None = None
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class FactBatch:
    """What one source says, in one piece."""

    entities: tuple[EntityFact, ...] = ()
    aliases: tuple[AliasFact, ...] = ()
    identifiers: tuple[IdentifierFact, ...] = ()
    listings: tuple[ListingFact, ...] = ()
    positions: tuple[PositionFact, ...] = ()
    ownerships: tuple[OwnershipFact, ...] = ()
    void: tuple[IdentifierFact, ...] = ()  # numbers that their register has taken back
    dropped: tuple[tuple[str, str, str], ...] = ()  # (slug, text, source): names given once and not any more


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did to the tables, in rows, and what it refused, in sentences."""

    name: str
    added: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        added = ", ".join(f"{n:,} {what}" for what, n in self.added.items() if n) or "nothing new"
        updated = ", ".join(f"{n:,} {what}" for what, n in self.updated.items() if n)
        changed = f"; changed {updated}" if updated else ""
        refused = f"; refused {len(self.refused):,}" if self.refused else ""
        return f"{self.name}: {added}{changed}{refused} ({self.seconds:.1f} s)"


@lru_cache(maxsize=65_536)
def isin_is_valid(value: str) -> bool:
    """Whether the twelve characters of an ISIN (ISO 6166) agree with its check digit."""
    return isin.compact(value) == value and bool(isin.is_valid(value))


def identifier_is_valid(scheme: str, value: str) -> bool:
    """Whether an identifier is well formed; check digits are tested where the scheme has them."""
    if scheme == "isin":
        return isin_is_valid(value)
    if scheme == "lei":
        return bool(lei.is_valid(value))
    if scheme == "figi":
        return figi.compact(value) == value and bool(figi.is_valid(value))
    known = NUMBERED_SCHEMES.get(scheme)
    return bool(value) if known is None else known.fullmatch(value) is not None


def find_conflicts(batch: FactBatch, mics: Iterable[str]) -> list[str]:
    """Say in sentences what in a batch contradicts itself or the standards; an empty list means sound."""
    known_mics = frozenset(mics)
    slugs = [fact.slug for fact in batch.entities]
    known = frozenset(slugs)
    problems = [f"entity {slug} is given twice" for slug in _repeated(slugs)]
    lines = [f"{fact.ticker} {fact.mic}" for fact in batch.listings]
    problems += [f"listing {line} is given twice" for line in _repeated(lines)]
    owners: dict[str, tuple[str, int]] = {}
    for fact in batch.listings:
        where = f"listing {fact.ticker} {fact.mic} of {fact.slug}"
        if fact.mic not in known_mics:
            problems.append(f"{where}: the market is unknown")
        if not TICKER.fullmatch(fact.ticker):
            problems.append(f"{where}: the ticker is not well formed")
        if fact.isin and not isin_is_valid(fact.isin):
            problems.append(f"{where}: the check digit of ISIN {fact.isin} is wrong")
        if fact.isin and owners.setdefault(fact.isin, (fact.slug, fact.line)) != (fact.slug, fact.line):
            problems.append(f"{where}: ISIN {fact.isin} belongs to {owners[fact.isin][0]}, too")
    problems += [
        f"identifier {fact.scheme}:{fact.value} of {fact.slug} is not valid"
        for fact in batch.identifiers
        if not identifier_is_valid(fact.scheme, fact.value)
    ]
    problems += [
        f"position of {fact.person} at {fact.organization} has no date"
        for fact in batch.positions
        if not DATE.fullmatch(fact.as_of)
    ]
    given = {(fact.slug, fact.text) for fact in batch.aliases}
    problems += [
        f"{slug} has the name {text} and has lost it"
        for slug, text, _ in batch.dropped
        if (slug, text) in given
    ]
    mentioned = {fact.slug for fact in batch.aliases} | {fact.slug for fact in batch.identifiers}
    mentioned |= {fact.slug for fact in batch.listings}
    mentioned |= {slug for fact in batch.positions for slug in (fact.person, fact.organization)}
    mentioned |= {slug for fact in batch.ownerships for slug in (fact.owner, fact.asset)}
    problems += [f"{slug} is spoken of but is no entity" for slug in sorted(mentioned - known)]
    return problems


def _repeated(values: list[str]) -> list[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for value in values:
        (twice if value in seen else seen).add(value)
    return sorted(twice)
