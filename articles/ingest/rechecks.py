"""When an article's page is looked at again, given what was seen of it; pure.

A text is corrected soon or not at all: four marks (1 h, 6 h, 1 day, 3 days after publication) find most corrections and
deletions, and looks between them follow an article for as long as it keeps changing. What changes all day long would use
them up in the morning: after the first two hours the gap between two looks is at least what spreads those that are left
to the last mark, each gap in the same proportion to the age of the article. It is looked at every 20 minutes after two
hours, every hour or two in the evening, and is left some looks for the days after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from articles.ingest.schedule import in_words

_HOUR, _DAY = 3600.0, 86_400.0
# Seconds after publication at which every page is looked at.
MARKS = (_HOUR, 6 * _HOUR, _DAY, 3 * _DAY)
# Where the feed itself carries the text, it also tells of changes: the page only says whether it is still there.
MARKS_OF_FULL_FEEDS = (_DAY, 3 * _DAY)
# What came here later than this after its publication is of the back catalogue: one look, a day after it came.
OLD_AFTER = 2 * _DAY
MARK_OF_OLD = _DAY
# A page that is not there is asked once more so much later; what is missing then too was deleted.
MISSING_AGAIN = 6 * _HOUR
MISSING_APART = 3 * _HOUR
# Whether a deleted page comes back.
MARKS_OF_GONE = (_DAY, 3 * _DAY)
# While it changes, a look follows after half the time since the one before; while it is quiet, after twice.
SHORTEN, LENGTHEN = 0.5, 2.0
# From this age on looks are spread; past the last mark they are so far apart at least.
SPREAD_AFTER = 2 * _HOUR
LATE_LEAST = 6 * _HOUR
# A text that is less than this part of the one before is believed when it is found again so much later: sooner when it is
# a part of the one before, later when it is something else, for most troubles of a site are over in some hours.
CUT_TO = 0.5
CUT_APART, REPLACED_APART = 1800.0, 3 * _HOUR
_MOST_PARTS = 300  # sentences that are looked up, so that long texts take no time
_SENTENCES = re.compile(r"\n+|(?<=[.!?])\s+|(?<=[。！？])")
SWITCHED_OFF = "Not again: looking at pages again is switched off."
# "/", "/index.html", "/en/", "/en-gb/home".
_FRONT_PATH = re.compile(
    r"(?:/[a-z]{2}(?:[-_][a-z]{2})?)?(?:/(?:index|home|default)(?:\.\w{2,5})?)?/?", re.IGNORECASE
)
# A site that does not answer is asked again after so many seconds each, and after the last not any more.
FAILED_AGAIN = (1800.0, 2 * _HOUR, 6 * _HOUR, _DAY, _DAY, _DAY)


@dataclass(frozen=True, slots=True)
class LookBounds:
    """The limits of looks; each is a setting. With `is_on` False no page is looked at again."""

    is_on: bool = True
    least_seconds: float = 900.0
    most_looks: int = 24


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of an article's page, the look or reading of this moment counted.

    `published_at` is None when only the day, or not even that, is known. `gap_seconds` is the time between this look
    and what was read before it; 0 at the first reading. `quiet` looks in a row found no other text, `missing` no page.
    """

    first_seen_at: datetime
    published_at: datetime | None
    looks: int = 0
    changes: int = 0
    quiet: int = 0
    missing: int = 0
    gap_seconds: float = 0.0
    is_full_feed: bool = False
    is_changed: bool = False  # just now
    held_until: datetime | None = None  # a much shorter text waits to be found again after this
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """When to look again, in seconds from now, or None for never; `why` is a sentence for people."""

    seconds: float | None
    why: str


def next_look(looked: Looked, now: datetime, bounds: LookBounds) -> Look:
    """When this page is looked at again."""
    if not bounds.is_on:
        return Look(None, SWITCHED_OFF)
    if looked.looks >= bounds.most_looks:
        return Look(None, f"Not again: it was looked at {_times(looked.looks)}, which is the most.")
    if looked.gone_at is not None:
        return _after_gone(looked.gone_at, now)
    if looked.missing:
        return Look(MISSING_AGAIN, f"Again in {in_words(MISSING_AGAIN)}: its page was not there.")
    if looked.held_until is not None and looked.held_until > now:
        seconds = max(bounds.least_seconds, (looked.held_until - now).total_seconds())
        return Look(seconds, f"Again in {in_words(seconds)}: its page gave much less text than before.")
    return _while_it_stands(looked, now, bounds)


def after_failure(tries: int, asked_seconds: float, message: str) -> Look:
    """When a look that did not come about is tried again; `tries` failed before this one.

    Whatever the server asked for (`asked_seconds`) is not undercut. Nothing is counted against the article.
    """
    if tries >= len(FAILED_AGAIN):
        return Look(None, f"Not again: its page could not be asked {_times(tries + 1)} in a row. {message}")
    seconds = max(FAILED_AGAIN[tries], asked_seconds)
    return Look(seconds, f"Again in {in_words(seconds)}: its page could not be asked. {message}")


def is_deleted(missing: int, *, since_last_seconds: float, is_final: bool) -> bool:
    """Whether a page that is not there counts as deleted.

    `missing` looks in a row, this one included, found none; `since_last_seconds` passed since the look before.
    `is_final`: the server says that it is gone for good (410, RFC 9110, 15.5.11).
    """
    return is_final or (missing > 1 and since_last_seconds >= MISSING_APART)


