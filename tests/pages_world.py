"""A publisher with pages of its own on a loopback server: an article among what surrounds it, and pages that are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from articles.ingest.canonical import url_sha256
from articles.models import Article, Publisher
from tests.factories import make_article, make_publisher
from tests.feedworld import FeedWorld, serving

LEAD = (
    "The harbour board of Halvard sold the northern quay to the only bidder it had, for 41 million crowns."
    " The price lies a fifth below what the board's own assessor had named in the spring, and the vote was close."
)
SECOND = (
    "Two members left the hall before the hands were counted. One of them, the ferry captain Ida Brandt, said that"
    " nobody had shown her the contract. The chair answered that it had been on the table since Monday morning."
)
THIRD = (
    "The buyer, a cold store company from Tessin, wants to build on the quay from next year on. It promised to keep the"
    " forty people who work there, but for two years only, and the union calls that a joke in poor taste."
)
BOX = "Our newsletter brings the harbour to your breakfast table every morning, free of charge and without a single advert."


def story(title: str = "Quay sold below its price", lead: str = LEAD) -> bytes:
    """A page with an article in `div.story-text`, a box within it, and a list of others below."""
    others = "".join(f'<li><a href="/other-{n}">Other story number {n} of the day</a></li>' for n in range(8))
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - Harbour Post</title></head><body>
<nav class="menu"><a href="/">Home</a> <a href="/port">Port</a> <a href="/sea">Sea</a></nav>
<main class="page"><header><h1 class="headline">{title}</h1>
<p class="meta">Published on <span class="stamp">3 May 2024, 10:15 CET</span></p><p class="writer">By Anna Smith and Bob Jones</p></header>
<div class="story-text"><p>{lead}</p><div class="box"><p>{BOX}</p></div><p>{SECOND}</p><p>{THIRD}</p></div>
<section class="more"><h2>More from the port</h2><ul>{others}</ul></section></main>
<footer><p>Harbour Post is published by the Harbour Post Company of Halvard.</p></footer></body></html>""".encode()


@contextmanager
def harbour_post(publisher_name: str = "Harbour Post") -> Iterator[tuple[FeedWorld, Publisher]]:
    """Serve the pages; the publisher has an article at each of `/story`, `/second` and (answering 404) `/gone`."""
    pages = {
        "/story": story(),
        "/second": story("Crane falls into the basin", THIRD),
        "/other": story("A page without an article", SECOND),
        "/secret": story(),
        "/empty": b"<!doctype html><html><head><title>Nothing</title></head><body></body></html>",
    }
    types = dict.fromkeys(pages, "text/html; charset=utf-8") | {
        "/picture": "image/png",
        "/robots.txt": "text/plain",
    }
    bodies = {**pages, "/robots.txt": b"User-agent: *\nDisallow: /secret\n"}
    with serving(FeedWorld(bodies, types)) as world:
        publisher = make_publisher(publisher_name, slug="harbour-post")
        for place, (path, title) in enumerate(
            (
                ("/story", "Quay sold below its price"),
                ("/second", "Crane falls into the basin"),
                ("/gone", "A story that is gone"),
            )
        ):
            article_at(world.url(path), title, publisher, hours=place + 1)
        yield world, publisher


def article_at(url: str, title: str, publisher: Publisher, *, hours: int = 1) -> Article:
    """An article whose text is from the page at this address."""
    article = make_article(title, publisher=publisher, published_at=timezone.now() - timedelta(hours=hours))
    Article.objects.filter(pk=article.pk).update(url=url, url_sha256=url_sha256(url), page_kind="article")
    article.refresh_from_db()
    return article
