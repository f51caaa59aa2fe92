"""The pages about sources: what each shows, refuses, stores and offers to undo."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Feed
from newsdesk.accounts.models import User
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.sources_world import make_every_state, make_runs, make_source

pytestmark = pytest.mark.django_db

OPML = b"""<opml version="2.0"><body><outline text="Asia">
<outline text="Paper" xmlUrl="https://paper.example/feed"/><outline text="Odd" xmlUrl="gopher://x"/></outline></body></opml>"""


@pytest.fixture
def desk_of_admin(client: Client, admin: User) -> Client:
    """A client signed in as an admin."""
    client.force_login(admin)
    return client


@pytest.fixture
def world(settings: Any) -> Iterator[FeedWorld]:
    """One feed on loopback."""
    with serving(FeedWorld({"/feed": generated_feed(1, 3)})) as world:
        settings.FETCH_PORTS = frozenset({world.port})
        yield world


def words(answer: Any) -> str:
    """The visible text of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_it_says_what_to_do_before_the_first_source(desk_of_admin: Client) -> None:
    assert "No sources yet" in words(desk_of_admin.get("/sources/"))


def test_it_lists_every_state_in_words(desk_of_admin: Client) -> None:
    make_every_state(timezone.now())
    page = words(desk_of_admin.get("/sources/"))
    for state in ("Failing", "Set aside", "Gone", "Slow", "New", "OK", "Paused"):
        assert state in page
    assert "The server answered 403" in page


def test_it_says_which_filter_left_nothing(desk_of_admin: Client) -> None:
    make_source("Post")
    page = words(desk_of_admin.get("/sources/?q=nowhere&health=ok"))
    assert "No source fits" in page
    assert "nowhere" in page


def test_it_costs_the_same_for_ten_and_for_twenty_rows(desk_of_admin: Client) -> None:
    costs = []
    for number in range(20):
        make_runs(make_source(f"Post {number}"), timezone.now(), ".x=")
        if number in {9, 19}:
            desk_of_admin.get("/sources/")
            with CaptureQueriesContext(connection) as queries:
                desk_of_admin.get("/sources/")
            costs.append(len(queries))
    assert costs[0] == costs[1] <= 12


def test_it_shows_a_preview_and_adds_what_was_previewed(desk_of_admin: Client, world: FeedWorld) -> None:
    answer = desk_of_admin.post("/sources/add/", {"address": world.url("/feed")})
    page = words(answer)
    assert "Quay 1, bid 2" in page
    assert not Feed.objects.exists()
    initial = answer.context["source_form"].initial
    answer = desk_of_admin.post("/sources/create/", {**initial, "section": "Harbour"})
    feed = Feed.objects.get()
    assert answer.headers["Location"] == f"/sources/{feed.pk}/"
    assert (feed.url, feed.title, feed.section, feed.added_by) == (
        world.url("/feed"),
        "Paper 1",
        "Harbour",
        "ada",
    )


def test_it_keeps_what_was_typed_when_it_refuses(desk_of_admin: Client) -> None:
    answer = desk_of_admin.post(
        "/sources/create/", {"url": "nonsense", "title": "Post", "publisher": "Post Ltd"}
    )
    assert answer.status_code == 422
    assert "no web address" in words(answer)
    assert b'value="Post Ltd"' in answer.content


def test_it_says_why_an_address_gives_nothing(desk_of_admin: Client, world: FeedWorld) -> None:
    answer = desk_of_admin.post("/sources/add/", {"address": world.url("/nowhere")})
    assert answer.status_code == 422
    assert "404" in words(answer)


def test_it_offers_to_undo_what_it_did(desk_of_admin: Client) -> None:
    feed = make_source("Post")
    answer = desk_of_admin.post(f"/sources/{feed.pk}/pause/")
    (message,) = get_messages(answer.wsgi_request)
    assert re.fullmatch(r"/sources/changes/\d+/undo/", message.extra_tags)
    desk_of_admin.post(message.extra_tags)
    feed.refresh_from_db()
    assert feed.state == "active"


def test_it_removes_and_brings_back(desk_of_admin: Client) -> None:
    feed = make_source("Post")
    answer = desk_of_admin.post(f"/sources/{feed.pk}/remove/")
    (message,) = get_messages(answer.wsgi_request)
    assert not Feed.objects.exists()
    desk_of_admin.post(message.extra_tags)
    assert Feed.objects.get().url == feed.url


def test_it_answers_404_for_a_source_that_is_not_there(desk_of_admin: Client) -> None:
    assert desk_of_admin.get("/sources/999/").status_code == 404
    assert desk_of_admin.get("/sources/999/edit/").status_code == 404


def test_it_never_makes_a_link_of_an_address_that_is_no_web_address(desk_of_admin: Client) -> None:
    feed = make_source("Post", site_url="javascript:alert(1)", url="javascript:alert(2)")
    page = desk_of_admin.get(f"/sources/{feed.pk}/").content.decode()
    assert 'href="javascript' not in page


def test_it_escapes_what_a_feed_calls_itself(desk_of_admin: Client) -> None:
    feed = make_source(
        "Post", title="<script>alert(1)</script>", last_message="<img src=x onerror=alert(1)>", failures=1
    )
    for path in ("/sources/", f"/sources/{feed.pk}/", f"/sources/{feed.pk}/edit/"):
        page = desk_of_admin.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_it_shows_a_dry_run_before_it_imports(desk_of_admin: Client) -> None:
    file = io.BytesIO(OPML)
    file.name = "list.opml"
    answer = desk_of_admin.post("/sources/import/", {"file": file})
    page = words(answer)
    assert "1 of 2 would be added" in page
    assert "no web address" in page
    assert not Feed.objects.exists()
    answer = desk_of_admin.post(
        "/sources/import/apply/", {"packed": answer.context["text_form"].initial["packed"]}
    )
    feed = Feed.objects.get()
    assert (feed.title, feed.section) == ("Paper", "Asia")


def test_it_says_what_is_wrong_with_a_file(desk_of_admin: Client) -> None:
    file = io.BytesIO(b"<!DOCTYPE x><opml/>")
    file.name = "list.opml"
    answer = desk_of_admin.post("/sources/import/", {"file": file})
    assert answer.status_code == 422
    assert "DOCTYPE" in words(answer)


def test_it_exports_what_it_can_import_again(desk_of_admin: Client) -> None:
    make_source("Post & Sons", section="Asia <East>")
    make_source("Invented", sample=True)
    answer = desk_of_admin.get("/sources/export.opml")
    assert "attachment" in answer.headers["Content-Disposition"]
    Feed.objects.all().delete()
    file = io.BytesIO(answer.content)
    file.name = "list.opml"
    answer = desk_of_admin.post("/sources/import/", {"file": file})
    desk_of_admin.post("/sources/import/apply/", {"packed": answer.context["text_form"].initial["packed"]})
    feed = Feed.objects.get()
    assert (feed.title, feed.section, feed.url) == (
        "Post & Sons",
        "Asia <East>",
        "https://post-sons.example/feed",
    )
