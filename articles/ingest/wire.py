"""What crosses the pipe between the desk and its parsing children: plain JSON, checked on arrival.

Feeds are most of it, so their entries go as rows without names: the parent's share is the one that cannot be spread over
children.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast, get_args

from articles.types import (
    SELECTOR_PARTS,
    ExtractedPage,
    FoundFeed,
    PageContainer,
    PageKind,
    ParsedEntry,
    ParsedFeed,
    PublishedFrom,
    ReadingRules,
)

_PUBLISHED_FROM = frozenset(get_args(PublishedFrom))
_PAGE_KINDS = frozenset(get_args(PageKind))


def feed_row(feed: ParsedFeed) -> dict[str, Any]:
    """The feed as JSON can carry it, for `feed_from_json`."""
    return {
        "format": feed.format,
        "title": feed.title,
        "link": feed.link,
        "language": feed.language,
        "entries": [_entry_row(entry) for entry in feed.entries],
        "ttl_minutes": feed.ttl_minutes,
        "problems": feed.problems,
        "hub_url": feed.hub_url,
        "self_url": feed.self_url,
        "withdrawn": feed.withdrawn,
        "skipped": feed.skipped,
    }


def to_json(value: ExtractedPage | FoundFeed | ReadingRules) -> dict[str, Any]:
    """The dataclass as JSON can carry it: tuples as lists, times as ISO 8601 with a zone."""
    return cast("dict[str, Any]", _plain(asdict(value)))


def feed_from_json(row: Mapping[str, Any]) -> ParsedFeed:
    """The feed that `feed_row` wrote. Raises TypeError, KeyError or ValueError for anything else."""
    ttl = row["ttl_minutes"]
    return ParsedFeed(
        format=_text(row, "format"),
        title=_text(row, "title"),
        link=_text(row, "link"),
        language=_text(row, "language"),
        entries=tuple(_entry(entry) for entry in _list(row, "entries")),
        ttl_minutes=None if ttl is None else int(ttl),
        problems=_texts(row, "problems"),
        hub_url=_text(row, "hub_url"),
        self_url=_text(row, "self_url"),
        withdrawn=_texts(row, "withdrawn"),
        skipped=tuple((str(why), int(count), str(example)) for why, count, example in _list(row, "skipped")),
    )


def page_from_json(row: Mapping[str, Any]) -> ExtractedPage:
    """The page that `to_json` wrote. Raises TypeError, KeyError or ValueError for anything else."""
    if row["kind"] not in _PAGE_KINDS:
        raise ValueError("kind")
    return ExtractedPage(
        title=_text(row, "title"),
        text=_text(row, "text"),
        html=_text(row, "html"),
        authors=_texts(row, "authors"),
        published=_time(row, "published"),
        published_from=_origin(row, "published_from"),
        published_precision="day" if row["published_precision"] == "day" else "time",
        language=_text(row, "language"),
        canonical_url=_text(row, "canonical_url"),
        site_name=_text(row, "site_name"),
        problems=_texts(row, "problems"),
        removed=_pairs(row, "removed"),
        kind=row["kind"],
        kind_why=_text(row, "kind_why"),
        published_raw=_text(row, "published_raw"),
        updated=_time(row, "updated"),
        updated_from=_origin(row, "updated_from"),
        section=_text(row, "section"),
        keywords=_texts(row, "keywords"),
        image_url=_text(row, "image_url"),
        other_urls=_pairs(row, "other_urls"),
        notes=_texts(row, "notes"),
        by_rule=tuple(part for part in SELECTOR_PARTS if part in _list(row, "by_rule")),
    )


def rules_from_json(row: Mapping[str, Any]) -> ReadingRules:
    """The rules that `to_json` wrote. Raises TypeError or KeyError for anything else."""
    return ReadingRules(
        keep=_texts(row, "keep"),
        remove=_texts(row, "remove"),
        title=_texts(row, "title"),
        date=_texts(row, "date"),
        author=_texts(row, "author"),
        repeated_lines=frozenset(_texts(row, "repeated_lines")),
        rules_off=frozenset(_texts(row, "rules_off")),
    )


def found_feeds_from_json(rows: object) -> list[FoundFeed]:
    """The found feeds that `to_json` wrote, one by one."""
    if not isinstance(rows, list):
        raise TypeError("found feeds")
    return [
        FoundFeed(_text(row, "url"), _text(row, "title"), _text(row, "kind"), _text(row, "how"))
        for row in rows
    ]


def containers_from_json(rows: object) -> list[PageContainer]:
    """The containers of a page, written field by field. Raises TypeError, KeyError or ValueError for anything else."""
    if not isinstance(rows, list):
        raise TypeError("containers")
    return [
        PageContainer(
            _text(row, "selector"),
            int(row["words"]),
            int(row["share"]),
            int(row["linked"]),
            _text(row, "begins"),
        )
        for row in rows
    ]


def _entry_row(entry: ParsedEntry) -> tuple[Any, ...]:
    published, updated = entry.published, entry.updated
    return (
        entry.guid,
        entry.url,
        entry.title,
        entry.authors,
        published and published.isoformat(),
        entry.published_raw,
        updated and updated.isoformat(),
        entry.summary_html,
        entry.content_html,
        entry.categories,
        entry.source_name,
        entry.source_url,
    )


def _entry(row: Any) -> ParsedEntry:
    guid, url, title, authors, published, raw, updated, summary, content, categories, source, source_url = row
    for text in (guid, url, title, raw, summary, content, source, source_url):
        if type(text) is not str:
            raise TypeError("an entry's text")
    if type(authors) is not list or type(categories) is not list:
        raise TypeError("an entry's names")
    return ParsedEntry(
        guid,
        url,
        title,
        tuple(map(str, authors)),
        _moment(published),
        raw,
        _moment(updated),
        summary,
        content,
        tuple(map(str, categories)),
        source,
        source_url,
    )


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
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


def _origin(row: Mapping[str, Any], name: str) -> PublishedFrom | None:
    value = row[name]
    if value is not None and value not in _PUBLISHED_FROM:
        raise ValueError(name)
    return cast("PublishedFrom | None", value)


def _pairs(row: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(first), str(second)) for first, second in _list(row, name))


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(item) for item in _list(row, name))


def _time(row: Mapping[str, Any], name: str) -> datetime | None:
    return _moment(row[name])
