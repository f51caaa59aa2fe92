"""Acts: one article at two addresses is one article, with all sightings, notes and decisions of both.

What a page says of its other addresses is noted. When another article of the same publisher stands at one of them and
tells the same, the younger row becomes part of the older; its number leads there
until a person parts the two.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max, Q

from articles.events.carrying import carry_links
from articles.events.copy_groups import are_apart, move_copy_rows, not_copies_of
from articles.events.database import mark_stale, next_seq, recount_event, redirect_event
from articles.events.forgetting import forget_articles, lock_events_of, lock_shards
from articles.events.placing import place_again
from articles.events.stories import text_of
from articles.ingest.canonical import url_sha256
from articles.ingest.entries import address_sha256
from articles.ingest.link import change_days, relink_article
from articles.ingest.merged import event_now, keep_rows, note_outcome
from articles.ingest.proposing import forget_proposals
from articles.ingest.relinking import relink_later
from articles.ingest.sameness import Standing, Told, is_better_text, why_same
from articles.ingest.taking import STUB
from articles.jobs import ARTICLE_KINDS
from articles.models import (
    Annotation,
    Article,
    ArticleAddress,
    ArticleEntity,
    Constraint,
    EntityDay,
    Event,
    Job,
    LinkDecision,
    LinkRule,
    Membership,
    MergedRows,
    PageLook,
    Revision,
    SearchRow,
    Sighting,
)
from articles.search.index import index_articles, redate_article
from articles.texts.anchors import Anchor, carry
from articles.types import ExtractedPage
from entities.history import MACHINE, record_change
from entities.models import Change

logger = logging.getLogger(__name__)

MERGE_ACT = "merge_article"
MOST_ADDRESSES = 8  # of one page; a few forms are all that a publisher makes
# What a person says counts more than that nobody has said anything.
_STATUS_ORDER = (
    Article.Status.UNREVIEWED, Article.Status.IN_REVIEW, Article.Status.REVIEWED, Article.Status.REJECTED,
)  # fmt: skip
_CHANGED_FIELDS = ("corrected_at", "headline_changed_at", "number_changed_at")
_DATE_FIELDS = ("published_at", "published_from", "published_raw", "published_day_only", "published_flag")


@dataclass(frozen=True, slots=True)
class _Address:
    """An address that a page gives for its text."""

    kind: str
    url: str
    key: bytes


def join_addresses(article_id: int, url: str, page: ExtractedPage) -> int | None:
    """Note where else a page says that its text stands; the number of the article that it was found to be, if any.

    `url` is the article's own address: most pages name no other, which costs nothing. Call it with no transaction open;
    it needs no lease, and locks in the order of placing. Articles of different publishers never become one; nor do two
    that tell different things, for which one address is given: then nobody has it.
    """
    told = [address for address in _told(page) if address.key != address_sha256(url)]
    if not told:
        return None
    row = Article.objects.filter(pk=article_id).values("url", "url_sha256").first()
    # Of a link that several entries share, the page tells nothing about one of them.
    if row is None or bytes(row["url_sha256"]) not in {url_sha256(row["url"]), address_sha256(row["url"])}:
        return None
    told = [address for address in told if address.key != bytes(row["url_sha256"])]
    if not told:
        return None
    twins = _at_addresses([address.key for address in told], without=article_id)
    if not twins:
        with transaction.atomic():
            _note(article_id, told)
        return None
    return _join(article_id, told, set(twins.values()))


def _told(page: ExtractedPage) -> list[_Address]:
    """The page's addresses, each once, by the key under which articles stand."""
    found: dict[bytes, _Address] = {}
    kinds = set(ArticleAddress.Kind.values)
    for kind, url in [("canonical", page.canonical_url), *page.other_urls][:MOST_ADDRESSES]:
        if url and kind in kinds:
            key = address_sha256(url)
            found.setdefault(key, _Address(kind, url, key))
    return sorted(found.values(), key=lambda address: address.key)


