"""What became of an article after it was published, as lists mark it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# The columns that `markers` wants, in its order; of the article itself, so a list that joins it asks nothing more.
MARKED = ("corrected_at", "headline_changed_at", "number_changed_at", "gone_at")


@dataclass(frozen=True, slots=True)
class Marker:
    """One thing that became of an article, in words, and when. `what` is what the page of versions is asked for."""

    what: Literal["headline", "number", "text", "gone"]
    words: str
    at: datetime


def markers(
    corrected_at: datetime | None,
    headline_changed_at: datetime | None,
    number_changed_at: datetime | None,
    gone_at: datetime | None,
) -> tuple[Marker, ...]:
    """The markers of an article: that it was deleted, that its headline or a number changed, else that its text did.

    A headline and a number that changed at once are one marker.
    """
    found: list[Marker] = []
    if gone_at is not None:
        found.append(Marker("gone", "deleted", gone_at))
    if headline_changed_at is not None and headline_changed_at == number_changed_at:
        found.append(Marker("headline", "headline and number changed", headline_changed_at))
    else:
        if headline_changed_at is not None:
            found.append(Marker("headline", "headline changed", headline_changed_at))
        if number_changed_at is not None:
            found.append(Marker("number", "number changed", number_changed_at))
    if corrected_at is not None and headline_changed_at is None and number_changed_at is None:
        found.append(Marker("text", "corrected", corrected_at))
    return tuple(found)
