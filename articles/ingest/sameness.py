"""Whether two texts that give the same address are one article, or an address is given for several; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from articles.ingest.clean import line_key

# A page of so many words speaks for itself; of less, such as a feed's teaser, the headline decides.
LEAST_WORDS = 80
SHARED_TEXT = 0.5  # of the shorter text's three-word sequences
SHARED_TITLE = 0.6  # of both headlines' words
# A page's text is preferred to a feed's, and the survivor's to the other's, unless it is less than this part of it.
MUCH_LESS = 0.5
_MOST_CHARACTERS = 100_000
_WORD = re.compile(r"\w+")
# What is written without spaces is compared by its characters.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an article: its headline and as much of its text as there is."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A text that stands for an article: how long it is, whose, and whether its page shows only its beginning."""

    characters: int
    is_page: bool
    is_stub: bool


def is_better_text(other: Standing, own: Standing) -> bool:
    """Whether of two texts of one article the other's should stand in place of its own.

    A page's comes before a feed's. Length decides when one of them is only the beginning, or much less than the other.
    """
    if own.is_stub != other.is_stub:
        return other.characters > own.characters
    if other.is_page and not own.is_page:
        return other.characters >= MUCH_LESS * own.characters
    return own.characters < MUCH_LESS * other.characters


def why_same(left: Told, right: Told) -> str:
    """By what two articles of one publisher, of which one page says that they share an address, tell the same.

    In words that go on after "and"; empty when they do not. Two long texts must share most of the shorter one. When one is
    short, like headlines will do too.
    """
    sequences = [_sequences(told.text) for told in (left, right)]
    least = min(sequences, key=len)
    shared = len(sequences[0] & sequences[1]) / len(least) if least else 0.0
    if shared >= SHARED_TEXT:
        return f"{shared:.0%} of the shorter text stands in the other"
    is_short = len(least) < LEAST_WORDS and _is_same_title(left.title, right.title)
    return "their headlines are alike" if is_short else ""


def _is_same_title(left: str, right: str) -> bool:
    if line_key(left) == line_key(right):
        return bool(line_key(left))
    ours, theirs = (set(_words(line_key(title))) for title in (left, right))
    return len(ours & theirs) >= SHARED_TITLE * len(ours | theirs) if ours and theirs else False


def _sequences(text: str) -> frozenset[tuple[str, str, str]]:
    words = _words(text[:_MOST_CHARACTERS].casefold())
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _words(text: str) -> list[str]:
    words = _WORD.findall(text)
    if _UNSPACED.search(text[:1000]):
        return [sign for word in words for sign in (word if _UNSPACED.search(word) else [word])]
    return words
