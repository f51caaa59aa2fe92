"""Made-up happenings, each told by several articles in words of its own: the same by number each time."""

from __future__ import annotations

import random
from dataclasses import dataclass

TELLINGS = 5  # articles a happening, on average
WORDS = 110  # an article
_LETTERS = ("ba", "ce", "di", "fo", "gu", "ha", "ki", "le", "mo", "nu", "pa", "re", "si", "to", "va", "we")


@dataclass(frozen=True, slots=True)
class Telling:
    """An article: of which happening, by which publisher, in which words."""

    number: int
    happening: int
    publisher: int
    title: str
    text: str


def telling(number: int, count: int, publishers: int) -> Telling:
    """The article of this number, of `count` in all."""
    chance = random.Random(number)  # noqa: S311 - prose, not secrets
    happening = chance.randrange(max(1, count // TELLINGS))
    own = random.Random(-happening - 1)  # noqa: S311
    names = [_word(own, 4).capitalize() for _ in range(4)]
    words = [_word(own, 3) for _ in range(60)]
    title = f"{names[0]} {' '.join(chance.sample(words, 4))} {names[1]}"
    sentences: list[str] = []
    while sum(len(sentence.split()) for sentence in sentences) < WORDS:
        said = [*chance.sample(words, 8), *(_word(chance, 2) for _ in range(5)), chance.choice(names)]
        chance.shuffle(said)
        sentences.append(f"The {' '.join(said)}.")
    return Telling(number, happening, chance.randrange(publishers), title, " ".join(sentences))


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_LETTERS) for _ in range(syllables))
