"""The history of an entity in words: what people and imports changed, and which of it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef

from articles.queries.decided import Decided
from entities.history import MACHINE
from entities.models import Change

SUBJECT = "entity"
SHOWN = 50
LONGEST = 80
_FIELDS = {
    "name": "the name",
    "kind": "the kind",
    "country": "the country",
    "description": "the description",
    "wikidata_id": "the Wikidata item",
    "prominence": "how well known it is",
}


def entity_history(entity_id: int) -> list[Decided]:
    """The newest changes of an entity, newest first, one query."""
    undone = Exists(Change.objects.filter(undoes_id=OuterRef("pk")))
    rows = (
        Change.objects.filter(subject_kind=SUBJECT, subject_id=entity_id)
        .annotate(undone=undone)
        .order_by("-id")
        .values("id", "at", "by", "act", "before", "after", "why", "undone", "undoes_id")[:SHOWN]
    )
    return [_decided(row) for row in rows]


def _decided(row: Mapping[str, Any]) -> Decided:
    return Decided(
        id=row["id"],
        at=row["at"],
        by=row["by"],
        words=entity_words(row["act"], row["before"], row["after"]),
        why=row["why"],
        undo=not row["undone"] and row["undoes_id"] is None and row["by"] != MACHINE,
        undone=row["undone"],
    )


def entity_words(act: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What a change did, as the rest of a sentence that begins with who did it."""
    return act.replace("_", " ")
