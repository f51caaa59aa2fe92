"""What a hub pushes is stored like an answer of its feed, and polls slow down while that works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.ingest.claim import claim_feed, claim_feeds
from articles.ingest.pushing import store_pushes
from articles.ingest.store import IngestRules
from articles.ingest.subscribing import ask_hubs, plan_subscriptions
from articles.models import Article, Feed, FetchRun, Job, Push, Subscription
from articles.pipeline import ingest_due_feeds, store_pushed_feeds
from articles.types import FetchFailure, FetchResult
from tests.articles.ingest.rows import entry, parsed
from tests.hub import Hub, hub
from tests.servers import Asked, Reply
from tests.sources_world import make_source

__all__ = ["hub"]

pytestmark = pytest.mark.django_db


def _body(*numbers: int) -> bytes:
    items = "".join(
        f"<item><guid>guid-{number}</guid><title>Quay {number} opens</title>"
        f"<link>https://harbour.example/story/{number}</link><description>Words.</description></item>"
        for number in numbers
    )
    return f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>".encode()


@pytest.fixture
def pushed(hub: Hub, client: Client) -> Feed:
    """A feed whose hub has verified the subscription; it is not due for an hour."""
    feed = make_source(
        "Harbour Ledger",
        hub_url=hub.url,
        topic_url="https://harbour.example/self",
        next_fetch_at=timezone.now() + timedelta(hours=1),
        interval_seconds=4321,
        known_share=0.5,
        next_why="Every 72 min.",
        etag='"one"',
        body_sha256="b" * 64,
    )
    plan_subscriptions()
    ask_hubs(60)
    client.get(hub.callback, hub.intent())
    return feed


def _push(hub: Hub, client: Client, body: bytes) -> None:
    headers = {"X-Hub-Signature": hub.signature(body)}
    assert client.post(hub.callback, body, "application/rss+xml", headers=headers).status_code == 202


def test_a_push_becomes_articles_and_leaves_the_rhythm_alone(pushed: Feed, hub: Hub, client: Client) -> None:
    due = pushed.next_fetch_at
    _push(hub, client, _body(1, 2))
    assert store_pushed_feeds(30) == 1
    assert Article.objects.count() == 2
    run = FetchRun.objects.get()
    assert (run.pushed, run.entries, run.new, run.outcome) == (True, 2, 2, "stored")
    pushed.refresh_from_db()
    assert (pushed.next_fetch_at, pushed.interval_seconds, pushed.known_share) == (due, 4321, 0.5)
    assert (pushed.etag, pushed.body_sha256, pushed.next_why) == ('"one"', "b" * 64, "Every 72 min.")
    assert pushed.hub_url == hub.url, "a push need not repeat the links of its feed"
    assert pushed.last_new_at is not None
    assert not Push.objects.exists()
    assert Job.objects.get(kind="push").state == "done"
    assert Job.objects.filter(kind="read", state="waiting").count() == 2


def test_the_same_push_twice_is_stored_once(pushed: Feed, hub: Hub, client: Client) -> None:
    for body in (_body(1), _body(1), _body(1, 2)):
        _push(hub, client, body)
    store_pushed_feeds(30)
    assert Article.objects.count() == 2
    _push(hub, client, _body(2))
    store_pushed_feeds(30)
    assert Article.objects.count() == 2


def test_polls_slow_down_only_while_the_last_news_came_by_push(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    def is_pushed() -> bool:
        Feed.objects.update(
            next_fetch_at=timezone.now() - timedelta(seconds=1), lease_until=None, lease_token=None
        )
        [claimed] = claim_feeds(10, 60)[1]
        Feed.objects.update(lease_until=None, lease_token=None, attempts=0)
        return claimed.is_pushed

    assert not is_pushed(), "a lease alone proves nothing"
    _push(hub, client, _body(1))
    store_pushed_feeds(30)
    assert is_pushed()
    Feed.objects.update(last_new_at=timezone.now())
    assert not is_pushed(), "a poll found what no push had told"
    _push(hub, client, _body(2))
    store_pushed_feeds(30)
    assert is_pushed()
    Subscription.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert not is_pushed(), "a lease that ran out brings nothing"


def test_a_feed_that_is_being_fetched_gets_its_push_afterwards(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    _push(hub, client, _body(1))
    assert claim_feed(pushed.pk, 60) is not None
    assert store_pushed_feeds(5) == 0
    assert Push.objects.count() == 1
    job = Job.objects.get(kind="push")
    assert (job.state, job.attempts, job.tries) == ("waiting", 0, 0)
    Feed.objects.update(lease_until=None, lease_token=None, attempts=0)
    Job.objects.update(not_before=timezone.now())
    assert store_pushed_feeds(30) == 1
    assert Article.objects.count() == 1


def test_a_push_that_is_no_feed_is_told_and_costs_the_feed_nothing(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    _push(hub, client, b"<html><body>Maintenance</body></html>")
    _push(hub, client, _body(1))
    assert store_pushed_feeds(30) == 1
    assert "could not be read" in Subscription.objects.get().message
    pushed.refresh_from_db()
    assert (pushed.failures, pushed.attempts) == (0, 0)
    assert Article.objects.count() == 1


def test_a_paused_source_stores_nothing_more(pushed: Feed, hub: Hub, client: Client) -> None:
    _push(hub, client, _body(1))
    Feed.objects.update(state="paused")
    assert store_pushed_feeds(30) == 0
    assert (Article.objects.count(), Push.objects.count()) == (0, 0)
    assert Job.objects.get(kind="push").state == "done"


def test_a_push_that_comes_while_another_is_stored_is_not_forgotten(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    _push(hub, client, _body(1))
    came: list[bool] = []

    def read(answer: FetchResult) -> Any:
        if not came:
            came.append(True)
            _push(hub, client, _body(2))
        number = 1 if b"guid-1" in answer.body else 2
        return parsed(entry(number))

    store_pushes(30, read, IngestRules())
    assert Article.objects.count() == 2
    assert not Push.objects.exists()
    assert Job.objects.get(kind="push").state == "done"


@pytest.mark.parametrize("death", [SystemExit, KeyboardInterrupt])
def test_a_push_survives_a_worker_that_stops_or_dies_over_it(
    pushed: Feed, hub: Hub, client: Client, death: type[BaseException]
) -> None:
    _push(hub, client, _body(1))

    def die(_answer: FetchResult) -> FetchFailure:
        raise death

    with pytest.raises(death):
        store_pushes(30, die, IngestRules())
    assert Push.objects.count() == 1
    if death is not SystemExit:  # nobody was told: the lease has to run out
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert store_pushed_feeds(30) == 1
    assert Article.objects.count() == 1


def test_a_feed_that_declares_its_hub_is_followed_from_the_first_poll_to_the_first_push(
    hub: Hub, client: Client
) -> None:
    def feed(_asked: Asked) -> Reply:
        links = [f'Link: <{hub.url}>; rel="hub"', 'Link: <https://harbour.example/self>; rel="self"']
        body = _body(1, 2)
        head = [
            "HTTP/1.1 200 OK",
            f"Content-Length: {len(body)}",
            "Content-Type: application/rss+xml",
            *links,
        ]
        return Reply(raw="\r\n".join([*head, "Connection: close"]).encode() + b"\r\n\r\n" + body)

    hub.server.handlers["/feed"] = feed
    source = make_source("Loopback Times", next_fetch_at=timezone.now())
    Feed.objects.filter(pk=source.pk).update(url=hub.server.url("/feed"), host=hub.server.address)
    assert ingest_due_feeds(60) == 1
    source.refresh_from_db()
    assert (source.hub_url, source.topic_url) == (hub.url, "https://harbour.example/self")
    plan_subscriptions()
    ask_hubs(60)
    assert client.get(hub.callback, hub.intent()).status_code == 200
    _push(hub, client, _body(3))
    assert store_pushed_feeds(30) == 1
    assert Article.objects.count() == 3
    Feed.objects.filter(pk=source.pk).update(next_fetch_at=timezone.now())
    ingest_due_feeds(60)
    source.refresh_from_db()
    assert "its hub pushes what is new" in source.next_why
