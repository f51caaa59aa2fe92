"""Rules: what two versions of a text have in common, word by word, and how to show the difference by paragraphs.

Whole paragraphs are aligned first, then the sentences between them, then the words between those: a small change in
a long text costs little, and a sentence that stayed is never cut up to fit its neighbours. The time is bounded (see
`aligning`): texts of 200,000 characters take at most a few seconds, however little they share, for beyond the bound
the stretches that are not yet aligned are shown as replaced. Nothing is ever left out: see `word_diff`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

from articles.texts.aligning import PURSE, Box, Purse, align, joined
from articles.texts.passages import GAP
from articles.texts.words import Word, is_unspaced, words_of

Op = Literal["same", "out", "in"]
Kind = Literal["same", "out", "in", "changed"]
Block = tuple[int, int, int]

# An equal stretch of so few words between two changes that are longer than it is chance more often than not.
ISLAND_WORDS = 4
ISLAND_CHARACTERS = 6  # in scripts without spaces
MOST_SLID = 60  # words by which a change is moved to where a sentence begins
# A paragraph of so few words is not said to have moved.
MOVED_WORDS = 5
_SPACE = re.compile(r"\s*")
_ENDS = frozenset(".!?…")
_ENDS_UNSPACED = frozenset("。！？｡")
_CLOSERS = frozenset("\"'”’»)]」』）")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of both texts that is the same in both, or what stands on either side of a change.

    Places are code points, ends exclusive; the stretches of a pair of texts cover both without a gap.
    """

    same: bool
    before: int
    before_end: int
    after: int
    after_end: int


@dataclass(frozen=True, slots=True)
class Part:
    """Words that stayed, went out or came in. A break between paragraphs is a part of its own."""

    op: Op
    text: str

    @property
    def is_break(self) -> bool:
        """Whether it parts two paragraphs."""
        return self.text == GAP


@dataclass(frozen=True, slots=True)
class DiffParagraph:
    """One paragraph of either version or of both. `moved`: the same words stand elsewhere in the other version.

    Its last part is the break after it, but for the text's last paragraph. `mark` says of a break that is itself a
    change: "parted" (two paragraphs were one) or "joined" (one was two); else "".
    """

    parts: tuple[Part, ...]
    kind: Kind
    moved: bool = False
    mark: Literal["", "parted", "joined"] = ""

    @property
    def words(self) -> tuple[Part, ...]:
        """The parts that are text."""
        return tuple(part for part in self.parts if not part.is_break)


def word_diff(before: str, after: str) -> list[DiffParagraph]:
    """The difference of two texts, paragraph by paragraph.

    All parts that are "same" or "out", joined, are the text before to the character; "same" and "in" are the one
    after.
    """
    return by_paragraphs(before, after, stretches(before, after))


def by_paragraphs(before: str, after: str, pieces: Iterable[Stretch]) -> list[DiffParagraph]:
    """The same, of stretches that are known."""
    paragraphs: list[DiffParagraph] = []
    held: list[Part] = []
    for part in _parts(before, after, pieces):
        held.append(part)
        if part.is_break:
            paragraphs.append(_paragraph(held))
            held = []
    if held:
        paragraphs.append(_paragraph(held))
    return list(_with_moves(_with_marks(paragraphs)))


def stretches(before: str, after: str, *, steps: int = PURSE) -> list[Stretch]:
    """What is the same and what is not, in order; `steps` bounds the time."""
    if before == after:
        return [Stretch(True, 0, len(before), 0, len(after))] if before else []  # noqa: FBT003 - a field
    old, new = words_of(before), words_of(after)
    blocks = _without_islands(_blocks(before, after, old, new, Purse(steps)), old, new)
    return list(_joined(_laid(before, after, old, new, _slid(blocks, (before, old), (after, new)))))


def _blocks(before: str, after: str, old: Sequence[Word], new: Sequence[Word], purse: Purse) -> list[Block]:
    """The equal runs of words: whole paragraphs, whole sentences between those, words between those."""
    whole: Block = (0, 0, 0)
    ends: Block = (len(old), len(new), 0)
    old_texts, new_texts = [word.text for word in old], [word.text for word in new]
    found: list[Block] = []
    for opens in (_opens_paragraph, _opens_sentence):
        starts = _starts(before, old, opens), _starts(after, new, opens)
        more: list[Block] = []
        for (i, j, n), (i_next, j_next, _) in pairwise([whole, *found, ends]):
            more.extend(_units(old_texts, new_texts, starts, (i + n, i_next, j + n, j_next), purse))
        found = sorted([*found, *more])
    more = []
    for (i, j, n), (i_next, j_next, _) in pairwise([whole, *found, ends]):
        low, left = i + n, j + n
        if low < i_next and left < j_next:
            inner = align(old_texts[low:i_next], new_texts[left:j_next], purse=purse)
            more.extend((low + a, left + b, m) for a, b, m in inner)
    return joined([*found, *more])


