"""Events as feeds: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from html import escape
from xml.etree.ElementTree import Element, SubElement, tostring

from articles.queries.event_feeds import EventFeed, FeedEvent

ATOM = "http://www.w3.org/2005/Atom"
NAME = "Newsdesk"
# When a feed without entries was updated last: never, which RFC 4287 (4.2.15) has no word for.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 (2.2) cannot hold; a lone surrogate is nothing that UTF-8 can write.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def updated_at(feed: EventFeed) -> datetime:
    """When the feed changed last."""
    return max((entry.updated for entry in feed.entries), default=NEVER)


def as_atom(feed: EventFeed, site: str, home: str, own: str) -> bytes:
    """The feed as Atom; `site` begins the addresses of events, `home` is the list, `own` the feed's own address."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _text(root, "title", feed.title)
    _text(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, home).urn)
    _text(root, "updated", _moment(updated_at(feed)))
    SubElement(SubElement(root, "author"), "name").text = NAME
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": own})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": home})
    if feed.problem:
        _text(root, "subtitle", feed.problem)
    for entry in feed.entries:
        node = SubElement(root, "entry")
        _text(node, "title", entry.title)
        _text(node, "id", entry.urn)
        _text(node, "published", _moment(entry.first_at))
        _text(node, "updated", _moment(entry.updated))
        SubElement(node, "link", {"rel": "alternate", "type": "text/html", "href": _page(site, entry)})
        for word in _tags(entry):
            SubElement(node, "category", {"term": _clean(word)})
        if entry.summary:
            _text(node, "summary", entry.summary)
        _text(node, "content", _html(entry)).set("type", "html")
    written: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}'.encode()


def as_json_feed(feed: EventFeed, site: str, home: str, own: str) -> bytes:
    """The same as JSON Feed 1.1."""
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": home,
        "feed_url": own,
        "language": "en",
        "authors": [{"name": NAME}],
        **({"description": feed.problem} if feed.problem else {}),
        "items": [
            {
                "id": entry.urn,
                "url": _page(site, entry),
                "title": _clean(entry.title),
                **({"summary": _clean(entry.summary)} if entry.summary else {}),
                "content_html": _clean(_html(entry)),
                "date_published": _moment(entry.first_at),
                "date_modified": _moment(entry.updated),
                "tags": [_clean(word) for word in _tags(entry)],
            }
            for entry in feed.entries
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def _text(parent: Element, name: str, text: str) -> Element:
    node = SubElement(parent, name)
    node.text = _clean(text)
    return node


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def _moment(at: datetime) -> str:
    """A date and time as RFC 3339 has it, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _page(site: str, entry: FeedEvent) -> str:
    return f"{site}/events/{entry.id}/"


def _tags(entry: FeedEvent) -> list[str]:
    return [*([entry.type_words] if entry.type_words else []), *entry.names]


def _html(entry: FeedEvent) -> str:
    """What the entry says, each word of it escaped."""
    parts = [f"<p>{escape(entry.summary)}</p>" if entry.summary else "", f"<p>{escape(entry.figures)}</p>"]
    if entry.names:
        parts.append(f"<p>Names {escape(', '.join(entry.names))}.</p>")
    return "".join(parts)
