"""Servers that drip, never end, lie about lengths, cut off, pack bombs or answer anything but a feed."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports.zstd import compress as compress_zstd
from django.utils import timezone

from articles import pipeline
from articles.ingest.schedule import REDIRECTS_TO_PROPOSE
from articles.models import Article, Feed, FetchRun, Sighting
from tests.faults.visits import PATIENT, forget_children, item, page_of, short_limits, visit
from tests.servers import Handler, LoopbackServer, Reply, gzip_bomb, redirect, text_reply

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1200)]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
FEED = page_of(item("a"), item("b"), item("c"))
# The honest ones must have been fetched by then.
TOTAL_SECONDS = 8.0
# It says that nobody waited for the end of a drip, not how fast this machine is.
DRIP_SECONDS = 600.0


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Iterator[None]:
    short_limits(settings)
    yield
    forget_children()


def reply(raw: bytes, *, drip_seconds: float = 0.0, is_reset: bool = False) -> Handler:
    return lambda _: Reply(raw=raw, drip_seconds=drip_seconds, is_reset=is_reset)


def packed(body: bytes, encoding: str) -> Handler:
    return lambda _: text_reply(body, Content_Encoding=encoding)


def test_a_server_that_drips_its_headers_or_its_body_loses_its_slot_at_the_deadline(settings: Any) -> None:
    settings.FETCH_TOTAL_SECONDS = TOTAL_SECONDS
    found = visit(
        {
            "/drip-headers": reply(OK + b"X-Slow: ", drip_seconds=DRIP_SECONDS),
            "/drip-body": reply(OK + b"Content-Length: 100000\r\n\r\n", drip_seconds=DRIP_SECONDS),
            "/drip-start": reply(b"H", drip_seconds=DRIP_SECONDS),
        }
    )
    assert {run.kind for run in found.runs.values()} <= {"timeout", "protocol"}
    assert found.runs["/drip-body"].kind == "timeout"
    assert all(run.message for run in found.runs.values())
    assert found.seconds < DRIP_SECONDS / 2
    assert not FetchRun.objects.filter(new__gt=0, outcome="failed").exists()


def memory(field: str) -> int:
    """Kilobytes of this process by the kernel's own count."""
    for line in Path(f"/proc/{os.getpid()}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise AssertionError(field)


def test_bombs_in_any_packing_are_refused_and_stay_packed_in_memory() -> None:
    megabytes = 200
    block = brotli.compress(bytes(megabytes * 1024 * 1024), quality=1)
    bomb = gzip_bomb(megabytes)
    bombs = {
        "/gzip": packed(bomb, "gzip"),
        "/gzip-in-gzip": packed(gzip.compress(bomb), "gzip"),
        "/gzip-unsaid": lambda _: text_reply(bomb),
        "/zstd": packed(compress_zstd(bytes(megabytes * 1024 * 1024)), "zstd"),
        "/brotli": packed(block, "br"),
    }
    honest = visit({"/warm": lambda _: text_reply(FEED)})
    assert honest.runs["/warm"].new == 3
    Feed.objects.all().delete()
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
    before = memory("VmRSS")
    found = visit(bombs)
    assert (memory("VmHWM") - before) / 1024 < 50
    assert {run.outcome for run in found.runs.values()} == {"failed"}
    kinds = {path: run.kind for path, run in found.runs.items()}
    assert kinds == {
        "/gzip": "too_large",
        "/gzip-in-gzip": "not_a_feed",  # one layer is unpacked, and what comes out is no feed
        "/gzip-unsaid": "too_large",
        "/brotli": "too_large",
        "/zstd": "too_large",
    }


def test_bodies_that_never_end_or_end_too_early_store_nothing_at_all(settings: Any) -> None:
    settings.FETCH_RAW_MB = 1
    whole = len(FEED)
    start = OK + b"Connection: close\r\n\r\n"
    found = visit(
        {
            "/endless": reply(start + FEED[:200] + b" " * 2_000_000),
            "/said-too-long": reply(OK + b"Content-Length: 99999999999\r\n\r\n" + FEED),
            "/false-length": reply(OK + f"Content-Length: {whole + 500}\r\n\r\n".encode() + FEED),
            "/reset": reply(OK + f"Content-Length: {whole}\r\n\r\n".encode() + FEED[:400], is_reset=True),
            "/chunk-cut": reply(OK + b"Transfer-Encoding: chunked\r\n\r\n200\r\n" + FEED[:100]),
            "/cut-gzip": packed(gzip.compress(FEED)[:-20], "gzip"),
        }
    )
    assert {path: run.outcome for path, run in found.runs.items()} == dict.fromkeys(found.runs, "failed")
    assert found.runs["/endless"].kind == found.runs["/said-too-long"].kind == "too_large"
    for path, run in found.runs.items():
        assert run.message, path
        assert not found.articles(path), f"{path} was stored in part"
    assert Sighting.objects.count() == Article.objects.count()


def again(path: str) -> Feed:
    """Visit a feed once more, a day later by its own row."""
    feed = Feed.objects.get(title=path)
    Feed.objects.filter(pk=feed.pk).update(next_fetch_at=timezone.now() - timedelta(seconds=1))
    pipeline.ingest_due_feeds(PATIENT)
    feed.refresh_from_db()
    return feed


def wait_of(feed: Feed) -> float:
    assert feed.last_fetch_at is not None
    return (feed.next_fetch_at - feed.last_fetch_at).total_seconds()


def test_each_status_has_its_consequence_and_retry_after_is_kept() -> None:
    consent = (
        b"<!doctype html><html><body><h1>We value your privacy</h1><button>Accept</button></body></html>"
    )

    def conditional(asked: Any) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(304, headers={"ETag": '"v1"'})
        return text_reply(FEED, ETag='"v1"')

    is_broken = False
    with LoopbackServer() as server:
        found = visit(
            {
                "/304": conditional,
                "/301": lambda _: redirect("/feed", 301),
                "/308": lambda _: redirect("/feed", 308),
                "/410": lambda _: Reply(410, b"gone"),
                "/429": lambda _: Reply(429, headers={"Retry-After": "7200"}),
                "/503": lambda _: Reply(503, headers={"Retry-After": "10800"}),
                "/404": lambda _: Reply(404),
                "/consent": lambda _: text_reply(consent, "text/html"),
                "/later-broken": lambda _: text_reply(consent if is_broken else FEED),
                "/feed": lambda _: text_reply(page_of(item("moved"))),
            },
            server,
        )
        feeds = {path: Feed.objects.get(title=path) for path in found.runs}

        assert feeds["/410"].state == "gone"
        assert feeds["/404"].state == feeds["/429"].state == feeds["/503"].state == "active"
        # To a tenth: the plan is jittered.
        assert wait_of(feeds["/429"]) >= 7200 * 0.9
        assert wait_of(feeds["/503"]) >= 10_800 * 0.9
        assert "429" in feeds["/429"].last_message
        assert found.runs["/consent"].kind == "not_a_feed"

        # A consent page in place of a feed leaves what is stored alone.
        stored = [article.pk for article in found.articles("/later-broken")]
        is_broken = True
        assert again("/later-broken").last_outcome == "failed"
        assert [article.pk for article in found.articles("/later-broken")] == stored

        articles = list(Article.objects.order_by("id").values())
        assert again("/304").last_outcome == "unchanged"
        assert FetchRun.objects.filter(feed=feeds["/304"]).latest("id").status == 304
        assert list(Article.objects.order_by("id").values()) == articles

        # A permanent redirect that stays for more than a day is proposed, never followed in secret.
        for path in ("/301", "/308"):
            for _ in range(REDIRECTS_TO_PROPOSE):
                Feed.objects.filter(title=path).update(redirects_since=timezone.now() - timedelta(hours=25))
                feed = again(path)
            assert feed.proposed_url == server.url("/feed")
            assert feed.url == server.url(path)
