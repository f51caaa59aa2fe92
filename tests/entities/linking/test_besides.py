"""What stands in a text besides the names to follow is told when asked for, and counts for nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import (
    Decision,
    FoundMention,
    LexiconAlias,
    LexiconEntity,
    LinkedText,
    NamedSpan,
    NameRule,
)
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()
GOVERNMENT, ICELAND, QUIST = 1, 2, 3
NORTHERN = build_lexicon(
    [
        LexiconEntity(
            GOVERNMENT, "government-of-iceland", "Government of Iceland", "public_body", country="IS"
        ),
        LexiconEntity(ICELAND, "iceland", "Iceland", "place", country="IS"),
        LexiconEntity(QUIST, "orla-quist", "Orla Quist", "person", country="IS", prominence=0.9),
    ],
    [LexiconAlias(GOVERNMENT, "Icelandic government", "short")],
)


def spans(text: str, *names: tuple[str, str]) -> list[NamedSpan]:
    """The model's spans: each (words, label) at the first place where the words stand."""
    return [NamedSpan("text", text.index(w), text.index(w) + len(w), label) for w, label in names]


def linked(text: str, *names: tuple[str, str], **more: object) -> LinkedText:
    return link_text("", text, LEXICON, language="en", spans=spans(text, *names), besides=True, **more)  # type: ignore[arg-type]


def told(result: LinkedText, form: str) -> list[tuple[str, str]]:
    """(words, kind) of the mentions of a form."""
    return [(m.text, m.kind) for m in result.besides if m.form == form]


def test_it_is_told_only_when_asked_for() -> None:
    text = "The Vindelians met."
    found = spans(text, ("Vindelians", "NORP"))
    assert link_text("", text, LEXICON, language="en", spans=found).besides == ()
    assert told(linked(text, ("Vindelians", "NORP")), "besides") == [("Vindelians", "other")]


@pytest.mark.parametrize("words", ["Icelandic", "Icelandics"])
def test_the_people_of_a_country_are_linked_to_it_and_count_for_nothing(words: str) -> None:
    text = f"The {words} won again, and the {words} sang."
    result = link_text("", text, NORTHERN, language="en", spans=spans(text, (words, "NORP")), besides=True)
    assert [(m.text, m.kind, m.status, m.entity_id) for m in result.besides] == [
        (words, "place", "linked", ICELAND)
    ] * 2
    assert {m.why[0].words for m in result.besides} == {"people and things of Iceland"}
    assert result.mentions == ()
    assert result.salience == ()


@pytest.mark.parametrize(
    ("words", "label", "kind"),
    [
        ("Vindel Games", "EVENT", "other"),
        ("A Boat of Salt", "WORK_OF_ART", "other"),
        ("Vindelian", "LANGUAGE", "other"),
        ("Cleveland", "GPE", "place"),
    ],
)
def test_events_works_languages_and_plain_places_that_the_model_sees(
    words: str, label: str, kind: str
) -> None:
    text = f"They spoke of {words} there."
    assert told(linked(text, (words, label)), "besides") == [(words, kind)]


def test_a_plain_word_that_the_model_takes_for_a_firm_is_none() -> None:
    assert told(linked("They spoke of Growth there.", ("Growth", "ORG")), "besides") == []


def test_names_in_lines_of_the_page_are_told_and_nobody_is_asked() -> None:
    text = "Intel Corp. rose on Monday after a long day of trade.\n\nFollow us: Vindel Press\n"
    result = linked(text, ("Vindel Press", "ORG"))
    assert [m.text for m in result.mentions] == ["Intel Corp."]
    assert told(result, "besides") == [("Vindel Press", "organization")]


def test_what_is_written_as_a_name_is_told_where_the_model_saw_none() -> None:
    result = linked("They met Maria Vindel on the Orne Express.")
    assert told(result, "besides") == [("Maria Vindel", "person"), ("Orne Express", "other")]


