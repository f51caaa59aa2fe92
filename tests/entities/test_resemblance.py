"""How alike two are: held to pairs of our own with the answer known, by category."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from entities.lines import Line
from entities.names import fold
from entities.resemblance import DUPLICATE, HINT, Called, Portrait, compare, portray, probes

FILE = Path(__file__).parent / "resemblance_pairs.csv"
PAIRS = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))


def portrait(row: dict[str, str], side: str) -> Portrait:
    ids = [tuple(one.split(":", 1)) for one in row[f"{side}_ids"].split() if one]
    return portray(
        [Called(row[side])],
        kind=row[f"{side}_kind"],
        country=row[f"{side}_country"],
        identifiers=[(scheme, value) for scheme, value in ids],
    )


def matrix() -> dict[str, Counter[str]]:
    """By category, how many pairs were found, missed, rightly left and wrongly shown."""
    counted: dict[str, Counter[str]] = {}
    for row in PAIRS:
        is_same = row["same"] == "1"
        is_shown = compare(portrait(row, "left"), portrait(row, "right")).score >= DUPLICATE
        cell = ("found" if is_shown else "missed") if is_same else ("wrong" if is_shown else "left")
        counted.setdefault(row["category"], Counter())[cell] += 1
    return counted


def test_it_shows_those_that_are_one_and_no_others() -> None:
    total = Counter[str]()
    for cells in matrix().values():
        total += cells
    precision = total["found"] / (total["found"] + total["wrong"])
    recall = total["found"] / (total["found"] + total["missed"])
    assert len(PAIRS) >= 70
    assert precision >= 0.97, matrix()
    assert recall >= 0.9, matrix()


@pytest.mark.parametrize("category", sorted({row["category"] for row in PAIRS}))
def test_no_category_is_worse_than_one_pair_in_ten(category: str) -> None:
    cells = matrix()[category]
    assert cells["missed"] + cells["wrong"] <= sum(cells.values()) // 10, cells


def test_each_answer_says_why_and_the_parts_add_up() -> None:
    likeness = compare(
        portray([Called("Intel Corp.")], kind="company", country="US", identifiers=[("lei", "A")]),
        portray([Called("Intel Corporation")], kind="company", country="US", identifiers=[("lei", "B")]),
    )
    assert [part.code for part in likeness.why] == ["same_base", "other_number", "same_country", "same_kind"]
    assert likeness.words.startswith(
        "the same but for the legal form: Intel Corp. and Intel Corporation; their LEI"
    )
    assert likeness.score == pytest.approx(sum(part.weight for part in likeness.why))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("SMIC", "Semiconductor Manufacturing International Corporation"),
        ("CSIA", "China Semiconductor Industry Association"),
        ("TSMC", "Taiwan Semiconductor Manufacturing Company"),
    ],
)
def test_an_acronym_is_a_hint_with_the_legal_form_too(short: str, long: str) -> None:
    likeness = compare(portray([Called(short)], kind="company"), portray([Called(long)], kind="company"))
    assert HINT <= likeness.score < DUPLICATE
    assert likeness.why[0].code == "acronym"


def test_a_weak_name_that_two_share_says_little() -> None:
    one = portray([Called("Delta Air Lines"), Called("Delta", weak=True)], kind="company", country="US")
    two = portray([Called("Delta Electronics"), Called("Delta", weak=True)], kind="company", country="TW")
    assert compare(one, two).score < HINT


def test_a_former_listing_of_both_speaks_for_them() -> None:
    one = portray([Called("Orne Widgets")], kind="company", lines=[("XOSL", "ORN")])
    two = portray([Called("Orne Widgets Nordic")], kind="company", lines=[("XOSL", "ORN")])
    assert compare(one, two).score >= DUPLICATE


def test_it_is_the_same_from_both_sides() -> None:
    for row in PAIRS:
        left, right = portrait(row, "left"), portrait(row, "right")
        assert compare(left, right).score == compare(right, left).score, row


@pytest.mark.parametrize(
    "row", [row for row in PAIRS if row["same"] == "1" and "number" not in row["category"]]
)
def test_likely_duplicates_meet_where_one_looks_for_the_other(row: dict[str, str]) -> None:
    def meets(a: str, b: str) -> bool:
        whole, begins = probes([Called(row[a])], kind=row[f"{a}_kind"])
        form = fold(row[b])
        return form in whole or any(form.startswith(f"{start} ") for start in begins)

    typing_error_in_the_first_word = row["left"] in {
        "Volkswagen Financial Services", "Mitsubishi Chemical", "Kazatomprom", "University of Oslo", "Tsinghua Unigroup",
        "Marks and Spencer",
    }  # fmt: skip
    assert meets("left", "right") or meets("right", "left") or typing_error_in_the_first_word


def test_namesakes_that_trade_in_one_country_under_other_tickers_are_not_shown() -> None:
    def company(country: str, ticker: str) -> Portrait:
        lines = [Line(country, ticker)]
        return portray([Called("Shinwa Co., Ltd.")], kind="company", country="JP", trades=lines)

    likeness = compare(company("JP", "3447"), company("JP", "7607"))
    assert likeness.score < DUPLICATE
    assert "they trade in JP as 3447 and as 7607" in likeness.words
    assert compare(company("JP", "3447"), company("US", "SHNW")).score >= DUPLICATE
