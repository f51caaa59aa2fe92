"""What a text says is not confirmed is told with the party that keeps silent, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from articles.events.statements import unconfirmed
from tests.articles.events.reports import report

CASES = [
    ("Harlow Motors declined to comment.", "declined", "Harlow Motors", 10),
    ("Harlow Motors wouldn't comment on the talks.", "declined", "Harlow Motors", 10),
    ("Harlow Motors had no immediate comment.", "declined", "Harlow Motors", 10),
    ("Harlow Motors said profit rose. It declined to say how much.", "declined", "Harlow Motors", 10),
    ("Harlow Motors didn't immediately respond to a request for comment.", "no_answer", "Harlow Motors", 10),
    ("Harlow Motors didn’t respond to requests for comment.", "no_answer", "Harlow Motors", 10),
    ("A spokesman for Harlow Motors did not reply to an email.", "no_answer", "Harlow Motors", 10),
    ("Jon Dale, a spokesman for Harlow Motors, did not return calls.", "no_answer", "Harlow Motors", 10),
    ("Calls to Anna Berg were not returned.", "no_answer", "Anna Berg", 20),
    ("Orne Shipping has not posted a statement on its website.", "no_statement", "Orne Shipping", 11),
    ("Orne Shipping hasn't issued a statement.", "no_statement", "Orne Shipping", 11),
    ("Orne Shipping has yet to comment.", "no_statement", "Orne Shipping", 11),
    ("Anna Berg could not be reached for comment.", "not_reached", "Anna Berg", 20),
    ("Anna Berg was not available for comment.", "not_reached", "Anna Berg", 20),
    ("Efforts to reach Anna Berg were unsuccessful.", "not_reached", "Anna Berg", 20),
    ("The Ministry of Trade has not confirmed the report.", "not_confirmed", "Ministry of Trade", 30),
    ("The Ministry of Trade has yet to confirm the figures.", "not_confirmed", "Ministry of Trade", 30),
    ("The Ministry of Trade neither confirmed nor denied the report.", "not_confirmed", "Ministry of Trade", 30),
    ("Tessin Air denied the allegations.", "denied", "Tessin Air", 12),
    ("Tessin Air, which owns forty jets, has denied any wrongdoing and said it would appeal.", "denied", "Tessin Air", 12),
    ("Harbour Post could not independently verify the video.", "not_verified", "Harbour Post", 31),
    ("The claims have not been independently verified.", "not_verified", "The claims", None),
    ("The governor's office did not respond to questions.", "no_answer", "The governor's office", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "party", "entity"), CASES, ids=[case[0] for case in CASES])
def test_it_says_who_has_not_confirmed(text: str, code: str, party: str, entity: int | None) -> None:
    (found,) = unconfirmed(report(text))
    assert (found.code, found.party, found.entity) == (code, party, entity)
    assert text[found.span.start : found.span.end] == found.text


@pytest.mark.parametrize(
    "text",
    [
        "The deal is near, according to people familiar with the matter.",
        "The deal is near, said an official on condition of anonymity.",
        "The person asked not to be identified.",
        "Two sources said the talks had ended.",
    ],
)
def test_words_of_people_without_a_name_are_told_as_such(text: str) -> None:
    (found,) = unconfirmed(report(text))
    assert (found.code, found.party, found.entity) == ("nameless", "", None)


@pytest.mark.parametrize(
    "text",
    [
        "Harlow Motors responded to the request for comment within an hour.",
        "Harlow Motors confirmed the report.",
        "She did not return to work on Monday.",
        "The board declined the offer of a lift.",
        "He answered every question.",
        "The post was not filled.",
        "Denial is no river.",
    ],
)
def test_what_was_answered_or_is_about_something_else_is_not_told(text: str) -> None:
    assert unconfirmed(report(text)) == []


def test_of_several_parties_each_is_told() -> None:
    found = unconfirmed(
        report("Representatives for Harlow Motors and Orne Shipping did not return calls seeking comment.")
    )
    assert [(one.code, one.entity) for one in found] == [("no_answer", 10), ("no_answer", 11)]
    neither = unconfirmed(report("Neither Harlow Motors nor Orne Shipping has confirmed the talks."))
    assert [(one.code, one.entity) for one in neither] == [("not_confirmed", 10), ("not_confirmed", 11)]


def test_two_silences_of_one_sentence_have_one_subject() -> None:
    text = (
        "The Norland Chip Association spoke first, and the American Chip Board listened. The U.S. group, which represents firms like "
        "Volta Cells, hasn’t posted a statement on its website and didn’t respond to a request for comment."
    )
    found = unconfirmed(report(text))
    assert [(one.code, one.party) for one in found] == [
        ("no_statement", "American Chip Board"), ("no_answer", "American Chip Board"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "The American Chip Board listened. The U.S. group, a voice of firms such as Volta Cells and Tessin Air, has not confirmed it.",
        "The American Chip Board, known as the Board, has not confirmed the plan for now.",
        "The American Chip Board, one of three that speak for Volta Cells, has not confirmed the plan.",
    ],
)
def test_whom_a_subject_is_explained_by_is_no_party(text: str) -> None:
    (found,) = unconfirmed(report(text))
    assert (found.code, found.party) == ("not_confirmed", "American Chip Board")


def test_the_whole_sentence_is_quoted_unless_it_is_very_long() -> None:
    first, second = "Harlow Motors is in talks.", "It did not answer a question about the price of the plant."
    (found,) = unconfirmed(report(f"{first} {second}"))
    assert found.text == second
    (found,) = unconfirmed(
        report(f"{first} Harlow Motors did not answer questions about {'the plant and ' * 30}it.")
    )
    assert found.text == "Harlow Motors did not answer questions"


def test_a_description_that_fits_two_is_left_as_it_is_written() -> None:
    text = "Harlow Motors met Tessin Air on Monday. The company did not reply to emails."
    (found,) = unconfirmed(report(text))
    assert (found.party, found.entity) == ("The company", None)


def test_a_company_that_was_named_just_before_is_the_company() -> None:
    (found,) = unconfirmed(
        report("Tessin Air grew. Harlow Motors is in talks with a bank. The company declined to comment.")
    )
    assert (found.party, found.entity) in {("The company", None), ("Harlow Motors", 10)}
    (alone,) = unconfirmed(report("Harlow Motors is in talks. The company declined to comment."))
    assert (alone.party, alone.entity) == ("Harlow Motors", 10)


def test_nothing_is_read_in_other_languages() -> None:
    assert unconfirmed(report("Harlow Motors declined to comment.", language="de")) == []


def test_a_long_list_before_a_silence_is_read_in_no_time() -> None:
    goods = ", ".join(["ropes and nets or sails and tides and boats or quays"] * 40)
    assert unconfirmed(report(f"Orne Shipping, including {goods}; Harlow Motors did not respond."))
