"""Tickers are read in the ways that news writes them; amounts and ratios are none."""

from __future__ import annotations

import pytest

from entities.compiled import ticker_key
from entities.tickers import find_tickers
from tests.entities.names_for_tests import QUALCOMM, SMIC, small_lexicon

LEXICON = small_lexicon()


@pytest.mark.parametrize(
    ("text", "ticker", "mics"),
    [
        ("Intel (NASDAQ: INTC) rose", "INTC", {"XNAS"}),
        ("SMIC, 0981.HK, fell", "0981", {"XHKG"}),
        ("Foundry 688981.SH", "688981", {"XSHG"}),
        ("Johnson <JNJ.N> said", "JNJ", {"XNYS"}),
        ("Tencent (HKG: 700)", "700", {"XHKG"}),
        ("Novo Nordisk (CPH: NOVO-B)", "NOVO-B", {"XCSE"}),
        ("Novo Nordisk (CPH: NOVO B)", "NOVO B", {"XCSE"}),
        ("a maker of liquor (000858.SZ)", "000858", {"XSHE"}),
        ("all about $AAPL today", "AAPL", {"XNAS", "XNYS", "XASE"}),
    ],
)
def test_it_reads_tickers_as_news_writes_them(text: str, ticker: str, mics: set[str]) -> None:
    (hit,) = find_tickers(text, LEXICON)
    assert hit.ticker == ticker
    assert hit.mics == mics


def test_numbers_and_prices_are_no_tickers() -> None:
    assert (
        find_tickers("It cost $5.20 and US$300 on 12.5.2020, ratio 3: ABC, note: SEE, $A 20", LEXICON) == []
    )


def test_tickers_compare_without_leading_zeros() -> None:
    assert ticker_key("0981") == ticker_key("981")
    assert ticker_key("BRK.B") == ticker_key("BRK-B")


def test_a_ticker_means_who_is_listed_so_on_that_market() -> None:
    (hit,) = find_tickers("SMIC (HKG: 981) fell", LEXICON)
    assert hit.found == ((SMIC, "XHKG"),)
    (other,) = find_tickers("It is (ASX: QCOM) there", LEXICON)
    assert other.found == ()
    (home,) = find_tickers("It is (NASDAQ: QCOM) here", LEXICON)
    assert {owner for owner, _ in home.found} == {QUALCOMM}


def test_the_span_with_its_brackets_is_told_apart_from_the_ticker() -> None:
    text = "Intel (NASDAQ: INTC) rose"
    (hit,) = find_tickers(text, LEXICON)
    assert text[hit.start : hit.end] == "INTC"
    assert text[hit.outer_start : hit.outer_end] == "(NASDAQ: INTC)"
