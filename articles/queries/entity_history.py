"""The history of an entity in words: what people and imports changed, and which of it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from articles.models import LinkRule
from articles.queries.decided import SHOWN, Decided, changes_of
from entities.models import Change, Entity

SUBJECT, RULE = "entity", "link_rule"
MOST = 1000
# What a person decided between a table and the knowledge base is kept in a form of its own.
CONFLICT_ACT = "decide_conflict"


def entity_history(entity_id: int, *, whole: bool = False) -> list[Decided]:
    """The newest changes of an entity and of the rules for names that lead to it, newest first; two queries at most.

    One more than SHOWN when there are more; with `whole` all of them, or the newest MOST.
    """
    rules = LinkRule.objects.filter(Q(entity_id=entity_id) | Q(beside_id=entity_id)).values("pk")
    also = Q(subject_kind=RULE, subject_id__in=rules)
    most = MOST if whole else SHOWN + 1
    told, last_of_rule = [], set()
    for row in changes_of(SUBJECT, entity_id, also=also, most=most):
        # Of a rule only what was done to it last can be taken back.
        is_last = row["subject_id"] not in last_of_rule
        if row["subject_kind"] == RULE and not row["undone"] and row["undoes_id"] is None:
            last_of_rule.add(row["subject_id"])
        told.append(_decided(row, entity_id, is_last=is_last))
    return told


def _decided(row: Mapping[str, Any], entity_id: int, *, is_last: bool) -> Decided:
    undone, of_rule = row["undone"], row["subject_kind"] == RULE
    kept = "steps" in row["after"] or "part_of" in row["after"] or row["act"] == CONFLICT_ACT
    kept = kept or (of_rule and is_last)
    return Decided(
        id=row["id"],
        at=row["at"],
        by=row["by"],
        words=_rule_words(row, entity_id) if of_rule else entity_words(row["act"], row["after"]),
        why=row["why"],
        undo=kept and not undone and row["undoes_id"] is None,
        undone=undone,
    )


def _rule_words(row: Mapping[str, Any], entity_id: int) -> str:
    """What was done to a rule for a name that leads to the entity, or holds only beside it."""
    rule = row["after"] if "surface" in row["after"] else row["before"]
    meant = "it" if rule.get("entity") == entity_id else rule.get("name") or "nobody that we follow"
    said = f"the rule that “{rule.get('surface', '')}” means {meant}"
    if rule.get("entity") != entity_id:
        said += " beside it"
    elif rule.get("beside"):
        said += f" beside {rule['beside']}"
    if rule.get("publisher"):
        said += f" in articles of {rule['publisher']}"
    if row["act"] == "make_rule":
        return f"made {said}"
    if row["act"] == "undo_make_rule":
        return f"took back: made {said}"
    on = bool(row["after"].get("on", True))
    if row["act"].startswith("undo_"):
        return f"took back: switched {said} {'off' if on else 'on'}"
    return f"switched {said} {'on' if on else 'off'}"


def entity_words(act: str, after: Mapping[str, Any]) -> str:
    """What a change did, as the rest of a sentence that begins with who did it."""
    return str(after.get("words") or act.replace("_", " "))


def entity_of_change(change_id: int) -> str | None:
    """The address of the entity that a change is about, or of the one that it became; None for no entity's."""
    change = Change.objects.filter(pk=change_id, subject_kind__in=(SUBJECT, RULE)).first()
    if change is None:
        return None
    pk: int | None = change.subject_id
    if change.subject_kind == RULE:
        pk = LinkRule.objects.filter(pk=change.subject_id).values_list("entity_id", flat=True).first()
    return Entity.objects.filter(pk=pk).values_list("slug", flat=True).first() if pk else None
