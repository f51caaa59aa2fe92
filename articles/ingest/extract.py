"""Page bytes become title, text, date and authors."""

from __future__ import annotations

import re
from datetime import datetime

import trafilatura
from lxml import html as lxml_html

from articles.errors import ParseFailedError
from articles.ingest.blocks import Block, blocks_of_text, blocks_of_tree, first_blocks, html_of, text_of
from articles.ingest.clean import clean_edges
from articles.ingest.dating import Dated
from articles.ingest.decoding import decode
from articles.ingest.describing import describe
from articles.ingest.headline import choose_title
from articles.ingest.limits import PageLimits
from articles.ingest.metadata import read_facts
from articles.ingest.page_kinds import page_kind
from articles.ingest.page_rules import apply_selectors
from articles.ingest.page_tree import parse_page, reading_copy
from articles.ingest.picking import pick_blocks
from articles.ingest.sanitize import one_line, plain_text, safe_html
from articles.types import ExtractedPage, PageKind, ReadingRules

_TOO_LITTLE = 300
_MAX_TITLE = 1000
_NO_ARTICLE = "No article was found in this page."
# The kinds of page whose text is an article's, or the beginning of one.
_WITH_TEXT = frozenset({"article", "paywall"})
# What a server calls these is no markup, whatever its bytes look like when they are read as text.
_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/msword")
_TAG = re.compile(r"<[a-zA-Z!/?]")


def extract_page(  # noqa: PLR0913 - all but the page are named and may be left out
    page: bytes | str,
    *,
    url: str = "",
    content_type: str = "",
    feed_title: str = "",
    rules: ReadingRules | None = None,
    limits: PageLimits | None = None,
    now: datetime | None = None,
) -> ExtractedPage:
    """Find the article in a page of HTML or plain text.

    `feed_title` is the headline that the feed gave and wins over the page's own; `rules` are the publisher's, and
    their selectors win over both. `published` keeps the zone that the page writes. A page that is no article has an
    empty text, its `kind`, and the evidence in `kind_why` and `problems`; one behind a paywall keeps its beginning.
    A date far ahead of `now` is passed over for a better one.
    Raises ParseFailedError when it is empty or too large to be looked at, or a picture, a film or a PDF.
    """
    bounds = limits or PageLimits()
    if len(page) > bounds.max_bytes:
        raise ParseFailedError(
            f"The page has {len(page):,} bytes, more than the {bounds.max_bytes:,} allowed."
        )
    kind = content_type.partition(";")[0].strip().lower()
    is_pdf = page[:5] in {b"%PDF-", "%PDF-"}
    if is_pdf or kind.startswith(_NO_TEXT):
        what = "a PDF" if is_pdf else kind
        raise ParseFailedError(f"The address answers with {what}, which is no page of text.")
    text = plain_text(decode(page, content_type)[0] if isinstance(page, bytes) else page)
    if not text.strip():
        raise ParseFailedError("The page is empty.")
    if kind == "text/plain" or (not kind.endswith(("html", "xml")) and _TAG.search(text) is None):
        return _plain_page(text, feed_title, rules or ReadingRules(), bounds)
    return _html_page(text, url, feed_title, rules or ReadingRules(), bounds, now=now)


def _plain_page(text: str, feed_title: str, rules: ReadingRules, bounds: PageLimits) -> ExtractedPage:
    blocks = blocks_of_text(text[: bounds.max_text])
    title = one_line(feed_title or (blocks[0].text.split("\n")[0] if blocks else ""), _MAX_TITLE)
    kept, removed = clean_edges(
        blocks, title=title, repeated_lines=rules.repeated_lines, rules_off=rules.rules_off
    )
    return ExtractedPage(
        title=title,
        text=text_of(kept),
        html=safe_html(html_of(kept)),
        removed=tuple(removed),
        notes=("The page is plain text, in which selectors find nothing.",) if rules.has_selectors else (),
    )


def _html_page(  # noqa: PLR0913 - what is known of one page
    text: str, url: str, feed_title: str, rules: ReadingRules, bounds: PageLimits, *, now: datetime | None
) -> ExtractedPage:
    selected = apply_selectors(text, rules)
    tree = parse_page(selected.markup, bounds)
    facts = read_facts(tree)
    copy = reading_copy(tree, bounds)
    if selected.is_kept:
        blocks = blocks_of_tree(parse_page(selected.kept, bounds).find("body"))
    else:
        blocks = _article_blocks(copy, url)
    title = one_line(selected.title or feed_title or choose_title(facts, url), _MAX_TITLE)
    kept, removed = clean_edges(
        blocks,
        title=title,
        headline=facts.first_heading,
        repeated_lines=rules.repeated_lines,
        rules_off=rules.rules_off,
    )
    kind, why = _kind_of(tree, copy, blocks, url, facts.document_title, is_by_rule=selected.is_kept)
    kept = first_blocks(kept, bounds.max_text) if kind in _WITH_TEXT else []
    body = text_of(kept)
    told = Dated(selected.date, "rule", selected.date_has_time, selected.date_raw) if selected.date else None
    described = describe(
        tree,
        facts,
        url=url,
        title=title,
        text=body,
        markup=text,
        rule_date=told,
        rule_authors=selected.authors,
        now=now,
    )
    problems = (_NO_ARTICLE,) if kind == "empty" else (why,) if why else ()
    return ExtractedPage(
        title=title,
        text=body,
        html=safe_html(html_of(kept), url),
        site_name=facts.site_name,
        problems=problems,
        removed=tuple(removed),
        kind=kind,
        kind_why=why,
        notes=selected.notes,
        by_rule=selected.by_rule,
        **described,
    )


def _kind_of(  # noqa: PLR0913 - what is known of one page
    tree: lxml_html.HtmlElement,
    copy: lxml_html.HtmlElement,
    blocks: list[Block],
    url: str,
    title: str,
    *,
    is_by_rule: bool,
) -> tuple[PageKind, str]:
    """What the page is; an admin who said where its text stands is believed."""
    if is_by_rule and blocks:
        return "article", ""
    return page_kind(tree, copy, blocks, url=url, title=title)


def _article_blocks(copy: lxml_html.HtmlElement, url: str) -> list[Block]:
    precise = _run(copy, url, is_precise=True)
    if sum(len(block.text) for block in precise) >= _TOO_LITTLE:
        return precise
    generous = _run(copy, url, is_precise=False)
    return max(precise, generous, key=lambda blocks: sum(len(block.text) for block in blocks))


def _run(tree: lxml_html.HtmlElement, url: str, *, is_precise: bool) -> list[Block]:
    document = trafilatura.bare_extraction(
        tree, url=url or None, favor_precision=is_precise, include_comments=False, with_metadata=False
    )
    return pick_blocks(tree.find("body"), getattr(document, "body", None))
