"""The door to the language model: what it calls names, where, and that nothing in a text breaks it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from entities.ner import ner_model_name, read_names
from entities.types import NamedSpan


def names(text: str, title: str = "", language: str = "en") -> list[tuple[str, str]]:
    """The words of each span in their field, with the label."""
    read = read_names([(title, text)], language)
    assert read is not None
    fields = {"title": title, "text": text}
    return [(fields[span.field][span.start : span.end], span.label) for span in read[0]]


def test_it_reads_names_in_titles_and_texts() -> None:
    read = read_names([("Intel names a chairman", "Frank Yeary will lead the board in California.")], "en")
    assert read is not None
    assert NamedSpan("title", 0, 5, "ORG") in read[0]
    assert NamedSpan("text", 0, 11, "PERSON") in read[0]
    assert NamedSpan("text", 35, 45, "GPE") in read[0]


def test_it_keeps_each_text_of_a_batch_apart() -> None:
    read = read_names(
        [("", "Angela Merkel spoke in Berlin."), ("", "nothing here"), ("", "Tokyo was quiet.")], "en"
    )
    assert read is not None
    assert [len(spans) for spans in read] == [2, 0, 1]
    assert read[2] == [NamedSpan("text", 0, 5, "GPE")]


def test_its_offsets_are_those_of_the_given_text() -> None:
    text = "\U0001f600 \u201cIt\u2019s over,\u201d said Angela\u00a0Merkel\u2019s aide \u2014 in Berlin."
    found = names(text)
    assert ("Berlin", "GPE") in found
    assert any("Merkel" in words for words, _ in found)


def test_it_reads_a_name_on_both_sides_of_a_wrapped_line() -> None:
    assert ("Angela\nMerkel", "PERSON") in names(
        "The office of Chancellor Angela\nMerkel in Berlin was closed."
    )


def test_long_texts_are_cut_and_read_to_their_end() -> None:
    text = "The committee met again and spoke for hours.\n" * 600 + "Angela Merkel was in Berlin."
    found = names(text)
    assert ("Angela Merkel", "PERSON") in found
    assert ("Berlin", "GPE") in found


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "\x00", "\ud800 lone \udfff", "a" * 50_000, "\u200b" * 100, "\u202eevil", "\U0010ffff"],
    ids=["empty", "blank", "lines", "nul", "surrogates", "one word", "zero width", "direction", "last"],
)
def test_no_text_breaks_it(text: str) -> None:
    read = read_names([(text, text)], "en")
    assert read is not None
    assert all(0 <= span.start < span.end <= len(text) for span in read[0])


def test_it_says_nothing_of_other_languages() -> None:
    assert read_names([("", "Angela Merkel sprach in Berlin.")], "de") is None
    assert read_names([("", "Angela Merkel spoke in Berlin.")], "en-GB") is not None


def test_a_text_of_unknown_language_is_read_as_the_models_own() -> None:
    assert read_names([("", "Angela Merkel spoke in Berlin.")], "") is not None


def test_set_to_nothing_no_model_runs(settings: Any) -> None:
    settings.NER_MODEL = ""
    assert ner_model_name() == ""
    assert read_names([("", "Angela Merkel spoke in Berlin.")], "en") is None


def test_a_model_that_is_not_installed_is_named_and_done_without(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.NER_MODEL = "xx_not_installed_here"
    with caplog.at_level(logging.WARNING):
        assert read_names([("", "Angela Merkel spoke in Berlin.")], "en") is None
    assert "'xx_not_installed_here'" in caplog.text
    assert "NEWSDESK_NER_MODEL" in caplog.text
