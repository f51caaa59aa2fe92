"""Acts on jobs: who does which step for which subject. PostgreSQL hands out leases; what a dead worker held comes back.

Whoever holds a token that the row no longer bears may not write: ask `holds_job` inside the transaction that writes.
The clock is the database's. Locks are taken in one order everywhere, so that no two acts wait for each other
crosswise: the shard of placing, then the subject's row, then its jobs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)

from articles.models import Article, Job

# A job whose worker died this many times over it is set aside where an admin sees it.
KILLS_TO_QUARANTINE = 3
# After one death the work is shared out in small portions, after two it goes alone: one poison row is found
# without condemning those that were claimed beside it.
SUSPECT_PORTION = 20
# More than this is not counted: whoever asks only wants to know whether to wake somebody.
COUNTED_UP_TO = 1000

# PostgreSQL's codes for what ends one statement while the server is well: a limit on time, a lock, a deadlock.
ENDS_ONE_STATEMENT = frozenset({"57014", "55P03", "40P01", "40001"})

# (subject, shard, batch, order_at): the last three give the order of placing; `order_at` also that of what fell due together.
NewJob = tuple[int, str, int, datetime | None]

_DUE = "j.state = 'waiting' AND j.kind = %s AND j.not_before <= statement_timestamp()"
_UNHELD = "(j.lease_until IS NULL OR j.lease_until < statement_timestamp())"
_FREE = f"{_DUE} AND {_UNHELD}"
_WAITED = "extract(epoch FROM statement_timestamp() - j.created_at)::float8"
_RETURNED = f"j.id, j.subject_id, j.shard, j.batch, j.attempts, j.tries, {_WAITED}"
_LEVELS = ("j.attempts = 0", "j.attempts = 1", "j.attempts > 1")
_SET_ASIDE = {
    Job.Kind.READ: "Three workers died while they read it",
    Job.Kind.PLACE: "Three workers died while they looked for its event",
    Job.Kind.LOOK: "Three workers died while they looked whether it changed",
    Job.Kind.LINK: "Three workers died while they linked its names anew",
    Job.Kind.DIGEST: "Three workers died while they summed it up",
}
# Kinds that bring an article to its readers: it shows itself what it waits for.
STAGE_KINDS = frozenset({Job.Kind.READ, Job.Kind.PLACE})
# How many times a portion is looked through to fill it fairly, and how many times that for who stands further behind.
WINDOW, WIDER = 50, 20
# Of the oldest that are free, each publisher's first few; further conditions are put in by `claim_fairly`.
_FAIR = """AND j.id IN (
    SELECT id FROM (
        SELECT w.id, {is_counted} AS is_counted,
               row_number() OVER (PARTITION BY a.publisher_id, {is_counted} ORDER BY w.not_before, w.order_at, w.id) AS place
        FROM (SELECT j.id, j.subject_id, j.not_before, j.order_at FROM articles_job j
              WHERE {free} ORDER BY j.not_before, j.order_at, j.id LIMIT %s) w
        LEFT JOIN articles_article a ON a.id = w.subject_id
        WHERE a.publisher_id IS NULL OR a.publisher_id <> ALL(%s)
    ) ranked WHERE place <= %s OR is_counted IS NOT TRUE)"""
# Kinds whose subject is an article; a look finds it with its readers already, and so does linking it anew.
ARTICLE_KINDS = STAGE_KINDS | {Job.Kind.LOOK, Job.Kind.LINK}


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that this worker may do until the lease runs out. `attempts` counts this claim, `tries` earlier failures.

    `waited_seconds`: since it was asked for, or asked for anew.
    """

    id: int
    subject_id: int
    shard: str
    batch: int
    attempts: int
    tries: int
    waited_seconds: float


