"""The lexicon is compiled from the database, kept on disk, and renewed when names change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from entities import lexicon as lexicon_module
from entities.lexicon import current_lexicon, forget_lexicon, names_changed
from entities.linking import link_text
from entities.models import (
    Alias,
    Entity,
    Exchange,
    Identifier,
    ImportRun,
    LexiconVersion,
    Listing,
    Position,
    Security,
)
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


def add_name(entity: Entity, text: str) -> None:
    Alias.objects.create(
        entity=entity, text=text, folded=text.lower(), kind="short", source="test", as_of="2025"
    )


def forget_all() -> None:
    """As in a process that has just started."""
    lexicon_module._kept = lexicon_module._Kept()


def compiled(queries: CaptureQueriesContext) -> list[str]:
    """The statements that read names for compiling."""
    return [
        q["sql"] for q in queries.captured_queries if "entities_alias" in q["sql"] and "MAX" not in q["sql"]
    ]


def test_it_finds_what_the_database_names() -> None:
    company = add_company("Quillbrook Widget", "Quillbrook", ticker="QLB")
    assert linked("Quillbrook fell.") == {company.pk}
    assert linked("The company (NYSE: QLB) fell.") == {company.pk}


def test_a_changed_name_is_found_without_a_restart() -> None:
    company = add_company("Quillbrook Widget")
    assert linked("Zandermar fell.") == set()
    add_name(company, "Zandermar")
    names_changed()
    assert linked("Zandermar fell.") == {company.pk}


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


@pytest.mark.django_db(transaction=True)
def test_the_compiled_file_is_used_and_a_broken_one_is_not(data_folder: Path) -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    first = current_lexicon()
    (path,) = (data_folder / "lexicon").glob("*.names")
    forget_all()
    with CaptureQueriesContext(connection) as queries:
        again = current_lexicon()
    assert again is not first
    assert not compiled(queries)
    path.write_bytes(path.read_bytes()[:-9])
    forget_all()
    assert linked("Quillbrook fell.") == {company.pk}
    assert list((data_folder / "lexicon").glob("*.names")) == [path]


@pytest.mark.django_db(transaction=True)
def test_who_changed_is_read_anew_and_nobody_else(data_folder: Path) -> None:
    other = add_company("Quillbrook Widget", "Quillbrook", ticker="QLB")
    company = add_company("Zandermar Lamps", "Zandermar")
    names_changed()
    assert linked("Zandermar fell.") == {company.pk}
    (path,) = (data_folder / "lexicon").glob("*.names")
    Alias.objects.filter(text="Zandermar").update(text="Vexley")
    Entity.objects.filter(pk=company.pk).update(name="Vexley Lamps")
    names_changed([company.pk])
    with CaptureQueriesContext(connection) as queries:
        changed = current_lexicon()
    assert all(f"IN ({company.pk})" in q for q in compiled(queries))
    assert changed.entities[company.pk].name == "Vexley Lamps"
    assert linked("Zandermar fell. Vexley rose. Quillbrook (NYSE: QLB) slept.") == {company.pk, other.pk}
    assert linked("Zandermar fell.") == set()
    assert list((data_folder / "lexicon").glob("*.names")) == [path]
    forget_all()  # a process that starts now opens the same file and reads the same entity beside it
    assert linked("Vexley rose.") == {company.pk}
    assert linked("Zandermar fell.") == set()


def test_a_new_entity_and_a_new_name_are_found_even_if_nobody_said_so() -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    names_changed()
    assert linked("Quillbrook fell.") == {company.pk}
    add_name(company, "Zandermar")
    newcomer = add_company("Vexley Lamps", "Vexley")
    assert linked("Zandermar fell. Vexley rose.") == {company.pk, newcomer.pk}


def test_an_entity_that_is_deleted_or_merged_is_read_anew() -> None:
    stays, goes, dies = (add_company(name, name) for name in ("Quillbrook", "Zandermar", "Vexley"))
    names_changed()
    assert linked("Quillbrook, Zandermar and Vexley fell.") == {stays.pk, goes.pk, dies.pk}
    Entity.objects.filter(pk=goes.pk).update(merged_into=stays)
    gone = dies.pk
    dies.delete()
    names_changed([goes.pk, gone])
    assert linked("Quillbrook, Zandermar and Vexley fell.") == {stays.pk}
    assert gone not in current_lexicon().entities
    Entity.objects.filter(pk=goes.pk).update(merged_into=None)
    names_changed([stays.pk, goes.pk])
    assert linked("Quillbrook and Zandermar fell.") == {stays.pk, goes.pk}


def test_a_name_that_is_switched_off_links_nothing_at_once() -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    names_changed()
    assert linked("Quillbrook fell.") == {company.pk}
    Alias.objects.filter(text="Quillbrook").update(off_at="2025-01-01T00:00Z")
    names_changed([company.pk])
    assert linked("Quillbrook fell.") == set()


def test_a_line_that_moves_to_another_company_means_that_one() -> None:
    before, after = add_company("Quillbrook Widget", ticker="QLB"), add_company("Zandermar Lamps")
    names_changed()
    assert linked("The share (NYSE: QLB) fell.") == {before.pk}
    Security.objects.update(issuer=after)
    names_changed([before.pk, after.pk])
    assert linked("The share (NYSE: QLB) fell.") == {after.pk}


def test_relations_of_who_changed_are_read_anew() -> None:
    company = add_company("Quillbrook Widget")
    person = Entity.objects.create(kind="person", name="Ada Roe", slug="ada-roe", source="test", as_of="2025")
    names_changed()
    assert current_lexicon().related == {}
    Position.objects.create(person=person, organization=company, title="Head", source="test", as_of="2025")
    names_changed([person.pk])
    assert current_lexicon().related == {company.pk: {person.pk}, person.pk: {company.pk}}
    Position.objects.all().delete()
    names_changed([person.pk])
    assert {one: others for one, others in current_lexicon().related.items() if others} == {}


def test_when_many_have_changed_all_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon_module, "MOST_TOUCHED", 2)
    companies = [add_company(name, name) for name in ("Quillbrook", "Zandermar", "Vexley")]
    names_changed()
    marks = [LexiconVersion.objects.get().mark]
    for company in companies:
        names_changed([company.pk])
        marks.append(LexiconVersion.objects.get().mark)
    assert marks[0] == marks[1] == marks[2] != marks[3]
    assert LexiconVersion.objects.get().touched == []
    assert linked("Quillbrook, Zandermar and Vexley fell.") == {company.pk for company in companies}


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_wrote_and_took_back_is_kept_nowhere(data_folder: Path) -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    with transaction.atomic():
        add_company("Zandermar Lamps", "Zandermar")
        names_changed()
        assert linked("Zandermar fell.") != set()
        transaction.set_rollback(True)
    assert list((data_folder / "lexicon").glob("*.names")) == []
    forget_lexicon()
    assert linked("Zandermar fell. Quillbrook rose.") == {company.pk}


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_wrote_no_names_keeps_what_it_compiled(data_folder: Path) -> None:
    """Articles are linked in the transaction that writes them: each would compile all names for itself alone."""
    company = add_company("Quillbrook Widget", "Quillbrook")
    for _ in range(2):
        with transaction.atomic():
            ImportRun.objects.create(form="test", file="test.csv", file_sha256="0" * 64)
            with CaptureQueriesContext(connection) as queries:
                assert linked("Quillbrook rose.") == {company.pk}
            last = compiled(queries)
        forget_lexicon()
    assert last == []
    assert len(list((data_folder / "lexicon").glob("*.names"))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_name_that_nobody_told_of_is_kept_nowhere_while_it_may_be_taken_back(data_folder: Path) -> None:
    with transaction.atomic():
        company = add_company("Quillbrook Widget", "Quillbrook")
        with transaction.atomic():  # a savepoint has a number of its own
            add_name(company, "Quillby")
        assert linked("Quillby rose.") == {company.pk}
    assert not list((data_folder / "lexicon").glob("*.names"))


def test_a_folder_that_cannot_be_written_costs_only_time(data_folder: Path) -> None:
    company = add_company("Quillbrook Widget", "Quillbrook")
    (data_folder / "lexicon").write_text("a file where the folder should be")
    assert linked("Quillbrook fell.") == {company.pk}


@pytest.mark.django_db(transaction=True)
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
