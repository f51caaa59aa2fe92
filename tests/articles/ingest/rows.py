"""Rows and values that the tests of ingest begin with."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from articles.ingest.canonical import url_sha256
from articles.ingest.closing import Visit
from articles.ingest.store import IngestRules
from articles.models import Feed, Publisher
from articles.types import FetchResult, ParsedEntry, ParsedFeed

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
RULES = IngestRules(full_text_characters=400)
LONG = "The harbour board opened its new quay on Monday. " * 12


def make_feed(name: str = "Harbour Ledger", *, url: str = "", sample: bool = False, **fields: object) -> Feed:
    """An active feed, due since a minute."""
    publisher, _ = Publisher.objects.get_or_create(
        name=name, defaults={"slug": name.lower().replace(" ", "-"), "sample": sample}
    )
    url = url or f"https://{publisher.slug}.example/feed.xml"
    values: dict[str, object] = {
        "publisher": publisher,
        "url": url,
        "url_sha256": url_sha256(url),
        "host": f"{publisher.slug}.example",
        "title": name,
        "language": "en",
        "sample": sample,
        "next_fetch_at": timezone.now() - timedelta(minutes=1),
    }
    return Feed.objects.create(**{**values, **fields})


def answer(
    body: bytes = b"<rss/>",
    *,
    status: int = 200,
    url: str = "https://harbour-ledger.example/feed.xml",
    **headers: str,
) -> FetchResult:
    """An answer as the fetch door gives it."""
    return FetchResult(
        url=url,
        final_url=url,
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        elapsed_seconds=0.01,
    )


def entry(number: int, *, title: str = "", text: str = LONG, url: str = "", guid: str = "") -> ParsedEntry:
    """An entry with a full text."""
    return ParsedEntry(
        guid=guid or f"guid-{number}",
        url=url or f"https://harbour-ledger.example/story/{number}",
        title=title or f"Quay {number} opens",
        published=NOW - timedelta(hours=number),
        content_html=f"<p>{text}</p>",
    )


def parsed(*entries: ParsedEntry, language: str = "en") -> ParsedFeed:
    """A feed of these entries."""
    return ParsedFeed(format="rss20", title="Harbour Ledger", link="", language=language, entries=entries)


def visit(feed: object, token: uuid.UUID, *, now: datetime = NOW) -> Visit:
    """A claimed feed at one moment."""
    return Visit(feed, token, now)  # type: ignore[arg-type]  # tests hand in what claim_feeds gave
