"""Acts: an article that came by a feed gets its text, its links and its place in the queue for events."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from articles.errors import StaleLeaseError
from articles.ingest.languages import language_of
from articles.ingest.looking import SILENT_KINDS, Seen, held_of, plan_looks
from articles.ingest.taking import Taken, stand_anew, take_page
from articles.jobs import claim_fairly, fail_job, finish_jobs, give_back_jobs, holds_job, put_off_job
from articles.models import Article, Job, PageLook
from articles.types import ExtractedPage

UNDETERMINED = "und"  # BCP 47's word for a language that nobody named
# An article that trips over itself is tried again after so many seconds each, then an admin must look at it.
TRIED_AGAIN_AFTER = (60.0, 600.0)
_READ_FIELDS = ("language", "stage", "message", "needs_page", "gone_at")


@dataclass(frozen=True, slots=True)
class ClaimedArticle:
    """An article that this worker may read and link until the lease of its job runs out."""

    id: int
    job_id: int
    url: str
    sample: bool
    needs_page: bool
    is_new: bool  # no reader has seen its names or its event yet
    tries: int
    waited_seconds: float
    revision_id: int | None
    language: str
    publisher_id: int


@dataclass(frozen=True, slots=True)
class PageLater:
    """The page did not come: ask again in `seconds`. What failed counts as a try, what was only busy does not."""

    seconds: float
    counts: bool


def claim_articles(
    limit: int, lease_seconds: float, *, pages_a_publisher: int
) -> tuple[uuid.UUID, list[ClaimedArticle]]:
    """Claim up to `limit` articles to be read whose time has come, longest due first; none when nothing waits.

    They are in the order in which they were published, as far as is known: read so, they come to placing so, and an
    event is opened by its first report, not by what was told of it later.

    Of those whose page must be fetched at most `pages_a_publisher` of each publisher come: politeness allows no
    more of one host at a time, and the rest of the portion is better spent on others.
    """
    token, jobs = claim_fairly(
        Job.Kind.READ,
        limit,
        lease_seconds,
        a_publisher=pages_a_publisher,
        is_counted="(a.needs_page AND NOT a.sample)",
    )
    rows = Article.objects.in_bulk([job.subject_id for job in jobs])
    gone = [job.id for job in jobs if job.subject_id not in rows]
    if gone:
        finish_jobs(token, gone, "The article is gone.")
    return token, [
        ClaimedArticle(
            id=job.subject_id,
            job_id=job.id,
            url=row.url,
            sample=row.sample,
            needs_page=row.needs_page,
            is_new=row.stage == Article.Stage.NEW,
            tries=job.tries,
            waited_seconds=job.waited_seconds,
            revision_id=row.revision_id,
            language=row.language,
            publisher_id=row.publisher_id,
        )
        for row, job in sorted(
            ((rows[job.subject_id], job) for job in jobs if job.subject_id in rows),
            key=lambda both: (both[0].published_at, both[0].pk),
        )
    ]


def finish_reading(  # noqa: PLR0913 - what is known of one article
    claimed: ClaimedArticle,
    token: uuid.UUID,
    page: ExtractedPage | None,
    note: str,
    *,
    now: datetime,
    seen: Seen | None = None,
    later: PageLater | None = None,
) -> None:
    """Write a page's text as a revision when it says more, link the names, and hand the article to placing.

    `page` is None when no page was needed or none could be read; `note` then says why, for the article's page. `seen`
    is what the server answered, None when it was not asked: its next looks are planned by it. With `later` the feed's
    text does for the time being: the article goes its way, and its page is asked again.
    Raises StaleLeaseError, with nothing written, when somebody else has claimed the article since.
    """
    with transaction.atomic():
        article = _held_article(claimed, token)
        revision = article.revision
        if revision is None:  # nothing to read: a row restored by hand without its revisions
            message = "The article has no text at all: fetch its feed again."
            _mark_failed(article, message)
            fail_job(token, claimed.job_id, message)
            return
        was_at = article.published_at
        taken = Taken(revision, is_new=False, fields=(), note="")
        if page is not None:
            article.needs_page = False
            look = PageLook.objects.filter(pk=article.pk).first() or PageLook(article_id=article.pk)
            taken = take_page(
                article, revision, page, now, known_title=look.title, is_asked=True, held=held_of(look)
            )
            note = note or taken.note
        stated = [article.language, page.language if page else ""]
        language = language_of(stated, taken.revision.text) or UNDETERMINED
        is_new_text = taken.revision.pk != claimed.revision_id or language != article.language
        # A page that was asked again and says no more than the feed leaves all as it stands.
        is_to_link = is_new_text or article.stage == Article.Stage.NEW
        article.language = language
        article.stage = Article.Stage.LINKED if is_to_link else article.stage
        article.message = note
        if later is None:
            plan_looks(
                article,
                taken.revision,
                _seen(seen, page),
                now,
                title=page.title if page else "",
                is_new_text=taken.is_new,
                held=taken.held,
            )
        article.save(update_fields=sorted({*_READ_FIELDS, *taken.fields}))
        if is_new_text:
            taken = replace(taken, is_new=True)
        stand_anew(article, taken, was_at=was_at, is_to_link=is_to_link)
        if later is None:
            finish_jobs(token, [claimed.job_id], note)
        elif later.counts:
            put_off_job(token, claimed.job_id, later.seconds, note)
        else:
            give_back_jobs(token, {claimed.job_id: later.seconds})


def put_back(claimed: ClaimedArticle, token: uuid.UUID, why: str) -> None:
    """Reading tripped over the article itself: try again later, and after a few tries have an admin look at it."""
    with transaction.atomic():
        article = _held_article(claimed, token)
        if claimed.tries < len(TRIED_AGAIN_AFTER):
            put_off_job(token, claimed.job_id, TRIED_AGAIN_AFTER[claimed.tries], why)
            return
        if article.stage == Article.Stage.NEW:
            _mark_failed(article, why)
        fail_job(token, claimed.job_id, why)


def _held_article(claimed: ClaimedArticle, token: uuid.UUID) -> Article:
    """The article, locked, with its revision. Raises StaleLeaseError when the token rules its job no longer."""
    article = (
        Article.objects.select_for_update(of=("self",))
        .select_related("revision")
        .filter(pk=claimed.id)
        .first()
    )
    if article is None or not holds_job(token, claimed.job_id):
        raise StaleLeaseError(f"article {claimed.id} was claimed again before its text was stored")
    return article


def _mark_failed(article: Article, message: str) -> None:
    article.stage = Article.Stage.FAILED
    article.message = message
    article.save(update_fields=["stage", "message"])


def _seen(seen: Seen | None, page: ExtractedPage | None) -> Seen | None:
    """What is remembered of an answer: a page that could not be read, or is no article, is asked for whole again."""
    if seen is None:
        return None
    if page is not None and page.kind == "missing":
        return replace(seen, is_missing=True)
    if page is None or page.kind in SILENT_KINDS:
        return replace(seen, etag="", last_modified="", body_sha256="")
    return seen
