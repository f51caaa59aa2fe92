"""Measure fetching and storing: `python -m tests.benchmarks.ingest compare|killed|memory|hosts --help`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.ingest.newsload import Newsload, serving
from tests.benchmarks.ingest.services import throwaway_services

ROOT = Path(__file__).parents[3]


def main() -> int:
    """Read the command line, make a house for the measurement, and measure."""
    options = _options()
    script = options.newsload or _shared() / "bench/newsload/newsload.py"
    if not Path(script).is_file():
        sys.stderr.write(f"There is no newsload at {script}: name it with --newsload.\n")
        return 2
    own = {"NEWSDESK_FETCH_BATCH": str(options.batch)} if options.batch else {}
    own |= dict(setting.split("=", 1) for setting in options.set)
    own |= _MODES[options.mode][1]
    feeds, hosts = options.feeds, options.hosts
    if options.mode == "hosts":
        feeds, hosts = feeds or 2000, hosts or 50
    with (
        serving(
            Path(script),
            feeds=feeds or 1000,
            entries=options.entries,
            hosts=hosts or 1,
            corpus=options.corpus,
        ) as web,
        throwaway_services(NEWSDESK_FETCH_PORTS=str(web.port), **own),
        tempfile.TemporaryDirectory(prefix="newsdesk-measured-") as folder,
        _database(),
    ):
        return _run(options, web, Path(folder))


def _run(options: argparse.Namespace, web: Newsload, folder: Path) -> int:
    # Whatever reads the settings comes after the services, whose addresses they hold.
    from tests.benchmarks.ingest import modes  # noqa: PLC0415

    measure: Callable[[modes.House], bool] = getattr(modes, _MODES[options.mode][0])
    log = Path(options.log) if options.log else folder / "worker.log"
    house = modes.House(
        web=web, folder=folder, log=log, reader_python=options.reader_python, rounds=options.rounds,
        fetches=options.fetches, say=_say,
    )  # fmt: skip
    _say(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors, {time.strftime('%F %H:%M')}")
    return 0 if measure(house) else 1


@contextmanager
def _database() -> Iterator[None]:
    """Django on the services, with all tables."""
    import django  # noqa: PLC0415 - it reads the settings
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connection.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _shared() -> Path:
    return Path(os.environ.get("NEWSDESK_SHARED", "") or ROOT.parent / "shared")


# Name on the command line: the function that measures, and the settings that it needs.
_MODES: dict[str, tuple[str, dict[str, str]]] = {
    "compare": ("compare", {}),
    "killed": ("be_killed", {"NEWSDESK_SHORT_LEASES": "True", "NEWSDESK_LEASE_SECONDS": "15"}),
    "memory": ("watch_memory", {}),
    "hosts": ("ask_many_hosts", {"NEWSDESK_FETCH_OWN_AT_ONCE": "0"}),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ingest", description=__doc__)
    parser.add_argument(
        "mode",
        choices=sorted(_MODES),
        help="compare: cold, warm and 5 %% changed, beside the peer; killed: kill -9 in mid-run, then exactness;"
        " memory: one worker over many fetches; hosts: 2,000 feeds on 50 hosts due at once, default politeness, people on the desk",
    )
    parser.add_argument("--feeds", type=int, default=0, help="feeds (1,000; hosts: 2,000)")
    parser.add_argument("--entries", type=int, default=30, help="entries of each feed")
    parser.add_argument(
        "--hosts", type=int, default=0, help="loopback addresses that the feeds are spread over"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="warm polls, and polls with 5 %% changed (compare)"
    )
    parser.add_argument("--fetches", type=int, default=50_000, help="how many fetches memory is watched over")
    parser.add_argument("--batch", type=int, default=0, help="NEWSDESK_FETCH_BATCH, when not the default")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting")
    parser.add_argument(
        "--reader-python", default="", help="a Python that has `reader` and `sgmllib3k` (compare)"
    )
    parser.add_argument(
        "--newsload", default="", help="newsload.py, when it does not lie beside the checkout"
    )
    parser.add_argument(
        "--corpus", default="", help="text, one paragraph a line; else Python's own documentation"
    )
    parser.add_argument("--log", default="", help="where the worker's log is kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
