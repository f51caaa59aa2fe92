"""Loading the starter set: once, again, and after a person has changed something."""

import pytest

from entities.models import Alias, Entity, Exchange, Identifier, LexiconVersion, Listing, Position, Security
from entities.sources.starter import load_starter

pytestmark = pytest.mark.django_db
TABLES = (Entity, Alias, Identifier, Security, Listing, Position, Exchange)


def counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def test_it_loads_the_set_and_loading_again_adds_nothing() -> None:
    said: list[str] = []
    first = load_starter(said.append)
    before = counts()
    assert first.refused == ()
    assert first.added["entities"] == before["Entity"] >= 450
    version = LexiconVersion.objects.get().number
    again = load_starter(said.append)
    assert counts() == before
    assert not any(again.added.values())
    assert not any(again.updated.values())
    assert LexiconVersion.objects.get().number == version
    assert len(said) == 2
    assert "Starter set" in said[0]
    assert "nothing new" in said[1]


def test_the_chip_maker_is_one_company_with_two_securities() -> None:
    load_starter(lambda _: None)
    listings = Listing.objects.filter(ticker__in=["0981", "688981"])
    assert listings.count() == 2
    issuers = {listing.security.issuer for listing in listings.select_related("security__issuer")}
    assert [issuer.name for issuer in issuers] == ["Semiconductor Manufacturing International Corporation"]
    assert listings.values("security").distinct().count() == 2
    assert Security.objects.get(listings__ticker="0981").isin == "KYG8020E1199"
    assert not Listing.objects.filter(exchange="XNYS", ticker="SMI").exists()


def test_one_share_on_two_markets_is_one_security() -> None:
    load_starter(lambda _: None)
    lines = Listing.objects.filter(security__issuer__slug="shell", security__kind="equity")
    assert {(line.exchange_id, line.ticker) for line in lines} == {("XLON", "SHEL"), ("XAMS", "SHELL")}
    assert lines.values("security").distinct().count() == 1


def test_markets_carry_their_suffix_place_and_currency() -> None:
    load_starter(lambda _: None)
    hong_kong = Exchange.objects.get(mic="XHKG")
    assert (hong_kong.country, hong_kong.city, hong_kong.currency, hong_kong.yahoo_suffix) == (
        "HK",
        "Hong Kong",
        "HKD",
        ".HK",
    )
    assert Exchange.objects.get(mic="XKOS").operating_mic == "XKRX"


def test_what_a_person_changed_is_left_alone() -> None:
    load_starter(lambda _: None)
    intel = Entity.objects.get(slug="intel")
    intel.name, intel.edited_by_human = "Intel of Santa Clara", True
    intel.save(update_fields=["name", "edited_by_human"])
    intel.aliases.exclude(text="Intel").delete()
    load_starter(lambda _: None)
    intel.refresh_from_db()
    assert intel.name == "Intel of Santa Clara"
    assert [alias.text for alias in intel.aliases.all()] == ["Intel"]


def test_it_mends_what_no_person_changed() -> None:
    load_starter(lambda _: None)
    Entity.objects.filter(slug="qualcomm").update(description="wrong", prominence=0.1)
    Alias.objects.filter(entity__slug="apple", text="Apple").update(weak=False)
    done = load_starter(lambda _: None)
    assert done.updated == {"entities": 1, "aliases": 1}
    assert Entity.objects.get(slug="qualcomm").description == "Chip designer"
    assert Alias.objects.get(entity__slug="apple", text="Apple").weak


def test_facts_of_a_merged_entity_go_to_the_one_that_stayed() -> None:
    load_starter(lambda _: None)
    stayed, gone = Entity.objects.get(slug="huawei"), Entity.objects.get(slug="hisilicon")
    gone.merged_into = stayed
    gone.save(update_fields=["merged_into"])
    gone.aliases.all().delete()
    load_starter(lambda _: None)
    assert stayed.aliases.filter(text="HiSilicon").exists()
    assert not gone.aliases.exists()


def test_a_line_that_another_company_holds_is_refused_and_said() -> None:
    load_starter(lambda _: None)
    Listing.objects.filter(ticker="INTC").update(
        security=Security.objects.filter(issuer__slug="qualcomm").first()
    )
    done = load_starter(lambda _: None)
    assert any("INTC XNAS" in sentence for sentence in done.refused)
    assert Listing.objects.filter(ticker="INTC").count() == 1


def test_a_company_that_was_known_by_its_line_is_taken_over_and_not_doubled() -> None:
    load_starter(lambda _: None)
    Entity.objects.filter(slug="intel").update(slug="intel-corporation-intc", prominence=0.1)
    before = counts()
    load_starter(lambda _: None)
    assert counts() == before
    assert Entity.objects.get(slug="intel-corporation-intc").prominence == pytest.approx(0.95)


def test_a_name_that_the_set_gives_no_more_is_taken_away_once() -> None:
    load_starter(lambda _: None)
    owner = Entity.objects.get(slug="alphabet")
    owner.aliases.create(text="YouTube", folded="youtube", kind="short", source="editorial", as_of="2025-12")
    version = LexiconVersion.objects.get().number
    assert load_starter(lambda _: None).updated == {"withdrawn aliases": 1}
    assert not owner.aliases.filter(text="YouTube").exists()
    told = LexiconVersion.objects.get().number
    assert told > version
    assert not load_starter(lambda _: None).updated
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
    alias: dict[str, object], entity: dict[str, object]
) -> None:
    load_starter(lambda _: None)
    owner = Entity.objects.get(slug="alphabet")
    given = {"kind": "short", "source": "editorial", "as_of": "2025-12", **alias}
    owner.aliases.create(text="YouTube", folded="youtube", **given)
    Entity.objects.filter(pk=owner.pk).update(**(entity or {"edited_by_human": False}))
    load_starter(lambda _: None)
    assert owner.aliases.filter(text="YouTube").exists()


def test_a_brand_with_a_life_of_its_own_stands_beside_its_owner() -> None:
    load_starter(lambda _: None)
    brand = Entity.objects.get(slug="sephora")
    assert [tie.owner.slug for tie in brand.owned_by.select_related("owner")] == ["lvmh"]
    assert not Alias.objects.filter(entity__slug="lvmh", text="Sephora").exists()
