"""Reads of the Jobs page: how much of what waits, runs or is in trouble, and the jobs of one filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from articles.models import Article, Event, Feed, Job, Notice

PAGE = 50
FETCH = "fetch"  # feeds are claimed in their own rows; they are counted and listed like jobs
DONE_WITHIN_SECONDS = 24 * 3600.0
# Words of the address for what a job's row says, in the order of the page. `trouble` is what the page opens with.
STATES = {
    "trouble": "In trouble",
    "failed": "Failed",
    "quarantined": "Set aside",
    "due": "Due",
    "running": "Running",
    "waiting": "Put off or planned",
    "done": "Done",
    "dropped": "Dropped",
}
COUNTED = ("due", "running", "waiting", "failed", "quarantined", "done")
# Short names: the table of counts stands on phones too.
KINDS = {
    FETCH: "Fetch feeds",
    Job.Kind.READ.value: "Read articles",
    Job.Kind.PLACE.value: "Place in events",
    Job.Kind.DIGEST.value: "Sum up events",
    Job.Kind.LINK.value: "Link names anew",
    Job.Kind.LOOK.value: "Look again at pages",
    Job.Kind.SUBSCRIBE.value: "Ask hubs",
    Job.Kind.PUSH.value: "Store pushes",
    Job.Kind.MAIL.value: "Mail notices",
    Job.Kind.TIDY.value: "Tidy up",
}
# A look that nothing failed before is planned, not put off: a desk without work has thousands of them.
PLANNED = "planned"
_STATE_NAMES = {**STATES, "waiting": "Put off", PLANNED: "Planned"}
LONGEST_NUMBER = 18
# The page is opened often, and nobody reads a longer number: what goes beyond is told as "10000+".
COUNTED_UP_TO = 10_000
# Cells that are counted from one look, which may have ended at that many rows.
_READ_TOGETHER = [
    *([(kind.value, state) for state in ("due", "running", "waiting", PLANNED)] for kind in Job.Kind),
    [(kind.value, state) for kind in Job.Kind for state in ("failed", "quarantined")],
    [(kind.value, "done") for kind in Job.Kind],
    [(FETCH, "done"), (FETCH, "fetched in vain")],
]


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What the page's address asks for."""

    kind: str = ""
    state: str = "trouble"
    after: str = ""

    def as_query(self) -> str:
        """The filter as an address has it, without the page."""
        pairs = [("kind", self.kind), ("state", self.state if self.state != "trouble" else "")]
        return urlencode([(name, value) for name, value in pairs if value])


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; with `is_least` there may be more, for no more were looked at. False when there are none."""

    n: int
    is_least: bool = False

    def __bool__(self) -> bool:
        return self.n > 0

    def __add__(self, other: Count) -> Count:
        return Count(self.n + other.n, is_least=self.is_least or other.is_least)

    def __str__(self) -> str:
        return f"{self.n}+" if self.is_least else str(self.n)


NONE = Count(0)


@dataclass(frozen=True, slots=True)
class KindCounts:
    """One line of the table of counts: a kind and how many of it are in each state, in the order of COUNTED."""

    kind: str
    name: str
    cells: Sequence[tuple[str, Count]]


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the page shows it. `subject` and `url_args` lead to the article or feed, when it still exists."""

    id: int
    kind: str
    name: str
    state: str
    state_name: str
    subject: str
    subject_id: int
    subject_view: str  # URL name: article, source, or empty
    since: datetime
    next_at: datetime | None
    tries: int
    message: str
    can_retry: bool
    can_drop: bool


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Counts over all jobs and one page of those that the filter finds; `after` is the next page's cursor or empty."""

    wanted: JobFilter
    counts: Sequence[KindCounts]
    totals: Mapping[str, Count]
    rows: Sequence[JobRow] = field(default_factory=tuple)
    after: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, runs or is in trouble at all."""
        return not any(self.totals[state] for state in COUNTED if state != "done")

    @property
    def retryable(self) -> Count:
        """How many of the filter may be retried at once; none for what is in no trouble."""
        states = {"trouble": ("failed", "quarantined")}.get(self.wanted.state, (self.wanted.state,))
        if self.wanted.kind == FETCH or not set(states) <= {"failed", "quarantined"}:
            return NONE
        found = [
            count
            for line in self.counts
            if line.kind != FETCH and self.wanted.kind in {"", line.kind}
            for state, count in line.cells
            if state in states
        ]
        return sum(found, NONE)


# Waiting jobs are read kind by kind, and what is done from its newest: however much there is, no more than
# COUNTED_UP_TO rows of each are looked at. One more than that says that there are more.
_WAITING = """
SELECT '{kind}', CASE WHEN w.lease_until >= statement_timestamp() THEN 'running'
     WHEN w.not_before <= statement_timestamp() THEN 'due'
     WHEN w.tries = 0 AND '{kind}' = 'look' THEN 'planned' ELSE 'waiting' END, count(*)
