"""Answers of a batch, fetched and parsed side by side in other threads, for the one thread that stores them."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from articles.ingest.fetch import Answer, Asked, Deferred, FetchPolicy, fetch_each
from articles.ingest.turns import Turns
from articles.types import FetchFailure, FetchRequest, FetchResult, ParsedFeed

# So many answers that were read wait at most for the thread that stores; beyond that, fetching waits.
WAITING = 32
# So many are handed over together, when they come within so long of the first.
GATHERED = 16
GATHER_SECONDS = 0.2
_STOP_SECONDS = 5.0


class Reader(Protocol):
    """What turns bodies into feeds; `read` is called from several threads at once."""

    def is_known(self, number: int, answer: FetchResult) -> bool:
        """Whether the answer holds nothing that must be read: not changed, or the body that we have."""

    def read(self, number: int, answer: FetchResult) -> ParsedFeed | FetchFailure:
        """What the body says, or why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, in how many threads, and until when (time.monotonic) a body may be begun; None: always."""

    reader: Reader
    threads: int = 1
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An answer, the place of its request, and what its body says (None: nothing was to be read)."""

    number: int
    answer: Answer
    parsed: ParsedFeed | None = None


def arrivals(
    requests: Sequence[Asked],
    policy: FetchPolicy,
    reading: Reading,
    *,
    turns: Turns | None = None,
) -> Generator[list[Arrival]]:
    """Every answer of a batch once, those that were read as they come, all others together at the end.

    Each portion holds what has arrived since the one before. Reading runs in several threads, so that one bad body
    holds up no other; what is not begun in time comes as Deferred. Whoever stops early (or is stopped) stops the
    fetching too. What breaks the fetching is raised.
    """
    stream = _Stream(requests, policy, reading, turns)
    stream.start()
    try:
        yield from stream.arrivals()
    finally:
        stream.stop()


class _Stream:
    """The fetching thread with its loop, the reading threads, and the queue between them and the storing one."""

    def __init__(
        self,
        requests: Sequence[Asked],
        policy: FetchPolicy,
        reading: Reading,
        turns: Turns | None,
    ) -> None:
        self._requests = requests
        self._policy = policy
        self._reader = reading.reader
        self._turns = turns
        self._read_until = reading.until
        self._arrived: queue.SimpleQueue[Arrival | BaseException | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(reading.threads, thread_name_prefix="read")
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._loop = asyncio.new_event_loop()
        self._room = asyncio.Semaphore(WAITING)
        # Nothing is to be done about these at once: they do not wake the thread that stores.
        self._unread: list[Arrival] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def arrivals(self) -> Iterator[list[Arrival]]:
        """What arrives, until all has."""
        is_over = False
        while not is_over:
            portion = self._portion()
            broken = next((one for one in portion if isinstance(one, BaseException)), None)
            if broken is not None:
                raise broken
            is_over = None in portion
            arrived = [one for one in portion if isinstance(one, Arrival)]
            if arrived:
                yield arrived
                self._loop.call_soon_threadsafe(self._make_room, len(arrived))
        if self._unread:
            yield self._unread

    def _portion(self) -> list[Arrival | BaseException | None]:
        """What has arrived, or arrives within a moment: several feeds are stored at little more than the price of one."""
        portion = [self._arrived.get()]
        deadline = time.monotonic() + GATHER_SECONDS
        while len(portion) < GATHERED and isinstance(portion[-1], Arrival):
            try:
                portion.append(self._arrived.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
        return portion

    def stop(self) -> None:
        """Ask for nothing more and let the threads end."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._cancel)
            self._thread.join(_STOP_SECONDS)
        self._readers.shutdown(wait=False, cancel_futures=True)
        if not self._thread.is_alive():
            self._loop.close()

    def _make_room(self, count: int) -> None:
        for _ in range(count):
            self._room.release()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._task = self._loop.create_task(
                fetch_each(self._requests, self._policy, self._hand_over, self._turns)
            )
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
            self._arrived.put(error)
        finally:
            self._arrived.put(None)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _is_late(self) -> bool:
        return self._read_until is not None and time.monotonic() > self._read_until

    async def _hand_over(self, number: int, answer: Answer) -> None:
        if not isinstance(answer, FetchResult):
            self._unread.append(Arrival(number, answer))
            return
        if self._reader.is_known(number, answer):
            # Only its size is told of.
            light = replace(answer, body=b"", raw_bytes=answer.raw_bytes or len(answer.body))
            self._unread.append(Arrival(number, light))
            return
        await self._room.acquire()
        request = self._requests[number]
        if self._is_late() and isinstance(request, FetchRequest):
            self._room.release()
            self._unread.append(Arrival(number, Deferred(request, 0.0)))
            return
        said = await self._loop.run_in_executor(self._readers, self._reader.read, number, answer)
        if isinstance(said, FetchFailure):
            self._room.release()
            self._unread.append(Arrival(number, said))
        else:
            self._arrived.put(Arrival(number, answer, said))
