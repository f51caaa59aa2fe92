"""Lists of feeds are read from other readers' files and written so that they can be read again."""

from __future__ import annotations

import pytest

from articles.errors import ParseFailedError
from articles.ingest.opml import MAX_FEEDS, Outline, read_opml, write_opml
from tests.shared_data import shared

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="Markets">
    <outline type="rss" text="Harbour Post" title="Harbour Post, Business" xmlUrl="https://post.example/feed?a=1&amp;b=2"
      htmlUrl="https://post.example/" language="en"/>
    <outline text="Deeper"><outline text="Chip Ledger" xmlurl="https://chips.example/rss"/></outline>
  </outline>
  <outline text="" xmlUrl="https://bare.example/rss" category="/World/Asia,other"/>
</body></opml>"""


def test_it_reads_folders_titles_and_any_case_of_attribute() -> None:
    assert read_opml(LIST.encode()) == [
        Outline(
            "https://post.example/feed?a=1&b=2",
            "Harbour Post, Business",
            "https://post.example/",
            "Markets",
            "en",
        ),
        Outline("https://chips.example/rss", "Chip Ledger", "", "Deeper", "", ("Markets",)),
        Outline("https://bare.example/rss", "https://bare.example/rss", "", "World/Asia", "", ("other",)),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_it_reads_other_encodings(encoding: str) -> None:
    text = LIST.replace("UTF-8", encoding.removesuffix("-sig")).replace("Chip", "Chïp")
    assert read_opml(text.encode(encoding))[1].title == "Chïp Ledger"


def test_it_reads_again_what_it_wrote() -> None:
    outlines = [
        Outline(
            "https://a.example/f?x=1&y=<2>", 'He said "so" & left', "https://a.example/", "One & two", "en"
        ),
        Outline("https://b.example/f", "Ünïcode 芯片", "", "", ""),
        Outline("https://c.example/f", "C", "", "One & two", ""),
    ]
    again = read_opml(write_opml("Mine <&>", outlines).encode())
    assert sorted(again, key=lambda one: one.url) == outlines


def test_it_drops_characters_that_xml_cannot_carry() -> None:
    assert read_opml(write_opml("x", [Outline("https://a.example/", "A\x00\x0bB")]).encode())[0].title == "AB"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no OPML"),
        (b"<opml><body>", "no OPML"),
        (b"<rss/>", "begins with <rss>"),
        (b"<opml><body/></opml>", "no feed stands in it"),
        (b'<?xml version="1.0"?><!DOCTYPE opml><opml><body/></opml>', "DOCTYPE"),
        (
            b'<!DOCTYPE o [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><opml><body><outline text="&c;"/></body></opml>',
            "DOCTYPE",
        ),
        (b'<!DOCTYPE o SYSTEM "file:///etc/passwd"><opml/>', "DOCTYPE"),
        (b'<?xml version="1.0" encoding="klingon"?><opml/>', "no OPML|cannot be read"),
        (b"<opml>" + b"<outline text='a'>" * 50 + b"</opml>", "folders deep"),
        (b"x" * (2 * 1024 * 1024 + 1), "larger"),
    ],
)
def test_it_refuses_with_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(ParseFailedError, match=words):
        read_opml(body)


def test_it_refuses_a_doctype_in_another_encoding() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE opml><opml><body/></opml>'
    with pytest.raises(ParseFailedError, match="DOCTYPE"):
        read_opml(text.encode("utf-16"))


def test_it_stops_at_the_most_feeds() -> None:
    line = '<outline xmlUrl="https://a.example/"/>'
    with pytest.raises(ParseFailedError, match="more than"):
        read_opml(f"<opml>{line * (MAX_FEEDS + 1)}</opml>".encode())


def test_it_reads_a_list_with_bare_ampersands() -> None:
    body = b'<opml><body><outline text="Food & Drink" xmlUrl="https://a.example/?x=1&y=2"/></body></opml>'
    assert read_opml(body) == [Outline("https://a.example/?x=1&y=2", "Food & Drink")]


def test_it_reads_what_it_can_of_a_list_that_is_no_xml() -> None:
    body = (
        b'<opml><body><outline text="Far"><outline text="One" description="By <a href="https://b.example">B</a>" '
        b'xmlUrl="https://a.example/"/></outline><outline text="Two" xmlUrl="https://c.example/"></outline></body></opml>'
    )
    assert read_opml(body) == [
        Outline("https://a.example/", "One", "", "Far"),
        Outline("https://c.example/", "Two"),
    ]


def test_it_does_not_read_loosely_past_a_doctype() -> None:
    body = b'<opml><body><outline text="<" xmlUrl="https://a.example/"/></body></opml><!DOCTYPE x>'
    with pytest.raises(ParseFailedError):
        read_opml(body)


def test_it_reads_every_list_of_the_shared_folder() -> None:
    folder = shared("opml")
    for path in sorted(folder.rglob("*.opml")):
        assert len(read_opml(path.read_bytes())) >= 5, path.name


def test_it_tells_the_line_of_each_feed_and_of_what_has_no_address() -> None:
    text = LIST.replace("</body>", '<outline type="rss" text="Lost"/>\n</body>')
    assert [(outline.line, outline.url == "") for outline in read_opml(text.encode())] == [
        (4, False),
        (6, False),
        (8, False),
        (9, True),
    ]
    # The same of a list that is no XML.
    assert [outline.line for outline in read_opml(text.replace("Chip Ledger", "<b>Chip").encode())] == [
        4,
        6,
        8,
    ]


def test_it_writes_tags_as_categories_behind_the_folder() -> None:
    outline = Outline("https://a.example/f", "A", "", "World", "", ("asia", "chips, all"))
    (again,) = read_opml(write_opml("T", [outline]).encode())
    assert (again.folder, again.tags) == ("World", ("asia", "chips  all"))
