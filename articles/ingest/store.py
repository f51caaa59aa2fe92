"""Acts: what a fetch brought becomes rows, once, however often it runs; one transaction a feed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import connection, transaction
from django.db.models.functions import Now

from articles.errors import StaleLeaseError
from articles.ingest.claim import ClaimedFeed, holds_lease
from articles.ingest.entries import Entry, read_entries, text_key
from articles.ingest.schedule import (
    OFFLINE_RETRY_SECONDS,
    REDIRECTS_SPAN_SECONDS,
    REDIRECTS_TO_PROPOSE,
    jittered,
    next_interval,
    retry_seconds,
)
from articles.models import Article, Feed, FetchRun, NetworkState, Revision, Sighting
from articles.search.index import index_articles
from articles.types import FetchFailure, FetchResult, ParsedFeed

# The sample world lies on this machine and its pieces are meant to appear while one watches.
SAMPLE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Stored:
    """What one answer of one feed changed: ids of articles that are new, and of those whose entry changed."""

    entries: int
    new: tuple[int, ...]
    changed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One claimed feed, the token that fences it, and the moment at which the visit counts."""

    feed: ClaimedFeed
    token: uuid.UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class IngestRules:
    """The limits that storing obeys; each is a setting."""

    feed_seconds: int
    full_text_characters: int


def store_answer(visit: Visit, result: FetchResult, parsed: ParsedFeed | None, rules: IngestRules) -> Stored:
    """Write what an answer brought. `parsed` is None when the body is the one that we have (304, equal hash).

    Raises StaleLeaseError, with nothing written, when the lease has gone to somebody else.
    """
    feed, now = visit.feed, visit.now
    with transaction.atomic():
        if not holds_lease("articles_feed", feed.id, visit.token):
            raise StaleLeaseError(f"feed {feed.id} was claimed again before its answer was stored")
        run = FetchRun.objects.create(
            feed_id=feed.id,
            at=now,
            outcome=FetchRun.Outcome.UNCHANGED if parsed is None else FetchRun.Outcome.STORED,
            status=result.status,
            message="; ".join(parsed.problems)[:2000] if parsed else "",
            milliseconds=round(result.elapsed_seconds * 1000),
            bytes=len(result.body),
        )
        stored = Stored(0, (), ())
        if parsed is not None:
            # By the address, not the number: a source that was removed and brought back finds its articles again.
            entries = read_entries(parsed.entries, feed_key=f"feed {feed.url}", now=now)
            stored = _store_entries(
                _Batch(feed, _language(feed.language or parsed.language), run.id, rules, now), entries
            )
            FetchRun.objects.filter(pk=run.id).update(
                entries=stored.entries, new=len(stored.new), changed=len(stored.changed)
            )
        _close_feed(visit, result, parsed, stored, rules)
    return stored


def store_failure(visit: Visit, failure: FetchFailure, rules: IngestRules) -> None:
    """Count a failure and put the next try off. Raises StaleLeaseError like `store_answer`."""
    feed, now = visit.feed, visit.now
    failures = feed.failures + 1
    gone = failure.status == HTTPStatus.GONE
    wait = jittered(retry_seconds(failure, failures=failures, base_seconds=rules.feed_seconds), f"{feed.id}")
    with transaction.atomic():
        if not holds_lease("articles_feed", feed.id, visit.token):
            raise StaleLeaseError(f"feed {feed.id} was claimed again before its failure was stored")
        FetchRun.objects.create(
            feed_id=feed.id,
            at=now,
            outcome=FetchRun.Outcome.FAILED,
            kind=failure.kind,
            status=failure.status,
            message=failure.message,
            milliseconds=round(failure.elapsed_seconds * 1000),
        )
        row = Feed.objects.get(pk=feed.id)
        Feed.objects.filter(pk=feed.id).update(
            lease_until=None,
            lease_token=None,
            attempts=0,
            next_fetch_at=Now() + timedelta(seconds=wait),
            last_fetch_at=now,
            last_status=failure.status,
            last_outcome=FetchRun.Outcome.FAILED,
            last_message=failure.message,
            failures=failures,
            failing_since=row.failing_since or now,
            state=Feed.State.GONE if gone else row.state,
        )


def store_silence(feeds: Sequence[ClaimedFeed], token: uuid.UUID, message: str, *, now: datetime) -> None:
    """No public source answers: the feeds are tried again soon and nothing counts against them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_feed SET lease_until = NULL, lease_token = NULL, attempts = 0,
                   last_fetch_at = %s, last_outcome = 'offline', last_message = %s,
                   next_fetch_at = statement_timestamp() + make_interval(secs => %s * (0.8 + 0.4 * random()))
               WHERE id = ANY(%s) AND lease_token = %s""",
            [now, message, OFFLINE_RETRY_SECONDS, sorted(feed.id for feed in feeds), token],
        )
        NetworkState.objects.get_or_create(pk=1)
        NetworkState.objects.filter(pk=1, silent_since__isnull=True).update(silent_since=now)


