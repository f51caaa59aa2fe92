"""The directories: filters, orders, counts, paging without loss, and a cost that does not grow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import EntityDay, Watch
from articles.queries.directory import EntitiesPage, EntityFilter, entities_page
from articles.queries.times import read_range
from entities.models import Alias, Entity, Exchange, Listing, Security
from newsdesk.accounts.models import User
from tests.stories_world import make_article, make_entity, make_position

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
WEEK = read_range("7d", NOW)


def page_of(user: User, **wanted: object) -> EntitiesPage:
    return entities_page(EntityFilter(**wanted), WEEK, user.pk)  # type: ignore[arg-type]  # fields by name


def names(page: EntitiesPage) -> list[str]:
    return [row.chip.name for row in page.rows]


def counted(entity: Entity, n: int, days_ago: int = 0) -> None:
    EntityDay.objects.create(entity=entity, day=NOW.date() - timedelta(days=days_ago), n=n)


def all_pages(user: User, **wanted: object) -> list[str]:
    found: list[str] = []
    after = ""
    for _ in range(20):
        page = page_of(user, after=after, **wanted)
        found += names(page)
        after = page.after
        if not after:
            return found
    raise AssertionError("the pages have no end")


@pytest.fixture
def some(db: None) -> dict[str, Entity]:
    made = {
        "anna": make_entity("Anna Berg", "person", country="NO"),
        "acme": make_entity("Acme Ropes", ticker="ACM", country="NO"),
        "apex": make_entity("apex Cables", ticker="APX", mic="XSKA", country="SE"),
        "works": make_entity("Works Council", "organization", country="SE"),
    }
    counted(made["acme"], 3)
    counted(made["acme"], 2, days_ago=1)
    counted(made["anna"], 4)
    counted(made["apex"], 9, days_ago=20)
    return made


def test_those_named_most_come_first_and_all_others_after_them(
    some: dict[str, Entity], analyst: User
) -> None:
    page = page_of(analyst)
    assert [(row.chip.name, row.articles) for row in page.rows] == [
        ("Acme Ropes", 5), ("Anna Berg", 4), ("apex Cables", 0), ("Works Council", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"kind": "person"}, ["Anna Berg"]),
        ({"country": "SE"}, ["apex Cables", "Works Council"]),
        ({"exchange": "XSKA"}, ["apex Cables"]),
        ({"exchange": "XSKA", "country": "NO"}, []),
        ({"text": "a", "kind": "company"}, ["Acme Ropes", "apex Cables"]),
        ({"text": "APX"}, ["apex Cables"]),
        ({"text": "!"}, []),
        ({"sort": "name"}, ["Acme Ropes", "Anna Berg", "apex Cables", "Works Council"]),
        ({"kind": "nonsense", "sort": "name", "country": "SE"}, ["apex Cables", "Works Council"]),
    ],
)
def test_filters_and_orders(
    some: dict[str, Entity], analyst: User, wanted: dict[str, str], found: list[str]
) -> None:
    assert names(page_of(analyst, **wanted)) == found


def test_a_listing_that_ended_is_found_no_more(some: dict[str, Entity], analyst: User) -> None:
    Listing.objects.filter(ticker="APX").update(valid_to=NOW.date())
    assert names(page_of(analyst, exchange="XSKA")) == []
    assert names(page_of(analyst, text="APX")) == []


def test_an_alias_finds_its_entity_and_a_merged_one_is_not_there(
    some: dict[str, Entity], analyst: User
) -> None:
    Alias.objects.create(entity=some["works"], text="The Board", folded="the board", source="t", as_of="2026")
    assert names(page_of(analyst, text="the bo")) == ["Works Council"]
    Entity.objects.filter(pk=some["works"].pk).update(merged_into=some["acme"])
    assert names(page_of(analyst, text="the bo")) == []
    assert page_of(analyst).facets.total == 3


def test_people_stand_there_with_their_post_of_now(some: dict[str, Entity], analyst: User) -> None:
    make_position(some["anna"], some["works"], "treasurer", since="2019", until="2021")
    make_position(some["anna"], some["apex"], "chair", since="2022-04")
    make_position(some["anna"], some["acme"], "adviser", since="2020")
    posts = {row.chip.name: row.post for row in page_of(analyst).rows}
    assert posts == {
        "Anna Berg": "chair, apex Cables",
        "Acme Ropes": "",
        "apex Cables": "",
        "Works Council": "",
    }


def test_only_what_the_user_watches(some: dict[str, Entity], analyst: User, editor: User) -> None:
    Watch.objects.create(user=analyst, entity=some["works"])
    page = page_of(analyst, watched=True)
    assert names(page) == ["Works Council"]
    assert page.rows[0].watched
    assert names(page_of(editor, watched=True)) == []
    assert not any(row.watched for row in page_of(editor).rows)


def test_counts_are_within_the_other_filters(some: dict[str, Entity], analyst: User) -> None:
    facets = page_of(analyst, country="NO").facets
    assert facets.total == 2
    assert {one.value: one.n for one in facets.kinds if one.n} == {"": 2, "person": 1, "company": 1}
    assert {one.value: one.n for one in facets.countries} == {"NO": 2, "SE": 2}
    facets = page_of(analyst, kind="company").facets
    assert {one.words: one.n for one in facets.countries} == {"Norway": 1, "Sweden": 1}
    assert [one.value for one in facets.exchanges] == ["XNOR", "XSKA"]


@pytest.mark.parametrize(
    "wanted", [{}, {"sort": "name"}, {"kind": "company"}, {"text": "company"}, {"country": "NO"}]
)
def test_pages_lose_and_repeat_nothing(analyst: User, wanted: dict[str, str]) -> None:
    for number in range(130):
        made = make_entity(f"Company {number % 9} {number}", country="NO")
        if number % 3:
            counted(made, number % 5 + 1)
    found = all_pages(analyst, **wanted)
    assert len(found) == len(set(found)) == 130


def test_the_hottest_come_first(some: dict[str, Entity], analyst: User) -> None:
    for back in range(70):
        day = NOW.date() - timedelta(days=back)
        for entity, n in ((some["acme"], 2), (some["apex"], 3), (some["anna"], 6 if back < 7 else 1)):
            EntityDay.objects.update_or_create(entity=entity, day=day, defaults={"n": n})
        make_article("The day", "Nobody is named.", NOW - timedelta(days=back, minutes=5))
    page = page_of(analyst, sort="heat")
    assert names(page)[0] == "Anna Berg"
    heat = page.rows[0].heat
    assert heat is not None
    assert (heat.level, heat.n) == ("much", 42)
    assert heat.usual == pytest.approx(6.5, abs=0.5)
    assert {row.heat.level for row in page.rows[1:] if row.heat} == {"usual"}
    assert "Works Council" not in names(page)


def test_a_young_desk_says_that_it_cannot_tell(some: dict[str, Entity], analyst: User) -> None:
    page = page_of(analyst)
    assert {row.heat.level for row in page.rows if row.heat} == {"short"}
    assert names(page_of(analyst, sort="heat")) == []


@pytest.mark.parametrize(
    "wanted",
    [{}, {"sort": "name"}, {"sort": "heat"}, {"text": "company"}, {"country": "NO"}, {"watched": True}],
)
def test_a_hundred_rows_cost_what_ten_do(analyst: User, wanted: dict[str, object]) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            made = make_entity(f"Company {number}", ticker=f"T{number}", country="NO")
            head = make_entity(f"Company head {number}", "person", country="NO")
            make_position(head, made, "chief executive")
            counted(made, 1)
            Watch.objects.create(user=analyst, entity=made)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            page_of(analyst, **wanted)
        return len(seen)

    fill(0, 10)
    ten = cost()
    fill(10, 110)
    assert cost() <= ten <= 7


def test_without_an_entity_the_page_says_so(analyst: User) -> None:
    assert not page_of(analyst).any
    Exchange.objects.create(mic="XNOR", name="n", source="t", as_of="2026")
    assert page_of(analyst).facets.exchanges == ()
    assert Security.objects.count() == 0
