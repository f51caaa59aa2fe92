"""Cells of tables become words, dates, numbers, lines and companies; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from entities.sources.exchanges import MARKETS, native_ticker, split_agency_ticker
from entities.sources.facts import TICKER
from entities.sources.packages.companies import LONGEST_NAME, is_company_name
from entities.sources.tables.rows import EntityRow, Line, NameRow, Origin, Reject, TableRow
from entities.types import AliasKind, EntityKind

Row = Mapping[str, str]

ENTITY_KINDS: dict[str, EntityKind] = {
    "person": "person", "company": "company", "organization": "organization", "public_body": "public_body",
    "place": "place", "other": "other",
}  # fmt: skip
ALIAS_KINDS: dict[str, AliasKind] = {
    "legal": "legal", "short": "short", "former": "former", "acronym": "acronym", "native": "native", "name": "name",
}  # fmt: skip
CLOSED_MARKET = "The market is not one that we keep."
NO_CSV = "The line cannot be read as CSV."
LONGEST_DESCRIPTION = 300
_NO_NAME = "The name is missing, longer than 200 characters, or that of a fund or a note."
_SPACES = re.compile(r"\s+")
_YEAR_OR_DAY = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_QID = re.compile(r"(?:https?://www\.wikidata\.org/(?:entity|wiki)/)?(Q[1-9]\d*)")


def clean(text: str) -> str:
    """A cell without spaces at its ends and with single ones inside."""
    return _SPACES.sub(" ", text).strip()


def date_of(text: str) -> str:
    """The date that a cell begins with, as exact as it is: YYYY, YYYY-MM or YYYY-MM-DD; empty when there is none."""
    found = _YEAR_OR_DAY.match(text.strip())
    return found[0] if found else ""


def wikidata_id(text: str) -> str:
    """The number of a Wikidata item, bare or as an address; empty when there is none."""
    found = _QID.fullmatch(text.strip())
    return found[1] if found else ""


def country_cell(text: str) -> str:
    """Two letters of ISO 3166-1 out of a code of a country or of a part of it ("GB", "GB-ENG"), or nothing."""
    code = text.strip()[:2].upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""  # noqa: PLR2004 - alpha-2


def line_of(symbol: str, mic: str, row: Row) -> Line | None:
    """The line of a ticker as agencies write it, on the market that its suffix or the table's column names."""
    known = split_agency_ticker(symbol)
    if known is None and mic in MARKETS and not MARKETS[mic].yahoo_suffix:
        known = native_ticker(symbol, mic), mic
    if known is None or not TICKER.fullmatch(known[0]):
        return None
    return Line(known[1], known[0], row.get("currency", ""), row.get("isin", ""))


def company_row(  # noqa: PLR0913 - what a row may say of a company
    number: int,
    name: str,
    origin: Origin,
    *,
    country: str = "",
    line: Line | None = None,
    short: str = "",
    names: tuple[NameRow, ...] = (),
    may_add: bool = True,
    description: str = "",
    identifiers: tuple[tuple[str, str], ...] = (),
    perhaps: tuple[Line, ...] = (),
) -> EntityRow | Reject:
    """A company of a table; a line without a usable name, or of a fund, is left out."""
    whole, brief = clean(name), clean(short)
    if not whole or len(whole) > LONGEST_NAME or not is_company_name(whole):
        return Reject(number, _NO_NAME, is_bad=not whole)
    more = (NameRow(brief[:LONGEST_NAME], "short"),) if brief and brief != whole else ()
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of, kind="company", name=whole, country=country,
        description=description[:LONGEST_DESCRIPTION], names=(*more, *names), identifiers=identifiers, line=line,
        may_add=may_add, perhaps=perhaps,
    )  # fmt: skip


def unreadable(number: int) -> TableRow:
    """What becomes of a line that is no CSV."""
    return Reject(number, NO_CSV)