def _at_addresses(keys: Sequence[bytes], *, without: int) -> dict[bytes, int]:
    """Which articles stand at these addresses, their own or noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT url_sha256, id FROM articles_article WHERE url_sha256 = ANY(%s)
               UNION ALL SELECT url_sha256, article_id FROM articles_articleaddress WHERE url_sha256 = ANY(%s)""",
            [list(keys), list(keys)],
        )
        return {bytes(key): article_id for key, article_id in cursor.fetchall() if article_id != without}


def _note(article_id: int, told: Iterable[_Address]) -> None:
    """Write down the addresses that nobody has."""
    if Article.objects.select_for_update().filter(pk=article_id).values_list("pk").first() is not None:
        ArticleAddress.objects.bulk_create(
            [
                ArticleAddress(article_id=article_id, url=one.url, url_sha256=one.key, kind=one.kind)
                for one in told
            ],
            ignore_conflicts=True,
        )


@transaction.atomic
def _join(article_id: int, told: Sequence[_Address], twin_ids: Collection[int]) -> int | None:
    rows = lock_pair(article_id, *twin_ids)
    article = rows.get(article_id)
    if article is None:
        return None
    at = _at_addresses([address.key for address in told], without=article_id)
    survivor, free = article, [address for address in told if address.key not in at]
    for twin_id in sorted(set(at.values())):
        twin = rows.get(twin_id)
        addresses = [address for address in told if at.get(address.key) == twin_id]
        if twin is None or twin.publisher_id != article.publisher_id or twin.sample != article.sample:
            continue  # another publisher's address is another article's
        alike = why_same(_told_by(article), _told_by(twin))
        if not alike:
            _disown(twin, article, addresses)
            continue
        if _are_parted(survivor.pk, twin.pk):
            continue
        keep, gone = sorted((survivor, twin), key=lambda row: row.pk)
        _merge(keep, gone, MACHINE, f"{_called(addresses[0])}, and {alike}")
        survivor = keep
    _note(survivor.pk, free)
    return survivor.pk if survivor.pk != article_id else None


def merge_again(keep: Article, gone: Article, by: str, why: str) -> Change:
    """Make two articles one that a person had parted and wants together again. The caller holds the locks of both."""
    return _merge(keep, gone, by, why)


def lock_pair(*article_ids: int, events: Collection[int] = ()) -> dict[int, Article]:
    """Lock articles as merging does: placing first, then the rows in the order of their numbers, then their events.

    `events` are locked with those, or what they were joined to since, and their streams with the articles'. The articles
    that are here.
    """
    wanted = Article.objects.filter(pk__in=article_ids)
    lock_shards(
        [
            *wanted.values_list("language", flat=True),
            *Event.objects.filter(pk__in=events).values_list("shard", flat=True),
        ]
    )
    rows = (
        Article.objects.select_for_update(of=("self",)).select_related("revision").filter(pk__in=article_ids)
    )
    found = {row.pk: row for row in rows.order_by("pk")}
    # Events are joined under the locks of their streams: what they lead to is told under these.
    now = {event_now(event_id) for event_id in events}
    lock_events_of(found, [event_id for event_id in now if event_id is not None])
    return found


def _called(address: _Address) -> str:
    what = {"canonical": "its own address", "amp": "its AMP form", "mobile": "its mobile form"}.get(
        address.kind
    )
    return f"the page of one calls {address.url} {what or 'another address of its text'}"


def _told_by(article: Article) -> Told:
    return Told(article.title, text_of(article))


def _are_parted(one: int, other: int) -> bool:
    """Whether a person parted the two, said that they are no copies, or that one cannot be in the event of the other."""
    if (min(one, other), max(one, other)) in not_copies_of([one]) or are_apart(one, other):
        return True
    cannot = Constraint.objects.filter(kind=Constraint.Kind.CANNOT, withdrawn_at__isnull=True)
    for key, twin in ((one, other), (other, one)):
        event = Membership.objects.filter(article_id=twin).values("event_id")
        beside = Membership.objects.filter(event_id__in=event).values("article_id")
        if cannot.filter(
            Q(a_id=key, b_id=twin) | Q(a_id=twin, b_id=key)
            | Q(a_id=key, b_id__in=beside) | Q(b_id=key, a_id__in=beside)
        ).exists():  # fmt: skip
            return True
    return False


