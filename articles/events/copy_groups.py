"""Acts on rows of copy groups: articles join and leave, groups become one, the origin is presumed anew.

Call them in the caller's transaction, under the lock of the articles' shard (`lock_shard`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from articles.events.copies import (
    COPY_RULE_VERSION,
    OriginClaim,
    Overlap,
    Shingles,
    compare,
    copy_reasons,
    credit_reasons,
    shingles_of,
    sketchable,
)
from articles.events.credits import PLACES, Credit
from articles.events.features import shard_of
from articles.events.grouping import WHOLE, ComparedText, Member, MemberKind, arrange
from articles.events.placement import CopyVerdict, GroupView, SharedText, credit_of_story
from articles.events.stories import reasons_as_rows, reasons_of_rows, story_of, text_of
from articles.models import (
    Article,
    ArticleCopy,
    ArticleShare,
    ArticleSketch,
    CopyDecision,
    CopyGroup,
    StockPhrase,
)

# The stock phrases of a publisher's text, as hashes.
StockOf = Callable[[Article, Shingles], Container[int]]

MOST_RELATIVES = 8  # of each kind, with which a revised article is compared again

_KINDS: Mapping[str, MemberKind] = {"origin": "origin", "verbatim": "verbatim", "abridged": "abridged"}


def groups_of(keys: Collection[int], *, without: int | None = None) -> dict[int, GroupView]:
    """The copy group of each of these articles that is in one, as placing sees it; `without` counts as no member."""
    mine = dict(ArticleCopy.objects.filter(article_id__in=keys).values_list("article_id", "group_id"))
    if not mine:
        return {}
    members: dict[int, list[int]] = {}
    rows = ArticleCopy.objects.filter(group_id__in=set(mine.values())).exclude(article_id=without or 0)
    for group_id, key, kind in rows.values_list("group_id", "article_id", "kind"):
        members.setdefault(group_id, []).append(key if kind != ArticleCopy.Kind.ORIGIN else -key)
    views = {
        # The origin's key was made negative: it comes first.
        group_id: GroupView(group_id, tuple(map(abs, sorted(keys, key=lambda key: (key > 0, abs(key))))))
        for group_id, keys in members.items()
    }
    return {key: views[group_id] for key, group_id in mine.items() if key != without and group_id in views}


def not_copies_of(keys: Collection[int]) -> set[tuple[int, int]]:
    """The pairs, the lower number first, that people said are no copies of each other."""
    said = CopyDecision.objects.filter(
        Q(article_id__in=keys) | Q(other_id__in=keys),
        kind=CopyDecision.Kind.NOT_COPY,
        withdrawn_at__isnull=True,
        other__isnull=False,
    )
    return {(min(a, b), max(a, b)) for a, b in said.values_list("article_id", "other_id")}


def are_apart(one: int, other: int) -> bool:
    """Whether a person said that the two are two articles, whatever addresses their pages give."""
    said = CopyDecision.objects.filter(kind=CopyDecision.Kind.APART, withdrawn_at__isnull=True)
    return said.filter(Q(article_id=one, other_id=other) | Q(article_id=other, other_id=one)).exists()


def relatives_of(article_id: int) -> list[int]:
    """Some members of the article's copy group, the origin first, and some articles that share text with it."""
    view = groups_of([article_id]).get(article_id)
    members = [key for key in view.members if key != article_id] if view is not None else []
    sharing = ArticleShare.objects.filter(Q(article_id=article_id) | Q(other_id=article_id)).order_by("-id")
    pairs = sharing.values_list("article_id", "other_id")[:MOST_RELATIVES]
    return [*members[:MOST_RELATIVES], *(other if one == article_id else one for one, other in pairs)]


