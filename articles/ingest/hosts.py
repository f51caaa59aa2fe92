"""Acts: one worker at a time at a stranger's host, and a pause between, for all workers and processes together."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from articles.ingest.turns import IN_USE, PAUSE, REFUSED, REFUSED_ONCE, Pause, Turns, host_names

# A refusal that nobody followed up for so long says nothing about today; until then its row is kept.
WARY_SECONDS = 3600


@dataclass(slots=True)
class HostTurns(Turns):
    """The turns of one batch and the reservation they stand on; made by `reserve_hosts`."""

    held: frozenset[str] = frozenset()
    until: datetime | None = None  # when it runs out; also what tells it from another worker's


def reserve_hosts(hosts: Iterable[str], seconds: float) -> HostTurns:
    """Reserve each host that is free for `seconds`, in one statement; what others hold is told in `waits`.

    A reservation runs out by itself: choose `seconds` longer than the batch can last, and give it back early with
    `release_hosts`. Two reservations never hold the same host.
    """
    names = host_names(hosts)
    if not names:
        return HostTurns()
    with transaction.atomic(), connection.cursor() as cursor:
        # Sorted, so that two workers never wait for each other in a circle.
        cursor.execute(
            """INSERT INTO articles_hosttime AS h (host, free_at, why)
               SELECT host, statement_timestamp() + make_interval(secs => %s), %s
               FROM unnest(%s::text[]) WITH ORDINALITY AS g(host, place) ORDER BY place
               ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at, why = excluded.why
               WHERE h.free_at <= statement_timestamp()
               RETURNING new.host, new.free_at,
                         old.why IN (%s, %s) AND old.free_at > statement_timestamp() - make_interval(secs => %s)""",
            [seconds, IN_USE, names, REFUSED_ONCE, REFUSED, WARY_SECONDS],
        )
        rows = cursor.fetchall()
        held = frozenset(host for host, _, _ in rows)
        waits: dict[str, float] = {}
        if len(held) < len(names):
            cursor.execute(
                """SELECT host, extract(epoch FROM free_at - statement_timestamp())::float8 FROM articles_hosttime
                   WHERE host = ANY(%s)""",
                [[name for name in names if name not in held]],
            )
            waits = {host: max(0.0, wait) for host, wait in cursor.fetchall()}
    wary = frozenset(host for host, _, was_refused in rows if was_refused)
    return HostTurns(waits=waits, wary=wary, held=held, until=rows[0][1] if rows else None)


def release_hosts(turns: HostTurns, pause_seconds: float) -> None:
    """Give reserved hosts free again, each after the pause that the fetch door noted.

    Held hosts of which it noted nothing (the batch was stopped half-way) are left alone for `pause_seconds`.
    A reservation that has run out, and may be somebody else's by now, is not touched.
    """
    if not turns.held:
        return
    now = time.monotonic()
    pauses = {
        host: Pause(pause_seconds, REFUSED_ONCE if host in turns.wary else PAUSE) for host in turns.held
    }
    for host, (at, pause) in turns.pauses.items():
        pauses[host] = Pause(max(0.0, at + pause.seconds - now), pause.why)
    names = host_names(turns.held)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """WITH held AS (SELECT host FROM articles_hosttime WHERE host = ANY(%s) AND free_at = %s
                             ORDER BY host COLLATE "C" FOR UPDATE)
               UPDATE articles_hosttime h SET free_at = statement_timestamp() + make_interval(secs => g.seconds), why = g.why
               FROM unnest(%s::text[], %s::float8[], %s::text[]) AS g(host, seconds, why), held
               WHERE h.host = g.host AND held.host = g.host""",
            [
                names,
                turns.until,
                names,
                [pauses[name].seconds for name in names],
                [pauses[name].why for name in names],
            ],
        )
