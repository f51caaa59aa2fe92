"""Acts: what a name means in many articles at once, and a decision on a name made again; each is one step back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from articles.editing.links import LinkDraft, decide_link, undo_link_change
from articles.errors import RefusedError
from articles.models import Article, LinkDecision, Mention
from entities.history import record_change
from entities.models import Change, Entity

SUBJECT = "name"  # of a history row that is about a name in many articles
SETTLE, UNDO_SETTLE = "settle_name", "undo_settle_name"
MOST = 50  # articles decided in one go


@transaction.atomic
def settle_name(
    surface: str,
    article_ids: Sequence[int],
    entity_id: int | None,
    by: str,
    *,
    candidates: Sequence[int] = (),
) -> Change:
    """Say whom a name means (None: nobody that is followed) in each of these articles where nobody is sure of it.

    Articles in which it is settled by now are left out. `candidates`, whom it might have meant, are kept for the way back
    to the question. Raises RefusedError when none is left, or there are too many.
    """
    wanted = sorted(set(article_ids))
    if not wanted:
        raise RefusedError("Tick at least one article in which this is so.")
    if len(wanted) > MOST:
        raise RefusedError(f"At most {MOST} articles are decided in one go: untick some, or make it a rule.")
    unsure = list(
        Article.objects.filter(
            pk__in=wanted,
            revision__mentions__text=surface,
            revision__mentions__status=Mention.Status.AMBIGUOUS,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()
    )
    if not unsure:
        raise RefusedError(f"“{surface}” is settled in these articles by now: somebody was there first.")
    changes = [decide_link(article_id, by, LinkDraft(surface, entity_id)) for article_id in unsure]
    entity = Entity.objects.filter(pk=entity_id).only("name").first() if entity_id else None
    return record_change(
        SUBJECT,
        changes[0].pk,
        by,
        SETTLE,
        after={
            "surface": surface,
            "entity": entity_id,
            "name": entity.name if entity else "",
            "candidates": sorted(candidates),
            "articles": unsure,
            "changes": [change.pk for change in changes],
        },
    )


def undo_settled(change: Change, by: str) -> Change:
    """Withdraw the decisions of one go; those that a later decision replaced stay as they are.

    Raises RefusedError when it was taken back already.
    """
    try:
        with transaction.atomic():
            undone = record_change(
                SUBJECT,
                change.subject_id,
                by,
                UNDO_SETTLE,
                before=change.after,
                after=change.before,
                undoes=change,
            )
            parts = Change.objects.filter(pk__in=change.after["changes"], undone_by__isnull=True).order_by(
                "pk"
            )
            for part in parts:
                decision = LinkDecision.objects.filter(pk=part.after["decision"]).only("withdrawn_at").first()
                if decision is not None and decision.withdrawn_at is None:
                    undo_link_change(part, by)
            return undone
    except IntegrityError as error:
        raise RefusedError("This was taken back already.") from error


def decide_again(change_id: int, by: str) -> Change:
    """Make a decision on a name once more that was taken back.

    Raises RefusedError when there is no such decision, it was not taken back, or the text has changed under it.
    """
    change = Change.objects.filter(pk=change_id, subject_kind="article", act="decide_link").first()
    decision = LinkDecision.objects.filter(pk=change.after["decision"]).first() if change else None
    if change is None or decision is None:
        raise RefusedError("There is no such decision on a name.")
    if decision.withdrawn_at is None:
        raise RefusedError("This decision is in force.")
    draft = LinkDraft(decision.surface, decision.entity_id, decision.field, decision.start, decision.end)
    return decide_link(decision.article_id, by, draft, decision.why)
