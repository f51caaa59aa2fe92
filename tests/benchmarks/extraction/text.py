"""How much of the articles' text is found, by the metric of the Scrapinghub article extraction benchmark."""

from __future__ import annotations

import random
import re
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from articles.ingest.extract import extract_page
from tests.benchmarks.extraction.pages import gold_pages

_RUN = 4
_RESAMPLES = 1000
Triple = tuple[float, float, float]


def measure(folder: Path, say: Callable[[str], object]) -> None:
    """Print F1, precision, recall and the share of texts that are equal word for word.

    Words are all `\\w+`, case kept; of each page the multiset of runs of four gives true and false positives and false
    negatives as shares of their sum; precision and recall are means over the pages and F1 comes from the two.
    """
    pages: list[Triple] = []
    equal = empty = 0
    kinds: Counter[str] = Counter()
    for gold in gold_pages(folder):
        found = extract_page(gold.markup, url=gold.url, content_type="text/html")
        pages.append(shares(gold.text, found.text))
        equal += _words(gold.text) == _words(found.text)
        empty += not found.text
        kinds[found.kind] += 1
    precision, recall, score = means(pages)
    rng = random.Random(0)  # noqa: S311 - resampling, not secrets
    spread = statistics.pstdev(means(rng.choices(pages, k=len(pages)))[2] for _ in range(_RESAMPLES))
    say(f"pages {len(pages)}, without text {empty}, called {dict(kinds)}")
    say(
        f"F1 {score:.4f} (+- {spread:.3f}), precision {precision:.4f}, recall {recall:.4f}, exact {equal / len(pages):.3f}"
    )


def shares(gold: str, found: str) -> Triple:
    """(true positives, false positives, false negatives) as parts of their sum."""
    wanted, given = _runs(gold), _runs(found)
    common = (wanted & given).total()
    counts = (common, given.total() - common, wanted.total() - common)
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def means(pages: list[Triple]) -> Triple:
    """(precision, recall, F1) over pages."""
    precision = statistics.fmean(tp / (tp + fp) for tp, fp, _ in pages if tp + fp > 0)
    recall = statistics.fmean(tp / (tp + fn) for tp, _, fn in pages if tp + fn > 0)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = _words(text)
    if not words:
        return Counter()
    return Counter(tuple(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1)))
