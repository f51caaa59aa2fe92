"""Acts on notices about sources: opened and closed as sources break and heal, and seen to by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from articles.errors import RefusedError
from articles.ingest.notices import (
    HEALED_SHOWN,
    NEWCOMER,
    Health,
    TellRules,
    healed_words,
    judge_health,
    moment,
)
from articles.ingest.schedule import in_words
from articles.jobs import add_jobs
from articles.models import Feed, Job, NetworkState, Notice

# What ends with the words that the source works again; the others are simply taken down.
TROUBLE: frozenset[str] = frozenset({"failing", "silent", "gone", "quarantined"})
# The desk shows a silence of the network at once; it becomes a notice, and a mail, when it lasts.
OFFLINE_TO_TELL = timedelta(minutes=5)
# How far back arrivals are looked at: daily sums outlive the details of fetches.
HISTORY = timedelta(days=90)

# Nearly all feeds are well, and none of these conditions holds for them: the usual answer has no row.
_TO_JUDGE = """
SELECT f.id, f.state, f.failures, f.error_weight, f.failing_since, f.last_new_at, f.created_at, f.last_message,
       f.proposed_url, f.identity, f.identity_by, f.identity_why, f.identity_since
FROM articles_feed f
WHERE f.id = ANY(%s) AND NOT f.sample AND (
    f.state IN ('gone', 'quarantined') OR f.proposed_url <> '' OR (f.identity <> 'guid' AND f.identity_by = ''
        AND f.identity_since - f.created_at >= make_interval(secs => %s))
    OR (f.failures > 0 AND f.failing_since < statement_timestamp() - make_interval(secs => %s))
    OR (f.failures = 0 AND coalesce(f.last_new_at, f.created_at) < statement_timestamp() - make_interval(secs => %s))
    OR EXISTS (SELECT 1 FROM articles_notice n WHERE n.feed_id = f.id AND n.closed_at IS NULL)
) ORDER BY f.id
"""
# Details of fetches, and the days of which only sums are left (at noon, for want of better).
_ARRIVALS = """
SELECT r.feed_id, r.at FROM articles_fetchrun r
WHERE r.feed_id = ANY(%(ids)s) AND r.new > 0 AND r.at > statement_timestamp() - make_interval(secs => %(back)s)
UNION ALL
SELECT d.feed_id, (d.day + time '12:00') AT TIME ZONE 'UTC' FROM articles_fetchday d
WHERE d.feed_id = ANY(%(ids)s) AND d.new > 0 AND d.day > (statement_timestamp() - make_interval(secs => %(back)s))::date
  AND NOT EXISTS (SELECT 1 FROM articles_fetchrun r WHERE r.feed_id = d.feed_id
                  AND r.at >= d.day::timestamp AT TIME ZONE 'UTC' AND r.at < (d.day + 1)::timestamp AT TIME ZONE 'UTC')
