"""The embedded PostgreSQL of one data folder: made, started, found again and stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import psycopg
from psycopg import sql

from newsdesk import env
from newsdesk.services import binaries, processes
from newsdesk.services.errors import ServiceError
from newsdesk.services.sockets import remove_socket_folder, socket_folder, socket_folder_path

SUPERUSER = "postgres"
APPLICATION = "newsdesk"
# PostgreSQL may not be started from a folder that `nobody` cannot walk to (a clone under a home of mode 0700).
SYSTEM_PLACE = Path("/var/lib/newsdesk")
# In order, then at once, then by force: `up` promises to stop within 10 s, and the log recovers all. What was killed is
# gone at once, unless the machine itself stands still: that is waited for.
_STOP_STEPS = ((signal.SIGINT, 2.5), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 10.0))
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_connections": "100",
}
# For data that nobody will miss: no waiting for the disk.
THROWAWAY_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server process as its own `postmaster.pid` tells it."""

    pid: int
    mark: str
    sockets: Path
    is_ready: bool


class Postgres:
    """The server of one data folder. Who calls `start` and `stop` must see to it that they take turns."""

    def __init__(self, data: Path, *, is_throwaway: bool = False) -> None:
        self.data = data.absolute()
        self.is_throwaway = is_throwaway
        self.account = binaries.postgres_account()
        self.place = self._choose_place()
        self.cluster = self.place / "cluster"
        self.log = self.place / "postgres.log"
        self._sockets: Path | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def _choose_place(self) -> Path:
        if self.account.is_other and not binaries.is_reachable(self.data):
            key = sha256(os.fsencode(self.data.resolve())).hexdigest()[:12]
            return SYSTEM_PLACE / key
        return self.data / "postgres"

    @property
    def url(self) -> str:
        """The address for the application's role, whether the server runs or not."""
        found = None if self._sockets else self.running()
        sockets = self._sockets or (found.sockets if found else socket_folder_path(self.data, "postgres"))
        return f"postgresql://{APPLICATION}@/{APPLICATION}?host={quote(str(sockets), safe='/')}"

    @property
    def programs(self) -> Path:
        """The folder of `postgres`, `pg_dump` and the others."""
        return binaries.find_postgres(self.place, self.account)

    def running(self) -> RunningServer | None:
        """The live server of this data folder, whoever started it."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        mark = processes.start_mark(pid)
        if mark is None or str(self.cluster) not in processes.command_line(pid):
            return None
        # The server writes the file line by line while it starts; its form is fixed in its own pidfile.h.
        lines += [""] * 8
        return RunningServer(pid, mark, Path(lines[4]), is_ready=lines[7].strip() == "ready")

    def start(self, seconds: float = 120) -> str:
        """Make the cluster if there is none, start or find its server, and return the URL once it answers.

        Raises ServiceError with the server's own last words when it does not come up.
        """
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._check_version()
        if self._child is not None and self.running() is None:
            # It was killed, or is just ending.
            _end_child(self._child)
            self._child = None
        deadline = time.monotonic() + seconds
        while True:
            found = self.running()
            if found is not None and found.is_ready:
                self._sockets = found.sockets
                break
            if found is None and self._child is None:
                self._spawn()
            if time.monotonic() > deadline:
                raise ServiceError(f"PostgreSQL did not start within {seconds:.0f} s: {self._last_words()}")
            time.sleep(0.02)
            self._reap(deadline)
        self._prepare_databases()
        return self.url

    def _reap(self, deadline: float) -> None:
        if self._child is None or self._child.poll() is None:
            return
        self._child = None
        # The backends of a killed server need a moment to notice and let go of its shared memory.
        if "shared memory" not in self._last_words() or time.monotonic() > deadline:
            raise ServiceError(f"PostgreSQL did not start: {self._last_words()}")
        time.sleep(0.2)

    def is_alive(self) -> bool:
        """Whether the server runs; reaps it when it was our child and has ended."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
        return self.running() is not None

    def stop(self) -> None:
        """End the server, whoever started it; the data stay."""
        found = self.running()
        if found is not None:
            if self._child is not None:
                _end_child(self._child)
            else:
                processes.end_process(found.pid, found.mark, _STOP_STEPS)
        self._child = None
        remove_socket_folder(self.data, "postgres")

    def _make_cluster(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        if self.account.is_other:
            self.place.chmod(0o711)
        unfinished = self.place / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.account.is_other:
            os.chown(unfinished, self.account.uid, self.account.gid)
        answer = subprocess.run(
            [
                self.programs / "initdb",
                "--pgdata",
                unfinished,
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--auth-local=peer",
                "--auth-host=reject",
                "--no-instructions",
                *(["--no-sync"] if self.is_throwaway else []),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=env.bare(),
            **self._become(),
        )
        if answer.returncode != 0:
            words = (answer.stderr or answer.stdout).strip().splitlines()
            raise ServiceError(
                f"PostgreSQL could not make its data folder: {words[-1] if words else 'no reason'}"
            )
        unfinished.rename(self.cluster)

    def _check_version(self) -> None:
        version = (self.cluster / "PG_VERSION").read_text().strip()
        if version != str(binaries.POSTGRES_MAJOR):
            raise ServiceError(
                f"The data in {self.cluster} were written by PostgreSQL {version}, this is"
                f" {binaries.POSTGRES_MAJOR}: back up with the old version and restore with this one."
            )

    def _spawn(self) -> None:
        # What is not alive here is no server of ours, even when its number now belongs to another process.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        self._write_access_rules()
        sockets = socket_folder(self.data, "postgres", self.account.uid)
        settings = {**SETTINGS, **(THROWAWAY_SETTINGS if self.is_throwaway else {})}
        command: list[str] = [str(self.programs / "postgres"), "-D", str(self.cluster), "-k", str(sockets)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=env.bare(),
                # A session of its own: Ctrl-C reaches us alone, and we stop the services in order.
                start_new_session=True,
                **self._become(),
            )

    def _become(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.account.popen_arguments())

    def _write_access_rules(self) -> None:
        """Only the account that runs us may connect, whatever role it asks for; not even `nobody` may."""
        name = binaries.own_name()
        rules = {
            "pg_hba.conf": "local all all peer map=house\n",
            "pg_ident.conf": f'house "{name}" {SUPERUSER}\nhouse "{name}" {APPLICATION}\n',
        }
        for file, text in rules.items():
            path = self.cluster / file
            path.write_text(text)
            path.chmod(0o600)
            if self.account.is_other:
                os.chown(path, self.account.uid, self.account.gid)

    def _prepare_databases(self) -> None:
        """See to the application's role, which is no superuser, and its database with `vector`."""
        with self._as_superuser("template1") as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
                creates = "CREATEDB" if self.is_throwaway else "NOCREATEDB"
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {}").format(
                        sql.Identifier(APPLICATION), sql.SQL(creates)
                    )
                )
        with self._as_superuser(SUPERUSER) as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [APPLICATION]
            ).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(APPLICATION))
                )

    def _as_superuser(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self._sockets), dbname=database, user=SUPERUSER, autocommit=True, connect_timeout=10
        )

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return next((line for line in lines if "FATAL" in line), lines[-1] if lines else f"see {self.log}")


def _end_child(child: subprocess.Popen[bytes]) -> None:
    for number, seconds in _STOP_STEPS:
        child.send_signal(number)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return
