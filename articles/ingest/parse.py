"""Feed bytes become `ParsedFeed`: the one door to feedparser."""

from __future__ import annotations

import calendar
import io
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from articles.errors import NotAFeedError, ParseFailedError
from articles.ingest.canonical import absolute_url
from articles.ingest.dates import read_date
from articles.ingest.decoding import decode
from articles.ingest.jsonfeed import looks_like_json, parse_json_feed
from articles.ingest.limits import FeedLimits
from articles.ingest.sanitize import html_of_text, one_line, safe_html, text_of_html
from articles.types import ParsedEntry, ParsedFeed

# What feedparser gives: a dict with answers of its own for some names, which `dict.get` goes round.
Raw = dict[str, Any]

_FORMATS = {
    "rss20": "rss20",
    "rss10": "rss10",
    "rss090": "rss09x",
    "rss091n": "rss09x",
    "rss091u": "rss09x",
    "rss092": "rss09x",
    "rss093": "rss09x",
    "rss094": "rss09x",
    "rss": "rss",
    "atom": "atom",
    "atom01": "atom",
    "atom02": "atom",
    "atom03": "atom",
    "atom10": "atom",
    "cdf": "cdf",
}
_INTERNAL_SUBSET = re.compile(r"<!DOCTYPE[^\[>]{0,2000}\[", re.IGNORECASE)
_ROOT = re.compile(r"<\?xml[\s?]|<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_HTML_ROOT = re.compile(
    r"\A\s*(?:<!--.{0,2000}?-->\s*)*(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL
)
# XML 1.0 forbids these; one of them sends the whole feed to the slow loose parser.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBERED = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));?")
# A long author sends feedparser's pattern for mail addresses on a walk that takes seconds.
_LONG_AUTHOR = re.compile(
    r"(<(?:[\w.-]+:)?(?:author|contributor|creator|publisher|owner|email|name|managingeditor|webmaster)\b[^<>]{0,500}>"
    r"\s*(?:<!\[CDATA\[)?[^<>\]]{500})[^<>\]]+",
    re.IGNORECASE,
)
_LONG_RUN = re.compile(r"<[A-Za-z][^<]{2048,}")
_TAG_TOKEN = re.compile(r"[\"'>]")
_OPEN_OR_CLOSE = re.compile(
    r"<(/?)(?!(?:br|hr|img|p|li|input|link|meta|td|tr)[\s/>])[A-Za-z][^<>]*(?<!/)>", re.IGNORECASE
)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_MAX_PARSED = 10_000
_MANY_TAGS = 50_000
_MAX_DEPTH = 5000
_FAR_IN = 65_536
_PERIOD_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_MAX_TTL = 525_600


def parse_feed(
    body: bytes, *, url: str = "", content_type: str = "", limits: FeedLimits | None = None
) -> ParsedFeed:
    """Read a feed of any format.

    `url` is where it was found (relative links), `content_type` the header as served (its charset is a hint).
    `published` falls back to `updated`; `guid` is "" when the feed gives none. Raises NotAFeedError when the bytes are
    something else and ParseFailedError when they cannot be read or may not be.
    """
    bounds = limits or FeedLimits()
    if len(body) > bounds.max_bytes:
        raise ParseFailedError(
            f"The feed has {len(body):,} bytes, more than the {bounds.max_bytes:,} allowed."
        )
    if not body.strip():
        raise NotAFeedError("The answer is empty.")
    text, _ = decode(body, content_type)
    if looks_like_json(text):
        return parse_json_feed(text, url=url, limits=bounds)
    text = _harmless(text, bounds)
    problems: list[str] = []
    text = _fewer_entries(text, problems)
    found = _found(text, problems)
    if found.get("bozo"):
        reason = one_line(str(found.get("bozo_exception") or ""), 200)
        problems.append(f"The feed breaks the rules of XML ({reason}).")
    return _feed(found, url, bounds, problems)


def _found(text: str, problems: list[str]) -> Any:
    """feedparser's result, if need be for what follows the junk before the root. Raises NotAFeedError."""
    found = _read(text)
    if found.entries or found.get("version"):
        return found
    start = _ROOT.search(text, 1, _FAR_IN)
    if start is not None:
        again = _read(text[start.start() :])
        if again.entries or again.get("version"):
            problems.append("The feed does not begin with its root; what stood before was left out.")
            return again
    if _HTML_ROOT.match(text):
        raise NotAFeedError("This is a web page, not a feed.")
    if _ROOT.search(text, 0, _FAR_IN) is None:
        raise NotAFeedError("This is no feed: no element of RSS, Atom or RDF was found.")
    return found


