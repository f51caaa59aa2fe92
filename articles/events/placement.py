"""Which event an article goes to: what people said first, then copies, then likeness; pure over any store."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from articles.events.copies import (
    SHARE_CONTAINMENT,
    CopyKind,
    Matches,
    OriginClaim,
    Overlap,
    Shingles,
    Sketch,
    SketchMatch,
    compare,
    copy_reasons,
    kind_of_overlap,
    rated_matches,
    shingles_of,
    sketch_of,
    stored_sketch,
    worth_checking,
)
from articles.events.credits import Credit, credit_of
from articles.events.features import ArticleFeatures, NameLink, features_of
from articles.events.frequencies import Frequencies
from articles.events.live_index import EventIndex
from articles.events.scoring import RULE_VERSION, Choice, Score, ScoredPart, Unsure, choose, explain
from articles.events.vectors import ArticleVector, Embedding, EventVector, weigh
from articles.types import Reason

FORGET_AFTER = 2  # windows: events that the desk has not heard of for so long leave memory
MOST_RATED = 40  # matches whose groups are asked for
# Members of a group, the origin among them, with which a new one must share text: what stands in a round-up beside
# another story is no copy of that story.
REPRESENTATIVES = 3
MOST_JOINED_GROUPS = 3  # by one article; others find each other through the next


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
    source: str = ""  # whom an aggregator names as the true publisher
    removed: tuple[str, ...] = ()  # lines that the cleaner took off the text's edges
    day_only: bool = False  # `published` is the first moment of a day
    embedding: Embedding | None = None  # None where no language model read it


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
class GroupView:
    """A copy group as placing sees it: its members by time, the origin first."""

    id: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CopyVerdict:
    """The earlier article whose text this one carries, and other groups (a member of each) that carry it, too."""

    of: int
    event_id: int
    kind: CopyKind
    overlap: Overlap
    why: tuple[Reason, ...]
    joins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedText:
    """An earlier article that shares text with this one without being a copy."""

    key: int
    overlap: Overlap


@dataclass(frozen=True, slots=True)
class Kinship:
    """What the texts of earlier articles say about a new one."""

    copy: CopyVerdict | None = None
    shares: tuple[SharedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """The decision on one article. `event_id` None means a new event; then `runner_up` is the nearest one.

    `parts` add up to `score`, which is cut to 0 to 1; `threshold` is None where nothing was scored. `unsure` says why
    a person had better look at it.
    """

    story: Story
    event_id: int | None
    score: float
    runner_up: int | None
    runner_up_score: float
    why: tuple[Reason, ...]
    credit: Credit | None = None
    copy: CopyVerdict | None = None
    shares: tuple[SharedText, ...] = ()
    parts: Mapping[ScoredPart, float] = field(default_factory=dict)
    threshold: float | None = None
    unsure: Unsure = ""
    rule_version: str = RULE_VERSION


@dataclass(frozen=True, slots=True)
class _Stock:
    """The stock phrases of a publisher and those of all, asked without being put together: they are many."""

    own: Collection[int]
    every: Collection[int]

    def __contains__(self, value: object) -> bool:
        return value in self.own or value in self.every


_NOTHING: frozenset[int] = frozenset()


@dataclass(slots=True)
class LiveShard:
    """What placing knows of one stream; `stock` maps a publisher ("" for all) to its stock phrases."""

    frequencies: Frequencies = field(default_factory=Frequencies)
    index: EventIndex = field(default_factory=EventIndex)
    stock: dict[str, set[int]] = field(default_factory=dict)

    def stock_for(self, publisher: str) -> Container[int]:
        """The hashes that say nothing in a text of this publisher."""
        return _Stock(self.stock.get(publisher, _NOTHING), self.stock.get("", _NOTHING))


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a store writes at once for a placed article."""

    placement: Placement
    vector: ArticleVector
    terms: Sequence[str]
    sketch: Sketch | None  # as it is stored; None also when enough others say the same
    new_stock: Mapping[str, Collection[int]]
    is_compared: bool = True  # whether there was text enough to look for copies


