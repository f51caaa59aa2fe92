"""The measurement itself: rows through the desk's own acts, then the same words asked of partitions and of one table."""

from __future__ import annotations

import hashlib
import itertools
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.db import connection

from tests.benchmarks.search.prose import BANDS, Piece, pieces, words_of

django.setup()

# Models and what imports them come after the set-up.
from articles.models import Publisher  # noqa: E402
from articles.search.facets import Facets, count_facets  # noqa: E402
from articles.search.find import ask, estimate_matches, newest_sql, understand  # noqa: E402
from articles.search.index import SearchText, index_texts  # noqa: E402
from articles.search.language import read_query  # noqa: E402
from articles.search.partitions import clean_pending_lists  # noqa: E402

NEWEST = 50
BATCH = 500
SMALL_BATCH = 30  # a feed
PROBED = 1_500
SOURCES = 300
# What the partitions must at least save in the worst band, against one table and the planner's choice.
BAR = 0.3

_FLAT = """
CREATE TABLE flat (LIKE articles_searchrow INCLUDING DEFAULTS INCLUDING STORAGE, PRIMARY KEY (article_id));
ALTER TABLE flat ALTER COLUMN tsv SET STATISTICS 1000;
INSERT INTO flat SELECT * FROM articles_searchrow;
CREATE INDEX flat_newest ON flat (published_at DESC, article_id DESC);
CREATE INDEX flat_tsv ON flat USING gin (tsv);
"""
_ASK_FLAT = """
SELECT s.article_id, s.publisher_id, s.published_at, s.title, s.language, s.entity_ids FROM flat s
WHERE s.tsv @@ to_tsquery('english', %(words)s) ORDER BY s.published_at DESC, s.article_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one piece of work: on the clock, and of processor in the program and its database process."""

    wall: float
    cpu: float


