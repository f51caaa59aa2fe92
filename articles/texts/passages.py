"""Rules: a text with its names and notes becomes paragraphs of marked pieces, cut at exact code points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from articles.texts.shapes import Shape, shapes_of

GAP = "\n\n"  # what parts two paragraphs of a revision


@dataclass(frozen=True, slots=True)
class Name:
    """A mention on a page: where it stands, what it is, and the listing to show at its first place."""

    id: int
    start: int
    end: int
    kind: str
    status: str
    entity_id: int | None = None
    says: str = ""  # what a reader is told beside the text: the entity's full name
    listing: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Where a note stands; `number` is what the text and the note share."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that are one thing: plain text, or (a part of) one name."""

    text: str
    name: Name | None = None
    listing: str = ""
    first: bool = False  # the beginning of its name: a name cut by a note has its id once


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces under the same notes; `ends` are the notes whose passage ends with it.

    `cited` says that the words were asked for, `cited_first` that they begin here.
    """

    pieces: tuple[Piece, ...]
    notes: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    cited: bool = False
    cited_first: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. `number` counts from 1; `start` and `end` are code points of the whole text."""

    number: int
    start: int
    end: int
    text: str
    runs: tuple[Run, ...]
    notes: tuple[int, ...] = ()  # numbers of the notes that begin here
    names: frozenset[int] = frozenset()  # ids of the names in it
    shape: Shape = "text"
    # The first and last of items that follow each other.
    opens_list: bool = False
    closes_list: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether it is the title."""
        return self.number == 0


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph that says something."""
    at = 0
    for part in text.split(GAP):
        body = part.strip()
        if body:
            start = at + part.index(body[0])
            yield start, start + len(body)
        at += len(part) + len(GAP)


def lay_out(
    text: str,
    names: Iterable[Name],
    notes: Iterable[Noted] = (),
    html: str = "",
    cited: tuple[int, int] | None = None,
) -> tuple[Paragraph, ...]:
    """The paragraphs of a text, in the shapes that `html`, its twin, gives them.

    `cited` are the code points from and to which words were asked for. Names that overlap an earlier one, and spans outside the text, are left out.
    """
    sound = sorted((n for n in names if 0 <= n.start < n.end <= len(text)), key=lambda n: (n.start, -n.end))
    placed = sorted(
        (n for n in notes if 0 <= n.start < n.end <= len(text)), key=lambda n: (n.start, n.number)
    )
    seen: set[int] = set()
    plain = [
        _paragraph(number, text, start, end, sound, placed, seen, cited)
        for number, (start, end) in enumerate(spans(text), 1)
    ]
    shapes = shapes_of(html, [one.text for one in plain])
    around: list[Shape] = ["text", *shapes, "text"]
    return tuple(
        replace(
            one,
            shape=shape,
            opens_list=shape == "item" and around[n] != "item",
            closes_list=shape == "item" and around[n + 2] != "item",
        )
        for n, (one, shape) in enumerate(zip(plain, shapes, strict=True))
    )


def heading(title: str, names: Iterable[Name], cited: tuple[int, int] | None = None) -> Paragraph:
    """The title as paragraph 0, without listings."""
    sound = sorted((n for n in names if 0 <= n.start < n.end <= len(title)), key=lambda n: (n.start, -n.end))
    every = {name.entity_id for name in sound if name.entity_id is not None}
    return _paragraph(0, title, 0, len(title), sound, (), every, cited)


def _paragraph(  # noqa: PLR0913, PLR0917 - the parts of one paragraph
    number: int,
    text: str,
    start: int,
    end: int,
    names: Sequence[Name],
    notes: Sequence[Noted],
    seen: set[int],
    cited: tuple[int, int] | None,
) -> Paragraph:
    inside = [name for name in names if start <= name.start and name.end <= end]
    over = [note for note in notes if note.start < end and note.end > start]
    low, high = (max(start, cited[0]), min(end, cited[1])) if cited else (end, end)
    edges = {low, high} if low < high else set()
    cuts = sorted(
        {start, end}
        | {max(start, note.start) for note in over}
        | {min(end, note.end) for note in over}
        | edges
    )
    runs = tuple(
        Run(
            tuple(_pieces(text, left, right, inside, seen)),
            tuple(note.number for note in over if note.start <= left and right <= note.end),
            tuple(note.number for note in over if note.end == right or (right == end and note.end > end)),
            cited=low <= left and right <= high,
            cited_first=cited is not None and left == low == cited[0] and right <= high,
        )
        for left, right in pairwise(cuts)
    )
    return Paragraph(
        number,
        start,
        end,
        text[start:end],
        runs,
        tuple(note.number for note in over if note.start >= start),
        frozenset(name.id for name in inside),
    )


def _pieces(text: str, left: int, right: int, names: Sequence[Name], seen: set[int]) -> Iterator[Piece]:
    at = left
    for name in names:
        start, end = max(at, name.start), min(right, name.end)
        if name.end <= at or name.start >= right or start >= end:
            continue
        if name.start < at and at != left:
            continue  # it overlaps the name before it
        if start > at:
            yield Piece(text[at:start])
        whole = end == name.end
        listing = ""
        if name.entity_id is not None and whole and name.entity_id not in seen:
            seen.add(name.entity_id)
            listing = name.listing
        yield Piece(text[start:end], name, listing, first=start == name.start)
        at = end
    if at < right:
        yield Piece(text[at:right])
