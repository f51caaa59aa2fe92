"""Which wake-ups are worth sending now, by what the database holds; and which parts of the machine live."""

from __future__ import annotations

import time

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.ingest.claim import count_due_feeds
from articles.ingest.retention import ask_for_tidying
from articles.jobs import count_due_jobs
from articles.models import Job, NetworkState

# More of the same would only wait for the first to finish.
MOST_FETCHERS = 4
# Small work that one task does in one go.
ERRANDS = (Job.Kind.PUSH, Job.Kind.SUBSCRIBE, Job.Kind.MAIL)
# A living part says so this often; Health is patient for several of them.
HEARTBEAT_SECONDS = 5.0

_noted_at: dict[tuple[str, str], float] = {}


def due_wakeups(feeds_a_task: int) -> list[str]:
    """Names of wake-ups ("fetch", "read", "place", "tidy", "errands"), one for each task that would find work.

    Notes that a poke has reached a worker.
    """
    NetworkState.objects.get_or_create(pk=1)
    NetworkState.objects.filter(pk=1).update(poked_at=timezone.now())
    ask_for_tidying(settings.TIDY_MINUTES * 60)
    fetchers = min(MOST_FETCHERS, -(-count_due_feeds() // feeds_a_task))
    due = count_due_jobs()
    alone = [kind.value for kind in (Job.Kind.READ, Job.Kind.PLACE, Job.Kind.TIDY) if due[kind]]
    return ["fetch"] * fetchers + alone + ["errands"] * any(due[kind] for kind in ERRANDS)


def note_heartbeat(parts: list[str], name: str) -> None:
    """This process lives, and stands for these parts: "beat", or the queues that its worker serves.

    Written at most every HEARTBEAT_SECONDS (sooner where beat pokes more often), on a connection of its own that is closed at once: the process that
    calls it forks others, which must not inherit one.
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
