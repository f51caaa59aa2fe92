"""Rules: where a quote stands in a text, and how a note's anchor is carried to a changed text."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from articles.texts.diff import stretches
from articles.texts.words import count_words

CONTEXT = 32  # characters of prefix and suffix that are kept
LONGEST_QUOTE = 2000
LEAST_CONTEXT = 0.3  # of the context must agree when a quote stands in several places
LEAD = 0.1  # and by so much more than at the next best place
KEPT = 0.5  # of the words of a passage that was changed, to be the same passage
FOLLOWED_STEPS = 400_000  # of aligning two texts for the sake of a note: about a tenth of a second


@dataclass(frozen=True, slots=True)
class Anchor:
    """A passage by position (code points, `end` exclusive) and by quote with its surroundings."""

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


def anchor_at(text: str, start: int, end: int) -> Anchor:
    """The anchor of a span of a text. Raises ValueError for a span outside it, empty or longer than allowed."""
    if not 0 <= start < end <= len(text):
        raise ValueError("The passage lies outside the text.")
    if end - start > LONGEST_QUOTE:
        raise ValueError(f"A passage may have {LONGEST_QUOTE} characters, this one has {end - start}.")
    return Anchor(
        start, end, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    )


def find_quote(text: str, quote: str, near: int = 0) -> Anchor | None:
    """The place of an exact quote that is nearest to `near`; None when it does not stand there word for word."""
    quote = quote.strip()
    places = _places(text, quote)
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - near))
    return anchor_at(text, start, start + len(quote))


def carry(anchor: Anchor, text: str) -> Anchor | None:
    """The same passage in a changed text, None (an orphan) when it is gone or could be any of several.

    The same words at the same place win; else the only place of the words; else the place whose surroundings agree
    clearly more than those of all others.
    """
    if text[anchor.start : anchor.end] == anchor.exact:
        alike = _alike(anchor, text, anchor.start)
        if alike >= LEAST_CONTEXT or len(_places(text, anchor.exact)) == 1:
            return anchor_at(text, anchor.start, anchor.end)
    places = _places(text, anchor.exact)
    if not places:
        return None
    if len(places) == 1:
        return anchor_at(text, places[0], places[0] + len(anchor.exact))
    ranked = sorted(((_alike(anchor, text, place), -place) for place in places), reverse=True)
    (best, place), (second, _) = ranked[0], ranked[1]
    if best < LEAST_CONTEXT or best - second < LEAD:
        return None
    return anchor_at(text, -place, -place + len(anchor.exact))


def _places(text: str, quote: str) -> list[int]:
    places: list[int] = []
    at = text.find(quote) if quote else -1
    while at >= 0:
        places.append(at)
        at = text.find(quote, at + 1)
    return places


def _alike(anchor: Anchor, text: str, start: int) -> float:
    """How much of an anchor's surroundings stands around a place: 0..1."""
    end = start + len(anchor.exact)
    before = text[max(0, start - CONTEXT) : start]
    after = text[end : end + CONTEXT]
    sides = [
        SequenceMatcher(None, kept, found, autojunk=False).ratio()
        for kept, found in ((anchor.prefix, before), (anchor.suffix, after))
        if kept or found
    ]
    return sum(sides) / len(sides) if sides else 1.0


def follow(anchor: Anchor, before: str, after: str) -> Anchor | None:
    """Where a passage of one text stands in the next when its own words changed a little; None when too few are left.

    The texts are aligned: what took the place of words inside the passage belongs to it, what was put at its edges
    does not. At least KEPT of the words on either side must be the same ones, so a passage is never said to have
    become another. Long texts that share little count as lost (see `diff`).
    """
    if before[anchor.start : anchor.end] != anchor.exact:
        return None
    found: list[tuple[int, int]] = []
    kept = 0
    for one in stretches(before, after, steps=FOLLOWED_STEPS):
        low, high = max(one.before, anchor.start), min(one.before_end, anchor.end)
        if low > high or (low == high and one.before != one.before_end):
            continue
        if one.same:
            if low < high:
                at = one.after + low - one.before
                found.append((at, at + high - low))
                kept += count_words(before[low:high])
        elif anchor.start <= one.before and one.before_end <= anchor.end:
            is_edge = one.before == one.before_end and one.before in {anchor.start, anchor.end}
            if not is_edge:
                found.append((one.after, one.after_end))
    if not kept:
        return None
    start, end = found[0][0], found[-1][1]
    end -= len(after[start:end]) - len(after[start:end].rstrip())
    start += len(after[start:end]) - len(after[start:end].lstrip())
    most = max(count_words(anchor.exact), count_words(after[start:end]))
    if kept < KEPT * most or not 0 < end - start <= LONGEST_QUOTE:
        return None
    return anchor_at(after, start, end)
