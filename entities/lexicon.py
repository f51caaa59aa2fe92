"""The lexicon of this process: names read from the database, compiled once, kept on disk, renewed when names change."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import marshal
import mmap
import os
import pickle
import struct
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from entities.compiled import Lexicon, build_lexicon
from entities.linking import LINK_RULES
from entities.models import Alias, Entity, Identifier, LexiconVersion, Listing, Position, Security
from entities.queries import (
    LexiconStamp,
    entities_meant,
    entities_since,
    lexicon_aliases,
    lexicon_entities,
    lexicon_relations,
    lexicon_stamp,
    silenced_names,
)

logger = logging.getLogger(__name__)

_FORM = 4  # grows with the shape of the file
MOST_TOUCHED = 400  # entities; more are compiled into the whole
_SIGNATURE = 32  # bytes of the SHA-256 of all that follows
_LENGTH = struct.Struct("<Q")
_SECTIONS_FROM = 1024  # behind the signature; the table of some ten names takes a quarter of it
_ALIGNED = 8  # bytes: the widest numbers of the sections


class _Kept:
    """What this process holds, and when it last looked whether names have changed (monotonic seconds)."""

    def __init__(self) -> None:
        self.base: Lexicon | None = None  # all names as they were last compiled
        self.base_key: tuple[str, int] = ("", 0)  # its identity, and the transaction that alone may use it
        self.lexicon: Lexicon | None = None  # the base with who changed since
        self.key: tuple[object, ...] = ()
        self.looked_at = float("-inf")
        self.lock = threading.Lock()


_kept = _Kept()


def current_lexicon() -> Lexicon:
    """The lexicon as the database has it now, or had it at most NEWSDESK_LEXICON_CHECK_SECONDS ago.

    The first call in a process opens the compiled file in the data folder, or compiles and writes it. Entities that
    somebody changed since are read anew, and only they.
    """
    now = time.monotonic()
    lexicon = _kept.lexicon
    if lexicon is not None and now - _kept.looked_at < settings.LEXICON_CHECK_SECONDS:
        return lexicon
    with _kept.lock:
        stamp = lexicon_stamp()
        base = _base(stamp)
        key = (_kept.base_key, stamp)
        if _kept.lexicon is None or key != _kept.key:
            _kept.lexicon = _renewed(base, stamp)
            _kept.key = key
        _kept.looked_at = now
        return _kept.lexicon


def forget_lexicon() -> None:
    """Make the next `current_lexicon` look at the database at once (after a change in the same process)."""
    _kept.looked_at = float("-inf")


def _identity(stamp: LexiconStamp) -> str:
    """Names what is compiled of this database. A mark never comes again; where there is none, the highest ids stand
    beside the version's number, because they never do: neither after a rolled back transaction nor in another
    database of the same name."""
    database = settings.DATABASES["default"]
    where = "|".join(str(database.get(part, "")) for part in ("HOST", "PORT", "NAME"))
    family = hashlib.sha256(where.encode()).hexdigest()[:12]
    mark = stamp.mark or f"{stamp.number}.{stamp.last_entity}.{stamp.last_alias}"
    return f"{_FORM}-{LINK_RULES}-{family}-{mark}"


def _base(stamp: LexiconStamp) -> Lexicon:
    """All names as compiled under the stamp's mark: kept, opened, or compiled now."""
    identity = _identity(stamp)
    if _kept.base is not None and _kept.base_key == (identity, 0):
        return _kept.base
    mine = (identity, _own_transaction())
    if _kept.base is not None and _kept.base_key == mine:
        return _kept.base
    path = Path(settings.DATA_DIR) / "lexicon" / f"{identity}.names"
    base = read_lexicon(path)
    if base is None:
        with _alone(path.parent):
            base = read_lexicon(path) or _compile(stamp)
            # What this transaction changed nobody else may see, and it may be taken back: then it is for here alone.
            if mine[1] == 0 or not _has_changed_names():
                mine = (identity, 0)
                if write_lexicon(path, base):
                    # What was compiled lies in this process's memory, what was written is shared with all others.
                    base = read_lexicon(path) or base
    _kept.base, _kept.base_key = base, mine
    return base


