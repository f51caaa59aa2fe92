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
from entities.words import COUNTRY_ADJECTIVES, COUNTRY_WORDS, SENTENCE_STARTERS
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
_DEMONYM = re.compile(
    r".*(?:[a-z]{2}(?:ese|ian|ean|ish|ois)|[a-z](?:eller|iner)|lander)|Londoner|Catalan|Tuscan|Roman|Texan|Muscovite|Welsh|Basque"
    r"|Neapolitan|Qatari|Emirati|Bahraini|Omani|Yemeni|Israeli|Nepali|Bengali|Punjabi|Uzbek|Kazakh|Tajik|Kyrgyz|Kurd|Uighur|Sicilian"
)
# Bodies of their own behind an owner's name: who heads "Toyota's union" does not head Toyota.
_OTHER_BODIES = (
    "union|unions|unit|units|subsidiary|subsidiaries|affiliate|foundation|supervisory board|advisory board|works council|council"
    "|committee|fund|trust|charity|parent|owner|rival|rivals|shareholder|shareholders|investor|investors|supplier|suppliers|partner"
    "|club|team|arm|venture|startup|spinoff|dealer|dealers|distributor|association|party|school|university|bank|ministry|agency"
    "|regulator|government|embassy|company|firm|lawyers|auditor|customers|workers|employees|brand|plant|factory"
)
_OTHER_BODY = re.compile(rf"\b(?:{_OTHER_BODIES})\b")
_BODY_BEHIND = re.compile(rf"(?:'s?)? (?:[a-z-]+ ){{0,2}}(?:{_OTHER_BODIES})\b")
_PARTS = "business|division|department|operations?|office|desk|practice|research|strategy|trading|sales|marketing|team"
_OWN_BOARD = re.compile(r"(?:'s?)? (?:management |executive )?board\b")
_POSSESSIVE = re.compile(r"'s?(?= )")
_PART_BEHIND = re.compile(rf"'s? ((?:[\w.-]+ ){{1,3}}?(?:{_PARTS}))\Z", re.IGNORECASE)
# "the trial at", "a technology desk at the brokerage": what is headed is a part, and where it is comes behind.
_PART_AT = re.compile(
    rf"(?:an? |its |their )?((?:the )?(?:[\w-]+ ){{0,3}}?(?:{_PARTS}|trial|project)) (?:at|of|for) (?:the )?(?:[a-z-]+ )?"
)
_PLAIN_GAP = re.compile(r"(?:the |an? |its )?(?:[A-Z][\w.]* )?(?:[a-z-]+ ){0,3}")
_NO_GAP = re.compile(
    r"\b(?:between|among|behind|against|outside|near|versus|within|under|over|about|into|and|or|by|rival|owner|parent|supplier|unit"
    r"|subsidiary|shareholder|investor|partner|customer|union|critic|competitor|than|who|which)\b"
)
_NEXT_NAME = re.compile(r" ([A-Z][\w.]*)")
_REGIONS = word_set("Europe Asia Africa America Americas EMEA APAC International Global")
_AND = re.compile(r"(?:,? and) (?:of |at )?(?:the )?(?:[a-z-]+ )?")
_AT_OWNER = re.compile(r" at (?:the )?(?:[a-z-]+ ){0,3}$")
_TAIL = re.compile(r"[.,;:)]?(?:$| (?:until|since|from|in|before|for|on|after)\b)")
# Posts that a country's name stands before; what a "governor" or "secretary" governs its name does not tell.
_OF_STATE = re.compile(
    r"(?:(?:acting|interim|deputy|vice|first) )*(?:president|premier|prime minister|chancellor"
    r"|(?:foreign|finance|defen[cs]e|interior|trade|energy|economy|health|justice|labou?r) minister)",
    re.IGNORECASE,
)
_COUNTRY_BEFORE = re.compile(
    r"(?<![\w.'-])((?:[A-Z][a-z]+ ){0,2}(?:[A-Z][a-z]+|(?:[A-Z]\.)+|U[SK]))(?:'s?)? $"
)
_OUSTED = re.compile(
    r" (?:(?:has|have|had) )?(?:ousted|fired|sacked|departed|dismissed|removed|axed|replaced|pushed out)(?: its| the| their)?$"
)
_AFTER_PERSON = re.compile(r" (?:of|at) (?:the )?(?:[a-z-]+ )?")
_PART_OF_LARGER = re.compile(
    r"(?:\b(?:of|by|at|with|from|in|for|to|on|and|or|into|against|between|under|like|near|than|behind|over|via)(?: the| its)?|'s|s') $",
    re.IGNORECASE,
)
_CUT_NAME = re.compile(r"[A-Z][\w.]* & $")
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
    if len(words) == 1 and _DEMONYM.fullmatch(name):
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


