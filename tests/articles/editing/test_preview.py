"""An address is looked at through the fetch door and the sandbox, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from articles.editing.preview import look_at
from articles.errors import RefusedError
from articles.ingest.canonical import url_sha256
from articles.models import Article, Feed, Publisher, RemovedSource
from tests.feedworld import FeedWorld, generated_feed, serving

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
