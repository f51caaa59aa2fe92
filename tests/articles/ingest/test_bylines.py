"""Bylines: people stay, agencies, desks, accounts and titles go."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from articles.ingest.bylines import people_of
from articles.ingest.extract import extract_page
from tests.articles.ingest.author_gold import GOLD
from tests.shared_data import shared


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        ("By Ana Reyes and Tom Berg", ("Ana Reyes", "Tom Berg")),
        ("By Ana Reyes, Tom Berg, and Li Wei | COAST COURIER", ("Ana Reyes", "Tom Berg", "Li Wei")),
        ("Ana Reyes, Associated Press", ("Ana Reyes",)),
        ("ANA REYES Associated Press", ("ANA REYES",)),
        ("Ana Reyes - Staff Writer 2019-11-18", ("Ana Reyes",)),
        ("Ana B. Reyes, MS, RD", ("Ana B. Reyes",)),
        ("Bruce Y. Long", ("Bruce Y. Long",)),
        ("Par Zoé Martin", ("Zoé Martin",)),
        ("Von Jan van der Berg", ("Jan van der Berg",)),
        ("Автор: Ирина Петрова", ("Ирина Петрова",)),
        ("記者王小明／即時報導", ("王小明",)),
        ("Ana Reyes. Coast Courier", ("Ana Reyes",)),
        ("Reuters", ()),
        ("Coast Courier", ()),
        ("coastcourier.com", ()),
        ("Coast Courier Staff", ()),
        ("Newsroom desk", ()),
        ("jdadmin", ()),
        ("https://www.example.com/ana", ()),
        ("PTI", ()),
        ("", ()),
    ],
)
def test_only_people_are_left_of_a_byline(raw: str, people: tuple[str, ...]) -> None:
    assert people_of([raw], ["Coast Courier"]) == people


def test_one_person_named_twice_is_named_once() -> None:
    assert people_of(["Ana Reyes", "By ANA REYES"]) == ("Ana Reyes",)


PAGE = """<html><head><title>Harbour reopens</title>{head}</head><body class="has-sidebar"><h1>Harbour reopens</h1>
{byline}<article>{text}</article><div class="comments"><span class="comment-author">Troll King</span></div></body></html>"""
TEXT = (
    "<p>The harbour opened again on Monday after four days of wind, its master said in a statement.</p>" * 6
)


@pytest.mark.parametrize(
    ("head", "byline", "authors"),
    [
        (
            '<meta name="author" content="Coast Courier">',
            '<p class="byline">By Ana Reyes</p>',
            ("Ana Reyes",),
        ),
        ("", "<p>By Ana Reyes</p>", ("Ana Reyes",)),
        ("", '<span class="meta-author">Ana Reyes</span>', ("Ana Reyes",)),
        ("", "", ()),
    ],
)
def test_a_person_is_found_where_the_page_names_one(head: str, byline: str, authors: tuple[str, ...]) -> None:
    page = PAGE.format(
        head=head + '<meta property="og:site_name" content="Coast Courier">', byline=byline, text=TEXT
    )
    assert extract_page(page, url="https://courier.example.com/1").authors == authors


def test_three_quarters_of_the_pages_that_name_a_person_give_exactly_those() -> None:
    root = shared("extraction")
    pages = {
        hashlib.sha256(page.encode()).hexdigest()[:12]: (
            root / f"scrapinghub/html/{page}.html.gz",
            told["url"],
        )
        for page, told in json.loads((root / "scrapinghub/ground-truth.json").read_text()).items()
    } | {
        hashlib.sha256(told["file"].encode()).hexdigest()[:12]: (
            root / f"mediacloud/html/{told['file']}.gz",
            url,
        )
        for url, told in json.loads((root / "mediacloud/gold.json").read_text()).items()
    }
    right = 0
    for key, names in GOLD.items():
        path, url = pages[key]
        found = extract_page(gzip.decompress(path.read_bytes()), url=url).authors
        right += sorted(name.casefold() for name in found) == sorted(name.casefold() for name in names)
    assert right >= 0.75 * len(GOLD)


@pytest.mark.parametrize(
    "raw", ["November 18", "Reuters, November 18, 2026", "18. November", "May 3rd", "By AFP, 3 March"]
)
def test_a_date_that_an_agency_leaves_behind_is_nobody(raw: str) -> None:
    assert people_of([raw]) == ()


def test_a_digit_inside_of_a_name_is_part_of_it() -> None:
    assert people_of(["Jennifer 8Lee"]) == ("Jennifer 8Lee",)
