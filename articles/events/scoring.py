"""How alike an article and an event are, which event it joins, how sure that is, and why; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from articles.events.features import (
    DAY_MARK,
    FIGURE_MARK,
    NAME_MARK,
    PARTS,
    YEAR_MARK,
    LengthClass,
    Part,
)
from articles.events.live_index import Likeness
from articles.events.vectors import PART_MASK, ArticleVector, EventVector
from articles.types import Reason

ScoredPart = Part | Literal["dense", "dense_title", "size"]
Unsure = Literal["", "threshold", "runner_up"]

RULE_VERSION = "events-2"
SCORED_PARTS: tuple[ScoredPart, ...] = (*PARTS, "dense", "dense_title")


@dataclass(frozen=True, slots=True)
class Mix:
    """What each part of a comparison counts, and the least score to join.

    `expected` is what a part has by chance: less speaks against the event, but only where both have such terms at all.
    `growth` raises the likeness of words by the event's size to this power: a few words meet only a part of a large
    event's many. `size` times the logarithm of the event's size is taken off: what is alike to a sum of many articles is
    alike to much else of that kind.
    """

    weights: Mapping[ScoredPart, float]
    threshold: float
    expected: Mapping[ScoredPart, float]
    growth: float = 0.0
    size: float = 0.0
    largest: int = 20  # articles; a larger event is judged as one of so many


# Set by hand and tried on labelled streams: names and the lead tell what it is about; figures, days and years tell
# look-alikes apart; embeddings bring together what tells the same in other words. In a headline the parts hold the same
# words, and its capital letters say little about names.
_EXPECTED: Mapping[ScoredPart, float] = {"figures": 0.4, "years": 0.1}
_FULL = Mix(
    {
        "all": 0.38,
        "title": 0.07,
        "names": 0.33,
        "lead": 0.22,
        "figures": 0.18,
        "days": 0.2,
        "years": 0.13,
    },
    0.2,
    _EXPECTED,
    size=0.045,
)
_FULL_DENSE = Mix(
    {
        "all": 0.2,
        "title": 0.05,
        "names": 0.25,
        "lead": 0.2,
        "figures": 0.18,
        "days": 0.2,
        "years": 0.13,
        "dense": 0.2,
        "dense_title": 0.1,
    },
    0.27,
    _EXPECTED,
    size=0.055,
)
_HEADLINE = Mix({"all": 0.6, "title": 0.15, "names": 0.1, "lead": 0.15}, 0.18, {}, growth=0.2)
_HEADLINE_DENSE = Mix(
    {"all": 0.35, "title": 0.06, "lead": 0.1, "figures": 0.15, "dense": 0.27, "dense_title": 0.22},
    0.22,
    {"figures": 0.4},
    growth=0.15,
    size=0.01,
    largest=1_000,
)
MIXES: Mapping[LengthClass, tuple[Mix, Mix]] = {  # without embeddings on both sides, and with
    "headline": (_HEADLINE, _HEADLINE_DENSE),
    "short": (_FULL, _FULL_DENSE),
    "full": (_FULL, _FULL_DENSE),
}
# A decision so close to the bar, or to the runner-up, is one that a person had better look at.
GREY = 0.03
GREY_MARGIN = 0.03
SHOWN_TERMS = 3


@dataclass(frozen=True, slots=True)
class Score:
    """The weighted parts of a comparison, their sum (from 0 to 1) and the bar that it is held against."""

    event_id: int
    parts: Mapping[ScoredPart, float]
    total: float
    threshold: float

    @property
    def margin(self) -> float:
        """By how much it passes the bar."""
        return self.total - self.threshold


@dataclass(frozen=True, slots=True)
class Choice:
    """The event that comes first and the one that comes second."""

    best: Score | None
    runner_up: Score | None

    @property
    def joins(self) -> bool:
        """Whether the best event is alike enough."""
        return self.best is not None and self.best.margin >= 0

    @property
    def unsure(self) -> Unsure:
        """Whether a person had better look at it, and what is close."""
        if self.best is None:
            return ""
        if abs(self.best.margin) < GREY:
            return "threshold"
        is_close = self.runner_up is not None and self.best.margin - self.runner_up.margin < GREY_MARGIN
        return "runner_up" if self.joins and is_close else ""


def choose(likeness: Likeness, length: LengthClass) -> Choice:
    """The best event and the runner-up; equal scores go to the older event (the lower id)."""
    ranked = sorted(scores(likeness, length), key=lambda found: (-found.margin, found.event_id))
    return Choice(ranked[0] if ranked else None, ranked[1] if len(ranked) > 1 else None)


def scores(likeness: Likeness, length: LengthClass) -> list[Score]:
    """The score of each event: its cosines, weighed as the article's length asks for."""
    found = []
    rows = zip(
        likeness.event_ids,
        likeness.sizes,
        likeness.is_dense,
        likeness.cosines.tolist(),
        likeness.both.tolist(),
        strict=True,
    )
    for event_id, size, is_dense, cosines, both in rows:
        mix = MIXES[length][is_dense]
        growth = size**mix.growth
        parts: dict[ScoredPart, float] = {}
        for part, cosine, is_told in zip(SCORED_PARTS, cosines, both, strict=True):
            weight = mix.weights.get(part, 0.0)
            if weight and is_told:
                grown = cosine * growth if part in _GROWING else cosine
                parts[part] = weight * (min(grown, 1.0) - mix.expected.get(part, 0.0))
        if mix.size and size > 1:
            parts["size"] = -mix.size * math.log(min(size, mix.largest))
        total = min(max(math.fsum(parts.values()), 0.0), 1.0)
        found.append(Score(event_id, parts, total, mix.threshold))
    return found