FROM (SELECT j.lease_until, j.not_before, j.tries FROM articles_job j WHERE j.state = 'waiting' AND j.kind = '{kind}'
      ORDER BY j.not_before LIMIT %(rows)s) w GROUP BY 1, 2
"""
_REST = """
SELECT t.kind, t.state, count(*) FROM (
    SELECT j.kind, j.state FROM articles_job j WHERE j.state IN ('failed', 'quarantined') ORDER BY j.id DESC LIMIT %(rows)s
) t GROUP BY 1, 2
UNION ALL
SELECT d.kind, 'done', count(*) FROM (
    SELECT j.kind FROM articles_job j
    WHERE j.state = 'done' AND j.finished_at > statement_timestamp() - make_interval(secs => %(done)s)
    ORDER BY j.finished_at DESC LIMIT %(rows)s
) d GROUP BY 1
UNION ALL
SELECT 'fetch', CASE WHEN f.state = 'quarantined' THEN 'quarantined'
     WHEN f.lease_until >= statement_timestamp() THEN 'running'
     WHEN f.next_fetch_at <= statement_timestamp() THEN 'due' ELSE 'waiting' END, count(*)
FROM articles_feed f WHERE f.state IN ('active', 'quarantined') GROUP BY 2
UNION ALL
SELECT 'fetch', CASE WHEN r.outcome IN ('stored', 'unchanged') THEN 'done' ELSE 'fetched in vain' END, count(*) FROM (
    SELECT r.outcome FROM articles_fetchrun r
    WHERE r.at > statement_timestamp() - make_interval(secs => %(done)s) ORDER BY r.at DESC LIMIT %(rows)s
) r GROUP BY 2
"""
_COUNTS = " UNION ALL ".join([*(_WAITING.format(kind=kind.value) for kind in Job.Kind), _REST])


def read_job_filter(parameters: Mapping[str, str]) -> JobFilter:
    """The filter of an address; what it does not know is ignored."""
    kind, state = parameters.get("kind", ""), parameters.get("state", "")
    return JobFilter(
        kind=kind if kind in KINDS else "",
        state=state if state in STATES else "trouble",
        after=parameters.get("after", "").replace("\0", "")[:100],
    )


def jobs_page(wanted: JobFilter, now: datetime) -> JobsPage:
    """The page: one query of counts, one of rows, and one for the names of each sort of subject."""
    counts = _counts()
    lines = [
        KindCounts(kind, name, [(state, _cell(counts, kind, state)) for state in COUNTED])
        for kind, name in KINDS.items()
    ]
    totals = {state: sum((counts.get((kind, state), NONE) for kind in KINDS), NONE) for state in COUNTED}
    feeds = _feed_rows(wanted)
    found, after = ([], "") if wanted.kind == FETCH else _found(wanted, now)
    return JobsPage(wanted, lines, totals, [*feeds, *_rows(found, now)], after)


def _cell(counts: Mapping[tuple[str, str], Count], kind: str, state: str) -> Count:
    count = counts.get((kind, state), NONE)
    return count + counts.get((kind, PLANNED), NONE) if state == "waiting" else count


def _counts() -> dict[tuple[str, str], Count]:
    """By kind and state; what was not read to its end is at least so many."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"done": DONE_WITHIN_SECONDS, "rows": COUNTED_UP_TO + 1})
        found: dict[tuple[str, str], int] = {(kind, state): n for kind, state, n in cursor.fetchall()}
    cut: set[tuple[str, str]] = set()
    for group in _READ_TOGETHER:
        if sum(found.get(cell, 0) for cell in group) > COUNTED_UP_TO:
            cut.update(group)
    return {cell: Count(found.get(cell, 0), is_least=cell in cut) for cell in found.keys() | cut}


def _found(wanted: JobFilter, now: datetime) -> tuple[list[Job], str]:
    """The jobs of a page, and the cursor of the next."""
    jobs = Job.objects.filter(kind=wanted.kind) if wanted.kind else Job.objects.all()
    running, due = Q(lease_until__gte=now), Q(not_before__lte=now)
    waiting = jobs.filter(state=Job.State.WAITING)
    by_time: dict[str, tuple[QuerySet[Job], str]] = {
        "due": (waiting.filter(due).exclude(running), "not_before"),
        "running": (waiting.filter(running), "not_before"),
        "waiting": (waiting.exclude(due).exclude(running), "not_before"),
        "done": (jobs.filter(state=Job.State.DONE), "-finished_at"),
        "dropped": (jobs.filter(state=Job.State.DROPPED), "-finished_at"),
    }
    if wanted.state in by_time:
        found, column = by_time[wanted.state]
        return _page_by_time(found, column, wanted.after)
    states = ["failed", "quarantined"] if wanted.state == "trouble" else [wanted.state]
    found = jobs.filter(state__in=states).order_by("-pk")
    if wanted.after.isdigit() and len(wanted.after) <= LONGEST_NUMBER:
        found = found.filter(pk__lt=int(wanted.after))
    page = list(found[: PAGE + 1])
    return page[:PAGE], str(page[PAGE - 1].pk) if len(page) > PAGE else ""