def _harmless(text: str, bounds: FeedLimits) -> str:
    """The text without what would hang, crash or deceive the parser, or ParseFailedError. Linear in its length."""
    if _INTERNAL_SUBSET.search(text):
        raise ParseFailedError(
            "The feed declares entities of its own in a DOCTYPE, which is refused for safety."
        )
    for run in _LONG_RUN.finditer(text):
        if _count_attributes(run.group()) > bounds.max_attributes:
            raise ParseFailedError(f"The feed has a tag with more than {bounds.max_attributes} attributes.")
    if text.count("<") > _MANY_TAGS and _depth(text) > _MAX_DEPTH:
        raise ParseFailedError(f"The feed nests its elements more than {_MAX_DEPTH:,} deep.")
    cleaned = _NOT_XML.sub("", text.lstrip("\ufeff"))
    cleaned = _NUMBERED.sub(_legal_reference, cleaned)
    return _LONG_AUTHOR.sub(r"\1", cleaned)


def _fewer_entries(text: str, problems: list[str]) -> str:
    """The text without the entries after the first _MAX_PARSED, cut out between two of them so that it stays XML."""
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    if len(ends) <= _MAX_PARSED:
        return text
    problems.append(
        f"The feed has {len(ends)} entries; those after the first {_MAX_PARSED} are not looked at."
    )
    return text[: ends[_MAX_PARSED - 1]] + text[ends[-1] :]


def _depth(text: str) -> int:
    """The deepest nesting of tags; markup inside CDATA counts too, which is why real feeds get a generous bound."""
    depth = deepest = 0
    for match in _OPEN_OR_CLOSE.finditer(text):
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _count_attributes(run: str) -> int:
    """Attributes of the tag that opens `run` (everything up to the next "<"); quoted values may hold ">"."""
    count = position = 0
    while (token := _TAG_TOKEN.search(run, position)) is not None:
        count += run.count("=", position, token.start())
        if token.group() == ">":
            return count
        position = run.find(token.group(), token.end()) + 1
        if position == 0:
            return count + run.count("=", token.end())
    return count + run.count("=", position)


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = code <= sys.maxunicode and _NOT_XML.match(chr(code)) is None
    return match.group() if legal else "&#xFFFD;"


def _read(text: str) -> Any:
    # The stream keeps feedparser from taking the bytes for the name of a file, and the encoding is settled already.
    body = _XML_DECLARATION.sub("", text).encode("utf-8", "replace")
    # It is not told where the feed was found: it would resolve ids too, and an id must outlive a move of the feed.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:
        # On bad input feedparser raises whatever its parsers happen to raise.
        raise ParseFailedError(f"The feed cannot be read: {type(error).__name__}.") from error


def _feed(found: Any, url: str, bounds: FeedLimits, problems: list[str]) -> ParsedFeed:
    head: Raw = found.feed
    link = absolute_url(_string(head, "link"), url)
    base = url or link
    raw_entries: Sequence[Raw] = found.entries
    if len(raw_entries) > bounds.max_entries:
        problems.append(
            f"The feed has {len(raw_entries)} entries; only the newest {bounds.max_entries} are read."
        )
        raw_entries = _newest(raw_entries, bounds.max_entries)
    entries: list[ParsedEntry] = []
    for number, raw in enumerate(raw_entries, 1):
        try:
            entries.append(_entry(raw, base, bounds))
        except Exception as error:  # noqa: BLE001 - one bad entry never sinks the feed, whatever is wrong with it
            problems.append(f"Entry {number} was left out: {type(error).__name__}.")
    return ParsedFeed(
        format=_FORMATS.get(str(found.get("version") or ""), "unknown"),
        title=_title(head, bounds),
        link=link,
        language=one_line(_string(head, "language"), bounds.max_label),
        entries=tuple(entries),
        ttl_minutes=_ttl(head),
        problems=tuple(problems),
    )


def _newest(entries: Sequence[Raw], count: int) -> list[Raw]:
    """The newest by date in the order of the feed; undated ones count as old, earlier ones win ties."""
    dates = [_struct_date(e, "published_parsed") or _struct_date(e, "updated_parsed") for e in entries]
    oldest = datetime.min.replace(tzinfo=UTC)
    order = sorted(range(len(entries)), key=lambda i: (dates[i] or oldest, -i), reverse=True)[:count]
    return [entries[i] for i in sorted(order)]


