"""Acts: a table that a user has as a file goes into the knowledge base, once however often it is imported."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psycopg
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from entities.errors import SourceDataError
from entities.models import Conflict, Entity, Exchange, ImportRun
from entities.sources.exchanges import load_exchanges
from entities.sources.facts import FactBatch, LoadReport, isin_is_valid
from entities.sources.storing import store_facts
from entities.sources.tables.adding import joined, known_facts, new_facts
from entities.sources.tables.contradictions import (
    contradictions,
    country_of_another,
    is_named_otherwise,
    line_of_another,
    tell_conflicts,
)
from entities.sources.tables.formats import FORMATS, Format, guess_format
from entities.sources.tables.grouping import Group, group_rows, security_keys, without_doubles
from entities.sources.tables.known import FoldedNames, Known, are_alike
from entities.sources.tables.reading import columns_of, is_json, separator_hint
from entities.sources.tables.rows import (
    EntityRow,
    MarketRow,
    Origin,
    OwnershipRow,
    PostRow,
    Reject,
    TableRow,
)
from entities.sources.tables.ties import NOBODY, store_ownership, store_posts

IMPORT_LOCK = 0x4E44_494D  # "NDIM": two imports at once would both add whom neither knows
PORTION = 20_000  # entities a transaction
MOST_TURNS = 12
MOST_REJECTS = 200  # kinds of reasons that are kept
HEARD_EVERY = 100_000  # lines
_UNKNOWN = (
    "Nobody is known by its line or its numbers, nobody of its name is surely meant, and this table alone does not prove "
    "that it is there."
)
_DOUBLE = "Another line of its name was to be added first, and was not."
_STRANGER = "It is a firm of the register that the desk does not know."

# COPY speaks with the driver itself, whose errors Django does not translate.
_REFUSALS = (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError)

T = TypeVar("T")
Report = Callable[[str], None]


@dataclass(slots=True)
class Told:
    """What an import has to say: rows added and changed by kind, conflicts, and lines left out by reason."""

    added: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    known: int = 0
    conflicts: int = 0
    lines: int = 0
    rejects: dict[str, tuple[int, int, bool]] = field(
        default_factory=dict
    )  # why -> (how many, first line, bad)
    bad: list[tuple[str, str]] = field(default_factory=list)  # (line or path, why)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def reject(self, one: Reject, times: int = 1) -> None:
        """Count a line that was left out."""
        number, first, _ = self.rejects.get(one.why, (0, one.number, one.is_bad))
        if one.why in self.rejects or len(self.rejects) < MOST_REJECTS:
            self.rejects[one.why] = (number + times, first, one.is_bad)
        if one.is_bad:
            self.bad.append((one.place or str(one.number), one.why))

    def stored(self, done: LoadReport) -> int:
        """Count what was stored; how many rows were added or changed."""
        self.added += Counter(done.added)
        self.updated += Counter(done.updated)
        self.refused += done.refused
        return sum(done.added.values()) + sum(done.updated.values())

    def counts(self) -> dict[str, object]:
        """As ImportRun keeps it."""
        return {
            "added": dict(self.added), "updated": dict(self.updated), "known": self.known, "conflicts": self.conflicts,
            "refused": len(self.refused), "bad": len(self.bad),
        }  # fmt: skip

    def __str__(self) -> str:
        def words(counts: Counter[str]) -> str:
            return ", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "none"

        return (
            f"{self.lines:,} lines: added {words(self.added)}; changed {words(self.updated)}; {self.known:,} speak of "
            f"entities that are known; {self.conflicts:,} new conflicts; {sum(n for n, _, _ in self.rejects.values()):,} "
            f"left out, {len(self.bad):,} of them faulty ({self.seconds:.1f} s)"
        )


def import_table(
    form: str,
    path: Path,
    report: Report,
    *,
    origin: Origin | None = None,
    dry_run: bool = False,
) -> Told:
    """Import a file of one of FORMATS; a second time adds nothing. `report` hears of the progress in sentences.

    A bad line is told and left out. The rows are stored in portions, each in a transaction of its own: what an import that
    was stopped has stored is known to the next one, which says so and adds the rest. With `dry_run` everything is done
    and taken back, so that the counts are exact. Raises SourceDataError when the file is not such a table, cannot be
    read, or another import is running.
    """
    table = FORMATS.get(form)
    if table is None:
        raise SourceDataError(f"{form} is no kind of table: {', '.join(FORMATS)} are")
    began = time.monotonic()
    own = origin or Origin("", "")
    own = Origin(own.source or table.source or form, own.as_of or timezone.now().strftime("%Y-%m"))
    told = Told()
    digest = _digest(path)
    _check_columns(table, path)
    with _alone(), transaction.atomic() if dry_run else nullcontext():
        _tell_earlier(form, digest, report)
        load_exchanges()
        run = ImportRun.objects.create(form=form, file=path.name[:200], file_sha256=digest)
        _Import(table, told, run, report).take(table.read(path, own))
        if dry_run:
            transaction.set_rollback(True)
    told.seconds = time.monotonic() - began
    return told


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other imports out until this one ends, or its connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [IMPORT_LOCK])
        if cursor.fetchone() != (True,):
            raise SourceDataError(
                "Another import is running: wait until it has ended, and start this one again."
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK])


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while part := stream.read(1 << 20):
                digest.update(part)
    except OSError as error:
        raise SourceDataError(f"{path} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _check_columns(table: Format, path: Path) -> None:
    """Raise SourceDataError when a CSV file lacks a column, with the kind that it looks like."""
    if not table.columns or is_json(path):
        return
    columns = columns_of(path)
    missing = sorted(table.columns - columns)
    if not missing:
        return
    likely = guess_format(columns)
    hint = f"; it looks like {likely}" if likely else separator_hint(columns)
    shown = ", ".join(sorted(columns)[:20]) or "none"
    raise SourceDataError(
        f"{path.name} is no table of the kind {table.name}: it lacks the column{'s' if len(missing) > 1 else ''} "
        f"{', '.join(missing)}; it has: {shown}{hint}"
    )


def _tell_earlier(form: str, digest: str, report: Report) -> None:
    last = ImportRun.objects.filter(form=form, file_sha256=digest).order_by("-id").first()
    if last is None:
        return
    when = f"{last.started_at:%Y-%m-%d %H:%M} UTC"
    if last.finished_at is None:
        report(
            f"An import of this file was stopped ({when}): what it stored is known, and the rest is added now."
        )
    else:
        report(f"This file was imported before ({when}): only what is missing since is added.")


class _Import:
    """One import under way."""

    def __init__(self, table: Format, told: Told, run: ImportRun, report: Report) -> None:
        self.table = table
        self.told = told
        self.run = run
        self.report = report
        self.folded = FoldedNames()
        self.faults: list[str] = []  # of facts that are left out while their line is taken
        self.entities: list[EntityRow] = []
        self.posts: list[PostRow] = []
        self.ownership: list[OwnershipRow] = []
        self.markets: list[MarketRow] = []

    def take(self, rows: Iterable[TableRow]) -> None:
        """Read everything, then store it kind by kind: people and ties need whom the same table brings in."""
        self._read(rows)
        self.report(f"{self.told.lines:,} lines read")
        if self.markets:
            _store_markets(self.markets, self.told)
        if self.entities:
            self._store_entities()
        if self.posts:
            done, known, left_out = store_posts(self.posts, Known(self.folded), self.table.name)
            self._tied(done, known, left_out)
        if self.ownership:
            done, known, left_out, conflicts = store_ownership(
                self.ownership, Known(self.folded), self.table.name
            )
            self._tied(done, known, left_out)
            self.told.conflicts += tell_conflicts(conflicts)
        self.run.rejects = [
            {"why": why, "n": n, "first": first, "bad": bad}
            for why, (n, first, bad) in sorted(self.told.rejects.items(), key=lambda item: -item[1][0])
        ]
        self.run.finished_at = timezone.now()
        self._note("rejects", "finished_at")

    def _note(self, *more: str) -> None:
        """Write down how far it is."""
        self.run.lines, self.run.counts = self.told.lines, self.told.counts()
        self.run.save(update_fields=["lines", "counts", *more])

    def _read(self, rows: Iterable[TableRow]) -> None:
        known = Known(self.folded) if self.table.is_register else None
        for row in rows:
            self.told.lines += 1
            if self.told.lines % HEARD_EVERY == 0:
                self.report(f"{self.told.lines:,} lines read ...")
            if known is not None and self._is_stranger(known, row):
                continue
            match row:
                case Reject():
                    self.told.reject(row)
                case EntityRow():
                    self.entities.append(row)
                    if row.line is not None and row.line.isin and not isin_is_valid(row.line.isin):
                        self.faults.append(
                            f"line {row.number}: the check digit of ISIN {row.line.isin} is wrong"
                        )
                case PostRow():
                    self.posts.append(row)
                case OwnershipRow():
                    self.ownership.append(row)
                case MarketRow():
                    self.markets.append(row)

    def _is_stranger(self, known: Known, row: TableRow) -> bool:
        """Whether a register's line is about nobody that the desk knows; it is counted then, and forgotten."""
        if isinstance(row, EntityRow):
            finding = known.find(row)
            if finding.entity is not None:
                return False
            self.told.reject(Reject(row.number, finding.why or _STRANGER, is_bad=False))
            return True
        if isinstance(row, OwnershipRow):
            missing = [
                what
                for what, party in (("owner", row.owner), ("owned firm", row.asset))
                if known.find_party(party) is None
            ]
            for what in missing[:1]:
                self.told.reject(Reject(row.number, NOBODY.format(what=what), is_bad=False))
            return bool(missing)
        return False

    def _tied(self, done: LoadReport, known: int, left_out: Iterable[Reject]) -> None:
        self.told.stored(done)
        self.told.known += known
        for one in left_out:
            self.told.reject(one)

    def _store_entities(self) -> None:
        """Store what rows say, again and again until nothing is added: a line may speak of whom a later one brings in."""
        told = self.told
        made: dict[int, str] = {}  # rows by their identity -> slug of the entity that was added for them
        settled: dict[
            int, list[EntityRow]
        ] = {}  # entities to which these rows added nothing in the turn before
        for turn in range(1, MOST_TURNS + 1):
            known = Known(self.folded)
            found: dict[int, list[EntityRow]] = {}
            unlike: dict[int, set[int]] = {}
            unknown: list[EntityRow] = []
            left_out: list[Reject] = []
            conflicts: list[Conflict] = []
            for row in self.entities:
                finding = known.find(row)
                if finding.entity is not None:
                    found.setdefault(finding.entity.id, []).append(row)
                    conflicts += contradictions(known, finding, row)
                    if is_named_otherwise(known, finding, row):
                        unlike.setdefault(finding.entity.id, set()).add(row.number)
                elif finding.why:
                    left_out.append(Reject(row.number, finding.why, is_bad=False))
                    conflicts += line_of_another(finding.holder, row)
                    conflicts += country_of_another(finding.holder, row)
                else:
                    unknown.append(row)
            slugs = set(Entity.objects.values_list("slug", flat=True))
            # Whatever hides an entity from its own row: nobody is added twice for it.
            unknown = [row for row in unknown if made.get(id(row)) not in slugs]
            unknown = _join_to_known(known, found, unknown)
            told.known = sum(map(len, found.values()))
            new = self._new_groups(unknown, left_out)
            more = {
                pk: known_facts(known, known.by_id[pk], said, frozenset(unlike.get(pk, ())))
                for pk, said in found.items()
                if not known.by_id[pk].is_closed and settled.get(pk) != said
            }
            # What the same rows did not add once, they never do: only what others bring in changes from turn to turn.
            settled = {pk: said for pk, said in found.items() if more.get(pk) is None}
            fresh = [new_facts(known, group, slugs) for group in new]
            for group, facts in zip(new, fresh, strict=True):
                made.update((id(row), facts.entities[0].slug) for row in group.rows)
            work = [*filter(None, more.values()), *fresh]
            told.refused[:] = self.faults
            added = self._store_portions(work)
            told.conflicts += tell_conflicts(conflicts)
            self._note()
            self.report(
                f"turn {turn}: {len(found):,} known entities, {len(new):,} new ones, {added:,} rows added or changed"
            )
            if not added or turn == MOST_TURNS:
                for one in left_out:
                    told.reject(one)
                return

    def _new_groups(self, unknown: Iterable[EntityRow], left_out: list[Reject]) -> list[Group]:
        """Who is added in this turn; the rows of the others go to `left_out`."""
        new: list[Group] = []
        for group in group_rows(unknown):
            if any(row.may_add for row in group.rows):
                new.append(group)
            else:
                left_out += [Reject(row.number, _UNKNOWN, is_bad=False) for row in group.rows]
        new, waiting = without_doubles(new, self.folded.forms)
        left_out += [Reject(row.number, _DOUBLE, is_bad=False) for group in waiting for row in group.rows]
        return new

    def _store_portions(self, work: Sequence[FactBatch]) -> int:
        """How many rows were added or changed."""
        changes = 0
        for portion in _portions(work, PORTION):
            changes += self._store_portion(portion)
            self._note()
        return changes

    def _store_portion(self, portion: Sequence[FactBatch]) -> int:
        """Store a portion; when the database refuses it, by halves, so that one row is left out and not all."""
        try:
            done = store_facts(joined(portion), self.table.name, curated=False, names_for_known=True)
        except _REFUSALS as error:
            if len(portion) == 1:
                words = str(error).partition("\n")[0]
                self.told.refused.append(
                    f"{portion[0].entities[0].slug}: the database does not take it ({words})"
                )
                return 0
            half = len(portion) // 2
            return self._store_portion(portion[:half]) + self._store_portion(portion[half:])
        return self.told.stored(done)


