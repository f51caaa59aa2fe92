"""Acts: pages of articles are looked at again; what changed becomes a revision, what was deleted is marked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Length

from articles.errors import StaleLeaseError
from articles.ingest.rechecks import (
    MARKS,
    SWITCHED_OFF,
    Look,
    LookBounds,
    Looked,
    after_failure,
    is_deleted,
    leads_away,
    next_look,
)
from articles.ingest.schedule import jittered
from articles.ingest.taking import Held, stand_anew, take_page
from articles.jobs import (
    add_jobs,
    claim_fairly,
    fail_job,
    finish_jobs,
    give_back_jobs,
    holds_job,
    put_off_job,
    renew_jobs,
)
from articles.models import Article, Job, PageLook, Revision
from articles.types import ExtractedPage, FetchFailure, FetchResult

# An article whose text is just being read anew is looked at after that.
READ_FIRST_SECONDS = 600.0
# A look that trips over its article is tried again after so many seconds each, then an admin must look at it.
TRIED_AGAIN_AFTER = (600.0, 3600.0)
# Articles that are planned at once when looks are switched on again.
MISSED_PORTION = 5000
MISSED_WHY = "Again within the hour: looking at pages again was switched off when it came."
# What a server refuses for good: robots.txt, an address that may not be dialled.
CLOSED = frozenset({"robots", "bad_url", "refused_address"})
_MISSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
# What says nothing about whether the page is still there.
SILENT_KINDS = frozenset({"consent", "offer", "challenge", "login", "blocked", "outage", "index", "empty"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server answered for a page. `body_sha256` and the validators are "" when there is no page to be known by.

    `is_final`: it says that the page is gone for good (410). `why` says in words that the page is not there.
    """

    status: int | None
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    is_missing: bool = False
    is_final: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedLook:
    """An article whose page this worker may look at until the lease of its job runs out; `known` is its state so far."""

    id: int
    job_id: int
    url: str
    sample: bool
    publisher_id: int
    tries: int
    etag: str
    last_modified: str
    body_sha256: str
    looked_at: datetime
    known: Looked


def seen_in(answer: FetchResult | FetchFailure) -> Seen:
    """What an answer says of the page: who leads to the front page has it no more."""
    if isinstance(answer, FetchFailure):
        is_missing = answer.status in _MISSING
        return Seen(
            answer.status,
            is_missing=is_missing,
            is_final=answer.status == HTTPStatus.GONE,
            why=f"Its page is not there any more: {_small(answer.message)}" if is_missing else "",
        )
    if leads_away(answer.url, answer.final_url):
        why = "Its page is not there any more: its address leads to the front page."
        return Seen(answer.status, is_missing=True, why=why)
    return Seen(
        answer.status,
        etag=answer.headers.get("etag", "")[:1000],
        last_modified=answer.headers.get("last-modified", "")[:200],
        body_sha256=answer.body_sha256,
    )


def claim_looks(
    limit: int, lease_seconds: float, *, pages_a_publisher: int
) -> tuple[uuid.UUID, list[ClaimedLook]]:
    """Claim up to `limit` articles whose page is to be looked at now, longest due first; none when nothing is due.

    At most `pages_a_publisher` of each publisher come, as with pages that are read.
    """
    if not settings.LOOKS:
        return uuid.uuid4(), []
    # The sample's own server needs no mercy.
    token, jobs = claim_fairly(
        Job.Kind.LOOK, limit, lease_seconds, a_publisher=pages_a_publisher, is_counted="NOT a.sample"
    )
    found = Article.objects.filter(pk__in=[job.subject_id for job in jobs]).select_related("look")
    rows = {row.pk: row for row in found.annotate(characters=Length("revision__text"))}
    origins = dict(found.values_list("pk", "revision__origin"))
    gone = [job.id for job in jobs if job.subject_id not in rows]
    if gone:
        finish_jobs(token, gone, "The article is gone.")
    looks = []
    for job in jobs:
        row = rows.get(job.subject_id)
        if row is None:
            continue
        look = _look_of(row)
        # After trouble its page is read anew, so that what it said of the article goes: 304 would say nothing.
        is_calm = not row.message and look.held_until is None and row.page_kind not in SILENT_KINDS
        looks.append(
            ClaimedLook(
                id=row.pk,
                job_id=job.id,
                url=row.url,
                sample=row.sample,
                publisher_id=row.publisher_id,
                tries=job.tries,
                etag=look.etag if is_calm else "",
                last_modified=look.last_modified if is_calm else "",
                body_sha256=look.body_sha256 if is_calm else "",
                looked_at=look.looked_at or row.fetched_at,
                known=_known(row, look, is_full_feed=_is_full(origins[row.pk], row.characters)),
            )
        )
    return token, looks


