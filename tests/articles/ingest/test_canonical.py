"""Addresses of one text come out equal, addresses of two do not."""

from __future__ import annotations

import pytest

from articles.ingest.canonical import absolute_url, canonical_url, host_of, url_sha256


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://News.Example:80/a/../b", "http://news.example/b"),
        ("https://news.example:443", "https://news.example/"),
        ("https://news.example:8443/x", "https://news.example:8443/x"),
        ("https://news.example/a#part", "https://news.example/a"),
        ("https://news.example/a?utm_source=x&id=7&fbclid=y", "https://news.example/a?id=7"),
        ("https://news.example/a?b=2&a=1", "https://news.example/a?b=2&a=1"),
        ("https://news.example/%7eme/%e4%b8%ad", "https://news.example/~me/%E4%B8%AD"),
        ("https://news.example/中 文", "https://news.example/%E4%B8%AD%20%E6%96%87"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://user:secret@news.example/", "https://news.example/"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
        ("javascript:alert(1)", ""),
        ("ftp://news.example/", ""),
        ("/only/a/path", ""),
        ("https://", ""),
        ("https://news.example:99999/", ""),
        ("https://exa mple/", ""),
        ("https://a.example/" + "x" * 3000, ""),
        ("", ""),
    ],
)
def test_it_gives_an_address_its_plainest_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_a_canonical_address_is_its_own_canonical_address() -> None:
    once = canonical_url("HTTPS://News.Example/a b/%C3%bc/?q=x y&utm_medium=z#f")
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    "other",
    [
        "http://news.example/a",
        "https://www.news.example/a",
        "https://news.example/a/",
        "https://news.example/a?utm_x=1",
    ],
)
def test_spellings_of_one_address_have_one_key(other: str) -> None:
    assert url_sha256(other) == url_sha256("https://news.example/a")


@pytest.mark.parametrize(
    "other", ["https://news.example/b", "https://news.example/a?id=1", "https://m.news.example/a"]
)
def test_other_addresses_have_other_keys(other: str) -> None:
    assert url_sha256(other) != url_sha256("https://news.example/a")


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("../c", "https://news.example/c"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("?q=1", "https://news.example/a/b?q=1"),
        ("mailto:x@y.example", ""),
        ("data:text/html,x", ""),
        (" https://b.example/x ", "https://b.example/x"),
    ],
)
def test_it_resolves_a_link(href: str, url: str) -> None:
    assert absolute_url(href, "https://news.example/a/b") == url


def test_it_names_the_host() -> None:
    assert host_of("https://News.Example:8080/x") == "news.example"
    assert host_of("nonsense") == ""
