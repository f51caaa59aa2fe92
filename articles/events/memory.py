"""The store of placing that lives in memory: for streams from a file, and the yardstick of the other store."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from articles.events.copies import (
    MOST_HOLDERS,
    Matches,
    OriginClaim,
    Overlap,
    Sketch,
    SketchMatch,
    is_sampled,
    shared_share,
    shingles_of,
    stock_counts,
)
from articles.events.grouping import WHOLE, ComparedText, Member, arrange
from articles.events.placement import (
    FORGET_AFTER,
    EarlierText,
    GroupView,
    LiveShard,
    Outcome,
    SharedText,
    Story,
    Wishes,
    absorb,
    credit_of_story,
    origin_claim,
)

FORGET_EVERY = 1000  # placements


@dataclass(slots=True)
class CopyGroupState:
    """A copy group (often of one article): its members, and which of them is the origin."""

    members: dict[int, Member] = field(default_factory=dict)

    @property
    def origin(self) -> int:
        """The key of the origin."""
        return next(key for key, member in self.members.items() if member.kind == "origin")


@dataclass(frozen=True, slots=True)
class _Kept:
    story: Story
    sketch: Sketch | None
    event_id: int


class MemoryStore:
    """All state of placing in this process; what people want is handed in by `wish`, `part` and `prefer`."""

    def __init__(self, window: timedelta | None) -> None:
        self.groups_by_id: dict[int, CopyGroupState] = {}
        self.group_of: dict[int, int] = {}
        self.shares: dict[int, tuple[SharedText, ...]] = {}
        self._window = window
        self._shards: dict[str, LiveShard] = {}
        self._kept: dict[int, _Kept] = {}
        self._holders: dict[tuple[str, int], list[int]] = {}
        self._wishes: dict[int, Wishes] = {}
        self._parted: dict[int, set[int]] = {}
        self._preferred: dict[int, tuple[int, str]] = {}
        self._recent: deque[datetime] = deque(maxlen=FORGET_EVERY)
        self._last_event = 0
        self._last_group = 0
        self._written = 0

    def wish(self, key: int, wishes: Wishes) -> None:
        """Say what a person wants of an article that is yet to come."""
        self._wishes[key] = wishes

    def part(self, key: int, other: int) -> None:
        """Say that two articles, yet to come, are no copies of each other."""
        self._parted.setdefault(key, set()).add(other)
        self._parted.setdefault(other, set()).add(key)

    def prefer(self, key: int, words: str) -> None:
        """Say that an article, yet to come, is the origin of its group; the latest of such words counts."""
        self._preferred[key] = (len(self._preferred) + 1, words)

    def live(self, shard: str) -> LiveShard:
        """The current state of a shard."""
        return self._shards.setdefault(shard, LiveShard())

    def wishes(self, story: Story) -> Wishes:
        """What was said of the article by `wish`."""
        return self._wishes.get(story.key, Wishes())

    def matches(self, story: Story, sketch: Sketch, window: timedelta | None) -> Matches:
        """Earlier articles of the shard that may share text and are no further away than the window."""
        shared: dict[int, set[int]] = {}
        for value in sketch.hashes:
            for key in self._holders.get((story.shard, value), ()):
                if window is None or _is_near(story, self._kept[key].story, window):
                    shared.setdefault(key, set()).add(value)
        matches = [self._match(key, values) for key, values in sorted(shared.items())]
        of_publisher, of_all = stock_counts(story.publisher, matches)
        found = tuple(match for match in matches if shared_share(sketch, match) > 0)
        held = Counter(value for match in matches for value in match.shared)
        crowded = frozenset(value for value, count in held.items() if count >= MOST_HOLDERS)
        return Matches(found, frozenset(of_publisher), frozenset(of_all), crowded)

    def texts(self, keys: Sequence[int]) -> list[EarlierText]:
        """The texts of earlier articles."""
        stories = [self._kept[key].story for key in sorted(keys) if key in self._kept]
        return [
            EarlierText(story.key, story.text, story.title, story.publisher, story.publisher_name)
            for story in stories
        ]

    def groups(self, keys: Collection[int]) -> dict[int, GroupView]:
        """The copy group of each of these articles."""
        found = {}
        for key in keys:
            group_id = self.group_of[key]
            group = self.groups_by_id[group_id]
            origin = group.origin
            found[key] = GroupView(group_id, (origin, *sorted(group.members.keys() - {origin})))
        return found

    def not_copies(self, keys: Collection[int]) -> set[tuple[int, int]]:
        """The pairs that `part` was told of."""
        return {(min(key, other), max(key, other)) for key in keys for other in self._parted.get(key, ())}

    def write(self, outcome: Outcome) -> int:
        """Keep the decision and return the id of the article's event."""
        placement = outcome.placement
        story = placement.story
        event_id = placement.event_id
        if event_id is None:
            self._last_event += 1
            event_id = self._last_event
        absorb(self.live(story.shard), outcome, event_id)
        self._kept[story.key] = _Kept(story, outcome.sketch, event_id)
        for value in outcome.sketch.hashes if outcome.sketch is not None else ():
            self._holders.setdefault((story.shard, value), []).append(story.key)
        if outcome.is_compared:
            self._group(outcome)
        self._recent.append(story.published)
        self._written += 1
        if self._window is not None and self._written % FORGET_EVERY == 0:
            self._forget(min(self._recent) - FORGET_AFTER * self._window)
        return event_id

    def _group(self, outcome: Outcome) -> None:
        """Put the article into the copy group of its earlier text, else into one of its own."""
        placement = outcome.placement
        story, verdict = placement.story, placement.copy
        self.shares[story.key] = placement.shares
        claim = self._claim(story)
        if verdict is None:
            self._last_group += 1
            group_id, group = self._last_group, CopyGroupState()
            self.groups_by_id[group_id] = group
            joined = False
            newcomer = Member(claim, "origin", WHOLE, ())
        else:
            group_id = self.group_of[verdict.of]
            group = self.groups_by_id[group_id]
            joined = self._join(group_id, [self.group_of[key] for key in verdict.joins])
            newcomer = Member(claim, verdict.kind, verdict.overlap, verdict.why)
        group.members[story.key] = newcomer
        self.group_of[story.key] = group_id
        arranged = arrange(group.members, self._compared, is_joined=joined)
        group.members = arranged.members
        for key, nearest in sorted(arranged.left.items()):
            self._leave(key, nearest, self._kept.get(key))

    def _leave(self, key: int, nearest: tuple[int, Overlap] | None, kept: _Kept | None) -> None:
        """Put an article that copies nobody any more into a group of its own."""
        self._last_group += 1
        self.group_of[key] = self._last_group
        members = {key: Member(self._claim(kept.story), "origin", WHOLE, ())} if kept is not None else {}
        self.groups_by_id[self._last_group] = CopyGroupState(members)
        if nearest is not None:
            shares = [*self.shares.get(key, ()), SharedText(*nearest)]
            self.shares[key] = tuple(sorted(shares, key=lambda share: share.key))

    def _join(self, group_id: int, others: Iterable[int]) -> bool:
        """Move the members of other groups into this one; whether there were any."""
        joined = False
        for other in others:
            if other == group_id or other not in self.groups_by_id:
                continue
            moved = self.groups_by_id.pop(other).members
            self.groups_by_id[group_id].members.update(moved)
            self.group_of.update(dict.fromkeys(moved, group_id))
            joined = True
        return joined

    def _claim(self, story: Story) -> OriginClaim:
        said, words = self._preferred.get(story.key, (0, ""))
        return replace(origin_claim(story, credit_of_story(story)), said=said, said_words=words)

    def _compared(self, keys: Sequence[int]) -> Mapping[int, ComparedText]:
        found = {}
        for key in keys:
            kept = self._kept.get(key)
            shingles = shingles_of(kept.story.text, kept.story.title) if kept is not None else None
            if kept is not None and shingles is not None:
                stock = self.live(kept.story.shard).stock_for(kept.story.publisher)
                found[key] = ComparedText(shingles, stock, kept.story.title, kept.story.publisher_name)
        return found

    def _match(self, key: int, shared: Iterable[int]) -> SketchMatch:
        kept = self._kept[key]
        hashes = kept.sketch.hashes if kept.sketch else ()
        full = kept.sketch.full if kept.sketch else False
        return SketchMatch(
            key=key,
            publisher=kept.story.publisher,
            event_id=kept.event_id,
            shared=frozenset(shared),
            size=len(hashes),
            sampled_size=sum(map(is_sampled, hashes)),
            full=full,
        )

    def _forget(self, before: datetime) -> None:
        """Let go of what lies before all that came lately, by more than the window."""
        for live in self._shards.values():
            live.index.forget(before)
        old = {
            key for key, kept in self._kept.items() if (kept.story.seen_at or kept.story.published) < before
        }
        touched = {
            (kept.story.shard, value)
            for kept in map(self._kept.__getitem__, old)
            for value in (kept.sketch.hashes if kept.sketch else ())
        }
        for holder in touched:
            left = [key for key in self._holders.get(holder, ()) if key not in old]
            if left:
                self._holders[holder] = left
            else:
                self._holders.pop(holder, None)
        for key in old:
            del self._kept[key]
            self.shares.pop(key, None)
        for group_id in {self.group_of.pop(key) for key in old if key in self.group_of}:
            if self._kept.keys().isdisjoint(self.groups_by_id[group_id].members):
                del self.groups_by_id[group_id]


def _is_near(story: Story, earlier: Story, window: timedelta) -> bool:
    """By the time of arrival where the stream tells it, else by that of publication."""
    if story.seen_at is not None and earlier.seen_at is not None:
        return earlier.seen_at >= story.seen_at - window
    return abs(earlier.published - story.published) <= window