def _join_to_known(
    known: Known, found: dict[int, list[EntityRow]], unknown: Sequence[EntityRow]
) -> list[EntityRow]:
    """Give `found` the rows that share a number with a row of a known entity, or an ISIN and a like name; the others.

    A table has several lines of a company: one by which it is known, and one that is new.
    """
    claims: dict[tuple[str, ...], int] = {}
    for pk, rows in found.items():
        for row in rows:
            for key in security_keys(row):
                claims.setdefault(key, pk)
            for number in row.identifiers:
                claims.setdefault(number, pk)
    left: list[EntityRow] = []
    for row in unknown:
        numbered = [claims[number] for number in row.identifiers if number in claims]
        shared = [claims[key] for key in security_keys(row) if key in claims]
        if not numbered and shared:
            names = known.names_with(shared[0], found[shared[0]])
            shared = shared if are_alike(known.folded.of_row(row), names) else []
        holders = numbered or shared
        if holders:
            found[holders[0]].append(row)
        else:
            left.append(row)
    return left


def _store_markets(rows: Sequence[MarketRow], told: Told) -> None:
    """Add markets that are missing; what a market that we keep is called, and how it writes tickers, is our own word."""
    known = set(Exchange.objects.values_list("mic", flat=True))
    new = [
        Exchange(
            mic=row.mic, name=row.name or row.mic, operating_mic=row.operating_mic, country=row.country, city=row.city,
            source=row.source, as_of=row.as_of,
        )
        for row in {one.mic: one for one in rows}.values()
        if row.mic not in known
    ]  # fmt: skip
    Exchange.objects.bulk_create(
        sorted(new, key=lambda row: row.mic), ignore_conflicts=True, batch_size=PORTION
    )
    told.known += len(rows) - len(new)
    told.added["markets"] += len(new)


def _portions(work: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(work), size):
        yield work[start : start + size]
