"""Who did what to whom, where and when, as far as the sentence of the event's trigger says it; pure.

No parser: in English the subject stands before the verb and the object behind it. Linked names are preferred; without
one the words themselves are given. What the text does not say stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from articles.events.event_types import FIRST, SECOND, TITLE, EventType, Trigger, triggers_in
from articles.events.spans import ACTORS, Field, Name, Report, Span, lowered, sentences_of
from articles.events.summary import DATELINE
from articles.events.times import Moment, time_spans

Slot = Literal["who", "whom", "what", "where", "when"]
SLOTS: tuple[Slot, ...] = ("who", "whom", "what", "where", "when")

READ_CHARACTERS = 2500
SENTENCES = 6  # of an article are asked
LONGEST = 140
MOST_FILLERS = 3
BELOW_COUNTS = 0.4  # of what names are worth in the headline and the first sentences
NEAR_DAYS = 62  # what lies further back, or ahead, is not when the news happened
BY_CHARACTERS = 40  # "was bought by the Norland shipping group Orne"

# Verbs by which headlines and first sentences tell what happened, when nothing else does: the bare stem.
_VERBS = (
    "say|tell|told|announce|agree|sign|buy|sell|acquire|launch|unveil|release|name|appoint|resign|quit|win|lose|beat|kill|injure|hit|crash|fall|fell|rise|rose|jump|drop|plunge|sue|charge"
    "|arrest|jail|sentence|convict|find|found|rule|order|block|ban|fine|approve|pass|reject|vote|elect|meet|met|visit|arrive|land|leave|left|return|open|close|shut|begin|began|start|end|stop|cut|raise|lower"
    "|increase|decrease|report|post|reveal|show|warn|urge|call|ask|demand|seek|plan|vow|pledge|promise|threaten|accuse|blame|deny|denies|denied|defend|criticise|criticize|praise|slam|attack|strike|struck|bomb|shoot|shot"
    "|fire|invade|seize|capture|free|rescue|save|die|fight|fought|protest|march|strike|walk|join|merge|form|create|build|built|make|made|take|took|give|gave|get|got|put|set|send|sent|bring|brought|hold|held"
    "|keep|kept|face|confirm|identify|identifies|identified|declare|describe|hail|stand|stood|clear|change|spark|shrink|shrank|discuss|delay|suspend|halt|drop|recall|expand|extend|offer|propose|consider|mull|weigh|review|probe|investigate"
    "|search|hunt|discover|claim|admit|apologi[sz]e|settle|pay|paid|owe|earn|lead|led|head|run|ran|become|became|grow|grew|boost|slash|slow|speed|delay|cancel|postpone|host|celebrate|mark|honou?r|award|recogni[sz]e"
    "|hire|sack|oust|replace|succeed|retire|step|nominate|pick|choose|chose|select|back|endorse|support|oppose|veto|overturn|uphold|upheld|dismiss|throw|threw|toss|lift|impose|restrict|limit|allow|let|help|work"
    "|team|partner|collaborate|cooperate|alter|stage|receive|deliver|outrage|mar|upset|derail|capsize|sink|sank|collapse|explode|burn|flood|destroy|damage|shake|shook|rock|sweep|swept|escape|flee|fled|survive|suffer|see|saw|hear|heard|speak|spoke|talk|write|wrote|tweet|respond|react|turn|move|roll|test|develop|deploy"
)
_VERB = re.compile(
    rf"(?<![\w-])(?:(?:(?:has|have|had|is|are|was|were|will|would|could|may|might|can|to|'ll|’ll|gets?|got)\s(?:not\s|also\s|been\s|be\s|now\s|being\s|\w+ly\s)*)(?:{_VERBS})(?:s|es|d|ed|ned|ped|ted|ging|ning|ing)?"
    rf"|(?:{_VERBS})(?:s|es|d|ed|ned|ped|ted)?|[a-z]{{3,}}ed(?=\sby\s))(?![\w-])"
)
# Behind one of these a word that could be a verb is a noun: "the first step", "a strike", "its launch".
_NOUN_BEFORE = re.compile(
    r"(?:^|[\s\"“‘'(])(?:an?|the|his|her|its|their|our|your|my|this|that|these|those|first|second|third|last|next|new|latest|of|for|in|on|at|with|from|by|no|any|some|more|major"
    r"|big|biggest|recent|every|each|another|such|about|over|after|before|into|than|own|public|annual|possible|\w+['’]s)\s$"
)
# A form that is no noun: with an auxiliary, an ending, or a vowel of the past.
_FINITE = re.compile(
    r"\s|(?:s|ed)$|^(?:won|lost|beat|hit|fell|rose|met|left|began|cut|struck|shot|fought|built|made|took|gave|got|sent|held|kept|stood|led|ran|grew|chose|sank|swept|fled|bought|sold)$"
)
_AUXILIARY = re.compile(
    r"(?<![\w-])(?:is|are|was|were|has|have|had|will|would|could|may|might|can|did|does|do)(?![\w-])"
)
# "said on Thursday that", "says": who only tells it.
_REPORTING = re.compile(
    r"^(?:has\s|have\s|had\s)?(?:say|said|says|tell|tells|told|announce\w*|report\w*|warn\w*|declare\w*|confirm\w*|reveal\w*|claim\w*|wr[io]te\w*|tweet\w*)$",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|being|be|gets?|got)\s(?:\w+ly\s)?$", re.IGNORECASE)
_BY = re.compile(r"\bby\s")
_PLACE_BEFORE = re.compile(
    r"\b(?:in|at|near|from|outside|off|across|around|inside|throughout|over|on|into|to|northern|southern|eastern|western|central)\s(?:the\s)?(?:\w+(?:ern|al)\s)?$",
    re.IGNORECASE,
)
_AT = re.compile(
    r"\b(?:at|in|outside|near|inside)\s(?:the\s)?$", re.IGNORECASE
)  # "at the White House": where
# "On Facebook, ...": what stands behind these is no subject; "a spokesman for X" speaks for it.
_BESIDE = re.compile(
    r"\b(?:on|in|at|outside|inside|near|with|from|to|after|against|over|via|through|about|under|since)\s(?:the\s)?$",
    re.IGNORECASE,
)
_PLACE_WORDS = re.compile(
    r"\b(?:in|at|near|outside|off|across)\s(?P<place>(?:the\s)?(?:(?:northern|southern|eastern|western|central|downtown|north|south|east|west)\s)?[A-Z][\w'’.-]+(?:\s(?:of\s|the\s)?[A-Z][\w'’.-]+){0,3})"
)
_NO_PLACE = re.compile(
    r"(?:the\s)?(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
    r"|Mr|Mrs|Ms|Twitter|Facebook|Inc|Instagram)\b"
)
_CLAUSE_END = re.compile(
    r"[;:]|\s[-–—]\s|,\s(?:[\w.'’-]+\s){1,5}?(?:said|says|told|reported|announced)\b|,\s(?:which|who|while|but|after|as|and|with|saying|according|adding)\b|\s(?:after|while|because|although|as)\s"
)
_LEADING = re.compile(
    r"^(?:[\"“'‘\s]*)(?:(?:the|a|an)\s)?(?:(?:on|in|at|by|after|before|during|with|from|when|as|while|despite|amid|for|under|\w{3,}ing)\s[^,]{3,90},\s(?:[A-Z][a-z]{2,8}\.?\s\d{1,2},\s)?)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[^:]{3,60}:\s")
_INSERTED = re.compile(r",\s[^,]{2,90},?\s?$")


@dataclass(frozen=True, slots=True)
class Filler:
    """What fills a slot: as it stands in the text, with its entity, and for times the days."""

    text: str
    span: Span
    entity: int | None = None
    moment: Moment | None = None


Slots = Mapping[Slot, tuple[Filler, ...]]


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence that may tell the event, with its verb."""

    report: Report
    which: Field
    start: int
    end: int
    verb: tuple[int, int]
    score: float
    zone: float


