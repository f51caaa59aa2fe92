"""Reads of the review queue: where tables and the knowledge base say different things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from entities.models import Conflict

PAGE = 20
# What each choice would do, in words of its field: (what we have is right, the table is right, both hold).
CHOICES: dict[str, tuple[str, str, str]] = {
    "listing": ("The line is ours", "Our line has ended; the other company has it", "One company with both names"),
    "isin": ("Our ISIN is right", "The table’s ISIN is right", "The company has both"),
    "lei": ("Our LEI is right", "The table’s LEI is right", "Both are its LEIs"),
    "cik": ("Our CIK is right", "The table’s CIK is right", "Both are its CIKs"),
    "figi": ("Our FIGI is right", "The table’s FIGI is right", "Both are its FIGIs"),
    "wikidata": ("Our item is right", "The table’s item is right", "Both items are about it"),
    "country": ("Our country is right", "The table’s country is right", "It belongs to both"),
    "name": ("Our name is right", "It is now called as the table says", "Both are its names"),
    "owner": ("Our parent is right", "The table’s parent is right", "Both are its parents"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One conflict as a page shows it. `place` is the market line or the kind of parent that is meant, or empty.

    `choices` are (decision, words) in the order in which a page offers them; `decision` is empty while it is open.
    """

    id: int
    entity_id: int
    entity_slug: str
    entity_name: str
    entity_kind: str
    field: str
    field_name: str
    place: str
    ours: str
    ours_source: str
    theirs: str
    theirs_source: str
    theirs_as_of: str
    line: int
    at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    choices: tuple[tuple[str, str], ...]


def open_conflicts(after: int | None = None, limit: int = PAGE) -> Sequence[ConflictRow]:
    """The open conflicts, newest first, below the id `after`; one query."""
    rows = _rows().filter(decision="")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return [_row(values) for values in rows[:limit]]


def count_conflicts() -> dict[str, int]:
    """How many are open, by field; a field without any is absent. One query."""
    counts = Conflict.objects.filter(decision="").order_by().values_list("field").annotate(n=Count("id"))
    return dict(counts.values_list("field", "n"))


def conflict(conflict_id: int) -> ConflictRow | None:
    """One conflict, open or decided; None when there is no such row."""
    values = _rows().filter(pk=conflict_id).first()
    return None if values is None else _row(values)


def _rows() -> QuerySet[Conflict, Any]:
    return Conflict.objects.order_by("-id").values(
        "id", "entity_id", "entity__slug", "entity__name", "entity__kind", "field", "place", "ours", "ours_source",
        "theirs", "theirs_source", "theirs_as_of", "line", "at", "decision", "decided_by", "decided_at",
    )  # fmt: skip


def _row(values: dict[str, Any]) -> ConflictRow:
    words = CHOICES[values["field"]]
    plain = {key.replace("__", "_"): value for key, value in values.items()}
    return ConflictRow(
        **plain,
        field_name=str(Conflict.Field(values["field"]).label),
        choices=tuple(zip(("ours", "theirs", "both"), words, strict=True)),
    )
