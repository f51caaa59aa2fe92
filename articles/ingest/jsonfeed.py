"""JSON Feed (1.0 and 1.1) becomes `ParsedFeed`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from articles.errors import NotAFeedError, ParseFailedError
from articles.ingest.canonical import absolute_url
from articles.ingest.dates import read_date
from articles.ingest.limits import FeedLimits
from articles.ingest.sanitize import html_of_text, one_line, safe_html, text_of_html
from articles.types import ParsedEntry, ParsedFeed

_VERSION = "jsonfeed.org/version/"


def looks_like_json(text: str) -> bool:
    """Whether the document starts as a JSON object does (no XML document can)."""
    return text.lstrip()[:1] == "{"


def parse_json_feed(text: str, *, url: str = "", limits: FeedLimits | None = None) -> ParsedFeed:
    """Read a JSON Feed. Raises NotAFeedError for other JSON and ParseFailedError for broken JSON."""
    bounds = limits or FeedLimits()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseFailedError(
            f"This is neither XML nor JSON that can be read: {one_line(str(error), 200)}."
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeedError("This JSON document is no JSON Feed: it has no list named items.")
    version = str(document.get("version") or "")
    if _VERSION not in version and not (document.get("title") or document.get("feed_url")):
        raise NotAFeedError("This JSON document is no JSON Feed: it names no version of jsonfeed.org.")
    problems: list[str] = []
    if _VERSION not in version:
        problems.append("The feed names no version of JSON Feed.")
    home = absolute_url(_text(document, "home_page_url"), url)
    base = absolute_url(_text(document, "feed_url"), url) or url or home
    feed_authors = _authors(document, bounds)
    entries: list[ParsedEntry] = []
    items = document["items"]
    if len(items) > bounds.max_entries:
        problems.append(f"The feed has {len(items)} entries; only the first {bounds.max_entries} are read.")
    for number, item in enumerate(items[: bounds.max_entries], 1):
        if not isinstance(item, dict):
            problems.append(f"Entry {number} is no JSON object and was left out.")
            continue
        try:
            entries.append(_entry(item, base, feed_authors, bounds))
        except Exception as error:  # noqa: BLE001 - one bad entry never sinks the feed, whatever is wrong with it
            problems.append(f"Entry {number} was left out: {type(error).__name__}.")
    return ParsedFeed(
        format="json",
        title=_line(document, "title", bounds.max_title),
        link=home,
        language=_line(document, "language", bounds.max_label),
        entries=tuple(entries),
        problems=tuple(problems),
    )


def _entry(
    item: Mapping[str, Any], base: str, feed_authors: tuple[str, ...], bounds: FeedLimits
) -> ParsedEntry:
    link = absolute_url(_text(item, "url"), base) or absolute_url(_text(item, "external_url"), base)
    body = _text(item, "content_html")[: bounds.max_html]
    text = _text(item, "content_text")[: bounds.max_html]
    summary = _text(item, "summary")[: bounds.max_html]
    published_raw = _text(item, "date_published") or _text(item, "date_modified")
    tags = item.get("tags")
    labels = (
        one_line(tag, bounds.max_label)
        for tag in (tags if isinstance(tags, list) else [])
        if isinstance(tag, str)
    )
    return ParsedEntry(
        guid=_line(item, "id", bounds.max_guid),
        url=link,
        title=one_line(text_of_html(_text(item, "title")[: bounds.max_html]), bounds.max_title),
        authors=_authors(item, bounds) or feed_authors,
        published=read_date(published_raw),
        published_raw=one_line(published_raw, bounds.max_label),
        updated=read_date(_text(item, "date_modified")),
        summary_html=html_of_text(summary),
        content_html=safe_html(body, link or base) or html_of_text(text),
        categories=tuple(dict.fromkeys(label for label in labels if label))[: bounds.max_labels],
    )


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if isinstance(value, bool) or value is None:
        return ""
    # Ids are numbers in some feeds, although they should be strings.
    return str(value) if isinstance(value, str | int | float) else ""


def _line(item: Mapping[str, Any], name: str, limit: int) -> str:
    return one_line(_text(item, name), limit)


def _authors(item: Mapping[str, Any], bounds: FeedLimits) -> tuple[str, ...]:
    listed = item.get("authors")
    people = listed if isinstance(listed, list) else [item.get("author")]
    names = (_line(person, "name", bounds.max_label) for person in people if isinstance(person, dict))
    return tuple(dict.fromkeys(name for name in names if name))[: bounds.max_labels]
