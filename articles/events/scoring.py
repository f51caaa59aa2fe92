"""How alike an article and an event are, which event it joins, and why; pure."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from articles.events.features import NAME_MARK, PARTS, LengthClass, Part, Vectors
from articles.types import Reason

RULE_VERSION = "events-1"
# Set by hand, not searched: the words of the whole text lead, names and the lead tell look-alikes apart. In a
# headline the parts hold the same words, and its capital letters say little about names.
WEIGHTS: Mapping[LengthClass, Mapping[Part, float]] = {
    "headline": {"all": 0.6, "title": 0.15, "names": 0.1, "lead": 0.15},
    "short": {"all": 0.5, "title": 0.1, "names": 0.25, "lead": 0.15},
    "full": {"all": 0.5, "title": 0.1, "names": 0.25, "lead": 0.15},
}
# A few words meet only a part of a large event's many: the score is raised by the event's size to this power.
GROWTH: Mapping[LengthClass, float] = {"headline": 0.2, "short": 0.0, "full": 0.0}
# The least score to join, by how much text the article has: little text overlaps less.
THRESHOLDS: Mapping[LengthClass, float] = {"headline": 0.18, "short": 0.23, "full": 0.245}
MOST_EVENT_TERMS: Mapping[Part, int] = {"all": 160, "title": 60, "names": 60, "lead": 100}
INDEXED_TERMS = 40  # of an event: what a new article can find it by
QUERY_TERMS = 20
CANDIDATES = 20
SHOWN_TERMS = 3


@dataclass(slots=True)
class EventVector:
    """A live event as placing compares it: sums of its articles' unit vectors, the heaviest terms only."""

    event_id: int
    first_at: datetime
    last_at: datetime
    seen_at: datetime  # when the desk last got an article of it
    size: int = 0
    terms: dict[Part, dict[str, float]] = field(default_factory=lambda: {part: {} for part in PARTS})
    norms: dict[Part, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))

    def add(self, vectors: Vectors, published: datetime, seen_at: datetime) -> None:
        """Take an article in."""
        for part in PARTS:
            held = self.terms[part]
            for term, weight in vectors[part].items():
                held[term] = held.get(term, 0.0) + weight
            most = MOST_EVENT_TERMS[part]
            if len(held) > most:
                self.terms[part] = dict(heapq.nsmallest(most, held.items(), key=_heaviest))
        self.size += 1
        self.first_at, self.last_at = min(self.first_at, published), max(self.last_at, published)
        self.seen_at = max(self.seen_at, seen_at)
        self.measure()

    def measure(self) -> None:
        """Compute the norms anew: exact, so that a vector read back from a row equals the one that wrote it."""
        self.norms = {
            part: math.sqrt(math.fsum(weight * weight for weight in self.terms[part].values()))
            for part in PARTS
        }

    def indexed(self) -> dict[str, float]:
        """The terms under which the event is found, with unit weights."""
        norm = self.norms["all"] or 1.0
        best = heapq.nsmallest(INDEXED_TERMS, self.terms["all"].items(), key=_heaviest)
        return {term: weight / norm for term, weight in best}