def _units(
    old: Sequence[str],
    new: Sequence[str],
    starts: tuple[list[bool], list[bool]],
    box: Box,
    purse: Purse,
) -> Iterator[Block]:
    """Equal paragraphs or sentences inside a box of words."""
    low, high, left, right = box
    ours, theirs = _cut(starts[0], low, high), _cut(starts[1], left, right)
    if not ours or not theirs:
        return
    keys = [tuple(old[a:b]) for a, b in ours], [tuple(new[a:b]) for a, b in theirs]
    for i, j, n in align(*keys, runs=(1,), purse=purse):
        start, place = ours[i][0], theirs[j][0]
        yield start, place, ours[i + n - 1][1] - start


def _cut(starts: Sequence[bool], low: int, high: int) -> list[tuple[int, int]]:
    if low >= high:
        return []
    places = [low, *(place for place in range(low + 1, high) if starts[place]), high]
    return list(pairwise(places))


def _starts(
    text: str, words: Sequence[Word], opens: Callable[[str, Sequence[Word], int], bool]
) -> list[bool]:
    return [opens(text, words, place) for place in range(len(words))]


def _opens_paragraph(text: str, words: Sequence[Word], place: int) -> bool:
    return place == 0 or "\n" in text[words[place - 1].end : words[place].start]


def _opens_sentence(text: str, words: Sequence[Word], place: int) -> bool:
    if _opens_paragraph(text, words, place):
        return True
    last = place - 1
    if words[place].text in _CLOSERS:
        return False
    while last > 0 and words[last].text in _CLOSERS and words[last].start == words[last - 1].end:
        last -= 1
    if words[last].text in _ENDS_UNSPACED:
        return True
    return words[last].text in _ENDS and words[place - 1].end < words[place].start


def _without_islands(blocks: Sequence[Block], old: Sequence[Word], new: Sequence[Word]) -> list[Block]:
    """Blocks less those so short, between changes so long, that their equality says nothing."""
    sizes = (
        list(accumulate((len(word.text) for word in old), initial=0)),
        list(accumulate((len(word.text) for word in new), initial=0)),
    )
    kept: list[Block] = [(0, 0, 0)]
    for block in [*blocks, (len(old), len(new), 0)]:
        kept.append(block)
        while len(kept) > 2 and _is_island(kept[-3], kept[-2], kept[-1], sizes, old):  # noqa: PLR2004 - three
            del kept[-2]
    return kept[1:-1]


def _slid(
    blocks: Sequence[Block], ours: tuple[str, Sequence[Word]], theirs: tuple[str, Sequence[Word]]
) -> list[Block]:
    """The same blocks, but what only came in or only went out between two of them begins with a paragraph or a sentence.

    "The [mayor comes. The] repair" says the same as "[The mayor comes.] The repair", which is how it was written.
    """
    slid = list(blocks)
    for place in range(len(slid) - 1):
        (i, j, n), (a, b, m) = slid[place], slid[place + 1]
        if (i + n == a) == (j + n == b):
            continue  # nothing between them, or something on both sides
        text, words, start, stop = (*theirs, j + n, b) if i + n == a else (*ours, i + n, a)
        best, most = 0, _begins(text, words, start)
        for step, room in ((-1, n), (1, m)):
            moved = 0
            while abs(moved) < min(room, MOST_SLID) and _may_slide(words, start + moved, stop + moved, step):
                moved += step
                if (worth := _begins(text, words, start + moved)) > most:
                    best, most = moved, worth
        if best:
            slid[place], slid[place + 1] = (i, j, n + best), (a + best, b + best, m - best)
    return [block for block in slid if block[2]]


def _may_slide(words: Sequence[Word], start: int, stop: int, step: int) -> bool:
    """Whether the stretch of words from `start` to `stop` may as well begin one word before or after."""
    return (
        words[start - 1].text == words[stop - 1].text if step < 0 else words[start].text == words[stop].text
    )


def _begins(text: str, words: Sequence[Word], place: int) -> int:
    if place >= len(words):
        return 0
    return 2 if _opens_paragraph(text, words, place) else int(_opens_sentence(text, words, place))


def _is_island(
    last: Block, block: Block, following: Block, sizes: tuple[list[int], list[int]], old: Sequence[Word]
) -> bool:
    (i, j, n), (a, b, m), (k, p, _) = last, block, following
    lengths, others = sizes
    size = lengths[a + m] - lengths[a]
    ahead = max(lengths[a] - lengths[i + n], others[b] - others[j + n])
    behind = max(lengths[k] - lengths[a + m], others[p] - others[b + m])
    if size > ahead or size > behind:
        return False
    said = [word.text for word in old[a : a + m] if word.text[0].isalnum()]
    most = ISLAND_CHARACTERS if said and is_unspaced(said[0]) else ISLAND_WORDS
    return len(said) <= most


