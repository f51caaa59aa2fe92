"""Sees every connection that this process tries to open, and lets none leave the machine."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_DIALLING = {"socket.connect", "socket.sendto", "socket.sendmsg"}


@dataclass
class Witness:
    """What was dialled (host, port) and which names the system was asked for while the witness watched."""

    dialled: list[tuple[str, int]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    def hosts(self) -> set[str]:
        """The addresses that were dialled."""
        return {host for host, _ in self.dialled}


_watching: list[Witness] = []
_hooks: list[str] = []


def _see(event: str, args: tuple[Any, ...]) -> None:
    # Called for everything that the interpreter audits, before it happens; most of it is none of our business.
    if not _watching or not event.startswith("socket."):
        return
    if event in _DIALLING and isinstance(args[1], tuple):
        host, port = str(args[1][0]).partition("%")[0], int(args[1][1])
        _watching[-1].dialled.append((host, port))
        if not ipaddress.ip_address(host).is_loopback and host not in {"0.0.0.0", "::"}:  # noqa: S104 - what is dialled
            raise PermissionError(f"a test would have dialled {host} port {port}")
    elif event == "socket.getaddrinfo":
        name = str(args[0])
        _watching[-1].looked_up.append(name)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            raise PermissionError(f"a test would have asked for the address of {name}") from None


@contextmanager
def watched() -> Iterator[Witness]:
    """Watch this process; whatever would leave the machine fails before a packet is sent."""
    if not _hooks:
        sys.addaudithook(_see)  # cannot be taken away again, so there is one for good
        _hooks.append("in place")
    witness = Witness()
    _watching.append(witness)
    try:
        yield witness
    finally:
        _watching.remove(witness)
