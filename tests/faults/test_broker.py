"""The broker of wake-ups is killed, frozen, full or falls silent, and beat with it: work goes on by the database alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles.models import Feed, FetchRun, Heartbeat, NetworkState
from newsdesk.accounts.models import User
from newsdesk.desk.queries import health_checks
from newsdesk.services.valkey import Valkey
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import LATE_SECONDS, TICK_SECONDS, WORKER_OPTIONS, Beat, quick_environment
from tests.faults.invariants import (
    check,
    every_due_feed_is_fetched,
    every_entry_is_stored,
    nothing_is_doubled,
)
from tests.faults.proxy import FaultProxy
from tests.faults.quiet import end_leases_of_the_dead, leave_nothing, wait_for_quiet
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.workers import Worker, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FEEDS, ENTRIES = 6, 2
# A page may wait for the broker's own time limit, and this machine may be slow beside it; without the limit it would
# wait until the broker is thawed.
LONGEST_WAIT = 2.0
SPARE_SECONDS = 100.0


class Shop:
    """A broker of its own behind a proxy, a fetching worker and a beat that reach it through that proxy."""

    def __init__(self, folder: Path) -> None:
        self.valkey = Valkey(folder / "data", is_throwaway=True)
        self.folder = folder

    def open(self) -> None:
        self.url = self.valkey.start()
        self.proxy = FaultProxy(str(self.valkey._socket))
        self.proxy.__enter__()
        # What a link that broke under a task leaves behind is free again by itself.
        self.environment = quick_environment(
            REDIS_URL=f"redis://127.0.0.1:{self.proxy.port}/0",
            NEWSDESK_SHORT_LEASES="True",
            NEWSDESK_LEASE_SECONDS="40",
        )
        self.worker = self._worker()
        self.beat = Beat(self.folder / "beat.log", self.environment)

    def _worker(self) -> Worker:
        return Worker(self.folder / "worker.log", self.environment, *WORKER_OPTIONS, concurrency=1)

    def mend(self) -> None:
        """Start a worker that has ended anew, as the supervisor of `up` does."""
        if self.worker.process.poll() is not None:
            self.worker.kill()
            end_leases_of_the_dead()
            self.worker = self._worker()

    def close(self) -> None:
        self.beat.stop()
        self.worker.stop()
        self.proxy.__exit__(None, None, None)
        self.valkey.stop()

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    @property
    def pid(self) -> int:
        assert self.valkey._child is not None
        return self.valkey._child.pid


@pytest.fixture(scope="module")
def opened(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """Its processes are shared by the rows of this file."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    with django_db_blocker.unblock():
        shop.open()
    yield shop
    shop.close()
    leave_nothing(django_db_blocker)


@pytest.fixture
def shop(opened: Shop, transactional_db: None, settings: Any) -> Iterator[Shop]:
    """The shop at work; at the end it rests, so that the tables can be emptied under it."""
    settings.REDIS_URL, settings.POKE_SECONDS = opened.url, TICK_SECONDS
    opened.beat.signal_all(signal.SIGCONT)
    opened.mend()
    wait_until(is_open, "the shop is open")
    yield opened
    opened.beat.signal_all(signal.SIGSTOP)
    wait_for_quiet()


def is_open() -> bool:
    """Whether beat ticks and its wake-ups arrive."""
    return (
        NetworkState.objects.filter(poked_at__isnull=False).exists()
        and Heartbeat.objects.filter(part="beat").exists()
    )


@pytest.fixture
def world() -> Iterator[FeedWorld]:
    """Feeds that are there, and due when a row says so."""
    with serving(
        FeedWorld({f"/{number}.xml": generated_feed(number, ENTRIES) for number in range(FEEDS)})
    ) as made:
        yield made


def subscribe(world: FeedWorld) -> None:
    for number in range(FEEDS):
        make_feed(f"Paper {number}", url=world.url(f"/{number}.xml"), host=f"127.0.0.1:{world.port}")


def all_are_fetched() -> bool:
    return not Feed.objects.filter(last_success_at__isnull=True).exists()


def state_of(name: str) -> str:
    return next(line.state for line in health_checks(timezone.now()) if line.name == name)


def words_of(name: str) -> str:
    return next(line.words for line in health_checks(timezone.now()) if line.name == name)


def see_to_it(world: FeedWorld, since: Any) -> None:
    """Every feed once, each entry once, within the lease and two ticks of the recovery."""
    wait_until(all_are_fetched, "every feed is fetched")
    wait_until(
        lambda: {state_of("Broker"), state_of("Workers"), state_of("Beat")} == {"ok"},
        "the health page clears itself",
    )
    with connection.cursor() as cursor:
        check(
            every_due_feed_is_fetched(cursor, since=since, late_seconds=LATE_SECONDS),
            nothing_is_doubled(cursor),
            every_entry_is_stored(cursor, FEEDS * ENTRIES),
        )
    assert world.count(200) == FEEDS, "each feed was asked once"


def test_a_killed_broker_stops_no_page_and_comes_back_empty_without_loss(
    shop: Shop, world: FeedWorld, admin: User
) -> None:
    started = timezone.now()
    os.kill(shop.pid, signal.SIGKILL)
    wait_until(lambda: not shop.valkey.is_alive(), "the broker is dead")
    subscribe(world)
    desk = Client()
    desk.force_login(admin)
    feed = Feed.objects.get(title="Paper 1")
    for path in ("/", "/articles/", "/sources/", f"/sources/{feed.pk}/", "/events/"):
        assert desk.get(path).status_code == 200, path
    assert desk.post(f"/sources/{feed.pk}/fetch/").status_code == 302
    assert "Valkey does not answer" in desk.get("/health/").content.decode()
    wait_until(lambda: state_of("Workers") == "failing", "the missing wake-ups are named")
    assert world.count(200) == 0
    shop.valkey.start()
    see_to_it(world, started)


