"""What a merge of two addresses moves, as history keeps it, and how it is put back when a person parts them.

Kept is what people and sources said: rows that only follow from it (mentions, counts, places among events and copies that
nobody decided) are made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.dateparse import parse_datetime

from articles.ingest.sameness import Standing, is_better_text
from articles.ingest.taking import STUB
from articles.models import (
    Annotation,
    Article,
    ArticleAddress,
    Constraint,
    CopyDecision,
    Event,
    LinkDecision,
    LinkRule,
    Membership,
    MergedRows,
    PageLook,
    Revision,
    Sighting,
)
from articles.texts.anchors import Anchor, carry
from articles.texts.changes import changes_between
from entities.models import Entity

Row = dict[str, Any]  # the columns of a row as JSON holds them
# What a merge may set on the survivor.
_FACTS = (
    "title", "summary", "page_kind", "needs_page", "headline_changed_at", "number_changed_at", "corrected_at",
    "published_at", "published_from", "published_raw", "published_day_only", "published_flag", "authors", "section",
    "keywords", "image_url", "canonical_url", "updated_at", "updated_from", "source_name", "status", "withdrawn_at",
)  # fmt: skip
M = TypeVar("M", bound=models.Model)
_NOTE = ("id", "revision_id", "start", "end", "prefix", "suffix")
_SAID = ("event_id", "decided_by", "checked_by")


def keep_rows(keep: Article, gone: Article) -> Row:
    """All that stands at two articles before one becomes part of the other, for `put_back`."""
    known = {(row.origin, row.text_sha256): row.pk for row in keep.revisions.order_by("-number")}
    pair = Q(article=gone) | Q(other=gone)
    return {
        "article": _row(gone),
        "keep": {"revision_id": keep.revision_id, **{name: _plain(getattr(keep, name)) for name in _FACTS}},
        "sightings": _keys(Sighting.objects.filter(article=gone)),
        "revisions": [_revision(row, known) for row in gone.revisions.order_by("number")],
        "notes": list(Annotation.objects.filter(article=gone).order_by("id").values(*_NOTE)),
        "decisions": [_row(row) for row in LinkDecision.objects.filter(article=gone).order_by("id")],
        "rules": _keys(LinkRule.objects.filter(article=gone)),
        "addresses": [_row(row) for row in ArticleAddress.objects.filter(article=gone).order_by("id")],
        "merged": _keys(MergedRows.objects.filter(article=gone)),
        "look": next((_row(row) for row in PageLook.objects.filter(article=gone)), None),
        "keep_look": PageLook.objects.filter(article=keep).exists(),
        "place": next((_row(row) for row in Membership.objects.filter(article=gone)), None),
        "keep_place": next((_row(row) for row in Membership.objects.filter(article=keep)), None),
        "constraints": [_row(row) for row in Constraint.objects.filter(Q(a=gone) | Q(b=gone)).order_by("id")],
        "copies": [_row(row) for row in CopyDecision.objects.filter(pair).order_by("id")],
    }


def note_outcome(kept: Row, keep: Article) -> None:
    """Add to the kept rows what the merge made of the survivor: only what is still so is set back."""
    kept["made"] = {name: _plain(getattr(keep, name)) for name in _FACTS}
    place = Membership.objects.filter(article=keep).values(*_SAID).first()
    kept["made_place"] = place


def put_back(kept: Row, keep: Article, gone_id: int, *, is_same: bool) -> tuple[Article, frozenset[int]]:
    """Make the article that became part of `keep` anew, under its number, with all that it had and `keep` still has.

    Without `is_same` the survivor itself became part of `keep` later: its own facts are left alone. Under the locks of a
    merge. Returns the article and the events whose members changed. What follows from these rows is left to the caller.
    """
    gone = _insert(Article, {**kept["article"], "id": gone_id, "revision_id": None})
    moved = _put_back_revisions(kept["revisions"], keep, gone)
    if moved.get(kept["article"]["revision_id"]):
        gone.revision_id = moved[kept["article"]["revision_id"]]
        gone.save(update_fields=["revision"])
    Sighting.objects.filter(pk__in=kept["sightings"], article=keep).update(article=gone)
    LinkRule.objects.filter(pk__in=kept["rules"], article=keep).update(article=gone)
    MergedRows.objects.filter(pk__in=kept["merged"], article=keep).update(article=gone)
    _put_back_decisions(kept["decisions"], keep, gone)
    _put_back_addresses(kept["addresses"], keep, gone)
    _put_back_pairs(Constraint, ("a_id", "b_id"), kept["constraints"], keep, gone)
    _put_back_pairs(CopyDecision, ("article_id", "other_id"), kept["copies"], keep, gone)
    _stand_as_before(kept, keep, is_same=is_same)
    _put_back_notes(kept["notes"], keep, gone, moved)
    if kept["look"]:
        if was_look_moved(kept):  # the survivor's page is not what the other's answered
            PageLook.objects.filter(article=keep).delete()
        _insert(PageLook, {**kept["look"], "article_id": gone.pk})
    return gone, frozenset(_put_back_places(kept, keep))


def was_look_moved(kept: Row) -> bool:
    """Whether the merge gave the survivor what the other's page had answered."""
    return bool(kept["look"]) and not kept["keep_look"]


