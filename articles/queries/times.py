"""The one time range of a page and the equal pieces that its small charts are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from articles.search.language import RANGES

# Pieces of a range: 24 hours, 14 half days, 30 days, 52 weeks and a day at the start.
PIECES = {
    "24h": timedelta(hours=1),
    "7d": timedelta(hours=12),
    "30d": timedelta(days=1),
    "1y": timedelta(days=365) / 52,
}
WORDS = {"24h": "24 h", "7d": "7 d", "30d": "30 d", "1y": "1 y"}
SPOKEN = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "1y": "year"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its figure, where it leads, how it reads aloud and on the axis, and what is usual."""

    n: int
    href: str
    words: str
    tick: str
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A lettered mark over a bar of a chart, by the bar's place; the words and the link stand below the chart."""

    letter: str
    place: int
    words: str
    href: str
    day: date


@dataclass(frozen=True, slots=True)
class Range:
    """A span that ends now. `pieces` equal parts of it, oldest first, make a sparkline that sums to its figure."""

    code: str
    since: datetime
    until: datetime

    @property
    def spoken(self) -> str:
        """The span in words, as after "in the last"."""
        return SPOKEN[self.code]

    @property
    def pieces(self) -> int:
        """How many bars a chart of this range has."""
        return round(RANGES[self.code] / PIECES[self.code])

    @property
    def seconds(self) -> float:
        """The length of one piece."""
        return PIECES[self.code].total_seconds()


def read_range(code: str, now: datetime, default: str = "24h") -> Range:
    """The range of `?range=`; what is unknown is the default."""
    known = code if code in RANGES else default
    return Range(known, now - RANGES[known], now)


def fill(pieces: int, counted: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """(piece, count) pairs as one tuple with the gaps filled by 0; pieces beyond the ends count to them."""
    values = [0] * pieces
    for place, n in counted:
        values[min(pieces - 1, max(0, place))] += n
    return tuple(values)
