"""A state that acts is its country: "the Chinese government", "Chinese officials" and "Trump administration" name no firm.

What a paper calls "China", "Beijing" or "the Chinese government" is one actor, and has one page: the country's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from entities.compiled import Lexicon, NameRow
from entities.names import plain_form
from entities.recognition import NameHit

# A name of a government that only describes it, in small letters; "Scottish Government" is a name of its own.
_DESCRIBED = re.compile(r"(?P<the>the )?(?P<who>[A-Z].*?)(?:'s?)? (?P<noun>government|administration)")
# Words behind an adjective of a country with which the state is meant, and not what people make or eat there.
_ORGANS = (
    "government|authorities|officials?|regulators?|lawmakers?|diplomats?|negotiators?|military|army|navy|troops|forces"
    "|parliament|cabinet|embassy|soldiers|warships?|tariffs?|sanctions"
)
_OFFICES = (
    "president|premier|prime minister|chancellor|(?:foreign|finance|defen[cs]e|trade|interior|energy|economy|health|commerce)"
    " (?:minister|ministry)"
)
_ACTING = re.compile(
    rf"(?<![\w.])([A-Z][\w.]{{1,20}}(?: [A-Z][a-z]{{1,20}})?) (?:(?:{_ORGANS})\b|(?i:{_OFFICES})\b)"
)


def as_country(plain: str, hit: NameHit, lexicon: Lexicon) -> NameHit:
    """The hit read at the country where all that it can mean is a government under a describing name.

    "Chinese government" and "China's government" leave the country's own words, "Trump administration" stays whole.
    """
    if not hit.rows or any(row.entity_id not in lexicon.states for row in hit.rows):
        return hit
    written = _DESCRIBED.fullmatch(plain, hit.start, hit.end)
    if written is None or any(_DESCRIBED.fullmatch(plain_form(row.text)) is None for row in hit.rows):
        return hit
    rows = tuple(_row(lexicon.states[row.entity_id], row.text) for row in hit.rows)
    if written.group("noun") == "administration":
        return replace(hit, rows=rows)
    start, end = written.span("who")
    return NameHit(start, end, end, rows, "")


def acting_countries(plain: str, lexicon: Lexicon) -> Iterator[NameHit]:
    """The adjectives of countries where their state acts: "Chinese officials", "French Finance Minister"."""
    for match in _ACTING.finditer(plain):
        words = match.group(1)
        for nation in (words, words.rpartition(" ")[2]):
            government = lexicon.nations.get(nation)
            if government is not None:
                end = match.end(1)
                row = _row(lexicon.states[government], nation)
                yield NameHit(end - len(nation), end, end, (row,), "")
                break


def _row(country: int, words: str) -> NameRow:
    return NameRow(entity_id=country, kind="short", weak=False, text=words, suffix="", capitals=False)
