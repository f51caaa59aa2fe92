"""Rules: long runs of paragraphs that stayed as they were are folded, so that what changed is seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from articles.texts.diff import DiffParagraph

# So many paragraphs stay in sight next to a change, and at the beginning of a text without any.
NEIGHBOURS = 1
FIRST = 3


@dataclass(frozen=True, slots=True)
class Fold:
    """Paragraphs that stand together; `is_folded` when they are all as before and lie away from any change."""

    paragraphs: tuple[DiffParagraph, ...]
    is_folded: bool


def fold(paragraphs: Sequence[DiffParagraph]) -> list[Fold]:
    """All paragraphs in their order. A single one is never folded: the line that opens it would be as long."""
    changed = [place for place, one in enumerate(paragraphs) if one.kind != "same"]
    if changed:
        shown = {near for place in changed for near in range(place - NEIGHBOURS, place + NEIGHBOURS + 1)}
    else:
        shown = set(range(FIRST))
    folds: list[Fold] = []
    for is_shown, run in groupby(enumerate(paragraphs), lambda one: one[0] in shown):
        together = tuple(paragraph for _, paragraph in run)
        folds.append(Fold(together, is_folded=not is_shown and len(together) > 1))
    return folds
