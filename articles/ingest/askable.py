"""Which unknown names are put to editors: those that their form or their articles show to be people or organisations.

Most names that a language model alone sees are read rightly when they have two words and often wrongly when they have
one: towns, products, abbreviations and storms pass for companies. A queue that asks about all of them is left alone, so
a name waits for a person only with evidence that a question is worth their time. All others stay marked in their
articles, where an editor can still decide about them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from entities.names import fold, has_cjk, initials, names_a_firm, proposal_key, strip_legal
from entities.titles import title_key
from entities.types import FoundMention, FoundRole
from entities.words import COMMON_WORDS, COUNTRY_WORDS, PLACE_WORDS

ASKED_KINDS = frozenset(
    {"person", "company", "organization", "public_body"}
)  # places and others are followed by none
ENOUGH_ARTICLES = 3  # a model misreads a word in one article, and seldom alike in three
SHORTEST_ACRONYM = 3  # two letters stand for too much: AI, EV, UK
LONGEST_ACRONYM = 10
# What the linker gives as reason when the text itself says what a name is, not the model.
TOLD_CODES = frozenset({"role", "form", "announced", "code"})
_WEATHER = frozenset({"storm", "hurricane", "typhoon", "cyclone", "tropical", "tornado"})
_PLACES = frozenset(word.lower() for word in (*PLACE_WORDS, *COUNTRY_WORDS))
_WORD = re.compile(r"[^\W_]+(?:['’&.\-][^\W_]+)*")
_AROUND = 120  # characters beside a bracket in which a whole name is looked for


def is_askable(kind: str, names: Collection[str], articles: int, told: int) -> bool:
    """Whether an unknown name is put to editors.

    `kind`: what most articles take it for; `names`: as articles write it; `articles`: how many do now; `told`: in how
    many of them the text itself says what it is (see `told_names`).
    """
    if kind not in ASKED_KINDS or articles <= 0:
        return False
    if told > 0 or any(names_a_firm(strip_legal(name).suffix) for name in names):
        return True
    written = [_words(name) for name in names]
    if any(words[:1] and (words[0] in _WEATHER or words[-1] in _WEATHER) for words in written):
        return False
    single = all(len(words) < 2 for words in written)  # noqa: PLR2004 - two words
    if single and any(
        (len(word) < SHORTEST_ACRONYM and word.isascii()) or word in _PLACES
        for words in written
        for word in words
    ):
        return False
    return articles >= ENOUGH_ARTICLES or any(map(has_cjk, names)) or any(map(_is_distinct, written))


def told_names(mentions: Iterable[FoundMention], roles: Iterable[FoundRole], text: str) -> set[str]:
    """The keys of a text's unknown names of which the text says by itself what they are.

    A legal form, a share's code or a word that announces it stands beside it; somebody holds a stated position there, or
    is named with one; or brackets define it as the acronym of a whole name.
    """
    told: set[str] = set()
    seen: set[str] = set()
    for found in mentions:
        if found.status != "proposed":
            continue
        name = found.label or found.text
        key = proposal_key(name)
        if key not in told and any(why.code in TOLD_CODES for why in found.why):
            told.add(key)
        if name not in seen:
            seen.add(name)
            if is_defined(name, text):
                told.add(key)
    for role in roles:
        if title_key(role.title) and role.person and role.organization:
            told.update(
                proposal_key(name)
                for name, entity_id in (
                    (role.person, role.person_id),
                    (role.organization, role.organization_id),
                )
                if entity_id is None
            )
    told.discard("")
    return told


def is_defined(name: str, text: str) -> bool:
    """Whether a text gives a capitalised whole name for an acronym: "Orne Transit Board (OTB)", "OTB (Orne Transit Board)"."""
    if not (SHORTEST_ACRONYM <= len(name) <= LONGEST_ACRONYM and name.isalpha() and name.isupper()):
        return False
    for bracket in re.finditer(rf"\((?:the )?{re.escape(name)}\)", text):
        before = text[max(0, bracket.start() - _AROUND) : bracket.start()].rsplit("\n", 1)[-1]
        words = [word.group() for word in _WORD.finditer(before)]
        # As many words as letters, and the small ones between them.
        for count in range(2, min(len(words), 2 * len(name)) + 1):
            if words[-count][0].isupper() and _stands_for(words[-count:], name):
                return True
    return any(
        _stands_for([word.group() for word in _WORD.finditer(behind.group(1))], name)
        for behind in re.finditer(rf"\b{re.escape(name)} \(([^()\n]{{5,{_AROUND}}})\)", text)
    )


def _stands_for(words: list[str], acronym: str) -> bool:
    capitals = sum(word[0].isupper() for word in words)
    return capitals >= min(len(acronym), 3) and acronym in initials(" ".join(words))


def _words(name: str) -> list[str]:
    """The words of a name in lower case, without "the"."""
    words = [word.group() for word in _WORD.finditer(fold(name))]
    return words[1:] if words[:1] == ["the"] else words


def _is_distinct(words: list[str]) -> bool:
    """Whether a name has two words of which one is no ordinary one: "Intral Metals", not "Bank Rate"."""
    return len(words) > 1 and any(word not in COMMON_WORDS and not word.isdecimal() for word in words)
