"""Where a text shows a person with a title: "X, chairman of Y", "Premier X", "X, who heads Y", "Y named X chairman"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from entities.sentences import Sentence, sentence_at
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

MAX_SEGMENT = 160  # characters of an apposition that are looked at
MIN_NAME_WORDS = 2
MAX_WORDS_BEFORE_HEAD = 6  # "the company's newly appointed global chief ..."
LONGEST_TITLE = 60

# apposition "X, chairman of Y"; before "Y's chairman X"; is "Y's chairman is X"; verb "X, who heads Y"; at "said X at Y";
# clause "X became chairman of Y"; named "Y named X chairman"; of "the chairman of Y, X,"; led "Y, led by X"
Style = Literal["apposition", "before", "is", "verb", "at", "clause", "named", "of", "led"]

HEADS = (
    "chair|chairman|chairwoman|chairperson|chief executives?|chief executive officer|chief financial officer|chief operating officer"
    "|chief technology officer|chief economist|chief strategist|chief investment officer|chief|CEO|CFO|COO|CTO|CIO|president|director"
    "|head|analyst|economist|strategist|founder|co-founder|cofounder|minister|prime minister|premier|chancellor|governor|mayor|secretary"
    "|spokesman|spokeswoman|spokesperson|partner|manager|professor|member|editor|commissioner|ambassador|counsel|lawyer|attorney"
    "|fellow|researcher|scientist|adviser|advisor|trader|principal|owner|leader|senator|lawmaker|congressman|congresswoman"
    "|vice president|officer|executive|treasurer|consultant|engineer|representative|envoy|coordinator|judge|general|commander|dean"
    "|rector|speaker|king|queen|chief of staff"
)
HEAD = re.compile(rf"\b(?:{HEADS})\b", re.IGNORECASE)
LINK_WORD = re.compile(r" (?:of|at|for|with|on|in|from|to|by) ")
_PART = r"[A-Z](?:[a-z]+|\.|'[A-Z][a-z]+|[a-z]*[A-Z][a-z]+)(?:-[A-Za-z][a-z]+)*(?!\w)"
_PERSON = rf"{_PART}(?: (?:{_PART}|de|del|della|di|da|dos|van|von|der|den|bin|al|el|la|le|ben|Jr\.?|Sr\.?|II|III)(?!\w)){{1,4}}"
_NAME_HERE = re.compile(_PERSON)
_APPOSITION = re.compile(rf"(?<![\w'-])({_PERSON}), (?=[A-Za-z])")
# "who heads Y", "who until March led Y", "who had run Y", "who used to chair Y"
_WHO = re.compile(
    rf"(?<![\w'-])({_PERSON}), who (?P<past>(?:had |previously |formerly |once |used to |until [^,.;]{{2,30}}?,? |last led and )?)"
    r"(?P<still>(?:has |now |also |currently |still )*)(?P<verb>heads?|leads?|runs?|chairs?|founded|co-founded|oversees?|manages?"
    r"|headed|led|ran|chaired|oversaw|overseen|managed) "
)
_VERB_TITLE = {
    "head": "head", "lead": "leader", "run": "head", "chair": "chair", "found": "founder", "co-found": "co-founder",
    "oversee": "head", "manage": "manager",
}  # fmt: skip
_VERB_STEM = {
    "heads": "head", "headed": "head", "leads": "lead", "led": "lead", "runs": "run", "ran": "run", "chairs": "chair",
    "chaired": "chair", "founded": "found", "co-founded": "co-found", "oversees": "oversee", "oversaw": "oversee",
    "overseen": "oversee", "manages": "manage", "managed": "manage",
}  # fmt: skip
_PAST_VERBS = frozenset({"headed", "led", "ran", "chaired", "oversaw", "managed"})
# A title written straight before a name: "U.S. President Joe Biden", "chief executive Tim Cook".
_QUALIFIER = (
    "deputy|vice|senior|former|acting|interim|executive|managing|general|prime|foreign|finance|defen[cs]e|interior|trade|energy|treasury"
    "|commerce|economy|health|justice|labou?r|state|press|assistant|associate|chief|principal|lead|global|then|outgoing|incoming|financial"
    "|operating|technology|investment|marketing|research|board|co|honorary|party|first|ex|onetime|one-time|late|retired"
)
_TITLE = rf"(?:(?:{_QUALIFIER})[ -])*(?:{HEADS})"
# Looking for whole titles at every word is slow; the last word of each is looked up first.
_WORD_BEFORE_NAME = re.compile(r"\b([A-Za-z]{1,20}) (?=[A-Z])")
_LAST_WORDS = frozenset(
    re.sub(r"[?()]", "", head).rsplit(" ", 1)[-1].lower() for head in HEADS.split("|")
) | {"executives", "staff", "state"}
_TITLE_ENDING = re.compile(rf"\b({_TITLE}(?: of (?:staff|state))?) $", re.IGNORECASE)
_IS = re.compile(rf"'s ({_TITLE})( is| was| at the time was|,) (?=[A-Z])", re.IGNORECASE)
_OPENERS = re.compile(
    r"^(?:(?:the|a|an|its|their|his|her|now|currently|also|both|then|once|late|retired|previously|onetime|one-time|long-time|longtime"
    r"|who (?:is|has been|had been|serves as|served as|works as|worked as|remains|became|was (?:named|appointed|elected)|took over as"
    r"|stepped down as|resigned as|quit as|retired as|used to be|was)|until [^,.;]{2,30}?,?(?= (?:the |its )?(?:"
    rf"{_TITLE})\b)|former|formerly|ex) |ex-)+",
    re.IGNORECASE,
)
_STOP = re.compile(r"[,;:()\n\"]| - | who | which | that | said | says | told ")
# "X became chairman of Y", "X stepped down as chief executive of Y"
_CLAUSE = re.compile(
    rf"(?<![\w'-])({_PERSON})(?:,[^,.;]{{2,60}},)? (?P<verb>is|became|remains|has become|has been|serves as|served as|has served as|works as|worked as"
    r"|(?:was|has been|had been) (?:re-?)?(?:named|appointed|elected|promoted to|replaced as|ousted as|fired as|removed as|dismissed as|sacked as)(?: as)?"
    r"|(?:has |had )?(?:resigned|resigns|stepped down|steps down|stepped aside|quit|quits|retired|retires) as|took over as|takes over as|joined as|was)"
    rf" (?P<ended>no longer )?(?:the |a |an |its |now |new |also )*(?=(?:[a-z-]+ ){{0,3}}(?:{_TITLE})\b)"
)
_ENDED = re.compile(
    r"\b(?:was|served|worked|replaced|ousted|fired|removed|dismissed|sacked|resigned|resigns|stepped|steps|quit|quits|retired|retires)\b"
)
_BEGAN = re.compile(r"\b(?:named|appointed|elected|promoted)\b")
# "Y named X chairman", "Y has appointed X as its chief executive"
_NAMED = re.compile(
    rf" (?:(?:has|had|have) )?(?:re-?)?(?:named|appointed|hired|elected|tapped|promoted|picked|chose|poached) ({_PERSON})"
    rf"(?: as| to be| to become| to)? (?:its |the |a |an |their |new |next )*({_TITLE})\b"
)
# "the chairman of Y, X, said", "the head of Y's labour union, X, ..."
_OF = re.compile(
    rf"\b(?P<title>{_TITLE}) (?:of|at) (?:the )?(?P<owner>[A-Z][^,;:.()\n]{{1,60}}), (?=({_PERSON})(?:,| said| told| says|\.(?:\s|$)| \())"
)
# "said Guy Davis at GCI Investors": no title, but a person and where he is.
_SPEAKS = re.compile(
    rf"\b(?:said|says|notes|noted|wrote|writes|added|adds|argues|argued) (?=({_PERSON}) (?:at|of|from) ([A-Z][\w&.-]*(?: (?:& )?[A-Z][\w&.-]*)*))"
)
_FORMERLY = re.compile(
    r"\b(?:former|formerly|previously|once|onetime|one-time|late|retired|then|until|was|had been|served as|worked as|stepped down as"
    r"|resigned as|quit as|used to be)\b|\bex\b-?",
    re.IGNORECASE,
)
_STILL = re.compile(r"\bwas (?:named|appointed|elected)\b", re.IGNORECASE)
_UNTIL = re.compile(
    r" (?:until (?:last |early |late |the |this )?(?:\d{4}|[A-Z][a-z]{2,8}|week|month|year|summer|recently)|from \d{4} (?:to|until) \d{4}|between \d{4} and \d{4}).*$"
)
_SINCE = re.compile(r" (?:since|from) (?:\d{4}|[A-Z][a-z]{2,8} \d{4}|last \w+).*$")
_FORMER_BEFORE = re.compile(
    r"(?:\b(?:former|formerly|then|onetime|one-time|late|retired|ousted|fired|sacked) |\b(?:ex|then)-)(?:(?:[A-Z][\w.&-]*|and) ){0,4}$",
    re.IGNORECASE,
)
_FORMER_TITLE = re.compile(r"^(?:(?:former|then|onetime|one-time|late|retired|ex)[ -])+", re.IGNORECASE)
_NO_PERSONS = frozenset({
    "Corp", "Inc", "Co", "Ltd", "Group", "Plc", "Holdings", "House", "Street", "Capital", "Research", "Securities",
    "Perhaps", "Maybe", "Possibly", "Probably", "Supposedly", "Allegedly", "Reportedly", "Suppose", "Imagine", "Unless",
    "Were", "Would",
})  # fmt: skip
# Between a person and the title, or a title and its owner: the position is denied, wished for, or somebody else's.
_NO_LEAD = re.compile(
    r"(?:\b(?:not|no|never|neither|nor|hardly|if|whether|who|whom|whose|which|that|is|are|am|was|were|be|been|being|become|becoming"
    r"|became|has|have|had|having|will|would|could|can|cannot|may|might|should|must|to|as|than|likely|unlikely|possible|possibly"
    r"|potential|perhaps|maybe|prospective|would-be|wannabe|future|hopeful|aspiring|alleged|allegedly|supposed|supposedly|self-styled"
    r"|rumou?red|reportedly|reported|expected|tipped|seen|considered|nominated|designated|proposed|fictional|fake"
    r"|said|says|told|met|meets|like|unlike|wife|husband|son|daughter|brother|sister|widow|father|mother|friend|aide|assistant)\b|n't\b)",
    re.IGNORECASE,
)
# Before the words of a sentence that would state a position: they only suppose it, or speak of another's saying.
_SUPPOSED = re.compile(
    r"\b(?:if|unless|whether|suppos\w+|imagin\w+|perhaps|maybe|possibly|probably|allegedly|reportedly|supposedly|den(?:y|ies|ied|ying)"
    r"|rumou?r\w*|speculat\w+|doubt\w*|possibility|hop(?:e|es|ed|ing)|wish\w*|fear(?:s|ed)?|false|falsely|untrue|wrong|wrongly|proposal"
    r"|pretend\w*|untruth|lie|hoax|claim\w*|demand\w*|insist\w* on|until|before|as though|once|should|would|could|might|(?-i:may)|not|never"
    r"|nobody|bet|bets|odds|chances?|dream\w*)\b|n't\b",
    re.IGNORECASE,
)
# "Y, led by X"; what is led stands right before the comma and is no part of something larger.
_LED = re.compile(
    rf"(?<=\w)(?P<comma>,) (?P<past>(?:once|formerly|previously|until recently|then) )?(?:now |currently |also )?"
    rf"(?P<verb>led|headed|run|chaired|founded|co-founded) by (?=({_PERSON}))"
)
_LED_TITLE = {
    "led": "leader", "headed": "head", "run": "head", "chaired": "chair", "founded": "founder", "co-founded": "co-founder"
}  # fmt: skip
_UNSURE = ("head", "general", "member", "king", "chief")
_NAMED_BEFORE = re.compile(r"(?:[A-Z][\w&.-]*|'s|s') $")


@dataclass(frozen=True, slots=True)
class RoleSpan:
    """A person with a title at one place of a plain text; offsets are those of the plain text.

    `reach` is where the words that may name the organisation lie; in front of the title they end at `owner_end`
    ("Intel's", "U.S."), which is -1 for the other styles. `former`: the words say that it has ended.
    """

    person_start: int
    person_end: int
    title: str
    reach_start: int
    reach_end: int
    style: Style
    owner_end: int = -1
    former: bool = False


def find_role_spans(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    """All places where the words themselves show a person with a title. Precise patterns only."""
    found = [
        *_appositions(plain, sentences),
        *_titles_before(plain, sentences),
        *_with_verbs(plain, sentences),
        *_in_clauses(plain, sentences),
        *_named(plain, sentences),
        *_owners_first(plain, sentences),
        *_led_by(plain, sentences),
        *_speakers(plain, sentences),
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
        if is_no_name(word):
            break
        kept.append(word)
    while kept and kept[-1].lower() in CONNECTORS | {"bin", "al", "el", "le", "ben", "den", "della", "dos"}:
        kept.pop()
    return start + len(" ".join(kept)) if len(kept) >= MIN_NAME_WORDS else -1


def is_no_name(word: str) -> bool:
    """Whether a capitalised word is none of a person's name: "Monday", "Corp.", "President"."""
    bare = word.rstrip(".")
    if bare in GIVEN_NAMES or bare in CHINESE_FAMILY_NAMES:
        return False
    return any(
        bare in group
        for group in (
            ORGANISATION_HEADS,
            TITLE_WORDS,
            CALENDAR,
            COUNTRY_WORDS,
            HONORIFICS,
            SENTENCE_STARTERS,
            _NO_PERSONS,
        )
    )


