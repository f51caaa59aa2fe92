"""Rules: what one version of an article says otherwise than another: headline, numbers, amount of text.

A number changed when a passage that both versions have gives another one than it did; what only moved, is written
otherwise ("12", "twelve"), or stands in a passage that is wholly new is no change of a number.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Literal

from articles.texts.diff import DiffParagraph, Stretch, by_paragraphs, stretches
from articles.texts.numbers import Number, numbers_in
from articles.texts.passages import GAP
from articles.texts.words import count_words, is_mostly_unspaced, words_of

Code = Literal["headline", "number", "text"]

MOST_NUMBERS = 20  # that one revision lists; the text's own line says how much changed besides
CLOSE_WORDS = 12  # in a change no longer than this, numbers of one sort are taken for one another
SHORT_WORDS = 4  # in a change no longer than this, a number without a partner was given up or newly given
REWRITTEN_WORDS = 25  # in a change no longer than this, the only sum of money stands for the only other one
REWRITTEN_SHARE = 3  # if both sides have so many longer words in common
WORDS_BEFORE, WORDS_AFTER = 4, 5  # quoted around a number
_AROUND = 120  # characters among which those are looked for
_SENTENCE = re.compile(rf"[.!?…]['\"”’)]*\s|[。！？]|{GAP}|\n")
# The lines in which a page tells of itself: a new time there is no news.
_STAMP = re.compile(
    r"\b(?:(?:last|first)?\s*(?:updated|published|modified|posted|corrected)|aktualisiert|veröffentlicht|stand:|"
    r"mis à jour|publié|actualizado|publicado|aggiornato|pubblicato|atualizado|bijgewerkt|обновлено|опубликовано)\b|更新",
    re.IGNORECASE,
)
_COUNTER = re.compile(r"\s?(?:min(?:ute)?s?\s+read|views|comments|shares|likes)\b", re.IGNORECASE)
STAMP_WORDS = 14
MOST_COMPARED = 60  # numbers of one change that are compared with each other
Pair = tuple[Number | None, Number | None]


@dataclass(frozen=True, slots=True)
class TextChange:
    """One thing that changed. `was` and `now` quote the versions, "" where one says nothing in its place.

    `words`: of a number, the words around it as they are now; of the text, how much was added and removed.
    """

    code: Code
    words: str
    was: str
    now: str

    def as_json(self) -> dict[str, str]:
        """As a revision keeps it."""
        return asdict(self)


def changes_between(
    title_before: str, text_before: str, title_after: str, text_after: str
) -> list[TextChange]:
    """What changed from one version to the next: headline, numbers in the order of the text, amount of text.

    Empty when nothing but spaces did.
    """
    found = []
    if title_before.split() != title_after.split():
        found.append(TextChange("headline", "headline", title_before, title_after))
        found += _numbers(title_before, title_after, stretches(title_before, title_after))
    if text_before.split() != text_after.split():
        pieces = stretches(text_before, text_after)
        told = {(change.was, change.now) for change in found}
        found += [
            change
            for change in _numbers(text_before, text_after, pieces)
            if (change.was, change.now) not in told
        ]
        found = found[: MOST_NUMBERS + 1]
        thing = "character" if is_mostly_unspaced(text_after or text_before) else "word"
        words = amount_words(by_paragraphs(text_before, text_after, pieces), thing)
        if words:
            found.append(TextChange("text", words, _length(text_before, thing), _length(text_after, thing)))
    return found


def amount_words(paragraphs: Sequence[DiffParagraph], thing: str = "word") -> str:
    """How much came in and went out: "2 paragraphs added, 40 words added, 3 words removed, 1 paragraph moved"."""
    whole = {
        kind: sum(1 for one in paragraphs if one.kind == kind and not one.moved and _says(one))
        for kind in ("in", "out")
    }
    words = {
        op: sum(
            count_words(part.text)
            for one in paragraphs
            if not one.moved
            for part in one.words
            if part.op == op
        )
        for op in ("in", "out")
    }
    moved = sum(1 for one in paragraphs if one.moved and one.kind == "in")
    parts = [
        f"{_count(n, thing)} {verb}"
        for n, thing, verb in (
            (whole["in"], "paragraph", "added"),
            (whole["out"], "paragraph", "removed"),
            (words["in"], thing, "added"),
            (words["out"], thing, "removed"),
            (moved, "paragraph", "moved"),
        )
        if n
    ]
    if not parts and any(one.kind != "same" or one.mark for one in paragraphs):
        parts = ["punctuation or paragraphs only"]
    return ", ".join(parts)


def _says(paragraph: DiffParagraph) -> bool:
    return any(part.text.strip() for part in paragraph.words)


def _length(text: str, thing: str) -> str:
    return _count(count_words(text), thing)


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


@dataclass(slots=True)
class _Hunk:
    """A change with the numbers that stand wholly in it, on either side."""

    stretch: Stretch
    ours: list[Number]
    theirs: list[Number]
    words: int = 0  # of its longer side
    is_bare: bool = False  # it holds nothing but numbers
    is_rewritten: bool = False  # it says much the same in other words
    is_open: bool = False  # a number reaches into it from what stayed, or one side says nothing


def _numbers(before: str, after: str, pieces: Sequence[Stretch]) -> Iterator[TextChange]:
    """Numbers that another took the place of, that were given up and that were newly given; in the text's order."""
    ours = [number for number in numbers_in(before) if not _is_stamp(before, number)]
    theirs = [number for number in numbers_in(after) if not _is_stamp(after, number)]
    changed: list[Pair] = list(_overlapping(pieces, ours, theirs))
    kept = {number for pair in changed for number in pair if number}
    hunks = _hunks(pieces, (ours, theirs), kept)
    for hunk in hunks:
        _look_at(hunk, before, after)
    for hunk in hunks:
        if hunk.is_bare and len(hunk.ours) == len(hunk.theirs):
            changed += zip(hunk.ours, hunk.theirs, strict=True)
            hunk.ours, hunk.theirs = [], []
    _forget_equal(hunks)
    for hunk in hunks:
        changed += _partners(hunk, before, after)
    seen: set[tuple[str, str]] = set()
    for was, now in sorted(changed, key=lambda pair: _place(pieces, pair)):
        told = (was.text if was else "", now.text if now else "")
        if told in seen or (was and now and was.is_worth(now)):
            continue
        seen.add(told)
        around = words_around(after, now) if now else words_around(before, was) if was else ""
        yield TextChange("number", around, *told)


