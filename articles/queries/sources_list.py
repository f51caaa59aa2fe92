"""The list of sources: health of each in words, filters, orders, pages; and all that a filter finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Lower

from articles.ingest.doctor import advice_for
from articles.ingest.schedule import in_words
from articles.models import Feed, FetchRun, Notice, Publisher

PAGE = 50
STRIP_HOURS = 24
RATE_DAYS = 7
# An answer that takes longer, or a fetch that is due for longer, is called slow.
SLOW_MILLISECONDS = 5000
LATE = timedelta(minutes=10)

# Worst first: the order of the list and of the words in its head.
HEALTH_ORDER = ("failing", "quarantined", "gone", "silent", "slow", "offline", "new", "ok", "paused")
# How a sentence names each; the row's own word is drawn by the template.
HEALTH_WORDS = {
    "failing": "failing",
    "quarantined": "set aside",
    "gone": "gone",
    "silent": "silent",
    "slow": "slow",
    "offline": "without network",
    "new": "new",
    "ok": "ok",
    "paused": "paused",
}
SORTS = ("health", "name", "last", "next", "a_day", "known")
# The column of each numeric or timed order, and whether the largest comes first.
_ORDERS = {"next": ("next_key", False), "a_day": ("a_day_key", True), "known": ("known_key", True)}
FAR = 9999  # a year that no fetch is planned for


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source as the list shows it. Shares are whole per cent; None when nothing is known yet.

    `words` says why it is not simply well, `advice` what to do about it, `differs` what is not as by default.
    """

    id: int
    title: str
    publisher: str
    health: str
    words: str
    advice: str
    sample: bool
    tags: Sequence[str]
    differs: Sequence[str]
    last_success_at: datetime | None
    next_fetch_at: datetime | None
    next_why: str
    strip: tuple[str, ...]
    strip_words: str
    a_day: float | None
    known: int | None
    unmodified: int | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """One page of sources and the counts over all of them; `after` is the next page's cursor or empty.

    `matching` counts what the filter finds on all pages together.
    """

    rows: Sequence[SourceRow]
    after: str
    total: int
    counts: Mapping[str, int]
    matching: int


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """What the list's address asks for; every field is a parameter of its own."""

    health: str = ""
    q: str = ""
    tag: str = ""
    publisher: str = ""
    country: str = ""
    language: str = ""
    differs: str = ""
    sort: str = "health"
    after: str = ""

    def narrows(self) -> bool:
        """Whether anything is left out."""
        return any(
            getattr(self, name)
            for name in ("health", "q", "tag", "publisher", "country", "language", "differs")
        )

    def as_query(self) -> str:
        """The filter as an address has it, without the page."""
        pairs = [(part.name, getattr(self, part.name)) for part in fields(self) if part.name != "after"]
        return urlencode(
            [(name, value) for name, value in pairs if value and not (name == "sort" and value == "health")]
        )


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the filters offer: values with how many sources have them, the commonest first."""

    tag: Sequence[tuple[str, int]] = field(default_factory=list)
    country: Sequence[tuple[str, int]] = field(default_factory=list)
    language: Sequence[tuple[str, int]] = field(default_factory=list)


def read_filter(parameters: Mapping[str, str]) -> SourceFilter:
    """The filter of an address; what it does not know is ignored, PostgreSQL's NUL is dropped."""
    known = {part.name for part in fields(SourceFilter)}
    values = {
        name: str(parameters[name]).replace("\0", "").strip()[:200]
        for name in parameters
        if name in known and parameters[name]
    }
    return SourceFilter(**values)


def with_health(now: datetime) -> QuerySet[Any]:
    """Feeds with `pace` and `kind` (of the last run), and `rank` (place in HEALTH_ORDER)."""
    last = FetchRun.objects.filter(feed=OuterRef("pk")).order_by("-at")
    active = Q(state=Feed.State.ACTIVE)
    ranks: list[tuple[Any, str]] = [
        (Q(state=Feed.State.QUARANTINED), "quarantined"),
        (Q(state=Feed.State.GONE), "gone"),
        (Q(state=Feed.State.PAUSED), "paused"),
        (active & Q(failures__gt=0), "failing"),
        (active & Q(last_fetch_at=None), "new"),
        (active & Q(last_outcome=FetchRun.Outcome.OFFLINE), "offline"),
        (active & Q(is_silent=True), "silent"),
        (active & (Q(pace__gt=SLOW_MILLISECONDS) | Q(next_fetch_at__lt=now - LATE)), "slow"),
    ]
    whens = [When(condition, then=Value(HEALTH_ORDER.index(word))) for condition, word in ranks]
    silent = Notice.objects.filter(feed=OuterRef("pk"), kind=Notice.Kind.SILENT, closed_at=None)
    return Feed.objects.annotate(
        pace=Subquery(last.values("milliseconds")[:1]),
        kind=Subquery(last.values("kind")[:1]),
        is_silent=Exists(silent),
    ).annotate(rank=Case(*whens, default=Value(HEALTH_ORDER.index("ok")), output_field=IntegerField()))