def slots_of(reports: Sequence[Report], sort: EventType = "other", lead: int | None = None) -> Slots:
    """What fills the slots of an event of that sort; of several fit sentences the one that fills most is taken.

    A slot that it leaves open is filled from the next best of the same article. English only.
    """
    read = [report for report in reports if report.language.lower()[:2] in {"", "en"} and not report.is_copy]
    places = sorted(
        (place for report in read for place in _places(report, sort, lead)),
        key=lambda one: (-one.score, one.report.key != lead, one.start),
    )
    filled: dict[Slot, tuple[Filler, ...]] = dict.fromkeys(SLOTS, ())
    if not places:
        return filled
    best = max(places, key=lambda one: one.score + _named(one))
    others = [one for one in places if one is not best and one.report.key == best.report.key]
    for place in (best, *others[:MOST_FILLERS]):
        for slot, fillers in _fill(place):
            if fillers and not filled[slot]:
                filled[slot] = _distinct(fillers, filled["who"] if slot == "whom" else ())
    if not filled["when"]:
        filled["when"] = _first_time(best.report)
    if not filled["where"]:
        filled["where"] = _dateline(best.report)
    return filled


def _places(report: Report, sort: EventType, lead: int | None) -> Iterator[_Place]:
    triggers = [trigger for trigger in triggers_in(report) if trigger.sort == sort] if sort != "other" else []
    is_lead = 0.1 * (report.key == lead)
    for which, start, end, zone in _zones(report):
        inside = [t for t in triggers if t.span.field == which and start <= t.span.start < end]
        verb = _verb_of(report.of(which), start, end, inside, is_title=which == "title")
        if verb is not None:
            weight = max((t.weight for t in inside), default=0.0)
            yield _Place(report, which, start, end, verb, weight + 0.4 * zone + is_lead, zone)


