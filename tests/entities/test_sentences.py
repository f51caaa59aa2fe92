"""Sentences are cut where they end, and headlines are told from them."""

from __future__ import annotations

from entities.sentences import casing_of, sentence_at, split_sentences


def test_sentences_do_not_end_at_abbreviations() -> None:
    text = "Intel Corp. rose. Qualcomm Inc. The U.S. firm fell. Mr. Roe of J. P. Ltd. left."
    sentences = [text[s.start : s.end].strip() for s in split_sentences(text)]
    assert sentences == [
        "Intel Corp. rose.",
        "Qualcomm Inc.",
        "The U.S. firm fell.",
        "Mr. Roe of J. P. Ltd. left.",
    ]


def test_it_tells_headlines_from_sentences() -> None:
    assert casing_of("China Chip Industry Group Says It'll Work With U.S. Counterpart") == "title"
    assert casing_of("CHINA CHIP GROUP TO WORK WITH U.S.") == "upper"
    assert casing_of("A Chinese group says it will work with Intel Corp.") == "normal"


def test_a_position_between_two_sentences_belongs_to_the_first() -> None:
    sentences = split_sentences("One fell. Two rose.")
    assert [sentence_at(sentences, at).start for at in (0, 8, 9, 10, 18, 99)] == [0, 0, 0, 10, 10, 10]
