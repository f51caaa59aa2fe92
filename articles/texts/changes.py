"""Rules: what one version of an article says otherwise than another: headline, numbers, amount of text."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Literal

from articles.texts.passages import spans

Code = Literal["headline", "number", "text"]


@dataclass(frozen=True, slots=True)
class TextChange:
    """One thing that changed. `words` says what in words; `was` and `now` quote both versions, "" where there is none."""

    code: Code
    words: str
    was: str
    now: str

    def as_json(self) -> dict[str, str]:
        """As a revision keeps it."""
        return asdict(self)


def changes_between(
    title_before: str, text_before: str, title_after: str, text_after: str
) -> list[TextChange]:
    """What changed from one version to the next, headline first; empty when nothing but spaces did."""
    found = []
    if " ".join(title_before.split()) != " ".join(title_after.split()):
        found.append(TextChange("headline", "headline", title_before, title_after))
    words = _amount(text_before, text_after)
    if words:
        found.append(TextChange("text", words, _length(text_before), _length(text_after)))
    return found


def _amount(before: str, after: str) -> str:
    had, has = Counter(before.split()), Counter(after.split())
    added, removed = (has - had).total(), (had - has).total()
    paragraphs = sum(1 for _ in spans(after)) - sum(1 for _ in spans(before))
    parts = []
    if paragraphs:
        parts.append(f"{_count(abs(paragraphs), 'paragraph')} {'added' if paragraphs > 0 else 'removed'}")
    if added:
        parts.append(f"{_count(added, 'word')} added")
    if removed:
        parts.append(f"{_count(removed, 'word')} removed")
    return ", ".join(parts)


def _length(text: str) -> str:
    return _count(len(text.split()), "word")


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"
