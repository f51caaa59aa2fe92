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
# Long enough for a machine that stands still now and then: only a test that fails waits for so long.
WAIT_SECONDS = 240.0


def test_environment(**more: str) -> dict[str, str]:
    """The environment of a process that shall see this test's database and broker.

    Without the language model, which costs each new process seconds: who tests it, names it.
    """
    values = connection.settings_dict
    url = f"postgresql://{values['USER']}@/{quote(str(values['NAME']))}?host={quote(str(values['HOST']), safe='/')}"
    if values["PORT"]:
        url += f"&port={values['PORT']}"
    ours = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "NEWSDESK_NER_MODEL": ""}
    return {**os.environ, **ours, **more}


test_environment.__test__ = False  # type: ignore[attr-defined]  # no test, whatever its name begins with


class Process:
    """A program of the desk, in a session of its own so that its children can be killed with it."""

    def __init__(self, log: Path, environment: Mapping[str, str], *command: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of the process that was started."""
        return self.process.pid

    @property
    def text(self) -> str:
        """What it has said so far."""
        return self.log.read_text(errors="replace")

    def signal_all(self, number: signal.Signals) -> None:
        """One signal to the process and every child that did not leave its group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """SIGKILL to the process and every child: nothing is tidied up."""
        self.signal_all(signal.SIGKILL)
        self.process.wait(WAIT_SECONDS)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for what is left."""
        self.signal_all(signal.SIGCONT)
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        self.signal_all(signal.SIGKILL)
        self.process.wait(WAIT_SECONDS)


class Worker(Process):
    """One `celery worker` for every queue, unless `queues` says otherwise."""

    def __init__(
        self,
        log: Path,
        environment: Mapping[str, str],
        *arguments: str,
        queues: str = "fetch,text,place,house",
        concurrency: int = 2,
    ) -> None:
        options = (f"--queues={queues}", f"--concurrency={concurrency}", "--loglevel=INFO")
        super().__init__(
            log, environment, "-m", "celery", "--app=newsdesk.celery", "worker", *options, *arguments
        )

    def pool(self) -> list[int]:
        """The numbers of its pool's children."""
        return children_of(self.pid)


def children_of(pid: int) -> list[int]:
    """The numbers of a process's own children, oldest first; none when it is gone."""
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@contextmanager
def working(log: Path, environment: Mapping[str, str], *arguments: str) -> Iterator[Worker]:
    """A worker for the length of the block."""
    worker = Worker(log, environment, *arguments)
    try:
        yield worker
    finally:
        worker.stop()


def wait_until(
    is_so: Callable[[], bool], what: str, *, seconds: float = WAIT_SECONDS, pause: float = 0.1
) -> None:
    """Wait for something another process does; a generous deadline, for machines are slow at times."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
