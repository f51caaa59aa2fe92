"""Which wake-ups are worth sending now, by what the database holds."""

from __future__ import annotations

from django.utils import timezone

from articles.ingest.claim import count_due_feeds
from articles.jobs import count_due_jobs
from articles.models import Job, NetworkState

# More of the same would only wait for the first to finish.
MOST_FETCHERS = 4


def due_wakeups(feeds_a_task: int) -> list[str]:
    """Names of wake-ups ("fetch", "read", "place"), one for each task that would find work; notes that beat beats."""
    NetworkState.objects.get_or_create(pk=1)
    NetworkState.objects.filter(pk=1).update(poked_at=timezone.now())
    fetchers = min(MOST_FETCHERS, -(-count_due_feeds() // feeds_a_task))
    due = count_due_jobs()
    return ["fetch"] * fetchers + ["read"] * bool(due[Job.Kind.READ]) + ["place"] * bool(due[Job.Kind.PLACE])
