"""Rules: which passages two texts share, wherever they stand in each, and past a changed word.

A passage grows from a run of words that both texts have, as in greedy string tiling (M. J. Wise, "String similarity
via greedy string tiling and running Karp-Rabin matching", 1993), over small edits on either side. Only words count:
case, quotes, punctuation and line ends do not. Characters of scripts without spaces are words.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from articles.texts.passages import GAP
from articles.texts.words import UNSPACED, words_of

MOST_WORDS = 20_000  # of each text are compared; the rest stands as its own
PLACES = 8  # at most so many places of the same words are tried,
COMMON = 32  # and of words that stand in more places than this, one
BACK = 12  # words before a run into which it may grow over an edit

_UNSPACED = re.compile(rf"[{UNSPACED}]")
_STOP = re.compile(r"[.!?…。！？\n]")
_CLOSING = re.compile(r"[^\w\s]*")
_OPENING = re.compile(r"[\"'“‘„‚«‹「『（《〈【(\[{¿¡]*\Z")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one text. `passage` is the number that both texts give to what they share, 0 for what is own.

    `is_edited`: it lies inside a passage, but differs. `is_first`: here the passage is met first in this text;
    `is_last`: here it ends.
    """

    text: str
    passage: int = 0
    is_edited: bool = False
    is_first: bool = False
    is_last: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether the other text has these words too."""
        return self.passage > 0 and not self.is_edited


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts: its runs joined are the text; how many words it has, and how many are shared."""

    runs: tuple[Run, ...]
    words: int
    shared: int

    @property
    def share(self) -> float:
        """The share (0..1) of its words that the other text has."""
        return self.shared / self.words if self.words else 0.0

    @property
    def paragraphs(self) -> tuple[tuple[Run, ...], ...]:
        """The runs paragraph by paragraph, without the blank lines between them."""
        return tuple(_paragraphs(self.runs))


@dataclass(frozen=True, slots=True)
class SharedText:
    """Two texts with what they share. `is_cut`: one is so long that its end was not compared."""

    left: Side
    right: Side
    passages: int
    is_cut: bool = False

    @property
    def shorter(self) -> Side:
        """The one with fewer words; the left one of equals."""
        return self.left if self.left.words <= self.right.words else self.right


@dataclass(frozen=True, slots=True)
class _Measure:
    """How long runs must be: words, or twice as many characters where characters are words."""

    seed: int
    resync: int
    skip: int
    least: int


_BY_WORDS = _Measure(seed=4, resync=3, skip=2, least=8)
_BY_CHARACTERS = _Measure(seed=8, resync=6, skip=4, least=16)


@dataclass(slots=True)
class _Text:
    """A text as numbers of its words, their places, and where sentences begin and end."""

    source: str
    spans: list[tuple[int, int]]
    words: list[int]
    begins: list[bool]
    ends: list[bool]
    cut: bool

    def turned(self) -> _Text:
        """The same from its end."""
        return _Text(self.source, [], self.words[::-1], self.ends[::-1], self.begins[::-1], self.cut)


_Piece = tuple[int, int, int]  # from a place of the one text and one of the other, so many words agree


def shared_sentences(left: str, right: str) -> SharedText:
    """What two texts share, as runs of each. Passages are numbered in the order of the left text."""
    numbers: dict[str, int] = {}
    one, other = _read(left, numbers), _read(right, numbers)
    measure = _measure(one, other)
    marks = [0] * len(one.words), [0] * len(other.words)
    same = bytearray(len(one.words)), bytearray(len(other.words))
    count = 0
    for pieces in _passages(one, other, measure, marks[0]):
        known = _known(pieces, 1, marks[1])
        count += not known
        _paint(pieces, known or count, marks, same)
    # What the right text says twice is found from there: it belongs to the passage that the left text has once.
    for turned in _passages(other, one, measure, marks[1]):
        pieces = [(i, j, n) for j, i, n in turned]
        known = _known(pieces, 0, marks[0])
        count += not known
        _paint(pieces, known or count, marks, same)
    order = {old: new for new, old in enumerate(dict.fromkeys(mark for mark in marks[0] if mark), 1)}
    sides = [
        Side(
            tuple(_runs(text, [order.get(mark, 0) for mark in marked], is_same)),
            len(text.words),
            sum(1 for mark, agrees in zip(marked, is_same, strict=True) if agrees and mark in order),
        )
        for text, marked, is_same in zip((one, other), marks, same, strict=True)
    ]
    return SharedText(sides[0], sides[1], len(order), is_cut=one.cut or other.cut)


