"""The pages with known texts that the measurements read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page as it was rendered, and its text as people marked it."""

    url: str
    markup: str
    text: str


def gold_pages(folder: Path) -> Iterator[GoldPage]:
    """The pages of the Scrapinghub benchmark below `folder`, in the order of their ids."""
    gold = json.loads((folder / "scrapinghub" / "ground-truth.json").read_text("utf-8"))
    for key, item in sorted(gold.items()):
        raw = gzip.decompress((folder / "scrapinghub" / "html" / f"{key}.html.gz").read_bytes())
        yield GoldPage(item["url"], raw.decode("utf-8", "replace"), item["articleBody"])
