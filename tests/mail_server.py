"""A small mail server on loopback (RFC 5321, the few verbs that a sender needs); it keeps what it is given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """What came in: (recipients, message). With `refusal` every message is refused with that line."""

    port: int = 0
    refusal: str = ""
    received: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []

        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 loopback ready")
        while line := await reader.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    await say("250 loopback")
                case "MAIL":
                    recipients = []
                    await say("250 ok")
                case "RCPT":
                    recipients.append(rest.partition("<")[2].partition(">")[0])
                    await say("250 ok")
                case "DATA":
                    await say("354 go on")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    if not self.refusal:
                        message = message_from_bytes(text[:-3], policy=policy.default)
                        self.received.append((recipients, message))
                    await say(self.refusal or "250 taken")
                case "QUIT":
                    await say("221 bye")
                    break
                case _:
                    await say("250 ok")
        writer.close()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server on a free port until the context ends."""
    server = MailServer()
    ready, ended = threading.Event(), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        listener = await asyncio.start_server(server._talk, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        ready.set()
        while not ended.is_set():
            await asyncio.sleep(0.02)
        listener.close()
        await listener.wait_closed()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(120)
    try:
        yield server
    finally:
        ended.set()
        thread.join(120)
        loop.close()
