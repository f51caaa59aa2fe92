"""Feed bytes become `ParsedFeed`: well-formed feeds straight from their tree, the others through feedparser.

feedparser is the reader of record: what `wellformed` says is held against what it says, feed by feed, in the tests.
"""

from __future__ import annotations

import calendar
import html
import io
import pyexpat
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
from lxml import etree

from articles.errors import NotAFeedError, ParseFailedError
from articles.ingest.canonical import absolute_url
from articles.ingest.dates import read_date
from articles.ingest.decoding import decode
from articles.ingest.fields import LeftOut, field_html, labels, newest, plain_title, ttl_minutes
from articles.ingest.jsonfeed import looks_like_json, parse_json_feed
from articles.ingest.limits import FeedLimits
from articles.ingest.sanitize import one_line
from articles.ingest.wellformed import VOID_END, read_wellformed
from articles.types import ParsedEntry, ParsedFeed

# What feedparser gives: a dict with answers of its own for some names, which `dict.get` goes round.
Raw = dict[str, Any]

LEAST_EXPAT = (2, 4, 0)
LEAST_LIBXML2 = (2, 12, 0)

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
_TAG_TOKEN = re.compile(r"[\"'>]")
_OPEN_OR_CLOSE = re.compile(
    r"<(/?)(?!(?:br|hr|img|p|li|input|link|meta|td|tr)[\s/>])[A-Za-z][^<>]*(?<!/)>", re.IGNORECASE
)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
MOST_PARSED = 10_000
_MANY_TAGS = 50_000
_FAR_IN = 65_536
# RFC 6721: the ids of entries that their publisher took back.
_DELETED = re.compile(
    r"""<(?:[\w.-]+:)?deleted-entry\s[^<>]{0,2000}?\bref\s*=\s*(?:"([^"<>]{1,2048})"|'([^'<>]{1,2048})')"""
)
# feedparser takes what describes a picture for a text of the entry; that only holds when there is no other.
_MEDIA_DESCRIPTION = re.compile(r"(</?media:)description\b")
_ENTRY_TEXT = re.compile(r"<(?:description|summary|content)\b")
# Tags over which feedparser 6.0.14 stumbles when they are incomplete or out of place, and of which nothing is read.
_STUMBLING = re.compile(
    r"</?(?:(?:psc|georss|gml|geo):[\w-]+|(?:creativecommons|cc):license|textinput|where|width|height|authors|links|contributors)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_WHOLE_ENTRY = re.compile(
    r"<((?:[\w.-]+:)?(?:item|entry))(?:\s[^<>]*)?>.*?</\1\s*>", re.IGNORECASE | re.DOTALL
)
_ENTRY_START = re.compile(r"<(?:item|entry)[\s>]")


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
    _refuse_bombs(text, bounds)
    feed = read_wellformed(text, url, bounds, MOST_PARSED)
    return read_with_feedparser(text, url, bounds) if feed is None else feed


def unfit_parsers() -> str:
    """A sentence about a parser that is too old to be given foreign bytes, "" when all are fit.

    expat guards against entities that multiply since 2.4.0 (CVE-2013-0340), libxml2 against quadratic attribute lists
    since 2.12.
    """
    for name, found, least in (
        ("expat", pyexpat.version_info, LEAST_EXPAT),
        ("libxml2", etree.LIBXML_VERSION, LEAST_LIBXML2),
    ):
        if found < least:
            return f"{name} {_dotted(found)} is too old to read foreign feeds; {_dotted(least)} or newer is needed."
    return ""


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def read_with_feedparser(text: str, url: str, bounds: FeedLimits) -> ParsedFeed:
    """The feed as feedparser reads it, however broken it is. Raises NotAFeedError and ParseFailedError."""
    cleaned = _legal(text)
    problems: list[str] = []
    left_out = LeftOut()
    cleaned = _fewer_entries(cleaned, min(MOST_PARSED, 2 * bounds.max_entries), problems, left_out)
    found = _found(cleaned, problems, left_out)
    if found.get("bozo"):
        reason = one_line(str(found.get("bozo_exception") or ""), 200)
        problems.append(f"The feed breaks the rules of XML ({reason}).")
    return _feed(found, _Reading(url, bounds, problems, left_out, _withdrawn(text, bounds)))


def _found(text: str, problems: list[str], left_out: LeftOut) -> Any:
    """feedparser's result, if need be for what follows the junk before the root. Raises NotAFeedError."""
    found = _read_around(text, problems, left_out)
    if found.entries or found.get("version"):
        return found
    start = _ROOT.search(text, 1, _FAR_IN)
    if start is not None:
        again = _read_around(text[start.start() :], problems, left_out)
        if again.entries or again.get("version"):
            problems.append("The feed does not begin with its root; what stood before was left out.")
            return again
    if _HTML_ROOT.match(text):
        raise NotAFeedError("This is a web page, not a feed.")
    if _ROOT.search(text, 0, _FAR_IN) is None:
        raise NotAFeedError("This is no feed: no element of RSS, Atom or RDF was found.")
    return found


