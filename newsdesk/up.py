"""`up`: the whole desk on one machine, from an empty data folder to a served page, until it is told to stop."""

import http.client
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from newsdesk import env
from newsdesk.services.data_folder import prepare_data_folder
from newsdesk.services.errors import ServiceError
from newsdesk.services.house import Services
from newsdesk.services.locks import FileLock
from newsdesk.services.runfile import own_record, read_record, remove_record, write_record
from newsdesk.services.supervisor import (
    SAMPLE_IS_REMOVED,
    Child,
    Program,
    Supervisor,
    end_orphans,
    print_line,
)

BASE = Path(__file__).resolve().parent.parent
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
ONLY_HERE = "others are refused until NEWSDESK_ALLOWED_HOSTS names what they call this machine"
# Children get 7 of the 10 seconds in which all must have stopped, the services the rest.
CHILD_SECONDS = 7.0
START_SECONDS = 300.0
# The worker of small tasks needs two: one is free for beat's tick while the other runs an errand.
HOUSE_PROCESSES = 2
# One places at a time anyway, and each would keep all live events in memory.
PLACE_PROCESSES = 1
# What it keeps is read anew by each new process, which takes seconds: only its memory sends it away.
PLACE_TASKS = 100_000
_LOOK_EVERY = 0.2
_SAMPLE_GREETING = "sample world on "
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What a person chose on the command line. `data` is absolute."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    with_sample: bool = True
    with_starter_sources: bool = True
    services_only: bool = False
    web_threads: int = 4
    fetch_processes: int = 1
    text_processes: int = 2


class Stopped(BaseException):
    """A signal asks us to end; not an error, so that no `except Exception` keeps it."""


def run_up(options: UpOptions) -> None:
    """Run the desk until a signal comes. Raises ServiceError with one line when it cannot be run."""
    prepare_data_folder(options.data)
    lock = FileLock(options.data / "up.lock")
    if not lock.wait_exclusive(1):
        other = read_record(options.data)
        where = f" (process {other.pid}{', ' + other.address if other.address else ''})" if other else ""
        raise ServiceError(f"Newsdesk already runs on the data folder {options.data}{where}.")
    try:
        had_orphans = _clean_up_after_a_killed_one(options.data)
        if not options.services_only:
            # The last of a killed web server's processes may hold its port for a moment longer.
            check_port(options.host, options.port, patience=60.0 if had_orphans else 0.0)
        with _stop_on_signal():
            _Desk(options).run()
    finally:
        lock.release()


