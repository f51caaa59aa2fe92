"""Measure searching: `python -m tests.benchmarks.search [--rows 100000]`; about three minutes, a server of its own."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.benchmarks.ingest.services import throwaway_services


def main() -> int:
    """Read the command line, start a server, and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.search", description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=100_000, help="articles that are searched (default: 100000)"
    )
    parser.add_argument(
        "--days", type=int, default=180, help="over how many days they are spread (default: 180)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each word is asked for (default: 3)")
    options = parser.parse_args()
    with throwaway_services():
        # Whatever reads the settings comes after the services, whose addresses they hold.
        from tests.benchmarks.search.measure import measure  # noqa: PLC0415

        sys.stdout.write(
            f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
        )
        return 0 if measure(options.rows, options.days, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
