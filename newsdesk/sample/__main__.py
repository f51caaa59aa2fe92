"""`python -m newsdesk.sample --port N --state FILE`: serve the sample world until told to stop."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from newsdesk.sample.server import HOST, LAST_PORT, open_world
from newsdesk.sample.world import load_world


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; exit status 2 when the port or the state file cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m newsdesk.sample", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that remembers when this world began")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="sample world: %(message)s")
    if not 0 <= options.port <= LAST_PORT:
        sys.stderr.write(f"sample world: {options.port} is no port; give one from 0 to {LAST_PORT}.\n")
        return 2
    try:
        server = open_world(load_world(), port=options.port, state=options.state)
    except OSError as error:
        sys.stderr.write(
            f"sample world: cannot serve on {HOST}:{options.port} ({error}); give another --port.\n"
        )
        return 2
    # shutdown() waits for the loop that this very thread runs, so another thread must call it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    sys.stdout.write(f"sample world on {HOST}:{server.port}\n")
    sys.stdout.flush()
    with server:
        server.serve_forever(poll_interval=0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
