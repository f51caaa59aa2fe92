"""Notices open when a source breaks, close when it heals, and stay when a person has seen them."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.notices import note_feed_health, see_all_notices, see_notice, sweep_notices
from articles.errors import RefusedError
from articles.models import Feed, FetchDay, FetchRun, Job, NetworkState, Notice
from articles.pipeline import ingest_due_feeds
from tests.servers import LoopbackServer, Reply
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db

BROKEN: dict[str, Any] = {
    "failures": 5,
    "error_weight": 5.0,
    "last_message": "The server answered 403.",
}


@pytest.fixture
def _mailed(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1"


def _well(name: str = "Harbour Ledger", **columns: Any) -> Feed:
    return make_source(name, last_new_at=timezone.now(), last_success_at=timezone.now(), **columns)


def _change(feed: Feed, **columns: Any) -> None:
    Feed.objects.filter(pk=feed.pk).update(**columns)


def _break(feed: Feed) -> None:
    _change(feed, failing_since=timezone.now() - timedelta(hours=6), **BROKEN)


def _heal(feed: Feed) -> None:
    _change(feed, failures=0, error_weight=0, failing_since=None, last_new_at=timezone.now())


def _standing() -> list[str]:
    return sorted(Notice.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))


def test_a_source_that_breaks_is_told_once_and_a_source_that_heals_is_told_too() -> None:
    feed = _well()
    _break(feed)
    note_feed_health([feed.pk])
    note_feed_health([feed.pk])
    assert _standing() == ["failing"]
    assert "403" in Notice.objects.get().words
    _heal(feed)
    note_feed_health([feed.pk])
    assert _standing() == ["healed"]
    assert "answers again" in Notice.objects.get(kind="healed").words
    _break(feed)
    note_feed_health([feed.pk])
    assert _standing() == ["failing"], "good news ends where new trouble begins"


def test_the_words_follow_the_reason() -> None:
    feed = _well()
    _break(feed)
    note_feed_health([feed.pk])
    _change(feed, last_message="This is a web page, not a feed.")
    note_feed_health([feed.pk])
    assert "web page" in Notice.objects.get().words


def test_a_few_failures_are_nobodys_business() -> None:
    feed = _well()
    _change(feed, failing_since=timezone.now() - timedelta(minutes=30), **BROKEN)
    note_feed_health([feed.pk])
    assert _standing() == []


def test_silence_is_judged_by_the_feeds_own_history_in_details_and_daily_sums() -> None:
    now = timezone.now()
    hourly, weekly = _well("Hourly"), _well("Weekly")
    for feed in (hourly, weekly):
        _change(feed, last_new_at=now - timedelta(days=3))
    for hour in range(12):
        at = now - timedelta(days=3, hours=hour)
        FetchRun.objects.create(feed=hourly, at=at, outcome="stored", new=2)
    for week in range(10):
        FetchDay.objects.create(feed=weekly, day=(now - timedelta(days=3 + 7 * week)).date(), new=1)
    note_feed_health([hourly.pk, weekly.pk])
    told = Notice.objects.get()
    assert (told.feed_id, told.kind) == (hourly.pk, "silent")
    assert "within 60 min" in told.words
    note_feed_health([hourly.pk])
    assert _standing() == ["silent"]
    _change(hourly, last_new_at=timezone.now())
    note_feed_health([hourly.pk])
    assert _standing() == ["healed"]
    assert "brings news again" in Notice.objects.get(kind="healed").words


def test_a_day_of_which_details_are_left_is_not_counted_twice() -> None:
    now = timezone.now()
    feed = _well()
    _change(feed, last_new_at=now - timedelta(days=29))
    for day in range(3):  # with their sums six moments, without them three: too few to know a rhythm
        at = now - timedelta(days=29 + day)
        FetchRun.objects.create(feed=feed, at=at, outcome="stored", new=1)
        FetchDay.objects.create(feed=feed, day=at.date(), new=1)
    note_feed_health([feed.pk])
    assert _standing() == []


@pytest.mark.parametrize("state", ["gone", "quarantined"])
def test_a_source_that_stops_is_found_by_the_sweep_and_heals_when_it_is_resumed(state: str) -> None:
    feed = _well(state=state)
    sweep_notices()
    assert _standing() == [state]
    _change(feed, state="active")
    note_feed_health([feed.pk])
    assert _standing() == ["healed"]


def test_a_resumed_source_that_fails_has_not_healed() -> None:
    feed = _well(state="gone")
    sweep_notices()
    _change(feed, state="active", failures=1, failing_since=timezone.now())
    note_feed_health([feed.pk])
    assert _standing() == []


def test_what_a_person_paused_needs_no_notice() -> None:
    feed = _well()
    _break(feed)
    note_feed_health([feed.pk])
    _change(feed, state="paused")
    sweep_notices()
    assert _standing() == []
    assert not Notice.objects.filter(kind="healed").exists()


def test_a_new_address_and_a_new_identity_are_told_and_taken_down_without_applause() -> None:
    feed = _well(
        proposed_url="https://b.example/feed",
        identity="url",
        identity_why="7 of 20 guids were repeated.",
        identity_since=timezone.now() + timedelta(days=2),
    )
    note_feed_health([feed.pk])
    assert _standing() == ["identity", "moved"]
    _change(feed, proposed_url="", identity_by="ada")
    note_feed_health([feed.pk])
    assert _standing() == []


def test_the_sample_is_not_judged() -> None:
    feed = _well(sample=True)
    _break(feed)
    note_feed_health([feed.pk])
    sweep_notices()
    assert _standing() == []


@pytest.mark.usefixtures("_mailed")
def test_when_no_source_answers_it_is_us_and_nothing_is_judged() -> None:
    feed = _well()
    _break(feed)
    NetworkState.objects.update_or_create(
        pk=1, defaults={"silent_since": timezone.now() - timedelta(minutes=2)}
    )
    note_feed_health([feed.pk])
    assert _standing() == [], "a moment without network is shown, not told"
    NetworkState.objects.update(silent_since=timezone.now() - timedelta(minutes=9))
    note_feed_health([feed.pk])
    note_feed_health([])
    assert _standing() == ["offline"]
    _heal(feed)
    NetworkState.objects.update(silent_since=None)
    note_feed_health([feed.pk])
    assert _standing() == ["healed"]
    assert Notice.objects.get(kind="healed").feed_id is None


def test_good_news_is_taken_down_after_days_or_when_it_was_seen() -> None:
    Notice.objects.create(kind="healed", words="old", feed=_well("Old"))
    Notice.objects.update(at=timezone.now() - timedelta(days=4))
    fresh = Notice.objects.create(kind="healed", words="fresh", feed=_well("Fresh"))
    sweep_notices()
    assert list(Notice.objects.filter(closed_at__isnull=True)) == [fresh]
    see_notice("ada", fresh.pk)
    assert _standing() == []


def test_trouble_that_was_seen_stands_until_it_is_over() -> None:
    feed = _well()
    _break(feed)
    note_feed_health([feed.pk])
    notice = see_notice("ada", Notice.objects.get().pk)
    see_notice("bob", notice.pk)
    assert see_all_notices("bob") == 0
    row = Notice.objects.get()
    assert (row.seen_by, row.closed_at) == ("ada", None)
    note_feed_health([feed.pk])
    assert Notice.objects.count() == 1
    with pytest.raises(RefusedError, match="not here any more"):
        see_notice("ada", 0)


@pytest.mark.usefixtures("_mailed")
def test_mail_is_a_job_that_waits_for_company_and_good_news_goes_to_whom_the_bad_went() -> None:
    told, untold = _well("Told"), _well("Untold")
    for feed in (told, untold):
        _break(feed)
    note_feed_health([told.pk, untold.pk])
    jobs = Job.objects.filter(kind="mail")
    assert jobs.count() == 2
    assert all(job.not_before > timezone.now() + timedelta(minutes=4) for job in jobs)
    Notice.objects.filter(feed=told).update(mailed_at=timezone.now())
    for feed in (told, untold):
        _heal(feed)
    note_feed_health([told.pk, untold.pk])
    healed = Notice.objects.filter(kind="healed")
    assert healed.count() == 2
    assert list(jobs.filter(subject_id__in=healed.values("pk")).values_list("subject_id", flat=True)) == [
        healed.get(feed=told).pk
    ]


def test_without_a_mail_server_there_is_no_job() -> None:
    feed = _well()
    _break(feed)
    note_feed_health([feed.pk])
    assert not Job.objects.filter(kind="mail").exists()


def test_a_batch_in_which_all_are_well_costs_the_same_small_number_of_queries() -> None:
    def queries(count: int) -> int:
        ids = [_well(f"Paper {count} {number}").pk for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            note_feed_health(ids)
        return len(seen)

    assert queries(3) == queries(30) <= 3


def test_a_batch_in_which_all_are_broken_does_not_cost_a_query_each() -> None:
    def queries(count: int) -> int:
        feeds = [_well(f"Broken {count} {number}") for number in range(count)]
        for feed in feeds:
            _break(feed)
        with CaptureQueriesContext(connection) as seen:
            note_feed_health([feed.pk for feed in feeds])
        return len(seen)

    assert queries(10) == queries(100) <= 12


def test_a_poll_that_is_told_of_the_end_opens_the_notice_by_itself(settings: Any) -> None:
    with LoopbackServer({"/gone": lambda _: Reply(410)}) as server:
        settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
        settings.FETCH_PORTS = frozenset({server.port})
        feed = _well(next_fetch_at=timezone.now())
        _change(feed, url=server.url("/gone"), host=server.address)
        assert ingest_due_feeds(600) == 1
    told = Notice.objects.get()
    assert (told.feed_id, told.kind) == (feed.pk, "gone")
