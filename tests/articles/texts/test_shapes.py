"""Paragraphs keep the shape that the page gave them."""

from __future__ import annotations

import pytest

from articles.texts.passages import lay_out
from articles.texts.shapes import LOOK_AHEAD, shapes_of


def test_it_tells_headings_items_quotes_and_rows_from_plain_paragraphs() -> None:
    html = (
        "<p>The port of Larvik closed on Monday.</p><h2>What is closed</h2><ul><li>Quay one</li><li>Quay two</li></ul>"
        "<blockquote><p>We had no choice.</p></blockquote><table><tr><td>Monday</td><td>12</td></tr></table><p>It opens soon.</p>"
    )
    text = [
        "The port of Larvik closed on Monday.",
        "What is closed",
        "Quay one",
        "Quay two",
        "We had no choice.",
        "Monday | 12",
        "It opens soon.",
    ]
    assert shapes_of(html, text) == ["text", "heading", "item", "item", "quote", "row", "text"]


def test_a_block_that_the_text_left_out_does_not_shift_the_others() -> None:
    html = "<p>Photo: a harbour</p><p>The port closed.</p><h3>More</h3><p>Ships wait outside.</p>"
    assert shapes_of(html, ["The port closed.", "More", "Ships wait outside."]) == ["text", "heading", "text"]


def test_a_paragraph_that_the_html_does_not_hold_is_plain() -> None:
    assert shapes_of("<h2>One</h2><p>Two</p>", ["Nothing of this", "One", "Two"]) == [
        "text",
        "heading",
        "text",
    ]


def test_it_looks_ahead_so_far_and_no_further() -> None:
    filler = "".join(f"<p>left out {n}</p>" for n in range(LOOK_AHEAD))
    assert shapes_of(f"{filler}<h2>Found?</h2>", ["Found?"]) == ["text"]
    assert shapes_of(f"{filler[: filler.rindex('<p>')]}<h2>Found?</h2>", ["Found?"]) == ["heading"]


def test_several_paragraphs_of_one_item_are_all_items() -> None:
    html = "<ul><li><p>First thought.</p><p>Second thought.</p></li></ul><p>After.</p>"
    assert shapes_of(html, ["First thought.", "Second thought.", "After."]) == ["item", "item", "text"]


@pytest.mark.parametrize("html", ["", "   ", "<", "<p", "\x01", "<ul><li></li></ul>", "<!-- nothing -->"])
def test_html_that_says_nothing_leaves_plain_paragraphs(html: str) -> None:
    assert shapes_of(html, ["One", "Two"]) == ["text", "text"]


def test_a_run_of_items_is_one_list() -> None:
    html = "<p>Before</p><ul><li>One</li><li>Two</li></ul><p>Between</p><ul><li>Three</li></ul>"
    text = "Before\n\nOne\n\nTwo\n\nBetween\n\nThree"
    laid = lay_out(text, (), (), html)
    assert [(one.text, one.opens_list, one.closes_list) for one in laid if one.shape == "item"] == [
        ("One", True, False),
        ("Two", False, True),
        ("Three", True, True),
    ]
