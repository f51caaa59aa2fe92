"""Acts: a person says that two entities are one, or that they are not; both hold for every later run.

A merged entity redirects to the other, which gets its names, numbers, listings, positions and mentions. Numbers of
all rows that were moved are kept, so that taking it back puts them where they were; what the machine wrote anew
meanwhile is linked anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from articles.editing.entities import names_of, open_entities, say_why
from articles.editing.trust import count_trust
from articles.editing.written import Written, settle_flag, take_back, tell
from articles.errors import RefusedError
from articles.ingest.link import change_days
from articles.ingest.proposing import position_key
from articles.ingest.relinking import relink_later, relink_names
from articles.models import (
    Article,
    ArticleEntity,
    EntityDay,
    EntityMerge,
    LinkDecision,
    LinkRule,
    Mention,
    PositionProposal,
    Proposal,
    Watch,
)
from articles.search.index import index_entities
from entities.history import MACHINE
from entities.lexicon import names_changed
from entities.models import (
    Alias,
    Change,
    Conflict,
    Entity,
    Identifier,
    Judgement,
    Listing,
    Ownership,
    Position,
    Resemblance,
    Security,
)
from entities.sources.twins import Twin

MERGE_ACT = "merge_entities"
JUDGING_ACTS = frozenset({"say_not_same", "say_unsure", "withdraw_judgement"})
_LOCK = 0x4E44_4D47  # "NDMG": merges go one after the other, since chains of them are led to their end
_PORTION = 2000  # search rows that are written at a time
_COUNTED = ("mentions", "in_title", "about", "salience", "why")


@dataclass(frozen=True, slots=True)
class _Moving:
    """Rows that follow an entity: the column that names it, and those that make a row unique beside it."""

    name: str  # in what is kept of a merge
    model: type[models.Model]
    column: str
    unique: tuple[str, ...] = ()


_FACTS = (
    _Moving("alias", Alias, "entity_id", ("text",)),
    _Moving("identifier", Identifier, "entity_id", ("scheme", "value")),
    _Moving("security", Security, "issuer_id"),
    _Moving("person", Position, "person_id", ("organization_id", "title", "since")),
    _Moving("organization", Position, "organization_id", ("person_id", "title", "since")),
    _Moving("owner", Ownership, "owner_id", ("asset_id", "kind", "since")),
    _Moving("asset", Ownership, "asset_id", ("owner_id", "kind", "since")),
    _Moving("conflict", Conflict, "entity_id", ("field", "place", "ours", "theirs", "theirs_source")),
    _Moving("decision", LinkDecision, "entity_id"),
    _Moving("was", LinkDecision, "was_id"),
    _Moving("rule", LinkRule, "entity_id"),
    _Moving("proposal", Proposal, "entity_id"),
    _Moving("like", Proposal, "like_entity_id"),
    _Moving("watch", Watch, "entity_id", ("user_id",)),
    _Moving("merged", Entity, "merged_into_id"),
)


@transaction.atomic
def merge_entities(keep_id: int, gone_id: int, by: str, why: str = "") -> Change:
    """Make two entities one: everything of the second is the first's, and its address leads there.

    Raises RefusedError when both are the same, one is a person and the other none, or somebody said that they (or
    what became part of them) are not the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if keep_id == gone_id:
        raise RefusedError("Both are the same entity: choose another one to merge with it.")
    keep, gone = open_entities(keep_id, gone_id)
    if (keep.kind == Entity.Kind.PERSON) != (gone.kind == Entity.Kind.PERSON):
        raise RefusedError(
            "A person and an organisation are never one: correct the kind of one of them first."
        )
    _refuse_parted(keep, gone)
    why, written = say_why(why), Written()
    _judge(written, keep.pk, gone.pk, Judgement.Verdict.SAME, by)
    _drop_resemblances(written, Q(left=gone) | Q(right=gone))
    names = names_of(gone.pk)
    articles = _lock_articles([gone.pk])
    moved = _move_facts(keep, gone)
    moved |= _move_beside(keep, gone)
    moved |= _move_statements(keep.pk, gone.pk)
    moved |= _move_mentions(keep.pk, gone.pk, articles)
    if gone.wikidata_id and not keep.wikidata_id:
        item = gone.wikidata_id
        written.change(gone, wikidata_id="")  # first: an item has one entity
        written.change(keep, wikidata_id=item)
    written.change(gone, merged_into_id=keep.pk)
    _keep_one_primary(written, keep.pk, moved["security"])
    if (
        gone.edited_by_human
    ):  # its names and facts are in this one now: importers leave what people wrote alone
        written.mark(keep)
    change = written.record(
        ("entity", keep.pk), by, MERGE_ACT, f"merged “{gone.name}” into it", why, gone=gone.pk
    )
    tell(change, gone.pk, f"merged it into “{keep.name}”", "merged_into")
    _count_trust(moved, [keep.pk])
    EntityMerge.objects.create(keep=keep, gone=gone, change_id=change.pk, moved=moved)
    _renew(names, articles, [keep.pk, gone.pk])
    return change


