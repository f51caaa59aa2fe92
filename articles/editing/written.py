"""What an act on entities wrote, row by row, kept in its history so that it can be taken back exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.dateparse import parse_date, parse_datetime

from articles.errors import RefusedError
from articles.models import (
    LinkDecision,
    LinkRule,
    PositionEvidence,
    PositionProposal,
    Proposal,
    Watch,
)
from entities.history import record_change
from entities.models import (
    Alias,
    Change,
    Conflict,
    Entity,
    Identifier,
    Judgement,
    Listing,
    Ownership,
    Position,
    Resemblance,
    Security,
)

# By the name under which history keeps them.
_MODELS: dict[str, type[models.Model]] = {
    "alias": Alias,
    "conflict": Conflict,
    "decision": LinkDecision,
    "entity": Entity,
    "evidence": PositionEvidence,
    "identifier": Identifier,
    "judgement": Judgement,
    "listing": Listing,
    "ownership": Ownership,
    "position": Position,
    "position_proposal": PositionProposal,
    "proposal": Proposal,
    "resemblance": Resemblance,
    "rule": LinkRule,
    "security": Security,
    "watch": Watch,
}
_KINDS = {model: kind for kind, model in _MODELS.items()}
# What a machine counts on meanwhile is no reason to refuse, and is not put back.
_FLAG = "edited_by_human"

Row = TypeVar("Row", bound=models.Model)
Step = list[Any]  # [what happened, kind of row, number, columns]
ADDED, CHANGED, REMOVED = "added", "changed", "removed"


class Written:
    """The rows that one act writes, in order. Each step is JSON: [what, kind, number, columns]."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.was_edited: dict[int, bool] = {}

    def add(self, row: Row) -> Row:
        """Insert a row."""
        row.save(force_insert=True)
        self.steps.append([ADDED, _KINDS[type(row)], row.pk, {}])
        return row

    def change(self, row: models.Model, **values: Any) -> bool:
        """Write columns (foreign keys by `_id`) of a row that differ; whether any did."""
        moved = {
            name: [_plain(getattr(row, name)), _plain(value)]
            for name, value in sorted(values.items())
            if getattr(row, name) != value
        }
        if not moved:
            return False
        for name in moved:
            setattr(row, name, values[name])
        row.save(update_fields=[*moved, *_touched(row)])
        self.steps.append([CHANGED, _KINDS[type(row)], row.pk, moved])
        return True

    def remove(self, row: models.Model) -> None:
        """Delete a row on which no other hangs; all its columns are kept."""
        kept = {name: _plain(getattr(row, name)) for name in _columns(type(row))}
        self.steps.append([REMOVED, _KINDS[type(row)], row.pk, kept])
        row.delete()

    def mark(self, entity: Entity) -> None:
        """Say that a person edited an entity: importers leave it alone from now on."""
        self.was_edited.setdefault(entity.pk, entity.edited_by_human)
        self.change(entity, edited_by_human=True)

    def record(
        self, subject: tuple[str, int], by: str, act: str, words: str, why: str = "", **more: Any
    ) -> Change:
        """Write the history row. `words` go on after the name of who did it: "added the name “SIA”"."""
        kind, pk = subject
        after: dict[str, Any] = {"words": words, "steps": self.steps, **more}
        if kind == "entity" and pk in self.was_edited:
            after["was_edited"] = self.was_edited[pk]
        return record_change(kind, pk, by, act, after=after, why=why)


def tell(part_of: Change, entity_id: int, words: str, act: str) -> Change:
    """A companion row on another entity's page: what was done elsewhere and concerns it."""
    after = {"part_of": part_of.pk, "words": words}
    return record_change("entity", entity_id, part_of.by, act, after=after, why=part_of.why)


def settle_flag(undone: Change) -> None:
    """After a change of an entity was taken back: importers may touch it again unless another word of a person stands."""
    about = Change.objects.filter(subject_kind="entity", subject_id=undone.subject_id, undoes=None)
    edits = about.filter(Q(after__has_key="was_edited") | Q(act="decide_conflict", after__decision="theirs"))
    if edits.filter(undone_by=None).exclude(pk=undone.pk).exists():
        Entity.objects.filter(pk=undone.subject_id).update(edited_by_human=True)
        return
    first = edits.order_by("id").first()
    if first is not None:
        Entity.objects.filter(pk=undone.subject_id).update(edited_by_human=_was_edited(first))


def _was_edited(change: Change) -> bool:
    """Whether a person had edited the entity before this change."""
    if "was_edited" in change.after:
        return bool(change.after["was_edited"])
    moved = [
        columns for kind, pk, columns in change.after["wrote"] if (kind, pk) == ("entity", change.subject_id)
    ]
    return not any(_FLAG in columns for columns in moved)


def take_back(steps: Sequence[Step]) -> None:
    """Put all rows as they were before these steps, the last step first.

    Raises RefusedError when one was changed since, or stands in the way of one that comes back. The mark that a person
    edited an entity is left to the caller.
    """
    for what, kind, pk, columns in reversed(steps):
        model = _MODELS[kind]
        if what == ADDED:
            _take_away(model, pk)
        elif what == CHANGED:
            _restore(model, pk, columns)
        elif not model._default_manager.filter(pk=pk).exists():  # noqa: SLF001 - the documented name
            row = model(**{name: _read(model, name, value) for name, value in columns.items()})
            row.save(force_insert=True)
            # Times that the table sets itself.
            model._default_manager.filter(pk=pk).update(  # noqa: SLF001
                **{name: _read(model, name, value) for name, value in columns.items()}
            )


def rows_of(steps: Iterable[Step], kind: str, *, what: str = ADDED) -> list[int]:
    """The numbers of the rows of a kind that the steps added (or changed, or removed)."""
    return [pk for done, of, pk, _ in steps if done == what and of == kind]


def _take_away(model: type[models.Model], pk: int) -> None:
    if model is Judgement:  # what people said is never deleted
        Judgement.objects.filter(pk=pk).update(withdrawn_at=Now())
        return
    model._default_manager.filter(pk=pk).delete()  # noqa: SLF001


def _restore(model: type[models.Model], pk: int, moved: dict[str, list[Any]]) -> None:
    row = model._default_manager.select_for_update(no_key=True).filter(pk=pk).first()  # noqa: SLF001
    if row is None:
        raise RefusedError("What this changed is not here any more: there is nothing to take back.")
    columns = {name: pair for name, pair in moved.items() if name != _FLAG}
    for name, (_, after) in columns.items():
        if _plain(getattr(row, name)) != after:
            raise RefusedError("It was changed since: take back the later change first.")
    for name, (before, _) in columns.items():
        setattr(row, name, _read(model, name, before))
    if columns:
        row.save(update_fields=[*columns, *_touched(row)])


def _touched(row: models.Model) -> list[str]:
    return ["updated_at"] if isinstance(row, Entity) else []


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _read(model: type[models.Model], name: str, value: Any) -> Any:
    """A value of history as the column takes it."""
    field = next(one for one in model._meta.concrete_fields if one.attname == name)  # noqa: SLF001
    if isinstance(value, str) and isinstance(field, models.DateTimeField):
        return parse_datetime(value)
    if isinstance(value, str) and isinstance(field, models.DateField):
        return parse_date(value)
    return value
