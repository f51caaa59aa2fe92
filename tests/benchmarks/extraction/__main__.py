"""Measure extraction: `python -m tests.benchmarks.extraction text|speed|residue|dates|authors [FOLDER]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.benchmarks.extraction import facts, residue, speed, text

_SHARED = Path(os.environ.get("NEWSDESK_SHARED", "") or Path(__file__).parents[4] / "shared")


def main() -> int:
    """Read the command line and measure; 0 also when there is no data, with a word that says so."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.extraction", description=__doc__)
    parser.add_argument("what", choices=("text", "speed", "residue", "dates", "authors"))
    parser.add_argument(
        "folder", nargs="?", type=Path, help="the folder that holds scrapinghub and mediacloud"
    )
    options = parser.parse_args()
    folder = options.folder or _SHARED / "data" / "extraction"
    needed = {"dates": "mediacloud", "authors": ""}.get(options.what, "scrapinghub")
    if not (folder / needed).is_dir():
        sys.stderr.write(f"Skipped: there are no pages to measure with at {folder / needed}.\n")
        return 0
    match options.what:
        case "text":
            text.measure(folder, _say)
        case "speed":
            speed.measure(folder, _say)
        case "residue":
            return residue.main([str(folder / needed)])
        case what:
            return facts.main([what, str(folder / needed)])
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
