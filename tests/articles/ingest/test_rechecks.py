"""When a page is looked at again: the marks, more often while it changes, once for old articles, never without an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from articles.ingest.rechecks import (
    LookBounds,
    Looked,
    after_failure,
    is_deleted,
    is_old,
    is_part,
    leads_away,
    next_look,
    seconds_held,
)

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0
NEW = Looked(first_seen_at=START, published_at=START)
BOUNDS = LookBounds()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def looks_of(
    looked: Looked, changes_at: set[int], *, bounds: LookBounds = BOUNDS, now: float = 0.0
) -> list[float]:
    """Seconds after the start of all looks when those with these numbers find another text."""
    times: list[float] = []
    before = now
    while True:
        plan = next_look(looked, at(now), bounds)
        assert plan.why.endswith(".")
        if plan.seconds is None:
            assert plan.why.startswith("Not again: ")
            return times
        now += plan.seconds
        times.append(now)
        is_changed = len(times) in changes_at
        looked = replace(
            looked,
            looks=len(times),
            changes=looked.changes + is_changed,
            quiet=0 if is_changed else looked.quiet + 1,
            is_changed=is_changed,
            gap_seconds=now - before,
        )
        before = now


def test_a_page_that_does_not_change_is_looked_at_four_times() -> None:
    assert looks_of(NEW, set()) == [HOUR, 6 * HOUR, DAY, 3 * DAY]


def test_what_was_seen_late_has_the_marks_that_are_left() -> None:
    late = Looked(first_seen_at=at(5 * HOUR), published_at=START)
    assert looks_of(late, set(), now=5 * HOUR) == [6 * HOUR, DAY, 3 * DAY]


def test_a_mark_that_is_nearly_reached_is_over() -> None:
    assert looks_of(NEW, set(), now=50 * 60) == [6 * HOUR, DAY, 3 * DAY]


def test_without_a_time_of_publication_the_first_sight_counts() -> None:
    assert looks_of(replace(NEW, published_at=None), set()) == [HOUR, 6 * HOUR, DAY, 3 * DAY]


def test_a_date_ahead_does_not_put_looks_off() -> None:
    assert looks_of(replace(NEW, published_at=at(20 * HOUR)), set())[0] == HOUR


def test_what_changes_is_looked_at_after_half_the_time_and_then_less_often() -> None:
    times = looks_of(NEW, {1, 2})
    assert times[:3] == [HOUR, HOUR + 1800, HOUR + 1800 + 900], "an hour, a half, a quarter"
    gaps = [after - before for before, after in pairwise(times[2:])]
    assert gaps[0] == 1800.0, "quiet: twice the gap before"
    assert times[-1] >= 3 * DAY
    assert DAY in times


def test_what_always_changes_is_looked_at_24_times_and_still_after_three_days() -> None:
    times = looks_of(NEW, set(range(1, 100)))
    assert len(times) == 24
    assert {DAY, 3 * DAY} <= set(times), "the marks are kept free"
    assert min(b - a for a, b in pairwise(times)) == 900.0


def test_what_always_changes_is_looked_at_through_the_whole_day_and_the_days_after() -> None:
    times = looks_of(NEW, set(range(1, 100)))
    for begin, end, least in [(0, 2, 4), (2, 6, 4), (6, 12, 2), (12, 24, 2), (24, 48, 2), (48, 73, 2)]:
        assert sum(begin * HOUR < time <= end * HOUR for time in times) >= least, (begin, end)
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) < 16 * HOUR


def test_what_always_changes_still_after_three_days_is_followed_at_wider_gaps() -> None:
    times = looks_of(NEW, set(range(4, 100)))
    assert times[3] == 3 * DAY
    assert min(b - a for a, b in pairwise(times[3:])) == 6 * HOUR


@pytest.mark.parametrize("most", [1, 2, 5, 24])
def test_no_page_is_looked_at_more_often_than_the_setting_allows(most: int) -> None:
    assert len(looks_of(NEW, set(range(1, 100)), bounds=LookBounds(most_looks=most))) == most


def test_a_change_after_three_days_is_followed_and_then_left() -> None:
    times = looks_of(NEW, {4})
    assert times[3] == 3 * DAY
    assert 1 <= len(times) - 4 <= 3
    assert times[-1] < 14 * DAY


def test_what_was_old_when_it_came_is_looked_at_once_a_day_after() -> None:
    old = Looked(first_seen_at=START, published_at=START - timedelta(days=400))
    assert is_old(old.first_seen_at, old.published_at)
    assert looks_of(old, set()) == [DAY]
    assert "old when it came" in next_look(old, START, BOUNDS).why
    assert len(looks_of(old, {1})) <= 5, "one that changes all the same is followed for a while"


def test_what_was_read_when_all_marks_were_over_is_looked_at_once() -> None:
    assert looks_of(NEW, set(), now=10 * DAY) == [11 * DAY]


def test_a_feed_that_brings_the_text_tells_of_its_changes_itself() -> None:
    full = replace(NEW, is_full_feed=True)
    assert looks_of(full, set()) == [DAY, 3 * DAY]
    assert looks_of(replace(full, changes=7), set()) == [DAY, 3 * DAY]


def test_a_missing_page_is_asked_once_more_some_hours_later() -> None:
    plan = next_look(replace(NEW, looks=2, missing=1), at(6 * HOUR), BOUNDS)
    assert (plan.seconds, plan.why) == (6 * HOUR, "Again in 6 h: its page was not there.")
    assert not is_deleted(1, since_last_seconds=DAY, is_final=False)
    assert not is_deleted(2, since_last_seconds=600, is_final=False), "the same minute of trouble"
    assert is_deleted(2, since_last_seconds=6 * HOUR, is_final=False)
    assert is_deleted(1, since_last_seconds=60, is_final=True), "410 says so itself"


def test_a_text_that_lost_more_than_half_waits_to_be_found_again() -> None:
    whole = "The board met on Monday. It opened the quay. A court objected, and the union too. Ships may call from Tuesday."
    assert seconds_held(whole, whole[:60]) is None, "more than half"
    assert seconds_held(whole, "The board met on Monday.") == 1800.0
    assert seconds_held(whole, "Something went wrong. Please try again.") == 3 * HOUR
    assert not is_part(whole, "Something went wrong. Ships may call.")
    assert is_part(whole, "It opened the quay.\n\nShips may call from Tuesday.")
    plan = next_look(replace(NEW, looks=2, held_until=at(7 * HOUR)), at(6 * HOUR), BOUNDS)
    assert (plan.seconds, plan.why) == (HOUR, "Again in 60 min: its page gave much less text than before.")
    later = next_look(replace(NEW, looks=2, held_until=at(5 * HOUR)), at(6 * HOUR), BOUNDS)
    assert later.seconds == 18 * HOUR, "a wall since: no hurry"


def test_what_was_deleted_may_come_back_for_three_days() -> None:
    gone = replace(NEW, looks=4, missing=2, gone_at=START)
    times, now = [], 0.0
    while (plan := next_look(gone, at(now), BOUNDS)).seconds is not None:
        now += plan.seconds
        times.append(now)
    assert times == [DAY, 3 * DAY]
    assert plan.why == "Not again: its page was deleted and did not come back."


def test_nothing_is_planned_while_looks_are_switched_off() -> None:
    assert next_look(NEW, START, LookBounds(is_on=False)).seconds is None


def test_a_site_that_fails_is_asked_less_and_less_and_then_left_alone() -> None:
    waits = [after_failure(tries, 0, "It is silent.").seconds for tries in range(7)]
    assert waits == [1800.0, 2 * HOUR, 6 * HOUR, DAY, DAY, DAY, None]
    assert after_failure(0, 7200, "Busy.").seconds == 7200, "what it asks for is not undercut"
    assert "It is silent." in after_failure(6, 0, "It is silent.").why


@pytest.mark.parametrize(
    ("url", "final", "expected"),
    [
        ("https://a.example/story/1", "https://a.example/", True),
        ("https://a.example/story/1", "https://a.example", True),
        ("https://a.example/story/1", "https://www.a.example/index.html", True),
        ("https://a.example/en/story/1", "https://a.example/en/", True),
        ("https://a.example/story/1", "https://parked.example/", True),
        ("https://a.example/story/1", "https://a.example/story/1-with-a-name", False),
        ("https://a.example/story/1", "https://a.example/?p=1", False),
        ("https://a.example/story/1", "https://a.example/news/", False),
        ("https://a.example/", "https://a.example/", False),
        ("https://a.example/?id=4", "https://a.example/", True),
    ],
)
def test_an_address_that_leads_to_a_front_page_is_told(url: str, final: str, *, expected: bool) -> None:
    assert leads_away(url, final) is expected
