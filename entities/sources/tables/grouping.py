"""Lines of one table that speak of one company become one company; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from entities.names import fold
from entities.sources.tables.rows import EntityRow


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one entity that is not known yet, in the order of the table."""

    rows: tuple[EntityRow, ...]

    @property
    def first(self) -> EntityRow:
        """The row that names it: the first with a country, else the first."""
        return next((row for row in self.rows if row.country), self.rows[0])


def group_rows(rows: Iterable[EntityRow]) -> Iterator[Group]:
    """Join rows that share a number, an ISIN, a class of shares (FIGI), or the whole name and the country.

    A name without its legal form joins nobody: a group and its bank may share it.
    """
    held: dict[tuple[str, ...], int] = {}
    parents: list[int] = []
    every = list(rows)
    for number, row in enumerate(every):
        parents.append(number)
        for key in _keys(row):
            other = held.setdefault(key, number)
            if other != number:
                _join(parents, other, number)
    members: dict[int, list[EntityRow]] = {}
    for number, row in enumerate(every):
        members.setdefault(_root(parents, number), []).append(row)
    yield from (Group(tuple(rows)) for rows in members.values())


def without_doubles(
    groups: Iterable[Group], forms: Callable[[str], tuple[str, str]]
) -> tuple[list[Group], list[Group]]:
    """(groups that can be added at once, groups that wait until those are known).

    A group that only a name speaks for waits when another one of its kind bears that name, whatever the country: held
    against an entity that is known by then, it is that one, or contradicts it. `forms` folds a name, whole and without
    its legal form.
    """
    ready: list[Group] = []
    waiting: list[Group] = []
    borne: set[tuple[str, str]] = set()
    told = [(group, any(row.is_proved for row in group.rows)) for group in groups]
    for group, is_proved in sorted(told, key=lambda one: not one[1]):
        names = {(row.kind, form) for row in group.rows for form in forms(row.name) if form}
        if is_proved or names.isdisjoint(borne):
            ready.append(group)
            borne |= names
        else:
            waiting.append(group)
    return ready, waiting


def _keys(row: EntityRow) -> Iterator[tuple[str, ...]]:
    yield from row.identifiers
    if row.line is not None:
        yield "line", row.line.mic, row.line.ticker
    yield from security_keys(row)
    if row.country:
        yield "name", row.kind, fold(row.name), row.country


def security_keys(row: EntityRow) -> Iterator[tuple[str, ...]]:
    """What a row shares with other lines of the same security."""
    # The tables give some ISINs to two companies: of different countries they are not one.
    if row.line is not None and row.line.isin:
        yield "isin", row.line.isin, row.country
    if row.line is not None and row.line.share_class:
        yield "class", row.line.share_class, row.country


def _root(parents: Sequence[int], number: int) -> int:
    while parents[number] != number:
        number = parents[number]
    return number


def _join(parents: list[int], left: int, right: int) -> None:
    one, other = _root(parents, left), _root(parents, right)
    first, last = min(one, other), max(one, other)
    parents[last] = first
    # Keep the ways short: a register has hundreds of thousands of rows.
    for start in (left, right):
        at = start
        while parents[at] != first:
            parents[at], at = first, parents[at]
