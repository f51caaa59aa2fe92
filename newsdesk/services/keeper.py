"""A process that holds throwaway services for as long as the one that started it lives.

`python -m newsdesk.services.keeper` prints one line of JSON (data, database, redis) and ends, with everything it
made, when its standard input closes: so nothing stays behind a test run, however that run ends.
"""

import json
import os
import select
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from newsdesk.services.data_folder import prepare_data_folder
from newsdesk.services.errors import ServiceError
from newsdesk.services.postgres import Postgres
from newsdesk.services.valkey import Valkey


def keep() -> int:
    """Start the services in a new temporary folder, report them, wait, and remove all."""
    parent = os.getppid()
    data = Path(tempfile.mkdtemp(prefix="newsdesk-test-"))
    prepare_data_folder(data)
    postgres = Postgres(data, is_throwaway=True)
    valkey = Valkey(data, is_throwaway=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        report = {"data": str(data), "database": postgres.start(), "redis": valkey.start()}
        print(json.dumps(report), flush=True)  # noqa: T201
        # A forked grandchild of our parent may hold the pipe open; then our new parent's number tells.
        while os.getppid() == parent:
            if select.select([sys.stdin], [], [], 1.0)[0] and not os.read(0, 1024):
                break
    except ServiceError as error:
        print(json.dumps({"error": str(error)}), flush=True)  # noqa: T201
        return 2
    finally:
        valkey.stop()
        postgres.stop()
        for folder in {postgres.place, data}:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(keep())
