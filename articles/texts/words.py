"""Rules: a text as words in their places; in scripts without spaces every character is a word."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from itertools import groupby


def _marks() -> str:
    """Combining marks as the inside of a character class: to `re`, the vowel signs of Indic scripts are no letters."""
    points = [n for n in range(0x300, 0x20000) if unicodedata.category(chr(n)).startswith("M")]
    ranges = []
    for _, group in groupby(enumerate(points), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in group]
        ranges.append(f"{chr(numbers[0])}-{chr(numbers[-1])}")
    return "".join(ranges)


MARKS = _marks()
# Han, kana, bopomofo, Yi; Thai, Lao, Tibetan, Burmese, Khmer: written without spaces between words.
UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uf900-\ufaff"
    "\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U000323af"
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
)
_UNSPACED = re.compile(f"[{UNSPACED}]")
_FIGURE = r"\d+(?:[.,:]\d+)*"
_WORD = re.compile(
    rf"{_FIGURE}"
    rf"|[{UNSPACED}](?:(?![\u3040-\u30ff])[{MARKS}])*"
    rf"|(?:[^\W\d{UNSPACED}]|[{MARKS}])(?:[^\W{UNSPACED}]|[{MARKS}])*(?:['’](?:[^\W{UNSPACED}]|[{MARKS}])+)*"
    r"|\S"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word or sign and its place: code points, `end` exclusive."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """Every word, figure and sign of a text in order; between two of them stand spaces alone or nothing."""
    return [Word(sys.intern(match.group()), match.start(), match.end()) for match in _WORD.finditer(text)]


def count_words(text: str) -> int:
    """How many words a text has, signs left out; characters in scripts without spaces."""
    return sum(1 for match in _WORD.finditer(text) if any(map(str.isalnum, match.group())))


def is_unspaced(text: str) -> bool:
    """Whether a text begins in a script that has no spaces between words."""
    return _UNSPACED.match(text) is not None


def is_mostly_unspaced(text: str) -> bool:
    """Whether the beginning of a text has more characters of such scripts than words of others."""
    beginning = text[:1000]
    unspaced = len(_UNSPACED.findall(beginning))
    return 2 * unspaced > count_words(beginning)
