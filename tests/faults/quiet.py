"""What the processes of a test leave behind: leases, wake-ups, open transactions, rows."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from articles.models import Feed, Job
from tests.workers import wait_until


def end_leases_of_the_dead() -> None:
    """What workers held whose processes are gone is free at once: by its rows, for nobody waits here."""
    wait_for_quiet()
    past = timezone.now() - timedelta(seconds=1)
    Feed.objects.filter(lease_token__isnull=False).update(lease_until=past, next_fetch_at=past)
    Job.objects.filter(lease_token__isnull=False).update(lease_until=past)


def forget_wakeups() -> None:
    """Empty the broker of this test process: what workers left behind that were killed by tests before."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushdb()


def are_at_rest() -> bool:
    """Whether no wake-up waits for the worker that fetches and runs errands, and none that it took is still at work."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        return not any(broker.llen(queue) for queue in ("fetch", "house")) and not broker.hlen("unacked")


def leave_nothing(blocker: Any) -> None:
    """Empty the tables once the processes of a whole file have ended: they wrote until then, heartbeats at least."""
    with blocker.unblock():
        wait_for_quiet()
        emptied: Any = TransactionTestCase
        emptied()._fixture_teardown()


def wait_for_quiet(seconds: float = 0.4) -> None:
    """Until no other process has had a transaction open for a while: then the tables may be emptied."""
    quiet_since = time.monotonic()

    def is_quiet() -> bool:
        nonlocal quiet_since
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL"""
            )
            if cursor.fetchone()[0]:
                quiet_since = time.monotonic()
        return time.monotonic() - quiet_since > seconds

    wait_until(is_quiet, "the other processes rest")
