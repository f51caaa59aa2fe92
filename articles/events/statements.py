"""What a text itself says is not confirmed: no answer, no statement, not verified, nameless sources; pure.

Each is told with the party that kept silent or denied: the subject of the words, and its entity when a linked name
stands there or when what is written ("the U.S. group") fits one linked name that was told before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from articles.events.spans import ACTORS, Name, Report, Span, sentences_of
from entities.sentences import Sentence, sentence_at
from entities.words import COUNTRY_PAIRS, COUNTRY_WORDS

Code = Literal[
    "no_answer",
    "declined",
    "no_statement",
    "not_reached",
    "not_confirmed",
    "not_verified",
    "denied",
    "nameless",
]

MOST_CHARACTERS = 20_000  # of a text are read
MOST = 12  # of one text
LONGEST_SUBJECT = 120
LONGEST_QUOTE = 280  # characters of a sentence that is quoted whole
MOST_PARTIES = 3  # "X, Y and Z did not respond": of one sentence
_CALLS = re.compile(
    r"calls|messages?|e-?mails|requests|questions|attempts|efforts|neither(?!\sconfirmed)", re.IGNORECASE
)
_PRONOUNS = frozenset({"it", "he", "she", "they"})

_NOT = r"(?:n['’]t|\s(?:not|never)|not)"
_NOW = r"(?:\s(?:immediately|yet|so\sfar|publicly|officially|also|directly|independently|itself|been\sable\sto))*"
_DID_NOT = rf"(?:(?:did|does|do|has|have|had|could|would|was|were|is|are|can){_NOT}|(?:has|have|had)\syet\sto|cannot|failed\sto|(?:was|were|is|are)\sunable\sto|refused\sto|declined\sto){_NOW}"
_COMMENT = r"(?:\s\S+){0,3}?\s?(?:comments?|interview|questions?|inquir(?:y|ies)|enquir(?:y|ies)|requests?|messages?|e-?mails?|calls?|queries)"

_FORMS: tuple[tuple[Code, re.Pattern[str]], ...] = (
    (
        "no_answer",
        re.compile(
            rf"\b{_DID_NOT}\s(?:be\s)?(?:(?:respond(?:ed)?|repl(?:y|ied))(?:\sto|\son)?\b(?:{_COMMENT})?|(?:answer(?:ed)?|return(?:ed)?)\b{_COMMENT})(?:\s(?:for|seeking)\s(?:further\s)?comment)?"
            rf"|\b(?:calls|messages?|e-?mails|requests|questions)\s(?:\w+\s){{0,3}}?(?:to|for|at|on|with)\s[^.;]{{2,60}}?\s(?:was|were|went)\s?{_NOT}?{_NOW}\s(?:un)?(?:answered|returned)",
            re.IGNORECASE,
        ),
    ),
    (
        "declined",
        re.compile(
            rf"\b(?:(?:declined|declines|refused|refuses)\s(?:to\s(?:\w+\s)?(?:comment|say|discuss|elaborate|confirm|answer|speak|provide)|(?:\S+\s)?(?:comments?|interviews?))"
            rf"|(?:would{_NOT}|will{_NOT})\s(?:comment|confirm|discuss|elaborate)\b|had\sno\s(?:immediate\s)?comment)",
            re.IGNORECASE,
        ),
    ),
    (
        "no_statement",
        re.compile(
            rf"\b(?:has|have|had|did|does){_NOT}{_NOW}\s(?:post(?:ed)?|issued?|released?|published?|made|make|put\sout)\s(?:\w+\s){{0,3}}?(?:statements?|announcements?|comments?)\b"
            rf"|\b(?:has|have|had|did){_NOT}{_NOW}\s(?:comment(?:ed)?|announced?)(?=[\s.,;])(?!\s(?:a|an|any|its|the)\s(?!deal|agreement|plan))"
            rf"|\b(?:has|have|had)\syet\sto\s(?:comment|announce|make\s(?:a|any)\s(?:statement|announcement))",
            re.IGNORECASE,
        ),
    ),
    (
        "not_reached",
        re.compile(
            rf"\b(?:could{_NOT}|cannot|can{_NOT}|(?:was|were){_NOT})(?:\simmediately|\sbe)*\s(?:reached|available|contacted)\b(?:\s(?:immediately\s)?for\s(?:immediate\s)?comment)?"
            rf"|\b(?:was|were)\s(?:unavailable|unreachable)\s(?:immediately\s)?for\scomment|\b(?:attempts|efforts)\sto\s(?:reach|contact)\s[^.;]{{2,60}}?\s(?:were|was)\s(?:un\w+|not\s\w+)",
            re.IGNORECASE,
        ),
    ),
    (
        "not_verified",
        re.compile(
            rf"\b(?:could{_NOT}|cannot|can{_NOT}|(?:has|have|had|was|were|is|are){_NOT}(?:\sbeen)?(?:\sable\sto)?|(?:was|were)\sunable\sto)(?:\simmediately|\sbe|\sbeen)*\s(?:independently\s|immediately\s)*"
            rf"(?:verif(?:y|ied)|corroborated?|authenticated?)\b|\bcould{_NOT}(?:\simmediately|\sbe)*\s(?:independently\s)(?:confirm(?:ed)?)\b|\bcould{_NOT}\simmediately\sbe\sconfirmed\b|\bunverified\s(?:\w+\s)?(?:reports?|claims?|video|footage)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "not_confirmed",
        re.compile(
            rf"\b(?:has|have|had|did|does|do|would|will|could|was|were|is|are){_NOT}{_NOW}(?:\sbe|\sbeen)?\s(?:confirm(?:ed)?|acknowledged?)\b|\b(?:has|have|had)\syet\sto\s(?:confirm|acknowledge|be\sconfirmed)\b"
            rf"|\bneither\sconfirmed\snor\sdenied\b"
            rf"|\bneither\s[^.;]{{2,80}}?\snor\s[^.;]{{2,80}}?\s(?:has|have|had|would|could|was|were|immediately)\s(?:\w+\s)?(?:confirm|respond|repl|comment|answer)\w*",
            re.IGNORECASE,
        ),
    ),
    (
        "denied",
        re.compile(
            r"\b(?:has\s|have\s|had\s)?(?:denied|denies|deny|rejected|dismissed|disputed|disputes)\s(?:\w+\s){0,3}?(?:reports?|allegations?|accusations?|claims?|wrongdoing|charges?|involvement|knowledge|that|having|any|it)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "nameless",
        re.compile(
            r"\b(?:according\sto|said|told|citing|cited)\s(?:\w+\s){0,4}?(?:people|person|persons|sources?|officials?|someone|individuals?)\s(?:\w+\s){0,2}?(?:familiar\swith|close\sto|briefed\son|with\s(?:direct\s)?knowledge)\b[^,.;]{0,60}"
            r"|\b(?:people|person|persons|sources?|officials?)\s(?:\w+\s)?(?:familiar\swith|briefed\son|with\s(?:direct\s)?knowledge\sof)\s(?:the\s)?\w+(?:\s(?:said|told|say|says))?"
            r"|\b(?:who\s)?(?:asked|asking|declined|requested|requesting|wished|wanted)\s(?:not\sto\sbe|to\sremain|to\sbe|for)\s(?:named|identified|anonymous|unnamed|anonymity)\b"
            r"|\bon\s(?:the\s)?condition\sof\sanonymity\b|\b(?:sources?|unnamed\sofficials?)\s(?:said|told|say)\b",
            re.IGNORECASE,
        ),
    ),
)
# A sentence without one of these says nothing of the sort.
_HINT = re.compile(
    r"comment|respon[ds]|repl(?:y|ied)|answer|return|declin|refus|statement|announce|reach|available|contact|verif|corrobor|authentic|confirm"
    r"|acknowledg|den(?:y|ie)|reject|dismiss|disput|familiar|anonym|identified|named|sources?\b|briefed|knowledge|discuss|elaborate|issued|post",
    re.IGNORECASE,
)
# Words that begin another clause: what stands before is no part of the subject.
_CLAUSE = re.compile(
    r"(?:;|:|—|–|\s-\s|[,]?\s(?:but|while|though|although|because|after|before|when|if|as|whereas|that|adding)\s|,\s(?:and|yet|so|or)\s(?!which|who)"
    r"|(?<=[a-z]),\s(?=(?:it|he|she|they|the\s[a-z]+)\s))"
)
_RELATIVE = re.compile(
    r",\s(?:which|who|whose|where|whom|(?:an?|the)(?!\s(?:[\w-]+\s){0,3}?(?:spokes|representat|official|lawyer|attorney|executive|aide|press|media|chief|head|director))|one\sof|known\sas|called|formerly|including|such\sas|like|based\sin|led\sby)\b[^,]*(?:,(?=\s[^,]*?\s(?:and|or)\s)[^,]*)*?,(?=\s?(?:$|[a-z’']))"
)
_AND_VERB = re.compile(r"\s(?:and|or|nor)(?:\salso)?\s*$")
_VERB_BEFORE = re.compile(
    r"\b(?:has|have|had|did|does|was|were|is|are|said|says|will|would|could|posted|declined|refused|denied)(?:n['’]t)?\b",
    re.IGNORECASE,
)
_FOR = re.compile(r"\b(?:for|of|at|from|by|with|to)\s(?:both\s)?$")
_TAIL = re.compile(
    r"(?:,?\s(?:has|have|had|was|were|is|also|still|would|continued\sto|\w+ly|so\sfar|again|itself))+$",
    re.IGNORECASE,
)
_SCENE = re.compile(r"^(?:In|On|At|After|During|Before|Following|Asked|Reached|When)\s[^,]{2,80},\s")
_SPOKESPERSON = re.compile(
    r"\b(?:spokes(?:man|woman|person|people|men|women)|representatives?|officials?|lawyers?|attorneys?|press\soffice|media\srelations|executives?|aides?)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:[\s,(\"'“”‘’]*(?:and|or|but|however|meanwhile|separately|so\sfar|both|neither|also|still|on\s\w+day|a\sday\slater|\w+ly),?\s)+|^[\s,(\"'“”‘’]+",
    re.IGNORECASE,
)
# "The U.S. group", "the Chinese company": what is told of it besides.
_DESCRIBED = re.compile(
    r"^(?:the|its|this|that)\s(?P<of>(?:[A-Z][\w.]*(?:[-\s](?:based|owned|listed|led))?\s){0,3}?)(?:[a-z-]+\s){0,3}?(?P<noun>[a-z-]+)$",
    re.IGNORECASE,
)
_COMPANIES = frozenset({"company", "organization"})
_KINDS_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        [
            "company",
            "firm",
            "maker",
            "chipmaker",
            "carmaker",
            "automaker",
            "airline",
            "bank",
            "lender",
            "retailer",
            "manufacturer",
            "producer",
            "carrier",
            "operator",
            "startup",
            "giant",
            "corporation",
            "supplier",
            "developer",
            "insurer",
            "miner",
            "drugmaker",
        ],
        frozenset({"company"}),
    ),
    **dict.fromkeys(
        [
            "group",
            "organization",
            "organisation",
            "association",
            "body",
            "union",
            "club",
            "federation",
            "institute",
            "university",
            "counterpart",
        ],
        _COMPANIES,
    ),
    **dict.fromkeys(
        [
            "ministry",
            "government",
            "regulator",
            "agency",
            "department",
            "commission",
            "administration",
            "authority",
            "council",
            "court",
            "office",
            "embassy",
            "army",
            "military",
            "police",
            "watchdog",
        ],
        frozenset({"public_body", "organization"}),
    ),
}
_PREFERRED = {
    "group": "organization",
    "association": "organization",
    "body": "organization",
    "counterpart": "organization",
}
_KINDS_OF_PRONOUN = {
    "he": {"person"},
    "she": {"person"},
    "it": {"company", "organization", "public_body"},
    "they": ACTORS,
}


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Words that say that something is not confirmed. `party` is who is spoken of, as written or by its entity's name."""

    code: Code
    text: str  # the words, word for word
    span: Span
    party: str
    entity: int | None

    @property
    def key(self) -> tuple[str, object]:
        """The same in two articles."""
        return self.code, self.entity or self.party.casefold()


