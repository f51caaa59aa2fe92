"""A given name, a title or a noun beside a name tells which pronoun goes with it, or nothing does."""

from __future__ import annotations

import pytest

from entities.genders import gender_beside, gender_of_name, gender_of_nouns


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        ("Maria Vindel", "she"),
        ("Viktor Vindel", ""),
        ("Victor Brenner", "he"),
        ("Robin Vindel", ""),
        ("Orla Quist", ""),
    ],
)
def test_given_names_tell_when_they_are_known_and_not_both(name: str, gender: str) -> None:
    assert gender_of_name(name) == gender


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("Mr Vindel left.", "he"),
        ("Mrs. Vindel left.", "she"),
        ("The actress Vindel left.", "she"),
        ("businessman Vindel left.", "he"),
        ("Vindel, a widow of 40, left.", "she"),
        ("Vindel, 41, a businessman and father, left.", "he"),
        ("Vindel left a widow.", ""),
        ("Engineer Vindel left.", ""),
    ],
)
def test_titles_and_nouns_beside_a_name_tell(text: str, gender: str) -> None:
    at = text.index("Vindel")
    assert gender_beside(text, at, at + len("Vindel")) == gender


def test_the_first_noun_that_tells_counts() -> None:
    assert gender_of_nouns("a mother and her son") == "she"
    assert gender_of_nouns("a baker") == ""
