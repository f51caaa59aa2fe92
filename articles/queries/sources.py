"""The pulse of the sources that every page shows, and the state of the machine behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

PULSE = """
select
  (select count(*) from articles_feed),
  (select count(*) from articles_feed where state = 'quarantined' or (state = 'active' and failures > 0)),
  (select max(last_new_at) from articles_feed),
  exists (select from articles_publisher where sample),
  (select silent_since from articles_networkstate limit 1)
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The desk in one line: how many sources, how many fail, the last new story, sample rows, network silence."""

    sources: int
    failing: int
    last_story: datetime | None
    sample: bool
    offline_since: datetime | None


def desk_pulse() -> Pulse:
    """One query for every page; no join, each part is an index or a small table."""
    with connection.cursor() as cursor:
        cursor.execute(PULSE)
        row = cursor.fetchone()
    return Pulse(*row)


MACHINE = """
select
  current_setting('server_version'),
  pg_size_pretty(pg_database_size(current_database())),
  (select poked_at from articles_networkstate limit 1),
  (select answered_at from articles_networkstate limit 1),
  (select silent_since from articles_networkstate limit 1),
  (select max(last_new_at) from articles_feed),
  (select count(*) from articles_article where stage = 'new')
    + (select count(*) from articles_article where stage = 'linked'),
  (select count(*) from articles_article where stage = 'quarantined'),
  exists (select from articles_feed where lease_until > statement_timestamp())
"""


@dataclass(frozen=True, slots=True)
class MachineState:
    """What the database knows of the machine: its own version and size, heartbeats, and waiting work."""

    server: str
    size: str
    poked_at: datetime | None
    answered_at: datetime | None
    silent_since: datetime | None
    last_story: datetime | None
    waiting: int
    quarantined: int
    is_fetching: bool  # a worker holds feeds; while it does, a poke may wait behind them


def machine_state() -> MachineState:
    """One query for the health page."""
    with connection.cursor() as cursor:
        cursor.execute(MACHINE)
        row = cursor.fetchone()
    return MachineState(*row)
