"""Which lines one publisher repeats at the edges of its articles, whatever they are about; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from articles.ingest.clean import LEARNT, edge_lines, length_in_words, line_key, rule_of

# A line under the texts of so many different stories is the publisher's, not the article's.
REPEATS = 3
# A short sentence may be a habit of its writers ("Nobody was hurt."), a long one the background of a running story:
# they must stand in such a part of the publisher's stories as well, and there must be enough of these.
_SHORT_SENTENCE_SHARE = 0.2
_SENTENCE_SHARE = 0.5
_SENTENCE_STORIES = 5
_LONG_WORDS = 12
# Titles that share so much of the shorter one's words are of one story; what has fewer words says nothing.
_TITLE_SHARE = 0.5
_TITLE_WORDS = 2
_LONGEST_KEY = 300
_WIDE = (
    r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # scripts without blanks between words: pairs of characters
)
_WORDS = re.compile(rf"[^\W\d_{_WIDE}]{{4,}}|\d{{2,}}|(?=([{_WIDE}]{{2}}))[{_WIDE}]")
_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’»)\]]*\s*$")


@dataclass(frozen=True, slots=True)
class SeenPage:
    """An article as it is stored: its text, what was taken off it as (rule, line), and the event that it is in."""

    title: str
    text: str
    removed: Sequence[tuple[str, str]] = ()
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line at the edges of some pages: in how many articles and stories, off how many it was taken.

    `newest` is the place of the first page that has it, `is_enough` whether it may be called the publisher's.
    """

    key: str
    line: str
    articles: int
    stories: int
    removed: int
    newest: int
    is_enough: bool


def seen_lines(pages: Sequence[SeenPage], *, rules_off: Collection[str] = ()) -> dict[str, SeenLine]:
    """By `line_key`, the lines at the edges of one publisher's pages (newest first).

    What was taken off as a learnt line counts like what still stands: else residue would come back once all
    stored texts are clean. What a fixed rule takes is not counted, and neither is what a rule would take that an
    admin switched off for this publisher: that is the person's word that such lines stay.
    """
    stories = _stories(pages)
    total = len(set(stories))
    standing: dict[str, dict[int, str]] = {}
    taken: dict[str, set[int]] = {}
    for number, page in enumerate(pages):
        removed = [line for rule, line in page.removed if rule == LEARNT]
        for line in (*edge_lines(page.text), *removed):
            key = line_key(line)
            if key and len(key) <= _LONGEST_KEY:
                standing.setdefault(key, {}).setdefault(number, line)
        for line in removed:
            taken.setdefault(line_key(line), set()).add(number)
    found = {}
    for key, places in standing.items():
        newest = min(places)
        line = places[newest]
        if rules_off and rule_of(line, is_before_text=True) in rules_off:
            continue
        told = len({stories[number] for number in places})
        found[key] = SeenLine(
            key, line, len(places), told, len(taken.get(key, ())), newest, told >= _least(line, total)
        )
    return found


def _least(line: str, stories: int) -> float:
    """In how many stories a line must stand to be the publisher's."""
    if length_in_words(line) >= _LONG_WORDS:
        return max(_SENTENCE_STORIES, stories * _SENTENCE_SHARE)
    if _SENTENCE_END.search(line):
        return max(REPEATS, stories * _SHORT_SENTENCE_SHARE)
    return REPEATS


def _stories(pages: Sequence[SeenPage]) -> list[int]:
    """For each page the number of its story: those of one event, or under much the same headline, are one."""
    found: list[int] = []
    events: dict[int, int] = {}
    words = [_words(page.title) for page in pages]
    for number, page in enumerate(pages):
        known = events.get(page.event_id) if page.event_id else None
        if known is None:
            known = next(
                (found[other] for other in range(number) if _is_same(words[number], words[other])), number
            )
        if page.event_id:
            events.setdefault(page.event_id, known)
        found.append(known)
    return found


def _words(title: str) -> frozenset[str]:
    return frozenset(match[1] or match[0] for match in _WORDS.finditer(title.casefold()))


def _is_same(one: frozenset[str], other: frozenset[str]) -> bool:
    if one == other:  # two without a title, too: nothing says that they differ
        return True
    shared = len(one & other)
    return shared >= _TITLE_WORDS and shared >= _TITLE_SHARE * min(len(one), len(other))
