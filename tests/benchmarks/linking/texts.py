"""The texts that speed is measured on: our own telling of news, and those of gold sets where they lie beside us."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from tests.entities.test_linking import TWIN
from tests.entities.traps import TRAPS

ROOT = Path(__file__).parents[3]
SETS = ("finentity.json", "news-fair.jsonl", "aida-conll-dev.jsonl")


def texts() -> list[str]:
    """Articles and paragraphs, in an order that mixes long and short ones."""
    data = Path(os.environ.get("NEWSDESK_SHARED", "") or ROOT.parent / "shared") / "data" / "linking"
    own = [TWIN, *(f"{TWIN}\n\n{trap.text}" for trap in TRAPS[::4])]
    found = [text for name in SETS if (data / name).exists() for text in _read(data / name)]
    return sorted(own + found, key=hash_of)


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
