"""The starter set held against other tables: which lines and ISINs agree, which are not there, which contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from entities.names import fold, strip_legal
from entities.sources.facts import ListingFact

ALIKE = 60  # of 100: tables cut names short and write them in capitals; other companies' names stay below


@dataclass(frozen=True, slots=True)
class TableLine:
    """What a table says of one line: the company's name, and the ISIN if it gives one."""

    mic: str
    ticker: str
    name: str
    isin: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One of our lines of which a table says something else. `what` is "name" or "isin"."""

    slug: str
    line: str  # "INTC XNAS"
    what: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.slug} {self.line}: {self.what} {self.ours} here, {self.theirs} there"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How our lines stand to a table: found in it with the same name, not in it, contradicted by it."""

    agreed: int
    absent: int
    isins: int  # lines whose ISIN is the same in both
    contradictions: tuple[Contradiction, ...]


def compare_listings(
    listings: Iterable[ListingFact], names: Mapping[str, Collection[str]], table: Iterable[TableLine]
) -> Comparison:
    """Compare our lines with those of a table by market and ticker; `names` are our names by slug.

    A table may list a line more than once: the name agrees if one of its names does. Tables often give a line the
    ISIN of the same company's receipt abroad, so only ISINs of one country (its first two letters, ISO 6166) are
    compared; where there are several of them, ours must be one.
    """
    theirs: dict[tuple[str, str], list[TableLine]] = {}
    for line in table:
        theirs.setdefault((line.mic, line.ticker), []).append(line)
    agreed = absent = isins = 0
    found: list[Contradiction] = []
    for ours in listings:
        rows = theirs.get((ours.mic, ours.ticker))
        if not rows:
            absent += 1
            continue
        where = f"{ours.ticker} {ours.mic}"
        known = names[ours.slug]
        if not any(is_same_company(row.name, known) for row in rows):
            found.append(Contradiction(ours.slug, where, "name", min(known, key=len), rows[0].name))
            continue
        agreed += 1
        given = sorted(
            {row.isin for row in rows if row.isin[:2] == ours.isin[:2] and is_same_company(row.name, known)}
        )
        if ours.isin and given:
            if ours.isin in given:
                isins += 1
            else:
                found.append(Contradiction(ours.slug, where, "isin", ours.isin, ", ".join(given)))
    return Comparison(agreed, absent, isins, tuple(found))


def is_same_company(name: str, known: Iterable[str]) -> bool:
    """Whether a table's name is, but for legal forms, order and cuts, one of those that we know."""
    theirs = fold(strip_legal(name).base)
    return any(_alike(theirs, fold(strip_legal(ours).base)) >= ALIKE for ours in known)


def _alike(one: str, other: str) -> float:
    whole = fuzz.token_set_ratio(one, other)
    joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    return max(whole, joined)
