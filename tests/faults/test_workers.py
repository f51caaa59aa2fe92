"""Workers are killed, frozen, poisoned or asked twice: no feed is lost, forgotten or done twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from articles.ingest.claim import KILLS_TO_QUARANTINE
from articles.models import Article, Feed, FetchRun, Sighting
from articles.tasks import fetch_feeds, poke
from newsdesk.celery import app
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import LATE_SECONDS, WORKER_OPTIONS, quick_environment
from tests.faults.invariants import (
    check,
    every_due_feed_is_fetched,
    every_entry_is_stored,
    nothing_is_doubled,
)
from tests.faults.quiet import (
    are_at_rest,
    end_leases_of_the_dead,
    forget_wakeups,
    leave_nothing,
    wait_for_quiet,
)
from tests.feedworld import generated_feed
from tests.servers import Asked, LoopbackServer, Reply, text_reply
from tests.workers import Worker, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FEEDS, ENTRIES = 6, 2


class Street:
    """Feeds on loopback whose answers wait while the gate is closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.server = LoopbackServer({f"/{number}.xml": self.answer for number in range(FEEDS)})

    def answer(self, asked: Asked) -> Reply:
        self.gate.wait(600)
        return text_reply(generated_feed(int(asked.path[1:-4]), ENTRIES))

    def subscribe(self) -> None:
        for number in range(FEEDS):
            make_feed(f"Paper {number}", url=self.server.url(f"/{number}.xml"), host=self.server.address)

    def times_asked(self, path: str) -> int:
        return self.server.paths().count(path)


@pytest.fixture
def street() -> Iterator[Street]:
    made = Street()
    with made.server:
        yield made
        made.gate.set()


@pytest.fixture(scope="module")
def shared_worker(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    """Its children are killed by the rows of this file, itself it stays."""
    with django_db_blocker.unblock():
        environment = quick_environment()
    forget_wakeups()
    log = tmp_path_factory.mktemp("workers") / "shared.log"
    worker = Worker(log, environment, *WORKER_OPTIONS, queues="fetch,house", concurrency=2)
    yield worker
    worker.stop()
    leave_nothing(django_db_blocker)


@pytest.fixture
def worker(shared_worker: Worker, transactional_db: None) -> Iterator[Worker]:
    yield shared_worker
    # What waits for it now would find the feeds of the next row.
    wait_until(are_at_rest, "the worker has done all that it was woken for")
    wait_for_quiet()


def wake() -> bool:
    """Send a wake-up."""
    poke.apply_async()
    return True


def are_fetched(*, but: int = 0) -> bool:
    """Whether all feeds have been fetched; asks the workers to go on."""
    wake()
    time.sleep(0.4)
    return Feed.objects.filter(last_success_at__isnull=True).count() <= but


def see_to_it(since: Any, *, entries: int = FEEDS * ENTRIES) -> None:
    with connection.cursor() as cursor:
        check(
            every_due_feed_is_fetched(cursor, since=since, late_seconds=LATE_SECONDS),
            nothing_is_doubled(cursor),
            every_entry_is_stored(cursor, entries),
        )


def test_a_killed_child_costs_one_attempt_and_its_feeds_are_fetched_when_the_lease_is_over(
    worker: Worker, street: Street
) -> None:
    started = timezone.now()
    street.gate.clear()
    street.subscribe()
    wait_until(lambda: len(worker.pool()) == 2, "the worker has its children")
    wait_until(lambda: wake() and len(street.server.asked) >= 1, "the feeds are asked for", pause=1.0)
    assert Feed.objects.filter(attempts=1, lease_token__isnull=False).count() == FEEDS
    killed = worker.pool()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(killed) & set(worker.pool()), "they are gone")
    end_leases_of_the_dead()
    street.gate.set()

    def died_once() -> bool:
        # Claimed again after the death: this is the second attempt.
        return Feed.objects.filter(attempts=2).exists() or are_fetched()

    wait_until(died_once, "the lease runs out and the feeds are claimed again")
    wait_until(are_fetched, "every feed is fetched")
    see_to_it(started)
    assert not Feed.objects.exclude(attempts=0, state="active").exists()


