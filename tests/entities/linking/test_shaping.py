"""Unknown names are read in their whole extent, and stay known by their own words."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import Decision, LexiconAlias, LexiconEntity, NamedSpan
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()


@pytest.mark.parametrize(
    ("text", "seen", "label", "written"),
    [
        ("They asked Maria Vindel, DDS about it.", "Maria Vindel", "PERSON", "Maria Vindel, DDS"),
        (
            "They asked Maria Vindel, Ph.D., MBA about it.",
            "Maria Vindel",
            "PERSON",
            "Maria Vindel, Ph.D., MBA",
        ),
        ("They asked Maria Vindel, MDX about it.", "Maria Vindel", "PERSON", "Maria Vindel"),
        ("The prize went to DJ Maria Vindel there.", "DJ Maria Vindel", "PERSON", "Maria Vindel"),
        ("A flood hit Vindelton, Ohio on Monday.", "Vindelton", "GPE", "Vindelton, Ohio"),
        ("A flood hit Vindelton, Washington on Monday.", "Vindelton", "GPE", "Vindelton"),
        ("A flood hit Vindelton, OH on Monday.", "Vindelton", "GPE", "Vindelton, OH"),
        ("A flood hit Vindelton, OHM on Monday.", "Vindelton", "GPE", "Vindelton"),
        ("A flood hit Vindelton County on Monday.", "Vindelton", "GPE", "Vindelton County"),
        ("They won the 1999 Vindel Cup at last.", "Vindel Cup", "ORG", "1999 Vindel Cup"),
        ("In 1999 Vindel Partners fell.", "Vindel Partners", "ORG", "Vindel Partners"),
        (
            "The Ministry of Ports and Trade agreed.",
            "Ministry of Ports",
            "ORG",
            "Ministry of Ports and Trade",
        ),
        ("The Ministry of Ports and Congress agreed.", "Ministry of Ports", "ORG", "Ministry of Ports"),
        ("The ex-mayor of al-Vindela left.", "al-Vindela", "GPE", "al-Vindela"),
        ("The pro-Vindela crowd left.", "pro-Vindela", "GPE", "Vindela"),
        ("Post to Vindel Post to Brenner", "Vindel Post", "ORG", "Vindel"),
        ("They read the Vindel Post on trains.", "Vindel Post", "ORG", "Vindel Post"),
    ],
)
def test_it_reads_the_whole_name(text: str, seen: str, label: str, written: str) -> None:
    at = text.index(seen)
    spans = [NamedSpan("text", at, at + len(seen), label)]
    found = [
        m for m in link_text("", text, LEXICON, language="en", spans=spans).mentions if m.status == "proposed"
    ]
    assert [m.text for m in found] == [written]


def test_a_proposal_is_made_for_the_name_alone() -> None:
    text = "They asked Maria Vindel, DDS about it."
    (found,) = link_text("", text, LEXICON, spans=[NamedSpan("text", 11, 23, "PERSON")]).mentions
    assert (found.text, found.label) == ("Maria Vindel, DDS", "Maria Vindel")


@pytest.mark.parametrize("degree", ["M.D", "Ph.D.", "DDS"])
def test_a_degree_alone_is_no_name(degree: str) -> None:
    text = f"Her {degree} helped."
    spans = [NamedSpan("text", 4, 4 + len(degree), "ORG")]
    assert link_text("", text, LEXICON, language="en", spans=spans).mentions == ()


def test_a_known_party_takes_in_the_word_for_it() -> None:
    lexicon = build_lexicon(
        [LexiconEntity(1, "vindel-party", "Vindel Party", "organization", prominence=0.9)],
        [LexiconAlias(1, "Vindel", "short")],
    )
    text = "Voters of the Vindel party left; the Vindel partygoers and Vindel parties stayed."
    found = link_text("", text, lexicon, language="en").mentions
    assert [m.text for m in found if m.status == "linked"] == ["Vindel party", "Vindel", "Vindel"]


def test_what_people_decided_stays_as_they_marked_it() -> None:
    text = "Voters of the Vindel party left."
    for entity_id in (kb.INTEL, 999_999):  # the second one came into being after the names were compiled
        (found,) = link_text("", text, LEXICON, decisions=[Decision("Vindel", entity_id, "ada")]).mentions
        assert (found.text, found.entity_id) == ("Vindel", entity_id)


def test_what_the_university_of_a_state_is_called() -> None:
    text = "The Iowa State coach left. The Iowa State Police stayed."
    spans = [NamedSpan("text", 4, 8, "GPE"), NamedSpan("text", 31, 35, "GPE")]
    result = link_text("", text, LEXICON, language="en", spans=spans, besides=True)
    found = [(m.text, m.kind) for m in (*result.mentions, *result.besides)]
    assert ("Iowa State", "organization") in found
