"""Positions that a text states: "X, chairman of Y", "Y's chief executive X", "Premier X", "the association's head is X"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from entities.names import is_common
from entities.recognition import Sentence, sentence_at
from entities.types import EntityKind, FoundRole
from entities.words import (
    CALENDAR,
    CHINESE_FAMILY_NAMES,
    CONNECTORS,
    COUNTRY_WORDS,
    GIVEN_NAMES,
    HONORIFICS,
    ORGANISATION_HEADS,
    PLACE_WORDS,
    SENTENCE_STARTERS,
    TITLE_WORDS,
)
from entities.words import words as word_set

MAX_SEGMENT = 160  # characters of an apposition that are looked at
MIN_NAME_WORDS = 2
MAX_WORDS_BEFORE_HEAD = 6  # "the company's newly appointed global chief ..."

_HEADS = (
    "chair|chairman|chairwoman|chairperson|chief executives?|chief executive officer|chief financial officer|chief operating officer"
    "|chief technology officer|chief economist|chief strategist|chief investment officer|chief|CEO|CFO|COO|CTO|CIO|president|director"
    "|head|analyst|economist|strategist|founder|co-founder|cofounder|minister|prime minister|premier|chancellor|governor|mayor|secretary"
    "|spokesman|spokeswoman|spokesperson|partner|manager|professor|member|editor|commissioner|ambassador|counsel|lawyer|attorney"
    "|fellow|researcher|scientist|adviser|advisor|trader|principal|owner|leader|senator|lawmaker|congressman|congresswoman"
    "|vice president|officer|executive|treasurer|consultant|engineer|representative|envoy|coordinator|judge|general|commander|dean"
    "|rector|speaker|king|queen|chief of staff"
)
_HEAD = re.compile(rf"\b(?:{_HEADS})\b", re.IGNORECASE)
_PART = r"[A-Z](?:[a-z]+|\.|'[A-Z][a-z]+|[a-z]*[A-Z][a-z]+)(?:-[A-Za-z][a-z]+)*(?!\w)"
_PERSON = rf"{_PART}(?: (?:{_PART}|de|del|della|di|da|dos|van|von|der|den|bin|al|el|la|le|ben|Jr\.?|Sr\.?|II|III)){{1,4}}"
_APPOSITION = re.compile(rf"(?<![\w'-])({_PERSON}), (?=[A-Za-z])")
_WHO = re.compile(
    rf"(?<![\w'-])({_PERSON}), who (heads|leads|runs|chairs|founded|co-founded|oversees|manages) "
)
# A title written straight before a name: "U.S. President Joe Biden", "chief executive Tim Cook".
_QUALIFIER = (
    "deputy|vice|senior|former|acting|interim|executive|managing|general|prime|foreign|finance|defen[cs]e|interior|trade|energy|treasury"
    "|commerce|economy|health|justice|labou?r|state|press|assistant|associate|chief|principal|lead|global|then|outgoing|incoming|financial"
    "|operating|technology|investment|marketing|research|board|co|honorary|party|first"
)
# Looking for whole titles at every word is slow; the last word of each is looked up first.
_WORD_BEFORE_NAME = re.compile(r"\b([A-Za-z]{1,20}) (?=[A-Z])")
_LAST_WORDS = frozenset(
    re.sub(r"[?()]", "", head).rsplit(" ", 1)[-1].lower() for head in _HEADS.split("|")
) | {
    "executives",
    "staff",
    "state",
}
_TITLE_ENDING = re.compile(
    rf"\b((?:(?:{_QUALIFIER})[ -])*(?:{_HEADS})(?: of (?:staff|state))?) $", re.IGNORECASE
)
LONGEST_TITLE = 60
_NAME_HERE = re.compile(_PERSON)
_IS = re.compile(rf"'s ((?:(?:{_QUALIFIER})[ -])*(?:{_HEADS}))(?: is| was|,) (?=[A-Z])", re.IGNORECASE)
_OPENERS = re.compile(
    r"^(?:(?:the|a|an|its|their|his|her|now|currently|also|both|who (?:is|was|has been|serves as|served as)|former|formerly) )+"
)
_STOP = re.compile(r"[,;:()\n\"]| - | who | which | that | said | says | told ")
_LINK_WORD = re.compile(r" (?:of|at|for|with|on|in|from|to|by) ")
_AT = re.compile(
    r" (?:at) (?:[a-z-]+ ){0,3}(?P<name>[A-Z][\w&.'-]*(?: (?:& |of |and (?=[A-Z]))?[A-Z][\w&.'-]*)*)"
)
_OF = re.compile(_AT.pattern.replace("(?:at)", "(?:of|for|with)"))
_RUN_BEFORE = re.compile(r"((?:[A-Z][\w&.-]*)(?: (?:& )?[A-Z][\w&.-]*){0,4})(?:'s)? $")
_TITLES_OF_FIRMS = word_set(
    "analyst economist strategist trader ceo cfo coo spokesman spokeswoman spokesperson executive executives"
)
_FIRM_TAILS = word_set(
    "Capital Research Securities Group Holdings Corp Inc Ltd Plc Co Bank Trust Fund Institute University"
)
# "said Guy Davis at GCI Investors": no title, but a person and where he is.
_SPEAKS = re.compile(
    rf"\b(?:said|says|notes|noted|wrote|writes|added|adds|argues|argued) (?=({_PERSON}) (?:at|of|from) ([A-Z][\w&.-]*(?: (?:& )?[A-Z][\w&.-]*)*))"
)
_VERB_TITLE = {
    "heads": "head", "leads": "leader", "runs": "head", "chairs": "chair", "founded": "founder",
    "co-founded": "co-founder", "oversees": "head", "manages": "manager",
}  # fmt: skip
_OWNER_NOUN = re.compile(r"\b(?:[Tt]he|[Ii]ts|[Tt]hat|[Tt]his) (\w+)$")


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """A mention as the roles see it: where it stands, its kind, and the name it goes by."""

    start: int
    end: int
    kind: EntityKind
    name: str


@dataclass(frozen=True, slots=True)
class RoleSpan:
    """A person with a title at one place of a plain text; offsets are those of the plain text.

    `reach` is where the words that may name the organisation lie; `organization_start` is -1 when the organisation
    must stand in `reach`, else where its own span was seen to end ("Intel's", "U.S.").
    """

    person_start: int
    person_end: int
    title: str
    reach_start: int
    reach_end: int
    style: str  # "apposition" | "before" | "is" | "verb" | "at"
    owner_end: int = -1


def find_role_spans(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    """All places where the words themselves show a person with a title. Precise patterns only."""
    found = [
        *_appositions(plain, sentences),
        *_titles_before(plain, sentences),
        *_with_verbs(plain, sentences),
    ]
    seen: set[tuple[int, int, str]] = set()
    unique = []
    for role in sorted(found, key=lambda r: (r.person_start, r.reach_start)):
        key = (role.person_start, role.person_end, role.style)
        if key not in seen:
            seen.add(key)
            unique.append(role)
    return unique


def person_at(plain: str, start: int, limit: int) -> int:
    """Where a person's name that begins at `start` ends, or -1 when the words there are no name of two or more."""
    match = _NAME_HERE.match(plain, start, limit)
    if match is None:
        return -1
    words = match.group().split(" ")
    kept: list[str] = []
    for word in words:
        if _is_no_name(word):
            break
        kept.append(word)
    while kept and kept[-1].lower() in CONNECTORS | {"bin", "al", "el", "le", "ben", "den", "della", "dos"}:
        kept.pop()
    return start + len(" ".join(kept)) if len(kept) >= MIN_NAME_WORDS else -1