def skip_lead(plain: str, start: int, end: int) -> int:
    """Step over words that a sentence puts before a name: "Analyst Jane Roe", "But Jane Roe"."""
    while True:
        word = plain[start:end].split(" ", 1)
        if len(word) < MIN_NAME_WORDS or not (is_no_name(word[0]) or word[0].lower() in CONNECTORS):
            return start
        start += len(word[0]) + 1


def _person_in(plain: str, start: int, end: int, sentences: Sequence[Sentence]) -> int:
    """Where the person's name in these words begins, -1 when they are no name that stands in an ordinary sentence."""
    start = skip_lead(plain, start, end)
    ordinary = sentence_at(sentences, start).casing == "normal"
    return start if ordinary and person_at(plain, start, end) == end else -1


def _appositions(plain: str, sentences: Sequence[Sentence]) -> list[RoleSpan]:
    found = []
    for match in _APPOSITION.finditer(plain):
        sentence = sentence_at(sentences, match.start())
        start = _person_in(plain, *match.span(1), sentences)
        if start < 0:
            continue
        low = match.end()
        whole = plain[low : min(sentence.end, low + MAX_SEGMENT)]
        opener = _OPENERS.match(whole)
        offset = opener.end() if opener else 0
        if whole.startswith("is ") and start == skip_lead(plain, sentence.start, match.end(1)):
            # A comma too many; behind another name it would close that one's own apposition.
            offset = len("is ")
        role = _titled(start, match.end(1), low + offset, whole[offset:], "apposition")
        if role is not None:
            found.append(_dated(role, opener.group() if opener else ""))
    return found


