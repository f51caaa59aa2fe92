"""Acts: what the texts of an event say is summed up; each event once for all that changed of it meanwhile."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence

from django.conf import settings
from django.db import connection, transaction

from articles.events.titles import Headline, choose_headline
from articles.jobs import (
    ClaimedJob,
    add_jobs_within,
    claim_jobs,
    finish_jobs,
    holds_job,
    is_outage,
    retry_or_fail,
)
from articles.models import ArticleCopy, Event, Job, Membership

logger = logging.getLogger(__name__)

# An event over which summing up trips is tried again after so many seconds each, then an admin must look at it.
TRIED_AGAIN_AFTER = (60.0, 600.0)
LONGEST_MESSAGE = 500
# Headlines that are compared to choose the event's: the first that came.
TITLED_FROM = 50
IS_GONE = "The event is gone, or has no article."


def ask_for_digests(event_ids: Iterable[int]) -> None:
    """Have these events summed up NEWSDESK_DIGEST_SECONDS from now, in the caller's transaction.

    Asked for again meanwhile, an event is summed up once, at the time of the first asking. Call it after the events'
    rows were written or locked: whoever sums one up locks its row before its job.
    """
    add_jobs_within(Job.Kind.DIGEST, event_ids, settings.DIGEST_SECONDS)


def claim_digests(limit: int, lease_seconds: float) -> tuple[uuid.UUID, list[ClaimedJob]]:
    """Claim up to `limit` events that are to be summed up, longest due first; none when nothing is due."""
    return claim_jobs(Job.Kind.DIGEST, limit, lease_seconds)


def digest_claimed(token: uuid.UUID, jobs: Sequence[ClaimedJob], is_over: Callable[[], bool]) -> int:
    """Sum up claimed events, each in a transaction of its own, until the time is over; how many jobs are done.

    One that cannot be summed up is tried again, then waits for an admin; trouble with the database is raised.
    """
    for done, job in enumerate(jobs):
        if is_over():
            return done
        try:
            _digest(job.subject_id, token, job)
        except Exception as error:
            if is_outage(error):
                raise
            logger.exception("event %s could not be summed up", job.subject_id)
            message = f"It could not be summed up ({type(error).__name__}: {error})."[:LONGEST_MESSAGE]
            retry_or_fail(token, job, TRIED_AGAIN_AFTER, message)
    return len(jobs)


def digest_event(event_id: int) -> bool:
    """Sum an event up now; whether there was anything to sum up: an event that stands for itself, with articles."""
    return _digest(event_id)


def _digest(event_id: int, token: uuid.UUID | None = None, job: ClaimedJob | None = None) -> bool:
    lead_id = _lead_of(event_id)
    with transaction.atomic():
        _hold_article(lead_id)
        event = Event.objects.select_for_update().filter(pk=event_id, merged_into__isnull=True).first()
        if job is not None and token is not None:
            if not holds_job(token, job.id):
                return False
            finish_jobs(token, [job.id], "" if event is not None and lead_id is not None else IS_GONE)
        if event is None or lead_id is None:
            return False
        if event.lead_id != lead_id:
            Event.objects.filter(pk=event_id).update(lead_id=lead_id)
    return True


def _hold_article(article_id: int | None) -> None:
    """Keep the article from going while the event's row points to it; before the event's row, as placing does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM articles_article WHERE id = %s FOR KEY SHARE", [article_id])


def _lead_of(event_id: int) -> int | None:
    """The article whose headline is the event's best."""
    rows = (
        Membership.objects.filter(event_id=event_id)
        .order_by("id")
        .values_list("article_id", "article__title", "article__published_at", "article__copy__kind")[
            :TITLED_FROM
        ]
    )
    headlines = [
        Headline(key, title, published, is_copy=kind not in {None, ArticleCopy.Kind.ORIGIN})
        for key, title, published, kind in rows
        if title.strip()
    ]
    return choose_headline(headlines).key if headlines else None
