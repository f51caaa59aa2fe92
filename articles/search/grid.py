"""The partitions of the search table as a calendar: every machine names and bounds them alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday
LENGTH = timedelta(days=14)
KEPT = timedelta(days=400)
AHEAD = 4

TABLE = "articles_searchrow"
OLD = f"{TABLE}_old"
REST = f"{TABLE}_rest"  # the default: what fits nowhere else


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One partition of 14 days: `since` belongs to it, `until` to the next."""

    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        """The table's name: the day on which it begins (UTC)."""
        return f"{TABLE}_{self.since.astimezone(UTC):%Y%m%d}"


def cell_at(moment: datetime) -> Cell:
    """The cell in which a moment lies."""
    since = EPOCH + (moment - EPOCH) // LENGTH * LENGTH
    return Cell(since, since + LENGTH)


def cells_at(now: datetime) -> Iterator[Cell]:
    """All cells that there must be: from 400 days back to eight weeks ahead, oldest first."""
    cell, last = cell_at(now - KEPT), cell_at(now + AHEAD * LENGTH)
    while cell <= last:
        yield cell
        cell = cell_at(cell.until)


def windows(
    now: datetime, *, since: datetime | None = None, until: datetime | None = None
) -> list[datetime | None]:
    """The edges between which to look for the newest rows, newest first; None at an end is without end.

    All that is to come is one window, as is all that is older than the cells; `since` and `until` cut the rest off.
    """
    current = cell_at(now)
    edges = [cell.since for cell in cells_at(now) if cell.since <= current.since][::-1]
    inner = [edge for edge in edges if (since is None or edge > since) and (until is None or edge < until)]
    return [until, *inner, since]
