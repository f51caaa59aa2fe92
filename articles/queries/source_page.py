"""What the page of one source reads: its plan, its last fetches, what ails it, its notices, its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from articles.errors import RefusedError
from articles.ingest.dates import read_date
from articles.ingest.decided import PUBLISHER, SECRETS, SUBJECT, UNDOABLE, words_of
from articles.ingest.doctor import (
    Chart,
    EntryFacts,
    Finding,
    RunFacts,
    examine,
    expected_words,
)
from articles.models import Article, Feed, FetchRun, HostTime, NetworkState, Notice, Publisher, Subscription
from articles.queries.sources_list import SourceRow, rates, row_of, strips, with_health
from entities.history import history_of
from entities.models import Change

RUNS = 30
NEWEST = 10
JUDGED = 30  # of the newest articles, when the doctor looks at texts and dates
RHYTHM_DAYS = 30
MOST_MOMENTS = 2000
# The answer's headers that say something about fetching, in the order in which they are shown.
HEADERS = (
    *("content-type", "etag", "last-modified", "cache-control", "expires", "age", "retry-after", "date"),
    *(
        "server",
        "via",
        "x-cache",
        "cf-cache-status",
        "content-encoding",
        "content-length",
        "link",
        "location",
    ),
)

ENTRIES = """
select a.title, a.needs_page, a.published_from, a.published_raw, a.fetched_at, a.message,
       coalesce((select length(r.text) from articles_revision r
                 where r.article_id = a.id and r.origin = 'feed' order by r.number desc limit 1), 0),
       coalesce((select length(r.text) from articles_revision r
                 where r.article_id = a.id and r.origin = 'page' order by r.number desc limit 1), 0),
       (select j.message from articles_job j where j.kind = 'read' and j.subject_id = a.id)
from articles_article a
where a.id in (select s.article_id from articles_sighting s where s.feed_id = %s order by s.id desc limit %s)
order by a.id desc
"""

MOMENTS = """
select at from articles_fetchrun
where feed_id = %s and new > 0 and at > %s order by at desc limit %s
"""


@dataclass(frozen=True, slots=True)
class RunView:
    """One fetch as its page shows it; `headers` are in the order of HEADERS, `steps` pair a word with milliseconds."""

    run: FetchRun
    final_url: str
    headers: Sequence[tuple[str, str]]
    steps: Sequence[tuple[str, int]]
    unpacked: int | None
    next_why: str
    skipped: Sequence[Mapping[str, Any]]
    left_out: int


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change in words; `undo` is the number to take back, None when there is no way back (any more)."""

    change: Change
    parts: Sequence[tuple[str, str, str]]
    undo: int | None


@dataclass(frozen=True, slots=True)
class SourceDetail:
    """Everything that the page of one source shows."""

    feed: Feed
    row: SourceRow
    runs: Sequence[RunView]
    findings: Sequence[Finding]
    expected: str
    subscription: Subscription | None
    notices: Sequence[Notice]
    history: Sequence[HistoryLine]
    articles: Sequence[Article] = field(default_factory=list)


def source_detail(feed_id: int, now: datetime) -> SourceDetail | None:
    """One source with its last runs and what ails it; None when there is none. Eleven queries."""
    feed = with_health(now).select_related("publisher", "subscription").filter(pk=feed_id).first()
    if feed is None:
        return None
    runs = list(FetchRun.objects.filter(feed_id=feed_id).order_by("-at", "-pk")[:RUNS])
    arrivals = _arrivals(feed_id, now)
    notices = list(Notice.objects.filter(feed_id=feed_id, closed_at=None).order_by("-at"))
    return SourceDetail(
        feed=feed,
        row=row_of(feed, strips([feed_id], now)[feed_id], rates([feed_id], now).get(feed_id), now),
        runs=[_run_view(run) for run in runs],
        findings=examine(_chart(feed, runs, arrivals, notices), now),
        expected=expected_words(arrivals, now),
        subscription=getattr(feed, "subscription", None),
        notices=notices,
        history=[history_line(change) for change in history_of(SUBJECT, feed_id)],
        articles=_newest_articles(feed_id),
    )


def source_head(feed_id: int) -> Feed | None:
    """One source with its publisher, for the forms about it; None when there is none."""
    return Feed.objects.select_related("publisher").filter(pk=feed_id).first()


