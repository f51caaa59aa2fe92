"""What the health page and the readiness check read: database, workers, Valkey, disk, last story."""

from __future__ import annotations

from collections.abc import Mapping
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
from articles.queries.machine import MachineState, last_heartbeats, machine_state
from articles.queries.sources import BEATS_MISSED, WORKER_SILENT_SECONDS
from entities.ner import is_ner_installed

# What the worker of each queue does.
DOES = {
    "fetch": "fetches",
    "text": "reads and links",
    "place": "places articles in events",
    "house": "runs errands",
}
# A page may not wait for a broker that hangs; the client's own patience would ask several times.
_BROKER_SECONDS = 1.0

WITHOUT_NAMES = (
    "names are linked by their own evidence alone, no model confirms them, and unknown names are not proposed"
)
WITHOUT_LIKENESS = "events are told apart by words, names and times alone"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the health page: what, a state word (ok, slow, failing, paused) and a sentence."""

    name: str
    state: str
    words: str
    at: datetime | None = None


def _beat_check(last: Mapping[str, datetime], now: datetime) -> Check | None:
    """Beat's own word, which it leaves with each tick whether or not the broker takes it; None before the first."""
    at = last.get("beat")
    if at is None:
        return None
    if _is_silent(at, now, settings.POKE_SECONDS * BEATS_MISSED):
        return Check(
            "Beat", "failing", "Beat is silent: nobody looks for due work. Start it again. Last tick", at
        )
    return Check("Beat", "ok", "Last tick", at)


def _workers_check(machine: MachineState, last: Mapping[str, datetime], now: datetime) -> Check:
    """Whether each queue has a worker that lives, and whether beat's pokes reach one."""
    silent = [
        f"the worker that {does} is silent" if queue in last else f"no worker {does}"
        for queue, does in DOES.items()
        if last.keys() - {"beat"}
        and (queue not in last or _is_silent(last[queue], now, WORKER_SILENT_SECONDS))
    ]
    if silent:
        words = "; ".join(silent)
        at = min((last[queue] for queue in DOES if queue in last), default=None)
        return Check("Workers", "failing", f"{words[0].upper()}{words[1:]}: start it again. Last sign", at)
    if machine.poked_at is None:
        return Check("Workers", "failing", "No worker has been seen yet. Is the worker running?")
    if _is_silent(machine.poked_at, now, settings.POKE_SECONDS * BEATS_MISSED):
        words = "The last poke is too old: beat, the broker or the worker that runs errands stands still."
        return Check("Workers", "failing", words, machine.poked_at)
    return Check("Workers", "ok", "Last poke", machine.poked_at)


def _is_silent(at: datetime, now: datetime, seconds: float) -> bool:
    return now - at > timedelta(seconds=seconds)


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
    """Free space where the data folder lies; fetching and reading pause below the setting's limit."""
    free, total = room(folder)
    words = f"{free / GIGABYTE:.1f} GB free of {total / GIGABYTE:.0f}"
    if free < settings.MIN_FREE_GB * GIGABYTE:
        return Check(
            "Disk", "failing", f"{words}; fetching and reading pause below {settings.MIN_FREE_GB:g} GB"
        )
    return Check("Disk", "ok", words)


def _contact_check() -> Check:
    """Whether the owners of other servers learn from our requests how to reach a person."""
    if settings.CONTACT and settings.SITE_URL:
        return Check("Contact", "ok", f"Other servers are told to reach you at {settings.CONTACT}")
    missing = [
        name
        for name, value in (("NEWSDESK_CONTACT", settings.CONTACT), ("NEWSDESK_SITE_URL", settings.SITE_URL))
        if not value
    ]
    words = f"The servers that we fetch from are not told how to reach you: set {' and '.join(missing)}"
    return Check("Contact", "silent", words)


def _models_checks() -> list[Check]:
    """Whether the two language models are there: what the desk does without them is said to who reads its pages."""
    # It brings numpy, 25 MB: of the web's pages this one alone needs it.
    from articles.events.embedding import embedding_model  # noqa: PLC0415

    names, likeness = settings.NER_MODEL, settings.EMBEDDING
    if not names:
        found = Check("Names", "paused", f"No language model is wanted (NEWSDESK_NER_MODEL): {WITHOUT_NAMES}")
    elif not is_ner_installed():
        words = f"The language model “{names}” (NEWSDESK_NER_MODEL) is not installed: {WITHOUT_NAMES}"
        found = Check("Names", "failing", words)
    else:
        found = Check("Names", "ok", f"{names} confirms names and finds unknown ones")
    if not likeness:
        alike = Check("Likeness", "paused", f"No model is wanted (NEWSDESK_EMBEDDING): {WITHOUT_LIKENESS}")
    elif not embedding_model():
        words = f"The model “{likeness}” (NEWSDESK_EMBEDDING) is not installed: {WITHOUT_LIKENESS}"
        alike = Check("Likeness", "failing", words)
    else:
        alike = Check("Likeness", "ok", f"{likeness} tells how alike texts read")
    return [found, alike]


def health_checks(now: datetime) -> list[Check]:
    """Every line of the health page; `now` is compared with the workers' heartbeat."""
    machine = machine_state()
    checks = [Check("Database", "ok", f"PostgreSQL {machine.server}, {machine.size} on disk")]
    last = last_heartbeats()
    beat = _beat_check(last, now)
    checks += [beat] if beat is not None else []
    checks.append(_workers_check(machine, last, now))
    checks.append(_broker_check())
    checks.append(_disk_check(Path(settings.DATA_DIR)))
    if machine.tidy_trouble is not None:
        words = f"What is older than it is kept is not all dropped: {machine.tidy_trouble}"
        checks.append(Check("Tidying", "failing", words))
    if machine.silent_since is not None:
        checks.append(
            Check("Network", "failing", "No answer from any public source since", machine.silent_since)
        )
    elif machine.answered_at is not None:
        checks.append(Check("Network", "ok", "Last answer of a public source", machine.answered_at))
    else:
        checks.append(Check("Network", "paused", "No public source has been asked yet"))
    checks += _models_checks()
    waiting, trouble = machine.waiting, machine.in_trouble
    words = f"{waiting} step{'' if waiting == 1 else 's'} to do: texts, links or events of articles"
    if machine.looks_due:
        words += f", {machine.looks_due} page{'' if machine.looks_due == 1 else 's'} to look at again"
    if trouble:
        words += f"; {trouble} job{'' if trouble == 1 else 's'} failed or set aside, see Jobs"
    checks.append(Check("Stories", "slow" if trouble else "ok", words, machine.last_story))
    checks.append(_contact_check())
    return checks


def readiness_problem() -> str:
    """Why the desk cannot serve yet, in words without secrets; empty when it can."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError):
        return "the database does not answer"
    return f"{len(waiting)} migrations are not applied" if waiting else ""