def is_outage(error: BaseException) -> bool:
    """Whether the database itself is in trouble: then the whole batch waits. Otherwise it is about one subject."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.__cause__, "sqlstate", None) not in ENDS_ONE_STATEMENT


def add_jobs(kind: Job.Kind, rows: Iterable[NewJob], *, seconds: float = 0.0) -> None:
    """Have this step done for these subjects, due in `seconds`; one statement, inside any transaction.

    A subject has one job of a kind: whatever state it is in, it is opened anew. A worker that does it at this moment
    loses its lease, for it works on what was before.
    """
    by_subject = {row[0]: row for row in rows}
    if not by_subject:
        return
    # Sorted by the unique key: two bulk writes never wait for each other crosswise.
    ordered = [by_subject[subject_id] for subject_id in sorted(by_subject)]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_job AS j (kind, subject_id, state, shard, batch, order_at, not_before, attempts, tries,
                                              message, created_at)
               SELECT %s, n.subject_id, 'waiting', n.shard, n.batch, n.order_at,
                      statement_timestamp() + make_interval(secs => %s), 0, 0, '', statement_timestamp()
               FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
                    AS n(subject_id, shard, batch, order_at)
               ORDER BY n.subject_id
               ON CONFLICT (kind, subject_id) DO UPDATE SET state = 'waiting', shard = excluded.shard,
                   batch = excluded.batch, order_at = excluded.order_at, not_before = excluded.not_before,
                   lease_until = NULL, lease_token = NULL, attempts = 0, tries = 0, message = '', finished_at = NULL,
                   created_at = CASE j.state WHEN 'waiting' THEN j.created_at ELSE excluded.created_at END""",
            [str(kind), seconds, *(list(column) for column in zip(*ordered, strict=True))],
        )


