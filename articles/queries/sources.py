"""The pulse of the desk that every page shows: its sources, and whether the machine behind them lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

PULSE = """
select
  (select count(*) from articles_feed),
  (select count(*) from articles_feed where state = 'quarantined' or (state = 'active' and failures > 0)),
  (select max(last_new_at) from articles_feed),
  exists (select from articles_publisher where sample),
  (select silent_since from articles_networkstate limit 1),
  (select min(at) from (select part, max(at) as at from articles_heartbeat group by part) latest
   where at < statement_timestamp() - make_interval(secs => case part when 'beat' then %s else %s end)),
  (select count(*) from articles_notice where closed_at is null and seen_at is null)
"""
# A worker says every few seconds that it lives, beat with every tick: this much silence is told.
WORKER_SILENT_SECONDS = 20.0
BEATS_MISSED = 3


@dataclass(frozen=True, slots=True)
class Pulse:
    """The desk in one line: how many sources, how many fail, the last new story, sample rows, network silence.

    `stalled_since`: the last word of the part of the machine that has been silent for longest, None while all live.
    `notices`: how many stand that nobody has seen.
    """

    sources: int
    failing: int
    last_story: datetime | None
    sample: bool
    offline_since: datetime | None
    stalled_since: datetime | None = None
    notices: int = 0


def desk_pulse() -> Pulse:
    """One query for every page; no join, each part is an index or a small table."""
    with connection.cursor() as cursor:
        cursor.execute(PULSE, [BEATS_MISSED * settings.POKE_SECONDS, WORKER_SILENT_SECONDS])
        row = cursor.fetchone()
    return Pulse(*row)
