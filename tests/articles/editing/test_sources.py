"""What admins do to sources leaves the right rows and one line of history each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from articles.editing import sources
from articles.editing.source_lists import ListedSource, import_list
from articles.editing.sources import SecretEdit, SourceDraft
from articles.errors import RefusedError
from articles.ingest.claim import claim_feed, claim_feeds
from articles.ingest.closing import Visit
from articles.ingest.decided import SUBJECT
from articles.ingest.secrets import unseal
from articles.ingest.store import Answered, store_answers
from articles.models import Feed, Publisher, RemovedSource
from entities.history import history_of
from tests.articles.ingest.rows import RULES, answer, entry, parsed
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

DRAFT = SourceDraft("https://post.example/feed", "Harbour Post", "Harbour Post Ltd", "Business", "en")


def acts_of(feed_id: int) -> list[str]:
    return [change.act for change in history_of(SUBJECT, feed_id)]


def test_it_adds_a_source_that_is_due_at_once_and_records_who_did_it() -> None:
    feed = sources.add_source("ada", DRAFT)
    feed.refresh_from_db()
    assert (feed.url, feed.host, feed.state) == ("https://post.example/feed", "post.example", "active")
    assert feed.next_fetch_at <= timezone.now()
    assert not feed.sample
    change = history_of(SUBJECT, feed.pk)[0]
    assert (change.by, change.act, change.after["url"]) == ("ada", "added", feed.url)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "file:///etc/passwd", "ftp://post.example/feed", "https://"]
)
def test_it_refuses_what_is_no_web_address(url: str) -> None:
    with pytest.raises(RefusedError, match="no web address"):
        sources.add_source("ada", SourceDraft(url, "Post", "Post Ltd"))
    assert not Feed.objects.exists()


@pytest.mark.parametrize(
    "spelling", ["http://post.example/feed", "https://www.post.example/feed/", "https://POST.example/feed"]
)
def test_it_refuses_an_address_that_is_known_in_another_spelling(spelling: str) -> None:
    sources.add_source("ada", DRAFT)
    with pytest.raises(RefusedError, match="already a source"):
        sources.add_source("ada", SourceDraft(spelling, "Post again", "Other"))


@pytest.mark.parametrize(
    ("site", "kept"), [("javascript:alert(1)", ""), ("https://post.example/", "https://post.example/")]
)
def test_the_site_of_a_source_is_a_web_address_or_none(site: str, kept: str) -> None:
    feed = sources.add_source("ada", DRAFT, site_url=site)
    assert (feed.site_url, feed.publisher.homepage) == (kept, kept)


def test_it_uses_a_publisher_whose_name_differs_by_case_only() -> None:
    first = sources.add_source("ada", DRAFT)
    second = sources.add_source("ada", SourceDraft("https://post.example/world", "World", "harbour post ltd"))
    assert first.publisher_id == second.publisher_id


def test_it_gives_publishers_with_like_names_slugs_of_their_own() -> None:
    for number, name in enumerate(["The Post", "The Post!", "The Post?"]):
        sources.add_source("ada", SourceDraft(f"https://p{number}.example/feed", name, name))
    assert sorted(Publisher.objects.values_list("slug", flat=True)) == [
        "the-post",
        "the-post-2",
        "the-post-3",
    ]


def test_it_never_puts_a_real_source_under_an_invented_publisher() -> None:
    Publisher.objects.create(name="Invented Times", slug="invented-times", sample=True)
    with pytest.raises(RefusedError, match="invented publisher"):
        sources.add_source("ada", SourceDraft("https://post.example/feed", "Post", "invented times"))


def test_it_edits_and_takes_the_edit_back() -> None:
    feed = sources.add_source("ada", DRAFT)
    Feed.objects.filter(pk=feed.pk).update(etag='"1"', body_sha256="ab")
    draft = SourceDraft("https://post.example/new", "Post", "Another Ltd", "World", "")
    change = sources.edit_source("ed", feed.pk, draft)
    assert change is not None
    feed.refresh_from_db()
    assert (feed.url, feed.title, feed.publisher.name, feed.etag, feed.body_sha256) == (
        "https://post.example/new",
        "Post",
        "Another Ltd",
        "",
        "",
    )
    sources.undo_source_change("ada", change.pk)
    feed = Feed.objects.select_related("publisher").get(pk=feed.pk)
    assert (feed.url, feed.title, feed.publisher.name, feed.section) == (
        DRAFT.url,
        DRAFT.title,
        DRAFT.publisher,
        DRAFT.section,
    )
    assert acts_of(feed.pk) == ["undone", "edited", "added"]


def test_it_takes_a_change_back_once_only() -> None:
    feed = sources.add_source("ada", DRAFT)
    change = sources.pause_source("ada", feed.pk)
    assert change is not None
    sources.undo_source_change("ada", change.pk)
    with pytest.raises(RefusedError, match="taken back already"):
        sources.undo_source_change("ada", change.pk)


def test_it_writes_no_history_when_nothing_was_different() -> None:
    feed = sources.add_source("ada", DRAFT)
    assert sources.edit_source("ada", feed.pk, DRAFT) is None
    assert acts_of(feed.pk) == ["added"]


def test_it_takes_the_lease_from_whoever_fetches_the_old_address() -> None:
    feed = sources.add_source("ada", DRAFT)
    Feed.objects.filter(pk=feed.pk).update(
        lease_token="6a4b2b0a-7d6f-4f1c-9d55-0f2f4e3b1c2d", lease_until=timezone.now()
    )
    sources.edit_source("ada", feed.pk, SourceDraft("https://post.example/new", DRAFT.title, DRAFT.publisher))
    feed.refresh_from_db()
    assert feed.lease_token is None


def test_it_pauses_and_refuses_to_fetch_until_resumed() -> None:
    feed = sources.add_source("ada", DRAFT)
    sources.pause_source("ada", feed.pk)
    with pytest.raises(RefusedError, match="paused"):
        sources.fetch_now("ada", feed.pk)
    Feed.objects.filter(pk=feed.pk).update(attempts=3)
    sources.resume_source("ada", feed.pk)
    feed.refresh_from_db()
    assert (feed.state, feed.attempts) == ("active", 0)


def test_it_makes_a_source_due_at_once() -> None:
    later = timezone.now() + timedelta(hours=3)
    feed = make_source("Post", next_fetch_at=later)
    sources.fetch_now("ada", feed.pk)
    feed.refresh_from_db()
    assert feed.next_fetch_at <= timezone.now()


def test_it_follows_a_proposed_address_and_back() -> None:
    feed = make_source("Post", proposed_url="https://new.example/feed", redirects_seen=5)
    change = sources.apply_proposed_address("ada", feed.pk)
    assert change is not None
    feed.refresh_from_db()
    assert (feed.url, feed.host, feed.proposed_url) == ("https://new.example/feed", "new.example", "")
    sources.undo_source_change("ada", change.pk)
    feed.refresh_from_db()
    assert feed.host == "post.example"
    with pytest.raises(RefusedError, match="No new address"):
        sources.apply_proposed_address("ada", feed.pk)


def test_it_remembers_what_was_removed_and_brings_it_back_as_it_was() -> None:
    feed = sources.add_source("ada", DRAFT)
    sources.pause_source("ada", feed.pk)
    change = sources.remove_source("ada", feed.pk)
    assert not Feed.objects.exists()
    assert RemovedSource.objects.get().by == "ada"
    again = sources.undo_source_change("ada", change.pk)
    assert (again.url, again.title, again.section, again.state) == (
        DRAFT.url,
        DRAFT.title,
        DRAFT.section,
        "paused",
    )
    assert not RemovedSource.objects.exists()


def test_it_keeps_the_address_of_a_sample_source() -> None:
    feed = make_source("Invented Times", sample=True)
    with pytest.raises(RefusedError, match="sample source keeps its address"):
        sources.edit_source(
            "ada", feed.pk, SourceDraft("https://real.example/feed", feed.title, feed.publisher.name)
        )
    sources.remove_source("ada", feed.pk)
    assert not RemovedSource.objects.exists()


def test_it_says_so_when_a_source_has_gone_meanwhile() -> None:
    for act in (sources.pause_source, sources.resume_source, sources.fetch_now, sources.remove_source):
        with pytest.raises(RefusedError, match="not here any more"):
            act("ada", 999)


def test_it_plans_an_import_without_writing_and_then_adds_just_that() -> None:
    sources.add_source("ada", DRAFT)
    drafts = [
        DRAFT,
        SourceDraft("https://new.example/feed", "New", "New Ltd"),
        SourceDraft("https://new.example/feed/", "New again", "New Ltd"),
        SourceDraft("not an address", "Broken", "Broken Ltd"),
    ]
    problems = [line.problem for line in sources.plan_import(drafts)]
    assert problems == ["already a source: Harbour Post", "", "stands in the list twice", "no web address"]
    assert Feed.objects.count() == 1
    assert import_list("ada", [ListedSource(draft) for draft in drafts]) == 1
    assert Feed.objects.count() == 2


def test_it_seals_secrets_and_tells_the_history_their_names_alone() -> None:
    feed = sources.add_source("ada", DRAFT, secrets=SecretEdit({"cookie": "a=topsecret"}))
    assert bytes(feed.secrets or b"").find(b"topsecret") < 0
    assert unseal(feed.secrets) == {"cookie": "a=topsecret"}
    edit = SecretEdit({"username": "ada", "password": "topsecret2", "cookie": "b=topsecret3"})
    sources.edit_source("ada", feed.pk, DRAFT, secrets=edit)
    change = history_of(SUBJECT, feed.pk)[0]
    assert change.after == {"secrets": ["cookie", "password", "username"], "replaced": ["cookie"]}
    sources.edit_source("ada", feed.pk, DRAFT, secrets=SecretEdit(cleared=frozenset({"cookie"})))
    feed.refresh_from_db()
    assert unseal(feed.secrets) == {"username": "ada", "password": "topsecret2"}
    assert "topsecret" not in "".join(f"{row.before}{row.after}" for row in history_of(SUBJECT, feed.pk))
    assert "topsecret" not in repr(edit)


def test_it_refuses_a_secret_that_cannot_be_sent_without_repeating_it() -> None:
    feed = sources.add_source("ada", DRAFT)
    with pytest.raises(RefusedError) as refusal:
        sources.edit_source(
            "ada", feed.pk, DRAFT, secrets=SecretEdit({"header:X-Key": "topsecret\r\nHost: x"})
        )
    assert "topsecret" not in str(refusal.value)
    with pytest.raises(RefusedError, match="needs a user name"):
        sources.edit_source("ada", feed.pk, DRAFT, secrets=SecretEdit({"password": "x"}))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://post.example/other", ["cookie", "proxy"]),
        ("http://post.example/other", ["proxy"]),
        ("https://elsewhere.example/feed", ["proxy"]),
    ],
)
def test_it_tells_no_other_server_what_was_entered_for_one(url: str, kept: list[str]) -> None:
    secrets = SecretEdit({"cookie": "a=b", "proxy": "http://proxy.example:3128"})
    feed = sources.add_source("ada", DRAFT, secrets=secrets)
    change = sources.edit_source("ada", feed.pk, replace(DRAFT, url=url))
    feed.refresh_from_db()
    assert feed.secret_names == kept == sorted(unseal(feed.secrets))
    assert change is not None
    sources.undo_source_change("ada", change.pk)
    feed.refresh_from_db()
    assert (feed.url, feed.secret_names) == (DRAFT.url, kept)


def test_it_drops_them_too_when_a_redirect_is_followed_to_another_server() -> None:
    feed = sources.add_source("ada", DRAFT, secrets=SecretEdit({"cookie": "a=b"}))
    Feed.objects.filter(pk=feed.pk).update(proposed_url="https://elsewhere.example/feed")
    sources.apply_proposed_address("ada", feed.pk)
    feed.refresh_from_db()
    assert (feed.secrets, feed.secret_names) == (None, [])


def test_it_keeps_tags_note_interval_and_user_agent_and_takes_them_back() -> None:
    feed = sources.add_source("ada", DRAFT)
    Feed.objects.filter(pk=feed.pk).update(etag='"1"', next_fetch_at=timezone.now() + timedelta(hours=9))
    draft = replace(
        DRAFT, tags=("Asia", "asia", " chips "), note="Ask Kim.", fixed_minutes=30, user_agent="Desk/1"
    )
    change = sources.edit_source("ada", feed.pk, draft)
    feed.refresh_from_db()
    assert (feed.tags, feed.note, feed.fixed_seconds, feed.user_agent, feed.etag) == (
        ["asia", "chips"],
        "Ask Kim.",
        1800,
        "Desk/1",
        "",
    )
    assert change is not None
    sources.undo_source_change("ada", change.pk)
    feed.refresh_from_db()
    assert (feed.tags, feed.note, feed.fixed_seconds, feed.user_agent) == ([], "", None, "")


def test_it_lets_a_person_choose_the_identity_and_give_the_choice_back() -> None:
    feed = sources.add_source("ada", DRAFT)
    change = sources.choose_identity("ada", feed.pk, "url")
    feed.refresh_from_db()
    assert (feed.identity, feed.identity_by, feed.body_sha256) == ("url", "ada", "")
    assert change is not None
    sources.undo_source_change("ada", change.pk)
    feed.refresh_from_db()
    assert (feed.identity, feed.identity_by) == ("guid", "")
    sources.choose_identity("ada", feed.pk, "content")
    sources.choose_identity("ada", feed.pk, "")
    feed.refresh_from_db()
    assert (feed.identity, feed.identity_by) == ("content", "")
    with pytest.raises(RefusedError, match="Choose guid"):
        sources.choose_identity("ada", feed.pk, "luck")


def test_it_asks_in_full_without_what_it_knows_of_the_last_answer() -> None:
    feed = make_source("Post", etag='"1"', last_modified="x", body_sha256="ab", full_fetch_at=timezone.now())
    change = sources.fetch_now("ada", feed.pk, full=True)
    feed.refresh_from_db()
    assert (feed.etag, feed.last_modified, feed.body_sha256, feed.full_fetch_at) == ("", "", "", None)
    assert (change.act, change.after) == ("full fetch asked for", {"last_run": 0})


def test_it_uses_an_address_that_was_found_and_wakes_what_was_gone() -> None:
    feed = make_source("Post", state="gone")
    change = sources.use_address("ada", feed.pk, "https://post.example/rss.xml")
    feed.refresh_from_db()
    assert (feed.url, feed.state) == ("https://post.example/rss.xml", "active")
    assert change is not None
    sources.undo_source_change("ada", change.pk)
    feed.refresh_from_db()
    assert (feed.url, feed.state) == ("https://post.example/feed", "gone")


@pytest.mark.parametrize("act", ["interval", "learned", "address", "identity", "person", "fetch", "resume"])
@pytest.mark.parametrize("pushed", [False, True])
def test_what_is_decided_while_it_is_fetched_or_pushed_wins(act: str, pushed: bool) -> None:
    draft = replace(DRAFT, fixed_minutes=60)
    feed = sources.add_source("ada", draft)
    if pushed:
        Feed.objects.update(next_fetch_at=timezone.now() + timedelta(hours=9))
    got = claim_feed(feed.pk, 90)
    assert got is not None
    token, claimed = got
    if act == "interval":
        sources.edit_source("ada", feed.pk, replace(draft, fixed_minutes=10))
    elif act == "learned":
        sources.edit_source("ada", feed.pk, DRAFT)
    elif act == "address":
        sources.edit_source("ada", feed.pk, replace(draft, url="https://post.example/other"))
    elif act == "identity":
        sources.choose_identity("ada", feed.pk, "url")
    elif act == "person":
        sources.choose_identity("ada", feed.pk, "guid")
    elif act == "fetch":
        sources.fetch_now("ada", feed.pk)
    else:
        sources.resume_source("ada", feed.pk)
    feed.refresh_from_db()
    decided = (feed.fixed_seconds, feed.url, feed.identity, feed.identity_by, feed.next_why)
    visit = Visit(claimed, token, timezone.now(), pushed=pushed)
    assert store_answers([Answered(visit, answer(), parsed(entry(1)))], RULES) == {}
    feed.refresh_from_db()
    assert (feed.fixed_seconds, feed.url, feed.identity, feed.identity_by, feed.next_why) == decided
    assert (feed.next_fetch_at <= timezone.now(), feed.attempts) == (True, 0)
    again, (one,) = claim_feeds(1, 90)
    assert store_answers([Answered(Visit(one, again, timezone.now()), answer(), parsed(entry(1)))], RULES)


def test_an_edit_that_says_nothing_about_fetching_leaves_the_fetch_alone() -> None:
    feed = sources.add_source("ada", DRAFT)
    token, (claimed,) = claim_feeds(1, 90)
    sources.edit_source("ada", feed.pk, replace(DRAFT, note="Ask Kim.", title="Harbour Post, all"))
    assert store_answers([Answered(Visit(claimed, token, timezone.now()), answer(), parsed(entry(1)))], RULES)
    feed.refresh_from_db()
    assert (feed.note, feed.title) == ("Ask Kim.", "Harbour Post, all")
