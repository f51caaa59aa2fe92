"""One act for many sources at once: looked at first, done in one transaction, recorded for each, taken back as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from articles.editing.sources import (
    MINUTE,
    apply_config,
    bring_back,
    config_of,
    due_now,
    interval_problem,
    publisher_named,
    tags_of,
)
from articles.errors import RefusedError
from articles.ingest.decided import BULK, CONFIG, SECRETS, SUBJECT, words_of
from articles.models import Feed, Publisher, RemovedSource
from entities.history import record_change
from entities.models import Change

# What each act is called in the history and on the page, and the name of its value (empty: it takes none).
ACTS: Mapping[str, tuple[str, str, str]] = {
    "pause": ("paused", "Pause", ""),
    "resume": ("resumed", "Resume", ""),
    "fetch": ("fetch asked for", "Fetch now", ""),
    "tag": ("edited", "Add tags", "tags, parted by commas"),
    "untag": ("edited", "Remove tags", "tags, parted by commas"),
    "publisher": ("edited", "Set publisher", "name of the publisher"),
    "language": ("edited", "Set language", "a language tag, or nothing"),
    "section": ("edited", "Set section", "a section, or nothing"),
    "interval": ("edited", "Set interval", "minutes, or nothing: learned"),
    "remove": ("removed", "Remove", ""),
}
MOST = 20_000
# Removing takes the rows of a month of fetches along, some 3,000 a source and about 1 us a row: what one request may
# delete in one transaction, while its person and one web thread wait for it.
MOST_REMOVED = 1000
REMOVED_AT_ONCE = 100
# For this one act, instead of the limit of a web request's statement (NEWSDESK_WEB_STATEMENT_SECONDS).
REMOVE_STATEMENT_SECONDS = 60
_LIMIT = "SELECT set_config('statement_timeout', %s, true)"  # until the transaction ends


@dataclass(frozen=True, slots=True)
class BulkWish:
    """An act and its value as typed, with the value read."""

    act: str
    value: str = ""
    tags: tuple[str, ...] = ()
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class BulkLine:
    """What would become of one source: words of before and after; `problem` says why nothing would."""

    id: int
    title: str
    before: str
    after: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What was done: how many sources, and the history's row that takes all of it back (None: nothing to take back)."""

    done: int
    left_out: int
    change: Change | None


def read_wish(act: str, value: str) -> BulkWish:
    """An act with its value, checked. Raises RefusedError with a sentence."""
    value = " ".join(value.split())
    if act not in ACTS:
        raise RefusedError("Choose what is to be done with the chosen sources.")
    wish = BulkWish(act, value)
    if wish.act in {"tag", "untag"}:
        tags = tags_of(value)
        if not tags:
            raise RefusedError("Write at least one tag; part several by commas.")
        return BulkWish(wish.act, value, tags=tags)
    if wish.act == "publisher" and not value:
        raise RefusedError("Write the name of the publisher.")
    if wish.act == "interval" and value:
        minutes = int(value[:9]) if value.isascii() and value.isdigit() else None
        if problem := interval_problem(minutes):
            raise RefusedError(
                f"“{value[:20]}” is {problem}. Write one, or nothing: the interval is learned then."
            )
        return BulkWish(wish.act, value, minutes=minutes)
    if wish.act == "language" and value and not value.replace("-", "").isalnum():
        raise RefusedError("Write a language tag such as en, de or zh-Hant, or nothing.")
    return wish


def plan_bulk(feed_ids: Sequence[int], wish: BulkWish) -> list[BulkLine]:
    """The dry run: one line a source, in the order of names. Writes nothing. Raises RefusedError."""
    if wish.act == "publisher":
        _refuse_invented(wish.value)
    feeds = (
        Feed.objects.filter(pk__in=_some(feed_ids, wish)).select_related("publisher").order_by("title", "pk")
    )
    return [_line(feed, wish) for feed in feeds]


