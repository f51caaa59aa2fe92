"""Measure linking: `python -m tests.benchmarks.linking figures|speed|load|traps [--listings FILE]` (minutes).

Each makes a database of its own with the knowledge base as it ships; `--listings` imports a table of listed companies
besides. The folder of the labelled sets is named in NEWSDESK_SHARED; without it only `figures` has nothing to do.
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
        choices=["figures", "speed", "load", "traps"],
        help="what is found in labelled sets, texts a second, memory and start, or what is mistaken",
    )
    parser.add_argument("--listings", type=Path, help="a table of listed companies that is imported besides")
    options = parser.parse_args()
    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    with throwaway_services():
        # Whatever reads the settings comes after the services, whose addresses they hold.
        if options.what == "figures":
            from tests.benchmarks.linking.figures import measure_figures  # noqa: PLC0415

            return 0 if measure_figures() else 1
        from tests.benchmarks.linking import knowledge, load, mistaken, speed  # noqa: PLC0415

        knowledge.make(options.listings)
        measure = {"speed": speed.measure, "load": load.measure, "traps": mistaken.measure}[options.what]
        return 0 if measure() else 1


if __name__ == "__main__":
    sys.exit(main())
