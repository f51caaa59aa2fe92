"""What crosses the pipe between the desk and its parsing children: plain JSON, checked on arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast, get_args

from articles.types import ExtractedPage, FoundFeed, ParsedEntry, ParsedFeed, PublishedFrom

_PUBLISHED_FROM = frozenset(get_args(PublishedFrom))


def to_json(value: ParsedFeed | ParsedEntry | ExtractedPage | FoundFeed) -> dict[str, Any]:
    """The dataclass as JSON can carry it: tuples as lists, times as ISO 8601 with a zone."""
    return cast("dict[str, Any]", _plain(asdict(value)))


def feed_from_json(row: Mapping[str, Any]) -> ParsedFeed:
    """The feed that `to_json` wrote. Raises TypeError, KeyError or ValueError for anything else."""
    ttl = row["ttl_minutes"]
    return ParsedFeed(
        format=_text(row, "format"),
        title=_text(row, "title"),
        link=_text(row, "link"),
        language=_text(row, "language"),
        entries=tuple(_entry(entry) for entry in _list(row, "entries")),
        ttl_minutes=None if ttl is None else int(ttl),
        problems=_texts(row, "problems"),
    )


def page_from_json(row: Mapping[str, Any]) -> ExtractedPage:
    """The page that `to_json` wrote. Raises TypeError, KeyError or ValueError for anything else."""
    published_from = row["published_from"]
    if published_from is not None and published_from not in _PUBLISHED_FROM:
        raise ValueError("published_from")
    return ExtractedPage(
        title=_text(row, "title"),
        text=_text(row, "text"),
        html=_text(row, "html"),
        authors=_texts(row, "authors"),
        published=_time(row, "published"),
        published_from=published_from,
        published_precision="day" if row["published_precision"] == "day" else "time",
        language=_text(row, "language"),
        canonical_url=_text(row, "canonical_url"),
        site_name=_text(row, "site_name"),
        problems=_texts(row, "problems"),
        removed=tuple((str(rule), str(line)) for rule, line in _list(row, "removed")),
    )


def found_feeds_from_json(rows: object) -> list[FoundFeed]:
    """The found feeds that `to_json` wrote, one by one."""
    if not isinstance(rows, list):
        raise TypeError("found feeds")
    return [
        FoundFeed(_text(row, "url"), _text(row, "title"), _text(row, "kind"), _text(row, "how"))
        for row in rows
    ]


def _entry(row: Mapping[str, Any]) -> ParsedEntry:
    return ParsedEntry(
        guid=_text(row, "guid"),
        url=_text(row, "url"),
        title=_text(row, "title"),
        authors=_texts(row, "authors"),
        published=_time(row, "published"),
        published_raw=_text(row, "published_raw"),
        updated=_time(row, "updated"),
        summary_html=_text(row, "summary_html"),
        content_html=_text(row, "content_html"),
        categories=_texts(row, "categories"),
        source_name=_text(row, "source_name"),
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row[name]
    if not isinstance(value, list):
        raise TypeError(name)
    return value


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(item) for item in _list(row, name))


def _time(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row[name]
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(name)
    return moment