def _disown(twin: Article, article: Article, addresses: Sequence[_Address]) -> None:
    """An address that is given for two stories is nobody's, unless it is the other's very own."""
    ArticleAddress.objects.filter(
        article=twin, url_sha256__in=[address.key for address in addresses], merged_id__isnull=True
    ).delete()
    urls = {address.url for address in addresses} - {twin.url}
    Article.objects.filter(pk=twin.pk, canonical_url__in=urls).update(canonical_url="")
    Article.objects.filter(pk=article.pk, canonical_url__in={address.url for address in addresses}).update(
        canonical_url=""
    )


def _merge(keep: Article, gone: Article, by: str, why: str) -> Change:
    """Move all that hangs on one article to another, and delete the empty row. Under the locks of `_join`."""
    kept, gone_id = keep_rows(keep, gone), gone.pk
    touched = _move_place(keep, gone)
    _move_constraints(keep, gone)
    is_copy_open = move_copy_rows(gone.pk, keep.pk)
    _lead_on(keep, gone)
    forget_articles([gone.pk])  # with the text that was counted
    moved = {
        "sightings": Sighting.objects.filter(article=gone).update(article=keep),
        "revisions": _move_revisions(keep, gone),
        "revision": _take_text(keep, gone),
        "notes": _move_notes(keep, gone),
        "decisions": _move_decisions(keep, gone),
    }
    LinkRule.objects.filter(article=gone).update(article=keep)
    was_at = keep.published_at
    fields = _take_facts_of(keep, gone)
    if fields:
        keep.save(update_fields=fields)
    if keep.published_at != was_at:
        redate_article(keep.pk, was_at=was_at)
    _move_addresses(keep, gone)
    _move_looks(keep, gone)
    MergedRows.objects.filter(article=gone).update(article=keep)
    _delete(gone)
    if moved["revision"]:
        index_articles([keep.pk])
        relink_later([keep.pk])  # a worker with the language models reads the text that stands now
    if moved["revision"] or moved["decisions"] or keep.published_at != was_at:
        relink_article(keep.pk)
    if is_copy_open:
        place_again([keep.pk])  # its measures were the other text's
    _recount(touched)
    note_outcome(kept, keep)
    logger.info("article %s became part of article %s", gone_id, keep.pk)
    change = record_change(
        "article",
        keep.pk,
        by,
        MERGE_ACT,
        before={"article": gone_id, "url": gone.url, "title": gone.title},
        after={name: int(count) if name != "revision" else bool(count) for name, count in moved.items()},
        why=why,
    )
    MergedRows.objects.create(change=change, article=keep, rows=kept)
    return change


def _take_text(keep: Article, gone: Article) -> bool:
    """The better of both texts stands; whether that is the other's, whose revisions must have moved over already."""
    own, other = keep.revision, gone.revision
    if other is None or (
        own is not None and not is_better_text(_standing(gone, other), _standing(keep, own))
    ):
        if not keep.page_kind and gone.page_kind:
            keep.page_kind = gone.page_kind
            keep.save(update_fields=["page_kind"])
        return False
    # A machine's row is taken away with its revision's article, so that the article must not hold it any more.
    Article.objects.filter(pk=gone.pk).update(revision=None)
    keep.revision = _twin(keep, other)
    keep.title, keep.summary = keep.title or gone.title, keep.summary or gone.summary
    keep.page_kind, keep.needs_page = gone.page_kind, gone.needs_page
    fields = ["revision", "title", "summary", "page_kind", "needs_page"]
    for name in _CHANGED_FIELDS:  # what lists mark is told of the text that stands
        if getattr(gone, name) is not None:
            setattr(keep, name, getattr(gone, name))
            fields.append(name)
    keep.save(update_fields=fields)
    return True


def _standing(article: Article, revision: Revision) -> Standing:
    is_page = revision.origin == Revision.Origin.PAGE
    is_stub = is_page and (STUB in revision.problems or article.page_kind == Article.PageKind.PAYWALL)
    return Standing(len(revision.text), is_page=is_page, is_stub=is_stub)


