"""The lexicon of this process: names read from the database, compiled once, kept on disk, renewed when names change."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import tempfile
import threading
import time
from pathlib import Path

from django.conf import settings
from django.db.models import F

from entities.linking import LINK_RULES
from entities.models import LexiconVersion
from entities.queries import LexiconStamp, lexicon_aliases, lexicon_entities, lexicon_relations, lexicon_stamp
from entities.recognition import Lexicon, build_lexicon

logger = logging.getLogger(__name__)

_FORM = 1  # grows with the shape of the file
_SIGNATURE = 32


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
    folder = Path(settings.DATA_DIR) / "lexicon"
    path = folder / f"{identity}.pickle"
    lexicon = _read(path)
    if lexicon is None:
        started = time.monotonic()
        stamp = lexicon_stamp()
        lexicon = build_lexicon(
            lexicon_entities(), lexicon_aliases(), related=lexicon_relations(), version=stamp.number
        )
        # Names may have changed while they were read; then the file would claim too much, so it is not written.
        if lexicon_stamp() == stamp and _identity(stamp) == identity:
            _write(path, lexicon)
        logger.info(
            "compiled %d names of %d entities in %.1f s",
            len(lexicon.rows),
            len(lexicon.entities),
            time.monotonic() - started,
        )
    return lexicon


def _read(path: Path) -> Lexicon | None:
    """The compiled lexicon in a file of ours, or None when it is missing, broken or cut short."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(raw[_SIGNATURE:]).digest() != raw[:_SIGNATURE]:
        return None
    try:
        found = pickle.loads(raw[_SIGNATURE:])  # noqa: S301 - our own file, in a folder only we can write
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, TypeError):
        return None
    return found if isinstance(found, Lexicon) else None


def _write(path: Path, lexicon: Lexicon) -> None:
    """Write beside and rename, so that a reader never sees half; older files of the folder go."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = pickle.dumps(lexicon, protocol=pickle.HIGHEST_PROTOCOL)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".lexicon-")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).digest())
            file.write(body)
        Path(name).replace(path)
        family = path.stem.rsplit("-", 1)[0]
        for old in path.parent.glob(f"{family}-*.pickle"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as problem:
        logger.warning("the compiled lexicon is not kept on disk: %s", problem)


def names_changed() -> None:
    """Act: say that names have changed; every process compiles anew within seconds. Call it inside the transaction."""
    LexiconVersion.objects.get_or_create(id=1)
    LexiconVersion.objects.filter(id=1).update(number=F("number") + 1)
    forget_lexicon()
