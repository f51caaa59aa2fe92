"""What Today reads: figures with their sparklines, top events, newest articles, who is named, the sources' health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db import connection

from articles.events.folds import Fold, fold_copies
from articles.ingest.counting import STEP
from articles.measures.heat import Heat
from articles.models import Article
from articles.queries.chips import Chip, chips_of
from articles.queries.directory import most_named_sql, year_if_fresh
from articles.queries.events import CHIPS, EventRow, dress_events, entities_of, top_rows
from articles.queries.heat import Measure, heats_of
from articles.queries.markers import MARKED, Marker, markers
from articles.queries.times import Range, fill
from articles.queries.watched import WatchedRow, watched_sql

TOP_EVENTS = 10
NEWEST = 10
NEWEST_READ = 3 * NEWEST  # with copies folded, so many articles are read for ten lines
NAMED = 10
# The sparkline of the shortest range shows this many days: its last bar is the figure beside it.
SPARK_DAYS = 14
STRIP_HOURS = 24
MOST_WAITING = 1_000  # articles without an event yet; more are said to be more


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its course. `total` is the sum of the bars, `span` the words for what they cover."""

    n: int
    bars: tuple[int, ...]
    total: int
    span: str


@dataclass(frozen=True, slots=True)
class NewestRow:
    """One of the newest articles; `group` is its copy group and `kind` its place there."""

    id: int
    title: str
    published_at: datetime
    publisher: str
    sample: bool
    group: int | None
    kind: str
    marks: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """An entity with the articles of the range that name it, and how unusual that is."""

    chip: Chip
    n: int
    heat: Heat | None


@dataclass(frozen=True, slots=True)
class Ingestion:
    """The state of the sources in figures, and each hour of the last 24 as ok, bad or none, oldest first."""

    ok: int
    unanswered: int  # never fetched, or without a network between
    failing: int
    paused: int
    gone: int
    fetches: int
    unchanged: int
    failed: int
    waiting: int
    oldest_at: datetime | None
    strip: tuple[str, ...]

    @property
    def sources(self) -> int:
        """All sources."""
        return self.ok + self.unanswered + self.failing + self.paused + self.gone

    @property
    def strip_words(self) -> str:
        """The strip as a sentence."""
        bad = self.strip.count("bad")
        return f"Fetches of the last {STRIP_HOURS} hours by hour: {bad or 'no'} hour{'' if bad == 1 else 's'} with failures"


@dataclass(frozen=True, slots=True)
class TodayPage:
    """All of Today for one range."""

    span: Range
    articles: Figure
    new_events: Figure
    events: tuple[EventRow, ...]
    newest: tuple[Fold[NewestRow], ...]
    named: tuple[NamedRow, ...]
    watched: tuple[WatchedRow, ...]
    watching: int  # how many entities the reader watches
    measure: Measure
    ingestion: Ingestion
    counted_at: datetime | None = None  # when the articles of the named ones were counted; None: just now


_COUNTS = """
SELECT 'articles', date_bin(%(piece)s, s.published_at, %(since)s), count(*)
FROM articles_searchrow s WHERE s.published_at >= %(since)s AND s.published_at <= %(until)s GROUP BY 2
UNION ALL
SELECT 'events', date_bin(%(piece)s, e.first_at, %(since)s), count(*)
FROM articles_event e WHERE e.first_at >= %(since)s AND e.first_at <= %(until)s
  AND e.merged_into_id IS NULL AND e.article_count > 0 GROUP BY 2
UNION ALL
SELECT 'year', NULL, p.number FROM articles_progress p WHERE p.step = %(year)s
"""
# One row an hour that had fetches, the figures of now on each of them (and on one row when there were none).
_INGESTION = """
SELECT n.*, r.* FROM (SELECT
  (SELECT count(*) FROM articles_feed WHERE state = 'active' AND failures = 0
     AND last_outcome IN ('stored', 'unchanged')),
  (SELECT count(*) FROM articles_feed WHERE state = 'active' AND failures = 0
     AND last_outcome NOT IN ('stored', 'unchanged')),
  (SELECT count(*) FROM articles_feed WHERE state = 'quarantined' OR (state = 'active' AND failures > 0)),
  (SELECT count(*) FROM articles_feed WHERE state = 'paused'),
  (SELECT count(*) FROM articles_feed WHERE state = 'gone'),
  (SELECT count(*) FROM articles_article WHERE stage = 'new')
    + (SELECT count(*) FROM articles_article WHERE stage = 'linked'),
  least((SELECT min(fetched_at) FROM articles_article WHERE stage = 'new'),
        (SELECT min(fetched_at) FROM articles_article WHERE stage = 'linked'))
) AS n LEFT JOIN (
  SELECT floor(extract(epoch FROM r.at - %(since)s) / 3600)::int, count(*),
         count(*) FILTER (WHERE r.outcome = 'unchanged'), count(*) FILTER (WHERE r.outcome IN ('failed', 'lost'))
  FROM articles_fetchrun r WHERE r.at >= %(since)s AND r.at <= %(now)s GROUP BY 1
) AS r ON true
"""