# Why a source is not simply well, where the state itself says it, and what to do about it.
PLAIN_WORDS = {
    "quarantined": (
        "its answer ended the worker three times",
        "Resume to try again; its page says what else helps.",
    ),
    "gone": (
        "the server says that it is gone for good",
        "Look for another feed on its site, or remove it.",
    ),
    "offline": ("no public source answers at present; this counts against none", ""),
    "new": ("not fetched yet", ""),
}


def health_words(feed: Any, health: str, now: datetime) -> tuple[str, str]:
    """Why a source is not simply well, and what to do; both empty when it is."""
    if health == "failing":
        return str(feed.last_message), advice_for(feed.kind or "", feed.last_status)
    if health == "silent":
        since = in_words((now - feed.last_new_at).total_seconds()) if feed.last_new_at else "long"
        return f"nothing new for {since}, longer than usual", "Look whether its site has newer stories."
    if health == "slow" and feed.next_fetch_at < now - LATE:
        late = in_words((now - feed.next_fetch_at).total_seconds())
        return f"due for {late}; are the workers running?", "See the Health page."
    if health == "slow":
        return f"answers in {feed.pace / 1000:.1f} s", ""
    return PLAIN_WORDS.get(health, ("", ""))


def differences(feed: Any) -> tuple[str, ...]:
    """What is not as by default, in words."""
    words = []
    if feed.fixed_seconds:
        words.append(f"every {in_words(feed.fixed_seconds)}")
    if feed.identity != Feed.Identity.GUID or feed.identity_by:
        words.append(f"entries {feed.get_identity_display()}")
    if feed.user_agent:
        words.append("own User-Agent")
    if feed.secret_names:
        names = (name.removeprefix("header:") for name in feed.secret_names)
        words.append(f"sends {', '.join(names)}")
    return tuple(words)


# The same as `differences`, for the database.
DIFFERS = (
    Q(fixed_seconds__isnull=False)
    | ~Q(identity=Feed.Identity.GUID)
    | ~Q(identity_by="")
    | ~Q(user_agent="")
    | ~Q(secret_names=[])
)


def strips(feed_ids: Sequence[int], now: datetime) -> dict[int, tuple[str, ...]]:
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
    drawn = {feed_id: ["none"] * STRIP_HOURS for feed_id in feed_ids}
    for feed_id, hours_ago, answered, failed, slowest in found:
        if not answered and not failed:
            continue
        if failed and not answered:
            state = "bad"
        elif failed or (slowest or 0) > SLOW_MILLISECONDS:
            state = "late"
        else:
            state = "ok"
        drawn[feed_id][STRIP_HOURS - 1 - min(hours_ago, STRIP_HOURS - 1)] = state
    return {feed_id: tuple(cells) for feed_id, cells in drawn.items()}


def strip_words(cells: Sequence[str]) -> str:
    """The strip as a sentence for those who do not see it."""
    names = {"ok": "answered", "late": "slow or failed at times", "bad": "failed"}
    counts = [(cells.count(state), word) for state, word in names.items() if state in cells]
    parts = [f"{count} hour{'' if count == 1 else 's'} {word}" for count, word in counts]
    return ", ".join(parts) or "nothing due"


@dataclass(frozen=True, slots=True)
class Rates:
    """A week of one feed: new articles a day, and the share of answers that said "not modified" (None: no answer)."""

    a_day: float
    unmodified: int | None


