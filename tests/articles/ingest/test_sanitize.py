"""Foreign markup comes out harmless, foreign text comes out clean."""

from __future__ import annotations

import re
import time

import pytest

from articles.ingest.sanitize import (
    html_of_text,
    is_too_deep,
    one_line,
    plain_text,
    safe_html,
    text_of_html,
    text_of_safe_html,
)
from tests.shared_data import shared

_ACTIVE = re.compile(
    r"<(?:script|iframe|object|embed|form|input|button|meta|link|base|style|svg|math|img|video|audio|template)\b|"
    r"<[^>]*\son\w+\s*=|(?:javascript|vbscript|data)\s*:[^<]*\"[^>]*>|<!--|<[^>]*\s(?:style|class|id|hx-\w+)=",
    re.IGNORECASE,
)


def test_it_keeps_the_markup_of_a_text() -> None:
    markup = "<p>One <em>two</em></p>\n<ul><li>three</li></ul>\n<blockquote>four</blockquote>"
    assert safe_html(markup) == markup


@pytest.mark.parametrize(
    ("markup", "cleaned"),
    [
        ("<script>alert(1)</script>x", "x"),
        ('<img src="https://spy.example/p.gif">x', "x"),
        ('<p onclick="x()" class="a" id="b" style="color:red" hx-get="/x">y</p>', "<p>y</p>"),
        ('<a href="javascript:alert(1)">y</a>', '<a rel="noopener noreferrer nofollow">y</a>'),
        ("a<!-- hidden -->b", "ab"),
        ("<form action=/x><input name=y>z</form>w", "w"),
        ("<svg><script>x</script></svg>y", "y"),
        ("3 < 4 & 5", "3 &lt; 4 &amp; 5"),
        ("", ""),
    ],
)
def test_it_takes_away_what_acts(markup: str, cleaned: str) -> None:
    assert safe_html(markup) == cleaned


def test_it_resolves_links_against_the_page() -> None:
    cleaned = safe_html('<a href="/b?x=1">y</a>', "https://news.example/a/")
    assert cleaned == '<a href="https://news.example/b?x=1" rel="noopener noreferrer nofollow">y</a>'


def test_it_drops_relative_links_without_a_page() -> None:
    assert "href" not in safe_html('<a href="/b">y</a>')


def test_it_does_not_hang_on_deep_markup() -> None:
    deep = "<div>" * 100_000 + "word" + "</div>" * 100_000
    started = time.process_time()
    assert is_too_deep(deep)
    assert safe_html(deep) == "<p>word</p>"
    assert text_of_html(deep) == "word"
    assert time.process_time() - started < 5


@pytest.mark.parametrize("piece", ["<!--", "<a ", '<a b="', "</", "<?", "<![", "&#", "<p>", "<li>"])
def test_it_does_not_hang_on_repeated_scraps(piece: str) -> None:
    started = time.process_time()
    safe_html(piece * 50_000)
    text_of_html(piece * 50_000)
    assert time.process_time() - started < 10


def test_it_takes_nul_surrogates_and_controls_out_of_text() -> None:
    assert plain_text("a\x00b\x07c\ud800d\u202ee\ufefff\x85g\r\nh") == "abcdef\ng\nh"
    plain_text("tab\tand 😀 and 中文 stay").encode("utf-8")
    assert plain_text("tab\tand 😀 and 中文 stay") == "tab\tand 😀 and 中文 stay"


def test_a_lone_surrogate_does_not_break_markup() -> None:
    assert safe_html("<p>a\ud800b</p>") == "<p>ab</p>"


def test_it_makes_one_line() -> None:
    assert one_line("  a\n\tb\u00a0 c ") == "a b c"
    assert one_line("abcdef", 4) == "abc…"


def test_it_reads_paragraphs_out_of_markup() -> None:
    markup = "<h2>Head</h2><p>AT&amp;T <b>rose</b><br>5%.</p>\n\n<p>3 &lt; 4</p><script>no</script><ul><li>i</li></ul>"
    assert text_of_html(markup) == "Head\n\nAT&T rose\n5%.\n\n3 < 4\n\ni"


def test_text_becomes_escaped_paragraphs() -> None:
    assert html_of_text("a <b>\n\nc & d") == "<p>a &lt;b&gt;</p>\n<p>c &amp; d</p>"


def test_no_payload_of_the_shared_list_stays_active() -> None:
    payloads = shared("security/xss-payloads.txt").read_text("utf-8").split("\n")
    active = [payload for payload in payloads if _ACTIVE.search(safe_html(payload))]
    assert len(payloads) > 1000
    assert active == []


_MARKUP = [
    "",
    "plain",
    "AT&amp;T &lt;b&gt; rose&nbsp;5&#160;%  and   more",
    "<p>One <em>two</em></p>\n<ul><li>three<li>four</ul><blockquote>five</blockquote>six",
    "a<br>b<br><br>c<br>\n<br>d",
    '<a href="/x?a=1&b=2" title="a > b < c &quot;d&quot;">link</a> after',
    "<h2>Head</h2><p>AT&amp;T <b>rose</b><br>5%.</p>\n\n<p>3 &lt; 4</p><script>no</script><pre>x\n  y</pre>",
    "<table><tr><th>a<td>b<tr><td colspan=2>c</table><dl><dt>d<dd>e</dl>",
    "so&shy;ft &zwnj;mark &#8203;zero &#x202e;turned",
    "\u3000wide\u2003space\u00a0",
    "<div><div><p></p></div></div><hr><h1></h1>",
]


@pytest.mark.parametrize("markup", _MARKUP)
def test_the_short_way_to_the_text_of_safe_markup_leads_to_the_same(markup: str) -> None:
    safe = safe_html(markup, "https://news.example/")
    assert text_of_safe_html(safe) == text_of_html(safe)


def test_the_short_way_reads_every_payload_of_the_shared_list_alike() -> None:
    for payload in shared("security/xss-payloads.txt").read_text("utf-8").split("\n"):
        safe = safe_html(payload, "https://news.example/")
        assert text_of_safe_html(safe) == text_of_html(safe), payload


@pytest.mark.parametrize(
    "link",
    [
        "/b",
        "b",
        "?x=1",
        "//other.example/b",
        "&#104;ttp://x.example/",
        "HTTP://x.example/b",
        "mailto:a@b.example",
    ],
)
@pytest.mark.parametrize("form", ['<a href="{}">y</a>', "<a HREF={}>y</a>", "<a\thref\n=\n'{}'>y</a>"])
def test_links_are_resolved_however_they_are_written(link: str, form: str) -> None:
    cleaned = safe_html(form.format(link), "https://news.example/a/")
    found = re.search(r'href="([^"]*)"', cleaned)
    assert found is not None
    assert found[1].lower().startswith(("https://", "http://", "mailto:"))


def test_text_without_tags_is_written_as_a_tree_would_write_it() -> None:
    text = "AT&amp;T &copy &lt;b&gt; &notit; a&nbsp;b & c &#8203;d"
    assert safe_html(text) == safe_html(f"{text}<p></p>").removesuffix("<p></p>").replace("\u200b", "")