def _read_around(text: str, problems: list[str], left_out: LeftOut) -> Any:
    """feedparser's result, if need be without what it stumbles over: known tags, else entries, found by halving.

    Raises ParseFailedError when it stumbles over the head.
    """
    with suppress(ParseFailedError):
        return _read(text)
    text = _STUMBLING.sub("", text)
    spans = [match.span() for match in _WHOLE_ENTRY.finditer(text)]
    try:
        return _read(text)
    except ParseFailedError:
        if not spans:
            raise
    head, tail = text[: spans[0][0]], text[spans[-1][1] :]
    found = _read(head + tail)

    def entries(first: int, last: int) -> list[Raw]:
        try:
            return list(_read(head + text[spans[first][0] : spans[last][1]] + tail).entries)
        except ParseFailedError as error:
            if first < last:
                middle = (first + last) // 2
                return entries(first, middle) + entries(middle + 1, last)
            problems.append(f"Entry {first + 1} was left out: the parser failed.")
            left_out.add(str(error).replace("The feed", "It", 1), text[slice(*spans[first])])
            return []

    found["entries"] = entries(0, len(spans) - 1)
    return found


def _refuse_bombs(text: str, bounds: FeedLimits) -> None:
    """Raises ParseFailedError for what would hang or crash a parser. Linear in the length of the text."""
    if _INTERNAL_SUBSET.search(text):
        raise ParseFailedError(
            "The feed declares entities of its own in a DOCTYPE, which is refused for safety."
        )
    for run in re.finditer(rf"<[A-Za-z][^<]{{{bounds.max_tag},}}", text):
        if _count_attributes(run.group()) > bounds.max_attributes:
            raise ParseFailedError(f"The feed has a tag with more than {bounds.max_attributes} attributes.")
    if text.count("<") > _MANY_TAGS and _depth(text) > bounds.max_depth:
        raise ParseFailedError(f"The feed nests its elements more than {bounds.max_depth:,} deep.")


def _legal(text: str) -> str:
    """The text without the characters that XML forbids, and without what sends feedparser on a long walk."""
    cleaned = _NOT_XML.sub("", text.lstrip("\ufeff"))
    cleaned = _NUMBERED.sub(_legal_reference, cleaned)
    cleaned = _LONG_AUTHOR.sub(r"\1", cleaned)
    if len(_ENTRY_TEXT.findall(cleaned)) >= len(_ENTRY_START.findall(cleaned)):
        cleaned = _MEDIA_DESCRIPTION.sub(r"\1caption", cleaned)
    return cleaned


def _fewer_entries(text: str, most: int, problems: list[str], left_out: LeftOut) -> str:
    """The text without the entries after the first `most`, cut out between two of them so that it stays XML."""
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    if len(ends) <= most:
        return text
    problems.append(f"The feed has {len(ends)} entries; those after the first {most} are not looked at.")
    left_out.add(f"Only the first {most:,} entries of an answer are looked at.", "", len(ends) - most)
    return text[: ends[most - 1]] + text[ends[-1] :]


def _withdrawn(text: str, bounds: FeedLimits) -> tuple[str, ...]:
    if "deleted-entry" not in text:
        return ()
    refs = (html.unescape(double or single) for double, single in _DELETED.findall(text))
    return tuple(dict.fromkeys(ref for told in refs if (ref := one_line(told, bounds.max_guid))))


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is known of a feed besides feedparser's result."""

    url: str
    bounds: FeedLimits
    problems: list[str]
    left_out: LeftOut
    withdrawn: tuple[str, ...]


def _feed(found: Any, reading: _Reading) -> ParsedFeed:
    url, bounds, problems, left_out = reading.url, reading.bounds, reading.problems, reading.left_out
    head: Raw = found.feed
    link = absolute_url(_string(head, "link"), url)
    base = url or link
    raw_entries: Sequence[Raw] = found.entries
    if len(raw_entries) > bounds.max_entries:
        problems.append(
            f"The feed has {len(raw_entries)} entries; only the newest {bounds.max_entries} are read."
        )
        raw_entries = _newest(raw_entries, bounds.max_entries, left_out)
    kind = _FORMATS.get(str(found.get("version") or ""), "unknown")
    feed_authors = _authors(head, bounds) if kind == "atom" else ()
    entries: list[ParsedEntry] = []
    for number, raw in enumerate(raw_entries, 1):
        try:
            entries.append(_entry(raw, base, bounds, feed_authors))
        except Exception as error:  # noqa: BLE001 - one bad entry never sinks the feed, whatever is wrong with it
            problems.append(f"Entry {number} was left out: {type(error).__name__}.")
            left_out.add(f"It cannot be read ({type(error).__name__}).", _example(raw))
    return ParsedFeed(
        format=kind,
        title=_title(head, bounds),
        link=link,
        language=one_line(_string(head, "language"), bounds.max_label),
        entries=tuple(entries),
        ttl_minutes=ttl_minutes(
            _string(head, "ttl"), _string(head, "sy_updateperiod"), _string(head, "sy_updatefrequency")
        ),
        problems=tuple(problems),
        hub_url=_related(head, "hub", url),
        self_url=_related(head, "self", url),
        withdrawn=reading.withdrawn,
        skipped=left_out.rows(),
    )


