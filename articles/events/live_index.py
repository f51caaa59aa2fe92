"""The live events of a stream in columns: found by their heaviest terms and by their embeddings; pure."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from articles.events.features import PARTS
from articles.events.frequencies import Keys
from articles.events.vectors import (
    BYTES_A_TERM,
    DIMENSIONS,
    PART_MASK,
    SCALE,
    ArticleVector,
    Dense,
    EventVector,
    heaviest,
    part_norms,
    unpacked,
    whole_rows,
)

Slots = NDArray[np.int64]
Figures = NDArray[np.float64]

INDEXED_TERMS = 40  # of an event: what a new article can find it by
QUERY_TERMS = 20
CANDIDATES = 20  # by terms, and as many by embeddings
_ROUNDING = 1e-5  # of figures that the matrix gives: the last ones are told apart by an exact sum
_BLOCK = 1024  # events a block of embeddings has room for: it grows without being copied
_PORTION = 8192  # events that are read in at once
_MOST_FRESH = 512  # events beside the sorted columns, which then take them in
_ALL = PARTS.index("all")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How alike an article is to some events: a row for each, a column for each of PARTS, then two for embeddings.

    `both` tells which parts both have; where not, the cosine is 0. `is_dense`: both have embeddings.
    """

    event_ids: tuple[int, ...]
    sizes: tuple[int, ...]
    cosines: Figures
    both: NDArray[np.bool_]
    is_dense: tuple[bool, ...]


