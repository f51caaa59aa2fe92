"""What an article is compared by: the weighted words of its parts and the names it speaks of; pure."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from articles.events.wordlist import STOP_WORDS

Part = Literal["all", "title", "names", "lead", "figures", "days", "years"]
LengthClass = Literal["headline", "short", "full"]

PARTS: tuple[Part, ...] = ("all", "title", "names", "lead", "figures", "days", "years")
MOST_CHARACTERS = 40_000  # of a text are looked at at all
BODY_WORDS = 400  # what stands later in a news text is background
LEAD_WORDS = 60
HEADLINE_BELOW = 20  # words of body; fewer say no more than a headline does
SHORT_BELOW = 80
LONGEST_TERM = 60  # characters; longer ones are addresses or encoded data
LONGEST_NAME = 90
LONGEST_FIGURE = 30
LAST_DAY = 31
SHORTEST_PLURAL = 5  # letters: shorter words lose too much
NAME_MARK = "@"  # before names, so that words and names share one table of frequencies
FIGURE_MARK = "#"
DAY_MARK = "~"
YEAR_MARK = "="
ANY_LANGUAGE = "und"  # ISO 639-2: undetermined

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]+|\d[\d.,]*\d|\d|[^\W\d_{_CJK}]+(?:['.][^\W\d_{_CJK}]+)*")
_FIGURE = re.compile(r"\d[\d.,]*\d|\d")
_MONTHS = dict(
    zip(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        range(1, 13),
        strict=True,
    )
)
_DAY = re.compile(
    r"\b(?:(?P<before>\d{1,2})(?:st|nd|rd|th)?\s+)?"
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?![:.,]?\d))?"
)
_FIGURED_DAY = re.compile(
    r"\b(?:19|20)\d\d-(?P<month>\d\d)-(?P<day>\d\d)\b|(?<!\d)(?P<moon>\d{1,2})月(?P<sun>\d{1,2})日"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CJK_START = re.compile(rf"[{_CJK}]")
_SENTENCE_END = re.compile(r"(?<=[.!?\"”])\s+|[。！？]|\n+")
_NAME = re.compile(
    r"\b[A-Z][\w'&.-]*\w(?:\s+(?:(?:of|de|al|bin|van|von|the)\s+){0,2}(?:[A-Z][\w'&.-]*\w|[A-Z]\b))*"
)


@dataclass(frozen=True, slots=True)
class NameLink:
    """A name in the text that is known: `key` is the same for all its spellings, `label` is what people read."""

    surface: str
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ArticleFeatures:
    """Counted terms of each part. `labels` maps a term to the words in which this article writes it."""

    length: LengthClass
    counts: Mapping[Part, Mapping[str, int]]
    labels: Mapping[str, str] = field(default_factory=dict)

    def distinct_terms(self) -> list[str]:
        """All terms once, in a fixed order: what the frequencies count."""
        return sorted({term for counts in self.counts.values() for term in counts})


def shard_of(language: str | None) -> str:
    """The stream in which articles of a language are placed: `en` for `en-US`, `und` when none is known."""
    primary = re.split(r"[-_]", (language or "").strip().lower())[0]
    return primary[:16] if primary.isalpha() else ANY_LANGUAGE


def stem(word: str) -> str:
    """The word without the endings that English puts on nouns; light, so that it is safe on names."""
    word = word.removesuffix("'s")
    if len(word) >= SHORTEST_PLURAL:
        if word.endswith("ies"):
            return word[:-3] + "y"
        if word.endswith("es") and word[-3] in "sxzh":
            return word[:-2]
        if word.endswith("s") and word[-2] not in "su":
            return word[:-1]
    return word


def words_of(text: str) -> list[tuple[str, str]]:
    """(term, as written) of each telling word. Chinese, Japanese and Korean runs become pairs of characters."""
    found: list[tuple[str, str]] = []
    for match in _WORD.finditer(text.replace("’", "'")):
        written = match.group()
        if _CJK_START.match(written):
            found.extend((pair, pair) for pair in _pairs(written))
            continue
        lower = written.lower()
        if len(lower) > 1 and lower not in STOP_WORDS:
            # Terms live on in every event that holds them: one object each, not one a mention.
            found.append((sys.intern(stem(lower)[:LONGEST_TERM]), written))
    return found


def features_of(title: str, text: str, links: Iterable[NameLink] = ()) -> ArticleFeatures:
    """Count the terms of an article. Without a title the first line of the text stands for it."""
    title, text = (unicodedata.normalize("NFKC", part[:MOST_CHARACTERS]) for part in (title, text))
    if not title.strip():
        title = text.strip().split("\n", 1)[0][:200]
    running = text.split()
    headline = words_of(title)
    body = words_of(" ".join(running[:BODY_WORDS]))
    lead = words_of(" ".join(running[:LEAD_WORDS]))
    names, name_labels = names_of(_first_words(text, BODY_WORDS) or title, links)
    labels: dict[str, str] = {}
    for term, written in [*headline, *body]:
        labels.setdefault(term, written)
    labels.update(name_labels)
    whole = f"{title}\n{' '.join(running[:BODY_WORDS])}"
    length: LengthClass = (
        "headline" if len(running) < HEADLINE_BELOW else "short" if len(running) < SHORT_BELOW else "full"
    )
    figures, figure_labels = figures_of(whole, least_digits=1 if length == "headline" else 2)
    days, day_labels = days_of(whole)
    labels.update(figure_labels)
    labels.update(day_labels)
    counts: dict[Part, Mapping[str, int]] = {
        "all": Counter(term for term, _ in [*headline, *headline, *body]),
        "title": Counter(term for term, _ in headline),
        "names": names,
        "lead": Counter(term for term, _ in [*headline, *lead]),
        "figures": figures,
        "days": days,
        "years": Counter(YEAR_MARK + year for year in _YEAR.findall(whole)),
    }
    return ArticleFeatures(length, counts, labels)


def names_of(text: str, links: Iterable[NameLink] = ()) -> tuple[Counter[str], dict[str, str]]:
    """Names with their counts, and how each is shown: the known ones by their key, else capitalised phrases.

    A single capitalised word that opens a sentence is no name. Phrases that a link covers are not counted twice.
    """
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    covered = set()
    for link in links:
        key = NAME_MARK + link.key[:LONGEST_NAME]
        counts[key] += 1
        labels.setdefault(key, link.label)
        covered.add(_name_term(link.surface))
    for sentence in _SENTENCE_END.split(text.replace("’", "'")):
        for match in _NAME.finditer(sentence):
            words = match.group().split()
            if match.start() == 0 and len(words) == 1:
                continue
            if words[0].lower() in STOP_WORDS:
                words = words[1:]
            if not words:
                continue
            written = " ".join(words)
            term = _name_term(written)
            if term in covered:
                continue
            key = sys.intern(NAME_MARK + term)
            counts[key] += 1
            labels.setdefault(key, written.removesuffix("'s"))
    return counts, labels


def figures_of(text: str, *, least_digits: int = 2) -> tuple[Counter[str], dict[str, str]]:
    """The numbers that are no years, with their counts, and how each is shown.

    A single digit tells nothing in a long text, where any two have some in common; in a headline it does ("iPhone 6").
    """
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for match in _FIGURE.finditer(text):
        written = match.group()
        if len(written) < least_digits or _YEAR.fullmatch(written):
            continue
        term = FIGURE_MARK + written.replace(",", "")[:LONGEST_FIGURE]
        counts[term] += 1
        labels.setdefault(term, written)
    return counts, labels


def days_of(text: str) -> tuple[Counter[str], dict[str, str]]:
    """The days that are named outright, with their counts, and how each is shown; the year is a term of its own.

    They are read in English, in figures as ISO 8601 writes them, and in Chinese and Japanese. What has to be counted
    from the day of publication ("last Thursday") is left out: two articles of one week say it of different days.
    """
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}

    def take(month: int, day: int, written: str) -> None:
        if 1 <= month <= len(_MONTHS) and 1 <= day <= LAST_DAY:
            term = f"{DAY_MARK}{month}-{day}"
            counts[term] += 1
            labels.setdefault(term, written)

    for match in _DAY.finditer(text):
        take(_MONTHS[match["month"][:3].lower()], int(match["before"] or match["after"] or 0), match.group())
    for match in _FIGURED_DAY.finditer(text):
        take(int(match["month"] or match["moon"]), int(match["day"] or match["sun"]), match.group())
    return counts, labels


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _first_words(text: str, most: int) -> str:
    """The first words of a text with its line breaks kept."""
    at = -1
    for count, match in enumerate(re.finditer(r"\S+", text), start=1):
        at = match.end()
        if count == most:
            break
    return text[:at] if at > 0 else ""


def _name_term(name: str) -> str:
    words = (word.strip(".'").removesuffix("'s") for word in name.lower().replace("’", "'").split())
    return sys.intern(" ".join(words)[:LONGEST_NAME])
