"""lemon24's `reader` as a process that does what its standard input says; run by a Python that has it installed.

Lines in: `add` (addresses follow until an empty line), `fetch`, `index`, `count`. Lines out: one JSON object each.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def main(path: str) -> None:
    """Serve until the input closes."""
    # Only the Python that runs this has it.
    from reader import make_reader  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    reader = make_reader(path, search_enabled=True)
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: [reader.add_feed(line.strip()) for line in iter(sys.stdin.readline, "\n")] and None,
        "fetch": lambda: reader.update_feeds(workers=1, scheduled=False),
        "index": reader.update_search,
        "count": lambda: reader.get_entry_counts().total,
    }
    for line in iter(sys.stdin.readline, ""):
        _tell(acts[line.strip()])


def _tell(act: Callable[[], object]) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    said: Any = act()
    after = resource.getrusage(resource.RUSAGE_SELF)
    answer = {
        "said": said if isinstance(said, int) else None,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "wall": time.monotonic() - started,
        "megabytes": after.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