def address_of(number: str) -> str:
    """The address of a source by its number. Raises RefusedError when there is none."""
    url = Feed.objects.filter(pk=int(number)).values_list("url", flat=True).first()
    if url is None:
        raise RefusedError(f"No source has the number {number}.")
    return url


def _newest_articles(feed_id: int) -> list[Article]:
    return list(
        Article.objects.filter(sightings__feed_id=feed_id)
        .order_by("-published_at", "-pk")
        .distinct()[:NEWEST]
    )


def _arrivals(feed_id: int, now: datetime) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(MOMENTS, [feed_id, now - timedelta(days=RHYTHM_DAYS), MOST_MOMENTS])
        return [at for (at,) in cursor.fetchall()]


def _entries(feed_id: int) -> list[EntryFacts]:
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, [feed_id, JUDGED])
        rows = cursor.fetchall()
    found = []
    for title, needs_page, dated_by, raw, fetched_at, message, feed_length, page_length, job in rows:
        as_served = read_date(raw) if raw and dated_by != "feed" else None
        found.append(
            EntryFacts(
                title=title,
                feed_characters=feed_length,
                page_characters=page_length,
                wants_page=needs_page or bool(page_length),
                dated=dated_by == "feed",
                date_as_served=raw,
                is_ahead=as_served is not None and as_served > fetched_at,
                robots="robots.txt" in f"{message} {job or ''}",
            )
        )
    return found


def _chart(
    feed: Feed, runs: Sequence[FetchRun], arrivals: Sequence[datetime], notices: Sequence[Notice]
) -> Chart:
    return Chart(
        state=feed.state,
        runs=[
            RunFacts(
                at=run.at,
                outcome=run.outcome,
                kind=run.kind,
                status=run.status,
                milliseconds=run.milliseconds,
                entries=run.entries,
                new=run.new,
                changed=run.changed,
                forced=run.forced,
                skipped=tuple(
                    (str(line.get("why", "")), int(line.get("n", 0)))
                    for line in run.skipped
                    if isinstance(line, dict)
                ),
            )
            for run in runs
        ],
        entries=_entries(feed.pk),
        arrivals=arrivals,
        silence=next((notice.words for notice in notices if notice.kind == Notice.Kind.SILENT), ""),
        proposed_url=feed.proposed_url,
        redirects_seen=feed.redirects_seen,
        failures=feed.failures,
        has_own_agent=bool(feed.user_agent),
        has_sign_in="username" in feed.secret_names,
        identity=feed.identity,
        identity_by=feed.identity_by,
        identity_why=feed.identity_why,
        floor_seconds=feed.floor_seconds,
        interval_seconds=feed.interval_seconds,
        fixed_seconds=feed.fixed_seconds,
        known_share=feed.known_share,
        has_site=feed.site_url.startswith(("http://", "https://")),
    )


def _run_view(run: FetchRun) -> RunView:
    answer = run.answer if isinstance(run.answer, dict) else {}
    headers = answer.get("headers") or {}
    skipped = [line for line in run.skipped if isinstance(line, dict)]
    unpacked = answer.get("unpacked_bytes")
    return RunView(
        run=run,
        final_url=str(answer.get("final_url", "")),
        headers=[(name, str(headers[name])) for name in HEADERS if headers.get(name)],
        steps=[(str(word), int(milliseconds)) for word, milliseconds in answer.get("steps") or []],
        unpacked=unpacked if isinstance(unpacked, int) else None,
        next_why=str(answer.get("next_why", "")),
        skipped=skipped,
        left_out=sum(int(line.get("n", 0)) for line in skipped),
    )


NAMES = {
    "url": "address",
    "title": "name",
    "fixed_seconds": "interval",
    "user_agent": "User-Agent",
    "identity": "told apart by",
    "identity_by": "identity chosen by",
    "secrets": "sent along",
    "replaced": "entered anew",
    "n": "sources",
    "is_on": "such lines",
}
_DEFAULTS: tuple[Any, ...] = (None, "", [], "active", "guid")
UNSAID = {"changes", "last_run", "starter", "key", "rule", "decided_by"}