def explain(
    best: Score, vector: ArticleVector, event: EventVector, labels: Mapping[str, str]
) -> tuple[Reason, ...]:
    """The parts of a score in words, the weightiest first; parts that added nothing are left out."""
    reasons = []
    shared = _shared_terms(vector, event)
    for part, weight in sorted(best.parts.items(), key=lambda item: (-item[1], item[0])):
        terms = shared.get(part, [])
        shown = [labels.get(term, term.lstrip(_MARKS)) for term in terms[:SHOWN_TERMS]]
        figure = round(weight, 4)
        if part in _ALIKE:
            if figure > 0:
                reasons.append(Reason(part, _ALIKE[part], figure))
        elif shown and figure > 0:
            reasons.append(Reason(part, _WORDS[part](shown), figure))
        elif figure < 0 and part in _AGAINST:
            reasons.append(Reason(part, _AGAINST[part], figure))
    return tuple(reasons)


def _shared_terms(vector: ArticleVector, event: EventVector) -> Mapping[str, list[str]]:
    """The terms of each part that both have, those that add most first."""
    _, mine, theirs = np.intersect1d(vector.keys, event.keys, assume_unique=True, return_indices=True)
    shared: dict[str, list[tuple[int, str]]] = {}
    for at, other in zip(mine.tolist(), theirs.tolist(), strict=True):
        part = PARTS[int(vector.keys[at]) & PART_MASK]
        product = int(vector.weights[at]) * int(event.weights[other])
        shared.setdefault(part, []).append((-product, vector.terms[at]))
    return {part: [term for _, term in sorted(found)] for part, found in shared.items()}


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


_GROWING = frozenset({"all", "title", "names", "lead"})
_MARKS = NAME_MARK + FIGURE_MARK + DAY_MARK + YEAR_MARK
_WORDS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "names": lambda words: f"shares {_listed(words)}",
    "lead": lambda words: f"same lead words: {', '.join(words)}",
    "title": lambda words: f"same headline words: {', '.join(words)}",
    "all": lambda words: f"same words in the text: {', '.join(words)}",
    "figures": lambda words: f"same figures: {', '.join(words)}",
    "days": lambda words: f"names the same days: {', '.join(words)}",
    "years": lambda words: f"names the same years: {', '.join(words)}",
}
_ALIKE: Mapping[str, str] = {"dense": "reads alike", "dense_title": "the headline reads alike"}
_AGAINST: Mapping[str, str] = {
    "figures": "names other figures",
    "days": "names other days",
    "years": "names other years",
    "size": "a large event asks for more",
}