class EventStore(Protocol):
    """Where placing reads and writes; one form lives in memory, one in PostgreSQL."""

    def live(self, shard: str) -> LiveShard:
        """The current state of a shard."""

    def wishes(self, story: Story) -> Wishes:
        """What people said of the article."""

    def matches(self, story: Story, sketch: Sketch, window: timedelta | None) -> Matches:
        """Earlier articles of the shard that may share text and are no further away than the window."""

    def texts(self, keys: Sequence[int]) -> list[EarlierText]:
        """The texts of earlier articles; those that are gone are left out."""

    def groups(self, keys: Collection[int]) -> dict[int, GroupView]:
        """The copy group of each of these articles that is in one."""

    def not_copies(self, keys: Collection[int]) -> set[tuple[int, int]]:
        """The pairs, the lower key first, that people said are no copies; one of each pair is among the keys."""

    def write(self, outcome: Outcome) -> int:
        """Store the decision and return the id of the article's event."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """An article with all that was computed from its text alone."""

    story: Story
    features: ArticleFeatures
    vector: ArticleVector
    credit: Credit | None
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
    shingles = shingles_of(story.text, story.title)
    sketch = sketch_of(shingles, live.stock_for(story.publisher)) if shingles else None
    credit = credit_of_story(story)
    vector = weigh(features, live.frequencies, story.embedding)
    reading = _Reading(story, features, vector, credit, shingles, sketch)
    matches = store.matches(story, sketch, window) if sketch else Matches()
    kin = _Comparison(reading, store, live).kinship(matches.found) if matches.found else Kinship()
    placement = replace(
        _decide(reading, kin.copy, store.wishes(story), live, window),
        credit=credit,
        copy=kin.copy,
        shares=kin.shares,
    )
    new_stock = {story.publisher: matches.stock_of_publisher, "": matches.stock_of_all}
    stored = stored_sketch(sketch, matches) if sketch is not None else None
    outcome = Outcome(placement, reading.vector, terms, stored, new_stock, sketch is not None)
    return store.write(outcome), placement


def decide_again(
    story: Story, verdict: CopyVerdict | None, wishes: Wishes, live: LiveShard, window: timedelta | None
) -> Outcome:
    """Decide where an article belongs whose copies are known already; nothing is written.

    Its terms are counted in the frequencies of the shard, as by `place`.
    """
    features = features_of(story.title, story.text, story.links)
    terms = features.distinct_terms()
    live.frequencies.add(terms)
    vector = weigh(features, live.frequencies, story.embedding)
    reading = _Reading(story, features, vector, None, None, None)
    return Outcome(_decide(reading, verdict, wishes, live, window), vector, terms, None, {})


def absorb(live: LiveShard, outcome: Outcome, event_id: int) -> EventVector:
    """Bring a shard's state up to a written decision; returns the event's vector as it is now."""
    story = outcome.placement.story
    event = live.index.get(event_id)
    if event is None:
        event = EventVector(event_id, story.published, story.published, story.seen_at or story.published)
    event.add(outcome.vector, story.published, story.seen_at or story.published)
    live.index.put(event)
    for publisher, values in outcome.new_stock.items():
        live.stock.setdefault(publisher, set()).update(values)
    return event


def credit_of_story(story: Story) -> Credit | None:
    """Whom the article credits."""
    return credit_of(story.text, story.byline, story.source, story.removed)


def origin_claim(story: Story, credit: Credit | None) -> OriginClaim:
    """What an article says for being the origin of its copy group."""
    return OriginClaim(
        story.key, story.published, credit, story.publisher_name, story.seen_at, story.day_only
    )


def _decide(
    reading: _Reading, verdict: CopyVerdict | None, wishes: Wishes, live: LiveShard, window: timedelta | None
) -> Placement:
    """What a person said comes first, then the text itself, then likeness."""
    story = reading.story
    if wishes.must is not None:
        why = (Reason("must", "An editor said that it belongs with an article of this event", 1.0),)
        return Placement(story, wishes.must, 1.0, None, 0.0, why)
    if verdict is not None and verdict.event_id not in wishes.cannot:
        return Placement(story, verdict.event_id, verdict.overlap.containment, None, 0.0, verdict.why)
    since = None if window is None or story.seen_at is None else story.seen_at - FORGET_AFTER * window
    found = live.index.candidates(reading.vector, story.published, window, since, without=wishes.cannot)
    choice = choose(live.index.likeness(reading.vector, found), reading.features.length)
    best, second = choice.best, choice.runner_up
    if best is None:
        why = (Reason("new", "No event of these days shares its words", 0.0),)
        return Placement(story, None, 0.0, None, 0.0, why)
    if not choice.joins:
        why = (Reason("new", "The nearest event is not alike enough", best.threshold),)
        return _as_placement(story, choice, None, best, why)
    event = live.index.get(best.event_id)
    reasons = explain(best, reading.vector, event, reading.features.labels) if event is not None else ()
    if second is not None:
        next_parts: dict[str, str | float | int] = {
            part: round(weight, 4) for part, weight in second.parts.items()
        }
        reasons = (*reasons, Reason("next_best", "the next best event", round(second.total, 4), next_parts))
    return _as_placement(story, choice, best.event_id, second, reasons)


def _as_placement(
    story: Story, choice: Choice, event_id: int | None, second: Score | None, why: tuple[Reason, ...]
) -> Placement:
    best = choice.best
    if best is None:
        return Placement(story, event_id, 0.0, None, 0.0, why)
    return Placement(
        story,
        event_id,
        best.total,
        second.event_id if second is not None else None,
        second.total if second is not None else 0.0,
        why,
        parts={part: round(weight, 4) for part, weight in best.parts.items()},
        threshold=best.threshold,
        unsure=choice.unsure,
    )


@dataclass(frozen=True, slots=True)
class _Earlier:
    """An earlier text as it is compared."""

    text: EarlierText
    shingles: Shingles
    stock: Container[int]


class _Comparison:
    """One article against the earlier texts that may be its own; each text is read once."""

    def __init__(self, reading: _Reading, store: EventStore, live: LiveShard) -> None:
        self._reading = reading
        self._store = store
        self._live = live
        self._stock = live.stock_for(reading.story.publisher)
        self._texts: dict[int, _Earlier | None] = {}
        self._found: dict[int, Overlap] = {}

    def kinship(self, matches: Sequence[SketchMatch]) -> Kinship:
        """Whose text it is and whose it shares; of equals the lowest key."""
        sketch = self._reading.sketch
        rated = rated_matches(sketch, matches)[:MOST_RATED] if sketch is not None else []
        if sketch is None or not rated:
            return Kinship()
        likely = [match for _, match in rated]
        groups = self._store.groups([match.key for match in likely])
        checked = worth_checking(sketch, likely, {key: view.id for key, view in groups.items()})
        self._read([match.key for match in checked])
        found = {match.key: self._overlap(match.key) for match in checked}
        copies = sorted(
            (key for key, shared in found.items() if shared.kind is not None),
            key=lambda key: (-found[key].containment, -found[key].jaccard, key),
        )
        verdict, joined = None, set[int]()
        if copies:
            events = {match.key: match.event_id for match in matches}
            verdict, joined = self._verdict(copies, groups, events)
        # Of a group that shares text one member says it all: the one that shares most.
        shares: dict[int, SharedText] = {}
        for key, shared in sorted(found.items(), key=lambda pair: (-pair[1].containment, pair[0])):
            if key not in joined and kind_of_overlap(shared) is not None:
                view = groups.get(key)
                shares.setdefault(view.id if view is not None else -key, SharedText(key, shared))
        ordered = sorted(shares.values(), key=lambda share: share.key)
        return Kinship(verdict, tuple(ordered))

    def _verdict(
        self, copies: Sequence[int], groups: dict[int, GroupView], events: Mapping[int, int]
    ) -> tuple[CopyVerdict | None, set[int]]:
        """The group that the article joins, with those that turn out to carry the same text; and their members."""
        said = self._store.not_copies([self._reading.story.key])
        never = {key for pair in said for key in pair} - {self._reading.story.key}
        fitting: list[tuple[int, GroupView]] = []
        for key in copies:
            view = groups.get(key) or GroupView(-key, (key,))
            known = any(view.id == other.id for _, other in fitting)
            if not known and never.isdisjoint(view.members) and self._fits(view):
                fitting.append((key, view))
        if not fitting:
            return None, set()
        key, view = fitting[0]
        joined = set(view.members)
        joins: list[int] = []
        for other_key, other in fitting[1:]:
            if len(joins) < MOST_JOINED_GROUPS and self._is_one_text((key, view), (other_key, other), joined):
                joins.append(other_key)
                joined |= set(other.members)
        origin = view.members[0]
        of = origin if self._overlap(origin).kind is not None else key
        shared, earlier = self._overlap(of), self._texts[of]
        if shared.kind is None or earlier is None:
            return None, set()
        why = copy_reasons(shared, earlier.text.title, earlier.text.publisher_name, of)
        event_id = events.get(of, events[key])
        return CopyVerdict(of, event_id, shared.kind, shared, why, tuple(joins)), joined

    def _fits(self, view: GroupView) -> bool:
        """Whether the article shares text with the group's origin and its first copies, not with one member alone."""
        others = [key for key in view.members if key != self._reading.story.key][:REPRESENTATIVES]
        self._read(others)
        return all(
            self._overlap(key).containment >= SHARE_CONTAINMENT
            for key in others
            if self._texts[key] is not None
        )

    def _is_one_text(
        self, mine: tuple[int, GroupView], other: tuple[int, GroupView], joined: set[int]
    ) -> bool:
        """Whether two groups carry one text: their origins, or the members that are copies of the article."""
        said = self._store.not_copies(other[1].members)
        if any(a in joined or b in joined for a, b in said):
            return False
        left = [key for key in dict.fromkeys((mine[1].members[0], mine[0])) if self._texts.get(key)]
        right = [key for key in dict.fromkeys((other[1].members[0], other[0])) if self._texts.get(key)]
        return any(self._between(a, b).kind is not None for a in left for b in right)

    def _read(self, keys: Sequence[int]) -> None:
        missing = sorted(set(keys) - self._texts.keys())
        if not missing:
            return
        self._texts.update(dict.fromkeys(missing))
        for text in self._store.texts(missing):
            shingles = shingles_of(text.text, text.title)
            if shingles is not None:
                self._texts[text.key] = _Earlier(text, shingles, self._live.stock_for(text.publisher))

    def _overlap(self, key: int) -> Overlap:
        """How much the article shares with an earlier one that was read."""
        if key not in self._found:
            self._read([key])
            earlier, mine = self._texts[key], self._reading.shingles
            self._found[key] = (
                compare(mine, earlier.shingles, self._stock, earlier.stock)
                if earlier is not None and mine is not None
                else Overlap(0.0, 0.0)
            )
        return self._found[key]

    def _between(self, left: int, right: int) -> Overlap:
        one, other = self._texts[left], self._texts[right]
        if one is None or other is None:
            return Overlap(0.0, 0.0)
        return compare(one.shingles, other.shingles, one.stock, other.stock)
