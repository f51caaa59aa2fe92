"""Sites and forms of addresses: what is one site, what is only the AMP or mobile form of a text, what is believed."""

from __future__ import annotations

import pytest

from articles.ingest.entries import address_sha256
from articles.ingest.sites import desktop_url, form_of, has_form, is_same_site, same_text_address, site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.tessin-times.co.uk/x", "tessin-times.co.uk"),
        ("https://news.tessin-times.co.uk/x", "tessin-times.co.uk"),
        ("https://ann.blogspot.com/x", "ann.blogspot.com"),
        ("https://tessin.example/x", "tessin.example"),
        ("https://www.tessin.example/x", "tessin.example"),
        ("http://127.0.0.1:8000/x", "127.0.0.1:8000"),
        ("http://[::1]:8000/x", "[::1]:8000"),
        ("http://localhost/x", "localhost"),
        ("https://zürich.example/x", "xn--zrich-kva.example"),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_site_is_what_one_can_register(url: str, site: str) -> None:
    assert site_of(url) == site


def test_neighbours_under_a_public_suffix_are_not_one_site() -> None:
    assert is_same_site("https://m.coast.co.uk/x", "https://coast.co.uk/y")
    assert not is_same_site("https://ann.blogspot.com/x", "https://bob.blogspot.com/x")
    assert not is_same_site("https://ann.co.uk/x", "https://bob.co.uk/x")
    assert not is_same_site("http://127.0.0.1:8000/x", "http://127.0.0.1:8001/x")
    assert not is_same_site("", "")


@pytest.mark.parametrize(
    ("url", "form", "desktop"),
    [
        ("https://amp.coast.com/x", "amp", "https://coast.com/x"),
        ("https://m.coast.com/x?id=3", "mobile", "https://coast.com/x?id=3"),
        ("https://mobile.coast.co.uk/x", "mobile", "https://coast.co.uk/x"),
        ("https://coast.com/x/amp", "amp", "https://coast.com/x"),
        ("https://coast.com/x/amp/", "amp", "https://coast.com/x/"),
        ("https://coast.com/x.amp.html", "amp", "https://coast.com/x.html"),
        ("https://coast.com/x-amp.html", "amp", "https://coast.com/x.html"),
        ("https://coast.com/amp/news/x", "amp", "https://coast.com/news/x"),
        ("https://coast.com/x?amp=1&id=3", "amp", "https://coast.com/x?id=3"),
        ("https://coast.com/x?outputType=amp", "amp", "https://coast.com/x"),
        ("https://coast-com.cdn.ampproject.org/c/s/coast.com/x", "amp", "https://coast.com/x"),
        ("https://www.google.com/amp/s/coast.com/x", "amp", "https://coast.com/x"),
        # A name that begins so, and words that only hold the letters.
        ("https://m.co/x", None, "https://m.co/x"),
        ("https://amp.co.uk/x", None, "https://amp.co.uk/x"),
        ("https://coast.com/lamp", None, "https://coast.com/lamp"),
        ("https://coast.com/camp-ampere?vamp=1", None, "https://coast.com/camp-ampere?vamp=1"),
        ("https://media.coast.com/x", None, "https://media.coast.com/x"),
        ("javascript:alert(1)", None, ""),
    ],
)
def test_forms_of_an_address_are_told_by_host_path_and_parameters(
    url: str, form: str | None, desktop: str
) -> None:
    assert (form_of(url), desktop_url(url)) == (form, desktop)
    assert has_form(url) or form is None


def test_an_article_stands_under_the_same_key_in_all_forms() -> None:
    forms = (
        "https://www.coast.com/x",
        "https://m.coast.com/x",
        "http://coast.com/x/amp/",
        "https://coast.com/x?amp=1&utm_source=y",
    )
    assert len({address_sha256(url) for url in forms}) == 1
    assert address_sha256("https://coast.com/y") != address_sha256("https://coast.com/x")


PAGE = "https://www.coast.com/ports/2026/03/harbour-of-halvard-closed-77.html"


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("/ports/2026/03/harbour-of-halvard-closed-77.html?utm_source=x#top", PAGE),
        ("https://coast.com/77", "https://coast.com/77"),
        ("//news.coast.com/77", "https://news.coast.com/77"),
        ("https://www.coast.com/?p=77", "https://www.coast.com/?p=77"),
        # Others' sites, and addresses that are given for every text.
        ("https://courier.com/77", ""),
        ("https://coast.com.courier.com/77", ""),
        ("https://coast.com@courier.com/77", ""),
        ("https://www.coast.com", ""),
        ("https://www.coast.com/index.html", ""),
        ("/ports/", ""),
        ("/ports/2026", "https://www.coast.com/ports/2026"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("", ""),
        ("http://[::1", ""),
        ("https://www.coast.com/" + "a" * 5000, ""),
    ],
)
def test_a_pages_word_for_its_address_holds_on_its_own_site_for_its_own_text(href: str, found: str) -> None:
    assert same_text_address(href, PAGE) == found


def test_a_subpage_may_name_the_text_above_it() -> None:
    story = "https://coast.com/ports/harbour-of-halvard-closed-again"
    for below in ("/amp", "/print", "/2", "/comments"):
        assert same_text_address(story, story + below) == story


def test_a_front_page_may_name_itself() -> None:
    assert same_text_address("https://coast.com/", "https://www.coast.com/index.html") == "https://coast.com/"


@pytest.mark.parametrize(
    ("href", "url", "believed"),
    [
        ("/news/", "https://coast.com/2026/03/05/storm", False),
        ("/news/", "https://coast.com/news/2026/storm", False),
        ("/world/europe/", "https://coast.com/2026/03/05/storm-closes-the-pier", False),
        ("/world-news/", "https://coast.com/2026/03/05/storm-closes-the-pier", False),
        ("/storm", "https://coast.com/2026/03/05/storm", True),
        ("/weather/storm/", "https://coast.com/2026/03/05/storm", True),
        ("/77", "https://coast.com/ports/2026/03/harbour-closed-77.html", True),
        ("/77/amp", "https://coast.com/ports/2026/03/harbour-closed-77.html", True),
        ("/storm-closes-the-northern-pier", "https://coast.com/2026/03/05/storm", True),
        ("/storm", "https://coast.com/?p=77", True),
    ],
)
def test_a_section_is_not_the_address_of_a_text(href: str, url: str, believed: bool) -> None:
    assert bool(same_text_address(href, url)) is believed
