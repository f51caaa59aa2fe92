"""What the pages about sources read, and the pulse that every page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Lower

from articles.models import Article, Feed, FetchRun

PULSE = """
select
  (select count(*) from articles_feed),
  (select count(*) from articles_feed where state = 'quarantined' or (state = 'active' and failures > 0)),
  (select max(last_new_at) from articles_feed),
  exists (select from articles_publisher where sample),
  (select silent_since from articles_networkstate limit 1)
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The desk in one line: how many sources, how many fail, the last new story, sample rows, network silence."""

    sources: int
    failing: int
    last_story: datetime | None
    sample: bool
    offline_since: datetime | None


def desk_pulse() -> Pulse:
    """One query for every page; no join, each part is an index or a small table."""
    with connection.cursor() as cursor:
        cursor.execute(PULSE)
        row = cursor.fetchone()
    return Pulse(*row)


MACHINE = """
select
  current_setting('server_version'),
  pg_size_pretty(pg_database_size(current_database())),
  (select poked_at from articles_networkstate limit 1),
  (select answered_at from articles_networkstate limit 1),
  (select silent_since from articles_networkstate limit 1),
  (select max(last_new_at) from articles_feed),
  (select count(*) from articles_article where stage = 'new')
    + (select count(*) from articles_article where stage = 'linked'),
  (select count(*) from articles_article where stage = 'quarantined')
"""


@dataclass(frozen=True, slots=True)
class MachineState:
    """What the database knows of the machine: its own version and size, heartbeats, and waiting work."""

    server: str
    size: str
    poked_at: datetime | None
    answered_at: datetime | None
    silent_since: datetime | None
    last_story: datetime | None
    waiting: int
    quarantined: int


def machine_state() -> MachineState:
    """One query for the health page."""
    with connection.cursor() as cursor:
        cursor.execute(MACHINE)
        row = cursor.fetchone()
    return MachineState(*row)


PAGE = 50
RUNS = 20
STRIP_HOURS = 24
RATE_DAYS = 7
# An answer that takes longer, or a fetch that is due for longer, is called slow.
SLOW_MILLISECONDS = 5000
LATE = timedelta(minutes=10)

# Worst first: the order of the list and of the words in its head.
HEALTH_ORDER = ("failing", "quarantined", "gone", "slow", "silent", "new", "ok", "paused")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source as the list shows it. `a_day` and `unchanged` are None when nothing was fetched in the week."""

    id: int
    title: str
    publisher: str
    health: str
    words: str
    sample: bool
    last_success_at: datetime | None
    next_fetch_at: datetime | None
    strip: tuple[str, ...]
    strip_words: str
    a_day: float | None
    unchanged: int | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """One page of sources and the counts over all of them; `after` is the next page's cursor or empty."""

    rows: Sequence[SourceRow]
    after: str
    total: int
    counts: Mapping[str, int]
    matching: int


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """What the list's address asks for."""

    health: str = ""
    text: str = ""
    sort: str = "health"
    after: str = ""


def _with_health(now: datetime) -> QuerySet[Any]:
    """Feeds with `pace` (milliseconds of the last run) and `rank` (place in HEALTH_ORDER)."""
    last = FetchRun.objects.filter(feed=OuterRef("pk")).order_by("-at").values("milliseconds")[:1]
    active = Q(state=Feed.State.ACTIVE)
    ranks = [
        (Q(state=Feed.State.QUARANTINED), "quarantined"),
        (Q(state=Feed.State.GONE), "gone"),
        (Q(state=Feed.State.PAUSED), "paused"),
        (active & Q(failures__gt=0), "failing"),
        (active & Q(last_fetch_at=None), "new"),
        (active & Q(last_outcome=FetchRun.Outcome.OFFLINE), "silent"),
        (active & (Q(pace__gt=SLOW_MILLISECONDS) | Q(next_fetch_at__lt=now - LATE)), "slow"),
    ]
    whens = [When(condition, then=Value(HEALTH_ORDER.index(word))) for condition, word in ranks]
    return Feed.objects.annotate(pace=Subquery(last)).annotate(
        rank=Case(*whens, default=Value(HEALTH_ORDER.index("ok")), output_field=IntegerField())
    )


# Why a source is not simply well, where the state itself says it.
PLAIN_WORDS = {
    "quarantined": "its answer ended the worker three times; resume to try again",
    "gone": "the server says that it is gone for good",
    "silent": "no public source answers at present; this counts against none",
    "new": "not fetched yet",
}