def _entry(raw: Raw, base: str, bounds: FeedLimits) -> ParsedEntry:
    link = _link(raw, base)
    contents = [_html(part, link or base, bounds) for part in dict.get(raw, "content") or ()]
    summary = _html(
        dict.get(raw, "summary_detail") or {"value": _string(raw, "summary")}, link or base, bounds
    )
    content = max(contents, key=len, default="")
    published_raw = _string(raw, "published") or _string(raw, "created") or _string(raw, "updated")
    updated = _date(raw, "updated")
    source = dict.get(raw, "source")
    labels = (
        one_line(
            text_of_html(str(tag.get("label") or tag.get("term") or "")[: bounds.max_title]), bounds.max_label
        )
        for tag in dict.get(raw, "tags") or ()
    )
    return ParsedEntry(
        guid=one_line(_string(raw, "id"), bounds.max_guid),
        url=link,
        title=_title(raw, bounds),
        authors=_authors(raw, bounds),
        published=_date(raw, "published") or _date(raw, "created") or updated,
        published_raw=one_line(published_raw, bounds.max_label),
        updated=updated,
        summary_html=summary,
        content_html=content,
        categories=tuple(dict.fromkeys(label for label in labels if label))[: bounds.max_labels],
        source_name=_title(source, bounds) if isinstance(source, dict) else "",
    )


def _string(raw: Raw, name: str) -> str:
    # feedparser's own look-up answers `published` when asked for `updated`.
    value = dict.get(raw, name)
    return value if isinstance(value, str) else ""


def _title(raw: Raw, bounds: FeedLimits) -> str:
    value = _string(raw, "title")[: bounds.max_html]
    detail = dict.get(raw, "title_detail")
    kind = _string(detail, "type") if isinstance(detail, dict) else ""
    # A plain title may speak of "<b>"; but most titles with markup are mislabelled, and feedparser sees that.
    text = value if kind == "text/plain" and not _looks_like_markup(value) else text_of_html(value)
    return one_line(text, bounds.max_title)


def _looks_like_markup(text: str) -> bool:
    return re.search(r"</[a-zA-Z]|<[a-zA-Z][^<>]*>|&(?:#\w+|[a-zA-Z]\w{1,30});", text) is not None


def _html(part: Raw, base: str, bounds: FeedLimits) -> str:
    value = _string(part, "value")[: bounds.max_html]
    if _string(part, "type") == "text/plain" and not _looks_like_markup(value):
        return html_of_text(value)
    return safe_html(value, absolute_url(_string(part, "base"), base) or base)


def _link(raw: Raw, base: str) -> str:
    links = [item for item in dict.get(raw, "links") or () if isinstance(item, dict)]
    candidates = [
        _string(raw, "feedburner_origlink"),
        _string(raw, "link"),
        *(_string(item, "href") for item in links if _string(item, "rel") in {"", "alternate"}),
    ]
    found = (absolute_url(one_line(href), base) for href in candidates if href)
    return next((url for url in found if url), "")


def _authors(raw: Raw, bounds: FeedLimits) -> tuple[str, ...]:
    people = dict.get(raw, "authors") or ()
    names = [
        one_line(text_of_html(_string(person, "name") or _string(person, "email")), bounds.max_label)
        for person in people
        if isinstance(person, dict)
    ]
    if not any(names):
        names = [one_line(text_of_html(_string(raw, "author")[: bounds.max_title]), bounds.max_label)]
    return tuple(dict.fromkeys(name for name in names if name))[: bounds.max_labels]


def _date(raw: Raw, name: str) -> datetime | None:
    return read_date(_string(raw, name)) or _struct_date(raw, f"{name}_parsed")


def _struct_date(raw: Raw, name: str) -> datetime | None:
    value = dict.get(raw, name)
    if not isinstance(value, tuple):
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=calendar.timegm(value))
    except (ValueError, OverflowError):
        return None


def _ttl(head: Raw) -> int | None:
    """Minutes between looks that the feed itself asks for: `ttl`, else the syndication module's period."""
    given = _string(head, "ttl").strip()
    if given.isascii() and given.isdigit() and 0 < int(given[:9]) <= _MAX_TTL:
        return int(given)
    period = _PERIOD_MINUTES.get(_string(head, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    frequency = _string(head, "sy_updatefrequency").strip()
    times = int(frequency[:6]) if frequency.isascii() and frequency.isdigit() else 1
    return max(1, period // max(1, times))
