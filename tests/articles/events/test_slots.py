"""Who did what to whom, where and when: as the sentence of the event says it, empty where it does not."""

from __future__ import annotations

import pytest

from articles.events.event_types import EventType
from articles.events.slots import slots_of
from tests.articles.events.reports import report

CASES: list[tuple[str, str, EventType, list[int], list[int], str]] = [
    ("Harlow to buy Volta Cells", "", "deal", [10], [13], ""),
    ("Harlow Motors acquires Volta Cells in Halvard", "", "deal", [10], [13], "Halvard"),
    ("Volta Cells was acquired by Harlow Motors on Monday", "", "deal", [10], [13], ""),
    ("Orne Shipping names Anna Berg chief executive", "", "appointment", [11], [20], ""),
    ("Ministry of Trade fines Tessin Air", "", "regulation", [30], [12], ""),
    ("Harlow Motors and Orne Shipping team up with Volta Cells", "", "agreement", [10, 11], [13], ""),
    ("Volta Cells sues Harlow Motors over patents", "", "legal", [13], [10], ""),
    ("After talks with Tessin Air, Harlow Motors acquires Volta Cells", "", "deal", [10], [13], ""),
    (
        "Chip groups to talk",
        "The Norland Chip Association said on Monday it will form a working group with the Sudmark Chip Council in Halvard.",
        "agreement", [1], [2], "Halvard",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_linked_names_fill_the_slots(case: tuple[str, str, EventType, list[int], list[int], str]) -> None:
    title, text, sort, who, whom, where = case
    slots = slots_of([report(text, title)], sort, 1)
    assert [one.entity for one in slots["who"]] == who
    assert [one.entity for one in slots["whom"]] == whom
    assert [one.text for one in slots["where"]] == ([where] if where else [])


def test_without_a_linked_name_the_words_themselves_are_given() -> None:
    slots = slots_of([report("", "Croyden tram crash: Police identify three victims")], "accident", 1)
    assert [one.text for one in slots["who"]] == ["Police"]
    assert slots["what"][0].text == "identify three victims"
    assert slots["whom"] == ()


def test_what_it_says_is_the_verb_with_what_follows_to_the_end_of_the_clause() -> None:
    text = "Harlow Motors will acquire Volta Cells for two billion dollars, which surprised many."
    (what,) = slots_of([report(text)], "deal")["what"]
    assert what.text == "will acquire Volta Cells for two billion dollars"


def test_the_day_is_that_of_the_sentence_else_the_first_of_the_text() -> None:
    one = report(
        "Harlow Motors acquired Volta Cells on Tuesday.\n\nThe talks began on Monday.",
        "Harlow Motors acquires Volta Cells",
    )
    (when,) = slots_of([one], "deal", 1)["when"]
    assert when.moment is not None
    assert (when.text, when.moment.first.isoformat()) == ("Tuesday", "2021-03-09")
    other = report(
        "Nothing is known yet.\n\nThe papers met the owners on Monday.", "Harlow Motors acquires Volta Cells"
    )
    assert [filler.text for filler in slots_of([other], "deal", 1)["when"]] == ["Monday"]


def test_each_filler_stands_where_it_says() -> None:
    one = report(
        "HALVARD, Norland (Reuters) - Harlow Motors acquired Volta Cells on Tuesday in Halvard.",
        "Harlow buys Volta Cells",
    )
    for fillers in slots_of([one], "deal", 1).values():
        for filler in fillers:
            assert one.of(filler.span.field)[filler.span.start : filler.span.end] == filler.text


def test_a_dateline_says_where_when_nothing_else_does() -> None:
    one = report(
        "ZURICH (Reuters) - Harlow Motors acquired Volta Cells.", "Harlow Motors acquires Volta Cells"
    )
    assert [filler.text for filler in slots_of([one], "deal", 1)["where"]] == ["ZURICH"]


def test_nobody_is_both_who_and_whom() -> None:
    slots = slots_of([report("", "Harlow Motors says Harlow Motors acquires nothing")], "deal", 1)
    assert not {one.entity for one in slots["who"]} & {one.entity for one in slots["whom"]}


def test_copies_and_other_languages_fill_nothing() -> None:
    assert not any(slots_of([report("", "Harlow buys Volta Cells", language="de")], "deal").values())
    assert not any(slots_of([report("", "Harlow buys Volta Cells", is_copy=True)], "deal").values())
    assert not any(slots_of([], "deal").values())


def test_who_says_so_is_no_part_of_what_happened() -> None:
    one = report("Harlow Motors has acquired Volta Cells, the Norland company said on Tuesday.", "")
    assert [filler.text for filler in slots_of([one], "deal", 1)["what"]] == ["has acquired Volta Cells"]


def test_a_second_sentence_of_a_headline_is_no_part_of_what_happened() -> None:
    slots = slots_of([report("", "Harlow Motors acquires Volta Cells. Volta says nothing")], "deal", 1)
    assert [filler.text for filler in slots["what"]] == ["acquires Volta Cells"]
