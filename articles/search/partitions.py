"""Acts: the search table's partitions are made ahead, old ones folded into one, and its waiting lists emptied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from articles.search.grid import AHEAD, LENGTH, OLD, REST, TABLE, Cell, cell_at, cells_at

# Rows that are folded under one lock, and how often in one call: searches wait for a lock, the caller for the call.
FOLDED_ROWS = 5_000
PORTIONS = 8
_LOCK = 0x5EA2C4  # of pg_try_advisory_xact_lock; any number that nobody else uses
# Shorter than PostgreSQL's deadlock_timeout (1 s): when we and somebody else wait for each other, we give way.
_LOCK_WAIT = "800ms"
_CHECK = "articles_searchrow_fold"

_PARTITIONS = """
SELECT c.relname, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)'))[1]::timestamptz
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass
"""
_CLEAN = """
SELECT coalesce(sum(gin_clean_pending_list(x.indexrelid::regclass)), 0)
FROM pg_inherits i JOIN pg_index x ON x.indrelid = i.inhrelid JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_am a ON a.oid = c.relam AND a.amname = 'gin'
WHERE i.inhparent = %s::regclass
"""


@dataclass(slots=True)
class Made:
    """What one call did: partitions made, rows moved out of the default one, rows folded and partitions folded away.

    `more`: something is left, because a lock was not to be had or a call does only so much.
    """

    partitions: int = 0
    moved: int = 0
    folded_rows: int = 0
    folded: int = 0
    more: bool = False


def make_partitions(now: datetime) -> Made:
    """See that there is a partition for all of the last 400 days and the next eight weeks, and one for all before.

    Safe to run at any time and by several at once: who comes second does nothing. Each step is a transaction of its
    own, waits less than a second for its locks and gives way otherwise; the next call goes on.
    """
    made = Made()
    with _alone() as is_ours:
        if not is_ours:
            return Made(more=True)
        try:
            for cell in _missing(now):
                with _step():
                    made.moved += _make(cell)
                made.partitions += 1
            for _ in range(PORTIONS):
                cell_to_fold = _to_fold(now)
                if cell_to_fold is None:
                    return made
                _fold_portion(cell_to_fold, made)
            made.more = _to_fold(now) is not None
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            made.more = True
    return made


def clean_pending_lists() -> int:
    """Sort what was added to the word indexes since into their trees; how many pages had waited."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEAN, [TABLE])
        row: tuple[int] = cursor.fetchone()
    return int(row[0])


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else is at it; nobody begins before the block ends, or this connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        is_ours: bool = cursor.fetchone()[0]
    try:
        yield is_ours
    finally:
        if is_ours and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextmanager
def _step() -> Iterator[None]:
    """A transaction that gives way rather than wait."""
    with transaction.atomic():
        _run("SET LOCAL lock_timeout = {}", sql.Literal(_LOCK_WAIT))
        yield
        _run("SET LOCAL lock_timeout TO DEFAULT")


def _run(text: str, *parts: sql.Composable) -> int:
    """One statement with names and values in their places; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(text).format(*parts))
        return int(cursor.rowcount)


def _ends() -> dict[str, datetime | None]:
    """The partitions that there are and where they end; the default one has no end."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTITIONS, [TABLE])
        return dict(cursor.fetchall())


def _missing(now: datetime) -> list[Cell]:
    """From the end of the old partition on, so that a desk that stood still for a year has no gap."""
    there = _ends()
    start = there[OLD]
    if start is None:
        return []
    cell, last, missing = cell_at(start), cell_at(now + AHEAD * LENGTH), []
    while cell <= last:
        if cell.name not in there:
            missing.append(cell)
        cell = cell_at(cell.until)
    return missing


def _to_fold(now: datetime) -> Cell | None:
    """The oldest partition, when all of it is older than 400 days."""
    end = min((end for name, end in _ends().items() if end is not None and name != OLD), default=None)
    if end is None or end > next(cells_at(now)).since:
        return None
    return cell_at(end - LENGTH)


def _make(cell: Cell) -> int:
    """Make one partition, and move into it the rows of its time that had landed in the default one; how many."""
    name, rest, table = sql.Identifier(cell.name), sql.Identifier(REST), sql.Identifier(TABLE)
    since, until = sql.Literal(cell.since), sql.Literal(cell.until)
    # In the order in which writers take them; ATTACH needs both.
    _run("LOCK TABLE articles_article IN SHARE ROW EXCLUSIVE MODE")
    _run("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", rest)
    # Attached instead of made in its place: that would shut everybody out of the whole table.
    _run("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING STORAGE) WITH (fillfactor = 80)", name, table)
    _run("ALTER TABLE {} ALTER COLUMN tsv SET STATISTICS 100", name)
    moved = _run(
        "WITH gone AS (DELETE FROM {} WHERE published_at >= {} AND published_at < {} RETURNING *)"
        " INSERT INTO {} SELECT * FROM gone",
        *(rest, since, until, name),
    )
    _attach(name, since, until)
    return moved


def _fold_portion(cell: Cell, made: Made) -> None:
    """Move the oldest rows of a partition into the old one, and the edge between the two with them.

    A row is at every moment in the one or the other. What proves that the old rows lie before the new edge is looked
    through beforehand, while everybody goes on.
    """
    edge = _edge(cell)
    old, name, table = sql.Identifier(OLD), sql.Identifier(cell.name), sql.Identifier(TABLE)
    check, until = sql.Identifier(_CHECK), sql.Literal(edge)
    with _step():
        _run("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", old, check)
        _run("ALTER TABLE {} ADD CONSTRAINT {} CHECK (published_at < {}) NOT VALID", old, check, until)
    with _step():
        _run("SET LOCAL statement_timeout = 0")
        _run("ALTER TABLE {} VALIDATE CONSTRAINT {}", old, check)
        _run("SET LOCAL statement_timeout TO DEFAULT")
    with _step():
        _run("LOCK TABLE articles_article IN SHARE ROW EXCLUSIVE MODE")
        _run("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table)
        _run("ALTER TABLE {} DETACH PARTITION {}", table, old)
        _run("ALTER TABLE {} DETACH PARTITION {}", table, name)
        made.folded_rows += _run(
            "WITH gone AS (DELETE FROM {} WHERE published_at < {} RETURNING *) INSERT INTO {} SELECT * FROM gone",
            *(name, until, old),
        )
        _attach(old, sql.SQL("MINVALUE"), until)
        _run("ALTER TABLE {} DROP CONSTRAINT {}", old, check)
        if edge < cell.until:
            _attach(name, until, sql.Literal(cell.until))
        else:
            _run("DROP TABLE {}", name)
            made.folded += 1


def _attach(name: sql.Composable, since: sql.Composable, until: sql.Composable) -> None:
    _run(
        "ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})",
        *(sql.Identifier(TABLE), name, since, until),
    )


def _edge(cell: Cell) -> datetime:
    """Where the next portion ends: before it lie FOLDED_ROWS at most, or all rows of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT min(published_at), (SELECT published_at FROM {0} ORDER BY published_at OFFSET {1} LIMIT 1)"
                " FROM {0}"
            ).format(sql.Identifier(cell.name), sql.Literal(FOLDED_ROWS))
        )
        row: tuple[datetime, datetime | None] = cursor.fetchone()
    first, edge = row
    if edge is None:
        return cell.until
    return min(max(edge, first + timedelta(microseconds=1)), cell.until)
