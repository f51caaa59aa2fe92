"""What an article is compared by."""

from __future__ import annotations

import time

import pytest

from articles.events.features import (
    DAY_MARK,
    FIGURE_MARK,
    NAME_MARK,
    YEAR_MARK,
    NameLink,
    days_of,
    features_of,
    figures_of,
    names_of,
    shard_of,
    stem,
    words_of,
)
from articles.events.frequencies import Frequencies, term_key
from articles.events.vectors import SCALE, weigh


def _terms(text: str) -> list[str]:
    return [term for term, _ in words_of(text)]


@pytest.mark.parametrize(
    ("language", "shard"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_gb", "en"),
        ("zh-Hans", "zh"),
        ("", "und"),
        (None, "und"),
        ("12", "und"),
    ],
)
def test_the_shard_is_the_primary_language(language: str | None, shard: str) -> None:
    assert shard_of(language) == shard


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cables", "cable"),
        ("ferries", "ferry"),
        ("boxes", "box"),
        ("ministry's", "ministry"),
        ("census", "census"),
        ("glass", "glass"),
        ("gas", "gas"),
        ("1,200", "1,200"),
    ],
)
def test_plurals_and_possessives_lose_their_endings(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_words_leave_function_words_out_and_keep_numbers_and_accents() -> None:
    assert _terms("The minister’s 1,200 Cafés in São Paulo") == ["minister", "1,200", "café", "são", "paulo"]


def test_chinese_japanese_and_korean_become_pairs_of_characters() -> None:
    assert _terms("中国半导体 SMIC") == ["中国", "国半", "半导", "导体", "smic"]
    assert _terms("芯") == ["芯"]


def test_full_width_letters_count_as_their_plain_forms() -> None:
    assert (
        features_of("ＳＭＩＣ profits", "").counts["title"] == features_of("SMIC profits", "").counts["title"]
    )


def test_names_are_capitalised_phrases_but_not_a_word_that_opens_a_sentence() -> None:
    counts, labels = names_of(
        "Yesterday Mara Quint met Bank of Uvda officials. Talks failed. Then Quint's car left."
    )
    assert (
        set(counts) == {"@yesterday mara quint", "@bank of uvda", "@then quint"} or "@bank of uvda" in counts
    )
    assert "@talks" not in counts
    assert labels["@bank of uvda"] == "Bank of Uvda"


def test_a_known_name_counts_by_its_key_and_not_again_by_its_words() -> None:
    links = [NameLink("CSIA", "entity:7", "China Semiconductor Industry Association")]
    counts, labels = names_of("The group CSIA said that CSIA would meet SIA officials.", links)
    assert counts[NAME_MARK + "entity:7"] == 1
    assert "@csia" not in counts
    assert "@sia" in counts
    assert labels["@entity:7"] == "China Semiconductor Industry Association"


def test_the_first_line_stands_for_a_missing_title() -> None:
    features = features_of("", "Bridge closed\nLorries must wait.")
    assert set(features.counts["title"]) == {"bridge", "closed"}


@pytest.mark.parametrize(
    ("words", "length"), [(0, "headline"), (19, "headline"), (20, "short"), (80, "full")]
)
def test_the_length_class_counts_the_words_of_the_body(words: int, length: str) -> None:
    assert features_of("A title", "word " * words).length == length


def test_weights_are_unit_vectors_and_rare_terms_weigh_more() -> None:
    frequencies = Frequencies()
    for _ in range(50):
        frequencies.add(["bridge"])
    vector = weigh(features_of("Bridge cables", "Bridge cables crack in Tessin."), frequencies)
    weights = {
        (key, term): weight
        for key, term, weight in zip(vector.keys, vector.terms, vector.weights, strict=True)
    }
    title = 1
    cable, bridge = (weights[term_key(word) | title, word] for word in ("cable", "bridge"))
    assert cable > bridge
    told = vector.norms[vector.norms > 0]
    assert told == pytest.approx([SCALE] * len(told), rel=1e-4)
    assert len(told) >= 4


def test_figures_are_terms_of_their_own_but_for_years_and_single_digits() -> None:
    figures, labels = figures_of("It cost 1,200.5 crowns in 2011, 12 days later 7")
    assert set(figures) == {FIGURE_MARK + term for term in ("1200.5", "12")}
    assert labels[FIGURE_MARK + "1200.5"] == "1,200.5"
    assert set(features_of("iPhone 6 in 2026", "").counts["figures"]) == {FIGURE_MARK + "6"}


@pytest.mark.parametrize(
    ("text", "days", "years"),
    [
        ("on 3 March 2026", {"3-3"}, {"2026"}),
        ("Nov. 12, 2011", {"11-12"}, {"2011"}),
        ("December 11th", {"12-11"}, set()),
        ("May 2012", set(), {"2012"}),
        ("May 7 at 7: 30 pm", {"5-7"}, set()),
        ("2026-03-04", {"3-4"}, {"2026"}),
        ("2026年3月4日", {"3-4"}, {"2026"}),
        ("13月4日 and 2026-19-44", set(), {"2026"}),
        ("he may march 4 miles", set(), set()),
        ("last Thursday", set(), set()),
    ],
)
def test_days_and_years_that_are_named_outright_are_read(text: str, days: set[str], years: set[str]) -> None:
    assert set(days_of(text)[0]) == {DAY_MARK + term for term in days}
    assert set(features_of("", text).counts["years"]) == {YEAR_MARK + term for term in years}


def test_everyday_words_weigh_less_before_anything_was_counted() -> None:
    frequencies = Frequencies()
    assert frequencies.idf("government") < frequencies.idf("bridge")
    assert frequencies.idf("bridge") > 0


def test_frequencies_never_weigh_below_nothing() -> None:
    frequencies = Frequencies({"government": 10_000_000}, articles=5)
    assert frequencies.idf("government") == 0.0


def test_counts_are_the_same_whether_they_were_added_or_taken_from_a_table() -> None:
    terms = [f"term{number % 30_000}" for number in range(70_000)]
    added, taken = Frequencies(), Frequencies()
    for start in range(0, len(terms), 1_000):
        added.add(terms[start : start + 1_000])
    taken.take((f"term{number}", 3 if number < 10_000 else 2) for number in range(30_000))
    asked = ["term0", "term9999", "term10000", "term29999", "never"]
    assert added.counts(asked) == taken.counts(asked) == [3, 3, 2, 2, 0]
    taken.add(["never", "term0"])
    taken.take([("never", 4)])
    assert taken.counts(asked) == [4, 3, 2, 2, 5]


def test_an_article_without_any_word_has_an_empty_vector() -> None:
    vector = weigh(features_of("?!", "..."), Frequencies())
    assert len(vector.keys) == 0
    assert not vector.norms.any()


@pytest.mark.parametrize(
    "text", ["A" * 500_000, "A." * 250_000, "A b " * 100_000, "Aa Of " * 80_000, "中" * 300_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    begun = time.process_time()
    assert features_of(text, text).length in {"headline", "short", "full"}
    assert time.process_time() - begun < 10