def _is_no_name(word: str) -> bool:
    bare = word.rstrip(".")
    if bare in GIVEN_NAMES or bare in CHINESE_FAMILY_NAMES:
        return False
    return (
        bare in ORGANISATION_HEADS
        or bare in TITLE_WORDS
        or bare in CALENDAR
        or bare in COUNTRY_WORDS
        or bare in HONORIFICS
        or bare in SENTENCE_STARTERS
        or bare
        in (
            "Corp",
            "Inc",
            "Co",
            "Ltd",
            "Group",
            "Plc",
            "Holdings",
            "House",
            "Street",
            "Capital",
            "Research",
            "Securities",
        )
    )


def _appositions(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    found = []
    for match in _APPOSITION.finditer(plain):
        sentence = sentence_at(sentences, match.start())
        start = _skip_lead(plain, match.start(1), match.end(1))
        end = person_at(plain, start, match.end(1))
        if end != match.end(1) or sentence.casing != "normal":
            continue
        segment = plain[match.end() : min(sentence.end, match.end() + MAX_SEGMENT)]
        segment = _cut(segment)
        opener = _OPENERS.match(segment)
        offset = opener.end() if opener else 0
        head = _HEAD.search(segment, offset)
        if head is None or _LINK_WORD.search(" " + segment[offset : head.start()]):
            continue
        if len(segment[offset : head.start()].split()) > MAX_WORDS_BEFORE_HEAD or "." in segment[
            offset : head.start()
        ].replace("U.S.", ""):
            continue
        found.append(
            RoleSpan(
                start, end, segment[offset:], match.end() + offset, match.end() + len(segment), "apposition"
            )
        )
    return found


def _cut(segment: str) -> str:
    stop = _STOP.search(segment)
    cut = segment[: stop.start()] if stop else segment
    return cut.rstrip(" .!?")


def _skip_lead(plain: str, start: int, end: int) -> int:
    """Step over words that a sentence puts before a name: "Analyst Jane Roe", "But Jane Roe"."""
    while True:
        word = plain[start:end].split(" ", 1)
        if len(word) < MIN_NAME_WORDS or not (_is_no_name(word[0]) or word[0].lower() in CONNECTORS):
            return start
        start += len(word[0]) + 1


def _titles_in(plain: str) -> Iterator[tuple[int, int, str]]:
    """Titles straight before a capitalised word: where they start, where the word starts, the title."""
    for match in _WORD_BEFORE_NAME.finditer(plain):
        if match.group(1).lower() in _LAST_WORDS:
            low = max(0, match.end() - LONGEST_TITLE)
            title = _TITLE_ENDING.search(plain[low : match.end()])
            if title:
                yield low + title.start(1), match.end(), title.group(1)


def _titles_before(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    found = []
    places = [(start, end, title, "before") for start, end, title in _titles_in(plain)]
    places += [(m.start(1), m.end(), m.group(1), "is") for m in _IS.finditer(plain)]
    for title_start, name_start, title, style in places:
        sentence = sentence_at(sentences, title_start)
        end = person_at(plain, name_start, sentence.end)
        if end < 0:
            continue
        words = plain[name_start:end].split(" ")
        named = words[0] in GIVEN_NAMES or (words[0] in CHINESE_FAMILY_NAMES and len(words) == MIN_NAME_WORDS)
        if sentence.casing != "normal":
            if not named:
                continue
            end = name_start + len(" ".join(words[:MIN_NAME_WORDS]))
        if any(w.lower() in PLACE_WORDS for w in words) and not named:
            continue
        if (
            style == "before"
            and title.islower()
            and title.rsplit(" ", 1)[-1] in ("head", "general", "member", "king", "chief")
        ):
            continue
        found.append(RoleSpan(name_start, end, title, title_start, name_start, style, owner_end=title_start))
    return found


def _speakers(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    found = []
    for match in _SPEAKS.finditer(plain):
        start, end = match.span(1)
        named = plain[start:end].split(" ", 1)[0] in GIVEN_NAMES
        if named and person_at(plain, start, end) == end and sentence_at(sentences, start).casing == "normal":
            found.append(RoleSpan(start, end, "", match.start(2), match.end(2), "at"))
    return found


def _with_verbs(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    found = []
    for match in _WHO.finditer(plain):
        start = _skip_lead(plain, match.start(1), match.end(1))
        end = person_at(plain, start, match.end(1))
        sentence = sentence_at(sentences, match.start())
        if end == match.end(1) and sentence.casing == "normal":
            segment = _cut(plain[match.end() : min(sentence.end, match.end() + MAX_SEGMENT)])
            title = _VERB_TITLE[match.group(2)]
            found.append(RoleSpan(start, end, title, match.end(), match.end() + len(segment), "verb"))
    return found


def unknown_organization(plain: str, role: RoleSpan, known: Sequence[KnownSpan]) -> tuple[int, int] | None:
    """Where an organisation that nobody knows stands in "X, analyst at Y" and "Y analyst X".

    One word is enough after "at" and before a title; after "of" or "for" it takes two.
    """
    if role.style == "apposition":
        found = _organization_behind(plain, role)
    elif role.style in ("before", "at"):
        found = _organization_before(plain, role)
    else:
        found = None
    if found is None:
        return None
    start, end, single_is_enough = found
    name = plain[start:end].rstrip(".'").removesuffix("'s")
    words = name.split()
    if not words or any(k.start < end and start < k.end for k in known):
        return None
    ordinary = is_common(name) if len(words) == 1 else words[0] in SENTENCE_STARTERS
    if ordinary or (len(words) == 1 and (_is_no_name(words[0]) or not single_is_enough)):
        return None
    if words[0] in COUNTRY_WORDS or (_is_no_name(words[-1]) and words[-1] not in _FIRM_TAILS):
        return None
    return start, start + len(name)


def _organization_behind(plain: str, role: RoleSpan) -> tuple[int, int, bool] | None:
    segment = plain[role.reach_start : role.reach_end]
    head = _HEAD.search(segment)
    if head is None:
        return None
    match = _AT.search(segment, head.end()) or _OF.search(segment, head.end())
    if match is None:
        return None
    start, end = role.reach_start + match.start("name"), role.reach_start + match.end("name")
    return start, end, match.re is _AT


def _organization_before(plain: str, role: RoleSpan) -> tuple[int, int, bool] | None:
    if role.style == "at":
        return role.reach_start, role.reach_end, True
    if role.title.lower().rsplit(" ", 1)[-1] not in _TITLES_OF_FIRMS:
        return None
    match = _RUN_BEFORE.search(plain, max(0, role.owner_end - 80), role.owner_end)
    if match is None:
        return None
    start = _skip_lead(plain, match.start(1), match.end(1))
    return start, match.end(1), True


def state_roles(plain: str, roles: Sequence[RoleSpan], mentions: Sequence[KnownSpan]) -> list[FoundRole]:
    """Turn the places into positions, the organisation being the mention that stands in the words of the role.

    Offsets and quotes are those of the plain text; `organization` is "" when the text names none.
    """
    found = []
    for role in roles:
        if not role.title:
            continue
        person = plain[role.person_start : role.person_end]
        resolve = {"apposition": _resolve_apposition, "verb": _resolve_verb}.get(role.style, _resolve_before)
        title, organization, start = resolve(plain, role, mentions)
        if not title:
            continue
        begin = min(role.person_start, start)
        end = max(role.person_end, role.reach_end)
        found.append(
            FoundRole(
                person=person,
                title=title,
                organization=organization,
                start=begin,
                end=end,
                quote=plain[begin:end],
            )
        )
    return found


_ORGANISATIONS: frozenset[EntityKind] = frozenset({"company", "organization", "public_body", "other"})


def _resolve_apposition(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> tuple[str, str, int]:
    segment = plain[role.reach_start : role.reach_end]
    head = _HEAD.search(segment)
    head_end = role.reach_start + (head.end() if head else 0)
    inside = [
        m
        for m in mentions
        if role.reach_start <= m.start and m.end <= role.reach_end and m.kind in _ORGANISATIONS
    ]
    behind = [m for m in inside if m.start >= head_end]
    if behind:
        owner = behind[0]
        words = plain[role.reach_start : owner.start]
        links = list(_LINK_WORD.finditer(f"{words} "))
        after_head = [link for link in links if link.start() >= head_end - role.reach_start - 1]
        return (
            (words[: after_head[-1].start()] if after_head else words).strip(),
            owner.name,
            role.person_start,
        )
    if inside:
        owner = inside[0]
        words = re.sub(r"^'s? ?", "", plain[owner.end : role.reach_end]).strip()
        return words, owner.name, role.person_start
    title = re.split(r" (?:at|in|with|from) ", segment)[0]
    return title.strip(), "", role.person_start


def _resolve_verb(_plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> tuple[str, str, int]:
    inside = [
        m for m in mentions if role.reach_start <= m.start < role.reach_end and m.kind in _ORGANISATIONS
    ]
    return (role.title, inside[0].name, role.person_start) if inside else ("", "", role.person_start)


def _resolve_before(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> tuple[str, str, int]:
    before = plain[: role.owner_end].rstrip(" ")
    bare = before.removesuffix("'s").removesuffix("'")
    for mention in reversed(mentions):
        if mention.end == len(bare) and mention.kind in _ORGANISATIONS:
            return role.title, mention.name, mention.start
    if role.style == "is" or before != bare:
        # The apostrophe of "'s" belongs to the pattern, so that the owner's words end right before it.
        owner = _OWNER_NOUN.search(bare.removesuffix("'s"))
        if owner:
            name = _owner_by_noun(owner.group(1).lower(), len(bare), mentions)
            return role.title, name, owner.start()
    return role.title, "", role.reach_start


def _owner_by_noun(noun: str, position: int, mentions: Sequence[KnownSpan]) -> str:
    """What "the association" is: the nearest organisation before it that has the word in its name, or the only company."""
    earlier = [m for m in mentions if m.end <= position and m.kind in _ORGANISATIONS]
    for mention in reversed(earlier):
        if noun in mention.name.lower().split():
            return mention.name
    if noun in ("company", "firm"):
        companies = {m.name for m in earlier if m.kind == "company"}
        if len(companies) == 1:
            return companies.pop()
    return ""
