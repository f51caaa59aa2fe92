"""Databases of a test's own on the server of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from psycopg.sql import SQL, Composed, Identifier

from tests.workers import wait_until

_END_OURS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user
"""


@contextmanager
def new_database(name: str, options: str = "") -> Iterator[str]:
    """The URL of a new, empty database that is dropped after the block. `options` is the end of CREATE DATABASE.

    By patience, not WITH (FORCE): that may not end the server's own vacuum, which can be at work in it at that moment.
    """
    made = SQL("CREATE DATABASE {}").format(Identifier(name)) + SQL(" ") + SQL(options)
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        wait_until(lambda: _done(server, made), f"{name} is made")
        try:
            yield settings.DATABASE_URL.replace("/newsdesk?", f"/{name}?")
        finally:
            dropped = SQL("DROP DATABASE {}").format(Identifier(name))
            wait_until(lambda: _done(server, dropped, ending=name), f"{name} is dropped")


def _done(server: psycopg.Connection, statement: Composed, *, ending: str = "") -> bool:
    if ending:
        server.execute(_END_OURS, [ending])
    try:
        server.execute(statement)
    except psycopg.errors.ObjectInUse:
        return False
    return True
