"""Gives a test run its own PostgreSQL and Valkey, before Django reads its settings."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from newsdesk import env

LOOPBACK = "127.0.0.0/8,::1/128"
_QUIET_OPTIONS = {"-h", "--help", "--version", "-V", "--markers", "--fixtures"}
# As many as a Redis has when nobody says otherwise.
_BROKER_DATABASES = 16
# On a machine that stands still now and then tests get slower, not red: who tests one of these limits sets it.
PATIENCE = {
    "NEWSDESK_STATEMENT_SECONDS": "120",
    "NEWSDESK_LOCK_SECONDS": "100",
    "NEWSDESK_FETCH_CONNECT_SECONDS": "20",
    "NEWSDESK_SANDBOX_WALL_SECONDS": "100",
    "NEWSDESK_SANDBOX_PAGE_WALL_SECONDS": "100",
}
_keeper: list[subprocess.Popen[str]] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None]:
    """Start the services first of all: pytest-django loads the settings in this same hook."""
    worker = env.text("PYTEST_XDIST_WORKER")
    if worker:
        # Workers inherit the addresses; pytest-django gives each its own database, and so do we with the broker's.
        number = 1 + int(worker.removeprefix("gw")) % (_BROKER_DATABASES - 1)
        env.put("REDIS_URL", env.text("REDIS_URL").replace("db=0", f"db={number}"))
    elif not _QUIET_OPTIONS.intersection(args):
        _start()
    return (yield)


def pytest_unconfigure() -> None:
    """Let the services go and wait until they have gone."""
    while _keeper:
        # It removes some gigabytes, which on a busy disk takes its time.
        _keeper.pop().communicate(timeout=300)


def _start() -> None:
    # In a session of its own, so that Ctrl-C stops the tests before their database.
    keeper = subprocess.Popen(
        [sys.executable, "-m", "newsdesk.services.keeper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    assert keeper.stdout is not None  # noqa: S101
    try:
        report = json.loads(keeper.stdout.readline() or '{"error": "the keeper of the services died"}')
    except ValueError as error:
        raise pytest.UsageError(f"The services of the test run said nothing sensible: {error}") from error
    if "error" in report:
        raise pytest.UsageError(f"The services of the test run did not start: {report['error']}")
    _keeper.append(keeper)
    env.put("NEWSDESK_DATA", report["data"])
    env.put("DATABASE_URL", report["database"])
    env.put("REDIS_URL", report["redis"])
    # No test may dial anything but this machine.
    env.put("NEWSDESK_FETCH_ONLY", LOOPBACK)
    env.put("NEWSDESK_FETCH_ALLOW", LOOPBACK)
    # Nor does a nearly full disk redden what fetches: who tests the limit sets it.
    env.put_default("NEWSDESK_MIN_FREE_GB", "0")
    for name, seconds in PATIENCE.items():
        env.put_default(name, seconds)
    # Who tests how texts read names the model; the others need not wait for it.
    env.put("NEWSDESK_EMBEDDING", "")
