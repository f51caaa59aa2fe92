"""A turn that one process of the whole desk has at a time, kept by the database server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connection


@contextmanager
def turn(room: int, place: int) -> Iterator[bool]:
    """Whether this process has the turn until the block ends; never waits.

    `room` and `place` are the two signed 32-bit halves of the key of an advisory lock. The turn belongs to the
    database connection: when its process dies, the server gives it to the next at once.
    """
    key = [room, place]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        # A connection that broke has lost the turn already.
        with suppress(DatabaseError, InterfaceError):
            if is_ours:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
