"""Links between events: names and reading together, later after earlier, few, and never what was refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from articles.events.storylines import BAR, MOST_LINKS, Chapter, rarity, relate, suggest

START = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = {"1": 3.0, "2": 2.0, "3": 1.0}
LABELS = {"1": "CSIA", "2": "SIA", "3": "SMIC"}


def chapter(
    event_id: int,
    day: float,
    names: dict[str, float] | None = None,
    angle: float | None = 0.0,
    *,
    days: float = 2.0,
) -> Chapter:
    """An event that begins on a day; `angle` (radians) is how it reads, None when nobody knows."""
    first = START + timedelta(days=day)
    dense = None if angle is None else np.array([np.cos(angle), np.sin(angle)], np.float32) * 3
    return Chapter(event_id, first, first + timedelta(days=days), names or NAMES, LABELS, dense)


def test_it_links_what_speaks_of_the_same_and_reads_alike_whatever_lies_between() -> None:
    made = relate(chapter(8, 400), chapter(5, 0, angle=0.3))
    assert made is not None
    assert (made.earlier, made.later) == (5, 8)
    assert made.score == pytest.approx(0.5 + 0.5 * np.cos(0.3), abs=1e-3)
    assert [reason.words for reason in made.why] == [
        "both speak of CSIA, SIA and SMIC",
        "they read alike",
        "it began 400 days later",
    ]


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("it reads otherwise", chapter(5, 0, angle=1.5)),
        ("the names are others", chapter(5, 0, {"7": 3.0, "8": 2.0})),
        ("one shared name is too little", chapter(5, 0, {"1": 3.0})),
        ("they began on one day", chapter(5, 29.5)),
        ("the earlier one went on longer", chapter(5, 0, days=60)),
        (
            "nobody knows how it reads, and the names are too few",
            chapter(5, 0, {"1": 1.0, "2": 3, "9": 5}, None),
        ),
    ],
)
def test_it_links_nothing_else(why: str, other: Chapter) -> None:
    assert relate(chapter(8, 30), other) is None, why


def test_names_alone_must_say_much() -> None:
    made = relate(chapter(8, 30), chapter(5, 0, angle=None))
    assert made is not None
    assert [reason.code for reason in made.why] == ["names", "time"]
    assert made.score == pytest.approx(1.0)


def test_it_suggests_the_best_few_of_each_side_and_none_that_was_refused() -> None:
    earlier = [chapter(number, number, angle=0.1 * number) for number in range(1, 7)]
    later = [chapter(number, number * 10, angle=0.1 * (number - 20)) for number in range(21, 25)]
    made = suggest(chapter(15, 100), [*earlier, *later], refused=[1])
    assert [(one.earlier, one.later) for one in made] == [
        (2, 15),
        (3, 15),
        (4, 15),
        (15, 21),
        (15, 22),
        (15, 23),
    ]
    assert len(made) == 2 * MOST_LINKS
    assert all(one.score >= BAR for one in made)
    assert suggest(chapter(15, 100), [chapter(15, 0)]) == []


def test_what_everybody_speaks_of_tells_nothing() -> None:
    assert rarity(3, 1000) > rarity(300, 1000) > 0
    assert rarity(1000, 1000) < 0.001
