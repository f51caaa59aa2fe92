"""Whose turn it is at a host: pure rules about how long strangers' servers are left alone, and for whose sake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Literal

from articles.types import FetchFailure

Mood = Literal["answers", "refuses", "is silent"]

IN_USE = "in use"
PAUSE = "pause"
REFUSED_ONCE = "one answer asked us to wait"
REFUSED = "it asked us to wait"
SILENT = "it does not answer"

# A server that says 429 or 503 and not for how long is left alone for a minute, as is one that says nothing.
UNSAID_SECONDS = 60.0
# One refusal may be about one address (a feed proxy passes on what the site behind it says); two different
# addresses refused one after the other, with no answer between, are the server's own word.
TIMES_TO_BELIEVE = 2
_REFUSALS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SILENCES = frozenset({"connect", "timeout", "dns", "tls"})


@dataclass(frozen=True, slots=True)
class Course:
    """How the last answers of one host went: `times` in a row it was in this mood, and the wait it asked for."""

    mood: Mood = "answers"
    times: int = 0
    seconds: float = 0.0

    @property
    def closed_seconds(self) -> float:
        """How long nothing more is asked there, as a host; 0 while only single addresses are concerned."""
        return self.seconds if self.times >= TIMES_TO_BELIEVE else 0.0


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a host is left alone from now on, and why (one of this module's words)."""

    seconds: float
    why: str


@dataclass(slots=True)
class Turns:
    """What a batch may ask. `waits` are hosts that somebody else asks just now, with the seconds until they are free.

    `wary` are hosts whose last answer was a refusal. The fetch door writes into `pauses` how long each host that it
    asked is to be left alone, counted from the monotonic time beside it.
    """

    waits: Mapping[str, float] = field(default_factory=dict)
    wary: frozenset[str] = frozenset()
    pauses: dict[str, tuple[float, Pause]] = field(default_factory=dict)

    def begin(self, host: str) -> Course:
        """How the host is met: with what its last answer to another batch was in mind."""
        return Course("refuses", 1, UNSAID_SECONDS) if host in self.wary else Course()

    def leave(self, host: str, pause: Pause, *, at: float) -> None:
        """Note at which monotonic time the host was left; the longer wait counts."""
        known = self.pauses.get(host)
        if known is None or known[0] + known[1].seconds <= at + pause.seconds:
            self.pauses[host] = (at, pause)


def after_answer(course: Course, answer: object) -> Course:
    """The course of a host after one more answer of the fetch door."""
    mood: Mood = "answers"
    seconds = 0.0
    if isinstance(answer, FetchFailure):
        if answer.status in _REFUSALS:
            mood, seconds = "refuses", float(answer.retry_after_seconds or UNSAID_SECONDS)
        elif answer.kind in _SILENCES and answer.status is None:
            mood, seconds = "is silent", UNSAID_SECONDS
    if mood == "answers":
        return Course()
    times = course.times + 1 if mood == course.mood else 1
    return replace(course, mood=mood, times=times, seconds=seconds)


def pause_after(course: Course, seconds: float) -> Pause:
    """How long a host is left alone after a batch, when `seconds` is what politeness asks for anyway."""
    if course.mood == "refuses":
        return (
            Pause(max(seconds, course.closed_seconds), REFUSED)
            if course.closed_seconds
            else Pause(seconds, REFUSED_ONCE)
        )
    if course.closed_seconds:
        return Pause(max(seconds, course.closed_seconds), SILENT)
    return Pause(seconds, PAUSE)


def deferred_seconds(wait: float, pause: float, place: int) -> float:
    """When the request that stands at this place of a host's queue may come again: one pause after the other."""
    return wait + pause * (1 + max(0, place))


def host_names(hosts: Iterable[str]) -> list[str]:
    """Names as they are kept: each once, sorted, no longer than their column."""
    return sorted({host[:255] for host in hosts if host})