def words_around(text: str, number: Number) -> str:
    """A number with a few words before and after it, none beyond its sentence."""
    left, right = text[max(0, number.start - _AROUND) : number.start], text[number.end : number.end + _AROUND]
    left = _SENTENCE.split(left)[-1]
    right = _SENTENCE.split(right)[0]
    before = [word for word in words_of(left) if word.text[0].isalnum()][-WORDS_BEFORE:]
    after = [word for word in words_of(right) if word.text[0].isalnum()][:WORDS_AFTER]
    quote = (
        (left[before[0].start :] if before else "") + number.text + (right[: after[-1].end] if after else "")
    )
    return " ".join(quote.split())


def _overlapping(
    pieces: Sequence[Stretch], ours: Sequence[Number], theirs: Sequence[Number]
) -> Iterator[tuple[Number, Number]]:
    """Numbers that share words which stayed: the same number mostly, or "5" that became "5 million"."""
    starts = [number.start for number in theirs]
    taken: set[int] = set()
    begins = [one.before for one in pieces]
    for number in ours:
        for place in range(max(0, bisect_right(begins, number.start) - 1), len(pieces)):
            one = pieces[place]
            if one.before >= number.end:
                break
            low, high = max(number.start, one.before), min(number.end, one.before_end)
            if not one.same or low >= high:
                continue
            low, high = low - one.before + one.after, high - one.before + one.after
            at = max(0, bisect_right(starts, low) - 1)
            partner = next(
                (k for k in range(at, len(theirs)) if theirs[k].end > low and k not in taken), None
            )
            if partner is not None and theirs[partner].start < high:
                taken.add(partner)
                yield number, theirs[partner]
                break


def _hunks(
    pieces: Sequence[Stretch], numbers: tuple[Sequence[Number], Sequence[Number]], kept: Set[Number]
) -> list[_Hunk]:
    """The changes of a text with their numbers, those left out that have a partner already."""
    hunks = [_Hunk(one, [], []) for one in pieces if not one.same]
    for side in (0, 1):
        begins = [hunk.stretch.after if side else hunk.stretch.before for hunk in hunks]
        for number in numbers[side]:
            hunk = hunks[max(0, bisect_right(begins, number.end - 1) - 1)]
            if number in kept:
                end = hunk.stretch.after_end if side else hunk.stretch.before_end
                hunk.is_open = hunk.is_open or number.start < end
            else:
                (hunk.theirs if side else hunk.ours).append(number)
    return hunks


def _look_at(hunk: _Hunk, before: str, after: str) -> None:
    one = hunk.stretch
    left, right = before[one.before : one.before_end], after[one.after : one.after_end]
    counts = count_words(left), count_words(right)
    hunk.words = max(counts)
    hunk.is_open = hunk.is_open or not min(counts)
    hunk.is_bare = _is_bare(left, one.before, hunk.ours) and _is_bare(right, one.after, hunk.theirs)
    if CLOSE_WORDS < hunk.words <= REWRITTEN_WORDS:
        shared = _long_words(left) & _long_words(right)
        hunk.is_rewritten = len(shared) >= REWRITTEN_SHARE


def _long_words(text: str) -> set[str]:
    return {word.text.casefold() for word in words_of(text) if len(word.text) > 3 and word.text.isalpha()}  # noqa: PLR2004


