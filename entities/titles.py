"""Titles of positions brought to comparable forms, and whether what a text states agrees with what is known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from entities.names import fold

# What says when or since when, not what: left out before titles are compared.
_LEAD = re.compile(
    r"^(?:(?:the|a|an|its|his|her|their|former|formerly|ex|one-time|onetime|then|current|currently|new|newly|appointed"
    r"|elected|named|long-?time|long-?serving|outgoing|incoming|departing|late|u\.?s\.?)[\s-]+)+"
)
_PARTS = re.compile(r"\s*(?:,|;|/|&|\band\b|\bas well as\b)\s*")
_SPACES = re.compile(r"[\s\-\u2010-\u2015]+")
# Different words for one post. The longer ones first: each is put in the place of the whole words.
_SAME: tuple[tuple[str, str], ...] = (
    ("chief executive officer", "ceo"),
    ("chief exec", "ceo"),
    ("chief executive", "ceo"),
    ("chief financial officer", "cfo"),
    ("finance chief", "cfo"),
    ("chief operating officer", "coo"),
    ("chief technology officer", "cto"),
    ("chief technical officer", "cto"),
    ("chief information officer", "cio"),
    ("chairman of the board", "chair"),
    ("chairman", "chair"),
    ("chairwoman", "chair"),
    ("chairperson", "chair"),
    ("spokesman", "spokesperson"),
    ("spokeswoman", "spokesperson"),
    ("co founder", "cofounder"),
    ("vice president", "vp"),
    ("managing director", "md"),
    ("prime minister", "pm"),
    ("premier", "pm"),
    ("congresswoman", "representative"),
    ("congressman", "representative"),
    ("head of state", "president"),
)
_WHOLE = tuple((re.compile(rf"(?<!\w){words}(?!\w)"), short) for words, short in _SAME)
# Posts that one person holds at a time: two holders at once contradict each other.
_SINGLE = frozenset(
    {"ceo", "cfo", "coo", "cto", "chair", "president", "pm", "governor", "chancellor", "mayor"}
)


def title_keys(title: str) -> frozenset[str]:
    """The posts that a title names, each in one form: "Chairman & Chief Executive Officer" gives chair and ceo.

    "former" and "new" are no part of a post; "deputy", "acting" and "vice" are.
    """
    found = set()
    for part in _PARTS.split(fold(title).replace(".", "")):
        bare = _SPACES.sub(" ", _LEAD.sub("", part)).strip()
        for words, short in _WHOLE:
            bare = words.sub(short, bare)
        if bare:
            found.add(bare)
    return frozenset(found)


def title_key(title: str) -> str:
    """The posts of a title as one string, the same for all its wordings."""
    return "+".join(sorted(title_keys(title)))


@dataclass(frozen=True, slots=True)
class Held:
    """A position as the knowledge base has it; dates are YYYY, YYYY-MM or YYYY-MM-DD, or empty when not known."""

    title: str
    since: str = ""
    until: str = ""
    former: bool = False
    as_of: str = ""


def agrees(held: Held, title: str, *, former: bool, said_on: str) -> bool:
    """Whether a statement of a day (YYYY-MM-DD) about the same two says nothing but what is known.

    A date that is less exact than the day agrees when the day lies in it.
    """
    keys = title_keys(title)
    if not keys or not keys <= title_keys(held.title):
        return False
    if held.until:
        ended = _compare(said_on, held.until)
        return ended >= 0 if former else ended <= 0 and _has_begun(held, said_on)
    if held.former:
        return former or _compare(said_on, held.as_of) <= 0
    return not former and _has_begun(held, said_on)


def contradicts(title: str, other: str, *, former: bool, other_former: bool, same_person: bool) -> str:
    """Why two statements about one organisation cannot both be true of one time; empty when they can.

    One person in office and out of it, or two persons in a post that one holds at a time.
    """
    shared = title_keys(title) & title_keys(other)
    if not shared:
        return ""
    if same_person:
        return "one says that it is held, the other that it has ended" if former != other_former else ""
    if not former and not other_former and shared & _SINGLE:
        return "both would hold a post that one person holds at a time"
    return ""


def _has_begun(held: Held, said_on: str) -> bool:
    return not held.since or _compare(said_on, held.since) >= 0


def _compare(day: str, date: str) -> int:
    """-1, 0 or 1: before, in or after a date that may be a year or a month."""
    part = day[: len(date)]
    return (part > date) - (part < date)


_OFFICES = frozenset({"president", "pm", "chancellor", "mayor", "king", "queen"})
_OFFICE_WORDS = re.compile(
    r"\b(?:minister|secretary|senator|representative|ambassador|commissioner|governor|lawmaker)\b"
)
_BOARD = re.compile(r"\b(?:chair|director|board member|board)\b")


def position_kind(title: str, organization_kind: str) -> str:
    """Which sort of position a title is: director, employee, member or (public) office; a first guess for a form."""
    keys = title_keys(title)
    if organization_kind in {"public_body", "place"} and (
        keys & _OFFICES or any(_OFFICE_WORDS.search(key) for key in keys)
    ):
        return "office"
    if any(_BOARD.search(key) for key in keys):
        return "director"
    return "member" if "member" in keys else "employee"
