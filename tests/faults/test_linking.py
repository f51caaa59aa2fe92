"""Linking anew under faults: a worker is killed half-way; every article is linked once, and nothing is counted twice."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from articles.ingest.relinking import relink_later
from articles.models import Article, ArticleEntity, EntityDay, Job, Mention
from articles.tasks import link_again
from tests.factories import TEXT, make_article, make_entity
from tests.faults.desk_processes import WORKER_OPTIONS, quick_environment
from tests.faults.quiet import end_leases_of_the_dead, wait_for_quiet
from tests.workers import Worker, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ARTICLES, BEFORE = 6, 3  # so many, and so many of them are linked when the worker dies


def who_waits_for_a_row() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def are_done(n: int) -> bool:
    return Job.objects.filter(kind="link", state="done").count() == n


def test_a_worker_that_dies_while_it_links_anew_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    shipping = make_entity("Orne Shipping")
    made = [make_article(f"Day {number}") for number in range(ARTICLES)]
    places = TEXT.count("Orne Shipping")
    environment = quick_environment()
    worker = Worker(tmp_path / "text.log", environment, *WORKER_OPTIONS, queues="text", concurrency=1)
    try:
        relink_later([one.pk for one in made])
        with transaction.atomic():
            Article.objects.select_for_update().get(pk=made[BEFORE].pk)
            link_again.apply_async()
            wait_until(
                lambda: are_done(BEFORE) and who_waits_for_a_row() > 0, f"it is half-way; see {worker.log}"
            )
            killed = worker.pool()
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not set(killed) & set(worker.pool()), "it is gone")
        assert killed
        end_leases_of_the_dead()
        assert ArticleEntity.objects.count() == BEFORE

        def go_on() -> bool:
            link_again.apply_async()
            time.sleep(0.4)
            return are_done(ARTICLES)

        wait_until(go_on, f"all are linked when the lease is over; see {worker.log}")
    finally:
        wait_for_quiet()
        worker.stop()
    rows = ArticleEntity.objects.filter(entity=shipping).order_by("article_id")
    assert [(row.article_id, row.mentions) for row in rows] == [(one.pk, places) for one in made]
    assert Mention.objects.filter(entity=shipping, status="linked").count() == places * ARTICLES
    assert sum(EntityDay.objects.filter(entity=shipping).values_list("n", flat=True)) == ARTICLES
    assert set(Job.objects.filter(kind="link").values_list("state", "tries", "lease_token")) == {
        ("done", 0, None)
    }