def _newest(entries: Sequence[Raw], count: int, left_out: LeftOut) -> list[Raw]:
    dates = [_date(e, "published") or _date(e, "created") or _date(e, "updated") for e in entries]
    kept, first = newest(dates, count)
    left_out.add(
        f"Only the newest {count:,} entries of an answer are read.",
        _example(entries[first]),
        len(entries) - count,
    )
    return [entries[place] for place in kept]


def _example(raw: Raw) -> str:
    return _string(raw, "title") or _string(raw, "id")


def _entry(raw: Raw, base: str, bounds: FeedLimits, feed_authors: tuple[str, ...]) -> ParsedEntry:
    link = _link(raw, base)
    contents = [_html(part, link or base, bounds) for part in dict.get(raw, "content") or ()]
    # Without details the summary is feedparser's own copy of the content.
    detail = dict.get(raw, "summary_detail") or ({} if contents else {"value": _string(raw, "summary")})
    published_raw = _string(raw, "published") or _string(raw, "created") or _string(raw, "updated")
    updated = _date(raw, "updated")
    source_name, source_url = _source(raw, base, bounds)
    return ParsedEntry(
        guid=one_line(_string(raw, "id"), bounds.max_guid),
        url=link,
        title=_title(raw, bounds),
        authors=_authors(raw, bounds) or feed_authors,
        published=_date(raw, "published") or _date(raw, "created") or updated,
        published_raw=one_line(published_raw, bounds.max_label),
        updated=updated,
        summary_html=_html(detail, link or base, bounds),
        content_html=max(contents, key=len, default=""),
        categories=labels(
            (str(tag.get("label") or tag.get("term") or "") for tag in dict.get(raw, "tags") or ()), bounds
        ),
        source_name=source_name,
        source_url=source_url,
    )


def _string(raw: Raw, name: str) -> str:
    # feedparser's own look-up answers `published` when asked for `updated`.
    value = dict.get(raw, name)
    return value if isinstance(value, str) else ""


def _title(raw: Raw, bounds: FeedLimits) -> str:
    detail = dict.get(raw, "title_detail")
    return plain_title(
        _string(raw, "title"), _string(detail, "type") if isinstance(detail, dict) else "", bounds
    )


def _html(part: Raw, base: str, bounds: FeedLimits) -> str:
    value, kind = _string(part, "value"), _string(part, "type")
    if kind.endswith("xhtml+xml"):
        value = VOID_END.sub("", value)
    return field_html(value, kind, absolute_url(_string(part, "base"), base) or base, bounds)


def _link(raw: Raw, base: str) -> str:
    candidates = [
        _string(raw, "feedburner_origlink"),
        _string(raw, "link"),
        *(_string(item, "href") for item in _links(raw) if _string(item, "rel") in {"", "alternate"}),
    ]
    found = (absolute_url(one_line(href), base) for href in candidates if href)
    return next((url for url in found if url), "")


def _links(raw: Raw) -> list[Raw]:
    links = dict.get(raw, "links")
    return [item for item in links if isinstance(item, dict)] if isinstance(links, list) else []


def _related(raw: Raw, rel: str, base: str) -> str:
    """The first address of a kind of link (hub, self)."""
    urls = (
        absolute_url(one_line(_string(item, "href")), base)
        for item in _links(raw)
        if _string(item, "rel").strip() == rel
    )
    return next((url for url in urls if url), "")


def _source(raw: Raw, base: str, bounds: FeedLimits) -> tuple[str, str]:
    """(name, address) of the true publisher: RSS `<source url>`, or the head of the Atom feed that was copied from."""
    source = dict.get(raw, "source")
    if not isinstance(source, dict):
        return "", ""
    address = _related(source, "alternate", base) or _related(source, "self", base)
    if not address and not (dict.get(source, "authors") or dict.get(source, "contributors")):
        # Of a person it would be the address of the person.
        address = absolute_url(_string(source, "href"), base)
    return _title(source, bounds), address or absolute_url(_string(source, "id"))


def _authors(raw: Raw, bounds: FeedLimits) -> tuple[str, ...]:
    people = dict.get(raw, "authors") or ()
    names = labels(
        (
            _string(person, "name") or _string(person, "email")
            for person in people
            if isinstance(person, dict)
        ),
        bounds,
    )
    return names or labels([_string(raw, "author")], bounds)


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
