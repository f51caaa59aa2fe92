"""Capitals inside ordinary sentences are names; those of openings, days, titles and abbreviations are not."""

from __future__ import annotations

import pytest

from entities.sentences import split_sentences
from entities.written_names import find_written


def written(text: str) -> list[str]:
    return sorted(text[start:end] for start, end in find_written(text, split_sentences(text)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("They sailed to Orne Bay with the Vindel on Monday.", ["Orne Bay", "Vindel"]),
        ("It runs on iVindel and on the QWX radio.", ["QWX", "iVindel"]),
        ("According to QWX, the boat sank.", ["QWX"]),
        ("QWX says that it rained.", ["QWX"]),
        ("Nobody met P.J. there.", ["P.J."]),
        ("As an ex-River Guide she knows it.", ["River Guide"]),
        ("They met Captain Vindel and Mr Brenner on Tuesday.", ["Brenner", "Vindel"]),
        ("Rain fell. Boats sank.", []),
        ("Then I saw the CEO on TV at 9 PM EST.", []),
        ("Read www.Vindel.example, @Vindel and #Vindel.", []),
        ("THE VINDEL SANK OFF ORNE BAY", []),
        ("Vindel Sinks Near Orne Bay Harbour Wall", []),
    ],
)
def test_it_finds_names_by_how_they_are_written(text: str, names: list[str]) -> None:
    assert written(text) == names


def test_the_first_word_of_a_sentence_counts_when_the_text_capitalises_it_elsewhere() -> None:
    assert written("Vindel sank.") == []
    assert written("Vindel sank. They saw Vindel sink.") == ["Vindel", "Vindel"]
