"""Whom the knowledge base knows, by number, by market line and by name: what rows of a table are held against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from entities.models import Alias, Entity, Identifier, Listing, Security
from entities.names import StrippedName, fold, strip_legal
from entities.sources.tables.rows import EntityRow, Party

PORTION = 5000
# Of the words of two names, so many must be the same for one company to bear both.
ALIKE = 0.6
LEAST_WORD = 2
_WORD = re.compile(r"\w+")
LONG_WORD = 5  # one word that stands for a longer name has as many letters
_STRANGER = "Nobody is known by its number."
_OTHER_NAME = "A company of another name holds its line or ISIN: the two are told as a conflict."
_NAMESAKES = "Several entities of its country bear its name."
_MANY = "Several entities bear its name: its country, a number or a market line would tell which is meant."
_ELSEWHERE = (
    "An entity of its name has another country, which is told as a conflict: a number or a market line would prove that "
    "the two are not one."
)
_TOO_SHORT = (
    "A name of one character, or of none that can be read, names nobody without a number or a market line."
)
SHORTEST_NAME = 2


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
    """Whom a row speaks of; or why that cannot be told. `holder` is somebody else who holds its line, ISIN or name.

    `by_number` tells that its number was enough: names were not compared.
    """

    entity: KnownEntity | None
    why: str = ""
    holder: KnownEntity | None = None
    by_number: bool = False


class FoldedNames:
    """Names in the forms in which they are compared. Folding is most of an import's work, and names come again."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, str]] = {}
        self._stripped: dict[str, StrippedName] = {}

    def stripped(self, name: str) -> StrippedName:
        """A name parted from its legal form."""
        known = self._stripped.get(name)
        if known is None:
            known = self._stripped[name] = strip_legal(name)
        return known

    def forms(self, name: str) -> tuple[str, str]:
        """(folded, folded without its legal form)."""
        known = self._forms.get(name)
        if known is None:
            known = self._forms[name] = (fold(name), fold(self.stripped(name).base))
        return known

    def of_row(self, row: EntityRow) -> set[str]:
        """All names of a row."""
        names = {form for name in row.names for form in self.forms(name.text)}
        names.update(self.forms(row.name))
        names.discard("")
        return names


