"""What the entries of a feed amount to: identity, dates, texts; pure."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from articles.ingest.canonical import canonical_url, url_sha256
from articles.ingest.sanitize import html_of_text, text_of_html
from articles.types import ParsedEntry, PublishedFrom

# Dates outside of these are mistakes of the source (research on feeds as served): the time of fetching stands in.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_AHEAD = timedelta(hours=24)
TITLE_CHARACTERS = 1000
SUMMARY_CHARACTERS = 600
VAGUE_TITLES = 3  # under one link: the link names the paper, not the story
HEADLINE_CHARACTERS = 120  # of the text, when there is no title


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry ready to be stored. `url` is canonical, or "" when the feed gave none that can be opened."""

    guid: str
    guid_sha256: bytes
    url: str
    url_sha256: bytes
    entry_sha256: bytes
    title: str
    text: str
    html: str
    summary: str
    authors: tuple[str, ...]
    published_at: datetime
    published_from: PublishedFrom
    published_raw: str
    source_name: str


def read_entries(entries: Iterable[ParsedEntry], *, feed_key: str, now: datetime) -> list[Entry]:
    """Entries with their keys, each guid and each address once (the first wins), sorted by address key.

    An entry without a guid is known by its link, without a link by its title and date as served. A link that
    three stories of a poll share, or that leads to the front page, tells none of them apart: such
    entries are known by their guids.
    """
    found: dict[bytes, Entry] = {}
    addresses: set[bytes] = set()
    parsed_entries = list(entries)
    vague = _vague_links(parsed_entries)
    for parsed in parsed_entries:
        entry = read_entry(parsed, feed_key=feed_key, now=now, is_vague=canonical_url(parsed.url) in vague)
        if entry is None or entry.guid_sha256 in found or entry.url_sha256 in addresses:
            continue
        found[entry.guid_sha256] = entry
        addresses.add(entry.url_sha256)
    return sorted(found.values(), key=lambda entry: entry.url_sha256)


def _vague_links(entries: Iterable[ParsedEntry]) -> set[str]:
    stories: dict[str, set[tuple[str, str]]] = {}
    for entry in entries:
        url = canonical_url(entry.url)
        if url and entry.guid and entry.guid != entry.url:
            stories.setdefault(url, set()).add((entry.guid, entry.title))
    return {
        url
        for url, told in stories.items()
        if _is_front_page(url) or min(len({g for g, _ in told}), len({t for _, t in told})) >= VAGUE_TITLES
    }


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def read_entry(parsed: ParsedEntry, *, feed_key: str, now: datetime, is_vague: bool = False) -> Entry | None:
    """One entry with its keys; None when it has neither title nor text. A vague link is no key."""
    html = parsed.content_html or parsed.summary_html
    text = normal_text(text_of_html(html))
    title = normal_text(parsed.title)[:TITLE_CHARACTERS].strip() or _first_words(text)
    if not title:
        return None
    url = canonical_url(parsed.url)
    guid = parsed.guid or url or f"{title}\n{parsed.published_raw}"
    published_at, published_from = clamp_date(parsed.published or parsed.updated, now=now)
    return Entry(
        guid=guid,
        guid_sha256=hashlib.sha256(guid.encode()).digest(),
        url=url,
        url_sha256=url_sha256(url)
        if url and not is_vague
        else hashlib.sha256(f"{feed_key}\n{guid}".encode()).digest(),
        entry_sha256=hashlib.sha256("\n".join((title, text, url)).encode()).digest(),
        title=title,
        text=text,
        html=html or html_of_text(text),
        summary=_shorten(normal_text(text_of_html(parsed.summary_html)) or text),
        authors=parsed.authors,
        published_at=published_at,
        published_from=published_from,
        published_raw=parsed.published_raw[:200],
        source_name=parsed.source_name[:200],
    )


def clamp_date(moment: datetime | None, *, now: datetime) -> tuple[datetime, PublishedFrom]:
    """The date that the source gives, or `now` when it is absent or impossible, and which of the two it is."""
    if moment is None or moment < EARLIEST or moment > now + MOST_AHEAD:
        return now, "fetched"
    return moment, "feed"


def normal_text(text: str) -> str:
    """NFC: offsets of mentions and notes count its code points."""
    return unicodedata.normalize("NFC", text).strip()


def text_key(title: str, text: str) -> str:
    """The hexadecimal sha256 by which two revisions are one."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def _first_words(text: str) -> str:
    return _shorten(text.partition("\n")[0], HEADLINE_CHARACTERS)


def _shorten(text: str, most: int = SUMMARY_CHARACTERS) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= most else one_line[:most].rsplit(" ", 1)[0] + "…"
