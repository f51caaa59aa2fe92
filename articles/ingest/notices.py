"""When something about a source is worth telling an admin, and in which words; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

from articles.ingest.schedule import in_words

NoticeKind = Literal["failing", "silent", "gone", "quarantined", "moved", "identity"]

# What an admin need not be told: a server that is down for a moment. Three hard failures (or as much of softer
# ones) over the hours of the setting are told; two days of failures always, however softly each weighs.
WEIGHT_TO_TELL = 3.0
LONG_FAILURE = timedelta(days=2)
# A feed's own pauses: so many arrivals before it is judged by them; half as long again as the longest is silence.
ARRIVALS_TO_KNOW = 5
BEYOND_USUAL = 1.5
# From so many pauses on, the single longest (a holiday, an outage of ours) is left out.
PAUSES_TO_DROP_LONGEST = 10
USUAL_SHARE = 0.9
# A feed that never showed a rhythm is called silent after this.
UNKNOWN_RHYTHM = timedelta(days=30)
# How a feed names its entries in its first days is how it is; later it has changed.
NEWCOMER = timedelta(days=1)
# A notice that something works again is taken down by itself after this.
HEALED_SHOWN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class TellRules:
    """From when on something is told; both are settings."""

    failing: timedelta
    silent: timedelta


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long a feed is used to be without news: nine of ten pauses, and the longest that counts."""

    usual: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Health:
    """A source as its row says. `arrivals` are moments at which it brought something new, in any order.

    `told_silence` is the open notice about its silence: when it was opened, and its words.
    """

    state: str
    failures: int
    error_weight: float
    failing_since: datetime | None
    last_new_at: datetime | None
    created_at: datetime
    last_message: str
    proposed_url: str
    identity: str
    identity_by: str
    identity_why: str
    identity_since: datetime | None = None
    arrivals: tuple[datetime, ...] = ()
    told_silence: tuple[datetime, str] | None = None


def judge_health(health: Health, rules: TellRules, now: datetime) -> dict[NoticeKind, str]:
    """What is to be told of a source now, in words by kind; empty when all is well or a person paused it."""
    if health.state == "paused":
        return {}
    if health.state == "gone":
        return {"gone": "Its server says that it is gone for good (410). It is not fetched any more."}
    if health.state == "quarantined":
        return {
            "quarantined": "Its answer ended the worker three times, so it was set aside. Resume it to try again."
        }
    told: dict[NoticeKind, str] = {}
    if is_broken(health, rules, now):
        since = moment(health.failing_since or now)
        told["failing"] = (
            f"No answer that could be read since {since}: {health.last_message or 'no reason given'}"
        )
    silence = _silence(health, rules, now)
    if silence:
        told["silent"] = silence
    if health.proposed_url:
        told["moved"] = (
            f"Its server has sent us on to {health.proposed_url} for more than a day. Apply the address on its page."
        )
    if _changed_identity(health):
        told["identity"] = (
            health.identity_why or "Its entries are told apart in another way than by their guids."
        )
    return told


def is_broken(health: Health, rules: TellRules, now: datetime) -> bool:
    """Whether its failures in a row are worth a notice."""
    if not health.failures or health.failing_since is None:
        return False
    since = now - health.failing_since
    return since >= rules.failing and (health.error_weight >= WEIGHT_TO_TELL or since >= LONG_FAILURE)


def _changed_identity(health: Health) -> bool:
    """Whether the machine had to step down; a feed that came without guids has not changed."""
    if health.identity == "guid" or health.identity_by or health.identity_since is None:
        return False
    return health.identity_since - health.created_at >= NEWCOMER


def usual_pauses(arrivals: Sequence[datetime]) -> Pauses | None:
    """The pauses between arrivals; None when there were too few to speak of a rhythm."""
    times = sorted(set(arrivals))
    if len(times) < ARRIVALS_TO_KNOW:
        return None
    pauses = sorted(later - earlier for earlier, later in pairwise(times))
    if len(pauses) >= PAUSES_TO_DROP_LONGEST:
        pauses.pop()
    return Pauses(pauses[min(len(pauses) - 1, int(len(pauses) * USUAL_SHARE))], pauses[-1])


def healed_words(kinds: Sequence[str], since: datetime, now: datetime) -> str:
    """What is said when a notice closes because its reason is gone."""
    lasted = in_words((now - since).total_seconds())
    if "silent" in kinds and not {"failing", "gone", "quarantined"} & set(kinds):
        return f"It brings news again; the notice stood for {lasted}."
    return f"It answers again; the notice stood for {lasted}."


def moment(at: datetime) -> str:
    """A moment in words, in UTC: notices are read in mails as well, where nobody's time zone is known."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def _silence(health: Health, rules: TellRules, now: datetime) -> str:
    """Why a source is called silent, or nothing. What was told stands until it brings something."""
    last = health.last_new_at or health.created_at
    if health.told_silence is not None:
        told_at, words = health.told_silence
        return "" if last > told_at else words
    silence = now - last
    # What does not answer cannot bring news.
    if health.failures or silence < rules.silent:
        return ""
    pauses = usual_pauses(health.arrivals)
    if pauses is None:
        return f"Nothing new since {moment(last)}." if silence >= UNKNOWN_RHYTHM else ""
    if silence < pauses.longest * BEYOND_USUAL:
        return ""
    usual, longest = (in_words(pause.total_seconds()) for pause in (pauses.usual, pauses.longest))
    return (
        f"Nothing new since {moment(last)}. It usually brings something within {usual},"
        f" and its longest pause before was {longest}."
    )
