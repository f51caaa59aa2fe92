"""Rules: the address of some words in an article, and where these words stand in the text as it is now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

Field = Literal["title", "text"]

_WRITTEN = re.compile(r"(t?)(\d{1,9})-(\d{1,9})-([0-9a-f]{8})")
LONGEST = 1_000  # characters of a passage that can be asked for
LOOKED_AT = 20_000  # places where words that moved are looked for


@dataclass(frozen=True, slots=True)
class Citation:
    """Some words of an article: code points of its title or text, and a checksum of the words themselves."""

    field: Field
    start: int
    end: int
    check: str

    def __str__(self) -> str:
        return f"{'t' if self.field == 'title' else ''}{self.start}-{self.end}-{self.check}"


def cite(field: Field, start: int, end: int, words: str) -> Citation:
    """The citation of words that stand from `start` to `end`."""
    return Citation(field, start, end, _check(words))


def read_citation(text: str) -> Citation | None:
    """A citation as an address has it; None when it makes no sense."""
    match = _WRITTEN.fullmatch(text) if text.isascii() else None
    if match is None:
        return None
    start, end = int(match[2]), int(match[3])
    if not start < end <= start + LONGEST:
        return None
    return Citation("title" if match[1] else "text", start, end, match[4])


def find_cited(citation: Citation, text: str) -> tuple[int, int] | None:
    """Where the cited words stand in a text that may have changed since: at their place, else where the same words
    stand nearest to it; None when they are gone.
    """
    length = citation.end - citation.start
    first, last = citation.start - LOOKED_AT // 2, citation.start + LOOKED_AT // 2
    places = range(max(0, first), min(last, len(text) - length) + 1)
    near = sorted(places, key=lambda at: (abs(at - citation.start), at))
    found = next((at for at in near if _check(text[at : at + length]) == citation.check), None)
    return None if found is None else (found, found + length)


def _check(words: str) -> str:
    """CRC-32 (IEEE 802.3) of the words: it tells a change, and keeps the address short."""
    return f"{crc32(words.encode()):08x}"
