"""Rows of a table become facts: what they add to entities that are known, and what new ones bring."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.text import slugify

from entities.names import StrippedName
from entities.slugs import SHADOWED
from entities.sources.exchanges import MARKETS
from entities.sources.facts import (
    AliasFact,
    EntityFact,
    FactBatch,
    IdentifierFact,
    ListingFact,
    isin_is_valid,
)
from entities.sources.packages.companies import (
    INDEX_MEMBER,
    LISTED,
    LONGEST_NAME,
    is_weak_name,
)
from entities.sources.tables.grouping import Group
from entities.sources.tables.known import SHORTEST_NAME, Known, KnownEntity
from entities.sources.tables.rows import EntityRow, Line, NameRow

CURATED = 0.5  # entities at least this prominent were chosen by hand: an import gives them no names
MANY_A_COMPANY = frozenset({"figi"})  # each of its classes of shares has one
SLUG_LENGTH = 100
_CODE = re.compile(r"[A-Z]{2}[A-Za-z]")  # ISO 4217, and GBp for pence


def known_facts(
    known: Known, entity: KnownEntity, rows: Sequence[EntityRow], unlike: frozenset[int]
) -> FactBatch | None:
    """What rows add to an entity: missing lines, numbers and, unless it was chosen by hand, names; None when nothing.

    Rows of the numbers in `unlike` name it otherwise than we do: their names wait for a person.
    """
    first = rows[0]
    void = tuple(
        IdentifierFact(entity.slug, scheme, value, row.source, row.as_of)
        for row in rows
        if row.status == "void"
        for scheme, value in row.identifiers
    )
    rows = [row for row in rows if not row.status]
    naming = [row for row in rows if row.adds_names and row.number not in unlike]
    names = [] if entity.prominence >= CURATED else list(aliases(entity.slug, naming, known, entity.names))
    lines = list(
        listings(
            entity.slug, [row for row in rows if row.may_add or row.adds_line], has_line=bool(entity.lines)
        )
    )
    # Chosen by hand without a line of its own: it was taken private, whatever an old table says.
    if (not entity.lines and entity.prominence >= CURATED) or all(
        _is_there(known, entity, line) for line in lines
    ):
        lines = []
    numbers = [
        IdentifierFact(entity.slug, scheme, value, row.source, row.as_of)
        for row in rows
        for scheme, value in row.identifiers
        if _is_missing(entity, scheme, value)
    ]
    country, item = "", ""
    if entity.prominence < CURATED:
        country = "" if entity.country else next((row.country for row in rows if row.country), "")
        items = [value for row in rows for scheme, value in row.identifiers if scheme == "wikidata"]
        item = items[0] if items and not entity.identifiers.get("wikidata") else ""
        item = "" if ("wikidata", item) in known.by_number else item
    if not (names or lines or numbers or void or country or item):
        return None
    head = EntityFact(
        slug=entity.slug, kind=first.kind, name=first.name, source=first.source, as_of=first.as_of, country=country,
        wikidata_id=item,
    )  # fmt: skip
    return FactBatch((head,), tuple(names), tuple(dict.fromkeys(numbers)), tuple(lines), void=void)


def _is_missing(entity: KnownEntity, scheme: str, value: str) -> bool:
    held = entity.identifiers.get(scheme, set())
    if scheme == "wikidata":
        return False
    return value not in held if scheme in MANY_A_COMPANY else not held


def _is_there(known: Known, entity: KnownEntity, line: ListingFact) -> bool:
    """Whether the entity has the line already, and nothing of it is missing."""
    place = line.mic, line.ticker
    return known.by_line.get(place) == entity.id and (not line.isin or place in known.line_isins)


def new_facts(known: Known, group: Group, slugs: set[str]) -> FactBatch:
    """An entity that nobody knew, with all that its rows say."""
    first = group.first
    slug = free_slug(first.name, _told_apart_by(first), slugs)
    rows = [row for row in group.rows if row.adds_names]
    wikidata = next(
        (value for row in group.rows for scheme, value in row.identifiers if scheme == "wikidata"), ""
    )
    head = EntityFact(
        slug=slug, kind=first.kind, name=first.name, country=first.country, description=first.description,
        wikidata_id=wikidata, prominence=INDEX_MEMBER if any(row.is_member for row in group.rows) else LISTED,
        source=first.source, as_of=first.as_of,
    )  # fmt: skip
    numbers = {
        (scheme, value): IdentifierFact(slug, scheme, value, row.source, row.as_of)
        for row in reversed(group.rows)
        for scheme, value in row.identifiers
        if scheme != "wikidata"
    }
    return FactBatch(
        (head,),
        tuple(aliases(slug, rows, known, frozenset())),
        tuple(numbers[key] for key in sorted(numbers)),
        tuple(listings(slug, [row for row in group.rows if row.may_add or row.adds_line], has_line=False)),
    )


def aliases(slug: str, rows: Sequence[EntityRow], known: Known, has: Iterable[str]) -> Iterator[AliasFact]:
    """The names of rows that the entity does not bear yet; what others bear, or is an everyday word, is weak."""
    seen = set(has)
    for row in rows:
        for name in _names(row, known.folded.stripped(row.name)):
            folded = known.folded.forms(name.text)[0]
            if len(name.text) < SHORTEST_NAME or folded in seen:
                continue
            seen.add(folded)
            is_guess = name.text.islower()  # its capitals are not known
            is_weak = is_guess or (
                name.kind != "legal"
                and (is_weak_name(name.text, member=row.is_member) or folded in known.taken)
            )
            text = name.text.title()[:LONGEST_NAME] if is_guess else name.text
            yield AliasFact(slug, text, name.kind, row.source, row.as_of, weak=is_weak, lang=name.lang)


def _names(row: EntityRow, stripped: StrippedName) -> Iterator[NameRow]:
    is_legal = row.kind == "company" and bool(stripped.suffix)
    yield NameRow(row.name, "legal" if is_legal else "name", row.lang)
    if is_legal:
        yield NameRow(stripped.base, "short", row.lang)
    yield from row.names


def listings(slug: str, rows: Sequence[EntityRow], *, has_line: bool) -> Iterator[ListingFact]:
    """The lines of rows, those with one ISIN or class of shares as one security; the first one is the main line."""
    securities: dict[tuple[str, str], int] = {}
    seen: set[tuple[str, str]] = set()
    for row in rows:
        line = row.line
        if line is None or line.mic not in MARKETS or (line.mic, line.ticker) in seen:
            continue
        seen.add((line.mic, line.ticker))
        isin = line.isin if isin_is_valid(line.isin) else ""
        number = securities.setdefault(_security(line, isin), len(securities) + 1)
        yield ListingFact(
            slug=slug, mic=line.mic, ticker=line.ticker, source=row.source, as_of=row.as_of, line=number, isin=isin,
            currency=_currency(line), primary=not has_line and len(seen) == 1,
        )  # fmt: skip


def _currency(line: Line) -> str:
    """The line's own currency where the table has a code, else the market's."""
    return line.currency if _CODE.fullmatch(line.currency) else MARKETS[line.mic].currency


def _security(line: Line, isin: str) -> tuple[str, str]:
    if isin:
        return "isin", isin
    if line.share_class:
        return "class", line.share_class
    return line.mic, line.ticker


def _told_apart_by(row: EntityRow) -> str:
    return f"{row.line.ticker} {row.line.mic}" if row.line else row.country


def free_slug(name: str, more: str, slugs: set[str]) -> str:
    """A slug that is not in `slugs`, and is put there; `more` tells a namesake apart."""
    stem = slugify(name)[:SLUG_LENGTH].strip("-") or "entity"
    slug, number = stem, 1
    while slug in slugs or slug in SHADOWED:
        tail = slugify(more) if number == 1 and more else str(number)
        slug = f"{stem[: SLUG_LENGTH - 30].strip('-')}-{tail}"
        number += 1
    slugs.add(slug)
    return slug


def joined(batches: Sequence[FactBatch]) -> FactBatch:
    """Batches as one."""

    def all_of(part: str) -> tuple[Any, ...]:
        return tuple(fact for batch in batches for fact in getattr(batch, part))

    return FactBatch(
        entities=all_of("entities"),
        aliases=all_of("aliases"),
        identifiers=all_of("identifiers"),
        listings=all_of("listings"),
        void=all_of("void"),
    )
