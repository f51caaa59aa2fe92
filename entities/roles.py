"""Positions that a text states: the organisation of each title is the mention that stands in its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from entities.names import is_common
from entities.role_spans import (
    HEAD,
    LINK_WORD,
    RoleSpan,
    Style,
    is_no_name,
    said_to_be_former,
    skip_lead,
)
from entities.types import EntityKind, FoundRole
from entities.words import COUNTRY_WORDS, SENTENCE_STARTERS
from entities.words import words as word_set

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
_OWNER_NOUN = re.compile(r"\b(?:[Tt]he|[Ii]ts|[Tt]hat|[Tt]his) (\w+)$")
_ORGANISATIONS: frozenset[EntityKind] = frozenset({"company", "organization", "public_body", "other"})


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """A mention as the roles see it: where it stands, its kind, the name it goes by, and whom it is linked to."""

    start: int
    end: int
    kind: EntityKind
    name: str
    entity_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Post:
    """A title with its organisation, and where the words that say so begin."""

    title: str
    start: int
    end: int = 0  # of the organisation's own words
    organization: str = ""
    organization_id: int | None = None
    former: bool = False


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
    if ordinary or (len(words) == 1 and (is_no_name(words[0]) or not single_is_enough)):
        return None
    if words[0] in COUNTRY_WORDS or (is_no_name(words[-1]) and words[-1] not in _FIRM_TAILS):
        return None
    return start, start + len(name)


def _organization_behind(plain: str, role: RoleSpan) -> tuple[int, int, bool] | None:
    segment = plain[role.reach_start : role.reach_end]
    head = HEAD.search(segment)
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
    start = skip_lead(plain, match.start(1), match.end(1))
    return start, match.end(1), True


def state_roles(plain: str, roles: Sequence[RoleSpan], mentions: Sequence[KnownSpan]) -> list[FoundRole]:
    """Turn the places into positions, the organisation being the mention that stands in the words of the role.

    Offsets and quotes are those of the plain text and never leave a sentence; `organization` is "" when the text
    names none. Positions that contradict each other are all kept; the same one at the same place is given once.
    """
    people = {(m.start, m.end): m.entity_id for m in mentions if m.kind == "person"}
    found: dict[tuple[str, str, str, int], FoundRole] = {}
    for role in roles:
        post = _RESOLVE[role.style](plain, role, mentions) if role.title else None
        if post is None or not post.title:
            continue
        person = plain[role.person_start : role.person_end]
        begin = min(role.person_start, post.start)
        end = max(role.person_end, role.reach_end, post.end)
        key = (person, post.title.lower(), post.organization, role.person_start)
        found.setdefault(
            key,
            FoundRole(
                person=person,
                title=post.title,
                organization=post.organization,
                start=begin,
                end=end,
                quote=plain[begin:end],
                person_id=people.get((role.person_start, role.person_end)),
                organization_id=post.organization_id,
                former=role.former or post.former,
            ),
        )
    return list(found.values())


def _post(title: str, start: int, owner: KnownSpan | None, *, former: bool = False) -> _Post:
    if owner is None:
        return _Post(title, start, former=former)
    return _Post(title, start, owner.end, owner.name, owner.entity_id, former)


def _within(role: RoleSpan, mentions: Sequence[KnownSpan]) -> list[KnownSpan]:
    low, high = (
        role.reach_start,
        role.reach_end + 1,
    )  # the full stop of "Corp." was cut off with the sentence's
    return [m for m in mentions if low <= m.start and m.end <= high and m.kind in _ORGANISATIONS]


def _resolve_apposition(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    segment = plain[role.reach_start : role.reach_end]
    head = HEAD.search(segment)
    head_end = role.reach_start + (head.end() if head else 0)
    inside = _within(role, mentions)
    behind = [m for m in inside if m.start >= head_end]
    if behind:
        owner = behind[0]
        words = plain[role.reach_start : owner.start]
        links = list(LINK_WORD.finditer(f"{words} "))
        after_head = [link for link in links if link.start() >= head_end - role.reach_start - 1]
        title = (words[: after_head[-1].start()] if after_head else words).strip()
        return _post(title, role.person_start, owner)
    if inside:
        owner = inside[0]
        words = re.sub(r"^'s? ?", "", plain[owner.end : role.reach_start + len(role.title)]).strip()
        return _post(words, role.person_start, owner)
    title = re.split(r" (?:at|in|with|from) ", role.title)[0]
    return _post(title.strip(), role.person_start, None)


def _resolve_clause(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    """ "X is a member" says too little: the organisation must stand in the words."""
    return _resolve_apposition(plain, role, mentions) if _within(role, mentions) else None


def _resolve_inside(_plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    inside = _within(role, mentions)
    return _post(role.title, min(role.person_start, role.reach_start), inside[0]) if inside else None


def _resolve_named(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    for mention in reversed(mentions):
        if mention.end == role.owner_end and mention.kind in _ORGANISATIONS:
            return _post(role.title, mention.start, mention)
    owner = _OWNER_NOUN.search(plain, max(0, role.owner_end - 40), role.owner_end)
    if owner is None:
        return None
    meant = _owner_by_noun(owner.group(1).lower(), owner.start(), mentions)
    return _post(role.title, owner.start(), meant) if meant else None


def _resolve_before(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    before = plain[: role.owner_end].rstrip(" ")
    bare = before.removesuffix("'s").removesuffix("'")
    for mention in reversed(mentions):
        if mention.end == len(bare) and mention.kind in _ORGANISATIONS:
            former = said_to_be_former(plain, mention.start)
            return _post(role.title, mention.start, mention, former=former)
    if role.style == "is" or before != bare:
        # The apostrophe of "'s" belongs to the pattern, so that the owner's words end right before it.
        owner = _OWNER_NOUN.search(bare.removesuffix("'s"))
        if owner:
            meant = _owner_by_noun(owner.group(1).lower(), len(bare), mentions)
            return _post(role.title, owner.start(), meant)
    former = said_to_be_former(plain, role.owner_end)
    return _post(role.title, role.reach_start, None, former=former)


_RESOLVE: Mapping[Style, Callable[[str, RoleSpan, Sequence[KnownSpan]], _Post | None]] = {
    "apposition": _resolve_apposition,
    "clause": _resolve_clause,
    "verb": _resolve_inside,
    "of": _resolve_inside,
    "named": _resolve_named,
    "before": _resolve_before,
    "is": _resolve_before,
    "at": _resolve_before,
}


def _owner_by_noun(noun: str, position: int, mentions: Sequence[KnownSpan]) -> KnownSpan | None:
    """What "the association" is: the nearest organisation before it that has the word in its name, or the only company."""
    earlier = [m for m in mentions if m.end <= position and m.kind in _ORGANISATIONS]
    for mention in reversed(earlier):
        if noun in mention.name.lower().split():
            return mention
    if noun in ("company", "firm"):
        companies = {m.name: m for m in earlier if m.kind == "company"}
        if len(companies) == 1:
            return next(iter(companies.values()))
    return None