def _some(feed_ids: Sequence[int], wish: BulkWish) -> list[int]:
    ids = sorted(set(feed_ids))
    if not ids:
        raise RefusedError("Choose at least one source first.")
    if len(ids) > MOST:
        raise RefusedError(f"At most {MOST:,} sources can be changed at once. Narrow the filter.")
    if wish.act == "remove" and len(ids) > MOST_REMOVED:
        raise RefusedError(
            f"At most {MOST_REMOVED:,} sources can be removed at once. Narrow the filter, or pause them instead."
        )
    return ids


def _refuse_invented(name: str) -> None:
    if Publisher.objects.filter(name__iexact=name, sample=True).exists():
        raise RefusedError(f"“{name}” is an invented publisher of the sample. Choose another name.")


def _line(feed: Feed, wish: BulkWish) -> BulkLine:
    if wish.act == "remove":
        return BulkLine(feed.pk, feed.title, "a source", "removed; its articles stay")
    if wish.act == "fetch":
        problem = "" if feed.state == Feed.State.ACTIVE else f"it is {feed.get_state_display().lower()}"
        return BulkLine(feed.pk, feed.title, "due by its plan", "due now", problem)
    wanted = _wanted(feed, wish)
    if feed.sample and wish.act == "publisher":
        return BulkLine(feed.pk, feed.title, feed.publisher.name, "", "it belongs to the sample")
    name, after = next(iter(wanted.items()))
    before = config_of(feed)[name]
    problem = "nothing would be different" if before == after else ""
    return BulkLine(feed.pk, feed.title, words_of(name, before), words_of(name, after), problem)


def _wanted(feed: Feed, wish: BulkWish) -> dict[str, Any]:
    """The one column that the act decides."""
    if wish.act in {"pause", "resume"}:
        return {"state": str(Feed.State.PAUSED if wish.act == "pause" else Feed.State.ACTIVE)}
    if wish.act == "tag":
        return {"tags": list(tags_of(",".join([*feed.tags, *wish.tags])))}
    if wish.act == "untag":
        return {"tags": [tag for tag in feed.tags if tag not in wish.tags]}
    if wish.act == "interval":
        return {"fixed_seconds": wish.minutes * MINUTE if wish.minutes else None}
    most = {"publisher": 200, "section": 60, "language": 16}[wish.act]
    return {wish.act: wish.value[:most]}


@transaction.atomic
def apply_bulk(by: str, feed_ids: Sequence[int], wish: BulkWish) -> BulkDone:
    """Do it to every source that the dry run would change, all or none. Raises RefusedError.

    Each source gets its own row of history; one more row, about all of them, takes everything back.
    """
    ids = _some(feed_ids, wish)
    feeds = list(
        Feed.objects.select_for_update(of=("self",))
        .select_related("publisher")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    if wish.act == "publisher":
        _refuse_invented(wish.value)
    meant = [feed for feed in feeds if not _line(feed, wish).problem]
    if not meant:
        raise RefusedError("Nothing would be different: no source was changed.")
    act = ACTS[wish.act][0]
    if wish.act == "fetch":
        _write_all(meant, {name for feed in meant for name in due_now(feed)})
        _record(by, act, [(feed.pk, {}, {}) for feed in meant])
        return BulkDone(len(meant), len(ids) - len(meant), None)
    told = _remove(by, meant) if wish.act == "remove" else _edit(meant, wish)
    changes = _record(by, act, told)
    head = record_change(
        BULK, 0, by, f"{act} in bulk"[:48], after={"n": len(changes), "changes": [row.pk for row in changes]}
    )
    return BulkDone(len(meant), len(ids) - len(meant), head)


def _edit(feeds: Sequence[Feed], wish: BulkWish) -> list[tuple[int, dict[str, Any], dict[str, Any]]]:
    publisher = publisher_named(wish.value) if wish.act == "publisher" else None
    told, fields = [], set()
    for feed in feeds:
        before = config_of(feed)
        wanted = _wanted(feed, wish)
        if publisher is not None:
            wanted = {"publisher": publisher.name}
        fields |= set(apply_config(feed, wanted, publisher))
        if wish.act == "resume":
            fields |= {*due_now(feed), "attempts"}
            feed.attempts = 0
        after = config_of(feed)
        changed = [name for name in CONFIG if before[name] != after[name]]
        told.append(
            (feed.pk, {name: before[name] for name in changed}, {name: after[name] for name in changed})
        )
    if fields:
        _write_all(feeds, fields)
    return told


def _write_all(feeds: Sequence[Feed], fields: set[str]) -> None:
    Feed.objects.bulk_update(feeds, sorted(fields), batch_size=500)


def _remove(by: str, feeds: Sequence[Feed]) -> list[tuple[int, dict[str, Any], dict[str, Any]]]:
    told: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    for feed in feeds:
        before = config_of(feed)
        if feed.secret_names:
            before[SECRETS] = feed.secret_names
        told.append((feed.pk, before, {}))
    rows = [
        RemovedSource(url_sha256=feed.url_sha256, url=feed.url, by=by) for feed in feeds if not feed.sample
    ]
    rows.sort(key=lambda row: bytes(row.url_sha256))
    RemovedSource.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["url_sha256"], update_fields=["url", "by"]
    )
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        (before,) = cursor.fetchone()
        cursor.execute(_LIMIT, [f"{REMOVE_STATEMENT_SECONDS}s"])
        for start in range(0, len(feeds), REMOVED_AT_ONCE):
            Feed.objects.filter(pk__in=[feed.pk for feed in feeds[start : start + REMOVED_AT_ONCE]]).delete()
        cursor.execute(_LIMIT, [before])
    return told