class Known:
    """All entities, with the ways to find them; what is told of a merged one is told of the one that it went into."""

    def __init__(self, folded: FoldedNames | None = None) -> None:
        self.folded = folded or FoldedNames()
        self.by_id: dict[int, KnownEntity] = {
            row[0]: KnownEntity(*row)
            for row in Entity.objects.filter(merged_into__isnull=True)
            .values_list("pk", "slug", "name", "kind", "country", "source", "prominence", "edited_by_human")
            .iterator(PORTION)
        }
        into = dict(Entity.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))
        self._roots = {pk: _root(into, pk) for pk in into}
        self.by_line: dict[tuple[str, str], int] = {}
        self.line_isins: dict[tuple[str, str], tuple[str, str]] = {}  # (ISIN, its source)
        self.by_number: dict[tuple[str, str], int] = {}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self.taken: set[str] = set()  # folded names of entities
        self._read_lines()
        self._read_numbers()
        self._read_names()

    def _entity(self, pk: int) -> KnownEntity | None:
        return self.by_id.get(self._roots.get(pk, pk))

    def find(self, row: EntityRow) -> Finding:
        """The entity that a row speaks of, or why it cannot be told; nothing of either when nobody is known.

        Numbers count most, then a market line or an ISIN whose holder bears a like name, then the name with the country,
        then the name alone where the row has nothing else: without a proof a bearer of its name is no namesake.
        """
        numbered = next(
            (held for number in row.identifiers if (held := self.by_number.get(number)) is not None), None
        )
        lines = [row.line] if row.line is not None else list(row.perhaps)
        holders = [
            self.by_line[line.mic, line.ticker] for line in lines if (line.mic, line.ticker) in self.by_line
        ]
        if numbered is not None:
            other = next((held for held in holders if held != numbered), None) if row.line else None
            return Finding(self.by_id[numbered], "", self.by_id[other] if other else None, by_number=True)
        if row.status:
            return Finding(None, _STRANGER)
        names = self.folded.of_row(row)
        holders += [
            held
            for line in lines
            if line.isin and (held := self.by_number.get(("isin", line.isin))) is not None
        ]
        alike = [
            held
            for held in holders
            if are_alike(names, self.by_id[held].names)
            or (not row.adds_names and are_shortened(names, self.by_id[held].names))
        ]
        if alike:
            return Finding(self.by_id[alike[0]])
        if holders and (row.line is not None or not row.adds_names):
            return Finding(None, _OTHER_NAME, self.by_id[holders[0]])
        countries = {row.country, *row.also_countries} - {""}
        namesakes = {
            one
            for name in names
            for one in self._by_name.get(name, ())
            if self.by_id[one].kind == row.kind and self.by_id[one].country in countries
        }
        if len(namesakes) == 1:
            return Finding(self.by_id[namesakes.pop()])
        is_settled = namesakes or row.is_proved
        return Finding(None, _NAMESAKES if namesakes else "") if is_settled else self._find_by_name(row)

    def _find_by_name(self, row: EntityRow) -> Finding:
        """Whom a row means that has a name and at most a country, in which nobody bears that name."""
        forms = set(self.folded.forms(row.name)) - {""}
        if not forms or len(row.name) < SHORTEST_NAME:
            return Finding(None, _TOO_SHORT)
        bearers = [
            self.by_id[pk]
            for pk in sorted({pk for form in forms for pk in self._by_name.get(form, ())})
            if self.by_id[pk].kind == row.kind
        ]
        # Short names and acronyms are shared by many: the name that an entity goes by counts more.
        so_called = [one for one in bearers if not forms.isdisjoint(self.folded.forms(one.name))]
        if row.country or so_called:
            bearers = so_called
        if len(bearers) != 1:
            return Finding(None, _MANY if bearers else "")
        if row.country and bearers[0].country:
            return Finding(None, _ELSEWHERE, bearers[0])
        return Finding(bearers[0])

    def find_party(self, party: Party, kinds: frozenset[str] = frozenset()) -> KnownEntity | None:
        """Somebody by number, else by the whole name when only one (of these kinds) bears it; None when not told."""
        for number in party.identifiers:
            held = self.by_number.get(number)
            if held is not None:
                return self.by_id[held]
        if not party.name:
            return None
        bearers = self.bearers(party.name, kinds)
        return bearers[0] if len(bearers) == 1 else None

    def bearers(self, name: str, kinds: frozenset[str] = frozenset()) -> list[KnownEntity]:
        """Who bears a name, of these kinds (all when empty)."""
        found = [self.by_id[pk] for pk in sorted(self._by_name.get(self.folded.forms(name)[0], ()))]
        return [one for one in found if not kinds or one.kind in kinds]

    def names_with(self, pk: int, rows: Iterable[EntityRow]) -> set[str]:
        """The names of an entity, and those that rows of a table give it."""
        return self.by_id[pk].names.union(*(self.folded.of_row(row) for row in rows))

    def _read_lines(self) -> None:
        rows = Listing.objects.filter(valid_to__isnull=True).values_list(
            "exchange_id", "ticker", "security__issuer_id", "security__isin", "security__source"
        )
        for mic, ticker, issuer, isin, source in rows.iterator(PORTION):
            holder = self._entity(issuer)
            if holder is not None:
                self.by_line[mic, ticker] = holder.id
                holder.lines.add((mic, ticker))
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
                holder = self._entity(pk)
                if holder is not None:
                    self.by_number[scheme, value] = holder.id
                    holder.identifiers[scheme].add(value)

    def _read_names(self) -> None:
        rows = Alias.objects.exclude(kind="ticker").values_list("entity_id", "text", "folded")
        for pk, text, folded in rows.iterator(PORTION):
            entity = self._entity(pk)
            if entity is None:
                continue
            base = self.folded.forms(text)[1]
            for name in {folded, base}:
                entity.names.add(name)
                self._by_name[name].add(entity.id)
            self.taken.add(folded)


def _root(into: dict[int, int], pk: int) -> int:
    while pk in into:
        pk = into[pk]
    return pk


def are_alike(left: set[str], right: set[str]) -> bool:
    """Whether a company may bear both sets of names: one in common, or most words of two."""
    if not left.isdisjoint(right):
        return True
    words, others = [_words(name) for name in left], [_words(name) for name in right]
    if {"".join(one) for one in words} & {"".join(other) for other in others}:
        return True  # "u.s. steel" and "us steel", "wd-40" and "wd 40"
    return any(
        len(set(one) & set(other)) / len(set(one) | set(other)) >= ALIKE
        for one in words
        for other in others
        if one and other
    )


def _words(name: str) -> list[str]:
    """The words of a folded name: "carter's" is one, "curtiss-wright" two, "/pa/" behind a name is a register's own."""
    return _WORD.findall(name.partition("/")[0].replace("'", "").replace(".", ""))


def share_a_word(left: set[str], right: set[str]) -> bool:
    """Whether two sets of names have any word of some length in common: else they speak of different firms."""
    words, others = (
        {word for name in names for word in _WORD.findall(name) if len(word) >= LEAST_WORD}
        for names in (left, right)
    )
    return not words.isdisjoint(others)


def are_shortened(left: set[str], right: set[str]) -> bool:
    """Whether a name of the left is one of the right with its words cut short: "intl business mach" and so on."""
    return any(_shortens(one.split(), other.split()) for one in left for other in right)


def _shortens(short: list[str], whole: list[str]) -> bool:
    """Each word begins like its counterpart and has its letters in order; the end of the name may be missing."""
    if (
        not short
        or len(short) > len(whole)
        or (len(short) == 1 and len(whole) > 1 and len(short[0]) < LONG_WORD)
    ):
        return False
    return all(_is_cut(one, other) for one, other in zip(short, whole, strict=False))


def _is_cut(word: str, whole: str) -> bool:
    if word[:1] != whole[:1] or len(word) > len(whole):
        return False
    letters = iter(whole)
    return all(letter in letters for letter in word)
