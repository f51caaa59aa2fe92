"""The texts that speed is measured on: our own telling of news, and those of gold sets where they lie beside us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.entities.test_linking import TWIN
from tests.entities.traps import TRAPS

SETS = ("finentity.json", "news-fair.jsonl", "aida-conll-dev.jsonl")


def texts(shared: Path | None) -> list[str]:
    """Articles and paragraphs, in an order that mixes long and short ones."""
    own = [TWIN, *(f"{TWIN}\n\n{trap.text}" for trap in TRAPS[::4])]
    found = [text for name in SETS for text in _read(shared / "linking" / name)] if shared else []
    return sorted(own + found, key=lambda text: hash_of(text))


def hash_of(text: str) -> int:
    """A number that has nothing to do with the length of the text, the same in every run."""
    return sum(ord(c) * (i % 97 + 1) for i, c in enumerate(text[:400])) * 2654435761 % 2**32


def _read(path: Path) -> Iterator[str]:
    if path.suffix == ".json":
        for row in json.loads(path.read_text("utf-8")):
            yield row["content"] if "content" in row else row["text"]
        return
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)["text"]
