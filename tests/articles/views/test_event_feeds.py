"""Feeds of events: Atom and JSON for every filter, by key and without cookies, asked for again only when they changed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Event, EventDigest
from entities.models import Change
from newsdesk.accounts import acts
from newsdesk.accounts.models import User
from tests.stories_world import World, make_article, make_event, make_world

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert('1')</script> & ]]> \u201c\U0001f30a\u201d \x0b\ufffe"


@pytest.fixture
def world() -> World:
    return make_world(timezone.now())


def feed(client: Client, form: str = "atom", asked: str = "", **headers: str) -> Any:
    return client.get(f"/events/feed.{form}{asked}", headers=headers)


def entries(answer: Any) -> list[Any]:
    """The entries of an Atom feed that a strict reader finds nothing wrong with."""
    read = feedparser.parse(answer.content)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return list(read.entries)


def test_both_forms_tell_the_same_events_in_the_order_of_the_list(
    world: World, analyst: User, client: Client
) -> None:
    wind = world.events["wind"]
    Event.objects.filter(pk=wind.pk).update(type="deal", dek="Forty turbines will be built.")
    client.force_login(analyst)
    atom, whole = entries(feed(client)), feed(client, "json")
    assert whole.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    read = json.loads(whole.content)
    assert read["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["id"] for one in read["items"]] == [entry.id for entry in atom]
    first = read["items"][0]
    assert (first["title"], first["url"]) == (wind.title, f"http://testserver/events/{wind.pk}/")
    assert atom[0].link == first["url"]
    assert first["tags"][0] == "Deal" == atom[0].tags[0].term
    assert "Forty turbines" in first["content_html"]
    assert "4 articles, 4 publishers, 4 independent" in atom[0].content[0].value
    assert read["feed_url"] == "http://testserver/events/feed.json"
    assert urlsplit(read["home_page_url"]).path == "/events/"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("?entity=orne-energy-holdings", ["wind"]),
        ("?range=24h", ["wind"]),
        ("?text=cables&silence=live", ["bridge"]),
        ("?source=harbour-post&order=first", ["wind", "bridge"]),
        ("?type=election", []),
        ("?entity=nobody", []),
    ],
)
def test_each_filter_has_its_feeds(
    world: World, analyst: User, client: Client, asked: str, expected: list[str]
) -> None:
    client.force_login(analyst)
    titles = [world.events[name].title for name in expected]
    assert [entry.title for entry in entries(feed(client, asked=asked))] == titles
    assert [one["title"] for one in json.loads(feed(client, "json", asked).content)["items"]] == titles
    listed = client.get(f"/events/{asked}")
    assert [row.title for row in listed.context["page"].rows] == titles
    assert f'href="/events/feed.atom?{listed.context["address"]}"'.replace("&", "&amp;") in listed.text


def test_what_a_source_wrote_stays_text(analyst: User, client: Client) -> None:
    made = make_event(HOSTILE.replace("\x0b", ""), [make_article("A", "B.", timezone.now())], dek=HOSTILE)
    EventDigest.objects.create(
        event=made,
        built_from=1,
        rule_version="digest-1",
        summary=[{"text": HOSTILE, "span": {"article": 0, "field": "text", "start": 0, "end": 1}}],
    )
    client.force_login(analyst)
    (entry,) = entries(feed(client))
    assert entry.title.startswith("&lt;script&gt;") or entry.title.startswith("<script>alert")
    assert b"<script>" not in feed(client).content
    (item,) = json.loads(feed(client, "json").content)["items"]
    assert "<script>" not in item["content_html"]
    assert "\x0b" not in item["title"] + item["content_html"]


def test_a_reader_that_has_it_already_is_told_so(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    first = feed(client)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert feed(client, **{"If-None-Match": etag}).status_code == 304
    again = feed(client, **{"If-Modified-Since": modified})
    assert (again.status_code, again.content) == (304, b"")
    later = timezone.now() + timedelta(seconds=5)
    Event.objects.filter(pk=world.events["wind"].pk).update(title="Turbines", updated_at=later)
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        assert feed(client, **headers).status_code == 200
    assert entries(feed(client))[0].title == "Turbines"


def test_an_entry_keeps_its_id_and_a_joined_event_leads_on(
    world: World, editor: User, client: Client
) -> None:
    client.force_login(editor)
    before = {entry.link: entry.id for entry in entries(feed(client))}
    assert len(set(before.values())) == 2
    keep, other = world.events["wind"].pk, world.events["bridge"].pk
    client.post(f"/events/{keep}/join/", {"to": other})
    (left,) = entries(feed(client))
    assert left.id == before[left.link]
    assert client.get(f"/events/{other}/").headers["Location"] == f"/events/{keep}/"


def test_a_key_is_made_shown_once_renewed_and_ended(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    shown = client.post("/account/feed-key/", {"address": "range=24h&entity=orne-energy-holdings"})
    assert shown.headers["Cache-Control"].startswith("max-age=0")
    key, atom = shown.context["key"], urlsplit(shown.context["atom"])
    reader = Client()
    answer = reader.get(f"{atom.path}?{atom.query}")
    assert [entry.title for entry in entries(answer)] == [world.events["wind"].title]
    assert not answer.cookies
    for page in ("/account/", "/events/feeds/"):
        assert key not in client.get(page).text
    assert key not in str(User.objects.filter(pk=analyst.pk).values())
    newer = client.post("/account/feed-key/").context["key"]
    assert reader.get(f"/feeds/{key}/events.atom").status_code == 404
    assert reader.get(f"/feeds/{newer}/events.json").status_code == 200
    client.post("/account/feed-key/end/")
    assert reader.get(f"/feeds/{newer}/events.json").status_code == 404
    told = Change.objects.filter(subject_kind="user", subject_id=analyst.pk).values_list("act", flat=True)
    assert sorted(told) == ["feed key ended", "feed key made", "feed key renewed"]


def test_a_key_of_somebody_who_is_shut_out_opens_nothing(world: World, analyst: User, client: Client) -> None:
    key = acts.make_feed_key(analyst)
    assert client.get(f"/feeds/{key}/events.atom").status_code == 200
    User.objects.filter(pk=analyst.pk).update(is_active=False)
    assert client.get(f"/feeds/{key}/events.atom").status_code == 404
    assert client.get("/feeds/x/events.atom").status_code == 404


def test_feeds_are_bounded_in_size_and_in_how_often_they_are_asked_for(
    world: World, analyst: User, client: Client, settings: Any
) -> None:
    settings.EVENT_FEED_ENTRIES = 1
    settings.EVENT_FEED_READS = 2
    key = acts.make_feed_key(analyst)
    assert len(entries(client.get(f"/feeds/{key}/events.atom"))) == 1
    assert client.get(f"/feeds/{key}/events.json").status_code == 200
    refused = client.get(f"/feeds/{key}/events.json")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")


def test_a_form_that_there_is_not_is_not_found(world: World, analyst: User, client: Client) -> None:
    client.force_login(analyst)
    assert feed(client, "rss").status_code == 404
    key = acts.make_feed_key(analyst)
    assert client.get(f"/feeds/{key}/events.rss").status_code == 404