def _put_back_revisions(rows: Sequence[Row], keep: Article, gone: Article) -> dict[int, int]:
    """Move texts back, and write those anew that the survivor had too; number of a row before -> its number now."""
    found: dict[int, int] = {}
    held = keep.revisions.in_bulk([row["id"] for row in rows if row["same"] is None])
    twins = Revision.objects.in_bulk([row["same"] for row in rows if row["same"] is not None])
    for row in rows:
        follows = found.get(row["follows"]) if row["follows"] else row["follows"]
        if row["same"] is None:
            revision = held.get(row["id"])
            if revision is None:
                continue
            revision.article, revision.number, revision.follows = gone, row["number"], follows
            revision.save(update_fields=["article", "number", "follows"])
            found[row["id"]] = revision.pk
            continue
        twin = twins.get(row["same"])
        if twin is None:
            continue
        again = Revision.objects.create(
            article=gone, number=row["number"], title=twin.title, text=twin.text, html=twin.html,
            text_sha256=twin.text_sha256, origin=twin.origin, removed=row["removed"], problems=row["problems"],
            changes=row["changes"], follows=follows,
        )  # fmt: skip
        Revision.objects.filter(pk=again.pk).update(created_at=parse_datetime(row["created_at"]))
        found[row["id"]] = again.pk
    return found


def _put_back_decisions(rows: Iterable[Row], keep: Article, gone: Article) -> None:
    """What people said about names there; what was dropped for the survivor had it too is written anew."""
    rows = list(rows)
    standing = set(
        LinkDecision.objects.filter(pk__in=[row["id"] for row in rows]).values_list("id", flat=True)
    )
    named = {row[name] for row in rows for name in ("entity_id", "was_id") if row[name] is not None}
    known = set(Entity.objects.filter(pk__in=named).values_list("pk", flat=True))
    for row in rows:
        if row["id"] in standing:
            LinkDecision.objects.filter(pk=row["id"], article=keep).update(article=gone)
        elif row["entity_id"] is None or row["entity_id"] in known:
            was = row["was_id"] if row["was_id"] in known else None
            _insert(LinkDecision, {**row, "article_id": gone.pk, "was_id": was})


