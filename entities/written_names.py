"""Runs of capitalised words inside ordinary English sentences: names by how they are written, whatever they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from entities.names import is_common
from entities.sentences import Sentence
from entities.words import (
    CALENDAR,
    GIVEN_NAMES,
    HONORIFICS,
    PLACE_WORDS,
    SENTENCE_STARTERS,
    TITLE_WORDS,
    words,
)

_WORD = r"(?:[A-Z][\w&]*(?:[-'][A-Za-z][\w&]+)*|(?:i|e)[A-Z]\w+)"
_RUN = re.compile(rf"(?:{_WORD} )*(?:[A-Z]\.)+[A-Z]\b\.?|{_WORD}(?: {_WORD})*")
# No name begins behind these signs: it would be the rest of a word, an address or a figure.
_INSIDE = re.compile(r"[\w'@#./&$-]$")
_TIED = re.compile(r"(?<![\w-])(?:ex|pro|anti|non|mid|post|pre|then)-$")
_OPENS = re.compile(r"(?:^|[\"':(*] ?| -+ |\.\.\. ?)$")
_LETTERS = re.compile(r"\w")
# Capitals that English gives to ordinary words, alone or at either end of a run.
_NO_NAMES = words(
    "I I'm I'd I've I'll Mr Mrs Ms Dr AM PM GMT BST EST EDT PST PDT CET ET PT OK Jr Sr Inc Ltd Corp Co"
)
_NO_NAMES_ALONE = words(
    """TV DVD CD PC PCs IT AI HIV AIDS DNA GDP CPI IPO IPOs CEO CFO CEOs MP MPs VIP ID FAQ US UK GMT EV EVs ETF ETFs Q1 Q2 Q3 Q4
    II III IV VI VII VIII IX"""
)
_TITLES = TITLE_WORDS | HONORIFICS | words("Duchess Duke Cardinal Bishop Archbishop DJ")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&]{2,6}")
_SHORTEST = 2


def find_written(plain: str, sentences: Sequence[Sentence]) -> Iterator[tuple[int, int]]:
    """Where such runs stand; a word that opens a sentence counts when the text capitalises it elsewhere, too."""
    openings: list[tuple[int, int]] = []
    inside: set[str] = set()
    for sentence in sentences:
        if sentence.casing != "normal":
            continue
        for match in _RUN.finditer(plain, sentence.start, sentence.end):
            before = plain[max(sentence.start, match.start() - 6) : match.start()]
            if _INSIDE.search(before) and not _TIED.search(before):
                continue
            opens = (
                not _LETTERS.search(plain, sentence.start, match.start()) or _OPENS.search(before) is not None
            )
            start, end = _without_others(plain, *match.span(), opens=opens)
            if start >= end or _is_no_name(plain[start:end]):
                continue
            words_in = plain[start:end]
            if opens and start == match.start() and " " not in words_in and not _ACRONYM.fullmatch(words_in):
                openings.append((start, end))
                continue
            inside.add(words_in)
            yield start, end
    yield from (place for place in openings if plain[place[0] : place[1]] in inside)


def _without_others(plain: str, start: int, end: int, *, opens: bool) -> tuple[int, int]:
    """The run without words at its ends that are capitalised for another reason."""
    while start < end:
        gap = plain.find(" ", start, end)
        word = plain[start : gap if gap >= 0 else end]
        ordinary = opens and is_common(word) and not (gap >= 0 and word in GIVEN_NAMES)
        if not (
            ordinary or word in _NO_NAMES or word in SENTENCE_STARTERS or word in CALENDAR or word in _TITLES
        ):
            break
        start += len(word) + 1
        opens = False
    while start < end:
        word = plain[plain.rfind(" ", start, end) + 1 or start : end]
        if not (word in CALENDAR or word in _TITLES or word in _NO_NAMES):
            break
        end -= len(word) + 1
    return start, end


def _is_no_name(written: str) -> bool:
    """Whether the words are one ordinary word with a capital, or an abbreviation that stands for one."""
    if " " in written or "." in written:
        return False
    if len(written) < _SHORTEST or written in _NO_NAMES_ALONE:
        return True
    return is_common(written) and written.lower() not in PLACE_WORDS
