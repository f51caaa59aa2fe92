"""Acts: what is older than it is kept goes, in portions that are over in a moment; what people touched stays.

Each step takes one portion in one transaction and says whether there may be more: a kill between two loses nothing,
and the next run goes on where this one stopped. A step that fails is told on the job and stops none of the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from articles.events.database import LOADED_WINDOWS
from articles.events.digesting import ask_for_missing_digests
from articles.events.forgetting import forget_articles, lock_shards
from articles.ingest.counting import count_year
from articles.ingest.hosts import WARY_SECONDS
from articles.ingest.link import change_days
from articles.ingest.new_names import STEP as NAMES_STEP
from articles.ingest.new_names import search_new_names
from articles.ingest.proposing import forget_proposals
from articles.ingest.resembling import compare_proposals, drop_unused_names, find_duplicates, mend_merged
from articles.ingest.space import folder_sizes
from articles.ingest.tombstones import drop_tombstones, leave_tombstones
from articles.jobs import (
    ARTICLE_KINDS,
    add_jobs,
    claim_jobs,
    finish_jobs,
    give_back_jobs,
    is_outage,
    put_off_job,
)
from articles.models import (
    Annotation,
    Article,
    ArticleEntity,
    ArticleSketch,
    Constraint,
    CopyDecision,
    EntityDay,
    Heartbeat,
    HostTime,
    Job,
    LinkDecision,
    Membership,
    Mention,
    Notice,
    PageTrial,
    Push,
    SearchRow,
    SizeDay,
)
from articles.search.partitions import clean_pending_lists, make_partitions

logger = logging.getLogger(__name__)

LEASE_SECONDS = 330  # of the job; longer than the time limit of its task
LATER_SECONDS = 3600.0  # when something is wrong with a row
OUTAGE_SECONDS = 60.0  # when something is wrong with the database, or more is to be done besides
# What three workers died over, or what was failed, is tried anew after so long: nobody may be looking at Jobs.
TRIED_ANEW_SECONDS = 86_400.0
LONGEST_MESSAGE = 500
ROWS_A_PORTION = 5000
# Deleting articles holds up placing meanwhile.
ARTICLES_A_PORTION = 50
# A note that its writer deleted can be had back for so long.
NOTES_COME_BACK = timedelta(days=30)
# What is only worth something while it is fresh.
PUSHES_ARE_KEPT = timedelta(days=1)
HEARTBEATS_ARE_KEPT = timedelta(days=1)
SIZES_ARE_KEPT = timedelta(days=400)
DATABASE_PART = "database"
SEARCH_STEP = "search rows"  # moved, not dropped
DIGEST_STEP = "events to sum up"  # asked for, not dropped
COMPARED = ("likely duplicates", "likenesses of unknown names")  # found, not dropped
YEAR_STEP = "numbers of a year"  # counted, not dropped
_NOT_DROPPED = frozenset(
    {SEARCH_STEP, YEAR_STEP, NAMES_STEP, DIGEST_STEP, *COMPARED, "mentions of merged entities"}
)

_SUM_RUNS = """
WITH old AS (
    SELECT id FROM articles_fetchrun WHERE at < %s ORDER BY at, id LIMIT %s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM articles_fetchrun r USING old WHERE r.id = old.id
    RETURNING r.feed_id, (r.at AT TIME ZONE 'UTC')::date AS day, r.outcome, r.bytes, r.milliseconds, r.entries, r.new,
              r.changed
), summed AS (
    INSERT INTO articles_fetchday AS d (feed_id, day, runs, stored, unchanged, failed, bytes, milliseconds, entries,
                                        new, changed)
    SELECT feed_id, day, count(*), count(*) FILTER (WHERE outcome = 'stored'),
           count(*) FILTER (WHERE outcome = 'unchanged'), count(*) FILTER (WHERE outcome IN ('failed', 'lost')),
           sum(bytes), sum(milliseconds), sum(entries), sum(new), sum(changed)
    FROM gone GROUP BY feed_id, day ORDER BY feed_id, day
    ON CONFLICT (feed_id, day) DO UPDATE SET runs = d.runs + excluded.runs, stored = d.stored + excluded.stored,
        unchanged = d.unchanged + excluded.unchanged, failed = d.failed + excluded.failed,
        bytes = d.bytes + excluded.bytes, milliseconds = d.milliseconds + excluded.milliseconds,
        entries = d.entries + excluded.entries, new = d.new + excluded.new, changed = d.changed + excluded.changed
)
SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows of each sort went, whether all that is due has gone, and by step what stood in the way."""

    gone: dict[str, int]
    is_done: bool
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """For the job's row: what went."""
        said = [f"{count} {what}" for what, count in self.gone.items() if count and what not in _NOT_DROPPED]
        words = f"Dropped {', '.join(said)}." if said else "Nothing was older than it is kept."
        moved = self.gone.get(SEARCH_STEP, 0)
        if moved:
            words = f"{words} {moved} rows of the search table were moved to their partition."
        found = [f"{self.gone[what]} {what}" for what in COMPARED if self.gone.get(what)]
        return f"{words} Found {' and '.join(found)}." if found else words


