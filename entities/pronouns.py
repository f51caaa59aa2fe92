"""Whom "he", "she", "I" and "its" mean: somebody or something that the text has named, or nobody."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from entities.genders import Gender, gender_beside, gender_of_name, gender_of_nouns
from entities.quotations import quotations
from entities.sentences import Sentence
from entities.words import SENTENCE_STARTERS

FAR = 8  # sentences from a pronoun to whom it means
NEAR = 1  # sentences from "its" to what it means
TOLD_WITHIN = 120  # characters behind a quotation in which it is told who spoke
SPEAKER_WITHIN = 90  # characters between whoever speaks and the word for it
# What no honest text needs; it keeps the time that a made one can cost in bounds.
MOST_LOOKED_AT = 50  # names and pronouns before a pronoun
LINE = 1_000  # characters
SOMEBODY_WITHIN = 300  # characters
OPENING = 12  # characters: who stands so near to a sentence's head is what it is about

# What a candidate gains and loses; set by hand on our own sentences.
_A_SENTENCE_BACK = -2.0
_SUBJECT = 1.5
_KNOWN_GENDER = 1.0
_QUOTED = -1.5

_GENDERS: dict[str, Gender] = {
    "he": "he", "him": "he", "his": "he", "himself": "he",
    "she": "she", "her": "she", "hers": "she", "herself": "she",
}  # fmt: skip
_THIRD = re.compile(r"\b(?:[Hh]e|[Hh]im|[Hh]is|[Hh]imself|[Ss]he|[Hh]ers?|[Hh]erself)\b")
_FIRST = re.compile(r"\b(?:I(?=(?:'(?:m|d|ve|ll)\b|,)? ?[a-z])|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b")
_NUMBERED = re.compile(r"([A-Z][\w.]*) $")  # "Elizabeth I", "World War I"
# "It is said", "it has been hot": nothing is meant. So only what somebody does, has, or is able to.
_THING = re.compile(
    r"\b(?:[Ii]ts|[Ii]tself)\b(?!')"
    r"|\b[Ii]t(?= (?:said|says|claim(?:s|ed)|insist(?:s|ed)|plan(?:s|ned)|expect(?:s|ed)|announced|reported|added|also|has|had|did|does|can|cannot|will)\b"
    r"(?! (?:be|been|seem|appear|take|taken|become)\b))"
)
_SAYS = re.compile(
    r"\b(?:said|says|say|saying|told|tells|added|adds|explained|explains|wrote|writes|tweeted|asked|asks|replied|insisted|insists"
    r"|recalled|recalls|continued|claimed|claims|admitted|admits|revealed|reveals|noted|notes|warned|warns|argued|argues|concluded"
    r"|commented|posted|joked|shared|stated|declared|announced|confessed|remarked|responded|answered|quipped|confirmed|according to)\b"
)
# Somebody without a name: "a woman", "another user".
_SOMEBODY = re.compile(
    r"(?<!\bas )(?<!\bis )(?<!\bwas )(?<!\bbe )(?<!\bbecome )(?<!\bbecame )(?<!\bbeing )(?<!\bbeen )(?<!,)(?<!, )\b(?:[Aa]|[Aa]n|[Aa]nother|[Oo]ne|[Ee]very|[Ee]ach|[Aa]ny|[Nn]o) (?:[a-z-]+ ){0,2}"
    r"(?:m[ae]n|wom[ae]n|person|boy|girl|user|student|pupil|teacher|mother|father|mum|mom|dad|[mf]other-of-[a-z]+|child|teenager|driver|officer"
    r"|patient|worker|employee|customer|reader|viewer|fan|friend|neighbo[u]?r|witness|resident|victim|official|source|spokesman|spokeswoman"
    r"|actor|actress|doctor|nurse|lawyer|player|soldier|voter|passenger|parent|wife|husband|son|daughter)\b"
)
_STOP = re.compile(r"[.!?](?: |$)")
_BEGINS_BEHIND = frozenset(".?!:;\"'(*-\n\u2026")
_BIG_WORDS = re.compile(r"(?<![a-z])[a-z]{3,30} ")
LOOKED_BACK = 200  # characters; so many spaces stand before no word


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the text; two with one `key` mean the same."""

    start: int
    end: int
    key: str
    name: str
    is_person: bool


@dataclass(frozen=True, slots=True)
class Pronoun:
    """A pronoun, and the name that it stands for; None: whoever writes."""

    start: int
    end: int
    meant: Named | None


