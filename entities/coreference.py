"""Short names that a text gives to what it has named in full: acronyms, names without their form, surnames."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from entities.names import initials, is_common, plain_form, strip_legal
from entities.types import EntityKind
from entities.words import (
    CHINESE_FAMILY_NAMES,
    COMMON_WORDS,
    CONNECTORS,
    EXCHANGE_PREFIXES,
    GIVEN_NAMES,
    ORGANISATION_HEADS,
    PLACE_WORDS,
)

How = Literal["acronym", "defined", "without form", "head", "surname", "same"]

MIN_INITIALS = 3  # "IC" by initials would be a guess
MIN_HEAD = 3
MIN_PERSON_WORDS = 2
_DEFINED = re.compile(
    r"\s?\((?:the |or |hereinafter |called |known as )?[\"']?([A-Z][A-Za-z0-9&.\-]{1,11})[\"']?(?:[,;][^)]{0,40})?\)"
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class ShortName:
    """A form that may stand for a name given in full, and how it comes from it."""

    text: str
    how: How


def defined_acronym(plain: str, end: int, name: str) -> str:
    """The acronym in brackets behind a full name ("... Association (CSIA)"), "" when there is none that fits it."""
    match = _DEFINED.match(plain, end)
    if match is None:
        return ""
    short = match.group(1).rstrip(".")
    letters = "".join(c for c in short if c.isupper())
    if len(letters) < MIN_PERSON_WORDS or short.upper() in EXCHANGE_PREFIXES or ":" in match.group():
        return ""
    return short if _is_within(letters.lower(), plain_form(name).lower()) else ""


def _is_within(letters: str, name: str) -> bool:
    """Whether the letters follow each other in the name, the first one at its head."""
    at = iter(name)
    return bool(letters) and name[:1] == letters[0] and all(letter in at for letter in letters)


_BRACKETED = re.compile(r"(?<=[a-z]) \(([A-Z][A-Z0-9]{1,6})s?\)")
_LONGEST_PHRASE = 80  # characters


def ordinary_acronyms(plain: str) -> frozenset[str]:
    """Acronyms in brackets behind the ordinary words that they stand for: "electric vehicles (EVs)", "level 2 charger (L2C)"."""
    found = set()
    for match in _BRACKETED.finditer(plain):
        before = plain[max(0, match.start() - _LONGEST_PHRASE) : match.start()]
        said = re.findall(r"[^\W_]+", before)
        letters = match.group(1)
        own = said[-len(letters) :]
        if "".join(word[0] for word in own).upper() == letters and all(w == w.lower() for w in own):
            found |= {letters, f"{letters}s"}
    return frozenset(found)


def short_names(name: str, kind: EntityKind) -> tuple[ShortName, ...]:
    """The short forms that news makes of a full name, the surest first; none of them is one of its own words alone
    when that word is common ("General" for General Motors, "China" for China Mobile)."""
    if kind == "person":
        return _of_person(name)
    if kind == "place":
        return ()
    return _of_organisation(name)


def _of_person(name: str) -> tuple[ShortName, ...]:
    words = [
        w
        for w in plain_form(name).split()
        if _WORD.search(w) and w.rstrip(".") not in ("Jr", "Sr", "II", "III")
    ]
    if len(words) < MIN_PERSON_WORDS:
        return ()
    family_first = (
        words[0] in CHINESE_FAMILY_NAMES
        and words[0] not in GIVEN_NAMES
        and words[-1] not in CHINESE_FAMILY_NAMES
    )
    surname = words[0] if family_first else words[-1]
    if len(words) > MIN_PERSON_WORDS and words[-2].lower() in CONNECTORS:
        surname = f"{words[-2]} {surname}"
    return (ShortName(surname, "surname"),)


def _of_organisation(name: str) -> tuple[ShortName, ...]:
    stripped = strip_legal(name)
    base = plain_form(stripped.base)
    found: dict[str, How] = {}
    if stripped.suffix and not (_is_single(base) and base.lower() in COMMON_WORDS and len(base) < MIN_HEAD):
        found[base] = "without form"
    for letters in sorted(initials(name), key=len, reverse=True):
        if len(letters) >= MIN_INITIALS:
            found.setdefault(letters, "acronym")
    words = base.split()
    institution = any(w in ORGANISATION_HEADS for w in words)
    for count in (2, 1):
        if len(words) > count and not institution:
            head = " ".join(words[:count])
            if _stands_alone(words[:count], head):
                found.setdefault(head, "head")
    return tuple(ShortName(text, how) for text, how in found.items())


def _is_single(base: str) -> bool:
    return " " not in base


def _stands_alone(words: list[str], head: str) -> bool:
    last = words[-1].lower()
    if last in CONNECTORS or last == "&" or len(head) < MIN_HEAD or is_common(head):
        return False
    first = words[0]
    if len(words) == 1:
        return first[0].isupper() and first not in GIVEN_NAMES and first.lower() not in PLACE_WORDS
    return first[0].isupper() and words[-1][0].isupper()


def find_short(plain: str, short: str, *, surname: bool = False) -> Iterable[tuple[int, int]]:
    """Where a short name stands in the text as a whole word, written just so; a surname not behind another name."""
    at = plain.find(short)
    while at >= 0:
        end = at + len(short)
        before, after = plain[at - 1 : at], plain[end : end + 1]
        cut = (
            before.isalnum()
            or after.isalnum()
            or (before and before in "_@#&\\")
            or (after and after in "_@&")
        )
        tied = (before == "-" and at > 1 and plain[at - 2].isalpha()) or (
            after == "-" and plain[end + 1 : end + 2].isupper()
        )
        if not cut and not tied and not (surname and _is_anothers(plain, at)):
            yield at, end
        at = plain.find(short, end)


def _is_anothers(plain: str, at: int) -> bool:
    """Whether a given name or an initial stands before a surname: it is somebody else's, or a full name of its own."""
    word = re.search(r"([A-Za-z][\w'-]*\.?) $", plain[max(0, at - 24) : at])
    return word is not None and (
        word.group(1) in GIVEN_NAMES or re.fullmatch(r"[A-Z]\.", word.group(1)) is not None
    )
