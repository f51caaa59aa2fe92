"""The starter set's lines and ISINs against two tables that others keep, and the comparison itself."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from entities.sources.exchanges import MARKETS, native_ticker, split_agency_ticker
from entities.sources.facts import ListingFact, isin_is_valid
from entities.sources.starter.checking import TableLine, compare_listings, is_same_company
from entities.sources.starter.reading import read_starter
from tests.shared_data import shared

AMERICAN = ("XNYS", "XNAS", "XASE", "BATS")
THE_OTHER_CLASS = "the table gives the line the ISIN of the company's other class of shares"
THE_H_SHARE = "the table gives the line in China the ISIN of the share in Hong Kong"
# What a table says against us and somebody has looked at: (slug, what) -> why ours stands.
KNOWN = {
    ("petrochina", "isin"): THE_H_SHARE,
    ("cosco-shipping-holdings", "isin"): THE_H_SHARE,
    ("china-vanke", "isin"): THE_H_SHARE,
    ("china-shenhua-energy", "isin"): THE_H_SHARE,
    ("wuxi-apptec", "isin"): THE_H_SHARE,
    ("haier-smart-home", "isin"): THE_H_SHARE,
    ("bmw", "isin"): THE_OTHER_CLASS,
    ("roche", "isin"): THE_OTHER_CLASS,
    ("swatch", "isin"): THE_OTHER_CLASS,
    ("lindt-and-sprungli", "isin"): THE_OTHER_CLASS,
    ("schroders", "isin"): "the table gives the share from before the two classes became one in 2022",
    ("simon-property-group", "isin"): "the table gives preferred shares and bonds",
    ("keurig-dr-pepper", "isin"): "the table gives a bond",
    ("expedia", "isin"): "the table gives a note of another issuer",
    ("cp-all", "isin"): "the table gives the share that foreigners hold",
    ("airports-of-thailand", "isin"): "the table gives the share that foreigners hold",
    ("land-securities", "isin"): "the table gives the share from before it was consolidated in 2017",
    ("softbank-corp", "isin"): "the table gives the share of the parent, SoftBank Group",
    ("suzuki-motor", "isin"): "two tables have ours, one an ISIN that differs by two digits",
    ("smiths-group", "name"): "the table gives the line of Smiths to the satellite operator SES",
    ("stmicroelectronics", "name"): "the table's symbol STM is that of Stabilus in Frankfurt",
    ("blackberry", "name"): "the table's symbol BB is that of Bic in Paris",
    ("braskem", "name"): "the table gives the line the name of a bank in Spain",
}


def listing(ticker: str, mic: str = "XNAS", isin: str = "", slug: str = "intel") -> ListingFact:
    return ListingFact(slug=slug, mic=mic, ticker=ticker, source="test", as_of="2026-01", isin=isin)


NAMES = {
    "intel": ["Intel", "Intel Corporation"],
    "smic": ["SMIC", "Semiconductor Manufacturing International"],
}


def test_a_line_with_the_same_name_and_isin_agrees() -> None:
    ours = [listing("INTC", isin="US4581401001")]
    done = compare_listings(ours, NAMES, [TableLine("XNAS", "INTC", "INTEL CORP", "US4581401001")])
    assert (done.agreed, done.absent, done.isins, done.contradictions) == (1, 0, 1, ())


def test_a_line_that_a_table_does_not_have_is_neither_right_nor_wrong() -> None:
    done = compare_listings([listing("INTC")], NAMES, [TableLine("XNYS", "INTC", "Intel")])
    assert (done.agreed, done.absent, done.contradictions) == (0, 1, ())


def test_a_line_that_a_table_gives_to_another_company_is_a_contradiction() -> None:
    done = compare_listings([listing("INTC")], NAMES, [TableLine("XNAS", "INTC", "Interactive Crystals")])
    assert [str(found) for found in done.contradictions] == [
        "intel INTC XNAS: name Intel here, Interactive Crystals there"
    ]


def test_another_isin_of_the_same_line_is_a_contradiction() -> None:
    table = [TableLine("XHKG", "0981", "SMIC", "KYG8020E1017")]
    ours = [listing("0981", "XHKG", "KYG8020E1199", "smic")]
    assert [found.what for found in compare_listings(ours, NAMES, table).contradictions] == ["isin"]


def test_the_isin_of_a_receipt_abroad_contradicts_nothing() -> None:
    table = [TableLine("XHKG", "0981", "SMIC", "US81663N2062")]
    ours = [listing("0981", "XHKG", "KYG8020E1199", "smic")]
    assert compare_listings(ours, NAMES, table).contradictions == ()


def test_one_of_several_isins_that_a_table_gives_is_enough() -> None:
    table = [TableLine("XNAS", "INTC", "Intel", isin) for isin in ("US4581401001", "US4581402090")]
    assert compare_listings([listing("INTC", isin="US4581401001")], NAMES, table).contradictions == ()


def test_names_are_the_same_whatever_their_case_form_and_spacing() -> None:
    for name in ("INTEL CORP.", "Intel Corporation", "intel"):
        assert is_same_company(name, NAMES["intel"])
    assert is_same_company("Semi conductor Manufacturing Intl", NAMES["smic"])
    assert not is_same_company("Shenma Industry Co., Ltd.", ["Semiconductor Manufacturing International"])


@cache
def our_names() -> dict[str, list[str]]:
    names = defaultdict(list)
    for fact in read_starter().aliases:
        names[fact.slug].append(fact.text)
    return dict(names)


def finance_database() -> Iterator[TableLine]:
    with gzip.open(shared("entities/listings.csv.gz"), "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            mic = row["mic"]
            if row["source"] != "financedatabase" or mic not in MARKETS or row["delisted"] == "True":
                continue
            symbol = row["symbol"].rpartition(".")[0] if MARKETS[mic].yahoo_suffix else row["symbol"]
            isin = row["isin"] if isin_is_valid(row["isin"]) else ""
            yield TableLine(mic, native_ticker(symbol, mic), row["name"], isin)


def index_members() -> Iterator[TableLine]:
    for member in json.loads(shared("entities/index-members.json").read_text(encoding="utf-8")):
        isins = [isin for isin in member["isins"] or () if isin_is_valid(isin)] or [""]
        symbols = {member["symbol"], *(line["yahoo"] for line in member["symbols"] or ())} - {None, ""}
        for symbol in symbols:
            line = split_agency_ticker(symbol)
            american = symbol.replace(".", "").replace("-", "").isalpha() and line is None
            places = [line] if line else [(native_ticker(symbol, m), m) for m in AMERICAN] if american else []
            yield from (TableLine(m, t, member["name"], isin) for t, m in places for isin in isins)


def unexpected(table: Iterator[TableLine], agreed: int, isins: int) -> list[str]:
    """What a table says against us and nobody has looked at; it must know at least so many of our lines."""
    done = compare_listings(read_starter().listings, our_names(), table)
    said = f"{done.agreed} lines agree, {done.isins} ISINs, {done.absent} are not in the table"
    assert done.agreed >= agreed, said
    assert done.isins >= isins, said
    return [str(c) for c in done.contradictions if (c.slug, c.what) not in KNOWN]


def test_every_known_contradiction_speaks_of_an_entity_that_we_have() -> None:
    assert {slug for slug, _ in KNOWN} <= set(our_names())
    assert all(KNOWN.values())


def test_our_lines_agree_with_financedatabase() -> None:
    assert unexpected(finance_database(), agreed=1000, isins=200) == []


def test_our_lines_agree_with_the_members_of_twenty_indices() -> None:
    assert unexpected(index_members(), agreed=700, isins=500) == []
