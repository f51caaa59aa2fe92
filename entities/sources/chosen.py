"""The companies that were chosen by hand, as tables of listed companies are held against them: by name and country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from entities.lines import Line, other_lines
from entities.models import Alias, Entity, Exchange, Identifier, Listing
from entities.names import plain_form, strip_legal
from entities.resemblance import ONE_AN_ENTITY
from entities.sources.starter.reading import read_apart, read_old_lines

CURATED = 0.5  # entities at least this prominent were chosen by hand


@dataclass(slots=True)
class Chosen:
    """A company that was chosen by hand, with what tells a namesake from it."""

    id: int
    slug: str
    country: str
    lines: set[tuple[str, str]] = field(default_factory=set)  # (MIC, ticker) of those that trade now
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(slots=True)
class Listed:
    """A company that a table of listed companies brought."""

    id: int
    country: str
    names: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class ChosenCompanies:
    """All of them, with the names that mean one of them and no other."""

    def __init__(self) -> None:
        self._countries = dict(Exchange.objects.values_list("mic", "country"))
        rows = Entity.objects.filter(kind="company", prominence__gte=CURATED, merged_into__isnull=True)
        self._by_id = {
            pk: Chosen(pk, slug, country) for pk, slug, country in rows.values_list("pk", "slug", "country")
        }
        self._by_slug = {one.slug: one for one in self._by_id.values()}
        self._old = {(line.mic, line.ticker): line.slug for line in read_old_lines()}
        self._apart = {frozenset((pair.one, pair.other)) for pair in read_apart()}
        self._by_name: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._read_facts()

    def find(self, names: Iterable[str], country: str, lines: Collection[tuple[str, str]]) -> Chosen | None:
        """The company that a table means by these names, its country and its (MIC, ticker) lines; None when none is.

        A line that was once one's own tells it at once. Else one of that country must bear a name of them, but for the
        legal form, and not trade in a country of the lines under other tickers, as namesakes do.
        """
        for line in lines:
            if line in self._old and self._old[line] in self._by_slug:
                return self._by_slug[self._old[line]]
        bearers = {pk for name in names for pk in self._by_name.get((name_key(name), country), ())}
        if not country or not bearers:
            return None
        theirs = [self._line(line) for line in lines]
        fitting = [
            one
            for pk in sorted(bearers)
            if not other_lines(map(self._line, (one := self._by_id[pk]).lines), theirs)
            and not any(self._are_apart(one, line) for line in lines)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def find_twin(self, twin: Listed) -> Chosen | None:
        """The same of a row that an earlier load wrote; None, too, where a number of the two differs."""
        names = [*twin.names, *(strip_legal(name).base for name in twin.names)]
        found = self.find(names, twin.country, twin.lines)
        if found is None or found.id == twin.id:
            return None
        differs = any(
            found.numbers[scheme]
            and twin.numbers[scheme]
            and not found.numbers[scheme] & twin.numbers[scheme]
            for scheme in ONE_AN_ENTITY
        )
        return None if differs else found

    def is_line_wanted(self, one: Chosen, mic: str, ticker: str) -> bool:
        """Whether a company that was found lacks this line: not one of the past, nor one it has there in digits."""
        if (mic, ticker) in self._old:
            return False
        return not any(held == mic and code.isdigit() != ticker.isdigit() for held, code in one.lines)

    def _line(self, line: tuple[str, str]) -> Line:
        return Line(self._countries.get(line[0], ""), line[1])

    def _are_apart(self, one: Chosen, line: tuple[str, str]) -> bool:
        return frozenset((one.slug, f"{line[1]} {line[0]}")) in self._apart

    def _read_facts(self) -> None:
        ours = {"issuer": "security__issuer_id", "holder": "entity_id"}
        listings = Listing.objects.filter(valid_to__isnull=True, security__issuer__in=self._by_id)
        for pk, mic, ticker in listings.values_list(ours["issuer"], "exchange_id", "ticker"):
            self._by_id[pk].lines.add((mic, ticker))
        numbers = Identifier.objects.filter(valid=True, entity__in=self._by_id)
        for pk, scheme, value in numbers.values_list(ours["holder"], "scheme", "value"):
            self._by_id[pk].numbers[scheme].add(value)
        names = Alias.objects.filter(entity__in=self._by_id, weak=False, off_at__isnull=True)
        for pk, text in names.exclude(kind__in=["former", "acronym", "ticker"]).values_list(
            "entity_id", "text"
        ):
            for form in (text, strip_legal(text).base):
                self._by_name[name_key(form), self._by_id[pk].country].add(pk)


def name_key(text: str) -> str:
    """What fold() makes of nearly all names, and much sooner: it is asked of each of forty thousand."""
    return plain_form(text).casefold()
