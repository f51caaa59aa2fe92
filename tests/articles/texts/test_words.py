"""Words of a text in many scripts: each in its place, none lost, numbers and accented words whole."""

from __future__ import annotations

import pytest

from articles.texts.words import count_words, is_mostly_unspaced, is_unspaced, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The crane, old.", ["The", "crane", ",", "old", "."]),
        ("$1,234.50 at 10:30", ["$", "1,234.50", "at", "10:30"]),
        ("don’t d'être so-called", ["don’t", "d'être", "so", "-", "called"]),
        ("首相は12日", ["首", "相", "は", "12", "日"]),
        ("한국 정부", ["한국", "정부"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("naïve e\u0301tude", ["naïve", "e\u0301tude"]),
        ("การค้า", ["ก", "า", "ร", "ค้", "า"]),
        ("COVID19 5G", ["COVID19", "5", "G"]),
        (" \n\u00a0", []),
        ("🌊!", ["🌊", "!"]),
    ],
)
def test_it_cuts_a_text_into_words(text: str, words: list[str]) -> None:
    found = words_of(text)
    assert [word.text for word in found] == words
    assert all(text[word.start : word.end] == word.text for word in found)


def test_between_two_words_stand_spaces_alone() -> None:
    text = "A  b,c\n\nд е。首相 x\u200by\u0301"
    at = 0
    for word in words_of(text):
        assert not text[at : word.start].strip()
        at = word.end
    assert not text[at:].strip()


def test_signs_are_no_words() -> None:
    assert count_words("Well, – “no” … 12 % !") == 3
    assert count_words("首相は語った。") == 6


def test_it_knows_scripts_without_spaces() -> None:
    assert is_unspaced("首相")
    assert not is_unspaced("Prime")
    assert not is_unspaced("")
    assert is_mostly_unspaced("日本のSMICは12日、新製品を発表した。")
    assert not is_mostly_unspaced("The word 首 stands in an English sentence.")