class _Reading:
    """A text while its pronouns are read: who was meant where, names and pronouns alike."""

    def __init__(self, plain: str, sentences: Sequence[Sentence], named: Sequence[Named]) -> None:
        self.plain = plain
        self.sentences = sentences
        self._starts = [s.start for s in sentences]
        self.quotes = quotations(plain)
        self._covered = sorted((n.start, n.end) for n in named)
        self.speakers: dict[int, Named] = {}
        self.found: dict[int, Pronoun] = {}
        self.people = sorted(((n.start, n) for n in named if n.is_person), key=_place)
        self.things = sorted(((n.start, n) for n in named if not n.is_person), key=_place)
        self.gender: dict[str, Gender] = {}
        for _, one in self.people:
            told = self.gender.get(one.key) or gender_beside(plain, one.start, one.end)
            self.gender[one.key] = told or gender_of_name(one.name)

    def sentence_number(self, at: int) -> int:
        return max(bisect_right(self._starts, at) - 1, 0)

    def quote_at(self, at: int) -> int:
        """The number of the quotation around a place, -1 for none."""
        index = bisect_right(self.quotes, at, key=lambda q: q.start) - 1
        return index if index >= 0 and at < self.quotes[index].end else -1

    def is_subject(self, at: int) -> bool:
        """Whether a name or pronoun opens its sentence, but for small words."""
        start = self.sentences[self.sentence_number(at)].start
        return at - start < OPENING or _BIG_WORDS.search(self.plain, start, at) is None

    def is_readable(self, match: re.Match[str]) -> bool:
        """Whether a word may be a pronoun: it is no part of a name, a title or a shouted heading."""
        index = bisect_right(self._covered, match.start(), key=_first) - 1
        if index >= 0 and match.start() < self._covered[index][1]:
            return False
        sentence = self.sentences[self.sentence_number(match.start())]
        written = match.group()
        if sentence.casing == "upper" or written[0].islower() or written == "I":
            return sentence.casing != "upper"
        # "She Gave Me Rain": a capital inside a sentence is a title's.
        start = max(sentence.start, match.start() - LOOKED_BACK)
        before = self.plain[start : match.start()].rstrip(" ")[-1:]
        return sentence.casing == "normal" and (not before or before in _BEGINS_BEHIND)

    def add(self, match: re.Match[str], meant: Named | None) -> None:
        self.found[match.start()] = Pronoun(match.start(), match.end(), meant)
        if meant is not None:
            insort(self.people if meant.is_person else self.things, (match.start(), meant), key=_place)


def _place(item: tuple[int, Named]) -> int:
    return item[0]


def _before(meant: Sequence[tuple[int, Named]], at: int) -> Iterator[tuple[int, Named]]:
    """Who was meant before a place, the last one first."""
    index = bisect_left(meant, at, key=_place)
    for nearer in range(index - 1, max(index - MOST_LOOKED_AT, 0) - 1, -1):
        yield meant[nearer]


def _between(meant: Sequence[tuple[int, Named]], start: int, stop: int) -> Sequence[tuple[int, Named]]:
    return meant[bisect_left(meant, start, key=_place) : bisect_left(meant, stop, key=_place)]


def _first(pair: tuple[int, int]) -> int:
    return pair[0]


def read_pronouns(plain: str, sentences: Sequence[Sentence], named: Sequence[Named]) -> list[Pronoun]:
    """The pronouns of an English text whose meaning it tells, by their start.

    "he" and "she" mean somebody of that gender named before, who is not the speaker of the quotation that they stand
    in; "I" means its speaker; "its" what the sentence or the one before is about. "you", "we" and "they" are not read.
    """
    read = _Reading(plain, sentences, named)
    if read.people:
        _read_all_third(read)
    for match in filter(read.is_readable, _FIRST.finditer(plain)):
        _read_first(read, match)
    for match in filter(read.is_readable, _THING.finditer(plain)):
        _read_thing(read, match)
    return [read.found[at] for at in sorted(read.found)]


def _read_all_third(read: _Reading) -> None:
    """First the text's own words, then who speaks where, then whom the speakers speak of."""
    third = list(filter(read.is_readable, _THIRD.finditer(read.plain)))
    for match in third:
        if read.quote_at(match.start()) < 0:
            _read_third(read, match, None)
    for number in range(len(read.quotes)):
        speaker = _speaker_of(read, number)
        if speaker is not None:
            read.speakers[number] = speaker
    for match in third:
        if (number := read.quote_at(match.start())) >= 0:
            _read_third(read, match, read.speakers.get(number))


def _read_first(read: _Reading, match: re.Match[str]) -> None:
    if _is_numeral(read.plain, match):
        return
    number = read.quote_at(match.start())
    if number < 0:
        read.add(match, None)
    elif number in read.speakers:
        read.add(match, read.speakers[number])