def add_jobs_within(kind: Job.Kind, subject_ids: Iterable[int], seconds: float, *, batch: int = 0) -> None:
    """Have this step done for these subjects in `seconds` at the latest; one statement, inside any transaction.

    What waits already keeps its time: however often it is asked for, it is done once, and not put off for ever; of two
    askings the lower `batch` holds. A worker that does it at this moment loses its lease, for it works on what was before.
    """
    ordered = sorted(set(subject_ids))
    if not ordered:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_job AS j (kind, subject_id, state, shard, batch, not_before, attempts, tries, message,
                                              created_at)
               SELECT %s, n.subject_id, 'waiting', '', %s, statement_timestamp() + make_interval(secs => %s), 0, 0, '',
                      statement_timestamp()
               FROM unnest(%s::bigint[]) AS n(subject_id) ORDER BY n.subject_id
               ON CONFLICT (kind, subject_id) DO UPDATE SET state = 'waiting',
                   not_before = CASE WHEN j.state = 'waiting' AND j.lease_token IS NULL
                                     THEN least(j.not_before, excluded.not_before) ELSE excluded.not_before END,
                   batch = CASE j.state WHEN 'waiting' THEN least(j.batch, excluded.batch) ELSE excluded.batch END,
                   lease_until = NULL, lease_token = NULL, attempts = 0, tries = 0, message = '', finished_at = NULL,
                   created_at = CASE j.state WHEN 'waiting' THEN j.created_at ELSE excluded.created_at END""",
            [str(kind), batch, seconds, ordered],
        )


def claim_jobs(  # noqa: PLR0913 - who claims, how much, for how long, among whom
    kind: Job.Kind,
    limit: int,
    lease_seconds: float,
    *,
    among: str = "",
    values: Sequence[Any] = (),
    token: uuid.UUID | None = None,
) -> tuple[uuid.UUID, list[ClaimedJob]]:
    """Claim up to `limit` due jobs of a kind, longest due first; none when nothing is due. `token` adds to a claim.

    What fell due together comes in the order of `order_at`.

    `among` is a further condition in SQL on `j` (with its `values`) in which `{free}` stands for the condition on
    the jobs that may be claimed now.
    """
    _set_aside(kind)
    token = token or uuid.uuid4()
    for level, most in _levels_from(_first_level(kind)):
        free = f"{_FREE} AND {level}"
        chosen = among.format(free=free)
        with connection.cursor() as cursor:
            # Looked for once: as a mere part of the join it may be run again for each row, and claims one more each time.
            cursor.execute(
                f"""WITH due AS MATERIALIZED (
                        SELECT j.id FROM articles_job j WHERE {free} {chosen}
                        ORDER BY j.not_before, j.order_at, j.id LIMIT %s FOR UPDATE SKIP LOCKED
                    )
                    UPDATE articles_job j SET lease_until = statement_timestamp() + make_interval(secs => %s),
                        lease_token = %s, attempts = j.attempts + 1
                    FROM due WHERE j.id = due.id RETURNING {_RETURNED}""",  # noqa: S608 - conditions of ours
                [
                    str(kind),
                    *([str(kind)] * among.count("{free}")),
                    *values,
                    min(most, limit),
                    lease_seconds,
                    token,
                ],
            )
            rows = cursor.fetchall()
        if rows:
            return token, [ClaimedJob(*row) for row in sorted(rows, key=lambda row: row[1])]
    return token, []


def claim_fairly(
    kind: Job.Kind, limit: int, lease_seconds: float, *, a_publisher: int, is_counted: str
) -> tuple[uuid.UUID, list[ClaimedJob]]:
    """Claim due jobs about articles, longest due first, of each publisher at most `a_publisher`.

    `is_counted` says in SQL on the article `a` which of them that limit is for. Only the oldest that are due are ranked;
    when one publisher fills them all and leaves the portion unfilled, the others are looked for much further behind.
    """
    among = _FAIR.format(free="{free}", is_counted=is_counted)
    token, jobs = claim_jobs(
        kind, limit, lease_seconds, among=among, values=[limit * WINDOW, [], a_publisher]
    )
    if not jobs or len(jobs) == limit:
        return token, jobs
    of = Article.objects.filter(pk__in=[job.subject_id for job in jobs])
    values = [limit * WINDOW * WIDER, sorted(set(of.values_list("publisher_id", flat=True))), a_publisher]
    _, more = claim_jobs(kind, limit - len(jobs), lease_seconds, among=among, values=values, token=token)
    return token, [*jobs, *more]


def claim_in_order(
    kind: Job.Kind, shard: str, limit: int, lease_seconds: float
) -> tuple[uuid.UUID, list[ClaimedJob]]:
    """Claim the next due jobs of a shard in the order (batch, order_at, subject); the answer is in that order.

    Call it only while this process has the shard's turn (an advisory lock): nobody else works on the shard then, so
    that a lease that still runs is a dead worker's and its job is taken over at once, in its place in the order.
    """
    _set_aside(kind, shard)
    token = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT j.id, j.attempts FROM articles_job j WHERE {_DUE} AND j.shard = %s
                ORDER BY j.shard, j.batch, j.order_at, j.subject_id LIMIT %s FOR UPDATE""",  # noqa: S608
            [str(kind), shard, limit],
        )
        rows = cursor.fetchall()
        if not rows:
            return token, []
        level = min(rows[0][1], len(_LEVELS) - 1)
        most = (limit, SUSPECT_PORTION, 1)[level]
        ids = []
        for job_id, attempts in rows[:most]:
            if min(attempts, len(_LEVELS) - 1) != level:
                break
            ids.append(job_id)
        cursor.execute(
            f"""UPDATE articles_job j SET lease_until = statement_timestamp() + make_interval(secs => %s), lease_token = %s,
                    attempts = j.attempts + 1 WHERE j.id = ANY(%s) RETURNING {_RETURNED}""",  # noqa: S608
            [lease_seconds, token, ids],
        )
        claimed = {row[0]: ClaimedJob(*row) for row in cursor.fetchall()}
    return token, [claimed[job_id] for job_id in ids]


def due_shards(kind: Job.Kind) -> list[str]:
    """The shards of a kind in which something is due, held or not; those with the oldest wait first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT j.shard FROM articles_job j WHERE {_DUE} GROUP BY j.shard ORDER BY min(j.not_before), j.shard",  # noqa: S608
            [str(kind)],
        )
        return [shard for (shard,) in cursor.fetchall()]


def holds_job(token: uuid.UUID, job_id: int) -> bool:
    """Lock the job and say whether the token still rules it. Lock the subject's row before, the job after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM articles_job WHERE id = %s AND lease_token = %s AND state = 'waiting' FOR UPDATE",
            [job_id, token],
        )
        return cursor.fetchone() is not None