def _words(feed: Any, health: str, now: datetime) -> str:
    """Why a source is not simply well, in words; empty when it is."""
    if health == "failing":
        return str(feed.last_message)
    if health == "slow" and feed.next_fetch_at < now - LATE:
        minutes = int((now - feed.next_fetch_at).total_seconds() // 60)
        return f"due for {minutes} min; are the workers running?"
    if health == "slow":
        return f"answers in {feed.pace / 1000:.1f} s"
    return PLAIN_WORDS.get(health, "")


def _strips(feed_ids: Sequence[int], now: datetime) -> dict[int, tuple[str, ...]]:
    """For each feed 24 cells, oldest first: ok, late (slow, or a failure beside an answer), bad, none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select feed_id, floor(extract(epoch from (%(now)s - at)) / 3600)::int as hours_ago,
                   bool_or(outcome in ('stored', 'unchanged')), bool_or(outcome in ('failed', 'lost')),
                   max(milliseconds) filter (where outcome in ('stored', 'unchanged'))
            from articles_fetchrun
            where feed_id = any(%(ids)s) and at > %(now)s - make_interval(hours => %(hours)s) and at <= %(now)s
            group by 1, 2
            """,
            {"now": now, "ids": list(feed_ids), "hours": STRIP_HOURS},
        )
        found = cursor.fetchall()
    strips = {feed_id: ["none"] * STRIP_HOURS for feed_id in feed_ids}
    for feed_id, hours_ago, answered, failed, slowest in found:
        if not answered and not failed:
            continue
        if failed and not answered:
            state = "bad"
        elif failed or (slowest or 0) > SLOW_MILLISECONDS:
            state = "late"
        else:
            state = "ok"
        strips[feed_id][STRIP_HOURS - 1 - min(hours_ago, STRIP_HOURS - 1)] = state
    return {feed_id: tuple(cells) for feed_id, cells in strips.items()}


def _strip_words(cells: Sequence[str]) -> str:
    """The strip as a sentence for those who do not see it."""
    names = {"ok": "answered", "late": "late or slow", "bad": "failed"}
    parts = [f"{cells.count(state)} hours {word}" for state, word in names.items() if state in cells]
    return ", ".join(parts) or "nothing due"


def _rates(feed_ids: Sequence[int], now: datetime) -> dict[int, tuple[float, int | None]]:
    """For each feed that was fetched in the week: new articles a day, and % of answers that brought nothing new."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select feed_id, sum(new),
                   greatest(extract(epoch from (%(now)s - min(at))) / 86400, 1)::float8,
                   count(*) filter (where outcome = 'unchanged'),
                   count(*) filter (where outcome in ('stored', 'unchanged'))
            from articles_fetchrun
            where feed_id = any(%(ids)s) and at > %(now)s - make_interval(days => %(days)s)
            group by 1
            """,
            {"now": now, "ids": list(feed_ids), "days": RATE_DAYS},
        )
        return {
            feed_id: (float(new) / days, round(100 * unchanged / answered) if answered else None)
            for feed_id, new, days, unchanged, answered in cursor.fetchall()
        }


def _keyset(rows: QuerySet[Any], sort: str, after: str) -> QuerySet[Any]:
    """Rows in the order of `sort`, those behind the cursor. A cursor that makes no sense is the first page."""
    rows = rows.annotate(name_key=Lower("title"))
    if sort == "last":
        # Never fetched counts as longest ago.
        return _after_time(rows, after).order_by(F("last_success_at").asc(nulls_first=True), "pk")
    rows = rows.order_by(*(("name_key", "pk") if sort == "name" else ("rank", "name_key", "pk")))
    pk_text, _, rest = after.partition("~")
    pk = _whole(pk_text)
    if pk is None:
        return rows
    if sort == "name":
        return rows.filter(Q(name_key__gt=rest) | Q(name_key=rest, pk__gt=pk))
    rank_text, _, name = rest.partition("~")
    rank = _whole(rank_text)
    if rank is None:
        return rows
    return rows.filter(
        Q(rank__gt=rank) | Q(rank=rank, name_key__gt=name) | Q(rank=rank, name_key=name, pk__gt=pk)
    )


def _after_time(rows: QuerySet[Any], after: str) -> QuerySet[Any]:
    """The part of `_keyset` for the order by last success, oldest first."""
    pk_text, _, at_text = after.partition("~")
    pk = _whole(pk_text)
    if pk is None:
        return rows
    try:
        at = datetime.fromisoformat(at_text) if at_text else None
    except ValueError:
        return rows
    if at_text == "":
        return rows.filter(Q(last_success_at=None, pk__gt=pk) | Q(last_success_at__isnull=False))
    if at is None or at.tzinfo is None:
        return rows
    return rows.filter(Q(last_success_at__gt=at) | Q(last_success_at=at, pk__gt=pk))


