"""Children are restarted with a growing pause, stopped in reverse order, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsdesk.services import supervisor as rules
from newsdesk.services.processes import start_mark
from newsdesk.services.supervisor import Child, Program, Supervisor, end_orphans, pause_before_restart

PATIENT = "import signal, sys, time; print('here', flush=True); signal.pause()"
STUBBORN = (
    "import signal; signal.signal(15, signal.SIG_IGN); print('here', flush=True)\nwhile True: signal.pause()"
)
PARENT = (
    "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(p.pid, flush=True); p.wait()"
)


@pytest.fixture
def crew() -> Iterator[Supervisor]:
    crew = Supervisor()
    yield crew
    crew.stop(1)


def program(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code], dict(os.environ), Path.cwd())


def wait_until(condition: Callable[[], object], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_the_pause_doubles_up_to_half_a_minute() -> None:
    assert [pause_before_restart(deaths) for deaths in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_killed_child_is_started_again(
    crew: Supervisor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rules, "FIRST_PAUSE", 0.01)
    changes: list[list[tuple[str, int, str]]] = []
    crew.on_change = lambda: changes.append(crew.marks())
    child = crew.start(program("web", PATIENT))
    assert child.first_line(200) == "here"
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def again() -> bool:
        crew.tend()
        return child.process is not None and child.process.pid != first

    wait_until(again)
    assert child.first_line(200) == "here"
    assert [mark[0][1] for mark in changes] == [first, child.process.pid]
    shown = capfd.readouterr().out
    assert "web    | here\n" in shown
    assert "up     | web was killed by signal 9; starting it again" in shown


def test_all_are_asked_to_end_the_last_started_first(crew: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import signal, sys, time\n"
        "def end(*_): open({log!r}, 'a').write({name!r} + ' '); sys.exit()\n"
        "signal.signal(15, end); print('here', flush=True)\nwhile True: signal.pause()"
    )
    for name in ("first", "second", "third"):
        child = crew.start(program(name, code.format(log=str(log), name=name)))
        child.first_line(200)
    for child in reversed(crew.children):
        child.ask_to_end()
        wait_until(lambda child=child: child.process is None or child.process.poll() is not None)  # type: ignore[misc]
    crew.stop(5)
    assert log.read_text().split() == ["third", "second", "first"]
    assert crew.children == []


def test_who_does_not_listen_is_killed_when_the_time_is_up(crew: Supervisor) -> None:
    child = crew.start(program("stubborn", STUBBORN))
    child.first_line(200)
    assert child.process is not None
    pid, mark = child.process.pid, child.mark
    crew.stop(0.2)
    assert start_mark(pid) != mark


def test_a_grandchild_ends_with_its_killed_parent(crew: Supervisor) -> None:
    child = crew.start(program("parent", PARENT))
    grandchild = int(child.first_line(200))
    mark = start_mark(grandchild)
    assert mark is not None
    assert child.process is not None
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    crew.tend()
    wait_until(lambda: start_mark(grandchild) != mark)


def test_orphans_are_ended_and_strangers_with_their_numbers_are_not() -> None:
    orphan, stranger = Child(program("orphan", PATIENT)), Child(program("stranger", PATIENT))
    for child in (orphan, stranger):
        child.start()
        child.first_line(200)
    assert orphan.process is not None
    assert stranger.process is not None
    left = [("orphan", orphan.process.pid, orphan.mark), ("gone", stranger.process.pid, "1")]
    assert end_orphans(left) == ["orphan"]
    assert orphan.process.wait(200) == -signal.SIGKILL
    assert stranger.process.poll() is None
    stranger.wait_or_kill(0)


def test_a_program_of_one_deed_gives_its_status_and_its_marked_answers() -> None:
    child = Child(
        program("deed", "import sys; print('> a b'); print('for the log'); print('> c'); sys.exit(3)")
    )
    child.start()
    assert child.wait() == (3, ["a b", "c"])
    child.wait_or_kill(0)


def test_a_program_that_says_nothing_has_no_first_line() -> None:
    child = Child(program("mute", "pass"))
    child.start()
    assert child.first_line(200) == ""
    child.wait_or_kill(time.monotonic() + 200)
