"""When a feed is looked at again: what is learned, what is obeyed, what is never given up."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from articles.ingest.schedule import (
    Bounds,
    Plan,
    Rhythm,
    after_answer,
    after_failure,
    in_words,
    is_network_silence,
    jittered,
    wants_full_fetch,
)
from articles.types import FetchFailure

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOUNDS = Bounds()
HOUR, DAY = 3600, 86_400


def _answer(
    rhythm: Rhythm,
    known: int,
    entries: int = 30,
    *,
    headers: dict[str, str] | None = None,
    ttl: int | None = None,
    unchanged: bool = False,
    bounds: Bounds = BOUNDS,
) -> Plan:
    return after_answer(
        rhythm,
        bounds,
        entries=entries,
        known=known,
        headers=headers or {},
        ttl_minutes=ttl,
        unchanged=unchanged,
        now=NOW,
    )


def _settled(interval: int = 900, **changes: object) -> Rhythm:
    """A feed that was read before and has been silent for long, so that only the shares speak."""
    rhythm = Rhythm(interval, known_share=0.9, last_new_at=NOW - timedelta(days=30))
    return replace(rhythm, **changes)  # type: ignore[arg-type]


def test_a_poll_that_is_mostly_known_lengthens_and_one_that_is_mostly_new_shortens() -> None:
    assert _answer(_settled(400), 29).interval_seconds > 400
    assert _answer(_settled(4000), 5).interval_seconds < 4000
    assert _answer(_settled(800), 15).interval_seconds == 800


def test_the_step_grows_with_the_distance_from_the_band() -> None:
    def interval(known: int) -> int:
        return _answer(
            _settled(900), known, 100, bounds=Bounds(least_seconds=60, news_seconds=DAY)
        ).interval_seconds

    steps = [interval(known) for known in (0, 10, 20, 33, 50, 67, 80, 90, 100)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (225, 1350)
    assert 880 <= steps[3] <= 900 <= steps[5] <= 910


def test_a_poll_of_nothing_but_new_entries_shortens_strongly_and_says_that_some_may_be_missed() -> None:
    plan = _answer(_settled(7200), 0)
    assert plan.interval_seconds <= 7200 // 4
    assert "may have been missed" in plan.why


def test_the_first_answer_says_nothing_about_the_rhythm() -> None:
    plan = _answer(Rhythm(900), 0)
    assert plan.interval_seconds == plan.seconds == BOUNDS.start_seconds
    assert plan.known_share == 0.0
    assert "until its rhythm is known" in plan.why


def test_an_unchanged_answer_counts_as_all_known_and_keeps_the_share_that_was_read() -> None:
    plan = _answer(_settled(900), 0, 0, unchanged=True)
    assert plan.interval_seconds == 1350
    assert plan.known_share == 0.9
    assert plan.why == "Every 22 min: nothing had changed."


def test_an_answer_that_comes_late_shortens_nothing() -> None:
    late = _settled(1000, last_answer_at=NOW - timedelta(hours=9))
    in_time = _settled(1000, last_answer_at=NOW - timedelta(seconds=1100))
    assert _answer(late, 0).interval_seconds == 1000
    assert _answer(in_time, 0).interval_seconds == BOUNDS.least_seconds


def test_a_feed_with_news_is_not_left_alone_for_long_and_a_silent_one_is_asked_ever_less() -> None:
    waits = [
        _answer(
            Rhythm(DAY, known_share=1.0, last_new_at=NOW - timedelta(hours=hours)), 0, 0, unchanged=True
        ).seconds
        for hours in (0, 1, 8, 24, 24 * 4, 24 * 60)
    ]
    assert waits == [1200, 1200, 3600, 3 * HOUR, 12 * HOUR, DAY]


def test_the_bounds_hold_whatever_is_learned() -> None:
    assert _answer(_settled(301), 0).interval_seconds == 300
    assert _answer(_settled(DAY), 0, 0, unchanged=True).interval_seconds == DAY
    tight = Bounds(least_seconds=600, most_seconds=1200, start_seconds=900, news_seconds=1200)
    assert _answer(_settled(10), 15, bounds=tight).interval_seconds == 600
    assert _answer(_settled(9999), 15, bounds=tight).interval_seconds == 1200


def test_an_admins_interval_wins_over_what_was_learned_and_the_learned_one_is_kept() -> None:
    plan = _answer(_settled(2000, fixed_seconds=600), 0)
    assert (plan.seconds, plan.interval_seconds) == (600, 2000)
    assert plan.why == "Every 10 min, as an admin fixed it."


@pytest.mark.parametrize(
    ("headers", "ttl", "expected"),
    [
        ({}, 60, 3600),
        ({}, 5, 900),
        ({"cache-control": "public, max-age=1800"}, None, 1800),
        ({"cache-control": "public, s-maxage=9000"}, None, 900),
        ({"cache-control": "max-age=oops"}, None, 900),
        ({"cache-control": "no-cache"}, None, 900),
        ({"cache-control": 'private,max-age="2000"'}, None, 2000),
        ({"cache-control": "max-age=3600", "age": "600"}, None, 3000),
        ({"cache-control": "max-age=3600", "age": "3599"}, None, 900),
        ({"cache-control": "max-age=1000", "expires": format_datetime(NOW + timedelta(days=1), usegmt=True)}, None, 1000),
        ({"expires": format_datetime(NOW + timedelta(hours=2), usegmt=True)}, None, 7200),
        ({"expires": "0"}, None, 900),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None, 900),
        ({"retry-after": "5000"}, None, 5000),
        ({"retry-after": format_datetime(NOW + timedelta(hours=1), usegmt=True)}, None, 3600),
        ({"retry-after": "soon"}, None, 900),
        ({"cache-control": "max-age=2000"}, 60, 3600),
        ({}, 10**6, DAY),
        ({"cache-control": "max-age=31536000"}, None, DAY),
        ({"cache-control": "max-age=" + "9" * 400}, None, DAY),
    ],
)  # fmt: skip
def test_a_feed_is_never_asked_sooner_than_it_or_its_server_wishes(
    headers: dict[str, str], ttl: int | None, expected: int
) -> None:
    plan = _answer(_settled(900), 15, headers=headers, ttl=ttl)
    assert plan.seconds == expected
    assert plan.interval_seconds == 900, "a wish is obeyed, not learned"
    assert ("not before" in plan.why) == (expected != 900)


def test_expires_is_held_against_the_servers_own_clock() -> None:
    theirs = NOW - timedelta(days=400)
    headers = {
        "date": format_datetime(theirs, usegmt=True),
        "expires": format_datetime(theirs + timedelta(hours=3), usegmt=True),
    }
    assert _answer(_settled(900), 15, headers=headers).seconds == 3 * HOUR


def test_the_feeds_own_wish_outlives_unchanged_answers_and_goes_when_it_is_dropped() -> None:
    read = _answer(_settled(900), 15, ttl=60)
    assert read.floor_seconds == 3600
    same = _answer(_settled(900, floor_seconds=3600), 0, 0, unchanged=True)
    assert (same.seconds, same.floor_seconds) == (3600, 3600)
    assert same.why.endswith("not before 60 min: the feed asks for it (its ttl).")
    assert _answer(_settled(900, floor_seconds=3600), 15).seconds == 900


def test_a_fixed_interval_does_not_undercut_what_the_feed_asks_for() -> None:
    plan = _answer(_settled(900, fixed_seconds=600), 15, ttl=30)
    assert plan.seconds == 1800
    assert (
        plan.why == "Every 10 min, as an admin fixed it; not before 30 min: the feed asks for it (its ttl)."
    )


def test_polls_are_four_times_rarer_while_pushes_come_and_normal_again_when_one_was_missed() -> None:
    pushed = _settled(900, is_pushed=True)
    assert _answer(pushed, 30).seconds == 4 * _answer(pushed, 30).interval_seconds
    assert "its hub pushes" in _answer(pushed, 30).why
    missed = _answer(pushed, 20)
    assert missed.seconds == missed.interval_seconds
    assert _answer(_settled(DAY // 2, is_pushed=True), 30).seconds == DAY


HARD = [
    FetchFailure("u", "http", "m", 403),
    FetchFailure("u", "http", "m", 410),
    FetchFailure("u", "not_a_feed", "m", 200),
    FetchFailure("u", "sandbox", "m", 200),
    FetchFailure("u", "refused_address", "m"),
    FetchFailure("u", "redirects", "m"),
]
SOFT = [
    FetchFailure("u", "http", "m", 404),
    FetchFailure("u", "http", "m", 429),
    FetchFailure("u", "http", "m", 500),
    FetchFailure("u", "http", "m", 503),
    FetchFailure("u", "timeout", "m"),
    FetchFailure("u", "tls", "m"),
    FetchFailure("u", "connect", "m"),
]


@pytest.mark.parametrize(
    ("failure", "weight"), [*((f, 1.0) for f in HARD), *((f, 0.5) for f in SOFT), (FetchFailure("u", "dns", "m"), 0.25)]
)  # fmt: skip
def test_failures_weigh_by_their_kind(failure: FetchFailure, weight: float) -> None:
    assert after_failure(_settled(error_weight=2.0), BOUNDS, failure).error_weight == 2.0 + weight


def test_failures_put_off_in_a_line_to_a_day_and_never_beyond() -> None:
    rhythm, waits = _settled(900), []
    for count in range(400):
        plan = after_failure(replace(rhythm, failures=count), BOUNDS, HARD[0])
        rhythm = replace(rhythm, error_weight=plan.error_weight)
        waits.append(plan.seconds)
    assert waits[:4] == [900, 1800, 2700, 3600]
    assert waits[-1] == max(waits) == DAY
    assert "never given up" in after_failure(replace(rhythm, failures=400), BOUNDS, HARD[0]).why


def test_a_failure_leaves_the_learned_rhythm_alone_and_an_answer_clears_the_weight() -> None:
    plan = after_failure(_settled(5000, floor_seconds=60, error_weight=3), BOUNDS, SOFT[0])
    assert (plan.interval_seconds, plan.floor_seconds, plan.known_share) == (5000, 60, 0.9)
    assert _answer(_settled(error_weight=9), 15).error_weight == 0.0


def test_a_feed_asked_often_is_not_hammered_when_it_fails() -> None:
    assert after_failure(_settled(300), BOUNDS, SOFT[2]).seconds == BOUNDS.start_seconds


def test_retry_after_wins_when_it_is_longer_up_to_a_day() -> None:
    def wait(asked: int) -> Plan:
        return after_failure(_settled(900), BOUNDS, FetchFailure("u", "http", "m", 429, asked))

    assert wait(7200).seconds == 7200
    assert wait(7200).why == (
        "Again in 15 min, after 1 failure in a row; not before 2 h: the server asked us to wait."
    )
    assert wait(60).seconds == 900
    assert wait(10**7).seconds == DAY


def test_jitter_only_adds_is_small_and_the_same_each_time() -> None:
    values = {jittered(1000, str(number)) for number in range(200)}
    assert min(values) >= 1000
    assert max(values) <= 1100
    assert len(values) > 50
    assert jittered(1000, "7") == jittered(1000, "7")
    assert jittered(0, "7") == 1
    assert {jittered(DAY, str(number), most=DAY) for number in range(20)} == {DAY}
    assert jittered(2 * DAY, "7", most=DAY) == 2 * DAY, "an admin fixed it"
    week = Bounds(most_seconds=7 * DAY)
    assert _answer(_settled(900), 15, bounds=week).most_seconds == 7 * DAY
    assert after_failure(_settled(900), week, HARD[0]).most_seconds == 7 * DAY


def test_the_whole_feed_is_asked_for_once_a_day() -> None:
    assert wants_full_fetch(None, NOW)
    assert not wants_full_fetch(NOW - timedelta(hours=23), NOW)
    assert wants_full_fetch(NOW - timedelta(hours=24), NOW)


def test_only_no_answer_at_all_may_be_our_own_fault() -> None:
    assert is_network_silence(FetchFailure("u", "dns", "m"))
    assert not is_network_silence(FetchFailure("u", "http", "m", 503))
    assert not is_network_silence(FetchFailure("u", "refused_address", "m"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 s"), (90, "90 s"), (300, "5 min"), (7199, "120 min"), (7200, "2 h"), (9000, "2.5 h"), (DAY, "1 day")],
)  # fmt: skip
def test_stretches_of_time_are_said_as_people_say_them(seconds: int, words: str) -> None:
    assert in_words(seconds) == words


@dataclass(frozen=True)
class Lived:
    """What a month of polls of one synthetic feed came to; the first two weeks are for learning."""

    polls_a_day: float
    missed: int
    median_delay: float  # seconds between publishing and the poll that brought it
    worst_delay: float
    first_week_polls: int


def _live(published: list[float], window: int, *, days: int = 28) -> Lived:
    """Poll a feed that shows its newest `window` entries, as the schedule says, from second 0 on."""
    bounds = Bounds()
    rhythm = Rhythm(bounds.start_seconds)
    clock, seen, missed = 0.0, -1, 0
    delays: list[float] = []
    polls: list[float] = []
    while clock < days * DAY:
        now = NOW + timedelta(seconds=clock)
        there = bisect_right(published, clock)
        oldest = max(0, there - window)
        new = there - max(oldest, seen, 0)
        if seen >= 0 and clock > days * DAY / 2:
            missed += max(0, oldest - seen)
            delays += [clock - published[number] for number in range(max(oldest, seen), there)]
        plan = after_answer(
            rhythm,
            bounds,
            entries=there - oldest,
            known=there - oldest - new,
            headers={},
            ttl_minutes=None,
            unchanged=seen >= 0 and not new,
            now=now,
        )
        rhythm = Rhythm(
            plan.interval_seconds,
            floor_seconds=plan.floor_seconds,
            known_share=plan.known_share,
            last_new_at=now if new else rhythm.last_new_at,
            last_answer_at=now,
            turnover_seconds=plan.turnover_seconds,
        )
        polls.append(clock)
        seen = there
        clock += jittered(plan.seconds, f"{clock}", most=bounds.most_seconds)
    delays.sort()
    return Lived(
        len([poll for poll in polls if poll > days * DAY / 2]) / (days / 2),
        missed,
        delays[len(delays) // 2] if delays else 0,
        delays[-1] if delays else 0,
        len([poll for poll in polls if poll < 7 * DAY]),
    )


def test_an_hourly_feed_is_read_within_minutes_without_a_poll_every_five() -> None:
    lived = _live([number * HOUR - 40 * HOUR for number in range(24 * 30)], window=30)
    assert lived.missed == 0
    assert lived.median_delay < 15 * 60
    assert lived.worst_delay < 25 * 60
    assert 55 <= lived.polls_a_day <= 75


def test_a_newsroom_that_sleeps_at_night_loses_nothing_by_day() -> None:
    dice = random.Random(7)  # noqa: S311 - a synthetic feed
    published = sorted(day * DAY + dice.uniform(7, 21) * HOUR for day in range(-2, 29) for _ in range(220))
    lived = _live(published, window=40)
    assert lived.missed == 0
    assert lived.median_delay < 12 * 60
    assert lived.worst_delay < 95 * 60  # the first pieces of a morning
    assert lived.polls_a_day < 80


def test_a_wire_that_bursts_every_morning_through_a_short_list_loses_nothing_once_it_is_known() -> None:
    dice = random.Random(11)  # noqa: S311 - a synthetic feed
    published = sorted(
        start * DAY + 9 * HOUR + dice.uniform(0, 2) * HOUR for start in range(-1, 29) for _ in range(300)
    )
    # 150 entries an hour through a list of 30: it is filled anew every twelve minutes.
    lived = _live(published, window=30)
    assert lived.missed == 0
    assert lived.median_delay < 6 * 60
    assert lived.polls_a_day < 86_400 / 300


def test_a_list_that_was_filled_quickly_is_remembered_in_the_quiet_hours_and_fades_in_weeks() -> None:
    before = replace(_settled(600), last_answer_at=NOW - timedelta(seconds=600))
    burst = _answer(before, 18)
    assert burst.turnover_seconds == 600 * 30 // 12
    quiet = replace(before, turnover_seconds=burst.turnover_seconds, interval_seconds=6 * HOUR)
    plan = _answer(quiet, 0, 0, unchanged=True)
    assert plan.interval_seconds == pytest.approx(1500, rel=0.01)
    assert plan.why == (
        "Every 25 min: nothing had changed, but it has filled its whole list within 25 min before."
    )
    weeks_later = replace(quiet, last_answer_at=NOW - timedelta(days=14))
    assert _answer(weeks_later, 30).turnover_seconds == 4 * 1500


def test_one_new_entry_says_nothing_about_how_fast_the_list_fills() -> None:
    before = replace(_settled(600), last_answer_at=NOW - timedelta(seconds=600))
    assert _answer(before, 1, 2).turnover_seconds is None
    assert _answer(before, 25).turnover_seconds is None


def test_a_weekly_blog_costs_a_few_polls_a_day_and_is_read_the_same_day() -> None:
    lived = _live([number * 7 * DAY + 3000 for number in range(-10, 5)], window=10)
    assert lived.missed == 0
    assert lived.polls_a_day < 8
    assert lived.worst_delay < DAY


def test_a_firehose_is_polled_at_the_bound_and_no_faster() -> None:
    lived = _live([number * 10.0 for number in range(-100, 28 * DAY // 10)], window=20)
    assert 86_400 / 330 <= lived.polls_a_day <= 86_400 / 300
    assert lived.missed > 0, "20 entries of 10 s each do not last for five minutes"


def test_a_dead_feed_costs_one_poll_a_day_and_is_never_given_up() -> None:
    lived = _live([-100 * DAY + number for number in range(10)], window=10, days=56)
    assert 0.9 <= lived.polls_a_day <= 1.2
    assert lived.first_week_polls < 100


def test_the_learned_interval_settles_within_ten_polls_from_either_side() -> None:
    for start in (300, DAY):
        rhythm = Rhythm(start, known_share=0.9, last_new_at=NOW)
        for _ in range(10):
            # 40 entries a day in a window of 20, whatever the interval.
            new = min(20, round(rhythm.interval_seconds * 40 / DAY))
            plan = _answer(rhythm, 20 - new, 20, bounds=Bounds(news_seconds=DAY))
            rhythm = replace(rhythm, interval_seconds=plan.interval_seconds)
        assert 2.5 * HOUR < rhythm.interval_seconds < 9 * HOUR


@pytest.mark.parametrize(
    ("fixed", "seconds", "words"),
    [
        (60, 300, "Every 5 min, the least there is (an admin fixed 60 s)."),
        (7 * 86_400, 86_400, "Every 1 day, the most there is (an admin fixed 7 days)."),
        (1800, 1800, "Every 30 min, as an admin fixed it."),
    ],
)
def test_what_is_promised_to_servers_holds_for_a_fixed_interval_too(
    fixed: int, seconds: int, words: str
) -> None:
    rhythm = Rhythm(900, fixed_seconds=fixed)
    plan = after_answer(
        rhythm, Bounds(), entries=1, known=1, headers={}, ttl_minutes=None, unchanged=False, now=NOW
    )
    assert (plan.seconds, plan.why) == (seconds, words)
    failed = after_failure(rhythm, Bounds(), FetchFailure("https://post.example/feed", "timeout", "slow"))
    assert 300 <= failed.seconds <= 86_400
