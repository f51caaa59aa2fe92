"""How well a page's facts are read: the day of publication, and who wrote it.

    python -m tests.benchmarks.extraction.facts dates [FOLDER]
    python -m tests.benchmarks.extraction.facts authors [FOLDER]

`dates`: FOLDER holds `gold.json` ({url: {file, date}}) and `html/<file>.gz`; without it the set `mediacloud` of the
shared data is taken. A day is right when the first ten characters of the time, in the zone that the page writes, are
the gold's. `authors`: FOLDER holds both sets, `scrapinghub` and `mediacloud`; the gold are names that we read
off sixty pages (tests/articles/ingest/author_gold.py), and a page is right when exactly these people are found. Both print what is wrong, and end with 1 when a bar is missed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import time
from collections import Counter
from pathlib import Path

from articles.errors import ParseFailedError
from articles.ingest.extract import extract_page
from articles.types import ExtractedPage
from tests.articles.ingest.author_gold import GOLD

LEAST_RIGHT, MOST_WRONG, LEAST_AUTHORS = 0.95, 0.03, 0.75


def measure_dates(folder: Path) -> bool:
    """Print the figures of the days of publication; whether both bars are reached."""
    gold = json.loads((folder / "gold.json").read_text("utf-8"))
    counts: Counter[str] = Counter()
    origins: Counter[tuple[str, str]] = Counter()
    seconds = 0.0
    for url, wanted in gold.items():
        start = time.process_time()
        page = _extract(folder / "html" / f"{wanted['file']}.gz", url)
        seconds += time.process_time() - start
        found = page.published.isoformat()[:10] if page and page.published else ""
        if not wanted["date"]:
            counts["invented" if found else "rightly none"] += 1
            continue
        verdict = "right" if found == wanted["date"] else "wrong" if found else "none"
        counts[verdict] += 1
        origins[str(page and page.published_from), verdict] += 1
        if verdict != "right":
            sys.stdout.write(f"{verdict:6} {found or '-':10} for {wanted['date']} {url}\n")
    dated = sum(counts[verdict] for verdict in ("right", "wrong", "none"))
    for (origin, verdict), count in sorted(origins.items()):
        sys.stdout.write(f"{origin:10} {verdict:6} {count}\n")
    right, wrong = counts["right"] / dated, counts["wrong"] / dated
    sys.stdout.write(
        f"days right {right:.3f} wrong {wrong:.3f} none {counts['none'] / dated:.3f} of {dated} pages; "
        f"{counts['invented']} invented; {seconds:.1f} CPU s\n"
    )
    return right >= LEAST_RIGHT and wrong <= MOST_WRONG


def measure_authors(folder: Path) -> bool:
    """Print the share of pages whose authors are exactly the gold's; whether the bar is reached."""
    pages = _pages_of(folder)
    right = 0
    for key, names in GOLD.items():
        page = _extract(*pages[key])
        found = page.authors if page else ()
        if sorted(name.casefold() for name in found) == sorted(name.casefold() for name in names):
            right += 1
        else:
            sys.stdout.write(f"wrong  {', '.join(found) or '-'} for {', '.join(names)}\n")
    share = right / len(GOLD)
    sys.stdout.write(f"authors exact {share:.3f} of {len(GOLD)} pages\n")
    return share >= LEAST_AUTHORS


def _pages_of(folder: Path) -> dict[str, tuple[Path, str]]:
    """By the start of the sha256 of its id: a page's file and address."""
    news, clouds = folder / "scrapinghub", folder / "mediacloud"
    named = [
        (key, news / "html" / f"{key}.html.gz", told["url"])
        for key, told in json.loads((news / "ground-truth.json").read_text("utf-8")).items()
    ] + [
        (told["file"], clouds / "html" / f"{told['file']}.gz", url)
        for url, told in json.loads((clouds / "gold.json").read_text("utf-8")).items()
    ]
    return {hashlib.sha256(key.encode()).hexdigest()[:12]: (path, url) for key, path, url in named}


def _extract(path: Path, url: str) -> ExtractedPage | None:
    try:
        return extract_page(gzip.decompress(path.read_bytes()), url=url)
    except ParseFailedError:
        return None


def main(arguments: list[str]) -> int:
    """Run one of the two."""
    measures = {"dates": (measure_dates, "mediacloud"), "authors": (measure_authors, "")}
    if not arguments or arguments[0] not in measures:
        sys.stderr.write(str(__doc__))
        return 2
    measure, name = measures[arguments[0]]
    shared = Path(__file__).parents[4] / "shared" / "data" / "extraction" / name
    folder = Path(arguments[1]) if len(arguments) > 1 else shared
    if not folder.is_dir():
        sys.stderr.write(f"There is no folder {folder}: name the one that holds the set.\n")
        return 2
    return 0 if measure(folder) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