def unconfirmed(report: Report) -> list[Unconfirmed]:
    """What the text of an article says is not confirmed, in its order; English only, for others nothing is told."""
    if report.language.lower()[:2] not in {"", "en"}:
        return []
    text = report.text[:MOST_CHARACTERS]
    sentences = sentences_of(text)
    found: list[Unconfirmed] = []
    for sentence in sentences:
        said = text[sentence.start : sentence.end]
        if not _HINT.search(said):
            continue
        for code, match in _matches(said):
            found += _told(report, sentences, sentence, code, match)
            if len(found) >= MOST:
                return found[:MOST]
    return found


def _matches(said: str) -> Iterator[tuple[Code, re.Match[str]]]:
    taken: list[tuple[int, int]] = []
    hits = [
        (match.start(), rank, code, match)
        for rank, (code, form) in enumerate(_FORMS)
        for match in form.finditer(said)
    ]
    for start, _, code, match in sorted(hits, key=lambda hit: hit[:2]):
        if all(match.end() <= a or start >= b for a, b in taken):
            taken.append((start, match.end()))
            yield code, match


def _told(
    report: Report, sentences: Sequence[Sentence], sentence: Sentence, code: Code, match: re.Match[str]
) -> Iterator[Unconfirmed]:
    text = report.text
    start, end = sentence.start + match.start(), sentence.start + match.end()
    if code == "nameless":
        quoted = _quoted(report, sentence, start, end)
        yield Unconfirmed(code, text[quoted.start : quoted.end], quoted, "", None)
        return
    # Of "calls to X were not returned" the caller is no party.
    a, b = (start, start) if _CALLS.match(match[0]) else _subject(text, sentence.start, start)
    named = [name for name in report.names_in("text", a, b) if name.kind in ACTORS]
    parties = _owners(text, a, b, named) or [
        name for name in report.names_in("text", start, end) if name.kind in ACTORS
    ]
    quoted = _quoted(report, sentence, a if a < b else start, end)
    words = text[quoted.start : quoted.end]
    if code == "not_verified":  # whose words they are is not told: the subject is the paper itself
        yield Unconfirmed(code, words, quoted, text[a:b], parties[0].entity if parties else None)
        return
    if not parties:
        described = _described(report, text[a:b], a, sentences)
        if described is not None:
            parties = [described]
    if not parties:
        if b > a or code != "denied":
            yield Unconfirmed(code, words, quoted, text[a:b].partition(", ")[0], None)
        return
    for name in parties[:MOST_PARTIES]:
        yield Unconfirmed(code, words, quoted, name.label, name.entity)


