"""Acts: what hubs pushed is stored like an answer of its feed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from django.conf import settings
from django.db.models import QuerySet

from articles.ingest.claim import claim_feed
from articles.ingest.closing import Visit
from articles.ingest.store import Answered, IngestRules, store_answers
from articles.jobs import claim_jobs, finish_jobs, give_back_jobs
from articles.models import Feed, Job, Push, Subscription
from articles.types import FetchFailure, FetchResult, ParsedFeed

# Bodies, feed's address, content type; a failure says in words why nothing could be read.
Read = Callable[[FetchResult], ParsedFeed | FetchFailure]

CLAIMED_AT_ONCE = 20
# A feed that is being fetched at this moment is stored by its fetcher first.
AGAIN_SECONDS = 5.0


def store_pushes(seconds: float, read: Read, rules: IngestRules) -> list[int]:
    """Store what waits until nothing does or the time is up; the feeds that got something, each once."""
    deadline = time.monotonic() + seconds
    fed: dict[int, None] = {}
    while time.monotonic() < deadline:
        token, jobs = claim_jobs(Job.Kind.PUSH, CLAIMED_AT_ONCE, settings.LEASE_SECONDS)
        if not jobs:
            break
        try:
            for job in jobs:
                if time.monotonic() > deadline:
                    give_back_jobs(token, {job.id: 0.0})
                elif _store_feed(job.subject_id, read, rules, fed):
                    finish_jobs(token, [job.id])
                else:
                    give_back_jobs(token, {job.id: AGAIN_SECONDS})
        except SystemExit:  # a worker that is told to stop gives back at once what it has not finished
            give_back_jobs(token, dict.fromkeys([job.id for job in jobs], 0.0))
            raise
    return list(fed)


def _store_feed(feed_id: int, read: Read, rules: IngestRules, fed: dict[int, None]) -> bool:
    """Store all pushes of one feed in the order in which they came; False when another worker has the feed."""
    waiting: QuerySet[Push] = Push.objects.filter(feed_id=feed_id)
    for push in waiting.order_by("pk").iterator(chunk_size=1):
        feed = Feed.objects.filter(pk=feed_id).values("url", "state").get()
        if feed["state"] != Feed.State.ACTIVE:
            waiting.delete()
            return True
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
                return False
            token, row = claimed
            # At the moment when it came: what a hub brought is told from what a poll had to find.
            store_answers([Answered(Visit(row, token, push.at, pushed=True), answer, parsed)], rules)
            fed[feed_id] = None
        push.delete()
    return True
