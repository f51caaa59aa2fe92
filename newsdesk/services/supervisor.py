"""Runs child processes with prefixed logs, restarts those that die, and stops them in reverse order."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from newsdesk.services import processes

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# Who lived this long is healthy, and its next death starts with a short pause again.
HEALTHY_SECONDS = 60.0
# A line that begins so is an answer to the one who started the program, not a word for the log.
ANSWER_MARK = "> "
SAMPLE_IS_REMOVED = "the sample world was removed"
_WIDTH = 6
_output_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Program:
    """What a child is: its name in the logs, its command and its environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


def pause_before_restart(deaths: int) -> float:
    """Seconds to wait after so many deaths in a row: 1, 2, 4 ... up to 30."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (deaths - 1))


def print_line(name: str, words: str) -> None:
    """One whole line of a child, marked with its name."""
    with _output_turn, suppress(OSError):
        sys.stdout.write(f"{name:<{_WIDTH}} | {words}\n")
        sys.stdout.flush()


class Child:
    """One running program, started again when it ends by itself."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.mark = ""
        self._first_line: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answers: list[str] = []
        self._copier: threading.Thread | None = None
        self._started = 0.0
        self._deaths = 0
        self._next_start = 0.0

    def start(self) -> None:
        """Start the program; its output goes line by line to ours."""
        self.process = subprocess.Popen(
            self.program.command,
            env=dict(self.program.environment),
            cwd=self.program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own: Ctrl-C reaches us alone, and what a killed child leaves can be ended with it.
            start_new_session=True,
        )
        self.mark = processes.start_mark(self.process.pid) or ""
        self._started = time.monotonic()
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe, see above
        self._first_line = queue.SimpleQueue()
        self._answers = []
        arguments = (self.process.stdout, self._first_line, self._answers)
        self._copier = threading.Thread(target=self._copy_lines, args=arguments, daemon=True)
        self._copier.start()

    def wait(self) -> tuple[int, list[str]]:
        """For a program that does one thing: wait for its end; its status and its marked lines."""
        assert self.process is not None and self._copier is not None  # noqa: S101, PT018 - it was started
        status = self.process.wait()
        self._copier.join()
        return status, self._answers

    def first_line(self, seconds: float) -> str:
        """What the program said first; empty when it said nothing for so long or ended."""
        try:
            return self._first_line.get(timeout=seconds)
        except queue.Empty:
            return ""

    def _copy_lines(self, stream: IO[bytes], first: queue.SimpleQueue[str], answers: list[str]) -> None:
        with stream:
            for number, line in enumerate(stream):
                words = line.decode(errors="replace").rstrip()
                if number == 0:
                    first.put(words)
                if words.startswith(ANSWER_MARK):
                    answers.append(words.removeprefix(ANSWER_MARK))
                else:
                    print_line(self.program.name, words)
        first.put("")

    def tend(self) -> bool:
        """Notice a death, and start again when the pause is over; True when a new process was started."""
        now = time.monotonic()
        if self.process is not None:
            status = self.process.poll()
            if status is None:
                return False
            if now - self._started > HEALTHY_SECONDS:
                self._deaths = 0
            self._deaths += 1
            pause = pause_before_restart(self._deaths)
            print_line(
                "up", f"{self.program.name} {_how_it_ended(status)}; starting it again in {pause:.0f} s"
            )
            kill_group(self.process.pid)
            self.process = None
            self._next_start = now + pause
        if now < self._next_start:
            return False
        self.start()
        return True

    def ask_to_end(self) -> None:
        """Send the gentle signal."""
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until the deadline (of the monotonic clock), then kill it with its whole group."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print_line("up", f"{self.program.name} did not end in time and is killed")
        kill_group(self.process.pid)
        self.process.wait()
        self.process = None


@dataclass(slots=True)
class Supervisor:
    """All children of `up`, in the order of their start."""

    children: list[Child] = field(default_factory=list)
    on_change: Callable[[], None] = lambda: None

    def start(self, program: Program) -> Child:
        """Start one more child."""
        child = Child(program)
        child.start()
        self.children.append(child)
        self.on_change()
        return child

    def tend(self) -> None:
        """Look after every child once."""
        started = [child for child in self.children if child.tend()]
        if started:
            self.on_change()

    def stop_one(self, child: Child, seconds: float) -> None:
        """Stop this one for good."""
        child.ask_to_end()
        child.wait_or_kill(time.monotonic() + seconds)
        self.children.remove(child)
        self.on_change()

    def stop(self, seconds: float) -> None:
        """Ask all to end, the last started first, and kill who has not ended within `seconds`."""
        deadline = time.monotonic() + seconds
        for child in reversed(self.children):
            child.ask_to_end()
        for child in reversed(self.children):
            child.wait_or_kill(deadline)
        self.children.clear()

    def marks(self) -> list[tuple[str, int, str]]:
        """(name, pid, start mark) of each living child, for the run file."""
        return [
            (child.program.name, child.process.pid, child.mark)
            for child in self.children
            if child.process is not None
        ]


def end_orphans(children: Sequence[tuple[str, int, str]]) -> list[str]:
    """End what a killed `up` left behind; returns the names of those that still ran."""
    found = []
    for name, pid, mark in reversed(children):
        if processes.start_mark(pid) == mark:
            found.append(name)
            # Their work is safe at any point, and nobody reads their logs any more.
            kill_group(pid)
            processes.wait_for_end(pid, mark, 5)
    return found


def kill_group(pid: int) -> None:
    """Kill what is left of the group that this process led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"was killed by signal {-status}"
    return f"ended with status {status}"