def today_page(span: Range, user_id: int, *, folding: bool = True) -> TodayPage:
    """Everything of Today for one range, eleven queries at most; `folding` puts copies under the text that they repeat."""
    articles, events, counted_at = _figures(span)
    named, watched = _whom(span, user_id, counted_at)
    measure, heats = heats_of([pk for pk, *_ in (*named, *watched)], span)
    top = top_rows(span, TOP_EVENTS)
    in_events = entities_of([row[0] for row in top])
    chips = chips_of([*heats, *(pk for pks in in_events.values() for pk in pks[:CHIPS])])
    return TodayPage(
        span=span,
        articles=articles,
        new_events=events,
        events=dress_events(top, span, in_events, chips),
        newest=_newest(folding=folding),
        named=tuple(NamedRow(chips[pk], n, heats.get(pk)) for pk, n, _ in named if pk in chips),
        watched=tuple(WatchedRow(chips[pk], new, heats.get(pk)) for pk, new, _ in watched if pk in chips),
        watching=watched[0][2] if watched else 0,
        measure=measure,
        ingestion=_ingestion(span.until),
        counted_at=counted_at,
    )


def articles_on_their_way() -> int:
    """How many articles came in and have no event yet, at most MOST_WAITING + 1; one query of an index."""
    unread = Article.objects.filter(stage__in=[Article.Stage.NEW, Article.Stage.LINKED])
    return unread.order_by()[: MOST_WAITING + 1].count()


def _whom(
    span: Range, user_id: int, counted_at: datetime | None
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """Who is named most as (id, articles, 0), and whom the reader watches as (id, new articles, all); one query."""
    most, most_values = most_named_sql(span, NAMED, counted_at)
    watched, watched_values = watched_sql(user_id)
    statement = f"""
        SELECT 'named', m.*, 0 FROM ({most}) m
        UNION ALL SELECT 'watched', w.* FROM ({watched}) w
    """  # noqa: S608 - two statements of ours
    with connection.cursor() as cursor:
        cursor.execute(statement, {**most_values, **watched_values})
        rows = cursor.fetchall()
    named = [row[1:] for row in rows if row[0] == "named"]
    return named, [row[1:] for row in rows if row[0] == "watched"]


def _figures(span: Range) -> tuple[Figure, Figure, datetime | None]:
    """New articles and new events; the bars add up to the figure, or (24 h) end with it. And when a year was counted."""
    short = span.code == "24h"
    since = span.until - timedelta(days=SPARK_DAYS) if short else span.since
    pieces, seconds = (SPARK_DAYS, 86_400.0) if short else (span.pieces, span.seconds)
    with connection.cursor() as cursor:
        piece = timedelta(seconds=seconds)
        values: dict[str, Any] = {"since": since, "until": span.until, "piece": piece, "year": STEP}
        cursor.execute(_COUNTS, values)
        found = cursor.fetchall()
    rows = [(kind, round((at - since) / piece), n) for kind, at, n in found if kind != "year"]
    second = next((n for kind, _, n in found if kind == "year"), None)
    words = f"{SPARK_DAYS} days" if short else span.spoken

    def figure(kind: str) -> Figure:
        bars = fill(pieces, ((piece, n) for name, piece, n in rows if name == kind))
        return Figure(bars[-1] if short else sum(bars), bars, sum(bars), words)

    return figure("articles"), figure("events"), year_if_fresh(span, second)


def _newest(*, folding: bool) -> tuple[Fold[NewestRow], ...]:
    found = Article.objects.order_by("-published_at", "-id").values_list(
        "id",
        "title",
        "published_at",
        "publisher__name",
        "sample",
        "copy__group_id",
        "copy__kind",
        *MARKED,
    )[: NEWEST_READ if folding else NEWEST]
    rows = [
        NewestRow(pk, title, at, publisher, sample, group, kind or "", markers(*became))
        for pk, title, at, publisher, sample, group, kind, *became in found
    ]
    return fold_copies(
        rows, attrgetter("group"), lambda row: row.kind == "origin", most=NEWEST, folding=folding
    ).folds


def _ingestion(now: datetime) -> Ingestion:
    with connection.cursor() as cursor:
        cursor.execute(_INGESTION, {"since": now - timedelta(hours=STRIP_HOURS), "now": now})
        rows = cursor.fetchall()
    counts, hours = rows[0][:7], [row[7:] for row in rows if row[7] is not None]
    strip = ["none"] * STRIP_HOURS
    for hour, _, _, failed in hours:
        strip[min(hour, STRIP_HOURS - 1)] = "bad" if failed else "ok"
    return Ingestion(
        ok=counts[0],
        unanswered=counts[1],
        failing=counts[2],
        paused=counts[3],
        gone=counts[4],
        fetches=sum(row[1] for row in hours),
        unchanged=sum(row[2] for row in hours),
        failed=sum(row[3] for row in hours),
        waiting=counts[5],
        oldest_at=counts[6],
        strip=tuple(strip),
    )
