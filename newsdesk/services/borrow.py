"""A prepared database for a command that runs without `up`, or beside it."""

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from newsdesk import env
from newsdesk.prepare import prepare_database
from newsdesk.services.data_folder import prepare_data_folder
from newsdesk.services.outside import check_database
from newsdesk.services.runfile import read_record
from newsdesk.services.sharing import SharedPostgres


@contextmanager
def borrowed_database(*, is_prepared: bool = True) -> Iterator[None]:
    """Hold a running, migrated database with the starter knowledge base for the length of the block.

    With `is_prepared=False` it is taken as it is. The embedded server is started when nobody runs it, and stopped when nobody else uses it any more. Raises
    ServiceError with one line.
    """
    data = Path(settings.DATA_DIR)
    prepare_data_folder(data)
    shared = None if _is_somebody_elses(data) else SharedPostgres(data)
    if shared is None:
        check_database(settings.DATABASE_URL)
    else:
        shared.join()
    try:
        if is_prepared:
            prepare_database(_say)
        yield
    finally:
        if shared is not None:
            shared.leave()


def ensure_database(*, is_prepared: bool = True) -> None:
    """The same until this process ends."""
    holder = borrowed_database(is_prepared=is_prepared)
    holder.__enter__()
    atexit.register(holder.__exit__, None, None, None)


def _is_somebody_elses(data: Path) -> bool:
    record = read_record(data)
    of_up = record.database_url if record is not None and record.is_alive else ""
    return bool(env.text("DATABASE_URL") or (of_up and of_up != SharedPostgres(data).server.url))


def _say(words: str) -> None:
    sys.stderr.write(f"newsdesk: {words}\n")
