"""Facts become rows once, correct what no person changed, and never speak over a person or another source."""

from __future__ import annotations

import pytest

from entities.models import Alias, Entity, Exchange, LexiconVersion, Listing, Position, Security
from entities.sources.facts import AliasFact, EntityFact, FactBatch, ListingFact, LoadReport, PositionFact
from entities.sources.storing import store_facts

pytestmark = pytest.mark.django_db
EDITORIAL = ("editorial", "2025-12")
TABLES = (Entity, Alias, Security, Listing, Position)


def batch(*, dropped: tuple[tuple[str, str, str], ...] = ()) -> FactBatch:
    """Two firms and who leads one of them."""
    return FactBatch(
        entities=(
            EntityFact("orne", "company", "Orne Shipping", *EDITORIAL, country="NO", description="Shipping", prominence=0.8),
            EntityFact("tessin", "company", "Tessin Chips", *EDITORIAL, country="CH", prominence=0.7),
            EntityFact("mara-quint", "person", "Mara Quint", *EDITORIAL, prominence=0.6),
        ),
        aliases=(
            AliasFact("orne", "Orne Shipping", "name", *EDITORIAL),
            AliasFact("orne", "Orne", "short", *EDITORIAL, weak=True),
            AliasFact("tessin", "Tessin Chips", "name", *EDITORIAL),
            AliasFact("tessin", "Tessin", "short", *EDITORIAL),
            AliasFact("mara-quint", "Mara Quint", "name", *EDITORIAL),
        ),
        listings=(
            ListingFact("orne", "XOSL", "ORNE", *EDITORIAL, currency="NOK", primary=True),
            ListingFact("orne", "XLON", "ORNE", *EDITORIAL, currency="GBX"),
            ListingFact("tessin", "XSWX", "TESN", *EDITORIAL, currency="CHF", primary=True),
        ),
        positions=(PositionFact("mara-quint", "orne", "Chairman", *EDITORIAL, kind="director", since="2024"),),
        dropped=dropped,
    )  # fmt: skip


def load(facts: FactBatch | None = None) -> LoadReport:
    return store_facts(facts or batch(), "Our set", curated=True)


def counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


@pytest.fixture(autouse=True)
def _loaded(db: None) -> None:
    for mic in ("XOSL", "XLON", "XSWX"):
        Exchange.objects.create(mic=mic, name=mic, source="test", as_of="2026")
    load()


@pytest.fixture
def orne(_loaded: None) -> Entity:
    return Entity.objects.get(slug="orne")


def test_loading_again_adds_and_changes_nothing_and_tells_nobody() -> None:
    before, version = counts(), LexiconVersion.objects.get().number
    again = load()
    assert counts() == before
    assert not any(again.added.values())
    assert not any(again.updated.values())
    assert "nothing new" in str(again)
    assert LexiconVersion.objects.get().number == version


def test_one_share_on_two_markets_is_one_security(orne: Entity) -> None:
    lines = Listing.objects.filter(security__issuer=orne)
    assert {(line.exchange_id, line.ticker) for line in lines} == {("XOSL", "ORNE"), ("XLON", "ORNE")}
    assert lines.values("security").distinct().count() == 1


def test_what_a_person_changed_is_left_alone(orne: Entity) -> None:
    orne.name, orne.edited_by_human = "Orne of Bergen", True
    orne.save(update_fields=["name", "edited_by_human"])
    orne.aliases.exclude(text="Orne").delete()
    load()
    orne.refresh_from_db()
    assert orne.name == "Orne of Bergen"
    assert [alias.text for alias in orne.aliases.all()] == ["Orne"]


def test_it_mends_what_no_person_changed(orne: Entity) -> None:
    Entity.objects.filter(pk=orne.pk).update(description="wrong", prominence=0.1)
    orne.aliases.filter(text="Orne").update(weak=False)
    Position.objects.update(kind="employee")
    assert load().updated == {"entities": 1, "aliases": 1, "positions": 1}
    orne.refresh_from_db()
    assert orne.description == "Shipping"
    assert orne.aliases.get(text="Orne").weak
    assert Position.objects.get().kind == "director"


def test_facts_of_a_merged_entity_go_to_the_one_that_stayed_and_correct_nothing_there(orne: Entity) -> None:
    gone = Entity.objects.get(slug="tessin")
    gone.merged_into = orne
    gone.save(update_fields=["merged_into"])
    gone.aliases.all().delete()
    orne.aliases.create(text="Tessin", folded="tessin", kind="former", weak=True, source="x", as_of="2026")
    load()
    orne.refresh_from_db()
    assert (orne.name, orne.country, orne.prominence) == ("Orne Shipping", "NO", 0.8)
    assert orne.aliases.filter(text="Tessin Chips").exists()
    assert orne.aliases.get(text="Tessin").kind == "former"
    assert not gone.aliases.exists()
    before = counts()
    assert not any(load().updated.values())
    assert counts() == before


def test_a_line_that_another_company_holds_is_refused_and_said(orne: Entity) -> None:
    Listing.objects.filter(ticker="TESN").update(security=Security.objects.get(issuer=orne))
    done = load()
    assert any("TESN XSWX" in sentence for sentence in done.refused)
    assert Listing.objects.filter(ticker="TESN").count() == 1


def test_a_company_that_was_known_by_its_line_is_taken_over_and_not_doubled(orne: Entity) -> None:
    Entity.objects.filter(pk=orne.pk).update(slug="orne-shipping-asa", prominence=0.1)
    before = counts()
    load()
    assert counts() == before
    assert Entity.objects.get(slug="orne-shipping-asa").prominence == pytest.approx(0.8)


DROPPED = (("orne", "Orne Lines", "editorial"),)


def test_a_name_that_the_set_gives_no_more_is_taken_away_once(orne: Entity) -> None:
    orne.aliases.create(
        text="Orne Lines", folded="orne lines", kind="short", source="editorial", as_of="2025-12"
    )
    version = LexiconVersion.objects.get().number
    assert load(batch(dropped=DROPPED)).updated == {"withdrawn aliases": 1}
    assert not orne.aliases.filter(text="Orne Lines").exists()
    told = LexiconVersion.objects.get().number
    assert told > version
    assert not load(batch(dropped=DROPPED)).updated
    assert LexiconVersion.objects.get().number == told


@pytest.mark.parametrize(
    ("alias", "entity"),
    [
        ({"right": 1}, {}),
        ({"wrong": 1}, {}),
        ({"off_at": "2026-11-01T00:00:00Z", "off_by": "a person"}, {}),
        ({"source": "another table"}, {}),
        ({}, {"edited_by_human": True}),
    ],
)
def test_a_name_that_a_person_or_another_source_stands_for_is_not_taken_away(
    alias: dict[str, object], entity: dict[str, object], orne: Entity
) -> None:
    given = {"kind": "short", "source": "editorial", "as_of": "2025-12", **alias}
    orne.aliases.create(text="Orne Lines", folded="orne lines", **given)
    Entity.objects.filter(pk=orne.pk).update(**(entity or {"edited_by_human": False}))
    load(batch(dropped=DROPPED))
    assert orne.aliases.filter(text="Orne Lines").exists()
