"""What the pages of events, entities and Today cost: their queries do not grow with their rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Event
from newsdesk.accounts.models import User
from tests.stories_world import World, make_article, make_entity, make_event, make_world

pytestmark = pytest.mark.django_db


def fill(world: World, rows: int) -> None:
    """So many more events, each of one article with an entity of its own."""
    now = timezone.now()
    for _ in range(rows):
        name = f"Company {Event.objects.count()}"
        entity = make_entity(name, ticker=f"T{Event.objects.count()}")
        make_event(name, [make_article(f"{name} speaks", f"{name} said so.", now, entities=[entity])])


def queries_of(client: Client, path: str, **headers: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path, headers=headers).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/?range=7d", 12),
        ("/events/", 12),
        ("/entities/", 12),
        ("/entities/?text=company", 12),
        ("/palette/?q=company", 12),
    ],
)
def test_a_list_costs_the_same_for_ten_and_for_twenty_rows(
    analyst: User, client: Client, path: str, most: int
) -> None:
    world = make_world(timezone.now())
    client.force_login(analyst)
    fill(world, 8)
    ten = queries_of(client, path)
    fill(world, 10)
    assert queries_of(client, path) == ten <= most


def test_the_page_of_an_event_costs_the_same_for_more_articles(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    few = make_world(timezone.now()).events["wind"]
    cost = queries_of(client, f"/events/{few.pk}/")
    now = timezone.now()
    told = [
        make_article(f"Report {number}", "Text.", now, publisher=f"Paper {number}") for number in range(20)
    ]
    many = make_event("Many reports", told)
    assert queries_of(client, f"/events/{many.pk}/") <= cost <= 12


def test_the_page_of_an_entity_stays_within_twenty(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    make_world(timezone.now(), copies=4)
    assert queries_of(client, "/entities/skagen-steel-ab/") <= 20


def test_a_fragment_of_the_palette_is_small_and_cheap(analyst: User, client: Client) -> None:
    client.force_login(analyst)
    fill(make_world(timezone.now()), 20)
    path = "/palette/?q=company"
    assert queries_of(client, path, **{"HX-Request": "true"}) <= 6
    assert len(client.get(path, headers={"HX-Request": "true"}).content) <= 20_000