def _zones(report: Report) -> Iterator[tuple[Field, int, int, float]]:
    headline = sentences_of(report.title)[
        :1
    ]  # "A says that B agreed. B says nothing": the first says what happened
    yield "title", 0, headline[0].end if headline else 0, TITLE
    number = 0
    head = report.text[:READ_CHARACTERS]
    for sentence in sentences_of(head):
        if number == SENTENCES:
            return
        if sentence.end - sentence.start < 20:  # noqa: PLR2004 - a heading, a byline
            continue
        dateline = DATELINE.match(head[sentence.start : sentence.end])
        start = sentence.start + (dateline.end() if dateline else 0)
        yield "text", start, sentence.end, (FIRST, SECOND)[number] if number < 2 else 0.1  # noqa: PLR2004
        number += 1


def _verb_of(
    text: str, start: int, end: int, triggers: Sequence[Trigger], *, is_title: bool
) -> tuple[int, int] | None:
    """The place of the verb: the one in the heaviest trigger, else the first verb that does more than to report."""
    said = text[start:end]
    label = _LABEL.match(said)
    skipped = label.end() if label and '"' not in label[0] else 0
    lead = _LEADING.match(said[skipped:])
    skipped += lead.end() if lead else 0
    lower = lowered(said)
    verbs = [
        match
        for match in _VERB.finditer(lower, skipped)
        if match.start() > skipped
        and (is_title or _FINITE.search(match[0]))  # only headlines tell what was in the present tense
        and not _NOUN_BEFORE.search(lower[max(0, match.start() - 16) : match.start()])
    ]
    for trigger in sorted(triggers, key=lambda one: (-one.weight, one.span.start)):
        a, b = trigger.span.start - start, trigger.span.end - start
        for match in verbs:
            if (match.start() < b and a < match.end() and not _REPORTING.match(match[0])) and (
                match is verbs[0] or _FINITE.search(match[0])
            ):
                return start + min(a, match.start()), start + max(b, match.end())
    doing = [match for match in verbs if not _REPORTING.match(match[0]) and not match[0].startswith("to ")]
    # "X said on Thursday it will form ...": what X said counts, when it is told with a verb of its own.
    for match in (*doing[:1], *verbs[:1]):
        return start + match.start(), start + match.end()
    found = _AUXILIARY.search(lower, skipped + 1) if end - start > skipped + 1 else None
    return (start + found.start(), start + found.end()) if found is not None else None


