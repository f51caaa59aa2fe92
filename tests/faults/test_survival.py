"""Kill the workers and flush the broker in the middle of a poll: nothing is lost, nothing is done twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db.models import Count

from articles.ingest.canonical import url_sha256
from articles.models import Article, Feed, FetchRun, Membership, Revision, Sighting
from articles.tasks import poke
from tests.articles.ingest.rows import make_feed
from tests.faults.desk_processes import quick_environment
from tests.faults.quiet import end_leases_of_the_dead
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.workers import test_environment, wait_until, working

FEEDS, ENTRIES = 24, 4


def broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def wake() -> bool:
    poke.apply_async()
    return True


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_and_a_flushed_broker_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    bodies = {f"/{number}.xml": generated_feed(number, ENTRIES) for number in range(FEEDS)}
    with serving(FeedWorld(bodies, most=3)) as world:
        for number in range(FEEDS):
            make_feed(f"Paper {number}", url=world.url(f"/{number}.xml"), host=f"127.0.0.1:{world.port}")
        environment = quick_environment(NEWSDESK_FETCH_BATCH="6", NEWSDESK_POKE_SECONDS="10")
        log = tmp_path / "worker.log"
        with working(log, environment) as first:
            wait_until(lambda: wake() and world.count(200) >= 3, "the first worker polls", pause=1.0)
            first.kill()
        world.go.set()
        end_leases_of_the_dead()
        fetched_before = FetchRun.objects.count()
        assert fetched_before < FEEDS, "the worker was killed in the middle"
        broker().flushdb()  # the database of this test alone: others run beside it
        with working(log, environment):

            def is_done() -> bool:
                wake()
                return (
                    not Feed.objects.filter(last_success_at__isnull=True).exists()
                    and not Article.objects.exclude(stage="done").exists()
                )

            wait_until(
                is_done, f"every feed is fetched and every article placed; see {log}", seconds=900, pause=1.0
            )

    assert (
        Article.objects.count() == Sighting.objects.count() == Membership.objects.count() == FEEDS * ENTRIES
    )
    assert Revision.objects.count() == FEEDS * ENTRIES
    doubled = Sighting.objects.values("feed", "guid_sha256").annotate(n=Count("id")).filter(n__gt=1)
    assert not doubled.exists()
    assert not Feed.objects.exclude(state="active").exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_second_poll_is_answered_304_and_stores_nothing(tmp_path: Path) -> None:
    bodies = {f"/{number}.xml": generated_feed(number, 3) for number in range(4)}
    with (
        serving(FeedWorld(bodies)) as world,
        working(tmp_path / "worker.log", test_environment(NEWSDESK_FETCH_HOST_SECONDS="0")),
    ):
        for number in range(4):
            url = world.url(f"/{number}.xml")
            make_feed(f"Paper {number}", url=url, host=f"127.0.0.1:{world.port}", url_sha256=url_sha256(url))
        wait_until(
            lambda: wake() and Article.objects.filter(stage="done").count() == 12,
            "the first poll is worked off",
            pause=1.0,
        )
        assert not Feed.objects.filter(lease_token__isnull=False).exists(), "their feeds are closed with them"
        before = list(Article.objects.order_by("id").values())
        Feed.objects.update(next_fetch_at=Feed.objects.values_list("created_at", flat=True)[0])
        wait_until(
            lambda: wake() and FetchRun.objects.filter(outcome="unchanged").count() == 4,
            "the second poll",
            pause=1.0,
        )
        assert world.count(304) == 4
        assert list(Article.objects.order_by("id").values()) == before
