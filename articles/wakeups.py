"""Which wake-ups are worth sending now, by what the database holds; and which parts of the machine live."""

from __future__ import annotations

import logging
import time
from contextlib import AbstractContextManager

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from articles.events.measuring import is_measuring_due
from articles.ingest.claim import count_due_feeds
from articles.ingest.retention import ask_for_tidying
from articles.jobs import count_due_jobs
from articles.models import Job, NetworkState
from articles.turns import turn

logger = logging.getLogger(__name__)

# More of the same would only wait for the first to finish.
MOST_FETCHERS = 4
# Small work that one task does in one go.
ERRANDS = (Job.Kind.PUSH, Job.Kind.SUBSCRIBE, Job.Kind.MAIL)
# One task each, in this order.
IN_TURN = (Job.Kind.READ, Job.Kind.PLACE, Job.Kind.DIGEST, Job.Kind.LINK, Job.Kind.LOOK, Job.Kind.TIDY)
# A living part says so this often; Health is patient for several of them.
HEARTBEAT_SECONDS = 5.0
ERRAND_ROOM = (0x4E46, 0)  # the advisory lock of whoever runs errands: ours alone in this database

_noted_at: dict[tuple[str, str], float] = {}


def due_wakeups(feeds_a_task: int) -> list[str]:
    """Names of wake-ups ("fetch", "read", "place", "digest", "link", "look", "tidy", "measure", "errands"), one for each task with work.

    Notes that a poke has reached a worker.
    """
    NetworkState.objects.get_or_create(pk=1)
    NetworkState.objects.filter(pk=1).update(poked_at=timezone.now())
    ask_for_tidying(settings.TIDY_MINUTES * 60)
    fetchers = min(MOST_FETCHERS, -(-count_due_feeds() // feeds_a_task))
    due = count_due_jobs()
    # In this order they wait in the queue: what is new goes before what is linked or looked at again.
    alone = [kind.value for kind in IN_TURN if due[kind]]
    if not settings.LOOKS:
        alone = [name for name in alone if name != Job.Kind.LOOK]
    measure = ["measure"] * is_measuring_due(settings.EVENT_MEASURE_MINUTES * 60)
    return ["fetch"] * fetchers + alone + measure + ["errands"] * any(due[kind] for kind in ERRANDS)


def errand_turn() -> AbstractContextManager[bool]:
    """Whether this process may run the errands until the block ends; never waits.

    One at a time: the other process of the worker stays free for beat's tick.
    """
    return turn(*ERRAND_ROOM)


def note_life(parts: list[str], name: str) -> None:
    """Note a heartbeat, for a process that must go on whatever becomes of it: without the database it is only logged."""
    try:
        note_heartbeat(parts, name)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The database takes no heartbeat of %s: %s", name, str(error).strip())


def note_heartbeat(parts: list[str], name: str) -> None:
    """This process lives, and stands for these parts: "beat", or the queues that its worker serves.

    Written at most every HEARTBEAT_SECONDS (sooner where beat pokes more often), on a connection of its own that is
    closed at once: the process that calls it forks others, which must not inherit one. Raises what the database does.
    """
    now = time.monotonic()
    # A desk that pokes every second is also asked every second whether it beats.
    least = min(HEARTBEAT_SECONDS, settings.POKE_SECONDS / 2)
    parts = sorted(part for part in parts if now - _noted_at.get((part, name), -least) >= least)
    if not parts:
        return
    _noted_at.update({(part, name): now for part in parts})
    is_inside = connection.in_atomic_block
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO articles_heartbeat (part, name, at)
                   SELECT part, %s, statement_timestamp() FROM unnest(%s::text[]) AS p(part) ORDER BY part
                   ON CONFLICT (part, name) DO UPDATE SET at = excluded.at""",
                [name[:200], parts],
            )
    finally:
        if not is_inside:
            connection.close()