def state_roles(
    plain: str,
    roles: Sequence[RoleSpan],
    mentions: Sequence[KnownSpan],
    government: Callable[[str], tuple[str, int] | None] = lambda _country: None,
) -> list[FoundRole]:
    """Turn the places into positions, the organisation being the mention that stands in the words of the role.

    Offsets and quotes are those of the plain text and never leave a sentence; `organization` is "" when the text
    names none. `government` gives the name and id of the government of a country or of a nationality, as written. Positions that contradict each other are all kept; the same one at the same place is given once.
    """
    people = {(m.start, m.end): m.entity_id for m in mentions if m.kind == "person"}
    owners = sorted((m for m in mentions if _may_own(plain, m)), key=lambda m: m.start)
    found: dict[tuple[str, str, str, int], FoundRole] = {}
    for role in roles:
        post = _RESOLVE[role.style](plain, role, owners) if role.title else None
        if post is None or not post.title:
            continue
        if not post.organization and role.style in ("before", "is") and _OF_STATE.fullmatch(post.title):
            post = _in_government(plain, role, post, government)
        person = plain[role.person_start : role.person_end]
        for one in (
            post,
            _and_another(plain, role, post, owners),
            _another_before(plain, role, post, owners),
        ):
            if one is None:
                continue
            begin = min(role.person_start, one.start)
            end = max(role.person_end, role.reach_end, one.end)
            key = (person, one.title.lower(), one.organization, role.person_start)
            found.setdefault(
                key,
                FoundRole(
                    person=person,
                    title=one.title,
                    organization=one.organization,
                    start=begin,
                    end=end,
                    quote=plain[begin:end],
                    person_id=people.get((role.person_start, role.person_end)),
                    organization_id=one.organization_id,
                    former=role.former or one.former,
                ),
            )
    return list(found.values())


def _may_own(plain: str, mention: KnownSpan) -> bool:
    """Whether a mention is an organisation in whole: no demonym, no piece of "Cheung & Pell"."""
    if mention.kind not in _ORGANISATIONS:
        return False
    words = plain[mention.start : mention.end]
    if mention.entity_id is None and (words in COUNTRY_ADJECTIVES or _DEMONYM.fullmatch(words)):
        return False
    cut_behind = re.match(r" & [A-Z]", plain[mention.end : mention.end + 4])
    return not cut_behind and not _CUT_NAME.search(plain, max(0, mention.start - 30), mention.start)


def _and_another(plain: str, role: RoleSpan, post: _Post, owners: Sequence[KnownSpan]) -> _Post | None:
    """The same title at a second organisation: "chairman of Nissan and Renault"."""
    if role.style not in ("apposition", "clause", "verb", "of") or not post.end:
        return None
    joined = _AND.match(plain, post.end)
    for owner in owners if joined else ():
        if joined and owner.start == joined.end() and _TAIL.match(plain[owner.end : role.reach_end + 1]):
            return _post(post.title, post.start, owner, former=post.former)
    return None


def _another_before(plain: str, role: RoleSpan, post: _Post, owners: Sequence[KnownSpan]) -> _Post | None:
    """The same title at the organisation before: "former Intel and Toyota chairman X".

    Only where "former" holds both together: "analysts at Intel and Toyota chairman X" are two.
    """
    if role.style != "before" or not post.organization:
        return None
    for owner in owners:
        joined = plain[owner.end : post.start] in (" and ", " & ")
        if joined and said_to_be_former(plain, owner.start):
            return _post(post.title, owner.start, owner, former=True)
    return None


def _in_government(
    plain: str, role: RoleSpan, post: _Post, government: Callable[[str], tuple[str, int] | None]
) -> _Post:
    """The post with the government of the country before it: "German Chancellor", "Argentina's president"."""
    low = max(0, role.owner_end - 60)
    title = plain[role.owner_end - 12 : role.owner_end]
    former = re.search(r"(?:former|then|late|ousted) $", title)
    end = role.owner_end - (len(former.group()) if former else 0)
    # The apostrophe of "'s" belongs to the pattern of some styles.
    place = _COUNTRY_BEFORE.search(f"{plain[low:end].rstrip()} ")
    words = place.group(1).split(" ") if place else []
    for i in range(len(words)):
        found = government(" ".join(words[i:]))
        if place and found:
            start = low + place.start(1) + len(" ".join(["", *words[:i]]).lstrip()) + (1 if i else 0)
            ended = post.former or former is not None or said_to_be_former(plain, start)
            return _Post(post.title, start, role.person_end, found[0], found[1], ended)
        if words[i] not in SENTENCE_STARTERS and words[i] not in ("Former", "Then"):
            break
    return post


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
        at = [m for m in behind if _AT_OWNER.search(plain, head_end, m.start)]
        owner = at[0] if at else behind[0]
        words = plain[role.reach_start : owner.start]
        links = list(LINK_WORD.finditer(f"{words} "))
        after_head = [link for link in links if link.start() >= head_end - role.reach_start - 1]
        title = (words[: after_head[-1].start()] if after_head else words).strip()
        gap = words[after_head[-1].end() :] if after_head else ""
        if _NO_GAP.search(gap) or _POSSESSIVE.search(words[head_end - role.reach_start :]):
            return None
        part = _PART_BEHIND.match(plain, owner.end, role.reach_end)
        if part and title.lower() in ("head", "chief", "director", "manager"):
            return _post(f"{title} of {part.group(1)}", role.person_start, owner)
        return _post(title, role.person_start, owner) if _is_whole(plain, owner, role) else None
    if inside:
        owner = inside[0]
        words = re.sub(r"^'s? ?", "", plain[owner.end : role.reach_start + len(role.title)]).strip()
        between = plain[owner.end : head_end]
        if _OTHER_BODY.search(between[: len(between) - len(head.group() if head else "")]):
            return None
        return _post(words, role.person_start, owner)
    title = re.split(r" (?:at|in|with|from) ", role.title)[0]
    return _post(title.strip(), role.person_start, None)


