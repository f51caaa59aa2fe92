"""When a host is left alone, and for whose sake."""

from __future__ import annotations

import pytest

from articles.ingest.turns import (
    PAUSE,
    REFUSED,
    REFUSED_ONCE,
    SILENT,
    Course,
    Pause,
    Turns,
    after_answer,
    deferred_seconds,
    host_names,
    pause_after,
)
from articles.types import FailureKind, FetchFailure, FetchResult

OK = FetchResult("u", "u", 200, {}, b"", "", 0.1)


def _failure(kind: FailureKind = "http", status: int | None = None, wait: int | None = None) -> FetchFailure:
    return FetchFailure("u", kind, "words", status, wait)


def _course(*answers: object) -> Course:
    course = Course()
    for answer in answers:
        course = after_answer(course, answer)
    return course


BUSY = _failure(status=429, wait=600)
DOWN = _failure(status=503)
SILENCE = _failure("timeout")


@pytest.mark.parametrize(
    ("answers", "pause"),
    [
        ([OK], Pause(1.0, PAUSE)),
        ([OK, BUSY], Pause(1.0, REFUSED_ONCE)),
        ([BUSY, OK], Pause(1.0, PAUSE)),
        ([BUSY, BUSY], Pause(600.0, REFUSED)),
        ([BUSY, DOWN], Pause(60.0, REFUSED)),
        ([DOWN, BUSY], Pause(600.0, REFUSED)),
        ([BUSY, _failure(status=404), BUSY], Pause(1.0, REFUSED_ONCE)),
        ([_failure(status=500), _failure(status=500)], Pause(1.0, PAUSE)),
        ([SILENCE], Pause(1.0, PAUSE)),
        ([SILENCE, _failure("connect")], Pause(60.0, SILENT)),
        ([SILENCE, BUSY], Pause(1.0, REFUSED_ONCE)),
        ([_failure("refused_address"), _failure("refused_address")], Pause(1.0, PAUSE)),
    ],
)
def test_a_host_is_left_alone_when_it_says_so_twice_and_not_for_one_address(
    answers: list[object], pause: Pause
) -> None:
    assert pause_after(_course(*answers), 1.0) == pause


def test_politeness_is_never_shortened_by_what_a_host_asks_for() -> None:
    assert pause_after(_course(DOWN, DOWN), 300.0).seconds == 300.0


def test_the_memory_of_a_refusal_makes_the_next_one_count() -> None:
    turns = Turns(wary=frozenset({"a.example"}))
    assert pause_after(after_answer(turns.begin("a.example"), BUSY), 1.0) == Pause(600.0, REFUSED)
    assert pause_after(after_answer(turns.begin("a.example"), OK), 1.0) == Pause(1.0, PAUSE)
    assert pause_after(after_answer(turns.begin("b.example"), BUSY), 1.0) == Pause(1.0, REFUSED_ONCE)
    # A host that was not asked keeps its memory.
    assert pause_after(turns.begin("a.example"), 0.0) == Pause(0.0, REFUSED_ONCE)


def test_of_two_pauses_the_one_that_ends_later_counts() -> None:
    turns = Turns()
    turns.leave("a.example", Pause(60.0, SILENT), at=100.0)
    turns.leave("a.example", Pause(1.0, PAUSE), at=110.0)
    assert turns.pauses["a.example"] == (100.0, Pause(60.0, SILENT))
    turns.leave("a.example", Pause(60.0, REFUSED), at=110.0)
    assert turns.pauses["a.example"] == (110.0, Pause(60.0, REFUSED))


def test_what_is_put_off_comes_back_one_pause_after_the_other() -> None:
    assert [deferred_seconds(10.0, 2.0, place) for place in range(3)] == [12.0, 14.0, 16.0]


def test_names_are_kept_once_in_order_and_within_their_column() -> None:
    assert host_names(["b", "a", "b", "", "c" * 300]) == ["a", "b", "c" * 255]
