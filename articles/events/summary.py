"""Which sentences of its articles tell an event: taken word for word, each with the place on which it rests; pure.

Extractive, after MEAD (Radev and others 2004): what most articles say (centroid), early in the text (position), with the
names that the event is about; then maximal marginal relevance (Carbonell and Goldstein 1998), so that nothing is told
twice. A sentence that leans on the one before it ("He said", "But this") or tears a quotation apart is no candidate.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from articles.events.features import words_of
from articles.events.spans import Report, Span, sentences_of
from articles.events.wordlist import STOP_WORDS
from entities.sentences import casing_of

MOST_SENTENCES = 5
READ_SENTENCES = 25  # of an article
READ_CHARACTERS = 8000
SHORTEST, LONGEST = 45, 340  # characters
SHORTEST_DEK, LONGEST_DEK = 60, 260
FEWEST_WORDS = 8
TOO_ALIKE = 0.5  # cosine of two sentences that say the same
LEAST_WEIGHT = 0.25  # of the best: weaker sentences add nothing
LEADING = 3  # the sentence for the lists is one of the first of an article
DATELINE = re.compile(
    r"^(?:[A-Z][A-Z .,'’/-]{2,40}(?:,\s[A-Z][\w.]+(?:\s[A-Z][\w.]+)?)?(?:,?\s(?:[A-Z][a-z]{2,8}\.?\s\d{1,2}))?\s?(?:\([\w\s./]{2,40}\))?\s?(?:--|[-–—―:])\s?"
    r"|[A-Z][\w.,\s]{2,40}\((?:Reuters|AP|AFP|CNN|Bloomberg|UPI|PTI|ANI|Xinhua)\)\s?(?:--|[-–—―:])?\s?|\((?:Reuters|AP|AFP|CNN|Bloomberg|UPI|PTI|ANI|Xinhua)\)\s?(?:--|[-–—―:])?\s?)"
)

_LEANING = re.compile(
    r"^(?:[\"“'‘(\[]*)(?:he|she|it|they|his|her|hers|its|their|theirs|this|that|these|those|such|but|and|or|yet|so|however|meanwhile|moreover|also|instead"
    r"|still|then|there|here|nor|another|others|both|neither|while|though|although|besides|furthermore|nevertheless|nonetheless|thus|therefore|i|we|you|my|our"
    r"|your|separately|additionally|in addition|for example|for instance|in other words|as a result|on the other hand|at the time|that's|it's|what's|who|which|why|how"
    r"|what|when asked|asked|one of them|the latter|the former|according to (?:him|her|them)|too|even so|indeed|after that|since then|by then|until then|too often)\b",
    re.IGNORECASE,
)
# What pages say of themselves.
_RESIDUE = re.compile(
    r"\b(?:click|subscribe|sign up|newsletter|read more|read also|see also|follow us|cookies?|all rights reserved|advertis\w+|copyright|photo(?:graph)? by|image(?: caption)?|getty images"
    r"|watch:|listen:|related:|updated?:|file photo|this (?:story|article|post|page)|contributed to this report|reporting by|editing by|terms of|download|share this|e-?mail us|hide caption"
    r"|via (?:twitter|facebook|getty)|pic\.twitter|https?://|www\.)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!][\"”'’)\]]*$")
_SAYS = re.compile(r"^(?:said|says|added|adds|told)\b", re.IGNORECASE)
_QUOTES = (("“", "”"), ("«", "»"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence that tells the event, with the place that it is taken from and how much spoke for it."""

    text: str
    span: Span
    weight: float


@dataclass(slots=True)
class _Candidate:
    report: Report
    number: int  # its place among the sentences of its article
    start: int
    end: int
    terms: Counter[str]
    entities: frozenset[int]
    weight: float = 0.0

    @property
    def text(self) -> str:
        return self.report.text[self.start : self.end]


