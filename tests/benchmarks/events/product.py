"""What the worker that places holds, and how fast it places, when a real database has many live events."""

from __future__ import annotations

import hashlib
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.core.management import call_command
from django.db import connection

from articles.events.embedding import embedding_model
from articles.events.features import features_of
from articles.events.frequencies import PART_BITS
from articles.events.placement import LiveShard, Story
from articles.events.vectors import DIMENSIONS, PART_MASK, ArticleVector, Dense, weigh
from articles.events.vectors import EventVector as Vector
from articles.jobs import add_jobs
from articles.models import (
    Article,
    ArticleEmbedding,
    Event,
    EventVector,
    Job,
    Membership,
    Publisher,
)
from articles.tasks import place_articles
from tests.benchmarks.copies.prose import PUBLISHERS
from tests.benchmarks.events.load import (
    MOST_MEGABYTES,
    OWN_TERMS,
    START,
    TERMS_COUNTED,
    TOLD,
    stories,
)
from tests.benchmarks.ingest.processes import peak_megabytes, resident_megabytes, seconds_of
from tests.benchmarks.rows import add_texts
from tests.workers import Worker, test_environment, wait_until

ARTICLES = 150  # that are placed while all events are live
PORTION = 1000
EMBEDDINGS = 500  # different ones


def measure_product(events: int) -> bool:
    """Let a real worker place articles beside so many live events; whether it stays below its bar."""
    call_command("migrate", verbosity=0, interactive=False)
    some = stories()
    told = list(itertools.islice(some, TOLD))
    _fill_terms()
    _fill_events(events, told)
    folder = Path(tempfile.mkdtemp(prefix="placing-"))
    worker = Worker(
        folder / "place.log",
        test_environment(),
        "--max-memory-per-child=1000000",
        queues="place",
        concurrency=1,
    )
    try:
        wait_until(lambda: " ready." in worker.text and bool(worker.pool()), f"it is ready; see {worker.log}")
        time.sleep(2.0)
        main, idle = resident_megabytes(worker.pid), resident_megabytes(worker.pool()[0])
        own = sum(map(_own_megabytes, (worker.pid, worker.pool()[0])))
        _say(
            f"idle: its two processes {main:.0f} and {idle:.0f} MB resident, {own:.0f} MB of it shared with nobody else"
        )
        _place(worker, list(itertools.islice(some, 1)))
        _say(
            f"events read: {resident_megabytes(worker.pool()[0]):.0f} MB, peak {peak_megabytes(worker.pool()[0]):.0f} MB"
        )
        _place(worker, list(itertools.islice(some, ARTICLES)))
        held, peak = (measure(worker.pool()[0]) for measure in (resident_megabytes, peak_megabytes))
    finally:
        worker.kill()
    placed = Membership.objects.count()
    _say(
        f"{placed} articles placed beside {events} live events: {held:.0f} MB, at most {peak:.0f} MB (bar {MOST_MEGABYTES})"
    )
    return peak <= MOST_MEGABYTES and placed == ARTICLES + 1


def _place(worker: Worker, some: Sequence[Story]) -> None:
    """Have the worker place these, and say what it cost."""
    _store(some)
    begun, started = seconds_of(worker.pid), time.monotonic()
    next_wake = started
    while Job.objects.filter(kind="place", state="waiting").exists():
        if (
            time.monotonic() >= next_wake
        ):  # a task ends after some minutes, as beat's next tick then begins another
            place_articles.apply_async()
            next_wake = time.monotonic() + 30
        time.sleep(0.1)
    spent = seconds_of(worker.pid) - begun
    _say(
        f"{len(some)} placed in {time.monotonic() - started:.1f} s, {spent:.1f} s of a processor"
        f" ({1000 * spent / len(some):.1f} ms each)"
    )


def _fill_terms() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO articles_placingshard (name, seq, folded, documents) VALUES ('en', 1, 1, 100000)"
        )
        cursor.execute(
            """INSERT INTO articles_termcount (shard, term, articles)
               SELECT 'en', 'term' || n, 1 + n %% 7 FROM generate_series(1, %s) n""",
            [TERMS_COUNTED],
        )


def _fill_events(events: int, told: Sequence[Story]) -> None:
    """Events of one article each, with embeddings; a fifth of the terms of each are its own."""
    live = LiveShard()
    vectors = []
    for story in told:
        features = features_of(story.title, story.text)
        live.frequencies.add(features.distinct_terms())
        vectors.append(weigh(features, live.frequencies))
    chance = np.random.default_rng(1)
    dense = [_unit(chance) for _ in range(EMBEDDINGS)]
    newest = START + timedelta(minutes=TOLD)
    for first in range(0, events, PORTION):
        rows = [
            Event(
                title=told[number % TOLD].title,
                shard="en",
                first_at=newest - timedelta(seconds=number),
                last_at=newest - timedelta(seconds=number),
                article_count=1,
                rule_version="made up",
            )
            for number in range(first, min(first + PORTION, events))
        ]
        Event.objects.bulk_create(rows)
        EventVector.objects.bulk_create(
            [
                EventVector(
                    event_id=row.pk,
                    shard="en",
                    seq=1,
                    first_at=row.first_at,
                    last_at=row.last_at,
                    seen_at=row.last_at,
                    size=1,
                    data=_packed(vectors[number % TOLD], chance),
                    dense=dense[number % EMBEDDINGS],
                    dense_title=dense[(number * 7 + 1) % EMBEDDINGS],
                )
                for number, row in enumerate(rows, start=first)
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _packed(one: ArticleVector, chance: np.random.Generator) -> bytes:
    own = chance.random(len(one.keys)) < OWN_TERMS
    others = chance.integers(0, 1 << 60, len(one.keys)) << PART_BITS | one.keys & PART_MASK
    keys = np.where(own, others, one.keys)
    order = np.argsort(keys)
    return Vector(0, START, START, START, 1, keys[order], one.weights[order]).packed()


def _unit(chance: np.random.Generator) -> Dense:
    row = chance.normal(size=DIMENSIONS)
    unit: Dense = (row / np.linalg.norm(row)).astype(np.float32)
    return unit


def _store(some: Sequence[Story]) -> None:
    """Articles that were read and linked, and wait for their events."""
    if not Publisher.objects.exists():
        Publisher.objects.bulk_create(
            [Publisher(id=n + 1, name=f"Paper {n}", slug=f"paper-{n}") for n in range(PUBLISHERS)]
        )
    chance = np.random.default_rng(some[0].key)
    articles = Article.objects.bulk_create(
        [
            Article(
                publisher_id=int(one.publisher) + 1,
                url=f"https://paper-{one.publisher}.example/{one.key}",
                url_sha256=hashlib.sha256(str(one.key).encode()).digest(),
                title=one.title,
                published_at=one.published,
                published_from="feed",
                fetched_at=one.published,
                batch=1,
                language="en",
                stage=Article.Stage.LINKED,
            )
            for one in some
        ]
    )
    revisions = add_texts(articles, [one.text for one in some])
    ArticleEmbedding.objects.bulk_create(
        [
            ArticleEmbedding(
                article=article,
                revision_id=revision.pk,
                model=embedding_model(),
                vector=_unit(chance),
                title_vector=_unit(chance),
            )
            for article, revision in zip(articles, revisions, strict=True)
        ]
    )
    add_jobs(Job.Kind.PLACE, [(article.pk, "en", 1, article.published_at) for article in articles])


def _own_megabytes(pid: int) -> float:
    """What a process has of memory that no other has mapped, too."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