def _is_numeral(plain: str, match: re.Match[str]) -> bool:
    """Whether an "I" is a number behind a name: "Elizabeth I", "World War I"."""
    before = (
        _NUMBERED.search(plain, max(0, match.start() - 20), match.start()) if match.group() == "I" else None
    )
    return before is not None and before.group(1) not in SENTENCE_STARTERS


def _read_third(read: _Reading, match: re.Match[str], speaker: Named | None) -> None:
    gender = _GENDERS[match.group().lower()]
    here = read.sentence_number(match.start())
    inside = read.quote_at(match.start())
    oldest = _somebody_else(read, match.start(), gender)
    best: float | None = None
    chosen: Named | None = None
    for at, one in _before(read.people, match.start()):
        distance = here - read.sentence_number(at)
        if distance > FAR or at < oldest:
            break
        known = read.gender.get(one.key, "")
        if (known and known != gender) or (speaker is not None and one.key == speaker.key):
            continue
        score = _A_SENTENCE_BACK * distance
        score += _SUBJECT if read.is_subject(at) else 0.0
        score += _KNOWN_GENDER if known else 0.0
        if inside < 0 and read.quote_at(at) >= 0:
            score += _QUOTED  # the text goes on with whoever speaks, not with whom they speak of
        if best is None or score > best:
            best, chosen = score, one
    if chosen is not None:
        read.gender[chosen.key] = gender
        read.add(match, chosen)


def _somebody_else(read: _Reading, at: int, gender: Gender) -> int:
    """Before which place nobody can be meant: another unnamed one stands between, or a cut headline begins."""
    line, line_end = _line_around(read.plain, at)
    if read.plain[at:line_end].rstrip().endswith("..."):
        return line
    start = max(line, read.sentences[read.sentence_number(at)].start, at - SOMEBODY_WITHIN)
    own = read.quote_at(at)
    others = [
        m.start()
        for m in _SOMEBODY.finditer(read.plain, start, at)
        if gender_of_nouns(m.group()) in ("", gender) and read.quote_at(m.start()) == own
    ]
    return max(others, default=0)


def _line_around(plain: str, at: int) -> tuple[int, int]:
    """Where the line around a place starts and ends, as far as anybody looks."""
    start, end = plain.rfind("\n", max(0, at - LINE), at) + 1, plain.find("\n", at, at + LINE)
    return start or max(0, at - LINE), end if end >= 0 else min(len(plain), at + LINE)


def _speaker_of(read: _Reading, number: int) -> Named | None:
    """Who says a quotation: told behind it, before it, or the speaker of the one before in the same turn."""
    plain, quote = read.plain, read.quotes[number]
    line_end = _line_around(plain, quote.end)[1]
    following = read.quotes[number + 1].start - 1 if number + 1 < len(read.quotes) else len(plain)
    stop = min(quote.end + TOLD_WITHIN, line_end, following)
    tail = _STOP.search(plain, quote.end + 1, stop)
    stop = tail.start() if tail else stop
    if (says := _SAYS.search(plain, quote.end, stop)) is not None:
        return _nearest(read, quote.end, stop, says)
    line_start = _line_around(plain, quote.start)[0]
    earlier = read.quotes[number - 1].end + 1 if number else 0
    before = max(line_start, earlier, read.sentences[read.sentence_number(max(quote.start - 2, 0))].start)
    told = list(_SAYS.finditer(plain, before, quote.start))
    if told:
        return _nearest(read, before, quote.start, told[-1])
    led_in = plain[before : quote.start].strip(" \"'")
    if led_in.endswith(":"):  # "... an attack on Roe:" is said by whom the sentence is about
        return next((one for _, one in _between(read.people, before, quote.start)), None)
    if led_in and earlier <= line_start:
        return None
    return read.speakers.get(number - 1)


def _nearest(read: _Reading, start: int, stop: int, says: re.Match[str]) -> Named | None:
    """Whoever is named nearest to the word for saying."""
    best: tuple[int, Named] | None = None
    for at, one in _between(read.people, start, stop):
        gap = says.start() - at if at < says.start() else at - says.end()
        if gap < SPEAKER_WITHIN and (best is None or gap < best[0]):
            best = gap, one
    return best[1] if best is not None else None


def _read_thing(read: _Reading, match: re.Match[str]) -> None:
    here = read.sentence_number(match.start())
    best: tuple[float, int] | None = None
    chosen: Named | None = None
    for at, one in _before(read.things, match.start()):
        distance = here - read.sentence_number(at)
        if distance > NEAR:
            break
        subject = read.is_subject(at)
        if distance and not subject:
            continue
        # Of two that are alike the nearer one.
        score = (_A_SENTENCE_BACK * distance + (1.0 if subject else 0.0), at)
        if best is None or score > best:
            best, chosen = score, one
    if chosen is not None:
        read.add(match, chosen)