def plan_looks(  # noqa: PLR0913 - what is known of one article
    article: Article,
    revision: Revision,
    seen: Seen | None,
    now: datetime,
    *,
    title: str = "",
    is_new_text: bool,
    held: Held | None = None,
) -> None:
    """After an article was read: remember what its page answered, and have it looked at when its time comes.

    Call it inside the transaction that wrote the text. `seen` is None when no page was asked; `title` is the page's
    own headline; `held` is what its text is held back by. What the server closes to us, and what has no address, is not
    looked at.
    """
    look = _look_of(article)
    was_there = look.looked_at is not None
    gap = (now - (look.looked_at or article.fetched_at)).total_seconds()
    if seen is not None:
        _remember(look, seen, title, now, kind="empty" if held is not None else "article")
        _hold(look, held)
        mark_gone(article, look, seen, since_last_seconds=gap, now=now)
    if was_there and is_new_text:
        look.changes += 1
        look.quiet = 0
        look.changed_at = now
    known = _known(article, look, is_full_feed=_is_full(revision.origin, len(revision.text)))
    known = replace(known, gap_seconds=max(0.0, gap), is_changed=was_there and is_new_text)
    plan = next_look(known, now, bounds()) if article.url else Look(None, "Not again: it has no page.")
    look.next_why = plan.why
    _write(look)
    if plan.seconds is not None:
        seconds = jittered(round(plan.seconds), str(article.pk))
        add_jobs(Job.Kind.LOOK, [(article.pk, "", article.batch, None)], seconds=seconds)


def close_unchanged(token: uuid.UUID, looks: Sequence[tuple[ClaimedLook, Seen]], now: datetime) -> int:
    """These pages are what they were: note it and plan the next looks, two statements for all; how many were ours.

    For articles whose page was there before; one that comes back is `finish_look`'s.
    """
    plans: dict[int, tuple[float | None, str]] = {}
    for claimed, _ in looks:
        plan = next_look(_counted(claimed, now), now, bounds())
        plans[claimed.job_id] = _waiting(claimed, plan)
    with transaction.atomic():
        held = renew_jobs(token, plans)
        rows = [
            (
                claimed.id,
                seen.status,
                seen.etag or claimed.etag,
                seen.last_modified or claimed.last_modified,
                plans[claimed.job_id][1],
            )
            for claimed, seen in sorted(looks, key=lambda pair: pair[0].id)
            if claimed.job_id in held
        ]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    """UPDATE articles_pagelook p SET looks = p.looks + 1, quiet = p.quiet + 1, missing = 0, looked_at = %s,
                           held_sha256 = '', held_until = NULL,
                           status = n.status, etag = n.etag, last_modified = n.last_modified, next_why = n.why
                       FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[])
                            AS n(id, status, etag, last_modified, why)
                       WHERE p.article_id = n.id""",
                    [now, *(list(column) for column in zip(*rows, strict=True))],
                )
    return len(rows)


