"""Runs of capitalised words that are one name by their form, whether anybody knows it or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from entities.names import names_a_firm, written_suffix_end
from entities.sentences import Sentence, sentence_at
from entities.words import (
    CALENDAR,
    COUNTRY_WORDS,
    GIVEN_NAMES,
    HONORIFICS,
    ORGANISATION_HEADS,
    SENTENCE_STARTERS,
    TITLE_WORDS,
    words,
)

LONGEST_LARGER = 200  # characters


@dataclass(frozen=True, slots=True)
class LargerName:
    """A run of capitalised words that is one name by its form, whether the lexicon knows it or not."""

    start: int
    end: int
    kind: Literal["company", "organization", "person"]
    evident: bool = True  # sure enough to be proposed when nobody knows it


_Token = tuple[int, int, str]  # start, end, word

_CAP = r"(?:(?:[A-Z]\.)+(?= )|[A-Z][\w&]*(?:[-./][A-Z0-9][\w&]*|'[A-Z]\w+)*)"
_RUN = re.compile(
    rf"(?<![\w&])(?:{_CAP}(?: & {_CAP}| (?:of|for|de|du) (?:the )?{_CAP}| {_CAP})+|{_CAP}(?=,? (?:Inc|Corp|Ltd|Plc|PLC|LLC|GmbH|AG|SA)\b))"
)
_TOKEN = re.compile(r"\S+")
_FORM_WORD = re.compile(
    r"^(?:Inc|Corp|Co|Ltd|Plc|LLC|LLP|Group|Holdings?|Company|Corporation|Limited|Incorporated)$"
)
_ABBREVIATED_FORM = re.compile(r"^(?:Inc|Corp|Co|Ltd|Plc|Pte|Pty|Bhd)$")
# Titles that are as often the first word of a name ("First Albany Corp.", "General Dynamics").
_NAME_LIKE_TITLES = words(
    """First General Financial Finance Energy Technology Trade Health Education Commerce Treasury Press Investor Investors Partner Head
    Major Prime Congress Parliament Party Operating Interior Labor Labour Executive Foreign Defence Defense Justice King Prince"""
)
_LEFT_OF = words("of for de du the &")
# Before a given name they make a place: "Bank of San Diego", "University of West Virginia".
_PLACE_OPENERS = words(
    "San Santa Sao St St. Saint Fort Port Lake Mount New North South East West and & of the"
)


def find_larger_names(plain: str, sentences: Sequence[Sentence]) -> list[LargerName]:
    """Runs of capitalised words that are one company, institution or person by their form.

    Only in ordinary sentences: where every word is capitalised a run says nothing, except for persons.
    """
    found: list[LargerName] = []
    for match in _RUN.finditer(plain):
        if match.end() - match.start() > LONGEST_LARGER:
            continue
        sentence = sentence_at(sentences, match.start())
        tokens = [
            (match.start() + t.start(), match.start() + t.end(), t.group())
            for t in _TOKEN.finditer(match.group())
        ]
        persons = _persons_in(tokens, normal=sentence.casing == "normal")
        found.extend(persons)
        if sentence.casing != "normal":
            continue
        tokens = _after_join(_trim_left(tokens))
        if not tokens:
            continue
        tokens = _up_to_form(tokens)
        stop = written_suffix_end(plain, tokens[-1][1])
        written = _form_at(tokens, plain[tokens[-1][1] : stop])
        if stop == tokens[-1][1] and plain[stop : stop + 1] == "." and _ABBREVIATED_FORM.match(tokens[-1][2]):
            stop += 1
        if written and names_a_firm(written) and not all(_FORM_WORD.match(t[2]) for t in tokens):
            found.append(LargerName(tokens[0][0], stop, "company"))
            continue
        institution = _institution_in(tokens)
        if institution is not None:
            found.append(institution)
    return found


def _up_to_form(tokens: list[_Token]) -> list[_Token]:
    """The tokens up to the last legal form among them: a name ends there, "Acme Ltd Q2" is Acme Ltd."""
    for i in range(len(tokens) - 1, 0, -1):
        if _ABBREVIATED_FORM.match(tokens[i][2]):
            return tokens[: i + 1]
    return tokens


def _form_at(tokens: list[_Token], behind: str) -> str:
    forms = []
    for token in reversed(tokens):
        if not _FORM_WORD.match(token[2]) and not names_a_firm(token[2]):
            break
        forms.append(token[2])
    return " ".join([*reversed(forms), behind]).strip(" ,") if len(forms) < len(tokens) else ""


def _after_join(tokens: list[_Token]) -> list[_Token]:
    """The tokens of the last name: "John Roe of Acme Ltd." are two, "Bank of New York Mellon Corp." is one."""
    for i in range(len(tokens) - 2, 0, -1):
        joins = tokens[i][2] in ("of", "for")
        if joins and tokens[i - 1][2] not in ORGANISATION_HEADS and not _FORM_WORD.match(tokens[i - 1][2]):
            return tokens[i + 2 :] if tokens[i + 1][2] == "the" else tokens[i + 1 :]
    return tokens


def _trim_left(tokens: list[_Token]) -> list[_Token]:
    while tokens:
        word = tokens[0][2]
        opens = word in SENTENCE_STARTERS
        if (
            opens
            or (word in TITLE_WORDS and word not in _NAME_LIKE_TITLES)
            or word in CALENDAR
            or word in HONORIFICS
            or word in _LEFT_OF
        ):
            tokens = tokens[1:]
        else:
            break
    return tokens


# Heads that end other capitalised runs, too: "Post to Facebook Post", "the Tokyo Exchange".
_LOOSE_HEADS = words(
    """Post Times Journal Bar Office Project Service Services Union Center Centre Exchange Conference Trust Fund Board
    Bank Club Forum Police Partnership Party Herald School"""
)


def _institution_in(tokens: list[_Token]) -> LargerName | None:
    parts = [t[2] for t in tokens]
    heads = [i for i, word in enumerate(parts) if word in ORGANISATION_HEADS]
    if not heads or len(parts) == 1:
        return None
    last = heads[-1]
    evident = parts[last] not in _LOOSE_HEADS
    if last == len(parts) - 1:
        return LargerName(tokens[0][0], tokens[-1][1], "organization", evident) if last else None
    if parts[last + 1] in ("of", "for"):
        return LargerName(tokens[0][0], tokens[_last_of(parts, last + 2)][1], "organization", evident)
    if last == 0:
        return None
    for word in parts[last + 1 :]:
        if word in TITLE_WORDS or word in CALENDAR or word in GIVEN_NAMES or word in COUNTRY_WORDS:
            break
        last += 1
    return LargerName(tokens[0][0], tokens[last][1], "organization", evident)


def _last_of(parts: Sequence[str], first: int) -> int:
    """The last word of "Bank of England" in "Bank of England Governor Andrew Bailey"; `first` is the one after "of"."""
    last = min(first + (parts[first] == "the"), len(parts) - 1)
    for at in range(last + 1, len(parts)):
        word = parts[at]
        after = parts[at + 1] if at + 1 < len(parts) else ""
        titled = after in TITLE_WORDS or after in GIVEN_NAMES
        if word in CALENDAR or word in HONORIFICS:
            break
        if word in TITLE_WORDS and (word not in _NAME_LIKE_TITLES or titled):
            break
        if word in GIVEN_NAMES and parts[at - 1] not in _PLACE_OPENERS:
            break
        last = at
    return last


def _ends_person(word: str) -> bool:
    return (
        word in _LEFT_OF
        or word in TITLE_WORDS
        or word in CALENDAR
        or word in ORGANISATION_HEADS
        or word in COUNTRY_WORDS
        or _FORM_WORD.match(word) is not None
    )


def _persons_in(tokens: list[_Token], *, normal: bool) -> list[LargerName]:
    found = []
    i = 0
    while i < len(tokens) - 1:
        if tokens[i][2] in GIVEN_NAMES:
            j = i + 1
            if len(tokens[j][2]) == 1 and j + 1 < len(tokens):
                j += 1
            word = tokens[j][2]
            if not _ends_person(word):
                after = tokens[j + 1][2] if j + 1 < len(tokens) else ""
                third = normal and after and not _ends_person(after)
                j += 1 if third else 0
                found.append(LargerName(tokens[i][0], tokens[j][1], "person"))
                i = j
        i += 1
    return found
