"""Selectors of an admin are read from text, obeyed on a page, and never lose an article."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from articles.errors import SandboxKilledError
from articles.ingest.extract import extract_page
from articles.ingest.page_rules import (
    SelectorLimits,
    apply_selectors,
    find_containers,
    parse_selectors,
)
from articles.ingest.sandbox import Sandbox, SandboxLimits
from articles.types import ReadingRules

Found = TypeVar("Found")
WORDS = "The harbour board sold the quay to the only bidder it had on Tuesday afternoon. "
PAGE = f"""<!doctype html><html><head><title>Quay sold - Harbour Post</title>
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Quay sold"}}</script></head><body>
<nav class="menu"><a href="/">Home</a> <a href="/port">Port</a></nav>
<header><h1 class="head-line">Quay sold to the only bidder</h1><h2 class="deck">A deal nobody wanted</h2>
<p class="stamp">Published on <b>3 May 2024, 10:15 CET</b></p><p class="who">By Anna Smith and Bob Jones</p></header>
<main><div id="story-4711" class="story css-1x2y3z"><div class="text"><p>{WORDS * 3}</p>
<aside class="advert">Buy a boat today</aside><p>{WORDS * 4}</p></div>
<div class="related"><p>Read also: the crane that fell</p></div></div></main>
<footer><p class="legal">{"All rights are reserved by the publisher of this page. " * 3}</p></footer></body></html>"""


def rules(
    *, keep: str = "", remove: str = "", title: str = "", date: str = "", author: str = ""
) -> ReadingRules:
    def lines(text: str) -> tuple[str, ...]:
        return tuple(text.split("\n")) if text else ()

    return ReadingRules(lines(keep), lines(remove), lines(title), lines(date), lines(author))


# --- reading ----------------------------------------------------------------------------------


def test_it_reads_one_selector_a_line_and_each_once() -> None:
    assert parse_selectors("  div.text \n\n\tmain   > p\ndiv.text\n") == (("div.text", "main > p"), ())
    assert parse_selectors("") == ((), ())


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("div[", "no attribute"),
        ("[title=a b]", "in quotes"),
        ("..text", "no class"),
        ("div.2col", "digit"),
        ("#", "no id"),
        (":is(p", "never closed"),
        ("p)", "with no “(” before it"),
        ("> p", "nothing stands before"),
        ("main >", "nothing follows"),
        ("a,,b", "nothing stands before"),
        ("p:shiny", "no pseudo-class"),
        ("div:has(p:has(a))", ":has"),
        ("p::before", "pseudo-element"),
        ("p:contains('x')", ":-soup-contains"),
        ("//div[@class='x']", "XPath"),
        ("<div>", "markup"),
        ("p { color: red }", "brace"),
        ("price$", "not how CSS is written"),
    ],
)
def test_it_names_the_selector_and_says_what_is_wrong_with_it(selector: str, words: str) -> None:
    good, problems = parse_selectors(f"div.text\n{selector}")
    assert good == ("div.text",)
    (problem,) = problems
    assert problem.startswith(f"“{selector}” cannot be used: ")
    assert words in problem
    assert problem.endswith(".")
    assert "\n" not in problem


def test_it_limits_how_much_may_be_written() -> None:
    limits = SelectorLimits(max_text=100, max_selectors=3, max_selector=20)
    assert parse_selectors("p\n" * 3, limits)[1] == ()
    assert parse_selectors("a\nb\ni\np", limits) == ((), ("There are 4 selectors; 3 are the most.",))
    assert "101 characters; 100" in parse_selectors("p" * 101, limits)[1][0]
    assert "21 characters" in parse_selectors("p" * 21, limits)[1][0]


@pytest.mark.parametrize("selector", [":not(" * 2000 + "p" + ")" * 2000, "p:nth-child(" + "9" * 5000 + ")"])
def test_it_survives_selectors_made_to_break_it(selector: str) -> None:
    good, problems = parse_selectors(selector, SelectorLimits(max_text=100_000, max_selector=100_000))
    assert len(good) + len(problems) == 1


# --- obeying ----------------------------------------------------------------------------------


def test_it_leaves_a_page_alone_without_selectors() -> None:
    found = apply_selectors(PAGE, ReadingRules(repeated_lines=frozenset({"x"})))
    assert (found.markup, found.is_kept, found.notes) == (PAGE, False, ())


def test_it_keeps_what_is_to_be_kept_and_the_rest_of_the_page_for_its_facts() -> None:
    found = apply_selectors(PAGE, rules(keep=".text"))
    assert found.is_kept
    assert "Buy a boat" in found.kept
    assert "crane" not in found.kept
    assert "Anna Smith" in found.markup
    assert found.notes == ()


def test_it_removes_first_and_says_from_how_many_places() -> None:
    found = apply_selectors(PAGE, rules(keep=".story", remove=".advert\n.related"))
    assert "boat" not in found.kept + found.markup
    assert "crane" not in found.kept + found.markup
    assert found.notes == ("“.advert” (remove) took out 1 place.", "“.related” (remove) took out 1 place.")


def test_it_keeps_the_parts_in_the_order_of_the_page_and_each_once() -> None:
    found = apply_selectors(PAGE, rules(keep=".related\n.text\n.text p"))
    assert found.kept.index("harbour board") < found.kept.index("crane")
    assert found.kept.count("boat") == 1


@pytest.mark.parametrize("selector", ["article.nowhere", "br, hr", "main[title"])
def test_it_reads_the_page_in_its_own_way_when_nothing_is_kept(selector: str) -> None:
    found = apply_selectors(PAGE, rules(keep=selector))
    assert not found.is_kept
    assert found.markup == PAGE
    assert f"“{selector}” (keep)" in found.notes[0]
    assert found.notes[-1].endswith("its text was found in the machine's own way.")


def test_it_never_takes_out_the_whole_page() -> None:
    found = apply_selectors(PAGE, rules(remove="body\n.advert"))
    assert "harbour board" in found.markup
    assert "boat" not in found.markup
    assert "matches the whole page" in found.notes[0]


def test_it_keeps_a_page_whose_whole_body_is_wanted() -> None:
    found = apply_selectors("<html><body>Only a text, no element.</body></html>", rules(keep="html"))
    assert found.kept == "<html><body>Only a text, no element.</body></html>"


def test_it_takes_title_date_and_authors_from_the_first_selector_that_says_something() -> None:
    found = apply_selectors(PAGE, rules(title=".none\n.deck\nh1", date=".who\n.stamp", author=".legal\n.who"))
    assert found.title == "A deal nobody wanted"
    assert found.date is not None
    assert (found.date.astimezone(UTC), found.date_has_time) == (
        datetime(2024, 5, 3, 9, 15, tzinfo=UTC),
        True,
    )
    assert found.date_raw == "Published on 3 May 2024, 10:15 CET"
    assert found.authors == ("Anna Smith", "Bob Jones")
    assert found.by_rule == ("title", "date", "author")
    assert "“.none” (title) matches nothing in this page." in found.notes
    assert "“.who” (date) matches no date that can be read." in found.notes


@pytest.mark.parametrize(
    ("markup", "day", "has_time"),
    [
        ('<time datetime="2024-05-03T08:00:00+02:00">yesterday</time>', 3, True),
        ('<meta name="day" content="2024-05-03">', 3, False),
        ("<span>Posted: Friday, May 3, 2024</span>", 3, False),
        ('<span title="2024-05-03 07:00">3 hours ago</span>', 3, True),
    ],
)
def test_it_reads_a_date_from_attributes_and_from_words(markup: str, day: int, has_time: bool) -> None:
    found = apply_selectors(
        f"<html><body>{markup}<p>x</p></body></html>", rules(date="time\nmeta[name=day]\nspan")
    )
    assert found.date is not None
    assert (found.date.day, found.date.month, found.date_has_time) == (day, 5, has_time)


def test_it_leaves_out_a_selector_that_would_cost_too_much_on_this_page() -> None:
    limits = SelectorLimits(max_checks=200)
    found = apply_selectors(PAGE, rules(remove="p ~ p ~ p ~ p ~ p:has(b) > i", keep="p"), limits)
    assert "“p ~ p ~ p ~ p ~ p:has(b) > i” (remove) was not tried" in found.notes[0]
    assert found.is_kept


@pytest.mark.parametrize("shape", ["flat", "deep"])
@pytest.mark.parametrize(
    "selector", ["p ~ p ~ p:has(b) a", "p:has(~ p)", "div div div div:nth-child(2n + 1)"]
)
def test_it_ends_soon_on_pages_made_to_be_slow(shape: str, selector: str) -> None:
    inside = "<p>x <b>b</b></p>" * 20_000 if shape == "flat" else "<div>" * 20_000 + "x" + "</div>" * 20_000
    started = time.process_time()
    apply_selectors(f"<html><body>{inside}</body></html>", rules(keep=selector))
    assert time.process_time() - started < 20  # it takes about one; what is quadratic takes minutes


def test_it_tries_nothing_on_a_page_with_too_many_elements() -> None:
    markup = "<html><body>" + "<b>x</b>" * 200 + "</body></html>"
    found = apply_selectors(markup, rules(keep="b"), SelectorLimits(max_elements=100))
    assert (found.markup, found.is_kept) == (markup, False)
    assert "more than 100 elements" in found.notes[0]


def test_it_reads_pages_that_declare_an_encoding() -> None:
    found = apply_selectors(f"<?xml version='1.0' encoding='utf-8'?>{PAGE}", rules(keep=".text"))
    assert found.is_kept


# --- the whole way ----------------------------------------------------------------------------


def test_the_article_is_what_the_selectors_say() -> None:
    page = extract_page(
        PAGE,
        url="https://harbourpost.example/quay",
        content_type="text/html",
        feed_title="Quay",
        rules=rules(keep=".text", remove=".advert", title="h1", date=".stamp", author=".who"),
    )
    assert page.title == "Quay sold to the only bidder"
    assert page.text.split("\n\n") == [(WORDS * 3).strip(), (WORDS * 4).strip()]
    assert page.published is not None
    assert (page.published.day, page.published_from) == (3, "rule")
    assert page.authors == ("Anna Smith", "Bob Jones")
    assert page.by_rule == ("keep", "title", "date", "author")
    assert page.notes == ("“.advert” (remove) took out 1 place.",)


def test_a_page_whose_selectors_find_nothing_reads_as_without_them() -> None:
    plain = extract_page(PAGE, content_type="text/html")
    ruled = extract_page(PAGE, content_type="text/html", rules=rules(keep=".gone", title=".gone"))
    assert (ruled.text, ruled.title, ruled.by_rule) == (plain.text, plain.title, ())
    assert ruled.notes


class DyingAtFirst(Sandbox):
    """A sandbox whose child dies of its first job, as if a limit had ended it."""

    jobs = 0

    def _run(self, job: dict[str, Any], body: bytes, memory: int, read: Callable[[Any], Found]) -> Found:
        self.jobs += 1
        if self.jobs == 1:
            raise SandboxKilledError("The parser was stopped: it took longer than 6 seconds.")
        return super()._run(job, body, memory, read)


def test_a_page_that_its_selectors_make_too_slow_is_read_without_them() -> None:
    with DyingAtFirst(1, SandboxLimits()) as sandbox:
        page = sandbox.extract_page(PAGE, rules=rules(keep=".text"))
    assert "harbour board" in page.text
    (note,) = page.notes
    assert note.startswith("With the selectors it could not be read, so it was read without them.")
    assert note.endswith("it took longer than 6 seconds.")


# --- containers -------------------------------------------------------------------------------


def test_it_finds_the_part_that_holds_the_article_and_names_it_for_the_next_page_too() -> None:
    best = find_containers(PAGE)[0]
    assert best.selector == "div.text"
    assert (best.linked, best.begins[:17]) == (0, "The harbour board")
    assert 50 < best.share <= 100
    assert apply_selectors(PAGE, rules(keep=best.selector)).is_kept


def test_it_names_each_part_once_and_alone() -> None:
    found = find_containers(PAGE)
    selectors = [one.selector for one in found]
    assert len(selectors) == len(set(selectors))
    assert not any("4711" in selector or "css-" in selector for selector in selectors)
    page = (
        "<html><body>"
        + "".join(
            f"<section class='box'><div class='in'><p>{WORDS * n}</p></div></section>" for n in (2, 9, 4)
        )
        + "</body></html>"
    )
    assert find_containers(page)[0].selector in {"body", ""}


def test_it_finds_no_part_in_an_empty_page() -> None:
    assert find_containers("") == []
    assert find_containers("<html><body><p>Four words, no more</p></body></html>") == []


def test_the_child_finds_the_parts_too() -> None:
    with Sandbox(1) as sandbox:
        assert sandbox.find_containers(PAGE.encode(), "text/html; charset=utf-8") == find_containers(PAGE)


@pytest.mark.parametrize("shape", ["deep", "flat", "repeated"])
def test_it_finds_the_parts_of_pages_made_to_be_slow_soon(shape: str) -> None:
    inside = {
        "deep": "<div>" * 40_000 + WORDS * 5 + "</div>" * 40_000,
        "flat": f"<p>{WORDS}</p>" * 40_000,
        "repeated": f"<section><div><p>{WORDS * 3}</p></div></section>" * 12_000,
    }[shape]
    started = time.process_time()
    found = find_containers(f"<html><body>{inside}</body></html>")
    assert time.process_time() - started < 20  # it takes about one; what is quadratic takes minutes
    assert len(found) <= 1