def join_group(article: Article, verdict: CopyVerdict, stock_of: StockOf | None = None) -> int:
    """Put an article into the group of the text that it carries, and groups that carry it too into that one.

    Leaves the group that it was in before. Returns the group's number.
    """
    group_id = _group_of(verdict.of)
    standing = ArticleCopy.objects.filter(article_id=article.pk).first()
    if standing is not None and standing.group_id != group_id:
        leave_group(article.pk, stock_of)
    joined = _join_others(group_id, verdict.joins)
    row = _row(article, group_id, Member(_claim(article), verdict.kind, verdict.overlap, verdict.why))
    if standing is not None and standing.group_id == group_id and standing.kind == ArticleCopy.Kind.ORIGIN:
        # Its text changed: every measure of the group was taken against the old one.
        joined = True
    ArticleCopy.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["group", "kind", "containment", "jaccard", "why", "rule_version"],
    )
    changed = article.pk if standing is not None and standing.group_id == group_id else 0
    arrange_group(group_id, stock_of, is_joined=joined, changed=changed)
    return group_id


def rejoin_group(article_id: int, other_id: int) -> bool:
    """Put an article into another's group again when their texts are copies still and nobody said otherwise."""
    articles = Article.objects.select_related("publisher", "revision").in_bulk([article_id, other_id])
    texts = _texts(list(articles), None)
    if len(texts) < 2:  # noqa: PLR2004 - a pair
        return False
    mine, theirs = texts[article_id], texts[other_id]
    found = compare(mine.shingles, theirs.shingles, mine.stock, theirs.stock)
    view = groups_of([other_id]).get(other_id) or GroupView(0, (other_id,))
    apart = {key for pair in not_copies_of([article_id]) for key in pair} - {article_id}
    if found.kind is None or not apart.isdisjoint(view.members):
        return False
    why = copy_reasons(found, theirs.title, theirs.publisher_name, other_id)
    join_group(articles[article_id], CopyVerdict(other_id, 0, found.kind, found, why))
    return True


def leave_group(article_id: int, stock_of: StockOf | None = None) -> None:
    """Take an article out of its copy group; a group of one is none."""
    row = ArticleCopy.objects.filter(article_id=article_id).first()
    if row is None:
        return
    row.delete()
    arrange_group(row.group_id, stock_of)


def arrange_group(
    group_id: int, stock_of: StockOf | None = None, *, is_joined: bool = False, changed: int = 0
) -> None:
    """Bring a group's origin, measures and count in line with its members; one of them may have another text now.

    Members that are copies of no other member leave the group; what they share is noted.
    """
    rows = {
        row.article_id: row
        for row in ArticleCopy.objects.filter(group_id=group_id)
        .select_related("article__publisher")
        .order_by("article_id")
    }
    if len(rows) < 2:  # noqa: PLR2004 - a copy and what it is a copy of
        CopyGroup.objects.filter(pk=group_id).delete()
        return
    said = _said_origins(rows)
    members = {
        key: Member(
            _claim(row.article, _credit_in(row.why), said.get(key)),
            _KINDS[row.kind],
            Overlap(row.containment, row.jaccard),
            reasons_of_rows(reason for reason in row.why if reason.get("code") != "credit"),
        )
        for key, row in rows.items()
    }
    found = arrange(members, lambda keys: _texts(keys, stock_of), is_joined=is_joined, changed=changed)
    ArticleCopy.objects.filter(article_id__in=found.left).delete()
    _note_left(found.left)
    if len(found.members) < 2:  # noqa: PLR2004 - as above
        CopyGroup.objects.filter(pk=group_id).delete()
        return
    rewritten = [
        _rewritten(rows[key], member)
        for key, member in sorted(found.members.items())
        if member != members[key]
    ]
    if rewritten:
        ArticleCopy.objects.bulk_update(rewritten, ["kind", "containment", "jaccard", "why", "rule_version"])
    origin = next(key for key, member in found.members.items() if member.kind == "origin")
    CopyGroup.objects.filter(pk=group_id).update(origin_id=origin, article_count=len(found.members))


def note_shares(article_id: int, shares: Iterable[SharedText], *, is_again: bool) -> None:
    """Store with whom an article shares text; `is_again`: in place of what an older text of it shared."""
    if is_again:
        ArticleShare.objects.filter(Q(article_id=article_id) | Q(other_id=article_id)).delete()
    rows = [
        ArticleShare(
            article_id=article_id,
            other_id=one.key,
            containment=one.overlap.containment,
            jaccard=one.overlap.jaccard,
            rule_version=COPY_RULE_VERSION,
        )
        for one in sorted(shares, key=lambda one: one.key)
    ]
    if rows:
        ArticleShare.objects.bulk_create(rows, ignore_conflicts=True)


