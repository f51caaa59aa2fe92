"""Measure events: `python -m tests.benchmarks.events figures|orders|speed|memory|product|lists` (minutes each).

`figures` scores the labelled sets through the batch command and repeats one, `orders` scores one in five orders; both
need the folder that NEWSDESK_SHARED names. `speed` compares placing among few and among many live events, `memory` is
what a process holds that knows many, and `product` the same of a real worker beside a real database. `lists` is what
the pages and feeds of events cost on a large desk.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.benchmarks.ingest.services import throwaway_services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsdesk.settings")


def main() -> int:
    """Read the command line and measure; 0 when every bar was reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.events", description=__doc__)
    parser.add_argument("what", choices=["figures", "orders", "speed", "memory", "product", "lists"])
    parser.add_argument(
        "--events", type=int, default=50_000, help="live events of `memory` and `product` (default: 50000)"
    )
    parser.add_argument("--few", type=int, default=1_000, help="live events of `speed` (default: 1000)")
    parser.add_argument("--many", type=int, default=10_000, help="and those compared with (default: 10000)")
    parser.add_argument("--listed", type=int, default=20_000, help="events of `lists` (default: 20000)")
    parser.add_argument("--page", default="", help="only the pages of `lists` whose name holds this")
    parser.add_argument("--loud", action="store_true", help="with the longest statement of each page")
    parser.add_argument(
        "--no-embedding", action="store_true", help="`figures` and `orders` by words, names and figures alone"
    )
    options = parser.parse_args()
    sys.stdout.write(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
    )
    if options.what in {"figures", "orders"}:
        from tests.benchmarks.events import figures  # noqa: PLC0415 - each needs what the others do not

        measure = figures.measure_sets if options.what == "figures" else figures.measure_orders
        return 0 if measure(with_embedding=not options.no_embedding) else 1
    if options.what in {"product", "lists"}:
        with throwaway_services(NEWSDESK_NER_MODEL=""):
            # What reads the settings comes after the services, whose addresses they hold.
            import django  # noqa: PLC0415

            django.setup()
            if options.what == "lists":
                from tests.benchmarks.events import lists  # noqa: PLC0415

                return 0 if lists.measure_lists(options.listed, options.page, is_loud=options.loud) else 1
            from tests.benchmarks.events import product  # noqa: PLC0415

            return 0 if product.measure_product(options.events) else 1
    from tests.benchmarks.events import load  # noqa: PLC0415

    if options.what == "speed":
        return 0 if load.measure_speed(options.few, options.many) else 1
    return 0 if load.measure_memory(options.events) else 1


if __name__ == "__main__":
    sys.exit(main())