def _named(place: _Place) -> float:
    """What it is worth that actors are named: one before the verb, another behind it."""
    names = [n for n in place.report.names_in(place.which, place.start, place.end) if n.kind in ACTORS]
    before = {name.entity for name in names if name.end <= place.verb[0]}
    after = {name.entity for name in names if name.start >= place.verb[0]} - before
    worth = 0.4 * bool(before) + 0.3 * bool(before and after)
    return worth if place.zone >= SECOND else worth * BELOW_COUNTS


def _fill(place: _Place) -> Iterator[tuple[Slot, list[Filler]]]:
    report, which = place.report, place.which
    text = report.of(which)
    names = report.names_in(which, place.start, place.end)
    actors = [name for name in names if name.kind in ACTORS]
    before = [name for name in actors if name.end <= place.verb[0]]
    after = [
        name
        for name in actors
        if name.start >= place.verb[0] and (name.kind == "person" or not _AT.search(text[: name.start][-20:]))
    ]
    is_passive = bool(_PASSIVE.search(text[max(place.start, place.verb[0] - 20) : place.verb[0]])) or bool(
        re.match(r"(?:is|are|was|were|been|has been|have been)\s", text[place.verb[0] : place.verb[1]])
        and re.search(r"(?:ed|en|wn|ld|nt|it|ut)$", text[place.verb[0] : place.verb[1]])
    )
    subject = _of_names(report, which, _subjects(before, text, place.verb[0])) or _subject_words(
        report, which, place
    )
    objects = _of_names(report, which, after[:2])
    if is_passive:
        by = _BY.search(text, place.verb[1], min(place.end, place.verb[1] + 80))
        near = [name for name in after if by and 0 <= name.start - by.end() < BY_CHARACTERS]
        doers = _of_names(report, which, near[:1])
        if doers:
            subject, objects = doers, subject
    yield "who", subject
    yield "whom", objects
    yield "what", _what(report, which, place)
    yield "where", _where(report, which, place, names)
    yield "when", _when(report, which, place)


def _subjects(before: Sequence[Name], text: str, verb: int) -> list[Name]:
    """The subject of the clause: the first actor of the sentence's last clause before the verb, with what is joined to it."""
    own = [name for name in before if not _BESIDE.search(text[: name.start][-20:])]
    if not own:
        return []
    first = own[0]
    joined = [first]
    for name in own[1:]:
        if not re.fullmatch(r",?\s?(?:and|&|or)?\s?(?:the\s)?", text[joined[-1].end : name.start]):
            break
        joined.append(name)
    # "X, whose rival Y bought": the first of a sentence is nearly always its subject.
    return joined if verb >= first.end else []


def _of_names(report: Report, which: Field, names: Sequence[Name]) -> list[Filler]:
    return [
        Filler(report.of(which)[n.start : n.end], Span(report.key, which, n.start, n.end), n.entity)
        for n in names
    ]