def _page_by_time(found: QuerySet[Job], column: str, after: str) -> tuple[list[Job], str]:
    """A page in the order of a time and the number; the cursor is "time~number"."""
    name, is_down = column.removeprefix("-"), column.startswith("-")
    stamp, _, number = after.partition("~")
    try:
        moment = parse_datetime(stamp)
    except ValueError:
        moment = None
    if (
        moment is not None
        and moment.tzinfo is not None
        and number.isdigit()
        and len(number) <= LONGEST_NUMBER
    ):
        side = "lt" if is_down else "gt"
        same = Q(**{name: moment, f"pk__{side}": int(number)})
        found = found.filter(Q(**{f"{name}__{side}": moment}) | same)
    page = list(found.order_by(column, "-pk" if is_down else "pk")[: PAGE + 1])
    if len(page) <= PAGE:
        return page, ""
    last = page[PAGE - 1]
    return page[:PAGE], f"{getattr(last, name).isoformat()}~{last.pk}"


def _feed_rows(wanted: JobFilter) -> list[JobRow]:
    """Feeds that were set aside, before the jobs on their first page."""
    if wanted.kind not in {"", FETCH} or wanted.state not in {"trouble", "quarantined"} or wanted.after:
        return []
    found = Feed.objects.filter(state=Feed.State.QUARANTINED).order_by("-pk")[:PAGE]
    return [
        JobRow(
            id=feed.pk,
            kind=FETCH,
            name=KINDS[FETCH],
            state="quarantined",
            state_name=STATES["quarantined"],
            subject=feed.title,
            subject_id=feed.pk,
            subject_view="source",
            since=feed.last_fetch_at or feed.created_at,
            next_at=None,
            tries=feed.attempts,
            message=feed.last_message or "Three workers died while they fetched it.",
            can_retry=True,
            can_drop=False,
        )
        for feed in found
    ]


def _rows(jobs: Sequence[Job], now: datetime) -> list[JobRow]:
    names = _names(jobs)
    rows = []
    for job in jobs:
        state = _state(job, now)
        subject, view = names.get((job.kind, job.subject_id), ("", ""))
        rows.append(
            JobRow(
                id=job.pk,
                kind=job.kind,
                name=KINDS[job.kind],
                state=state,
                state_name=_STATE_NAMES[PLANNED if _is_planned(job, state) else state],
                subject=subject,
                subject_id=job.subject_id,
                subject_view=view,
                since=job.created_at if job.finished_at is None else job.finished_at,
                next_at=job.not_before if state == "waiting" else None,
                tries=job.tries,
                message=job.message,
                can_retry=state in {"failed", "quarantined", "dropped", "waiting"},
                can_drop=state in {"failed", "quarantined", "due", "waiting", "running"},
            )
        )
    return rows


def _is_planned(job: Job, state: str) -> bool:
    return state == "waiting" and job.kind == Job.Kind.LOOK and not job.tries


def _state(job: Job, now: datetime) -> str:
    if job.state != Job.State.WAITING:
        return job.state
    if job.lease_until is not None and job.lease_until >= now:
        return "running"
    return "due" if job.not_before <= now else "waiting"


_ARTICLES = (Job.Kind.READ, Job.Kind.PLACE, Job.Kind.LINK, Job.Kind.LOOK)
_FEEDS = (Job.Kind.SUBSCRIBE, Job.Kind.PUSH)


def _names(jobs: Sequence[Job]) -> dict[tuple[str, int], tuple[str, str]]:
    """By kind and subject, its name and the page that shows it."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    sorts: list[tuple[tuple[Job.Kind, ...], Any, str, str]] = [
        (_ARTICLES, Article, "title", "article"),
        (_FEEDS, Feed, "title", "source"),
        ((Job.Kind.DIGEST,), Event, "title", "event"),
        ((Job.Kind.MAIL,), Notice, "words", ""),
    ]
    for kinds, model, column, view in sorts:
        wanted = {job.subject_id for job in jobs if job.kind in kinds}
        if wanted:
            named = dict(model.objects.filter(pk__in=wanted).values_list("pk", column))
            found |= {(kind, pk): (name, view) for kind in kinds for pk, name in named.items()}
    return found
