"""The desk under measurement: its real Celery worker on a database of its own, and what the two cost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles import tasks
from articles.ingest.canonical import url_sha256
from articles.models import Feed, Publisher
from newsdesk import env
from tests.benchmarks.ingest.celery_app import NOTHING, app
from tests.benchmarks.ingest.processes import command_of, parent_of, peak_megabytes, seconds_of, tree_of
from tests.benchmarks.ingest.reader_peer import Cost

ROOT = Path(__file__).parents[3]
LOOK_SECONDS = 0.1
READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Peaks in MB: the process that polls, the worker's own main process, the largest parsing child."""

    poller: float = 0.0
    main: float = 0.0
    sandbox: float = 0.0


class Desk:
    """A running fetch worker as `up` starts it."""

    def __init__(self, log: Path, *arguments: str) -> None:
        self._log = log
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self._own_backend,) = cursor.fetchone()
        self._postmaster = parent_of(self._own_backend)
        self._broker = redis.Redis.from_url(settings.REDIS_URL)
        self._valkey = int(self._broker.info("server")["process_id"])
        self._orphans = 0

    def start(self) -> None:
        """Start the worker and wait until it takes tasks."""
        # What a killed worker held comes back when its time is over, long after the measurement.
        self._orphans = int(self._broker.hlen("unacked"))
        command = [sys.executable, "-m", "celery", "--app=tests.benchmarks.ingest.celery_app", "worker"]
        command += ["--queues=fetch,house", "--pool=prefork", "--concurrency=1", "--loglevel=WARNING"]
        command += ["--without-gossip", "--without-mingle", "--max-memory-per-child=300000", *self._arguments]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=env.everything(), stdout=output, stderr=output, start_new_session=True
            )
        self.do_nothing(1)

    def kill(self) -> None:
        """SIGKILL to the worker and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)

    @property
    def pid(self) -> int:
        """The worker's main process."""
        if self._process is None:
            raise RuntimeError("the worker was not started")
        return self._process.pid

    def do_nothing(self, times: int) -> None:
        """Have tasks come and go that do nothing, and wait until all have."""
        for _ in range(times):
            app.send_task(NOTHING, queue="fetch")
        self._wait(lambda: self._queued() <= 0, READY_SECONDS, "tasks that do nothing")

    def _queued(self) -> int:
        return (
            sum(int(self._broker.llen(queue)) for queue in ("fetch", "house"))
            + int(self._broker.hlen("unacked"))
            - self._orphans
        )

    def poll_all(self, *, seconds: float = 1800.0, until: Callable[[], bool] | None = None) -> None:
        """Make every feed due, wake the worker as beat does, and wait until all are fetched."""
        since = make_all_due()
        self.wait_for_poll(since, seconds=seconds, until=until)

    def wait_for_poll(
        self, since: str, *, seconds: float = 1800.0, until: Callable[[], bool] | None = None
    ) -> None:
        """Poke every ten seconds, as beat does, until every feed was fetched after `since`."""
        poked = [time.monotonic()]
        tasks.poke.apply_async()

        def is_done() -> bool:
            if time.monotonic() - poked[0] > settings.POKE_SECONDS:
                poked[0] = time.monotonic()
                tasks.poke.apply_async()
            return until() if until is not None else not count_unfetched(since)

        self._wait(is_done, seconds, "all feeds are fetched")
        # The task itself ends a moment after its last feed.
        self._wait(lambda: self._queued() <= 0, READY_SECONDS, "the worker has nothing more to do")

    def poke(self) -> None:
        """Wake the worker as beat does."""
        tasks.poke.apply_async()

    def wait_until(self, is_so: Callable[[], bool], *, seconds: float = 600.0) -> None:
        """Wait for something that the worker does."""
        self._wait(is_so, seconds, "what was waited for")

    def _wait(self, is_so: Callable[[], bool], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            if self._process is not None and self._process.poll() is not None:
                raise SystemExit(f"The worker ended: see {self._log}")
            if time.monotonic() > deadline:
                raise SystemExit(f"Not within {seconds:.0f} s: {what}; see {self._log}")
            time.sleep(LOOK_SECONDS)

    def worker_seconds(self) -> float:
        """Processor seconds of the worker and its children."""
        return seconds_of(self.pid)

    def celery_seconds(self) -> float:
        """Those of the worker's main process and of the broker: what only Celery costs outside of the tasks."""
        main = next((found.seconds for found in tree_of(self.pid) if found.pid == self.pid), 0.0)
        return main + seconds_of(self._valkey)

    def database_seconds(self) -> float:
        """Those of PostgreSQL, less our own looking on."""
        return seconds_of(self._postmaster, but={self._own_backend})

    def memory(self) -> Memory:
        """Peaks up to now."""
        pids = [found.pid for found in tree_of(self.pid)]
        children = [pid for pid in pids if "sandbox_child" in command_of(pid)]
        pollers = [pid for pid in pids if pid != self.pid and pid not in children]
        return Memory(
            max(map(peak_megabytes, pollers), default=0.0),
            peak_megabytes(self.pid),
            max(map(peak_megabytes, children), default=0.0),
        )

    def pollers(self) -> list[int]:
        """The processes that poll."""
        return [
            found.pid for found in tree_of(self.pid) if found.pid != self.pid and found.parent == self.pid
        ]

    @contextmanager
    def measured(self, costs: Measured) -> Iterator[None]:
        """Add what happens in the block to `costs`."""
        worker, database, started = self.worker_seconds(), self.database_seconds(), time.monotonic()
        main = self.celery_seconds()
        yield
        costs.worker = self.worker_seconds() - worker
        costs.database = self.database_seconds() - database
        costs.celery = self.celery_seconds() - main
        costs.wall = time.monotonic() - started
        costs.memory = self.memory()


@dataclass
class Measured:
    """What a block cost: the worker with its parsing children, PostgreSQL, and of the first what Celery took."""

    worker: float = 0.0
    database: float = 0.0
    celery: float = 0.0
    wall: float = 0.0
    memory: Memory = field(default_factory=Memory)

    @property
    def cost(self) -> Cost:
        """As the peer's is told."""
        return Cost(self.worker + self.database, self.wall, self.memory.poller)


def subscribe(addresses: Sequence[str]) -> None:
    """A publisher and a feed for each address, none due yet."""
    Publisher.objects.bulk_create(
        [Publisher(name=f"Paper {number}", slug=f"paper-{number}") for number in range(len(addresses))]
    )
    publishers = list(Publisher.objects.order_by("id").values_list("id", flat=True))
    later = timezone.now().replace(year=timezone.now().year + 1)
    Feed.objects.bulk_create(
        [
            Feed(
                publisher_id=publisher_id, url=url, url_sha256=url_sha256(url), host=urlsplit(url).netloc, title=url,
                next_fetch_at=later,
            )
            for publisher_id, url in zip(publishers, addresses, strict=True)
        ]
    )  # fmt: skip


def make_all_due() -> str:
    """Every feed is due; the database's time at which that was so."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_feed SET next_fetch_at = statement_timestamp() - interval '1 second'")
        cursor.execute("SELECT statement_timestamp()::text")
        (moment,) = cursor.fetchone()
    return str(moment)


def count_unfetched(since: str) -> int:
    """Feeds that were not fetched since then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM articles_feed WHERE last_success_at IS NULL OR last_success_at < %s OR lease_token IS NOT NULL",
            [since],
        )
        (count,) = cursor.fetchone()
    return int(count)