def _titled(start: int, end: int, low: int, words: str, style: Style) -> RoleSpan | None:
    """The role that the words from `low` on begin with, None when no title stands near their head."""
    segment = _cut(words)
    head = HEAD.search(segment)
    if head is None:
        return None
    lead = segment[: head.start()]
    if _NO_LEAD.search(lead):
        return None
    if LINK_WORD.search(f" {lead}") or len(lead.split()) > MAX_WORDS_BEFORE_HEAD:
        return None
    if "." in lead.replace("U.S.", "").replace("U.K.", ""):
        return None
    return RoleSpan(start, end, segment, low, low + len(segment), style)


def _dated(role: RoleSpan, opener: str) -> RoleSpan:
    """The role without "until March" and "since 2019" in its title, marked as ended when the words say so."""
    former = _FORMERLY.search(_STILL.sub("", opener)) is not None
    until = _UNTIL.search(role.title)
    return _ended(role, former=former or until is not None, cut=until or _SINCE.search(role.title))


def _ended(role: RoleSpan, *, former: bool, cut: re.Match[str] | None = None) -> RoleSpan:
    title = role.title[: cut.start()] if cut else role.title
    bare = _FORMER_TITLE.sub("", title)
    return RoleSpan(
        person_start=role.person_start,
        person_end=role.person_end,
        title=bare,
        reach_start=role.reach_start + len(title) - len(bare) if role.owner_end < 0 else role.reach_start,
        reach_end=role.reach_end,
        style=role.style,
        owner_end=role.owner_end,
        former=former or bare != title,
    )


