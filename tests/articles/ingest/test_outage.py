"""Whose fault it is when sources do not answer."""

from __future__ import annotations

from articles.ingest.outage import PublicVisit, silenced_by_us


def visits(silent: int, answering: int = 0, *, was_well: bool = True) -> list[PublicVisit]:
    """Sources on hosts of their own; the silent ones first."""
    return [
        PublicVisit(number, f"paper-{number}.example", is_silent=number < silent, was_well=was_well)
        for number in range(silent + answering)
    ]


def test_when_none_of_several_hosts_answers_it_is_us() -> None:
    assert silenced_by_us(visits(3), is_silent_already=False) == {0, 1, 2}


def test_two_silent_hosts_prove_nothing_unless_all_was_silent_before() -> None:
    assert silenced_by_us(visits(2), is_silent_already=False) == set()
    assert silenced_by_us(visits(1), is_silent_already=True) == {0}


def test_many_sources_of_one_host_are_one_witness() -> None:
    one_host = [PublicVisit(number, "paper.example", is_silent=True, was_well=True) for number in range(9)]
    assert silenced_by_us(one_host, is_silent_already=False) == set()


def test_sources_that_had_failed_before_prove_nothing() -> None:
    assert silenced_by_us(visits(8, was_well=False), is_silent_already=False) == set()


def test_one_answer_is_enough_to_blame_a_few() -> None:
    assert silenced_by_us(visits(5, 1), is_silent_already=False) == set()


def test_when_nearly_all_of_many_fall_silent_at_once_it_is_us() -> None:
    assert silenced_by_us(visits(27, 3), is_silent_already=False) == set(range(27))
    assert silenced_by_us(visits(24, 6), is_silent_already=False) == set()


def test_when_all_answer_nobody_is_silent() -> None:
    assert silenced_by_us(visits(0, 5), is_silent_already=True) == set()
    assert silenced_by_us([], is_silent_already=True) == set()
