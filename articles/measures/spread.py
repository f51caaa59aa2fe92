"""Rule: where the articles of an event stand on a line of time, a row for each publisher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from articles.measures.independence import Teller

ROW = 22
MOST_ROWS = 12
MOST_TICKS = {True: 3, False: 6}  # on a narrow and a wide drawing
# Steps that a line of time may be cut in, the shortest first.
STEPS = (
    *(timedelta(minutes=minutes) for minutes in (5, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 3, 7, 14, 30, 90, 365)),
)


@dataclass(frozen=True, slots=True)
class Dot:
    """One article: its middle, and whether it repeats another."""

    article: int
    x: float
    at: datetime
    repeats: bool


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """A publisher's articles; `y` is the middle of the row, the line runs from the first dot to the last."""

    name: str
    y: int
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """The drawing in pixels: rows, the ticks of the line of time, and where names end."""

    width: int
    height: int
    left: int
    rows: tuple[SpreadRow, ...]
    ticks: tuple[tuple[float, datetime], ...]
    by_day: bool  # whether the ticks are whole days
    more: int  # publishers that are not drawn


def spread_of(tellers: Sequence[Teller], width: int, left: int, *, narrow: bool = False) -> Spread:
    """The drawing of an event's publishers, those that came first; the ticks are cut from the first article's midnight.

    Times keep their zone: give them in the reader's.
    """
    drawn = tellers[:MOST_ROWS]
    moments = [at for teller in drawn for _, at, _ in teller.tellings]
    first, last = (min(moments), max(moments)) if moments else (None, None)
    right = width - 8
    span = (last - first).total_seconds() if first and last else 0.0

    def across(at: datetime) -> float:
        past = (at - first).total_seconds() if first else 0.0
        return round(left + 6 + (right - left - 6) * (past / span if span else 0.0), 1)

    rows = tuple(
        SpreadRow(
            teller.name,
            place * ROW + ROW // 2,
            tuple(Dot(article, across(at), at, repeats) for article, at, repeats in teller.tellings),
        )
        for place, teller in enumerate(drawn)
    )
    step = next((step for step in STEPS if span / step.total_seconds() <= MOST_TICKS[narrow]), STEPS[-1])
    ticks = [] if first is None or last is None else _ticks(first, last, step)
    return Spread(
        width,
        len(drawn) * ROW + 20,
        left,
        rows,
        tuple((across(at), at) for at in ticks),
        step >= timedelta(days=1),
        len(tellers) - len(drawn),
    )


def _ticks(first: datetime, last: datetime, step: timedelta) -> list[datetime]:
    at = first.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while at <= last:
        if at >= first:
            found.append(at)
        at += step
    return found
