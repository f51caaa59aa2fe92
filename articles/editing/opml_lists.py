"""Lists in OPML become drafts of sources, and sources become such a list."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from articles.editing.sources import SourceDraft
from articles.ingest.opml import Outline, read_opml, write_opml
from articles.ingest.sanitize import plain_text
from articles.models import Feed

TITLE = "Newsdesk sources"


def read_list(body: bytes) -> list[SourceDraft]:
    """The drafts of an OPML file. The publisher of a feed is the folder-less name of its site.

    Raises ParseFailedError with a sentence about the file.
    """
    return [_draft(outline) for outline in read_opml(body)]


def _draft(outline: Outline) -> SourceDraft:
    title = plain_text(outline.title)[:300] or outline.url[:300]
    host = urlsplit(outline.site_url or outline.url).netloc.rpartition("@")[2]
    language = outline.language[:16]
    return SourceDraft(
        url=outline.url,
        title=title,
        publisher=host.removeprefix("www.")[:200] or title[:200],
        section=plain_text(outline.folder)[:60],
        language=language if language.replace("-", "").isalnum() else "",
    )


def write_list(drafts: Sequence[SourceDraft]) -> str:
    """The drafts as OPML again, so that the second step needs no second upload."""
    return write_opml(
        TITLE, [Outline(draft.url, draft.title, "", draft.section, draft.language) for draft in drafts]
    )


def write_sources(feeds: Sequence[Feed]) -> str:
    """The sources as OPML, in folders by section."""
    return write_opml(
        TITLE,
        [Outline(feed.url, feed.title, feed.site_url, feed.section, feed.language) for feed in feeds],
    )
