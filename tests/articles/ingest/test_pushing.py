"""What a hub pushes is stored like an answer of its feed, and polls slow down while that works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from articles.ingest.claim import claim_feed, claim_feeds
from articles.ingest.pushing import RETRIES, store_pushes
from articles.ingest.store import IngestRules
from articles.ingest.subscribing import ask_hubs, plan_subscriptions
from articles.jobs import add_jobs
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
    assert store_pushed_feeds(600) == 1
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
    store_pushed_feeds(600)
    assert Article.objects.count() == 2
    _push(hub, client, _body(2))
    store_pushed_feeds(600)
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
    store_pushed_feeds(600)
    assert is_pushed()
    Feed.objects.update(last_new_at=timezone.now())
    assert not is_pushed(), "a poll found what no push had told"
    _push(hub, client, _body(2))
    store_pushed_feeds(600)
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
    assert store_pushed_feeds(600) == 1
    assert Article.objects.count() == 1


def test_a_push_that_is_no_feed_is_told_and_costs_the_feed_nothing(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    _push(hub, client, b"<html><body>Maintenance</body></html>")
    _push(hub, client, _body(1))
    assert store_pushed_feeds(600) == 1
    assert "could not be read" in Subscription.objects.get().message
    pushed.refresh_from_db()
    assert (pushed.failures, pushed.attempts) == (0, 0)
    assert Article.objects.count() == 1


def test_a_paused_source_stores_nothing_more(pushed: Feed, hub: Hub, client: Client) -> None:
    _push(hub, client, _body(1))
    Feed.objects.update(state="paused")
    assert store_pushed_feeds(600) == 0
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
    assert store_pushed_feeds(600) == 1
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
    assert ingest_due_feeds(600) == 1
    source.refresh_from_db()
    assert (source.hub_url, source.topic_url) == (hub.url, "https://harbour.example/self")
    plan_subscriptions()
    ask_hubs(60)
    assert client.get(hub.callback, hub.intent()).status_code == 200
    _push(hub, client, _body(3))
    assert store_pushed_feeds(600) == 1
    assert Article.objects.count() == 3
    Feed.objects.filter(pk=source.pk).update(next_fetch_at=timezone.now())
    ingest_due_feeds(600)
    source.refresh_from_db()
    assert "its hub pushes what is new" in source.next_why


def _refuse_runs() -> None:
    """The database takes no run of a fetch, and so nothing that any feed brought."""
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
               CREATE TRIGGER refuse BEFORE INSERT ON articles_fetchrun FOR EACH ROW EXECUTE FUNCTION refuse()"""
        )


def _take_leases_away() -> None:
    """Whoever claims a feed finds at once that it belongs to somebody else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN NEW.lease_token := gen_random_uuid(); RETURN NEW; END $$;
               CREATE TRIGGER take_over BEFORE UPDATE OF lease_token ON articles_feed FOR EACH ROW
                   WHEN (NEW.lease_token IS NOT NULL) EXECUTE FUNCTION take_over()"""
        )


