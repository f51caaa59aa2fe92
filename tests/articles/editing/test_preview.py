"""An address is looked at through the fetch door and the sandbox, and nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles.editing import preview
from articles.editing.preview import Ask, find_feeds_of, look_at, try_policies
from articles.errors import RefusedError
from articles.ingest.canonical import url_sha256
from articles.ingest.hosts import release_hosts, reserve_hosts
from articles.ingest.identity import key_sha256
from articles.models import Article, Feed, HostTime, Publisher, RemovedSource, Sighting
from tests.factories import make_article
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

PAGE = b"""<!doctype html><html><head><title>Paper</title>
<link rel="alternate" type="application/rss+xml" title="All stories" href="/feed">
<link rel="alternate" type="application/atom+xml" title="Business" href="/business">
</head><body><h1>Paper</h1></body></html>"""


@pytest.fixture
def world(settings: Any) -> Iterator[FeedWorld]:
    """A paper with a page, a feed, a page without feeds, and something that is neither."""
    bodies = {
        "/": PAGE,
        "/feed": generated_feed(1, 12),
        "/bare/": b"<!doctype html><html><body><p>No feed is named here.</p></body></html>",
        "/bare/feed/": generated_feed(2, 3),
        "/picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }
    types = {"/": "text/html", "/bare/": "text/html", "/picture": "image/png"}
    with serving(FeedWorld(bodies, types)) as world:
        settings.FETCH_PORTS = frozenset({world.port})
        yield world


def test_it_shows_what_would_be_stored_and_stores_nothing(world: FeedWorld) -> None:
    found = look_at(world.url("/feed"), timezone.now())
    assert (found.title, found.total, found.language) == ("Paper 1", 12, "en")
    assert len(found.entries) == 10
    dates = [entry.published_at for entry in found.entries]
    assert dates == sorted(dates, reverse=True)
    assert not any(entry.known for entry in found.entries)
    assert not Feed.objects.exists()
    assert not Article.objects.exists()
    assert not Publisher.objects.exists()


def test_it_names_the_feeds_of_a_page(world: FeedWorld) -> None:
    found = look_at(world.url("/"), timezone.now())
    assert [(feed.url, feed.title) for feed in found.found] == [
        (world.url("/feed"), "All stories"),
        (world.url("/business"), "Business"),
    ]
    assert not found.entries


def test_it_tries_the_usual_places_of_a_page_that_names_no_feed(world: FeedWorld) -> None:
    found = look_at(world.url("/bare/"), timezone.now())
    assert (found.url, found.total) == (world.url("/bare/feed/"), 3)


@pytest.mark.parametrize("typed", ["", "javascript:alert(1)", "ht tp://x"])
def test_it_says_what_an_address_looks_like(typed: str) -> None:
    with pytest.raises(RefusedError, match="no web address"):
        look_at(typed, timezone.now())


def test_it_says_in_words_why_there_is_no_answer(world: FeedWorld) -> None:
    with pytest.raises(RefusedError, match="404"):
        look_at(world.url("/nowhere"), timezone.now())
    with pytest.raises(RefusedError) as refusal:
        look_at(world.url("/picture"), timezone.now())
    assert str(refusal.value).endswith(".")


def test_it_never_uses_the_exception_for_the_sample(world: FeedWorld, settings: Any) -> None:
    settings.FETCH_ALLOW = ()
    settings.SAMPLE_ADDRESS = f"127.0.0.1:{world.port}"
    with pytest.raises(RefusedError):
        look_at(world.url("/feed"), timezone.now())
    assert sum(world.answers.values()) == 0


def test_it_says_which_source_has_the_address_and_who_removed_it(world: FeedWorld) -> None:
    publisher = Publisher.objects.create(name="Paper", slug="paper")
    look = look_at(world.url("/feed"), timezone.now())
    assert (look.known_as, look.removed_by) == ("", "")
    Feed.objects.create(
        publisher=publisher,
        url=world.url("/feed"),
        url_sha256=url_sha256(world.url("/feed")),
        host="x",
        title="Paper one",
        next_fetch_at=timezone.now(),
    )
    RemovedSource.objects.create(url=world.url("/feed"), url_sha256=url_sha256(world.url("/feed")), by="ada")
    look = look_at(world.url("/feed"), timezone.now())
    assert (look.known_as, look.removed_by) == ("Paper one", "ada")


def test_it_says_which_entries_need_their_page_and_how_one_reads(world: FeedWorld, settings: Any) -> None:
    settings.FULL_TEXT_CHARACTERS = 100_000
    story = "The harbour board sold the quay to the only bidder it had on Tuesday. " * 12
    bodies = dict(world.bodies)
    bodies["/cut"] = (
        '<rss version="2.0"><channel><title>Cut</title><item><title>Quay sold</title>'
        f"<link>{world.url('/story')}</link><description>Short.</description></item>"
        "<item><title/></item></channel></rss>"
    ).encode()
    bodies["/story"] = (
        f"<html><body><article><h1>Quay sold</h1><p>{story}</p><p>Later. {story}</p></article></body></html>".encode()
    )
    world.bodies = bodies
    world.content_types = {**world.content_types, "/story": "text/html"}
    found = look_at(world.url("/cut"), timezone.now())
    assert (found.total, found.pages, found.new) == (1, 1, 1)
    assert found.page is not None
    assert found.page.problem == ""
    assert found.page.characters > 1000
    assert any(line.startswith("The harbour board sold") for line in found.page.paragraphs)
    assert "told apart" in found.identity
    assert "Fetching starts at every 15 min" in found.rhythm
    assert sum(line["n"] for line in found.skipped if isinstance(line["n"], int)) == 1


def test_it_says_when_a_page_cannot_be_read(world: FeedWorld, settings: Any) -> None:
    settings.FULL_TEXT_CHARACTERS = 100_000
    world.bodies = {
        **world.bodies,
        "/cut": generated_feed(1, 2).replace(b"https://paper-1.example", world.url("").encode()),
    }
    found = look_at(world.url("/cut"), timezone.now())
    assert found.page is not None
    assert "404" in found.page.problem


def test_it_asks_an_address_without_a_scheme_by_https_and_then_by_http(world: FeedWorld) -> None:
    found = look_at(f"127.0.0.1:{world.port}/feed", timezone.now())
    assert found.url == world.url("/feed")


def test_it_judges_the_identity_that_a_feed_would_get(world: FeedWorld) -> None:
    items = "".join(
        f"<item><title>Bid {n}</title><link>https://paper.example/{n}</link><description>x</description></item>"
        for n in range(10)
    )
    world.bodies = {
        **world.bodies,
        "/bare-guids": f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode(),
    }
    found = look_at(world.url("/bare-guids"), timezone.now())
    assert "no guid" in found.identity
    assert "address" in found.identity


def test_it_finds_another_feed_of_a_source_that_ended(world: FeedWorld) -> None:
    now = timezone.now()
    feed = make_source("Paper", url=world.url("/old"), site_url=world.url("/"))
    first, second = find_feeds_of(feed.pk, now)
    assert (first.feed.url, first.total, first.new) == (world.url("/feed"), 12, 12)
    assert "404" in second.problem
    Feed.objects.filter(pk=feed.pk).update(site_url=world.url("/bare/"))
    (found,) = find_feeds_of(feed.pk, now)
    assert (found.feed.url, found.total) == (world.url("/bare/feed/"), 3)
    Feed.objects.filter(pk=feed.pk).update(site_url="", url="https://127.0.0.1:1/feed")
    with pytest.raises(RefusedError, match="does not answer either"):
        find_feeds_of(feed.pk, now)


def test_it_tries_each_identity_on_what_a_source_answers_now(world: FeedWorld) -> None:
    feed = make_source("Paper", url=world.url("/feed"))
    trials = {trial.trial.policy: trial for trial in try_policies(feed.pk)}
    assert {policy: (one.trial.articles, one.met, one.anew) for policy, one in trials.items()} == {
        "guid": (12, 0, 12),
        "url": (12, 0, 12),
        "content": (12, 0, 12),
    }
    article = make_article("Bid", published_at=timezone.now())
    Sighting.objects.create(
        feed=feed,
        article=article,
        guid="1-3",
        guid_sha256=key_sha256("1-3"),
        entry_sha256=b"x" * 32,
        first_seen_at=timezone.now(),
        changed_at=timezone.now(),
    )
    assert {one.trial.policy: one.met for one in try_policies(feed.pk)} == {"guid": 1, "url": 0, "content": 0}


PAUSE_SECONDS = 0.3


@pytest.fixture
def strangers(world: FeedWorld, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same world, met as a stranger's: its host, which has a short pause; a turn is waited for on any machine."""
    settings.FETCH_OWN_AT_ONCE = 0
    settings.FETCH_HOST_SECONDS = PAUSE_SECONDS
    monkeypatch.setattr(preview, "TURN_SECONDS", 15.0)
    return f"127.0.0.1:{world.port}"


