"""The other side of `reader_program`: the peer's steps and what each cost."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step cost. `megabytes` is the peak of the process that polls, up to then."""

    cpu: float
    wall: float
    megabytes: float = 0.0
    said: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Two steps as one."""
        return Cost(
            self.cpu + other.cpu, self.wall + other.wall, max(self.megabytes, other.megabytes), other.said
        )


class ReaderPeer:
    """A running peer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def add(self, addresses: Iterable[str]) -> Cost:
        """Subscribe to these feeds."""
        return self._ask("add\n" + "".join(f"{address}\n" for address in addresses) + "\n")

    def fetch(self) -> Cost:
        """Fetch every feed."""
        return self._ask("fetch\n")

    def index(self) -> Cost:
        """Make what is new searchable."""
        return self._ask("index\n")

    def count(self) -> int:
        """How many entries it holds."""
        return self._ask("count\n").said

    def _ask(self, words: str) -> Cost:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("no pipes")
        stdin.write(words)
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise SystemExit("The peer ended: does its Python have `reader` and `sgmllib3k`?")
        told = json.loads(line)
        return Cost(told["cpu"], told["wall"], told["megabytes"], told["said"] or 0)


@contextmanager
def reading(python: str, folder: Path) -> Iterator[ReaderPeer]:
    """The peer for the length of the block, with an empty database in `folder`."""
    program = Path(__file__).with_name("reader_program.py")
    process = subprocess.Popen(
        [python, str(program), str(folder / "reader.sqlite")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        yield ReaderPeer(process)
    finally:
        process.kill()
        process.wait(30)