def _subject_words(report: Report, which: Field, place: _Place) -> list[Filler]:
    """The words before the verb, without what leads up to them and what is put in between."""
    text = report.of(which)
    said = text[place.start : place.verb[0]]
    label = _LABEL.match(said)
    at = label.end() if label else 0
    verb = _VERB.search(lowered(said), at) or _AUXILIARY.search(lowered(said), at)
    if verb is not None and verb.start() > at + 2:
        said = said[: verb.start()]
    lead = _LEADING.match(said[at:])
    at += lead.end() if lead else 0
    end = len(said.rstrip(" ,"))
    inserted = _INSERTED.search(said[:end] + " ", at)
    if inserted is not None and inserted.start() > at:
        end = inserted.start()
    start, end = place.start + at, place.start + end
    words = text[start:end].strip(" \"“”‘’'")
    if not words or len(words) > LONGEST or not re.search(r"\w", words):
        return []
    start = text.index(words, start)
    return [Filler(words, Span(report.key, which, start, start + len(words)))]


def _what(report: Report, which: Field, place: _Place) -> list[Filler]:
    text = report.of(which)
    start = place.verb[0]
    stop = _CLAUSE_END.search(text, place.verb[1], place.end)
    end = min(stop.start() if stop else place.end, place.end)
    if end - start > LONGEST:
        end = max(place.verb[1], text.rfind(" ", start, start + LONGEST))
    words = text[start:end].rstrip(' ,.\n"”')
    return [Filler(words, Span(report.key, which, start, start + len(words)))] if words else []


def _where(report: Report, which: Field, place: _Place, names: Sequence[Name]) -> list[Filler]:
    text = report.of(which)
    linked = [
        n
        for n in names
        if n.kind == "place" and _PLACE_BEFORE.search(text[max(place.start, n.start - 25) : n.start])
    ]
    if linked:
        return _of_names(report, which, linked[:1])
    for match in _PLACE_WORDS.finditer(text, place.start, place.end):
        if not _NO_PLACE.match(match["place"]):
            taken = [
                n
                for n in names
                if n.kind in {"person", "company"}
                and n.start < match.end("place")
                and match.start("place") < n.end
            ]
            if not taken:
                words = match["place"].rstrip(".,")
                return [
                    Filler(
                        words,
                        Span(report.key, which, match.start("place"), match.start("place") + len(words)),
                    )
                ]
    return []


def _when(report: Report, which: Field, place: _Place) -> list[Filler]:
    text = report.of(which)
    moments = time_spans(text[place.start : place.end], report.published, report.language)
    near = [one for one in moments if abs((one.first - report.published.date()).days) <= NEAR_DAYS]
    moments = [one for one in near if one.precision in {"day", "week", "span", "month"}]
    moments.sort(key=lambda one: (one.precision != "day", abs(place.start + one.start - place.verb[0])))
    return [_moment(report, which, place.start, moment) for moment in moments[:1]]


def _moment(report: Report, which: Field, offset: int, moment: Moment) -> Filler:
    span = Span(report.key, which, offset + moment.start, offset + moment.end)
    return Filler(moment.text, span, None, moment)


def _first_time(report: Report) -> tuple[Filler, ...]:
    """The first day that the text names near its head, not far from its date."""
    for moment in time_spans(report.text[:READ_CHARACTERS], report.published, report.language):
        if moment.precision == "day" and abs((moment.first - report.published.date()).days) <= NEAR_DAYS / 2:
            return (_moment(report, "text", 0, moment),)
    return ()


def _dateline(report: Report) -> tuple[Filler, ...]:
    match = DATELINE.match(report.text)
    if match is None:
        return ()
    words = re.split(r"\s?[(,]|\s?(?:--|[-–—―:])", match[0].strip())[0].strip()
    if len(words) < 3 or not words[0].isupper():  # noqa: PLR2004
        return ()
    return (Filler(words, Span(report.key, "text", match.start(), match.start() + len(words))),)


def _distinct(fillers: Sequence[Filler], others: Sequence[Filler]) -> tuple[Filler, ...]:
    """Each once, and not who stands in the other slot."""
    seen = {one.entity or one.text.casefold() for one in others}
    kept = []
    for one in fillers:
        key = one.entity or one.text.casefold()
        if key not in seen:
            seen.add(key)
            kept.append(one)
    return tuple(kept[:MOST_FILLERS])