def _move_revisions(keep: Article, gone: Article) -> int:
    """All that the other ever said comes behind the survivor's own revisions, in order and with its times.

    A text that the survivor has already, word by word and from the same source, is not kept twice.
    """
    known = {(row.origin, row.text_sha256): row.pk for row in keep.revisions.order_by("-number")}
    number = keep.revisions.aggregate(last=Max("number"))["last"] or 0
    here: dict[int, int] = {}  # what followed a text that is not kept twice follows the survivor's own
    before, moved = 0, 0
    for revision in gone.revisions.order_by("number"):
        here[revision.pk] = known.get((revision.origin, revision.text_sha256), revision.pk)
        if here[revision.pk] == revision.pk:
            followed = before if revision.follows is None else here.get(revision.follows, 0)
            number, moved = number + 1, moved + 1
            revision.article, revision.number, revision.follows = keep, number, followed
            revision.save(update_fields=["article", "number", "follows"])
        before = here[revision.pk]
    return moved


def _twin(keep: Article, revision: Revision) -> Revision:
    """The survivor's row of a text that came over, or that it had already."""
    rows = keep.revisions.filter(origin=revision.origin, text_sha256=revision.text_sha256)
    return rows.order_by("number")[:1].get()


def _move_notes(keep: Article, gone: Article) -> int:
    """Notes stand at their passage in the survivor's text, else in the text of which they were made."""
    rows = list(Annotation.objects.filter(article=gone).select_related("revision").order_by("id"))
    for note in rows:
        text = keep.revision.text if keep.revision else ""
        anchor = Anchor(note.start, note.end, note.exact, note.prefix, note.suffix)
        place = carry(anchor, text) if note.field == "text" else None
        if place is not None and keep.revision is not None:
            note.revision, note.start, note.end = keep.revision, place.start, place.end
            note.prefix, note.suffix = place.prefix, place.suffix
        elif note.revision.article_id == gone.pk:  # the survivor has the same text
            note.revision = _twin(keep, note.revision)
        note.article = keep
        note.save(update_fields=["article", "revision", "start", "end", "prefix", "suffix"])
    return len(rows)


def _move_decisions(keep: Article, gone: Article) -> int:
    """What people said about names holds on; of two words on the same name the survivor's stands."""
    names = ("surface", "field", "start", "end")
    standing = set(LinkDecision.objects.filter(article=keep, withdrawn_at__isnull=True).values_list(*names))
    moving = LinkDecision.objects.filter(article=gone)
    ids = [
        row["id"]
        for row in moving.values("id", "withdrawn_at", *names)
        if row["withdrawn_at"] is not None or tuple(row[name] for name in names) not in standing
    ]
    return moving.filter(pk__in=ids).update(article=keep)


def _move_place(keep: Article, gone: Article) -> set[int]:
    """Where a person put the younger one, the survivor stays, unless a person put that elsewhere; the events touched."""
    theirs = Membership.objects.filter(article=gone).first()
    ours = Membership.objects.filter(article=keep).first()
    if theirs is None or not _is_said(theirs) or (ours is not None and _is_said(ours)):
        return {ours.event_id} if ours is not None else set()
    if ours is None:
        theirs.article = keep
        theirs.save(update_fields=["article"])
        return {theirs.event_id}
    left = ours.event_id
    fields = [
        "event", "score", "runner_up", "runner_up_score", "parts", "threshold", "unsure", "checked_by", "why",
        "rule_version", "decided_by",
    ]  # fmt: skip
    for name in fields:
        setattr(ours, name, getattr(theirs, name))
    ours.save(update_fields=[*fields, "placed_at"])
    return {left, ours.event_id}


def _is_said(standing: Membership) -> bool:
    """Whether a person put the article there, or said that it is in the right event."""
    return bool(standing.decided_by or standing.checked_by)


def _lead_on(keep: Article, gone: Article) -> None:
    """The event that the younger one was alone in leads to the survivor's: its address may be known to people."""
    to = Membership.objects.filter(article=keep).values_list("event_id", flat=True).first()
    alone = Membership.objects.filter(article=gone).values_list("event_id", flat=True).first()
    if to is None or alone is None or to == alone:
        return
    if not Membership.objects.filter(event_id=alone).exclude(article=gone).exists():
        Event.objects.filter(pk=alone, merged_into__isnull=True).update(merged_into=to)
        carry_links(alone, to)


