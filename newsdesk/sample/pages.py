"""Web pages of the sample world: article pages in several old and new styles of markup, and front pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from html import escape
from string import Template

from newsdesk.sample.feeds import CONTENT_TYPES, body_html
from newsdesk.sample.world import CONTENT_FOLDER, Edition, SamplePublisher, SampleWorld

RELATED_LINKS = 3


@cache
def _template(name: str) -> Template:
    return Template((CONTENT_FOLDER / "pages" / f"{name}.html").read_text(encoding="utf-8"))


def render_article(
    publisher: SamplePublisher, edition: Edition, others: Sequence[Edition], *, base_url: str
) -> bytes:
    """The page of one article in its publisher's style, or what stands in its place; `others` are related pieces."""
    form = edition.article.page
    values = {
        **_common(publisher, base_url),
        "title": escape(edition.title),
        "author": escape(edition.article.author),
        "summary": escape(edition.summary),
        "canonical": escape(base_url + edition.path),
        "published_iso": edition.published.isoformat(),
        "updated_iso": edition.updated.isoformat(),
        "published_words": edition.published.strftime("%-d %B %Y, %H:%M"),
        "published_day": edition.published.strftime("%B %-d, %Y"),
        "body": body_html(edition),
        "opening": f"<p>{escape(edition.paragraphs[0], quote=False)}</p>",
        "related": _links([other for other in others if other.path != edition.path][:RELATED_LINKS]),
        "jsonld": _jsonld(publisher, edition, base_url),
    }
    return _template(publisher.style if form == "article" else form).substitute(values).encode()


def render_front(publisher: SamplePublisher, editions: Sequence[Edition], *, base_url: str) -> bytes:
    """A publisher's front page, with the link by which its feed is discovered."""
    values = {**_common(publisher, base_url), "headlines": _links(editions)}
    return _template("front").substitute(values).encode()


def render_index(world: SampleWorld) -> bytes:
    """The world's own front page: who is in it and that all of it is made up."""
    rows = "\n".join(
        f'<li><a href="/{publisher.slug}/">{escape(publisher.name)}</a> ({escape(publisher.owner)}):'
        f" {escape(publisher.tagline)}</li>"
        for publisher in world.publishers
    )
    return _template("index").substitute({"publishers": rows}).encode()


def stylesheet() -> bytes:
    """The one style sheet that all pages share."""
    return (CONTENT_FOLDER / "pages" / "style.css").read_bytes()


def _common(publisher: SamplePublisher, base_url: str) -> dict[str, str]:
    return {
        "publisher": escape(publisher.name),
        "slug": publisher.slug,
        "owner": escape(publisher.owner),
        "tagline": escape(publisher.tagline),
        "section": escape(publisher.section),
        "language": publisher.language,
        "home": f"/{publisher.slug}/",
        "feed": escape(f"{base_url}/{publisher.slug}/{publisher.feed.path}"),
        "feed_type": CONTENT_TYPES[publisher.feed.format].partition(";")[0],
    }


def _links(editions: Sequence[Edition]) -> str:
    return "\n".join(f'<li><a href="{edition.path}">{escape(edition.title)}</a></li>' for edition in editions)


def _jsonld(publisher: SamplePublisher, edition: Edition, base_url: str) -> str:
    """Structured data for a script element; no `<` may stand in it, whatever the title says."""
    is_paid = edition.article.page == "paywall"
    text = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": edition.title,
            "datePublished": edition.published.isoformat(),
            "dateModified": edition.updated.isoformat(),
            "author": {"@type": "Person", "name": edition.article.author},
            "publisher": {"@type": "Organization", "name": publisher.name},
            "mainEntityOfPage": base_url + edition.path,
            **({"isAccessibleForFree": False} if is_paid else {}),
        },
        ensure_ascii=False,
    )
    return text.replace("<", "\\u003c")
