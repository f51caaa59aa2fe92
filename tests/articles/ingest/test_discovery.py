"""A site's page leads to its feeds."""

from __future__ import annotations

from articles.ingest.discovery import common_feed_urls, find_feeds
from articles.types import FoundFeed
from tests.servers import FEED

PAGE = """<html><head><base href="https://post.example/news/">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/rss+xml; charset=utf-8" title="Harbour &amp; Post" href="rss.xml">
<link rel="ALTERNATE" type="application/atom+xml" href="https://post.example/atom">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" type="application/json" href="/wp-json/posts/1">
<link rel="alternate" hreflang="de" href="/de/">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
</head><body><a href="/news/rss.xml">RSS again</a><a href="/markets/rss">Markets</a><a href="/feedback">no</a>
<a href="https://other.example/world.rss">World</a></body></html>"""


def test_it_finds_each_feed_once_and_comments_last() -> None:
    assert find_feeds(PAGE, "https://post.example/") == [
        FoundFeed("https://post.example/news/rss.xml", "Harbour & Post", "rss", "link"),
        FoundFeed("https://post.example/atom", "", "atom", "link"),
        FoundFeed("https://post.example/feed.json", "", "json", "link"),
        FoundFeed("https://post.example/markets/rss", "Markets", "rss", "path"),
        FoundFeed("https://other.example/world.rss", "World", "rss", "path"),
        FoundFeed("https://post.example/comments/feed", "Comments", "rss", "link"),
    ]


def test_a_page_that_is_a_feed_is_its_own_answer() -> None:
    assert find_feeds(FEED, "https://post.example/x") == [
        FoundFeed("https://post.example/x", "Loopback Times", "rss", "itself")
    ]


def test_a_page_without_feeds_has_none() -> None:
    assert find_feeds("<html><body><a href=/about>About</a></body></html>", "https://post.example/") == []
    assert find_feeds(b"", "https://post.example/") == []


def test_it_guesses_the_common_places() -> None:
    guesses = common_feed_urls("https://post.example/world/")
    assert guesses[:2] == ["https://post.example/world/feed/", "https://post.example/feed/"]
    assert len(guesses) == len(set(guesses))
    assert common_feed_urls("nonsense") == []
