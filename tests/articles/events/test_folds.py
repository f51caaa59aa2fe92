"""Copies folded under their origin: what stands, what is folded, and that no row is lost."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from articles.events.folds import Folded, fold_copies


@dataclass(frozen=True)
class Told:
    """A row of a list; `group` is the copy group that it is in."""

    id: int
    group: int | None = None
    is_origin: bool = False


def folded(rows: list[Told], most: int = 25, *, folding: bool = True) -> Folded[Told]:
    return fold_copies(rows, lambda row: row.group, lambda row: row.is_origin, most=most, folding=folding)


def shape(rows: list[Told], most: int = 25) -> list[tuple[int, list[int]]]:
    """What stands and what is folded under it, by numbers."""
    return [(fold.row.id, [copy.id for copy in fold.copies]) for fold in folded(rows, most).folds]


def test_copies_stand_under_their_origin_at_its_place() -> None:
    rows = [Told(9, 1), Told(8), Told(7, 1), Told(6, 1, is_origin=True), Told(5)]
    assert shape(rows) == [(8, []), (6, [9, 7]), (5, [])]


def test_without_the_origin_the_earliest_of_them_stands() -> None:
    assert shape([Told(9, 1), Told(8), Told(7, 1)]) == [(8, []), (7, [9])]
    assert shape([Told(9, 1)]) == [(9, [])]


def test_rows_without_a_group_never_fold_even_when_a_group_has_the_number_of_their_place() -> None:
    assert shape([Told(9), Told(8, 0), Told(7), Told(6, 2)]) == [(9, []), (8, []), (7, []), (6, [])]


def test_a_page_ends_before_the_first_text_too_many_and_takes_copies_up_to_there() -> None:
    rows = [Told(9, 1), Told(8), Told(7, 1), Told(6), Told(5, 1)]
    page = folded(rows, most=2)
    assert page.taken == 3
    assert page.copies == 1
    assert shape(rows, most=2) == [(8, []), (7, [9])]


def test_nothing_is_folded_when_that_is_switched_off() -> None:
    rows = [Told(9, 1), Told(8, 1, is_origin=True)]
    page = folded(rows, folding=False)
    assert [fold.row.id for fold in page.folds] == [9, 8]
    assert page.copies == 0


@pytest.mark.parametrize("seed", range(60))
def test_every_row_is_met_once_over_the_pages_of_random_lists(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a repeatable list, no secret
    origins: set[int] = set()
    rows = []
    for number in range(draw.randrange(120), 0, -1):
        group = draw.choice([None, *range(draw.randrange(1, 12))])
        is_origin = group is not None and group not in origins and draw.random() < 0.2
        if is_origin and group is not None:
            origins.add(group)
        rows.append(Told(number, group, is_origin))
    most, met, at = draw.randrange(1, 30), [], 0
    while at < len(rows):
        page = folded(rows[at:], most)
        standing = [fold.row.id for fold in page.folds]
        assert 0 < len(standing) <= most
        assert standing == sorted(standing, reverse=True)
        for fold in page.folds:
            assert all(copy.group == fold.row.group is not None for copy in fold.copies)
            assert fold.row.is_origin or not any(copy.is_origin for copy in fold.copies)
        met += [one.id for fold in page.folds for one in (fold.row, *fold.copies)]
        assert sorted(met, reverse=True) == [row.id for row in rows[: at + page.taken]]
        at += page.taken
    assert len(met) == len(rows)
