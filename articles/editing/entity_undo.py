"""Act: one door that takes any decision on entities, unknown names, positions and merges back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q

from articles.editing.conflicts import undo_conflict_change
from articles.editing.entities import names_of, renew_names
from articles.editing.entity_merges import MERGE_ACT, undo_merge
from articles.editing.positions import state_again
from articles.editing.proposals import propose_again
from articles.editing.written import Step, settle_flag, take_back, tell
from articles.errors import RefusedError
from articles.models import Article, ArticleEntity, EntityMerge, LinkDecision, LinkRule
from articles.search.index import index_entities
from entities.history import record_change
from entities.models import Change, Ownership, Position

# Acts by which an entity came into being.
_MADE = frozenset({"create_entity", "accept_proposal"})
_SUBJECTS = frozenset({"entity", "proposal", "position_proposal"})
_NAMES = frozenset({"alias", "entity", "listing"})  # rows that change what names mean


def undo_entity_change(change_id: int, by: str) -> Change:
    """Take one decision back: its rows are as before, and the articles that it touched are linked anew.

    Raises RefusedError when there is no such decision, it was taken back already, or something later stands on it.
    """
    try:
        with transaction.atomic():
            return _undo(_find(change_id), by)
    except IntegrityError as error:
        raise RefusedError(
            "Something that was added since stands in the way, or somebody was first. Reload the page."
        ) from error


def _find(change_id: int) -> Change:
    change = Change.objects.filter(pk=change_id).first()
    if change is not None and "part_of" in change.after:
        change = Change.objects.filter(pk=change.after["part_of"]).first()
    if change is None or change.subject_kind not in _SUBJECTS:
        raise RefusedError("There is no such change of an entity.")
    # Whoever takes it back at the same moment waits here.
    change = Change.objects.select_for_update().get(pk=change.pk)
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError("This was taken back already.")
    return change


def _undo(change: Change, by: str) -> Change:
    if change.act == "decide_conflict":
        undone = undo_conflict_change(change, by)
        settle_flag(change)
        return undone
    if "steps" not in change.after:
        raise RefusedError("This change cannot be taken back.")
    steps: list[Step] = change.after["steps"]
    _refuse_later(change, steps)
    if change.act in _MADE:
        _unmake(change, steps)
    elif change.act == MERGE_ACT:
        undo_merge(change)
    else:
        _put_back(change, steps)
    if "proposal" in change.after or change.subject_kind == "proposal":
        for proposal_id in (change.after.get("proposal", change.subject_id), *change.after.get("also", ())):
            propose_again(proposal_id)
    if change.act == "accept_position":
        state_again(change.after["position_proposal"])
    words = f"took back: {change.after['words']}"
    undone = record_change(
        change.subject_kind,
        change.subject_id,
        by,
        f"undo_{change.act}",
        after={"words": words},
        undoes=change,
    )
    for part in Change.objects.filter(after__part_of=change.pk).order_by("id"):
        tell(undone, part.subject_id, f"took back: {part.after['words']}", f"undo_{part.act}")
    return undone


def _put_back(change: Change, steps: Sequence[Step]) -> None:
    renames = bool(_NAMES & {kind for _, kind, _, _ in steps})
    names = set(names_of(change.subject_id)) if renames else set()
    take_back(steps)
    settle_flag(change)
    if renames:
        after = set(names_of(change.subject_id))
        renew_names(sorted(names | after), [change.subject_id], is_new=bool(after - names))


def _unmake(change: Change, steps: Sequence[Step]) -> None:
    """Take an entity out of the knowledge base that this change added; nothing of people may hang on it."""
    entity_id = change.subject_id
    _refuse_used(entity_id)
    names = names_of(entity_id)
    renew_names(names, [entity_id])
    articles = list(ArticleEntity.objects.filter(entity_id=entity_id).values_list("article_id", flat=True))
    # In the order in which linking locks: the article, then what is counted of it.
    list(
        Article.objects.select_for_update(no_key=True)
        .filter(pk__in=articles)
        .order_by("pk")
        .values_list("pk")
    )
    take_back(steps)
    index_entities(articles)


def _refuse_later(change: Change, steps: Sequence[Step]) -> None:
    """A change on which a later one stands stays: undoing it would undo the later word."""
    rows = {(kind, pk) for _, kind, pk, _ in steps}
    is_made = change.act in _MADE
    later = Change.objects.filter(
        subject_kind=change.subject_kind,
        subject_id=change.subject_id,
        pk__gt=change.pk,
        undoes=None,
        undone_by=None,
    )
    for one in later.order_by("-id"):
        theirs = {(kind, pk) for what, kind, pk, _ in one.after.get("steps", ()) if what != "added"}
        part_of = one.after.get("part_of")
        if part_of is not None and Change.objects.filter(undoes_id=part_of).exists():
            continue
        if part_of == change.pk or (part_of is not None and not is_made):
            continue
        if is_made or theirs & rows - {("entity", change.subject_id)}:
            words = one.after.get("words", one.act.replace("_", " "))
            raise RefusedError(f"{one.by} {words} since: take that back first.")


def _refuse_used(entity_id: int) -> None:
    """An entity stays that people have spoken of since: taking it out would take their words with it."""
    meant = Q(entity_id=entity_id)
    if LinkDecision.objects.filter(meant | Q(was_id=entity_id), withdrawn_at__isnull=True).exists():
        raise RefusedError("Somebody linked a name in an article to it since: take that back first.")
    if LinkRule.objects.filter(meant | Q(beside_id=entity_id)).exists():
        raise RefusedError("A rule for names speaks of it: it cannot be taken out, but merged with another.")
    if Position.objects.filter(Q(person_id=entity_id) | Q(organization_id=entity_id)).exists():
        raise RefusedError("A position of it was noted since: take that back first.")
    if Ownership.objects.filter(Q(owner_id=entity_id) | Q(asset_id=entity_id)).exists():
        raise RefusedError(
            "An import noted since who owns it: it cannot be taken out, but merged with another."
        )
    if EntityMerge.objects.filter(
        Q(keep_id=entity_id) | Q(gone_id=entity_id), undone_at__isnull=True
    ).exists():
        raise RefusedError("It was merged with another since: take that back first.")
