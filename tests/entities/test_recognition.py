"""Names are found as whole words, by the case they are written in, the longest first."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.names import prepare
from entities.recognition import find_names
from entities.sentences import split_sentences
from entities.types import LexiconAlias, LexiconEntity
from tests.entities.names_for_tests import small_lexicon

LEXICON = small_lexicon()


def found(text: str) -> list[str]:
    prepared = prepare(text)
    hits = find_names(prepared.plain, prepared.scan, LEXICON, split_sentences(prepared.plain))
    return [text[slice(*prepared.source_span(h.start, h.end))] for h in hits]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Shares of Intel Corp. rose", ["Intel Corp."]),
        ("shares of intel rose", []),
        ("Shares of INTEL rose", ["INTEL"]),
        ("Intelligence and Intels", []),
        ("The SMIC plant", ["SMIC"]),
        ("The Smic plant", []),
        ("a visit to China Semiconductor Industry Association", ["China Semiconductor Industry Association"]),
        ("Shanghai Fudan Microelectronics Group Co. surged", ["Shanghai Fudan Microelectronics Group Co."]),
        ("the Hong Kong-listed firm", ["Hong Kong"]),
        ("U.S.-China trade", ["U.S.", "China"]),
        ("Intel's and Intel\u2019s plans", ["Intel", "Intel"]),
        ("Intel.com and Target-Rich", []),
        ("Nestl\u00e9 and Nestle", ["Nestl\u00e9", "Nestle"]),
        ("eBay sold. EBay bought. ebay", ["eBay", "EBay"]),
        ("BANK OF AMERICA AND INTEL TO MERGE IN CHINA", ["BANK OF AMERICA", "INTEL", "CHINA"]),
        ("\u636e\u62a5\u9053\uff0c\u534e\u4e3a\u53d1\u5e03\u4e86\u65b0\u624b\u673a", ["\u534e\u4e3a"]),
        ("Huawei Technologies Co., Ltd. said", ["Huawei Technologies Co., Ltd."]),
    ],
)
def test_it_finds_what_is_written_as_a_name(text: str, names: list[str]) -> None:
    assert found(text) == names


def test_an_index_has_no_legal_form() -> None:
    lexicon = build_lexicon(
        [
            LexiconEntity(1, "quill-average", "Quill Average", "other"),
            LexiconEntity(2, "quill", "Quill Inc.", "company"),
        ],
        [LexiconAlias(1, "Quill", "short"), LexiconAlias(2, "Quill Inc.", "legal")],
    )
    for text, owners in (("the Quill fell", {1, 2}), ("at Quill Inc. it fell", {2})):
        prepared = prepare(text)
        (hit,) = find_names(prepared.plain, prepared.scan, lexicon, split_sentences(prepared.plain))
        assert {row.entity_id for row in hit.rows} == owners
