"""OpenFIGI's mapping results (v3): which instruments stand behind a ticker or an ISIN; pure.

The answer to a mapping request is a list, one object a job: `data` with the instruments found, or `warning`, or `error`.
It does not repeat what was asked. Where an object also carries the job's own `idType` and `idValue` (beside `data`, or
under `job` or `request`), an ISIN asked for is taken, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from entities.errors import SourceDataError
from entities.sources.exchanges import native_ticker
from entities.sources.facts import TICKER, identifier_is_valid
from entities.sources.tables.cells import CLOSED_MARKET, company_row
from entities.sources.tables.reading import json_value, opened
from entities.sources.tables.rows import EntityRow, Line, Origin, Reject, TableRow

# The codes of venues that OpenFIGI writes, and those of whole countries, whose tickers may stand on several.
MARKETS_OF_CODE: dict[str, tuple[str, ...]] = {
    "US": ("XNYS", "XNAS", "XASE", "BATS"), "UN": ("XNYS",), "UW": ("XNAS",), "UQ": ("XNAS",), "UR": ("XNAS",),
    "UA": ("XASE",), "UF": ("BATS",), "LN": ("XLON",), "HK": ("XHKG",), "JP": ("XTKS", "XNGO"), "JT": ("XTKS",),
    "JN": ("XNGO",), "CH": ("XSHG", "XSHE"), "CG": ("XSHG",), "CS": ("XSHE",), "KS": ("XKRX",), "KP": ("XKRX",),
    "KQ": ("XKOS",), "TT": ("XTAI", "ROCO"), "FP": ("XPAR",), "NA": ("XAMS",), "BB": ("XBRU",), "PL": ("XLIS",),
    "ID": ("XDUB",), "GR": ("XETR", "XFRA"), "GY": ("XETR",), "GF": ("XFRA",), "SW": ("XSWX",), "SE": ("XSWX",),
    "IM": ("XMIL",), "SM": ("XMAD",), "SQ": ("XMAD",), "AV": ("XWBO",), "DC": ("XCSE",), "FH": ("XHEL",),
    "SS": ("XSTO",), "NO": ("XOSL",), "IR": ("XICE",), "PW": ("XWAR",), "GA": ("ASEX",),
    "CN": ("XTSE", "XTSX", "XCNQ", "NEOE"), "CT": ("XTSE",), "CV": ("XTSX",), "AU": ("XASX",), "AT": ("XASX",),
    "NZ": ("XNZE",), "SP": ("XSES",), "MK": ("XKLS",), "TB": ("XBKK",), "IJ": ("XIDX",), "PM": ("XPHS",),
    "VN": ("XSTC", "HSTC"), "VM": ("XSTC",), "VH": ("HSTC",), "IN": ("XNSE",), "IS": ("XNSE",), "PA": ("XKAR",),
    "SJ": ("XJSE",), "BZ": ("BVMF",), "BS": ("BVMF",), "MM": ("XMEX",), "MF": ("XMEX",), "TI": ("XIST",),
    "IT": ("XTAE",), "AB": ("XSAU",),
}  # fmt: skip
_SHARES = frozenset(
    {"Common Stock", "Depositary Receipt", "REIT", "Preference", "Partnership Shares", "Unit"}
)


def read_openfigi(path: Path, origin: Origin) -> Iterator[TableRow]:
    """The instruments of a mapping result, each as a row that adds numbers to a company that is known."""
    with opened(path) as text:
        value = json_value(text, path.name)
    results = value if isinstance(value, list) else [value]
    if not results or not any(
        isinstance(one, dict) and {"data", "warning", "error"} & set(one) for one in results
    ):
        raise SourceDataError(
            f"{path.name} is no mapping result of OpenFIGI: a list of objects with data, warning or error is wanted"
        )
    for number, result in enumerate(results, 1):
        yield from _result(number, result, origin)


def _result(number: int, result: Any, origin: Origin) -> Iterator[TableRow]:
    where = f"[{number - 1}]"
    if not isinstance(result, dict):
        yield Reject(number, "It is no object.", place=where)
        return
    records = result.get("data")
    if not isinstance(records, list):
        told = "error" in result
        yield Reject(
            number, f"OpenFIGI says: {str(result.get('error') or result.get('warning') or 'nothing')[:200]}",
            is_bad=told, place=where,
        )  # fmt: skip
        return
    isin = _asked_isin(result)
    for at, record in enumerate(records):
        place = f"{where}.data[{at}]"
        if isinstance(record, dict):
            yield _record(number, record, isin, origin, place)
        else:
            yield Reject(number, "It is no object.", place=place)


def _asked_isin(result: Mapping[str, Any]) -> str:
    for job in (result, result.get("job"), result.get("request")):
        if isinstance(job, Mapping) and job.get("idType") == "ID_ISIN":
            return str(job.get("idValue") or "").upper()
    return ""


def _record(number: int, record: Mapping[str, Any], isin: str, origin: Origin, place: str) -> TableRow:
    def said(key: str) -> str:
        return str(record.get(key) or "").strip()

    if said("marketSector") not in {"", "Equity"} or said("securityType2") not in {"", *_SHARES}:
        return Reject(number, "It is no share.", is_bad=False, place=place)
    # The class of shares is one number the world over; the others are of a country or of one venue.
    figi = said("shareClassFIGI") or said("compositeFIGI") or said("figi")
    if not identifier_is_valid("figi", figi):
        return Reject(number, "The check digit of its FIGI is wrong.", place=place)
    ticker = said("ticker")
    markets = MARKETS_OF_CODE.get(said("exchCode"), ())
    lines = [Line(mic, native_ticker(ticker, mic), "", isin, figi) for mic in markets if ticker]
    lines = [line for line in lines if TICKER.fullmatch(line.ticker)]
    if not lines and not isin:
        return Reject(number, CLOSED_MARKET, is_bad=False, place=place)
    row = company_row(number, said("name"), origin, may_add=False, identifiers=(("figi", figi),),
                      perhaps=tuple(lines) or (Line("", "", "", isin, figi),))  # fmt: skip
    if isinstance(row, EntityRow):
        return EntityRow(
            number=number, source=row.source, as_of=row.as_of, kind=row.kind, name=row.name, identifiers=row.identifiers,
            perhaps=row.perhaps, may_add=False, adds_names=False,
        )  # fmt: skip
    return row
