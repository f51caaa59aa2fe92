"""Runs of capitalised words that are one name by their form are seen whole."""

from __future__ import annotations

import pytest

from entities.longer_names import find_larger_names
from entities.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("He joined Acme Widget Holdings Ltd. in May", ["Acme Widget Holdings Ltd."]),
        ("said John Casey of Casey Widget & Co yesterday", ["John Casey", "Casey Widget & Co"]),
        ("they met at Zhejiang Semiconductor Association in May", ["Zhejiang Semiconductor Association"]),
        ("the Ministry of Commerce said", ["Ministry of Commerce"]),
        ("when Michelle Pfeiffer sang", ["Michelle Pfeiffer"]),
        ("First Albany Corp. fell", ["First Albany Corp."]),
        (
            "he told us when they met in the rain that the Bank of England Governor Andrew Bailey had said so",
            ["Andrew Bailey", "Bank of England"],
        ),
        ("the Bank of Japan Executive Director spoke", ["Bank of Japan"]),
        ("it will meet at the Reserve Bank of Australia Tuesday", ["Reserve Bank of Australia"]),
        ("the Federal Reserve Bank of San Francisco said", ["Federal Reserve Bank of San Francisco"]),
        ("the Ministry of Foreign Trade said", ["Ministry of Foreign Trade"]),
    ],
)
def test_it_sees_names_that_nobody_told_it(text: str, names: list[str]) -> None:
    assert [text[n.start : n.end] for n in find_larger_names(text, split_sentences(text))] == names