def test_a_host_that_a_worker_asks_is_left_to_it(
    world: FeedWorld, strangers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = make_source("Paper", url=world.url("/feed"), site_url=world.url("/"))
    turns = reserve_hosts([strangers], 50)
    patience, no_patience = preview.TURN_SECONDS, 0.0
    monkeypatch.setattr(preview, "TURN_SECONDS", no_patience)
    for look in (
        lambda: look_at(world.url("/feed"), timezone.now()),
        lambda: find_feeds_of(feed.pk, timezone.now()),
        lambda: try_policies(feed.pk),
    ):
        with pytest.raises(
            RefusedError, match=r"127\.0\.0\.1:\d+ is asked one thing .* comes in (50|4\d) s, try again"
        ):
            look()
    assert sum(world.answers.values()) == 0
    monkeypatch.setattr(preview, "TURN_SECONDS", patience)
    release_hosts(turns, 0.2)
    assert look_at(world.url("/feed"), timezone.now()).total == 12


def test_it_keeps_the_pause_between_its_own_requests_and_leaves_one_to_the_workers(
    world: FeedWorld, strangers: str
) -> None:
    begun = timezone.now()
    found = look_at(world.url("/bare/"), begun)
    assert found.total == 3
    left = HostTime.objects.get(host=strangers)
    assert (left.why, world.asked > 1) == ("pause", True)
    assert left.free_at > begun + (world.asked - 0.1) * timedelta(seconds=PAUSE_SECONDS), "one behind each"


def test_looking_ends_when_its_time_is_over(world: FeedWorld) -> None:
    with pytest.raises(RefusedError, match="took longer than 20 s"):
        look_at(world.url("/feed"), timezone.now(), Ask(until=time.monotonic()))
    assert sum(world.answers.values()) == 0
    assert preview.LOOK_SECONDS + preview.READ_SECONDS <= 25
    assert preview.reader()._limits.wall_seconds <= preview.READ_SECONDS
