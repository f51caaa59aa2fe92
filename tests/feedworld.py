"""A loopback world of feeds: generated ones, or files as they were served, with validators and counts of requests."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORY = "The harbour board weighed the bids for the new quay and put off its decision until the spring. " * 18


def generated_feed(number: int, entries: int) -> bytes:
    """An RSS feed whose entries carry whole articles of their own."""
    items = "".join(
        f"<item><guid>{number}-{entry}</guid><title>Quay {number}, bid {entry}</title>"
        f"<link>https://paper-{number}.example/story/{entry}</link>"
        f"<pubDate>Wed, 0{1 + entry % 9} Jul 2026 10:{entry % 60:02d}:00 GMT</pubDate>"
        f"<description>Bid {number}-{entry}. {STORY}</description></item>"
        for entry in range(entries)
    )
    head = f"<title>Paper {number}</title><link>https://paper-{number}.example/</link><language>en</language>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


@dataclass
class FeedWorld:
    """Bodies by path, a pause before each answer, and how often each path was answered with which status."""

    bodies: Mapping[str, bytes]
    content_types: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)  # of paths that have no body
    moved: Mapping[str, str] = field(default_factory=dict)  # paths that lead to another for good
    seconds: float = 0.0
    most: int | None = None  # so many requests are answered at once, the others when `go` is set
    go: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    port: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def count(self, status: int) -> int:
        """How many answers of this status were given, or are about to be."""
        with self.lock:
            return sum(n for (_, answered), n in self.answers.items() if answered == status)

    def admit(self) -> None:
        """Hold a request up for as long as the world is told to."""
        with self.lock:
            self.asked += 1
            is_held = self.most is not None and self.asked > self.most
        if is_held:
            self.go.wait()
        time.sleep(self.seconds)


@contextmanager
def serving(world: FeedWorld) -> Iterator[FeedWorld]:
    """Serve the world on a free loopback port for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            world.admit()
            if self.path in world.moved:
                self.send_response(HTTPStatus.MOVED_PERMANENTLY)
                self.send_header("Location", world.moved[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = world.bodies.get(self.path)
            missing = HTTPStatus(world.statuses.get(self.path, HTTPStatus.NOT_FOUND))
            status = HTTPStatus.OK if body is not None else missing
            body = body or b""
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if body and self.headers.get("If-None-Match") == etag:
                status, body = HTTPStatus.NOT_MODIFIED, b""
            is_zipped = "gzip" in self.headers.get("Accept-Encoding", "") and bool(body)
            payload = gzip.compress(body, 1) if is_zipped else body
            # Before it goes out: whoever sees what came of an answer finds it counted.
            with world.lock:
                world.answers[self.path, int(status)] += 1
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", world.content_types.get(self.path, "application/xml"))
            if is_zipped:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            """Stay quiet: the counts say it all."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_: object) -> None:
            """A worker that was killed leaves broken pipes."""

    with Server(("127.0.0.1", 0), Handler) as server:
        world.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield world
        finally:
            world.go.set()
            server.shutdown()
            thread.join()
