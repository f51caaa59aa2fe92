"""Feeds of every format and in every state become clean entries, or a sentence."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from articles.errors import NotAFeedError, ParseFailedError
from articles.ingest.limits import FeedLimits
from articles.ingest.parse import parse_feed, unfit_parsers
from articles.ingest.policy import feed_limits_from_settings
from articles.types import ParsedEntry
from tests.shared_data import shared, unpacked


def _rss(item: str, head: str = "") -> bytes:
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>T</title>{head}<item>{item}</item></channel></rss>"
    ).encode()


def _entry(item: str, url: str = "https://feed.example/rss") -> ParsedEntry:
    return parse_feed(_rss(item), url=url).entries[0]


def test_it_reads_rss() -> None:
    feed = parse_feed(
        _rss(
            "<guid>g1</guid><title>Rates &amp;amp; rents</title><link>/a</link><dc:creator>Ann Li</dc:creator>"
            "<pubDate>Mon, 25 Jun 2018 10:00:00 EDT</pubDate><description>&lt;p&gt;Short&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>Long <a href='b'>text</a></p>]]></content:encoded>"
            "<category>World</category><category>World</category><source url='https://o.example/'>Other</source>",
            "<link>https://feed.example/</link><language>en-gb</language><ttl>30</ttl>",
        ),
        url="https://feed.example/rss",
    )
    assert (feed.format, feed.title, feed.link, feed.language, feed.ttl_minutes) == (
        "rss20",
        "T",
        "https://feed.example/",
        "en-gb",
        30,
    )
    assert feed.entries[0] == ParsedEntry(
        guid="g1",
        url="https://feed.example/a",
        title="Rates & rents",
        authors=("Ann Li",),
        published=datetime(2018, 6, 25, 14, tzinfo=UTC),
        published_raw="Mon, 25 Jun 2018 10:00:00 EDT",
        summary_html="<p>Short</p>",
        content_html='<p>Long <a href="https://feed.example/b" rel="noopener noreferrer nofollow">text</a></p>',
        categories=("World",),
        source_name="Other",
        source_url="https://o.example/",
    )


def test_it_reads_atom() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">A &amp;lt; B</title>
      <link rel="self" href="https://a.example/feed"/><link href="https://a.example/"/>
      <entry><id>urn:1</id><title type="text">x &lt;b&gt; y</title><link rel="alternate" href="one"/>
      <author><name>Ann</name></author><author><name>Bo</name></author>
      <updated>2020-01-02T03:04:05+01:00</updated><content type="text">3 &lt; 4

second</content></entry></feed>"""
    feed = parse_feed(body, url="https://a.example/dir/feed")
    entry = feed.entries[0]
    assert (feed.format, feed.title, feed.language) == ("atom", "A < B", "de")
    assert (entry.guid, entry.url, entry.authors) == ("urn:1", "https://a.example/dir/one", ("Ann", "Bo"))
    assert entry.published == entry.updated == datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert entry.content_html == "<p>3 &lt; 4</p>\n<p>second</p>"


