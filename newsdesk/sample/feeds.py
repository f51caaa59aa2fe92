"""A publisher's editions as RSS 2.0, Atom or JSON Feed; pure, and equal bytes for equal editions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from newsdesk.sample.world import Edition, SamplePublisher

CONTENT_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
# What the feeds ask of their readers; short, because pieces appear while one watches.
TTL_MINUTES = 1


def render_feed(
    publisher: SamplePublisher, editions: Sequence[Edition], *, base_url: str, changed: datetime
) -> bytes:
    """The feed's bytes. `changed` is when anything in it last changed, never the time of asking."""
    if publisher.feed.format == "rss":
        return _rss(publisher, editions, base_url, changed).encode()
    if publisher.feed.format == "atom":
        return _atom(publisher, editions, base_url, changed).encode()
    return _json(publisher, editions, base_url).encode()


def article_link(publisher: SamplePublisher, edition: Edition, base_url: str) -> str:
    """The address a feed gives for a piece; some publishers hang their campaign labels on it."""
    tracking = "?utm_source=rss&utm_medium=feed&utm_campaign=latest" if publisher.tracking else ""
    return f"{base_url}{edition.path}{tracking}"


def body_html(edition: Edition) -> str:
    """The paragraphs as HTML, with the credit line of a copied piece at the end."""
    lines = [f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in edition.paragraphs]
    if edition.article.credit:
        lines.append(f"<p>({escape(edition.article.credit, quote=False)})</p>")
    return "\n".join(lines)


def _rss(publisher: SamplePublisher, editions: Sequence[Edition], base_url: str, changed: datetime) -> str:
    home = f"{base_url}/{publisher.slug}/"
    items = "".join(_rss_item(publisher, edition, base_url) for edition in editions)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n'
        "<channel>\n"
        f"<title>{escape(publisher.name)}</title>\n"
        f"<link>{escape(home)}</link>\n"
        f'<atom:link rel="self" type="application/rss+xml" href="{escape(home + publisher.feed.path)}"/>\n'
        f"<description>{escape(publisher.tagline)}</description>\n"
        f"<language>{publisher.language}</language>\n"
        f"<ttl>{TTL_MINUTES}</ttl>\n"
        f"<lastBuildDate>{format_datetime(changed.astimezone(publisher.zone))}</lastBuildDate>\n"
        f"{items}</channel>\n</rss>\n"
    )


def _rss_item(publisher: SamplePublisher, edition: Edition, base_url: str) -> str:
    content = ""
    if publisher.feed.content == "full":
        content = f"<content:encoded>{escape(body_html(edition), quote=False)}</content:encoded>\n"
    return (
        "<item>\n"
        f"<title>{escape(edition.title, quote=False)}</title>\n"
        f"<link>{escape(article_link(publisher, edition, base_url))}</link>\n"
        f'<guid isPermaLink="false">{escape(edition.article.guid)}</guid>\n'
        f"<pubDate>{format_datetime(edition.published)}</pubDate>\n"
        f"<dc:creator>{escape(edition.article.author, quote=False)}</dc:creator>\n"
        f"<category>{escape(publisher.section, quote=False)}</category>\n"
        f"<description>{escape(edition.summary, quote=False)}</description>\n"
        f"{content}</item>\n"
    )


def _atom(publisher: SamplePublisher, editions: Sequence[Edition], base_url: str, changed: datetime) -> str:
    home = f"{base_url}/{publisher.slug}/"
    entries = "".join(_atom_entry(publisher, edition, base_url) for edition in editions)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">\n'
        f"<title>{escape(publisher.name)}</title>\n"
        f"<subtitle>{escape(publisher.tagline)}</subtitle>\n"
        f"<id>tag:{publisher.slug}.example,2026:feed</id>\n"
        f'<link rel="alternate" type="text/html" href="{escape(home)}"/>\n'
        f'<link rel="self" type="application/atom+xml" href="{escape(home + publisher.feed.path)}"/>\n'
        f"<updated>{_utc(changed)}</updated>\n"
        f"{entries}</feed>\n"
    )


def _atom_entry(publisher: SamplePublisher, edition: Edition, base_url: str) -> str:
    content = ""
    if publisher.feed.content == "full":
        content = f'<content type="html">{escape(body_html(edition), quote=False)}</content>\n'
    return (
        "<entry>\n"
        f"<title>{escape(edition.title, quote=False)}</title>\n"
        f'<link rel="alternate" href="{escape(article_link(publisher, edition, base_url))}"/>\n'
        f"<id>{escape(edition.article.guid)}</id>\n"
        f"<published>{_utc(edition.published)}</published>\n"
        f"<updated>{_utc(edition.updated)}</updated>\n"
        f"<author><name>{escape(edition.article.author, quote=False)}</name></author>\n"
        f'<category term="{escape(publisher.section)}"/>\n'
        f'<summary type="text">{escape(edition.summary, quote=False)}</summary>\n'
        f"{content}</entry>\n"
    )


def _json(publisher: SamplePublisher, editions: Sequence[Edition], base_url: str) -> str:
    home = f"{base_url}/{publisher.slug}/"
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": publisher.name,
            "home_page_url": home,
            "feed_url": home + publisher.feed.path,
            "description": publisher.tagline,
            "language": publisher.language,
            "items": [_json_item(publisher, edition, base_url) for edition in editions],
        },
        ensure_ascii=False,
        indent=1,
    )


def _json_item(publisher: SamplePublisher, edition: Edition, base_url: str) -> dict[str, object]:
    # The format asks for a body in each item; a publisher of summaries gives its summary as text.
    content = (
        {"content_html": body_html(edition)}
        if publisher.feed.content == "full"
        else {"content_text": edition.summary}
    )
    return {
        "id": edition.article.guid,
        "url": article_link(publisher, edition, base_url),
        "title": edition.title,
        "summary": edition.summary,
        **content,
        "date_published": edition.published.isoformat(),
        "date_modified": edition.updated.isoformat(),
        "authors": [{"name": edition.article.author}],
        "tags": [publisher.section],
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
