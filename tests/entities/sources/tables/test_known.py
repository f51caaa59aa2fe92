"""When two sets of names may be those of one company."""

from __future__ import annotations

import pytest

from entities.sources.tables.known import are_alike, are_shortened, share_a_word


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("curtiss-wright corporation", "curtiss wright corporation", True),
        ("carter's", "carters", True),
        ("wd-40", "wd 40", True),
        ("u.s. steel", "us steel", True),
        ("fnb corp/pa/", "f.n.b. corp", True),
        ("halvard shipping", "halvard shipping lines", True),
        ("halvard", "halvard bank", False),
        ("barrick gold", "gold.com", False),
        ("halvard shipping", "zephyr kettle works", False),
        ("", "halvard", False),
    ],
)
def test_names_are_alike_when_most_of_their_words_are(left: str, right: str, alike: bool) -> None:
    assert are_alike({left}, {right}) is alike
    assert are_alike({right}, {left}) is alike


@pytest.mark.parametrize(
    ("short", "whole", "is_short"),
    [
        ("intl business machines", "international business machines", True),
        ("halvard shippng", "halvard shipping", True),
        ("halvard", "halvard shipping lines", True),
        ("hal", "halvard shipping lines", False),
        ("zephyr kettle", "halvard shipping", False),
        ("halvard shipping lines", "halvard", False),
    ],
)
def test_a_shortened_name_has_the_letters_of_its_words_in_order(
    short: str, whole: str, is_short: bool
) -> None:
    assert are_shortened({short}, {whole}) is is_short


def test_firms_without_a_word_in_common_are_not_the_same() -> None:
    assert share_a_word({"3m"}, {"3m co"})
    assert not share_a_word({"halvard shipping"}, {"zephyr kettle works"})
