"""Wake-ups for what is due and nothing else; heartbeats of the processes that do the work."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles import wakeups
from articles.jobs import add_jobs, claim_jobs
from articles.models import Feed, Heartbeat, Job, NetworkState
from articles.tasks import poke
from articles.wakeups import due_wakeups, errand_turn, note_heartbeat
from newsdesk.desk.queries import health_checks
from newsdesk.up import HOUSE_PROCESSES
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import (
    WORKER_OPTIONS,
    Beat,
    database_socket,
    database_url,
    quick_environment,
)
from tests.faults.proxy import PASS, REFUSE, FaultProxy
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.workers import Worker, test_environment, wait_until, working


@pytest.fixture(autouse=True)
def _no_memory() -> None:
    wakeups._noted_at.clear()


@pytest.mark.django_db
def test_nobody_is_woken_for_nothing_but_the_hourly_tidying() -> None:
    assert due_wakeups(10) == ["tidy"]
    claim_jobs(Job.Kind.TIDY, 1, 60)
    assert due_wakeups(10) == []
    assert NetworkState.objects.get().poked_at is not None


@pytest.mark.django_db
def test_whoever_has_work_is_woken() -> None:
    for number in range(5):
        make_feed(f"Paper {number}")
    add_jobs(Job.Kind.READ, [(1, "", 0, None)])
    add_jobs(Job.Kind.PLACE, [(1, "en", 0, None)])
    add_jobs(Job.Kind.DIGEST, [(1, "", 0, None)])
    add_jobs(Job.Kind.LINK, [(1, "", 0, None)])
    assert due_wakeups(2) == ["fetch", "fetch", "fetch", "read", "place", "digest", "link", "tidy"]
    assert due_wakeups(1).count("fetch") == wakeups.MOST_FETCHERS


@pytest.mark.django_db
def test_what_is_put_off_wakes_nobody_before_its_time() -> None:
    add_jobs(Job.Kind.READ, [(1, "", 0, None)], seconds=60)
    assert "read" not in due_wakeups(10)
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert "read" in due_wakeups(10)


@pytest.mark.django_db
def test_a_heartbeat_is_written_once_in_a_while_not_at_every_call() -> None:
    note_heartbeat(["fetch", "text"], "one@here")
    assert sorted(Heartbeat.objects.values_list("part", "name")) == [
        ("fetch", "one@here"),
        ("text", "one@here"),
    ]
    Heartbeat.objects.update(at=timezone.now() - timedelta(hours=1))
    note_heartbeat(["fetch"], "one@here")
    assert not Heartbeat.objects.filter(at__gt=timezone.now() - timedelta(minutes=1)).exists()
    wakeups._noted_at.clear()
    note_heartbeat(["fetch"], "one@here")
    assert Heartbeat.objects.get(part="fetch").at > timezone.now() - timedelta(minutes=1)
    assert Heartbeat.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_worker_and_beat_leave_heartbeats_and_their_silence_is_told(tmp_path: Path) -> None:
    environment = test_environment(NEWSDESK_POKE_SECONDS="1")
    beat = Beat(tmp_path / "beat.log", environment)
    try:
        with working(tmp_path / "worker.log", environment) as worker:
            wait_until(
                lambda: (
                    set(Heartbeat.objects.values_list("part", flat=True))
                    == {"beat", "fetch", "text", "place", "house"}
                ),
                f"all say that they live; see {tmp_path}",
            )
            wait_until(lambda: NetworkState.objects.exclude(poked_at=None).exists(), "a poke has arrived")
            assert _states()["Beat"] == "ok"
            worker.kill()
        beat.kill()
    finally:
        beat.kill()
    later = timezone.now() + timedelta(seconds=settings.POKE_SECONDS * 3 + 1)
    states = {check.name: check for check in health_checks(later)}
    assert (states["Beat"].state, states["Workers"].state) == ("failing", "failing")
    assert "The worker that fetches is silent" in states["Workers"].words
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_beat_goes_on_while_the_database_is_away(tmp_path: Path) -> None:
    with FaultProxy(database_socket()) as proxy:
        environment = quick_environment(DATABASE_URL=database_url(proxy.port))
        beat = Beat(tmp_path / "beat.log", environment)
        try:
            wait_until(Heartbeat.objects.filter(part="beat").exists, f"beat beats; see {beat.log}")
            proxy.behave(REFUSE)
            proxy.cut()
            wait_until(lambda: "takes no heartbeat" in beat.text, f"it says so; see {beat.log}")
            ticks = beat.text.count("Sending due task poke")
            wait_until(lambda: beat.text.count("Sending due task poke") > ticks + 1, "it goes on ticking")
            assert beat.process.poll() is None
            proxy.behave(PASS)
            Heartbeat.objects.all().delete()
            wait_until(Heartbeat.objects.filter(part="beat").exists, f"beat beats again; see {beat.log}")
        finally:
            beat.kill()


@pytest.mark.django_db(transaction=True)
def test_the_tick_and_errands_do_not_wait_for_long_tasks(tmp_path: Path) -> None:
    bodies = {"/slow.xml": generated_feed(0, 1)}
    with serving(FeedWorld(bodies, most=0)) as world, ExitStack() as stack:
        make_feed(url=world.url("/slow.xml"), host=f"127.0.0.1:{world.port}")
        add_jobs(Job.Kind.TIDY, [(0, "", 0, None)], seconds=3600)
        environment = quick_environment(
            NEWSDESK_FETCH_ALLOW="127.0.0.0/8", NEWSDESK_FETCH_PORTS=str(world.port)
        )
        workers: dict[str, Worker] = {}
        for queue, processes in (("fetch", 1), ("house", HOUSE_PROCESSES)):
            workers[queue] = Worker(
                tmp_path / f"{queue}.log", environment, *WORKER_OPTIONS, queues=queue, concurrency=processes
            )
            stack.callback(workers[queue].kill)

        def is_asking() -> bool:
            poke.apply_async()
            return world.asked > 0

        wait_until(is_asking, f"it fetches; see {tmp_path}", pause=1.0)
        # The one process that fetches is at it for as long as it takes.
        for pid in workers["fetch"].pool():
            os.kill(pid, signal.SIGSTOP)
        NetworkState.objects.update(poked_at=None)
        Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        poke.apply_async()
        wait_until(Job.objects.filter(kind="tidy", state="done").exists, f"it is tidied; see {tmp_path}")
        assert NetworkState.objects.exclude(poked_at=None).exists()
        assert Feed.objects.get().last_fetch_at is None, "the fetch is not over"
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_errands_are_run_by_one_process_at_a_time() -> None:
    other = psycopg.connect(test_environment()["DATABASE_URL"], autocommit=True)
    try:
        with errand_turn() as is_ours:
            assert is_ours
            taken = other.execute("SELECT pg_try_advisory_lock(%s, %s)", wakeups.ERRAND_ROOM).fetchone()
            assert taken == (False,)
        taken = other.execute("SELECT pg_try_advisory_lock(%s, %s)", wakeups.ERRAND_ROOM).fetchone()
        assert taken == (True,)
        with errand_turn() as is_ours:
            assert not is_ours
    finally:
        other.close()


def _states() -> dict[str, str]:
    return {check.name: check.state for check in health_checks(timezone.now())}
