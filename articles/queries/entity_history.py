"""The history of an entity in words: what people and imports changed, and which of it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from articles.queries.decided import Decided, changes_of
from entities.models import Change, Entity

SUBJECT = "entity"
# What a person decided between a table and the knowledge base is kept in a form of its own.
CONFLICT_ACT = "decide_conflict"


def entity_history(entity_id: int) -> list[Decided]:
    """The newest changes of an entity, newest first; two queries at most."""
    return [_decided(row) for row in changes_of(SUBJECT, entity_id)]


def _decided(row: Mapping[str, Any]) -> Decided:
    undone = row["undone"]
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
