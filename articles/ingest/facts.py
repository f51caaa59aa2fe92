"""Acts: what a page says about itself is taken over where it knows more than the feed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from articles.ingest.dates import read_date
from articles.ingest.entries import flag_date, update_of
from articles.models import Article
from articles.types import ExtractedPage

# A feed that gives a day only is made precise by a page that gives a time about that day: zones lie so far apart.
ABOUT_THE_DAY = timedelta(hours=38)
MOST_KEYWORDS = 20
LABEL_CHARACTERS = 100
RAW_CHARACTERS = 200


def take_facts(article: Article, page: ExtractedPage, *, now: datetime) -> list[str]:
    """Set the page's facts on the article, which the caller saves; the names of the fields that changed.

    An admin's selector says who wrote it and when it was published before all others. Then the feed does, unless it
    names nobody, gave no possible date, or a day alone to which the page knows the time. A date that cannot be is not taken, but told: its string and
    why (see Article.DateFlag). What the page does not say stays as it is.
    """
    facts = {**_publication(article, page, now), **_labels(article, page)}
    published = facts.get("published_at", article.published_at)
    facts |= _update(article, page, published, now)
    changed = [name for name, value in facts.items() if getattr(article, name) != value]
    for name in changed:
        setattr(article, name, facts[name])
    return changed


def _publication(article: Article, page: ExtractedPage, now: datetime) -> Mapping[str, Any]:
    """When it was published, if the page knows it better; else at most the page's impossible date, for the record."""
    # Of an impossible date the page's reader leaves the string alone.
    flag = flag_date(page.published or read_date(page.published_raw), page.published_raw, now=now)
    if page.published is None or page.published_from is None or flag:
        is_silent = article.published_from == "fetched" and not article.published_flag
        return (
            {"published_flag": flag, "published_raw": page.published_raw[:RAW_CHARACTERS]}
            if is_silent and flag
            else {}
        )
    if not _knows_better(article, page, page.published):
        return {}
    taken: dict[str, Any] = {
        "published_at": page.published,
        "published_from": page.published_from,
        "published_day_only": page.published_precision == "day",
    }
    # What was refused stays on record as it was written.
    return (
        taken if article.published_flag else {**taken, "published_raw": page.published_raw[:RAW_CHARACTERS]}
    )


def _knows_better(article: Article, page: ExtractedPage, published: datetime) -> bool:
    if page.published_from == "rule":
        return True
    if article.published_from == "feed" and not article.published_flag:
        is_about = abs(published - article.published_at) < ABOUT_THE_DAY
        return article.published_day_only and page.published_precision == "time" and is_about
    # The page's first word stands, until it knows the time of the day that it gave: looks come back to the same page.
    is_first = article.published_from in {"fetched", "feed"}
    return is_first or (article.published_day_only and page.published_precision == "time")


def _update(article: Article, page: ExtractedPage, published: datetime, now: datetime) -> Mapping[str, Any]:
    """The latest time of which feed or page say that the article was changed."""
    updated = update_of(page.updated, published, now=now)
    if updated is None or (article.updated_at is not None and article.updated_at >= updated):
        return {}
    return {"updated_at": updated, "updated_from": page.updated_from or ""}


def _labels(article: Article, page: ExtractedPage) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "authors": list(page.authors) if "author" in page.by_rule else article.authors or list(page.authors),
        "section": page.section[:LABEL_CHARACTERS],
        "keywords": [word[:LABEL_CHARACTERS] for word in page.keywords[:MOST_KEYWORDS]],
        "image_url": page.image_url,
        "canonical_url": page.canonical_url,
    }
    return {name: value for name, value in told.items() if value}
