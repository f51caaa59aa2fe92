"""The news web of the measurements: a server of its own, whose answers tell what a correct reader must hold."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# Recent enough that nothing drops its entries as old.
_STARTED_BEFORE = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Newsload:
    """A running server."""

    port: int

    def control(self, what: str) -> dict[str, Any]:
        """Ask or tell the server something: stats, reset, publish?SHARE."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_ctl/{what}", timeout=60) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        return told

    def addresses(self) -> list[str]:
        """The address of every feed."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_ctl/feeds.txt", timeout=60) as answer:
            return str(answer.read().decode()).split()


@contextmanager
def serving(script: Path, *, feeds: int, entries: int, hosts: int, corpus: str) -> Iterator[Newsload]:
    """The server for the length of the block, all its feeds rendered."""
    port = _free_port()
    start = (datetime.now(UTC) - _STARTED_BEFORE).date().isoformat()
    command = [
        sys.executable,
        str(script),
        "serve",
        "--feeds",
        str(feeds),
        "--entries",
        str(entries),
        "--fixed",
    ]
    command += ["--hosts", str(hosts), "--port", str(port), "--warm", "--start", start]
    command += ["--corpus", corpus] if corpus else []
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lines = iter(server.stdout.readline, "") if server.stdout else iter(())
        if not any(line.startswith("newsload:") for line in lines):
            raise SystemExit(f"The news web did not start: try {' '.join(command)}")
        yield Newsload(port)
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
