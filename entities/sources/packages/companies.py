"""What the packages' rows say of listed companies: which rows count, under which names, how strong each name is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from entities.names import fold, is_common, strip_legal
from entities.sources.countries import country_code
from entities.sources.exchanges import MIC_OF_SUFFIX, native_ticker, split_agency_ticker
from entities.words import CHINESE_FAMILY_NAMES, GIVEN_NAMES, PLACE_WORDS

# The workbook's own codes of venues. Over-the-counter lines are left out: most are second lines of foreign
# shares or shells. Of the small German venues those are kept where a company has its one line.
MIC_OF_VENUE: dict[str, str] = {
    "ADX": "XADS",
    "AIM": "XLON",
    "ASE": "XAMM",
    "ASX": "XASX",
    "ATSE": "ASEX",
    "BASE": "XBUE",
    "BATS": "BATS",
    "BIT": "XMIL",
    "BME": "XMAD",
    "BMV": "XMEX",
    "BOVESPA": "BVMF",
    "BVB": "XBSE",
    "CNSX": "XCNQ",
    "CPSE": "XCSE",
    "Catalist": "XSES",
    "DB": "XFRA",
    "DFM": "XDFM",
    "DSM": "DSMD",
    "ENXTAM": "XAMS",
    "ENXTBR": "XBRU",
    "ENXTLS": "XLIS",
    "ENXTPA": "XPAR",
    "HLSE": "XHEL",
    "HMSE": "XHAM",
    "HNX": "HSTC",
    "HOSE": "XSTC",
    "IBSE": "XIST",
    "ICSE": "XICE",
    "IDX": "XIDX",
    "ISE": "XDUB",
    "JSE": "XJSE",
    "KASE": "XKAR",
    "KLSE": "XKLS",
    "KOSDAQ": "XKOS",
    "KOSE": "XKRX",
    "LSE": "XLON",
    "MUN": "XMUN",
    "NEOE": "NEOE",
    "NGM": "XNGM",
    "NSE": "XNGO",
    "NSEI": "XNSE",
    "NSEL": "XLIT",
    "NYSE": "XNYS",
    "NYSEAM": "XASE",
    "NZSE": "XNZE",
    "NasdaqCM": "XNAS",
    "NasdaqGM": "XNAS",
    "NasdaqGS": "XNAS",
    "OB": "XOSL",
    "OM": "XSTO",
    "PSE": "XPHS",
    "RISE": "XRIS",
    "SASE": "XSAU",
    "SEHK": "XHKG",
    "SET": "XBKK",
    "SGX": "XSES",
    "SHSE": "XSHG",
    "SWX": "XSWX",
    "SZSE": "XSHE",
    "TASE": "XTAE",
    "TLSE": "XTAL",
    "TPEX": "ROCO",
    "TSE": "XTKS",
    "TSX": "XTSE",
    "TSXV": "XTSX",
    "TWSE": "XTAI",
    "WBAG": "XWBO",
    "WSE": "XWAR",
    "XSAT": "XSAT",
    "XTRA": "XETR",
}
UNSUFFIXED = frozenset({"XNYS", "XNAS", "XASE", "BATS"})
# Funds, certificates and the like; "fund" in the name of a firm that runs funds is no fund.
_NOT_A_COMPANY = re.compile(
    r"\b(?:ETFs?|ETNs?|ETCs?|UCITS|SICAV|FII|Fundo de Investimento|Fonds Commun|Mutual Fund|Index Fund"
    r"|Warrants? (?:exp|due|on)|Preferred (?:Share|Stock)s?|Depositary Certificates?"
    r"|Funds?(?!,? (?:Management|Managers?|Services|Group|Bhd|Berhad|Ltd|Limited|PLC|Inc)\b))\b",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_REST_OF_FORM = re.compile(r" (?:Public|Joint Stock)$")  # of "Public Company Limited", "Joint Stock Company"
COLUMNS = ("Company Name", "YFinance Ticker", "Exchange", "Country", "Industry Group")
LISTED, INDEX_MEMBER = 0.15, 0.3
LONG_WORD = 9  # letters; a single word this long is seldom a surname or an everyday word
SHORT_ACRONYM = 3
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name of a listed company and whether it needs other evidence to mean it."""

    text: str
    legal: bool
    weak: bool


