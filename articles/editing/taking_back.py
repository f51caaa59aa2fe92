"""Act: the one door that takes a decision of the review pages back, whatever it was about."""

from __future__ import annotations

from django.db import IntegrityError

from articles.editing.entity_undo import undo_entity_change
from articles.editing.link_batches import SETTLE, undo_settled
from articles.editing.link_rules import SUBJECT as RULE
from articles.editing.link_rules import undo_rule_change
from articles.errors import RefusedError
from articles.events import judging
from entities.models import Change

GONE = "There is no such decision. Reload the page."


def take_back(change_id: int, by: str) -> Change:
    """Take one decision about names, entities, facts, positions or events back; the row of history that says so.

    Raises RefusedError when it cannot be: no such decision, taken back already, or a later one stands on it.
    """
    change = Change.objects.filter(pk=change_id).first()
    if change is None:
        raise RefusedError(GONE)
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError("This was taken back already.")
    try:
        return _undo(change, by)
    except IntegrityError as error:  # the unique key on `undoes`: another person was first
        raise RefusedError("This was taken back already.") from error


def _undo(change: Change, by: str) -> Change:
    if change.act == SETTLE:
        return undo_settled(change, by)
    if change.subject_kind == RULE:
        return undo_rule_change(change, by)
    if judging.is_decision(change):
        return Change.objects.get(pk=judging.undo(change.pk, by).change_id)
    return undo_entity_change(change.pk, by)