def _cut(segment: str) -> str:
    stop = _STOP.search(segment)
    cut = segment[: stop.start()] if stop else segment
    return cut.rstrip(" .!?")


def _titles_in(plain: str) -> Iterator[tuple[int, int, str]]:
    """Titles straight before a capitalised word: where they start, where the word starts, the title."""
    for match in _WORD_BEFORE_NAME.finditer(plain):
        if match.group(1).lower() in _LAST_WORDS:
            low = max(0, match.end() - LONGEST_TITLE)
            title = _TITLE_ENDING.search(plain[low : match.end()])
            if title:
                yield low + title.start(1), match.end(), title.group(1)


def _titles_before(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    places: list[tuple[int, int, str, Style, bool]] = [
        (start, end, title, "before", False) for start, end, title in _titles_in(plain)
    ]
    places += [(m.start(1), m.end(), m.group(1), "is", "was" in m.group(2)) for m in _IS.finditer(plain)]
    for title_start, name_start, title, style, former in places:
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
        unsure = title.rsplit(" ", 1)[-1] in _UNSURE
        owned = title.lower() in ("chief", "head") and _NAMED_BEFORE.search(
            plain, max(0, title_start - 40), title_start
        )
        if style == "before" and title.islower() and unsure and not owned:
            continue
        if style == "is" and _only_supposed(plain, sentence, title_start):
            continue
        role = RoleSpan(name_start, end, title, title_start, name_start, style, owner_end=title_start)
        yield _ended(role, former=former)


def said_to_be_former(plain: str, owner_start: int) -> bool:
    """Whether the words before the owner of a title say that it has ended: "former Intel chief", "ex-Intel chief"."""
    return _FORMER_BEFORE.search(plain, max(0, owner_start - 40), owner_start) is not None


def _only_supposed(plain: str, sentence: Sentence, before: int) -> bool:
    """Whether the sentence asks, denies or supposes what its words from `before` on say."""
    asked = plain[max(before, sentence.end - 10) : sentence.end].rstrip(" \n\"')").endswith("?")
    return asked or _SUPPOSED.search(plain, max(sentence.start, before - MAX_SEGMENT), before) is not None


def _led_by(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    for match in _LED.finditer(plain):
        sentence = sentence_at(sentences, match.start())
        end = person_at(plain, match.end(), sentence.end)
        if end < 0 or sentence.casing != "normal":
            continue
        title = _LED_TITLE[match.group("verb")]
        past = match.group("past") is not None and "found" not in match.group("verb")
        owner_end = match.start("comma")
        yield RoleSpan(
            match.end(), end, title, owner_end, match.end(), "led", owner_end=owner_end, former=past
        )


def _speakers(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    for match in _SPEAKS.finditer(plain):
        start, end = match.span(1)
        named = plain[start:end].split(" ", 1)[0] in GIVEN_NAMES
        if named and person_at(plain, start, end) == end and sentence_at(sentences, start).casing == "normal":
            yield RoleSpan(start, end, "", match.start(2), match.end(2), "at")


def _with_verbs(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    for match in _WHO.finditer(plain):
        start = _person_in(plain, *match.span(1), sentences)
        if start < 0:
            continue
        sentence = sentence_at(sentences, match.start())
        segment = _cut(plain[match.end() : min(sentence.end, match.end() + MAX_SEGMENT)])
        verb = match.group("verb")
        stem = _VERB_STEM.get(verb, verb)
        past = bool(match.group("past")) or (verb in _PAST_VERBS and "has" not in match.group("still"))
        lasting = stem in ("found", "co-found")
        yield RoleSpan(
            person_start=start,
            person_end=match.end(1),
            title=_VERB_TITLE[stem],
            reach_start=match.end(),
            reach_end=match.end() + len(segment),
            style="verb",
            former=(past or _UNTIL.search(segment) is not None) and not lasting,
        )


def _in_clauses(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    for match in _CLAUSE.finditer(plain):
        start = _person_in(plain, *match.span(1), sentences)
        sentence = sentence_at(sentences, match.start())
        if start < 0 or match.end() > sentence.end or _only_supposed(plain, sentence, start):
            continue
        words = plain[match.end() : min(sentence.end, match.end() + MAX_SEGMENT)]
        role = _titled(start, match.end(1), match.end(), words, "clause")
        if role is not None:
            verb = match.group("verb")
            ended = _ENDED.search(verb) is not None and _BEGAN.search(verb) is None
            ended = ended or match.group("ended") is not None
            yield _dated(role, "former" if ended else "")


def _named(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    for match in _NAMED.finditer(plain):
        start, end = match.span(1)
        sentence = sentence_at(sentences, match.start())
        if _person_in(plain, start, end, sentences) == start and not _only_supposed(
            plain, sentence, match.start()
        ):
            yield RoleSpan(start, end, match.group(2), start, match.end(), "named", owner_end=match.start())


def _owners_first(plain: str, sentences: Sequence[Sentence]) -> Iterator[RoleSpan]:
    for match in _OF.finditer(plain):
        start = match.end()
        end = person_at(plain, start, sentence_at(sentences, match.start()).end)
        if end > 0 and sentence_at(sentences, start).casing == "normal":
            role = RoleSpan(start, end, match.group("title"), *match.span("owner"), "of")
            before = said_to_be_former(plain, match.start("title"))
            stripped = _FORMER_TITLE.sub("", role.title)
            yield RoleSpan(
                start, end, stripped, *match.span("owner"), "of", former=before or stripped != role.title
            )
