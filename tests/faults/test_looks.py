"""Looks under faults: workers killed half-way, two at once, sessions ended; no change is lost, none is written twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from articles import pipeline
from articles.models import Article, Job, PageLook, Revision
from articles.tasks import look_again
from tests.articles.ingest.rows import make_feed
from tests.articles.test_pipeline import item, page, rss
from tests.faults.desk_processes import WORKER_OPTIONS, quick_environment
from tests.faults.quiet import end_leases_of_the_dead, wait_for_quiet
from tests.servers import Asked, LoopbackServer, Reply, text_reply
from tests.workers import Worker, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STORIES = 8
GONE = 2  # of them, with the next look
BODY = (
    "The ministry of number {number} said its reform will take effect after {toll} days of long talks with the unions. "
    "Its head had called for a vote, and the chamber of commerce warned of the costs for small firms in the provinces."
)


class Paper:
    """A feed and its pages; while the gate is closed they wait before they answer. `toll` is what all pages say."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.toll = 3
        pages = {f"/story-{number}": self.answer for number in range(STORIES)}
        self.server = LoopbackServer({"/a.xml": self.feed, **pages})

    def times_asked(self) -> int:
        """How often pages were asked for, besides those of the feed and of robots."""
        return sum(path.startswith("/story-") for path in self.server.paths())

    def feed(self, _: Asked) -> Reply:
        stories = [item(self.server.url(f"/story-{n}"), f"Reform {n}", "Soon.") for n in range(STORIES)]
        return text_reply(rss(*stories))

    def answer(self, asked: Asked) -> Reply:
        self.gate.wait(600)
        number = int(asked.path.rpartition("-")[2])
        if number < GONE and self.toll > 3:
            return Reply(410)
        body = BODY.format(number=number, toll=self.toll)
        return text_reply(page(f"Reform {number}", body), "text/html")


@pytest.fixture
def paper() -> Iterator[Paper]:
    made = Paper()
    with made.server:
        yield made
        made.gate.set()


def wake() -> bool:
    for _ in range(2):
        look_again.apply_async()
    return True


def make_due() -> None:
    Job.objects.filter(kind="look", state="waiting").update(not_before=timezone.now())


def end_sessions() -> None:
    """The database drops everybody but us."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"""
        )


def test_looks_that_die_half_way_lose_no_change_and_write_none_twice(paper: Paper, tmp_path: Path) -> None:
    make_feed(url=paper.server.url("/a.xml"), host=paper.server.address)
    pipeline.ingest_due_feeds(600)
    pipeline.read_new_articles(600)
    assert Revision.objects.filter(origin="page").count() == STORIES
    paper.toll = 4
    paper.gate.clear()
    make_due()
    environment = quick_environment(
        NEWSDESK_LOOK_BATCH="3",
        NEWSDESK_FETCH_TOTAL_SECONDS="35",
        # What those leave behind whose sessions were dropped is free again by itself.
        NEWSDESK_SHORT_LEASES="True",
        NEWSDESK_READ_LEASE_SECONDS="60",
    )
    workers = [
        Worker(
            tmp_path / f"text-{n}.log", environment, *WORKER_OPTIONS, f"--hostname=t{n}@%h", queues="text",
            concurrency=1,
        )
        for n in range(2)
    ]  # fmt: skip
    try:
        asked = paper.times_asked()
        wait_until(lambda: wake() and paper.times_asked() > asked, "pages are looked at", pause=1.0)
        killed = {pid for worker in workers for pid in worker.pool()}
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not killed & {pid for worker in workers for pid in worker.pool()}, "they are gone")
        end_leases_of_the_dead()
        paper.gate.set()
        wake()
        wait_until(
            lambda: wake() and PageLook.objects.filter(looks__gt=0).exists(),
            "the first looks are stored",
            pause=1.0,
        )
        end_sessions()

        def are_done() -> bool:
            wake()
            time.sleep(0.5)
            return PageLook.objects.filter(looks__gt=0).count() == STORIES

        wait_until(are_done, f"all pages are looked at; see {tmp_path}", seconds=600)
    finally:
        wait_for_quiet()
        for worker in workers:
            worker.stop()
    changed = Revision.objects.filter(number=3)
    assert changed.count() == STORIES - GONE
    assert all("after 4 days" in text for text in changed.values_list("text", flat=True))
    assert not Revision.objects.filter(number__gt=3).exists()
    assert Article.objects.exclude(gone_at=None).count() == GONE
    assert set(PageLook.objects.values_list("looks", "changes")) == {(1, 0), (1, 1)}
    assert set(Job.objects.filter(kind="look").values_list("state", "lease_token")) == {("waiting", None)}