def summarize(reports: Sequence[Report], lead: int | None = None) -> list[Chosen]:
    """Up to five sentences that tell the event, the one for lists first; none when no article has a fit one.

    Copies are not asked. `lead` is the article whose headline the event bears: of equals its sentences are taken.
    """
    candidates = [one for report in reports if not report.is_copy for one in _candidates(report)]
    if not candidates:
        return []
    _weigh(candidates, lead)
    candidates.sort(key=lambda one: (-one.weight, one.report.published, one.report.key, one.start))
    first = next((one for one in candidates if _is_dek(one)), candidates[0])
    chosen = [first]
    bar = LEAST_WEIGHT * candidates[0].weight
    for one in candidates:
        if len(chosen) == MOST_SENTENCES or one.weight < bar:
            break
        if one is not first and all(_likeness(one.terms, other.terms) < TOO_ALIKE for other in chosen):
            chosen.append(one)
    return [
        Chosen(one.text, Span(one.report.key, "text", one.start, one.end), round(one.weight, 3))
        for one in chosen
    ]


def _candidates(report: Report) -> list[_Candidate]:
    text = report.text[:READ_CHARACTERS]
    is_cut = len(report.text) > READ_CHARACTERS
    sentences = sentences_of(text)
    if is_cut:
        sentences = sentences[:-1]
    found = []
    for number, sentence in enumerate(sentences[:READ_SENTENCES]):
        start, end = _trimmed(text, sentence.start, sentence.end)
        if not _is_fit(text[start:end]):
            continue
        terms = _terms(text[start:end])
        names = frozenset(name.entity for name in report.names_in("text", start, end))
        found.append(_Candidate(report, number, start, end, terms, names))
    return found


def _terms(text: str) -> Counter[str]:
    return Counter(term for term, _ in words_of(text) if term not in STOP_WORDS)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blanks around it and without a dateline in front."""
    said = text[start:end]
    start += len(said) - len(said.lstrip())
    end -= len(said) - len(said.rstrip())
    dateline = DATELINE.match(text[start:end])
    return (start + dateline.end() if dateline else start), end


def _is_fit(said: str) -> bool:
    """Whether a sentence can stand alone."""
    if not SHORTEST <= len(said) <= LONGEST or len(said.split()) < FEWEST_WORDS:
        return False
    if not _ENDS.search(said) or said.endswith("...") or said.rstrip("”\"'’").endswith("?"):
        return False
    first = said.lstrip('“"')[:1]
    if not (first.isupper() or first.isdigit() or first in "$€£¥"):
        return False
    if _LEANING.match(said) or _SAYS.match(said) or _RESIDUE.search(said) or "\n" in said:
        return False
    return _is_whole(said) and casing_of(said) == "normal"


def _is_whole(said: str) -> bool:
    """Whether every quotation and bracket that opens is closed in it."""
    if said.count('"') % 2 or said.count("(") != said.count(")") or said.count("[") != said.count("]"):
        return False
    return all(said.count(opened) == said.count(closed) for opened, closed in _QUOTES)


def _weigh(candidates: Sequence[_Candidate], lead: int | None) -> None:
    """Centroid by articles, position, names, and a little for the lead article, together 0..1."""
    holders: dict[str, set[int]] = {}
    named: dict[int, set[int]] = {}
    for one in candidates:
        for term in one.terms:
            holders.setdefault(term, set()).add(one.report.key)
        for entity in one.entities:
            named.setdefault(entity, set()).add(one.report.key)
    articles = len({one.report.key for one in candidates})
    titles = Counter(
        term
        for report in {one.report.key: one.report for one in candidates}.values()
        for term in _terms(report.title)
    )
    centroid = {
        term: len(keys) / articles + 0.5 * min(1.0, titles[term] / articles) for term, keys in holders.items()
    }
    most = max((sum(len(named[entity]) for entity in one.entities) for one in candidates), default=0) or 1
    raw = {
        id(one): sum(centroid[term] for term in one.terms) / math.sqrt(len(one.terms) + 4)
        for one in candidates
    }
    top = max(raw.values()) or 1.0
    for one in candidates:
        position = 1 / (1 + 0.35 * one.number)
        names = sum(len(named[entity]) for entity in one.entities) / most
        one.weight = (
            0.45 * raw[id(one)] / top + 0.35 * position + 0.15 * names + 0.05 * (one.report.key == lead)
        )


def _is_dek(one: _Candidate) -> bool:
    return (
        one.number < LEADING
        and SHORTEST_DEK <= one.end - one.start <= LONGEST_DEK
        and '"' not in one.text[:1]
    )


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    shared = sum(n * b[term] for term, n in a.items())
    if not shared:
        return 0.0
    return shared / math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
