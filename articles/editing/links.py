"""Acts: what a name in an article means, said by a person; later runs obey it, and it can be taken back.

`decide_link` and `undo_link_change` link the article anew at once; `write_decision` and `withdraw_decision` are for
whoever decides in many articles and has them linked one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from articles.editing.trust import count_trust
from articles.errors import RefusedError
from articles.ingest.link import relink_article
from articles.models import Article, LinkDecision, Mention
from entities.history import record_change
from entities.lexicon import current_lexicon
from entities.models import Change, Entity

LONGEST_NAME = 300
NO_TEXT = "This article has no text yet. Reload the page."


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A decision on a name. Without field, start and end it holds for each occurrence in the article."""

    surface: str
    entity_id: int | None
    field: str = ""
    start: int | None = None
    end: int | None = None


def decide_link(article_id: int, by: str, draft: LinkDraft, why: str = "") -> Change:
    """Say which entity a name means (None: no entity that is followed); links, counts and search follow at once.

    Raises RefusedError when the words do not stand in the article or there is no such entity.
    """
    current_lexicon()  # after an update it is compiled first: seconds that should not pass while a row is locked
    with transaction.atomic():
        article = (
            Article.objects.select_for_update(of=("self",))
            .select_related("revision")
            .filter(pk=article_id)
            .first()
        )
        if article is None:
            raise RefusedError(NO_TEXT)
        change = write_decision(article, by, draft, why)
        relink_article(article_id)
        count_trust(draft.surface.strip())
    return change


def write_decision(article: Article, by: str, draft: LinkDraft, why: str = "") -> Change:
    """The decision and its row of history alone: no link and no trust follows yet.

    In the caller's transaction, which holds the article's row. Raises RefusedError like `decide_link`.
    """
    if article.revision is None:
        raise RefusedError(NO_TEXT)
    article_id = article.pk
    surface = draft.surface.strip()
    _check_place(draft, surface, article.revision.title, article.revision.text)
    entity = _entity(draft.entity_id)
    was = _meant_now(article.revision.pk, draft, surface)
    by_machine = _meant_by_machine(article_id, article.revision.pk, draft, surface)
    key = {
        "article_id": article_id,
        "surface": surface,
        "field": draft.field,
        "start": draft.start,
        "end": draft.end,
    }
    replaced = (
        LinkDecision.objects.filter(
            article_id=article_id, surface=surface, field=draft.field, withdrawn_at__isnull=True
        ).filter(start=draft.start)
        if draft.start is not None
        else LinkDecision.objects.filter(article_id=article_id, surface=surface, withdrawn_at__isnull=True)
    )
    replaced_ids = sorted(replaced.values_list("id", flat=True))
    LinkDecision.objects.filter(pk__in=replaced_ids).update(withdrawn_at=Now())
    decision = LinkDecision.objects.create(
        **key, entity_id=entity.pk if entity else None, was_id=by_machine, by=by, why=why
    )
    return record_change(
        "article",
        article_id,
        by,
        "decide_link",
        before={
            "entity": was.pk if was else None,
            "name": was.name if was else "",
            "withdrawn": replaced_ids,
        },
        after={
            "decision": decision.pk,
            "surface": surface,
            "entity": entity.pk if entity else None,
            "name": entity.name if entity else "",
        },
        why=why,
    )


def undo_link_change(change: Change, by: str) -> Change:
    """Withdraw a decision and put the ones it replaced in force again, inside the caller's transaction.

    Raises RefusedError when a later decision on the same name stands on it.
    """
    undone, decision = withdraw_decision(change, by)
    # Not by the change's own number: the article may have become part of another since.
    relink_article(decision.article_id)
    count_trust(decision.surface)
    return undone


def withdraw_decision(change: Change, by: str) -> tuple[Change, LinkDecision]:
    """The same without its links and trust: the row of history, and the decision that is withdrawn."""
    decision = LinkDecision.objects.select_for_update().filter(pk=change.after["decision"]).first()
    if decision is None or decision.withdrawn_at is not None:
        raise RefusedError("A later decision on this name stands: take that one back first.")
    LinkDecision.objects.filter(pk=decision.pk).update(withdrawn_at=Now())
    LinkDecision.objects.filter(pk__in=change.before["withdrawn"]).update(withdrawn_at=None)
    undone = record_change(
        "article",
        decision.article_id,
        by,
        "undo_decide_link",
        before=change.after,
        after=change.before,
        undoes=change,
    )
    return undone, decision


def _check_place(draft: LinkDraft, surface: str, title: str, text: str) -> None:
    if not surface or len(surface) > LONGEST_NAME:
        raise RefusedError(f"Name the words in the article, at most {LONGEST_NAME} characters.")
    if draft.start is None or draft.end is None:
        if draft.field or draft.start is not None or draft.end is not None:
            raise RefusedError("The place of the name is not whole. Choose it again on the article’s page.")
        if surface not in title and surface not in text:
            raise RefusedError(f"“{surface}” does not stand in this article. Write it as it stands there.")
        return
    source = {"title": title, "text": text}.get(draft.field)
    if source is None or source[draft.start : draft.end] != surface:
        raise RefusedError("The text has changed under this name. Choose it again on the article’s page.")


def _entity(entity_id: int | None) -> Entity | None:
    if entity_id is None:
        return None
    entity = Entity.objects.filter(pk=entity_id).first()
    while entity is not None and entity.merged_into_id is not None:
        entity = Entity.objects.filter(pk=entity.merged_into_id).first()
    if entity is None:
        raise RefusedError("This entity is not here any more. Search for it again.")
    return entity


def _meant_now(revision_id: int, draft: LinkDraft, surface: str) -> Entity | None:
    """Whom the name means before the decision, for the history."""
    mentions = Mention.objects.filter(revision_id=revision_id, text=surface, entity__isnull=False)
    if draft.start is not None:
        mentions = mentions.filter(field=draft.field, start=draft.start)
    found = mentions.select_related("entity").order_by("id").first()
    return found.entity if found else None


def _meant_by_machine(article_id: int, revision_id: int, draft: LinkDraft, surface: str) -> int | None:
    """Whom the machine by itself took the name for; None when it linked nobody there, or a rule of people spoke for it."""
    decided = LinkDecision.objects.filter(article_id=article_id, surface=surface, withdrawn_at__isnull=True)
    if draft.start is not None:
        decided = decided.filter(Q(start=None) | Q(start=draft.start, field=draft.field))
    before = decided.order_by("-start", "-id").values_list("was_id", flat=True)[:1]
    if before:
        return before[0]
    mentions = Mention.objects.filter(
        revision_id=revision_id, text=surface, entity__isnull=False, decided_by="", rule__isnull=True
    )
    if draft.start is not None:
        mentions = mentions.filter(field=draft.field, start=draft.start)
    return mentions.order_by("id").values_list("entity_id", flat=True).first()