def rates(feed_ids: Sequence[int], now: datetime) -> dict[int, Rates]:
    """The rates of each feed that was fetched in the week."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select feed_id, sum(new),
                   greatest(extract(epoch from (%(now)s - min(at))) / 86400, 1)::float8,
                   count(*) filter (where status = 304),
                   count(*) filter (where outcome in ('stored', 'unchanged') and not pushed)
            from articles_fetchrun
            where feed_id = any(%(ids)s) and at > %(now)s - make_interval(days => %(days)s)
            group by 1
            """,
            {"now": now, "ids": list(feed_ids), "days": RATE_DAYS},
        )
        return {
            feed_id: Rates(float(new) / days, round(100 * unmodified / answered) if answered else None)
            for feed_id, new, days, unmodified, answered in cursor.fetchall()
        }


def matching_sources(wanted: SourceFilter, now: datetime) -> QuerySet[Any]:
    """The sources that a filter finds, in no order."""
    rows = with_health(now)
    if wanted.health in HEALTH_ORDER:
        rows = rows.filter(rank=HEALTH_ORDER.index(wanted.health))
    if wanted.q:
        rows = rows.filter(
            Q(title__icontains=wanted.q)
            | Q(url__icontains=wanted.q)
            | Q(publisher__name__icontains=wanted.q)
            | Q(note__icontains=wanted.q)
        )
    if wanted.tag:
        rows = rows.filter(tags__contains=[wanted.tag.lower()])
    if wanted.publisher:
        rows = rows.filter(publisher__slug=wanted.publisher)
    if wanted.country:
        rows = rows.filter(publisher__country__iexact=wanted.country)
    if wanted.language:
        # A source without a language of its own speaks its publisher's.
        rows = rows.filter(
            Q(language__iexact=wanted.language) | Q(language="", publisher__language__iexact=wanted.language)
        )
    if wanted.differs:
        rows = rows.filter(DIFFERS)
    return rows


def matching_ids(wanted: SourceFilter, now: datetime) -> list[int]:
    """The numbers of all sources that a filter finds, on every page."""
    return list(matching_sources(wanted, now).order_by("pk").values_list("pk", flat=True))


def filter_choices() -> FilterChoices:
    """What can be filtered by, from what sources have; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select 'tag', tag, count(*) from articles_feed, unnest(tags) as tag group by tag
            union all
            select 'country', upper(p.country), count(*) from articles_feed f
              join articles_publisher p on p.id = f.publisher_id where p.country <> '' group by 2
            union all
            select 'language', lower(coalesce(nullif(f.language, ''), p.language)), count(*) from articles_feed f
              join articles_publisher p on p.id = f.publisher_id
              where coalesce(nullif(f.language, ''), p.language) <> '' group by 2
            order by 3 desc, 2
            """
        )
        found = cursor.fetchall()
    by_name: dict[str, list[tuple[str, int]]] = {"tag": [], "country": [], "language": []}
    for name, value, count in found:
        by_name[name].append((value, count))
    return FilterChoices(**by_name)


