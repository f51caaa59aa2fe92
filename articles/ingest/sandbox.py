"""Untrusted bytes are parsed in killable children; a poisoned feed or page ends its child and nothing else."""

from __future__ import annotations

import atexit
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from articles.errors import NewsdeskError, NotAFeedError, ParseFailedError, SandboxKilledError
from articles.ingest.limits import FeedLimits, PageLimits
from articles.ingest.wire import (
    containers_from_json,
    feed_from_json,
    found_feeds_from_json,
    page_from_json,
    to_json,
)
from articles.types import ExtractedPage, FoundFeed, PageContainer, ParsedFeed, ReadingRules

Found = TypeVar("Found")
_log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_HEADER_BYTES, _ANSWER_BYTES = 8, 4  # as packed by sandbox_child
_MAX_ANSWER = 128 * 1024 * 1024
_CHUNK = 256 * 1024
_START_SECONDS = 60.0
_ERRORS: dict[str, type[NewsdeskError]] = {
    error.__name__: error for error in (ParseFailedError, NotAFeedError, SandboxKilledError)
}


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What one job may use. Seconds of processor time are whole; the wall is the parent's own clock.

    A feed that is late holds up the feeds of its batch; a page may have to wait for a processor while names are linked.
    """

    cpu_seconds: int = 5
    wall_seconds: float = 6.0
    page_wall_seconds: float = 30.0
    feed_memory: int = 512 * 1024 * 1024
    page_memory: int = 1024 * 1024 * 1024
    jobs_per_child: int = 500
    feed: FeedLimits = field(default_factory=FeedLimits)
    page: PageLimits = field(default_factory=PageLimits)


class Sandbox:
    """Warm parsing children, usable from any thread; after a fork it starts children of its own.

    Feeds and pages have up to `size` children each, for a reader of pages needs four times the memory. A job waits while
    all of its kind are at work. Close it (or use it as a context) to end the children; they end with this process, too.
    """

    def __init__(self, size: int = 1, limits: SandboxLimits | None = None) -> None:
        self._limits = limits or SandboxLimits()
        self._size = max(1, size)
        self._reset()
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def parse_feed(self, body: bytes, url: str = "", content_type: str = "") -> ParsedFeed:
        """`articles.ingest.parse.parse_feed` in a child. Raises ParseFailedError, NotAFeedError, SandboxKilledError."""
        limits = self._limits
        if len(body) > limits.feed.max_bytes:
            raise ParseFailedError(f"The feed is larger than the {limits.feed.max_bytes:,} bytes allowed.")
        job: dict[str, Any] = {
            "job": "feed",
            "url": url,
            "content_type": content_type,
            "limits": asdict(limits.feed),
        }
        return self._run(job, body, limits.feed_memory, feed_from_json)

    def extract_page(
        self,
        page: bytes | str,
        url: str = "",
        content_type: str = "",
        feed_title: str = "",
        rules: ReadingRules | None = None,
    ) -> ExtractedPage:
        """`articles.ingest.extract.extract_page` in a child. Raises ParseFailedError and SandboxKilledError.

        A page whose reading is ended by a limit is read again without an admin's selectors, and its notes say so.
        """
        body, kind = _page_bytes(page, content_type)
        if len(body) > self._limits.page.max_bytes:
            raise ParseFailedError(
                f"The page is larger than the {self._limits.page.max_bytes:,} bytes allowed."
            )
        job = {
            "job": "page",
            "url": url,
            "content_type": kind,
            "feed_title": feed_title,
            "rules": to_json(rules or ReadingRules()),
            "now": datetime.now(UTC).isoformat(),
            "limits": asdict(self._limits.page),
        }
        try:
            return self._run(job, body, self._limits.page_memory, page_from_json)
        except SandboxKilledError as error:
            if rules is None or not rules.has_selectors:
                raise
            without = ReadingRules(repeated_lines=rules.repeated_lines, rules_off=rules.rules_off)
            job["rules"] = to_json(without)
            found = self._run(job, body, self._limits.page_memory, page_from_json)
            note = f"With the selectors it could not be read, so it was read without them. {error}"
            return replace(found, notes=(*found.notes, note))

    def find_feeds(self, page: bytes | str, base_url: str, content_type: str = "") -> list[FoundFeed]:
        """`articles.ingest.discovery.find_feeds` in a child. Raises SandboxKilledError."""
        body, kind = _page_bytes(page, content_type)
        job = {"job": "find", "url": base_url, "content_type": kind}
        return self._run(
            job, body[: self._limits.page.max_bytes], self._limits.page_memory, found_feeds_from_json
        )

    def find_containers(self, page: bytes | str, content_type: str = "") -> list[PageContainer]:
        """`articles.ingest.page_rules.find_containers` in a child. Raises SandboxKilledError."""
        body, kind = _page_bytes(page, content_type)
        job = {"job": "containers", "content_type": kind}
        return self._run(
            job, body[: self._limits.page.max_bytes], self._limits.page_memory, containers_from_json
        )

    def close(self) -> None:
        """End all idle children; a child at work ends with its job. Those of a process that this was forked from live on."""
        atexit.unregister(self.close)
        if self._pid != os.getpid():
            return
        for pool in self._pools.values():
            pool.close()

    def _reset(self) -> None:
        # Children belong to the process that started them: a fork leaves them alone and makes its own.
        self._pid = os.getpid()
        self._pools = {
            kind: _Pool(kind, self._size, self._limits.jobs_per_child) for kind in ("feed", "page")
        }

    def _run(self, job: dict[str, Any], body: bytes, memory: int, read: Callable[[Any], Found]) -> Found:
        if self._pid != os.getpid():
            self._reset()
        limits = self._limits
        kind = "feed" if job["job"] == "feed" else "page"
        wall_seconds = limits.wall_seconds if kind == "feed" else limits.page_wall_seconds
        header = {
            **job,
            "cpu_seconds": limits.cpu_seconds,
            "wall_seconds": wall_seconds,
            "memory_bytes": memory,
        }
        with self._pools[kind].child() as child:
            try:
                reply = child.ask(header, body, wall_seconds)
            except _DiedError as death:
                raise SandboxKilledError(_why(death, limits.cpu_seconds, wall_seconds)) from None
        return _value(reply, read)


class _Pool:
    """The children for one kind of job. One that was lost is replaced beside the work, so that no job waits for it."""

    def __init__(self, kind: str, size: int, jobs_per_child: int) -> None:
        self.kind = kind
        self.idle: list[_Child] = []
        self._jobs_per_child = jobs_per_child
        self._slots = threading.BoundedSemaphore(size)
        self._changed = threading.Condition()
        self._starting = 0
        self._is_open = True

    @contextmanager
    def child(self) -> Iterator[_Child]:
        """A child for one job, as soon as one of the pool's places is free."""
        with self._slots:
            child = self._take()
            try:
                yield child
            finally:
                self._give_back(child)

    def close(self) -> None:
        """End the idle children; those at work end with their jobs."""
        with self._changed:
            self._is_open = False
            idle, self.idle = self.idle, []
        for child in idle:
            child.kill()

    def _take(self) -> _Child:
        with self._changed:
            while self.idle or self._starting:
                if not self.idle:
                    self._changed.wait(_START_SECONDS)
                    continue
                child = self.idle.pop()
                if child.is_alive():
                    return child
                child.kill()
        return _Child(self.kind)

    def _give_back(self, child: _Child) -> None:
        if child.is_healthy and child.jobs < self._jobs_per_child:
            self._keep(child)
            return
        child.kill()
        with self._changed:
            if not self._is_open:
                return
            self._starting += 1
        threading.Thread(target=self._replace, name="sandbox", daemon=True).start()

    def _replace(self) -> None:
        try:
            self._keep(_Child(self.kind))
        except (OSError, SandboxKilledError) as error:
            # The next job tries again, and is told.
            _log.warning("A parsing child could not be replaced: %s", error)
        finally:
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()

    def _keep(self, child: _Child) -> None:
        with self._changed:
            if self._is_open:
                self.idle.append(child)
                self._changed.notify()
                return
        child.kill()