@dataclass(frozen=True, slots=True)
class Score:
    """The weighted parts of a comparison and their sum."""

    event_id: int
    parts: Mapping[Part, float]
    total: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The event to join (None: a new one), what came second, and the bar it was held against."""

    best: Score | None
    runner_up: Score | None
    threshold: float

    @property
    def joins(self) -> bool:
        """Whether the best event is alike enough."""
        return self.best is not None and self.best.total >= self.threshold


class EventIndex:
    """The live events of one shard, found by their heaviest terms."""

    def __init__(self) -> None:
        self.events: dict[int, EventVector] = {}
        self._postings: dict[str, dict[int, float]] = {}
        self._indexed: dict[int, dict[str, float]] = {}

    def put(self, event: EventVector) -> None:
        """Add an event or take its changed vector."""
        new, old = event.indexed(), self._indexed.get(event.event_id, {})
        for term in old.keys() - new.keys():
            self._unpost(term, event.event_id)
        for term, weight in new.items():
            self._postings.setdefault(term, {})[event.event_id] = weight
        self.events[event.event_id] = event
        self._indexed[event.event_id] = new

    def drop(self, event_id: int) -> None:
        """Forget an event; nothing happens when it is not held."""
        for term in self._indexed.pop(event_id, {}):
            self._unpost(term, event_id)
        self.events.pop(event_id, None)

    def candidates(
        self,
        vectors: Vectors,
        published: datetime,
        window: timedelta | None,
        since: datetime | None = None,
        *,
        without: Collection[int] = (),
    ) -> list[EventVector]:
        """The events that share most with the article's heaviest terms.

        They reach to within the window of its publication (None: any), and were heard of since then.
        """
        query = heapq.nsmallest(QUERY_TERMS, vectors["all"].items(), key=_heaviest)
        found: dict[int, float] = {}
        for term, weight in query:
            for event_id, held in self._postings.get(term, {}).items():
                found[event_id] = found.get(event_id, 0.0) + weight * held
        near = (
            item
            for item in found.items()
            if item[0] not in without and _within(self.events[item[0]], published, window, since)
        )
        best = heapq.nsmallest(CANDIDATES, near, key=lambda item: (-item[1], item[0]))
        return [self.events[event_id] for event_id, _ in best]

    def forget(self, before: datetime) -> None:
        """Drop the events that were last heard of, and last written about, before then."""
        old = [key for key, event in self.events.items() if max(event.seen_at, event.last_at) < before]
        for event_id in old:
            self.drop(event_id)

    def _unpost(self, term: str, event_id: int) -> None:
        posting = self._postings[term]
        del posting[event_id]
        if not posting:
            del self._postings[term]


def score(vectors: Vectors, length: LengthClass, event: EventVector) -> Score:
    """Cosine of each part times its weight, raised for little text against a large event; at most 1."""
    weights, growth = WEIGHTS[length], max(event.size, 1) ** GROWTH[length]
    parts = {
        part: min(_dot(vectors[part], event.terms[part]) / (event.norms[part] or 1.0) * growth, 1.0)
        * weights[part]
        for part in PARTS
    }
    return Score(event.event_id, parts, math.fsum(parts.values()))


def choose(vectors: Vectors, length: LengthClass, candidates: Iterable[EventVector]) -> Choice:
    """The best event and the runner-up; equal scores go to the older event (the lower id)."""
    ranked = sorted(
        (score(vectors, length, event) for event in candidates),
        key=lambda found: (-found.total, found.event_id),
    )
    return Choice(ranked[0] if ranked else None, ranked[1] if len(ranked) > 1 else None, THRESHOLDS[length])


def explain(
    best: Score, vectors: Vectors, event: EventVector, labels: Mapping[str, str]
) -> tuple[Reason, ...]:
    """The parts of a score in words, the heaviest first; parts that added nothing are left out."""
    reasons = []
    for part, weight in sorted(best.parts.items(), key=lambda item: (-item[1], item[0])):
        terms = _shared_terms(vectors[part], event.terms[part])
        if weight <= 0 or not terms:
            continue
        shown = [labels.get(term, term.removeprefix(NAME_MARK)) for term in terms[:SHOWN_TERMS]]
        reasons.append(Reason(part, _WORDS[part](shown), round(weight, 4)))
    return tuple(reasons)


def _shared_terms(left: Mapping[str, float], right: Mapping[str, float]) -> list[str]:
    shared = [(term, weight * right[term]) for term, weight in left.items() if term in right]
    return [term for term, _ in sorted(shared, key=_heaviest)]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


_WORDS: Mapping[Part, Callable[[list[str]], str]] = {
    "names": lambda words: f"shares {_listed(words)}",
    "lead": lambda words: f"same lead words: {', '.join(words)}",
    "title": lambda words: f"same headline words: {', '.join(words)}",
    "all": lambda words: f"same words in the text: {', '.join(words)}",
}


def _within(
    event: EventVector, published: datetime, window: timedelta | None, since: datetime | None
) -> bool:
    if window is not None and not event.first_at - window <= published <= event.last_at + window:
        return False
    return since is None or event.seen_at >= since


def _dot(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    return math.fsum(weight * right[term] for term, weight in left.items() if term in right)


def _heaviest(item: tuple[str, float]) -> tuple[float, str]:
    return (-item[1], item[0])