def _read(source: str, numbers: dict[str, int]) -> _Text:
    found = [word for word in words_of(source) if any(map(str.isalnum, word.text))]
    kept = found[:MOST_WORDS]
    spans = [(word.start, word.end) for word in kept]
    words = [numbers.setdefault(_plain(word.text), len(numbers)) for word in kept]
    stops = [bool(_STOP.search(source, end, start)) for (_, end), (start, _) in pairwise(spans)]
    return _Text(
        source,
        spans,
        words,
        [True, *stops][: len(words)],
        [*stops, True][: len(words)],
        len(kept) < len(found),
    )


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("’", "'").replace("‘", "'")


def _measure(one: _Text, other: _Text) -> _Measure:
    shorter = min(one, other, key=lambda text: len(text.words))
    characters = sum(1 for start, _ in shorter.spans if _UNSPACED.match(shorter.source, start))
    return _BY_CHARACTERS if characters * 2 > len(shorter.words) else _BY_WORDS


def _passages(one: _Text, other: _Text, measure: _Measure, marked: Sequence[int]) -> Iterator[list[_Piece]]:
    """Each passage of the first text that the other has, the longest place of it; what is marked is passed over."""
    seed = measure.seed
    index: dict[tuple[int, ...], list[int]] = {}
    for at in range(len(other.words) - seed + 1):
        index.setdefault(tuple(other.words[at : at + seed]), []).append(at)
    back = one.turned(), other.turned()
    # By how far the places lie apart: up to where their words agreed, and it was too little. Going on from the middle
    # of that finds no more, but where a sentence begins it may be whole.
    tried: dict[int, int] = {}
    at, floor, near = 0, 0, 0
    while at <= len(one.words) - seed:
        places = [] if marked[at] else index.get(tuple(one.words[at : at + seed]), [])
        best: list[_Piece] = []
        for place in _nearest(places, near):
            if at < tried.get(at - place, 0) and not one.begins[at]:
                continue
            grown = _grow(one, other, at, place, measure, len(one.words))
            tried[at - place] = at + grown[0][2]
            if _size(grown) > _size(best):
                best = grown
        if best:
            best = [*_before(*back, at, best[0][1], measure, at - floor), *best]
        if best and _is_passage(one, other, best, measure):
            yield best
            at, near = best[-1][0] + best[-1][2], best[-1][1] + best[-1][2]
            floor = at
        else:
            at += 1


