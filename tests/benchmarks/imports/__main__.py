"""Measure imports: `python -m tests.benchmarks.imports [NAME ...] [--folder FOLDER]`; all tables take some ten minutes."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.benchmarks.ingest.services import throwaway_services


def main() -> int:
    """Read the command line and measure; 0 when no second import changed anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.imports", description=__doc__)
    parser.add_argument("names", nargs="*", help="some of the tables (default: all that are there)")
    parser.add_argument("--folder", type=Path, help="where the tables lie (default: the shared data)")
    parser.add_argument("--profile", action="store_true", help="show where the time of the first import goes")
    parser.add_argument("--made", type=int, default=0, metavar="ROWS",
                        help="also a register of so many made-up firms, levels 1 and 2")  # fmt: skip
    options = parser.parse_args()
    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    with throwaway_services():
        # Whatever reads the settings comes after the services, whose addresses they hold.
        from tests.benchmarks.imports.measure import measure_imports  # noqa: PLC0415

        done = measure_imports(options.names, options.folder, is_profiled=options.profile, made=options.made)
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
