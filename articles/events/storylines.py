"""Whether an event came out of an earlier one, however long ago, and why one may think so; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from articles.types import Reason

RULE_VERSION = "storylines-1"
# What is told at the same time is beside each other, not after each other.
LEAST_APART = timedelta(days=1)
MOST_LINKS = 3  # suggestions for the earlier side of one event
SHOWN_NAMES = 3
# Set by hand on stories that were cut in two, against the look-alike events beside them: stricter than placing, for
# nothing holds the two together but what they say. Names alone must say much more.
NAMES_WEIGHT, DENSE_WEIGHT = 0.5, 0.5
BAR, BAR_OF_NAMES = 0.58, 0.5
LEAST_NAMES = 0.25  # cosine of the names
LEAST_SHARED = 2  # names


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """An event as storylines compare it.

    `names` maps whom its articles name to a weight: the share of the articles times how rarely the desk hears the
    name (`rarity`). `dense` is any multiple of the mean of its articles' embeddings; None when there is none.
    """

    event_id: int
    first_at: datetime
    last_at: datetime
    names: Mapping[str, float]
    labels: Mapping[str, str] = field(default_factory=dict)
    dense: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """That one event may have come out of another."""

    earlier: int
    later: int
    score: float
    why: tuple[Reason, ...]


def rarity(articles_with: int, articles: int) -> float:
    """How much a name tells: the logarithm of how rare it is among the articles of the desk, never negative."""
    return max(math.log((articles + 1) / (articles_with + 0.5)), 0.0)


def relate(one: Chapter, other: Chapter) -> Suggestion | None:
    """The link from the earlier of two events to the later; None when they say too little of the same.

    The later one began after the earlier one, and went on after it.
    """
    earlier, later = sorted((one, other), key=lambda chapter: (chapter.first_at, chapter.event_id))
    if later.first_at - earlier.first_at < LEAST_APART or later.last_at <= earlier.last_at:
        return None
    shared = _shared(earlier, later)
    names = _cosine(earlier.names, later.names)
    if len(shared) < LEAST_SHARED or names < LEAST_NAMES:
        return None
    reads = _likeness(earlier.dense, later.dense)
    score = names if reads is None else NAMES_WEIGHT * names + DENSE_WEIGHT * reads
    if score < (BAR_OF_NAMES if reads is None else BAR):
        return None
    labels = {**earlier.labels, **later.labels}
    why = [
        Reason("names", f"both speak of {_listed([labels.get(key, key) for key in shared])}", round(names, 4))
    ]
    if reads is not None:
        why.append(Reason("dense", "they read alike", round(reads, 4)))
    days = max((later.first_at - earlier.first_at).days, 1)
    why.append(Reason("time", f"it began {days} day{'' if days == 1 else 's'} later", 0.0))
    return Suggestion(earlier.event_id, later.event_id, round(score, 4), tuple(why))


def suggest(chapter: Chapter, others: Iterable[Chapter], refused: Iterable[int] = ()) -> list[Suggestion]:
    """The links between an event and others, the best first: few to earlier ones, few to later ones.

    Those that a person refused, or decided otherwise, are left out.
    """
    left_out = set(refused) | {chapter.event_id}
    found = [
        made
        for other in others
        if other.event_id not in left_out and (made := relate(chapter, other)) is not None
    ]
    found.sort(key=lambda made: (-made.score, made.earlier, made.later))
    earlier = [made for made in found if made.later == chapter.event_id]
    later = [made for made in found if made.earlier == chapter.event_id]
    return [*earlier[:MOST_LINKS], *later[:MOST_LINKS]]


def _shared(one: Chapter, other: Chapter) -> list[str]:
    """The names of both, those that weigh most first, as many as are shown; more than that need not be told."""
    both = [(one.names[key] * other.names[key], key) for key in one.names if other.names.get(key, 0.0) > 0]
    return [key for weight, key in sorted(both, key=lambda pair: (-pair[0], pair[1])) if weight > 0][
        :SHOWN_NAMES
    ]


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = math.fsum(weight * other[key] for key, weight in one.items() if key in other)
    norms = math.sqrt(math.fsum(w * w for w in one.values())) * math.sqrt(
        math.fsum(w * w for w in other.values())
    )
    return dot / norms if norms else 0.0


def _likeness(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> float | None:
    """Cosine of two embeddings; None when one is missing."""
    if one is None or other is None:
        return None
    norms = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.dot(one, other)) / norms if norms else None


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
