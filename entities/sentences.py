"""Sentences of a plain text, and how the words of each are written: ordinary, As A Headline, or ALL CAPS."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from entities.words import CONNECTORS, SENTENCE_STARTERS, words

Casing = Literal["normal", "title", "upper"]

TITLE_MIN_WORDS = 4
TITLE_SHARE = 0.85
UPPER_SHARE = 0.85
MIN_WORD = 2  # letters; shorter ones say nothing about how a heading is written


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence (or heading) of a plain text, and how its words are written."""

    start: int
    end: int
    casing: Casing


_BREAK = re.compile(r"[.!?][\"')\]]*[ \n]+(?=[\"'(\[$]*[A-Z0-9])|\n+|[\u3002\uff01\uff1f]")
_NEVER_ENDS = words("Mr Mrs Ms Dr Prof Gen Sen Gov Rep St Lt Col Sgt Capt Rev Hon Jr vs No Messrs Adm Maj Ph")
_MAY_END = words("Corp Inc Co Ltd Cos Plc Bhd Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Sr")
_LAST_WORD = re.compile(r"([\w&]+(?:\.\w+)*)$")


def split_sentences(plain: str) -> list[Sentence]:
    """Cut a plain text into sentences; "Corp." and "U.S." end one only before a word that opens sentences."""
    cuts: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(plain):
        if match.group()[0] == "." and not _ends_here(plain, match.start(), match.end()):
            continue
        cuts.append((start, match.end() if match.group()[0] != "\n" else match.start()))
        start = match.end()
    cuts.append((start, len(plain)))
    return [Sentence(a, b, casing_of(plain[a:b])) for a, b in cuts if a < b]


def _ends_here(plain: str, point: int, after: int) -> bool:
    word = _LAST_WORD.search(plain, max(0, point - 20), point)
    if word is None:
        return True
    last = word.group(1)
    if last in _NEVER_ENDS:
        return False
    if last in _MAY_END or "." in last or (len(last) == 1 and last.isupper()):
        following = re.match(r"[\"'(\[]*([A-Za-z]+)", plain[after : after + 20])
        opens = following is not None and following.group(1) in SENTENCE_STARTERS
        return opens and (len(last) > 1 or "." in last)
    return True


_TOKEN = re.compile(r"[A-Za-z][\w'.&-]*")
_SMALL_IN_TITLES = CONNECTORS | {
    "with",
    "from",
    "over",
    "after",
    "amid",
    "into",
    "than",
    "but",
    "its",
    "via",
    "off",
    "out",
}


def casing_of(text: str) -> Casing:
    """How a sentence or heading is written: "upper" ALL CAPS, "title" Most Words Capitalised, or "normal"."""
    capitals = sum(map(str.isupper, text))
    shouted = capitals >= UPPER_SHARE * sum(map(str.isalpha, text))
    if capitals < TITLE_MIN_WORDS * TITLE_SHARE and not shouted:
        return "normal"
    tokens = _TOKEN.findall(text)
    if len(tokens) > 1 and shouted:
        return "upper"
    big = [t for t in tokens if len(t) > MIN_WORD and t.lower() not in _SMALL_IN_TITLES]
    share = 1.0 if text.rstrip().endswith(".") else TITLE_SHARE  # a heading has no full stop
    if len(big) >= TITLE_MIN_WORDS and sum(t[0].isupper() for t in big) >= share * len(big):
        return "title"
    return "normal"


def sentence_at(sentences: Sequence[Sentence], position: int) -> Sentence:
    """The sentence in which a position lies (the nearest before it for one between two)."""
    index = bisect.bisect_right(sentences, position, key=lambda s: s.start) - 1
    return sentences[max(index, 0)]
