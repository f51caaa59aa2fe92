"""Which event an article goes to: what people said first, then copies, then likeness; pure over any store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from articles.events.copies import (
    CopyKind,
    OriginClaim,
    Overlap,
    Shingles,
    Sketch,
    SketchMatch,
    copy_reasons,
    credit_of,
    overlap,
    shingles_of,
    sketch_of,
    stock_counts,
    worth_checking,
)
from articles.events.features import ArticleFeatures, Frequencies, NameLink, Vectors, features_of, weigh
from articles.events.scoring import RULE_VERSION, EventIndex, EventVector, choose, explain
from articles.types import Reason

FORGET_AFTER = 2  # windows: events that the desk has not heard of for so long leave memory


@dataclass(frozen=True, slots=True)
class Story:
    """An article as placing sees it.

    `published` is what it says itself, `seen_at` when the desk got it (None in streams that do not tell).
    """

    key: int
    shard: str
    title: str
    text: str
    published: datetime
    seen_at: datetime | None
    publisher: str  # any stable key of it
    publisher_name: str = ""
    byline: str = ""
    links: tuple[NameLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people said of an article: the event it must be in, and those it cannot be in."""

    must: int | None = None
    cannot: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class EarlierText:
    """The text of an earlier article, read for the exact check."""

    key: int
    text: str
    title: str
    publisher: str
    publisher_name: str


@dataclass(frozen=True, slots=True)
class CopyVerdict:
    """The earlier article whose text this one carries."""

    of: int
    event_id: int
    kind: CopyKind
    overlap: Overlap
    why: tuple[Reason, ...]
    earlier_credit: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """The decision on one article. `event_id` None means a new event."""

    story: Story
    event_id: int | None
    score: float
    runner_up: int | None
    runner_up_score: float
    why: tuple[Reason, ...]
    credit: str = ""
    copy: CopyVerdict | None = None
    rule_version: str = RULE_VERSION


@dataclass(slots=True)
class LiveShard:
    """What placing knows of one stream; `stock` maps a publisher ("" for all) to its stock phrases."""

    frequencies: Frequencies = field(default_factory=Frequencies)
    index: EventIndex = field(default_factory=EventIndex)
    stock: dict[str, set[int]] = field(default_factory=dict)

    def stock_for(self, publisher: str) -> set[int]:
        """The hashes that say nothing in a text of this publisher."""
        return self.stock.get(publisher, set()) | self.stock.get("", set())


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a store writes at once for a placed article."""

    placement: Placement
    vectors: Vectors
    terms: Sequence[str]
    sketch: Sketch | None
    new_stock: Mapping[str, Collection[int]]


class EventStore(Protocol):
    """Where placing reads and writes; one form lives in memory, one in PostgreSQL."""

    def live(self, shard: str) -> LiveShard:
        """The current state of a shard."""

    def wishes(self, story: Story) -> Wishes:
        """What people said of the article."""

    def matches(self, story: Story, sketch: Sketch, window: timedelta | None) -> list[SketchMatch]:
        """Earlier articles of the shard that share a hash and are no further away than the window."""

    def texts(self, keys: Sequence[int]) -> list[EarlierText]:
        """The texts of earlier articles."""

    def write(self, outcome: Outcome) -> int:
        """Store the decision and return the id of the article's event."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """An article with all that was computed from its text alone."""

    story: Story
    features: ArticleFeatures
    vectors: Vectors
    credit: str
    shingles: Shingles | None
    sketch: Sketch | None


def place(
    story: Story, store: EventStore, window: timedelta | None, *, counted: bool = False
) -> tuple[int, Placement]:
    """Decide where an article belongs and write it down; returns the event's id and the decision.

    `counted` says that the article's terms are in the frequencies already: it was placed before and revised since.
    """
    live = store.live(story.shard)
    features = features_of(story.title, story.text, story.links)
    terms = features.distinct_terms()
    if not counted:
        live.frequencies.add(terms)
    shingles = shingles_of(story.text)
    sketch = sketch_of(shingles, live.stock_for(story.publisher)) if shingles else None
    credit = credit_of(story.text, story.byline)
    reading = _Reading(story, features, weigh(features, live.frequencies), credit, shingles, sketch)
    matches = store.matches(story, sketch, window) if sketch else []
    verdict = _find_copy(reading, matches, store, live)
    placement = _decide(reading, verdict, store.wishes(story), live, window)
    of_publisher, of_all = stock_counts(story.publisher, matches)
    new_stock = {story.publisher: of_publisher, "": of_all}
    return store.write(Outcome(placement, reading.vectors, terms, sketch, new_stock)), placement


