"""Developments are looked for when an event is new or changed: by names and by reading, bounded, never against a word."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.events.judging import decide_storyline
from articles.events.storylines import MOST_LINKS
from articles.events.suggesting import REST_SECONDS, suggest_storylines, suggest_storylines_at_times
from articles.models import ArticleEmbedding, EntityDay, Event, EventVector, StorylineLink
from entities.models import Entity
from tests.stories_world import make_article, make_entity, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def crew(db: None) -> list[Entity]:
    return [
        make_entity("Skagen Steel AB"),
        make_entity("Orne Energy Holdings"),
        make_entity("Ingrid Tveit", "person"),
    ]


def tell(title: str, at: datetime, who: list[Entity], *, angle: float | None = None) -> Event:
    """An event of two articles that name these; `angle` says how it reads."""
    articles = [
        make_article(f"{title} {n}", "Text.", at + timedelta(hours=n), entities=who, publisher=f"Post {n}")
        for n in (0, 1)
    ]
    event = make_event(title, articles)
    if angle is not None:
        dense = np.zeros(384, np.float32)
        dense[:2] = np.cos(angle), np.sin(angle)
        EventVector.objects.create(
            event=event, shard="en", seq=1, first_at=at, last_at=at, seen_at=at, size=2, dense=2 * dense
        )
        for article in articles:
            ArticleEmbedding.objects.create(
                article=article,
                revision_id=article.revision_id or 0,
                model="test",
                vector=dense,
                title_vector=dense,
            )
    return event


def links() -> set[tuple[int, int, str]]:
    return set(StorylineLink.objects.values_list("earlier_id", "later_id", "status"))


def test_it_finds_what_an_event_came_out_of_and_what_came_out_of_it(
    now: datetime, crew: list[Entity]
) -> None:
    first = tell("Plan", now - timedelta(days=90), crew, angle=0.0)
    middle = tell("Permit", now - timedelta(days=40), crew, angle=0.2)
    last = tell("Ground broken", now - timedelta(days=1), crew, angle=0.4)
    tell("Other", now - timedelta(days=60), [make_entity("Mara Quint", "person")], angle=0.0)
    assert suggest_storylines(middle.pk) == 2
    assert links() == {(first.pk, middle.pk, "suggested"), (middle.pk, last.pk, "suggested")}
    words = StorylineLink.objects.get(later=middle).why[0]["words"]
    assert words.startswith("both speak of ")
    assert "Skagen Steel AB" in words
    assert suggest_storylines(middle.pk) == 2, "asked again, it says the same"


def test_without_a_language_model_the_names_alone_lead_there(now: datetime, crew: list[Entity]) -> None:
    first, last = tell("Plan", now - timedelta(days=90), crew), tell("Permit", now, crew)
    assert suggest_storylines(last.pk) == 1
    assert links() == {(first.pk, last.pk, "suggested")}


def test_what_a_person_said_stands(now: datetime, crew: list[Entity]) -> None:
    first, last = tell("Plan", now - timedelta(days=90), crew), tell("Permit", now, crew)
    suggest_storylines(last.pk)
    decide_storyline(StorylineLink.objects.get().pk, "refused", "ed")
    assert suggest_storylines(last.pk) == suggest_storylines(first.pk) == 0
    assert links() == {(first.pk, last.pk, "refused")}


def test_a_suggestion_that_holds_no_longer_is_taken_back(now: datetime, crew: list[Entity]) -> None:
    first, last = tell("Plan", now - timedelta(days=90), crew), tell("Permit", now, crew)
    suggest_storylines(last.pk)
    Event.objects.filter(pk=first.pk).update(status="dismissed")
    assert suggest_storylines(last.pk) == 0
    assert links() == set()


def test_a_long_story_brings_few_suggestions_the_best(now: datetime, crew: list[Entity]) -> None:
    earlier = [
        tell(f"Chapter {n}", now - timedelta(days=20 * n), crew, angle=0.2 * n)
        for n in range(1, MOST_LINKS + 3)
    ]
    last = tell("Now", now, crew, angle=0.0)
    for event in [last, *earlier]:
        suggest_storylines(event.pk)
    waiting = StorylineLink.objects.filter(later=last).values_list("earlier_id", flat=True)
    assert set(waiting) == {event.pk for event in earlier[:MOST_LINKS]}


def test_an_event_of_the_sample_and_a_joined_one_are_left_alone(now: datetime, crew: list[Entity]) -> None:
    first, last = tell("Plan", now - timedelta(days=90), crew), tell("Permit", now, crew)
    Event.objects.filter(pk=first.pk).update(sample=True)
    assert suggest_storylines(last.pk) == 0
    Event.objects.filter(pk=first.pk).update(sample=False, merged_into=last)
    assert suggest_storylines(last.pk) == suggest_storylines(first.pk) == suggest_storylines(999_999) == 0


def test_it_costs_the_same_beside_many_events(now: datetime, crew: list[Entity]) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            suggest_storylines(last.pk)
        return len(seen)

    tell("Plan", now - timedelta(days=90), crew, angle=0.0)
    last = tell("Permit", now, crew, angle=0.0)
    suggest_storylines(last.pk)
    before = cost()
    for n in range(12):
        tell(f"Beside {n}", now - timedelta(days=3 * n + 2), crew[:2], angle=1.5)
    assert cost() <= before


def test_an_event_that_is_much_what_it_was_is_left_alone_for_some_minutes(
    now: datetime, crew: list[Entity]
) -> None:
    last = tell("Permit", now, crew)
    assert suggest_storylines_at_times(last.pk, 0.0) == 0
    tell("Plan", now - timedelta(days=90), crew)
    assert suggest_storylines_at_times(last.pk, REST_SECONDS - 1) is None
    assert suggest_storylines_at_times(last.pk, REST_SECONDS + 1) == 1
    Event.objects.filter(pk=last.pk).update(article_count=9)
    assert suggest_storylines_at_times(last.pk, REST_SECONDS + 2) == 1, "it has grown"
    Event.objects.filter(pk=last.pk).update(article_count=10)
    assert suggest_storylines_at_times(last.pk, REST_SECONDS + 3) is None
    Event.objects.filter(pk=last.pk).update(status="dismissed")
    assert suggest_storylines_at_times(last.pk, REST_SECONDS + 4) is not None


def test_what_was_heard_more_than_a_year_ago_makes_no_name_common(now: datetime, crew: list[Entity]) -> None:
    tell("Plan", now - timedelta(days=90), crew)
    last = tell("Permit", now, crew)
    days = [(now - timedelta(days=n)).date() for n in (400, 500)]
    EntityDay.objects.bulk_create(EntityDay(entity=one, day=day, n=50_000) for one in crew for day in days)
    assert suggest_storylines(last.pk) == 1