def finish_jobs(token: uuid.UUID, job_ids: Iterable[int], message: str = "") -> int:
    """These jobs are done; how many the token still ruled. `message` is what is worth telling of them."""
    return _close(token, job_ids, Job.State.DONE, message)


def fail_job(token: uuid.UUID, job_id: int, message: str) -> bool:
    """The job cannot be done: it waits for an admin, who reads why. False when the token rules it no longer."""
    return _close(token, [job_id], Job.State.FAILED, message) == 1


def put_off_job(token: uuid.UUID, job_id: int, seconds: float, message: str) -> bool:
    """A try failed and may succeed in `seconds`; `message` says why. False when the token rules the job no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_job SET lease_until = NULL, lease_token = NULL, attempts = 0, tries = tries + 1, message = %s,
                   not_before = statement_timestamp() + make_interval(secs => %s)
               WHERE id = %s AND lease_token = %s AND state = 'waiting'""",
            [message, seconds, job_id, token],
        )
        return bool(cursor.rowcount == 1)


def renew_jobs(token: uuid.UUID, next_by_id: Mapping[int, tuple[float | None, str]]) -> set[int]:
    """These jobs are done for this time: due again in so many seconds, or for good with None; each with a message.

    The answer are the jobs that the token still ruled. Whatever failed before is forgotten.
    """
    if not next_by_id:
        return set()
    ids = sorted(next_by_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH held AS MATERIALIZED (
                   SELECT id FROM articles_job WHERE id = ANY(%s) AND lease_token = %s AND state = 'waiting'
                   ORDER BY id FOR UPDATE
               )
               UPDATE articles_job j SET lease_until = NULL, lease_token = NULL, attempts = 0, tries = 0,
                   message = n.message,
                   state = CASE WHEN n.seconds IS NULL THEN 'done' ELSE 'waiting' END,
                   finished_at = CASE WHEN n.seconds IS NULL THEN statement_timestamp() END,
                   not_before = statement_timestamp() + make_interval(secs => coalesce(n.seconds, 0))
               FROM unnest(%s::bigint[], %s::float8[], %s::text[]) AS n(id, seconds, message), held
               WHERE j.id = n.id AND held.id = n.id RETURNING j.id""",
            [
                ids,
                token,
                ids,
                *(list(column) for column in zip(*(next_by_id[one] for one in ids), strict=True)),
            ],
        )
        return {job_id for (job_id,) in cursor.fetchall()}


def give_back_jobs(token: uuid.UUID, seconds_by_id: Mapping[int, float]) -> None:
    """Return claimed jobs undone, due again in so many seconds; neither an attempt nor a try is counted."""
    if not seconds_by_id:
        return
    ids = sorted(seconds_by_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_job j SET lease_until = NULL, lease_token = NULL, attempts = greatest(j.attempts - 1, 0),
                   not_before = statement_timestamp() + make_interval(secs => g.seconds)
               FROM unnest(%s::bigint[], %s::float8[]) AS g(id, seconds)
               WHERE j.id = g.id AND j.lease_token = %s AND j.state = 'waiting'""",
            [ids, [seconds_by_id[job_id] for job_id in ids], token],
        )


