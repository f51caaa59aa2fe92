"""Events near another are found by the names that tell most of it, by the newest articles of each, of about its time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from articles.models import EntityYear, Event
from articles.queries import events
from articles.queries.events import related_events
from entities.models import Entity
from tests.stories_world import make_article, make_entity, make_event

pytestmark = pytest.mark.django_db


def tell(title: str, at: datetime, who: list[Entity]) -> Event:
    return make_event(title, [make_article(title, "Text.", at, entities=who, publisher=f"Post {title}")])


def test_the_names_that_tell_most_lead_to_events_of_about_the_same_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = timezone.now()
    rare, common = make_entity("Skagen Steel AB"), make_entity("Orne Energy Holdings")
    EntityYear.objects.create(entity=common, n=90_000)
    one = tell("Plan", now, [rare, common])
    both = tell("Permit", now - timedelta(days=2), [rare, common])
    seldom = tell("Strike", now - timedelta(days=1), [rare])
    often = tell("Shares", now - timedelta(days=1), [common])
    tell("Long ago", now - timedelta(days=60), [rare, common])
    assert [near.id for near in related_events(one.pk)] == [both.pk, *sorted([seldom.pk, often.pk])[::-1]]
    monkeypatch.setattr(events, "RELATED_BY", 1)
    assert [near.id for near in related_events(one.pk)] == [seldom.pk, both.pk]
    monkeypatch.setattr(events, "ARTICLES_A_NAME", 2)
    assert [near.id for near in related_events(one.pk)] == [seldom.pk], (
        "only the newest articles are looked at"
    )
