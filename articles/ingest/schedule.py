"""When to look again, given what we saw; pure.

The rhythm of a feed is learned from the share of entries that were known already (Media Cloud's model for news):
most known, ask less often; most new, ask more often. What the feed and its server ask for is never undercut.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from articles.types import FetchFailure

# A permanent redirect is proposed as the feed's new address after this many answers over this long.
REDIRECTS_TO_PROPOSE = 3
REDIRECTS_SPAN_SECONDS = 86_400
# While no public source answers at all, every feed is tried again this often, and nothing is counted.
OFFLINE_RETRY_SECONDS = 120

# Media Cloud's band: with this much or more known a feed is asked less often, below the other more often.
MOSTLY_KNOWN = 2 / 3
MOSTLY_NEW = 1 / 3
# What one poll may do: all known, half as long again; all new, a quarter (entries may have been missed). Both
# shrink to nothing towards the band, so that an interval settles in a few polls instead of swinging.
LENGTHEN = 1.5
SHORTEN = 0.25
# Nothing is waited for longer than this part of the time that the feed has been without news.
PART_OF_SILENCE = 8
# However silent, a feed is asked once in the time in which it was last seen to fill its whole window: else the head of
# the next burst would scroll out unseen. It counts from a fifth of the window on, and fades, doubling every week.
SHARE_TO_MEASURE = 0.2
TURNOVER_DOUBLES = timedelta(days=7)
# An answer that came this many intervals late (we were down, or it failed) holds more news than the rhythm brings.
LATE = 2.0
# While a hub pushes what is new, polls only look for what it missed.
PUSHED_SLOWDOWN = 4
# Against servers that say "unchanged" when it is not: once a day the whole feed is asked for.
FULL_FETCH_EVERY = timedelta(days=1)

_SOFT_STATUSES = frozenset(
    {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_SOFT_KINDS = frozenset({"timeout", "tls", "connect"})
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})', re.IGNORECASE)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of the schedule, in seconds; each is a setting.

    `news_seconds` is the longest wait for a feed that brought something lately.
    """

    least_seconds: int = 300
    most_seconds: int = 86_400
    start_seconds: int = 900
    news_seconds: int = 1200

    def within(self, seconds: float) -> int:
        """The wait, no shorter than the least and no longer than the most."""
        return round(min(max(seconds, self.least_seconds), self.most_seconds))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a feed before its answer is counted.

    `floor_seconds` is the feed's own wish (ttl, sy:updatePeriod) as it last said it; `known_share` is None until the
    first answer was read. `last_answer_at` tells an answer that comes late from one that comes in time;
    `turnover_seconds` is the shortest time in which the feed's window was seen to be filled anew.
    """

    interval_seconds: int
    fixed_seconds: int | None = None
    floor_seconds: int = 0
    known_share: float | None = None
    error_weight: float = 0.0
    failures: int = 0
    last_new_at: datetime | None = None
    is_pushed: bool = False
    last_answer_at: datetime | None = None
    turnover_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """When to ask again (`seconds` from now) and what the row remembers; `why` is a sentence for people.

    `most_seconds` is the longest wait there is, also with a jitter.
    """

    seconds: int
    interval_seconds: int
    floor_seconds: int
    known_share: float | None
    error_weight: float
    why: str
    turnover_seconds: int | None = None
    most_seconds: int = _DAY


@dataclass(frozen=True, slots=True)
class _Poll:
    """What one answer says about the rhythm; `turnover` is that of the feed with this answer counted."""

    share: float
    new: int
    is_first: bool
    unchanged: bool
    turnover: float | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """Something that asks us not to come sooner."""

    seconds: int
    words: str


def after_answer(  # noqa: PLR0913 - what one answer says, each by its name
    rhythm: Rhythm,
    bounds: Bounds,
    *,
    entries: int,
    known: int,
    headers: Mapping[str, str],
    ttl_minutes: int | None,
    unchanged: bool,
    now: datetime,
) -> Plan:
    """The plan after an answer; `headers` has lower-case names.

    `unchanged` is a 304 or the body that we had: all of it counts as known, and the wish that the feed stated when
    it was last read still holds. An admin's fixed interval stands in for the learned one; the wishes of feed and
    server hold for both, up to the longest interval; the bounds hold for a fixed interval too.
    """
    new = 0 if unchanged else max(0, entries - known)
    # Everything is new the first time: that says nothing.
    is_first = rhythm.known_share is None and new == entries and not unchanged
    poll = _Poll(
        share=1.0 if unchanged or not entries else min(1.0, max(0.0, known / entries)),
        new=new,
        is_first=is_first,
        unchanged=unchanged,
        turnover=_turnover(rhythm, 0 if is_first else new, entries, now),
    )
    floor = rhythm.floor_seconds if unchanged else min((ttl_minutes or 0) * _MINUTE, bounds.most_seconds)
    if rhythm.fixed_seconds:
        interval, seconds = rhythm.interval_seconds, bounds.within(rhythm.fixed_seconds)
        why = f"Every {in_words(seconds)}, as an admin fixed it"
        if seconds != rhythm.fixed_seconds:
            why = (
                f"Every {in_words(seconds)}, the {'least' if seconds > rhythm.fixed_seconds else 'most'} there is"
                f" (an admin fixed {in_words(rhythm.fixed_seconds)})"
            )
    else:
        interval, but = _learned(rhythm, bounds, poll, now)
        seconds = interval
        why = f"Every {in_words(seconds)}: {_seen(poll)}{but}"
    if rhythm.is_pushed and not new:
        seconds = max(seconds, min(seconds * PUSHED_SLOWDOWN, bounds.most_seconds))
        why += f"; its hub pushes what is new, so only every {in_words(seconds)}"
    seconds, why = _wished(seconds, why, [*_header_wishes(headers, now), *_floor_wish(floor)], bounds)
    share = rhythm.known_share if unchanged else poll.share
    turnover = None if poll.turnover is None else round(poll.turnover)
    return Plan(seconds, interval, floor, share, 0.0, f"{why}.", turnover, bounds.most_seconds)


def after_failure(rhythm: Rhythm, bounds: Bounds, failure: FetchFailure) -> Plan:
    """The plan after a failure: a line that rises with the weight of the failures in a row, a day at most.

    No feed is ever given up: the wait never exceeds the longest interval.
    """
    weight = rhythm.error_weight + weight_of(failure)
    base = rhythm.fixed_seconds or max(rhythm.interval_seconds, bounds.start_seconds)
    seconds = bounds.within(int(base * max(1.0, weight)))
    count = rhythm.failures + 1
    why = f"Again in {in_words(seconds)}, after {count} failure{'s' if count > 1 else ''} in a row"
    if seconds >= bounds.most_seconds:
        why += "; it is never given up"
    wishes = _floor_wish(rhythm.floor_seconds)
    if failure.retry_after_seconds:
        wishes.append(_Wish(failure.retry_after_seconds, "the server asked us to wait"))
    seconds, why = _wished(seconds, why, wishes, bounds)
    return Plan(
        seconds,
        rhythm.interval_seconds,
        rhythm.floor_seconds,
        rhythm.known_share,
        weight,
        f"{why}.",
        rhythm.turnover_seconds,
        bounds.most_seconds,
    )


def weight_of(failure: FetchFailure) -> float:
    """How much a failure counts: 1 hard, 0.5 what often heals (404, 429, 5xx, time-out, TLS), 0.25 a name not found."""
    if failure.kind == "dns":
        return 0.25
    status = failure.status or 0
    # A redirect loop or a page instead of a feed may carry a status too, but it is the content that fails.
    is_soft = failure.kind in _SOFT_KINDS or (
        failure.kind == "http" and (status in _SOFT_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    )
    return 0.5 if is_soft else 1.0


def jittered(seconds: int, key: str, *, most: int | None = None) -> int:
    """`seconds` and up to a tenth more (never beyond `most`), the same for the same key: feeds drift apart.

    It only ever adds: what a server asked for is not undercut by chance.
    """
    part = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) / 0xFFFFFFFF
    later = max(1, round(seconds * (1 + 0.1 * part)))
    return later if most is None else max(seconds, min(later, most))


def wants_full_fetch(full_fetch_at: datetime | None, now: datetime) -> bool:
    """Whether the whole feed is to be asked for, without validators: once a day, against ETags that lie."""
    return full_fetch_at is None or now - full_fetch_at >= FULL_FETCH_EVERY


def is_network_silence(failure: FetchFailure) -> bool:
    """Whether the failure may be ours: no answer of any kind came back."""
    return failure.status is None and failure.kind in {"dns", "connect", "timeout", "tls"}


def in_words(seconds: float) -> str:
    """A stretch of time as a person says it: "40 min", "3 h", "2.5 h", "1 day"."""
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    if seconds < _DAY:
        return f"{seconds / _HOUR:.1f}".removesuffix(".0") + " h"
    days = f"{seconds / _DAY:.1f}".removesuffix(".0")
    return f"{days} day{'' if days == '1' else 's'}"


def _learned(rhythm: Rhythm, bounds: Bounds, poll: _Poll, now: datetime) -> tuple[int, str]:
    """The learned interval after a poll, and what held it down if that is not the poll itself."""
    interval = float(rhythm.interval_seconds or bounds.start_seconds)
    if poll.is_first:
        interval = bounds.start_seconds
    elif poll.share >= MOSTLY_KNOWN:
        interval *= 1 + (LENGTHEN - 1) * (poll.share - MOSTLY_KNOWN) / (1 - MOSTLY_KNOWN)
    elif poll.share < MOSTLY_NEW and not _is_late(rhythm, now):
        interval *= SHORTEN + (1 - SHORTEN) * poll.share / MOSTLY_NEW
    last_new_at = now if poll.new else rhythm.last_new_at
    if last_new_at is not None:
        silence = max(0.0, (now - last_new_at).total_seconds())
        interval = min(interval, max(bounds.news_seconds, silence / PART_OF_SILENCE))
    but = ""
    if poll.turnover is not None and poll.turnover < interval:
        interval = poll.turnover
        but = f", but it has filled its whole list within {in_words(interval)} before"
    return bounds.within(interval), but


def _turnover(rhythm: Rhythm, new: int, entries: int, now: datetime) -> float | None:
    """The shortest time in which the feed's window was filled anew, older sightings faded; None while unknown."""
    if rhythm.last_answer_at is None:
        return rhythm.turnover_seconds
    passed = max(1.0, (now - rhythm.last_answer_at).total_seconds())
    before = (
        None
        if rhythm.turnover_seconds is None
        else rhythm.turnover_seconds * 2 ** min(30.0, passed / TURNOVER_DOUBLES.total_seconds())
    )
    if new <= 1 or new < SHARE_TO_MEASURE * entries:
        return before
    measured = passed * entries / new
    return measured if before is None else min(before, measured)


