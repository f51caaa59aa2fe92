"""Page bytes become title, text, date and authors."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterator
from copy import deepcopy

import trafilatura
from lxml import etree
from lxml import html as lxml_html

from articles.errors import ParseFailedError
from articles.ingest.clean import Block, clean_edges, line_key
from articles.ingest.dating import published_time
from articles.ingest.decoding import decode
from articles.ingest.headline import choose_title
from articles.ingest.limits import PageLimits
from articles.ingest.metadata import read_facts, stated_address
from articles.ingest.sanitize import html_of_text, one_line, plain_text, safe_html
from articles.types import ExtractedPage, ReadingRules

_TOO_LITTLE = 300
_MAX_TITLE = 1000
_TAG = re.compile(r"<[a-zA-Z!/?]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
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
    blocks = [
        Block("paragraph", block.strip())
        for block in _BLANK_LINES.split(text[: bounds.max_text])
        if block.strip()
    ]
    title = one_line(feed_title or (blocks[0].text.split("\n")[0] if blocks else ""), _MAX_TITLE)
    kept, removed = clean_edges(
        blocks, title=title, repeated_lines=rules.repeated_lines, rules_off=rules.rules_off
    )
    return ExtractedPage(
        title=title, text=_text_of(kept), html=html_of_text(_text_of(kept)), removed=tuple(removed)
    )


def _html_page(
    text: str, url: str, feed_title: str, rules: ReadingRules, bounds: PageLimits
) -> ExtractedPage:
    tree = _tree(text, bounds)
    facts = read_facts(tree)
    blocks = _article_blocks(tree, url)
    site_name = facts.site_name
    title = one_line(feed_title or choose_title(facts, url), _MAX_TITLE)
    kept, removed = clean_edges(
        blocks, title=title, repeated_lines=rules.repeated_lines, rules_off=rules.rules_off
    )
    published, source, precision = published_time(facts, tree, url, title)
    problems = () if kept else ("No article was found in this page.",)
    body = _text_of(kept)[: bounds.max_text]
    return ExtractedPage(
        title=title,
        text=body,
        html=safe_html(_html_of(kept))[: 2 * bounds.max_text] if kept else "",
        authors=tuple(name for name in facts.authors if line_key(name) != line_key(site_name)),
        published=published,
        published_from=source,
        published_precision="time" if precision else "day",
        language=facts.language,
        canonical_url=stated_address(facts, url),
        site_name=site_name,
        problems=problems,
        removed=tuple(removed),
    )


def _tree(text: str, bounds: PageLimits) -> lxml_html.HtmlElement:
    # lxml refuses text that declares an encoding, and stops building at its own depth limit.
    try:
        tree = lxml_html.document_fromstring(_XML_DECLARATION.sub("", text))
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
    body = getattr(document, "body", None)
    return list(_blocks(body)) if body is not None else []


def _blocks(body: etree._Element) -> Iterator[Block]:
    """The paragraphs of trafilatura's own tree, in order."""
    for element in body:
        match element.tag:
            case "head":
                yield from _block("heading", element)
            case "list":
                for item in element.iter("item"):
                    yield from _block("item", item)
            case "quote":
                yield from _block("quote", element)
            case "table":
                for row in element.iter("row"):
                    cells = [
                        one_line("".join(str(part) for part in cell.itertext())) for cell in row.iter("cell")
                    ]
                    line = " | ".join(cell for cell in cells if cell)
                    if line:
                        yield Block("row", line)
            case "graphic":
                continue
            case _:
                yield from _block("paragraph", element)


def _block(kind: str, element: etree._Element) -> Iterator[Block]:
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if node.tag in {"lb", "p", "item"} and node is not element:
                parts.append("\n")
            parts.append(node.text or "")
        elif node is not element:
            parts.append(("\n" if node.tag in {"p", "item"} else "") + (node.tail or ""))
    lines = (one_line(line) for line in "".join(parts).split("\n"))
    text = "\n".join(line for line in lines if line)
    if text:
        yield Block(kind, text)
    if element.tail and element.tail.strip():
        yield Block("paragraph", one_line(element.tail))


def _text_of(blocks: list[Block]) -> str:
    return "\n\n".join(block.text for block in blocks)


def _html_of(blocks: list[Block]) -> str:
    tags = {"heading": "h2", "item": "li", "quote": "blockquote"}
    parts: list[str] = []
    is_list = False
    for block in blocks:
        if (block.kind == "item") is not is_list:
            is_list = not is_list
            parts.append("<ul>" if is_list else "</ul>")
        tag = tags.get(block.kind, "p")
        body = html_module.escape(block.text, quote=False).replace("\n", "<br>")
        parts.append(f"<{tag}>{body}</{tag}>")
    return "\n".join([*parts, "</ul>"] if is_list else parts)