def merge_twin(twin: Twin) -> bool:
    """Make two rows of one entity one that loads of ours wrote; whether it was done.

    It is a merge like a person's, with the same history and undo; what people said against it holds.
    """
    try:
        merge_entities(twin.keep, twin.gone, MACHINE, twin.why)
    except RefusedError:
        return False
    return True


def undo_merge(change: Change) -> None:
    """Put everything that a merge moved where it was; in the transaction of the undo, which records it.

    Raises RefusedError when the kept entity became part of another since.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    merge = (
        EntityMerge.objects.select_for_update().filter(change_id=change.pk, undone_at__isnull=True).first()
    )
    if merge is None:
        raise RefusedError("This merge was taken back already.")
    keep = Entity.objects.select_for_update(no_key=True, of=("self",)).get(pk=merge.keep_id)
    if keep.merged_into_id is not None:
        into = Entity.objects.get(pk=keep.merged_into_id)
        raise RefusedError(f"{keep.name} was merged into {into.name} since: take that back first.")
    gone = Entity.objects.select_for_update(no_key=True, of=("self",)).get(pk=merge.gone_id)
    moved: dict[str, Any] = merge.moved
    articles = _lock_articles([gone.pk], moved["articles"])
    for sort in reversed(_FACTS):
        # Back to whose they were; what was moved on or taken away since stays so.
        _give(sort, to=gone.pk, of=keep.pk, only=moved.get(sort.name, ()))
    _put_back_beside(moved, keep.pk, gone.pk)
    _put_back_statements(moved["statements"])
    _put_back_mentions(moved, keep.pk, gone.pk, articles)
    take_back(change.after["steps"])
    settle_flag(change)
    _count_trust(moved, [keep.pk, gone.pk])
    EntityMerge.objects.filter(pk=merge.pk).update(undone_at=Now())
    _renew(names_of(gone.pk), articles, [keep.pk, gone.pk])


def _count_trust(moved: dict[str, Any], entity_ids: Sequence[int]) -> None:
    """What people decided of names in articles speaks for whose the decisions are now."""
    decisions = LinkDecision.objects.filter(pk__in=[*moved["decision"], *moved["was"]])
    for surface in sorted(set(decisions.values_list("surface", flat=True))):
        count_trust(surface, entity_ids)


def _renew(names: Sequence[str], articles: Sequence[int], entity_ids: Sequence[int]) -> None:
    """The names mean another: where they stand is linked anew, and what was moved with them, the newest first.

    No text is searched: each of the names was known before, and is a mention of some sort wherever it stands.
    """
    names_changed(entity_ids)
    relink_names(names, is_new=False)
    newest = Article.objects.filter(pk__in=articles).order_by("-published_at", "-pk")
    relink_later(
        newest.values_list("pk", flat=True)[: settings.RELINK_MOST],
        seconds=settings.LEXICON_CHECK_SECONDS + 1,
    )


def say_not_same(left_id: int, right_id: int, by: str, why: str = "") -> Change:
    """Say that two entities are not one: they are never shown as likely duplicates again, nor merged.

    Raises RefusedError when somebody said so already, or they are one by a merge.
    """
    return _say(left_id, right_id, by, Judgement.Verdict.NOT_SAME, why)


def say_unsure(left_id: int, right_id: int, by: str, why: str = "") -> Change:
    """Say that nobody can tell whether two entities are one: they are not asked about again. Raises RefusedError."""
    return _say(left_id, right_id, by, Judgement.Verdict.UNSURE, why)


@transaction.atomic
def withdraw_judgement(left_id: int, right_id: int, by: str, why: str = "") -> Change:
    """Take away that two entities are not the same, or that nobody can tell: they may be asked about and merged again.

    Raises RefusedError when nobody said so.
    """
    left, right = open_entities(*sorted((left_id, right_id)))
    row = _judgements({left.pk}, {right.pk}).exclude(verdict=Judgement.Verdict.SAME).first()
    if row is None:
        raise RefusedError("Nobody has judged these two, or it was withdrawn already. Reload the page.")
    written = Written()
    written.change(row, withdrawn_at=timezone.now())
    words = f"withdrew that it is {_verdict_words(row.verdict)} “{right.name}”"
    change = written.record(
        ("entity", left.pk), by, "withdraw_judgement", words, say_why(why), other=right.pk
    )
    tell(
        change,
        right.pk,
        f"withdrew that it is {_verdict_words(row.verdict)} “{left.name}”",
        "judgement_withdrawn",
    )
    return change


@transaction.atomic
def _say(left_id: int, right_id: int, by: str, verdict: Judgement.Verdict, why: str) -> Change:
    if left_id == right_id:
        raise RefusedError("Both are the same entity: choose another one.")
    left, right = open_entities(*sorted((left_id, right_id)))
    written = Written()
    _judge(written, left.pk, right.pk, verdict, by)
    _drop_resemblances(written, Q(left=left, right=right))
    act = "say_not_same" if verdict == Judgement.Verdict.NOT_SAME else "say_unsure"
    words = _verdict_words(verdict)
    change = written.record(
        ("entity", left.pk), by, act, f"said that it is {words} “{right.name}”", say_why(why)
    )
    tell(change, right.pk, f"said that it is {words} “{left.name}”", act.replace("say", "said", 1))
    return change


def _verdict_words(verdict: str) -> str:
    return "not the same as" if verdict == Judgement.Verdict.NOT_SAME else "perhaps the same as"


def _judgements(left: Collection[int], right: Collection[int]) -> models.QuerySet[Judgement]:
    """Words in force on pairs between two groups."""
    pairs = Q(left__in=left, right__in=right) | Q(left__in=right, right__in=left)
    return Judgement.objects.filter(pairs, withdrawn_at__isnull=True).order_by("id")


def _judge(written: Written, one: int, other: int, verdict: Judgement.Verdict, by: str) -> None:
    """A word on a pair, in the place of a weaker one. Raises RefusedError when a word in force stands against it."""
    left, right = sorted((one, other))
    standing = _judgements({left}, {right}).select_for_update().first()
    if standing is not None and standing.verdict == verdict:
        raise RefusedError(f"{standing.by} said so already.")
    if standing is not None and Judgement.Verdict.UNSURE not in {standing.verdict, verdict}:
        raise RefusedError(f"{standing.by} said otherwise: withdraw that first.")
    if standing is not None and verdict == Judgement.Verdict.UNSURE:
        raise RefusedError(
            f"{standing.by} said that it is {_verdict_words(standing.verdict)} the other already."
        )
    if standing is not None:
        written.change(standing, withdrawn_at=timezone.now())
    written.add(Judgement(left_id=left, right_id=right, verdict=verdict, by=by))


def _refuse_parted(keep: Entity, gone: Entity) -> None:
    """ "Not the same" beats "the same", also between those that became part of the two."""
    groups = [
        {row.pk, *Entity.objects.filter(merged_into=row).values_list("pk", flat=True)} for row in (keep, gone)
    ]
    parted = (
        _judgements(*groups)
        .filter(verdict=Judgement.Verdict.NOT_SAME)
        .select_related("left", "right")
        .first()
    )
    if parted is not None:
        raise RefusedError(
            f"{parted.by} said that {parted.left.name} and {parted.right.name} are not the same: withdraw that first."
        )


def _drop_resemblances(written: Written, pairs: Q) -> None:
    for row in Resemblance.objects.select_for_update().filter(pairs).order_by("pk"):
        written.remove(row)


def _lock_articles(entity_ids: Sequence[int], more: Iterable[int] = ()) -> list[int]:
    """Articles that name one of them: whoever links them waits, in the order in which linking locks."""
    named = set(ArticleEntity.objects.filter(entity_id__in=entity_ids).values_list("article_id", flat=True))
    named |= set(
        Mention.objects.filter(entity_id__in=entity_ids).values_list("revision__article_id", flat=True)
    )
    named.update(more)
    locked = Article.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=named).order_by("pk")
    return list(locked.values_list("pk", flat=True))


# --- what is known of an entity --------------------------------------------------------------------------


def _move_facts(keep: Entity, gone: Entity) -> dict[str, Any]:
    """Give the kept one all rows of the other that it has not itself; what it has stays where it is."""
    return {sort.name: _give(sort, to=keep.pk, of=gone.pk) for sort in _FACTS}


def _keep_one_primary(written: Written, keep_id: int, securities: Collection[int]) -> None:
    """A company has one main listing: that of the kept one, where it has one."""
    ours = Listing.objects.filter(security__issuer_id=keep_id, primary=True, valid_to__isnull=True)
    if ours.exclude(security__in=securities).exists():
        for listing in ours.select_for_update(of=("self",)).filter(security__in=securities).order_by("pk"):
            written.change(listing, primary=False)


def _give(sort: _Moving, *, to: int, of: int, only: Sequence[int] | None = None) -> list[int]:
    """Move rows from one entity to another unless one like it is there; the numbers of those moved, in order."""
    table = sort.model._default_manager  # noqa: SLF001 - the documented name
    rows = table.filter(**{sort.column: of})
    if only is not None:
        rows = rows.filter(pk__in=only)
    taken: set[tuple[Any, ...]] = set()
    if sort.unique:
        taken = set(table.filter(**{sort.column: to}).values_list(*sort.unique))
    # Nobody owns itself.
    other = {"owner_id": "asset_id", "asset_id": "owner_id"}.get(sort.column, "")
    going = []
    for pk, *values in rows.order_by("pk").values_list("pk", *sort.unique):
        is_own = dict(zip(sort.unique, values, strict=True)).get(other) == to
        if tuple(values) not in taken and not is_own:
            going.append(pk)
    table.filter(pk__in=going).update(**{sort.column: to})
    return going


def _move_beside(keep: Entity, gone: Entity) -> dict[str, Any]:
    """Rules that hold beside it hold beside the kept one; one for a name that has such a rule already is switched off."""
    rules = LinkRule.objects.select_for_update(of=("self",)).filter(beside=gone).order_by("pk")
    beside, off = [], []
    for rule in rules:
        same = LinkRule.objects.filter(
            surface=rule.surface, publisher=rule.publisher_id, beside=keep, off_at__isnull=True
        )
        if rule.off_at is None and same.exists():
            off.append(rule.pk)
        else:
            beside.append(rule.pk)
    LinkRule.objects.filter(pk__in=off).update(off_at=Now(), off_by="newsdesk")
    LinkRule.objects.filter(pk__in=beside).update(beside=keep)
    return {"beside": beside, "switched_off": off}


def _put_back_beside(moved: dict[str, Any], keep_id: int, gone_id: int) -> None:
    LinkRule.objects.filter(pk__in=moved["beside"], beside_id=keep_id).update(beside_id=gone_id)
    LinkRule.objects.filter(pk__in=moved["switched_off"], off_by="newsdesk").update(off_at=None, off_by="")


def _move_statements(keep_id: int, gone_id: int) -> dict[str, Any]:
    """Stated positions of the other are the kept one's; where the same is stated of both, linking anew adds them up."""
    rows = PositionProposal.objects.select_for_update(of=("self",)).filter(
        Q(person_id=gone_id) | Q(organization_id=gone_id)
    )
    statements = []
    for row in rows.order_by("key"):
        was = [row.pk, row.key, row.person_id, row.organization_id]
        ids = [keep_id if pk == gone_id else pk for pk in (row.person_id, row.organization_id)]
        key = position_key(
            row.person_name, row.title, row.organization_name, ids=(ids[0], ids[1]), former=row.former
        )
        if not PositionProposal.objects.filter(key=key).exists():
            row.key, row.person_id, row.organization_id = key, ids[0], ids[1]
            row.save(update_fields=["key", "person_id", "organization_id"])
            statements.append([*was, key])
    return {"statements": statements}


