"""An element tree becomes blocks, and their plain text and their HTML say the same."""

from __future__ import annotations

import random
import re

import pytest
from lxml import etree
from lxml import html as lxml_html

from articles.ingest.blocks import (
    Block,
    blocks_of_text,
    blocks_of_tree,
    first_blocks,
    html_of,
    text_of,
)
from articles.ingest.sanitize import safe_html, text_of_html


def _of(markup: str) -> list[Block]:
    return blocks_of_tree(lxml_html.fromstring(f"<div>{markup}</div>"))


def _texts(markup: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in _of(markup)]


def _html(markup: str) -> str:
    return safe_html(html_of(_of(markup))).replace("\n", "")


def test_paragraphs_headings_and_quotations_are_told_apart() -> None:
    assert _texts(
        "<h1>Head</h1><p>One <i>two</i>.</p>Loose text<blockquote><p>Q1</p><p>Q2</p></blockquote>"
    ) == [
        ("heading", "Head"),
        ("paragraph", "One two."),
        ("paragraph", "Loose text"),
        ("quote", "Q1"),
        ("quote", "Q2"),
    ]
    assert _html(
        "<h1>H</h1><h3>I</h3><h6>J</h6><blockquote><p>a</p><p>b</p></blockquote><blockquote>c</blockquote>"
    ) == (
        "<h2>H</h2><h3>I</h3><h4>J</h4><blockquote><p>a</p><p>b</p></blockquote><blockquote><p>c</p></blockquote>"
    )


def test_lists_nest_and_keep_their_order() -> None:
    nested = "<ol><li>one<ul><li>a</li><li>b</li></ul></li><li>two</li></ol><ul><li>x</li></ul>"
    assert (
        _html(nested) == "<ol><li>one<ul><li>a</li><li>b</li></ul></li><li>two</li></ol><ul><li>x</li></ul>"
    )
    assert [(block.text, block.level, block.is_ordered) for block in _of(nested)] == [
        ("one", 1, True),
        ("a", 2, False),
        ("b", 2, False),
        ("two", 1, True),
        ("x", 1, False),
    ]


def test_the_paragraphs_of_an_item_are_its_lines_and_what_follows_its_list_comes_after() -> None:
    assert _texts("<ul><li><p>a</p><p>b</p></li></ul>") == [("item", "a\nb")]
    assert _texts("<ul><li>a<ul><li>b</li></ul>c</li></ul>") == [("item", "a"), ("item", "b"), ("item", "c")]


def test_an_item_whose_outer_one_is_gone_moves_outwards() -> None:
    blocks = _of("<ul><li>one<ul><li>a</li></ul></li></ul>")[1:]
    assert html_of(blocks).replace("\n", "") == "<ul><li>a</li></ul>"


def test_a_table_of_data_stays_a_table_with_a_line_a_row() -> None:
    table = "<table><caption>Catch</caption><tr><th>Port<th>Tons<tr><td>Aa<td>1<tr><td>Bb<td></table>"
    assert _texts(table) == [("caption", "Catch"), ("row", "Port | Tons"), ("row", "Aa | 1"), ("row", "Bb")]
    assert "<th>Port</th><th>Tons</th>" in _html(table)
    assert _html(table).count("<tr>") == 3


@pytest.mark.parametrize(
    "table",
    [
        "<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>",
        "<table><tr><td>a<tr><td>b<tr><td>c<tr><td>d</table>",
        "<table><tr><td>a<td>b<td>c<td>d</table>",
        "<table><tr><td>a<td>b<tr><td>c<td><ul><li>d</ul></table>",
        "<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table></table>",
    ],
)
def test_a_table_that_lays_out_a_page_is_read_cell_by_cell(table: str) -> None:
    is_nested = table.count("<table") > 1
    assert [text for _, text in _texts(table)] == (["a | b", "c | d"] if is_nested else ["a", "b", "c", "d"])


