"""Acts: what a name means in many articles at once, and a decision on a name made again; each is one step back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from articles.editing.links import LinkDraft, decide_link, withdraw_decision, write_decision
from articles.editing.trust import count_trust
from articles.errors import RefusedError
from articles.ingest.relinking import relink_later, relink_now
from articles.models import Article, LinkDecision, Mention
from entities.history import record_change
from entities.models import Change

SUBJECT = "name"  # of a history row that is about a name in many articles
SETTLE, UNDO_SETTLE = "settle_name", "undo_settle_name"
MOST = 50  # articles decided in one go
AT_ONCE = 10  # of them linked anew before the page answers


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision on a name in many articles: its row of history, in how many articles it was made, and how many of
    these show it by now. The others are linked by the next worker that is free.
    """

    change: Change
    articles: int
    shown: int

    @property
    def rest(self) -> int:
        """Articles that follow in the background."""
        return self.articles - self.shown


def settle_name(
    surface: str,
    article_ids: Sequence[int],
    entity_id: int | None,
    by: str,
    *,
    candidates: Sequence[int] = (),
) -> Settled:
    """Say whom a name means (None: nobody that is followed) in each of these articles where nobody is sure of it.

    What was said is written at once and for all of them; then each is linked anew in a transaction of its own, so that
    no worker that links another of them is waited for crosswise. What is left when this ends, however it ends, waits as
    a job. Articles in which the name is settled by now are left out. `candidates`, whom it might have meant, are kept
    for the way back to the question. Raises RefusedError when no article is left, or there are too many.
    """
    wanted = sorted(set(article_ids))
    if not wanted:
        raise RefusedError("Tick at least one article in which this is so.")
    if len(wanted) > MOST:
        raise RefusedError(f"At most {MOST} articles are decided in one go: untick some, or make it a rule.")
    with transaction.atomic():
        unsure = _unsure_of(surface, wanted)
        if not unsure:
            raise RefusedError(f"“{surface}” is settled in these articles by now: somebody was there first.")
        changes = [write_decision(article, by, LinkDraft(surface, entity_id)) for article in unsure]
        touched = [article.pk for article in unsure]
        change = record_change(
            SUBJECT,
            changes[0].pk,
            by,
            SETTLE,
            after={
                "surface": surface,
                "entity": entity_id,
                "name": changes[0].after["name"],
                "candidates": sorted(candidates),
                "articles": touched,
                "changes": [change.pk for change in changes],
            },
        )
        count_trust(surface)
        relink_later(touched)
    return Settled(change, len(touched), relink_now(touched[:AT_ONCE]))


def _unsure_of(surface: str, article_ids: Sequence[int]) -> list[Article]:
    """Those of the articles in whose current text nobody is sure of the name, their rows locked by number."""
    locked = list(
        Article.objects.select_for_update(of=("self",))
        .select_related("revision")
        .filter(pk__in=article_ids, revision__isnull=False)
        .order_by("pk")
    )
    unsure = set(
        Mention.objects.filter(
            revision_id__in=[article.revision_id for article in locked if article.revision_id is not None],
            text=surface,
            status=Mention.Status.AMBIGUOUS,
        ).values_list("revision_id", flat=True)
    )
    return [article for article in locked if article.revision_id in unsure]


def undo_settled(change: Change, by: str) -> Change:
    """Withdraw the decisions of one go; those that a later decision replaced stay as they are. Linked like by the act.

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
            touched = _withdraw_all(change.after["changes"], by)
            count_trust(change.after["surface"])
            relink_later(touched)
    except IntegrityError as error:
        raise RefusedError("This was taken back already.") from error
    relink_now(touched[:AT_ONCE])
    return undone


def _withdraw_all(change_ids: Sequence[int], by: str) -> list[int]:
    """Take those of the decisions back that stand; the articles, which may have become parts of others since."""
    parts = list(Change.objects.filter(pk__in=change_ids, undone_by__isnull=True).order_by("pk"))
    decisions = [part.after["decision"] for part in parts]
    in_force = LinkDecision.objects.filter(pk__in=decisions, withdrawn_at__isnull=True)
    standing = dict(in_force.values_list("pk", "article_id"))
    touched = sorted(set(standing.values()))
    list(Article.objects.select_for_update(of=("self",)).filter(pk__in=touched).order_by("pk").values("pk"))
    for part in parts:
        if part.after["decision"] in standing:
            withdraw_decision(part, by)
    return touched


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
