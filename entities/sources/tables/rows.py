"""What a line of a table says, in the knowledge base's terms, or why it says nothing; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from entities.types import AliasKind, EntityKind


@dataclass(frozen=True, slots=True)
class NameRow:
    """One more name of whom a row speaks of."""

    text: str
    kind: AliasKind
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A current market line as the row gives it. `isin` is of the security behind it."""

    mic: str
    ticker: str
    currency: str = ""
    isin: str = ""
    share_class: str = ""  # FIGI of the class of shares: lines with the same one are one security


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One entity as one line of a table speaks of it; `number` is the line in the file, counted from 1.

    `country` is the entity's own (ISO 3166-1 alpha-2), never that of a market. With `may_add` False the row only adds to
    an entity that is known: its table is too old or too bare to say by itself that a company is there.
    """

    number: int
    source: str
    as_of: str
    kind: EntityKind
    name: str
    country: str = ""
    description: str = ""
    names: tuple[NameRow, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()  # (scheme, value); wikidata among them
    line: Line | None = None
    may_add: bool = True
    is_member: bool = False  # of a large index: its short names are used without more words
    # Lines that it may be known by when the table does not say on which market a ticker stands.
    perhaps: tuple[Line, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class PostRow:
    """A person's post, both parties by name and Wikidata id ("" when the table has none)."""

    number: int
    source: str
    as_of: str
    person: str
    person_wikidata: str
    organization: str
    organization_wikidata: str
    title: str
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market of ISO 10383."""

    number: int
    source: str
    as_of: str
    mic: str
    name: str
    operating_mic: str
    country: str
    city: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was left out. `is_bad` tells a faulty line from one that the table has and we do not want."""

    number: int
    why: str
    is_bad: bool = True


TableRow = EntityRow | PostRow | MarketRow | Reject
