"""JSON Feed (1.0 and 1.1) becomes `ParsedFeed`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from articles.errors import NotAFeedError, ParseFailedError
from articles.ingest.canonical import absolute_url
from articles.ingest.dates import read_date
from articles.ingest.fields import LeftOut, labels, newest, plain_title
from articles.ingest.limits import FeedLimits
from articles.ingest.sanitize import html_of_text, one_line, safe_html
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
    if document.get("expired") is True:
        problems.append("The feed says of itself that it has ended.")
    home = absolute_url(_text(document, "home_page_url"), url)
    own = absolute_url(_text(document, "feed_url"), url)
    feed_authors = _authors(document, bounds)
    left_out = LeftOut()
    entries: list[ParsedEntry] = []
    for number, item in _newest(document["items"], bounds, problems, left_out):
        if not isinstance(item, dict):
            problems.append(f"Entry {number} is no JSON object and was left out.")
            left_out.add("It is no JSON object.", str(item)[:200])
            continue
        try:
            entries.append(_entry(item, own or url or home, feed_authors, bounds))
        except Exception as error:  # noqa: BLE001 - one bad entry never sinks the feed, whatever is wrong with it
            problems.append(f"Entry {number} was left out: {type(error).__name__}.")
            left_out.add(f"It cannot be read ({type(error).__name__}).", _example(item))
    return ParsedFeed(
        format="json",
        title=_line(document, "title", bounds.max_title),
        link=home,
        language=_line(document, "language", bounds.max_label),
        entries=tuple(entries),
        problems=tuple(problems),
        hub_url=_hub(document, url),
        self_url=own,
        skipped=left_out.rows(),
    )


def _newest(
    items: list[Any], bounds: FeedLimits, problems: list[str], left_out: LeftOut
) -> list[tuple[int, Any]]:
    """The numbered entries, of too many the newest by date in the order of the feed."""
    numbered = list(enumerate(items, 1))
    count = bounds.max_entries
    if len(items) <= count:
        return numbered
    problems.append(f"The feed has {len(items)} entries; only the newest {count} are read.")
    kept, first = newest([_entry_date(item) for item in items], count)
    left_out.add(
        f"Only the newest {count:,} entries of an answer are read.",
        _example(items[first]),
        len(items) - count,
    )
    return [numbered[place] for place in kept]


def _entry_date(item: Any) -> datetime | None:
    told = _text(item, "date_published") or _text(item, "date_modified") if isinstance(item, dict) else ""
    return read_date(told)


def _example(item: Any) -> str:
    return _text(item, "title") or _text(item, "id") if isinstance(item, dict) else str(item)[:200]


def _hub(document: Mapping[str, Any], base: str) -> str:
    """The first hub of the kind that we can subscribe to."""
    hubs = document.get("hubs")
    found = (
        absolute_url(_text(hub, "url"), base)
        for hub in (hubs if isinstance(hubs, list) else [])
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub"
    )
    return next((url for url in found if url), "")


def _entry(
    item: Mapping[str, Any], base: str, feed_authors: tuple[str, ...], bounds: FeedLimits
) -> ParsedEntry:
    link = absolute_url(_text(item, "url"), base) or absolute_url(_text(item, "external_url"), base)
    body = _text(item, "content_html")[: bounds.max_html]
    text = _text(item, "content_text")[: bounds.max_html]
    summary = _text(item, "summary")[: bounds.max_html]
    published_raw = _text(item, "date_published") or _text(item, "date_modified")
    tags = item.get("tags")
    return ParsedEntry(
        guid=_line(item, "id", bounds.max_guid),
        url=link,
        title=plain_title(_text(item, "title"), "text/plain", bounds),
        authors=_authors(item, bounds) or feed_authors,
        published=read_date(published_raw),
        published_raw=one_line(published_raw, bounds.max_label),
        updated=read_date(_text(item, "date_modified")),
        summary_html=html_of_text(summary),
        content_html=safe_html(body, link or base) or html_of_text(text),
        categories=labels(
            (tag for tag in (tags if isinstance(tags, list) else []) if isinstance(tag, str)), bounds
        ),
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
    return labels((_text(person, "name") for person in people if isinstance(person, dict)), bounds)
