"""Sequences aligned: in order, never wrongly, the longest where it is cheap, and in bounded time."""

from __future__ import annotations

import random

import pytest

from articles.texts.aligning import Purse, align


def checked(before: str, after: str, **named: object) -> list[tuple[int, int, int]]:
    blocks = align(before, after, **named)  # type: ignore[arg-type]
    low = left = 0
    for i, j, n in blocks:
        assert n > 0
        assert i >= low
        assert j >= left
        assert before[i : i + n] == after[j : j + n]
        low, left = i + n, j + n
    return blocks


@pytest.mark.parametrize(
    ("before", "after", "blocks"),
    [
        ("", "", []),
        ("abc", "", []),
        ("abc", "abc", [(0, 0, 3)]),
        ("abc", "abxc", [(0, 0, 2), (2, 3, 1)]),
        ("abxc", "abc", [(0, 0, 2), (3, 2, 1)]),
        ("abc", "xyz", []),
        ("aaaa", "aa", [(0, 0, 2)]),
        ("abcdefgh", "efghabcd", [(4, 0, 4)]),
    ],
)
def test_it_finds_what_is_the_same(before: str, after: str, blocks: list[tuple[int, int, int]]) -> None:
    found = checked(before, after)
    assert found == blocks or sum(n for *_, n in found) == sum(n for *_, n in blocks)


def longest(before: str, after: str) -> int:
    row = [0] * (len(after) + 1)
    for one in before:
        last = 0
        for place, other in enumerate(after, 1):
            row[place], last = (last + 1 if one == other else max(row[place], row[place - 1])), row[place]
    return row[-1]


def test_where_nothing_stands_once_it_finds_the_longest() -> None:
    picks = random.Random(5)  # noqa: S311 - invented texts
    for _ in range(300):
        before = "".join(picks.choice("ab") for _ in range(picks.randrange(8, 20)))
        after = "".join(picks.choice("ab") for _ in range(picks.randrange(8, 20)))
        if any(text.count(sign) == 1 for text in (before, after) for sign in "ab"):
            continue
        found = sum(n for *_, n in checked(before, after, runs=()))
        assert found >= longest(before, after)


def test_it_is_right_for_many_random_sequences() -> None:
    picks = random.Random(7)  # noqa: S311 - invented texts
    for _ in range(500):
        before = "".join(picks.choice("abcdefgh ") for _ in range(picks.randrange(60)))
        after = "".join(sign for sign in before if picks.random() > 0.2) + picks.choice(["", "xyz"])
        checked(before, after)


def test_an_empty_purse_finds_less_and_never_wrong() -> None:
    before, after = "abcdefghij" * 30, "jihgfedcba" * 30
    for steps in (0, 100, 1000, 10_000):
        purse = Purse(steps)
        checked(before, after, purse=purse)
        assert 0 <= purse.left <= steps
    assert align(before, before, purse=Purse(0)) == []


def test_it_takes_no_more_steps_than_it_was_given() -> None:
    picks = random.Random(3)  # noqa: S311 - invented texts
    before = [picks.randrange(2000) for _ in range(40_000)]
    after = [picks.randrange(2000) for _ in range(40_000)]
    purse = Purse(600_000)
    short = align(before, after, purse=purse)
    assert 0 <= purse.left < 600_000
    ample = Purse(100_000_000)
    long = align(before, after, purse=ample)
    assert 100_000_000 - ample.left > 600_000, "the whole work is more than what the purse held"
    assert sum(n for *_, n in short) < sum(n for *_, n in long)