def note_public_answer(*, now: datetime) -> None:
    """A public source answered: the silence, if there was one, is over."""
    NetworkState.objects.get_or_create(pk=1)
    NetworkState.objects.filter(pk=1).update(answered_at=now, silent_since=None)


def is_silent() -> bool:
    """Whether no public source answered when last we tried."""
    return NetworkState.objects.filter(pk=1, silent_since__isnull=False).exists()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What all new rows of one answer share."""

    feed: ClaimedFeed
    language: str
    run_id: int
    rules: IngestRules
    now: datetime


def _store_entries(batch: _Batch, entries: list[Entry]) -> Stored:
    known = {
        bytes(row["guid_sha256"]): row
        for row in Sighting.objects.filter(
            feed_id=batch.feed.id, guid_sha256__in=[entry.guid_sha256 for entry in entries]
        ).values("id", "guid_sha256", "entry_sha256", "article_id")
    }
    fresh = [entry for entry in entries if entry.guid_sha256 not in known]
    changed = [
        (entry, known[entry.guid_sha256])
        for entry in entries
        if entry.guid_sha256 in known
        and bytes(known[entry.guid_sha256]["entry_sha256"]) != entry.entry_sha256
    ]
    new_ids, revised = _store_fresh(batch, fresh)
    for entry, sighting in changed:
        Sighting.objects.filter(pk=sighting["id"]).update(
            entry_sha256=entry.entry_sha256, changed_at=batch.now
        )
        if _revise(sighting["article_id"], entry, batch):
            revised.append(sighting["article_id"])
    index_articles([*new_ids, *revised])
    _ask_for_reading([*new_ids, *revised])
    return Stored(len(entries), tuple(new_ids), tuple(revised))


def _store_fresh(batch: _Batch, fresh: list[Entry]) -> tuple[list[int], list[int]]:
    """Articles and sightings for entries not seen in this feed; also the ids of known articles that they changed."""
    if not fresh:
        return [], []
    # Another feed may store the same address at this moment: the constraint decides, and both then see one row.
    # Rows come sorted by the unique key, so that two bulk writes never wait for each other crosswise.
    Article.objects.bulk_create([_article(batch, entry) for entry in fresh], ignore_conflicts=True)
    rows = {
        bytes(row["url_sha256"]): row
        for row in Article.objects.filter(url_sha256__in=[entry.url_sha256 for entry in fresh]).values(
            "id", "url_sha256", "batch", "revision_id"
        )
    }
    ours = [entry for entry in fresh if rows[entry.url_sha256]["batch"] == batch.run_id]
    Revision.objects.bulk_create([_revision(rows[entry.url_sha256]["id"], 1, entry) for entry in ours])
    new_ids = sorted(rows[entry.url_sha256]["id"] for entry in ours)
    _point_to_first_revision(new_ids)
    before = _own_sightings(batch.feed.id, [row["id"] for row in rows.values()])
    Sighting.objects.bulk_create(
        [
            Sighting(
                feed_id=batch.feed.id,
                article_id=rows[entry.url_sha256]["id"],
                guid=entry.guid,
                guid_sha256=entry.guid_sha256,
                entry_sha256=entry.entry_sha256,
                first_seen_at=batch.now,
                changed_at=batch.now,
            )
            for entry in sorted(fresh, key=lambda entry: entry.guid_sha256)
        ],
        ignore_conflicts=True,
    )
    # A new guid on an address that this feed had already: the feed renames its entries, or revised one.
    renamed = [entry for entry in fresh if rows[entry.url_sha256]["id"] in before]
    revised = [
        rows[entry.url_sha256]["id"]
        for entry in renamed
        if before[rows[entry.url_sha256]["id"]] != entry.entry_sha256
        and _revise(rows[entry.url_sha256]["id"], entry, batch)
    ]
    return new_ids, revised


def _own_sightings(feed_id: int, article_ids: Sequence[int]) -> Mapping[int, bytes]:
    return {
        row["article_id"]: bytes(row["entry_sha256"])
        for row in Sighting.objects.filter(feed_id=feed_id, article_id__in=article_ids)
        .order_by("changed_at", "id")
        .values("article_id", "entry_sha256")
    }


def _article(batch: _Batch, entry: Entry) -> Article:
    return Article(
        publisher_id=batch.feed.publisher_id,
        url=entry.url,
        url_sha256=entry.url_sha256,
        title=entry.title,
        summary=entry.summary,
        language=batch.language,
        authors=list(entry.authors),
        published_at=entry.published_at,
        published_from=entry.published_from,
        published_raw=entry.published_raw,
        fetched_at=batch.now,
        source_name=entry.source_name,
        sample=batch.feed.sample,
        batch=batch.run_id,
        needs_page=bool(entry.url) and len(entry.text) < batch.rules.full_text_characters,
    )


def _revision(article_id: int, number: int, entry: Entry) -> Revision:
    return Revision(
        article_id=article_id,
        number=number,
        title=entry.title,
        text=entry.text,
        html=entry.html,
        text_sha256=text_key(entry.title, entry.text),
        origin=Revision.Origin.FEED,
    )


def _point_to_first_revision(article_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_article a SET revision_id = r.id FROM articles_revision r
               WHERE r.article_id = a.id AND r.number = 1 AND a.id = ANY(%s)""",
            [list(article_ids)],
        )


