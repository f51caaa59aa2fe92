"""The lexicon of this process: names read from the database, compiled once, kept on disk, renewed when names change."""

from __future__ import annotations

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
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import F

from entities.compiled import Lexicon, build_lexicon
from entities.linking import LINK_RULES
from entities.models import LexiconVersion
from entities.queries import (
    LexiconStamp,
    lexicon_aliases,
    lexicon_entities,
    lexicon_relations,
    lexicon_stamp,
    silenced_names,
)

logger = logging.getLogger(__name__)

_FORM = 2  # grows with the shape of the file
_SIGNATURE = 32  # bytes of the SHA-256 of all that follows
_LENGTH = struct.Struct("<Q")
_SECTIONS_FROM = 1024  # behind the signature; the table of some ten names takes a quarter of it
_ALIGNED = 8  # bytes: the widest numbers of the sections


class _Kept:
    """What this process holds, and when it last looked whether names have changed (monotonic seconds)."""

    def __init__(self) -> None:
        self.lexicon: Lexicon | None = None
        self.identity = ""
        self.looked_at = float("-inf")
        self.lock = threading.Lock()


_kept = _Kept()


def current_lexicon() -> Lexicon:
    """The lexicon as the database has it now, or had it at most NEWSDESK_LEXICON_CHECK_SECONDS ago.

    The first call in a process loads the compiled file from the data folder, or compiles and writes it.
    """
    now = time.monotonic()
    lexicon = _kept.lexicon
    if lexicon is not None and now - _kept.looked_at < settings.LEXICON_CHECK_SECONDS:
        return lexicon
    with _kept.lock:
        identity = _identity(lexicon_stamp())
        if _kept.lexicon is None or identity != _kept.identity:
            _kept.lexicon = _load(identity)
            _kept.identity = identity
        _kept.looked_at = now
        return _kept.lexicon


def forget_lexicon() -> None:
    """Make the next `current_lexicon` look at the database at once (after a change in the same process)."""
    _kept.looked_at = float("-inf")


def _identity(stamp: LexiconStamp) -> str:
    """Names this database's lexicon. The highest ids stand in it beside the version's number, because they never
    come again: neither after a rolled back transaction nor in another database of the same name."""
    database = settings.DATABASES["default"]
    where = "|".join(str(database.get(part, "")) for part in ("HOST", "PORT", "NAME"))
    family = hashlib.sha256(where.encode()).hexdigest()[:12]
    return f"{_FORM}-{LINK_RULES}-{family}-{stamp.number}.{stamp.last_entity}.{stamp.last_alias}"


def _load(identity: str) -> Lexicon:
    path = Path(settings.DATA_DIR) / "lexicon" / f"{identity}.names"
    lexicon = read_lexicon(path)
    if lexicon is None:
        started = time.monotonic()
        stamp = lexicon_stamp()
        lexicon = build_lexicon(
            lexicon_entities(),
            lexicon_aliases(),
            related=lexicon_relations(),
            silenced=silenced_names(),
            version=stamp.number,
        )
        logger.info(
            "compiled %d names of %d entities in %.1f s",
            len(lexicon.rows),
            len(lexicon.entities),
            time.monotonic() - started,
        )
        # Names may have changed while they were read; then the file would claim too much, so it is not written.
        if lexicon_stamp() == stamp and _identity(stamp) == identity and write_lexicon(path, lexicon):
            # What was compiled lies in the memory of this process, what was written is shared with all others.
            lexicon = read_lexicon(path) or lexicon
    return lexicon


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


def names_changed() -> None:
    """Act: say that names have changed; every process compiles anew within seconds. Call it inside the transaction."""
    LexiconVersion.objects.get_or_create(id=1)
    LexiconVersion.objects.filter(id=1).update(number=F("number") + 1)
    forget_lexicon()