def test_it_reads_rss_one() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title></channel>
      <item rdf:about="https://r.example/1"><title>One</title><link>https://r.example/1</link>
      <dc:date>2020-01-02</dc:date></item></rdf:RDF>"""
    feed = parse_feed(body)
    assert (feed.format, feed.entries[0].url) == ("rss10", "https://r.example/1")
    assert feed.entries[0].published == datetime(2020, 1, 2, tzinfo=UTC)


def test_it_reads_a_json_feed() -> None:
    feed = parse_feed(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "J",
                "home_page_url": "https://j.example/",
                "language": "fr",
                "authors": [{"name": "House"}],
                "items": [
                    {
                        "id": 7,
                        "url": "/seven",
                        "title": "Se\ud800ven",
                        "content_html": "<p onclick=x>Hi</p>",
                        "date_published": "2020-01-02T03:04:05Z",
                        "tags": ["a", 3],
                    },
                    {"id": "8", "content_text": "a < b", "authors": [{"name": "Ann"}]},
                    "junk",
                ],
            }
        ).encode(),
        url="https://j.example/feed.json",
    )
    seven, eight = feed.entries
    assert (feed.format, feed.title, feed.language) == ("json", "J", "fr")
    assert (seven.guid, seven.url, seven.title) == ("7", "https://j.example/seven", "Seven")
    assert (seven.authors, seven.content_html, seven.categories) == (("House",), "<p>Hi</p>", ("a",))
    assert (eight.authors, eight.content_html) == (("Ann",), "<p>a &lt; b</p>")
    assert feed.problems == ("Entry 3 is no JSON object and was left out.",)


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"", NotAFeedError, "empty"),
        (b"  \n", NotAFeedError, "empty"),
        (b"<!doctype html><html><title>Hello</title></html>", NotAFeedError, "web page"),
        (b"<!-- x --><html><body>Accept our cookies</body></html>", NotAFeedError, "web page"),
        (b"just words", NotAFeedError, "no feed"),
        (b'{"a": 1}', NotAFeedError, "no list named items"),
        (b'{"items": []}', NotAFeedError, "jsonfeed.org"),
        (b'{"items": [', ParseFailedError, "neither XML nor JSON"),
        (b"[" * 100_000, NotAFeedError, "no feed"),
        (b'{"a":' * 100_000, ParseFailedError, "neither XML nor JSON"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"/>', ParseFailedError, "DOCTYPE"),
        ('<!DOCTYPE r [<!ENTITY a "b">]><rss/>'.encode("utf-16"), ParseFailedError, "DOCTYPE"),
    ],
)
def test_it_says_what_is_wrong(body: bytes, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        parse_feed(body)


def test_it_refuses_a_tag_with_too_many_attributes() -> None:
    attributes = " ".join(f'a{number}="&gt;>"' for number in range(20_000))
    started = time.process_time()
    with pytest.raises(ParseFailedError, match="256 attributes"):
        parse_feed(_rss(f"<x {attributes}/><title>t</title>"))
    assert time.process_time() - started < 2


def test_a_long_tag_with_few_attributes_is_fine() -> None:
    assert _entry(f'<title>t</title><media:x xmlns:media="u" data="{"a=1&amp;" * 2000}"/>').title == "t"


def test_code_in_a_description_is_no_attribute_bomb() -> None:
    code = "<![CDATA[<script>" + "var a=1; " * 2000 + "</script><p>Text</p>]]>"
    assert _entry(f"<description>{code}</description>").summary_html == "<p>Text</p>"


def test_it_refuses_endless_nesting() -> None:
    with pytest.raises(ParseFailedError, match="deep"):
        parse_feed(b'<rss version="2.0"><channel>' + b"<a>" * 60_000)


def test_it_refuses_too_many_bytes() -> None:
    with pytest.raises(ParseFailedError, match="allowed"):
        parse_feed(_rss("x" * 2000), limits=FeedLimits(max_bytes=1000))


def test_it_reads_the_newest_of_too_many_entries() -> None:
    days = [3, 9, 1, 7]
    items = "".join(f"<item><guid>{day}</guid><pubDate>2020-01-0{day}</pubDate></item>" for day in days)
    feed = parse_feed(
        f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), limits=FeedLimits(max_entries=2)
    )
    assert [entry.guid for entry in feed.entries] == ["9", "7"]
    assert "only the newest 2" in feed.problems[0]


def test_entries_beyond_all_measure_are_not_even_looked_at() -> None:
    items = b"".join(b"<item><title>%d</title></item>" % number for number in range(60_000))
    feed = parse_feed(b'<rss version="2.0"><channel>' + items + b"</channel></rss>")
    assert len(feed.entries) == 2000
    assert not any("breaks the rules" in problem for problem in feed.problems)
    assert "60000 entries" in feed.problems[0]


def test_it_never_opens_a_file_that_the_bytes_name() -> None:
    with pytest.raises(NotAFeedError):
        parse_feed(b"/etc/passwd")


def test_junk_before_the_root_is_left_out() -> None:
    feed = parse_feed(b"<!-- a --><!-- b -->\n<?xml version='1.0'?>" + _rss("<title>t</title>"))
    assert [entry.title for entry in feed.entries] == ["t"]


def test_broken_xml_is_a_problem_and_not_a_failure() -> None:
    feed = parse_feed(_rss("<title>t</title><description>a & b <br></description>"))
    assert [entry.title for entry in feed.entries] == ["t"]
    assert "breaks the rules of XML" in feed.problems[0]


def test_nul_surrogates_and_illegal_references_are_taken_out() -> None:
    entry = _entry(
        "<guid>g</guid><title>a\x00b&#xD800;c&#0;d&#x1F600;</title><description>x&#55296;y</description>"
    )
    assert entry.title.replace("\ufffd", "") == "abcd😀"
    for text in (entry.title, entry.summary_html):
        text.encode("utf-8")
        assert "\x00" not in text


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://x.example/", "http://[", ""],
)
def test_only_web_links_stay(link: str) -> None:
    assert _entry(f"<title>t</title><link>{link}</link>", url="").url == ""


def test_titles_are_plain_text() -> None:
    assert (
        _entry("<title>&lt;img src=x onerror=alert(1)&gt;Hi &lt;b&gt;there&lt;/b&gt;</title>").title
        == "Hi there"
    )
    assert _entry("<title>5 &lt; 6 &amp; 7</title>").title == "5 < 6 & 7"
    assert len(_entry(f"<title>{'x' * 5000}</title>").title) == 1000


_STUMBLING = (
    '<psc:chapters xmlns:psc="http://podlove.org/simple-chapters"><psc:chapter title="x"/></psc:chapters>',
    "<textinput>",
    '<authors a="b"/>',
    "<pubDate>99999-99-99T99:99:99Z</pubDate>",
    "<links>x</links><link>/a</link>",
)


@pytest.mark.parametrize("scrap", _STUMBLING)
@pytest.mark.parametrize("flaw", ["", "&nbsp;"])
def test_one_bad_entry_never_sinks_the_feed(scrap: str, flaw: str) -> None:
    # With the flaw it is feedparser that reads, which raises over most of these.
    items = "</item><item>".join(
        f"<guid>{number}</guid>{scrap if number == 2 else ''}<title>t{flaw}</title>" for number in (1, 2, 3)
    )
    assert [entry.guid for entry in parse_feed(_rss(items)).entries] == ["1", "2", "3"]


def test_an_entry_that_makes_the_parser_fail_is_left_out_with_a_word() -> None:
    bad = '<p:chapters xmlns:p="http://podlove.org/simple-chapters"><p:chapter title="x"/></p:chapters>'
    feed = parse_feed(
        _rss(
            "</item><item>".join(
                f"<guid>{number}</guid><title>t&nbsp;</title>{bad if number in {2, 5} else ''}"
                for number in range(1, 8)
            )
        )
    )
    assert [entry.guid for entry in feed.entries] == ["1", "3", "4", "6", "7"]
    [(why, count, example)] = feed.skipped
    assert (why, count) == ("It cannot be read: TypeError.", 2)
    assert "<guid>2</guid>" in example
    assert "Entry 2 was left out: the parser failed." in feed.problems


def test_a_long_author_does_not_hang_the_parser() -> None:
    started = time.process_time()
    entry = _entry(f"<author>{'.' * 60_000}</author><title>t</title>")
    assert entry.title == "t"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("piece", ["&lt;!--", "&lt;a ", "&lt;div&gt;", "&amp;", "]]&gt;"])
def test_repeated_scraps_in_a_description_do_not_hang_it(piece: str) -> None:
    started = time.process_time()
    assert _entry(f"<title>t</title><description>{piece * 50_000}</description>").title == "t"
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("head", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>9999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 15),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 1440),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 60),
        ("<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 60),
        ("<ttl>90</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 90),
    ],
)
def test_it_reads_how_often_the_feed_wants_to_be_asked(head: str, minutes: int | None) -> None:
    assert parse_feed(_rss("<title>t</title>", head)).ttl_minutes == minutes


_RELATED = (
    '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="/own"/>'
    '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/a"/>'
    '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/b"/>'
)


@pytest.mark.parametrize("flaw", ["", "&nbsp;"])
def test_it_reads_where_the_feed_is_pushed_from(flaw: str) -> None:
    feed = parse_feed(_rss(f"<title>t{flaw}</title>", _RELATED), url="https://feed.example/rss")
    assert (feed.hub_url, feed.self_url) == ("https://hub.example/a", "https://feed.example/own")


@pytest.mark.parametrize("flaw", ["", "&nbsp;"])
def test_it_reads_which_entries_were_taken_back(flaw: str) -> None:
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
      <title>T{flaw}</title><at:deleted-entry ref="urn:8" when="2020-01-02T03:04:05Z"><at:by><name>A</name></at:by>
      </at:deleted-entry><at:deleted-entry when='2020' ref='a&amp;b'/><at:deleted-entry ref="urn:8"/>
      <entry><id>urn:1</id><title>t</title></entry></feed>"""
    feed = parse_feed(body.encode())
    assert feed.withdrawn == ("urn:8", "a&b")
    assert [entry.guid for entry in feed.entries] == ["urn:1"]


