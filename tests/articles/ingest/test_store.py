"""Answers become rows once, whatever is repeated, renamed, moved or interrupted."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.sources import remove_source, undo_source_change
from articles.errors import StaleLeaseError
from articles.ingest.claim import ClaimedFeed, claim_feed, claim_feeds
from articles.ingest.clean import line_key
from articles.ingest.closing import Visit
from articles.ingest.silence import is_silent, note_public_answer, store_silence
from articles.ingest.store import Answered, Stored, store_answer, store_answers, store_failure
from articles.models import (
    Article,
    EdgeLine,
    Feed,
    FetchRun,
    Job,
    NetworkState,
    PageRules,
    Publisher,
    Revision,
    SearchRow,
    Sighting,
    Tombstone,
)
from articles.types import FetchFailure, FetchResult, ParsedEntry, ParsedFeed
from tests.articles.ingest.rows import LONG, NOW, RULES, answer, entry, make_feed, parsed, visit

pytestmark = pytest.mark.django_db


def claim_again() -> tuple[object, ClaimedFeed]:
    Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
    token, claimed = claim_feeds(1, 90)
    return token, claimed[0]


def poll(*entries: ParsedEntry) -> Stored:
    token, feed = claim_again()
    return store_answer(visit(feed, token), answer(), parsed(*entries), RULES)  # type: ignore[arg-type]


def test_new_entries_become_articles_that_search_finds_at_once() -> None:
    make_feed()
    stored = poll(entry(1), entry(2, title="Tariffs on ferries fall"))
    assert len(stored.new) == 2
    article = Article.objects.get(title="Tariffs on ferries fall")
    assert article.revision is not None
    assert article.revision.text.startswith("The harbour board")
    assert (article.language, article.needs_page, article.stage) == ("en", False, "new")
    assert article.published_at == NOW - timedelta(hours=2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article_id FROM articles_searchrow WHERE tsv @@ websearch_to_tsquery('english', 'tariff ferry')"
        )
        assert cursor.fetchall() == [(article.pk,)]


def test_a_second_poll_stores_nothing_new() -> None:
    make_feed()
    poll(entry(1), entry(2))
    before = list(Article.objects.order_by("id").values())
    stored = poll(entry(1), entry(2))
    assert (stored.entries, stored.new, stored.changed) == (2, (), ())
    assert list(Article.objects.order_by("id").values()) == before
    assert Revision.objects.count() == Sighting.objects.count() == SearchRow.objects.count() == 2


def test_an_unchanged_body_writes_a_run_and_no_article() -> None:
    make_feed()
    token, feed = claim_again()
    store_answer(visit(feed, token), answer(status=304, etag='"a"'), None, RULES)  # type: ignore[arg-type]
    run = FetchRun.objects.get()
    assert (run.outcome, run.status) == ("unchanged", 304)
    row = Feed.objects.get()
    assert (row.etag, row.attempts, row.lease_token) == ('"a"', 0, None)


def test_a_short_entry_waits_for_its_page() -> None:
    make_feed()
    poll(entry(1, text="Two lines only."))
    assert Article.objects.get().needs_page


def test_a_changed_entry_is_a_new_revision_and_the_old_one_stays() -> None:
    make_feed()
    poll(entry(1))
    stored = poll(entry(1, text=LONG + "Correction: the quay opened on Tuesday."))
    assert len(stored.changed) == 1
    article = Article.objects.get()
    assert [revision.number for revision in article.revisions.order_by("number")] == [1, 2]
    assert article.revision is not None
    assert article.revision.number == 2
    assert article.corrected_at == NOW
    assert "Tuesday" not in article.revisions.get(number=1).text


def test_the_same_story_in_two_feeds_is_one_article_with_two_sightings() -> None:
    first = make_feed("First")
    poll(entry(1))
    Feed.objects.filter(pk=first.pk).update(state="paused")
    make_feed("Second")
    stored = poll(entry(1, guid="another-guid"))
    assert stored.new == ()
    assert (Article.objects.count(), Sighting.objects.count()) == (1, 2)


def poll_alone(feed: Feed, *entries: ParsedEntry) -> Stored:
    """Poll this feed while no other is due."""
    Feed.objects.exclude(pk=feed.pk).update(next_fetch_at=timezone.now() + timedelta(days=1))
    Feed.objects.filter(pk=feed.pk).update(next_fetch_at=timezone.now() - timedelta(seconds=1))
    token, claimed = claim_feeds(1, 90)
    return store_answer(visit(claimed[0], token), answer(), parsed(*entries), RULES)


def test_a_feed_of_another_publisher_does_not_rewrite_an_article() -> None:
    url = "https://harbour-ledger.example/story/1"
    ours, theirs = make_feed(), make_feed("Digest of All")
    poll_alone(ours, entry(1, url=url, guid="ours"))
    poll_alone(theirs, entry(1, url=url, guid="theirs", title="In the digest"))
    stored = poll_alone(theirs, entry(1, url=url, guid="theirs", title="Win a prize", text="Prizes! " * 90))
    assert stored.changed == ()
    article = Article.objects.select_related("revision").get()
    assert (article.title, article.corrected_at) == ("Quay 1 opens", None)
    assert article.revision is not None
    assert article.revision.text.startswith("The harbour board")
    assert Sighting.objects.count() == 2


def test_a_correction_takes_the_article_from_whoever_reads_the_text_of_before() -> None:
    make_feed()
    poll(entry(1))
    job = Job.objects.get()
    assert (job.kind, job.subject_id, job.state) == ("read", Article.objects.get().pk, "waiting")
    Job.objects.update(
        lease_token=uuid.uuid4(), lease_until=timezone.now() + timedelta(minutes=5), attempts=1, tries=2
    )
    poll(entry(1, text="Corrected, and too short to stand alone."))
    again = Job.objects.get()
    assert (again.state, again.lease_token, again.attempts, again.tries) == ("waiting", None, 0, 0)
    assert Article.objects.get().needs_page


def test_a_source_that_was_removed_and_brought_back_finds_its_articles_without_links_again() -> None:
    feed, unlinked = make_feed(), replace(entry(1), url="")
    poll_alone(feed, unlinked)
    change = remove_source("ada", feed.pk)
    stored = poll_alone(undo_source_change("ada", change.pk), unlinked)
    assert stored.new == ()
    assert Article.objects.count() == Sighting.objects.count() == 1


def test_a_feed_that_renames_its_guids_stores_nothing_twice() -> None:
    make_feed()
    poll(entry(1), entry(2))
    stored = poll(entry(1, guid="x1"), entry(2, guid="x2"))
    assert (stored.new, stored.changed) == ((), ())
    assert Article.objects.count() == 2


def test_a_guid_that_comes_twice_in_one_feed_counts_once() -> None:
    make_feed()
    stored = poll(entry(1), entry(1, title="Again"), entry(2, url="https://harbour-ledger.example/story/1"))
    assert len(stored.new) == 1


def test_links_that_tell_no_stories_apart_do_not_join_them() -> None:
    make_feed()
    home = "https://harbour-ledger.example/"
    assert len(poll(entry(1, url=home), entry(2, url=home)).new) == 2
    status = "https://harbour-ledger.example/status"
    stored = poll(*(entry(number, url=status) for number in range(10, 13)))
    assert len(stored.new) == 3
    assert poll(*(entry(number, url=status) for number in range(10, 13))).new == ()
    assert Article.objects.filter(url=status).count() == 3


def test_entries_without_guid_or_link_are_known_again() -> None:
    make_feed()
    bare = ParsedEntry(guid="", url="", title="Notice to mariners", published_raw="Mon", summary_html="Fog.")
    assert len(poll(bare).new) == 1
    assert poll(bare).new == ()


@pytest.mark.parametrize("year", [1, 1970, 2099, 9999])
def test_impossible_dates_give_way_to_the_time_of_fetching(year: int) -> None:
    make_feed()
    odd = ParsedEntry(guid="g", url="", title="Odd", published=NOW.replace(year=year), summary_html="Text.")
    poll(odd)
    article = Article.objects.get()
    assert (article.published_at, article.published_from) == (NOW, "fetched")


def test_a_worker_that_lost_its_lease_writes_nothing() -> None:
    make_feed()
    token, feed = claim_again()
    a_second_ago = timezone.now() - timedelta(seconds=1)
    Feed.objects.update(lease_until=a_second_ago, next_fetch_at=a_second_ago)
    claim_feeds(1, 90)
    with pytest.raises(StaleLeaseError):
        store_answer(visit(feed, token), answer(), parsed(entry(1)), RULES)  # type: ignore[arg-type]
    with pytest.raises(StaleLeaseError):
        store_failure(visit(feed, token), FetchFailure("u", "timeout", "late"), RULES)  # type: ignore[arg-type]
    assert Article.objects.count() == 0
    run = FetchRun.objects.get()
    assert (run.outcome, run.message) == (
        "lost",
        "The worker did not come back: nothing of this fetch was stored.",
    )


def test_failures_are_counted_and_put_the_next_try_off_further() -> None:
    make_feed()
    waits = []
    for _ in range(3):
        token, feed = claim_again()
        failure = FetchFailure(feed.url, "http", "HTTP 403: the server refused.", 403)
        store_failure(visit(feed, token), failure, RULES)  # type: ignore[arg-type]
        row = Feed.objects.get()
        waits.append((row.next_fetch_at - timezone.now()).total_seconds())
    assert row.failures == 3
    assert row.failing_since == NOW
    assert row.last_message == "HTTP 403: the server refused."
    assert waits[0] < waits[1] < waits[2]
    assert len(poll(entry(1)).new) == 1
    row.refresh_from_db()
    assert row.failures == 0
    assert row.failing_since is None


def test_a_feed_that_is_gone_is_not_asked_again() -> None:
    make_feed()
    token, feed = claim_again()
    store_failure(visit(feed, token), FetchFailure(feed.url, "http", "HTTP 410: gone.", 410), RULES)  # type: ignore[arg-type]
    assert Feed.objects.get().state == "gone"


def test_silence_counts_against_no_feed_and_ends_with_the_first_answer() -> None:
    make_feed()
    token, feed = claim_again()
    store_silence([feed], token, "No public source answered.", now=NOW)  # type: ignore[arg-type]
    row = Feed.objects.get()
    assert (row.failures, row.last_outcome, row.lease_token) == (0, "offline", None)
    assert is_silent()
    assert NetworkState.objects.get().silent_since == NOW
    note_public_answer(now=NOW + timedelta(minutes=5))
    assert not is_silent()


def test_a_fetch_without_network_is_told_of_and_is_no_failure() -> None:
    make_feed()
    token, feed = claim_again()
    store_silence([feed], token, "No public source answered.", now=NOW)  # type: ignore[arg-type]
    assert list(FetchRun.objects.values_list("outcome", "message")) == [
        ("offline", "No public source answered.")
    ]
    assert Feed.objects.get().failures == 0


def test_a_permanent_redirect_is_proposed_after_a_day_of_answers() -> None:
    make_feed()
    for hour in (0, 13, 25):
        token, feed = claim_again()
        moved = answer()
        moved = type(moved)(
            **{
                **{name: getattr(moved, name) for name in moved.__slots__},
                "permanent_url": "https://harbour-ledger.example/new.xml",
                "body_sha256": str(hour),
            }
        )
        store_answer(visit(feed, token, now=NOW + timedelta(hours=hour)), moved, parsed(entry(1)), RULES)  # type: ignore[arg-type]
        proposed = Feed.objects.get().proposed_url
        assert bool(proposed) is (hour == 25)


@pytest.mark.django_db(transaction=True)
def test_four_workers_storing_the_same_stories_make_each_once() -> None:
    for number in range(4):
        make_feed(f"Paper {number}")
    claims = [claim_feeds(1, 90) for _ in range(4)]

    def store(number: int) -> int:
        try:
            token, feeds = claims[number]
            shuffled = [entry(n, guid=f"{number}-{n}") for n in range(200)]
            return len(store_answer(visit(feeds[0], token), answer(), parsed(*shuffled), RULES).new)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(store, range(4))) == 200
    assert Article.objects.count() == 200
    assert Sighting.objects.count() == 800


def poll_of(feed_parsed: ParsedFeed, result: FetchResult | None = None, *, now: datetime = NOW) -> Stored:
    token, feed = claim_again()
    return store_answer(visit(feed, token, now=now), result or answer(), feed_parsed, RULES)  # type: ignore[arg-type]


def test_an_entry_that_the_database_refuses_is_skipped_with_its_reason_and_sinks_nothing() -> None:
    make_feed()
    stored = poll(entry(1), entry(2, title="A title with \x00 in it"), entry(3))
    assert len(stored.new) == 2
    run = FetchRun.objects.get()
    assert (run.outcome, run.new) == ("stored", 2)
    assert [line["n"] for line in run.skipped] == [1]
    assert "cannot be stored" in run.skipped[0]["why"]
    assert Feed.objects.get().failures == 0


def test_feeds_that_are_stored_together_do_not_sink_each_other() -> None:
    first, second, third = make_feed("First"), make_feed("Second"), make_feed("Third")
    token, feeds = claim_feeds(10, 90)
    by_id = {feed.id: feed for feed in feeds}
    Feed.objects.filter(pk=third.pk).update(lease_token=uuid.uuid4())
    stored = store_answers(
        [
            Answered(visit(by_id[first.pk], token), answer(), parsed(entry(1), entry(2, title="\x00"))),
            Answered(visit(by_id[second.pk], token), answer(), parsed(entry(1, guid="again"), entry(3))),
            Answered(visit(by_id[third.pk], token), answer(), parsed(entry(4))),
        ],
        RULES,
    )
    assert {feed_id: len(one.new) for feed_id, one in stored.items()} == {first.pk: 1, second.pk: 1}
    assert Article.objects.count() == 2, "of the feed whose lease was lost nothing is written"
    assert Sighting.objects.count() == 3
    assert Feed.objects.filter(lease_token=None).count() == 2


def test_one_story_in_two_feeds_that_are_stored_together_is_one_article() -> None:
    for name in ("First", "Second"):
        make_feed(name)
    token, feeds = claim_feeds(10, 90)
    stored = store_answers(
        [
            Answered(visit(feed, token), answer(), parsed(entry(1, guid=f"{feed.id}"), entry(2)))
            for feed in feeds
        ],
        RULES,
    )
    assert sorted(len(one.new) for one in stored.values()) == [0, 2]
    assert (Article.objects.count(), Sighting.objects.count()) == (2, 4)


def test_an_entry_with_a_tombstone_does_not_come_back_and_the_run_says_so() -> None:
    feed = make_feed()
    poll(entry(1), entry(2))
    dead = Article.objects.get(title="Quay 1 opens")
    sighting = Sighting.objects.get(article=dead)
    Tombstone.objects.create(feed=feed, guid_sha256=sighting.guid_sha256, url_sha256=dead.url_sha256)
    Job.objects.filter(subject_id=dead.pk).delete()
    dead.delete()
    assert poll(entry(1), entry(2)).new == ()
    assert poll(entry(1, guid="renamed"), entry(2)).new == (), "nor under another guid"
    assert not Article.objects.filter(title="Quay 1 opens").exists()
    run = FetchRun.objects.order_by("-id")[0]
    assert run.skipped == [{"why": "It is older than articles are kept.", "n": 1, "example": "Quay 1 opens"}]


def test_what_a_publisher_withdraws_is_marked_and_kept() -> None:
    make_feed()
    poll(entry(1), entry(2))
    poll_of(replace(parsed(entry(2)), withdrawn=("guid-1",)))
    assert dict(Article.objects.values_list("title", "withdrawn_at")) == {
        "Quay 1 opens": NOW, "Quay 2 opens": None,
    }  # fmt: skip
    poll(entry(1, text=LONG + "It is told again."), entry(2))
    assert Article.objects.filter(withdrawn_at__isnull=True).count() == 2


@pytest.mark.parametrize("identity", ["guid", "url", "content"])
def test_a_withdrawal_names_the_guid_whatever_tells_the_entries_apart(identity: str) -> None:
    make_feed(identity=identity, identity_by="ada")
    poll(entry(1), entry(2))
    token, feed = claim_again()
    store_answer(visit(feed, token), answer(), replace(parsed(), withdrawn=("guid-1",)), RULES)  # type: ignore[arg-type]
    assert Article.objects.get(withdrawn_at__isnull=False).title == entry(1).title
    assert [row["n"] for row in FetchRun.objects.latest("id").skipped] == [1]


def test_an_answer_that_no_row_can_hold_is_the_feeds_failure_and_no_workers_death() -> None:
    make_feed()
    for _ in range(4):
        token, feed = claim_again()
        result = replace(answer(), status=99_999)
        assert store_answers([Answered(visit(feed, token), result, parsed(entry(1)))], RULES) == {}  # type: ignore[arg-type]
    row = Feed.objects.get()
    assert (row.state, row.attempts, row.failures, row.lease_token) == ("active", 0, 4, None)
    assert "could not be stored" in row.last_message
    assert set(FetchRun.objects.values_list("outcome", "kind")) == {("failed", "store")}
    assert not Article.objects.exists()


def test_nobody_withdraws_what_others_published() -> None:
    url = "https://harbour-ledger.example/story/1"
    ours, theirs = make_feed(), make_feed("Digest of All")
    poll_alone(ours, entry(1, url=url))
    poll_alone(theirs, entry(1, url=url, guid="theirs"))
    Feed.objects.exclude(pk=theirs.pk).update(next_fetch_at=timezone.now() + timedelta(days=1))
    Feed.objects.filter(pk=theirs.pk).update(next_fetch_at=timezone.now() - timedelta(seconds=1))
    token, (claimed,) = claim_feeds(1, 90)
    store_answer(visit(claimed, token), answer(), replace(parsed(), withdrawn=("theirs",)), RULES)
    assert Article.objects.get().withdrawn_at is None


def test_the_source_that_an_entry_names_is_its_publisher() -> None:
    feed = make_feed("Digest of All")
    own = replace(entry(3), source_name="DIGEST of All", source_url="")
    tessin = replace(entry(1), source_name="Tessin  Times", source_url="https://tessin.example/feed")
    again = replace(entry(2), source_name="tessin times")
    poll(tessin, again, own, replace(entry(4), source_url="https://nameless.example/"))
    made = Publisher.objects.get(named_by_feed=True)
    assert (made.name, made.slug, made.homepage) == (
        "Tessin Times",
        "tessin-times",
        "https://tessin.example/",
    )
    by_title = dict(Article.objects.values_list("title", "publisher_id"))
    assert by_title == {
        "Quay 1 opens": made.pk,
        "Quay 2 opens": made.pk,
        "Quay 3 opens": feed.publisher_id,
        "Quay 4 opens": feed.publisher_id,
    }
    search = dict(SearchRow.objects.values_list("title", "publisher_id"))
    assert search == by_title


def test_an_aggregator_corrects_what_it_alone_tells_but_not_what_its_source_tells_itself() -> None:
    url = "https://tessin.example/story/1"
    digest = make_feed("Digest of All")
    named = replace(entry(1, url=url), source_name="Tessin Times", source_url="https://tessin.example/")
    poll_alone(digest, named)
    assert len(poll_alone(digest, replace(named, title="Corrected")).changed) == 1
    tessin = make_feed("Tessin Times", url="https://tessin.example/feed.xml")
    Feed.objects.filter(pk=tessin.pk).update(publisher=Publisher.objects.get(named_by_feed=True))
    poll_alone(tessin, entry(1, url=url, guid="own"))
    assert poll_alone(digest, replace(named, title="Win a prize")).changed == ()
    assert Article.objects.get().title == "Corrected"


def test_the_identity_steps_down_by_itself_says_why_and_stores_nothing_twice() -> None:
    make_feed()
    poll(*(entry(number) for number in range(1, 11)))
    stored = poll(*(entry(number, guid=f"churned-{number}") for number in range(1, 11)))
    assert (stored.new, stored.changed) == ((), ())
    row = Feed.objects.get()
    assert (row.identity, row.identity_by, row.identity_since) == ("url", "", NOW)
    assert "new guids" in row.identity_why
    poll(*(entry(number, guid=f"again-{number}") for number in range(1, 11)))
    assert (Article.objects.count(), Revision.objects.count()) == (10, 10)


def test_a_persons_choice_of_identity_stands() -> None:
    make_feed(identity_by="ada")
    poll(*(entry(number) for number in range(1, 11)))
    poll(*(entry(number, guid=f"churned-{number}") for number in range(1, 11)))
    assert Feed.objects.get().identity == "guid"


def test_a_choice_made_during_the_fetch_stands() -> None:
    make_feed()
    poll(*(entry(number) for number in range(1, 11)))
    token, feed = claim_again()
    Feed.objects.update(identity_by="ada", identity="content", state="paused")
    churned = parsed(*(entry(number, guid=f"churned-{number}") for number in range(1, 11)))
    store_answer(visit(feed, token), answer(), churned, RULES)  # type: ignore[arg-type]
    assert Feed.objects.values_list("identity", "state").get() == ("content", "paused")


def test_a_run_tells_what_the_server_said_and_why_the_next_is_then() -> None:
    make_feed()
    result = replace(
        answer(etag='"a"', cache_control="max-age=3600", set_cookie="secret=1"),
        final_url="https://harbour-ledger.example/moved.xml",
        steps=(("connected", 12), ("done", 40)),
        raw_bytes=77,
    )
    poll_of(replace(parsed(entry(1)), skipped=(("Too long.", 3, "Quay"),)), result)
    run, feed = FetchRun.objects.get(), Feed.objects.get()
    assert run.answer["final_url"] == "https://harbour-ledger.example/moved.xml"
    assert run.answer["headers"] == {"etag": '"a"', "cache-control": "max-age=3600"}
    assert run.answer["steps"] == [["connected", 12], ["done", 40]]
    assert run.answer["next_why"] == feed.next_why != ""
    assert run.bytes == 77
    assert run.skipped == [{"why": "Too long.", "n": 3, "example": "Quay"}]
    assert feed.next_fetch_at > timezone.now() + timedelta(minutes=59)


def test_a_server_that_sends_what_no_database_takes_is_still_noted() -> None:
    make_feed()
    poll_of(parsed(entry(1)), answer(etag='"\udce9\x00"'))
    assert FetchRun.objects.get().outcome == "stored"
    assert Feed.objects.get().etag == '"?"'


def test_what_a_feed_says_of_its_hub_is_kept() -> None:
    make_feed()
    poll_of(replace(parsed(entry(1)), hub_url="https://hub.example/", self_url="https://harbour.example/f"))
    assert Feed.objects.values_list("hub_url", "topic_url").get() == (
        "https://hub.example/",
        "https://harbour.example/f",
    )


def test_a_push_leaves_the_schedule_and_the_validators_alone() -> None:
    later = timezone.now() + timedelta(hours=3)
    feed = make_feed(next_fetch_at=later, next_why="Every 3 h.", etag='"a"', body_sha256="b" * 64)
    found = claim_feed(feed.pk, 90)
    assert found is not None
    token, claimed = found
    store_answer(Visit(claimed, token, NOW, pushed=True), answer(etag='"hub"'), parsed(entry(1)), RULES)
    feed.refresh_from_db()
    assert (feed.next_fetch_at, feed.next_why, feed.etag, feed.body_sha256) == (
        later, "Every 3 h.", '"a"', "b" * 64,
    )  # fmt: skip
    assert FetchRun.objects.get().pushed
    assert Article.objects.count() == 1


def test_a_whole_answer_is_remembered_as_the_days_full_fetch() -> None:
    make_feed(etag='"a"')
    token, feed = claim_again()
    store_answer(visit(feed, token), answer(etag='"b"'), parsed(entry(1)), RULES)  # type: ignore[arg-type]
    assert Feed.objects.get().full_fetch_at is None, "it was asked with a validator"
    token, feed = claim_again()
    forced = Visit(feed, token, NOW, forced=True)  # type: ignore[arg-type]
    store_answer(forced, answer(etag='"b"'), parsed(entry(1)), RULES)
    assert Feed.objects.get().full_fetch_at == NOW
    assert FetchRun.objects.order_by("-id")[0].forced


def test_the_rhythm_is_learned_from_what_was_known() -> None:
    make_feed()
    poll(*(entry(number) for number in range(1, 11)))
    assert Feed.objects.get().known_share == 0.0
    poll(*(entry(number) for number in range(2, 12)))
    row = Feed.objects.get()
    assert row.known_share == 0.9
    assert row.next_why


def test_when_the_network_is_back_whoever_waited_for_it_is_asked_soon_and_not_all_at_once() -> None:
    for number in range(20):
        make_feed(f"Paper {number}")
    token, feeds = claim_feeds(50, 90)
    store_silence(feeds, token, "No public source answered.", now=timezone.now() - timedelta(hours=2))
    Feed.objects.update(next_fetch_at=timezone.now() + timedelta(minutes=14))
    note_public_answer(now=timezone.now())
    waits = [
        (moment - timezone.now()).total_seconds()
        for moment in Feed.objects.values_list("next_fetch_at", flat=True)
    ]
    assert max(waits) <= 120
    assert max(waits) - min(waits) > 20


FOOTER = "The Harbour Ledger, since 1881"


def _with_footer(number: int, *lines: str, text: str = LONG) -> ParsedEntry:
    return entry(number, text="</p><p>".join([text, *lines]))


def test_residue_goes_off_a_feeds_text_and_is_kept_with_the_revision() -> None:
    feed = make_feed()
    EdgeLine.objects.create(publisher=feed.publisher, key=line_key(FOOTER), line=FOOTER, last_seen_at=NOW)
    PageRules.objects.create(publisher=feed.publisher, rules_off=["share"])
    poll(_with_footer(1, "Share this", FOOTER, "Read more"))
    revision = Revision.objects.get()
    assert revision.text == f"{LONG.strip()}\n\nShare this"
    assert FOOTER not in revision.html
    assert sorted(revision.removed) == [["related-links", "Read more"], ["repeated", FOOTER]]
    EdgeLine.objects.update(is_on=False)
    poll(_with_footer(2, FOOTER))
    assert Revision.objects.latest("id").text.endswith(FOOTER), "a line that is switched off stays"


def test_a_text_that_we_clean_by_now_is_no_correction() -> None:
    make_feed()
    poll(_with_footer(1, FOOTER))
    line = EdgeLine.objects.create(
        publisher=Publisher.objects.get(), key=line_key(FOOTER), line=FOOTER, last_seen_at=NOW
    )
    assert poll(_with_footer(1, FOOTER)).changed == ()
    # The address is another, the words are the same.
    again = replace(_with_footer(1, FOOTER), url="https://harbour-ledger.example/story/one")
    assert poll(again).changed == ()
    assert (Revision.objects.count(), Article.objects.get().corrected_at) == (1, None)
    poll(_with_footer(1, FOOTER, text=LONG + "It cost 3 million."))
    new = Revision.objects.latest("number")
    assert (new.number, new.removed) == (2, [["repeated", FOOTER]])
    assert FOOTER not in str(new.changes)
    line.delete()
    again = replace(
        _with_footer(1, FOOTER, text=LONG + "It cost 3 million."), url="https://harbour-ledger.example/1"
    )
    assert poll(again).changed == (), "a line that comes back by our doing is no correction either"


def test_the_publishers_rules_cost_one_query_for_any_number_of_entries_and_none_without_news() -> None:
    make_feed()
    counts = []
    for numbers in (range(10), range(100, 200), range(100, 200)):
        with CaptureQueriesContext(connection) as queries:
            poll(*(_with_footer(number) for number in numbers))
        counts.append(
            (len(queries), sum("articles_edgeline" in query["sql"] for query in queries.captured_queries))
        )
    assert [asked for _, asked in counts] == [1, 1, 0]
    assert counts[0][0] == counts[1][0]
