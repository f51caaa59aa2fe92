"""Finds the feeds of a site from one of its pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from articles.errors import NewsdeskError
from articles.ingest.canonical import absolute_url, url_sha256
from articles.ingest.decoding import decode
from articles.ingest.limits import PageLimits
from articles.ingest.parse import parse_feed
from articles.ingest.sanitize import one_line, plain_text
from articles.types import FoundFeed

_KINDS = {
    "application/rss+xml": "rss",
    "application/rdf+xml": "rss",
    "application/x-rss+xml": "rss",
    "text/xml": "rss",
    "application/xml": "rss",
    "text/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/json": "json",
}
_WORDS = ("rss", "feed", "atom")
_COMMENT_WORDS = ("comment", "kommentar", "commentaire")
_COMMON_PATHS = ("/feed/", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")
_MAX_FEEDS = 30
_MAX_TITLE = 200


def find_feeds(page: bytes | str, base_url: str, *, content_type: str = "") -> list[FoundFeed]:
    """The feeds that a page is or points to, likeliest first; comment feeds come last.

    `base_url` is the address the page was finally got from. Addresses are absolute http(s), each once. Nothing is
    asked of the network: whether they answer is for the caller to see (see also `common_feed_urls`).
    """
    body = page if isinstance(page, bytes) else page.encode("utf-8", "replace")
    itself = _feed_itself(body, base_url, content_type)
    if itself is not None:
        return [itself]
    text = plain_text(decode(body, content_type)[0])[: PageLimits().max_bytes]
    soup = BeautifulSoup(text, "lxml")
    base_tag = soup.find("base", href=True)
    base = absolute_url(_attribute(base_tag, "href"), base_url) if isinstance(base_tag, Tag) else ""
    found: dict[bytes, FoundFeed] = {}
    for feed in [*_linked(soup, base or base_url), *_anchored(soup, base or base_url)]:
        found.setdefault(url_sha256(feed.url), feed)
    # A stable sort: within a rank the order of the page stays.
    return sorted(found.values(), key=_rank)[:_MAX_FEEDS]


def common_feed_urls(url: str) -> list[str]:
    """Where a site keeps its feed when its pages do not say: guesses, to be tried one by one."""
    origin = absolute_url("/", url)
    if not origin:
        return []
    path = urlsplit(url).path.rstrip("/")
    below = [f"{origin.rstrip('/')}{path}/feed/"] if path else []
    return [*below, *(absolute_url(guess, origin) for guess in _COMMON_PATHS)]


def _feed_itself(body: bytes, url: str, content_type: str) -> FoundFeed | None:
    try:
        feed = parse_feed(body, url=url, content_type=content_type)
    except NewsdeskError:
        return None
    kind = feed.format if feed.format in {"atom", "json"} else "rss"
    return FoundFeed(url=url, title=feed.title[:_MAX_TITLE], kind=kind, how="itself")


def _linked(soup: BeautifulSoup, base: str) -> list[FoundFeed]:
    feeds = []
    for tag in soup.find_all("link", href=True):
        relations = _attribute(tag, "rel").lower().split()
        kind = _KINDS.get(_attribute(tag, "type").partition(";")[0].strip().lower(), "")
        # A page in another language or a JSON document for machines is an alternate too.
        is_alternate = "alternate" in relations and kind and (kind != "json" or _names_feed(tag))
        if not (is_alternate or "feed" in relations):
            continue
        url = absolute_url(_attribute(tag, "href"), base)
        if url:
            feeds.append(
                FoundFeed(url, one_line(_attribute(tag, "title"), _MAX_TITLE), kind or "rss", "link")
            )
    return feeds


def _anchored(soup: BeautifulSoup, base: str) -> list[FoundFeed]:
    feeds = []
    for tag in soup.find_all("a", href=True):
        url = absolute_url(_attribute(tag, "href"), base)
        path = urlsplit(url).path.lower().rstrip("/")
        last = path.rpartition("/")[2]
        is_feed = last in {*_WORDS, "feed.json"} or last.endswith((".rss", ".atom", ".rdf"))
        is_feed = is_feed or (last.endswith(".xml") and any(word in path for word in _WORDS))
        if url and is_feed:
            kind = "json" if last.endswith(".json") else "atom" if "atom" in last else "rss"
            feeds.append(FoundFeed(url, one_line(tag.get_text(" "), _MAX_TITLE), kind, "path"))
    return feeds


def _names_feed(tag: Tag) -> bool:
    kind = _attribute(tag, "type").lower()
    return "feed" in kind or any(word in _attribute(tag, "href").lower() for word in _WORDS)


def _rank(feed: FoundFeed) -> tuple[bool, bool]:
    text = f"{feed.title} {urlsplit(feed.url).path}".lower()
    return any(word in text for word in _COMMENT_WORDS), feed.how != "link"


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value if isinstance(value, str) else " ".join(value or ())
