"""Run a stream through workers that are killed: `python -m tests.benchmarks.stream [--articles 20000] [--models]`.

PostgreSQL and Valkey of its own, a worker that reads and one that places, which are killed (SIGKILL) at random moments.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.benchmarks.ingest.services import throwaway_services


def main() -> int:
    """Read the command line and measure; 0 when each article came into one event."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stream", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000, help="how many (default: 20000)")
    parser.add_argument(
        "--kill-every", type=int, default=1500, help="articles read or placed, on average (default: 1500)"
    )
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds at most (default: 3600)")
    parser.add_argument("--models", action="store_true", help="with both language models: six times as long")
    options = parser.parse_args()
    without = {} if options.models else {"NEWSDESK_NER_MODEL": "", "NEWSDESK_EMBEDDING": ""}
    with throwaway_services(**without):
        # Whatever reads the settings comes after the services, whose addresses they hold.
        import django  # noqa: PLC0415

        django.setup()
        from tests.benchmarks.stream.measure import measure  # noqa: PLC0415

        sys.stdout.write(
            f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}\n"
        )
        is_sound = measure(options.articles, kill_every=options.kill_every, limit=options.limit, **without)
        return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
