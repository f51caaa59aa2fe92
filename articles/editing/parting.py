"""Acts: two addresses that were taken for one article are parted, for every later run, and may be one again.

How they were taken for one is a row of the survivor's history with all that the other had; parting puts that back.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from articles.errors import RefusedError
from articles.events.database import mark_stale, next_seq, recount_event
from articles.events.digesting import ask_for_digests
from articles.events.features import features_of, shard_of
from articles.events.placing import place_again
from articles.events.stories import load_stories
from articles.ingest.link import redate_entities, relink_article
from articles.ingest.merged import put_back, was_look_moved
from articles.ingest.merging import MERGE_ACT, lock_pair, merge_again
from articles.ingest.proposing import redate_proposals
from articles.ingest.relinking import relink_later
from articles.jobs import add_jobs
from articles.models import (
    Article,
    ArticleAddress,
    CopyDecision,
    Event,
    Job,
    Membership,
    MergedRows,
    PlacedTerms,
)
from articles.search.index import index_articles, redate_article
from entities.history import record_change
from entities.models import Change

PART_ACT = f"undo_{MERGE_ACT}"
PARTING_ACTS = frozenset({MERGE_ACT, PART_ACT})
LONGEST_WHY = 1000
TAKEN_BACK = "This was taken back already."
ADDRESS_TAKEN = "Another article stands at this address by now."
LOOK_AGAIN_SECONDS = 3600.0  # until the page at a parted address is looked at again


def undo_merge_change(change_id: int, by: str, why: str = "") -> Change:
    """Part two addresses that were taken for one article, or take that back; `subject_id` is the article that was there.

    Parted, the other article has its number, its texts, notes and decisions again, and no later run joins the two.
    Raises RefusedError when it was done already, or when the articles are gone.
    """
    why = " ".join(why.replace("\x00", "").split())
    if len(why) > LONGEST_WHY:
        raise RefusedError(f"The reason has {len(why)} characters: shorten it to {LONGEST_WHY}.")
    change = Change.objects.filter(pk=change_id, act__in=PARTING_ACTS).first()
    if change is None:
        raise RefusedError("There is no such decision on addresses. Reload the page.")
    try:
        with transaction.atomic():
            return _part(change, by, why) if change.act == MERGE_ACT else _join_again(change, by, why)
    except IntegrityError as error:
        words = _who_was_first(error)
        if not words:
            raise
        raise RefusedError(words) from error


def _who_was_first(error: IntegrityError) -> str:
    """What somebody else did meanwhile, by the key that says so; empty when the fault is ours."""
    key = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")
    if key == "change_undone_once":
        return TAKEN_BACK
    return ADDRESS_TAKEN if key.startswith("articles_article_url_sha256") else ""


def _part(change: Change, by: str, why: str) -> Change:
    gone_id = int(change.before["article"])
    held = MergedRows.objects.filter(change=change).first()
    if held is None and not Change.objects.filter(undoes=change).exists():
        raise RefusedError("The desk does not have any more what parting needs.")
    if held is None:
        raise RefusedError(TAKEN_BACK)
    kept = held.rows
    keep_id = _survivor(gone_id)
    events = [row["event_id"] for row in (kept["place"], kept["keep_place"]) if row]
    keep = lock_pair(keep_id, events=events).get(keep_id) if keep_id is not None else None
    if Change.objects.filter(undoes=change).exists() or Article.objects.filter(pk=gone_id).exists():
        raise RefusedError(TAKEN_BACK)
    if keep is None or _survivor(gone_id) != keep.pk:
        raise RefusedError("The article is not here any more.")
    if Article.objects.filter(url_sha256=bytes.fromhex(kept["article"]["url_sha256"])).exists():
        raise RefusedError(ADDRESS_TAKEN)
    was_at, was_revision = keep.published_at, keep.revision_id
    gone, touched = put_back(kept, keep, gone_id, is_same=keep.pk == change.subject_id)
    held.delete()
    decision = CopyDecision.objects.create(
        kind=CopyDecision.Kind.APART, article=keep, other=gone, by=by, why=why
    )
    _stand(keep, was_at=was_at, is_new_text=keep.revision_id != was_revision)
    _come_back(gone, has_look=bool(kept["look"]))
    if was_look_moved(kept):
        _look_again(keep)
    if Membership.objects.filter(article=gone).exists():
        _count_terms(gone)
    _recount(touched)
    place_again([keep.pk, gone.pk])
    told = {"article": gone.pk, "url": gone.url, "title": gone.title, "decision": decision.pk}
    done = record_change("article", keep.pk, by, PART_ACT, after=told, why=why, undoes=change)
    parted = {"from": keep.pk, "title": keep.title, "change": done.pk}
    record_change("article", gone.pk, by, "parted_article", after=parted, why=why)
    return done


def _join_again(change: Change, by: str, why: str) -> Change:
    one, other = change.subject_id, int(change.after["article"])
    rows = lock_pair(one, other)
    if Change.objects.filter(undoes=change).exists():
        raise RefusedError(TAKEN_BACK)
    if len(rows) < 2:  # noqa: PLR2004 - a pair
        raise RefusedError("One of the two articles is not here any more.")
    said = CopyDecision.objects.filter(pk=change.after["decision"], withdrawn_at__isnull=True)
    if not said.update(withdrawn_at=Now()):
        raise RefusedError(TAKEN_BACK)
    keep, gone = rows[min(one, other)], rows[max(one, other)]
    merged = merge_again(keep, gone, by, why or "an editor said that both are one article")
    told = {"article": gone.pk, "url": gone.url, "title": gone.title, "change": merged.pk}
    return record_change("article", keep.pk, by, f"undo_{PART_ACT}", after=told, why=why, undoes=change)


def _survivor(gone_id: int) -> int | None:
    """The article that an article's number leads to; None when it leads nowhere."""
    rows = ArticleAddress.objects.filter(merged_id=gone_id).order_by("id")
    return rows.values_list("article_id", flat=True).first()


