"""Facts about processes by number: are they alive, are they still the same, make them end."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def start_mark(pid: int) -> str | None:
    """A text that differs for each process that ever had this number; None when there is none now.

    A zombie counts as none: it has ended and holds nothing.
    """
    stat_file = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat_file.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        # The first field after the name is the state, the twentieth the start in ticks since boot.
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return None if not answer or answer.startswith("Z") else answer.partition(" ")[2].strip()


def command_line(pid: int) -> str:
    """The words a process was started with, joined by blanks; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
    return subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def end_process(pid: int, mark: str, steps: Iterable[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn and wait so many seconds after it; True when the process has ended.

    Does nothing when the number has passed to another process.
    """
    for number, seconds in steps:
        if start_mark(pid) != mark:
            return True
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_for_end(pid, mark, seconds):
            return True
    return start_mark(pid) != mark


def wait_for_end(pid: int, mark: str, seconds: float) -> bool:
    """Wait until the process has ended; False when it still runs after so many seconds."""
    deadline = time.monotonic() + seconds
    while start_mark(pid) == mark:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
