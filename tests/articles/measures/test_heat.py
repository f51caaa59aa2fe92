"""Heat: against the same weekdays of the weeks before, robust, and honest about what it cannot say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from articles.measures.heat import Days, heat_of, usual_by_day, weeks_of

TODAY = date(2026, 11, 20)  # a Friday
ALL = tuple(range(1, 9))


def each_day(n: int, days: int = 80) -> dict[date, int]:
    """The same count on each of the last days, today included."""
    return {TODAY - timedelta(days=back): n for back in range(days)}


def span(days: int, share: float = 1.0) -> Days:
    return Days(TODAY - timedelta(days=days - 1), TODAY, share)


@pytest.mark.parametrize(
    ("n", "level"),
    [(0, "less"), (3, "less"), (6, "usual"), (10, "usual"), (14, "usual"), (21, "more"), (40, "much")],
)
def test_a_count_is_told_by_its_distance_from_the_usual(n: int, level: str) -> None:
    heat = heat_of(each_day(10) | {TODAY: n}, span(1), ALL)
    assert (heat.level, heat.n, heat.usual) == (level, n, 10)


def test_weekdays_are_compared_with_themselves() -> None:
    quiet = {
        TODAY - timedelta(days=back): 30 if (TODAY - timedelta(days=back)).weekday() < 5 else 2
        for back in range(80)
    }
    sunday = TODAY + timedelta(days=2)
    assert heat_of(quiet | {sunday: 2}, Days(sunday, sunday), ALL).level == "few"
    assert heat_of(quiet | {sunday: 30}, Days(sunday, sunday), ALL).level == "much"
    assert heat_of(quiet, span(1), ALL).level == "usual"
    assert usual_by_day(quiet, Days(TODAY, sunday), ALL) == {
        TODAY: 30,
        TODAY + timedelta(days=1): 2,
        sunday: 2,
    }


@pytest.mark.parametrize("days", [1, 7, 30])
def test_what_is_steady_is_usual_whatever_the_span(days: int) -> None:
    heat = heat_of(each_day(6, 90), span(days), ALL)
    assert (heat.n, heat.usual, heat.level) == (6 * days, 6 * days, "usual")


def test_one_loud_week_does_not_hide_the_next() -> None:
    counts = each_day(4) | {TODAY - timedelta(weeks=2): 90}
    assert heat_of(counts | {TODAY: 24}, span(1), ALL).level == "much"


def test_bursts_that_are_usual_are_no_news() -> None:
    weekly = [2, 30, 4, 28, 1, 33, 3, 26]
    counts = {TODAY - timedelta(weeks=week): n for week, n in enumerate(weekly, 1)}
    steady = {TODAY - timedelta(weeks=week): 16 for week in range(1, 9)}
    assert heat_of(steady | {TODAY: 32}, span(1), ALL).level == "more"
    assert heat_of(counts | {TODAY: 32}, span(1), ALL).level == "usual"


def test_a_day_that_has_just_begun_is_compared_with_its_part() -> None:
    counts = each_day(20) | {TODAY: 5}
    assert heat_of(counts, span(1, share=0.25), ALL).level == "usual"
    assert heat_of(counts, span(1), ALL).level == "less"


@pytest.mark.parametrize(
    ("n", "past", "level"), [(4, 0, "few"), (4, 4, "few"), (6, 0, "more"), (12, 0, "much")]
)
def test_below_five_articles_it_says_nothing(n: int, past: int, level: str) -> None:
    heat = heat_of(each_day(past) | {TODAY: n}, span(1), ALL)
    assert heat.level == level
    assert heat.ratio == (n / past if past else 0)


def test_below_four_weeks_it_says_nothing() -> None:
    counts = each_day(10) | {TODAY: 90}
    assert heat_of(counts, span(1), (1, 2, 3)).level == "short"
    assert heat_of(counts, span(1), (1, 2, 3, 4)).level == "much"
    assert usual_by_day(counts, span(1), (1, 2, 3)) == {}


def test_weeks_in_which_the_desk_was_small_do_not_count() -> None:
    grown = {day: 100 if (TODAY - day).days < 29 else 10 for day in each_day(1)}
    assert weeks_of(span(1), grown) == (1, 2, 3, 4)
    assert weeks_of(span(7), grown) == (1, 2, 3)
    assert weeks_of(span(7), each_day(3)) == ALL
    assert weeks_of(span(7), {}) == ()


def test_the_score_grows_with_the_count() -> None:
    scores = [heat_of(each_day(8) | {TODAY: n}, span(1), ALL).score for n in range(60)]
    assert scores == sorted(scores)
    assert scores[0] < 0 < scores[-1]