def history_line(change: Change) -> HistoryLine:
    """A change of a source or a publisher as a person reads it; `undone_by` must be loaded."""
    names = [name for name in dict.fromkeys([*change.before, *change.after]) if name not in UNSAID]
    is_new = change.act in {"added", "removed"}
    parts = []
    for name in names:
        old, new = change.before.get(name), change.after.get(name)
        if is_new and (old or new) in _DEFAULTS:
            continue
        parts.append((NAMES.get(name, name), _said(name, old, change.before), _said(name, new, change.after)))
    may_undo = change.act in UNDOABLE and not change.undone_by.all() and change.undoes_id is None
    only_secrets = change.act == "edited" and not set(change.before) - {SECRETS}
    return HistoryLine(change, parts, change.pk if may_undo and not only_secrets else None)


def _said(name: str, value: Any, values: Mapping[str, Any]) -> str:
    return words_of(name, value) if name in values else ""


@dataclass(frozen=True, slots=True)
class PublisherDetail:
    """One publisher: its sources, those of the same owner, its history."""

    publisher: Publisher
    feeds: Sequence[Feed]
    kin: Sequence[Publisher]
    history: Sequence[HistoryLine]


def publisher_detail(publisher_id: int) -> PublisherDetail | None:
    """Everything that the page of one publisher shows; None when there is none. Five queries."""
    publisher = Publisher.objects.filter(pk=publisher_id).first()
    if publisher is None:
        return None
    owner = publisher.owner or publisher.name
    kin = Publisher.objects.filter(Q(owner__iexact=owner) | Q(owner="", name__iexact=owner))
    return PublisherDetail(
        publisher=publisher,
        feeds=list(Feed.objects.filter(publisher=publisher).order_by("title", "pk")[:200]),
        kin=list(kin.exclude(pk=publisher.pk).order_by("name")[:50]),
        history=[history_line(change) for change in history_of(PUBLISHER, publisher_id)],
    )


@dataclass(frozen=True, slots=True)
class FetchLog:
    """How far an asked-for fetch is: `stage` is waiting, asked, answered; `late` names what may hold it up."""

    stage: str
    asked_at: datetime
    seconds: int
    run: RunView | None = None
    late: str = ""

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.stage in {"answered", "given up"}


# When a fetch is not taken after so long, the log says what may be the matter; when it ends without an answer.
LATE_SECONDS = 30
END_SECONDS = 300


def fetch_log(feed_id: int, change_id: int, now: datetime) -> FetchLog | None:
    """The state of the fetch that one row of history asked for; None when there is none such."""
    change = Change.objects.filter(pk=change_id, subject_kind=SUBJECT, subject_id=feed_id).first()
    if change is None or "last_run" not in change.after:
        return None
    run = (
        FetchRun.objects.filter(feed_id=feed_id, pk__gt=int(change.after["last_run"])).order_by("pk").first()
    )
    seconds = max(0, int((now - change.at).total_seconds()))
    if run is not None:
        return FetchLog("answered", change.at, seconds, _run_view(run))
    host = HostTime.objects.filter(host=OuterRef("host"))
    feed = (
        Feed.objects.filter(pk=feed_id)
        .annotate(host_free_at=Subquery(host.values("free_at")), host_why=Subquery(host.values("why")))
        .first()
    )
    if feed is None:
        return None
    if seconds > END_SECONDS:
        return FetchLog("given up", change.at, seconds, late=_hold_up(feed, now))
    if feed.lease_until is not None and feed.lease_until > now:
        return FetchLog("asked", change.at, seconds)
    return FetchLog(
        "waiting", change.at, seconds, late=_hold_up(feed, now) if seconds >= LATE_SECONDS else ""
    )


def _hold_up(feed: Any, now: datetime) -> str:
    """What keeps a due source from being fetched, as one sentence."""
    if feed.state != Feed.State.ACTIVE:
        return f"The source is {feed.get_state_display().lower()} now; resume it to fetch it."
    if feed.host_free_at is not None and feed.host_free_at > now:
        wait = int((feed.host_free_at - now).total_seconds())
        return f"Its host {feed.host} is left alone for {wait} s more ({feed.host_why or 'a pause'})."
    if feed.next_fetch_at > now:
        return f"It was put off to {feed.next_fetch_at:%H:%M:%S} UTC: {feed.next_why or 'its host had others to answer'}"
    poked = NetworkState.objects.values_list("poked_at", flat=True).first()
    if poked is None or now - poked > timedelta(seconds=90):
        return "Beat, which starts the rounds of fetching, has not been heard of. Is “manage.py up” running?"
    return "Beat runs, but no fetch worker takes it. See whether the fetch worker runs and the disk has room."
