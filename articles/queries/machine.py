"""What the database knows of the machine: which parts live, and how much room the data take and will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from articles.ingest.retention import DATABASE_PART
from articles.ingest.space import GIGABYTE, room
from articles.models import Heartbeat, SizeDay
from articles.queries.sources import BEATS_MISSED, WORKER_SILENT_SECONDS

LARGEST_TABLES = 8
GROWTH_DAYS = 7
# Smaller parts of the data folder are told together.
LEAST_PART = 1024**2
OTHER_FILES = "other files"

# What people call the tables that grow.
TABLES = {
    "articles_article": "Articles",
    "articles_revision": "Texts of articles, with their earlier versions",
    "articles_searchrow": "The search index",
    "articles_sighting": "Which feed showed which article",
    "articles_fetchrun": "Details of fetches",
    "articles_mention": "Names in articles",
    "articles_articleentity": "Who is in which article",
    "articles_job": "Jobs",
    "articles_pagelook": "When pages were looked at again",
    "articles_edgeline": "Lines that publishers repeat",
    "articles_articleaddress": "Other addresses of articles",
    "articles_articlesketch": "Sketches, by which copies are found",
    "articles_membership": "Articles in events",
    "articles_eventvector": "Vectors of events",
    "articles_termcount": "Words and how often they occur",
    "entities_entity": "Entities",
    "entities_alias": "Names of entities",
    "entities_change": "The history of changes",
}
_TABLE_SIZES = """
SELECT coalesce(p.relname, c.relname) AS name, sum(pg_total_relation_size(c.oid))::bigint AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND n.nspname = current_schema() GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
"""


MACHINE = """
select
  current_setting('server_version'),
  pg_size_pretty(pg_database_size(current_database())),
  (select poked_at from articles_networkstate limit 1),
  (select answered_at from articles_networkstate limit 1),
  (select silent_since from articles_networkstate limit 1),
  (select max(last_new_at) from articles_feed),
  (select count(*) from articles_job where state = 'waiting' and kind in ('read', 'place')),
  (select count(*) from articles_job where state = 'waiting' and kind = 'look' and not_before <= statement_timestamp()),
  (select count(*) from articles_job where state in ('failed', 'quarantined')),
  (select message from articles_job where kind = 'tidy' and subject_id = 0
     and (state in ('failed', 'quarantined') or state = 'waiting' and tries > 0))
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
    waiting: int  # steps of articles that are not done
    looks_due: int  # pages that are to be looked at again by now
    in_trouble: int  # jobs that failed or were set aside
    tidy_trouble: str | None  # why what is old is not dropped, None when it is


def machine_state() -> MachineState:
    """One query for the health page."""
    with connection.cursor() as cursor:
        cursor.execute(MACHINE)
        row = cursor.fetchone()
    return MachineState(*row)


@dataclass(frozen=True, slots=True)
class PartSize:
    """Something that takes room; `a_day` is how many bytes it has grown by a day, None when that is not known yet."""

    name: str
    bytes: int
    a_day: float | None = None


@dataclass(frozen=True, slots=True)
class DiskUse:
    """The room that the data take. `pause_in_days` is when fetching would pause, None when nothing grows or is known."""

    free: int
    total: int
    pauses_below: int
    database: PartSize
    tables: Sequence[PartSize]
    folders: Sequence[PartSize]
    folder: str
    grows_a_day: float | None
    pause_in_days: int | None

    @property
    def is_short(self) -> bool:
        """Whether fetching and reading pause now."""
        return self.free < self.pauses_below


def last_heartbeats() -> dict[str, datetime]:
    """When each part was last alive: "beat" and the queues; whichever of its processes spoke last."""
    latest: dict[str, datetime] = {}
    for part, at in Heartbeat.objects.values_list("part", "at"):
        latest[part] = max(at, latest.get(part, at))
    return latest


def is_alive(part: str, host: str, now: datetime) -> bool:
    """Whether the process of this host that is a part ("beat", or the worker of a queue) gave its sign of life lately."""
    patience = settings.POKE_SECONDS * BEATS_MISSED if part == "beat" else WORKER_SILENT_SECONDS
    since = now - timedelta(seconds=patience)
    return Heartbeat.objects.filter(part=part, name__endswith=f"@{host}", at__gte=since).exists()


def disk_use(now: datetime) -> DiskUse:
    """Three queries and one look at the disk; the folders' sizes are those of the last tidying (once an hour)."""
    known = _known_sizes(now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        database = PartSize("The database", int(cursor.fetchone()[0]), _growth(known, DATABASE_PART))
        cursor.execute(_TABLE_SIZES, [LARGEST_TABLES])
        tables = [PartSize(TABLES.get(name) or _plain(name), size) for name, size in cursor.fetchall()]
    folders = _folders(known)
    free, total = room(Path(settings.DATA_DIR))
    limit = round(settings.MIN_FREE_GB * GIGABYTE)
    # The embedded server's folder holds the database: whichever of the two grows faster is the truth.
    in_folders = [part.a_day for part in folders if part.a_day is not None]
    rates = [rate for rate in (database.a_day, sum(in_folders) if in_folders else None) if rate is not None]
    grows = max(rates) if rates else None
    pause = int((free - limit) / grows) if grows is not None and grows > 0 and free > limit else None
    return DiskUse(free, total, limit, database, tables, folders, str(settings.DATA_DIR), grows, pause)


def _known_sizes(now: datetime) -> dict[str, list[tuple[datetime, int]]]:
    """By part, its sizes of the last week, oldest first."""
    since = (now.astimezone(UTC) - timedelta(days=GROWTH_DAYS)).date()
    known: dict[str, list[tuple[datetime, int]]] = {}
    for day, part, size in (
        SizeDay.objects.filter(day__gte=since).order_by("day").values_list("day", "part", "bytes")
    ):
        known.setdefault(part, []).append((datetime(day.year, day.month, day.day, tzinfo=UTC), size))
    return known


def _growth(known: Mapping[str, Sequence[tuple[datetime, int]]], part: str) -> float | None:
    """Bytes a day between the first and the last day that is known of a part; None for a single day."""
    sizes = known.get(part, ())
    if len(sizes) <= 1:
        return None
    (first, before), (last, after) = sizes[0], sizes[-1]
    return (after - before) / (last - first).days


def _folders(known: Mapping[str, Sequence[tuple[datetime, int]]]) -> list[PartSize]:
    """What lies in the data folder as of the last look, the largest first."""
    latest = max((sizes[-1][0] for sizes in known.values()), default=None)
    parts, rest = [], 0
    for name, sizes in known.items():
        day, size = sizes[-1]
        if name == DATABASE_PART or day != latest:
            continue
        if size >= LEAST_PART:
            parts.append(PartSize(name, size, _growth(known, name)))
        else:
            rest += size
    parts.sort(key=lambda part: (-part.bytes, part.name))
    return [*parts, PartSize(OTHER_FILES, rest)] if rest else parts


def _plain(table: str) -> str:
    """A table without a name of ours."""
    return table.partition("_")[2].replace("_", " ").capitalize() or table