class Meter:
    """Counts this process and the process of its connection, in nanoseconds, as the kernel does."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def of(self, work: Callable[[], object]) -> Cost:
        """What this piece of work costs."""
        own, backend, begun = time.process_time_ns(), self._backend(), time.perf_counter_ns()
        work()
        wall = time.perf_counter_ns() - begun
        cpu = time.process_time_ns() - own + self._backend() - backend
        return Cost(wall / 1e6, cpu / 1e6)

    def _backend(self) -> int:
        return int(self.backend.read_text().split()[0])


def measure(rows: int, days: int, rounds: int) -> bool:
    """Make the rows, measure, print; whether the bar was reached."""
    call_command("migrate", verbosity=0, interactive=False)
    now = datetime.now(UTC)
    meter = Meter()
    _say(f"{rows} articles of 1,900 characters over {days} days")
    _fill(meter, rows, days, now)
    _run("ANALYZE articles_searchrow", *_FLAT.strip().split(";\n"), "ANALYZE flat")
    with suppress(Exception):
        _run("VACUUM articles_searchrow, flat")
    worst = _ask_all(meter, rounds, now)
    _estimate(now)
    _ask_others(meter, now)
    _probe_inserts(meter, rows, now)
    _say(f"worst band's p95, partitions to one table: {worst:.2f} (bar: {BAR})")
    return worst <= BAR


def _fill(meter: Meter, rows: int, days: int, now: datetime) -> None:
    publishers = [Publisher.objects.create(slug=f"source-{n}", name=f"Source {n}").pk for n in range(SOURCES)]
    step = timedelta(days=days) / rows
    texts = (
        SearchText(
            number + 1, publishers[number % SOURCES], now - step * (rows - number), one.title, one.text, "en"
        )
        for number, one in enumerate(pieces(rows))
    )
    cost, begun, cleaned = 0.0, time.monotonic(), 0
    while batch := list(itertools.islice(texts, BATCH)):
        _make_articles(batch)
        cost += meter.of(partial(index_texts, batch)).cpu
        cleaned += 1
        if cleaned % 20 == 0:  # as the tick does
            cost += meter.of(clean_pending_lists).cpu
    _say(
        f"indexed in batches of {BATCH}: {rows / cost * 1000:,.0f} articles a CPU second, the cleaning of waiting lists"
        f" among it; {time.monotonic() - begun:.0f} s with making the articles"
    )


def _make_articles(batch: Sequence[SearchText]) -> None:
    """The rows that the search rows point to; no part of what is measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_article (id, publisher_id, url, url_sha256, title, summary, language, authors,
                   published_at, published_from, published_raw, published_day_only, fetched_at, source_name, sample,
                   status, version, stage, batch, needs_page, message)
               SELECT id, publisher_id, '', sha, '', '', 'en', '[]', at, 'feed', '', false, at, '', false, 'unreviewed',
                   1, 'done', 0, false, ''
               FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[], %s::timestamptz[]) AS x(id, publisher_id, sha, at)""",
            [
                [row.article_id for row in batch],
                [row.publisher_id for row in batch],
                [hashlib.sha256(str(row.article_id).encode()).digest() for row in batch],
                [row.published_at for row in batch],
            ],
        )


def _ask_all(meter: Meter, rounds: int, now: datetime) -> float:
    _say(f"newest {NEWEST} of one word, milliseconds of CPU p50/p95 (wall p50/p95)")
    _say(f"{'share of articles':20}{'14-day partitions':>32}{'one table':>32}")
    worst = [0.0, 0.0]
    for band in BANDS:
        costs: list[list[Cost]] = [[], []]
        for number in range(rounds + 1):
            for word in words_of(band):
                ways = _ways(word, now)
                answers: dict[int, list[int]] = {}
                for place in (0, 1) if number % 2 else (1, 0):
                    cost = meter.of(partial(_keep, answers, place, ways[place]))
                    if number:  # the first time is to warm up
                        costs[place].append(cost)
                assert answers[0] == answers[1], word
        _say(f"{band:20}{_summary(costs[0]):>32}{_summary(costs[1]):>32}")
        worst = [
            max(old, _share(sorted(one.cpu for one in new), 0.95))
            for old, new in zip(worst, costs, strict=True)
        ]
    return worst[0] / worst[1]


def _keep(answers: dict[int, list[int]], place: int, way: Callable[[], list[Any]]) -> None:
    answers[place] = [row[0] for row in way()]


def _find(query: str, now: datetime) -> list[Any]:
    return ask(*newest_sql(understand(read_query([query]), now, UTC), limit=NEWEST))


def _count(query: str, now: datetime) -> Facets:
    return count_facets(understand(read_query([query]), now, UTC), UTC)


def _ways(word: str, now: datetime) -> tuple[Callable[[], list[Any]], Callable[[], list[Any]]]:
    def one_table() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(_ASK_FLAT, {"words": word, "limit": NEWEST})
            rows: list[Any] = cursor.fetchall()
        return rows

    return partial(_find, word, now), one_table


def _estimate(now: datetime) -> None:
    """How far the estimated numbers of matches are from the true ones."""
    for band in ("1%", "5%", "30%"):
        ratios = []
        for word in words_of(band):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM flat WHERE tsv @@ to_tsquery('english', %s)", [word])
                true = cursor.fetchone()[0]
            ratios.append(estimate_matches(understand(read_query([word]), now, UTC)) / max(1, true))
        _say(f"estimated to true number of matches, {band}: {min(ratios):.2f} to {max(ratios):.2f}")


def _ask_others(meter: Meter, now: datetime) -> None:
    common, rarer = words_of("5%"), words_of("1%")
    for name, queries in {
        "two words (5% each)": [f"{one} {two}" for one, two in itertools.pairwise(common)],
        "a phrase of them": [f'"{one} {two}"' for one, two in itertools.pairwise(common)],
        "one word less another": [f"{one} -{two}" for one, two in zip(rarer, common, strict=True)],
        "1% and the last 30 days": [f"{word} since:30d" for word in rarer],
        "a source": [f"source:source-{number}" for number in range(8)],
        "nothing at all": [""] * 8,
    }.items():
        costs = [meter.of(partial(_find, query, now)) for query in queries * 2]
        _say(f"{name:30}{_summary(costs[len(queries) :]):>32}")
    facets = [meter.of(partial(_count, word, now)) for word in words_of("5%") * 2]
    _say(f"{'facets of a 5% word':30}{_summary(facets[8:]):>32}")


def _probe_inserts(meter: Meter, rows: int, now: datetime) -> None:
    """More articles, as single feeds bring them, with and without the waiting list of the word index."""
    begin = rows + 1
    for fastupdate in ("on", "off"):
        _run(*(f"ALTER INDEX {name} SET (fastupdate = {fastupdate})" for name in _word_indexes()))
        clean_pending_lists()
        for size in (SMALL_BATCH, BATCH):
            batches = _batches(pieces(PROBED, seed=begin), begin, size, now)
            cost = sum(meter.of(partial(index_texts, batch)).cpu for batch in batches)
            cost += meter.of(clean_pending_lists).cpu
            _say(
                f"fastupdate {fastupdate}, {size} a batch: {PROBED / cost * 1000:,.0f} articles a CPU second"
            )
            begin += PROBED


def _batches(made: Iterable[Piece], begin: int, size: int, now: datetime) -> list[list[SearchText]]:
    publisher = Publisher.objects.earliest("pk").pk
    texts = [SearchText(begin + n, publisher, now, one.title, one.text, "en") for n, one in enumerate(made)]
    _make_articles(texts)
    return [texts[at : at + size] for at in range(0, len(texts), size)]


def _word_indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT x.indexrelid::regclass::text FROM pg_inherits h JOIN pg_index x ON x.indrelid = h.inhrelid
               JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am a ON a.oid = c.relam
               WHERE h.inhparent = 'articles_searchrow'::regclass AND a.amname = 'gin'"""
        )
        return [row[0] for row in cursor.fetchall()]


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for statement in statements:
            if statement.strip():
                cursor.execute(statement)


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def _summary(costs: Sequence[Cost]) -> str:
    cpu, wall = sorted(one.cpu for one in costs), sorted(one.wall for one in costs)
    return (
        f"{_share(cpu, 0.5):.1f}/{_share(cpu, 0.95):.1f} ({_share(wall, 0.5):.1f}/{_share(wall, 0.95):.1f})"
    )


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