def _nearest(places: Sequence[int], near: int) -> Sequence[int]:
    """Of many places of the same words those around the place where the passage before ended, nearest first."""
    if len(places) > PLACES:
        most = PLACES if len(places) <= COMMON else 1
        first = max(0, min(bisect_left(places, near) - most // 2, len(places) - most))
        places = places[first : first + most]
    return sorted(places, key=lambda place: abs(place - near))


def _grow(  # noqa: PLR0913, PLR0917 - two places in two texts, and how far
    one: _Text, other: _Text, at: int, place: int, measure: _Measure, most: int
) -> list[_Piece]:
    """The words that agree from two places on, over small edits."""
    pieces: list[_Piece] = []
    left, right, end = one.words, other.words, min(len(one.words), at + most)
    while True:
        i, j = at, place
        while i < end and j < len(right) and left[i] == right[j]:
            i, j = i + 1, j + 1
        if i > at:
            pieces.append((at, place, i - at))
        step = next(
            (
                (a, b)
                for a, b in _SKIPS[measure.skip]
                if i + a < end
                and j + b < len(right)
                and left[i + a] == right[j + b]
                and _meets(one, other, i + a, j + b, end, measure.resync)
            ),
            None,
        )
        if step is None:
            return pieces
        at, place = i + step[0], j + step[1]


# Edits as words passed over in each text, the smallest first.
_SKIPS = {
    most: sorted(
        ((a, b) for a in range(most + 1) for b in range(most + 1) if a + b),
        key=lambda skip: (sum(skip), skip[0] != skip[1]),
    )
    for most in (_BY_WORDS.skip, _BY_CHARACTERS.skip)
}


def _meets(one: _Text, other: _Text, i: int, j: int, end: int, enough: int) -> bool:  # noqa: PLR0913, PLR0917 - see _grow
    """Whether the texts agree again from here: for enough words, or to the end of both sentences."""
    left, right = one.words, other.words
    for met in range(enough):
        if i + met >= end or j + met >= len(right) or left[i + met] != right[j + met]:
            return False
        if one.ends[i + met] and other.ends[j + met]:
            return True
    return True


def _before(one: _Text, other: _Text, at: int, place: int, measure: _Measure, most: int) -> list[_Piece]:  # noqa: PLR0913, PLR0917 - see _grow
    """What agrees before a run, over an edit; the texts are given from their ends."""
    total = len(one.words), len(other.words)
    grown = _grow(one, other, total[0] - at, total[1] - place, measure, min(most, BACK))
    return [(total[0] - i - n, total[1] - j - n, n) for i, j, n in reversed(grown)]


def _size(pieces: Sequence[_Piece]) -> int:
    return sum(n for _, _, n in pieces)


def _is_passage(one: _Text, other: _Text, pieces: Sequence[_Piece], measure: _Measure) -> bool:
    """Whether it is long enough, or whole sentences of both texts."""
    size = _size(pieces)
    if size >= measure.least:
        return True
    (i, j, _), (last_i, last_j, n) = pieces[0], pieces[-1]
    whole = one.begins[i] and other.begins[j] and one.ends[last_i + n - 1] and other.ends[last_j + n - 1]
    return whole and size >= measure.seed


def _known(pieces: Sequence[_Piece], side: int, marks: Sequence[int]) -> int:
    """The number of the passage that a text has there already; 0 when some of its words are in none yet."""
    there = marks[pieces[0][side] : pieces[-1][side] + pieces[-1][2]]
    return there[0] if all(there) else 0


def _paint(
    pieces: Sequence[_Piece],
    number: int,
    marks: tuple[list[int], list[int]],
    same: tuple[bytearray, bytearray],
) -> None:
    """Mark a passage in both texts, edits inside it too; what another has marked stays with that one."""
    for side in (0, 1):
        first, last = pieces[0][side], pieces[-1][side] + pieces[-1][2]
        for at in range(first, last):
            marks[side][at] = marks[side][at] or number
        for piece in pieces:
            start = piece[side]
            same[side][start : start + piece[2]] = b"\x01" * piece[2]


def _runs(text: _Text, marks: Sequence[int], same: bytearray) -> Iterator[Run]:
    """The text cut where a passage or an edit in it begins or ends; signs beside shared words go with them."""
    at, seen = 0, set[int]()
    states = [(mark, bool(mark) and not same[place]) for place, mark in enumerate(marks)]
    for (passage, is_edited), group in groupby(range(len(states)), key=states.__getitem__):
        if not passage:
            continue
        places = list(group)
        goes_on = places[0] > 0 and marks[places[0] - 1] == passage
        is_last = places[-1] + 1 == len(marks) or marks[places[-1] + 1] != passage
        start, end = text.spans[places[0]][0], text.spans[places[-1]][1]
        if opening := _OPENING.search(text.source, at, start):
            start = opening.start()
        if closing := _CLOSING.match(text.source, end):
            end = closing.end()
        if start > at:
            yield Run(text.source[at:start], passage if goes_on else 0)
        yield Run(text.source[start:end], passage, is_edited, passage not in seen, is_last)
        seen.add(passage)
        at = end
    if at < len(text.source):
        yield Run(text.source[at:])


def _paragraphs(runs: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
    paragraph: list[Run] = []
    for run in runs:
        first, *others = run.text.split(GAP)
        if first:
            paragraph.append(replace(run, text=first, is_last=run.is_last and not others))
        for place, text in enumerate(others, 1):
            if any(part.text.strip() for part in paragraph):
                yield tuple(paragraph)
            is_last = run.is_last and place == len(others)
            paragraph = [replace(run, text=text, is_first=False, is_last=is_last)] if text else []
    if any(part.text.strip() for part in paragraph):
        yield tuple(paragraph)
