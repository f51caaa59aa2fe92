"""Rules: which parts of two sequences are the same, in order and in bounded time.

Common beginnings and ends first; then what stands once in each of both (patience: Cohen), sought as runs of several
words before single ones, for a run is hardly ever shared by chance; then, where little is left, the longest common
subsequence. Each step takes from one purse: when it is empty, what is not yet aligned counts as different. So the time
is bounded whatever the texts, and no part is ever aligned wrongly: at worst less is found to be the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

RUNS = (4, 2, 1)  # lengths of the runs that are sought
MOST_CELLS = 40_000  # of a table of the longest common subsequence
PURSE = 2_000_000  # steps that one alignment may take: about a second
Box = tuple[int, int, int, int]  # from and to before, from and to after


@dataclass(slots=True)
class Purse:
    """Steps that are left; several alignments may share one."""

    left: int = PURSE

    def pay(self, steps: int) -> bool:
        """Whether there were so many; if not, none is taken."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


def align(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    *,
    runs: Sequence[int] = RUNS,
    purse: Purse | None = None,
) -> list[tuple[int, int, int]]:
    """The same stretches as (place before, place after, length), in order, none touching the next on both sides."""
    purse = purse or Purse()
    pairs: list[tuple[int, int, int]] = []
    todo: list[Box] = [(0, len(before), 0, len(after))]
    while todo:
        low, high, left, right = todo.pop()
        if low == high or left == right or not purse.pay((high - low) + (right - left)):
            continue
        head, tail = _ends(before, after, (low, high, left, right))
        pairs += [(low, left, head), (high - tail, right - tail, tail)]
        low, high, left, right = low + head, high - tail, left + head, right - tail
        if low == high or left == right:
            continue
        found = _anchors(before, after, (low, high, left, right), runs, purse)
        if found:
            for i, j in found:
                todo.append((low, i, left, j))
                low, left = i + 1, j + 1
            todo.append((low, high, left, right))
        elif (cells := (high - low) * (right - left)) <= MOST_CELLS and purse.pay(cells):
            found = _longest(before, after, (low, high, left, right))
        pairs.extend((i, j, 1) for i, j in found)
    return joined(pairs)


def _ends(before: Sequence[Hashable], after: Sequence[Hashable], box: Box) -> tuple[int, int]:
    """How much both sides of a box have in common at its beginning, and of the rest at its end."""
    low, high, left, right = box
    most = min(high - low, right - left)
    head = 0
    while head < most and before[low + head] == after[left + head]:
        head += 1
    tail = 0
    while tail < most - head and before[high - tail - 1] == after[right - tail - 1]:
        tail += 1
    return head, tail


def joined(pairs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Stretches in order, those that touch on both sides as one."""
    whole: list[tuple[int, int, int]] = []
    for i, j, n in sorted(pairs):
        if not n:
            continue
        if whole:
            a, b, m = whole[-1]
            if a + m == i and b + m == j:
                whole[-1] = (a, b, m + n)
                continue
        whole.append((i, j, n))
    return whole


def _anchors(
    before: Sequence[Hashable],
    after: Sequence[Hashable],
    box: Box,
    runs: Sequence[int],
    purse: Purse,
) -> list[tuple[int, int]]:
    """Pairs of places of runs that stand once on each side of a box, the longest chain in order."""
    low, high, left, right = box
    size = (high - low) + (right - left)
    for length in runs:
        if min(high - low, right - left) < length or not purse.pay(size):
            continue
        here = _once(before, low, high, length)
        there = _once(after, left, right, length)
        both = sorted((here[run], there[run]) for run in here.keys() & there.keys())
        if both:
            return _chain(both)
    return []


def _once(words: Sequence[Hashable], low: int, high: int, length: int) -> dict[Hashable, int]:
    """Where each run that stands there but once begins."""
    places: dict[Hashable, int] = {}
    twice: set[Hashable] = set()
    for place in range(low, high - length + 1):
        run = words[place] if length == 1 else tuple(words[place : place + length])
        if run in places:
            twice.add(run)
        else:
            places[run] = place
    for run in twice:
        del places[run]
    return places


def _chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs, which rise on the left, that rises on the right too."""
    tops: list[int] = []  # the smallest right end of a chain of each length
    ends: list[int] = []  # which pair that is
    back: list[int] = []
    for place, (_, j) in enumerate(pairs):
        length = bisect_left(tops, j)
        back.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [j]
        ends[length : length + 1] = [place]
    chain = []
    place = ends[-1] if ends else -1
    while place >= 0:
        chain.append(pairs[place])
        place = back[place]
    return chain[::-1]


def _longest(before: Sequence[Hashable], after: Sequence[Hashable], box: Box) -> list[tuple[int, int]]:
    """The longest common subsequence of a small box, as pairs of places."""
    low, high, left, right = box
    width = right - left
    rows = [[0] * (width + 1)]
    for i in range(high - 1, low - 1, -1):
        word, under, row = before[i], rows[-1], [0] * (width + 1)
        for j in range(width - 1, -1, -1):
            if word == after[left + j]:
                row[j] = under[j + 1] + 1
            else:
                row[j] = max(under[j], row[j + 1])
        rows.append(row)
    rows.reverse()
    pairs = []
    i, j = 0, 0
    while i < high - low and j < width:
        if before[low + i] == after[left + j] and rows[i][j] == rows[i + 1][j + 1] + 1:
            pairs.append((low + i, left + j))
            i, j = i + 1, j + 1
        elif rows[i + 1][j] >= rows[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