def _record(
    by: str, act: str, told: Sequence[tuple[int, Mapping[str, Any], Mapping[str, Any]]]
) -> list[Change]:
    return Change.objects.bulk_create(
        Change(
            subject_kind=SUBJECT,
            subject_id=pk,
            by=by,
            act=act,
            before=dict(before),
            after=dict(after),
            why="in bulk",
        )
        for pk, before, after in told
    )


@transaction.atomic
def undo_bulk(by: str, change_id: int) -> int:
    """Take back all of one bulk change that still stands; how many sources. Raises RefusedError.

    A source that was changed again meanwhile keeps that change: only columns that still have the value of then go
    back. A source that is gone, or was taken back alone, is left out.
    """
    head = Change.objects.filter(pk=change_id, subject_kind=BULK).first()
    if head is None:
        raise RefusedError("This change cannot be taken back.")
    if Change.objects.filter(undoes=head).exists():
        raise RefusedError("This change was taken back already.")
    changes = list(
        Change.objects.filter(pk__in=head.after["changes"], undone_by__isnull=True).order_by("subject_id")
    )
    feeds = {
        feed.pk: feed
        for feed in Feed.objects.select_for_update(of=("self",))
        .select_related("publisher")
        .filter(pk__in=[change.subject_id for change in changes])
        .order_by("pk")
    }
    undone: list[Change] = []
    touched: list[Feed] = []
    fields: set[str] = set()
    for change in changes:
        subject = change.subject_id
        if change.act == "removed":
            try:
                subject = bring_back(by, change.before).pk
            except RefusedError:
                continue  # somebody has added the address again: it stays as it is now
        elif (feed := feeds.get(subject)) is not None:
            now = config_of(feed)
            back = {name: old for name, old in change.before.items() if now[name] == change.after.get(name)}
            fields |= set(apply_config(feed, back))
            touched.append(feed)
        else:
            continue
        undone.append(
            Change(
                subject_kind=SUBJECT,
                subject_id=subject,
                by=by,
                act="undone",
                before=change.after,
                after=change.before,
                undoes=change,
                why="in bulk",
            )
        )
    if fields:
        _write_all(touched, fields)
    Change.objects.bulk_create(undone)
    record_change(BULK, 0, by, "undone", after={"n": len(undone)}, undoes=head)
    return len(undone)
