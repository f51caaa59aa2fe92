"""A name that others have as well: siblings, towns, people of the same name and children are told from who is known."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import AliasKind, FoundMention, LexiconAlias, LexiconEntity

VOLVO, VOLVO_CARS, NORFOLK, SOLOMON, GOLDMAN, MERCEDES, WOOLWORTHS, SINGAPORE_AIRLINES, CHIPS = range(1, 10)
_ALIASES: tuple[tuple[int, str, AliasKind, bool], ...] = (
    (VOLVO, "AB Volvo", "short", False),
    (NORFOLK, "Norfolk", "short", True),
    (MERCEDES, "Mercedes", "short", True),
    (WOOLWORTHS, "Woolworths", "short", True),
    (SINGAPORE_AIRLINES, "SIA", "acronym", True),
    (CHIPS, "SIA", "acronym", True),
)
LEXICON = build_lexicon(
    (
        LexiconEntity(VOLVO, "volvo", "Volvo", "company", "SE", (), 0.8),
        LexiconEntity(VOLVO_CARS, "volvo-cars", "Volvo Cars", "company", "SE", (), 0.8),
        LexiconEntity(NORFOLK, "norfolk-southern", "Norfolk Southern", "company", "US", (), 0.8),
        LexiconEntity(SOLOMON, "david-solomon", "David Solomon", "person", "US", (), 0.8),
        LexiconEntity(GOLDMAN, "goldman-sachs", "Goldman Sachs", "company", "US", (), 0.9),
        LexiconEntity(MERCEDES, "mercedes-benz", "Mercedes-Benz Group", "company", "DE", (), 0.8),
        LexiconEntity(WOOLWORTHS, "woolworths-group", "Woolworths Group", "company", "AU", (), 0.8),
        LexiconEntity(SINGAPORE_AIRLINES, "sq", "Singapore Airlines", "company", "SG", (), 0.8),
        LexiconEntity(CHIPS, "sia", "Semiconductor Industry Association", "organization", "US", (), 0.8),
    ),
    (LexiconAlias(*row) for row in _ALIASES),
    related=((SOLOMON, GOLDMAN),),
)


def read(text: str) -> list[FoundMention]:
    return list(link_text("", text, LEXICON, language="en").mentions)


def who(text: str, name: str) -> list[int | None]:
    """Whom each mention of a name is linked to, None where it stays open."""
    return [m.entity_id for m in read(text) if m.text == name]


def test_a_sibling_named_in_full_does_not_take_the_name_of_another() -> None:
    text = "Volvo jumped on truck orders; Volvo Cars sank."
    assert who(text, "Volvo Cars") == [VOLVO_CARS]
    assert who(text, "Volvo") == [None]
    assert who("AB Volvo said orders rose. Volvo shares gained.", "Volvo") == [VOLVO]


def test_a_short_name_is_still_settled_by_the_full_one_when_it_is_nobody_elses() -> None:
    assert who("Norfolk Southern was fined. Norfolk said it would appeal.", "Norfolk") == [NORFOLK]


@pytest.mark.parametrize(
    "beside", ["Norfolk police came.", "Norfolk residents left.", "He flew from Norfolk, Virginia, home."]
)
def test_a_town_of_a_companys_name_is_not_the_company_that_the_text_names_in_full(beside: str) -> None:
    assert who(f"{beside} Norfolk Southern said trains ran.", "Norfolk") == []


@pytest.mark.parametrize(
    "text",
    [
        "David Solomon, a teacher in Leeds, won.",
        "David Solomon, who works at a bakery in Bonn, won.",
        "David Solomon, 14, of Bath won.",
        "David Solomon of Suwon FC scored twice.",
        "David Solomon scored twice.",
        "Defender David Solomon was sold.",
    ],
)
def test_a_trade_a_team_or_a_childs_age_tells_of_somebody_else_of_the_name(text: str) -> None:
    assert SOLOMON not in who(f"{text} David Solomon was glad.", "David Solomon")


@pytest.mark.parametrize(
    "text",
    [
        "David Solomon, 63, spoke of Goldman Sachs.",
        "Chief Executive David Solomon, 63, spoke.",
        "David Solomon, 63, spoke of the U.S. economy.",
        "David Solomon, a former teacher, spoke.",
        "David Solomon scored a big victory.",
    ],
)
def test_his_organisation_his_title_or_his_country_say_that_he_is_meant(text: str) -> None:
    assert who(text, "David Solomon") == [SOLOMON]


def test_nothing_but_a_grown_ups_age_leaves_it_open() -> None:
    assert who("David Solomon, 63, spoke.", "David Solomon") == [None]


def test_children_are_no_companies_even_beside_one() -> None:
    text = "His daughter Mercedes fell ill. Mercedes-Benz Group shares rose."
    assert who(text, "Mercedes") == []
    assert who("Mercedes-Benz Group shares rose. Mercedes sold more.", "Mercedes") == [MERCEDES]


def test_a_full_name_of_ordinary_words_settles_its_acronym() -> None:
    assert who("Singapore Airlines said profit rose. SIA has new jets.", "SIA") == [SINGAPORE_AIRLINES]


def test_a_weak_name_gone_on_with_is_not_a_company_of_another_country() -> None:
    assert WOOLWORTHS not in who("In South Africa, Woolworths Holdings rose.", "Woolworths Holdings")
