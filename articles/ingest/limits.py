"""How much of a feed or a page is looked at; everything beyond is left out with a word or refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedLimits:
    """Bounds of one feed. Bytes count after decompression; texts count characters."""

    max_bytes: int = 10 * 1024 * 1024
    max_entries: int = 2000
    max_title: int = 1000
    max_html: int = 200_000
    max_guid: int = 2048
    max_label: int = 200  # an author, a category, a language
    max_labels: int = 50  # authors or categories of one entry
    max_attributes: int = 256  # of one long tag: feedparser's time grows with their square
    max_tag: int = 2048  # characters of a tag from which on its attributes are counted
    max_depth: int = 5000  # markup inside CDATA counts too, so that real feeds need a generous bound


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Bounds of one page. trafilatura needs more than a minute for ten flat megabytes."""

    max_bytes: int = 5 * 1024 * 1024
    max_elements: int = 50_000
    max_depth: int = 200
    max_text: int = 250_000  # characters; a novel's, and more than any article's
    max_read_elements: int = 20_000  # in which the article is looked for