def _put_back_statements(statements: Iterable[Sequence[Any]]) -> None:
    for pk, key, person_id, organization_id, since in statements:
        if not PositionProposal.objects.filter(key=key).exists():
            PositionProposal.objects.filter(pk=pk, key=since).update(
                key=key, person_id=person_id, organization_id=organization_id
            )


# --- what articles say of it -----------------------------------------------------------------------------


def _move_mentions(keep_id: int, gone_id: int, articles: Sequence[int]) -> dict[str, Any]:
    """Mentions, the entities of articles (added up where an article names both), days and search follow."""
    mentions = sorted(Mention.objects.filter(entity_id=gone_id).values_list("pk", flat=True))
    Mention.objects.filter(pk__in=mentions).update(entity_id=keep_id)
    of_gone = {row.article_id: row for row in ArticleEntity.objects.filter(entity_id=gone_id)}
    of_keep = {
        row.article_id: row for row in ArticleEntity.objects.filter(entity_id=keep_id, article_id__in=of_gone)
    }
    both = []
    for article_id, row in sorted(of_keep.items()):
        other = of_gone[article_id]
        was = [_counted(row), _counted(other)]
        row.mentions += other.mentions
        row.in_title = row.in_title or other.in_title
        row.about = row.about or other.about
        if other.salience > row.salience:
            row.salience, row.why = other.salience, other.why
        both.append([article_id, *was, _counted(row)])
    if both:
        ArticleEntity.objects.bulk_update(of_keep.values(), _COUNTED, batch_size=_PORTION)
        ArticleEntity.objects.filter(entity_id=gone_id, article_id__in=of_keep).delete()
    alone = sorted(set(of_gone) - set(of_keep))
    ArticleEntity.objects.filter(entity_id=gone_id, article_id__in=alone).update(entity_id=keep_id)
    change_days(
        [(gone_id, row.published_at, -1) for row in of_gone.values()]
        + [(keep_id, of_gone[article_id].published_at, 1) for article_id in alone]
    )
    EntityDay.objects.filter(entity_id=gone_id, n=0).delete()
    _index(articles)
    return {"mentions": mentions, "both": both, "alone": alone, "articles": list(articles)}