class EventIndex:
    """Events by number of place in its columns; a place that an event left is taken by the next."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._free: list[int] = []
        self._ids: Slots = np.zeros(0, np.int64)
        self._first: Slots = np.zeros(0, np.int64)  # microseconds since 1970
        self._last: Slots = np.zeros(0, np.int64)
        self._seen: Slots = np.zeros(0, np.int64)
        self._sizes: Slots = np.zeros(0, np.int64)
        self._norms: Figures = np.zeros((0, len(PARTS)))
        self._terms: list[bytes] = []
        self._postings = _Postings()
        self._dense = _Embeddings()
        self._dense_titles = _Embeddings()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, event_id: object) -> bool:
        return event_id in self._places

    def get(self, event_id: int) -> EventVector | None:
        """An event's vector as it is now, None when it is not held. Changes to it count when it is put again."""
        place = self._places.get(event_id)
        if place is None:
            return None
        keys, weights = unpacked(self._terms[place])
        return EventVector(
            event_id,
            _moment(self._first[place]),
            _moment(self._last[place]),
            _moment(self._seen[place]),
            int(self._sizes[place]),
            keys,
            weights,
            self._dense.row(place),
            self._dense_titles.row(place),
        )

    def put(self, event: EventVector) -> None:
        """Add an event or take its changed vector."""
        self._postings.put(*self._hold(event))

    def put_all(self, events: Iterable[EventVector]) -> None:
        """Add many events at once: what they are found by is sorted once for thousands of them."""
        events = iter(events)
        while some := [self._hold(event) for event in itertools.islice(events, _PORTION)]:
            self._postings.put_all(some)

    def _hold(self, event: EventVector) -> _Posting:
        """Write an event into the columns; under which terms it is to be found."""
        place = self._places.get(event.event_id)
        if place is None:
            place = self._new_place()
            self._places[event.event_id] = place
            self._ids[place] = event.event_id
        self._first[place], self._last[place] = _microseconds(event.first_at), _microseconds(event.last_at)
        self._seen[place], self._sizes[place] = _microseconds(event.seen_at), event.size
        self._terms[place] = event.packed()
        norms = part_norms(event.keys, event.weights)
        self._norms[place] = norms
        every = np.flatnonzero((event.keys & PART_MASK) == _ALL)
        best = every[heaviest(event.keys[every], event.weights[every], INDEXED_TERMS)]
        self._dense.put(place, event.dense)
        self._dense_titles.put(place, event.dense_title)
        return place, event.keys[best], (event.weights[best] / (norms[_ALL] or 1.0)).astype(np.float32)

    def drop(self, event_id: int) -> None:
        """Forget an event; nothing happens when it is not held."""
        place = self._places.pop(event_id, None)
        if place is None:
            return
        self._postings.drop(place)
        self._dense.put(place, None)
        self._dense_titles.put(place, None)
        self._terms[place] = b""
        self._sizes[place] = 0
        self._free.append(place)

    def forget(self, before: datetime) -> None:
        """Drop the events that were last heard of, and last written about, before then."""
        latest = np.maximum(self._seen, self._last) < _microseconds(before)
        for place in np.flatnonzero(latest & (self._sizes > 0)).tolist():
            self.drop(int(self._ids[place]))

    def candidates(
        self,
        vector: ArticleVector,
        published: datetime,
        window: timedelta | None,
        since: datetime | None = None,
        *,
        without: Collection[int] = (),
    ) -> list[int]:
        """The events that share most with the article's heaviest terms, and those whose embeddings are nearest.

        They reach to within the window of its publication (None: any), and were heard of since then.
        """
        near = _Nearness(self, published, window, since, without)
        found = set(self._by_terms(vector, near))
        if vector.dense is not None:
            found.update(self._by_embedding(vector.dense, near))
        return sorted(found)

    def likeness(self, vector: ArticleVector, event_ids: Sequence[int]) -> Likeness:
        """How alike the article is to these events, which are held."""
        places = np.array([self._places[event_id] for event_id in event_ids], np.int64)
        cosines = np.zeros((len(places), len(PARTS) + 2))
        both = np.zeros(cosines.shape, np.bool_)
        if len(places):
            cosines[:, : len(PARTS)] = self._text_likeness(vector, places)
            both[:, : len(PARTS)] = (self._norms[places] > 0) & (vector.norms > 0)
        cosines[:, -2], both[:, -2] = self._dense.cosines(vector.dense, places)
        cosines[:, -1], both[:, -1] = self._dense_titles.cosines(vector.dense_title, places)
        return Likeness(
            tuple(event_ids),
            tuple(self._sizes[places].tolist()),
            cosines,
            both,
            tuple(both[:, -2].tolist()),
        )

    def _text_likeness(self, vector: ArticleVector, places: Slots) -> Figures:
        data = [self._terms[place] for place in places.tolist()]
        lengths = [len(one) // BYTES_A_TERM for one in data]
        tables = [unpacked(one) for one in data]
        keys = np.concatenate([table[0] for table in tables])
        sums = np.zeros(len(places) * len(PARTS))
        if len(vector.keys) and len(keys):
            at = np.minimum(np.searchsorted(vector.keys, keys), len(vector.keys) - 1)
            match = np.flatnonzero(vector.keys[at] == keys)
            weights = np.concatenate([table[1] for table in tables])[match]
            owners = np.repeat(np.arange(len(places)), lengths)[match]
            # Products of whole numbers: their sums are exact as long as they stay below 2**53.
            products = (weights * vector.weights[at[match]]).astype(np.float64)
            sums[:] = np.bincount(owners * len(PARTS) + (keys[match] & PART_MASK), products, len(sums))
        norms = self._norms[places] * vector.norms
        return np.divide(
            sums.reshape(len(places), len(PARTS)), norms, out=np.zeros_like(norms), where=norms > 0
        )

    def _by_terms(self, vector: ArticleVector, near: _Nearness) -> list[int]:
        every = np.flatnonzero((vector.keys & PART_MASK) == _ALL)
        best = every[heaviest(vector.keys[every], vector.weights[every], QUERY_TERMS)]
        shared = self._postings.shared(vector.keys[best], vector.weights[best], len(self._terms))
        places = near.among(np.flatnonzero(shared))
        return _best(self._ids[places], shared[places])

    def _by_embedding(self, dense: NDArray[np.int64], near: _Nearness) -> list[int]:
        places = self._dense.nearest(dense, near, CANDIDATES)
        if not len(places):
            return []
        # What the matrix says depends on the last bits of sums in an order of its own; this does not.
        exact, _ = self._dense.cosines(dense, places)
        return _best(self._ids[places], exact)

    def _new_place(self) -> int:
        if self._free:
            return self._free.pop()
        place = len(self._terms)
        self._terms.append(b"")
        if place >= len(self._ids):
            room = max(64, len(self._ids))
            self._ids, self._first, self._last, self._seen, self._sizes = (
                np.concatenate([column, np.zeros(room, np.int64)])
                for column in (self._ids, self._first, self._last, self._seen, self._sizes)
            )
            self._norms = np.concatenate([self._norms, np.zeros((room, len(PARTS)))])
        return place


class _Nearness:
    """Which events an article may join at all, by their times and by what people said."""

    def __init__(
        self,
        index: EventIndex,
        published: datetime,
        window: timedelta | None,
        since: datetime | None,
        without: Iterable[int],
    ) -> None:
        self._index = index
        self._published = _microseconds(published)
        self._window = None if window is None else window // _MICROSECOND
        self._since = None if since is None else _microseconds(since)
        self._without = np.array(sorted(without), np.int64)

    def among(self, places: Slots) -> Slots:
        """Those of the places whose events may be joined."""
        index, at = self._index, self._published
        near = index._sizes[places] > 0  # noqa: SLF001 - the index's own columns
        if self._window is not None:
            near &= index._first[places] - self._window <= at  # noqa: SLF001
            near &= at <= index._last[places] + self._window  # noqa: SLF001
        if self._since is not None:
            near &= index._seen[places] >= self._since  # noqa: SLF001
        if len(self._without):
            near &= ~np.isin(index._ids[places], self._without)  # noqa: SLF001
        return places[near]


_Posting = tuple[int, Keys, Dense]  # a place, the terms that it is found by, and their weights


class _Postings:
    """Which events hold a term among their heaviest: sorted columns, and what changed since beside them."""

    def __init__(self) -> None:
        self._keys: Keys = np.empty(0, np.int64)
        self._holders: NDArray[np.int32] = np.empty(0, np.int32)
        self._weights: Dense = np.empty(0, np.float32)
        self._is_old: NDArray[np.bool_] = np.zeros(0, np.bool_)  # by place: the columns tell of what it was
        self._fresh: dict[int, dict[int, float]] = {}
        self._keys_of: dict[int, list[int]] = {}  # of the places in `_fresh`

    def put(self, place: int, keys: Keys, weights: Dense) -> None:
        """Hold an event under these terms and no others."""
        self.drop(place)
        held = keys.tolist()
        for key, weight in zip(held, weights.tolist(), strict=True):
            self._fresh.setdefault(key, {})[place] = weight
        self._keys_of[place] = held
        if len(self._keys_of) >= _MOST_FRESH:
            self._merge(())

    def put_all(self, some: Sequence[_Posting]) -> None:
        """The same for many; a place may come once."""
        for place, _, _ in some:
            self.drop(place)
        self._merge(some)

    def drop(self, place: int) -> None:
        """Hold an event no more."""
        if place >= len(self._is_old):
            self._is_old = np.concatenate(
                [self._is_old, np.ones(max(_MOST_FRESH, place + 1 - len(self._is_old)), np.bool_)]
            )
        self._is_old[place] = True
        for key in self._keys_of.pop(place, ()):
            holders = self._fresh[key]
            del holders[place]
            if not holders:
                del self._fresh[key]

    def shared(self, keys: Keys, weights: NDArray[np.int64], places: int) -> Figures:
        """How much each place shares with the weighted terms; summed in the order of the terms."""
        starts = np.searchsorted(self._keys, keys, "left").tolist()
        ends = np.searchsorted(self._keys, keys, "right").tolist()
        holders: list[NDArray[np.int32]] = []
        shares: list[Figures] = []
        for key, weight, start, end in zip(keys.tolist(), weights.tolist(), starts, ends, strict=True):
            if end > start:
                found = self._holders[start:end]
                known = ~self._is_old[found]
                holders.append(found[known])
                shares.append(self._weights[start:end][known].astype(np.float64) * weight)
            fresh = self._fresh.get(key)
            if fresh:
                holders.append(np.fromiter(fresh.keys(), np.int32, len(fresh)))
                shares.append(np.fromiter(fresh.values(), np.float64, len(fresh)) * weight)
        if not holders:
            return np.zeros(places)
        summed: Figures = np.zeros(places)
        summed[:] = np.bincount(np.concatenate(holders), np.concatenate(shares), places)
        return summed

    def _merge(self, more: Sequence[_Posting]) -> None:
        """Take the fresh ones, and more, into the sorted columns."""
        known = ~self._is_old[self._holders]
        count = sum(map(len, self._fresh.values()))
        fresh_keys = (key for key, holders in self._fresh.items() for _ in holders)
        fresh = [pair for holders in self._fresh.values() for pair in holders.items()]
        places = [place for place, _, _ in more]
        more_holders = np.repeat(np.array(places, np.int32), [len(held) for _, held, _ in more])
        keys = np.concatenate(
            [self._keys[known], np.fromiter(fresh_keys, np.int64, count), *(one for _, one, _ in more)]
        )
        holders = np.concatenate(
            [self._holders[known], np.array([one for one, _ in fresh], np.int32), more_holders]
        )
        weights = np.concatenate(
            [
                self._weights[known],
                np.array([one for _, one in fresh], np.float32),
                *(one for *_, one in more),
            ]
        )
        order = np.argsort(keys, kind="stable")
        self._keys, self._holders, self._weights = keys[order], holders[order], weights[order]
        self._is_old[[*self._keys_of, *places]] = False
        self._fresh, self._keys_of = {}, {}


class _Embeddings:
    """Sums of embeddings by place, in blocks; a place without one has the length 0."""

    def __init__(self) -> None:
        self._blocks: list[Dense] = []
        self._norms: Figures = np.zeros(0)  # of the whole numbers

    def put(self, place: int, row: Dense | None) -> None:
        """Hold a place's sum, or none."""
        if row is None:
            if place < len(self._norms):
                self._norms[place] = 0.0
            return
        while place >= len(self._norms):
            self._blocks.append(np.zeros((_BLOCK, DIMENSIONS), np.float32))
            self._norms = np.concatenate([self._norms, np.zeros(_BLOCK)])
        self._blocks[place // _BLOCK][place % _BLOCK] = row
        whole = whole_rows(row).astype(np.float64)
        self._norms[place] = np.sqrt((whole * whole).sum())

    def row(self, place: int) -> Dense | None:
        """A place's sum."""
        if place >= len(self._norms) or not self._norms[place]:
            return None
        row: Dense = self._blocks[place // _BLOCK][place % _BLOCK].copy()
        return row

    def cosines(self, vector: NDArray[np.int64] | None, places: Slots) -> tuple[Figures, NDArray[np.bool_]]:
        """How alike each place's sum is to an article's, exactly; and where there is one. Never below 0."""
        found, known = np.zeros(len(places)), np.zeros(len(places), np.bool_)
        if vector is None or not len(self._norms) or not len(places):
            return found, known
        inside = places < len(self._norms)
        known[inside] = self._norms[places[inside]] > 0
        held = places[known]
        if len(held):
            rows = np.stack([self._blocks[place // _BLOCK][place % _BLOCK] for place in held.tolist()])
            # Whole numbers: the products' sums are exact in whatever order they are added up.
            dots = (whole_rows(rows) * vector).sum(axis=1)
            length = np.sqrt(float((vector * vector).sum()))
            found[known] = np.maximum(dots / (self._norms[held] * (length or 1.0)), 0.0)
        return found, known

    def nearest(self, vector: NDArray[np.int64], near: _Nearness, most: int) -> Slots:
        """About the most alike places that may be joined."""
        wanted = (vector / SCALE).astype(np.float32)
        found: list[Slots] = []
        figures: list[Dense] = []
        for number, block in enumerate(self._blocks):
            norms = self._norms[number * _BLOCK : (number + 1) * _BLOCK]
            held = near.among(np.flatnonzero(norms) + number * _BLOCK)
            if len(held):
                at = held - number * _BLOCK
                # All rows at once: to copy those that may be joined takes longer than to multiply the others, too.
                alike: Dense = np.matmul(block, wanted)[at] / (norms[at] / SCALE).astype(np.float32)
                best = _about_best(alike, most)
                found.append(held[best])
                figures.append(alike[best])
        if not found:
            return np.empty(0, np.int64)
        return np.concatenate(found)[_about_best(np.concatenate(figures), most)]


def _about_best(figures: Dense, most: int) -> NDArray[np.bool_]:
    """Which figures are among the highest, or so near to them that rounding may have put them behind."""
    if len(figures) <= most:
        return np.ones(len(figures), np.bool_)
    least = -np.partition(-figures, most - 1)[most - 1]
    near: NDArray[np.bool_] = figures >= least - _ROUNDING
    return near


def _best(event_ids: Slots, figures: Figures) -> list[int]:
    """The candidates with the highest figures; of equals the lower ids."""
    if len(figures) > CANDIDATES:
        least = -np.partition(-figures, CANDIDATES - 1)[CANDIDATES - 1]
        keep = figures >= least
        event_ids, figures = event_ids[keep], figures[keep]
    best: list[int] = event_ids[np.lexsort((event_ids, -figures))[:CANDIDATES]].tolist()
    return best


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(microseconds: np.int64) -> datetime:
    return _EPOCH + timedelta(microseconds=int(microseconds))
