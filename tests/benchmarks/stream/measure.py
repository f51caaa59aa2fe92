"""Fills a desk with a stream, lets workers read and place it, kills them at random moments, and counts what came of it."""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from articles.jobs import add_jobs
from articles.models import Article, Event, Job, Membership, Publisher
from articles.tasks import place_articles, read_articles
from tests.benchmarks.ingest.processes import peak_megabytes
from tests.benchmarks.rows import add_texts
from tests.benchmarks.stream.happenings import telling
from tests.workers import Worker, test_environment

PUBLISHERS = 60
START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 20
PORTION = 1000
BATCH = 200  # articles that the desk got at once
QUEUES = ("text", "place")
LEASE_SECONDS = 20  # what a dead worker held waits so long


def measure(count: int, *, kill_every: int, limit: float, **settings: str) -> bool:
    """Whether each article came into one event, whatever was killed."""
    call_command("migrate", verbosity=0, interactive=False)
    _fill(count)
    _say(f"{count} articles wait")
    environment = test_environment(
        NEWSDESK_SHORT_LEASES="True", NEWSDESK_READ_LEASE_SECONDS=str(LEASE_SECONDS), **settings
    )
    kills, seconds, peak = _run(environment, kill_every, limit)
    _say(
        f"{seconds:.0f} s, {count / seconds:.0f} articles a second with all that was killed; workers killed: {kills};"
        f" largest process {peak:.0f} MB"
    )
    return _is_sound(count)


def _fill(count: int) -> None:
    publishers = Publisher.objects.bulk_create(
        [Publisher(name=f"Paper {n}", slug=f"paper-{n}") for n in range(PUBLISHERS)]
    )
    for first in range(0, count, PORTION):
        told = [telling(n, count, PUBLISHERS) for n in range(first, min(first + PORTION, count))]
        rows = [
            Article(
                publisher=publishers[one.publisher],
                url=f"https://paper-{one.publisher}.example/{one.number}",
                url_sha256=hashlib.sha256(str(one.number).encode()).digest(),
                title=one.title,
                published_at=START + timedelta(days=DAYS * one.number / count),
                published_from="feed",
                fetched_at=START + timedelta(days=DAYS * (one.number // BATCH * BATCH + BATCH) / count),
                batch=1 + one.number // BATCH,
                language="en",
                needs_page=False,
            )
            for one in told
        ]
        articles = Article.objects.bulk_create(rows)
        add_texts(articles, [one.text for one in told])
        add_jobs(Job.Kind.READ, [(article.pk, "", article.batch, None) for article in articles])


def _run(environment: dict[str, str], kill_every: int, limit: float) -> tuple[int, float, float]:
    """Let who reads and who places work until nothing waits; one is killed each time that about so many were done.

    How many kills, seconds, and the peak memory of a process. (By the clock, a busy machine would only start workers.)
    """
    chance = random.Random(20)  # noqa: S311
    folder = Path(tempfile.mkdtemp(prefix="stream-"))
    started = time.monotonic()
    kills, peak, told_at = 0, 0.0, started
    workers = [_worker(folder, queue, environment) for queue in QUEUES]
    next_kill = chance.uniform(0.1, 1.9) * kill_every
    try:
        while _waits():
            now = time.monotonic()
            if now - started > limit:
                _say(f"not done within {limit:.0f} s; logs in {folder}")
                break
            read_articles.apply_async(expires=5)
            place_articles.apply_async(expires=5)
            peak = max([peak, *(peak_megabytes(pid) for worker in workers for pid in worker.pool())])
            done = Job.objects.filter(state=Job.State.DONE).count()
            if done > next_kill:
                at = chance.randrange(len(workers))
                workers[at].kill()
                workers[at] = _worker(folder, QUEUES[at], environment)
                kills += 1
                next_kill = done + chance.uniform(0.1, 1.9) * kill_every
            if now - told_at > 30:
                told_at = now
                _say(f"{now - started:4.0f} s: {Membership.objects.count()} placed, {kills} killed")
            time.sleep(0.2)
    finally:
        for worker in workers:
            worker.kill()
    return kills, time.monotonic() - started, peak


def _worker(folder: Path, queue: str, environment: dict[str, str]) -> Worker:
    return Worker(
        folder / f"{queue}.log", environment, f"--hostname={queue}@stream", queues=queue, concurrency=1
    )


def _waits() -> bool:
    waiting = Job.objects.filter(kind__in=[Job.Kind.READ, Job.Kind.PLACE], state=Job.State.WAITING)
    return waiting.exists()


def _is_sound(count: int) -> bool:
    """Say what came of the stream: each line must be 0, or the number of articles."""
    with connection.cursor() as cursor:
        figures = {
            "articles without an event": Article.objects.filter(membership__isnull=True).count(),
            "articles that are not done": Article.objects.exclude(stage=Article.Stage.DONE).count(),
            "articles in more than one event": _count(
                cursor, "SELECT article_id FROM articles_membership GROUP BY 1 HAVING count(*) > 1"
            ),
            "events whose count is wrong": _count(
                cursor,
                """SELECT e.id FROM articles_event e LEFT JOIN articles_membership m ON m.event_id = e.id
                   GROUP BY e.id HAVING e.article_count <> count(m.id)""",
            ),
            "events without an article that lead nowhere": _count(
                cursor,
                """SELECT e.id FROM articles_event e WHERE e.merged_into_id IS NULL AND NOT EXISTS (
                   SELECT 1 FROM articles_membership m WHERE m.event_id = e.id)""",
            ),
            "vectors that hold another number of articles": _count(
                cursor,
                """SELECT v.event_id FROM articles_eventvector v JOIN articles_event e ON e.id = v.event_id
                   WHERE NOT v.stale AND v.size <> e.article_count""",
            ),
            "jobs set aside or failed": Job.objects.filter(state__in=["failed", "quarantined"]).count(),
        }
        cursor.execute(
            """SELECT (SELECT coalesce(sum(documents), 0) FROM articles_placingshard)
                      + (SELECT count(*) FROM articles_placedterms)"""
        )
        counted = int(cursor.fetchone()[0])
    for what, number in figures.items():
        _say(f"{number:6} {what}")
    _say(f"{counted:6} articles whose words are counted (each once: {count})")
    _say(f"{Event.objects.filter(merged_into=None).count():6} events")
    return not any(figures.values()) and counted == count


def _count(cursor: object, statement: str) -> int:
    cursor.execute(f"SELECT count(*) FROM ({statement}) AS found")  # type: ignore[attr-defined]  # noqa: S608
    return int(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
