"""A worker that is told to stop in the middle of a batch gives back what it has not finished."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from articles.models import Feed
from articles.tasks import poke
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import quick_environment
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.workers import WAIT_SECONDS, wait_until, working

FEEDS = 12


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_stopped_worker_gives_its_feeds_back_uncounted(tmp_path: Path) -> None:
    bodies = {f"/{number}.xml": generated_feed(number, 1) for number in range(FEEDS)}
    with serving(FeedWorld(bodies, most=0)) as world:
        for number in range(FEEDS):
            make_feed(f"Paper {number}", url=world.url(f"/{number}.xml"), host=f"127.0.0.1:{world.port}")
        log = tmp_path / "worker.log"
        # As `up` and the compose file start it (REMAP_SIGTERM): SIGTERM then does not wait for the end of every task.
        with working(log, quick_environment()) as worker:

            def are_asked_for() -> bool:
                poke.apply_async()
                return world.asked > 0

            wait_until(are_asked_for, f"the feeds are asked for; see {log}", pause=1.0)
            assert Feed.objects.filter(attempts=1).count() == FEEDS, "all are claimed"
            worker.process.terminate()
            worker.process.wait(WAIT_SECONDS)
    # Nobody holds them, none has a try against it, and all are due.
    assert (
        Feed.objects.filter(lease_token=None, attempts=0, next_fetch_at__lte=timezone.now()).count() == FEEDS
    )
