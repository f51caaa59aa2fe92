"""People on the desk while it fetches: a real web server, some readers with pauses, and how long they waited."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsdesk.accounts.models import User
from tests.faults.desk_processes import Web

READERS = 8
THINKS_SECONDS = 1.0
PAGES = ("/", "/articles/", "/articles/?q=government", "/events/", "/entities/", "/sources/", "/jobs/")
_PART = 0.95


class Waits:
    """Seconds that each page took, and what went wrong."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.troubles: list[str] = []

    def p95(self) -> float:
        """The 95th percentile of the waits; needs some twenty pages to mean anything."""
        return statistics.quantiles(self.seconds, n=100)[int(_PART * 100) - 1]

    def line(self) -> str:
        """The figures in a line."""
        return (
            f"{len(self.seconds)} pages for {READERS} readers: p50 {statistics.median(self.seconds) * 1000:.0f} ms,"
            f" p95 {self.p95() * 1000:.0f} ms, slowest {max(self.seconds) * 1000:.0f} ms, {len(self.troubles)} troubles"
        )


@contextmanager
def visited(folder: Path) -> Iterator[Waits]:
    """Readers who go from page to page as long as the block runs."""
    admin = User.objects.create_user("reader", password="measured-reader", role="admin")
    web = Web(folder / "web.log", dict(os.environ))
    waits = Waits()
    is_over = threading.Event()

    def read(first: int) -> None:
        turn = first
        while not is_over.is_set():
            path = PAGES[turn % len(PAGES)]
            turn += 1
            try:
                page = web.get(path)
            except OSError as error:
                waits.troubles.append(f"{path}: {error!r}")
                continue
            waits.seconds.append(page.seconds)
            if page.status != 200:
                waits.troubles.append(f"{path}: {page.status}")
            is_over.wait(THINKS_SECONDS)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    try:
        web.sign_in(admin)
        web.wait()
        for path in PAGES:  # templates are read at the first visit
            web.get(path)
        for reader in readers:
            reader.start()
            time.sleep(THINKS_SECONDS / READERS)
        yield waits
    finally:
        is_over.set()
        for reader in readers:
            if reader.ident is not None:
                reader.join(60)
        web.stop()