def _quoted(report: Report, sentence: Sentence, start: int, end: int) -> Span:
    """The whole sentence, unless it is very long: then the words themselves with their subject."""
    said = report.text[sentence.start : sentence.end]
    first = sentence.start + len(said) - len(said.lstrip())
    last = first + len(said.strip())
    if last - first <= LONGEST_QUOTE and "\n" not in report.text[first:last]:
        return Span(report.key, "text", first, last)
    return Span(report.key, "text", start, end)


def _subject(text: str, begin: int, verb: int) -> tuple[int, int]:
    """The subject of a verb, roughly: its clause from the beginning to the verb, without what is put in between."""
    left = text[begin:verb]
    # "hasn't posted a statement and didn't respond": the subject stands before the first of the two.
    joined = _AND_VERB.search(left)
    if joined is not None:
        verbs = list(_VERB_BEFORE.finditer(_blanked(left[: joined.start()])))
        if verbs:
            return _subject(text, begin, begin + verbs[-1].start())
    plain = _blanked(left)
    at = 0
    for clause in _CLAUSE.finditer(plain):
        at = clause.end()
    lead = _LEADING.match(plain[at:])
    at += lead.end() if lead else 0
    scene = _SCENE.match(plain[at:])
    at += scene.end() if scene else 0
    end = len(_TAIL.sub("", plain.rstrip(" ,")).rstrip(" ,"))
    inserted = plain.find("\0", at)
    if inserted > at:
        end = min(end, len(plain[:inserted].rstrip(" ,")))
    if end - at > LONGEST_SUBJECT:
        comma = plain.rfind(", ", at, end)
        at = comma + 2 if comma > 0 else max(at, plain.rfind(" ", at, end - LONGEST_SUBJECT) + 1)
    return begin + at, begin + max(at, end)