def _whole(text: str) -> int | None:
    """A number of a cursor; None when it is none that the database knows."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None  # noqa: PLR2004


def _cursor(feed: Any, sort: str) -> str:
    """The cursor that continues behind a row."""
    if sort == "last":
        return f"{feed.pk}~{feed.last_success_at.isoformat() if feed.last_success_at else ''}"
    if sort == "name":
        return f"{feed.pk}~{feed.name_key}"
    return f"{feed.pk}~{feed.rank}~{feed.name_key}"


def sources_page(wanted: SourceFilter, now: datetime, size: int = PAGE) -> SourcesPage:
    """A page of sources with health, strip and rates; four queries whatever its size."""
    every = _with_health(now)
    counts = dict.fromkeys(HEALTH_ORDER, 0)
    for rank, count in every.values_list("rank").annotate(n=Count("pk")).order_by("rank"):
        counts[HEALTH_ORDER[rank]] = count
    total = sum(counts.values())
    rows = every
    if wanted.health in counts:
        rows = rows.filter(rank=HEALTH_ORDER.index(wanted.health))
    text = wanted.text.replace("\0", "").strip()
    if text:
        rows = rows.filter(
            Q(title__icontains=text) | Q(url__icontains=text) | Q(publisher__name__icontains=text)
        )
    sort = wanted.sort if wanted.sort in {"health", "name", "last"} else "health"
    # PostgreSQL holds no NUL, so no title and no cursor of ours has one.
    found = list(_keyset(rows, sort, wanted.after.replace("\0", "")).select_related("publisher")[: size + 1])
    more, found = len(found) > size, found[:size]
    ids = [feed.pk for feed in found]
    strips = _strips(ids, now) if ids else {}
    rates = _rates(ids, now) if ids else {}
    return SourcesPage(
        rows=[_row(feed, strips[feed.pk], rates.get(feed.pk), now) for feed in found],
        after=_cursor(found[-1], sort) if more else "",
        total=total,
        counts=counts,
        matching=len(found),
    )


def _row(
    feed: Any, strip: tuple[str, ...], rates: tuple[float, int | None] | None, now: datetime
) -> SourceRow:
    health = HEALTH_ORDER[feed.rank]
    return SourceRow(
        id=feed.pk,
        title=feed.title,
        publisher=feed.publisher.name,
        health=health,
        words=_words(feed, health, now),
        sample=feed.sample,
        last_success_at=feed.last_success_at,
        next_fetch_at=feed.next_fetch_at if feed.state == Feed.State.ACTIVE else None,
        strip=strip,
        strip_words=_strip_words(strip),
        a_day=rates[0] if rates else None,
        unchanged=rates[1] if rates else None,
    )


@dataclass(frozen=True, slots=True)
class SourceDetail:
    """One source with its last runs and the newest articles that it brought."""

    feed: Feed
    row: SourceRow
    runs: Sequence[FetchRun]
    articles: Sequence[Article] = field(default_factory=list)


def source_detail(feed_id: int, now: datetime) -> SourceDetail | None:
    """Everything that the page of one source shows; None when there is none."""
    feed = _with_health(now).select_related("publisher").filter(pk=feed_id).first()
    if feed is None:
        return None
    strip = _strips([feed_id], now)[feed_id]
    rates = _rates([feed_id], now).get(feed_id)
    return SourceDetail(
        feed=feed,
        row=_row(feed, strip, rates, now),
        runs=list(FetchRun.objects.filter(feed_id=feed_id).order_by("-at")[:RUNS]),
        articles=list(
            Article.objects.filter(sightings__feed_id=feed_id)
            .order_by("-published_at", "-pk")
            .distinct()[:10]
        ),
    )


def sources_for_export() -> Sequence[Feed]:
    """Every source but the sample's, by publisher and name."""
    return list(
        Feed.objects.filter(sample=False)
        .select_related("publisher")
        .order_by(F("publisher__name"), "title", "pk")
    )


def publisher_names() -> Sequence[str]:
    """Names to choose from when a source gets its publisher."""
    return list(
        Feed.objects.filter(sample=False)
        .order_by("publisher__name")
        .values_list("publisher__name", flat=True)
        .distinct()
    )