def move_copy_rows(from_id: int, to_id: int) -> bool:
    """An article is merged into another: what is known of its copies becomes the other's, whose own rows stand.

    What people said moves too, and holds: the other stays out of a group with one of which it is said to be no copy.
    The merged article has no row about copies left. Returns whether the other's copies are to be looked for anew.
    """
    group_id = ArticleCopy.objects.filter(article_id=from_id).values_list("group_id", flat=True).first()
    _move_decisions(from_id, to_id)
    _move_shares(from_id, to_id)
    if not ArticleSketch.objects.filter(article_id=to_id).exists():
        ArticleSketch.objects.filter(article_id=from_id).update(article_id=to_id)
    ArticleSketch.objects.filter(article_id=from_id).delete()
    apart = {key for pair in not_copies_of([to_id]) for key in pair} - {to_id}
    own = groups_of([to_id]).get(to_id)
    is_parted = own is not None and not apart.isdisjoint(own.members)
    if is_parted:  # by a word on the article that is merged
        leave_group(to_id)
    if group_id is None:
        return is_parted
    members = ArticleCopy.objects.filter(group_id=group_id)
    is_moved = own is None and not members.filter(article_id__in=apart).exists()
    if is_moved:
        members.filter(article_id=from_id).update(article_id=to_id)
        CopyGroup.objects.filter(origin_id=from_id).update(origin_id=to_id)
        _rename_references(group_id, from_id, to_id)
    ArticleCopy.objects.filter(article_id=from_id).delete()
    arrange_group(group_id)
    return is_moved or is_parted


def stock_among(article: Article, shingles: Shingles) -> set[int]:
    """Those hashes of a text that are stock phrases of its publisher or of all."""
    rows = StockPhrase.objects.filter(
        Q(publisher_id=article.publisher_id) | Q(publisher__isnull=True),
        shard=shard_of(article.language),
        hash__in=sketchable(shingles),
    )
    return set(rows.values_list("hash", flat=True))


def _note_left(left: Mapping[int, tuple[int, Overlap] | None]) -> None:
    """Store what articles that left their group share with another one of it, each pair once."""
    pairs = {
        (max(key, nearest[0]), min(key, nearest[0])): nearest[1]
        for key, nearest in left.items()
        if nearest is not None
    }
    for (key, other), shared in sorted(pairs.items()):
        is_noted = ArticleShare.objects.filter(article_id=other, other_id=key).exists()
        if not is_noted:
            note_shares(key, [SharedText(other, shared)], is_again=False)


def _group_of(article_id: int) -> int:
    """The article's group; one of its own is made when it has none."""
    group_id = ArticleCopy.objects.filter(article_id=article_id).values_list("group_id", flat=True).first()
    if group_id is not None:
        return group_id
    article = Article.objects.select_related("publisher", "revision").get(pk=article_id)
    group = CopyGroup.objects.create(origin_id=article_id, article_count=1)
    _row(article, group.pk, Member(_claim(article), "origin", WHOLE, ())).save(force_insert=True)
    return group.pk


def _join_others(group_id: int, keys: Iterable[int]) -> bool:
    """Move the members of these articles' groups into this one; whether there were any."""
    joined = False
    for key in keys:
        other = _group_of(key)
        if other != group_id:
            ArticleCopy.objects.filter(group_id=other).update(group_id=group_id)
            CopyGroup.objects.filter(pk=other).delete()
            joined = True
    return joined


def _row(article: Article, group_id: int, member: Member) -> ArticleCopy:
    """A member's row; whom its text credits is read from the article, whose revision is loaded."""
    return ArticleCopy(
        article_id=article.pk,
        group_id=group_id,
        kind=member.kind,
        containment=member.overlap.containment,
        jaccard=member.overlap.jaccard,
        why=reasons_as_rows(member.why) + _credit_rows(credit_of_story(story_of(article))),
        rule_version=COPY_RULE_VERSION,
    )


