"""What a text says of prices: whose shares went up or down, by how much, and where they are traded; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from articles.events.spans import Name, Report, Span, sentences_of

Direction = Literal["up", "down"]

MOST_CHARACTERS = 12_000
MOST = 12

_UP = (
    "rose|rise|rises|rising|risen|jump(?:s|ed|ing)?|surg(?:e|es|ed|ing)|soar(?:s|ed|ing)?|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|advanc(?:e|es|ed|ing)|rall(?:y|ies|ied|ying)"
    "|add(?:s|ed)|leap(?:s|t|ed)?|rebound(?:s|ed)?|spik(?:e|es|ed)|skyrocket(?:s|ed)?|(?:was|were|is|are|traded|closed|ended|finished)\\s(?:up|higher)|up|increas(?:e|es|ed)|strengthen(?:s|ed)?"
)
_DOWN = (
    "fell|fall|falls|falling|fallen|drop(?:s|ped|ping)?|slump(?:s|ed|ing)?|plung(?:e|es|ed|ing)|tumbl(?:e|es|ed|ing)|slid|slide[sd]?|sank|sinks?|sunk|declin(?:e|es|ed|ing)|los(?:t|e|es|ing)|slip(?:s|ped)?"
    "|shed|sheds|retreat(?:s|ed)?|dip(?:s|ped)?|crash(?:es|ed)?|collaps(?:e|es|ed)|plummet(?:s|ed)?|weaken(?:s|ed)?|(?:was|were|is|are|traded|closed|ended|finished)\\s(?:down|lower)|down|eas(?:e|es|ed)"
)
_HEDGE = r"(?:as\smuch\sas|at\sleast|more\sthan|less\sthan|about|around|nearly|almost|up\sto|by|roughly|over|some|another|an\sextra|a\sfurther|just)"
_PERCENT = r"(?P<{0}>\d{{1,3}}(?:\.\d{{1,3}})?)\s?(?:%|per\s?cent\b|pct\b)"
_MOVE = re.compile(
    rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b(?:\s(?:sharply|slightly|again|further|higher|lower|back|some))?(?:\s(?P<hedge>{_HEDGE}(?:\s{_HEDGE})?))?\s"
    rf"{_PERCENT.format('first')}(?:(?:,|\s)?\s?(?:and|to)\s(?:{_HEDGE}\s)?{_PERCENT.format('second')})?(?P<each>,?\s(?:respectively|each))?",
    re.IGNORECASE,
)
_TRADED = re.compile(
    r"\bin\s(?P<market>(?:early|late|after-hours|premarket|pre-market|morning|afternoon|extended)?\s?(?:[A-Z][\w.]+(?:\s[A-Z][\w.]+)?)?)\s?(?:trading|trade)\b"
)
_ABOUT_SHARES = re.compile(
    r"(?i:\b(?:shares?|stocks?|trading|traded|securities|market\svalue|share\sprice|index|futures|investors|bonds?|currency)\b)|\b(?:Nasdaq|Dow|S&P)\b"
)
# What rises and falls by percents and is no price.
_OTHER_FIGURES = re.compile(
    r"\b(?:sales|revenues?|profits?|earnings|income|inflation|unemployment|output|exports?|imports?|demand|production|deliveries|GDP|economy|population|costs?|wages|emissions|poll|support|votes?|turnout|tax|rates?|budget|spending)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Move:
    """A move of a price, in words and figures; `percent` is never negative. `market` as written, carried on to the next."""

    name: Name
    direction: Direction
    percent: float
    hedge: str
    market: str
    text: str
    span: Span


def price_moves(report: Report) -> list[Move]:
    """The moves of linked companies' prices that a text tells, in its order; English only."""
    if report.language.lower()[:2] not in {"", "en"}:
        return []
    text = report.text[:MOST_CHARACTERS]
    found: list[Move] = []
    market = ""
    speaks_of_shares = -2
    for number, sentence in enumerate(sentences_of(text)):
        said = text[sentence.start : sentence.end]
        if _ABOUT_SHARES.search(said):
            speaks_of_shares = number
        traded = _TRADED.search(said)
        if traded is not None:
            market = traded[0].removeprefix("in ")
        if speaks_of_shares < number - 1:
            market = ""
            continue
        for match in _MOVE.finditer(said):
            moves = list(
                _moves(report, text, sentence.start, match, market if speaks_of_shares >= number - 1 else "")
            )
            if moves:
                speaks_of_shares = number  # one company after the other
            found += moves
            if len(found) >= MOST:
                return found[:MOST]
    return found


def _moves(report: Report, text: str, offset: int, match: re.Match[str], market: str) -> Iterator[Move]:
    start, end = offset + match.start(), offset + match.end()
    if _OTHER_FIGURES.search(text, max(offset, start - 60), start):
        return
    names = _movers(
        [name for name in report.names_in("text", offset, start) if name.kind == "company"], text, start
    )
    if not names:
        return
    percents = [float(match["first"])] + ([float(match["second"])] if match["second"] else [])
    if len(percents) > 1 and len(names) != len(percents):
        percents = percents[:1]
    if len(percents) == 1:
        percents *= len(names)
    direction: Direction = "up" if match["up"] else "down"
    hedge = " ".join((match["hedge"] or "").lower().split())
    first = names[0].start
    for name, percent in zip(names, percents, strict=True):
        yield Move(
            name, direction, percent, hedge, market, text[first:end], Span(report.key, "text", first, end)
        )


def _movers(names: Sequence[Name], text: str, verb: int) -> list[Name]:
    """The last company before the verb, with those that are joined to it by commas and "and"."""
    if not names:
        return []
    movers = [names[-1]]
    if re.search(r"[;:]|\b(?:but|while|after|as)\b", text[names[-1].end : verb]):
        return []
    for earlier in reversed(names[:-1]):
        if not re.fullmatch(r"\s?(?:\([^)]{1,30}\))?,?\s?(?:and|&)?\s?", text[earlier.end : movers[0].start]):
            break
        movers.insert(0, earlier)
    return movers
