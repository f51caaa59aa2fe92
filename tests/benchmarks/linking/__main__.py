"""Measure linking: `python -m tests.benchmarks.linking speed|load|traps [--listings FILE] [--shared FOLDER]` (minutes).

Each makes a database of its own with the knowledge base as it ships; `--listings` imports a table of listed companies
besides.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.benchmarks.ingest.services import throwaway_services


def main() -> int:
    """Read the command line and measure; 0 when every bar was reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.linking", description=__doc__)
    parser.add_argument(
        "what",
        choices=["speed", "load", "traps"],
        help="texts a second, memory and start, or what is mistaken",
    )
    parser.add_argument("--listings", type=Path, help="a table of listed companies that is imported besides")
    parser.add_argument("--shared", type=Path, help="folder with gold sets, whose texts are read, too")
    options = parser.parse_args()
    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    with throwaway_services():
        # Whatever reads the settings comes after the services, whose addresses they hold.
        from tests.benchmarks.linking import knowledge, load, mistaken, speed  # noqa: PLC0415

        knowledge.make(options.listings)
        measures = {
            "speed": lambda: speed.measure(options.shared),
            "load": load.measure,
            "traps": mistaken.measure,
        }
        return 0 if measures[options.what]() else 1


if __name__ == "__main__":
    sys.exit(main())