def absorb(live: LiveShard, outcome: Outcome, event_id: int) -> EventVector:
    """Bring a shard's state up to a written decision; returns the event's vector as it is now."""
    story = outcome.placement.story
    event = live.index.events.get(event_id)
    if event is None:
        event = EventVector(event_id, story.published, story.published, story.seen_at or story.published)
    event.add(outcome.vectors, story.published, story.seen_at or story.published)
    live.index.put(event)
    for publisher, values in outcome.new_stock.items():
        live.stock.setdefault(publisher, set()).update(values)
    return event


def _decide(
    reading: _Reading, verdict: CopyVerdict | None, wishes: Wishes, live: LiveShard, window: timedelta | None
) -> Placement:
    """What a person said comes first, then the text itself, then likeness."""
    story, credit = reading.story, reading.credit
    if wishes.must is not None:
        why = (Reason("must", "An editor said that it belongs with an article of this event", 1.0),)
        return Placement(story, wishes.must, 1.0, None, 0.0, why, credit, verdict)
    if verdict is not None and verdict.event_id not in wishes.cannot:
        score = verdict.overlap.containment
        return Placement(story, verdict.event_id, score, None, 0.0, verdict.why, credit, verdict)
    since = None if window is None or story.seen_at is None else story.seen_at - FORGET_AFTER * window
    candidates = live.index.candidates(reading.vectors, story.published, window, since, without=wishes.cannot)
    choice = choose(reading.vectors, reading.features.length, candidates)
    best, second = choice.best, choice.runner_up
    if best is None:
        why = (Reason("new", "No event of these days shares its words", 0.0),)
        return Placement(story, None, 0.0, None, 0.0, why, credit, verdict)
    if not choice.joins:
        why = (Reason("new", "The nearest event is not alike enough", choice.threshold),)
        return Placement(story, None, best.total, best.event_id, best.total, why, credit, verdict)
    reasons = explain(best, reading.vectors, live.index.events[best.event_id], reading.features.labels)
    runner_up, runner_up_score = (second.event_id, second.total) if second else (None, 0.0)
    return Placement(story, best.event_id, best.total, runner_up, runner_up_score, reasons, credit, verdict)


def _find_copy(
    reading: _Reading, matches: Sequence[SketchMatch], store: EventStore, live: LiveShard
) -> CopyVerdict | None:
    """The earlier article that shares most of the text; of equals the lowest key."""
    if reading.shingles is None or reading.sketch is None:
        return None
    checked = {match.key: match for match in worth_checking(reading.sketch, matches)}
    if not checked:
        return None
    mine = reading.shingles.without(live.stock_for(reading.story.publisher))
    best: tuple[Overlap, EarlierText] | None = None
    for earlier in sorted(store.texts(sorted(checked)), key=lambda text: text.key):
        theirs = shingles_of(earlier.text)
        if theirs is None:
            continue
        shared = overlap(mine, theirs.without(live.stock_for(earlier.publisher)))
        if shared.kind is not None and (best is None or shared.containment > best[0].containment):
            best = shared, earlier
    if best is None or best[0].kind is None:
        return None
    shared, earlier = best
    why = copy_reasons(shared, earlier.title, earlier.publisher_name)
    return CopyVerdict(
        earlier.key, checked[earlier.key].event_id, best[0].kind, shared, why, credit_of(earlier.text)
    )


def origin_claim(story: Story, credit: str) -> OriginClaim:
    """What an article says for being the origin of its copy group."""
    return OriginClaim(story.key, story.published, credit, story.publisher_name)
