"""Looks at an address before it becomes a source, and says what would be stored; writes nothing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from articles.errors import NotAFeedError, ParseFailedError, RefusedError, SandboxKilledError
from articles.ingest.canonical import absolute_url, canonical_url, url_sha256
from articles.ingest.discovery import common_feed_urls
from articles.ingest.entries import Entry, read_entries
from articles.ingest.fetch import fetch_one
from articles.ingest.policy import policy_from_settings, sandbox_from_settings
from articles.ingest.sandbox import Sandbox
from articles.models import Article, Feed, RemovedSource
from articles.types import FetchFailure, FetchRequest, FetchResult, FoundFeed, ParsedFeed

SHOWN_ENTRIES = 10
SHOWN_FEEDS = 12
# Of a page that names no feed, so many usual places are asked while a person waits.
GUESSES = 4


@dataclass(frozen=True, slots=True)
class PreviewEntry:
    """One entry as it would be stored; `known` when the desk has its article already."""

    title: str
    url: str
    published_at: datetime
    summary: str
    known: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an address leads to: a feed with its first entries, or a page with the feeds it names.

    Of a feed `found` is empty; of a page `entries` is. `known_as` names the source that has this address already.
    """

    url: str
    title: str = ""
    site_url: str = ""
    language: str = ""
    format: str = ""
    total: int = 0
    entries: tuple[PreviewEntry, ...] = ()
    problems: tuple[str, ...] = ()
    moved_to: str = ""
    known_as: str = ""
    removed_by: str = ""
    found: tuple[FoundFeed, ...] = ()


@lru_cache(maxsize=1)
def _sandbox() -> Sandbox:
    """The web process's own small pool of parsing children, started at the first preview."""
    return sandbox_from_settings()


def look_at(address: str, now: datetime) -> Preview:
    """Fetch an address through the one door and read it in the sandbox.

    Raises RefusedError with a sentence for an admin when there is no answer or nothing to subscribe to.
    """
    typed = address.strip()
    url = absolute_url(typed if "://" in typed else f"https://{typed}")
    if not url or not canonical_url(url):
        raise RefusedError(f"“{typed[:200]}” is no web address. Write it like https://example.org/feed.")
    answer = _fetch(url)
    if isinstance(answer, FetchFailure):
        raise RefusedError(answer.message)
    try:
        parsed = _parse(answer)
    except NotAFeedError:
        return _page(url, answer, now)
    except (ParseFailedError, SandboxKilledError) as error:
        raise RefusedError(f"The address answers, but cannot be read: {error}") from error
    return _feed(url, answer, parsed, now)


def _fetch(url: str) -> FetchResult | FetchFailure:
    """Through the one door, without its exception for the sample: what a person types never gets it."""
    return fetch_one(FetchRequest(url=url), policy_from_settings(sample=False))


def _parse(answer: FetchResult) -> ParsedFeed:
    return _sandbox().parse_feed(answer.body, answer.final_url, answer.headers.get("content-type", ""))


def _feed(url: str, answer: FetchResult, parsed: ParsedFeed, now: datetime) -> Preview:
    """The preview of a feed; a permanent redirect is followed for good from the start."""
    address = answer.permanent_url or url
    entries = read_entries(parsed.entries, feed_key=f"preview {address}", now=now)
    entries.sort(key=lambda entry: entry.published_at, reverse=True)
    shown = entries[:SHOWN_ENTRIES]
    known = _known_articles(shown)
    feed = Feed.objects.filter(url_sha256=url_sha256(address)).first()
    removed = RemovedSource.objects.filter(url_sha256=url_sha256(address)).first()
    return Preview(
        url=address,
        title=parsed.title or urlsplit(address).hostname or address,
        site_url=parsed.link,
        language=parsed.language[:16],
        format=parsed.format,
        total=len(entries),
        entries=tuple(
            PreviewEntry(
                entry.title, entry.url, entry.published_at, entry.summary, known=entry.url_sha256 in known
            )
            for entry in shown
        ),
        problems=parsed.problems,
        moved_to=answer.permanent_url,
        known_as=feed.title if feed else "",
        removed_by=removed.by if removed else "",
    )


def _known_articles(entries: list[Entry]) -> set[bytes]:
    """The address keys of those entries whose articles the desk has."""
    keys = [entry.url_sha256 for entry in entries]
    return {
        bytes(key) for key in Article.objects.filter(url_sha256__in=keys).values_list("url_sha256", flat=True)
    }


def _page(url: str, answer: FetchResult, now: datetime) -> Preview:
    """The feeds that a page names; when it names none, a feed at one of the usual places of its site."""
    try:
        found = _sandbox().find_feeds(answer.body, answer.final_url, answer.headers.get("content-type", ""))
    except (ParseFailedError, SandboxKilledError) as error:
        raise RefusedError(f"The page cannot be read: {error}") from error
    if found:
        return Preview(
            url=url, title=urlsplit(answer.final_url).hostname or url, found=tuple(found[:SHOWN_FEEDS])
        )
    for guess in common_feed_urls(answer.final_url)[:GUESSES]:
        tried = _fetch(guess)
        if isinstance(tried, FetchResult):
            with suppress(ParseFailedError, SandboxKilledError):
                return _feed(guess, tried, _parse(tried), now)
    raise RefusedError("The address answers with a web page, not a feed, and the page names no feed.")
