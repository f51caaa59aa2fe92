"""A resolver that answers what a test says, and a list of every address that this process dials."""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

Answers = Sequence[Sequence[str]]
# What the system reads as an address without asking anybody.
_NUMERIC = re.compile(r"[0-9a-fA-FxX.:%]*\Z")
_dialled: list[list[str]] = []


def _note_dialling(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _dialled and isinstance(arguments[1], tuple):
        _dialled[-1].append(str(arguments[1][0]))


# It cannot be taken away again, and costs next to nothing while nobody listens.
sys.addaudithook(_note_dialling)


@contextmanager
def dialling() -> Iterator[list[str]]:
    """The network addresses that this process has tried to connect to since the start of the block."""
    _dialled.append([])
    try:
        yield _dialled[-1]
    finally:
        _dialled.pop()


@dataclass
class Names:
    """`answers` of a name are given in turn, the last one for ever; `asked` counts the look-ups."""

    answers: Mapping[str, Answers]
    asked: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def addresses(self, name: str) -> Sequence[str]:
        """The addresses of this look-up."""
        with self.lock:
            turn = self.asked[name] = self.asked.get(name, 0) + 1
        known = self.answers[name]
        return known[min(turn, len(known)) - 1]


@contextmanager
def naming(answers: Mapping[str, Answers]) -> Iterator[Names]:
    """For the length of the block this process resolves these names so, and no other name at all."""
    names = Names(answers)
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host not in names.answers:
            if host in {None, "localhost"} or _NUMERIC.match(str(host)):
                return real(host, port, *rest, **named)
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [found for address in names.addresses(host) for found in real(address, port, *rest, **named)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield names
