"""Moves of prices are told with whose they are, up or down, by how much and where they are traded."""

from __future__ import annotations

import pytest

from articles.events.moves import price_moves
from tests.articles.events.reports import report

CASES = [
    ("Shares of Harlow Motors rose 3%.", [(10, "up", 3.0, "", "")]),
    ("Shares in Harlow Motors fell as much as 4.5 percent in early trading.", [(10, "down", 4.5, "as much as", "early trading")]),
    ("The stock of Tessin Air plunged more than 20% in Zurich trading.", [(12, "down", 20.0, "more than", "Zurich trading")]),
    (
        "Shares moved. Harlow Motors and Tessin Air surged at least 13% and 14% respectively.",
        [(10, "up", 13.0, "at least", ""), (12, "up", 14.0, "at least", "")],
    ),
    ("Shares of Harlow Motors and Tessin Air each lost. Tessin Air shares closed down 2 per cent.", [(12, "down", 2.0, "", "")]),
    (
        "Shares advanced. Harlow Motors rose 12% in Halvard trading. Orne Shipping gained 2%.",
        [(10, "up", 12.0, "", "Halvard trading"), (11, "up", 2.0, "", "Halvard trading")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "moves"), CASES, ids=[case[0] for case in CASES])
def test_moves_are_told(text: str, moves: list[tuple[int, str, float, str, str]]) -> None:
    found = price_moves(report(text))
    assert [(m.name.entity, m.direction, m.percent, m.hedge, m.market) for m in found] == moves
    for move in found:
        assert text[move.span.start : move.span.end] == move.text


@pytest.mark.parametrize(
    "text",
    [
        "Sales of Harlow Motors rose 3%.",
        "Harlow Motors said its revenue fell 12 percent.",
        "Unemployment rose 3%.",
        "Shares fell after Harlow Motors spoke, but turnout rose 3%.",
        "Harlow Motors employs 3% of the town.",
        "Norland rose 3%.",
    ],
)
def test_what_is_no_price_of_a_company_is_not(text: str) -> None:
    assert price_moves(report(text)) == []


def test_other_languages_are_not_read() -> None:
    assert price_moves(report("Shares of Harlow Motors rose 3%.", language="de")) == []