def finish_look(  # noqa: PLR0913 - what one look found
    claimed: ClaimedLook,
    token: uuid.UUID,
    seen: Seen,
    page: ExtractedPage | None,
    *,
    now: datetime,
    note: str = "",
) -> bool:
    """Write what one look found, plan the next; whether the article says something else now.

    `page` is None when nothing could or had to be read; `note` then says why, if it is worth telling. The article stays
    as it is unless its page is an article and says something else. Raises StaleLeaseError, with nothing written, when
    somebody else has claimed the look since.
    """
    with transaction.atomic():
        article = _held_article(claimed, token)
        revision = article.revision
        if article.stage == Article.Stage.NEW or revision is None:
            give_back_jobs(token, {claimed.job_id: READ_FIRST_SECONDS})
            return False
        look = _look_of(article)
        was_at, was_gone = article.published_at, article.gone_at
        since = (now - (look.looked_at or article.fetched_at)).total_seconds()
        if page is not None and page.kind == "missing":
            seen = replace(seen, is_missing=True, why=page.kind_why or "Its page says that it is not there.")
        look.looks += 1
        fields: list[str] = []
        is_new = False
        held: Held | None = None
        is_full = _is_full(revision.origin, len(revision.text))
        if page is not None and not seen.is_missing:
            if is_full:
                article.page_kind = page.kind
                fields.append("page_kind")
            else:
                taken = take_page(
                    article,
                    revision,
                    page,
                    now,
                    known_title=look.title,
                    held=held_of(look),
                )
                is_new, note, held = taken.is_new, taken.note, taken.held
                fields += taken.fields
        # What could not be read is asked for whole again: its validators would say that nothing changed.
        kind = _note_held(
            look, page, held, is_readable=page is not None or not note, is_missing=seen.is_missing
        )
        _remember(look, seen, page.title if page is not None else "", now, kind=kind)
        mark_gone(article, look, seen, since_last_seconds=since, now=now)
        look.quiet = 0 if is_new else look.quiet + 1
        if is_new:
            look.changes += 1
            look.changed_at = now
            article.stage = Article.Stage.LINKED
            fields.append("stage")
        if article.stage in {Article.Stage.LINKED, Article.Stage.DONE}:
            article.message = seen.why or note
            fields.append("message")
        if article.gone_at != was_gone:
            fields.append("gone_at")
        if fields:
            article.save(update_fields=sorted(set(fields)))
        if is_new or article.published_at != was_at:
            stand_anew(article, taken, was_at=was_at, is_to_link=is_new)
        known = _known(article, look, is_full_feed=is_full)
        plan = next_look(replace(known, gap_seconds=max(0.0, since), is_changed=is_new), now, bounds())
        seconds, why = _waiting(claimed, plan)
        look.next_why = why
        _write(look)
        renew_jobs(token, {claimed.job_id: (seconds, why)})
    return is_new


def plan_missed_looks() -> int:
    """Have the pages looked at whose articles came while looks were switched off, and are not too old for it; how many.

    Their times were passed over: they come within an hour, spread by their numbers. For the tidying of a desk: reads
    every row of the looks once, and writes one portion at most.
    """
    if not settings.LOOKS:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """WITH missed AS (
                   SELECT p.article_id, a.batch FROM articles_pagelook p JOIN articles_article a ON a.id = p.article_id
                   WHERE p.next_why = %s AND a.fetched_at > statement_timestamp() - make_interval(secs => %s)
                   ORDER BY p.article_id LIMIT %s FOR UPDATE OF p
               ), told AS (
                   UPDATE articles_pagelook p SET next_why = %s FROM missed m WHERE p.article_id = m.article_id
               )
               INSERT INTO articles_job (kind, subject_id, state, shard, batch, not_before, attempts, tries, message, created_at)
               SELECT %s, m.article_id, 'waiting', '', m.batch,
                      statement_timestamp() + make_interval(secs => m.article_id %% 3600), 0, 0, '', statement_timestamp()
               FROM missed m ORDER BY m.article_id
               ON CONFLICT (kind, subject_id) DO UPDATE SET state = 'waiting', not_before = excluded.not_before,
                   lease_until = NULL, lease_token = NULL, attempts = 0, tries = 0, message = '', finished_at = NULL
               WHERE articles_job.state <> 'waiting'""",
            [SWITCHED_OFF, MARKS[-1], MISSED_PORTION, MISSED_WHY, str(Job.Kind.LOOK)],
        )
        return int(cursor.rowcount)


def put_off_look(claimed: ClaimedLook, token: uuid.UUID, failure: FetchFailure) -> None:
    """The page could not be asked: that counts against nothing, and is tried again later, in the end not any more."""
    if failure.kind in CLOSED:
        plan = Look(None, f"Not again: {failure.message}")
    else:
        plan = after_failure(claimed.tries, float(failure.retry_after_seconds or 0), failure.message)
    with transaction.atomic():
        if plan.seconds is None:
            is_ours = finish_jobs(token, [claimed.job_id], plan.why) == 1
        else:
            is_ours = put_off_job(
                token, claimed.job_id, jittered(round(plan.seconds), str(claimed.id)), plan.why
            )
        if is_ours:
            PageLook.objects.filter(pk=claimed.id).update(status=failure.status, next_why=plan.why)


def put_back_look(claimed: ClaimedLook, token: uuid.UUID, why: str) -> None:
    """The look tripped over the article itself: try again later, and after a few tries have an admin look at it."""
    with transaction.atomic():
        if claimed.tries < len(TRIED_AGAIN_AFTER):
            put_off_job(token, claimed.job_id, TRIED_AGAIN_AFTER[claimed.tries], why)
        else:
            fail_job(token, claimed.job_id, why)


