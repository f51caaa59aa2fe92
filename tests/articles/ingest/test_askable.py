"""Which unknown names are put to editors, and what a text says of a name by itself."""

from __future__ import annotations

import pytest

from articles.ingest.askable import is_askable, is_defined, told_names
from entities.types import FoundMention, FoundRole, Why


@pytest.mark.parametrize(
    ("kind", "names", "articles", "told", "asked"),
    [
        ("company", ["Orne Widgets"], 1, 0, True),
        ("person", ["Mara Quint"], 1, 0, True),
        ("public_body", ["Halvard Transit Board"], 1, 0, True),
        ("company", ["Orne", "Orne ASA"], 1, 0, True),  # a legal form, in one of the articles
        ("company", ["华虹半导体"], 1, 0, True),  # such names have no spaces
        ("company", ["Mounjaro"], 1, 0, False),
        ("company", ["Mounjaro"], 2, 0, False),
        ("company", ["Mounjaro"], 3, 0, True),
        ("company", ["Mounjaro"], 1, 1, True),
        ("company", ["The Orne"], 2, 0, False),  # one word
        ("company", ["Bank Rate"], 1, 0, False),  # two ordinary words are no name yet
        ("company", ["Orne Group"], 1, 0, True),
        ("organization", ["AI"], 40, 0, False),
        ("organization", ["AI"], 2, 1, True),
        ("organization", ["Berlin"], 9, 0, False),
        ("person", ["Storm Elsbeth"], 9, 0, False),
        ("company", ["Typhoon Halvard"], 1, 0, False),
        ("person", ["Storm Elsbeth"], 1, 1, True),  # somebody of that name holds a position
        ("place", ["Orne Valley"], 30, 3, False),
        ("place", ["Kalundborg"], 30, 0, False),
        ("other", ["Orne Widgets Ltd."], 30, 3, False),
        ("company", ["Orne Widgets"], 0, 0, False),  # no article has it any more
    ],
)
def test_it_asks_about_people_and_organisations_that_something_shows(
    kind: str, names: list[str], articles: int, told: int, asked: bool
) -> None:
    assert is_askable(kind, names, articles, told) is asked


@pytest.mark.parametrize(
    ("text", "defined"),
    [
        ("The Orne Transit Board (OTB) met.", True),
        ("The Orne Board of Transit (OBT) and the Orne Transit Board (the OTB) met.", True),
        ("OTB (Orne Transit Board) met.", True),
        ("The OTB met.", False),
        ("Shares of Orne (OTB) fell.", False),
        ("They are on the bench (OTB) today.", False),
        ("only the bench (OTB) was full.", False),
        ("Orne Transit\nBoard (OTB)", False),
    ],
)
def test_brackets_define_an_acronym_only_beside_its_whole_name(text: str, defined: bool) -> None:
    assert is_defined("OTB", text) is defined


def test_two_letters_and_words_are_no_acronyms_that_a_text_defines() -> None:
    assert not is_defined("AI", "Artificial Intelligence (AI)")
    assert not is_defined("Otb", "Orne Transit Board (Otb)")
    assert not is_defined("O.B", "Orne Board (O.B)")


def mention(name: str, code: str, status: str = "proposed", label: str = "") -> FoundMention:
    why = (Why(code, "because", 0.5),)
    return FoundMention("text", 0, len(name), name, "company", status, None, 0.5, why, label=label)  # type: ignore[arg-type]


def test_a_text_says_what_a_name_is_by_form_announcement_code_or_role() -> None:
    found = [mention(name, code) for name, code in
             (("Orne", "form"), ("Tessin", "announced"), ("Halvard", "code"), ("Quint", "role"), ("Kalund", "model"),
              ("Kowl", "anchor"))]  # fmt: skip
    assert told_names(found, (), "") == {"orne", "tessin", "halvard", "quint"}
    assert told_names([mention("Orne", "form", "ambiguous")], (), "") == set()


def test_a_short_form_says_it_of_the_whole_name() -> None:
    assert told_names([mention("Quint", "role", label="Mara Quint")], (), "") == {"mara quint"}
    assert told_names([mention("OTB", "model")], (), "Orne Transit Board (OTB)") == {"otb"}


def test_a_stated_position_says_it_of_both_that_nobody_knows() -> None:
    whole = FoundRole("Quint", "chairman", "Orne", 0, 5, "Quint, chairman of Orne")
    assert told_names((), [whole], "") == {"quint", "orne"}
    known = FoundRole("Quint", "chairman", "Orne", 0, 5, "Quint, chairman of Orne", None, 7)
    assert told_names((), [known], "") == {"quint"}
    assert told_names((), [FoundRole("Quint", "analyst", "", 0, 5, "Quint, analyst")], "") == set()
