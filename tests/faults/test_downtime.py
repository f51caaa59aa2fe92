"""After a day of standing still every feed is asked once, a host by few at a time; a restart fails no request."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from articles import pipeline
from articles.models import Article, Feed, FetchRun
from newsdesk.accounts.models import User
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import Page, Web, quick_environment
from tests.faults.invariants import (
    check,
    every_due_feed_is_fetched,
    every_entry_is_stored,
    nothing_is_doubled,
)
from tests.faults.names import naming
from tests.faults.proxy import FaultProxy
from tests.faults.quiet import wait_for_quiet
from tests.faults.visits import PATIENT, forget_children, short_limits
from tests.feedworld import generated_feed
from tests.servers import Asked, LoopbackServer, Reply, text_reply
from tests.workers import WAIT_SECONDS, wait_until

HOSTS, FEEDS_A_HOST, ENTRIES = 10, 4, 1
MOST_AT_ONCE = 2


class Crowd:
    """One server under many names that knows how many requests of one name it has in hand."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.times: Counter[tuple[str, str]] = Counter()
        self.server = LoopbackServer(
            {f"/{number}.xml": self.answer for number in range(HOSTS * FEEDS_A_HOST)}
        )

    def answer(self, asked: Asked) -> Reply:
        name = asked.headers["host"]
        with self.lock:
            self.now[name] += 1
            self.most[name] = max(self.most[name], self.now[name])
            self.times[name, asked.path] += 1
        time.sleep(0.02)
        with self.lock:
            self.now[name] -= 1
        return text_reply(generated_feed(int(asked.path[1:-4]), ENTRIES))


@pytest.mark.django_db
def test_after_a_day_of_standing_still_each_feed_is_asked_once_and_a_host_by_few_at_a_time(
    settings: Any,
) -> None:
    short_limits(settings)
    settings.FETCH_HOST_SECONDS, settings.FETCH_HOST_BUDGET = 0.01, 3
    started = timezone.now()
    crowd = Crowd()
    names = {f"paper-{host}.example": [["127.0.0.1"]] for host in range(HOSTS)}
    with crowd.server, naming(names):
        for number in range(HOSTS * FEEDS_A_HOST):
            address = f"paper-{number % HOSTS}.example:{crowd.server.port}"
            make_feed(
                f"Paper {number}",
                url=f"http://{address}/{number}.xml",
                host=address,
                next_fetch_at=timezone.now() - timedelta(hours=24, minutes=number % 15),
                last_fetch_at=timezone.now() - timedelta(hours=24, minutes=15),
            )
        for _ in range(60):
            pipeline.ingest_due_feeds(PATIENT)
            if not Feed.objects.filter(last_success_at__isnull=True).exists():
                break
            # What had to wait for its host comes a little later; by its row, for nobody waits here.
            Feed.objects.filter(last_success_at__isnull=True).update(next_fetch_at=timezone.now())
            time.sleep(0.05)
    forget_children()
    total = HOSTS * FEEDS_A_HOST
    assert len(crowd.times) == total
    assert set(crowd.times.values()) == {1}, "once each, not once for every interval that was missed"
    assert max(crowd.most.values()) <= MOST_AT_ONCE
    assert not Feed.objects.filter(failures__gt=0).exists(), "waiting for a busy host counts against nobody"
    with connection.cursor() as cursor:
        check(
            every_due_feed_is_fetched(cursor, since=started, late_seconds=0),
            nothing_is_doubled(cursor),
            every_entry_is_stored(cursor, total * ENTRIES),
        )
    assert FetchRun.objects.filter(outcome="stored").count() == total
    # Their next times lie apart, so that the next round is no crowd.
    assert len(set(Feed.objects.values_list("next_fetch_at", flat=True))) > total / 2


@pytest.fixture
def webs(transactional_db: None, admin: User, tmp_path: Path) -> Iterator[tuple[Web, Web]]:
    """An old web server and its successor."""
    # Who is asked something when it is told to stop may take as long as this machine needs.
    environment = quick_environment(NEWSDESK_WEB_STATEMENT_SECONDS="120", NEWSDESK_WEB_LOCK_SECONDS="100")
    pair = (
        Web(tmp_path / "old.log", environment, kill_seconds=120),
        Web(tmp_path / "new.log", environment),
    )
    for web in pair:
        web.sign_in(admin)
    yield pair
    for web in pair:
        web.stop()
    wait_for_quiet()


def who_wait_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_rolling_restart_fails_no_request_and_ends_in_time(webs: tuple[Web, Web]) -> None:
    old, new = webs
    for web in webs:
        web.wait()
    pages: list[Page] = []
    troubles: list[str] = []
    is_over = threading.Event()
    with FaultProxy(f"127.0.0.1:{old.port}") as door:

        def browse() -> None:
            while not is_over.is_set():
                try:
                    pages.append(old.get("/articles/", port=door.port))
                except OSError as error:
                    troubles.append(repr(error))

        readers = [threading.Thread(target=browse) for _ in range(2)]
        for reader in readers:
            reader.start()
        wait_until(lambda: len(pages) >= 4 or bool(troubles), "the old one serves")
        # Both readers have a request in its hands when it is told to stop.
        with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as holder:
            holder.execute("LOCK TABLE articles_article IN ACCESS EXCLUSIVE MODE")
            wait_until(lambda: who_wait_for_a_lock() == len(readers), "they are asked for")
            door.lead_to(f"127.0.0.1:{new.port}")
            asked = len(pages)
            old.process.terminate()
            holder.rollback()
        old.process.wait(WAIT_SECONDS)
        wait_until(lambda: len(pages) >= asked + 6 or bool(troubles), "the new one serves")
        is_over.set()
        for reader in readers:
            reader.join()
    assert not troubles
    assert {page.status for page in pages} == {200}
    assert Article.objects.count() == 0