def _put_back_addresses(rows: Iterable[Row], keep: Article, gone: Article) -> None:
    """Its own address is no more the survivor's, and the number leads nowhere but to itself."""
    own = bytes(gone.url_sha256)
    ArticleAddress.objects.filter(Q(url_sha256=own) | Q(merged_id=gone.pk)).delete()
    for row in rows:
        moved = ArticleAddress.objects.filter(pk=row["id"], article=keep).update(article=gone)
        key = bytes.fromhex(row["url_sha256"])
        is_taken = (
            Article.objects.filter(url_sha256=key).exists()
            or ArticleAddress.objects.filter(url_sha256=key).exists()
        )
        if not moved and not is_taken:
            _insert(ArticleAddress, {**row, "article_id": gone.pk})


def _put_back_pairs(
    model: type[Constraint | CopyDecision],
    ends: tuple[str, str],
    rows: Iterable[Row],
    keep: Article,
    gone: Article,
) -> None:
    """What people said of it and of another article is said of it again, where both are here."""
    one, other = ends
    for row in rows:
        standing = model._default_manager.filter(pk=row["id"]).first()  # noqa: SLF001 - the documented name
        if standing is None:
            there = {key for key in (row[one], row[other]) if key is not None}
            if Article.objects.filter(pk__in=there).count() == len(there):
                _insert(model, row)
            continue
        held = (getattr(standing, one), getattr(standing, other))
        if keep.pk not in held:
            continue
        # As it was, but for the other one, which may have become part of a third.
        partner = next((key for key in held if key != keep.pk), None)
        ours = (gone.pk, partner) if row[one] == gone.pk else (partner, gone.pk)
        if model is Constraint:
            ours = tuple(sorted(key for key in ours if key is not None))  # type: ignore[assignment]
        model._default_manager.filter(pk=row["id"]).update(**dict(zip(ends, ours, strict=True)))  # noqa: SLF001


def _stand_as_before(kept: Row, keep: Article, *, is_same: bool) -> None:
    """The survivor's text, its chain of versions, and those facts that the merge took from the other and nobody changed."""
    fields = []
    last = None
    for revision in keep.revisions.order_by("number"):
        if revision.follows and not keep.revisions.filter(pk=revision.follows).exists():
            _follow(revision, last)
        last = revision
    if keep.revision_id is None or not keep.revisions.filter(pk=keep.revision_id).exists():
        own = keep.revisions.filter(pk=kept["keep"]["revision_id"]).first() if is_same else None
        keep.revision = own or _best_of(keep)
        fields.append("revision")
    before, made = kept["keep"], kept["made"]
    for name in _FACTS if is_same else ():
        if before[name] != made[name] and _plain(getattr(keep, name)) == made[name]:
            setattr(keep, name, _read(Article, name, before[name]))
            fields.append(name)
    if "status" in fields:
        keep.version += 1
        fields.append("version")
    if fields:
        keep.save(update_fields=fields)


def _best_of(article: Article) -> Revision | None:
    """The newest of an article's texts, but for a better one before it: a feed's few words stand for no page."""
    best: Revision | None = None
    for revision in article.revisions.order_by("-number"):
        if best is None or is_better_text(_standing(revision), _standing(best)):
            best = revision
    return best


def _standing(revision: Revision) -> Standing:
    is_page = revision.origin == Revision.Origin.PAGE
    return Standing(len(revision.text), is_page=is_page, is_stub=is_page and STUB in revision.problems)


def _follow(revision: Revision, before: Revision | None) -> None:
    """Note what a version changed from the survivor's own one before it: the one it followed goes."""
    is_same_sort = before is not None and before.origin == revision.origin
    found = (
        changes_between(
            before.title,
            before.text if is_same_sort else "",
            revision.title,
            revision.text if is_same_sort else "",
        )
        if before is not None
        else ()
    )
    revision.follows = before.pk if before is not None else None
    revision.changes = [one.as_json() for one in found]
    revision.save(update_fields=["follows", "changes"])


