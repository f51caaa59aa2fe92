"""What the sample world answers to a path at a moment; pure, so that it can be asked without a socket."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from newsdesk.sample.feeds import CONTENT_TYPES, render_feed
from newsdesk.sample.pages import render_article, render_front, render_index, stylesheet
from newsdesk.sample.world import SamplePublisher, SampleWorld, edition_at, is_deleted, whole_second

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
ROBOTS = b"User-agent: *\nDisallow: /drafts/\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body; the server adds Content-Length and leaves the body out for HEAD and 304."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Site:
    """A world that began at `started` and is reached at `base_url` (no slash at its end)."""

    world: SampleWorld
    base_url: str
    started: datetime

    def answer(self, target: str, request_headers: Mapping[str, str], *, now: datetime) -> Answer:
        """Answer one GET. Only paths that the world made itself exist; a query is ignored.

        Names in `request_headers` are lower case.
        """
        path = target.partition("?")[0].partition("#")[0]
        slug, slash, rest = path.removeprefix("/").partition("/")
        publisher = self.world.publishers_by_slug.get(slug) if slash else None
        if publisher is None:
            return self._common(path)
        feed = publisher.feed
        if rest == feed.path:
            return self._feed(publisher, request_headers, now)
        if feed.moved_from and rest == feed.moved_from:
            return Answer(301, {"location": f"{self.base_url}/{slug}/{feed.path}", "content-type": TEXT})
        return self._page(publisher, path, rest, now)

    def _common(self, path: str) -> Answer:
        """What belongs to no publisher."""
        if path == "/":
            return _page(render_index(self.world))
        if path == "/robots.txt":
            return Answer(200, {"content-type": TEXT}, ROBOTS)
        if path == "/style.css":
            return Answer(200, {"content-type": "text/css; charset=utf-8"}, stylesheet())
        return _not_found()

    def _page(self, publisher: SamplePublisher, path: str, rest: str, now: datetime) -> Answer:
        editions = self.world.editions(publisher.slug, started=self.started, now=now)
        if rest == "":
            return _page(render_front(publisher, editions, base_url=self.base_url))
        for edition in editions:
            if edition.path == path:
                return _page(render_article(publisher, edition, editions, base_url=self.base_url))
        return _gone() if self._is_deleted(publisher, path, now) else _not_found()

    def _is_deleted(self, publisher: SamplePublisher, path: str, now: datetime) -> bool:
        """Whether a piece stood at the path that its publisher has taken back since."""
        return any(
            edition.path == path
            for article in self.world.articles
            if article.publisher == publisher.slug and is_deleted(article, started=self.started, now=now)
            if (edition := edition_at(article, publisher, started=self.started, now=now)) is not None
        )

    def _feed(self, publisher: SamplePublisher, asked: Mapping[str, str], now: datetime) -> Answer:
        if publisher.feed.fails_with:
            return Answer(publisher.feed.fails_with, {"content-type": TEXT}, b"The press is broken today.\n")
        editions = self.world.editions(publisher.slug, started=self.started, now=now)
        changed = whole_second(max((edition.updated for edition in editions), default=self.started))
        body = render_feed(publisher, editions, base_url=self.base_url, changed=changed)
        headers = {"content-type": CONTENT_TYPES[publisher.feed.format], "cache-control": "max-age=20"}
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        validators = publisher.feed.validators
        if validators in {"both", "etag"}:
            headers["etag"] = etag
        if validators in {"both", "last-modified"}:
            headers["last-modified"] = format_datetime(changed, usegmt=True)
        if _is_unchanged(asked, headers):
            return Answer(304, headers)
        return Answer(200, headers, body)


def _is_unchanged(asked: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """RFC 9110 13.1: If-None-Match decides alone when it is there and the feed has a tag."""
    if "if-none-match" in asked and "etag" in headers:
        tags = [tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")]
        return "*" in tags or headers["etag"] in tags
    if "if-modified-since" in asked and "last-modified" in headers:
        try:
            since = parsedate_to_datetime(asked["if-modified-since"])
        except ValueError:
            return False
        if since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return parsedate_to_datetime(headers["last-modified"]) <= since
    return False


def _page(body: bytes) -> Answer:
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
    return Answer(200, {"content-type": HTML, "content-security-policy": policy}, body)


def _gone() -> Answer:
    return Answer(410, {"content-type": TEXT}, b"Its publisher has taken this piece back.\n")


def _not_found() -> Answer:
    return Answer(404, {"content-type": TEXT}, b"There is no such page in the sample world.\n")