def _blanked(left: str) -> str:
    """With relative clauses between commas made blank, so that their verbs and names are not taken for the subject's."""
    return _RELATIVE.sub(lambda match: "\0" * (match.end() - match.start()), left)


def _owners(text: str, a: int, b: int, named: Sequence[Name]) -> list[Name]:
    """Who keeps silent, of the names in a subject: of "a spokesman for X" X, of "X's Y" the last, of "X and Y" both."""
    if not named:
        return []
    if _SPOKESPERSON.search(text, a, b):
        organised = [name for name in named if name.kind != "person" or _FOR.search(text, a, name.start)]
        return organised or list(named)
    joined = [named[-1]]
    for earlier, later in zip(reversed(named[:-1]), reversed(named), strict=False):
        if not re.fullmatch(
            r"(?:'s|’s)?,?\s?(?:and|or|nor|&)?\s?(?:the\s)?", text[earlier.end : later.start]
        ):
            break
        if re.match(r"['’]s", text[earlier.end : later.start]):
            break
        joined.insert(0, earlier)
    return joined


def _described(report: Report, subject: str, at: int, sentences: Sequence[Sentence]) -> Name | None:
    """The one linked name, told before, that fits "the U.S. group", "the company", "it"; None when none or no one does."""
    before = [name for name in report.names_in("text", 0, at) if name.kind in ACTORS]
    word = subject.strip().lower()
    if word in _PRONOUNS:
        start = sentence_at(sentences, max(0, sentence_at(sentences, at).start - 2)).start
        near = [name for name in before if name.start >= start and name.kind in _KINDS_OF_PRONOUN[word]]
        return near[0] if len({name.entity for name in near}) == 1 else None
    match = _DESCRIBED.match(subject.strip())
    if match is None:
        return None
    noun = match["noun"].lower()
    kinds = _KINDS_OF.get(noun) or _KINDS_OF.get(noun.removesuffix("s"))
    if kinds is None:
        return None
    country = _country(match["of"])
    fit = [name for name in before if name.kind in kinds and (not country or name.country == country)]
    preferred = [name for name in fit if name.kind == _PREFERRED.get(noun)]
    if country:  # told by what it is: whoever was named last
        return (preferred or fit)[-1] if fit else None
    near = [
        name
        for name in fit
        if name.start >= sentence_at(sentences, max(0, sentence_at(sentences, at).start - 2)).start
    ]
    pool = near or fit
    return pool[-1] if len({name.entity for name in pool}) == 1 else None


def _country(words: str) -> str:
    plain = words.strip().split("-")[0]
    if plain in COUNTRY_PAIRS:
        return COUNTRY_PAIRS[plain]
    for word in plain.split():
        if COUNTRY_WORDS.get(word) or COUNTRY_WORDS.get(word.rstrip(".")):
            return COUNTRY_WORDS.get(word) or COUNTRY_WORDS[word.rstrip(".")]
    return ""
