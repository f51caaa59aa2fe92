"""Acts: the names in an article become mentions, and mentions become what pages count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.functions import Coalesce

from articles.events.digesting import ask_for_digests_of
from articles.ingest.name_rules import rules_for
from articles.ingest.naming import NamesRead, keep_names, kept_names
from articles.ingest.proposing import Place, keep_positions, keep_proposals
from articles.ingest.refusing import Refused, keep_refusals, taken_away
from articles.models import Article, ArticleEntity, LinkDecision, Mention, Revision
from articles.search.index import index_entities
from entities.lexicon import current_lexicon
from entities.linking import LINK_RULES, link_text
from entities.types import (
    Candidate,
    Decision,
    FoundMention,
    LinkedText,
    NamedSpan,
    NameRule,
    Salient,
    TextField,
    Why,
)

# What makes a row another one.
_MENTION = (
    "entity_id", "text", "kind", "status", "score", "why", "candidates", "rule_version", "decided_by", "rule_id",
    "proposal_id",
)  # fmt: skip
_COUNTED = ("published_at", "mentions", "in_title", "about", "salience", "why")


def link_revision(revision: Revision, *, language: str, names: NamesRead | None = None) -> LinkedText:
    """Find the names of a revision; what people decided about the article, and rules for names, are obeyed.

    What the language model once read in it is used; `names` is what it has just read, which is kept with the revision.
    """
    if names is None or names.problem:
        spans = kept_names(revision.pk)
    else:
        keep_names(revision.pk, names)
        spans = names.spans
    decisions = decisions_for(revision.article_id)
    rules = rules_for(revision.article_id, revision.title, revision.text)
    linked = link_by(revision, language=language, decisions=decisions, rules=rules, spans=spans)
    refusing = [rule for rule in rules if rule.entity_id is None]
    refused: Mapping[Refused, int] = {}
    if refusing:  # rules that leave no mention behind: what they took away is seen only beside what would be
        others = [rule for rule in rules if rule.entity_id is not None]
        without = link_by(revision, language=language, decisions=decisions, rules=others, spans=spans)
        refused = taken_away(refusing, without.mentions, linked.mentions)
    keep_refusals(revision.pk, refused)
    return linked


def link_by(
    revision: Revision,
    *,
    language: str,
    decisions: Iterable[Decision],
    rules: Iterable[NameRule],
    spans: Sequence[NamedSpan] | None,
) -> LinkedText:
    """Find the names of a revision by these decisions and rules alone: for trials of what would be. Reads nothing."""
    return link_text(
        revision.title,
        revision.text,
        current_lexicon(),
        language=language,
        decisions=decisions,
        rules=rules,
        spans=spans,
    )


def decisions_for(article_id: int) -> list[Decision]:
    """What people said about names in this article and what is still in force.

    An entity that became part of another since means that one.
    """
    return decisions_about([article_id]).get(article_id, [])


def decisions_about(article_ids: Collection[int]) -> dict[int, list[Decision]]:
    """The same for some articles, one query; those about which nobody decided are absent."""
    found: dict[int, list[Decision]] = {}
    for row in (
        LinkDecision.objects.filter(article_id__in=article_ids, withdrawn_at__isnull=True)
        .annotate(meant=Coalesce("entity__merged_into_id", "entity_id"))
        .order_by("id")
        .values("article_id", "surface", "meant", "by", "field", "start", "end")
    ):
        decision = Decision(
            surface=row["surface"],
            entity_id=row["meant"],
            by=row["by"],
            field=_field(row["field"]),
            start=row["start"],
            end=row["end"],
        )
        found.setdefault(row["article_id"], []).append(decision)
    return found


def _field(name: str) -> TextField | None:
    return "title" if name == "title" else "text" if name == "text" else None


def write_mentions(article: Article, revision: Revision, linked: LinkedText) -> None:
    """Replace the revision's mentions and all that is counted from them, inside the caller's transaction.

    What is as it was is not written again: a mention that stays keeps its number.
    """
    proposals = keep_proposals(article, revision, linked)
    keep_positions(article, revision, linked)
    wanted = {(one.field, one.start, one.end): one for one in _mentions(revision.pk, linked, proposals)}
    gone = []
    for row in Mention.objects.filter(revision_id=revision.pk):
        key = (row.field, row.start, row.end)
        if key in wanted and _says(row, _MENTION) == _says(wanted[key], _MENTION):
            del wanted[key]
        else:
            gone.append(row.pk)
    if gone:
        Mention.objects.filter(pk__in=gone).delete()
    Mention.objects.bulk_create(list(wanted.values()))
    if gone or wanted:
        ask_for_digests_of([article.pk])  # whom its event names, and what it says, is read anew
    _count_entities(article.pk, article.published_at, linked)
    index_entities([article.pk])


def relink_article(article_id: int) -> None:
    """Link an article's current revision anew, at once: what an editor decided shows on the next page.

    The language model is not asked again: what it read is kept. Call it inside the transaction that wrote the decision.
    """
    article = Article.objects.select_for_update(of=("self",)).select_related("revision").get(pk=article_id)
    if article.revision is None:
        return
    write_mentions(article, article.revision, link_revision(article.revision, language=article.language))


def _mentions(revision_id: int, linked: LinkedText, proposals: Mapping[Place, int]) -> list[Mention]:
    """The rows; an unknown name that people rejected for ever has none."""
    return [
        _mention(revision_id, found, proposals.get((found.field, found.start)))
        for found in linked.mentions
        if found.status != "proposed" or (found.field, found.start) in proposals
    ]


def _mention(revision_id: int, found: FoundMention, proposal_id: int | None) -> Mention:
    return Mention(
        revision_id=revision_id,
        entity_id=found.entity_id,
        field=found.field,
        start=found.start,
        end=found.end,
        text=found.text[:300],
        kind=found.kind,
        status=found.status,
        score=round(found.score, 4),
        why=_reasons(found.why),
        candidates=[_candidate(candidate) for candidate in found.candidates],
        rule_version=LINK_RULES,
        decided_by=found.decided_by,
        rule_id=found.rule_id,
        proposal_id=proposal_id,
    )


def _reasons(why: Sequence[Why]) -> list[dict[str, Any]]:
    return [{"code": part.code, "words": part.words, "weight": part.weight} for part in why]


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {"entity": candidate.entity_id, "score": round(candidate.score, 4), "why": _reasons(candidate.why)}


def _count_entities(article_id: int, published_at: datetime, linked: LinkedText) -> None:
    counts: dict[int, int] = {}
    in_title: set[int] = set()
    for found in linked.mentions:
        if found.entity_id is not None:
            counts[found.entity_id] = counts.get(found.entity_id, 0) + 1
            if found.field == "title":
                in_title.add(found.entity_id)
    salient = {one.entity_id: one for one in linked.salience}
    wanted = {
        entity_id: _article_entity(
            ArticleEntity(
                article_id=article_id,
                entity_id=entity_id,
                published_at=published_at,
                mentions=counts[entity_id],
                in_title=entity_id in in_title,
            ),
            salient.get(entity_id),
        )
        for entity_id in sorted(counts)
    }
    changes: list[tuple[int, datetime, int]] = []
    gone = []
    for row in ArticleEntity.objects.filter(article_id=article_id):
        if row.entity_id in wanted and _says(row, _COUNTED) == _says(wanted[row.entity_id], _COUNTED):
            del wanted[row.entity_id]
        else:
            gone.append(row.pk)
            changes.append((row.entity_id, row.published_at, -1))
    if gone:
        ArticleEntity.objects.filter(pk__in=gone).delete()
    ArticleEntity.objects.bulk_create(list(wanted.values()))
    change_days([*changes, *((entity_id, published_at, 1) for entity_id in wanted)])


def _article_entity(row: ArticleEntity, salient: Salient | None) -> ArticleEntity:
    """The row with how much the text is about its entity."""
    if salient is not None:
        row.about, row.salience, row.why = salient.about, round(salient.salience, 4), _reasons(salient.why)
    return row


def _says(row: Model, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


def redate_entities(article_id: int, published_at: datetime) -> None:
    """Count an article's entities on the day of its corrected date, inside the caller's transaction."""
    rows = ArticleEntity.objects.filter(article_id=article_id).exclude(published_at=published_at)
    before = list(rows.values_list("entity_id", "published_at"))
    rows.update(published_at=published_at)
    change_days(
        [(entity_id, at, -1) for entity_id, at in before]
        + [(entity_id, published_at, 1) for entity_id, _ in before]
    )


def change_days(changes: Sequence[tuple[int, datetime, int]]) -> None:
    """Add to the articles a day (UTC) of entities: (entity id, moment, how many more). Sorted, so that no two deadlock."""
    totals: dict[tuple[int, str], int] = {}
    for entity_id, at, more in changes:
        key = (entity_id, f"{at:%Y-%m-%d}")
        totals[key] = totals.get(key, 0) + more
    rows = sorted((entity_id, day, more) for (entity_id, day), more in totals.items() if more)
    if not rows:
        return
    ids, days, deltas = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    with connection.cursor() as cursor:
        # A row is checked before its conflict is found, so what is taken away cannot come by the INSERT.
        cursor.execute(
            """INSERT INTO articles_entityday (entity_id, day, n)
               SELECT entity_id, day, 0 FROM unnest(%s::bigint[], %s::date[]) AS c(entity_id, day)
               ON CONFLICT (entity_id, day) DO NOTHING""",
            [ids, days],
        )
        cursor.execute(
            """WITH changes AS MATERIALIZED (
                   SELECT d.id, c.more FROM articles_entityday d
                   JOIN unnest(%s::bigint[], %s::date[], %s::int[]) AS c(entity_id, day, more) USING (entity_id, day)
                   ORDER BY d.entity_id, d.day FOR UPDATE OF d
               )
               UPDATE articles_entityday d SET n = greatest(d.n + changes.more, 0)
               FROM changes WHERE d.id = changes.id""",
            [ids, days, deltas],
        )
