"""The database dies, fills with idle clients or holds a lock: the desk says so at once and goes on by itself."""

from __future__ import annotations

import hashlib
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections
from django.utils import timezone
from psycopg import sql

from articles import pipeline
from articles.models import Article, Feed, Sighting
from articles.tasks import poke
from newsdesk.accounts.models import User
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import WORKER_OPTIONS, Web, database_socket, database_url, quick_environment
from tests.faults.invariants import (
    check,
    every_acknowledged_write_stands,
    no_error_is_bare,
    nothing_is_doubled,
)
from tests.faults.proxy import PASS, REFUSE, FaultProxy
from tests.faults.quiet import are_at_rest, forget_wakeups, leave_nothing, wait_for_quiet
from tests.faults.visits import PATIENT, forget_children, item, page_of, short_limits
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.servers import Handler, LoopbackServer, text_reply
from tests.workers import Worker, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# For a machine that is slow beside the time limits that are tested.
SPARE_SECONDS = 100.0


class House:
    """A web server and a fetching worker whose way to the database leads through a proxy."""

    def __init__(self, folder: Path) -> None:
        forget_wakeups()
        self.proxy = FaultProxy(database_socket())
        self.proxy.__enter__()
        self.environment = quick_environment(
            DATABASE_URL=database_url(self.proxy.port),
            NEWSDESK_WEB_STATEMENT_SECONDS="60",  # a slow disk is no fault
            NEWSDESK_SHORT_LEASES="True",
            NEWSDESK_LEASE_SECONDS="40",
        )
        self.web = Web(folder / "web.log", self.environment)
        self.worker = Worker(
            folder / "worker.log", self.environment, *WORKER_OPTIONS, queues="fetch,house", concurrency=1
        )
        self.web.wait()

    def close(self) -> None:
        self.worker.stop()
        self.web.stop()
        self.proxy.__exit__(None, None, None)


