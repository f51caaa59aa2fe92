"""Small HTTP servers on loopback for tests: one path a case, honest ones and evil ones; they count who comes."""

from __future__ import annotations

import gzip
import itertools
import os
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

_TLS_HELLO = b"\x16\x03"
_STEP = 0.05
_MAX_REQUEST = 64 * 1024
_LOW_PORT, _PORTS = 20_000, 12_000
_ports = (_LOW_PORT + (os.getpid() * 101 + number) % _PORTS for number in itertools.count())

FEED = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Loopback Times</title><link>http://127.0.0.1/</link>
<item><guid>one</guid><title>First</title><link>http://127.0.0.1/one</link><description>Words.</description></item>
</channel></rss>"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. With `raw` exactly these bytes go, otherwise an ordinary answer with a right length."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    drip_seconds: float = 0.0  # after the bytes, one more now and then for so long
    is_reset: bool = False  # ends with a reset instead of a farewell

    def as_bytes(self) -> bytes:
        """The answer as it goes over the wire."""
        if self.raw is not None:
            return self.raw
        headers = {"Content-Length": str(len(self.body)), "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


Handler = Callable[[Asked], Reply]


class LoopbackServer:
    """Answers on a free port until the context ends. `asked` and `connections` tell who came."""

    def __init__(self, handlers: Mapping[str, Handler] | None = None, host: str = "127.0.0.1") -> None:
        self.handlers = dict(handlers or {})
        self.asked: list[Asked] = []
        self.connections = 0
        self._is_open = True
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self.host, self.port = host, int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._is_open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def address(self) -> str:
        """host:port as it is written in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, path: str) -> str:
        """The address of a path on this server."""
        return f"http://{self.address}{path}"

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    def _accept(self) -> None:
        while self._is_open:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._answer(connection)
        finally:
            self._open.discard(connection)

    def _answer(self, connection: socket.socket) -> None:
        # For a client that stands still for a while; the end of the context ends it.
        connection.settimeout(120)
        with connection, suppress(OSError):
            asked = _read_request(connection)
            if asked is None:
                return
            self.asked.append(asked)
            handler = self.handlers.get(asked.path.partition("?")[0])
            reply = handler(asked) if handler else Reply(404, b"not here")
            connection.sendall(reply.as_bytes())
            until = time.monotonic() + reply.drip_seconds
            while self._is_open and time.monotonic() < until:
                connection.sendall(b"x")
                time.sleep(_STEP)
            if reply.is_reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            connection.shutdown(socket.SHUT_WR)


def _read_request(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _MAX_REQUEST:
        part = connection.recv(4096)
        if part.startswith(_TLS_HELLO):
            return Asked("", "", {})
        if not part:
            return None
        data += part
    before, _, body = data.partition(b"\r\n\r\n")
    head, *lines = before.decode("latin-1").split("\r\n")
    method, path, *_ = [*head.split(" "), "", ""]
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = min(int(headers.get("content-length") or 0), _MAX_REQUEST)
    while len(body) < length:
        part = connection.recv(4096)
        if not part:
            break
        body += part
    return Asked(method, path, headers, body)


def free_port() -> int:
    """A port of loopback on which a program started next may listen.

    Above those of well-known programs and below those that the system gives to whoever dials out: nobody takes it
    before the program does, but a test that begins to look at the same place in the same moment.
    """
    while True:
        port = next(_ports)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


def text_reply(body: bytes, content_type: str = "application/rss+xml", **headers: str) -> Reply:
    """An ordinary answer; underscores in the names of headers become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body=body, headers={"Content-Type": content_type, **named})


def redirect(location: str, status: int = 302) -> Reply:
    """An answer that sends the client elsewhere."""
    return Reply(status, headers={"Location": location})


