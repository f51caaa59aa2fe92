"""The feed's own text loses its residue at the edges, in HTML and text alike, and nothing else."""

from __future__ import annotations

import pytest

from articles.ingest import clean as rules_of_lines
from articles.ingest.clean import LEARNT, LONG_LINE, line_key
from articles.ingest.feed_text import FeedText, clean_feed_text, may_be_residue
from articles.ingest.residue import RULES
from articles.ingest.sanitize import text_of_safe_html
from articles.types import EdgeRules
from tests.articles.ingest.matching import samples

BODY = "<p>The harbour board opened its new quay on Monday, after two years of work.</p>"
TEXT = text_of_safe_html(BODY)
FOOTER = "The Harbour Post, since 1881"
# Mixed scripts in a row of forty parts: no line is like that.
LONGEST_SAMPLE = 60


def clean(markup: str, *, title: str = "", rules: EdgeRules | None = None) -> FeedText:
    return clean_feed_text(markup, text_of_safe_html(markup), title=title, rules=rules or EdgeRules())


@pytest.mark.parametrize(
    "line",
    [
        "The post <a href='https://p.example/q'>New quay</a> appeared first on <a href='https://p.example/'>Post</a>.",
        "Der Beitrag Neuer Kai erschien zuerst auf Hafenpost.",
        "L’article Nouveau quai est apparu en premier sur Le Port.",
        "Read more",
        "<a href='https://p.example/q'>Continue reading</a>",
        "Lire aussi",
        "Te puede interesar",
        "Leggi anche",
        "Leia também",
        "Lees verder",
        "続きを読む",
        "相关阅读",
        "Share this on Facebook",
        "Facebook | Twitter | WhatsApp",
    ],
)
def test_it_takes_the_line_off_the_end_of_html_and_text_alike(line: str) -> None:
    found = clean(f"{BODY}<p>{line}</p>")
    assert (found.html, found.text) == (BODY, TEXT)
    assert [taken for _, taken in found.removed] == [text_of_safe_html(line)]


def test_it_takes_lines_off_the_beginning_and_from_line_breaks_too() -> None:
    found = clean(
        f"<p>By Ada Marlow</p><p>3 March 2026</p>{BODY[:-4]}<br>It holds <b>three</b> ships.<br>Read more</p>"
    )
    assert found.html == f"{BODY[:-4]}<br>It holds <b>three</b> ships.</p>"
    assert found.text == text_of_safe_html(found.html) == f"{TEXT}\nIt holds three ships."
    assert {rule for rule, _ in found.removed} == {"byline", "dateline", "related-links"}


def test_a_link_behind_the_last_sentence_goes_and_one_in_a_sentence_stays() -> None:
    found = clean(f"{BODY[:-4]} <a href='https://p.example/q'>Read more</a></p>")
    assert (found.html, found.text, found.removed) == (BODY, TEXT, (("read-more", "Read more"),))
    kept = "<p>For all of its story you can <a href='https://p.example/q'>read more</a></p>"
    assert clean(kept) == FeedText(kept, text_of_safe_html(kept))


@pytest.mark.parametrize(
    "line",
    [
        "Read more than one book a week, advised the minister.",
        "“Share this”, said the letter.",
        "The post office in Kent was the first to appear on the list of closures.",
        "Follow the money was what her editor told her.",
    ],
)
def test_a_sentence_that_is_nearly_residue_stays(line: str) -> None:
    markup = f"{BODY}<p>{line}</p>"
    assert clean(markup) == FeedText(markup, text_of_safe_html(markup))


@pytest.mark.parametrize(
    "markup",
    ["<a href='https://p.example/q'>Read more</a>", "<p>Read more</p><p>Share this</p>", "Read more", ""],
)
def test_an_entry_that_is_nothing_but_residue_is_never_emptied(markup: str) -> None:
    assert clean(markup) == FeedText(markup, text_of_safe_html(markup))


def test_a_list_that_is_the_text_stays_whole() -> None:
    firms = f"{BODY}<ul><li>Apple</li><li>Facebook</li><li>Siemens</li></ul>"
    assert clean(firms).html == firms
    finds = "".join(f"<li>The {number}. find of the week about quays and ships</li>" for number in range(5))
    digest = f"<p>Good morning.</p><p>Links</p><ul>{finds}</ul>"
    assert clean(digest).html == digest
    related = f"{BODY}<p>Related</p><ul><li>Old quay sold</li><li>Cod falls</li></ul>"
    assert (clean(related).html, clean(related).text) == (BODY, TEXT)


def test_a_text_without_tags_loses_its_lines_too() -> None:
    found = clean("The board &amp; the mayor opened the quay.\n\nRead more")
    assert (found.html, found.text) == (
        "The board &amp; the mayor opened the quay.",
        "The board & the mayor opened the quay.",
    )


def test_the_headline_above_the_text_goes() -> None:
    assert clean(f"<h2>New quay opens</h2>{BODY}", title="New quay opens").html == BODY


def test_the_publishers_lines_go_and_its_switched_off_rules_are_obeyed() -> None:
    markup = f"{BODY}<p>{FOOTER}</p><p>Share this</p>"
    assert clean(markup).text == f"{TEXT}\n\n{FOOTER}"
    rules = EdgeRules(frozenset({line_key(FOOTER)}), frozenset({"share"}))
    assert clean(markup, rules=rules).text == f"{TEXT}\n\nShare this"
    assert clean(markup, rules=rules).removed == ((LEARNT, FOOTER),)


def test_the_cheap_look_lets_through_whatever_a_rule_takes() -> None:
    patterns = [
        *(pattern for rule in RULES for pattern in rule.patterns),
        rules_of_lines._OPENER.pattern,
        rules_of_lines._BYLINE.pattern,
    ]
    missed = {
        sample
        for pattern in patterns
        for sample in samples(pattern, 150)
        if len(sample) <= LONGEST_SAMPLE and not may_be_residue(sample)
    }
    assert missed == set()
    assert not may_be_residue(
        "Ministers agreed on a new budget, said a spokeswoman of the government in the evening."
    )
    assert not may_be_residue("word " * LONG_LINE)


def test_a_hostile_entry_is_cleaned_in_time() -> None:
    for part in ("<br>", "<p>Read more</p>", "<p>", "<li>x</li>", "<a href='x'>Read more</a>"):
        clean(BODY + part * 20_000)