@dataclass(frozen=True, slots=True)
class ListedCompany:
    """A company with one current line. `country` is a code; `names` hold its legal name first."""

    name: str
    country: str
    industry: str
    mic: str
    ticker: str
    names: tuple[ListedName, ...]
    isin: str = ""
    member: bool = False  # of a stock index: names of such are used without more words


def is_company_name(name: str) -> bool:
    """Whether a row's name is that of a company and not of a fund, a note or a bare code."""
    return any(c.isalpha() for c in name) and not _NOT_A_COMPANY.search(name)


def is_weak_name(text: str, *, member: bool = False) -> bool:
    """Whether a name alone is too little: everyday words, places, names of people, short words.

    A member of a large index is better known: its name is weak only when it is one everyday word or very short.
    """
    words = text.split()
    if is_common(text):
        return not member or len(words) == 1
    if len(words) > 1:
        return not member and words[0] in GIVEN_NAMES and len(words) == 2  # noqa: PLR2004 - first name, surname
    if text in GIVEN_NAMES or text.capitalize() in CHINESE_FAMILY_NAMES or text.lower() in PLACE_WORDS:
        return True
    letters = [c for c in text if c.isalpha()]
    if len(letters) <= SHORT_ACRONYM:
        return True
    unusual = any(c.isdigit() for c in text) or (any(c.isupper() for c in text[1:]) and not text.isupper())
    return not member and not unusual and len(letters) < LONG_WORD


def names_of(legal: str, *, short: str = "", member: bool = False) -> tuple[ListedName, ...]:
    """The legal name, the name without its legal form and a given short one, without repeats."""
    stripped = strip_legal(legal)
    found: dict[str, ListedName] = {}
    whole = _SPACES.sub(" ", legal).strip()
    has_form = bool(stripped.suffix)
    found[whole.casefold()] = ListedName(
        whole, legal=True, weak=not has_form and is_weak_name(whole, member=member)
    )
    for given in (stripped.base, short, strip_legal(short).base if short else ""):
        text = strip_legal(_REST_OF_FORM.sub("", given)).base
        if len(text) > 1 and text.casefold() not in found:
            found[text.casefold()] = ListedName(text, legal=False, weak=is_weak_name(text, member=member))
    return tuple(found.values())


def tickers_by_name(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """(MIC, folded name without legal form) -> native ticker, of the package's older tables.

    Only a name that has one ticker on a market is kept.
    """
    found: dict[tuple[str, str], str] = {}
    twice: set[tuple[str, str]] = set()
    for row in rows:
        line = split_agency_ticker(row["ticker"])
        if line is None or row["name"] == row["ticker"]:
            continue
        key = (line[1], fold(strip_legal(row["name"]).base))
        if found.setdefault(key, line[0]) != line[0]:
            twice.add(key)
    return {key: ticker for key, ticker in found.items() if key not in twice}


def read_companies(
    rows: Iterable[Mapping[str, str]], older: Mapping[tuple[str, str], str]
) -> Iterator[ListedCompany]:
    """The companies of the workbook that have a current line on a real exchange, each once.

    Where the workbook lists a company but gives no ticker, the older tables lend theirs: the same name on the
    same market. A line that only the older tables have may be delisted and is not taken.
    """
    seen: set[tuple[str, str]] = set()
    for row in rows:
        name = _SPACES.sub(" ", row.get("Company Name", "")).strip()
        mic = MIC_OF_VENUE.get(row.get("Exchange", ""))
        if mic is None or not is_company_name(name) or len(name) > LONGEST_NAME:
            continue
        ticker = _ticker(row.get("YFinance Ticker", ""), mic) or older.get(
            (mic, fold(strip_legal(name).base)), ""
        )
        if not ticker or (mic, ticker) in seen:
            continue
        seen.add((mic, ticker))
        yield ListedCompany(
            name=name,
            country=country_code(row.get("Country", "")),
            industry=row.get("Industry Group", ""),
            mic=mic,
            ticker=ticker,
            names=names_of(name),
        )


def _ticker(code: str, mic: str) -> str:
    # The workbook's suffixes are not always those of the venue (Helsinki stands with Copenhagen's), its venue is.
    base, dot, suffix = code.rpartition(".")
    if mic not in UNSUFFIXED and dot and (f".{suffix}" in MIC_OF_SUFFIX or suffix.isalpha()):
        code = base
    return native_ticker(code, mic)