@pytest.fixture(scope="module")
def opened(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with django_db_blocker.unblock():
        house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.close()
    leave_nothing(django_db_blocker)


@pytest.fixture
def house(opened: House, transactional_db: None, admin: User) -> Iterator[House]:
    opened.web.sign_in(admin)
    wait_until(lambda: opened.web.get("/").status == 200, "the desk serves")
    yield opened
    opened.proxy.behave(PASS)
    wait_until(are_at_rest, "the worker has done all that it was woken for")
    wait_for_quiet()


def end_backends_of_others() -> int:
    """End every session of this test's database but our own; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()
                AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
        )
        return int(cursor.fetchone()[0])


def test_a_database_that_goes_away_is_told_as_such_and_everything_goes_on_when_it_is_back(
    house: House,
) -> None:
    answers = []
    written, names = [], [f"Written {number}" for number in range(6)]
    web = house.web
    with LoopbackServer({f"/w{n}.xml": lambda _: text_reply(page_of(item("w"))) for n in range(6)}) as server:

        def write(number: int) -> bool:
            form = {"url": server.url(f"/w{number}.xml"), "title": names[number], "publisher": "Paper"}
            page = web.post("/sources/create/", form)
            answers.append((page.status, page.headers.get("x-request-id", ""), page.text))
            if page.status == 302:
                written.append(names[number])
            return page.status == 302

        wait_until(lambda: write(0), f"a source is written; see {web.log}")
        # A session that is a minute old is closed at the end of its request.
        wait_until(
            lambda: web.get("/articles/").status == 200 and end_backends_of_others() >= 1,
            "sessions are killed",
        )
        wait_until(lambda: write(1), "a write goes through again after its session was killed")
        house.proxy.behave(REFUSE)
        page = web.get("/articles/")
        assert page.status == 503
        assert "Retry-After".lower() in page.headers
        assert "database" in page.text.lower()
        answers.append((page.status, page.headers.get("x-request-id", ""), page.text))
        assert web.get("/readyz").status == 503
        cookie, web.cookie = web.cookie, ""  # as a probe asks
        assert web.get("/healthz").status == 200
        web.cookie = cookie
        assert not write(2)
        house.proxy.behave(PASS)
        wait_until(lambda: web.get("/articles/").status == 200, "pages come back without a restart")
        wait_until(lambda: write(3), "and so do writes")
    check(
        no_error_is_bare(answers),
        every_acknowledged_write_stands(written, Feed.objects.values_list("title", flat=True)),
    )
    assert "Written 2" not in set(Feed.objects.values_list("title", flat=True))


def test_a_session_that_dies_under_a_batch_leaves_nothing_half_stored(house: House) -> None:
    feeds, entries = 8, 3
    bodies = {f"/{number}.xml": generated_feed(number, entries) for number in range(feeds)}
    with serving(FeedWorld(bodies, most=1)) as world:
        for number in range(feeds):
            make_feed(f"Paper {number}", url=world.url(f"/{number}.xml"), host=f"127.0.0.1:{world.port}")

        def is_asking() -> bool:
            poke.apply_async()
            return world.asked > 1

        wait_until(is_asking, "the batch is under way", pause=1.0)
        wait_until(lambda: Feed.objects.filter(last_success_at__isnull=False).exists(), "one is stored")
        assert end_backends_of_others() >= 1
        world.go.set()

        def is_done() -> bool:
            poke.apply_async()
            time.sleep(0.4)
            return not Feed.objects.filter(last_success_at__isnull=True).exists()

        wait_until(is_done, "every feed is fetched after all")
    with connection.cursor() as cursor:
        check(nothing_is_doubled(cursor))
    assert Sighting.objects.count() == Article.objects.count() == feeds * entries


@contextmanager
def filled(house: House) -> Iterator[list[psycopg.Connection[Any]]]:
    """The database takes no more sessions: all its places are taken by transactions that wait for nothing."""
    name = sql.Identifier(str(connection.settings_dict["NAME"]))
    values = connection.get_connection_params()
    # As every session of ours, but with more patience.
    options = re.sub(r"(idle_in_transaction_session_timeout=)\w+", r"\g<1>1h", str(values["options"]))
    assert options != values["options"], "an idle transaction of ours ends by itself"
    idle: list[psycopg.Connection[Any]] = []
    with connection.cursor() as cursor:
        house.worker.signal_all(signal.SIGSTOP)  # its heart takes a place now and then, and leaves it
        cursor.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 10").format(name))
        try:
            end_backends_of_others()
            with suppress(psycopg.OperationalError):
                for _ in range(50):
                    idle.append(psycopg.connect(**{**values, "options": options, "cursor_factory": None}))
                    idle[-1].execute("SELECT 1")
            assert 3 < len(idle) < 50
            yield idle
        finally:
            for session in idle:
                session.close()
            cursor.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT -1").format(name))
            house.worker.signal_all(signal.SIGCONT)


def test_a_database_without_a_free_place_is_told_at_once_and_idle_sessions_are_reaped(house: House) -> None:
    with filled(house) as idle:
        page = house.web.get("/articles/")
        assert page.status == 503, page.text[:500]
        assert page.seconds < 5 + SPARE_SECONDS
        check(no_error_is_bare([(page.status, page.headers["x-request-id"], page.text)]))
        for session in idle:
            session.execute("SET LOCAL idle_in_transaction_session_timeout = '500ms'")
        wait_until(lambda: house.web.get("/articles/").status == 200, "the idle sessions are reaped")


def test_a_lock_that_is_held_ends_a_page_with_a_clear_word_and_costs_no_feed(house: House) -> None:
    values = connection.get_connection_params()
    with serving(FeedWorld({"/0.xml": generated_feed(0, 2)})) as world:
        feed = make_feed("Paper 0", url=world.url("/0.xml"), host=f"127.0.0.1:{world.port}")
        with psycopg.connect(**{**values, "cursor_factory": None}) as holder:
            holder.execute("LOCK TABLE articles_article IN ACCESS EXCLUSIVE MODE")
            poke.apply_async()
            page = house.web.get("/articles/")
            assert page.status == 503
            assert page.seconds < 5 + SPARE_SECONDS
            assert "too long" in page.text
            check(no_error_is_bare([(page.status, page.headers["x-request-id"], page.text)]))
            holder.rollback()
        wait_until(lambda: house.web.get("/articles/").status == 200, "the page is back")

        def is_fetched() -> bool:
            # Who waited for the lock too long comes again in a minute.
            Feed.objects.filter(pk=feed.pk, lease_token=None, last_success_at=None).update(
                next_fetch_at=timezone.now()
            )
            poke.apply_async()
            time.sleep(0.4)
            feed.refresh_from_db()
            return feed.last_success_at is not None

        wait_until(is_fetched, "the feed is fetched when the lock is gone")
    assert feed.state == "active"
    assert Article.objects.count() == 2


def test_four_workers_that_store_the_same_stories_in_other_orders_never_wait_for_each_other_crosswise(
    transactional_db: None, settings: Any
) -> None:
    short_limits(settings)
    settings.FETCH_BATCH = 1
    stories = [item(f"s{n}", f"Story {n}", link=f"https://odd.example/{n}") for n in range(200)]
    with LoopbackServer() as server:
        for number in range(4):
            shuffled = sorted(stories, key=lambda story: hashlib.sha256(f"{number}{story}".encode()).digest())
            server.handlers[f"/{number}.xml"] = serve(page_of(*shuffled))
            make_feed(f"Paper {number}", url=server.url(f"/{number}.xml"), host=server.address)
        problems: list[DatabaseError] = []

        def work() -> None:
            try:
                pipeline.ingest_due_feeds(PATIENT)
            except DatabaseError as error:
                problems.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    forget_children()
    assert not problems
    assert list(Feed.objects.values_list("last_outcome", flat=True)) == ["stored"] * 4
    assert (Article.objects.count(), Sighting.objects.count()) == (200, 800)


def serve(body: bytes) -> Handler:
    return lambda _: text_reply(body)
