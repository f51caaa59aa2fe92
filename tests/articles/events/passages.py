"""Texts of our own by number: sentences that share no three words in a row, to be put together at will."""

from __future__ import annotations

import random

_SYLLABLES = (
    "ba",
    "den",
    "fo",
    "gri",
    "hal",
    "jo",
    "ka",
    "lun",
    "mer",
    "no",
    "pri",
    "ras",
    "sil",
    "tor",
    "ve",
)


def sentence(number: int, words: int = 14) -> str:
    """The sentence of this number: the same each time, and unlike any other."""
    chance = random.Random(number)  # noqa: S311 - texts, not secrets
    told = ["".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4))) for _ in range(words)]
    return " ".join(told).capitalize() + "."


def passage(first: int, count: int) -> str:
    """So many sentences from this number on."""
    return " ".join(sentence(number) for number in range(first, first + count))
