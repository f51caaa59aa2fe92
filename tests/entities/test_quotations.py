"""What is said in quotation marks is told from apostrophes and from the text around it."""

from __future__ import annotations

import pytest

from entities.quotations import quotations


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"It rains," Ada Roe said. "It pours."', ["It rains,", "It pours."]),
        ("'It rains,' Ada Roe said. 'It pours.'", ["It rains,", "It pours."]),
        ("Roe's boat isn't the sailors' boat.", []),
        ("'The sailors' boat leaks,' Roe said.", ["The sailors' boat leaks,"]),
        ("In the '90s boats leaked.", []),
        ('"One line\nand the next."', ["One line", ""]),
        ("She said: 'It goes on\nbelow.", ["It goes on"]),
        ("", []),
    ],
)
def test_it_cuts_out_what_is_said(text: str, said: list[str]) -> None:
    assert [text[q.start : q.end] for q in quotations(text)] == said
