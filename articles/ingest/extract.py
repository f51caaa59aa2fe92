"""Page bytes become title, text, date and authors."""

from __future__ import annotations

import re
from copy import deepcopy

import trafilatura
from lxml import etree
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
from articles.ingest.page_rules import apply_selectors
from articles.ingest.sanitize import one_line, plain_text, safe_html
from articles.types import ExtractedPage, ReadingRules

_TOO_LITTLE = 300
_MAX_TITLE = 1000
_TAG = re.compile(r"<[a-zA-Z!/?]")
# A comment inside of a paragraph would part its text, and nothing here reads comments.
_PARSER = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")


def extract_page(  # noqa: PLR0913 - all but the page are named and may be left out
    page: bytes | str,
    *,
    url: str = "",
    content_type: str = "",
    feed_title: str = "",
    rules: ReadingRules | None = None,
    limits: PageLimits | None = None,
) -> ExtractedPage:
    """Find the article in a page of HTML or plain text.

    `feed_title` is the headline that the feed gave and wins over the page's own; `rules` are the
    publisher's. `published` keeps the zone that the page writes. A page without an article has
    an empty text and says so in `problems`. Raises ParseFailedError when it is too large to be looked at.
    """
    bounds = limits or PageLimits()
    if len(page) > bounds.max_bytes:
        raise ParseFailedError(
            f"The page has {len(page):,} bytes, more than the {bounds.max_bytes:,} allowed."
        )
    text = plain_text(decode(page, content_type)[0] if isinstance(page, bytes) else page)
    if not text.strip():
        raise ParseFailedError("The page is empty.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "text/plain" or (not kind.endswith(("html", "xml")) and _TAG.search(text) is None):
        return _plain_page(text, feed_title, rules or ReadingRules(), bounds)
    return _html_page(text, url, feed_title, rules or ReadingRules(), bounds)


def _plain_page(text: str, feed_title: str, rules: ReadingRules, bounds: PageLimits) -> ExtractedPage:
    blocks = blocks_of_text(text[: bounds.max_text])
    title = one_line(feed_title or (blocks[0].text.split("\n")[0] if blocks else ""), _MAX_TITLE)
    kept, removed = clean_edges(
        blocks, title=title, repeated_lines=rules.repeated_lines, rules_off=rules.rules_off
    )
    return ExtractedPage(
        title=title, text=text_of(kept), html=safe_html(html_of(kept)), removed=tuple(removed)
    )


def _html_page(
    text: str, url: str, feed_title: str, rules: ReadingRules, bounds: PageLimits
) -> ExtractedPage:
    selected = apply_selectors(text, rules)
    tree = _tree(selected.markup, bounds)
    facts = read_facts(tree)
    kept_tree = _tree(selected.kept, bounds) if selected.is_kept else None
    blocks = _article_blocks(tree, url) if kept_tree is None else blocks_of_tree(kept_tree.find("body"))
    title = one_line(selected.title or feed_title or choose_title(facts, url), _MAX_TITLE)
    kept, removed = clean_edges(
        blocks, title=title, repeated_lines=rules.repeated_lines, rules_off=rules.rules_off
    )
    kept = first_blocks(kept, bounds.max_text)
    body = text_of(kept)
    told = Dated(selected.date, "rule", selected.date_has_time, selected.date_raw) if selected.date else None
    described = describe(
        tree, facts, url=url, title=title, text=body, rule_date=told, rule_authors=selected.authors
    )
    problems = () if kept else ("No article was found in this page.",)
    return ExtractedPage(
        title=title,
        text=body,
        html=safe_html(html_of(kept), url),
        site_name=facts.site_name,
        problems=problems,
        removed=tuple(removed),
        notes=selected.notes,
        by_rule=selected.by_rule,
        **described,
    )


def _tree(text: str, bounds: PageLimits) -> lxml_html.HtmlElement:
    # lxml refuses text that declares an encoding, and stops building at its own depth limit.
    try:
        tree = lxml_html.document_fromstring(_XML_DECLARATION.sub("", text), parser=_PARSER)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ParseFailedError("The page holds no markup that can be read.") from error
    count = sum(1 for _ in tree.iter())
    if count > bounds.max_elements:
        raise ParseFailedError(
            f"The page has {count:,} elements, more than the {bounds.max_elements:,} allowed."
        )
    return tree


def _article_blocks(tree: lxml_html.HtmlElement, url: str) -> list[Block]:
    precise = _run(tree, url, is_precise=True)
    if sum(len(block.text) for block in precise) >= _TOO_LITTLE:
        return precise
    generous = _run(tree, url, is_precise=False)
    return max(precise, generous, key=lambda blocks: sum(len(block.text) for block in blocks))


def _run(tree: lxml_html.HtmlElement, url: str, *, is_precise: bool) -> list[Block]:
    # It takes away from the tree what it does not want.
    document = trafilatura.bare_extraction(
        deepcopy(tree),
        url=url or None,
        favor_precision=is_precise,
        include_comments=False,
        with_metadata=False,
    )
    return blocks_of_tree(getattr(document, "body", None))
