"""The embedded Valkey: ours alone, forgetting nothing, found again after any end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from newsdesk.services import binaries
from newsdesk.services.addresses import socket_path
from newsdesk.services.errors import ServiceError
from newsdesk.services.processes import start_mark
from newsdesk.services.valkey import Valkey


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path / "a data folder")
    server.start()
    yield server
    server.stop()


def test_it_listens_on_a_socket_that_is_closed_to_others_and_on_no_port(server: Valkey) -> None:
    path = socket_path(server.url)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o700
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with redis.Redis.from_url(server.url) as client:
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_it_keeps_what_it_holds_over_a_stop(server: Valkey) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "7")
    server.stop()
    with redis.Redis.from_url(server.start()) as client:
        assert client.get("kept") == b"7"


def test_it_ends_the_server_that_a_killed_program_left_behind(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from newsdesk.services.valkey import Valkey\n"
        "Valkey(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    pid, mark = (tmp_path / "valkey/valkey.pid").read_text().split(" ")
    assert start_mark(int(pid)) == mark
    server = Valkey(tmp_path)
    server.start()
    assert start_mark(int(pid)) != mark
    server.stop()


def test_a_number_that_passed_to_another_process_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (tmp_path / "valkey").mkdir()
        (tmp_path / "valkey/valkey.pid").write_text(f"{other.pid} 1")
        server = Valkey(tmp_path)
        server.start()
        server.stop()
        assert other.poll() is None


def test_why_it_does_not_start_is_said_in_its_own_words(
    server: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    broken = tmp_path / "valkey-server"
    broken.write_text("#!/bin/sh\necho no such luck\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(binaries, "find_valkey", lambda: broken)
    with pytest.raises(ServiceError, match="no such luck"):
        server.start()


def test_a_killed_server_is_noticed(server: Valkey) -> None:
    assert server.is_alive()
    os.kill(int(server.pid_file.read_text().split()[0]), signal.SIGKILL)
    while server.is_alive():
        pass
    assert not server.answers()
