"""The lexicon is compiled from the database, kept on disk, and renewed when names change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entities import lexicon as lexicon_module
from entities.lexicon import current_lexicon, forget_lexicon, names_changed
from entities.linking import link_text
from entities.models import Alias, Entity, Exchange, Identifier, Listing, Position, Security
from entities.queries import entity_cards, lexicon_entities, lexicon_relations

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.LEXICON_CHECK_SECONDS = 0.0
    forget_lexicon()
    return tmp_path


def add_company(name: str, *aliases: str, ticker: str = "") -> Entity:
    company = Entity.objects.create(
        kind="company",
        name=name,
        slug=name.lower().replace(" ", "-"),
        country="US",
        prominence=0.9,
        source="test",
        as_of="2025",
    )
    for text in aliases:
        Alias.objects.create(
            entity=company, text=text, folded=text.lower(), kind="short", source="test", as_of="2025"
        )
    if ticker:
        exchange, _ = Exchange.objects.get_or_create(
            mic="XNYS", defaults={"name": "NYSE", "source": "test", "as_of": "2025"}
        )
        security = Security.objects.create(issuer=company, isin="US0378331005", source="test", as_of="2025")
        Listing.objects.create(
            security=security, exchange=exchange, ticker=ticker, primary=True, source="test", as_of="2025"
        )
    return company


def linked(text: str) -> set[int | None]:
    return {m.entity_id for m in link_text("", text, current_lexicon()).mentions if m.status == "linked"}


def test_it_finds_what_the_database_names() -> None:
    company = add_company("Quillbrook Widget", "Quillbrook", ticker="QLB")
    assert linked("Quillbrook fell.") == {company.pk}
    assert linked("The company (NYSE: QLB) fell.") == {company.pk}


def test_a_changed_name_is_found_without_a_restart(data_folder: Path) -> None:
    company = add_company("Quillbrook Widget")
    assert linked("Zandermar fell.") == set()
    Alias.objects.create(
        entity=company, text="Zandermar", folded="zandermar", kind="short", source="test", as_of="2025"
    )
    names_changed()
    assert linked("Zandermar fell.") == {company.pk}
    assert len(list((data_folder / "lexicon").glob("*.names"))) == 1


def test_a_name_taken_away_is_found_no_more() -> None:
    company = add_company("Quillbrook Widget", "Zandermar")
    assert linked("Zandermar fell.") == {company.pk}
    Alias.objects.filter(text="Zandermar").delete()
    names_changed()
    assert linked("Zandermar fell.") == set()


def test_names_of_a_merged_entity_mean_the_one_it_went_into() -> None:
    stays = add_company("Quillbrook Widget")
    goes = add_company("Zandermar", "Zandermar")
    Entity.objects.filter(pk=goes.pk).update(merged_into=stays)
    names_changed()
    assert linked("Zandermar fell.") == {stays.pk}


def test_the_compiled_file_is_used_and_a_broken_one_is_not(data_folder: Path) -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    first = current_lexicon()
    (path,) = (data_folder / "lexicon").glob("*.names")
    lexicon_module._kept.lexicon = None
    with CaptureQueriesContext(
        connection,
    ) as queries:
        again = current_lexicon()
    assert again is not first
    assert not any("entities_alias" in q["sql"] and "MAX" not in q["sql"] for q in queries.captured_queries)
    path.write_bytes(path.read_bytes()[:-9])
    lexicon_module._kept.lexicon = None
    assert linked("Quillbrook fell.") == {company.pk}


def test_a_folder_that_cannot_be_written_costs_only_time(data_folder: Path) -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    (data_folder / "lexicon").write_text("a file where the folder should be")
    assert linked("Quillbrook fell.") == {company.pk}


def test_looking_again_costs_three_small_queries() -> None:
    add_company("Quillbrook Widget", "Quillbrook")
    current_lexicon()
    with CaptureQueriesContext(connection) as queries:
        current_lexicon()
    assert len(queries) == 3


def test_only_current_lines_count() -> None:
    company = add_company("Quillbrook Widget", ticker="QLB")
    Listing.objects.filter(ticker="QLB").update(valid_to="2019-01-01")
    (entity,) = [e for e in lexicon_entities() if e.id == company.pk]
    assert entity.tickers == ()
    assert entity_cards([company.pk])[company.pk].listings == ()


def test_positions_relate_people_and_organisations() -> None:
    company = add_company("Quillbrook Widget")
    person = Entity.objects.create(kind="person", name="Ada Roe", slug="ada-roe", source="test", as_of="2025")
    Position.objects.create(person=person, organization=company, title="Head", source="test", as_of="2025")
    assert list(lexicon_relations()) == [(person.pk, company.pk)]


def test_a_card_says_identifiers_and_listings() -> None:
    company = add_company("Quillbrook Widget", ticker="QLB")
    Entity.objects.filter(pk=company.pk).update(wikidata_id="Q42")
    Identifier.objects.create(entity=company, scheme="cik", value="123", source="test", as_of="2025")
    Identifier.objects.create(
        entity=company, scheme="lei", value="no", source="test", as_of="2025", valid=False
    )
    card = entity_cards([company.pk])[company.pk]
    assert card.identifiers == {"wikidata": "Q42", "cik": "123"}
    assert [(x.ticker, x.mic, x.isin) for x in card.listings] == [("QLB", "XNYS", "US0378331005")]
    assert entity_cards([company.pk + 1000]) == {}


def test_twenty_cards_cost_as_many_queries_as_ten() -> None:
    ids = [add_company(f"Quillbrook Widget {n}").pk for n in range(20)]
    counts = []
    for some in (ids[:10], ids):
        with CaptureQueriesContext(connection) as queries:
            entity_cards(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]