def _is_late(rhythm: Rhythm, now: datetime) -> bool:
    if rhythm.last_answer_at is None:
        return False
    planned = rhythm.fixed_seconds or max(rhythm.interval_seconds, rhythm.floor_seconds)
    if rhythm.is_pushed:
        planned *= PUSHED_SLOWDOWN
    return (now - rhythm.last_answer_at).total_seconds() > LATE * planned


def _seen(poll: _Poll) -> str:
    if poll.unchanged:
        return "nothing had changed"
    if poll.is_first:
        return "this is where it starts until its rhythm is known"
    if not poll.new:
        return "the last poll held nothing new"
    if poll.share == 0:
        return "all of the last poll was new, so some may have been missed"
    return f"{min(99, max(1, round(100 * poll.share)))} % of the last poll was known"


def _wished(seconds: int, why: str, wishes: list[_Wish], bounds: Bounds) -> tuple[int, str]:
    """Never sooner than what was asked for, which itself counts up to the longest interval."""
    longest = max(wishes, key=lambda wish: wish.seconds, default=None)
    if longest is None or min(longest.seconds, bounds.most_seconds) <= seconds:
        return seconds, why
    if longest.seconds > bounds.most_seconds:
        return bounds.most_seconds, (
            f"{why}; not before {in_words(bounds.most_seconds)}, the longest wait there is"
            f" ({longest.words} for {in_words(longest.seconds)})"
        )
    return longest.seconds, f"{why}; not before {in_words(longest.seconds)}: {longest.words}"


