"""Articles of invented words whose frequencies follow Zipf's law, with marked words of known frequency among them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LENGTH = 1_900  # characters of a text
VOCABULARY = 50_000
WORDS_A_BAND = 8
STREAM = 400_000  # words
BANDS: Mapping[str, float] = {
    "0.03%": 0.0003,
    "0.2%": 0.002,
    "1%": 0.01,
    "5%": 0.05,
    "15%": 0.15,
    "30%": 0.30,
}
_ONSETS = [
    "b",
    "bl",
    "br",
    "c",
    "ch",
    "cr",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "r",
    "s",
    "sh",
    "sl",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "z",
]
_RIMES = [
    "ab",
    "ack",
    "al",
    "am",
    "an",
    "ane",
    "ar",
    "ark",
    "at",
    "ed",
    "el",
    "em",
    "en",
    "ent",
    "er",
    "est",
    "ick",
    "il",
    "in",
    "ine",
    "ir",
    "ist",
    "ock",
    "ol",
    "om",
    "on",
    "or",
    "ost",
    "ult",
    "um",
    "un",
    "ur",
]
_ENDINGS = ("", "", "", "s", "ed", "ing", "ly", "er", "ation", "ness")


@dataclass(frozen=True, slots=True)
class Piece:
    """Title and text of one article."""

    title: str
    text: str


def words_of(band: str) -> list[str]:
    """The marked words of a band; no stem joins them to each other or to another word."""
    place = list(BANDS).index(band)
    return [f"zq{'abcdefgh'[place]}{'abcdefgh'[number]}x" for number in range(WORDS_A_BAND)]


def pieces(count: int, seed: int = 1) -> Iterator[Piece]:
    """So many articles, the same for the same seed; each marked word stands in its share of them."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    # An article is a window of one long text: drawing each word anew would cost more than indexing it.
    stream = _stream(random.Random(0))  # noqa: S311
    marked = [(word, share) for band, share in BANDS.items() for word in words_of(band)]
    chosen = [(word, set(rng.sample(range(count), max(1, round(count * share))))) for word, share in marked]
    for number in range(count):
        at = rng.randrange(len(stream) - 2 * LENGTH)
        words = stream[at : at + LENGTH // 6]
        for word, places in chosen:
            if number in places:
                words[rng.randrange(len(words) // 2)] = word
        at = rng.randrange(len(stream) - 2 * LENGTH)
        yield Piece(" ".join(stream[at : at + 9]).capitalize(), " ".join(words)[:LENGTH])


def _stream(rng: random.Random) -> list[str]:
    vocabulary = _vocabulary(rng)
    weights = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(len(vocabulary))))
    return rng.choices(vocabulary, cum_weights=weights, k=STREAM)


def _vocabulary(rng: random.Random) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        stem = "".join(rng.choice(_ONSETS) + rng.choice(_RIMES) for _ in range(rng.choice((1, 1, 2, 2, 3))))
        made[stem + rng.choice(_ENDINGS)] = None
    return list(made)
