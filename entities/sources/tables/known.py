"""Whom the knowledge base knows, by number, by market line and by name: what rows of a table are held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from entities.models import Alias, Entity, Identifier, Listing, Security
from entities.names import fold, strip_legal
from entities.sources.tables.rows import EntityRow

PORTION = 5000
# Of the words of two names, so many must be the same for one company to bear both.
ALIKE = 0.6
_OTHER_NAME = "A company of another name holds its line or ISIN: the two are told as a conflict."
_NAMESAKES = "Several entities of its country bear its name."


@dataclass(slots=True)
class KnownEntity:
    """An entity as an import needs it. `names` are folded names without their legal forms."""

    id: int
    slug: str
    name: str
    kind: str
    country: str
    source: str
    prominence: float
    is_closed: bool  # a person edited it: importers leave it alone
    names: set[str] = field(default_factory=set)
    identifiers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    isins: set[str] = field(default_factory=set)
    lines: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whom a row speaks of; or why that cannot be told, and who holds its line or ISIN under another name."""

    entity: KnownEntity | None
    why: str = ""
    holder: KnownEntity | None = None


class Known:
    """All entities that are not merged into others, with the ways to find them."""

    def __init__(self) -> None:
        self.by_id: dict[int, KnownEntity] = {
            row[0]: KnownEntity(*row)
            for row in Entity.objects.filter(merged_into__isnull=True)
            .values_list("pk", "slug", "name", "kind", "country", "source", "prominence", "edited_by_human")
            .iterator(PORTION)
        }
        self.by_line: dict[tuple[str, str], int] = {}
        self.line_isins: dict[tuple[str, str], tuple[str, str]] = {}  # (ISIN, its source)
        self.by_number: dict[tuple[str, str], int] = {}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self.taken: set[str] = set()  # folded names of entities that were chosen by hand
        self._read_lines()
        self._read_numbers()
        self._read_names()

    def find(self, row: EntityRow) -> Finding:
        """The entity that a row speaks of, or why it cannot be told; nothing of either when nobody is known.

        Numbers count most, then a market line or an ISIN whose holder bears a like name, then the name with the country.
        """
        for scheme, value in row.identifiers:
            held = self.by_number.get((scheme, value))
            if held is not None:
                return Finding(self.by_id[held])
        names = names_of_row(row)
        lines = [row.line] if row.line is not None else list(row.perhaps)
        holders = [
            self.by_line[line.mic, line.ticker] for line in lines if (line.mic, line.ticker) in self.by_line
        ]
        holders += [
            held
            for line in lines
            if line.isin and (held := self.by_number.get(("isin", line.isin))) is not None
        ]
        alike = [held for held in holders if are_alike(names, self.by_id[held].names)]
        if alike:
            return Finding(self.by_id[alike[0]])
        if holders and row.line is not None:
            return Finding(None, _OTHER_NAME, self.by_id[holders[0]])
        namesakes = {
            one
            for name in names
            for one in self._by_name.get(name, ())
            if self.by_id[one].kind == row.kind and row.country and self.by_id[one].country == row.country
        }
        if len(namesakes) == 1:
            return Finding(self.by_id[namesakes.pop()])
        return Finding(None, _NAMESAKES if namesakes else "")

    def _read_lines(self) -> None:
        rows = Listing.objects.filter(valid_to__isnull=True).values_list(
            "exchange_id", "ticker", "security__issuer_id", "security__isin", "security__source"
        )
        for mic, ticker, issuer, isin, source in rows.iterator(PORTION):
            if issuer in self.by_id:
                self.by_line[mic, ticker] = issuer
                self.by_id[issuer].lines.add((mic, ticker))
                if isin:
                    self.line_isins[mic, ticker] = (isin, source)

    def _read_numbers(self) -> None:
        numbers: list[Iterable[tuple[int, str, str]]] = [
            Identifier.objects.values_list("entity_id", "scheme", "value").iterator(PORTION),
            (
                (pk, "wikidata", value)
                for pk, value in Entity.objects.exclude(wikidata_id="").values_list("pk", "wikidata_id")
            ),
            (
                (pk, "isin", value)
                for pk, value in Security.objects.exclude(isin="").values_list("issuer_id", "isin")
            ),
        ]
        for source in numbers:
            for pk, scheme, value in source:
                if pk in self.by_id:
                    self.by_number[scheme, value] = pk
                    self.by_id[pk].identifiers[scheme].add(value)

    def _read_names(self) -> None:
        rows = Alias.objects.exclude(kind="ticker").values_list("entity_id", "text", "folded")
        for pk, text, folded in rows.iterator(PORTION):
            entity = self.by_id.get(pk)
            if entity is None:
                continue
            base = base_of(text)
            entity.names |= {folded, base}
            for name in (folded, base):
                self._by_name[name].add(pk)
            self.taken.add(folded)


def base_of(name: str) -> str:
    """A name folded and without its legal form: what names of companies are compared by."""
    return fold(strip_legal(name).base)


def names_of_row(row: EntityRow) -> set[str]:
    """The names of a row in the form in which they are compared."""
    return set(_row_names(row)) - {""}


def _row_names(row: EntityRow) -> Iterator[str]:
    for text in (row.name, *(name.text for name in row.names)):
        yield fold(text)
        yield base_of(text)


def are_alike(left: set[str], right: set[str]) -> bool:
    """Whether a company may bear both sets of names: one in common, or most words of two."""
    if not left.isdisjoint(right):
        return True
    words = [frozenset(name.replace(".", "").replace(",", "").split()) for name in left]
    others = [frozenset(name.replace(".", "").replace(",", "").split()) for name in right]
    return any(
        one and other and len(one & other) / len(one | other) >= ALIKE for one in words for other in others
    )
