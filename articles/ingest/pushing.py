"""Acts: what hubs pushed is stored like an answer of its feed."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from articles.ingest.claim import ClaimedFeed, claim_feed, put_back_feed
from articles.ingest.closing import Visit
from articles.ingest.store import Answered, IngestRules, Stored, store_answers
from articles.jobs import (
    ClaimedJob,
    claim_jobs,
    drop_dead_connection,
    finish_jobs,
    give_back_jobs,
    is_outage,
    jobs_handed_back,
    retry_or_fail,
)
from articles.models import Feed, Job, Push, Subscription
from articles.types import FetchFailure, FetchResult, ParsedFeed

logger = logging.getLogger(__name__)

# Bodies, feed's address, content type; a failure says in words why nothing could be read.
Read = Callable[[FetchResult], ParsedFeed | FetchFailure]

CLAIMED_AT_ONCE = 20
# A feed that is being fetched at this moment is stored by its fetcher first.
AGAIN_SECONDS = 5.0
# What could not be stored is kept and tried again after these; then it waits for an admin.
RETRIES = (5.0, 60.0, 600.0, 3600.0, 21_600.0)
_REFUSED = "What its hub sent could not be stored, and is kept; the log of the worker says more."
_TAKEN_OVER = (
    "What its hub sent could not be stored, and is kept: the source was changed or taken over meanwhile."
)
_REMOVED = "The source was removed."


class _NotStoredError(Exception):
    """Nothing of a push was stored; the message says why in words for an admin."""


def store_pushes(seconds: float, read: Read, rules: IngestRules) -> list[int]:
    """Store what waits until nothing does or the time is up; the feeds that got something, each once.

    What cannot be stored stays and is tried again; it holds up only the pushes of its own feed.
    """
    deadline = time.monotonic() + seconds
    fed: dict[int, None] = {}
    while time.monotonic() < deadline:
        token, jobs = claim_jobs(Job.Kind.PUSH, CLAIMED_AT_ONCE, settings.LEASE_SECONDS)
        if not jobs:
            break
        with jobs_handed_back(token, [job.id for job in jobs]):
            for job in jobs:
                if time.monotonic() > deadline:
                    give_back_jobs(token, {job.id: 0.0})
                else:
                    _do_job(token, job, read, rules, fed)
    return list(fed)


def _do_job(token: uuid.UUID, job: ClaimedJob, read: Read, rules: IngestRules, fed: dict[int, None]) -> None:
    try:
        done = _store_feed(job.subject_id, read, rules, fed)
    except _NotStoredError as error:
        retry_or_fail(token, job, RETRIES, str(error))
    except Exception as error:
        if is_outage(error):
            raise
        logger.exception("what was pushed for feed %s could not be stored", job.subject_id)
        retry_or_fail(token, job, RETRIES, f"{_REFUSED} ({type(error).__name__})")
    else:
        if done is None:
            give_back_jobs(token, {job.id: AGAIN_SECONDS})
        else:
            finish_jobs(token, [job.id], done)


def _store_feed(feed_id: int, read: Read, rules: IngestRules, fed: dict[int, None]) -> str | None:
    """Store all pushes of one feed in the order in which they came; None while another worker has the feed.

    The answer is what is worth telling of it. Raises _NotStoredError: the push that could not be stored still waits.
    """
    while (push := Push.objects.filter(feed_id=feed_id).order_by("pk").first()) is not None:
        feed = Feed.objects.filter(pk=feed_id).values("url", "state").first()
        if feed is None:
            break
        if feed["state"] != Feed.State.ACTIVE:
            Push.objects.filter(feed_id=feed_id).delete()
            return ""
        body = bytes(push.body)
        answer = FetchResult(
            url=feed["url"],
            final_url=feed["url"],
            status=200,
            headers={"content-type": push.content_type} if push.content_type else {},
            body=body,
            body_sha256=hashlib.sha256(body).hexdigest(),
            elapsed_seconds=0.0,
        )
        # Read before the feed is claimed: what kills its reader costs the feed nothing.
        parsed = read(answer)
        if isinstance(parsed, FetchFailure):
            message = f"What the hub sent could not be read: {parsed.message}"
            Subscription.objects.filter(pk=feed_id).update(message=message)
        else:
            claimed = claim_feed(feed_id, settings.LEASE_SECONDS)
            if claimed is None:
                if Feed.objects.filter(pk=feed_id).exists():
                    return None
                break
            token, row = claimed
            # At the moment when it came: what a hub brought is told from what a poll had to find.
            _store(Answered(Visit(row, token, push.at, pushed=True), answer, parsed), rules)
            fed[feed_id] = None
        push.delete()
    return "" if Feed.objects.filter(pk=feed_id).exists() else _REMOVED


def _store(answered: Answered, rules: IngestRules) -> None:
    """Store one push. Whatever goes wrong, the feed is as if it had never been claimed."""
    stored: Mapping[int, Stored] = {}
    is_ours = False
    feed, token = answered.visit.feed, answered.visit.token
    try:
        stored = store_answers([answered], rules)
    finally:
        if feed.id not in stored:
            is_ours = _put_back(token, feed)
    if feed.id not in stored:
        raise _NotStoredError(_REFUSED if is_ours else _TAKEN_OVER)


def _put_back(token: uuid.UUID, feed: ClaimedFeed) -> bool:
    # If the database does not answer, the lease runs out by itself.
    with suppress(DatabaseError, InterfaceError):
        drop_dead_connection()
        return put_back_feed(token, feed)
    return False
