"""Leases: each row has one worker, and a dead worker's rows come back."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles.ingest.claim import (
    SUSPECT_PORTION,
    claim_feed,
    claim_feeds,
    count_due_feeds,
    give_back_feeds,
    hold_feeds,
    quarantine_feeds,
)
from articles.models import Feed, FetchRun
from tests.articles.ingest.rows import make_feed

pytestmark = pytest.mark.django_db


def expire(*feeds: Feed) -> None:
    """The worker is dead and the time that was written before the fetch has come."""
    a_second_ago = timezone.now() - timedelta(seconds=1)
    Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).update(
        lease_until=a_second_ago, next_fetch_at=a_second_ago
    )


def rules(token: uuid.UUID, feed: Feed) -> bool:
    return feed.pk in hold_feeds({feed.pk: token})


def test_it_claims_what_is_due_and_nothing_else() -> None:
    due = make_feed("Due")
    make_feed("Later", next_fetch_at=timezone.now() + timedelta(hours=1))
    make_feed("Paused", state="paused")
    _, claimed = claim_feeds(10, 90)
    assert [feed.id for feed in claimed] == [due.pk]


def test_a_claimed_row_is_not_claimed_again_before_its_lease_ends() -> None:
    feed = make_feed()
    token, _ = claim_feeds(10, 90)
    assert claim_feeds(10, 90)[1] == []
    expire(feed)
    second, again = claim_feeds(10, 90)
    assert [row.id for row in again] == [feed.pk]
    assert not rules(token, feed)
    assert rules(second, feed)


def test_giving_back_is_no_attempt() -> None:
    feed = make_feed()
    token, _ = claim_feeds(10, 90)
    give_back_feeds(token, {feed.pk: 30.0}, "Its server was busy.")
    feed.refresh_from_db()
    assert (feed.attempts, feed.lease_token, feed.next_why) == (0, None, "Its server was busy.")
    assert feed.next_fetch_at > timezone.now() + timedelta(seconds=20)


def test_giving_back_under_an_old_token_changes_nothing() -> None:
    feed = make_feed()
    old, _ = claim_feeds(10, 90)
    expire(feed)
    new, _ = claim_feeds(10, 90)
    give_back_feeds(old, {feed.pk: 3600.0}, "Its server was busy.")
    assert rules(new, feed)


def test_a_row_that_killed_its_worker_three_times_is_quarantined_and_its_neighbours_are_not() -> None:
    feeds = [make_feed(f"Paper {number}") for number in range(SUSPECT_PORTION + 5)]
    poison = feeds[3].pk
    finished: set[int] = set()
    for _ in range(100):
        quarantine_feeds()
        token, claimed = claim_feeds(200, 90)
        if not claimed:
            break
        ids = {feed.id for feed in claimed}
        if poison in ids:  # the worker dies: nothing is given back, the leases run out
            expire(*Feed.objects.filter(lease_token=token))
        else:
            finished |= ids
            Feed.objects.filter(lease_token=token).update(
                lease_until=None,
                lease_token=None,
                attempts=0,
                next_fetch_at=timezone.now() + timedelta(hours=1),
            )
    row = Feed.objects.get(pk=poison)
    assert row.state == "quarantined"
    assert "set aside" in row.last_message
    assert list(FetchRun.objects.filter(feed=poison).values_list("outcome", flat=True)) == ["lost"] * 3
    assert finished == {feed.pk for feed in feeds} - {poison}


def test_the_next_time_is_written_before_the_fetch_and_further_off_with_each_death() -> None:
    feed = make_feed()
    waits = []
    for _ in range(3):
        claim_feeds(10, 90)
        feed.refresh_from_db()
        waits.append((feed.next_fetch_at - timezone.now()).total_seconds())
        assert feed.next_why
        expire(feed)
    assert 80 < waits[0] < 100
    assert waits[0] * 1.9 < waits[1] < waits[2] / 1.9


def test_a_lease_that_ran_out_leaves_a_run_that_says_so() -> None:
    feed = make_feed()
    claim_feeds(10, 90)
    assert not FetchRun.objects.exists()
    expire(feed)
    claim_feeds(10, 90)
    run = FetchRun.objects.get()
    assert (run.feed_id, run.outcome, run.answer, run.skipped) == (feed.pk, "lost", {}, [])
    assert "did not come back" in run.message


def test_neither_fresh_feeds_nor_suspects_starve() -> None:
    suspect = make_feed("Suspect", attempts=1, next_fetch_at=timezone.now() - timedelta(hours=1))
    fresh = make_feed("Fresh")
    assert [feed.id for feed in claim_feeds(10, 90)[1]] == [suspect.pk]
    assert [feed.id for feed in claim_feeds(10, 90)[1]] == [fresh.pk]


def test_one_feed_is_claimed_for_a_push_whether_it_is_due_or_not() -> None:
    feed = make_feed(next_fetch_at=timezone.now() + timedelta(hours=1), next_why="Every hour.")
    found = claim_feed(feed.pk, 90)
    assert found is not None
    token, claimed = found
    assert (claimed.next_fetch_at, claimed.next_why) == (feed.next_fetch_at, "Every hour.")
    assert rules(token, feed)
    assert claim_feed(feed.pk, 90) is None


def test_a_claim_carries_what_closing_needs() -> None:
    feed = make_feed(
        etag='"a"', failures=3, identity="url", secrets=b"sealed", fixed_seconds=600, known_share=0.5,
        proposed_url="https://new.example/", redirects_seen=2,
    )  # fmt: skip
    _, (claimed,) = claim_feeds(10, 90)
    for name in ("url", "etag", "failures", "identity", "fixed_seconds", "known_share", "proposed_url"):
        assert getattr(claimed, name) == getattr(feed, name)
    assert bytes(claimed.secrets or b"") == b"sealed"
    assert not claimed.is_pushed


def test_what_is_due_is_counted() -> None:
    make_feed("One")
    make_feed("Two")
    make_feed("Later", next_fetch_at=timezone.now() + timedelta(hours=1))
    assert count_due_feeds() == 2


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_rows_without_doubling() -> None:
    for number in range(60):
        make_feed(f"Paper {number}")

    def work(_: int) -> list[int]:
        try:
            return [feed.id for _ in range(5) for feed in claim_feeds(4, 90)[1]]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [feed_id for ids in pool.map(work, range(4)) for feed_id in ids]
    assert len(claimed) == 60
    assert len(set(claimed)) == 60
