"""Whom a text credits."""

from __future__ import annotations

import time

import pytest

from articles.events.credits import Credit, credit_of, is_of, wire_of


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("TESSIN (Reuters) - The bridge is closed.", "Reuters"),
        ("(AP) — The bridge is closed.", "AP"),
        ("TESSIN, Norland, March 3 (The Associated Press) - The bridge is closed.", "AP"),
        ("BERLIN (dpa/AFP) – Die Brücke ist gesperrt.", "AFP"),
        ("Berlin/Tessin (dpa/nl) - Die Brücke ist gesperrt.", "dpa"),
        ("Paris, 3 mars 2026 (AFP) - Le pont est fermé.", "AFP"),
        ("Madrid, 3 mar (EFE).- El puente está cerrado.", "EFE"),
        ("MADRID, 3 Mar. (EUROPA PRESS) - El puente está cerrado.", "Europa Press"),
        ("(ANSA) - ROMA, 03 MAR - Il ponte è chiuso.", "ANSA"),
        ("МОСКВА, 3 марта. /ТАСС/. Мост закрыт.", "TASS"),
        ("МОСКВА, 3 мар - РИА Новости. Мост закрыт.", "RIA Novosti"),
        ("القاهرة - رويترز - أغلق الجسر", "Reuters"),
        ("新华社北京3月3日电 大桥关闭。", "Xinhua"),
        ("［東京　３日　ロイター］ - 橋は閉鎖された。", "Reuters"),
        ("【ワシントン共同】橋は閉鎖された。", "Kyodo"),
        ("(서울=연합뉴스) 홍길동 기자 = 다리가 폐쇄됐다.", "Yonhap"),
        ("TESSIN, March 3, 2026 /PRNewswire/ -- Skagen Steel said.", "PR Newswire"),
        ("TESSIN--(BUSINESS WIRE)--Skagen Steel said.", "Business Wire"),
        ("TESSIN, March 3, 2026 (GLOBE NEWSWIRE) -- Skagen Steel said.", "GlobeNewswire"),
        ("Bridge closed\n\nTESSIN (Reuters) - The bridge is closed.", "Reuters"),
    ],
)
def test_datelines_name_the_agency_in_many_languages(text: str, wire: str) -> None:
    assert credit_of(text) == Credit(wire, "dateline")


@pytest.mark.parametrize(
    ("byline", "wire"),
    [
        ("Reuters", "Reuters"),
        ("By Jane Doe, Associated Press", "AP"),
        ("Jane Doe of The Associated Press", "AP"),
        ("Jane Doe | AFP", "AFP"),
        ("Von Ada Lorn, dpa", "dpa"),
        ("路透社", "Reuters"),
    ],
)
def test_bylines_name_the_agency(byline: str, wire: str) -> None:
    assert credit_of("The bridge is closed.", byline) == Credit(wire, "byline")


@pytest.mark.parametrize("source", ["Reuters", "reuters.com", "Reuters via Coast Daily", "The Reuters"])
def test_the_source_that_a_feed_names_is_a_credit(source: str) -> None:
    assert credit_of("The bridge is closed.", "", source) == Credit("Reuters", "source")


@pytest.mark.parametrize(
    ("line", "wire"),
    [
        ("Xinhua", "Xinhua"),
        ("— Reuters", "Reuters"),
        ("(AFP)", "AFP"),
        ("Source: Reuters", "Reuters"),
        ("© 2026 The Associated Press. All rights reserved.", "AP"),
        ("(Reporting by Ann Lee in Tessin; Editing by Bo Li)", "Reuters"),
        ("This article was originally published on The Conversation under a licence.", "The Conversation"),
        ("This story first appeared in the Tessin Times.", "Tessin Times"),
    ],
)
def test_closing_lines_name_whose_text_it_is_also_when_the_cleaner_took_them_off(
    line: str, wire: str
) -> None:
    assert credit_of(f"The bridge is closed.\n\nFerries run.\n\n{line}") == Credit(wire, "closing line")
    assert credit_of("The bridge is closed.", removed=[line]) == Credit(wire, "closing line")


@pytest.mark.parametrize(
    ("text", "byline"),
    [
        ("The bridge is closed, people told Reuters on Monday.", ""),
        ("The bridge is closed.", "Ann AP Smith"),
        ("The bridge is closed.", "Ani Lorn"),
        ("The bridge is closed.", "Ani"),
        ("Shares of Bloomberg (AP) rose on Monday.", ""),
        ("The Pa - a river that nobody knows - is frozen.", ""),
        ("He said on Reuters - in his own words - that it is closed.", ""),
        ("", ""),
    ],
)
def test_a_name_in_a_sentence_is_no_credit(text: str, byline: str) -> None:
    assert credit_of(text, byline) is None


def test_a_publisher_is_known_as_an_agency_by_its_name_or_its_site() -> None:
    assert [wire_of(name) for name in ("The Associated Press", "apnews.com", "www.reuters.com", "新华社")] == [
        "AP", "AP", "Reuters", "Xinhua"
    ]  # fmt: skip
    assert [wire_of(name) for name in ("Tessin Times", "tt.com", "", "...", "Ani")] == [""] * 5
    assert is_of("Reuters", "Reuters")
    assert is_of("The Tessin Times", "Tessin Times")
    assert not is_of("Tessin Times", "Reuters")
    assert not is_of("", "")


def test_no_line_takes_long() -> None:
    begun = time.process_time()
    for line in (
        "(" * 100_000,
        "/ " * 50_000,
        "By " * 50_000,
        "first published on " * 20_000,
        "a - " * 50_000,
    ):
        credit_of(line, line[:2000], line[:2000], [line])
    assert time.process_time() - begun < 20
