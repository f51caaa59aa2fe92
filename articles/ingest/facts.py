"""Acts: what a page says about itself is taken over where the feed was silent."""

from __future__ import annotations

from datetime import datetime

from articles.ingest.entries import clamp_date
from articles.models import Article
from articles.types import ExtractedPage


def take_facts(article: Article, page: ExtractedPage, *, now: datetime) -> list[str]:
    """Set the page's facts on the article, which the caller saves; the names of the fields that are to be saved."""
    article.authors = article.authors or list(page.authors)
    if article.published_from == "fetched" and page.published is not None and page.published_from is not None:
        article.published_at, origin = clamp_date(page.published, now=now)
        if origin == "feed":  # the page's date is a possible one
            article.published_from = page.published_from
            article.published_day_only = page.published_precision == "day"
    return ["authors", "published_at", "published_from", "published_day_only"]
