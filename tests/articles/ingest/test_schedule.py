"""When a feed is looked at again."""

from __future__ import annotations

import pytest

from articles.ingest.schedule import (
    LEAST_SECONDS,
    MOST_SECONDS,
    is_network_silence,
    jittered,
    next_interval,
    retry_seconds,
)
from articles.types import FetchFailure


@pytest.mark.parametrize(
    ("ttl", "cache", "expected"),
    [
        (None, "", 900),
        (60, "", 3600),
        (5, "", 900),
        (None, "public, max-age=1800", 1800),
        (None, "max-age=oops", 900),
        (10**6, "", MOST_SECONDS),
        (None, "no-cache", 900),
    ],
)
def test_a_feed_is_never_asked_sooner_than_it_wishes(ttl: int | None, cache: str, expected: int) -> None:
    assert next_interval(900, ttl_minutes=ttl, cache_control=cache) == expected


def test_failures_put_off_in_a_line_and_never_beyond_a_day() -> None:
    hard = FetchFailure("u", "http", "m", 500)
    waits = [retry_seconds(hard, failures=n, base_seconds=900) for n in (1, 2, 10, 1000)]
    assert waits == [900, 1800, 9000, MOST_SECONDS]


def test_a_fault_of_the_network_weighs_less_than_one_of_the_feed() -> None:
    dns = FetchFailure("u", "dns", "m")
    hard = FetchFailure("u", "http", "m", 404)
    assert retry_seconds(dns, failures=8, base_seconds=900) < retry_seconds(
        hard, failures=8, base_seconds=900
    )


def test_retry_after_is_kept() -> None:
    asked = FetchFailure("u", "http", "m", 429, retry_after_seconds=7200)
    assert retry_seconds(asked, failures=1, base_seconds=900) == 7200


def test_jitter_is_small_and_the_same_each_time() -> None:
    values = {jittered(1000, str(number)) for number in range(200)}
    assert min(values) >= 900
    assert max(values) <= 1100
    assert len(values) > 50
    assert jittered(1000, "7") == jittered(1000, "7")
    assert jittered(0, "7") == 1
    assert LEAST_SECONDS == 60


def test_only_no_answer_at_all_may_be_our_own_fault() -> None:
    assert is_network_silence(FetchFailure("u", "dns", "m"))
    assert not is_network_silence(FetchFailure("u", "http", "m", 503))
    assert not is_network_silence(FetchFailure("u", "refused_address", "m"))
