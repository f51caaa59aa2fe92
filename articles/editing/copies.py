"""Acts: what people say of copies holds for every later run, is in the article's history, and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from articles.errors import RefusedError
from articles.events.copy_groups import arrange_group, leave_group, rejoin_group
from articles.events.database import lock_shard
from articles.events.features import shard_of
from articles.events.placing import place_again
from articles.models import Article, ArticleCopy, CopyDecision
from entities.history import record_change
from entities.models import Change

LONGEST_WHY = 1000
COPY_ACTS = frozenset({"say_not_copy", "say_origin"})


@dataclass(frozen=True, slots=True)
class _Case:
    """An article and its place in its copy group, with the shard locked; `title` is how history names it."""

    article: Article
    row: ArticleCopy


def say_not_copy(article_id: int, other_id: int, by: str, why: str = "") -> Change:
    """Say that an article is no copy of another one of its group: it leaves the group and never joins the other's.

    Its event is decided anew by the worker that places, unless a person had put it there. Raises RefusedError when the two
    are not in one copy group.
    """
    why = _why(why)
    if article_id == other_id:
        raise RefusedError("An article is no copy of itself: choose the other one.")
    with transaction.atomic():
        case = _open(article_id)
        other = ArticleCopy.objects.filter(article_id=other_id).select_related("article").first()
        if other is None or other.group_id != case.row.group_id:
            raise RefusedError("These two articles are in one copy group no more: load the page again.")
        row = case.row
        before = {"group": row.group_id, "kind": row.kind, "containment": row.containment}
        decision = CopyDecision.objects.create(
            kind=CopyDecision.Kind.NOT_COPY, article_id=article_id, other_id=other_id, by=by, why=why
        )
        leave_group(article_id)
        place_again([case.article.pk])
        after = {"decision": decision.pk, "other": other_id, "title": other.article.title}
        change = record_change("article", article_id, by, "say_not_copy", before=before, after=after, why=why)
        told = {"part_of": change.pk, "other": article_id, "title": case.article.title}
        record_change("article", other_id, by, "said_not_copy", after=told, why=why)
        return change


def say_origin(article_id: int, by: str, why: str = "") -> Change:
    """Say that an article is the origin of its copy group, before whatever the machine presumes.

    Raises RefusedError when it is in no group, or when somebody said so already.
    """
    why = _why(why)
    with transaction.atomic():
        case = _open(article_id)
        members = ArticleCopy.objects.filter(group_id=case.row.group_id)
        said = CopyDecision.objects.filter(
            kind=CopyDecision.Kind.ORIGIN,
            article_id__in=members.values_list("article_id", flat=True),
            withdrawn_at__isnull=True,
        ).order_by("id")
        if any(decision.article_id == article_id for decision in said):
            raise RefusedError("Somebody said already that this is the origin.")
        origin = members.filter(kind=ArticleCopy.Kind.ORIGIN).values_list("article_id", flat=True).first()
        withdrawn = [decision.pk for decision in said]
        CopyDecision.objects.filter(pk__in=withdrawn).update(withdrawn_at=Now())
        decision = CopyDecision.objects.create(
            kind=CopyDecision.Kind.ORIGIN, article_id=article_id, by=by, why=why
        )
        arrange_group(case.row.group_id)
        before = {"origin": origin, "withdrawn": withdrawn}
        after = {"decision": decision.pk, "origin": article_id}
        return record_change("article", article_id, by, "say_origin", before=before, after=after, why=why)


def undo_copy_change(change_id: int, by: str, why: str = "") -> Change:
    """Take back a word on copies; the row on the other article's page leads to the same.

    Raises RefusedError when it is no such word or was taken back already.
    """
    with transaction.atomic():
        change = _said(change_id)
        language = Article.objects.filter(pk=change.subject_id).values_list("language", flat=True).first()
        if language is None:
            raise RefusedError("This article is not here any more.")
        lock_shard(shard_of(language))
        taken_back = CopyDecision.objects.filter(pk=change.after["decision"], withdrawn_at__isnull=True)
        if Change.objects.filter(undoes=change).exists() or not taken_back.update(withdrawn_at=Now()):
            raise RefusedError("This was taken back already, or a later word replaced it.")
        if change.act == "say_not_copy":
            rejoin_group(change.subject_id, int(change.after["other"]))
            place_again([change.subject_id])
        else:
            _enforce(change)
        return record_change(
            "article",
            change.subject_id,
            by,
            f"undo_{change.act}",
            before=change.after,
            after=change.before,
            why=_why(why),
            undoes=change,
        )


def _open(article_id: int) -> _Case:
    """Lock the article's shard and read its place. Raises RefusedError when it is in no copy group."""
    article = Article.objects.filter(pk=article_id).first()
    if article is None:
        raise RefusedError("This article is not here any more.")
    lock_shard(shard_of(article.language))
    row = ArticleCopy.objects.filter(article_id=article_id).first()
    if row is None:
        raise RefusedError("This article is in no copy group (any more): load the page again.")
    return _Case(article, row)


def _said(change_id: int) -> Change:
    change = Change.objects.filter(pk=change_id).first()
    if change is not None and "part_of" in change.after:
        change = Change.objects.filter(pk=change.after["part_of"]).first()
    if change is None or change.act not in COPY_ACTS:
        raise RefusedError("This is no word on copies that could be taken back here.")
    return change


def _enforce(change: Change) -> None:
    """What was said of the origin before holds again, unless a later word stands; whoever it touches is arranged anew.

    An article whose word holds again may have gone to another group since.
    """
    touched = {change.subject_id}
    for decision in CopyDecision.objects.filter(pk__in=change.before.get("withdrawn", [])).order_by("id"):
        standing = CopyDecision.objects.filter(
            kind=CopyDecision.Kind.ORIGIN, article_id=decision.article_id, withdrawn_at__isnull=True
        )
        if not standing.exists():
            CopyDecision.objects.filter(pk=decision.pk).update(withdrawn_at=None)
            touched.add(decision.article_id)
    groups = ArticleCopy.objects.filter(article_id__in=touched).values_list("group_id", flat=True)
    for group_id in sorted(set(groups)):
        arrange_group(group_id)


def _why(text: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if len(text) > LONGEST_WHY:
        raise RefusedError(f"The reason has {len(text)} characters: shorten it to {LONGEST_WHY}.")
    return text
