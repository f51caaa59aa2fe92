"""Heat and growth of live events are written in a handful of statements, however many there are; dormant ones have none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.events import measuring
from articles.events.measuring import is_measuring_due, measure_due_events, measure_events
from articles.models import Article, ArticleEntity, EntityDay, Event, Progress
from articles.tasks import measure_events as measure_task
from articles.wakeups import due_wakeups
from entities.models import Entity
from tests.factories import make_article, make_entity, make_event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(hours: list[float], entity: Entity | None = None, title: str = "Harbour") -> list[Article]:
    """Articles so many hours before now."""
    found = []
    for n, ago in enumerate(hours):
        article = make_article(f"{title} {n} {ago}", published_at=NOW - ago * HOUR)
        if entity is not None:
            ArticleEntity.objects.create(
                article=article, entity=entity, published_at=article.published_at, mentions=2
            )
        found.append(article)
    return found


def normal(entity: Entity, a_day: int) -> None:
    """An entity's and, with it, the desk's days of nine weeks."""
    days = [(NOW - timedelta(days=n)).date() for n in range(1, 63)]
    EntityDay.objects.bulk_create(EntityDay(entity=entity, day=day, n=a_day) for day in days)
    with connection.cursor() as cursor:
        for n in range(1, 63):
            cursor.execute(
                "INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv) "
                "SELECT id, publisher_id, %s, 'x', 'en', ''::tsvector FROM articles_article ORDER BY id LIMIT 1",
                [NOW - timedelta(days=n)],
            )


def figures(event: Event) -> tuple[float | None, float | None]:
    event.refresh_from_db()
    return event.heat, event.growth


def test_growth_and_own_heat_are_written() -> None:
    event = make_event("Storm", told([1, 2, 3, 4, 5, 30, 31, 50, 80]))
    measured = measure_events(now=NOW)
    heat, growth = figures(event)
    assert (measured.events, measured.changed) == (1, 1)
    assert growth == pytest.approx(2.0)
    assert heat is not None
    assert heat > 2
    assert event.measured_at == NOW


def test_the_names_of_an_event_give_it_a_normal_on_its_first_day() -> None:
    quiet, loud = make_entity("Orne Shipping"), make_entity("Harlow Motors")
    one = make_event("Quiet name", told([1, 2, 3, 4, 5], quiet, "Orne"))
    other = make_event("Loud name", told([1, 2, 3, 4, 5], loud, "Harlow"))
    assert measure_events(now=NOW).events == 2
    assert figures(one)[0] is None, "a desk that is a day old knows no normal"
    EntityDay.objects.all().delete()
    normal(quiet, 1)
    days = [(NOW - timedelta(days=n)).date() for n in range(1, 63)]
    EntityDay.objects.bulk_create(EntityDay(entity=loud, day=day, n=40) for day in days)
    measure_events(now=NOW)
    hot, usual = figures(one)[0], figures(other)[0]
    assert hot is not None
    assert usual is not None
    assert hot > 2 > usual


def test_a_dormant_event_loses_its_figures_and_a_joined_one_is_left_alone() -> None:
    event = make_event("Old", told([80, 90, 100]), heat=4.0, growth=2.0)
    joined = make_event("Joined", told([1]), heat=4.0, merged_into=event)
    measure_events(now=NOW)
    assert figures(event) == (None, None)
    assert figures(joined)[0] == 4.0


def test_nothing_is_written_twice_and_as_many_statements_are_needed_for_many_events() -> None:
    entity = make_entity("Orne Shipping")
    make_event("One", told([1, 2, 3], entity))
    with CaptureQueriesContext(connection) as few:
        measure_events(now=NOW)
    assert measure_events(now=NOW).changed == 0
    for n in range(9):
        make_event(f"Event {n}", told([1, 2, 3], entity, f"Story {n}"))
    with CaptureQueriesContext(connection) as many:
        measure_events(now=NOW)
    assert len(many) == len(few) <= 8


def test_it_is_done_every_few_minutes_and_by_one_at_a_time() -> None:
    assert not is_measuring_due(300), "a desk without events has nothing to measure"
    make_event("Storm", told([1, 2, 3]))
    assert is_measuring_due(300)
    assert "measure" in due_wakeups(10)
    assert measure_due_events(300, now=NOW) is not None
    assert not is_measuring_due(300)
    assert "measure" not in due_wakeups(10)
    assert measure_due_events(300, now=NOW) is None
    Progress.objects.update(number=0)
    measure_task.apply()
    assert not is_measuring_due(300)


def test_a_name_counts_that_half_of_the_articles_have() -> None:
    seldom, often = make_entity("Orne Shipping"), make_entity("Harlow Motors")
    articles = [*told([1, 2, 3], often, "Harlow"), *told([4, 5], seldom, "Orne")]
    event = make_event("Two names", articles)
    with connection.cursor() as cursor:
        cursor.execute(measuring._NAMES, [[event.pk], 5])
        assert cursor.fetchall() == [(event.pk, often.pk)]
