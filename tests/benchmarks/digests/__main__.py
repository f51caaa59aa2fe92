"""Measure digests: `python -m tests.benchmarks.digests slots [--linked]`, `types [--show 60]` or `speed` (seconds; --linked minutes).

The folder of the labelled sets is named in NEWSDESK_SHARED. `--linked` makes a database of its own with the knowledge base
as it ships and links the texts before. A report: there is no bar.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.benchmarks.ingest.services import throwaway_services


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.digests", description=__doc__)
    parser.add_argument(
        "what", choices=["slots", "types", "speed"], help="who and when, the sorts of events, or how fast"
    )
    parser.add_argument("--linked", action="store_true", help="link names before, as the desk does")
    parser.add_argument(
        "--show", type=int, default=0, help="so many events of the sets with their sorts, to look at"
    )
    parser.add_argument("--verbose", action="store_true", help="each answer beside what people said")
    options = parser.parse_args()
    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    if options.linked:
        with throwaway_services():
            # Whatever reads the settings comes after the services, whose addresses they hold.
            from tests.benchmarks.digests import linked, slots  # noqa: PLC0415
            from tests.benchmarks.linking import knowledge  # noqa: PLC0415

            knowledge.make(None)
            slots.measure(linked.link, verbose=options.verbose)
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsdesk.settings")
    from tests.benchmarks.digests import slots, sorts, speed  # noqa: PLC0415

    if options.what == "slots":
        slots.measure(verbose=options.verbose)
    elif options.what == "types":
        sorts.measure(options.show)
    else:
        speed.measure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
