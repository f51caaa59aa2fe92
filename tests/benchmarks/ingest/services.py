"""A PostgreSQL and a Valkey of the measurement's own, gone when it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsdesk import env

LOOPBACK = "127.0.0.0/8,::1/128"


@contextmanager
def throwaway_services(**settings: str) -> Iterator[None]:
    """Start them and write their addresses, and these settings, where the settings are read from.

    Nothing may have asked for the settings before.
    """
    keeper = subprocess.Popen(
        [sys.executable, "-m", "newsdesk.services.keeper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    try:
        line = keeper.stdout.readline() if keeper.stdout else ""
        report = json.loads(line or '{"error": "the keeper died"}')
        if "error" in report:
            raise SystemExit(f"PostgreSQL and Valkey did not start: {report['error']}")
        values = {
            "DJANGO_SETTINGS_MODULE": "newsdesk.settings",
            "NEWSDESK_DATA": report["data"],
            "DATABASE_URL": report["database"],
            "REDIS_URL": report["redis"],
            # Nothing but this machine is dialled, and its addresses are no strangers.
            "NEWSDESK_FETCH_ONLY": LOOPBACK,
            "NEWSDESK_FETCH_ALLOW": LOOPBACK,
            "NEWSDESK_SECRET_KEY": "measured",
            **settings,
        }
        for name, value in values.items():
            env.put(name, value)
        yield
    finally:
        keeper.communicate(timeout=60)
