"""Measure copies: `python -m tests.benchmarks.copies figures` (some 20 s) or `speed [--rows 100000]` (ten minutes)."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.benchmarks.ingest.services import throwaway_services


def main() -> int:
    """Read the command line and measure; 0 when every bar was reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.copies", description=__doc__)
    parser.add_argument("what", choices=["figures", "speed"], help="what is found, or how fast")
    parser.add_argument("--rows", type=int, default=100_000, help="articles with sketches (default: 100000)")
    parser.add_argument("--small", type=int, default=1_000, help="what that is compared with (default: 1000)")
    parser.add_argument("--asked", type=int, default=300, help="articles that are looked up (default: 300)")
    parser.add_argument("--plan", action="store_true", help="show the plan of the look-up, too")
    options = parser.parse_args()
    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    if options.what == "figures":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsdesk.settings")
        from tests.benchmarks.copies.figures import measure_figures  # noqa: PLC0415 - needs no server

        return 0 if measure_figures() else 1
    with throwaway_services():
        # Whatever reads the settings comes after the services, whose addresses they hold.
        from tests.benchmarks.copies.speed import measure_speed  # noqa: PLC0415

        return 0 if measure_speed(options.rows, options.small, options.asked, show_plan=options.plan) else 1


if __name__ == "__main__":
    sys.exit(main())
