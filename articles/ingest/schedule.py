"""When to look again, given what we saw; pure."""

from __future__ import annotations

import hashlib

from articles.types import FetchFailure

# The least a server may make us wait, and the most: a day (RFC 9110 leaves Retry-After open-ended).
LEAST_SECONDS = 60
MOST_SECONDS = 86_400
# A permanent redirect is proposed as the feed's new address after this many answers over this long.
REDIRECTS_TO_PROPOSE = 3
REDIRECTS_SPAN_SECONDS = 86_400
# While no public source answers at all, every feed is tried again this often, and nothing is counted.
OFFLINE_RETRY_SECONDS = 120
# Failures of a kind that says more about the network between than about the feed weigh less.
_PACE = {"dns": 0.25, "timeout": 0.5, "connect": 0.5, "sandbox": 1.0}


def next_interval(base_seconds: int, *, ttl_minutes: int | None, cache_control: str) -> int:
    """Seconds until the next fetch after an answer: never earlier than the feed's own wish, a day at most.

    The feed's `ttl` is in minutes (RSS 2.0); of Cache-Control only `max-age` counts (RFC 9111, 5.2.2.1).
    """
    wishes = [base_seconds]
    if ttl_minutes is not None:
        wishes.append(ttl_minutes * 60)
    max_age = _max_age(cache_control)
    if max_age is not None:
        wishes.append(max_age)
    return _clamp(max(wishes))


def retry_seconds(failure: FetchFailure, *, failures: int, base_seconds: int) -> int:
    """Seconds until the next try after the `failures`-th failure in a row: linear, a day at most, never for good."""
    pace = _PACE.get(failure.kind, 1.0)
    wait = int(base_seconds * max(1.0, failures * pace))
    return _clamp(max(wait, failure.retry_after_seconds or 0))


def jittered(seconds: int, key: str) -> int:
    """`seconds` shifted by up to a tenth, the same for the same key: feeds added together drift apart."""
    part = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) / 0xFFFFFFFF
    return max(1, round(seconds * (0.9 + 0.2 * part)))


def is_network_silence(failure: FetchFailure) -> bool:
    """Whether the failure may be ours: no answer of any kind came back."""
    return failure.status is None and failure.kind in {"dns", "connect", "timeout", "tls"}


def _clamp(seconds: int) -> int:
    return max(LEAST_SECONDS, min(MOST_SECONDS, seconds))


def _max_age(cache_control: str) -> int | None:
    for part in cache_control.lower().split(","):
        name, _, value = part.strip().partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            return int(value.strip('"')[:9])
    return None
