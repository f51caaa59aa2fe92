"""The markets whose lines we keep: how their tickers are written, and their rows from ISO 10383."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version

from iso10383 import MIC

from entities.models import Exchange

# The one listing MIC of a venue is its operating MIC where the parts share one list of tickers (Nasdaq, LSE
# with AIM), and the part's own where news agencies tell the parts apart by their suffix (KOSDAQ, Taipei).
ISO_10383_AS_OF = "2025-02"


@dataclass(frozen=True, slots=True)
class Market:
    """A venue: our display name, the suffix that agencies write (".HK"), the currency of its prices."""

    mic: str
    name: str
    yahoo_suffix: str
    currency: str


MARKETS: dict[str, Market] = {
    row[0]: Market(*row)
    for row in (
        ("ASEX", "Athens Stock Exchange", ".AT", "EUR"),
        ("BATS", "Cboe BZX", "", "USD"),
        ("BVMF", "B3", ".SA", "BRL"),
        ("DSMD", "Qatar Stock Exchange", ".QA", "QAR"),
        ("HSTC", "Hanoi Stock Exchange", ".HN", "VND"),
        ("NEOE", "Cboe Canada", ".NE", "CAD"),
        ("OTCM", "OTC Markets", "", "USD"),
        ("ROCO", "Taipei Exchange", ".TWO", "TWD"),
        ("XADS", "Abu Dhabi Securities Exchange", ".AD", "AED"),
        ("XAMM", "Amman Stock Exchange", "", "JOD"),
        ("XAMS", "Euronext Amsterdam", ".AS", "EUR"),
        ("XASE", "NYSE American", "", "USD"),
        ("XASX", "Australian Securities Exchange", ".AX", "AUD"),
        ("XBKK", "Stock Exchange of Thailand", ".BK", "THB"),
        ("XBRU", "Euronext Brussels", ".BR", "EUR"),
        ("XBSE", "Bucharest Stock Exchange", ".RO", "RON"),
        ("XBUE", "Buenos Aires Stock Exchange", ".BA", "ARS"),
        ("XCNQ", "Canadian Securities Exchange", ".CN", "CAD"),
        ("XCSE", "Nasdaq Copenhagen", ".CO", "DKK"),
        ("XDFM", "Dubai Financial Market", ".DU", "AED"),
        ("XDUB", "Euronext Dublin", ".IR", "EUR"),
        ("XETR", "Xetra", ".DE", "EUR"),
        ("XFRA", "Frankfurt Stock Exchange", ".F", "EUR"),
        ("XHAM", "Hamburg Stock Exchange", ".HM", "EUR"),
        ("XHEL", "Nasdaq Helsinki", ".HE", "EUR"),
        ("XHKG", "Hong Kong Stock Exchange", ".HK", "HKD"),
        ("XICE", "Nasdaq Iceland", ".IC", "ISK"),
        ("XIDX", "Indonesia Stock Exchange", ".JK", "IDR"),
        ("XIST", "Borsa Istanbul", ".IS", "TRY"),
        ("XJSE", "Johannesburg Stock Exchange", ".JO", "ZAC"),
        ("XKAR", "Pakistan Stock Exchange", ".KA", "PKR"),
        ("XKLS", "Bursa Malaysia", ".KL", "MYR"),
        ("XKOS", "KOSDAQ", ".KQ", "KRW"),
        ("XKRX", "Korea Exchange", ".KS", "KRW"),
        ("XLIS", "Euronext Lisbon", ".LS", "EUR"),
        ("XLIT", "Nasdaq Vilnius", ".VS", "EUR"),
        ("XLON", "London Stock Exchange", ".L", "GBX"),
        ("XMAD", "Bolsa de Madrid", ".MC", "EUR"),
        ("XMEX", "Mexican Stock Exchange", ".MX", "MXN"),
        ("XMIL", "Euronext Milan", ".MI", "EUR"),
        ("XMUN", "Munich Stock Exchange", ".MU", "EUR"),
        ("XNAS", "Nasdaq", "", "USD"),
        ("XNGM", "Nordic Growth Market", "", "SEK"),
        ("XNGO", "Nagoya Stock Exchange", "", "JPY"),
        ("XNSE", "National Stock Exchange of India", ".NS", "INR"),
        ("XNYS", "New York Stock Exchange", "", "USD"),
        ("XNZE", "New Zealand Exchange", ".NZ", "NZD"),
        ("XOSL", "Oslo Børs", ".OL", "NOK"),
        ("XPAR", "Euronext Paris", ".PA", "EUR"),
        ("XPHS", "Philippine Stock Exchange", ".PS", "PHP"),
        ("XRIS", "Nasdaq Riga", ".RG", "EUR"),
        ("XSAT", "Spotlight Stock Market", "", "SEK"),
        ("XSAU", "Saudi Exchange", ".SR", "SAR"),
        ("XSES", "Singapore Exchange", ".SI", "SGD"),
        ("XSHE", "Shenzhen Stock Exchange", ".SZ", "CNY"),
        ("XSHG", "Shanghai Stock Exchange", ".SS", "CNY"),
        ("XSTC", "Ho Chi Minh City Stock Exchange", ".VN", "VND"),
        ("XSTO", "Nasdaq Stockholm", ".ST", "SEK"),
        ("XSWX", "SIX Swiss Exchange", ".SW", "CHF"),
        ("XTAE", "Tel Aviv Stock Exchange", ".TA", "ILA"),
        ("XTAI", "Taiwan Stock Exchange", ".TW", "TWD"),
        ("XTAL", "Nasdaq Tallinn", ".TL", "EUR"),
        ("XTKS", "Tokyo Stock Exchange", ".T", "JPY"),
        ("XTSE", "Toronto Stock Exchange", ".TO", "CAD"),
        ("XTSX", "TSX Venture Exchange", ".V", "CAD"),
        ("XWAR", "Warsaw Stock Exchange", ".WA", "PLN"),
        ("XWBO", "Vienna Stock Exchange", ".VI", "EUR"),
    )
}
MIC_OF_SUFFIX: dict[str, str] = {m.yahoo_suffix: m.mic for m in MARKETS.values() if m.yahoo_suffix}
NUMBERED_BY_FOUR = frozenset({"XHKG"})
DOTTED_CLASSES = frozenset({"XNYS", "XNAS", "XASE", "BATS", "OTCM", "XTSE", "XTSX", "XCNQ", "NEOE", "XLON"})
KOREAN = frozenset({"XKRX", "XKOS"})
_KOREAN_CODE = re.compile(r"A(\d{5}[0-9A-Z])")


def native_ticker(ticker: str, mic: str) -> str:
    """Write a ticker as its exchange does: 981 -> 0981 in Hong Kong, BRK-B -> BRK.B in New York,
    "VOLV B" -> VOLV-B in Stockholm, A005930 -> 005930 in Seoul. The agency's suffix is taken off before.
    """
    text = ticker.strip().upper()
    if mic == "XMEX":  # series are written to the name: "AC *" -> AC, "CEMEX CPO" -> CEMEXCPO
        return re.sub(r"[ *\-]", "", text)
    text = text.replace(" ", "-")
    if mic in NUMBERED_BY_FOUR:
        return text.zfill(4)
    if mic in DOTTED_CLASSES:
        return text.replace("-", ".").replace("/", ".").strip(".")
    if mic in KOREAN and (coded := _KOREAN_CODE.fullmatch(text)):
        return coded[1]
    return text.strip("-.")


def split_agency_ticker(code: str) -> tuple[str, str] | None:
    """(native ticker, MIC) of an agency's code with a market suffix: "0981.HK" -> ("0981", "XHKG")."""
    base, dot, suffix = code.rpartition(".")
    mic = MIC_OF_SUFFIX.get(f".{suffix}")
    if not dot or not base or mic is None:
        return None
    return native_ticker(base, mic), mic


def load_exchanges() -> int:
    """Write one row a market of MARKETS (name, place and operating MIC by ISO 10383); return how many were new."""
    source = f"ISO 10383 via iso10383 {version('iso10383')}"
    rows = []
    for mic, market in sorted(MARKETS.items()):
        entry = MIC[mic.lower()].value
        city = entry.city.name.strip("_").replace("_", " ").title() if entry.city is not None else ""
        rows.append(
            Exchange(
                mic=mic,
                name=market.name,
                operating_mic=entry.operating_mic.mic if entry.operating_mic else mic,
                country=entry.iso_country_code.name.strip("_").upper() if entry.iso_country_code else "",
                city=city,
                currency=market.currency,
                yahoo_suffix=market.yahoo_suffix,
                source=source,
                as_of=ISO_10383_AS_OF,
            )
        )
    known = set(Exchange.objects.values_list("mic", flat=True))
    Exchange.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["mic"],
        update_fields=[
            "name",
            "operating_mic",
            "country",
            "city",
            "currency",
            "yahoo_suffix",
            "source",
            "as_of",
        ],
    )
    return len([row for row in rows if row.mic not in known])