def ask_for_tidying(every_seconds: float) -> None:
    """Have the desk tidied when that was not done for so long; it costs one look at a row.

    A job that was set aside or failed is asked for anew a day later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT 1 FROM articles_job WHERE kind = 'tidy' AND subject_id = 0
               AND (state = 'waiting' OR finished_at > statement_timestamp() - make_interval(secs =>
                    CASE WHEN state IN ('done', 'dropped') THEN %s ELSE %s END))""",
            [every_seconds, TRIED_ANEW_SECONDS],
        )
        if cursor.fetchone() is None:
            add_jobs(Job.Kind.TIDY, [(0, "", 0, None)])


def tidy_up(seconds: float, *, now: datetime) -> Tidied | None:
    """Do the job of tidying for about so many seconds; what is left then is done at the next wake-up.

    None when no tidying is due or somebody else is at it.
    """
    token, jobs = claim_jobs(Job.Kind.TIDY, 1, LEASE_SECONDS)
    if not jobs:
        return None
    (job,) = jobs
    try:
        tidied = tidy(seconds, now=now)
    except BaseException:
        # The database is away, or the worker is told to stop: neither is a death of this job.
        with suppress(DatabaseError, InterfaceError):
            connection.close_if_unusable_or_obsolete()
            give_back_jobs(token, {job.id: OUTAGE_SECONDS})
        raise
    if tidied.problems:
        words = " ".join(f"{step}: {problem}" for step, problem in tidied.problems.items())
        put_off_job(
            token, job.id, LATER_SECONDS if tidied.is_done else OUTAGE_SECONDS, words[:LONGEST_MESSAGE]
        )
    elif tidied.is_done:
        finish_jobs(token, [job.id], tidied.words)
    else:
        give_back_jobs(token, {job.id: 0.0})
    return tidied


def tidy(seconds: float, *, now: datetime) -> Tidied:
    """Drop what is due, portion by portion, for about so many seconds; `now` is compared with the rows' times.

    Raises only when the database itself is away; whatever else stops a step is in the answer's `problems`.
    """
    deadline = time.monotonic() + seconds
    gone: dict[str, int] = {}
    problems: dict[str, str] = {}
    for what, step in _STEPS.items():
        gone[what] = 0
        has_more = True
        while has_more:
            try:
                count, has_more = step(now)
            except Exception as error:
                if is_outage(error):
                    raise
                logger.exception("tidying: %s", what)
                problems[what] = _words_of(error)
                break
            gone[what] += count
            if has_more and time.monotonic() > deadline:
                return Tidied(gone, is_done=False, problems=problems)
    return Tidied(gone, is_done=True, problems=problems)


def _words_of(error: Exception) -> str:
    """The first line of what was said, with its kind."""
    said = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}{f': {said}' if said else ''}.".replace("..", ".")


