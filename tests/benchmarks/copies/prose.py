"""Articles by number: words and phrases of our own, as unevenly common as those of news, with copies among them."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

WORDS = 60_000
PHRASES = 200_000
PUBLISHERS = 300
# Of an article's words so many stand in phrases that other articles use, the first of them far oftener than the last.
PHRASED = 0.45
PHRASE_SKEW = 0.9
WORD_SKEW = 0.8
LEAST_WORDS, MOST_WORDS = 120, 700
COPIED_EVERY = 10  # one article in so many is a copy of one shortly before it
HOT_EVERY = 200  # one in so many is a copy of the same agency's piece
HOT = 5
NEAR = 400  # articles back is what a copy copies
_LETTERS = ("ba", "ce", "di", "fo", "gu", "ha", "ki", "le", "mo", "nu", "pa", "re", "si", "to", "va", "we")


@dataclass(frozen=True, slots=True)
class Piece:
    """An article: `of` is the number of the one that it copies."""

    number: int
    publisher: int
    text: str
    of: int | None


def pieces(first: int, count: int) -> Iterator[Piece]:
    """The articles of these numbers, the same each time."""
    return map(piece, range(first, first + count))


def piece(number: int) -> Piece:
    """The article of this number."""
    chance = random.Random(number)  # noqa: S311 - prose, not secrets
    publisher = chance.randrange(PUBLISHERS)
    of = copied_by(number)
    if of is None:
        return Piece(number, publisher, _footed(_own_text(number), publisher), None)
    return Piece(number, publisher, _footed(_copy(_own_text(of), chance), publisher), of)


def copied_by(number: int) -> int | None:
    """The number of the article that this one copies."""
    if number > HOT and number % HOT_EVERY == 0:
        return HOT
    if number > NEAR and number % COPIED_EVERY == 1:
        of = number - 2 - random.Random(-number).randrange(NEAR // COPIED_EVERY) * COPIED_EVERY  # noqa: S311
        return of if copied_by(of) is None else None
    return None


def _copy(text: str, chance: random.Random) -> str:
    """A copy as papers make them: a dateline, some words changed, often cut at the end."""
    words = text.split()
    kept = words[: max(80, int(len(words) * chance.choice((1, 1, 1, 0.8, 0.6))))]
    for _ in range(len(kept) // 50):
        kept[chance.randrange(len(kept))] = _word(chance)
    return "TESSIN (Coastwire) - " + " ".join(kept)


@cache
def _footer(publisher: int) -> str:
    chance = random.Random(f"footer {publisher}")  # noqa: S311
    return " ".join(_word(chance) for _ in range(30))


def _footed(text: str, publisher: int) -> str:
    return f"{text}\n\n{_footer(publisher)}"


def _own_text(number: int) -> str:
    chance = random.Random(f"text {number}")  # noqa: S311
    wanted = chance.randint(LEAST_WORDS, MOST_WORDS)
    told: list[str] = []
    while len(told) < wanted:
        if chance.random() < PHRASED / 2.2:  # a phrase has four or five words
            told += _phrase(_rank(chance, PHRASES, PHRASE_SKEW))
        else:
            told += [_word(chance) for _ in range(3)]
    return " ".join(told)


@cache
def _steps(count: int, skew: float) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 1) ** skew for rank in range(count)))


def _rank(chance: random.Random, count: int, skew: float) -> int:
    steps = _steps(count, skew)
    return bisect.bisect_left(steps, chance.random() * steps[-1])


@cache
def _phrase(rank: int) -> tuple[str, ...]:
    chance = random.Random(f"phrase {rank}")  # noqa: S311
    return tuple(_word(chance) for _ in range(chance.choice((4, 4, 5))))


def _word(chance: random.Random) -> str:
    return _spelt(_rank(chance, WORDS, WORD_SKEW))


@cache
def _spelt(rank: int) -> str:
    letters = []
    while True:
        rank, one = divmod(rank, len(_LETTERS))
        letters.append(_LETTERS[one])
        if not rank:
            return "".join(letters)
