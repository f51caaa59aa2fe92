"""Markets and how each writes its tickers."""

import pytest
from iso10383 import MIC

from entities.models import Exchange
from entities.sources.exchanges import (
    MARKETS,
    MIC_OF_SUFFIX,
    load_exchanges,
    native_ticker,
    split_agency_ticker,
)


@pytest.mark.parametrize(
    ("written", "mic", "native"),
    [
        ("981", "XHKG", "0981"),
        ("0700", "XHKG", "0700"),
        ("BRK-B", "XNYS", "BRK.B"),
        ("BRK.A", "XNYS", "BRK.A"),
        ("BT.A", "XLON", "BT.A"),
        ("RR.", "XLON", "RR"),
        ("VOLV B", "XSTO", "VOLV-B"),
        ("A005930", "XKRX", "005930"),
        ("ALV", "XETR", "ALV"),
        ("AC *", "XMEX", "AC"),
        ("CEMEX CPO", "XMEX", "CEMEXCPO"),
        ("M&M", "XNSE", "M&M"),
        ("285a", "XTKS", "285A"),
    ],
)
def test_it_writes_a_ticker_as_its_exchange_does(written: str, mic: str, native: str) -> None:
    assert native_ticker(written, mic) == native


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("0981.HK", ("0981", "XHKG")),
        ("005930.KS", ("005930", "XKRX")),
        ("BT-A.L", ("BT.A", "XLON")),
        ("VOW3.DE", ("VOW3", "XETR")),
        ("AAPL", None),
        ("BRK.B", None),
        ("AIR.PA.DE", ("AIR.PA", "XETR")),
        (".HK", None),
    ],
)
def test_it_reads_the_suffix_of_an_agency_code(code: str, line: tuple[str, str] | None) -> None:
    assert split_agency_ticker(code) == line


def test_every_market_is_known_to_iso_10383_and_suffixes_are_unique() -> None:
    for mic in MARKETS:
        assert MIC[mic.lower()].value.mic == mic
    suffixes = [market.yahoo_suffix for market in MARKETS.values() if market.yahoo_suffix]
    assert len(suffixes) == len(set(suffixes)) == len(MIC_OF_SUFFIX)


@pytest.mark.django_db
def test_loading_markets_twice_writes_each_once() -> None:
    assert load_exchanges() == len(MARKETS)
    assert load_exchanges() == 0
    assert Exchange.objects.count() == len(MARKETS)
    tokyo = Exchange.objects.get(mic="XTKS")
    assert (tokyo.name, tokyo.country, tokyo.operating_mic) == ("Tokyo Stock Exchange", "JP", "XJPX")
    assert tokyo.source.startswith("ISO 10383")
