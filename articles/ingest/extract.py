"""Page bytes become title, text, date and authors."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import trafilatura
from htmldate import find_date
from lxml import etree
from lxml import html as lxml_html

from articles.errors import ParseFailedError
from articles.ingest.canonical import absolute_url, host_of
from articles.ingest.clean import Block, clean_edges, line_key
from articles.ingest.dates import read_date_parts
from articles.ingest.decoding import decode
from articles.ingest.limits import PageLimits
from articles.ingest.metadata import PageFacts, read_facts
from articles.ingest.sanitize import html_of_text, one_line, plain_text, safe_html
from articles.types import ExtractedPage, PublishedFrom

_TOO_LITTLE = 300
_MAX_TITLE = 1000
_FIRST_YEAR = 1990
_TAG = re.compile(r"<[a-zA-Z!/?]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")
_TITLE_BREAKS = re.compile(r"\s+[–—·•»«:~]+\s+|\s+-+\s+|\s*[|｜]+\s*")
_SITE_WORDS = re.compile(r"[^\W_]+")
_PERMALINK_DAY = re.compile(r"/((?:19|20)\d\d)/([01]\d)/([0-3]\d)/")
# Zones lie whole quarters of an hour from UTC, at most fourteen hours.
_ZONE_STEP, _WIDEST_ZONE = timedelta(minutes=15), timedelta(hours=14)
_FIRST_DIGIT = re.compile(r"\d")
_NOT_PUBLISHED = re.compile(r"\b(?:updat|modif|aktualis|mis à jour|actualizad)", re.IGNORECASE)
# How many texts of a page are looked at for a printed time, and how far from the headline.
_MOST_TEXTS, _TEXTS_BELOW, _TEXTS_ABOVE, _MAX_DATELINE = 20_000, 30, 12, 60
_MAX_SITE_WORDS = 7
_MIN_HEADLINE_WORDS = 3


def extract_page(  # noqa: PLR0913 - all but the page are named and may be left out
    page: bytes | str,
    *,
    url: str = "",
    content_type: str = "",
    feed_title: str = "",
    repeated_lines: Collection[str] = frozenset(),
    limits: PageLimits | None = None,
) -> ExtractedPage:
    """Find the article in a page of HTML or plain text.

    `feed_title` is the headline that the feed gave and wins over the page's own; `repeated_lines` are `line_key`s of
    lines that this publisher repeats. `published` keeps the zone that the page writes. A page without an article has
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
        return _plain_page(text, feed_title, repeated_lines, bounds)
    return _html_page(text, url, feed_title, repeated_lines, bounds)


def _plain_page(
    text: str, feed_title: str, repeated_lines: Collection[str], bounds: PageLimits
) -> ExtractedPage:
    blocks = [
        Block("paragraph", block.strip())
        for block in _BLANK_LINES.split(text[: bounds.max_text])
        if block.strip()
    ]
    title = one_line(feed_title or (blocks[0].text.split("\n")[0] if blocks else ""), _MAX_TITLE)
    kept, removed = clean_edges(blocks, title=title, repeated_lines=repeated_lines)
    return ExtractedPage(
        title=title, text=_text_of(kept), html=html_of_text(_text_of(kept)), removed=tuple(removed)
    )


def _html_page(
    text: str, url: str, feed_title: str, repeated_lines: Collection[str], bounds: PageLimits
) -> ExtractedPage:
    tree = _tree(text, bounds)
    facts = read_facts(tree)
    blocks = _article_blocks(tree, url)
    site_name = facts.site_name
    title = one_line(feed_title or choose_title(facts, url), _MAX_TITLE)
    kept, removed = clean_edges(blocks, title=title, repeated_lines=repeated_lines)
    published, source, precision = _published(facts, tree, url, title)
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
        canonical_url=_canonical(facts, url),
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


def choose_title(facts: PageFacts, url: str) -> str:
    """The headline without the name of the site; the page's own best statement of it."""
    title = one_line(facts.headline) or one_line(facts.meta_title) or _document_title(facts)
    host = host_of(url).removeprefix("www.")
    names = {line_key(facts.site_name), line_key(host), line_key(host.rpartition(".")[0])} - {""}
    heading = line_key(facts.first_heading)
    pieces = _TITLE_BREAKS.split(title)
    breaks = _TITLE_BREAKS.findall(title)
    while len(pieces) > 1:
        last = pieces[-1]
        rest = _join(pieces[:-1], breaks)
        if _names_site(last, names) or (heading and line_key(rest) == heading):
            pieces, breaks = pieces[:-1], breaks[:-1]
            continue
        if _names_site(pieces[0], names):
            pieces, breaks = pieces[1:], breaks[1:]
            continue
        break
    return _join(pieces, breaks)


def _document_title(facts: PageFacts) -> str:
    """The title element, or the first heading when that is a headline and the title speaks of something else."""
    title, heading = one_line(facts.document_title), one_line(facts.first_heading)
    words = line_key(heading).split()
    is_other = len(words) >= _MIN_HEADLINE_WORDS and not set(words) & set(line_key(title).split())
    return heading if is_other or not title else title