def _is_bare(text: str, start: int, numbers: Sequence[Number]) -> bool:
    """Whether a piece of a text is numbers and signs only."""
    if len(numbers) > MOST_COMPARED:
        return False
    for number in reversed(numbers):
        text = text[: max(0, number.start - start)] + text[max(0, number.end - start) :]
    return bool(numbers) and not any(map(str.isalnum, text))


def _forget_equal(hunks: Sequence[_Hunk]) -> None:
    """Leave out numbers that only moved, inside a change before those from one to another."""
    for hunk in hunks:
        _forget([hunk])
    _forget(hunks)


def _forget(hunks: Sequence[_Hunk]) -> None:
    homes: dict[Hashable, list[Number]] = {}
    for hunk in hunks:
        for number in reversed(hunk.theirs):
            homes.setdefault(number.value[:2], []).append(number)
    gone: set[Number] = set()
    come: set[Number] = set()
    for hunk in hunks:
        for number in hunk.ours:
            found = homes.get(number.value[:2], [])
            if found and number.is_worth(found[-1]):
                gone.add(number)
                come.add(found.pop())
    for hunk in hunks:
        hunk.ours = [number for number in hunk.ours if number not in gone]
        hunk.theirs = [number for number in hunk.theirs if number not in come]


def _partners(hunk: _Hunk, before: str, after: str) -> Iterator[Pair]:
    """The numbers of a change that stand for one another, in order; in a short one also those without a partner."""
    ours, theirs = hunk.ours[:MOST_COMPARED], hunk.theirs[:MOST_COMPARED]
    worth = [[_alike(hunk, (before, a), (after, b)) for b in theirs] for a in ours]
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in range(len(ours) - 1, -1, -1):
        for j in range(len(theirs) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], worth[i][j] + best[i + 1][j + 1])
    i = j = 0
    left: list[Number] = []
    right: list[Number] = []
    while i < len(ours) and j < len(theirs):
        if worth[i][j] and best[i][j] == worth[i][j] + best[i + 1][j + 1]:
            yield ours[i], theirs[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            left.append(ours[i])
            i += 1
        else:
            right.append(theirs[j])
            j += 1
    if hunk.words > SHORT_WORDS or hunk.is_open:
        return
    yield from ((number, None) for number in [*left, *ours[i:]] if _stands_alone(number))
    yield from ((None, number) for number in [*right, *theirs[j:]] if _stands_alone(number))


def _stands_alone(number: Number) -> bool:
    return number.sort not in {"date", "time"} and not number.weak


def _alike(hunk: _Hunk, ours: tuple[str, Number], theirs: tuple[str, Number]) -> float:
    """How much speaks for one number standing for another: their sort, and the words next to them. 0: nothing."""
    (before, a), (after, b) = ours, theirs
    if a.sort != b.sort or (a.weak and b.weak):
        return 0.0
    beside = _next_words(before, a), _next_words(after, b)
    shared = sum(1.0 for one, other in zip(*beside, strict=True) if one and one == other)
    is_only = (
        hunk.is_rewritten and a.unit == b.unit != "" and _is_only(hunk.ours, a) and _is_only(hunk.theirs, b)
    )
    most = SHORT_WORDS if a.weak or b.weak else CLOSE_WORDS
    if not shared and not is_only and hunk.words > most:
        return 0.0
    return 1.0 + shared + (0.5 if a.unit == b.unit else 0.0)


def _is_only(numbers: Sequence[Number], number: Number) -> bool:
    return sum(1 for one in numbers if (one.sort, one.unit) == (number.sort, number.unit)) == 1


def _next_words(text: str, number: Number) -> tuple[str, str]:
    """The word before a number and the one after it, folded; "" for signs and very short words."""
    left, right = (
        words_of(text[max(0, number.start - 40) : number.start]),
        words_of(text[number.end : number.end + 40]),
    )
    pair = (left[-1].text if left else "", right[0].text if right else "")
    first, second = (word.casefold() if len(word) > 2 or not word.isascii() else "" for word in pair)  # noqa: PLR2004
    return (first if first[:1].isalnum() else "", second if second[:1].isalnum() else "")


def _place(pieces: Sequence[Stretch], pair: Pair) -> int:
    """Where in the newer text a change stands."""
    was, now = pair
    if now is not None:
        return now.start
    begins = [one.before for one in pieces]
    return pieces[max(0, bisect_right(begins, was.start if was else 0) - 1)].after


def _is_stamp(text: str, number: Number) -> bool:
    """Whether a number belongs to what a page says of itself: when it was updated, how often it was read."""
    line_start = text.rfind("\n", 0, number.start) + 1
    line_end = text.find("\n", number.end)
    line = text[max(line_start, number.start - _AROUND) : line_end if line_end >= 0 else len(text)][
        : 2 * _AROUND
    ]
    if number.sort in {"date", "time"}:
        return _STAMP.search(line) is not None and count_words(line) <= STAMP_WORDS
    return _COUNTER.match(text, number.end) is not None and count_words(line) <= STAMP_WORDS