def _put_back_mentions(moved: dict[str, Any], keep_id: int, gone_id: int, articles: Collection[int]) -> None:
    """Mentions that are still as they were moved go back, and what is counted of their articles with them.

    An article that was linked anew since is counted by its mentions; the rest of it comes when it is linked once more.
    """
    Mention.objects.filter(pk__in=moved["mentions"], entity_id=keep_id).update(entity_id=gone_id)
    # Of the current texts: (article, entity) to places, and those in the title.
    counts = {
        (article_id, entity_id): (places, in_title)
        for article_id, entity_id, places, in_title in Mention.objects.filter(
            entity_id__in=(keep_id, gone_id),
            revision__article_id__in=[*moved["alone"], *(row[0] for row in moved["both"])],
            revision__article__revision_id=models.F("revision_id"),
        )
        .values("revision__article_id", "entity_id")
        .annotate(places=models.Count("pk"), titled=models.Count("pk", filter=Q(field=Mention.Field.TITLE)))
        .values_list("revision__article_id", "entity_id", "places", "titled")
        .order_by()
    }
    named = {article_id for article_id, entity_id in counts if entity_id == gone_id}
    rows = {
        row.article_id: row for row in ArticleEntity.objects.filter(entity_id=keep_id, article_id__in=named)
    }
    both = {article_id: sides for article_id, *sides in moved["both"]}
    days, made, changed = [], [], []
    for article_id, row in sorted(rows.items()):
        side = ArticleEntity(article_id=article_id, entity_id=gone_id, published_at=row.published_at)
        sides = both.get(article_id)
        if sides is not None and _counted(row) == sides[2]:
            _set(row, sides[0])
            _set(side, sides[1])
        elif (article_id, keep_id) not in counts:
            row.entity_id = gone_id
            days += [(keep_id, row.published_at, -1), (gone_id, row.published_at, 1)]
            changed.append(row)
            continue
        else:
            _set(side, _counted(row))
            row.mentions, in_title = counts[article_id, keep_id]
            row.in_title = bool(in_title)
            side.mentions, in_title = counts[article_id, gone_id]
            side.in_title = bool(in_title)
        changed.append(row)
        made.append(side)
        days.append((gone_id, row.published_at, 1))
    ArticleEntity.objects.bulk_update(changed, ("entity_id", *_COUNTED), batch_size=_PORTION)
    ArticleEntity.objects.bulk_create(made)
    change_days(days)
    EntityDay.objects.filter(entity_id__in=(keep_id, gone_id), n=0).delete()
    _index(sorted(articles))


def _set(row: ArticleEntity, values: Sequence[Any]) -> None:
    for name, value in zip(_COUNTED, values, strict=True):
        setattr(row, name, value)


def _counted(row: ArticleEntity) -> list[Any]:
    return [getattr(row, name) for name in _COUNTED]


def _index(articles: Sequence[int]) -> None:
    for at in range(0, len(articles), _PORTION):
        index_entities(articles[at : at + _PORTION])
