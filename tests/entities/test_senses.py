"""Words beside a name tell when it means something else than a company."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.senses import as_noun, as_place, other_sense
from entities.types import LexiconAlias, LexiconEntity


@pytest.mark.parametrize(
    ("before", "name", "after", "told"),
    [
        ("Workers wait for ", "Visa", " applications to be read", "applications"),
        ("a student ", "Visa", " is cheap", "student"),
        ("fires in ", "Amazon", " rainforests", "rainforests"),
        ("the wage ", "Gap", " is wide", "wage"),
        ("He met in Trafalgar ", "Square", ".", "Trafalgar"),
        ("", "Total", " debt fell", "debt"),
        ("", "Next", " week", "week"),
        ("and the ", "Dow", " fell", "the Dow"),
        ("", "Intel", " on Thursday said", ""),
        ("shares of ", "Apple", " fell", ""),
        ("", "Target", " shares", ""),
        ("", "Quillbrook", " juice", ""),
    ],
)
def test_it_is_told_by_the_word_before_or_behind(before: str, name: str, after: str, told: str) -> None:
    assert other_sense(name, before, after) == told


def test_what_belongs_to_a_company_is_no_other_sense() -> None:
    assert other_sense("Amazon", "in the ", " warehouse", owned=True) == ""
    assert other_sense("Amazon", "in the ", " and its trees") == "the"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", " in northern Spain", "in northern"),
        ("the mayor of ", " spoke", "mayor of"),
        ("in ", ", a small town", "a small town"),
        ("the bank ", " in Spain", ""),
    ],
)
def test_a_town_is_told_from_a_firm(before: str, after: str, told: str) -> None:
    found = as_place(before, after)
    assert bool(found) == bool(told)
    assert told in found


@pytest.mark.parametrize(
    ("previous", "expected"), [("a", True), ("Its", True), ("were", True), ("at", False), ("told", False)]
)
def test_an_article_makes_an_ordinary_noun(previous: str, *, expected: bool) -> None:
    assert as_noun(previous) is expected


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Prices at Harvest fell.", ["Harvest"]),
        ("It was a Harvest like none before.", []),
        ("It was a Harvest spokesman who spoke.", ["Harvest"]),
        ("Harvest Corp. had a Harvest to sell.", ["Harvest Corp.", "Harvest"]),
    ],
)
def test_an_ordinary_word_with_a_capital_needs_more_behind_an_article(text: str, linked: list[str]) -> None:
    lexicon = build_lexicon(
        [LexiconEntity(1, "harvest", "Harvest Corp.", "company", "US", prominence=0.9)],
        [LexiconAlias(1, "Harvest Corp.", "legal"), LexiconAlias(1, "Harvest", "short", weak=True)],
    )
    found = link_text("", text, lexicon, language="en").mentions
    assert [m.text for m in found if m.status == "linked"] == linked


def test_another_sense_stands_against_a_name_that_the_text_gives_in_full() -> None:
    lexicon = build_lexicon(
        [LexiconEntity(1, "visa", "Visa", "company", "US", prominence=0.9)],
        [LexiconAlias(1, "Visa Inc.", "legal"), LexiconAlias(1, "Visa", "short")],
    )
    told = link_text("", "Visa Inc. said that Visa applications rose.", lexicon, language="en").mentions
    assert [m.text for m in told if m.status == "linked"] == ["Visa Inc."]
