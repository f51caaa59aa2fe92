"""Rule: how many times its usual an event is told of now, and how many times the day before.

Two normals stand beside its articles of the last 24 hours:

- its own: what it had a day before that, since it began (`OWN_DAYS` at most); an event younger than a day has none;
- its names': what the entities that it is mostly about usually have on these weekdays (measures.heat). Of what they have
  more than usual, no more is due to the event than it has articles.

With both, the geometric mean of the two ratios counts: a story that goes on as ever about names that are in the news
because of it is neither hot nor usual. One is added to both sides of each ratio, so that two articles after none are no
fire. Below `LEAST` articles, now and as usual alike, there are too few to say anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

LEAST = 3
OWN_DAYS = 7.0
LEAST_OWN_DAYS = 1.0
SMOOTH = 1.0
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Course:
    """An event's articles: of the last 24 hours, of the 24 before, and of the `earlier_days` days before the last 24 hours."""

    now: int
    before: int
    earlier: int = 0
    earlier_days: float = 0.0


@dataclass(frozen=True, slots=True)
class NameCourse:
    """Articles with an entity: in the last 24 hours, and usually in as long on these weekdays."""

    now: int
    usual: float


def event_heat(course: Course, names: Sequence[NameCourse] = ()) -> float | None:
    """How many times its usual; None when there is too little to say: few articles, or no normal to compare with."""
    days = min(course.earlier_days, OWN_DAYS)
    has_own = days >= LEAST_OWN_DAYS
    own_usual = course.earlier / days if has_own else 0.0
    if course.now < LEAST and own_usual < LEAST:
        return None
    ratios = []
    if has_own:
        ratios.append((course.now + SMOOTH) / (own_usual + SMOOTH))
    if names:
        parts = [
            (min(name.now, name.usual + course.now) + SMOOTH) / (name.usual + SMOOTH)
            for name in names[:MOST_NAMES]
        ]
        ratios.append(sum(parts) / len(parts))
    if not ratios:
        return None
    return round(ratios[0] if len(ratios) == 1 else sqrt(ratios[0] * ratios[1]), 3)


def event_growth(course: Course) -> float | None:
    """How many times the articles of the day before; None when both days together have too few."""
    if course.now + course.before < LEAST:
        return None
    return round((course.now + SMOOTH) / (course.before + SMOOTH), 3)