@pytest.mark.parametrize(
    "text", ["An electric boat (EB) sank. The EB burnt.", "Two electric boats (EBs) sank. The EB burnt."]
)
def test_an_acronym_of_ordinary_words_is_no_name(text: str) -> None:
    result = linked(text, ("EB", "ORG"))
    assert (result.mentions, result.besides) == ((), ())


def test_words_that_people_said_to_name_nothing_are_not_told() -> None:
    text = "They met on the Orne Express."
    assert told(linked(text), "besides") == [("Orne Express", "other")]
    assert linked(text, decisions=[Decision("Orne Express", None, "ada")]).besides == ()
    assert linked(text, rules=[NameRule(1, "Orne Express", None, "ada")]).besides == ()


def test_no_mention_of_any_form_stands_over_another() -> None:
    text = 'Maria Vindel of Intel Corp. met the Vindelian Maria Brenner, M.D. "I am glad," she said to the Orne Express.'
    result = linked(
        text, ("Maria Vindel", "PERSON"), ("Vindelian Maria Brenner", "PERSON"), ("Vindelian", "NORP")
    )
    ordered = sorted((m.start, m.end) for m in (*result.mentions, *result.besides))
    assert len(ordered) > 4
    assert all(a[1] <= b[0] for a, b in pairwise(ordered))


def test_another_language_has_no_english_pronouns_or_capitals() -> None:
    text = "Der Vindel und die Brenner. I war her."
    assert link_text("", text, LEXICON, language="de", besides=True).besides == ()


def pronouns(text: str, *names: tuple[str, str]) -> list[FoundMention]:
    return [m for m in linked(text, *names).besides if m.form == "pronoun"]


def test_a_pronoun_has_the_status_and_the_entity_of_the_name_that_it_stands_for() -> None:
    (he,) = pronouns("Joe Biden spoke on Monday. He left.")
    assert (he.text, he.kind, he.status, he.entity_id) == ("He", "person", "linked", kb.BIDEN)
    assert he.why[0].words == "He = Joe Biden"
    (she,) = pronouns("Maria Vindel spoke on Monday. She left.", ("Maria Vindel", "PERSON"))
    assert (she.kind, she.status, she.entity_id, she.label) == ("person", "proposed", None, "Maria Vindel")


def test_a_surname_that_the_model_misreads_is_the_person_named_in_full() -> None:
    text = "Viktor al-Vindel spoke. Later al-Vindel left. He slept."
    found = [
        NamedSpan("text", 0, 16, "PERSON"),
        NamedSpan("text", text.index("Later") + 9, text.index(" left"), "ORG"),
    ]
    result = link_text("", text, LEXICON, language="en", spans=found, besides=True)
    assert [(m.text, m.kind, m.label) for m in result.mentions] == [
        ("Viktor al-Vindel", "person", "Viktor al-Vindel"),
        ("al-Vindel", "person", "Viktor al-Vindel"),
    ]
    assert [m.why[0].words for m in result.besides] == ["He = Viktor al-Vindel"]


def test_one_word_that_only_the_model_takes_for_a_person_is_meant_by_no_pronoun() -> None:
    assert pronouns("Quillon lies by the sea. She left.", ("Quillon", "PERSON")) == []


def test_a_known_firm_is_linked_by_its_name_alone() -> None:
    assert pronouns("Intel Corp. sold its boats.") == []
    (its,) = pronouns("Vindel Partners sold its boats.", ("Vindel Partners", "ORG"))
    assert (its.text, its.kind, its.status) == ("its", "organization", "proposed")


def test_offsets_are_those_of_the_text_as_it_was_given() -> None:
    text = (
        "\U0001f680  Joe\u00a0 Biden   spoke.\n\n\n\u201cI\u2019m  glad,\u201d he said of the Orne  Express."
    )
    result = link_text("", text, LEXICON, language="en", besides=True)
    assert [m.text for m in result.besides] == [text[m.start : m.end] for m in result.besides]
    assert {m.text for m in result.besides} >= {"he", "I"}