def _put_back_notes(rows: Iterable[Row], keep: Article, gone: Article, moved: Mapping[int, int]) -> None:
    """Notes go back to their passage; those made since stay where their passage stands."""
    by_id = {row["id"]: row for row in rows}
    of_others = Q(article=keep) & ~Q(revision__article=keep)
    for note in Annotation.objects.filter(of_others | Q(pk__in=by_id, article=keep)).select_related(
        "revision"
    ):
        row = by_id.get(note.pk)
        if row is not None and row["revision_id"] in moved:
            note.revision_id = moved[row["revision_id"]]
            note.start, note.end, note.prefix, note.suffix = (
                row["start"],
                row["end"],
                row["prefix"],
                row["suffix"],
            )
            note.article = gone
        else:
            anchor = Anchor(note.start, note.end, note.exact, note.prefix, note.suffix)
            text = keep.revision.text if keep.revision is not None else ""
            place = carry(anchor, text) if note.field == "text" else None
            if place is not None and keep.revision is not None:
                note.revision, note.start, note.end = keep.revision, place.start, place.end
                note.prefix, note.suffix = place.prefix, place.suffix
            else:  # its passage is only in the other's text
                note.article_id = note.revision.article_id
        note.save(update_fields=["article", "revision", "start", "end", "prefix", "suffix"])


def _put_back_places(kept: Row, keep: Article) -> set[int]:
    """A place that a person gave is kept by whom it was given; the events whose members changed."""
    theirs, ours = kept["place"], kept["keep_place"]
    if theirs is None or not _is_said(theirs):
        return set()
    touched: set[int] = set()
    event_id = event_now(theirs["event_id"])
    if event_id is not None:
        _insert(Membership, {**theirs, "event_id": event_id, "runner_up_id": None})
        touched.add(event_id)
    if ours is not None and _is_said(ours):
        return touched
    standing = Membership.objects.filter(article=keep).first()
    made = kept["made_place"]
    if standing is None or made is None or any(getattr(standing, name) != made[name] for name in _SAID):
        return touched  # somebody has put the survivor elsewhere since
    touched.add(standing.event_id)
    standing.decided_by, standing.checked_by = "", ""
    standing.event_id = (event_now(ours["event_id"]) if ours is not None else None) or standing.event_id
    standing.save(update_fields=["event", "decided_by", "checked_by"])
    touched.add(standing.event_id)
    return touched


def _is_said(place: Row) -> bool:
    return bool(place["decided_by"] or place["checked_by"])


def event_now(event_id: int) -> int | None:
    """An event, or the one that it was joined to; None when it is gone."""
    seen: set[int] = set()
    while event_id not in seen:
        seen.add(event_id)
        row = Event.objects.filter(pk=event_id).values_list("merged_into_id", flat=True).first()
        if row is None:
            return event_id if Event.objects.filter(pk=event_id).exists() else None
        event_id = row
    return None


def _revision(row: Revision, known: Mapping[tuple[str, str], int]) -> Row:
    same = known.get((row.origin, row.text_sha256))
    said = {"id": row.pk, "number": row.number, "follows": row.follows, "same": same}
    if same is None:
        return said
    more = {"removed": row.removed, "problems": row.problems, "changes": row.changes}
    return {**said, **more, "created_at": _plain(row.created_at)}


def _keys(rows: models.QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _row(row: models.Model) -> Row:
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}  # noqa: SLF001 - documented


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _insert(model: type[M], columns: Row) -> M:
    """A row with these columns, also those that the table fills itself."""
    values = {name: _read(model, name, value) for name, value in columns.items()}
    row = model(**values)
    row.save(force_insert=True)
    model._default_manager.filter(pk=row.pk).update(**values)  # noqa: SLF001
    return row


def _read(model: type[models.Model], name: str, value: Any) -> Any:
    field = next(one for one in model._meta.concrete_fields if name in {one.name, one.attname})  # noqa: SLF001
    if isinstance(value, str) and isinstance(field, models.DateTimeField):
        return parse_datetime(value)
    if isinstance(value, str) and isinstance(field, models.BinaryField):
        return bytes.fromhex(value)
    return value
