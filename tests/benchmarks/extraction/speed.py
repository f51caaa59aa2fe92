"""The whole step against trafilatura's precision mode alone, in processor time and turn by turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura

from articles.ingest.extract import extract_page
from tests.benchmarks.extraction.pages import GoldPage, gold_pages

_ROUNDS = 5


def measure(folder: Path, say: Callable[[str], object]) -> None:
    """Print pages a CPU second of both and their ratio: each page is read by one and then by the other."""
    pages = list(gold_pages(folder))
    ratios = []
    for turn in range(_ROUNDS + 1):
        ours = theirs = 0.0
        for number, page in enumerate(pages):
            # Who comes first finds the memory colder: they take turns.
            readers: list[Callable[[GoldPage], object]] = [_ours, _theirs]
            for reader in readers if (number + turn) % 2 else reversed(readers):
                started = time.process_time()
                reader(page)
                took = time.process_time() - started
                if reader is _ours:
                    ours += took
                else:
                    theirs += took
        if turn:  # the first turn loads what is loaded late
            ratios.append(theirs / ours)
            say(
                f"ours {len(pages) / ours:.1f} pages/CPU-s, alone {len(pages) / theirs:.1f}, ratio {theirs / ours:.3f}"
            )
    say(f"ratio {statistics.median(ratios):.3f} (median of {_ROUNDS})")


def _ours(page: GoldPage) -> object:
    return extract_page(page.markup, url=page.url, content_type="text/html")


def _theirs(page: GoldPage) -> object:
    return trafilatura.extract(page.markup, url=page.url, favor_precision=True, include_comments=False)
