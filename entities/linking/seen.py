"""What a language model calls names, in the text's own terms: trimmed, cut apart, and without what is no name."""

from __future__ import annotations

import bisect
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from entities.names import PreparedText, is_common
from entities.types import EntityKind, NamedSpan
from entities.words import CALENDAR, HONORIFICS, SENTENCE_STARTERS, TITLE_WORDS

LONGEST_SPAN = 400  # characters before it is cut apart
LONGEST_SEEN = 80  # characters: what is longer is a list or a heading

# Labels of the OntoNotes scheme, which spaCy's pipelines use, and the kinds that they vote for. Dates, sums and
# works are no names that we follow.
KIND_OF_LABEL: dict[str, EntityKind] = {
    "PERSON": "person", "PER": "person", "ORG": "organization", "GPE": "place", "LOC": "place", "FAC": "place",
    "NORP": "other", "EVENT": "other", "MISC": "other", "PRODUCT": "other",
}  # fmt: skip

# What else stands in a text without being a name that we follow.
MORE_LABELS = frozenset({*KIND_OF_LABEL, "WORK_OF_ART", "LANGUAGE"})

_CUT = re.compile(r"\n+| +[-*/|;] +| {2,}| \*+")
_LEFT = re.compile(r"[^\w$]+|(?:the|an?) |\d[\d.,:/-]* ", re.IGNORECASE)
_RIGHT = re.compile(r"(?:'s|[^\w.!)+]| \d[\d.,:/-]*)+$")
_INITIALS = re.compile(r"(?:\b[A-Za-z]\.|\b(?:Inc|Corp|Co|Ltd|Cos|Bros|Jr|Sr|St|Mt)\.)$")
_SMALL_TAIL = re.compile(r"(?: (?!party$)(?:[a-z][a-z'-]*|-))+$")  # "Green party" is the whole name
_ARAB = r"(?:[Aa]l|[Ee]l|[Uu]l|[Aa]n|[Aa]d|[Aa]r|[Aa]s|[Aa]sh|[Aa]z)-"
# What is tied to a name without being part of it; the article of Arab names is.
_SMALL_HEAD = re.compile(rf"^(?:(?!{_ARAB}[A-Z])[a-z][a-z'.]*[ -]+)+(?=[A-Z]|{_ARAB}[A-Z])")
_ARAB_BEFORE = re.compile(rf"(?<![\w-]){_ARAB}$")
_LONGEST_ARTICLE = 4  # characters
# Letters of a degree or an office behind a person's name; alone they are no name.
DEGREE = (
    r"(?:M\.?D\.?|Ph\.? ?D\.?|D\.?D\.?S\.?|D\.?M\.?D\.?|M\.?B\.?A\.?|J\.?D\.?|D\.?V\.?M\.?|R\.?N\.?|D\.?Phil\.?"
    r"|M\.?Sc\.?|B\.?Sc\.?|CPA|CFA|Esq\.?|O\.?B\.?E\.?|C\.?B\.?E\.?|FRCS|FRS|QC|KC)(?!\w)"
)
_DEGREE = re.compile(DEGREE)
# What somebody is called, and what is told of a people.
_BEFORE: dict[str, re.Pattern[str]] = {
    "PERSON": re.compile(r"(?:(?:DJ|MC|Cardinal|Archbishop|Bishop|Ayatollah|Imam) )+(?=[A-Z])"),
    "NORP": re.compile(r"[A-Z][a-z]{2,}ed (?=[A-Z])"),
    "EVENT": re.compile(r"the (?=(?:19|20)\d\d [A-Z])"),
}
_OF_A_YEAR = re.compile(r"(?:19|20)\d\d [A-Z]")
# "Post to Vindel Post to Brenner": the word of the next button, which an earlier one has, too.
_BUTTON = re.compile(r" (Post|Share|Send|Add|Save|Pin|Tweet|Submit|Bookmark)$")
_BUTTON_GOES_ON = re.compile(r" (?:to|on|via)\b")
_BUTTONS_BEFORE = 120  # characters
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """A name as the model saw it, in offsets of the plain text."""

    start: int
    end: int
    label: str


