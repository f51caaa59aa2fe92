"""Heat of an event is told against its own and its names' normal, growth against the day before; few articles say nothing."""

from __future__ import annotations

import pytest

from articles.measures.event_heat import Course, NameCourse, event_growth, event_heat


def test_with_few_articles_nothing_is_said() -> None:
    assert event_heat(Course(2, 0), [NameCourse(2, 0.1)]) is None
    assert event_growth(Course(1, 1)) is None


def test_without_any_normal_nothing_is_said() -> None:
    assert event_heat(Course(30, 0)) is None
    assert event_heat(Course(30, 0, 5, 0.5)) is None, "half a day is no normal"


def test_an_event_that_goes_on_as_ever_is_usual() -> None:
    assert event_heat(Course(10, 10, 70, 7.0)) == pytest.approx(1.0)
    assert event_heat(Course(10, 10, 70, 30.0)) == pytest.approx(1.0), "seven days are looked at"


def test_an_event_that_dies_down_is_cool() -> None:
    heat = event_heat(Course(1, 4, 70, 7.0))
    assert heat is not None
    assert heat < 0.3


def test_a_small_name_that_is_suddenly_told_of_is_hotter_than_a_great_one_with_as_many_articles() -> None:
    small = event_heat(Course(8, 0), [NameCourse(8, 0.2)])
    great = event_heat(Course(8, 0), [NameCourse(58, 50.0)])
    assert small is not None
    assert great is not None
    assert small > 5
    assert 1.0 < great < 1.3


def test_what_another_event_of_the_same_name_brings_is_not_due_to_this_one() -> None:
    alone = event_heat(Course(5, 0), [NameCourse(15, 10.0)])
    beside = event_heat(Course(5, 0), [NameCourse(90, 10.0)])
    assert alone == beside


def test_both_normals_count_alike() -> None:
    course = Course(10, 10, 70, 7.0)
    assert event_heat(course, [NameCourse(39, 9.0)]) == pytest.approx(((10 + 9 + 1) / 10) ** 0.5, abs=0.001)


def test_growth_is_against_the_day_before_and_smooth() -> None:
    assert event_growth(Course(8, 2)) == pytest.approx(3.0)
    assert event_growth(Course(5, 0)) == pytest.approx(6.0)
    assert event_growth(Course(0, 5)) == pytest.approx(0.167)