class _DiedError(Exception):
    """The child is gone, or was killed for being late."""

    def __init__(self, status: int, *, is_late: bool) -> None:
        super().__init__(status)
        self.status = status
        self.is_late = is_late


class _Child:
    """One process at the other end of two pipes."""

    _warned = False

    def __init__(self, kind: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter, our own module, a fixed word
            [sys.executable, "-m", "articles.ingest.sandbox_child", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # Nothing of the desk's environment: it holds secrets, and a parser needs none of it.
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
        self.jobs = 0
        self.is_healthy = True
        for stream in self._pipes():
            os.set_blocking(stream.fileno(), False)
        try:
            greeting = self._exchange(b"", time.monotonic() + _START_SECONDS)
        except _DiedError as death:
            self.kill()
            raise SandboxKilledError(
                f"The parsing child does not start (exit status {death.status})."
            ) from None
        if greeting.get("error"):
            self.kill()
            raise SandboxKilledError(f"The parsing child does not start: {greeting['error']}")
        if greeting.get("warning") and not _Child._warned:
            _Child._warned = True
            _log.warning("%s", greeting["warning"])

    def ask(self, header: dict[str, Any], body: bytes, wall_seconds: float) -> dict[str, Any]:
        """The child's reply to one job. Raises _DiedError, and the child is then gone."""
        self.jobs += 1
        self.is_healthy = False
        packed = json.dumps(header).encode("ascii")
        lengths = len(packed).to_bytes(_HEADER_BYTES // 2, "big") + len(body).to_bytes(
            _HEADER_BYTES // 2, "big"
        )
        reply = self._exchange(lengths + packed + body, time.monotonic() + wall_seconds)
        self.is_healthy = reply.get("error") in {None, "NotAFeedError", "ParseFailedError"} and not reply.get(
            "last"
        )
        return reply

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process now and close the pipes."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in self._pipes():
            with suppress(OSError):
                stream.close()

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:  # pragma: no cover - both were asked for
            raise RuntimeError("no pipes")
        return stdin, stdout

    def _exchange(self, message: bytes, deadline: float) -> dict[str, Any]:
        """Write all of `message` while reading one answer; neither side can block the other for ever."""
        stdin, stdout = self._pipes()
        to_write, answer, size = memoryview(message), bytearray(), -1
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            if to_write:
                selector.register(stdin, selectors.EVENT_WRITE)
            while size < 0 or len(answer) < size:
                left = deadline - time.monotonic()
                ready = selector.select(left) if left > 0 else []
                if not ready or len(answer) > _MAX_ANSWER:
                    raise self._died(is_late=True)
                for key, _ in ready:
                    if key.fileobj is stdout:
                        answer += self._read()
                        if size < 0 and len(answer) >= _ANSWER_BYTES:
                            size = _ANSWER_BYTES + int.from_bytes(answer[:_ANSWER_BYTES], "big")
                    else:
                        to_write = self._write(to_write)
                        if not to_write:
                            selector.unregister(stdin)
        return _read_answer(bytes(answer[_ANSWER_BYTES:]))

    def _read(self) -> bytes:
        part = os.read(self._pipes()[1].fileno(), _CHUNK)
        if not part:
            raise self._died(is_late=False)
        return part

    def _write(self, data: memoryview) -> memoryview:
        try:
            return data[os.write(self._pipes()[0].fileno(), data[:_CHUNK]) :]
        except BrokenPipeError:
            raise self._died(is_late=False) from None
        except BlockingIOError:
            return data

    def _died(self, *, is_late: bool) -> _DiedError:
        if is_late:
            self._process.kill()
        return _DiedError(self._process.wait(), is_late=is_late)


def _read_answer(data: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(data)
    except ValueError:
        reply = None
    return (
        reply
        if isinstance(reply, dict)
        else {"error": "SandboxKilledError", "message": "The parser talked nonsense."}
    )


def _value(reply: dict[str, Any], read: Callable[[Any], Found]) -> Found:
    if "error" in reply:
        raise _ERRORS.get(str(reply["error"]), ParseFailedError)(str(reply.get("message", "")))
    try:
        return read(reply["value"])
    except (KeyError, TypeError, ValueError) as error:
        raise SandboxKilledError("The parser's answer has the wrong shape.") from error


def _why(death: _DiedError, cpu_seconds: int, wall_seconds: float) -> str:
    if death.is_late or death.status == -signal.SIGALRM:
        return f"The parser was stopped: it took longer than {wall_seconds:g} seconds."
    if death.status == -signal.SIGXCPU:
        return f"The parser was stopped: it used more than {cpu_seconds} seconds of processor time."
    return f"The parser crashed (exit status {death.status})."


def _page_bytes(page: bytes | str, content_type: str) -> tuple[bytes, str]:
    if isinstance(page, bytes):
        return page, content_type
    return page.encode("utf-8", "replace"), f"{content_type.partition(';')[0] or 'text/html'}; charset=utf-8"
