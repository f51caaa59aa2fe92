"""The sentence around a name."""

from __future__ import annotations

import pytest

from articles.texts.snippets import LONGEST, sentence_around

TEXT = "The board was quiet. Mr. Orne of Fudal, Inc. said it kept 3.5 percent!\n\nU.S. traders sold. “Enough.” He left."


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("board", "The ", " was quiet."),
        ("Fudal", "Mr. Orne of ", ", Inc. said it kept 3.5 percent!"),
        ("traders", "U.S. ", " sold."),
        ("He", "", " left."),
    ],
)
def test_it_cuts_at_the_ends_of_the_sentence(name: str, before: str, after: str) -> None:
    start = TEXT.index(name)
    found = sentence_around(TEXT, start, start + len(name))
    assert (found.before, found.name, found.after) == (before, name, after)


def test_it_shortens_a_long_sentence_on_both_sides_at_words() -> None:
    text = "early " * 200 + "Fudal" + " later" * 200
    start = text.index("Fudal")
    found = sentence_around(text, start, start + 5)
    assert found.before.startswith("… early")
    assert found.after.endswith("later …")
    assert len(found.before + found.name + found.after) <= LONGEST + 4


def test_it_gives_nothing_for_a_place_outside_of_the_text() -> None:
    assert sentence_around("short", 3, 99).name == ""