def gzip_bomb(megabytes: int) -> bytes:
    """A gzip member that unpacks to so many megabytes of zeroes, itself a thousandth of that."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    block = bytes(1024 * 1024)
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


def _conditional(asked: Asked) -> Reply:
    if asked.headers.get("if-none-match") == '"v1"':
        return Reply(304, headers={"ETag": '"v1"'})
    return text_reply(FEED, ETag='"v1"', Last_Modified="Sat, 21 Nov 2026 10:00:00 GMT")


def evil_handlers() -> dict[str, Handler]:
    """Every way of answering that a fetch door has to survive; /feed, /gzip, /deflate and /etag are honest."""
    ok = b"HTTP/1.1 200 OK\r\n"
    bomb = gzip_bomb(64)
    return {
        "/feed": lambda _: text_reply(FEED),
        "/gzip": lambda _: text_reply(gzip.compress(FEED), Content_Encoding="gzip"),
        "/gzip-unsaid": lambda _: text_reply(gzip.compress(FEED)),
        "/gzip-members": lambda _: text_reply(
            gzip.compress(FEED[:100]) + gzip.compress(FEED[100:]), Content_Encoding="gzip"
        ),
        "/deflate": lambda _: text_reply(zlib.compress(FEED), Content_Encoding="deflate"),
        "/deflate-bare": lambda _: text_reply(zlib.compress(FEED)[2:-4], Content_Encoding="deflate"),
        "/etag": _conditional,
        "/bomb": lambda _: text_reply(bomb, Content_Encoding="gzip"),
        "/bomb-twice": lambda _: text_reply(gzip.compress(bomb), Content_Encoding="gzip, gzip"),
        "/bomb-inside": lambda _: text_reply(gzip.compress(bomb), Content_Encoding="gzip"),
        "/broken-gzip": lambda _: text_reply(b"\x1f\x8b\x08 no", Content_Encoding="gzip"),
        "/cut-gzip": lambda _: text_reply(gzip.compress(FEED)[:-20], Content_Encoding="gzip"),
        "/unknown-encoding": lambda _: text_reply(b"?", Content_Encoding="compress"),
        "/huge": lambda _: text_reply(bytes(3 * 1024 * 1024)),
        "/endless": lambda _: Reply(raw=ok + b"Connection: close\r\n\r\n" + bytes(3 * 1024 * 1024)),
        "/huge-length": lambda _: Reply(raw=ok + b"Content-Length: 99999999999\r\n\r\nx"),
        "/false-length": lambda _: Reply(raw=ok + b"Content-Length: 500\r\n\r\nshort"),
        "/drip-body": lambda _: Reply(raw=ok + b"Content-Length: 100000\r\n\r\n", drip_seconds=600),
        "/drip-headers": lambda _: Reply(raw=ok + b"X-Slow: ", drip_seconds=600),
        "/silent": lambda _: Reply(raw=b"", drip_seconds=0),
        "/no-http": lambda _: Reply(raw=b"SSH-2.0-OpenSSH_9.9\r\n"),
        "/huge-header": lambda _: Reply(raw=ok + b"X-Big: " + b"a" * 100_000 + b"\r\n\r\n"),
        "/loop": lambda _: redirect("/loop2"),
        "/loop2": lambda _: redirect("/loop"),
        "/hop": lambda asked: redirect(f"/hop?{int(asked.path.partition('?')[2] or 0) + 1}"),
        "/nowhere": lambda _: Reply(302),
        "/moved": lambda _: redirect("/moved2", 301),
        "/moved2": lambda _: redirect("/feed", 308),
        "/moved-then-found": lambda _: redirect("/found", 301),
        "/found": lambda _: redirect("/feed", 302),
        "/to": lambda asked: redirect(asked.path.partition("?")[2]),
        "/gone": lambda _: Reply(410, b"gone"),
        "/busy": lambda _: Reply(429, headers={"Retry-After": "120"}),
        "/down": lambda _: Reply(503, headers={"Retry-After": "5"}),
        "/cookie": lambda _: text_reply(FEED, Set_Cookie="id=1"),
    }


@contextmanager
def evil_server(host: str = "127.0.0.1") -> Iterator[LoopbackServer]:
    """A server with every case of `evil_handlers`."""
    with LoopbackServer(evil_handlers(), host) as server:
        yield server