@pytest.mark.parametrize("flaw", ["", "&nbsp;"])
def test_it_reads_who_published_first(flaw: str) -> None:
    atom = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T{flaw}</title><entry><title>t</title><source><title>Other</title>
      <link rel="self" href="https://o.example/feed"/><link href="https://o.example/"/></source></entry></feed>"""
    entry = parse_feed(atom.encode()).entries[0]
    assert (entry.source_name, entry.source_url) == ("Other", "https://o.example/")
    rss = _rss(f"<title>t{flaw}</title><source url='https://o.example/feed'>Other</source>")
    entry = parse_feed(rss).entries[0]
    assert (entry.source_name, entry.source_url) == ("Other", "https://o.example/feed")


def test_relative_links_start_from_the_nearest_base() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://b.example/a/"><title>T</title>
      <entry><link href="one"/><content type="html" xml:base="/c/">&lt;a href="two"&gt;x&lt;/a&gt;</content></entry>
      <entry xml:base="https://d.example/"><link href="three"/></entry></feed>"""
    one, three = parse_feed(body, url="https://served.example/feed").entries
    assert one.url == "https://b.example/a/one"
    assert 'href="https://b.example/c/two"' in one.content_html
    assert three.url == "https://d.example/three"


def test_a_json_feed_tells_its_hub_and_what_was_left_out() -> None:
    items = [
        {"id": str(day), "title": f"story {day}", "date_published": f"2020-01-0{day}"} for day in (3, 9, 1)
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "feed_url": "/own.json",
        "hubs": [
            {"type": "rssCloud", "url": "https://no.example/"},
            {"type": "WebSub", "url": "https://hub.example/"},
        ],
        "authors": [{"name": "Ann"}, {"name": "Bo"}],
        "expired": True,
        "items": [*items, 7],
    }
    feed = parse_feed(
        json.dumps(document).encode(), url="https://j.example/f", limits=FeedLimits(max_entries=3)
    )
    assert (feed.hub_url, feed.self_url) == ("https://hub.example/", "https://j.example/own.json")
    assert [entry.guid for entry in feed.entries] == ["3", "9", "1"]
    assert feed.entries[0].authors == ("Ann", "Bo")
    assert feed.skipped == (("Only the newest 3 entries of an answer are read.", 1, "7"),)
    assert "ended" in feed.problems[0]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (_rss("<title>Žižek €5</title>"), "text/xml; charset=iso-8859-1"),
        (_rss("<title>Žižek €5</title>").decode().encode("utf-16"), "text/xml; charset=utf-8"),
        (_rss("<title>Žižek €5</title>").decode().encode("utf-16-be"), ""),
        (b"\xef\xbb\xbf" + _rss("<title>Žižek €5</title>"), ""),
        (_rss("<title>Žižek €5</title>").decode().encode("windows-1250"), "text/xml; charset=windows-1250"),
        (
            b"<?xml version='1.0' encoding='windows-1250'?>"
            + _rss("<title>Žižek €5</title>").decode().encode("windows-1250"),
            "text/xml",
        ),
        (b"<?xml version='1.0' encoding='utf-16'?>" + _rss("<title>Žižek €5</title>"), ""),
    ],
)
def test_letters_are_right_whatever_the_labels_say(body: bytes, content_type: str) -> None:
    assert parse_feed(body, content_type=content_type).entries[0].title == "Žižek €5"


