"""In how many articles each term stood, held compactly: millions of terms in a few bytes each; pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from articles.events.wordlist import EVERYDAY_WORDS

Keys = NDArray[np.int64]

# Frequencies start as if so many articles had been counted already. Without it the first hundred articles
# of a new desk would weigh every word alike.
PRIOR_ARTICLES = 2000
EVERYDAY_SHARE = 1 / 12
# The low bits of a key are free: whoever compares parts of a text writes the part's number there.
PART_BITS = 3
_KEY_MASK = (1 << 63) - (1 << PART_BITS)
_FRESH = 20_000  # terms that wait in a dictionary before the sorted columns take them in


@lru_cache(maxsize=1 << 16)
def term_key(term: str) -> int:
    """A number for the term, the same in every process: 60 bits of BLAKE2b, the low three bits zero.

    Of ten million terms two share a key with a chance of one in twenty thousand; they would then be counted as one.
    """
    digest = blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") & _KEY_MASK


class Frequencies:
    """In how many articles each term stood so far; grows with each placing, the same way on every replay.

    Terms are sorted numbers beside their counts (12 bytes each); those met since are in a small dictionary.
    """

    __slots__ = ("_counts", "_fresh", "_keys", "articles")

    def __init__(self, counts: Mapping[str, int] | None = None, articles: int = 0) -> None:
        self._keys: Keys = np.empty(0, np.int64)
        self._counts: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._fresh: dict[int, int] = {}
        self.articles = articles
        self.take((counts or {}).items())

    def take(self, counts: Iterable[tuple[str, int]]) -> None:
        """Add counts in bulk, such as the rows of a table; the number of articles stays."""
        keys, numbers = array("q"), array("I")
        for term, count in counts:
            keys.append(term_key.__wrapped__(term))  # each term comes once: nothing to remember
            numbers.append(count)
        if keys:
            self._take_fresh()
            self._merge(np.frombuffer(keys, np.int64), np.frombuffer(numbers, np.uint32))

    def add(self, terms: Iterable[str], articles: int = 1) -> None:
        """Count each of the (distinct) terms once."""
        self.articles += articles
        keys = np.array([term_key(term) for term in terms], np.int64)
        at, known = self._find(keys)
        self._counts[at[known]] += np.uint32(1)
        for key in keys[~known].tolist():
            self._fresh[key] = self._fresh.get(key, 0) + 1
        if len(self._fresh) >= max(_FRESH, len(self._keys) // 16):
            self._take_fresh()

    def counts(self, terms: Sequence[str]) -> list[int]:
        """In how many articles each of the terms stood."""
        keys = np.array([term_key(term) for term in terms], np.int64)
        at, known = self._find(keys)
        found = np.zeros(len(keys), np.int64)
        found[known] = self._counts[at[known]]
        if self._fresh:
            for place in np.flatnonzero(~known).tolist():
                found[place] = self._fresh.get(int(keys[place]), 0)
        counted: list[int] = found.tolist()
        return counted

    def idfs(self, terms: Sequence[str]) -> list[float]:
        """How much each term tells: the logarithm of how rare it is, never negative."""
        every = PRIOR_ARTICLES + self.articles + 1
        return [
            max(
                math.log(
                    every / ((PRIOR_ARTICLES * EVERYDAY_SHARE if term in EVERYDAY_WORDS else 0.5) + count)
                ),
                0.0,
            )
            for term, count in zip(terms, self.counts(terms), strict=True)
        ]

    def idf(self, term: str) -> float:
        """How much one term tells."""
        return self.idfs([term])[0]

    def _find(self, keys: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each key stands in the sorted column, and whether it does."""
        if not len(self._keys):
            return np.zeros(len(keys), np.intp), np.zeros(len(keys), np.bool_)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return at, self._keys[at] == keys

    def _take_fresh(self) -> None:
        fresh, self._fresh = self._fresh, {}
        keys = np.fromiter(fresh.keys(), np.int64, len(fresh))
        self._merge(keys, np.fromiter(fresh.values(), np.uint32, len(fresh)))

    def _merge(self, keys: Keys, counts: NDArray[np.uint32]) -> None:
        keys, counts = np.concatenate([self._keys, keys]), np.concatenate([self._counts, counts])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
        starts = np.flatnonzero(np.diff(keys, prepend=np.int64(-1)))
        self._keys, self._counts = keys[starts], np.add.reduceat(counts, starts, dtype=np.uint32)