def sum_up_fetches(now: datetime) -> tuple[int, bool]:
    """A portion of fetch details older than NEWSDESK_KEEP_FETCH_DAYS becomes sums of its days (whole days, UTC)."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_SUM_RUNS, [midnight - timedelta(days=settings.KEEP_FETCH_DAYS), ROWS_A_PORTION])
        (count,) = cursor.fetchone()
    return int(count), count == ROWS_A_PORTION


def drop_jobs(now: datetime) -> tuple[int, bool]:
    """Jobs that were done or dropped more than NEWSDESK_KEEP_JOB_DAYS ago; what is in trouble waits for an admin."""
    before = now - timedelta(days=settings.KEEP_JOB_DAYS)
    total = 0
    for state in (Job.State.DONE, Job.State.DROPPED):
        count, has_more = _delete(Job.objects.filter(state=state, finished_at__lt=before), "finished_at")
        total += count
        if has_more:
            return total, True
    return total, False


def drop_notices(now: datetime) -> tuple[int, bool]:
    """Notices that were closed more than NEWSDESK_KEEP_NOTICE_DAYS ago."""
    before = now - timedelta(days=settings.KEEP_NOTICE_DAYS)
    return _delete(Notice.objects.filter(closed_at__lt=before), "pk")


def drop_host_times(now: datetime) -> tuple[int, bool]:
    """Pauses of hosts that are over, and too old to make anybody wary."""
    return _delete(HostTime.objects.filter(free_at__lt=now - timedelta(seconds=WARY_SECONDS)), "pk")


def drop_pushes(now: datetime) -> tuple[int, bool]:
    """What hubs sent and nobody has a job to store any more."""
    job = Job.objects.filter(kind=Job.Kind.PUSH, subject_id=OuterRef("feed_id"), state=Job.State.WAITING)
    return _delete(Push.objects.filter(~Exists(job), at__lt=now - PUSHES_ARE_KEPT), "pk")


def drop_page_trials(now: datetime) -> tuple[int, bool]:
    """Pages on which an admin tried rules, when they may not be shown again."""
    oldest = now - timedelta(seconds=settings.PAGE_TRIAL_SECONDS)
    return _delete(PageTrial.objects.filter(fetched_at__lt=oldest), "pk")


def drop_heartbeats(now: datetime) -> tuple[int, bool]:
    """Of workers that are gone; and sizes of long ago."""
    SizeDay.objects.filter(day__lt=(now - SIZES_ARE_KEPT).date()).delete()
    return _delete(Heartbeat.objects.filter(at__lt=now - HEARTBEATS_ARE_KEPT), "pk")


def drop_articles(now: datetime) -> tuple[int, bool]:
    """A portion of articles older than NEWSDESK_KEEP_ARTICLE_DAYS (0: for ever) goes, with all that hangs on it.

    Their age counts from their publication and from their coming here, whichever is later. Articles that a person
    noted, reviewed or decided about stay. A tombstone for each sighting keeps the feed from bringing them back.
    """
    if not settings.KEEP_ARTICLE_DAYS:
        return 0, False
    before = now - timedelta(days=settings.KEEP_ARTICLE_DAYS)
    old = Article.objects.filter(published_at__lt=before, fetched_at__lt=before)
    candidates = list(
        untouched(old, now).order_by("published_at", "pk").values_list("pk", "language")[:ARTICLES_A_PORTION]
    )
    if not candidates:
        return 0, False
    with transaction.atomic():
        # In the order in which placing locks; the articles are asked again under their locks.
        lock_shards({language for _, language in candidates})
        ids = [pk for pk, _ in candidates]
        list(Article.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        doomed = sorted(untouched(old.filter(pk__in=ids), now).values_list("pk", flat=True))
        _delete_articles(doomed)
    return len(doomed), len(candidates) == ARTICLES_A_PORTION


def drop_sketches(now: datetime) -> tuple[int, bool]:
    """Sketches by which no new article is compared any more: the look-up of copies stays as fast as it is."""
    before = now - LOADED_WINDOWS * timedelta(days=settings.EVENT_WINDOW_DAYS)
    return _delete(ArticleSketch.objects.filter(seen_at__lt=before), "seen_at")


def drop_stones(_now: datetime) -> tuple[int, bool]:
    """Tombstones of entries that their feed lists no more."""
    count = drop_tombstones(ROWS_A_PORTION)
    return count, count == ROWS_A_PORTION


def untouched(articles: QuerySet[Article], now: datetime) -> QuerySet[Article]:
    """Those of the articles about which no person has said anything that still stands."""
    mine = Q(article=OuterRef("pk"))
    notes = Annotation.objects.filter(mine).exclude(deleted_at__lt=now - NOTES_COME_BACK)
    names = LinkDecision.objects.filter(mine, withdrawn_at__isnull=True)
    # A rule for names was made at another article.
    mentions = Mention.objects.filter(revision__article=OuterRef("pk"), rule__isnull=True).exclude(
        decided_by=""
    )
    places = Membership.objects.filter(mine).exclude(decided_by="")
    pairs = Constraint.objects.filter(Q(a=OuterRef("pk")) | Q(b=OuterRef("pk")), withdrawn_at__isnull=True)
    copies = CopyDecision.objects.filter(
        Q(article=OuterRef("pk")) | Q(other=OuterRef("pk")), withdrawn_at__isnull=True
    )
    return articles.filter(
        ~Exists(copies),
        ~Exists(notes),
        ~Exists(names),
        ~Exists(mentions),
        ~Exists(places),
        ~Exists(pairs),
        status=Article.Status.UNREVIEWED,
    )


def note_sizes(now: datetime) -> tuple[int, bool]:
    """Remember how large the database and each part of the data folder are today, for telling how they grow.

    The last of the steps: all files are looked at, which is done once when the rest is over, not at each portion.
    """
    sizes = folder_sizes(Path(settings.DATA_DIR))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        sizes[DATABASE_PART] = int(cursor.fetchone()[0])
    SizeDay.objects.bulk_create(
        [
            SizeDay(day=now.astimezone(UTC).date(), part=part[:40], bytes=size)
            for part, size in sorted(sizes.items())
        ],
        update_conflicts=True,
        unique_fields=["day", "part"],
        update_fields=["bytes"],
    )
    return 0, False


def _delete_articles(ids: Collection[int]) -> None:
    leave_tombstones(ids)
    named = ArticleEntity.objects.filter(article_id__in=ids).values_list("entity_id", "published_at")
    counted = [(entity_id, at, -1) for entity_id, at in named]
    change_days(counted)
    EntityDay.objects.filter(
        entity_id__in={entity_id for entity_id, _, _ in counted},
        day__in={at.astimezone(UTC).date() for _, at, _ in counted},
        n=0,
    ).delete()
    forget_articles(ids)
    forget_proposals(ids)
    SearchRow.objects.filter(article_id__in=ids).delete()
    Job.objects.filter(kind__in=ARTICLE_KINDS, subject_id__in=ids).delete()
    Article.objects.filter(pk__in=ids).delete()


def _delete(rows: QuerySet[Any], order: str) -> tuple[int, bool]:
    """Delete one portion; how many rows went, and whether there may be more."""
    with transaction.atomic():
        chosen = rows.order_by(order).select_for_update(skip_locked=True).values_list("pk", flat=True)
        ids = list(chosen[:ROWS_A_PORTION])
        rows.filter(pk__in=ids).delete()
    return len(ids), len(ids) == ROWS_A_PORTION


def look_after_search(now: datetime) -> tuple[int, bool]:
    """The search table's partitions of the coming weeks are made, old ones folded, and its waiting lists emptied."""
    made = make_partitions(now)
    clean_pending_lists()
    # What only waits for a lock is left to the next hour.
    return made.moved + made.folded_rows, made.more and made.folded_rows > 0


_STEPS: dict[str, Callable[[datetime], tuple[int, bool]]] = {
    "fetch details": sum_up_fetches,
    "jobs": drop_jobs,
    "notices": drop_notices,
    "pauses of hosts": drop_host_times,
    "stored pushes": drop_pushes,
    "pages of trials": drop_page_trials,
    "heartbeats": drop_heartbeats,
    "articles": drop_articles,
    "sketches of texts": drop_sketches,
    "tombstones": drop_stones,
    "unused proposals": drop_unused_names,
    "mentions of merged entities": mend_merged,
    NAMES_STEP: search_new_names,
    COMPARED[0]: find_duplicates,
    COMPARED[1]: compare_proposals,
    DIGEST_STEP: ask_for_missing_digests,
    SEARCH_STEP: look_after_search,
    YEAR_STEP: count_year,
    "sizes": note_sizes,
}
