"""Market lines: which two show two companies, and which are one company's."""

import pytest

from entities.lines import Line, may_be_one, other_lines


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("INTC", "INTC"),
        ("FCNCA", "FCNC.A"),
        ("INDU-A", "INDU-C"),
        ("GOOG", "GOOGL"),
        ("PETR3", "PETR4"),
        ("4197", "SIME"),
    ],
)
def test_tickers_that_may_be_one_companys(one: str, other: str) -> None:
    assert may_be_one(one, other)
    assert may_be_one(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2479", "3446"), ("FBNC", "FBP"), ("T", "TM"), ("MLTM", "MLTH"), ("A0004Y0", "489730")],
)
def test_tickers_of_two_companies(one: str, other: str) -> None:
    assert not may_be_one(one, other)
    assert not may_be_one(other, one)


def test_two_that_trade_in_one_country_under_other_tickers_are_two() -> None:
    found = other_lines([Line("JP", "2479")], [Line("JP", "3446"), Line("US", "JTC")])
    assert found == (Line("JP", "2479"), Line("JP", "3446"))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([Line("HK", "6818")], [Line("CN", "601818")]),
        ([Line("CA", "AEM")], [Line("CA", "AGN"), Line("CA", "AEM")]),
        ([Line("", "AEM")], [Line("", "AGN")]),
        ([], [Line("CN", "601818")]),
    ],
)
def test_lines_abroad_one_ticker_in_common_or_none_show_nothing(ours: list[Line], theirs: list[Line]) -> None:
    assert other_lines(ours, theirs) is None
