"""What may wait for an editor: the kinds of questions, and how a question is named in an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LINK, NAME, SAME, FACT, POSITION, PLACEMENT = "link", "name", "same", "fact", "position", "placement"
# The address's word, the list's word, the word for one, in the order of the page.
KINDS = {
    LINK: ("Links", "Link"),
    NAME: ("Names", "Name"),
    SAME: ("Same?", "Same"),
    FACT: ("Facts", "Fact"),
    POSITION: ("Posts", "Post"),
    PLACEMENT: ("Events", "Event"),
}
_KEY = re.compile(r"(name|same|fact|position)\.(\d{1,18})", re.ASCII)
_PLACEMENT = re.compile(r"placement\.(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)
_LINK = re.compile(r"link\.(\d{1,18}(?:-\d{1,18}){0,19})?\.(.{1,300})", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """Which question an address asks for: a row by its number, a name with its candidates, or an event and another."""

    kind: str
    number: int = 0
    surface: str = ""
    candidates: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """The question as an address names it."""
        if self.kind == LINK:
            return f"{LINK}.{'-'.join(map(str, self.candidates))}.{self.surface}"
        if self.kind == PLACEMENT and self.candidates:
            return f"{PLACEMENT}.{self.number}-{self.candidates[0]}"
        return f"{self.kind}.{self.number}"


def link_question(surface: str, candidates: Sequence[int]) -> Question:
    """The question whom a name means; the candidates' order does not matter."""
    return Question(LINK, surface=surface, candidates=tuple(sorted(set(candidates))))


def read_question(key: str) -> Question | None:
    """The question of an address; None when it is none."""
    key = key.replace("\x00", "")
    row = _KEY.fullmatch(key)
    if row is not None:
        return Question(row[1], number=int(row[2]))
    place = _PLACEMENT.fullmatch(key)
    if place is not None:
        return Question(PLACEMENT, number=int(place[1]), candidates=(int(place[2]),) if place[2] else ())
    link = _LINK.fullmatch(key)
    if link is None:
        return None
    return link_question(link[2], [int(part) for part in (link[1] or "").split("-") if part])