def _join(pieces: list[str], breaks: list[str]) -> str:
    joined = pieces[0]
    for piece, between in zip(pieces[1:], breaks, strict=False):
        joined += between + piece
    return joined.strip()


def _names_site(piece: str, names: set[str]) -> bool:
    key = line_key(piece)
    if not key:
        return True
    if len(_SITE_WORDS.findall(piece)) > _MAX_SITE_WORDS:
        return False
    squeezed = key.replace(" ", "").removeprefix("www")
    return any(
        key == name
        or squeezed == name.replace(" ", "")
        or squeezed in {f"{name}{end}" for end in ("com", "org", "net")}
        for name in names
    )


def _published(
    facts: PageFacts, tree: lxml_html.HtmlElement, url: str, title: str
) -> tuple[datetime | None, PublishedFrom | None, bool]:
    """(time, where it was found, whether its time of day is known)."""
    stated: tuple[tuple[PublishedFrom, tuple[str, ...]], ...] = (
        ("jsonld", facts.jsonld_dates),
        ("meta", facts.meta_dates),
    )
    for source, raws in stated:
        for raw in raws:
            found = read_date_parts(raw)
            if found and found[0].year >= _FIRST_YEAR:
                return _in_own_zone(found[0], tree, url), source, found[1]
    beside = _beside_headline(tree, line_key(title))
    if beside is not None:
        return beside, "htmldate", True
    try:
        day = find_date(deepcopy(tree), extensive_search=True, original_date=True, url=url or None)
    except Exception:  # noqa: BLE001 - it guesses over foreign text with many patterns; no date is an answer
        day = None
    if not day or _is_only_a_year(day, tree):
        return None, None, False
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC), "htmldate", False


def _in_own_zone(moment: datetime, tree: lxml_html.HtmlElement, url: str) -> datetime:
    """A UTC time in the zone of its newsroom, when the permalink's day is another and the page tells the local clock.

    Sites that state UTC write their permalinks, and often one more clock, in their own time.
    """
    day = _PERMALINK_DAY.search(url)
    if moment.utcoffset() or day is None or "-".join(day.groups()) == moment.strftime("%Y-%m-%d"):
        return moment
    clock = re.compile("-".join(day.groups()) + r"[ T](\d\d:\d\d:\d\d)(?![\dZ+-])")
    found = clock.search(str(etree.tostring(tree, encoding="unicode")))
    local = read_date_parts(f"{'-'.join(day.groups())} {found[1]}") if found else None
    if local is None:
        return moment
    offset = local[0].replace(tzinfo=UTC) - moment
    is_zone = offset % _ZONE_STEP == timedelta() and abs(offset) <= _WIDEST_ZONE
    return moment.astimezone(timezone(offset)) if is_zone else moment


def _beside_headline(tree: lxml_html.HtmlElement, title_key: str) -> datetime | None:
    """The day and time of day printed near the headline: what a reader takes for the time of publication.

    The texts after the headline count before those above it, where a page prints today's date.
    """
    texts = [text for text in islice(tree.itertext(), _MOST_TEXTS) if text.strip()]
    place = next(
        (n for n in range(len(texts) - 1, -1, -1) if title_key and line_key(texts[n]) == title_key), -1
    )
    if place < 0:
        return None
    around = [
        *texts[place + 1 : place + 1 + _TEXTS_BELOW],
        *reversed(texts[max(0, place - _TEXTS_ABOVE) : place]),
    ]
    for text in around:
        line = one_line(text)
        start = _FIRST_DIGIT.search(line)
        if start is None or len(line) > _MAX_DATELINE or _NOT_PUBLISHED.search(line):
            continue
        for candidate in (line, line[start.start() :], line.rpartition(" - ")[2]):
            found = read_date_parts(candidate)
            if found and found[1] and found[0].year >= _FIRST_YEAR:
                return found[0]
    return None


def _is_only_a_year(day: str, tree: lxml_html.HtmlElement) -> bool:
    """Whether a first of January was made up from a year alone, such as the one of a copyright line."""
    if not day.endswith("-01-01"):
        return False
    year = day[:4]
    first = rf"{year}\D?0?1\D?0?1\b|\b0?1[./-]0?1[./-]{year}|jan\w*\.? 0?1(?:st)?,? {year}|\b0?1(?:st|\.)? jan\w*\.?,? {year}"
    return re.search(first, str(etree.tostring(tree, encoding="unicode")), re.IGNORECASE) is None


def _canonical(facts: PageFacts, url: str) -> str:
    """The page's own word for its address; a home page given for every article is not believed."""
    found = absolute_url(facts.canonical, url)
    if not found:
        return ""
    is_home = re.fullmatch(r"https?://[^/]+/?", found) is not None
    return "" if is_home and url and re.fullmatch(r"https?://[^/]+/?", url) is None else found


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