def drop_dead_connection() -> None:
    """Let the next query connect anew when the connection has died. Inside a transaction it is left alone."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


@contextmanager
def jobs_handed_back(token: uuid.UUID, job_ids: Iterable[int]) -> Iterator[None]:
    """A worker that is told to stop, or whose database went away, gives back at once what it has not finished."""
    try:
        yield
    except (SystemExit, OperationalError, InterfaceError, InternalError):
        # If the database does not answer yet, the leases run out by themselves.
        with suppress(DatabaseError, InterfaceError):
            drop_dead_connection()
            give_back_jobs(token, dict.fromkeys(job_ids, 0.0))
        raise


def retry_or_fail(token: uuid.UUID, job: ClaimedJob, retries: Sequence[float], message: str) -> None:
    """A try failed: it is tried again after the next of these seconds, and waits for an admin after the last."""
    if job.tries < len(retries):
        put_off_job(token, job.id, retries[job.tries], message)
    else:
        fail_job(token, job.id, message)


def count_due_jobs() -> dict[str, int]:
    """How many jobs of each kind wait for a worker now, each counted up to 1,000; every kind has its key."""
    # One part a kind, with the kind written out: asked for a kind that it does not know, the planner would read
    # the whole table for one that has nothing due.
    parts = [
        f"SELECT '{kind.value}', (SELECT count(*) FROM (SELECT 1 FROM articles_job j WHERE {_FREE} LIMIT %s) due)"  # noqa: S608
        for kind in Job.Kind
    ]
    values = [value for kind in Job.Kind for value in (kind.value, COUNTED_UP_TO)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return dict(cursor.fetchall())


def is_due(kind: Job.Kind) -> bool:
    """Whether a job of this kind waits for a worker now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM articles_job j WHERE {_FREE})", [str(kind)])  # noqa: S608
        return bool(cursor.fetchone()[0])


def _close(token: uuid.UUID, job_ids: Iterable[int], state: Job.State, message: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_job SET state = %s, message = %s, finished_at = statement_timestamp(), lease_until = NULL,
                   lease_token = NULL, attempts = 0
               WHERE id = ANY(%s) AND lease_token = %s AND state = 'waiting'""",
            [str(state), message, sorted(job_ids), token],
        )
        return int(cursor.rowcount)


def _first_level(kind: Job.Kind) -> int:
    """How suspect the job is that waits longest: neither fresh work nor suspects shall starve."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT j.attempts FROM articles_job j WHERE {_FREE} ORDER BY j.not_before, j.id LIMIT 1",  # noqa: S608
            [str(kind)],
        )
        row = cursor.fetchone()
    return min(row[0], len(_LEVELS) - 1) if row else 0


def _levels_from(first: int) -> list[tuple[str, int]]:
    levels = list(zip(_LEVELS, (1 << 30, SUSPECT_PORTION, 1), strict=True))
    return [levels[first], *levels[:first], *levels[first + 1 :]]


def _set_aside(kind: Job.Kind, shard: str | None = None) -> None:
    """Quarantine what killed its worker three times; in a shard whose turn we have, without waiting for the lease."""
    killed = f"{_DUE} AND j.attempts >= {KILLS_TO_QUARANTINE}"
    killed += f" AND {_UNHELD}" if shard is None else " AND j.shard = %s"
    values = [str(kind), *([] if shard is None else [shard])]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT j.id, j.subject_id FROM articles_job j WHERE {killed}", values)  # noqa: S608
        suspects = dict(cursor.fetchall())
    if not suspects:
        return
    message = (
        f"{_SET_ASIDE.get(kind, 'Three workers died over it')}: it is set aside until an admin retries it."
    )
    with transaction.atomic():
        if kind in ARTICLE_KINDS:  # locked first, as everywhere; whoever holds one now is not waited for
            locked = Article.objects.select_for_update(skip_locked=True).filter(pk__in=suspects.values())
            subjects = sorted(locked.order_by("pk").values_list("pk", flat=True))
        else:
            subjects = sorted(suspects.values())
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE articles_job SET state = 'quarantined', message = %s, finished_at = statement_timestamp(),
                        lease_until = NULL, lease_token = NULL
                    WHERE id IN (SELECT j.id FROM articles_job j WHERE {killed} AND j.subject_id = ANY(%s)
                                 ORDER BY j.id FOR UPDATE SKIP LOCKED)
                    RETURNING subject_id""",  # noqa: S608
                [message, *values, subjects],
            )
            gone = [subject_id for (subject_id,) in cursor.fetchall()]
        if kind in STAGE_KINDS:
            # An article that stands already, and whose page was only asked again, stays what it is.
            waiting = Article.objects.filter(pk__in=gone, stage__in=[Article.Stage.NEW, Article.Stage.LINKED])
            waiting.update(stage=Article.Stage.QUARANTINED, message=message)
