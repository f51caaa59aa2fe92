"""What is said in quotation marks, double or single, in a plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"\"|'")
_OPENS_BEHIND = frozenset(' \n(:,-["')
_ENDS = frozenset(".,!?;:)]-")
_LEADS_IN = (". ", ": ", "? ", "! ", ", ")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that somebody says, without their marks."""

    start: int
    end: int


def quotations(plain: str) -> list[Quotation]:
    """The quotations of a text, by their start, none inside another.

    One that its paragraph does not close goes on to the paragraph's end, as those do that the next one takes up.
    """
    found: list[Quotation] = []
    for line in re.finditer(r"[^\n]+", plain):
        opened, mark = -1, ""
        for match in _MARK.finditer(plain, line.start(), line.end()):
            at, sign = match.start(), match.group()
            if opened < 0:
                if _opens(plain, at, sign):
                    opened, mark = at + 1, sign
            elif sign == mark and (sign == '"' or _closes(plain, at)):
                found.append(Quotation(opened, at))
                opened = -1
        if opened >= 0 and (mark == '"' or _leads(plain, line.start(), opened - 1)):
            found.append(Quotation(opened, line.end()))
    return found


def _opens(plain: str, at: int, sign: str) -> bool:
    """Whether a mark opens a quotation; a single one inside a word is an apostrophe."""
    if sign == '"':
        return True
    before, after = plain[at - 1 : at], plain[at + 1 : at + 2]
    return (not before or before in _OPENS_BEHIND) and bool(after.strip()) and not after.isdigit()


def _closes(plain: str, at: int) -> bool:
    """Whether a single mark closes a quotation, and is not the apostrophe of "the workers' pay"."""
    before, after = plain[at - 1 : at], plain[at + 1 : at + 2]
    if after.isalnum():
        return False
    return before in _ENDS or before != "s" or not after or after in "\n.,;:"


def _leads(plain: str, line: int, at: int) -> bool:
    """Whether a single mark that nothing closes stands where speech begins."""
    return at == line or plain[at - 2 : at] in _LEADS_IN