def test_a_frozen_broker_holds_up_no_page(shop: Shop, world: FeedWorld, admin: User) -> None:
    started = timezone.now()
    desk = Client()
    desk.force_login(admin)
    subscribe(world)
    feed = Feed.objects.get(title="Paper 1")
    desk.get("/health/")
    os.kill(shop.pid, signal.SIGSTOP)
    try:
        for path in ("/", "/sources/", "/health/", f"/sources/{feed.pk}/fetch/"):
            before = time.monotonic()
            answer = desk.post(path) if path.endswith("/fetch/") else desk.get(path)
            assert answer.status_code in {200, 302}, path
            assert time.monotonic() - before < LONGEST_WAIT + SPARE_SECONDS, path
        assert state_of("Broker") == "failing"
    finally:
        os.kill(shop.pid, signal.SIGCONT)
    see_to_it(world, started)


def test_a_link_that_died_without_a_word_is_noticed_and_made_again(shop: Shop, world: FeedWorld) -> None:
    started = timezone.now()
    assert shop.proxy.forget() >= 2, "beat and the worker are linked"
    subscribe(world)
    see_to_it(world, started)


def test_a_link_that_dies_under_a_task_leaves_no_worker_deaf(shop: Shop, world: FeedWorld) -> None:
    started = timezone.now()
    world.seconds = 1.0
    subscribe(world)
    wait_until(lambda: Feed.objects.filter(lease_token__isnull=False).exists(), "a task is under way")
    shop.proxy.forget()
    wait_until(all_are_fetched, "its work is stored, though its message cannot be acknowledged")
    world.seconds = 0.0
    Feed.objects.update(next_fetch_at=timezone.now(), etag="", body_sha256="", last_success_at=None)
    wait_until(all_are_fetched, "the worker hears the next wake-up")
    wait_until(lambda: {state_of("Broker"), state_of("Workers"), state_of("Beat")} == {"ok"}, "all is well")
    with connection.cursor() as cursor:
        check(nothing_is_doubled(cursor), every_entry_is_stored(cursor, FEEDS * ENTRIES))
    assert FetchRun.objects.filter(at__gte=started).count() == 2 * FEEDS


def test_no_worker_has_a_link_that_it_reads_without_a_limit_of_time(shop: Shop) -> None:
    """Whoever steers workers from afar publishes, and what is published is waited for without an end."""
    with shop.broker() as broker:
        links = broker.client_list()
    assert len(links) > 1, "the worker and beat have theirs"
    assert [link for link in links if int(link["sub"]) or int(link["psub"])] == []


def test_a_full_broker_is_named_and_nothing_is_lost(shop: Shop, world: FeedWorld) -> None:
    started = timezone.now()
    with shop.broker() as broker:
        broker.config_set("maxmemory", "1")
        try:
            subscribe(world)
            wait_until(
                lambda: "is full" in words_of("Broker"), "the health page says that the broker is full"
            )
            assert state_of("Broker") == "failing"
        finally:
            broker.config_set("maxmemory", "0")

    def is_fetched() -> bool:
        # A worker to which the broker refuses to note what it took ends, and is started anew.
        shop.mend()
        return all_are_fetched()

    wait_until(is_fetched, "every feed is fetched")
    see_to_it(world, started)


def test_two_beats_do_nothing_twice_and_a_dead_one_is_told(shop: Shop, world: FeedWorld) -> None:
    started = timezone.now()
    second = Beat(shop.folder / "second.log", shop.environment)
    try:
        wait_until(lambda: "Sending due task" in second.text, f"the second beats too: {second.text[-500:]}")
        subscribe(world)
        see_to_it(world, started)
        # Some more ticks of both find nothing to do.
        ticks = second.text.count("Sending due task")
        wait_until(lambda: second.text.count("Sending due task") > ticks + 2, "it goes on")
        assert FetchRun.objects.count() == FEEDS
    finally:
        second.kill()
    shop.beat.kill()
    try:
        wait_until(lambda: state_of("Beat") == "failing", "the silence is told")
    finally:
        shop.beat = Beat(shop.folder / "beat.log", shop.environment)
    wait_until(lambda: state_of("Beat") == "ok", "the word is taken back")


def test_a_beat_that_lives_but_does_not_tick_is_told_within_three_ticks(shop: Shop, settings: Any) -> None:
    shop.beat.signal_all(signal.SIGSTOP)
    wait_for_quiet()

    def said_at(ticks: float) -> str:
        # Each time anew: what it sent last may arrive after it stands still.
        now = Heartbeat.objects.get(part="beat").at + timedelta(seconds=ticks * settings.POKE_SECONDS)
        return next(line.state for line in health_checks(now) if line.name == "Beat")

    assert said_at(1.5) == "ok"
    assert said_at(3.1) == "failing"
    ticked = Heartbeat.objects.get(part="beat").at
    shop.beat.signal_all(signal.SIGCONT)
    wait_until(lambda: Heartbeat.objects.get(part="beat").at > ticked, "it ticks again")
    wait_until(lambda: state_of("Beat") == "ok", "the word is taken back")