def _recount(event_ids: Collection[int]) -> None:
    """Figures and vectors of the events that the survivor is in or has left; one left empty leads on."""
    target = max(event_ids, default=None, key=lambda key: Membership.objects.filter(event_id=key).count())
    for event_id in sorted(event_ids):
        event = Event.objects.filter(pk=event_id, merged_into__isnull=True).first()
        if event is None:
            continue
        seq, _, _ = next_seq(event.shard)
        mark_stale([event_id], seq)
        if target is not None and event_id != target and not event.memberships.exists():
            redirect_event(event_id, target)
        else:
            recount_event(event_id)


def _move_constraints(keep: Article, gone: Article) -> None:
    """What people said of two articles holds for the survivor, unless they said so of it already."""
    for row in Constraint.objects.filter(Q(a=gone) | Q(b=gone)).order_by("id"):
        other = row.b_id if row.a_id == gone.pk else row.a_id
        a, b = sorted((keep.pk, other))
        taken = Constraint.objects.filter(a_id=a, b_id=b, withdrawn_at__isnull=True).exists()
        if other != keep.pk and not (taken and row.withdrawn_at is None):
            row.a_id, row.b_id = a, b
            row.save(update_fields=["a", "b"])


def _take_facts_of(keep: Article, gone: Article) -> list[str]:
    """What the survivor does not know and the other does: a date, its labels, how far the desk is with it."""
    changed: list[str] = []
    if keep.published_from == "fetched" and gone.published_from != "fetched":
        changed += _DATE_FIELDS
        for name in _DATE_FIELDS:
            setattr(keep, name, getattr(gone, name))
    for name in ("authors", "section", "keywords", "image_url", "canonical_url", "updated_at", "source_name"):
        if not getattr(keep, name) and getattr(gone, name):
            setattr(keep, name, getattr(gone, name))
            changed.append(name)
    if "updated_at" in changed:
        keep.updated_from = gone.updated_from
        changed.append("updated_from")
    if _STATUS_ORDER.index(Article.Status(keep.status)) < _STATUS_ORDER.index(Article.Status(gone.status)):
        keep.status, keep.version = gone.status, keep.version + 1
        changed += ["status", "version"]
    if keep.withdrawn_at is not None and gone.withdrawn_at is None:
        keep.withdrawn_at = None  # its publisher still has it at the other address
        changed.append("withdrawn_at")
    return changed


def _move_addresses(keep: Article, gone: Article) -> None:
    """All addresses of both are the survivor's; the number that goes leads there."""
    ArticleAddress.objects.filter(article=gone).update(article=keep)
    key = bytes(gone.url_sha256)
    ArticleAddress.objects.update_or_create(
        url_sha256=key,
        defaults={
            "article": keep, "url": gone.url, "kind": ArticleAddress.Kind.MERGED, "merged_id": gone.pk,
        },
    )  # fmt: skip
    ArticleAddress.objects.filter(article=keep, url_sha256=bytes(keep.url_sha256)).delete()


def _move_looks(keep: Article, gone: Article) -> None:
    """The page's looks go on where the survivor's own page was never looked at."""
    if PageLook.objects.filter(article=keep).exists():
        return
    PageLook.objects.filter(article=gone).update(article=keep)
    if not Job.objects.filter(kind=Job.Kind.LOOK, subject_id=keep.pk).exists():
        Job.objects.filter(kind=Job.Kind.LOOK, subject_id=gone.pk).update(subject_id=keep.pk)


def _delete(gone: Article) -> None:
    """Take the article out of everything that is counted, and its row away."""
    named = list(ArticleEntity.objects.filter(article=gone).values_list("entity_id", "published_at"))
    change_days([(entity_id, at, -1) for entity_id, at in named])
    EntityDay.objects.filter(entity_id__in={entity_id for entity_id, _ in named}, n=0).delete()
    forget_proposals([gone.pk])
    SearchRow.objects.filter(article_id=gone.pk).delete()
    Job.objects.filter(kind__in=ARTICLE_KINDS, subject_id=gone.pk).delete()
    Article.objects.filter(pk=gone.pk).delete()