def seconds_held(before: str, after: str) -> float | None:
    """How long a page's text waits to be found again before it takes the place of `before`; None when it need not.

    It waits when it has less than half of the characters: the page of an outage comes as an article too at times.
    """
    if len(after) >= len(before) * CUT_TO:
        return None
    return CUT_APART if is_part(before, after) else REPLACED_APART


def is_part(before: str, after: str) -> bool:
    """Whether most of a text stood in the one before: what is left of it when something was cut out."""
    was = " ".join(before.split())
    parts = [" ".join(part.split()) for part in _SENTENCES.split(after, maxsplit=_MOST_PARTS)[:_MOST_PARTS]]
    return sum(len(part) for part in parts if part in was) * 2 >= sum(map(len, parts))


def is_old(first_seen_at: datetime, published_at: datetime | None) -> bool:
    """Whether an article was of the back catalogue when it came here."""
    return published_at is not None and (first_seen_at - published_at).total_seconds() > OLD_AFTER


def leads_away(url: str, final_url: str) -> bool:
    """Whether the address of an article now leads to a front page: what many sites do with what they deleted."""
    return _is_front(final_url) and not _is_front(url)


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_FRONT_PATH.fullmatch(parts.path)) and not parts.query


def _after_gone(gone_at: datetime, now: datetime) -> Look:
    passed = (now - gone_at).total_seconds()
    for mark in MARKS_OF_GONE:
        if mark > passed + MISSING_APART:
            return Look(mark - passed, f"Again in {in_words(mark - passed)}: its page may come back.")
    return Look(None, "Not again: its page was deleted and did not come back.")


def _while_it_stands(looked: Looked, now: datetime, bounds: LookBounds) -> Look:
    left = _marks_left(looked, now, bounds.least_seconds)
    mark = left[0] if left else None
    if looked.is_changed or (looked.changes and not looked.is_full_feed):
        return _while_changing(looked, mark, len(left), now, bounds)
    if mark is not None:
        return Look(mark, f"Again in {in_words(mark)}: {_why_marked(looked)}.")
    return Look(None, f"Not again: {_why_ended(looked)}.")


def _while_changing(
    looked: Looked, mark: float | None, marks_left: int, now: datetime, bounds: LookBounds
) -> Look:
    """The next look at a text that has changed before: sooner while it changes, later while it does not."""
    part = SHORTEN if looked.is_changed else LENGTHEN
    passed = (now - _start(looked)).total_seconds()
    spread = _spread(passed, bounds.most_looks - looked.looks)
    seconds = max(bounds.least_seconds, looked.gap_seconds * part, spread)
    times = f"it has changed {_times(looked.changes)}"
    # The marks that are still to come are kept free: what changes all day long is looked at after three days too.
    if mark is not None and (mark <= seconds or looked.looks + marks_left >= bounds.most_looks):
        return Look(mark, f"Again in {in_words(mark)}: {times}.")
    if mark is None and (seconds > MARKS[-1] or looked.quiet > 1):
        return Look(None, f"Not again: {times}, and not lately.")
    if looked.is_changed:
        return Look(seconds, f"Again in {in_words(seconds)}: {times}, just now too.")
    return Look(seconds, f"Again in {in_words(seconds)}: {times}, but not at the last look.")


def _spread(passed: float, looks_left: int) -> float:
    """The gap that spreads the looks that are left from now to the last mark, on a scale of doubling ages."""
    if passed < SPREAD_AFTER:
        return 0.0
    if passed >= MARKS[-1]:
        return LATE_LEAST
    return float(round(passed * ((MARKS[-1] / passed) ** (1 / max(1, looks_left)) - 1)))


def _start(looked: Looked) -> datetime:
    """The moment from which the age of an article counts."""
    if is_old(looked.first_seen_at, looked.published_at):
        return looked.first_seen_at
    return min(looked.published_at or looked.first_seen_at, looked.first_seen_at)


def _marks_left(looked: Looked, now: datetime, least: float) -> list[float]:
    """The marks that are still to come, in seconds from now; one that is nearly reached is over.

    What was read so late that none is left is looked at once all the same.
    """
    marks: tuple[float, ...]
    if is_old(looked.first_seen_at, looked.published_at):
        marks = (MARK_OF_OLD,)
    else:
        marks = MARKS_OF_FULL_FEEDS if looked.is_full_feed else MARKS
    passed = (now - _start(looked)).total_seconds()
    left = [mark - passed for mark in marks if mark - passed >= least]
    return left or ([] if looked.looks else [MARK_OF_OLD])


def _why_marked(looked: Looked) -> str:
    if is_old(looked.first_seen_at, looked.published_at):
        return "it was old when it came, so once, whether it is still there"
    if looked.is_full_feed:
        return "its feed brings its text, so only whether it is still there"
    return "it is new" if not looked.looks else "it is still new, and has not changed"


def _why_ended(looked: Looked) -> str:
    if is_old(looked.first_seen_at, looked.published_at):
        return "it was old when it came, and has not changed since"
    return f"nothing has changed in the {in_words(MARKS[-1])} after it was published"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
