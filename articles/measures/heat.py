"""Rule: whether an entity is named more or less than is usual for it on these weekdays, or too seldom to say.

The days of a span are compared with the same weekdays of the weeks before it:

- A week is left out when the desk as a whole had less than a quarter of the articles of the last seven days (a desk that has
  just begun, or whose sources have grown, says nothing about a single name). At least `LEAST_WEEKS` must remain.
- What is usual is the midmean of the weeks (Tukey 1977: the mean of the middle half), so that one loud week does not
  hide the next; today counts with the part of a day's articles that is usually in by this hour.
- The score is Anscombe's (1948): 2 (sqrt(n + 3/8) - sqrt(usual + 3/8)), which for Poisson counts has a standard
  deviation of one. It is divided by sqrt(dispersion), for names come in bursts; the dispersion is the interquartile
  one of the weeks, never below one, and grows by what eight weeks cannot know.
- Below `LEAST` articles, in the span and as usual alike, there are too few to say anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import sqrt
from typing import Literal

WEEKS = 8
LEAST_WEEKS = 4
LEAST = 5
MORE, MUCH = 2.5, 5.0  # standard deviations
RATIO = 1.5  # and so many times the usual, or it is no news to anybody
QUARTER = 0.25
NORMAL_IQR = 1.349  # interquartile range of a normal distribution in standard deviations

Level = Literal["much", "more", "usual", "less", "few", "short"]


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a span (UTC), the first and the last included; `share` is how much of the last one is in, 0..1."""

    first: date
    last: date
    share: float = 1.0

    @property
    def before(self) -> date:
        """The first day of the weeks that the span is compared with."""
        return self.first - timedelta(weeks=WEEKS)


@dataclass(frozen=True, slots=True)
class Heat:
    """How unusual a count is. `usual` and `score` mean nothing when the level is "few" or "short"."""

    n: int
    usual: float
    score: float
    level: Level
    weeks: int

    @property
    def ratio(self) -> float:
        """How many times the usual; 0 when the usual is nothing."""
        return self.n / self.usual if self.usual else 0.0


def weeks_of(days: Days, totals: Mapping[date, int]) -> tuple[int, ...]:
    """Which weeks before the span (1 is the nearest) the desk had enough articles in to compare with.

    `totals` are the desk's articles by day; whole weeks are compared with the last seven days.
    """

    def in_week(first: date) -> int:
        return sum(totals.get(first + timedelta(days=place), 0) for place in range(7))

    now = in_week(days.last - timedelta(days=6))
    weeks = [(week, in_week(days.first - timedelta(weeks=week))) for week in range(1, WEEKS + 1)]
    return tuple(week for week, n in weeks if n and n >= QUARTER * now)


def heat_of(counts: Mapping[date, int], days: Days, weeks: Sequence[int]) -> Heat:
    """The heat of one entity from its articles by day; `weeks` comes from `weeks_of`."""
    n = sum(counts.get(day, 0) for day in _span(days))
    if len(weeks) < LEAST_WEEKS:
        return Heat(n, 0.0, 0.0, "short", len(weeks))
    expected = sorted(_weighted(days, week, counts) for week in weeks)
    usual = _midmean(expected)
    if n < LEAST and usual < LEAST:
        return Heat(n, usual, 0.0, "few", len(weeks))
    length = len(_span(days))
    doubt = 1 + max(1.0, length / 7) / len(weeks)
    dispersion = _dispersion([_plain(days, week, counts) for week in weeks]) * doubt
    score = 2 * (sqrt(n + 3 / 8) - sqrt(usual + 3 / 8)) / sqrt(dispersion)
    return Heat(n, usual, score, _level(n, usual, score), len(weeks))


def usual_by_day(counts: Mapping[date, int], days: Days, weeks: Sequence[int]) -> dict[date, float]:
    """What is usual on each day of the span by its weekday, a whole day each; empty when too few weeks are known."""
    if len(weeks) < LEAST_WEEKS:
        return {}
    return {
        day: _midmean(sorted(float(counts.get(_weekday_before(days, day, week), 0)) for week in weeks))
        for day in _span(days)
    }


def _level(n: int, usual: float, score: float) -> Level:
    if score >= MUCH and n >= 2 * usual:
        return "much"
    if score >= MORE and n >= RATIO * usual:
        return "more"
    if score <= -MORE and n * RATIO <= usual:
        return "less"
    return "usual"


def _span(days: Days) -> list[date]:
    return [days.first + timedelta(days=place) for place in range((days.last - days.first).days + 1)]


def _weekday_before(days: Days, day: date, week: int) -> date:
    """The same weekday as a day of the span in a week before it; week 1 ends the day before the span."""
    return day - timedelta(weeks=(day - days.first).days // 7 + week)


@lru_cache(maxsize=64)
def _weekdays_before(days: Days, week: int) -> tuple[date, ...]:
    """Those of all days of the span, in their order: the same for every entity of a page."""
    return tuple(_weekday_before(days, day, week) for day in _span(days))


@lru_cache(maxsize=64)
def _days_of(days: Days, week: int) -> tuple[date, ...]:
    """The days of a week that its weekdays fall on, each once."""
    return tuple(dict.fromkeys(_weekdays_before(days, week)))


def _weighted(days: Days, week: int, counts: Mapping[date, int]) -> float:
    """What the span would have if each of its days were like that weekday of the week; of the last day only its share."""
    before = _weekdays_before(days, week)
    whole = sum(counts.get(day, 0) for day in before)
    return whole - counts.get(before[-1], 0) * (1.0 - days.share)


def _plain(days: Days, week: int, counts: Mapping[date, int]) -> int:
    """The articles of the week on the weekdays of the span, each once."""
    return sum(counts.get(day, 0) for day in _days_of(days, week))


def _midmean(values: Sequence[float]) -> float:
    cut = len(values) // 4
    middle = values[cut : len(values) - cut]
    return sum(middle) / len(middle)


def _dispersion(values: Sequence[int]) -> float:
    """Variance over mean, both from the middle of the weeks; never below that of a Poisson count, one."""
    ordered = sorted(values)
    mean = _midmean(ordered)
    if not mean:
        return 1.0
    low, high = ordered[len(ordered) // 4], ordered[-1 - len(ordered) // 4]
    return max(1.0, ((high - low) / NORMAL_IQR) ** 2 / mean)
