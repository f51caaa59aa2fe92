"""What kind of name an unknown one is: the model's labels at all its places vote, and so do the words around and in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from entities.genders import SHE_NAMES
from entities.linking.fields import FieldText
from entities.linking.seen import KIND_OF_LABEL, Seen
from entities.names import names_a_firm
from entities.types import EntityKind
from entities.words import COMPANY_NOUNS, GIVEN_NAMES, HONORIFICS, ORGANISATION_HEADS, OTHER_NAME_TAILS, words

LABEL = 2  # what each place of the model counts
CUE = 3  # what words beside it count
FORM = 8  # what a word of the name itself counts
SURE = 200

_CODE_BEHIND = re.compile(
    r"(?:'s)? ?(?:<[A-Z0-9]{1,6}(?:\.[A-Z]{1,3})?>|[(\[](?:[A-Z]{2,8}: ?[A-Z0-9.]{1,8}|[A-Z0-9]{1,6}\.[A-Z]{1,3})[)\]])"
)
_OF_A_FIRM = re.compile(
    r"(?:'s?)? (?:shares|stock|CEO|revenues?|profits?|earnings|sales|bonds|shareholders|factor(?:y|ies)|plants?|stores?|products|subsidiary)\b"
)
_ANALYST_OF = re.compile(
    r"\b(?:[Aa]nalysts?|[Ee]conomists?|[Ss]trategists?|[Ee]xecutives?|[Ee]mployees|[Ss]hares|[Ll]awyers?|chief executive|CEO|chairman|[Ss]pokes\w+|stake|unit|founder)"
    r"(?: (?:at|of|in|with|for))(?: [a-z-]+)? $"
)
_WORD_BEFORE = re.compile(r"([\w-]+)(?:'s)? $")
_PEOPLE_DO = re.compile(
    r",? (?:who|whose|told (?:reporters|the)|tweeted|recalled|shrugged|resigned|was born|is married|aged \d)\b|, \d\d,"
)
# "Talking about her sister, Vindel" is somebody.
_WITH_OWN = re.compile(r"(?:^|[.!?\"'] ?|\n)[A-Z][a-z]+ing [^,.\n]*\b(?:his|her)\b[^,.\n]*, $")
_TITLES = words(
    """President Premier Senator Chancellor Governor Mayor King Queen Prince Princess Minister Secretary Judge Justice Coach Captain
    Striker Defender Midfielder Goalkeeper Congressman Congresswoman Representative Ambassador General Colonel Bishop Archbishop Cardinal
    Duke Duchess Baron Pope Professor"""
)
_FIRM_TAILS = OTHER_NAME_TAILS - words(
    "City County Beach Creek Harbor Heights Hill Hills Island Islands Lake River Park Square Valley Village Mountain Region Avenue Road"
    " Street Drive Lane Plaza Forest Field Bridge"
)


def voted_kinds(fields: Sequence[FieldText]) -> dict[str, EntityKind]:
    """The kind of each name that the model sees, by its words; one name has one kind in one text."""
    votes: dict[str, Counter[EntityKind]] = defaultdict(Counter)
    for read in fields:
        for name in read.seen or ():
            written = read.plain[name.start : name.end]
            votes[written][KIND_OF_LABEL[name.label]] += LABEL
            for kind, weight in _cues(read.plain, name):
                votes[written][kind] += weight
    for written, counted in votes.items():
        for kind, weight in _forms(written):
            counted[kind] += weight
    return {written: _winner(counted) for written, counted in votes.items()}


def _cues(plain: str, name: Seen) -> list[tuple[EntityKind, int]]:
    """What the words beside one place say."""
    before, after = plain[max(0, name.start - 60) : name.start], plain[name.end : name.end + 40]
    found: list[tuple[EntityKind, int]] = []
    if _CODE_BEHIND.match(after):
        found.append(("company", FORM))
    previous = _WORD_BEFORE.search(before)
    word = previous.group(1) if previous else ""
    if word in COMPANY_NOUNS:
        found.append(("company", CUE))
    if _OF_A_FIRM.match(after) or _ANALYST_OF.search(before):
        found.append(("company", CUE))
    if word in HONORIFICS or word in _TITLES or _PEOPLE_DO.match(after) or _WITH_OWN.search(before):
        found.append(("person", CUE))
    return found


def _forms(written: str) -> list[tuple[EntityKind, int]]:
    """What the words of the name itself say."""
    parts = written.split()
    if len(parts) == 1:
        return []
    if names_a_firm(f" {parts[-1]}"):
        return [("company", SURE)]
    if parts[-1] in ORGANISATION_HEADS or (parts[0] in ORGANISATION_HEADS and "of" in parts):
        return [("organization", FORM)]
    if parts[-1] in _FIRM_TAILS:
        return [("organization", FORM)]
    if (parts[0] in GIVEN_NAMES or parts[0] in SHE_NAMES) and len(parts) <= 3:  # noqa: PLR2004 - a given name, an initial, a surname
        return [("person", CUE)]
    return []


def _winner(votes: Counter[EntityKind]) -> EntityKind:
    """The kind with most votes; votes for a company are votes for an organisation, too."""
    firm = votes["company"]
    organisations = votes["organization"] + firm
    best = max(votes, key=lambda kind: (votes[kind], kind))
    if organisations >= votes[best]:
        return "company" if firm else "organization"
    return best
