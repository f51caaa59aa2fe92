"""The article of a page: its text, its title, its date and its authors."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from articles.errors import ParseFailedError
from articles.ingest.extract import extract_page
from articles.ingest.limits import PageLimits
from articles.types import ExtractedPage
from tests.shared_data import shared

PARAGRAPHS = [
    f"Paragraph {number} of the story tells in a full sentence what the makers of chips agreed upon on Thursday."
    for number in range(8)
]


def _page(head: str = "", before: str = "", after: str = "", lang: str = "en") -> str:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    nav = "<nav><a href=/>Home</a> <a href=/world>World</a></nav>"
    return (
        f"<!doctype html><html lang={lang}><head>{head}</head><body>{nav}<main><article>{before}{body}{after}"
        "</article></main><footer><p>© 2026 Harbour Post</p></footer></body></html>"
    )


def _extract(
    html: str | bytes, url: str = "https://post.example/2026/chips", **options: str
) -> ExtractedPage:
    return extract_page(html, url=url, **options)  # type: ignore[arg-type]  # only texts are passed


def test_it_finds_the_text_and_nothing_round_it() -> None:
    page = _extract(_page("<title>Chips agreed</title>", "<h1>Chips agreed</h1>"))
    assert page.text.split("\n\n") == PARAGRAPHS
    assert page.title == "Chips agreed"
    assert page.html.startswith(f"<p>{PARAGRAPHS[0]}</p>")
    assert page.problems == ()


@pytest.mark.parametrize(
    ("head", "before", "title"),
    [
        (
            "<title>Chips agreed - Harbour Post</title><meta property=og:site_name content='Harbour Post'>",
            "",
            "Chips agreed",
        ),
        (
            "<title>Harbour Post | Chips agreed</title><meta property=og:site_name content='Harbour Post'>",
            "",
            "Chips agreed",
        ),
        ("<title>Chips agreed | World | Post.example</title>", "<h1>Chips agreed</h1>", "Chips agreed"),
        ("<title>Chips agreed – post.example</title>", "", "Chips agreed"),
        ("<title>U.S.-China talks - what we know</title>", "", "U.S.-China talks - what we know"),
        ("<title>x</title><meta property='og:title' content='Chips &amp;amp; more'>", "", "Chips & more"),
        ("<title>t</title>", "<h1>Chips agreed on Thursday</h1>", "Chips agreed on Thursday"),
        ("", "<h1>Only a heading</h1>", "Only a heading"),
    ],
)
def test_the_title_comes_without_the_name_of_the_site(head: str, before: str, title: str) -> None:
    assert _extract(_page(head, before)).title == title


def test_the_title_of_the_feed_wins_and_does_not_open_the_text() -> None:
    page = _extract(_page("<title>Other</title>", "<p>Chips agreed</p>"), feed_title="Chips agreed")
    assert page.title == "Chips agreed"
    assert page.text.startswith(PARAGRAPHS[0])


def _jsonld(**facts: object) -> str:
    article = {"@type": "NewsArticle", **facts}
    return f"<script type='application/ld+json'>{json.dumps({'@graph': [{'@type': 'WebSite'}, article]})}</script>"


def test_it_reads_what_json_ld_says() -> None:
    head = _jsonld(
        headline="Chips agreed",
        datePublished="2026-03-05T22:10:00-05:00",
        author=[{"@type": "Person", "name": "Ann Li"}, {"name": "By Bo Chen and Cy Dee, Staff Writer"}],
        publisher={"name": "Harbour Post"},
    )
    page = _extract(_page(head + "<title>Something else</title>"))
    assert (page.title, page.site_name, page.authors) == (
        "Chips agreed",
        "Harbour Post",
        ("Ann Li", "Bo Chen", "Cy Dee"),
    )
    assert page.published is not None
    assert page.published.isoformat() == "2026-03-05T22:10:00-05:00"
    assert (page.published_from, page.published_precision) == ("jsonld", "time")


def test_broken_json_ld_is_passed_over() -> None:
    head = "<script type='application/ld+json'>{'broken</script>" + _jsonld(headline="Chips agreed")
    assert _extract(_page(head)).title == "Chips agreed"
    deep = "<script type='application/ld+json'>" + "[" * 100_000 + "</script>"
    assert _extract(_page(deep + "<title>T</title>")).title == "T"


@pytest.mark.parametrize(
    ("head", "day", "source"),
    [
        ("<meta property=article:published_time content='2026-03-05T10:00:00Z'>", "2026-03-05", "meta"),
        ("<meta itemprop=datePublished content='2026-03-05'>", "2026-03-05", "meta"),
        (_jsonld(datePublished="0001-01-01T00:00:00"), None, None),
        ("", None, None),
    ],
)
def test_the_date_comes_with_its_source(head: str, day: str | None, source: str | None) -> None:
    page = _extract(_page(head), url="")
    assert (page.published.date().isoformat() if page.published else None, page.published_from) == (
        day,
        source,
    )


def test_a_date_that_only_the_text_shows_is_a_day() -> None:
    page = _extract(_page("", "<p class=date>Published on March 5, 2026</p>"), url="")
    assert page.published == datetime(2026, 3, 5, tzinfo=UTC)
    assert (page.published_from, page.published_precision) == ("htmldate", "day")


@pytest.mark.parametrize(
    ("head", "before", "authors"),
    [
        ("<meta name=author content='Ann Li'>", "", ("Ann Li",)),
        ("<meta name=author content='https://facebook.com/post'>", "", ()),
        (
            "<meta property=og:site_name content='Harbour Post'><meta name=author content='Harbour Post'>",
            "",
            (),
        ),
        ("", "<a rel=author href=/a>Ann Li</a>", ("Ann Li",)),
        ("", "<div class='article-byline'>By <b>Ann Li</b></div>", ("Ann Li",)),
        ("", "<span itemprop=author><span itemprop=name>Ann Li</span></span>", ("Ann Li",)),
    ],
)
def test_it_finds_authors(head: str, before: str, authors: tuple[str, ...]) -> None:
    assert _extract(_page(head, before)).authors == authors


@pytest.mark.parametrize(
    ("head", "lang", "language"),
    [
        ("", "en-GB", "en"),
        # A text says itself what it is when the page is plainly wrong.
        ("", "zh_Hans_CN", "en"),
        ("<meta property=og:locale content=fr_FR>", "''", "en"),
        ("", "''", "en"),
    ],
)
def test_it_says_the_language(head: str, lang: str, language: str) -> None:
    assert _extract(_page(head, lang=lang)).language == language


@pytest.mark.parametrize(
    ("href", "canonical"),
    [
        ("/2026/chips", "https://post.example/2026/chips"),
        ("https://other.example/x", ""),
        ("https://post.example/", ""),
        ("javascript:x", ""),
    ],
)
def test_it_believes_a_canonical_link_but_not_the_home_page(href: str, canonical: str) -> None:
    assert _extract(_page(f"<link rel=canonical href='{href}'>")).canonical_url == canonical


def test_the_html_is_harmless() -> None:
    page = _extract(_page(after="<ul><li>one</li><li>two &lt;b&gt;</li></ul><script>x()</script>"))
    assert "<script" not in page.html
    assert "two <b>" not in page.html


def test_bytes_are_decoded_by_their_charset() -> None:
    html = _page("<meta charset=windows-1251><title>Чипы договорились</title>")
    assert _extract(html.encode("windows-1251", "xmlcharrefreplace")).title == "Чипы договорились"
    assert _extract(html.encode(), content_type="text/html; charset=utf-8").title == "Чипы договорились"


def test_a_page_of_plain_text_is_an_article() -> None:
    text = "Chips agreed\n\n" + "\n\n".join(PARAGRAPHS) + "\n\nSource link\n"
    page = extract_page(text.encode(), content_type="text/plain; charset=utf-8")
    assert (page.title, page.text.split("\n\n")) == ("Chips agreed", PARAGRAPHS)
    assert extract_page(text).text == page.text


def test_a_page_without_an_article_says_so() -> None:
    page = _extract("<html><body></body></html>")
    assert page.text == ""
    assert page.problems == ("No article was found in this page.",)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"", "empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "allowed"),
        ("<html><body>" + "<b>a</b>" * 60_000, "elements"),
    ],
)
def test_it_refuses_what_is_too_much(page: bytes | str, words: str) -> None:
    with pytest.raises(ParseFailedError, match=words):
        extract_page(page, content_type="text/html")


@pytest.mark.parametrize("piece", ["<!--", "<a ", '<a b="', "</", "<?", "<![", "<div>", "<b>", "&#x;"])
def test_repeated_scraps_do_not_hang_it(piece: str) -> None:
    started = time.process_time()
    try:
        page = extract_page("<html><body><p>Text</p>" + piece * 40_000, content_type="text/html")
    except ParseFailedError:
        return
    assert page.html.count("<script") == 0
    assert time.process_time() - started < 20


def test_fewer_elements_may_be_asked_for() -> None:
    with pytest.raises(ParseFailedError, match="more than the 5 allowed"):
        extract_page(_page(), limits=PageLimits(max_elements=5))


def test_the_running_example_loses_its_residue_and_nothing_else() -> None:
    raw = shared("example/csia-sia.txt").read_text("utf-8")
    clean = json.loads(shared("example/expected.json").read_text("utf-8"))["clean"]
    blocks = raw.split("\n\n")
    title = blocks[0]
    html = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>" + "".join(
        f"<p>{block}</p>" for block in blocks[1:]
    )
    for page in (
        extract_page(raw.encode(), content_type="text/plain"),
        extract_page(f"{html}</article></body></html>"),
    ):
        assert page.title == clean["title"]
        assert page.text.startswith(clean["first_sentence"])
        assert page.text.endswith(clean["last_sentence"])
        assert len(page.text.split("\n\n")) == clean["paragraphs"]
        assert not any(line in page.text for line in clean["residue_lines_that_must_be_gone"])
        assert title not in page.text
        assert page.text in raw


def test_a_time_printed_beside_the_headline_is_the_time_of_publication() -> None:
    page = (
        "<html><head><title>Harbour reopens after storm</title></head><body><p>Tue, 14 Jan 2020</p>"
        "<h2>Harbour reopens after storm</h2><p>Coast Courier<br>13 Jan 2020, 22:11 GMT+10</p>"
        + "<p>The harbour opened again on Monday after four days of wind, its master said in a statement.</p>"
        * 6
        + "</body></html>"
    )
    found = extract_page(page, url="https://courier.example.com/news/17")
    assert (found.published or datetime.max.replace(tzinfo=UTC)).strftime(
        "%Y-%m-%d %H:%M"
    ) == "2020-01-13 22:11"
    assert (found.published_from, found.published_precision) == ("htmldate", "time")


def test_a_printed_time_of_an_update_is_not_that_of_publication() -> None:
    page = (
        "<html><head><title>Harbour reopens after storm</title></head><body>"
        "<h1>Harbour reopens after storm</h1><p>Updated: 15 Jan 2020, 08:00</p><p>Posted 13 Jan 2020, 22:11</p>"
        + "<p>The harbour opened again on Monday after four days of wind, its master said in a statement.</p>"
        * 6
        + "</body></html>"
    )
    found = extract_page(page, url="https://courier.example.com/news/17")
    assert found.published is not None
    assert found.published.day == 13


def test_a_stated_utc_time_is_told_in_the_zone_of_the_permalink() -> None:
    page = (
        '<html><head><title>Night vote</title><script type="application/ld+json">{"@type": "NewsArticle",'
        '"headline": "Night vote", "datePublished": "2020-02-18T02:18:11Z"}</script></head><body>'
        '<script>var when = "2020-02-17 21:18:11";</script><h1>Night vote</h1>'
        + "<p>The council voted late in the evening to keep the ferry running through the winter months.</p>"
        * 6
        + "</body></html>"
    )
    own = extract_page(page, url="https://courier.example.com/2020/02/17/night-vote/")
    elsewhere = extract_page(page, url="https://courier.example.com/night-vote/")
    assert own.published == elsewhere.published
    assert own.published is not None
    assert own.published.isoformat() == "2020-02-17T21:18:11-05:00"
    assert elsewhere.published is not None
    assert elsewhere.published.isoformat() == "2020-02-18T02:18:11+00:00"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n and so on", "image/png"),
        (b"%PDF-1.7 <</Type /Page>> stream of the report", "application/pdf"),
        (b"%PDF-1.7 <</Type /Page>> stream of the report", "text/html"),
        (b"ID3 sound", "audio/mpeg; charset=binary"),
    ],
)
def test_what_is_no_page_of_text_is_refused_by_name(body: bytes, kind: str) -> None:
    with pytest.raises(ParseFailedError, match="no page of text"):
        extract_page(body, content_type=kind)


def test_a_short_paragraph_beside_a_long_one_is_of_the_article() -> None:
    told = " ".join(
        f"In {place} the port was closed on Monday, and nobody could say for how long it would be."
        for place in ("Genoa", "Ghent", "Bergen", "Cork", "Lyon", "Porto", "Gdansk")
    )
    page = f"<html><body><article><h1>Ports closed</h1><p>{told}</p><p>Unions welcomed it.</p></article></body></html>"
    assert extract_page(page, url="https://a.example/story").text == f"{told}\n\nUnions welcomed it."


def test_a_very_short_page_keeps_its_blocks_and_loses_its_menu() -> None:
    for menu in ("nav", "div"):
        page = _extract(
            f"<html><head><title>Storm closes the pier</title></head><body><{menu}><a href=/>Home</a></{menu}>"
            "<main><h1>Storm closes the pier</h1><p>The pier was closed.</p><p>Ferries wait.</p></main></body></html>"
        )
        assert page.text == "The pier was closed.\n\nFerries wait."


def test_a_live_pages_other_headline_does_not_open_its_text() -> None:
    head = _jsonld(headline="Chips agreed in the port: what we know")
    page = _extract(_page(head, "<h1>Chips live: the port agreed</h1>"))
    assert page.title == "Chips agreed in the port: what we know"
    assert page.text.startswith(PARAGRAPHS[0])


def _stated(said: object, **also: str) -> str:
    return f'<script type="application/ld+json">{json.dumps(said)}</script>' + "".join(also.values())


NOW = datetime(2026, 3, 6, tzinfo=UTC)
_META_DATE = '<meta property="article:published_time" content="2024-03-05T10:00:00Z">'


def test_a_date_far_ahead_does_not_hide_a_good_one() -> None:
    said = {"@type": "NewsArticle", "datePublished": "2199-01-01T00:00:00Z"}
    page = extract_page(_page(_stated(said, meta=_META_DATE)), url="https://post.example/x", now=NOW)
    assert (page.published, page.published_from) == (datetime(2024, 3, 5, 10, tzinfo=UTC), "meta")
    alone = extract_page(_page(_stated(said)), url="https://post.example/x", now=NOW)
    assert (alone.published, alone.published_raw) == (None, "2199-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "author", [{"@id": "#a"}, [{"@id": "#a"}, {"@type": "Organization", "name": "Reuters"}]]
)
def test_an_author_who_is_only_referred_to_is_found(author: object) -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "Chips agreed", "author": author, "publisher": {"@id": "#p"}},
        {"@type": "Person", "@id": "#a", "name": "Åsa Öberg"},
        {"@type": "Organization", "@id": "#p", "name": "Harbour Post"},
    ]
    page = _extract(_page(_stated({"@graph": graph})))
    assert (page.authors, page.site_name) == (("Åsa Öberg",), "Harbour Post")


def test_references_that_go_round_in_circles_name_nobody() -> None:
    graph = [
        {"@type": "NewsArticle", "@id": "#x", "author": [{"@id": "#a"}, [[{"@id": "#x"}]]]},
        {"@type": "Person", "@id": "#a", "name": {"@id": "#a"}},
    ]
    assert _extract(_page(_stated({"@graph": graph}))).authors == ()


@pytest.mark.parametrize("kind", ["WebPage", "WebSite"])
def test_a_templates_date_gives_way_to_the_articles_own(kind: str) -> None:
    said = _stated({"@type": kind, "datePublished": "2015-01-01T00:00:00Z"})
    day = datetime(2024, 3, 5, 10, tzinfo=UTC)
    marked = _extract(_page(said, "<time datetime='2024-03-05T10:00:00Z'>5 March</time>"))
    assert (marked.published, marked.published_from) == (day, "meta")
    assert _extract(_page(said + _META_DATE)).published == day
    linked = _extract(_page(said), url="https://post.example/2024/03/05/chips")
    assert linked.published is not None
    assert linked.published.date() == day.date()


def test_the_date_of_a_bare_page_is_taken_where_nothing_speaks_against_it() -> None:
    said = _stated({"@type": "WebPage", "datePublished": "2024-03-05T10:00:00Z"})
    for url in ("https://post.example/chips", "https://post.example/2024/03/06/chips"):
        page = _extract(_page(said), url=url)
        assert (page.published, page.published_from) == (datetime(2024, 3, 5, 10, tzinfo=UTC), "jsonld")


@pytest.mark.parametrize(
    ("title", "host", "wanted"),
    [
        ("Storm - what we know - The Harbour Times", "www.harbourtimes.example", "Storm - what we know"),
        ("Storm - what we know | Harbour Times", "harbour-times.co.uk", "Storm - what we know"),
        ("Storm - what we know - Harbour Times", "theharbourtimes.example", "Storm - what we know"),
        ("Storm - what we know - Harbour", "harbourtimes.example", "Storm - what we know - Harbour"),
        ("What we know - Harbour Storm", "harbourtimes.example", "What we know - Harbour Storm"),
    ],
)
def test_the_name_of_a_site_is_known_by_the_letters_of_its_host(title: str, host: str, wanted: str) -> None:
    page = _extract(
        _page(f"<title>{title}</title>", "<h1>Pier closes</h1>"), url=f"https://{host}/2026/chips"
    )
    assert page.title == wanted