def test_a_push_that_the_database_refuses_is_kept_and_stored_once_it_can_be(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    due = pushed.next_fetch_at
    _push(hub, client, _body(1))
    _refuse_runs()
    assert store_pushed_feeds(600) == 0
    assert (Push.objects.count(), Article.objects.count()) == (1, 0)
    job = Job.objects.get(kind="push")
    assert (job.state, job.tries, job.attempts) == ("waiting", 1, 0)
    assert "could not be stored, and is kept" in job.message
    pushed.refresh_from_db()
    assert (pushed.next_fetch_at, pushed.next_why, pushed.attempts) == (due, "Every 72 min.", 0)
    assert (pushed.lease_token, pushed.failures) == (None, 0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse ON articles_fetchrun")
    Job.objects.update(not_before=timezone.now())
    assert store_pushed_feeds(600) == 1
    assert (Push.objects.count(), Article.objects.count()) == (0, 1)


def test_a_push_whose_feed_is_taken_over_meanwhile_is_kept_and_waits_for_an_admin_at_last(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    _push(hub, client, _body(1))
    _take_leases_away()
    for number, wait in enumerate(RETRIES, start=1):
        begun = timezone.now()
        assert store_pushed_feeds(600) == 0
        job = Job.objects.get(kind="push")
        assert (job.state, job.tries) == ("waiting", number)
        assert begun <= job.not_before - timedelta(seconds=wait) <= timezone.now()
        Job.objects.update(not_before=timezone.now())
        Feed.objects.update(lease_until=None, lease_token=None, attempts=0)
    store_pushed_feeds(600)
    job = Job.objects.get(kind="push")
    assert (job.state, Push.objects.count()) == ("failed", 1)
    assert "the source was changed or taken over" in job.message


def test_a_push_does_not_heal_a_feed_whose_server_refuses(pushed: Feed, hub: Hub, client: Client) -> None:
    said = timezone.now() - timedelta(hours=3)
    told: dict[str, Any] = {
        "failures": 9,
        "failing_since": said - timedelta(days=1),
        "error_weight": 9.5,
        "last_status": 500,
        "last_outcome": "failed",
        "last_message": "The server answers 500.",
        "last_fetch_at": said,
        "last_success_at": said - timedelta(days=2),
        "attempts": 2,
    }
    Feed.objects.update(**told)
    _push(hub, client, _body(1))
    assert store_pushed_feeds(600) == 1
    assert Feed.objects.values(*told).get(pk=pushed.pk) == told
    pushed.refresh_from_db()
    assert pushed.last_new_at is not None


def test_what_breaks_one_push_is_its_own_trouble(pushed: Feed, hub: Hub, client: Client) -> None:
    _push(hub, client, _body(1))
    other = make_source("Tessin Times", next_fetch_at=timezone.now() + timedelta(hours=1))
    Push.objects.create(feed=other, body=_body(2))
    add_jobs(Job.Kind.PUSH, [(other.pk, "", 0, None)])

    def read(answer: FetchResult) -> Any:
        if answer.url == pushed.url:
            raise ValueError("a fault of ours")
        return parsed(entry(2))

    assert store_pushes(30, read, IngestRules()) == [other.pk]
    assert list(Push.objects.values_list("feed_id", flat=True)) == [pushed.pk]
    job = Job.objects.get(kind="push", subject_id=pushed.pk)
    assert (job.state, job.tries, job.attempts) == ("waiting", 1, 0)
    assert "ValueError" in job.message
    assert Job.objects.get(kind="push", subject_id=other.pk).state == "done"


@pytest.mark.parametrize("is_claimed", [True, False])
def test_the_push_of_a_source_that_is_removed_meanwhile_is_over(
    pushed: Feed, hub: Hub, client: Client, is_claimed: bool
) -> None:
    _push(hub, client, _body(1))
    _push(hub, client, _body(2))
    seen: list[int] = []

    def read(_answer: FetchResult) -> Any:
        seen.append(1)
        if len(seen) == (1 if is_claimed else 2):
            Feed.objects.filter(pk=pushed.pk).delete()
        return parsed(entry(1))

    store_pushes(30, read, IngestRules())
    job = Job.objects.get(kind="push")
    assert (job.state, job.message) == ("done", "The source was removed.")


def test_a_database_that_goes_away_gives_the_pushes_back_uncounted(
    pushed: Feed, hub: Hub, client: Client
) -> None:
    _push(hub, client, _body(1))

    def read(_answer: FetchResult) -> Any:
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.raises(OperationalError):
        store_pushes(30, read, IngestRules())
    job = Job.objects.get(kind="push")
    assert (job.state, job.tries, job.attempts, job.lease_token) == ("waiting", 0, 0, None)
    assert Push.objects.count() == 1
