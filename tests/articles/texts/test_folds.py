"""What stayed as it was is folded away, what changed stays in sight with its neighbours."""

from __future__ import annotations

from articles.texts.diff import word_diff
from articles.texts.folds import FIRST, fold

LINES = [f"Paragraph number {n} tells of the harbour and of nothing else." for n in range(12)]


def test_it_shows_a_change_with_its_neighbours_and_folds_the_rest() -> None:
    folds = fold(word_diff("\n\n".join(LINES), "\n\n".join([*LINES[:6], *LINES[7:]])))
    assert [(len(one.paragraphs), one.is_folded) for one in folds] == [(5, True), (3, False), (4, True)]


def test_it_shows_the_beginning_of_a_text_that_did_not_change() -> None:
    text = "\n\n".join(LINES)
    folds = fold(word_diff(text, text))
    assert [(len(one.paragraphs), one.is_folded) for one in folds] == [(FIRST, False), (12 - FIRST, True)]


def test_it_folds_no_single_paragraph_and_loses_none() -> None:
    text = "\n\n".join(LINES[: FIRST + 1])
    folds = fold(word_diff(text, text))
    assert not any(one.is_folded for one in folds)
    assert sum(len(one.paragraphs) for one in folds) == FIRST + 1
    assert fold([]) == []
