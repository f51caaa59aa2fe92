"""One worker at a time at a host, and a pause between, whoever the worker is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from articles.ingest.hosts import release_hosts, reserve_hosts
from articles.ingest.turns import PAUSE, REFUSED, REFUSED_ONCE, Pause
from articles.models import HostTime

pytestmark = pytest.mark.django_db


def _pass(seconds: float) -> None:
    """Let time go by for every host."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_hosttime SET free_at = free_at - make_interval(secs => %s)", [seconds]
        )


def test_a_reserved_host_is_nobody_elses_until_it_is_released_and_its_pause_is_over() -> None:
    first = reserve_hosts(["b.example", "a.example"], 60)
    assert first.held == {"a.example", "b.example"}
    second = reserve_hosts(["a.example", "c.example"], 60)
    assert second.held == {"c.example"}
    assert 0 < second.waits["a.example"] <= 60
    first.leave("a.example", Pause(500.0, PAUSE), at=time.monotonic())
    release_hosts(first, 100.0)
    third = reserve_hosts(["a.example", "b.example"], 60)
    assert third.held == set()
    assert 400 < third.waits["a.example"] <= 500
    assert 0 < third.waits["b.example"] <= 100
    _pass(500)
    assert reserve_hosts(["a.example"], 60).held == {"a.example"}


def test_a_dead_workers_reservation_runs_out_by_itself() -> None:
    reserve_hosts(["a.example"], 30)
    _pass(30)
    assert reserve_hosts(["a.example"], 30).held == {"a.example"}


def test_a_worker_that_slept_past_its_reservation_releases_nobody_elses() -> None:
    sleeper = reserve_hosts(["a.example"], 30)
    _pass(30)
    awake = reserve_hosts(["a.example"], 30)
    release_hosts(sleeper, 0.0)
    assert reserve_hosts(["a.example"], 30).waits["a.example"] > 20
    release_hosts(awake, 0.0)
    assert reserve_hosts(["a.example"], 30).held == {"a.example"}


def test_what_a_host_asked_for_is_remembered_until_it_answers_again() -> None:
    first = reserve_hosts(["a.example", "b.example"], 60)
    assert first.wary == frozenset()
    first.leave("a.example", Pause(1.0, REFUSED_ONCE), at=time.monotonic())
    release_hosts(first, 1.0)
    _pass(2)
    second = reserve_hosts(["a.example", "b.example"], 60)
    assert second.wary == {"a.example"}
    second.leave("a.example", Pause(600.0, REFUSED), at=time.monotonic())
    release_hosts(second, 1.0)
    assert 500 < reserve_hosts(["a.example"], 60).waits["a.example"] <= 600
    _pass(600 + 3601)
    assert reserve_hosts(["a.example"], 60).wary == frozenset()


def test_the_time_since_the_last_answer_counts_into_the_pause() -> None:
    turns = reserve_hosts(["a.example"], 60)
    turns.leave("a.example", Pause(3.0, PAUSE), at=time.monotonic() - 10)
    release_hosts(turns, 1.0)
    assert reserve_hosts(["a.example"], 60).held == {"a.example"}


def test_nothing_is_asked_for_no_hosts(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's fixture has no type of its own
        turns = reserve_hosts([], 60)
        release_hosts(turns, 1.0)


def test_a_batch_costs_the_same_for_one_host_and_for_a_hundred(django_assert_max_num_queries: object) -> None:
    for count in (1, 100):
        with django_assert_max_num_queries(8):  # type: ignore[operator]  # two statements, each in a savepoint
            release_hosts(reserve_hosts([f"h{number}.example" for number in range(count)], 60), 0.0)


@pytest.fixture
def _many_at_once() -> Iterator[None]:
    yield
    HostTime.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_many_at_once")
def test_workers_that_reserve_at_the_same_moment_share_no_host_and_never_block_each_other() -> None:
    hosts = [f"h{number}.example" for number in range(60)]
    held: list[frozenset[str]] = []
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            for _ in range(10):
                turns = reserve_hosts(hosts[number:] + hosts[:number], 60)
                held.append(turns.held)
                if number % 2:
                    release_hosts(turns, 60.0)
        except Exception as error:  # noqa: BLE001 - told by the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number * 7,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert errors == []
    assert sum(len(names) for names in held) == len(frozenset().union(*held)) == 60
