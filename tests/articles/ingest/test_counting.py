"""A year of a large desk is counted now and then: its lists read the count, say when it was made, and need no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.ingest import counting
from articles.ingest.counting import STEP, count_year
from articles.ingest.retention import tidy
from articles.models import EntityDay, EntityYear, Progress
from articles.queries.directory import COUNT_HOLDS, EntitiesPage, EntityFilter, entities_page
from articles.queries.times import read_range
from articles.queries.today import today_page
from entities.models import Entity
from tests.factories import make_entity

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture
def much(monkeypatch: pytest.MonkeyPatch) -> dict[str, Entity]:
    """A desk whose year is worth a count."""
    monkeypatch.setattr(counting, "WORTH", 1)
    made = {name: make_entity(name) for name in ("Acme", "Berg", "Cables", "Dorn")}
    for name, days_ago, n in (
        ("Acme", 0, 3),
        ("Acme", 364, 4),
        ("Acme", 365, 50),  # a day too early
        ("Berg", 100, 9),
        ("Cables", 3, 0),
    ):
        EntityDay.objects.create(entity=made[name], day=NOW.date() - timedelta(days=days_ago), n=n)
    return made


def year(at: datetime = NOW, **wanted: object) -> EntitiesPage:
    return entities_page(EntityFilter(**wanted), read_range("1y", at), 0)  # type: ignore[arg-type]  # fields by name


def shown(page: EntitiesPage) -> list[tuple[str, int]]:
    return [(row.chip.name, row.articles) for row in page.rows]


@pytest.mark.parametrize("wanted", [{}, {"sort": "name"}, {"kind": "company"}, {"text": "a"}, {"text": "c"}])
def test_the_count_says_what_the_days_add_up_to(much: dict[str, Entity], wanted: dict[str, str]) -> None:
    added_up = year(NOW, **wanted)
    assert added_up.counted_at is None
    assert count_year(NOW) == (2, False)
    counted = year(NOW, **wanted)
    assert counted.counted_at == NOW
    assert shown(counted) == shown(added_up)


def test_only_what_changed_is_written_again_and_what_is_over_goes(much: dict[str, Entity]) -> None:
    count_year(NOW)
    assert count_year(NOW) == (0, False)
    EntityDay.objects.filter(entity=much["Berg"]).update(n=10)
    later = NOW + timedelta(days=1)  # the oldest day of the year is over
    assert count_year(later) == (2, False)
    assert dict(EntityYear.objects.values_list("entity__name", "n")) == {"Acme": 3, "Berg": 10}
    EntityDay.objects.filter(entity=much["Berg"]).delete()
    count_year(later)
    assert not EntityYear.objects.filter(entity=much["Berg"]).exists()


def test_who_became_part_of_another_is_in_no_list(much: dict[str, Entity]) -> None:
    count_year(NOW)
    Entity.objects.filter(pk=much["Berg"].pk).update(merged_into=much["Acme"])
    assert "Berg" not in dict(shown(year()))
    count_year(NOW)
    assert "Berg" not in dict(shown(year()))


def test_a_count_that_nobody_renews_is_not_shown_and_other_ranges_never_read_it(
    much: dict[str, Entity],
) -> None:
    count_year(NOW)
    EntityDay.objects.filter(entity=much["Berg"]).update(n=1)
    assert dict(shown(year()))["Berg"] == 9
    late = year(NOW + COUNT_HOLDS)
    assert (late.counted_at, dict(shown(late))["Berg"]) == (None, 1)
    week = entities_page(EntityFilter(), read_range("7d", NOW), 0)
    assert (week.counted_at, dict(shown(week))["Acme"]) == (None, 3)


def test_today_names_those_of_the_count_and_its_time(much: dict[str, Entity]) -> None:
    count_year(NOW)
    page = today_page(read_range("1y", NOW), 0)
    assert page.counted_at == NOW
    assert [(row.chip.name, row.n) for row in page.named] == [("Berg", 9), ("Acme", 7)]
    assert today_page(read_range("30d", NOW), 0).counted_at is None


def test_today_costs_as_many_queries_for_each_range(much: dict[str, Entity]) -> None:
    count_year(NOW)
    costs = {}
    for code in ("24h", "7d", "30d", "1y"):
        with CaptureQueriesContext(connection) as asked:
            today_page(read_range(code, NOW), 0)
        costs[code] = len(asked.captured_queries)
    assert len(set(costs.values())) == 1, costs


def test_a_small_desk_keeps_no_count_and_is_always_new(
    much: dict[str, Entity], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tidy(600.0, now=NOW).is_done
    assert Progress.objects.filter(pk=STEP).exists()
    monkeypatch.setattr(counting, "WORTH", 100)
    tidied = tidy(600.0, now=NOW)
    assert not Progress.objects.filter(pk=STEP).exists()
    assert not EntityYear.objects.exists()
    assert "numbers of a year" not in tidied.words
    assert year().counted_at is None


def test_pages_of_the_count_follow_each_other_without_a_loss(
    much: dict[str, Entity], monkeypatch: pytest.MonkeyPatch
) -> None:
    count_year(NOW)
    whole = shown(year())
    monkeypatch.setattr("articles.queries.directory.PAGE", 1)
    found, after = [], ""
    for _ in range(len(whole)):
        page = year(after=after)
        found += shown(page)
        after = page.after
    assert (found, after) == (whole, "")


def test_the_year_asks_the_database_as_often_for_many_as_for_few(much: dict[str, Entity]) -> None:
    count_year(NOW)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            year()
        return len(queries)

    few = asked()
    for number in range(30):
        one = make_entity(f"Firm {number}")
        EntityDay.objects.create(entity=one, day=NOW.date(), n=number + 1)
    count_year(NOW)
    assert asked() == few <= 7
