"""What a page says about itself besides its text: address, dates, section, keywords, lead image; hostile values too."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import html as lxml_html

from articles.ingest.describing import describe
from articles.ingest.extract import extract_page
from articles.ingest.metadata import read_facts
from articles.ingest.sanitize import plain_text, text_of_html

URL = "https://www.coast.com/ports/2026/03/harbour-of-halvard-closed-77.html"
TEXT = (
    "<p>The harbour of Halvard was closed on Tuesday after four days of wind, its master said in a statement to the press.</p>"
    * 6
)


def _read(head: str = "", *, url: str = URL, top: str = "", lang: str = "en") -> SimpleNamespace:
    markup = (
        f"<html lang='{lang}'><head><title>Harbour of Halvard closed</title>{head}</head>"
        f"<body><h1>Harbour of Halvard closed</h1>{top}<article>{TEXT}</article></body></html>"
    )
    tree = lxml_html.document_fromstring(plain_text(markup))
    said = describe(
        tree, read_facts(tree), url=url, title="Harbour of Halvard closed", text=text_of_html(TEXT)
    )
    return SimpleNamespace(**said)


def _jsonld(**said: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **said})}</script>'


def _meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


class TestAddresses:
    """The canonical address and the others."""

    def test_the_pages_own_word_comes_first_with_the_forms_that_it_names(self) -> None:
        page = _read(
            "<link rel=canonical href='/77?utm_medium=x'><link rel=amphtml href='/77/amp'>"
            "<link rel=alternate media='only screen and (max-width: 640px)' href='https://m.coast.com/pocket/77'>"
        )
        assert page.canonical_url == "https://www.coast.com/77"
        assert page.other_urls == (
            ("canonical", "https://www.coast.com/77"),
            ("canonical", URL),
            ("amp", "https://www.coast.com/77/amp"),
            ("mobile", "https://m.coast.com/pocket/77"),
        )

    def test_what_open_graph_says_will_do_when_the_canonical_link_cannot_be_believed(self) -> None:
        page = _read(
            "<link rel=canonical href='https://courier.com/77'>" + _meta("og:url", "https://coast.com/77")
        )
        assert page.canonical_url == "https://coast.com/77"

    def test_a_silent_amp_page_stands_for_its_desktop_form(self) -> None:
        page = _read(url="https://amp.coast.com/harbour-of-halvard-closed/amp/?utm_source=x")
        assert page.canonical_url == "https://coast.com/harbour-of-halvard-closed/"
        assert page.other_urls[1] == ("amp", "https://amp.coast.com/harbour-of-halvard-closed/amp/")

    def test_a_silent_page_at_an_ordinary_address_has_that_alone(self) -> None:
        page = _read()
        assert page.canonical_url == ""
        assert page.other_urls == (("canonical", URL),)

    @pytest.mark.parametrize(
        "href",
        [
            "javascript:alert(1)",
            "https://courier.com/77",
            "https://www.coast.com/",
            "/ports/",
            "//[",
            "\x00",
            "x" * 9000,
        ],
    )
    def test_what_is_not_to_be_believed_is_left_out(self, href: str) -> None:
        page = _read(f"<link rel=canonical href='{href}'><link rel=amphtml href='{href}'>")
        assert page.canonical_url in {"", f"https://www.coast.com/ports/2026/03/{href}"[:0]}
        assert all("courier" not in url and "script" not in url for _, url in page.other_urls)

    def test_a_page_with_thousands_of_links_names_no_more_than_a_few_addresses(self) -> None:
        head = "".join(
            f"<link rel=amphtml href='/a{n}'><link rel=canonical href='/b{n}'>" for n in range(5000)
        )
        assert len(_read(head).other_urls) <= 4


class TestDates:
    """Publication and update."""

    def test_a_date_is_kept_as_it_was_written_with_its_origin_and_precision(self) -> None:
        page = _read(
            _jsonld(datePublished="2026-03-10T08:00:00+08:00", dateModified="2026-03-10T09:30:00+08:00")
        )
        assert page.published is not None
        assert page.published.isoformat() == "2026-03-10T08:00:00+08:00"
        assert (page.published_from, page.published_precision, page.published_raw) == (
            "jsonld", "time", "2026-03-10T08:00:00+08:00",
        )  # fmt: skip
        assert page.updated is not None
        assert (page.updated.isoformat(), page.updated_from) == ("2026-03-10T09:30:00+08:00", "jsonld")

    def test_a_day_alone_is_told_as_one(self) -> None:
        page = _read(_meta("article:published_time", "10 March 2026"))
        assert (page.published_from, page.published_precision, page.published_raw) == (
            "meta",
            "day",
            "10 March 2026",
        )

    @pytest.mark.parametrize(
        "same", ["2026-03-10T08:00:00Z", "2026-03-10T08:00:40Z", "2026-03-09T08:00:00Z", "never", ""]
    )
    def test_a_time_of_change_that_tells_of_none_is_left_out(self, same: str) -> None:
        page = _read(_jsonld(datePublished="2026-03-10T08:00:00Z", dateModified=same))
        assert (page.updated, page.updated_from) == (None, None)

    @pytest.mark.parametrize(
        "head",
        [
            _meta("article:modified_time", "2026-03-11T09:30:00Z"),
            _meta("og:updated_time", "2026-03-11T09:30:00Z"),
            "<meta itemprop='dateModified' content='2026-03-11T09:30:00Z'>",
        ],
    )
    def test_updates_stand_in_meta_elements_too(self, head: str) -> None:
        page = _read(_jsonld(datePublished="2026-03-10T08:00:00Z") + head)
        assert page.updated is not None
        assert (page.updated.isoformat(), page.updated_from) == ("2026-03-11T09:30:00+00:00", "meta")

    def test_a_marked_time_of_change_is_read(self) -> None:
        top = "<time class='entry-date published' datetime='2026-03-10T08:00:00Z'>10</time><time class='updated' datetime='2026-03-10T18:00:00Z'>10</time>"
        page = _read(top=top)
        assert page.published is not None
        assert page.updated is not None
        assert (page.published.hour, page.updated.hour) == (8, 18)

    @pytest.mark.parametrize("raw", ["1970-01-01T00:00:00Z", "31 Febtober 2026", "0001-01-01T00:00:00"])
    def test_what_is_no_possible_date_is_kept_as_it_was_written(self, raw: str) -> None:
        page = _read(_jsonld(datePublished=raw))
        assert (page.published, page.published_raw) == (None, raw)

    def test_a_possible_date_after_an_impossible_one_is_taken(self) -> None:
        page = _read(
            _jsonld(datePublished="0000-00-00") + _meta("article:published_time", "2026-03-10T08:00:00Z")
        )
        assert (page.published_from, page.published_raw) == ("meta", "2026-03-10T08:00:00Z")


class TestLabels:
    """Section, keywords, lead image, language."""

    @pytest.mark.parametrize(
        ("head", "section"),
        [
            (_jsonld(articleSection="Ports & Sea"), "Ports & Sea"),
            (_jsonld(articleSection=["Häfen", "Wirtschaft"]), "Häfen"),
            (_jsonld(articleSection="News, Ports"), "News"),
            (_meta("article:section", "經濟"), "經濟"),
            (_jsonld(articleSection="https://coast.com/ports"), ""),
            (_jsonld(articleSection={"name": "Порты"}), "Порты"),
            (_jsonld(articleSection="x" * 5000), ""),
            (_jsonld(articleSection=[[["a"]]]), ""),
            (_jsonld(articleSection=7), ""),
            ("", ""),
        ],
    )
    def test_the_section_is_a_short_label(self, head: str, section: str) -> None:
        assert _read(head).section == section

    @pytest.mark.parametrize(
        ("head", "keywords"),
        [
            (_jsonld(keywords="harbour, Ferries, harbour , HARBOUR"), ("harbour", "Ferries")),
            (_jsonld(keywords=["tag:harbour", " Fähre "]), ("tag:harbour", "Fähre")),
            (_meta("article:tag", "港口") + _meta("article:tag", "渡轮"), ("港口", "渡轮")),
            (_meta("news_keywords", "a; b | c"), ("a", "b", "c")),
            (_meta("keywords", "x" * 500 + ",kept"), ("kept",)),
            (_jsonld(keywords={"@id": 1}), ()),
        ],
    )
    def test_keywords_are_said_once_each(self, head: str, keywords: tuple[str, ...]) -> None:
        assert _read(head).keywords == keywords

    def test_no_more_keywords_are_read_than_anybody_looks_at(self) -> None:
        assert len(_read(_jsonld(keywords=[f"word {n}" for n in range(10_000)])).keywords) == 20
        assert len(_read(_meta("keywords", ",".join(f"word {n}" for n in range(10_000)))).keywords) == 20

    @pytest.mark.parametrize(
        ("head", "image"),
        [
            (_jsonld(image="/img/harbour.jpg"), "https://www.coast.com/img/harbour.jpg"),
            (_jsonld(image=[{"url": "https://cdn.example/h.jpg?w=1"}]), "https://cdn.example/h.jpg?w=1"),
            (_meta("og:image", "//cdn.example/h.jpg"), "https://cdn.example/h.jpg"),
            ("<link rel=image_src href='/h.jpg'>", "https://www.coast.com/h.jpg"),
            # Not the article's picture.
            (_meta("og:image", "https://coast.com/static/coast-logo.png"), ""),
            (_meta("og:image", "https://coast.com/favicon-96.png"), ""),
            (_jsonld(image="/a.png", publisher={"name": "Coast", "logo": {"url": "/a.png"}}), ""),
            (_meta("og:image", "javascript:alert(1)"), ""),
            (_meta("og:image", "data:image/png;base64,AAAA"), ""),
            (_jsonld(image={"url": {"url": 7}}), ""),
            # The first that is a picture.
            (
                _meta("og:image", "/logo.svg") + _meta("twitter:image", "/quay.jpg"),
                "https://www.coast.com/quay.jpg",
            ),
            (_meta("og:image", "/catalogs/ship.jpg"), "https://www.coast.com/catalogs/ship.jpg"),
        ],
    )
    def test_the_lead_image_is_a_web_address_and_not_the_sites_logo(self, head: str, image: str) -> None:
        assert _read(head).image_url == image

    def test_a_language_that_the_text_contradicts_is_not_believed(self) -> None:
        assert _read(lang="fr").language == "en"
        assert _read(lang="en-GB").language == "en"
        assert _read(lang="").language == "en"


def test_no_value_holds_what_the_database_cannot_take() -> None:
    nasty = "Por\x00ts\ud800 \u202eaes"
    page = extract_page(
        f"<html><head><meta name=section content='{nasty}'><meta name=keywords content='{nasty}'>"
        f"<meta name=author content='Ana\x00 Reyes'><meta name=date content='{nasty}'>"
        f"<link rel=canonical href='/a\x00b'><meta property='og:image' content='/i\x00.jpg'></head><body>{TEXT}</body></html>",
        url=URL,
    )
    stored = [
        page.section,
        *page.keywords,
        *page.authors,
        page.published_raw,
        page.canonical_url,
        page.image_url,
    ]
    assert not [text for text in stored if not text.isprintable()]
    assert page.section == "Ports aes"


def test_a_page_that_repeats_itself_without_end_is_read_in_no_time() -> None:
    head = "".join(
        _meta(name, "x, " * 500)
        for name in (
            "keywords",
            "article:tag",
            "article:section",
            "article:published_time",
            "og:image",
            "og:url",
            "author",
        )
        for _ in range(40)
    )
    head += _jsonld(
        author=[{"name": "A B" * 100}] * 1000,
        keywords=["k" * 200] * 1000,
        datePublished=["x" * 500] * 100,
        image=[["/x"]] * 5000,
        articleSection=["y" * 300] * 1000,
    )
    start = time.process_time()
    page = _read(head)
    assert time.process_time() - start < 6  # the sandbox's own limit; it takes a fraction of it
    assert page.keywords == ()  # none is as short as a keyword is


@pytest.mark.parametrize(("count", "raw"), [(1, "2026-03-10T22:00:00+09:00"), (2, "")])
def test_a_blogs_trackback_data_give_the_date_of_its_only_text(count: int, raw: str) -> None:
    told = "<!--<rdf:RDF><rdf:Description rdf:about='https://www.coast.com/77' dc:date=\"2026-03-10T22:00:00+09:00\" /></rdf:RDF>-->"
    page = extract_page(f"<html><body><h1>Harbour closed</h1>{TEXT}{told * count}</body></html>", url=URL)
    assert page.published_raw == raw
