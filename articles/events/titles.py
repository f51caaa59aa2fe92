"""Which article's headline an event carries: one that most others agree with, never a copy's; pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from articles.events.features import words_of

FEWEST_WORDS = 3
LONGEST = 120  # characters: longer ones do not fit a line of a list


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline that an event could carry."""

    key: int
    text: str
    published: datetime
    is_copy: bool = False


def choose_headline(headlines: Sequence[Headline]) -> Headline:
    """The headline whose words the others share most, measured against its length; of equals the earliest.

    Copies, headlines of a word or two and very long ones come in only when there is nothing else.
    Raises ValueError when there is none at all.
    """
    fit = [h for h in headlines if not h.is_copy and _is_fit(h.text)]
    pool = fit or [h for h in headlines if not h.is_copy] or list(headlines)
    words = {h.key: {term for term, _ in words_of(h.text)} for h in pool}
    holders = Counter(term for terms in words.values() for term in terms)

    def rank(headline: Headline) -> tuple[float, datetime, int]:
        terms = words[headline.key]
        shared = sum(holders[term] - 1 for term in terms) / math.sqrt(len(terms) or 1)
        return (-shared, headline.published, headline.key)

    return min(pool, key=rank)


def _is_fit(text: str) -> bool:
    return len(text.split()) >= FEWEST_WORDS and len(text) <= LONGEST
