"""`up` as people run it: real processes in a data folder of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsdesk.bootstrap import BASE
from newsdesk.services.postgres import Postgres
from newsdesk.services.processes import start_mark
from newsdesk.services.runfile import RunRecord, read_record
from newsdesk.services.sockets import socket_folder_path
from newsdesk.services.valkey import Valkey
from tests.servers import free_port

# Generous: it says that something never happened, not that it was slow.
DEADLINE = 900.0
# Ten seconds are what containers are given; the rest is for a machine that does other things, too.
STOP_SECONDS = 10 + 170


def own_environment(**more: str) -> dict[str, str]:
    """Ours without the services of the test run."""
    values = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return values | {"NEWSDESK_ADMIN_PASSWORD": ""} | more


class Up:
    """One `manage.py up` on one data folder."""

    def __init__(self, data: Path, *options: str, **environment: str) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--data", str(data), *options],
                cwd=BASE,
                env=own_environment(**environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_for(self, words: str) -> str:
        """The first line with these words."""
        found: list[str] = []

        def said() -> bool:
            found[:] = [line for line in self.text.splitlines() if words in line]
            assert found or self.process.poll() is None, f"it ended: {self.text}"
            return bool(found)

        wait_until(said, self.text_of_failure)
        return found[0]

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def text_of_failure(self) -> str:
        return self.text[-3000:]

    def record(self) -> RunRecord:
        record = read_record(self.data)
        assert record is not None
        return record

    def child(self, name: str) -> tuple[int, str]:
        """(number, mark); nothing while it is not there."""
        return next(((pid, mark) for child, pid, mark in self.record().children if child == name), (0, ""))

    def stop(self) -> float:
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE)
        return time.monotonic() - started


def wait_until(condition: Callable[[], object], explain: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.05)


def refused(*arguments: str, **environment: str) -> str:
    """What a command says that must end with status 2 and one line."""
    answer = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=own_environment(**environment),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    lines = [line for line in (answer.stdout + answer.stderr).splitlines() if not line.startswith("up ")]
    assert answer.returncode == 2, answer.stderr
    assert len(lines) == 1, lines
    return lines[0]


@pytest.fixture(scope="module")
def lived_in() -> Iterator[tuple[Path, list[tuple[int, str, str]]]]:
    """A data folder that two commands were the first to use, at the same time; and how each ended.

    The first load of the knowledge base takes its time, so the tests of this file share it.
    """
    parent = Path(tempfile.mkdtemp(prefix="newsdesk up "))
    parent.chmod(0o711)
    data = parent / "data"
    commands = [
        subprocess.Popen(
            [sys.executable, "manage.py", "link_text"],
            cwd=BASE,
            env=own_environment(NEWSDESK_DATA=str(data)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    line = json.dumps({"id": 1, "text": "Intel Corp. said on Monday that it would build two plants."}) + "\n"
    answers = []
    for command in commands:
        output, errors = command.communicate(line, timeout=DEADLINE)
        answers.append((command.returncode, output, errors))
    yield data, answers
    # A test that failed half-way may have left an orphan; starting ends it.
    valkey = Valkey(data)
    valkey.start()
    valkey.stop()
    Postgres(data).stop()
    shutil.rmtree(parent)


@pytest.fixture
def data() -> Iterator[Path]:
    # The parents of tmp_path are closed to others, which as root moves PostgreSQL elsewhere.
    parent = Path(tempfile.mkdtemp(prefix="newsdesk up "))
    parent.chmod(0o711)
    yield parent / "data"
    shutil.rmtree(parent)


@pytest.mark.slow
def test_two_commands_at_once_share_a_server_fill_it_once_and_leave_nothing_running(
    lived_in: tuple[Path, list[tuple[int, str, str]]],
) -> None:
    data, answers = lived_in
    assert [status for status, _, _ in answers] == [0, 0], answers
    for _, output, _ in answers:
        assert [m["entity"]["name"] for m in json.loads(output)["mentions"] if m["entity"]] == ["Intel"]
    progress = "".join(errors for _, _, errors in answers)
    assert progress.count("making the tables") == 1
    assert progress.count("Starter set:") == 1
    assert not Postgres(data).is_alive()


@pytest.mark.slow
def test_it_serves_mends_cleans_up_and_stops(lived_in: tuple[Path, list[tuple[int, str, str]]]) -> None:
    data = lived_in[0]
    port = free_port()
    up = Up(data, "--port", str(port), "--no-starter-sources")
    try:
        up.wait_for("Newsdesk is ready")
        password = re.search(r"Sign in as admin, password: ([a-z2-9-]{23}) ", up.text)
        assert password is not None
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.status == 200
        assert {
            (data / name).stat().st_mode & 0o777 for name in ("secret_key", "encryption_key", "run.json")
        } == {0o600}

        said = refused("up", "--data", str(data), "--port", str(free_port()))
        assert "already runs on the data folder" in said
        assert f"http://127.0.0.1:{port}/" in said

        # A killed child comes back, with all that it had started gone.
        before = up.child("web")
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: up.child("web") not in {before, (0, "")}, up.text_of_failure)
        wait_until(lambda: answers(port), up.text_of_failure)

        # A killed `up` leaves orphans; the next one ends them and works with the same data.
        orphans = [(pid, mark) for _, pid, mark in up.record().children]
        assert {name for name, _, _ in up.record().children} == {
            "sample", "web", "fetch", "text", "place", "house", "beat",
        }  # fmt: skip
        up.process.kill()
        up.process.wait()
        assert all(start_mark(pid) == mark for pid, mark in orphans)
        up.log.unlink()
        up = Up(data, "--port", str(port), "--no-starter-sources", "--no-sample", "--host", "0.0.0.0")  # noqa: S104 - for this test
        up.wait_for("Newsdesk is ready")
        assert "until NEWSDESK_ALLOWED_HOSTS names" in up.text
        assert not any(start_mark(pid) == mark for pid, mark in orphans)
        assert "ended web, left behind" in up.text
        assert "password" not in up.text
        assert answers(port)

        children = [(pid, mark) for _, pid, mark in up.record().children]
        assert up.stop() < STOP_SECONDS
        assert up.process.returncode == 0
        assert not any(start_mark(pid) == mark for pid, mark in children)
        assert read_record(data) is None
        assert not answers(port)
        assert not socket_folder_path(data, "postgres").exists()
        assert not socket_folder_path(data, "valkey").exists()
    finally:
        if up.process.poll() is None:
            up.stop()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.slow
def test_the_services_alone_are_found_by_other_commands_and_come_back_when_killed(data: Path) -> None:
    up = Up(data, "--services-only")
    try:
        url = up.wait_for("DATABASE_URL=").partition("DATABASE_URL=")[2]
        up.wait_for("ready; Ctrl-C")
        program = "from django.conf import settings; print(settings.DATABASE_URL, settings.REDIS_URL)"
        found = subprocess.run(
            [sys.executable, "-c", program],
            cwd=BASE,
            env=own_environment(NEWSDESK_DATA=str(data), DJANGO_SETTINGS_MODULE="newsdesk.settings"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert found == [url, up.record().redis_url]

        os.kill(int((data / "postgres/cluster/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        os.kill(int((data / "valkey/valkey.pid").read_text().split()[0]), signal.SIGKILL)
        up.wait_for("PostgreSQL had died and runs again")
        up.wait_for("Valkey has died")
    finally:
        seconds = up.stop()
    assert seconds < STOP_SECONDS
    assert up.process.returncode == 0


def test_a_taken_port_is_one_line(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused("up", "--data", str(data), "--port", str(port))
    assert said.startswith(f"The address 127.0.0.1:{port} cannot be used (Address already in use)")


def test_a_data_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refused("up", "--data", str(tmp_path / "file/data"))
    assert "cannot be written (Not a directory)" in said


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0"),
    ],
)
def test_a_service_of_somebody_else_that_does_not_answer_is_one_line(data: Path, name: str, url: str) -> None:
    said = refused("up", "--data", str(data), "--port", str(free_port()), **{name: url})
    assert said.startswith(f"{name}={url.replace('secret', '***')} cannot be reached")


def test_a_setting_that_is_not_understood_is_one_line() -> None:
    assert (
        refused("check", NEWSDESK_DEBUG="yes")
        == "NEWSDESK_DEBUG='yes' is not understood: write True or False"
    )
