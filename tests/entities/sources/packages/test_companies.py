"""Which rows of the packages count as listed companies, and how strong their names are."""

import pytest

from entities.sources.packages.companies import (
    is_company_name,
    is_weak_name,
    names_of,
    read_companies,
    tickers_by_name,
)
from entities.sources.packages.members import read_members


def row(name: str, code: str, venue: str, country: str = "Germany") -> dict[str, str]:
    return {"Company Name": name, "YFinance Ticker": code, "Exchange": venue, "Country": country}


def lines(*rows: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(company.name, company.ticker, company.mic) for company in read_companies(rows, {})]


@pytest.mark.parametrize(
    ("code", "venue", "line"),
    [
        ("981.HK", "SEHK", ("0981", "XHKG")),
        ("A005930.KS", "KOSE", ("005930", "XKRX")),
        ("NOKIA.CO", "HLSE", ("NOKIA", "XHEL")),  # the table's suffix is Copenhagen's, its venue is right
        ("B4B.HE", "HMSE", ("B4B", "XHAM")),
        ("BRK.A", "NYSE", ("BRK.A", "XNYS")),
        ("BT.A.L", "LSE", ("BT.A", "XLON")),
        ("KLARA B.ST", "OM", ("KLARA-B", "XSTO")),
        ("AKO1L.NS", "NSEL", ("AKO1L", "XLIT")),
    ],
)
def test_it_trusts_the_venue_and_writes_its_ticker(code: str, venue: str, line: tuple[str, str]) -> None:
    assert lines(row("Example AG", code, venue)) == [("Example AG", *line)]


@pytest.mark.parametrize("venue", ["OTCPK", "OTCNO", "MutualFund", "XKON", "", "-"])
def test_it_leaves_out_lines_that_are_on_no_exchange_we_know(venue: str) -> None:
    assert lines(row("Example AG", "EXAG", venue)) == []


@pytest.mark.parametrize(
    "name",
    [
        "Example World ETF",
        "Centara Hotels and Resorts Leasehold Property Fund",
        "Fundo de Investimento Imobiliário Rio Negro",
        "Example UCITS",
        "Example plc Warrants exp 2027",
        "510010",
    ],
)
def test_a_fund_or_a_warrant_is_no_company(name: str) -> None:
    assert not is_company_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "More Provident Funds Ltd",
        "Rural Funds Group",
        "Preferred Bank",
        "Camden Property Trust",
        "Hunan Warrant Pharmaceutical Co.,Ltd",
        "NOTE AB",
        "3i Group plc",
    ],
)
def test_a_firm_with_such_a_word_in_its_name_is_a_company(name: str) -> None:
    assert is_company_name(name)


def test_one_line_is_taken_once() -> None:
    assert len(lines(row("Example AG", "EXA.DE", "XTRA"), row("Example again AG", "EXA.DE", "XTRA"))) == 1


def test_an_older_table_lends_a_ticker_to_the_same_name_on_the_same_market() -> None:
    older = tickers_by_name(
        [
            {"ticker": "CARL-B.CO", "name": "Carlsberg A/S"},
            {"ticker": "AAA.CO", "name": "Twofold A/S"},
            {"ticker": "BBB.CO", "name": "Twofold A/S"},
            {"ticker": "CCC.CO", "name": "CCC.CO"},
        ]
    )
    assert older == {("XCSE", "carlsberg"): "CARL-B"}
    found = list(read_companies([row("Carlsberg A/S", "", "CPSE"), row("Gone A/S", "", "CPSE")], older))
    assert [(company.name, company.ticker) for company in found] == [("Carlsberg A/S", "CARL-B")]


def test_it_makes_the_short_name_of_the_legal_one() -> None:
    names = names_of("Hua Hong Semiconductor Limited")
    assert [(name.text, name.legal) for name in names] == [
        ("Hua Hong Semiconductor Limited", True),
        ("Hua Hong Semiconductor", False),
    ]
    assert not any(name.weak for name in names)
    assert [name.text for name in names_of("Pace Development Corporation Public Company Limited")][1] == (
        "Pace Development"
    )


def test_an_index_member_gets_the_name_that_the_news_uses() -> None:
    names = names_of("Anheuser-Busch InBev SA/NV", short="AB InBev", member=True)
    assert "AB InBev" in {name.text for name in names}


@pytest.mark.parametrize(
    "name", ["Target", "First Capital", "Shanghai", "Gates", "Wang", "SAP", "Pandora", "John Wood"]
)
def test_a_word_a_place_or_a_persons_name_is_weak_alone(name: str) -> None:
    assert is_weak_name(name)


@pytest.mark.parametrize(
    "name", ["Hua Hong Semiconductor", "PensionBee", "Rheinmetall", "Zhejiang Xiantong", "Auto1"]
)
def test_a_name_of_its_own_is_strong(name: str) -> None:
    assert not is_weak_name(name)


def test_a_short_name_is_strong_for_an_index_member_unless_it_is_a_word() -> None:
    assert is_weak_name("Puma")
    assert not is_weak_name("Aixtron", member=True)
    assert is_weak_name("Delivery Hero")
    assert not is_weak_name("Delivery Hero", member=True)
    assert is_weak_name("Target", member=True)


def test_members_are_read_once_with_the_lines_they_may_have() -> None:
    airbus = {"name": "Airbus", "symbol": "AIR.PA", "isins": ["NL0000235190"]}
    apple = {"name": "Apple Inc. (Class A)", "symbol": "AAPL", "isins": ["US0378331005", "US0378331006"]}
    odd = {"name": "Odd", "symbol": "1N8.F", "isins": None}
    found = list(read_members({"A": {"companies": [airbus, apple]}, "B": {"companies": [airbus, odd, {}]}}))
    assert [(member.name, member.lines[0], member.isin) for member in found] == [
        ("Airbus", ("AIR", "XPAR"), "NL0000235190"),
        ("Apple Inc.", ("AAPL", "XNYS"), "US0378331005"),
        ("Odd", ("1N8", "XFRA"), ""),
    ]
