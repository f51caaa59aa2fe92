"""The history of an entity in words: what people and imports changed, and which of it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from django.db.models import Exists, OuterRef

from articles.queries.decided import Decided
from entities.models import Change, Entity

SUBJECT = "entity"
SHOWN = 50
# What a person decided between a table and the knowledge base is kept in a form of its own.
CONFLICT_ACT = "decide_conflict"


def entity_history(entity_id: int) -> list[Decided]:
    """The newest changes of an entity, newest first; two queries at most.

    A companion row on another entity's page counts as undone when the decision that it is part of is.
    """
    undone = Exists(Change.objects.filter(undoes_id=OuterRef("pk")))
    rows = list(
        Change.objects.filter(subject_kind=SUBJECT, subject_id=entity_id)
        .annotate(undone=undone)
        .order_by("-id")
        .values("id", "at", "by", "act", "before", "after", "why", "undone", "undoes_id")[:SHOWN]
    )
    parts = [row["after"]["part_of"] for row in rows if "part_of" in row["after"]]
    parts_undone = set(
        Change.objects.filter(undoes_id__in=parts).values_list("undoes_id", flat=True) if parts else ()
    )
    return [_decided(row, parts_undone) for row in rows]


def _decided(row: Mapping[str, Any], parts_undone: Set[int]) -> Decided:
    undone = row["undone"] or row["after"].get("part_of") in parts_undone
    kept = "steps" in row["after"] or "part_of" in row["after"] or row["act"] == CONFLICT_ACT
    return Decided(
        id=row["id"],
        at=row["at"],
        by=row["by"],
        words=entity_words(row["act"], row["after"]),
        why=row["why"],
        undo=kept and not undone and row["undoes_id"] is None,
        undone=undone,
    )


def entity_words(act: str, after: Mapping[str, Any]) -> str:
    """What a change did, as the rest of a sentence that begins with who did it."""
    return str(after.get("words") or act.replace("_", " "))


def entity_of_change(change_id: int) -> str | None:
    """The address of the entity that a change is about, or of the one that it became; None for no entity's."""
    pk = (
        Change.objects.filter(pk=change_id, subject_kind=SUBJECT).values_list("subject_id", flat=True).first()
    )
    return Entity.objects.filter(pk=pk).values_list("slug", flat=True).first() if pk else None
