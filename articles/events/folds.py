"""Copies folded under their origin in a list: which row stands for a text, and which stand below it; pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Fold(Generic[Row]):
    """A row of a list, and the copies of its text that are folded under it, in the order of the list."""

    row: Row
    copies: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Folded(Generic[Row]):
    """Rows with their copies below them. `taken` is how many rows of the list they are: the next page begins there."""

    folds: tuple[Fold[Row], ...]
    taken: int

    @property
    def copies(self) -> int:
        """How many rows are folded away."""
        return self.taken - len(self.folds)


def fold_copies(
    rows: Sequence[Row],
    group_of: Callable[[Row], Hashable | None],
    is_origin: Callable[[Row], bool],
    *,
    most: int,
    folding: bool = True,
) -> Folded[Row]:
    """The first `most` texts of a list, newest first, each with its copies below it.

    Every row that is taken is there, and they are taken without a gap. A text stands where its origin does; when that
    is not among the rows, where the earliest of them does. Rows without a group stand for themselves.
    """
    members: dict[Hashable, list[int]] = {}
    taken = 0
    for place, row in enumerate(rows):
        group = group_of(row) if folding else None
        # A number cannot be the key of a row that stands alone: groups have numbers too.
        key: Hashable = ("row", place) if group is None else ("group", group)
        if key not in members and len(members) == most:
            break
        members.setdefault(key, []).append(place)
        taken += 1
    heads = {
        next((place for place in places if is_origin(rows[place])), places[-1]): places
        for places in members.values()
    }
    return Folded(
        tuple(
            Fold(rows[head], tuple(rows[place] for place in heads[head] if place != head))
            for head in sorted(heads)
        ),
        taken,
    )