def _floor_wish(floor_seconds: int) -> list[_Wish]:
    return [_Wish(floor_seconds, "the feed asks for it (its ttl)")] if floor_seconds else []


def _header_wishes(headers: Mapping[str, str], now: datetime) -> list[_Wish]:
    """What the answer's headers ask for: Retry-After, and how long it stays fresh (RFC 9111, 4.2.1)."""
    # A server's clock is compared with itself, where it tells it.
    at = _date(headers.get("date", "")) or now
    wishes = []
    retry = headers.get("retry-after", "")
    waits = _number(retry)
    if waits is None:
        waits = _seconds_between(at, _date(retry))
    if waits > 0:
        wishes.append(_Wish(waits, "the server asked us to wait"))
    # `max-age` rules over `Expires`; what the answer spent in caches on the way is over already.
    found = _MAX_AGE.search(headers.get("cache-control", ""))
    fresh = int(found[1]) if found else _seconds_between(at, _date(headers.get("expires", "")))
    fresh -= _number(headers.get("age", "")) or 0
    if fresh > 0:
        wishes.append(_Wish(fresh, "its server says that the answer holds that long"))
    return wishes


def _number(value: str) -> int | None:
    text = value.strip()
    return int(text[:9]) if text.isascii() and text.isdigit() else None


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value.strip())
    except (ValueError, TypeError, OverflowError):
        return None
    # "-0000" says that the zone is unknown (RFC 5322); HTTP knows only Greenwich.
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _seconds_between(at: datetime, until: datetime | None) -> int:
    return 0 if until is None else int((until - at).total_seconds())
