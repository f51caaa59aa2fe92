"""Lists of events: every filter, every order, pages without loss, honest figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import ArticleCopy, CopyGroup, Event, Publisher
from articles.queries.today import TOP_EVENTS
from newsdesk.accounts.models import User
from tests.stories_world import World, make_article, make_event, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def world(now: datetime) -> World:
    """Two events of the last two days and a silent one of five days ago, without any name."""
    made = make_world(now)
    old = make_article(
        "A quiet day at Tessin", "Nothing happened.", now - timedelta(days=5), publisher="Lion Daily"
    )
    made.events["quiet"] = make_event("A quiet day at Tessin", [old])
    columns: dict[str, dict[str, Any]] = {
        "wind": {"type": "deal", "heat": 1.2, "growth": 3.0},
        "bridge": {"type": "accident", "heat": 4.5, "status": "confirmed"},
    }
    for name, values in columns.items():
        Event.objects.filter(pk=made.events[name].pk).update(**values)
    return made


def listed(client: Client, world: World, **asked: str) -> list[str]:
    """The events of a list by their names in the world."""
    names = {event.pk: name for name, event in world.events.items()}
    return [names[row.id] for row in client.get("/events/", asked).context["page"].rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["wind", "bridge", "quiet"]),
        ({"entity": "orne-energy-holdings"}, ["wind"]),
        ({"entity": "Skagen Steel"}, ["wind", "bridge"]),
        ({"ticker": "orne"}, ["wind"]),
        ({"ticker": "SKST.XNOR"}, ["wind", "bridge"]),
        ({"ticker": "SKST.XHKG"}, []),
        ({"type": "accident"}, ["bridge"]),
        ({"country": "no", "type": "deal"}, ["wind"]),
        ({"country": "DE"}, []),
        ({"source": "lion-daily"}, ["quiet"]),
        ({"source": "Lion Daily"}, ["quiet"]),
        ({"status": "confirmed"}, ["bridge"]),
        ({"silence": "dormant"}, ["quiet"]),
        ({"silence": "live"}, ["wind", "bridge"]),
        ({"range": "24h"}, ["wind"]),
        (
            {"entity": "skagen-steel-ab", "source": "harbour-post", "silence": "live", "text": "bridge"},
            ["bridge"],
        ),
        ({"entity": "nobody at all"}, []),
        ({"order": "heat"}, ["bridge", "wind", "quiet"]),
        ({"order": "growth"}, ["wind", "bridge", "quiet"]),
        ({"order": "first"}, ["wind", "bridge", "quiet"]),
        (
            {"order": "no such", "type": "no such", "silence": "x", "country": "zz9"},
            ["wind", "bridge", "quiet"],
        ),
    ],
)
def test_each_filter_and_order_is_an_address(
    world: World, analyst: User, client: Client, asked: dict[str, str], expected: list[str]
) -> None:
    client.force_login(analyst)
    answer = client.get("/events/", asked)
    assert listed(client, world, **asked) == expected
    assert answer.context["page"].total == len(expected)


@pytest.mark.parametrize("order", ["last", "heat", "growth", "first"])
def test_no_order_loses_or_repeats_an_event(analyst: User, client: Client, now: datetime, order: str) -> None:
    for number in range(60):
        made = make_event(
            f"E {number}", [make_article(f"S {number}", "T.", now - timedelta(hours=number // 7))]
        )
        if number % 2:
            figure = (number % 5) / 3
            Event.objects.filter(pk=made.pk).update(heat=figure, growth=-figure)
    client.force_login(analyst)
    seen: list[Any] = []
    after = ""
    for _ in range(4):
        page = client.get("/events/", {"order": order, "after": after}).context["page"]
        seen += page.rows
        after = page.after
        if not after:
            break
    assert sorted(row.id for row in seen) == sorted(Event.objects.values_list("id", flat=True))
    if order in {"heat", "growth"}:
        figures = [getattr(row, order) for row in seen]
        known = [figure for figure in figures if figure is not None]
        assert known == sorted(known, reverse=True)
        assert figures == known + [None] * 30


@pytest.mark.parametrize(
    "after", ["h", "hnan:1", "h1e400:5", "h1.0:9999999999999999999", "r-", "rx-1", "1-", "h1.0:٣"]
)
def test_a_place_that_makes_no_sense_is_the_first_page(
    world: World, analyst: User, client: Client, after: str
) -> None:
    client.force_login(analyst)
    assert listed(client, world, order="heat", after=after) == ["bridge", "wind", "quiet"]


def test_a_name_that_nobody_has_is_said_and_can_be_dropped(
    world: World, analyst: User, client: Client
) -> None:
    client.force_login(analyst)
    answer = client.get("/events/?entity=Nobody&type=deal&range=30d")
    assert "No entity is called “Nobody”." in answer.text
    (drop,) = answer.context["page"].drops
    assert (drop.words, drop.n) == ("entity: Nobody", 1)
    assert [row.id for row in client.get(f"/events/?{drop.address}").context["page"].rows] == [
        world.events["wind"].pk
    ]


def test_what_is_shown_counts_sources_and_what_came_before(
    world: World, analyst: User, client: Client, now: datetime
) -> None:
    wind = world.events["wind"]
    first, second, third, _ = world.articles[4:]
    group = CopyGroup.objects.create(origin=first, article_count=2)
    for one, kind in ((first, "origin"), (second, "verbatim")):
        ArticleCopy.objects.create(article=one, group=group, kind=kind, rule_version="copy-1")
    Publisher.objects.filter(pk=third.publisher_id).update(owner=first.publisher.name)
    client.force_login(analyst)
    row = client.get("/events/", {"range": "24h"}).context["page"].rows[0]
    assert (row.id, row.articles, row.independent, row.new, row.before) == (wind.pk, 4, 2, 4, 0)
    assert client.get(f"/events/{wind.pk}/").context["page"].owners == 2
    bridge = client.get("/events/?range=7d&text=bridge").context["page"].rows[0]
    assert (bridge.new, bridge.before) == (4, 0)
    text = client.get("/events/").text
    assert "4.5 ×" in text
    assert "too few" in text


def test_it_says_that_articles_are_on_their_way(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert "being read" not in client.get("/events/").text
    make_article("Only just in", "Text.", timezone.now(), stage="new")
    assert "1 article is being read:" in client.get("/events/").text


def test_today_shows_the_hottest_first(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    page = client.get("/?range=7d").context["page"]
    assert [row.id for row in page.events] == [world.events[name].pk for name in ("bridge", "wind", "quiet")]
    Event.objects.filter(pk=world.events["wind"].pk).update(heat=0.3)
    page = client.get("/?range=7d").context["page"]
    assert [row.id for row in page.events] == [
        world.events[name].pk for name in ("bridge", "quiet", "wind")
    ], "what cools down comes behind what is not known"
    for number in range(TOP_EVENTS):
        cooling = make_event(f"C {number}", [make_article(f"Old {number}", "T.", timezone.now())])
        Event.objects.filter(pk=cooling.pk).update(heat=0.5)
    page = client.get("/?range=7d").context["page"]
    assert [row.id for row in page.events][:2] == [world.events[name].pk for name in ("bridge", "quiet")]


@pytest.mark.parametrize(
    "path",
    [
        "/events/?order=heat&entity=skagen-steel-ab&source=harbour-post",
        "/events/feed.atom?order=heat&type=deal",
    ],
)
def test_filters_cost_the_same_for_more_rows(
    world: World, analyst: User, client: Client, path: str, now: datetime
) -> None:
    client.force_login(analyst)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    few = cost()
    for number in range(12):
        told = make_article(
            f"Skagen Steel {number}", "Skagen Steel.", now, entities=[world.entities["skagen"]]
        )
        make_event(f"E {number}", [told], type="deal", heat=float(number))
    assert cost() == few <= 12