def mark_gone(
    article: Article, look: PageLook, seen: Seen, *, since_last_seconds: float, now: datetime
) -> None:
    """Set when the article's page was deleted, or that it is back; `look` has this look counted."""
    if seen.is_missing:
        if is_deleted(look.missing, since_last_seconds=since_last_seconds, is_final=seen.is_final):
            article.gone_at = article.gone_at or now
    elif look.missing == 0:
        article.gone_at = None


def bounds() -> LookBounds:
    """The limits of looks, from the settings."""
    return LookBounds(settings.LOOKS, settings.LOOK_LEAST_MINUTES * 60.0, settings.LOOK_MOST)


_FIELDS = (
    "looks", "changes", "quiet", "missing", "looked_at", "changed_at", "status", "etag", "last_modified", "body_sha256",
    "title", "held_sha256", "held_until", "next_why",
)  # fmt: skip


def _look_of(article: Article) -> PageLook:
    return PageLook.objects.filter(pk=article.pk).first() or PageLook(article_id=article.pk)


def held_of(look: PageLook) -> Held | None:
    """What the page's last text is held back by."""
    return Held(look.held_sha256, look.held_until) if look.held_until is not None else None


def _note_held(
    look: PageLook, page: ExtractedPage | None, held: Held | None, *, is_readable: bool, is_missing: bool
) -> str:
    """Note what is held back now, and give the kind by which an answer is remembered.

    What is no article says nothing of a text that waits; what could not be read, or waits, is not what a page is known by.
    """
    if is_missing or not is_readable:
        return "empty"
    kind = page.kind if page is not None else "article"
    if kind not in SILENT_KINDS:
        _hold(look, held)
    return kind if look.held_until is None else "empty"


def _hold(look: PageLook, held: Held | None) -> None:
    look.held_sha256, look.held_until = (held.key, held.until) if held is not None else ("", None)


def _write(look: PageLook) -> None:
    PageLook.objects.bulk_create(
        [look], update_conflicts=True, unique_fields=["article"], update_fields=_FIELDS
    )


def _remember(look: PageLook, seen: Seen, title: str, now: datetime, *, kind: str = "article") -> None:
    """Note an answer. What stands in place of the article (a wall, a check) is not what it is known by."""
    look.looked_at = now
    look.status = seen.status
    if seen.is_missing:
        look.missing += 1
        return
    if kind in SILENT_KINDS:
        return
    look.missing = 0
    look.etag, look.last_modified = seen.etag or look.etag, seen.last_modified or look.last_modified
    look.body_sha256 = seen.body_sha256 or look.body_sha256
    look.title = title.strip()[:1000] or look.title


def _known(article: Article, look: PageLook, *, is_full_feed: bool) -> Looked:
    has_time = article.published_from != "fetched" and not article.published_day_only
    return Looked(
        first_seen_at=article.fetched_at,
        published_at=article.published_at if has_time else None,
        looks=look.looks,
        changes=look.changes,
        quiet=look.quiet,
        missing=look.missing,
        is_full_feed=is_full_feed,
        gone_at=article.gone_at,
        held_until=look.held_until,
    )


def _is_full(origin: str, characters: int | None) -> bool:
    """Whether the feed itself carries the text, and so tells of its changes."""
    return origin == Revision.Origin.FEED and (characters or 0) >= settings.FULL_TEXT_CHARACTERS


def _counted(claimed: ClaimedLook, now: datetime) -> Looked:
    """What is known with a look counted that found nothing new."""
    return replace(
        claimed.known,
        looks=claimed.known.looks + 1,
        quiet=claimed.known.quiet + 1,
        missing=0,
        held_until=None,
        gap_seconds=max(0.0, (now - claimed.looked_at).total_seconds()),
    )


def _waiting(claimed: ClaimedLook, plan: Look) -> tuple[float | None, str]:
    """When the job is due again: a little later than planned, the same for the same article, so that looks drift apart."""
    return None if plan.seconds is None else jittered(round(plan.seconds), str(claimed.id)), plan.why


def _held_article(claimed: ClaimedLook, token: uuid.UUID) -> Article:
    """The article, locked, with its revision. Raises StaleLeaseError when the token rules the look no longer."""
    article = (
        Article.objects.select_for_update(of=("self",))
        .select_related("revision")
        .filter(pk=claimed.id)
        .first()
    )
    if article is None or not holds_job(token, claimed.job_id):
        raise StaleLeaseError(
            f"the page of article {claimed.id} was claimed again before its look was stored"
        )
    return article


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