def test_a_feed_that_kills_whoever_fetches_it_is_set_aside_and_its_neighbours_are_fetched(
    worker: Worker, street: Street
) -> None:
    started = timezone.now()
    deaths: list[str] = []
    told: list[str] = []

    def kill(asked: Asked) -> Reply:
        pid = who_asks(worker, prison.port)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid not in worker.pool(), "it is gone")
        deaths.append(asked.path)
        return Reply(raw=b"")

    prison = LoopbackServer({"/poison.xml": kill})
    with prison:
        street.subscribe()
        poison = make_feed("Poison", url=prison.url("/poison.xml"), host=prison.address)

        def is_over() -> bool:
            if len(told) < len(deaths):
                told.append(
                    "the lease of the dead is over: by the rows of all that it had claimed, and of no other's"
                )
                poison.refresh_from_db()
                past = timezone.now() - timedelta(seconds=1)
                Feed.objects.filter(lease_token=poison.lease_token).update(
                    lease_until=past, next_fetch_at=past
                )
            poison.refresh_from_db()
            return are_fetched(but=1) and poison.state == "quarantined"

        wait_until(is_over, "the poison is set aside and the others are fetched")
    assert len(deaths) == KILLS_TO_QUARANTINE
    see_to_it(started)
    assert not Feed.objects.exclude(pk=poison.pk).exclude(attempts=0, state="active").exists()


def test_a_wake_up_that_is_delivered_twice_has_one_effect(worker: Worker, street: Street) -> None:
    started = timezone.now()
    street.gate.clear()
    street.subscribe()
    message = fetch_feeds.apply_async()
    wait_until(lambda: len(street.server.asked) >= 1, "the first delivery is at work")
    # The broker believes that the worker is lost, as it does when a task outlasts the visibility timeout.
    with app.connection_for_write() as link, link.channel() as opened:
        channel: Any = opened  # the Redis transport's own kind
        channel.qos.visibility_timeout = -1
        channel.qos.restore_visible(num=50)
    wait_until(
        lambda: worker.text.count(f"fetch_feeds[{message.id}] succeeded") == 1, "the second delivery is done"
    )
    assert worker.text.count(f"fetch_feeds[{message.id}] received") == 2
    street.gate.set()
    wait_until(are_fetched, "every feed is fetched")
    see_to_it(started)
    assert FetchRun.objects.count() == FEEDS
    assert all(street.times_asked(f"/{number}.xml") == 1 for number in range(FEEDS))


def test_a_worker_that_was_frozen_past_its_lease_stores_nothing_when_it_wakes(
    worker: Worker, street: Street
) -> None:
    started = timezone.now()
    street.gate.clear()
    street.subscribe()
    wait_until(lambda: wake() and len(street.server.asked) >= 1, "the feeds are asked for", pause=1.0)
    sleeper = who_asks(worker, street.server.port)
    os.kill(sleeper, signal.SIGSTOP)
    try:
        asked = len(street.server.asked)
        street.gate.set()
        end_leases_of_the_dead()  # and of who sleeps
        # The other child takes over while the first one sleeps with its answers in hand.
        wait_until(are_fetched, "the feeds are claimed and fetched by another")
        assert len(street.server.asked) > asked
        before = rows()
    finally:
        os.kill(sleeper, signal.SIGCONT)
    wait_until(
        lambda: not holds_connection(sleeper, street.server.port), "the sleeper is done with its answers"
    )
    wait_until(are_at_rest, "the sleeper's task has ended")
    assert rows() == before
    see_to_it(started)


def rows() -> list[object]:
    feeds = Feed.objects.order_by("id").values_list(
        "id", "last_fetch_at", "next_fetch_at", "etag", "attempts"
    )
    counts = (Article.objects.count(), Sighting.objects.count(), FetchRun.objects.count())
    return [*feeds, counts]


def who_asks(worker: Worker, port: int) -> int:
    """The child of the worker that has a connection to that port; the list of children may lack one for a moment."""
    found: list[int] = []

    def is_found() -> bool:
        found[:] = [pid for pid in worker.pool() if holds_connection(pid, port)]
        return bool(found)

    wait_until(is_found, "one of its children asks")
    return found[0]


def holds_connection(pid: int, port: int) -> bool:
    """Whether the process has a connection to that port of loopback open."""
    inodes = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                inodes.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
        for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
            words = line.split()
            # The state 01 is ESTABLISHED.
            if words[2].endswith(f":{port:04X}") and words[3] == "01" and words[9] in inodes:
                return True
    return False
