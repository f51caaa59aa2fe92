"""What an article is compared by."""

from __future__ import annotations

import math

import pytest

from articles.events.features import (
    NAME_MARK,
    Frequencies,
    NameLink,
    features_of,
    names_of,
    shard_of,
    stem,
    weigh,
    words_of,
)


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
    vectors = weigh(features_of("Bridge cables", "Bridge cables crack in Tessin."), frequencies)
    assert vectors["title"]["cable"] > vectors["title"]["bridge"]
    for vector in vectors.values():
        assert math.fsum(weight**2 for weight in vector.values()) == pytest.approx(1.0)


def test_everyday_words_weigh_less_before_anything_was_counted() -> None:
    frequencies = Frequencies()
    assert frequencies.idf("government") < frequencies.idf("bridge")
    assert frequencies.idf("bridge") > 0


def test_frequencies_never_weigh_below_nothing() -> None:
    frequencies = Frequencies({"government": 10_000_000}, articles=5)
    assert frequencies.idf("government") == 0.0


def test_an_article_without_any_word_has_empty_vectors() -> None:
    vectors = weigh(features_of("?!", "..."), Frequencies())
    assert all(not vector for vector in vectors.values())


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["A" * 500_000, "A." * 250_000, "A b " * 100_000, "Aa Of " * 80_000, "中" * 300_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    assert features_of(text, text).length in {"headline", "short", "full"}
