"""What the health page and the readiness check read: database, workers, Valkey, disk, last story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.backoff import NoBackoff
from redis.retry import Retry

from articles.ingest.space import GIGABYTE, room
from articles.queries.sources import MachineState, machine_state

# Beat pokes every settings.POKE_SECONDS; this many missed pokes in a row are said aloud.
MISSED_POKES = 3
# A page may not wait for a broker that hangs; the client's own patience would ask several times.
_BROKER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the health page: what, a state word (ok, slow, failing, paused) and a sentence."""

    name: str
    state: str
    words: str
    at: datetime | None = None


def _beat_check(machine: MachineState, now: datetime) -> Check:
    """The heartbeat: beat's poke reached a worker."""
    if machine.poked_at is None:
        return Check("Workers", "failing", "No worker has been seen yet. Is the worker running?")
    late = now - machine.poked_at > timedelta(seconds=settings.POKE_SECONDS * MISSED_POKES)
    if late and machine.is_fetching:
        return Check(
            "Workers", "ok", "Fetching; the next poke waits for the end of the batch", machine.poked_at
        )
    words = (
        "The last poke is too old: beat, the broker or the fetch worker stands still."
        if late
        else "Last poke"
    )
    return Check("Workers", "failing" if late else "ok", words, machine.poked_at)


def _broker_check() -> Check:
    """Whether the broker of wake-ups answers and has room; nothing is lost when it does not."""
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_BROKER_SECONDS,
            socket_connect_timeout=_BROKER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            memory = client.info("memory")
        finally:
            client.close()
    except (redis.RedisError, OSError, ValueError):
        return Check(
            "Broker", "failing", "Valkey does not answer. Work waits in the database; nothing is lost."
        )
    if 0 < int(memory.get("maxmemory", 0)) <= int(memory.get("used_memory", 0)):
        return Check(
            "Broker",
            "failing",
            "Valkey is full and takes no wake-up: raise its maxmemory. Work waits in the database; nothing is lost.",
        )
    return Check("Broker", "ok", "Valkey answers")


def _disk_check(folder: Path) -> Check:
    """Free space where the data folder lies; fetching pauses below the setting's limit."""
    free, total = room(folder)
    words = f"{free / GIGABYTE:.1f} GB free of {total / GIGABYTE:.0f}"
    if free < settings.MIN_FREE_GB * GIGABYTE:
        return Check("Disk", "failing", f"{words}; fetching pauses below {settings.MIN_FREE_GB:g} GB")
    return Check("Disk", "ok", words)


def health_checks(now: datetime) -> list[Check]:
    """Every line of the health page; `now` is compared with the workers' heartbeat."""
    machine = machine_state()
    checks = [Check("Database", "ok", f"PostgreSQL {machine.server}, {machine.size} on disk")]
    checks.append(_beat_check(machine, now))
    checks.append(_broker_check())
    checks.append(_disk_check(Path(settings.DATA_DIR)))
    if machine.silent_since is not None:
        checks.append(
            Check("Network", "failing", "No answer from any public source since", machine.silent_since)
        )
    elif machine.answered_at is not None:
        checks.append(Check("Network", "ok", "Last answer of a public source", machine.answered_at))
    else:
        checks.append(Check("Network", "paused", "No public source has been asked yet"))
    waiting = machine.waiting
    state = "slow" if machine.quarantined else "ok"
    words = f"{waiting} article{'' if waiting == 1 else 's'} waiting for text, links or an event"
    if machine.quarantined:
        words += f"; {machine.quarantined} set aside after failing three times"
    checks.append(Check("Stories", state, words, machine.last_story))
    return checks


def readiness_problem() -> str:
    """Why the desk cannot serve yet, in words without secrets; empty when it can."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        return "the database does not answer"
    return f"{len(waiting)} migrations are not applied" if waiting else ""
