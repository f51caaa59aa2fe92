"""What a line of a table says, in the knowledge base's terms, or why it says nothing; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from entities.types import AliasKind, EntityKind

Status = Literal["", "ended", "void"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table comes from and of what time it is, as it is written on every row made of it."""

    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody that a row speaks of beside others: numbers by (scheme, value), and a name where the table has one."""

    name: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.name or ", ".join(value for _, value in self.identifiers) or "(nobody)"


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
    an entity that is known: its table is too old or too bare to say by itself that a company is there. With `adds_names`
    False its names are good for finding and not for keeping: they are shortened, or written in capitals.
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
    adds_names: bool = True
    adds_line: bool = False  # its line is a fact by itself, although the row adds nobody
    lang: str = ""  # of the name
    # More countries that the table gives it, a seat beside the head office: none of them contradicts what is known.
    also_countries: tuple[str, ...] = ()
    # What a register says of the number itself: its bearer has ended, or the number was given by mistake (void). Such a
    # row speaks of nobody but the bearer of the number; `successor` is the number that stands for it now, of its scheme.
    status: Status = ""
    successor: str = ""

    @property
    def is_proved(self) -> bool:
        """Whether more than a name says who is meant: a number, or a market line."""
        return bool(self.identifiers or self.line or self.perhaps)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A person's post. Whoever is not known is added as a person; bodies are not."""

    number: int
    source: str
    as_of: str
    person: Party
    organization: Party
    title: str
    kind: str = "employee"  # entities.models.Position.Kind
    since: str = ""
    until: str = ""
    former: bool = False
    place: str = ""  # in the file, where a line number says too little


@dataclass(frozen=True, slots=True)
class OwnershipRow:
    """Who owns or consolidates whom: `kind` of entities.models.Ownership.Kind, `share` a fraction of 0..1 or None."""

    number: int
    source: str
    as_of: str
    owner: Party
    asset: Party
    kind: str
    share: float | None = None
    since: str = ""
    until: str = ""
    place: str = ""


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
    """A line that was left out. `is_bad` tells a faulty line from one that the table has and we do not want.

    `place` says where in the file when it has no lines: "entities[3].country". `why` is the same for all of a kind.
    """

    number: int
    why: str
    is_bad: bool = True
    place: str = ""


TableRow = EntityRow | PostRow | OwnershipRow | MarketRow | Reject
