"""A TCP proxy of ours between the desk and its database or broker, which can be told to behave badly."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

from tests.servers import free_port

Given = TypeVar("Given")
_CHUNK = 64 * 1024
# With this linger, closing sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """What the proxy does with bytes. `seconds` belongs to delay and drip, `count` (bytes let through) to reset."""

    kind: Literal["pass", "refuse", "delay", "drip", "reset", "blackhole"] = "pass"
    seconds: float = 0.0
    count: int = 0


PASS = Fault()
REFUSE = Fault("refuse")
BLACKHOLE = Fault("blackhole")


class FaultProxy:
    """Passes connections from a free loopback port to `target`: the path of a Unix socket, or host:port.

    The fault holds for connections that are open as for new ones, and may change while bytes flow.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        # Nobody who dials out is given it while the proxy refuses and is not there.
        self.port = free_port()
        self.accepted = 0
        self._fault = PASS
        self._let_through = 0
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait_for(self._listen())
        return self

    def __exit__(self, *_details: object) -> None:
        self._wait_for(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(120)
        self._loop.close()

    def behave(self, fault: Fault) -> None:
        """From now on do this. Refusing closes the port and resets every open connection."""
        self._wait_for(self._behave(fault))

    def forget(self) -> int:
        """Silence every open connection for good, as a firewall that lost its table does; new ones pass."""
        return self._wait_for(self._forget())

    def cut(self) -> int:
        """Reset every open connection; new ones are dealt with by the fault of the moment."""
        return self._wait_for(self._cut())

    def lead_to(self, target: str) -> None:
        """New connections go there."""
        self.target = target

    def _wait_for(self, work: Awaitable[Given]) -> Given:
        async def whole() -> Given:
            return await work

        return asyncio.run_coroutine_threadsafe(whole(), self._loop).result(120)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=256)

    async def _behave(self, fault: Fault) -> None:
        self._fault, self._let_through = fault, 0
        if fault.kind == "refuse":
            if self._server is not None:
                self._server.close()
                self._server = None
            await self._cut()
        elif self._server is None:
            await self._listen()

    async def _forget(self) -> int:
        for link in self._links:
            link.is_forgotten = True
        return len(self._links)

    async def _cut(self) -> int:
        links = list(self._links)
        for link in links:
            link.reset()
        return len(links)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = [link.task for link in self._links if link.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = _Link(writer)
        link.task = asyncio.current_task()
        self._links.add(link)
        try:
            with suppress(OSError, asyncio.CancelledError):
                there, link.onward = await self._dial()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pump(link, reader, link.onward))
                    group.create_task(self._pump(link, there, writer))
        finally:
            self._links.discard(link)
            for each in (writer, link.onward):
                if each is not None:
                    each.transport.abort()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.target.startswith("/"):
            return await asyncio.open_unix_connection(self.target)
        host, _, port = self.target.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def _pump(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                fault = BLACKHOLE if link.is_forgotten else self._fault
                if fault.kind == "blackhole":
                    continue
                if fault.kind == "reset":
                    self._let_through += len(data)
                    if self._let_through > fault.count:
                        link.reset()
                        return
                if fault.kind == "delay":
                    await asyncio.sleep(fault.seconds)
                if fault.kind == "drip":
                    await _drip(data, writer, fault.seconds)
                else:
                    writer.write(data)
                    await writer.drain()
        # However this half ended, in order or by a reset: the other side must hear of it.
        if not link.is_forgotten and self._fault.kind != "blackhole":
            with suppress(RuntimeError):  # it has gone as well
                writer.close()


@dataclass(eq=False, slots=True)
class _Link:
    """One connection with its other half."""

    writer: asyncio.StreamWriter
    onward: asyncio.StreamWriter | None = None
    task: asyncio.Task[None] | None = None
    is_forgotten: bool = False

    def reset(self) -> None:
        """End it without a farewell."""
        for writer in (self.writer, self.onward):
            if writer is None:
                continue
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.family != socket.AF_UNIX:
                with suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


async def _drip(data: bytes, writer: asyncio.StreamWriter, seconds: float) -> None:
    for place in range(len(data)):
        writer.write(data[place : place + 1])
        await writer.drain()
        await asyncio.sleep(seconds)
