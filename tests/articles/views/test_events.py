"""The event list and the page of an event."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Event, Membership
from newsdesk.accounts.models import User
from tests.stories_world import World, make_article, make_event, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world(timezone.now())


def test_it_lists_events_the_latest_told_first(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    page = client.get("/events/").context["page"]
    assert [row.id for row in page.rows] == [world.events["wind"].pk, world.events["bridge"].pk]


def test_it_filters_by_words_status_and_beginning(world: World, analyst: User, client: Client) -> None:
    Event.objects.filter(pk=world.events["bridge"].pk).update(status="confirmed")
    client.force_login(analyst)
    for query, expected in (
        ({"text": "cable"}, ["bridge"]),
        ({"text": "turbines"}, ["wind"]),
        ({"status": "confirmed"}, ["bridge"]),
        ({"status": "no such"}, ["wind", "bridge"]),
        ({"range": "24h", "new": "1"}, ["wind"]),
        ({"text": "elephant"}, []),
    ):
        page = client.get("/events/", query).context["page"]
        assert [row.id for row in page.rows] == [world.events[name].pk for name in expected], query


def test_it_pages_by_a_cursor_without_loss_or_repeat(analyst: User, client: Client) -> None:
    now = timezone.now()
    for number in range(60):
        make_event(f"Event {number}", [make_article(f"Story {number}", "Text.", now)])
    client.force_login(analyst)
    seen: list[int] = []
    after = ""
    for _ in range(5):
        page = client.get("/events/", {"after": after}).context["page"]
        seen += [row.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(seen) == sorted(Event.objects.values_list("id", flat=True))
    assert len(seen) == len(set(seen))


def test_it_says_what_to_drop_when_nothing_fits(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    answer = client.get("/events/?text=elephant&status=open")
    assert [(drop.words, drop.n) for drop in answer.context["page"].drops] == [("words: elephant", 2)]
    assert ">words: elephant</a>: 2" in answer.text


def test_the_page_tells_who_said_what_and_why_it_is_here(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    answer = client.get(f"/events/{world.events['wind'].pk}/")
    assert "4 articles</a>, " in answer.text
    assert "4 publishers</a>, " in answer.text
    assert "4 independent</a></h2>" in answer.text
    assert "names the same two entities" in answer.text
    assert "Skagen Steel" in answer.text
    assert "Move to another event" not in answer.text
    told = [entry.own.id for day in answer.context["page"].days for entry in day.entries]
    assert told == [article.pk for article in sorted(world.articles[4:], key=lambda a: a.published_at)]


def test_a_joined_event_leads_on_for_ever(world: World, editor: User, client: Client) -> None:
    keep, other = world.events["wind"], world.events["bridge"]
    client.force_login(editor)
    preview = client.get(f"/events/{keep.pk}/join/?to={other.pk}")
    assert [side.articles_after for side in preview.context["preview"].sides] == [8, 0]
    done = client.post(f"/events/{keep.pk}/join/", {"to": other.pk}, follow=True)
    assert "The two events are one now." in done.text
    answer = client.get(f"/events/{other.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/events/{keep.pk}/")
    assert Membership.objects.filter(event=keep).count() == 8


def test_every_decision_can_be_taken_back_from_the_page(world: World, editor: User, client: Client) -> None:
    wind, bridge = world.events["wind"].pk, world.events["bridge"].pk
    article = world.articles[4].pk
    client.force_login(editor)
    for path, form, changed in (
        (
            f"/articles/{article}/move/",
            {"to": bridge},
            lambda: Membership.objects.get(article_id=article).event_id,
        ),
        (
            f"/articles/{article}/move/",
            {"to": ""},
            lambda: Membership.objects.get(article_id=article).event_id,
        ),
        (
            f"/events/{wind}/rename/",
            {"title": "Turbines for Tessin"},
            lambda: Event.objects.get(pk=wind).title,
        ),
        (f"/events/{wind}/status/", {"status": "confirmed"}, lambda: Event.objects.get(pk=wind).status),
    ):
        before = changed()
        page = client.post(path, form | {"why": "seen at the scene"}, follow=True)
        assert changed() != before, path
        assert "seen at the scene" in page.text
        undo = next(row for row in page.context["page"].history if row.undo)
        client.post(f"/events/changes/{undo.id}/undo/", follow=True)
        assert changed() == before, path


def test_it_shows_what_a_move_would_do_before_it_is_done(world: World, editor: User, client: Client) -> None:
    client.force_login(editor)
    path = f"/articles/{world.articles[4].pk}/move/"
    first = client.get(path)
    assert [event.id for event in first.context["found"]] == [world.events["bridge"].pk]
    sides = client.get(path, {"to": world.events["bridge"].pk}).context["preview"].sides
    assert [(side.articles, side.articles_after) for side in sides] == [(4, 3), (4, 5)]
    sides = client.get(path, {"to": "new"}).context["preview"].sides
    assert [(side.articles, side.articles_after) for side in sides] == [(4, 3), (0, 1)]
    assert Membership.objects.filter(event=world.events["wind"]).count() == 4


def test_a_decision_that_makes_no_sense_is_refused_in_words(
    world: World, editor: User, client: Client
) -> None:
    wind = world.events["wind"].pk
    client.force_login(editor)
    for path, form, words in (
        (f"/events/{wind}/join/", {"to": wind}, "same event already"),
        (f"/events/{wind}/join/", {"to": ""}, "Choose the event"),
        (f"/events/{wind}/status/", {"status": "open"}, "has this status already"),
        (f"/events/{wind}/status/", {"status": "burnt"}, "There is no status"),
        (f"/articles/{world.articles[4].pk}/move/", {"to": 999_999}, "There is no event"),
        ("/events/changes/999999/undo/", {}, "no decision about events"),
    ):
        assert words in client.post(path, form, follow=True).text, (path, form)


def test_titles_are_text_and_never_markup(analyst: User, client: Client) -> None:
    now = timezone.now()
    event = make_event(
        "<script>alert(1)</script>", [make_article("<img src=x onerror=alert(1)>", "Text.", now)]
    )
    client.force_login(analyst)
    for path in ("/events/", f"/events/{event.pk}/", "/"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize("path", ["/events/0/", "/events/999999999999999999/", "/events/-1/"])
def test_an_event_that_is_not_there_is_said_to_be_so(analyst: User, client: Client, path: str) -> None:
    client.force_login(analyst)
    assert client.get(path).status_code == 404
