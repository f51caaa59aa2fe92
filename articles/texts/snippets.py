"""Rules: the sentence around a name, cut from a text at exact code points."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 320  # code points of a snippet
_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?=\s|$)|\n+")
# Before these a full stop ends no sentence: "Mr. Orne", "U.S. steel", "No. 3".
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[A-Z]\.[A-Z]|Mr|Mrs|Ms|Dr|St|No|Inc|Corp|Co|Ltd|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec)$"
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A name and the words of its sentence before and after it; an ellipsis stands where it was shortened."""

    before: str
    name: str
    after: str


def sentence_around(text: str, start: int, end: int, longest: int = LONGEST) -> Snippet:
    """The sentence in which a span stands, on one line and at most about `longest` characters.

    A span outside the text gives an empty snippet.
    """
    if not 0 <= start < end <= len(text):
        return Snippet("", "", "")
    low, high = 0, len(text)
    for match in _ENDS.finditer(text):
        if (
            _ABBREVIATED.search(text[max(0, match.start() - 8) : match.start()])
            and text[match.start()] == "."
        ):
            continue
        if match.end() <= start:
            low = match.end()
        elif match.start() >= end:
            high = match.end() if text[match.start()] != "\n" else match.start()
            break
    room = max(20, longest - (end - start))
    before, after = text[low:start].lstrip(), text[end:high].rstrip()
    # What comes after a name says less of it than what comes before; each side may use what the other leaves.
    left = max(room // 2, room - len(after))
    right = max(room // 2, room - len(before))
    if len(before) > left:
        before = "… " + before[-left:].partition(" ")[2]
    if len(after) > right:
        after = after[:right].rpartition(" ")[0] + " …"
    return Snippet(_line(before), _line(text[start:end]), _line(after))


def _line(text: str) -> str:
    """On one line, with a space at either end where there was one."""
    return re.sub(r"\s+", " ", text)
