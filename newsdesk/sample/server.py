"""The sample world over HTTP on 127.0.0.1, and the memory that lets a restart serve the same world."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from newsdesk.sample.routes import Answer, Site
from newsdesk.sample.world import SampleWorld, whole_second

HOST = "127.0.0.1"
# A client that says nothing for this long loses its connection, so that threads do not pile up.
IDLE_SECONDS = 30
LAST_PORT = 65_535
logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a world remembers from one start to the next: when it began and where it was served."""

    started: datetime
    port: int = 0


def recall(path: Path) -> Memory | None:
    """The memory in a state file, or None when there is none that can be read."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        started = datetime.fromisoformat(row["started"])
        port = int(row["port"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("%s cannot be read (%s); the sample world begins anew.", path, error)
        return None
    if started.tzinfo is None or not 0 <= port <= LAST_PORT:
        logger.warning("%s holds no usable start; the sample world begins anew.", path)
        return None
    return Memory(started=started, port=port)


def remember(path: Path, memory: Memory) -> None:
    """Write the state file whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    row = {"started": memory.started.isoformat(), "port": memory.port}
    unfinished.write_text(json.dumps(row) + "\n", encoding="utf-8")
    unfinished.replace(path)


class SampleServer(ThreadingHTTPServer):
    """Serves one world. `clock` is the moment of each answer."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, world: SampleWorld, *, port: int, started: datetime, clock: Clock = utc_now) -> None:
        super().__init__((HOST, port), _Request)
        self.clock = clock
        self.port = self.server_port
        self.site = Site(world=world, base_url=f"http://{HOST}:{self.port}", started=started)

    def server_bind(self) -> None:
        """Bind without the reverse look-up of the host name that the standard class makes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]


class _Request(BaseHTTPRequestHandler):
    server: SampleServer
    protocol_version = "HTTP/1.1"
    server_version = "NewsdeskSample"
    sys_version = ""
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._send(self._answer(), with_body=True)

    def do_HEAD(self) -> None:
        self._send(self._answer(), with_body=False)

    def _answer(self) -> Answer:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return self.server.site.answer(self.path, headers, now=self.server.clock())

    def _send(self, answer: Answer, *, with_body: bool) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if with_body and answer.status != HTTPStatus.NOT_MODIFIED:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the parent's
        logger.debug(format, *args)


def open_world(world: SampleWorld, *, port: int, state: Path | None, clock: Clock = utc_now) -> SampleServer:
    """Bind the server of a new or remembered world.

    With port 0 the remembered port is taken again when it is free: article addresses then stay the same.
    Raises OSError when a port that was asked for by number is taken or the state file cannot be written.
    """
    memory = recall(state) if state is not None else None
    started = memory.started if memory is not None else whole_second(clock())
    server = _bind(world, port, memory.port if memory is not None else 0, started, clock)
    if state is not None:
        try:
            remember(state, Memory(started=started, port=server.port))
        except OSError:
            server.server_close()
            raise
    return server


def _bind(world: SampleWorld, port: int, former: int, started: datetime, clock: Clock) -> SampleServer:
    if port == 0 and former:
        try:
            return SampleServer(world, port=former, started=started, clock=clock)
        except OSError:
            logger.warning("Port %d of the last start is taken; the sample world takes another.", former)
    return SampleServer(world, port=port, started=started, clock=clock)
