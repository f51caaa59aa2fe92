"""Positions that texts state: whose, at whom, past or present, and the words that say so."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import FoundRole, LexiconAlias, LexiconEntity
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()
INTEL, HUAWEI = ("Intel", kb.INTEL), ("Huawei", kb.HUAWEI)
TENCENT, TOYOTA = ("Tencent", kb.TENCENT), ("Toyota", kb.TOYOTA)
NOBODY = ("", None)


def roles(text: str) -> tuple[FoundRole, ...]:
    return link_text("", text, LEXICON, language="en").roles


def stated(text: str) -> list[tuple[str, str, str, int | None, bool]]:
    return [(r.person, r.title, r.organization, r.organization_id, r.former) for r in roles(text)]


@pytest.mark.parametrize(
    ("text", "person", "title", "owner", "former"),
    [
        # behind the name
        ("Jane Roe, chairman of Intel, spoke first.", "Jane Roe", "chairman", INTEL, False),
        ("Jane Roe, the chief executive of Intel Corp., spoke.", "Jane Roe", "chief executive", INTEL, False),
        ("Jane Roe, Intel's chief executive, spoke first.", "Jane Roe", "chief executive", INTEL, False),
        ("Jane Roe, a vice president at Intel, left early.", "Jane Roe", "vice president", INTEL, False),
        ("Jane Roe, deputy chairman on Huawei's board, left.", "Jane Roe", "deputy chairman", HUAWEI, False),
        ("Jane Roe, who is chairman of Intel, left.", "Jane Roe", "chairman", INTEL, False),
        ("Jane Roe, who was named chairman of Intel in May, left.", "Jane Roe", "chairman", INTEL, False),
        # what has ended
        ("Jane Roe, former chairman of Intel, spoke first.", "Jane Roe", "chairman", INTEL, True),
        ("Jane Roe, a former Intel director, spoke first.", "Jane Roe", "director", INTEL, True),
        ("Jane Roe, until recently chairman of Intel, spoke.", "Jane Roe", "chairman", INTEL, True),
        ("Jane Roe, chairman of Intel until 2019, spoke first.", "Jane Roe", "chairman", INTEL, True),
        ("Jane Roe, who was chairman of Intel, spoke first.", "Jane Roe", "chairman", INTEL, True),
        ("Jane Roe, who stepped down as chairman of Intel, spoke.", "Jane Roe", "chairman", INTEL, True),
        ("Former Intel chief executive Jane Roe spoke.", "Jane Roe", "chief executive", INTEL, True),
        ("Intel's former chief executive Jane Roe spoke.", "Jane Roe", "chief executive", INTEL, True),
        ("The ex-Intel director Jane Roe spoke first.", "Jane Roe", "director", INTEL, True),
        # who does something
        ("Jane Roe, who heads Intel, spoke first.", "Jane Roe", "head", INTEL, False),
        ("Jane Roe, who has led Intel since 2019, spoke.", "Jane Roe", "leader", INTEL, False),
        ("Jane Roe, who until March led Intel, spoke.", "Jane Roe", "leader", INTEL, True),
        ("Jane Roe, who used to run Intel, spoke first.", "Jane Roe", "head", INTEL, True),
        ("Jane Roe, who ran Intel from 2010 to 2015, spoke.", "Jane Roe", "head", INTEL, True),
        ("Jane Roe, who founded Tencent in 1998, spoke.", "Jane Roe", "founder", TENCENT, False),
        # in front of the name
        ("Intel's chief executive Jane Roe spoke first.", "Jane Roe", "chief executive", INTEL, False),
        ("Intel CEO Jane Roe spoke first.", "Jane Roe", "CEO", INTEL, False),
        ("Intel's chief executive, Jane Roe, spoke first.", "Jane Roe", "chief executive", INTEL, False),
        ("Premier Li Keqiang spoke first.", "Li Keqiang", "Premier", NOBODY, False),
        ("Former President Jane Roe spoke first.", "Jane Roe", "President", NOBODY, True),
        ("The chairman of Intel, Jane Roe, spoke first.", "Jane Roe", "chairman", INTEL, False),
        ("The former chairman of Intel, Jane Roe, spoke.", "Jane Roe", "chairman", INTEL, True),
        # sentences about it
        ("Intel's chairman is Jane Roe.", "Jane Roe", "chairman", INTEL, False),
        ("Jane Roe is chairman of Intel.", "Jane Roe", "chairman", INTEL, False),
        ("Jane Roe became chief executive of Intel in May.", "Jane Roe", "chief executive", INTEL, False),
        ("Jane Roe was appointed chief executive of Intel.", "Jane Roe", "chief executive", INTEL, False),
        ("Jane Roe stepped down as chairman of Intel.", "Jane Roe", "chairman", INTEL, True),
        ("Jane Roe was ousted as chairman of Intel.", "Jane Roe", "chairman", INTEL, True),
        ("Intel named Jane Roe chief executive on Monday.", "Jane Roe", "chief executive", INTEL, False),
        ("Intel has appointed Jane Roe as its chairman.", "Jane Roe", "chairman", INTEL, False),
        ("Toyota rose. The company appointed Jane Roe as chairman.", "Jane Roe", "chairman", TOYOTA, False),
        ("In May, Jane Roe became chairman of Intel.", "Jane Roe", "chairman", INTEL, False),
        ("Jane Roe is no longer chairman of Intel.", "Jane Roe", "chairman", INTEL, True),
        ("Jane Roe, is president of Intel.", "Jane Roe", "president", INTEL, False),
        # what is uncertain is another thing than who she is
        ("Perhaps Jane Roe, chairman of Intel, knew.", "Jane Roe", "chairman", INTEL, False),
        # a part of the organisation
        ("Jane Roe, head of FX strategy at Intel, spoke.", "Jane Roe", "head of FX strategy", INTEL, False),
        ("Jane Roe, head of Intel's China business, spoke.", "Jane Roe", "head of China business", INTEL, False),
        ("Jane Roe, who headed the trial at Intel, spoke.", "Jane Roe", "head of the trial", INTEL, True),
        ("Jane Roe, who runs a chip desk at Intel, spoke.", "Jane Roe", "head of chip desk", INTEL, False),
        # the owner behind the person, or before a comma
        ("Deputy chairman Jane Roe of Intel spoke.", "Jane Roe", "Deputy chairman", INTEL, False),
        ("Co-chief executive Jane Roe of Intel spoke.", "Jane Roe", "Co-chief executive", INTEL, False),
        ("Shares fell at the maker. Intel, led by Jane Roe, rose.", "Jane Roe", "leader", INTEL, False),
        ("Intel, once headed by Jane Roe, rose.", "Jane Roe", "head", INTEL, True),
        ("Intel chief Jane Roe spoke first.", "Jane Roe", "chief", INTEL, False),
        ("Intel President Jane von der Roe spoke.", "Jane von der Roe", "President", INTEL, False),
        # who was thrown out
        ("Intel ousted chief executive Jane Roe.", "Jane Roe", "chief executive", INTEL, True),
        ("Intel has fired its chief executive Jane Roe.", "Jane Roe", "chief executive", INTEL, True),
        ("Intel's ousted chief executive Jane Roe spoke.", "Jane Roe", "chief executive", INTEL, True),
        # a nationality is nobody's employer
        ("Viennese economist Jane Roe spoke first.", "Jane Roe", "economist", NOBODY, False),
    ],
)  # fmt: skip
def test_a_position_is_read_with_its_organisation(
    text: str, person: str, title: str, owner: tuple[str, int | None], *, former: bool
) -> None:
    assert stated(text) == [(person, title, *owner, former)]


@pytest.mark.parametrize(
    "text",
    [
        "Jane Roe is a friend of Intel.",
        "Jane Roe, 54, lives in Hong Kong.",
        "Jane Roe told Intel that the chairman was late.",
        "Intel and Jane Roe met a director.",
        "Shares of Intel fell, Jane Roe said.",
        "The company named Jane Roe as chairman.",  # which company?
        # denied, supposed, asked
        "Jane Roe is not the chief executive of Intel any more.",
        "If Jane Roe became chief executive of Intel, shares would rise.",
        "Jane Roe could become chief executive of Intel.",
        "Jane Roe may be named chief executive of Intel.",
        "Jane Roe will be named chief executive of Intel.",
        "Jane Roe, who could become chairman of Intel, spoke.",
        "Jane Roe, not the chairman of Intel, spoke.",
        "Jane Roe, widely tipped as chairman of Intel, spoke.",
        "He denied that Jane Roe was chairman of Intel.",
        "Is it true that Jane Roe is chairman of Intel?",
        "Perhaps Jane Roe is chairman of Intel.",
        "If Intel named Jane Roe chief executive, shares would rise.",
        # another body than the one that owns it
        "The president of Toyota's union, Jane Roe, spoke.",
        "Jane Roe, president of Toyota's union, spoke.",
        "Jane Roe, president of the Toyota union, spoke.",
        "Jane Roe, president of Toyota Germany, spoke.",
        "Jane Roe, chairman of Huawei's supervisory board, spoke.",
        "Jane Roe, head of Toyota's battery unit, spoke.",
        "Jane Roe, who heads Toyota's battery unit, spoke.",
        "Jane Roe, Toyota's union chief, spoke.",
        "A unit of Toyota, led by Jane Roe, rose.",
        "Jane Roe, an aide to the chairman of Intel, spoke.",
        "Jane Roe, who led a walk-out at Intel, spoke.",
        "Police chief Jane Roe spoke first.",
    ],
)
def test_what_states_no_position_gives_none(text: str) -> None:
    assert stated(text) == []


def test_a_title_at_two_organisations_is_two_positions() -> None:
    assert stated("Jane Roe, former chairman of Intel and Toyota, left.") == [
        ("Jane Roe", "chairman", *INTEL, True),
        ("Jane Roe", "chairman", *TOYOTA, True),
    ]
    assert stated("Jane Roe is chairman of Intel and Toyota is large.") == [
        ("Jane Roe", "chairman", *INTEL, False)
    ]


def test_a_name_with_an_ampersand_is_whole() -> None:
    assert stated("Jane Roe, who runs a chip desk at the brokerage Cheung & Pell, spoke.") == [
        ("Jane Roe", "head of chip desk", "Cheung & Pell", None, False)
    ]


def test_the_quote_ends_with_its_sentence_and_holds_the_organisation() -> None:
    text = "He met Jane Roe, head of electronics at Intel. Huawei was not there. Qualcomm was."
    (role,) = roles(text)
    assert (role.title, role.organization) == ("head of electronics", "Intel")
    assert role.quote == text[role.start : role.end] == "Jane Roe, head of electronics at Intel"


def test_an_organisation_of_the_next_sentence_is_not_taken() -> None:
    (role,) = roles("The speech was held by Jane Roe, the chairman. Intel fell.")
    assert (role.title, role.organization, role.organization_id) == ("chairman", "", None)


def test_people_that_are_known_are_given_by_their_id() -> None:
    (known,) = roles("Zhou Zixue, chairman of Intel, spoke first.")
    (unknown,) = roles("Jane Roe, chairman of Intel, spoke first.")
    assert (known.person_id, unknown.person_id) == (kb.ZHOU, None)


def test_positions_that_contradict_each_other_are_both_kept() -> None:
    text = "Jane Roe, chairman of Intel, spoke first. Intel's chairman is John Smith. Jane Roe, chairman of Toyota, left."
    assert stated(text) == [
        ("Jane Roe", "chairman", *INTEL, False),
        ("John Smith", "chairman", *INTEL, False),
        ("Jane Roe", "chairman", *TOYOTA, False),
    ]


def test_a_position_that_is_said_twice_at_one_place_is_given_once() -> None:
    assert stated("Intel chairman Jane Roe, chairman of Intel, spoke first.") == [
        ("Jane Roe", "chairman", *INTEL, False)
    ]


def test_offsets_are_those_of_the_text_as_given() -> None:
    text = "It rained.\r\n\r\n\u201cYes,\u201d  said Jane Roe,\u00a0chairman  of Intel."
    (role,) = roles(text)
    assert text[role.start : role.end] == role.quote
    assert role.quote.startswith("Jane Roe")
    assert role.quote.endswith("Intel")


GOVERNMENTS = build_lexicon(
    [
        LexiconEntity(1, "chile", "Chile", "place", country="CL", prominence=0.9),
        LexiconEntity(
            2, "government-of-chile", "Government of Chile", "public_body", country="CL", prominence=0.9
        ),
        LexiconEntity(3, "chilean-copper", "Chilean Copper", "company", country="CL", prominence=0.9),
    ],
    [LexiconAlias(2, "Chilean government", "short")],
    related=[],
    version=1,
)


@pytest.mark.parametrize(
    ("text", "title", "former"),
    [
        ("Chile Prime Minister Jane Roe spoke first.", "Prime Minister", False),
        ("Chilean President Jane Roe spoke first.", "President", False),
        ("Former Chilean President Jane Roe spoke first.", "President", True),
        ("Chile's president Jane Roe spoke first.", "president", False),
        ("Chile's former president Jane Roe spoke first.", "president", True),
        ("But Chile's finance minister, Jane Roe, left.", "finance minister", False),
    ],
)
def test_who_governs_a_country_is_of_its_government(text: str, title: str, *, former: bool) -> None:
    (role,) = link_text("", text, GOVERNMENTS, language="en").roles
    assert (role.person, role.title, role.organization_id, role.former) == ("Jane Roe", title, 2, former)
    assert role.organization == "Government of Chile"
    assert role.quote.removeprefix("Former ").startswith("Chile")


@pytest.mark.parametrize(
    "text", ["President Jane Roe spoke first.", "Chilean director Jane Roe spoke first."]
)
def test_no_government_is_read_where_no_post_of_a_country_is_named(text: str) -> None:
    roles = link_text("", text, GOVERNMENTS, language="en").roles
    assert [r.organization_id for r in roles] == [None]


def test_former_holds_two_organisations_of_one_title_together() -> None:
    found = roles("Former Intel and Toyota chairman Jane Roe spoke first.")
    assert {(r.organization, r.former) for r in found} == {("Intel", True), ("Toyota", True)}


def test_without_former_the_name_before_the_and_is_somebody_elses() -> None:
    found = roles("Analysts at Intel and Toyota chairman Jane Roe spoke first.")
    assert {(r.person, r.organization) for r in found} == {("Jane Roe", "Toyota")}