def test_markup_in_utf_7_stays_text() -> None:
    body = b"<?xml version='1.0' encoding='utf-7'?>" + _rss(
        "<title>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</title><description>+ADw-img src=x onerror=x+AD4-</description>"
    )
    for content_type in ("text/xml; charset=utf-7", "text/xml"):
        entry = parse_feed(body, content_type=content_type).entries[0]
        assert entry.title == "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"
        assert "<" not in entry.summary_html


def test_the_parsers_are_new_enough_to_be_given_foreign_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unfit_parsers() == ""
    monkeypatch.setattr("articles.ingest.parse.LEAST_EXPAT", (99, 0, 0))
    assert "99.0.0 or newer is needed" in unfit_parsers()


def test_every_bound_of_a_feed_is_a_setting(settings: Any) -> None:
    for name, value in (
        ("FEED_MB", 3), ("FEED_ENTRIES", 4), ("FEED_TITLE", 55), ("FEED_TEXT_KB", 6), ("FEED_GUID", 77),
        ("FEED_LABELS", 8), ("FEED_TAG", 999), ("FEED_ATTRIBUTES", 100), ("FEED_DEPTH", 110),
    ):  # fmt: skip
        setattr(settings, name, value)
    assert feed_limits_from_settings() == FeedLimits(
        max_bytes=3 * 1024 * 1024, max_entries=4, max_title=55, max_html=6000, max_guid=77, max_labels=8, max_tag=999,
        max_attributes=100, max_depth=110,
    )  # fmt: skip


