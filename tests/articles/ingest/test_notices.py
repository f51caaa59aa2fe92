"""When a source is worth a word to an admin, and which word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from articles.ingest.notices import (
    ARRIVALS_TO_KNOW,
    Health,
    TellRules,
    healed_words,
    judge_health,
    moment,
    usual_pauses,
)

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
RULES = TellRules(failing=timedelta(hours=3), silent=timedelta(hours=24))
WELL = Health(
    state="active",
    failures=0,
    error_weight=0.0,
    failing_since=None,
    last_new_at=NOW - timedelta(hours=1),
    created_at=NOW - timedelta(days=60),
    last_message="",
    proposed_url="",
    identity="guid",
    identity_by="",
    identity_why="",
)


def _failing(hours: float, weight: float, **columns: object) -> Health:
    changes: dict[str, object] = {
        "failures": 4,
        "error_weight": weight,
        "failing_since": NOW - timedelta(hours=hours),
        "last_message": "The server answered 403.",
        **columns,
    }
    return replace(WELL, **changes)  # type: ignore[arg-type]


def _every(hours: float, count: int, *, until: datetime) -> tuple[datetime, ...]:
    return tuple(until - timedelta(hours=hours * number) for number in range(count))


def test_a_source_that_is_well_says_nothing() -> None:
    assert judge_health(WELL, RULES, NOW) == {}


@pytest.mark.parametrize(
    ("hours", "weight", "is_told"),
    [(4, 3.0, True), (4, 2.5, False), (2, 9.0, False), (47, 1.0, False), (48, 0.25, True)],
)
def test_failures_are_told_by_weight_and_time(hours: float, weight: float, *, is_told: bool) -> None:
    assert ("failing" in judge_health(_failing(hours, weight), RULES, NOW)) == is_told


def test_the_words_of_a_failure_say_since_when_and_why() -> None:
    assert judge_health(_failing(4, 3), RULES, NOW)["failing"] == (
        "No answer that could be read since 12 Mar 2026, 06:00 UTC: The server answered 403."
    )


def test_a_weekly_blog_is_not_silent_after_two_days_but_after_two_weeks() -> None:
    def told(days: float) -> dict[str, str]:
        last = NOW - timedelta(days=days)
        weekly = replace(WELL, last_new_at=last, arrivals=_every(7 * 24, 8, until=last))
        return {str(kind): words for kind, words in judge_health(weekly, RULES, NOW).items()}

    assert told(2) == {}
    assert told(10) == {}
    assert told(14)["silent"] == (
        "Nothing new since 26 Feb 2026, 10:00 UTC. It usually brings something within 7 days,"
        " and its longest pause before was 7 days."
    )


def test_an_hourly_newsroom_is_silent_after_a_day_and_not_before() -> None:
    def is_told(hours: float) -> bool:
        last = NOW - timedelta(hours=hours)
        hourly = replace(WELL, last_new_at=last, arrivals=_every(1, 200, until=last))
        return "silent" in judge_health(hourly, RULES, NOW)

    assert not is_told(23)
    assert is_told(25)


def test_a_newsroom_that_rests_at_weekends_may_rest() -> None:
    friday = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    weeks = [
        friday - timedelta(days=7 * week + day, hours=hour)
        for week in range(6)
        for day in range(5)
        for hour in range(9)
    ]
    resting = replace(WELL, last_new_at=friday, arrivals=tuple(weeks))
    assert judge_health(resting, RULES, friday + timedelta(hours=64)) == {}
    assert "silent" in judge_health(resting, RULES, friday + timedelta(hours=100))


def test_one_long_pause_among_many_does_not_make_it_patient() -> None:
    last = NOW - timedelta(hours=30)
    broken = (*_every(1, 100, until=last), *_every(1, 100, until=last - timedelta(days=20)))
    assert "silent" in judge_health(replace(WELL, last_new_at=last, arrivals=broken), RULES, NOW)


def test_a_feed_without_a_rhythm_is_silent_after_a_month() -> None:
    few = _every(24, ARRIVALS_TO_KNOW - 1, until=NOW - timedelta(days=29))
    quiet = replace(WELL, last_new_at=NOW - timedelta(days=29), arrivals=few)
    assert judge_health(quiet, RULES, NOW) == {}
    assert judge_health(quiet, RULES, NOW + timedelta(days=2))["silent"] == (
        "Nothing new since 11 Feb 2026, 10:00 UTC."
    )
    never = replace(WELL, last_new_at=None, created_at=NOW - timedelta(days=31))
    assert "silent" in judge_health(never, RULES, NOW)


def test_a_told_silence_stands_until_something_comes() -> None:
    told = (NOW - timedelta(days=2), "Nothing new since long ago.")
    silent = replace(WELL, last_new_at=NOW - timedelta(days=9), told_silence=told)
    assert judge_health(silent, RULES, NOW) == {"silent": told[1]}
    assert judge_health(replace(silent, failures=1), RULES, NOW) == {"silent": told[1]}
    assert judge_health(replace(silent, last_new_at=NOW), RULES, NOW) == {}


def test_what_does_not_answer_is_not_called_silent_too() -> None:
    last = NOW - timedelta(days=9)
    both = replace(_failing(100, 9), last_new_at=last, arrivals=_every(1, 50, until=last))
    assert set(judge_health(both, RULES, NOW)) == {"failing"}


@pytest.mark.parametrize(
    ("state", "kinds"), [("gone", {"gone"}), ("quarantined", {"quarantined"}), ("paused", set())]
)
def test_a_state_says_all_there_is_to_say(state: str, kinds: set[str]) -> None:
    stopped = _failing(100, 9, state=state, proposed_url="https://b.example/feed", identity="url")
    assert set(judge_health(stopped, RULES, NOW)) == kinds


def test_a_proposed_address_and_a_new_identity_are_told() -> None:
    moved = replace(WELL, proposed_url="https://b.example/feed")
    assert "https://b.example/feed" in judge_health(moved, RULES, NOW)["moved"]
    stepped = replace(WELL, identity="url", identity_why="7 of 20 guids were repeated.", identity_since=NOW)
    assert judge_health(stepped, RULES, NOW) == {"identity": "7 of 20 guids were repeated."}
    assert judge_health(replace(stepped, identity_by="ada"), RULES, NOW) == {}
    # It came like that: nothing has changed.
    newcomer = replace(stepped, created_at=NOW - timedelta(minutes=5))
    assert judge_health(newcomer, RULES, NOW) == {}


def test_pauses_are_those_between_arrivals() -> None:
    assert usual_pauses(_every(1, ARRIVALS_TO_KNOW - 1, until=NOW)) is None
    pauses = usual_pauses([*_every(2, 9, until=NOW), NOW - timedelta(hours=26)])
    assert pauses is not None
    assert pauses.longest == timedelta(hours=10)
    assert pauses.usual <= pauses.longest


def test_the_words_of_healing_fit_what_healed() -> None:
    since = NOW - timedelta(days=3)
    assert healed_words(["failing", "silent"], since, NOW) == "It answers again; the notice stood for 3 days."
    assert healed_words(["silent"], since, NOW) == "It brings news again; the notice stood for 3 days."


def test_a_moment_is_told_in_utc() -> None:
    assert moment(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)) == "1 Mar 2026, 09:05 UTC"
