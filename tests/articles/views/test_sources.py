"""The pages about sources: what each shows, refuses, stores and offers to undo."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import pipeline
from articles.editing.sources import SecretEdit, SourceDraft, add_source
from articles.ingest.secrets import unseal
from articles.models import Article, Feed, FetchRun, HostTime, Notice, Subscription
from entities.models import Change
from newsdesk.accounts.models import User
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.sources_world import make_every_state, make_runs, make_source, make_told_run

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


def test_it_changes_many_at_once_after_a_look(desk_of_admin: Client) -> None:
    ids = [make_source(f"Post {number}").pk for number in range(3)]
    plan = desk_of_admin.post("/sources/bulk/", {"act": "tag", "value": "Asia", "id": ids[:2]})
    assert "2 sources would change" in words(plan)
    assert not Feed.objects.filter(tags=["asia"]).exists()
    answer = desk_of_admin.post(
        "/sources/bulk/apply/", {"act": "tag", "value": "Asia", "chosen": plan.context["chosen"]}
    )
    (message,) = get_messages(answer.wsgi_request)
    assert Feed.objects.filter(tags=["asia"]).count() == 2
    desk_of_admin.post(message.extra_tags)
    assert not Feed.objects.filter(tags=["asia"]).exists()


def test_it_takes_all_of_a_filter_on_every_page(desk_of_admin: Client) -> None:
    for number in range(60):
        make_source(f"Post {number}")
    make_source("Other")
    plan = desk_of_admin.post("/sources/bulk/", {"act": "pause", "whole": "1", "filter": "q=post"})
    assert "60 sources would change" in words(plan)
    answer = desk_of_admin.post(
        "/sources/bulk/apply/", {"act": "pause", "chosen": plan.context["chosen"], "filter": "q=post"}
    )
    assert answer.headers["Location"] == "/sources/?q=post"
    assert list(Feed.objects.filter(state="active").values_list("title", flat=True)) == ["Other"]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ({"act": "pause"}, "Choose at least one source"),
        ({"act": "nonsense", "id": [1]}, "Choose what is to be done"),
        ({"act": "interval", "value": "soon", "id": [1]}, "no whole number of minutes"),
        ({}, "did not arrive whole"),
        ({"act": "pause", "id": ["x", "9" * 40]}, "Choose at least one source"),
    ],
)
def test_it_says_what_is_missing_for_a_bulk_act(
    desk_of_admin: Client, data: dict[str, Any], part: str
) -> None:
    answer = desk_of_admin.post("/sources/bulk/", data)
    (message,) = get_messages(answer.wsgi_request)
    assert part in str(message)


def test_it_shows_and_follows_a_fetch(desk_of_admin: Client) -> None:
    feed = make_source("Post")
    answer = desk_of_admin.post(f"/sources/{feed.pk}/fetch/")
    where = answer.headers["Location"]
    number = where.partition("?log=")[2]
    page = desk_of_admin.get(where)
    assert b'http-equiv="refresh"' in page.content
    assert b"every 1s" in page.content
    fragment = f"/sources/{feed.pk}/log/{number}/"
    assert desk_of_admin.get(fragment).status_code == 200
    make_told_run(feed, timezone.now())
    last = desk_of_admin.get(fragment)
    assert last.status_code == 286
    assert "3 new, 1 changed, 2 skipped" in words(last)
    assert b'http-equiv="refresh"' not in desk_of_admin.get(where).content
    assert desk_of_admin.get(f"/sources/{feed.pk}/log/999999/").status_code == 404
    assert desk_of_admin.get(f"/sources/{feed.pk}/?log=nonsense").status_code == 200


def test_it_says_of_each_fetch_what_it_brought_and_left_out(desk_of_admin: Client) -> None:
    feed = make_source("Post")
    make_told_run(feed, timezone.now())
    page = words(desk_of_admin.get(f"/sources/{feed.pk}/"))
    for part in (
        "max-age=300",
        "connected 41 ms",
        "2: It has neither a title nor a text. Such as “tag:post,2026:7”.",
        "Every 15 min: 80 % of the last poll was known.",
        "8.9 KB",
        "of 47.1 KB",
    ):
        assert part in page.replace("\xa0", " ")
    assert "secret=1" not in page


def test_it_keeps_typed_secrets_out_of_every_page_and_still_saves_them(
    desk_of_admin: Client, world: FeedWorld
) -> None:
    feed = make_source("Post", url=world.url("/feed"))
    form = {
        "url": feed.url,
        "title": "Post",
        "publisher": "Post Ltd",
        "cookie": "a=topsecret",
        "headers": "X-Key: topsecret2",
    }
    tried = desk_of_admin.post(f"/sources/{feed.pk}/edit/", {**form, "try": "1"})
    assert tried.status_code == 200
    assert "Would be stored 3 new of 3 entries" in words(tried)
    assert b"topsecret" not in tried.content
    assert "topsecret" not in str(dict(desk_of_admin.session))
    assert Feed.objects.get().secret_names == []
    kept = tried.context["form"].data["kept"]
    del form["cookie"], form["headers"]
    refused = desk_of_admin.post(
        f"/sources/{feed.pk}/edit/", {**form, "kept": kept, "title": "", "proxy": "ftp://x"}
    )
    assert refused.status_code == 422
    assert "Write the proxy like" in words(refused)
    desk_of_admin.post(f"/sources/{feed.pk}/edit/", {**form, "kept": kept})
    assert unseal(Feed.objects.get().secrets) == {"cookie": "a=topsecret", "header:X-Key": "topsecret2"}
    for path in (f"/sources/{feed.pk}/", f"/sources/{feed.pk}/edit/", "/sources/export.json", "/sources/"):
        assert b"topsecret" not in desk_of_admin.get(path).content
    desk_of_admin.post(f"/sources/{feed.pk}/edit/", {**form, "clear": ["cookie"]})
    assert Feed.objects.get().secret_names == ["header:X-Key"]


def test_it_carries_the_sign_in_from_the_look_to_the_new_source(
    desk_of_admin: Client, world: FeedWorld
) -> None:
    looked = desk_of_admin.post(
        "/sources/add/",
        {"address": world.url("/feed"), "username": "ada", "password": "topsecret", "user_agent": "Desk/9"},
    )
    assert b"topsecret" not in looked.content
    desk_of_admin.post("/sources/create/", {**looked.context["source_form"].initial, "tags": "Asia, chips"})
    feed = Feed.objects.get()
    assert (feed.user_agent, feed.tags) == ("Desk/9", ["asia", "chips"])
    assert unseal(feed.secrets) == {"username": "ada", "password": "topsecret"}


def test_it_says_when_another_server_costs_the_secrets(desk_of_admin: Client) -> None:
    feed = add_source(
        "ada", SourceDraft("https://post.example/feed", "Post", "P"), secrets=SecretEdit({"cookie": "a=b"})
    )
    answer = desk_of_admin.post(
        f"/sources/{feed.pk}/edit/", {"url": "https://other.example/feed", "title": "Post", "publisher": "P"}
    )
    (message,) = get_messages(answer.wsgi_request)
    assert "what was sent along is forgotten: cookie" in str(message)


def test_it_names_faults_by_their_fields_and_keeps_the_rest(desk_of_admin: Client) -> None:
    feed = make_source("Post")
    answer = desk_of_admin.post(
        f"/sources/{feed.pk}/edit/",
        {
            "url": feed.url, "title": "Kept", "publisher": "P", "language": "no language", "fixed_minutes": "4",
            "headers": "topsecret", "user_agent": "Dësk", "note": "Kept too",
        },
    )  # fmt: skip
    errors = answer.context["form"].errors
    assert set(errors) == {"language", "fixed_minutes", "headers", "user_agent"}
    assert errors["fixed_minutes"][0].startswith("Write 5 to 1,440 minutes")
    assert b'value="Kept"' in answer.content
    assert b"Kept too" in answer.content
    assert b"topsecret" not in answer.content


def test_it_compares_identities_and_lets_one_be_chosen(desk_of_admin: Client, world: FeedWorld) -> None:
    feed = make_source("Post", url=world.url("/feed"))
    path = f"/sources/{feed.pk}/identity/"
    assert "the desk decides" in words(desk_of_admin.get(path))
    tried = words(desk_of_admin.post(path, {"try": "1"}))
    assert "by guid now 3 articles of 3 entries 0 3" in tried
    desk_of_admin.post(path, {"policy": "url"})
    assert Feed.objects.get().identity_by == "ada"
    assert desk_of_admin.post(path, {"policy": "luck"}).headers["Location"] == path
    Feed.objects.update(url=world.url("/nowhere"))
    assert "404" in words(desk_of_admin.post(path, {"try": "1"}))


def test_it_looks_for_other_feeds_and_uses_one(desk_of_admin: Client, world: FeedWorld) -> None:
    feed = make_source("Post", url=world.url("/old"), site_url=world.url("/feed"))
    page = desk_of_admin.post(f"/sources/{feed.pk}/find/")
    assert "3 entries" in words(page)
    found = page.context["found"][0].feed.url
    desk_of_admin.post(f"/sources/{feed.pk}/use-address/", {"url": found})
    assert Feed.objects.get().url == world.url("/feed")
    Feed.objects.update(site_url="", url=world.url("/nowhere"))
    assert "does not answer either" in words(desk_of_admin.post(f"/sources/{feed.pk}/find/"))


def test_it_gives_secrets_out_only_for_the_password_and_records_it(desk_of_admin: Client) -> None:
    add_source(
        "ada",
        SourceDraft("https://post.example/feed", "Post", "P"),
        secrets=SecretEdit({"cookie": "a=topsecret"}),
    )
    page = desk_of_admin.get("/sources/export/")
    assert b"topsecret" not in page.content
    assert "of 1 source would stand in the file readable" in words(page)
    wrong = desk_of_admin.post("/sources/export/", {"password": "nonsense"})
    assert (wrong.status_code, b"topsecret" in wrong.content) == (422, False)
    right = desk_of_admin.post("/sources/export/", {"password": "correct horse 12"})
    assert b"topsecret" in right.content
    assert "no-store" in right.headers["Cache-Control"]
    assert Change.objects.get(act="exported with secrets").after == {"n": 1}
    assert b"topsecret" not in desk_of_admin.get("/sources/export.json").content
    assert b"topsecret" not in desk_of_admin.get("/sources/export.opml").content


def test_it_imports_json_with_secrets_that_the_page_does_not_show(desk_of_admin: Client) -> None:
    file = io.BytesIO(
        b'{"newsdesk_sources": 1, "sources": [{"url": "https://a.example/f", "title": "A", "publisher": "A",'
        b' "secrets": {"cookie": "a=topsecret"}}, {"url": "https://b.example/f", "tags": 7}]}'
    )
    file.name = "list.json"
    answer = desk_of_admin.post("/sources/import/", {"file": file})
    assert b"topsecret" not in answer.content
    assert "its tags are no list of texts" in words(answer)
    desk_of_admin.post("/sources/import/apply/", {"packed": answer.context["text_form"].initial["packed"]})
    assert unseal(Feed.objects.get().secrets) == {"cookie": "a=topsecret"}


def test_it_edits_a_publisher_and_takes_it_back(desk_of_admin: Client) -> None:
    feed = make_source("Post")
    path = f"/sources/publishers/{feed.publisher_id}/"
    answer = desk_of_admin.post(path, {"name": "Post Ltd", "owner": "Harbour Group", "country": "hk"})
    (message,) = get_messages(answer.wsgi_request)
    assert "Harbour Group" in words(desk_of_admin.get(f"/sources/{feed.pk}/"))
    refused = desk_of_admin.post(path, {"name": "", "country": "Hongkong", "homepage": "javascript:alert(1)"})
    assert set(refused.context["form"].errors) == {"name", "country", "homepage"}
    desk_of_admin.post(message.extra_tags)
    feed.publisher.refresh_from_db()
    assert feed.publisher.owner == ""
    assert desk_of_admin.get("/sources/publishers/999999/").status_code == 404


def test_it_shows_new_notices_and_what_a_hub_does(desk_of_admin: Client) -> None:
    feed = make_source("Post", hub_url="https://hub.example/")
    Notice.objects.create(feed=feed, kind="failing", words="No answer since Tuesday.")
    for path in ("/sources/", f"/sources/{feed.pk}/"):
        assert "No answer since Tuesday." in words(desk_of_admin.get(path))
    assert "It names a hub, https://hub.example/; not subscribed." in words(
        desk_of_admin.get(f"/sources/{feed.pk}/")
    )
    Subscription.objects.create(
        feed=feed, hub="https://hub.example/", topic=feed.url, token="t", secret=b"x", state="active",
        renew_at=timezone.now(), pushes=3,
    )  # fmt: skip
    assert "Active at https://hub.example/; 3 pushes" in words(desk_of_admin.get(f"/sources/{feed.pk}/"))


def test_it_shows_what_a_real_fetch_was_and_what_it_did(desk_of_admin: Client, world: FeedWorld) -> None:
    feed = make_source("Post", url=world.url("/feed"), host=f"127.0.0.1:{world.port}")
    where = desk_of_admin.post(f"/sources/{feed.pk}/fetch/").headers["Location"]
    pipeline.ingest_due_feeds(600)
    page = words(desk_of_admin.get(where))
    assert "Read 3 entries Stored 3 new, 0 changed" in page
    assert "This is all." in page
    assert "etag" in page
    assert "answered" in page
    assert "this is where it starts until its rhythm is known" in page


def test_a_chosen_identity_makes_no_second_article_of_a_known_one(
    desk_of_admin: Client, world: FeedWorld
) -> None:
    feed = make_source("Post", url=world.url("/feed"), host=f"127.0.0.1:{world.port}")
    pipeline.ingest_due_feeds(600)
    for policy in ("url", "content"):
        desk_of_admin.post(f"/sources/{feed.pk}/identity/", {"policy": policy})
        Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
        HostTime.objects.all().delete()
        pipeline.ingest_due_feeds(600)
        run = FetchRun.objects.latest("pk")
        assert (run.outcome, run.entries, run.new) == ("stored", 3, 0)
        assert Feed.objects.get().identity == policy
    assert Article.objects.count() == 3