def test_the_bounds_hold() -> None:
    bounds = FeedLimits(max_title=60, max_html=100, max_guid=70, max_labels=2)
    item = f"<guid>{'g' * 99}</guid><title>{'t' * 99}</title><description>{'d' * 999}</description>"
    entry = parse_feed(
        _rss(item + "<category>a</category><category>b</category><category>c</category>"), limits=bounds
    ).entries[0]
    assert [len(text) for text in (entry.guid, entry.title, entry.summary_html)] == [70, 60, 100]
    assert entry.categories == ("a", "b")


def test_a_guid_that_is_absent_is_empty() -> None:
    assert _entry("<title>t</title>").guid == ""


def test_every_real_feed_gives_the_entries_that_are_in_it() -> None:
    folder = shared("feeds")
    expected = json.loads((folder / "expected_entries.json").read_text("utf-8"))
    for name in ("real", "miniflux", "reader"):
        for key, count in expected.items():
            if not key.startswith(f"{name}/"):
                continue
            try:
                found = len(parse_feed(unpacked(folder / key)).entries)
            except ParseFailedError:
                found = 0
            assert found == count, key


def test_no_payload_comes_through_a_feed() -> None:
    payloads = shared("security/xss-payloads.txt").read_text("utf-8").split("\n")
    items = [
        {"id": str(number), "title": text, "url": text, "content_html": text, "summary": text}
        for number, text in enumerate(payloads)
    ]
    feed = parse_feed(
        json.dumps({"version": "https://jsonfeed.org/version/1", "title": "x", "items": items}).encode()
    )
    assert len(feed.entries) == len(payloads)
    for entry in feed.entries:
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        for markup in (entry.summary_html.lower(), entry.content_html.lower()):
            assert not any(bad in markup for bad in ("<script", "<img", "<iframe", "<form", "<svg", "<!--"))