def _with_sort_keys(found: QuerySet[Any], sort: str, now: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = found.annotate(name_key=Lower("title"))
    if sort == "next":
        # What is not fetched at all comes last.
        resting = When(~Q(state=Feed.State.ACTIVE), then=Value(datetime(FAR, 1, 1, tzinfo=now.tzinfo)))
        rows = rows.annotate(next_key=Case(resting, default=F("next_fetch_at")))
    elif sort == "known":
        rows = rows.annotate(known_key=Coalesce(F("known_share"), Value(-1.0)))
    elif sort == "a_day":
        week = (
            FetchRun.objects.filter(feed=OuterRef("pk"), at__gt=now - timedelta(days=RATE_DAYS))
            .values("feed")
            .annotate(n=Sum("new"))
            .values("n")
        )
        rows = rows.annotate(a_day_key=Cast(Coalesce(Subquery(week), Value(0)), FloatField()))
    return rows


def _keyset(rows: QuerySet[Any], sort: str, after: str) -> QuerySet[Any]:
    """Rows in the order of `sort`, those behind the cursor. A cursor that makes no sense is the first page."""
    pk_text, _, rest = after.partition("~")
    pk = _whole(pk_text)
    if sort == "last":
        # Never fetched counts as longest ago.
        return _after_time(rows, pk, rest).order_by(F("last_success_at").asc(nulls_first=True), "pk")
    if sort in _ORDERS:
        return _after_figure(rows, sort, pk, rest)
    if sort == "name":
        rows = rows.order_by("name_key", "pk")
        if pk is None:
            return rows
        return rows.filter(Q(name_key__gt=rest) | Q(name_key=rest, pk__gt=pk))
    rows = rows.order_by("rank", "name_key", "pk")
    rank_text, _, name = rest.partition("~")
    rank = _whole(rank_text)
    if pk is None or rank is None:
        return rows
    return rows.filter(
        Q(rank__gt=rank) | Q(rank=rank, name_key__gt=name) | Q(rank=rank, name_key=name, pk__gt=pk)
    )


def _after_time(rows: QuerySet[Any], pk: int | None, at_text: str) -> QuerySet[Any]:
    """The part of `_keyset` for the order by last success, oldest first."""
    if pk is None:
        return rows
    if at_text == "":
        return rows.filter(Q(last_success_at=None, pk__gt=pk) | Q(last_success_at__isnull=False))
    at = _moment(at_text)
    if at is None:
        return rows
    return rows.filter(Q(last_success_at__gt=at) | Q(last_success_at=at, pk__gt=pk))


def _after_figure(rows: QuerySet[Any], sort: str, pk: int | None, text: str) -> QuerySet[Any]:
    """The part of `_keyset` for times and figures that are never unknown."""
    column, is_falling = _ORDERS[sort]
    rows = rows.order_by(f"-{column}" if is_falling else column, "pk")
    figure = _moment(text) if sort == "next" else _figure(text)
    if pk is None or figure is None:
        return rows
    beyond = {f"{column}__lt" if is_falling else f"{column}__gt": figure}
    return rows.filter(Q(**beyond) | Q(**{column: figure}, pk__gt=pk))


def _whole(text: str) -> int | None:
    """A number of a cursor; None when it is none that the database knows."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None  # noqa: PLR2004


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _figure(text: str) -> float | None:
    try:
        figure = float(text)
    except ValueError:
        return None
    return figure if abs(figure) < 1e12 else None  # noqa: PLR2004 - also drops nan and infinity


def _cursor(feed: Any, sort: str) -> str:
    """The cursor that continues behind a row."""
    if sort == "last":
        return f"{feed.pk}~{feed.last_success_at.isoformat() if feed.last_success_at else ''}"
    if sort == "name":
        return f"{feed.pk}~{feed.name_key}"
    if sort in _ORDERS:
        key = getattr(feed, _ORDERS[sort][0])
        return f"{feed.pk}~{key.isoformat() if sort == 'next' else repr(key)}"
    return f"{feed.pk}~{feed.rank}~{feed.name_key}"


def sources_page(wanted: SourceFilter, now: datetime, size: int = PAGE) -> SourcesPage:
    """A page of sources with health, strip and rates; five queries whatever its size."""
    counts = dict.fromkeys(HEALTH_ORDER, 0)
    for rank, count in with_health(now).values_list("rank").annotate(n=Count("pk")).order_by("rank"):
        counts[HEALTH_ORDER[rank]] = count
    total = sum(counts.values())
    sort = wanted.sort if wanted.sort in SORTS else "health"
    rows = matching_sources(wanted, now)
    matching = rows.count() if wanted.narrows() else total
    rows = _keyset(_with_sort_keys(rows, sort, now), sort, wanted.after)
    found = list(rows.select_related("publisher")[: size + 1])
    more, found = len(found) > size, found[:size]
    ids = [feed.pk for feed in found]
    drawn = strips(ids, now) if ids else {}
    week = rates(ids, now) if ids else {}
    return SourcesPage(
        rows=[row_of(feed, drawn[feed.pk], week.get(feed.pk), now) for feed in found],
        after=_cursor(found[-1], sort) if more else "",
        total=total,
        counts=counts,
        matching=matching,
    )


def row_of(feed: Any, strip: tuple[str, ...], week: Rates | None, now: datetime) -> SourceRow:
    """One annotated feed (see `with_health`) as the list and its own page show it."""
    health = HEALTH_ORDER[feed.rank]
    words, advice = health_words(feed, health, now)
    return SourceRow(
        id=feed.pk,
        title=feed.title,
        publisher=feed.publisher.name,
        health=health,
        words=words,
        advice=advice,
        sample=feed.sample,
        tags=feed.tags,
        differs=differences(feed),
        last_success_at=feed.last_success_at,
        next_fetch_at=feed.next_fetch_at if feed.state == Feed.State.ACTIVE else None,
        next_why=feed.next_why,
        strip=strip,
        strip_words=strip_words(strip),
        a_day=week.a_day if week else None,
        known=None if feed.known_share is None else round(100 * feed.known_share),
        unmodified=week.unmodified if week else None,
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
    return list(Publisher.objects.filter(sample=False).order_by("name").values_list("name", flat=True))
