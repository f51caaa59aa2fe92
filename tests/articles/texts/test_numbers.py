"""Numbers as people write them: money, shares, dates, times, scores, in figures and words of many languages."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from articles.texts.numbers import Number, numbers_in


def said(text: str) -> list[tuple[str, str, str]]:
    """Each number as (as written, sort, value and unit)."""
    found = numbers_in(text)
    for one in found:
        assert text[one.start : one.end] == one.text
    return [(one.text, one.sort, f"{worth(one)} {one.unit}".strip()) for one in found]


def worth(number: Number) -> str:
    return "/".join(f"{part:f}" if isinstance(part, Decimal) else str(part) for part in number.value)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("at least 12 people and 1,234 homes", [("12", "count", "12"), ("1,234", "count", "1234")]),
        ("1.234.567 and 1 234 567 and 12,34,567", [
            ("1.234.567", "count", "1234567"), ("1 234 567", "count", "1234567"), ("12,34,567", "count", "1234567"),
        ]),
        ("10\u202f000 Menschen, 10’000 Franken", [("10\u202f000", "count", "10000"), ("10’000 Franken", "money", "10000 CHF")]),
        ("0.5, 0,25 and 3.14159", [("0.5", "count", "0.5"), ("0,25", "count", "0.25"), ("3.14159", "count", "3.14159")]),
        ("1,234.56 and 1.234,56", [("1,234.56", "count", "1234.56"), ("1.234,56", "count", "1234.56")]),
        ("$5 million, US$5bn, £1.5m", [
            ("$5 million", "money", "5000000 USD"), ("US$5bn", "money", "5000000000 USD"), ("£1.5m", "money", "1500000 GBP"),
        ]),
        ("5 Mio. Euro und 3,5 Milliarden Euro", [
            ("5 Mio. Euro", "money", "5000000 EUR"), ("3,5 Milliarden Euro", "money", "3500000000 EUR"),
        ]),
        ("HK$3.2 billion, R$ 10, A$7", [
            ("HK$3.2 billion", "money", "3200000000 HKD"), ("R$ 10", "money", "10 BRL"), ("A$7", "money", "7 AUD"),
        ]),
        ("EUR 5m, 20 USD, 30 €", [("EUR 5m", "money", "5000000 EUR"), ("20 USD", "money", "20 USD"), ("30 €", "money", "30 EUR")]),
        ("1,5 млрд рублей", [("1,5 млрд рублей", "money", "1500000000 RUB")]),
        ("5 won gold and 50,000 won", [("5", "count", "5"), ("50,000 won", "money", "50000 KRW")]),
        ("Rs 500 crore", [("Rs 500 crore", "money", "5000000000 Rs")]),
        ("a 5 million-euro deal for 50 cents", [("5 million-euro", "money", "5000000 EUR"), ("50 cents", "money", "50 cent")]),
        ("5%, 5 per cent, 5,5 Prozent, 5 pour cent", [
            ("5%", "percent", "5 %"), ("5 per cent", "percent", "5 %"), ("5,5 Prozent", "percent", "5.5 %"),
            ("5 pour cent", "percent", "5 %"),
        ]),
        ("0.25 percentage points or 25 basis points", [
            ("0.25 percentage points", "percent", "0.25 pp"), ("25 basis points", "percent", "25 bp"),
        ]),
        ("fell -5% to −3 degrees", [("-5%", "percent", "-5 %"), ("−3", "count", "-3")]),
        ("on 12 March 2026, March 13, 3rd of May", [
            ("12 March 2026", "date", "12/3/2026"), ("March 13", "date", "13/3/None"), ("3rd of May", "date", "3/5/None"),
        ]),
        ("am 11. März, le 1er mai 2026, el 3 de mayo de 2026", [
            ("11. März", "date", "11/3/None"), ("1er mai 2026", "date", "1/5/2026"), ("3 de mayo de 2026", "date", "3/5/2026"),
        ]),
        ("2026-03-11, 11.03.2026 and 2026年3月11日", [
            ("2026-03-11", "date", "11/3/2026"), ("11.03.2026", "date", "11/3/2026"), ("2026年3月11日", "date", "11/3/2026"),
        ]),
        ("at 9:30 pm, 21:30, 9am, 14h05", [
            ("9:30 pm", "time", "21/30"), ("21:30", "time", "21/30"), ("9am", "time", "9/0"), ("14h05", "time", "14/5"),
        ]),
        ("won 3-2, 10–12 people, 10-12%", [
            ("3-2", "pair", "3/2"), ("10–12", "pair", "10/12"), ("10-12%", "pair", "10/12 %"),
        ]),
        ("Twelve men, twenty-five women, two hundred homes", [
            ("Twelve", "count", "12"), ("twenty-five", "count", "25"), ("two hundred", "count", "200"),
        ]),
        ("zwölf, trois, cuatro, двух", [
            ("zwölf", "count", "12"), ("trois", "count", "3"), ("cuatro", "count", "4"), ("двух", "count", "2"),
        ]),
        ("地震で三人、1億2000万円、十二人", [
            ("三", "count", "3"), ("1億2000万円", "money", "120000000 JPY"), ("十二", "count", "12"),
        ]),
        ("３人が死亡", [("３", "count", "3")]),
        ("a 16-year-old, 20km and the 1990s", [("16", "count", "16"), ("20km", "count", "20 km"), ("1990s", "count", "1990 s")]),
    ],
)  # fmt: skip
def test_it_reads_numbers(text: str, numbers: list[tuple[str, str, str]]) -> None:
    assert said(text) == numbers


@pytest.mark.parametrize(
    "text",
    ["The A320 and the F-16", "COVID-19", "G7 and 5G", "version 1.2.3", "a/321_4", "一般に", "nothing here", "user@123", "", "someone"],
)  # fmt: skip
def test_names_are_no_numbers(text: str) -> None:
    assert said(text) == []


def test_a_word_that_may_be_an_article_is_weak() -> None:
    assert [one.weak for one in numbers_in("One person and two dogs, ein Mann, un homme, one million people")] == [
        True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12", "twelve"), ("1,200", "1200"), ("1.2 million", "1,200,000"), ("$5bn", "$5 billion"), ("5%", "5 per cent"),
        ("5.0%", "5%"), ("12 March", "12 March 2026"), ("March 12", "12 Mar 2026"), ("21:30", "9:30 p.m."), ("20km", "20"),
        ("5 Mio. Euro", "€5m"), ("5 million", "$5 million"), ("3-2", "3–2"), ("1,2", "1.2"),
    ],
)  # fmt: skip
def test_the_same_number_written_otherwise_is_worth_the_same(one: str, other: str) -> None:
    (first,), (second,) = numbers_in(one), numbers_in(other)
    assert first.is_worth(second)
    assert second.is_worth(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12", "15"), ("3-2", "2-3"), ("$5", "€5"), ("5%", "5 percentage points"), ("12 March 2025", "12 March 2026"),
        ("5 million", "5 billion"), ("9 am", "9 pm"), ("20km", "20kg"), ("5%", "$5"), ("-5", "5"),
    ],
)  # fmt: skip
def test_other_numbers_are_not(one: str, other: str) -> None:
    (first,), (second,) = numbers_in(one), numbers_in(other)
    assert not first.is_worth(second)
    assert not second.is_worth(first)


def test_no_two_numbers_overlap() -> None:
    text = "On 12.03.2026 at 9.30am 1,200-1,300 people paid $5.5bn (5%) for 三人 and 3-2-1, 10:30:15, 1,2,3 and 2026-03-99."
    found = numbers_in(text)
    assert found
    assert all(one.end <= other.start for one, other in pairwise(found))
