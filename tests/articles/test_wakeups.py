"""Wake-ups for what is due and nothing else; heartbeats of the processes that do the work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles import wakeups
from articles.jobs import add_jobs, claim_jobs
from articles.models import Heartbeat, Job, NetworkState
from articles.wakeups import due_wakeups, note_heartbeat
from newsdesk.desk.queries import health_checks
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import Beat
from tests.workers import test_environment, wait_until, working


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
    assert due_wakeups(2) == ["fetch", "fetch", "fetch", "read", "place", "tidy"]
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
                lambda: set(Heartbeat.objects.values_list("part", flat=True)) == {"beat", "fetch", "text"},
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


def _states() -> dict[str, str]:
    return {check.name: check.state for check in health_checks(timezone.now())}
