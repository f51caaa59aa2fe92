"""Real Celery workers for tests: started, killed with all their children, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def test_environment(**more: str) -> dict[str, str]:
    """The environment of a process that shall see this test's database and broker."""
    values = connection.settings_dict
    url = f"postgresql://{values['USER']}@/{quote(str(values['NAME']))}?host={quote(str(values['HOST']), safe='/')}"
    if values["PORT"]:
        url += f"&port={values['PORT']}"
    return {**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, **more}


test_environment.__test__ = False  # type: ignore[attr-defined]  # no test, whatever its name begins with


class Worker:
    """One `celery worker` for both queues, in a session of its own so that its children can be killed with it."""

    def __init__(self, log: Path, environment: Mapping[str, str], *arguments: str) -> None:
        self.log = log
        command = [sys.executable, "-m", "celery", "--app=newsdesk.celery", "worker", "--queues=fetch,text"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--concurrency=2", "--loglevel=INFO", *arguments],
                cwd=ROOT,
                env=dict(environment),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to the worker and every child: nothing is tidied up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for what is left."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


@contextmanager
def working(log: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[Worker]:
    """A worker for the length of the block."""
    worker = Worker(log, environment, *arguments)
    try:
        yield worker
    finally:
        worker.stop()


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float = 120.0, pause: float = 0.1) -> None:
    """Wait for something another process does; a generous deadline, for machines are slow at times."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