def _laid(
    before: str, after: str, old: Sequence[Word], new: Sequence[Word], blocks: Sequence[Block]
) -> Iterator[Stretch]:
    """Blocks as stretches of the texts, with the spaces between the words."""
    at, to = 0, 0
    for i, j, n in blocks:
        yield from _changed(before, after, (at, old[i].start, to, new[j].start))
        at, to = old[i].start, new[j].start
        end, stop = old[i + n - 1].end, new[j + n - 1].end
        if before[at:end] != after[to:stop]:  # the words are the same, some space between them is not
            for k in range(n - 1):
                yield Stretch(True, at, old[i + k].end, to, new[j + k].end)  # noqa: FBT003 - a field
                at, to = old[i + k + 1].start, new[j + k + 1].start
                yield from _changed(before, after, (old[i + k].end, at, new[j + k].end, to))
        yield Stretch(True, at, end, to, stop)  # noqa: FBT003 - a field
        at, to = end, stop
    yield from _changed(before, after, (at, len(before), to, len(after)))


def _changed(before: str, after: str, box: Box) -> Iterator[Stretch]:
    """A change, less the spaces that both sides begin or end with; paragraph by paragraph if both have as many."""
    at, end, to, stop = box
    head = _space_at(before, at, end)
    if head and head == _space_at(after, to, stop):
        yield Stretch(True, at, at + len(head), to, to + len(head))  # noqa: FBT003 - a field
        at, to = at + len(head), to + len(head)
    tail = _space_until(before, at, end)
    if tail != _space_until(after, to, stop):
        tail = ""
    end, stop = end - len(tail), stop - len(tail)
    ours, theirs = before[at:end].split(GAP), after[to:stop].split(GAP)
    if len(ours) == len(theirs):
        for place, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            if place:
                yield Stretch(True, at, at + len(GAP), to, to + len(GAP))  # noqa: FBT003 - a field
                at, to = at + len(GAP), to + len(GAP)
            yield Stretch(left == right, at, at + len(left), to, to + len(right))
            at, to = at + len(left), to + len(right)
    else:
        yield Stretch(False, at, end, to, stop)  # noqa: FBT003 - a field
    yield Stretch(True, end, end + len(tail), stop, stop + len(tail))  # noqa: FBT003 - a field


def _space_at(text: str, start: int, end: int) -> str:
    match = _SPACE.match(text, start, end)
    return match.group() if match else ""


def _space_until(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    return piece[len(piece.rstrip()) :]


def _joined(found: Iterator[Stretch]) -> Iterator[Stretch]:
    """Neighbours of one kind as one stretch, empty ones left out."""
    last: Stretch | None = None
    for one in found:
        if one.before == one.before_end and one.after == one.after_end:
            continue
        if last is not None and last.same == one.same:
            last = replace(last, before_end=one.before_end, after_end=one.after_end)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _parts(before: str, after: str, pieces: Iterable[Stretch]) -> Iterator[Part]:
    for one in pieces:
        if one.same:
            yield from _pieces("same", before[one.before : one.before_end])
        else:
            yield from _pieces("out", before[one.before : one.before_end])
            yield from _pieces("in", after[one.after : one.after_end])


def _pieces(op: Op, text: str) -> Iterator[Part]:
    """A part for each paragraph and each break of a text."""
    for place, piece in enumerate(text.split(GAP)):
        if place:
            yield Part(op, GAP)
        if piece:
            yield Part(op, piece)


def _paragraph(parts: Sequence[Part]) -> DiffParagraph:
    ops = {part.op for part in parts if part.text.strip()} or {parts[-1].op}
    kind: Kind = ops.pop() if len(ops) == 1 else "changed"
    return DiffParagraph(tuple(parts), kind)


def _with_marks(paragraphs: Sequence[DiffParagraph]) -> Iterator[DiffParagraph]:
    """Say of breaks that are changes by themselves what they did."""
    for place, one in enumerate(paragraphs):
        last = one.parts[-1]
        following = paragraphs[place + 1].kind if place + 1 < len(paragraphs) else last.op
        if last.is_break and last.op != "same" and last.op not in {one.kind, following}:
            yield replace(one, mark="parted" if last.op == "in" else "joined")
        else:
            yield one


def _with_moves(paragraphs: Iterator[DiffParagraph]) -> Iterator[DiffParagraph]:
    """Mark paragraphs that went out here and came in there with the same words."""
    every = list(paragraphs)
    gone = Counter(_said(one) for one in every if one.kind == "out")
    come = Counter(_said(one) for one in every if one.kind == "in")
    both = {said: min(n, come[said]) for said, n in gone.items() if said in come and len(said) >= MOVED_WORDS}
    left = {"out": dict(both), "in": dict(both)}
    for one in every:
        if one.kind in {"out", "in"} and left[one.kind].get(said := _said(one), 0):
            left[one.kind][said] -= 1
            yield replace(one, moved=True)
        else:
            yield one


def _said(paragraph: DiffParagraph) -> tuple[str, ...]:
    return tuple(word.text for part in paragraph.words for word in words_of(part.text))
