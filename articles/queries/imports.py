"""Reads of the page of imports: which tables came in, what they brought, what was left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from entities.models import ImportRun
from entities.sources.tables.importing import IMPORT_LOCK

PAGE = 25
MOST_REASONS = 20
# What the counts of an import are called on the page, in this order.
NAMES = {
    "entities": ("entity", "entities"),
    "aliases": ("name", "names"),
    "identifiers": ("number", "numbers"),
    "securities": ("security", "securities"),
    "listings": ("listing", "listings"),
    "positions": ("position", "positions"),
    "ownerships": ("ownership", "ownerships"),
    "markets": ("market", "markets"),
}
# When the connection began that holds the lock of imports, if one does.
_RUNNING = """
select a.backend_start from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = %s and l.objsubid = 1
and l.database = (select oid from pg_database where datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines that were left out for one reason; `is_bad` tells faulty ones from those that are not wanted."""

    why: str
    n: int
    first: int
    is_bad: bool


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import. `state` is done, running or stopped; `added` and `changed` are words such as "1,024 names"."""

    id: int
    form: str
    file: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    lines: int
    added: Sequence[str]
    changed: Sequence[str]
    known: int
    conflicts: int
    refused: int
    left_out: int
    bad: int
    reasons: Sequence[LeftOut]
    more_reasons: int


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """The imports, newest first; `after` leads to older ones, or is empty."""

    rows: Sequence[ImportRow]
    after: str


def imports_page(after: str = "") -> ImportsPage:
    """One page; two queries, whatever its length. A cursor that is no number shows the first page."""
    runs = ImportRun.objects.order_by("-id")
    if after.isascii() and after.isdigit() and len(after) < 19:  # noqa: PLR2004 - what a bigint holds
        runs = runs.filter(pk__lt=int(after))
    found = list(runs[: PAGE + 1])
    since = _running_since()
    rows = [_row(run, since) for run in found[:PAGE]]
    return ImportsPage(rows, str(rows[-1].id) if len(found) > PAGE else "")


def _running_since() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [IMPORT_LOCK])
        held: tuple[datetime] | None = cursor.fetchone()
    return held[0] if held else None


def _row(run: ImportRun, since: datetime | None) -> ImportRow:
    counts: dict[str, Any] = run.counts
    rejects = [LeftOut(one["why"], one["n"], one["first"], one["bad"]) for one in run.rejects]
    if run.finished_at is not None:
        state = "done"
    else:
        state = "running" if since is not None and run.started_at >= since else "stopped"
    return ImportRow(
        id=run.pk, form=run.form, file=run.file, started_at=run.started_at, finished_at=run.finished_at, state=state,
        lines=run.lines, added=_words(counts.get("added", {})), changed=_words(counts.get("updated", {})),
        known=counts.get("known", 0), conflicts=counts.get("conflicts", 0), refused=counts.get("refused", 0),
        left_out=sum(one.n for one in rejects), bad=sum(one.n for one in rejects if one.is_bad),
        reasons=rejects[:MOST_REASONS], more_reasons=max(len(rejects) - MOST_REASONS, 0),
    )  # fmt: skip


def _words(counts: dict[str, int]) -> list[str]:
    told = [(NAMES.get(what, (what, what)), n) for what, n in counts.items() if n]
    order = {names: at for at, names in enumerate(NAMES.values())}
    told.sort(key=lambda item: order.get(item[0], len(order)))
    return [f"{n:,} {names[n != 1]}" for names, n in told]