def _rewritten(row: ArticleCopy, member: Member) -> ArticleCopy:
    row.kind = member.kind
    row.containment, row.jaccard = member.overlap.containment, member.overlap.jaccard
    row.why = reasons_as_rows(member.why) + _credit_rows(member.claim.credit)
    row.rule_version = COPY_RULE_VERSION
    return row


def _claim(article: Article, credit: Credit | None = None, said: CopyDecision | None = None) -> OriginClaim:
    """What the article says for being the origin; its publisher is loaded."""
    claim = OriginClaim(
        article.pk,
        article.published_at,
        credit,
        article.publisher.name,
        article.fetched_at,
        article.published_day_only,
    )
    if said is None:
        return claim
    words = f"{said.by} said that this is the origin" + (f": {said.why}" if said.why else "")
    return replace(claim, said=said.pk, said_words=words)


def _said_origins(keys: Collection[int]) -> dict[int, CopyDecision]:
    said = CopyDecision.objects.filter(
        kind=CopyDecision.Kind.ORIGIN, article_id__in=list(keys), withdrawn_at__isnull=True
    )
    return {decision.article_id: decision for decision in said.order_by("id")}


def _texts(keys: Sequence[int], stock_of: StockOf | None) -> dict[int, ComparedText]:
    found = {}
    articles = Article.objects.filter(pk__in=keys).select_related("publisher", "revision")
    for article in articles:
        shingles = shingles_of(text_of(article), article.title)
        if shingles is not None:
            stock = (stock_of or stock_among)(article, shingles)
            found[article.pk] = ComparedText(shingles, stock, article.title, article.publisher.name)
    return found


def _move_decisions(from_id: int, to_id: int) -> None:
    for decision in CopyDecision.objects.filter(Q(article_id=from_id) | Q(other_id=from_id)).order_by("id"):
        article_id = to_id if decision.article_id == from_id else decision.article_id
        other_id = to_id if decision.other_id == from_id else decision.other_id
        same = CopyDecision.objects.filter(kind=decision.kind, withdrawn_at__isnull=True)
        is_said = (
            decision.withdrawn_at is None
            and same.filter(
                Q(article_id=article_id, other_id=other_id) | Q(article_id=other_id, other_id=article_id)
            ).exists()
        )
        if article_id == other_id or is_said:
            decision.delete()
            continue
        CopyDecision.objects.filter(pk=decision.pk).update(article_id=article_id, other_id=other_id)


def _rename_references(group_id: int, from_id: int, to_id: int) -> None:
    """Copies of the merged article are copies of the one that it became."""
    renamed = []
    for row in ArticleCopy.objects.filter(group_id=group_id).order_by("article_id"):
        details = [reason.get("detail", {}) for reason in row.why if reason.get("code") == "copy"]
        if any(detail.get("article") == from_id for detail in details):
            for detail in details:
                detail["article"] = to_id
            renamed.append(row)
    ArticleCopy.objects.bulk_update(renamed, ["why"])


def _move_shares(from_id: int, to_id: int) -> None:
    known = set(ArticleShare.objects.filter(article_id=to_id).values_list("other_id", flat=True))
    known |= set(ArticleShare.objects.filter(other_id=to_id).values_list("article_id", flat=True))
    known.add(to_id)
    ArticleShare.objects.filter(article_id=from_id).exclude(other_id__in=known).update(article_id=to_id)
    ArticleShare.objects.filter(other_id=from_id).exclude(article_id__in=known).update(other_id=to_id)
    ArticleShare.objects.filter(Q(article_id=from_id) | Q(other_id=from_id)).delete()


def _credit_rows(credit: Credit | None) -> list[dict[str, Any]]:
    return [
        {
            "code": r.code,
            "words": r.words,
            "weight": r.weight,
            "wire": r.detail["wire"],
            "place": r.detail["place"],
        }
        for r in credit_reasons(credit)
    ]


def _credit_in(why: Iterable[Mapping[str, Any]]) -> Credit | None:
    row = next((reason for reason in why if reason.get("code") == "credit" and reason.get("wire")), None)
    if row is None:
        return None
    return Credit(str(row["wire"]), PLACES.get(str(row.get("place")), "text"))