def _own_transaction() -> int:
    """The number of the transaction in which this process has written something, 0 when there is none."""
    if not connection.in_atomic_block:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned()::text::bigint")
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def _has_changed_names() -> bool:
    """Whether this transaction may have written rows that the lexicon is made of; younger ones of others count, too.

    Whoever reads an article has written to it before its names are looked up: without this question a process that
    meets a missing file in such a transaction would compile for one article alone, and again for the next.
    """
    asked = " OR ".join(
        f"EXISTS (SELECT FROM {model._meta.db_table} WHERE age(xmin) <= mine.age)"  # noqa: SLF001 - our tables
        for model in (Entity, Alias, Identifier, Security, Listing, Position, LexiconVersion)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked} FROM (SELECT age(pg_current_xact_id()::xid)) AS mine(age)")  # noqa: S608
        row = cursor.fetchone()
    return bool(row and row[0])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process compiles at a time; who waited finds the file of the other."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / ".compiling", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield  # nothing can be kept there, so nobody need wait
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _compile(stamp: LexiconStamp) -> Lexicon:
    started = time.monotonic()
    lexicon = build_lexicon(
        lexicon_entities(),
        lexicon_aliases(),
        related=lexicon_relations(),
        silenced=silenced_names(),
        version=stamp.number,
        last=(stamp.last_entity, stamp.last_alias),
    )
    logger.info(
        "compiled %d names of %d entities in %.1f s",
        len(lexicon.rows),
        len(lexicon.entities),
        time.monotonic() - started,
    )
    return lexicon


def _renewed(base: Lexicon, stamp: LexiconStamp) -> Lexicon:
    """The base with who changed since it was compiled."""
    changed = set(stamp.touched)
    if (stamp.last_entity, stamp.last_alias) != base.last:
        changed.update(entities_since(*base.last))
    if not changed:
        return base
    ids = entities_meant(changed)
    patch = build_lexicon(
        lexicon_entities(ids),
        lexicon_aliases(ids),
        related=lexicon_relations(ids),
        silenced=silenced_names(ids),
        version=stamp.number,
    )
    return base.patched(patch, ids)


def read_lexicon(path: Path) -> Lexicon | None:
    """The compiled lexicon in a file of ours, mapped into memory; None when it is missing, broken or cut short."""
    try:
        with path.open("rb") as file:
            signature = file.read(_SIGNATURE)
            if hashlib.file_digest(file, "sha256").digest() != signature:
                return None
            body = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[_SIGNATURE:]
    except (OSError, ValueError):
        return None
    try:
        (length,) = _LENGTH.unpack_from(body)
        places = marshal.loads(body[_LENGTH.size : _LENGTH.size + length])  # noqa: S302 - our own, signed file
        return Lexicon({name: body[start : start + size] for name, (start, size) in places.items()})
    except (
        struct.error,
        pickle.UnpicklingError,
        EOFError,
        AttributeError,
        ImportError,
        LookupError,
        ValueError,
        TypeError,
    ):
        return None


def write_lexicon(path: Path, lexicon: Lexicon) -> bool:
    """Write beside and rename, so that a reader never sees half; older files of the folder go. False: it failed."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".lexicon-")
        with os.fdopen(handle, "w+b") as file:
            file.write(bytes(_SIGNATURE))
            for piece in _pieces(lexicon):
                file.write(piece)
            file.seek(_SIGNATURE)
            signature = hashlib.file_digest(file, "sha256").digest()
            file.seek(0)
            file.write(signature)
        Path(name).replace(path)
        family = path.stem.rsplit("-", 2)[1]
        for old in path.parent.glob(f"*-{family}-*"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as problem:
        logger.warning("the compiled lexicon is not kept on disk: %s", problem)
        return False
    return True


def _pieces(lexicon: Lexicon) -> Iterator[bytes | memoryview]:
    """The file behind its signature: how long the table of sections is, the table, the sections, each at a multiple of 8."""
    # The table's own length moves the sections, so it is padded to a round one.
    at = _SECTIONS_FROM
    places = {}
    for name, section in lexicon.sections.items():
        places[name] = (at, len(section))
        at += len(section) + -len(section) % _ALIGNED
    table = marshal.dumps(places)
    head = _LENGTH.pack(len(table)) + table
    yield head.ljust(_SECTIONS_FROM, b"\0")
    for section in lexicon.sections.values():
        yield section
        yield bytes(-len(section) % _ALIGNED)


@transaction.atomic
def names_changed(entity_ids: Iterable[int] | None = None) -> None:
    """Act: say that names have changed; every process learns of it within seconds. Call it inside the transaction.

    With the entities whose names, listings or positions changed, only they are read anew; without, or when they
    have become many, all is compiled.
    """
    LexiconVersion.objects.get_or_create(id=1)
    row = LexiconVersion.objects.select_for_update().get(id=1)
    row.number += 1
    row.touched_mark = uuid4().hex
    touched = None if entity_ids is None or not row.mark else {*row.touched, *entity_ids}
    if touched is None or len(touched) > MOST_TOUCHED:
        row.mark, row.touched = uuid4().hex, []
    else:
        row.touched = sorted(touched)
    row.save(update_fields=["number", "mark", "touched", "touched_mark"])
    forget_lexicon()
