"""Names are found as whole words, by the case they are written in, the longest first."""

from __future__ import annotations

import pytest

from entities.compiled import Lexicon
from entities.names import prepare
from entities.recognition import (
    casing_of,
    find_larger_names,
    find_names,
    find_tickers,
    split_sentences,
    ticker_key,
)
from tests.entities.names_for_tests import HUAWEI, SMIC, small_lexicon

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


def test_a_lexicon_that_lives_on_copied_bytes_finds_the_same() -> None:
    copy = Lexicon({name: memoryview(bytes(section)) for name, section in LEXICON.sections.items()})
    prepared = prepare("SMIC and Huawei")
    hits = find_names(prepared.plain, prepared.scan, copy, split_sentences(prepared.plain))
    assert {row.entity_id for hit in hits for row in hit.rows} >= {SMIC, HUAWEI}
    assert copy.version == LEXICON.version


@pytest.mark.parametrize(
    ("text", "ticker", "mics"),
    [
        ("Intel (NASDAQ: INTC) rose", "INTC", {"XNAS"}),
        ("SMIC, 0981.HK, fell", "0981", {"XHKG"}),
        ("Foundry 688981.SH", "688981", {"XSHG"}),
        ("Johnson <JNJ.N> said", "JNJ", {"XNYS"}),
        ("Tencent (HKG: 700)", "700", {"XHKG"}),
        ("all about $AAPL today", "AAPL", {"XNAS", "XNYS", "XASE"}),
    ],
)
def test_it_reads_tickers_as_news_writes_them(text: str, ticker: str, mics: set[str]) -> None:
    (hit,) = find_tickers(text, LEXICON)
    assert hit.ticker == ticker
    assert hit.mics == mics


def test_numbers_and_prices_are_no_tickers() -> None:
    assert find_tickers("It cost $5.20 and US$300 on 12.5.2020, ratio 3: ABC, note: SEE", LEXICON) == []


def test_tickers_compare_without_leading_zeros() -> None:
    assert ticker_key("0981") == ticker_key("981")
    assert ticker_key("BRK.B") == ticker_key("BRK-B")


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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("He joined Acme Widget Holdings Ltd. in May", ["Acme Widget Holdings Ltd."]),
        ("said John Casey of Casey Widget & Co yesterday", ["John Casey", "Casey Widget & Co"]),
        ("they met at Zhejiang Semiconductor Association in May", ["Zhejiang Semiconductor Association"]),
        ("the Ministry of Commerce said", ["Ministry of Commerce"]),
        ("when Michelle Pfeiffer sang", ["Michelle Pfeiffer"]),
        ("First Albany Corp. fell", ["First Albany Corp."]),
    ],
)
def test_it_sees_names_that_nobody_told_it(text: str, names: list[str]) -> None:
    assert [text[n.start : n.end] for n in find_larger_names(text, split_sentences(text))] == names
