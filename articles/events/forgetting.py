"""Acts: articles that are about to be deleted leave their events, copy groups and the counts of placing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Exists, OuterRef

from articles.events.copy_groups import arrange_group
from articles.events.database import (
    fold_terms,
    lock_events,
    lock_shard,
    mark_stale,
    next_seq,
    recount_event,
)
from articles.events.digesting import ask_for_digests
from articles.events.features import features_of, shard_of
from articles.events.stories import load_stories
from articles.models import ArticleCopy, Event, Job, Membership, PlacingShard


def lock_shards(languages: Iterable[str]) -> None:
    """Wait until nothing is being placed. Call it before any article is locked: placing locks in this order."""
    names = set(PlacingShard.objects.values_list("name", flat=True))
    for shard in sorted(names | {shard_of(language) for language in languages}):
        lock_shard(shard)


def lock_events_of(article_ids: Collection[int], also: Collection[int] = ()) -> None:
    """Wait for the events of these articles and those of `also`, and for those that lead there, in the order that all keep.

    Call it after the articles were locked and before the first event is written.
    """
    found = set(also).union(
        Membership.objects.filter(article_id__in=article_ids).values_list("event_id", flat=True).distinct()
    )
    lock_events(found | _leading_to(found))


def forget_articles(article_ids: Collection[int]) -> None:
    """Undo what placing made of these articles; call it under `lock_shards`, in the transaction that deletes them.

    An event that loses its last article goes, with the joined events that only lead to it. The others get new
    figures and, unless a person named them, a headline of the articles that are left.
    """
    lock_events_of(article_ids)
    memberships = Membership.objects.filter(article_id__in=article_ids)
    placed = dict(memberships.values_list("article_id", "event_id"))
    terms: dict[str, Counter[str]] = {}
    documents: Counter[str] = Counter()
    for story in load_stories(list(placed)):
        found = features_of(story.title, story.text, story.links)
        terms.setdefault(story.shard, Counter()).update(found.distinct_terms())
        documents[story.shard] += 1
    touched = set(placed.values())
    shards = set(terms) | set(Event.objects.filter(pk__in=touched).values_list("shard", flat=True))
    memberships.delete()
    _leave_groups(article_ids)
    _drop_empty_events(touched)
    for shard in sorted(shards):
        seq, _, _ = next_seq(shard)
        fold_terms(shard)
        _uncount(shard, terms.get(shard, Counter()), documents[shard])
        mark_stale(Event.objects.filter(pk__in=touched, shard=shard).values_list("pk", flat=True), seq)
    left = list(Event.objects.filter(pk__in=touched).order_by("pk").values_list("pk", flat=True))
    for event_id in left:
        recount_event(event_id)
    ask_for_digests(left)


def _uncount(shard: str, terms: Counter[str], documents: int) -> None:
    """Take terms out of a shard's counts. What was revised since it was counted may differ by a few."""
    rows = sorted(terms.items())
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_termcount c SET articles = greatest(c.articles - t.n, 0)
               FROM unnest(%s::text[], %s::int[]) AS t(term, n) WHERE c.shard = %s AND c.term = t.term""",
            [[term for term, _ in rows], [n for _, n in rows], shard],
        )
        cursor.execute("DELETE FROM articles_termcount WHERE shard = %s AND articles = 0", [shard])
        cursor.execute(
            "UPDATE articles_placingshard SET documents = greatest(documents - %s, 0) WHERE name = %s",
            [documents, shard],
        )


def _leave_groups(article_ids: Collection[int]) -> None:
    """Groups that lose all but one member are no groups; the others get their count and their origin anew."""
    copies = ArticleCopy.objects.filter(article_id__in=article_ids)
    groups = sorted(set(copies.values_list("group_id", flat=True)))
    copies.delete()
    for group_id in groups:
        arrange_group(group_id)


def _drop_empty_events(touched: Collection[int]) -> None:
    """Delete those of these events that have no article left, with all that leads to them."""
    member = Membership.objects.filter(event=OuterRef("pk"))
    empty = Event.objects.filter(~Exists(member), pk__in=touched, merged_into__isnull=True)
    doomed = set(empty.values_list("pk", flat=True))
    doomed |= _leading_to(doomed)
    # Joined events protect what they lead to; among rows that all go, there is nothing to protect.
    Event.objects.filter(pk__in=doomed).update(merged_into=None)
    Job.objects.filter(kind=Job.Kind.DIGEST, subject_id__in=doomed).delete()
    Event.objects.filter(pk__in=doomed).delete()


def _leading_to(event_ids: Collection[int]) -> set[int]:
    """The joined events that lead to these, however far."""
    layer, found = set(event_ids), set[int]()
    while layer:
        layer = set(Event.objects.filter(merged_into__in=layer).values_list("pk", flat=True)) - found
        found |= layer
    return found