def _ask_for_reading(article_ids: Sequence[int]) -> None:
    """A job for each article. Whoever reads the text of before at this moment loses the lease: the new one is to be read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_job (kind, subject_id, state, shard, batch, order_at, not_before, attempts, tries,
                   message, created_at)
               SELECT 'read', id, 'waiting', language, batch, published_at, statement_timestamp(), 0, 0, '',
                   statement_timestamp()
               FROM articles_article WHERE id = ANY(%s) ORDER BY id
               ON CONFLICT (kind, subject_id) DO UPDATE SET state = 'waiting', lease_until = NULL, lease_token = NULL,
                   not_before = excluded.not_before, attempts = 0, tries = 0, message = '', finished_at = NULL""",
            [sorted(set(article_ids))],
        )


def _revise(article_id: int, entry: Entry, batch: _Batch) -> bool:
    """Take over what a feed now says of an article that it had. True when there is something to read again."""
    article = Article.objects.select_for_update(of=("self",)).select_related("revision").get(pk=article_id)
    if article.publisher_id != batch.feed.publisher_id:
        return False  # whoever only points to a story of others does not rewrite it
    current = article.revision
    key = text_key(entry.title, entry.text)
    if current is not None and current.text_sha256 == key:
        return False
    article.needs_page = bool(entry.url) and len(entry.text) < batch.rules.full_text_characters
    if current is None or current.origin == Revision.Origin.FEED or not article.needs_page:
        revision = _revision(article_id, (current.number if current else 0) + 1, entry)
        revision.save(force_insert=True)
        article.revision = revision
        article.corrected_at = article.corrected_at or (batch.now if current else None)
    # Otherwise the page holds the text, and reading it again decides whether it changed.
    article.title = entry.title
    article.summary = entry.summary
    article.stage = Article.Stage.NEW
    article.save(
        update_fields=[
            "needs_page",
            "revision",
            "title",
            "corrected_at",
            "summary",
            "stage",
        ]
    )
    return True


def _close_feed(
    visit: Visit, result: FetchResult, parsed: ParsedFeed | None, stored: Stored, rules: IngestRules
) -> None:
    feed, now = visit.feed, visit.now
    seconds = (
        SAMPLE_SECONDS
        if feed.sample
        else next_interval(
            rules.feed_seconds,
            ttl_minutes=parsed.ttl_minutes if parsed else None,
            cache_control=result.headers.get("cache-control", ""),
        )
    )
    row = Feed.objects.get(pk=feed.id)
    row.lease_until = None
    row.lease_token = None
    row.attempts = 0
    row.next_fetch_at = Now() + timedelta(seconds=jittered(seconds, f"{feed.id} {now:%j%H}"))
    row.etag = result.headers.get("etag", row.etag if result.status == HTTPStatus.NOT_MODIFIED else "")[:1000]
    row.last_modified = result.headers.get(
        "last-modified", row.last_modified if result.status == HTTPStatus.NOT_MODIFIED else ""
    )[:200]
    row.body_sha256 = result.body_sha256 if result.status != HTTPStatus.NOT_MODIFIED else row.body_sha256
    row.interval_seconds = seconds
    row.last_fetch_at = row.last_success_at = now
    row.last_new_at = now if stored.new else row.last_new_at
    row.last_status = result.status
    row.last_outcome = FetchRun.Outcome.UNCHANGED if parsed is None else FetchRun.Outcome.STORED
    row.last_message = "; ".join(parsed.problems)[:2000] if parsed else ""
    row.failures = 0
    row.failing_since = None
    _note_redirect(row, result, now)
    row.save(
        update_fields=[
            "lease_until",
            "lease_token",
            "attempts",
            "next_fetch_at",
            "etag",
            "last_modified",
            "body_sha256",
            "interval_seconds",
            "last_fetch_at",
            "last_success_at",
            "last_new_at",
            "last_status",
            "last_outcome",
            "last_message",
            "failures",
            "failing_since",
            "proposed_url",
            "redirects_seen",
            "redirects_since",
        ]
    )
    if feed.is_public:
        note_public_answer(now=now)


def _note_redirect(row: Feed, result: FetchResult, now: datetime) -> None:
    """A permanent redirect that stays for a day is proposed as the new address; an admin applies it."""
    if not result.permanent_url or result.permanent_url == row.url:
        row.redirects_seen, row.redirects_since, row.proposed_url = 0, None, ""
        return
    row.redirects_seen += 1
    row.redirects_since = row.redirects_since or now
    settled = (now - row.redirects_since).total_seconds() >= REDIRECTS_SPAN_SECONDS
    if row.redirects_seen >= REDIRECTS_TO_PROPOSE and settled:
        row.proposed_url = result.permanent_url


def _language(tag: str) -> str:
    """The primary subtag of a language tag (BCP 47): "en" for "en-GB"."""
    primary = tag.replace("_", "-").partition("-")[0].strip().lower()
    return primary if primary.isalpha() and len(primary) in {2, 3} else ""
