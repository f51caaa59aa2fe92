"""No payload is alive in what the parser returns, whichever field, format and reader it came through."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html import escape
from html.parser import HTMLParser

import pytest

from articles.ingest.limits import FeedLimits
from articles.ingest.opml import Outline, read_opml, write_opml
from articles.ingest.parse import parse_feed
from articles.ingest.sanitize import _ATTRIBUTES, _TAGS
from articles.types import ParsedEntry, ParsedFeed
from tests.faults.payloads import PAYLOADS, active_parts
from tests.shared_data import shared

LIMITS = FeedLimits()
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ALLOWED = {name for names in _ATTRIBUTES.values() for name in names} | {"rel", "lang"}


class Checker(HTMLParser):
    """The standard library's reader of HTML, which knows nothing of the cleaner's: what it sees that could act."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name not in _ALLOWED:
                self.found.append(f"{tag} {name}")
            if name == "href" and not re.match(r"(?:https?:|mailto:)", value or "", re.IGNORECASE):
                self.found.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("instruction")


def alive(markup: str) -> list[str]:
    """What of the markup could act, by two readers that do not know each other."""
    checker = Checker()
    checker.feed(markup)
    checker.close()
    return [*checker.found, *active_parts(markup)]


def rss(payloads: Sequence[str]) -> bytes:
    items = "".join(
        f"<item><guid>{x}</guid><title>{x}</title><link>{x}</link><author>{x}</author><dc:creator>{x}</dc:creator>"
        f"<category>{x}</category><source url='{x}'>{x}</source><description>{x}</description>"
        f"<content:encoded>&lt;p&gt;before {x} after&lt;/p&gt;</content:encoded></item>"
        for x in (escape(_NOT_XML.sub("", payload)) for payload in payloads)
    )
    head = escape(_NOT_XML.sub("", payloads[0]))
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{head}</title><link>{head}</link><language>{head}</language>{items}</channel></rss>"
    ).encode("utf-8", "replace")


def broken_rss(payloads: Sequence[str]) -> bytes:
    """The same with raw controls and without its end, so that feedparser reads it."""
    return rss(payloads).replace(b"before ", b"before \x00\x08").replace(b"</channel></rss>", b"&nbsp;")


def atom(payloads: Sequence[str]) -> bytes:
    entries = "".join(
        f"<entry><id>{x}</id><title type='html'>{x}</title><link href='{x}'/><author><name>{x}</name><email>{x}</email></author>"
        f"<category term='{x}' label='{x}'/><summary type='text'>{x}</summary><content type='html'>{x}</content></entry>"
        for x in (escape(_NOT_XML.sub("", payload)) for payload in payloads)
    )
    head = escape(_NOT_XML.sub("", payloads[0]))
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>{head}</title><link rel='hub' href='{head}'/>"
        f"<link rel='self' href='{head}'/>{entries}</feed>"
    ).encode("utf-8", "replace")


def json_feed(payloads: Sequence[str]) -> bytes:
    items = [
        {
            "id": x,
            "url": x,
            "title": x,
            "content_html": f"<p>before {x} after</p>",
            "summary": x,
            "authors": [{"name": x}],
            "tags": [x],
        }
        for x in payloads
    ]
    head = payloads[0]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head,
        "home_page_url": head,
        "feed_url": head,
        "hubs": [{"type": "WebSub", "url": head}],
        "items": items,
    }
    return json.dumps(document).encode()


WRITERS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "rss": rss,
    "broken rss": broken_rss,
    "atom": atom,
    "json": json_feed,
}


def check(feed: ParsedFeed) -> None:
    for link in (feed.link, feed.hub_url, feed.self_url):
        assert_address(link)
    for text in (feed.title, feed.language):
        assert_text(text)
    for entry in feed.entries:
        check_entry(entry)


def check_entry(entry: ParsedEntry) -> None:
    for markup in (entry.summary_html, entry.content_html):
        assert alive(markup) == [], markup
    for link in (entry.url, entry.source_url):
        assert_address(link)
    for text in (
        entry.guid,
        entry.title,
        entry.published_raw,
        entry.source_name,
        *entry.authors,
        *entry.categories,
    ):
        assert_text(text)


def assert_address(link: str) -> None:
    assert link == "" or re.fullmatch(r"https?://[^\s<>\"'`]+", link.replace("'", "")), link


def assert_text(text: str) -> None:
    """Text that a page escapes: it is on one line, can be stored, and stays text in an attribute."""
    text.encode("utf-8")
    assert "\n" not in text
    assert not re.search("[\x00-\x1f\x7f\u202a-\u202e]", text), text
    assert alive(f'<p title="{escape(text)}">{escape(text)}</p>') == [], text


@pytest.mark.parametrize("writer", WRITERS)
def test_none_of_ours_is_alive(writer: str) -> None:
    assert len(PAYLOADS) >= 60
    feed = parse_feed(WRITERS[writer](PAYLOADS), url="https://feed.example/", limits=LIMITS)
    assert len(feed.entries) == len(PAYLOADS)
    check(feed)
    for payload in PAYLOADS:
        check(parse_feed(WRITERS[writer]([payload]), url="https://feed.example/", limits=LIMITS))


@pytest.mark.parametrize("writer", WRITERS)
def test_none_of_the_shared_list_is_alive(writer: str) -> None:
    payloads = shared("security/xss-payloads.txt").read_text("utf-8").split("\n")
    assert len(payloads) > 1000
    for start in range(0, len(payloads), 200):
        part = payloads[start : start + 200]
        feed = parse_feed(WRITERS[writer](part), url="https://feed.example/", limits=LIMITS)
        assert len(feed.entries) == len(part)
        check(feed)


def test_none_is_alive_in_a_list_of_feeds() -> None:
    payloads = [*PAYLOADS, *(shared("security/xss-payloads.txt").read_text("utf-8").split("\n"))]
    legal = [_NOT_XML.sub("", payload) for payload in payloads]
    body = "".join(
        f'<outline text="{x}" title="{x}" xmlUrl="{x}" htmlUrl="{x}" category="{x}" language="{x}"/>'
        for x in (escape(payload) for payload in legal)
    )
    outlines = read_opml(f'<opml version="2.0"><body>{body}</body></opml>'.encode())
    assert len(outlines) == sum(bool(payload.strip()) for payload in legal)
    for outline in outlines:
        assert_outline(outline)
    # Written again they are still attributes and nothing else.
    assert len(read_opml(write_opml("<script>", outlines).encode())) >= 1


def assert_outline(outline: Outline) -> None:
    for text in (outline.title, outline.folder, outline.language, *outline.tags):
        text.encode("utf-8")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text), text


def test_the_checker_sees_what_is_alive() -> None:
    for payload in (
        "<script>x</script>",
        "<a href='javascript:x'>y</a>",
        "<p onclick=x>y</p>",
        "<!--x-->",
        "<img src=x>",
    ):
        assert alive(payload) != []
    assert alive('<p><a href="https://a.example/" rel="nofollow">x</a></p>') == []