def check_port(host: str, port: int, *, patience: float = 0.0) -> None:
    """Raise ServiceError when the web server could not listen there, nor within so many seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except (OSError, OverflowError) as error:
            if time.monotonic() < deadline:
                time.sleep(_LOOK_EVERY)
                continue
            reason = error.strerror if isinstance(error, OSError) else "no such port"
            raise ServiceError(
                f"The address {host}:{port} cannot be used ({reason}): choose another with --host or --port."
            ) from error
        return


def _clean_up_after_a_killed_one(data: Path) -> bool:
    """End the children of an `up` that was killed; True when there were any."""
    record = read_record(data)
    if record is None:
        return False
    names = end_orphans(record.children)
    for name in names:
        print_line("up", f"ended {name}, left behind by an earlier `up` that was killed")
    remove_record(data)
    return bool(names)


@contextmanager
def _stop_on_signal() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the form that signal wants
        # The first one counts; what follows it must not break the orderly end.
        for each in _STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        with suppress(Stopped):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Desk:
    """One run of `up`."""

    def __init__(self, options: UpOptions) -> None:
        self.options = options
        self.services = Services(options.data)
        self.supervisor = Supervisor(on_change=self._write_record)
        self.record = own_record()
        shown = f"[{options.host}]" if ":" in options.host else WILDCARDS.get(options.host, options.host)
        self.address = f"http://{shown}:{options.port}/"

    def run(self) -> None:
        try:
            print_line("up", "starting PostgreSQL and Valkey")
            self.services.start()
            self._write_record()
            if self.options.services_only:
                print_line("up", f"DATABASE_URL={self.services.database_url}")
                print_line("up", f"REDIS_URL={self.services.redis_url}")
                print_line("up", "ready; Ctrl-C stops them")
            else:
                self._start_desk()
            while True:
                self.supervisor.tend()
                self.services.mend()
                time.sleep(_LOOK_EVERY)
        finally:
            self._stop()

    def _stop(self) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        started = time.monotonic()
        print_line("up", "stopping")
        self.supervisor.stop(CHILD_SECONDS)
        self.services.stop()
        remove_record(self.options.data)
        print_line("up", f"stopped after {time.monotonic() - started:.1f} s")

    def _start_desk(self) -> None:
        sample = self._start_sample() if self.options.with_sample else None
        environment = self._environment(sample[1] if sample else "")
        greeting = self._prepare(environment)
        if SAMPLE_IS_REMOVED in greeting and sample is not None:
            greeting.remove(SAMPLE_IS_REMOVED)
            self.supervisor.stop_one(sample[0], CHILD_SECONDS)
            environment = self._environment("")
        web = self.supervisor.start(self._program("web", environment, *self._web()))
        self.supervisor.start(
            self._program("fetch", environment, *_worker("fetch", self.options.fetch_processes, 300_000))
        )
        self.supervisor.start(
            self._program("text", environment, *_worker("text", self.options.text_processes, 1_000_000))
        )
        self.supervisor.start(
            self._program(
                "place",
                environment,
                *_worker("place", PLACE_PROCESSES, 1_000_000),
                *("--max-tasks-per-child", str(PLACE_TASKS)),
            )
        )
        self.supervisor.start(
            self._program("house", environment, *_worker("house", HOUSE_PROCESSES, 200_000))
        )
        schedule = str(self.options.data / "beat-schedule")
        self.supervisor.start(
            self._program("beat", environment, *_celery("beat"), "--schedule", schedule, "--pidfile", "")
        )
        self._wait_for_page(web)
        if self.options.host in WILDCARDS and not env.text("NEWSDESK_ALLOWED_HOSTS"):
            greeting.append(ONLY_HERE)
        for line in [*greeting, f"Newsdesk is ready: {self.address}   (Ctrl-C stops it)"]:
            print_line("up", line)

    def _program(self, name: str, environment: dict[str, str], *arguments: str) -> Program:
        return Program(name, [sys.executable, *arguments], environment, BASE)

    def _environment(self, sample_address: str) -> dict[str, str]:
        options = self.options
        values = env.everything() | {
            "DJANGO_SETTINGS_MODULE": "newsdesk.settings",
            "NEWSDESK_DATA": str(options.data),
            "DATABASE_URL": self.services.database_url,
            "REDIS_URL": self.services.redis_url,
            # The only exception of the fetch door; nobody but us may name it.
            "NEWSDESK_SAMPLE_ADDRESS": sample_address,
            "PYTHONUNBUFFERED": "1",
            # Celery's worker then gives unfinished work back instead of waiting for its end.
            "REMAP_SIGTERM": "SIGQUIT",
        }
        if options.host not in WILDCARDS and not env.text("NEWSDESK_ALLOWED_HOSTS"):
            values["NEWSDESK_ALLOWED_HOSTS"] = f"localhost,127.0.0.1,[::1],{options.host}"
        return values

    def _start_sample(self) -> tuple[Child, str]:
        state = str(self.options.data / "sample.json")
        child = self.supervisor.start(
            self._program("sample", env.everything(), "-m", "newsdesk.sample", "--state", state)
        )
        words = child.first_line(START_SECONDS)
        if not words.startswith(_SAMPLE_GREETING):
            raise ServiceError(f"The sample world did not start ({words or 'no word'}): use --no-sample.")
        return child, words.removeprefix(_SAMPLE_GREETING)

    def _prepare(self, environment: dict[str, str]) -> list[str]:
        """Make the tables, the knowledge base, the files and the first admin; returns what to tell at the end."""
        arguments = [str(BASE / "manage.py"), "prepare"]
        if not self.options.with_starter_sources:
            arguments.append("--no-starter-sources")
        child = Child(self._program("set-up", environment, *arguments))
        child.start()
        self.supervisor.children.append(child)
        status, answers = child.wait()
        self.supervisor.children.remove(child)
        if status != 0:
            raise ServiceError("The set-up of the database did not end well: see the lines above.")
        return answers

    def _web(self) -> list[str]:
        options = self.options
        return [
            *("-m", "granian", "--interface", "wsgi", "newsdesk.wsgi:application"),
            *("--host", options.host, "--port", str(options.port), "--workers", "1", "--no-ws"),
            *("--blocking-threads", str(options.web_threads), "--workers-kill-timeout", "3"),
        ]

    def _wait_for_page(self, web: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        host = WILDCARDS.get(self.options.host, self.options.host)
        while time.monotonic() < deadline:
            self.supervisor.tend()
            connection = http.client.HTTPConnection(host, self.options.port, timeout=10)
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(_LOOK_EVERY)
            else:
                return
            finally:
                connection.close()
        raise ServiceError(f"The web server ({web.program.name}) did not answer on {self.address}.")

    def _write_record(self) -> None:
        self.record.address = "" if self.options.services_only else self.address
        self.record.database_url = self.services.database_url
        self.record.redis_url = self.services.redis_url
        self.record.children = self.supervisor.marks()
        write_record(self.options.data, self.record)


def _celery(*arguments: str) -> list[str]:
    return ["-m", "celery", "--app", "newsdesk.celery", *arguments, "--loglevel", "INFO"]


def _worker(queue: str, processes: int, kilobytes: int) -> list[str]:
    return [
        *_celery("worker", "--queues", queue, "--hostname", f"{queue}@%h", "--pool", "prefork"),
        *("--concurrency", str(processes), "--max-memory-per-child", str(kilobytes)),
        *("--without-gossip", "--without-mingle"),
    ]