def _is_whole(plain: str, owner: KnownSpan, role: RoleSpan) -> bool:
    """Whether the words end with the owner, so that no union, unit or business of it is meant."""
    if _OWN_BOARD.match(plain, owner.end):
        return True
    following = _NEXT_NAME.match(plain, owner.end)
    if following and (following.group(1) in COUNTRY_WORDS or following.group(1) in _REGIONS):
        return False
    if _BODY_BEHIND.match(plain, owner.end, max(owner.end, role.reach_end)):
        return False
    return _POSSESSIVE.match(plain, owner.end, max(owner.end, role.reach_end)) is None


def _resolve_clause(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    """ "X is a member" says too little: the organisation must stand in the words."""
    return _resolve_apposition(plain, role, mentions) if _within(role, mentions) else None


def _resolve_inside(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    inside = _within(role, mentions)
    if not inside:
        return None
    owner = inside[0]
    start = min(role.person_start, role.reach_start)
    gap = plain[role.reach_start : owner.start]
    part = _PART_AT.fullmatch(gap) if role.style == "verb" else None
    if part is None and (_NO_GAP.search(gap) or not _PLAIN_GAP.fullmatch(gap) or LINK_WORD.search(f" {gap}")):
        return None
    behind = _PART_BEHIND.match(plain, owner.end, role.reach_end) if role.style == "verb" else None
    if part is None and behind:
        return _post(f"{role.title} of {behind.group(1)}", start, owner)
    if not _is_whole(plain, owner, role):
        return None
    return _post(f"{role.title} of {part.group(1)}" if part else role.title, start, owner)


def _resolve_led(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> _Post | None:
    """ "A unit of Y, led by X" is about the unit: the owner must be no part of something larger."""
    for owner in mentions:
        if owner.end == role.owner_end and not _PART_OF_LARGER.search(
            plain, max(0, owner.start - 20), owner.start
        ):
            return _post(role.title, owner.start, owner)
    return None


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
    ousted = _OUSTED.search(before, max(0, len(before) - 40))
    before = before[: ousted.start()] if ousted else before
    bare = before.removesuffix("'s").removesuffix("'")
    for mention in reversed(mentions):
        if mention.end == len(bare):
            former = ousted is not None or said_to_be_former(plain, mention.start)
            return _post(role.title, mention.start, mention, former=former)
    if role.style == "is" or before != bare:
        # The apostrophe of "'s" belongs to the pattern, so that the owner's words end right before it.
        owner = _OWNER_NOUN.search(bare.removesuffix("'s"))
        if owner:
            meant = _owner_by_noun(owner.group(1).lower(), len(bare), mentions)
            return _post(role.title, owner.start(), meant, former=ousted is not None)
    former = ousted is not None or said_to_be_former(plain, role.owner_end)
    meant = _owner_after(plain, role, mentions) if role.style == "before" else None
    if meant is None and role.style == "before" and role.title in ("chief", "head"):
        return None  # "police chief" names no organisation
    return _post(role.title, role.reach_start, meant, former=former)


def _owner_after(plain: str, role: RoleSpan, mentions: Sequence[KnownSpan]) -> KnownSpan | None:
    """The organisation behind the person: "Deputy chairman Jane Roe of Y"."""
    after = _AFTER_PERSON.match(plain, role.person_end)
    if after is None:
        return None
    for mention in mentions:
        if mention.start == after.end() and not _BODY_BEHIND.match(plain, mention.end):
            return None if _POSSESSIVE.match(plain, mention.end) else mention
    return None


_RESOLVE: Mapping[Style, Callable[[str, RoleSpan, Sequence[KnownSpan]], _Post | None]] = {
    "apposition": _resolve_apposition,
    "clause": _resolve_clause,
    "verb": _resolve_inside,
    "of": _resolve_inside,
    "led": _resolve_led,
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