def test_what_is_no_text_is_left_out_and_what_follows_it_stays() -> None:
    markup = (
        "<p>a<script>x()</script> b<!-- c --> d<figure><img src=x><figcaption>A harbour</figcaption></figure> e"
        "<span hidden>f</span><span style='display: none'>g</span><button>h</button></p><template>i</template>"
    )
    assert " ".join(text for _, text in _texts(markup)) == "a b d e"


def test_links_and_emphasis_are_kept_where_they_stand() -> None:
    assert _html("<p>See <a href='https://a.example/x'>the <b>port</b></a>, <em>now</em>.</p>") == (
        '<p>See <a href="https://a.example/x" rel="noopener noreferrer nofollow">the <strong>port</strong></a>, <em>now</em>.</p>'
    )
    assert "javascript" not in _html("<p><a href='javascript:x'>y</a></p>")


def test_marks_of_a_shortened_text_find_their_words_or_go() -> None:
    (block,) = _of("<p>By Ann<br>The <b>port</b> is <i>open</i></p>")
    short = Block(block.kind, "The port is", marks=block.marks)
    assert html_of([short]) == "<p>The <strong>port</strong> is</p>"


def test_preformatted_code_keeps_its_lines_and_prose_becomes_paragraphs() -> None:
    assert _texts("<pre>def f():\n    return 1\n\nx = f();</pre>") == [
        ("code", "def f():\n    return 1\nx = f();")
    ]
    assert _texts("<pre>First line\nsecond\n\nNext paragraph</pre>") == [
        ("paragraph", "First line\nsecond"),
        ("paragraph", "Next paragraph"),
    ]


def test_two_line_breaks_part_paragraphs_and_one_a_line() -> None:
    assert _texts("a<br>b<br><br>c") == [("paragraph", "a\nb"), ("paragraph", "c")]


def test_the_tree_of_trafilatura_is_read_alike() -> None:
    body = etree.fromstring(
        "<body><head rend='h3'>H</head><p>a <hi rend='#b'>b</hi> <ref target='https://a.example/'>c</ref></p>"
        "<list rend='ol'><item>x<list rend='ul'><item>y</item></list></item></list><quote><p>q</p></quote>"
        "<table><row><cell role='head'>m</cell><cell>n</cell></row><row><cell>1</cell><cell>2</cell></row></table></body>"
    )
    assert html_of(blocks_of_tree(body)).replace("\n", "") == (
        '<h3>H</h3><p>a <strong>b</strong> <a href="https://a.example/">c</a></p><ol><li>x<ul><li>y</li></ul></li></ol>'
        "<blockquote><p>q</p></blockquote><table><tr><th>m</th><td>n</td></tr><tr><td>1</td><td>2</td></tr></table>"
    )


def test_plain_text_is_parted_by_blank_lines() -> None:
    assert [block.text for block in blocks_of_text("a\nb\n \n\n c  d\n")] == ["a\nb", "c d"]


def test_a_text_is_cut_between_its_blocks() -> None:
    blocks = [Block("paragraph", "a" * 10), Block("paragraph", "b" * 10)]
    assert first_blocks(blocks, 22) == blocks
    assert first_blocks(blocks, 21) == blocks[:1]
    assert first_blocks(blocks, 4) == [Block("paragraph", "aaaa")]


TAGS = [
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "b",
    "a href=/x",
    "i",
    "blockquote",
    "h2",
    "table",
    "tr",
    "td",
    "br",
    "pre",
    "span",
    "dl",
    "dd",
]


@pytest.mark.parametrize("seed", range(60))
def test_text_and_html_say_the_same_whatever_the_markup(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - the same cases each time, not secrets
    parts = []
    for number in range(120):
        tag = rng.choice(TAGS)
        parts.append(
            rng.choice([f"<{tag}>", f"</{tag.split()[0]}>", f" w{number} ", f"w{number}", "&lt;b&gt; "])
        )
    blocks = _of("".join(parts))
    written = safe_html(html_of(blocks), "https://a.example/")
    assert re.findall(r"\w+", text_of(blocks)) == re.findall(r"\w+", text_of_html(written))
    assert all(
        block.text and block.text == block.text.strip() and "\n\n" not in block.text
        for block in blocks
        if block.kind != "code"
    )
