"""Articles and events as numbers that are compared: whole numbers, so that every sum is exact; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from articles.events.features import PARTS, ArticleFeatures, Part
from articles.events.frequencies import PART_BITS, Frequencies, Keys, term_key

Weights = NDArray[np.int64]
Dense = NDArray[np.float32]

# A weight of 1 is held as this number. Whole numbers add up to the same sum in any order and on any machine, and what
# is read back from a row is what was written.
SCALE = 1 << 16
DIMENSIONS = 384  # of an embedding
MOST_TERMS: Mapping[Part, int] = {
    "all": 120,
    "title": 40,
    "names": 40,
    "lead": 80,
    "figures": 40,
    "days": 20,
    "years": 10,
}
MOST_EVENT_TERMS: Mapping[Part, int] = {
    "all": 160,
    "title": 60,
    "names": 60,
    "lead": 100,
    "figures": 60,
    "days": 30,
    "years": 15,
}
PART_MASK = (1 << PART_BITS) - 1
_HEAVIEST = 1 << 26  # squares of so many as an event has terms fit into 64 bits
_KEY_TYPE, _WEIGHT_TYPE = np.dtype("<i8"), np.dtype("<i4")
BYTES_A_TERM = _KEY_TYPE.itemsize + _WEIGHT_TYPE.itemsize
_NO_KEYS: Keys = np.empty(0, np.int64)
_NO_WEIGHTS: Weights = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """What a language model makes of an article: unit vectors of "title. lead" and of the title."""

    vector: Dense
    title_vector: Dense


@dataclass(frozen=True, slots=True, eq=False)
class ArticleVector:
    """The weighted terms of an article, all parts in one table sorted by key; `norms` are the parts' lengths.

    The low bits of a key are the number of its part in PARTS. `dense` and `dense_title` are whole numbers, too.
    """

    terms: tuple[str, ...]
    keys: Keys
    weights: Weights
    norms: NDArray[np.float64]
    dense: Weights | None = None
    dense_title: Weights | None = None


@dataclass(slots=True, eq=False)
class EventVector:
    """An event as placing compares it: sums of its articles' vectors, the heaviest terms only."""

    event_id: int
    first_at: datetime
    last_at: datetime
    seen_at: datetime  # when the desk last got an article of it
    size: int = 0
    keys: Keys = field(default_factory=lambda: _NO_KEYS)
    weights: Weights = field(default_factory=lambda: _NO_WEIGHTS)
    dense: Dense | None = None
    dense_title: Dense | None = None

    def add(self, vector: ArticleVector, published: datetime, seen_at: datetime) -> None:
        """Take an article in."""
        keys = np.concatenate([self.keys, vector.keys])
        weights = np.concatenate([self.weights, vector.weights])
        order = np.argsort(keys, kind="stable")
        keys, weights = keys[order], weights[order]
        starts = np.flatnonzero(np.diff(keys, prepend=np.int64(-1)))
        self.keys, self.weights = _heaviest_of_parts(keys[starts], _sums(weights, starts))
        self.dense = _added(self.dense, vector.dense)
        self.dense_title = _added(self.dense_title, vector.dense_title)
        self.size += 1
        self.first_at, self.last_at = min(self.first_at, published), max(self.last_at, published)
        self.seen_at = max(self.seen_at, seen_at)

    def packed(self) -> bytes:
        """The terms as a row holds them: the keys (64 bits each), then the weights (32 bits each)."""
        return self.keys.astype(_KEY_TYPE).tobytes() + self.weights.astype(_WEIGHT_TYPE).tobytes()


def unpacked(data: bytes) -> tuple[Keys, Weights]:
    """Keys and weights of packed terms. Raises ValueError when it cannot be such."""
    count, rest = divmod(len(data), BYTES_A_TERM)
    if rest:
        message = f"{len(data)} bytes are no table of terms: each takes {BYTES_A_TERM}."
        raise ValueError(message)
    keys = np.frombuffer(data, _KEY_TYPE, count)
    weights = np.frombuffer(data, _WEIGHT_TYPE, count, count * _KEY_TYPE.itemsize)
    return keys, weights.astype(np.int64)


def weigh(
    features: ArticleFeatures, frequencies: Frequencies, embedding: Embedding | None = None
) -> ArticleVector:
    """Unit vectors of each part: (1 + log count) * idf, the heaviest terms only, ties by the term."""
    distinct = features.distinct_terms()
    idf = dict(zip(distinct, frequencies.idfs(distinct), strict=True))
    rows: list[tuple[int, int, str]] = []
    norms = []
    for number, part in enumerate(PARTS):
        found = _unit(features.counts[part], idf, MOST_TERMS[part])
        rows.extend((term_key(term) | number, weight, term) for term, weight in found)
        norms.append(math.sqrt(sum(weight * weight for _, weight in found)))
    rows.sort()
    return ArticleVector(
        tuple(term for _, _, term in rows),
        np.array([key for key, _, _ in rows], np.int64),
        np.array([weight for _, weight, _ in rows], np.int64),
        np.array(norms),
        None if embedding is None else whole_rows(embedding.vector),
        None if embedding is None else whole_rows(embedding.title_vector),
    )


def part_norms(keys: Keys, weights: Weights) -> list[float]:
    """The lengths of the parts of a table of terms, in the order of PARTS."""
    parts, squares = keys & PART_MASK, weights * weights
    return [math.sqrt(int(squares[parts == number].sum())) for number in range(len(PARTS))]


def whole_rows(rows: Dense) -> Weights:
    """Embeddings, or sums of them, as whole numbers."""
    return np.rint(rows.astype(np.float64) * SCALE).astype(np.int64)


def heaviest(keys: Keys, weights: Weights, most: int) -> NDArray[np.intp]:
    """The places of the heaviest, ties by the key."""
    return np.lexsort((keys, -weights))[:most]


def _unit(counts: Mapping[str, int], idf: Mapping[str, float], most: int) -> list[tuple[str, int]]:
    weights = [(term, (1 + math.log(count)) * idf[term]) for term, count in counts.items()]
    if len(weights) > most:
        weights = sorted(weights, key=lambda item: (-item[1], item[0]))[:most]
    norm = math.sqrt(math.fsum(weight * weight for _, weight in weights))
    whole = [(term, round(weight / norm * SCALE)) for term, weight in weights] if norm else []
    return [(term, weight) for term, weight in whole if weight]


def _added(held: Dense | None, new: Weights | None) -> Dense | None:
    """The sum; exact as long as no component passes 256."""
    if new is None:
        return held
    more = (new / SCALE).astype(np.float32)
    return more if held is None else held + more


def _sums(weights: Weights, starts: NDArray[np.intp]) -> Weights:
    if not len(starts):
        return _NO_WEIGHTS
    return np.minimum(np.add.reduceat(weights, starts), _HEAVIEST)


def _heaviest_of_parts(keys: Keys, weights: Weights) -> tuple[Keys, Weights]:
    """The table without the lightest terms of parts that have too many."""
    parts = keys & PART_MASK
    keep = np.ones(len(keys), np.bool_)
    for number, part in enumerate(PARTS):
        places = np.flatnonzero(parts == number)
        most = MOST_EVENT_TERMS[part]
        if len(places) > most:
            keep[places] = False
            keep[places[heaviest(keys[places], weights[places], most)]] = True
    return keys[keep], weights[keep]