def seen_names(
    prepared: PreparedText, spans: Iterable[NamedSpan], labels: Container[str] = KIND_OF_LABEL
) -> list[Seen]:
    """The model's names of one field that have one of these labels, by their start, none over another."""
    found: list[Seen] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.label not in labels or span.end - span.start > LONGEST_SPAN:
            continue
        start, end = _in_plain(prepared, span.start, span.end)
        for low, high in _pieces(prepared.plain, start, end, span.label):
            if not found or low >= found[-1].end:
                found.append(Seen(low, high, span.label))
    return found


def seen_at(seen: Sequence[Seen], start: int, end: int) -> Seen | None:
    """The name of the model that touches a place."""
    index = bisect.bisect_right(seen, start, key=lambda s: s.end)
    return seen[index] if index < len(seen) and seen[index].start < end else None


def _in_plain(prepared: PreparedText, start: int, end: int) -> tuple[int, int]:
    offsets = prepared.offsets
    if offsets is None:
        return start, min(end, len(prepared.plain))
    return bisect.bisect_left(offsets, start), bisect.bisect_left(offsets, end)


def _pieces(plain: str, start: int, end: int, label: str) -> Iterator[tuple[int, int]]:
    at = start
    for cut in (*_CUT.finditer(plain, start, end), None):
        low, high = _trim(plain, at, cut.start() if cut else end, label)
        if low < high and high - low <= LONGEST_SEEN and _is_name(plain[low:high]):
            yield low, high
        if cut:
            at = cut.end()


def _trim(plain: str, start: int, end: int, label: str) -> tuple[int, int]:
    """Take off what stands beside a name: articles, quotes, possessives, figures, words in small letters."""
    start = _left_of(plain, start, end, label)
    while start < end:
        piece = plain[start:end]
        shorter = _RIGHT.sub("", piece)
        if shorter.endswith(".") and not _INITIALS.search(shorter):
            shorter = shorter[:-1]
        if shorter.endswith(")") and "(" not in shorter:
            shorter = shorter[:-1]
        if "(" in shorter and ")" not in shorter:
            shorter = shorter.partition("(")[0]
        shorter = _SMALL_TAIL.sub("", shorter)
        if (button := _BUTTON.search(shorter)) is not None and _is_button(plain, button.group(1), start, end):
            shorter = shorter[: button.start()]
        if shorter == piece:
            break
        end = start + len(shorter)
    head = _SMALL_HEAD.match(plain[start:end])
    return (start + head.end() if head else start), end


def _left_of(plain: str, start: int, end: int, label: str) -> int:
    """Where a name starts behind articles, figures and titles; with its year if it is an event, or its Arab article."""
    whole = _BEFORE[label].match(plain, start, end) if label in _BEFORE else None
    if label == "EVENT" and _OF_A_YEAR.match(plain, whole.end() if whole else start, end):
        return whole.end() if whole else start
    while label != "WORK_OF_ART" and (left := _LEFT.match(plain, start, end)) is not None:
        start = left.end()
    if (before := _BEFORE.get(label)) is not None and (told := before.match(plain, start, end)) is not None:
        start = told.end()
    article = _ARAB_BEFORE.search(plain, max(0, start - _LONGEST_ARTICLE), start)
    return article.start() if article else start


def _is_button(plain: str, word: str, start: int, end: int) -> bool:
    """Whether the last word of a name begins what the next button says: "Post to"."""
    goes_on = _BUTTON_GOES_ON.match(plain, end)
    return (
        goes_on is not None and f"{word}{goes_on.group()} " in plain[max(0, start - _BUTTONS_BEFORE) : start]
    )


def _is_name(words: str) -> bool:
    """Whether the words may be a name: a capital, two letters, and not only days, titles or words that open sentences."""
    if sum(c.isalpha() for c in words) < 2 or not any(c.isupper() for c in words):  # noqa: PLR2004
        return False
    if _DEGREE.fullmatch(words):
        return False
    return not all(
        w in CALENDAR or w in TITLE_WORDS or w in HONORIFICS or w in SENTENCE_STARTERS or w.isdigit()
        for w in _WORD.findall(words)
    )


def is_plain_word(words: str) -> bool:
    """Whether a name is one ordinary word, which the model's word alone does not make a name."""
    return " " not in words and is_common(words)