def _stand(keep: Article, *, was_at: datetime, is_new_text: bool) -> None:
    """Have the survivor found and linked by what it says without the other."""
    if keep.published_at != was_at:
        redate_article(keep.pk, was_at=was_at)
        redate_entities(keep.pk, keep.published_at)
        redate_proposals(keep.pk, keep.published_at)
    if is_new_text:
        index_articles([keep.pk])
    relink_article(keep.pk)
    relink_later([keep.pk])


def _come_back(gone: Article, *, has_look: bool) -> None:
    """Have the parted article found, linked, placed in an event and looked at again."""
    if gone.revision_id is None or gone.stage == Article.Stage.NEW:
        add_jobs(Job.Kind.READ, [(gone.pk, "", gone.batch, None)])
        return
    gone.stage = Article.Stage.LINKED
    gone.save(update_fields=["stage"])
    index_articles([gone.pk])
    relink_article(gone.pk)
    relink_later([gone.pk])  # a worker with the language models reads what is to be read anew
    add_jobs(Job.Kind.PLACE, [(gone.pk, shard_of(gone.language), gone.batch, gone.published_at)])
    if has_look:
        _look_again(gone)


def _count_terms(article: Article) -> None:
    """Count the words of an article that has its place again: placing counts those of a first place alone."""
    for story in load_stories([article.pk]):
        terms = features_of(story.title, story.text, story.links).distinct_terms()
        seq, _, _ = next_seq(story.shard)
        PlacedTerms.objects.create(shard=story.shard, seq=seq, terms=terms)


def _look_again(article: Article) -> None:
    add_jobs(Job.Kind.LOOK, [(article.pk, "", article.batch, None)], seconds=LOOK_AGAIN_SECONDS)


def _recount(event_ids: frozenset[int]) -> None:
    """Figures and vectors of the events to which a person's word brought one of the two back."""
    for event in Event.objects.filter(pk__in=event_ids).order_by("pk"):
        seq, _, _ = next_seq(event.shard)
        mark_stale([event.pk], seq)
        recount_event(event.pk)
    ask_for_digests(sorted(event_ids))