"""


@dataclass(frozen=True, slots=True)
class _Judged:
    """One source, the notices that stand, and what is to be told of it now."""

    feed_id: int
    works: bool
    standing: Mapping[str, Notice]
    told: Mapping[str, str]

    @property
    def over(self) -> list[Notice]:
        """What stands and does not hold any more; good news ends when something new is wrong."""
        is_trouble = bool(TROUBLE & set(self.told))
        return [
            notice
            for kind, notice in self.standing.items()
            if (is_trouble if kind == Notice.Kind.HEALED else kind not in self.told)
        ]


def note_feed_health(feed_ids: Collection[int]) -> None:
    """Open and close notices about these sources, by what their rows say; two small queries when all are well.

    While the fault is ours (no public source answers) nothing is judged. Sources of the sample are left out.
    """
    now = timezone.now()
    if _note_network(now) or not feed_ids:
        return
    judged = _judge(feed_ids, now)
    if not judged:
        return
    with transaction.atomic():
        _close([notice for feed in judged for notice in feed.over])
        for feed in judged:
            for kind, notice in feed.standing.items():
                if feed.told.get(kind, notice.words) != notice.words:
                    Notice.objects.filter(pk=notice.pk).update(words=feed.told[kind])
        _open(
            [
                (feed.feed_id, kind, words)
                for feed in judged
                for kind, words in feed.told.items()
                if kind not in feed.standing
            ]
        )
        _tell_healed(judged, now)


def sweep_notices() -> None:
    """Note what no fetch notes: sources set aside or paused, and good news that was shown long enough."""
    Notice.objects.filter(
        kind=Notice.Kind.HEALED, closed_at__isnull=True, at__lt=Now() - HEALED_SHOWN
    ).update(closed_at=Now())
    standing = Notice.objects.filter(closed_at__isnull=True, feed__isnull=False)
    stopped = Q(state__in=[Feed.State.GONE, Feed.State.QUARANTINED]) & ~Q(
        pk__in=standing.filter(kind__in=["gone", "quarantined"]).values("feed_id")
    )
    paused = Q(state=Feed.State.PAUSED, pk__in=standing.values("feed_id"))
    note_feed_health(list(Feed.objects.filter(stopped | paused, sample=False).values_list("pk", flat=True)))


def see_notice(by: str, notice_id: int) -> Notice:
    """A person has seen to it: it counts no more. Good news is taken down by that. Raises RefusedError."""
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None:
        raise RefusedError("This notice is not here any more. Reload the page.")
    _see(by, Q(pk=notice_id))
    return notice


def see_all_notices(by: str) -> int:
    """The same for all that stand; how many nobody had seen."""
    return _see(by, Q(closed_at__isnull=True))


def _see(by: str, which: Q) -> int:
    with transaction.atomic():
        seen = Notice.objects.filter(which, seen_at__isnull=True).update(seen_by=by, seen_at=Now())
        good = Notice.objects.filter(which, kind=Notice.Kind.HEALED, closed_at__isnull=True)
        good.update(closed_at=Now())
    return seen


def _note_network(now: datetime) -> bool:
    """Open or close the notice that no source answers; whether it is so now."""
    silent_since = (
        NetworkState.objects.filter(pk=1, silent_since__isnull=False)
        .values_list("silent_since", flat=True)
        .first()
    )
    if silent_since is not None:
        if now - silent_since >= OFFLINE_TO_TELL:
            words = (
                f"No public source has answered since {moment(silent_since)}: the fault is on our side."
                " Nothing is counted against any source, and all are tried again gently."
            )
            _open([(None, Notice.Kind.OFFLINE, words)])
        return True
    standing = Notice.objects.filter(kind=Notice.Kind.OFFLINE, closed_at__isnull=True).first()
    if standing is not None:
        with transaction.atomic():
            _close([standing])
            good = Notice.objects.filter(feed=None, kind=Notice.Kind.HEALED, closed_at__isnull=True)
            good.update(closed_at=Now())
            lasted = in_words((now - standing.at + OFFLINE_TO_TELL).total_seconds())
            words = f"Sources answer again, after about {lasted}. Nothing was counted against any of them."
            _open([(None, Notice.Kind.HEALED, words)], is_mailed=standing.mailed_at is not None)
    return False


def _judge(feed_ids: Collection[int], now: datetime) -> list[_Judged]:
    rules = TellRules(
        failing=timedelta(hours=settings.NOTICE_FAILING_HOURS),
        silent=timedelta(hours=settings.NOTICE_SILENT_HOURS),
    )
    spans = [span.total_seconds() for span in (NEWCOMER, rules.failing, rules.silent)]
    with connection.cursor() as cursor:
        cursor.execute(_TO_JUDGE, [sorted(feed_ids), *spans])
        rows = {feed_id: Health(*columns) for feed_id, *columns in cursor.fetchall()}
    if not rows:
        return []
    standing: dict[int, dict[str, Notice]] = defaultdict(dict)
    for notice in Notice.objects.filter(feed_id__in=rows, closed_at__isnull=True):
        standing[notice.feed_id or 0][notice.kind] = notice
    arrivals = _arrivals(
        [
            feed_id
            for feed_id, health in rows.items()
            if not health.failures
            and "silent" not in standing[feed_id]
            and now - (health.last_new_at or health.created_at) >= rules.silent
        ]
    )
    judged = []
    for feed_id, row in rows.items():
        silent = standing[feed_id].get(Notice.Kind.SILENT)
        health = replace(
            row,
            arrivals=tuple(arrivals[feed_id]),
            told_silence=(silent.at, silent.words) if silent else None,
        )
        works = health.state == Feed.State.ACTIVE and not health.failures
        told = {str(kind): words for kind, words in judge_health(health, rules, now).items()}
        judged.append(_Judged(feed_id, works, standing[feed_id], told))
    return judged


def _arrivals(feed_ids: Sequence[int]) -> Mapping[int, list[datetime]]:
    """When these feeds brought something new, as far back as is looked."""
    found: dict[int, list[datetime]] = defaultdict(list)
    if feed_ids:
        with connection.cursor() as cursor:
            cursor.execute(_ARRIVALS, {"ids": list(feed_ids), "back": HISTORY.total_seconds()})
            for feed_id, at in cursor.fetchall():
                found[feed_id].append(at)
    return found


def _tell_healed(judged: Sequence[_Judged], now: datetime) -> None:
    """Say of sources whose trouble ended that they work again; by mail only to whoever was mailed the trouble."""
    for was_mailed in (False, True):
        fresh = []
        for feed in judged:
            ended = [notice for notice in feed.over if notice.kind in TROUBLE]
            if not ended or not feed.works or TROUBLE & set(feed.told):
                continue
            if any(notice.mailed_at is not None for notice in ended) == was_mailed:
                since = min(notice.at for notice in ended)
                words = healed_words([notice.kind for notice in ended], since, now)
                fresh.append((feed.feed_id, Notice.Kind.HEALED, words))
        _open(fresh, is_mailed=was_mailed)


def _close(notices: Sequence[Notice]) -> None:
    ids = sorted(notice.pk for notice in notices)
    if ids:
        Notice.objects.filter(pk__in=ids, closed_at__isnull=True).update(closed_at=Now())


def _open(notices: Sequence[tuple[int | None, str, str]], *, is_mailed: bool = True) -> None:
    """New notices (feed, kind, words) and their mail; one that stands already, also by another worker's hand, stays."""
    if not notices:
        return
    # Sorted by the unique key: two workers never wait for each other crosswise.
    ordered = sorted(notices, key=lambda notice: (notice[0] or 0, notice[1]))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO articles_notice (feed_id, kind, words, at, seen_by)
                   SELECT n.feed_id, n.kind, n.words, statement_timestamp(), ''
                   FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(feed_id, kind, words)
                   ON CONFLICT DO NOTHING RETURNING id""",
                [list(column) for column in zip(*ordered, strict=True)],
            )
            ids = [notice_id for (notice_id,) in cursor.fetchall()]
        if is_mailed and settings.EMAIL_URL:
            add_jobs(
                Job.Kind.MAIL,
                [(notice_id, "", 0, None) for notice_id in ids],
                seconds=settings.NOTICE_MAIL_MINUTES * 60,
            )
