"""The quick reader of well-formed feeds says what feedparser says, and leaves to it what is not usual."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from articles.errors import NewsdeskError
from articles.ingest.decoding import decode
from articles.ingest.limits import FeedLimits
from articles.ingest.parse import MOST_PARSED, parse_feed, read_with_feedparser
from articles.ingest.wellformed import read_wellformed
from articles.types import ParsedEntry, ParsedFeed
from tests.shared_data import shared, unpacked

URL = "https://feed.example/dir/feed"
LIMITS = FeedLimits()
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(item: str, head: str = "<title>T</title><link>https://feed.example/</link>", root: str = "") -> str:
    return f'<?xml version="1.0"?><rss version="2.0" {SPACES} {root}><channel>{head}<item>{item}</item></channel></rss>'


def atom(entry: str, head: str = "<title>T</title>", root: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        f'xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:media="http://search.yahoo.com/mrss/" {root}>'
        f"{head}<entry>{entry}</entry></feed>"
    )


def rdf(item: str) -> str:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'{SPACES}><channel rdf:about="x"><title>R</title><link>https://r.example/</link><items><rdf:Seq>'
        '<rdf:li rdf:resource="https://r.example/1"/></rdf:Seq></items></channel>'
        f'<item rdf:about="https://r.example/1">{item}</item></rdf:RDF>'
    )


USUAL = {
    "plain": rss("<guid>g</guid><title>t</title><link>/a</link><description>d</description>"),
    "empty item": rss(""),
    "markup in a title": rss("<title>AT&amp;amp;T &lt;b&gt;rose&lt;/b&gt; 3 &lt; 4</title>"),
    "cdata": rss("<title><![CDATA[A & B <i>c</i>]]></title><description><![CDATA[<p>x</p>]]></description>"),
    "content": rss(
        "<description>short</description><content:encoded>&lt;p&gt;long &lt;a href='/x'&gt;y&lt;/a&gt;&lt;/p&gt;</content:encoded>"
    ),
    "content alone": rss("<content:encoded>&lt;p&gt;long&lt;/p&gt;</content:encoded>"),
    "guid is the link": rss("<guid>https://feed.example/1</guid><title>t</title>"),
    "guid is no link": rss('<guid isPermaLink="false">https://feed.example/1</guid>'),
    "guid in capitals": rss('<guid ISPERMALINK="false">https://feed.example/1</guid>'),
    "dates": rss("<pubDate>Mon, 25 Jun 2018 10:00:00 EDT</pubDate><dc:date>2018-06-26T10:00:00Z</dc:date>"),
    "date of dcterms": rss(
        "<dcterms:issued>2018-06-26</dcterms:issued><dcterms:modified>2019-06-26</dcterms:modified>"
    ),
    "an empty date": rss("<pubDate></pubDate><title>t</title>"),
    "authors": rss(
        "<author>ann@x.org (Ann Li)</author><dc:creator>Bo &amp; Co</dc:creator><itunes:author>Cy</itunes:author>"
    ),
    "author by mail alone": rss("<author>ann@x.org</author>"),
    "author in pointed brackets": rss("<author>Ann Li &lt;ann@x.org&gt;</author>"),
    "categories": rss(
        "<category>World</category><category domain='d'>Trade</category><dc:subject>World</dc:subject>"
        "<category/><media:keywords>a, b</media:keywords><itunes:keywords>c,,d</itunes:keywords>"
    ),
    "source": rss("<source url='https://o.example/feed'>Other &amp; Co</source><title>t</title>"),
    "media title": rss("<media:title>picture</media:title><title>story</title>"),
    "media title alone": rss("<media:group><media:title>picture</media:title></media:group>"),
    "title of dublin core": rss("<dc:title>dc</dc:title><title>rss</title>"),
    "atom in rss": rss(
        "<atom:link rel='related' href='/r'/><atom:link href='/a'/><atom:updated>2020-01-02T03:04:05Z</atom:updated>"
    ),
    "link of the origin": rss(
        "<link>https://proxy.example/1</link><feedburner:origLink>https://o.example/1</feedburner:origLink>"
    ),
    "links with references": rss("<link>https://feed.example/?a=1&amp;amp;b=2</link>"),
    "two links": rss("<link>https://feed.example/1</link><link>https://feed.example/2</link>"),
    "an empty link": rss("<link/><guid isPermaLink='false'>g</guid>"),
    "other modules": rss(
        "<slash:comments>3</slash:comments><thr:total>4</thr:total><comments>/c</comments><enclosure url='/e.mp3' length='1'/>"
        "<x:y xmlns:x='urn:x'><x:z>q</x:z></x:y><title>t</title>"
    ),
    "a head with everything": rss(
        "<title>t</title>",
        "<title>T</title><link>https://feed.example/</link><language>pt-br</language><ttl>30</ttl><generator>g</generator>"
        "<managingEditor>ed@x.org</managingEditor><image><title>I</title><url>/i.png</url><link>/i</link></image>"
        "<atom:link rel='self' href='/self'/><atom:link rel='hub' href='https://hub.example/'/><category>c</category>"
        "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><copyright>c</copyright>"
        "<itunes:category text='News'><itunes:category text='World'/></itunes:category><itunes:owner><itunes:name>n</itunes:name></itunes:owner>",
    ),
    "language of the root": rss("<title>t</title>", root='xml:lang="de_AT"'),
    "utf-8 read as latin-1": rss("<title>CafÃ© â\x80\x99s</title>"),
    "windows-1252 as code points": rss("<title>it\x92s \x93here\x94</title>"),
    "comments and instructions": rss(
        "<title>a<!-- x -->b<?php x ?>c</title><!-- y --><description>d</description>"
    ),
    "version 0.92": rss("<title>t</title>").replace('version="2.0"', 'version="0.92"'),
    "items outside of the channel": f'<rss version="0.91" {SPACES}><channel><title>T</title></channel><item><title>t</title></item></rss>',
    "rdf": rdf("<title>One</title><link>https://r.example/1</link><dc:date>2020-01-02</dc:date>"),
    "rdf with a description": rdf("<title>One</title><description>d &lt;b&gt;x&lt;/b&gt;</description>"),
    "atom": atom(
        '<id>urn:1</id><title>t</title><link href="/1"/><updated>2020-01-02T03:04:05+01:00</updated>'
        "<summary>s</summary><content type='html'>&lt;p&gt;c&lt;/p&gt;</content>"
    ),
    "atom text": atom(
        '<title type="text">x &lt;b&gt; y</title><content type="text">3 &lt; 4\n\nsecond</content>'
    ),
    "atom html": atom('<title type="html">A &amp;lt; B</title><summary type="html">&lt;p&gt;x</summary>'),
    "atom xhtml": atom(
        '<title>t</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b<br/>c &lt; d</p>'
        "<img src='x'/><hr/>tail <a href='/z'>z</a></div></content>"
    ),
    "atom xhtml in two blocks": atom(
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a</div>'
        '<div xmlns="http://www.w3.org/1999/xhtml">b</div></content>'
    ),
    "atom authors": atom(
        "<author><name>Ann</name><email>a@x.org</email></author><author><name>Bo</name><uri>/bo</uri></author>"
    ),
    "the author of the whole feed": atom(
        "<title>t</title>", "<title>T</title><author><name>House</name></author>"
    ),
    "atom categories": atom('<category term="a" label="A"/><category term="b"/><category label="c"/>'),
    "atom links": atom(
        '<link rel="self" href="/s"/><link rel="alternate" type="application/pdf" href="/p"/><link rel="alternate" href="/h"/>'
    ),
    "atom id as the link": atom("<id>https://feed.example/1</id><title>t</title>"),
    "atom source": atom(
        "<title>t</title><source><id>https://o.example/id</id><title>Other</title><link rel='self' href='https://o.example/feed'/></source>"
    ),
    "xml:base": atom(
        '<title>t</title><link href="one"/><content type="html" xml:base="https://c.example/x/">&lt;a href="y"&gt;z&lt;/a&gt;</content>',
        root='xml:base="https://b.example/a/"',
    ),
    "taken back": atom(
        "<title>t</title>",
        '<title>T</title><at:deleted-entry ref="urn:9" when="2020-01-02T03:04:05Z"/><link rel="hub" href="https://hub.example/"/>',
    ),
    "a video channel": atom(
        "<title>t</title><media:group><media:title>m</media:title><media:content url='/v'/>"
        "<media:description>all there is</media:description></media:group>"
    ),
}

UNUSUAL = {
    "not well-formed": rss("<title>t"),
    "an entity of HTML": rss("<title>a&nbsp;b</title>"),
    "a document type": '<!DOCTYPE rss SYSTEM "x">' + rss("<title>t</title>"),
    "junk before the root": "<!-- a -->x<rss/>",
    "an unknown root": "<note><item/></note>",
    "Atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>t</title></entry></feed>',
    "markup that is not escaped": rss("<description>a <b>c</b></description>"),
    "an unknown kind of content": atom('<content type="image/png">aGk=</content>'),
    "content of Atom 0.3": atom('<content mode="base64">aGk=</content>'),
    "a title of xhtml": atom('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">t</div></title>'),
    "a date in words": rss("<pubDate>someday</pubDate>"),
    "two guids": rss("<guid>1</guid><guid>2</guid>"),
    "two descriptions": rss("<description>a</description><description>b</description>"),
    "description and dc:description": rss("<description>a</description><dc:description>b</dc:description>"),
    "an entry in an entry": rss("<item><title>x</title></item>"),
    "a known prefix of an unknown space": '<rss version="2.0" xmlns:dc="urn:x"><channel><item><dc:creator>A</dc:creator></item></channel></rss>',
    "a title hidden in an unknown element": rss("<x><title>t</title></x>"),
    "the body of a page": rss('<body xmlns="http://www.w3.org/1999/xhtml"><p>x</p></body>'),
    "a control character": rss("<title>a\x08b</title>"),
    "nothing": "",
}


def quick(text: str) -> ParsedFeed | None:
    return read_wellformed(text, URL, LIMITS, MOST_PARSED)


def differences(one: ParsedFeed, other: ParsedFeed) -> Iterator[tuple[str, object, object]]:
    """(field, this, that), of the feed and of each entry."""
    for field in fields(ParsedFeed):
        if field.name != "entries" and getattr(one, field.name) != getattr(other, field.name):
            yield field.name, getattr(one, field.name), getattr(other, field.name)
    if len(one.entries) != len(other.entries):
        yield "entries", len(one.entries), len(other.entries)
    for this, that in zip(one.entries, other.entries, strict=False):
        for field in fields(ParsedEntry):
            if getattr(this, field.name) != getattr(that, field.name):
                yield f"entry {field.name}", getattr(this, field.name), getattr(that, field.name)


@pytest.mark.parametrize("name", USUAL)
def test_it_says_what_feedparser_says(name: str) -> None:
    found = quick(USUAL[name])
    assert found is not None
    assert list(differences(found, read_with_feedparser(USUAL[name], URL, LIMITS))) == []


@pytest.mark.parametrize("name", UNUSUAL)
def test_it_leaves_to_feedparser_what_is_not_usual(name: str) -> None:
    assert quick(UNUSUAL[name]) is None


# Where the two differ, and why the quick reader is right.
RIGHTER = {
    # RFC 4287 4.2.6: an id is compared as it stands; a move of the feed must not rename its entries.
    "atom/entry_id_xml_base.xml": {"entry guid"},
    # An empty reference is no address of a feed.
    "atom/feed_link_xml_base.xml": {"self_url"},
    # Text between the parts of a source is not its title; the title of a sound file is not that of the story.
    "atom/atom10_feed_entry_source_mixed_content.xml": {"entry source_name"},
    "rss/issue_217_enclosure_children.xml": {"entry title"},
}


@pytest.mark.parametrize(
    ("folder", "at_least"), [("gofeed", 300), ("real", 50), ("miniflux", 10), ("reader", 4)]
)
def test_it_says_what_feedparser_says_of_every_shared_feed(folder: str, at_least: int) -> None:
    read = 0
    paths = [
        path
        for path in shared(f"feeds/{folder}").rglob("*")
        if path.suffix in {".xml", ".gz", ".rss", ".atom"}
    ]
    # feedparser needs seconds for the largest, which hold nothing that the others do not.
    for path in sorted(paths, key=lambda path: path.stat().st_size)[: 60 if folder == "real" else None]:
        text, _ = decode(unpacked(path))
        if text.lstrip().startswith("{") or (found := quick(text)) is None:
            continue
        read += 1
        key = "/".join(path.parts[-2:])
        assert {name for name, _, _ in differences(found, _record(text, path))} == RIGHTER.get(key, set()), (
            key
        )
    assert read >= at_least


def _record(text: str, path: Path) -> ParsedFeed:
    try:
        return read_with_feedparser(text, URL, LIMITS)
    except NewsdeskError as error:
        pytest.fail(f"feedparser cannot read {path}: {error}")


def test_authors_who_give_a_mail_address_alone_keep_it() -> None:
    # feedparser gives the second the name of the first, and cuts off domains of more than four letters.
    found = quick(atom("<author><name>Ann</name></author><author><email>b@x.example</email></author>"))
    assert found is not None
    assert found.entries[0].authors == ("Ann", "b@x.example")
    found = quick(rss("<author>ann@x.example (Ann Li)</author>"))
    assert found is not None
    assert found.entries[0].authors == ("Ann Li",)


def test_the_words_under_a_picture_are_not_the_text_of_the_story() -> None:
    item = "<description>The story.</description><media:content url='/p.jpg'><media:description>A very long caption.</media:description></media:content>"
    for text in (rss(item), rss(item).replace("<title>T", "<title>&nbsp;T")):
        entry = parse_feed(text.encode(), url=URL).entries[0]
        assert (entry.summary_html, entry.content_html) == ("The story.", "")


def test_a_video_channel_keeps_its_descriptions() -> None:
    text = USUAL["a video channel"]
    for served in (text, text.replace("<title>T", "<title>&nbsp;T")):
        assert parse_feed(served.encode(), url=URL).entries[0].summary_html == "all there is"


def test_entries_beyond_the_bounds_are_told_with_an_example() -> None:
    items = "".join(
        f"<item><title>story {day}</title><pubDate>2020-01-0{day}</pubDate></item>" for day in (3, 9, 1, 7)
    )
    text = f'<rss version="2.0"><channel>{items}</channel></rss>'
    for served in (text, text.replace("<channel>", "<channel>&nbsp;")):
        feed = parse_feed(served.encode(), limits=FeedLimits(max_entries=2))
        assert [entry.title for entry in feed.entries] == ["story 9", "story 7"]
        assert feed.skipped == (("Only the newest 2 entries of an answer are read.", 2, "story 3"),)


def test_deep_nesting_is_left_to_the_checks() -> None:
    assert quick(rss("<x>" * 300 + "</x>" * 300)) is None
