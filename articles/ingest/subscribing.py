"""Acts on WebSub subscriptions: ask hubs, believe or refuse what they ask back, take what they push."""

from __future__ import annotations

import logging
import secrets as randomness
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from articles.errors import UnreadableSecretsError
from articles.ingest.addresses import BadUrlError, is_allowed_network, read_target
from articles.ingest.fetch import Answer, Deferred, fetch_many, stranger_hosts
from articles.ingest.hosts import release_hosts, reserve_hosts
from articles.ingest.policy import policy_from_settings
from articles.ingest.secrets import seal, unseal
from articles.ingest.websub import (
    REFUSED_RETRY,
    Intent,
    can_be_called,
    is_signed,
    renew_at,
    request_form,
    retry_after,
)
from articles.jobs import (
    ClaimedJob,
    add_jobs,
    claim_jobs,
    drop_dead_connection,
    finish_jobs,
    give_back_jobs,
    is_outage,
    jobs_handed_back,
    retry_or_fail,
)
from articles.models import Feed, Job, Push, Subscription
from articles.types import FetchFailure, FetchRequest

logger = logging.getLogger(__name__)

ASKED_AT_ONCE = 50
LEASE_SECONDS = 120
# Nobody waits for hubs: what would start later than this comes back in the next round.
BATCH_SECONDS = 10.0
# What went wrong on our own side is tried again after these seconds; then it waits for an admin.
RETRIES = (60.0, 600.0, 3600.0, 21_600.0)
# A hub may verify long after it was asked, also when its first answer got lost.
PENDING = timedelta(days=1)
State = Subscription.State
Taken = Literal["unknown", "ignored", "busy", "taken"]

# Feeds whose subscription is not as it should be, and for which nobody has been sent yet. A feed that declares its
# hub no more is not torn away at once: one odd answer would. Its lease is just not renewed.
_TO_PLAN = """
SELECT f.id FROM articles_feed f LEFT JOIN articles_subscription s ON s.feed_id = f.id
WHERE CASE WHEN %(is_open)s AND f.state = 'active' AND NOT f.sample AND f.hub_url <> ''
      THEN s.feed_id IS NULL OR s.state = 'ended' OR s.hub <> f.hub_url OR s.renew_at <= statement_timestamp()
           OR s.topic <> coalesce(nullif(f.topic_url, ''), f.url)
      ELSE s.state IN ('asked', 'active')
           AND (NOT %(is_open)s OR f.state <> 'active' OR s.renew_at <= statement_timestamp()) END
  AND NOT EXISTS (SELECT 1 FROM articles_job j WHERE j.kind = 'subscribe' AND j.subject_id = f.id
                  AND j.state IN ('waiting', 'failed', 'quarantined'))
ORDER BY f.id LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class _Ask:
    """One form to send. `asked_at` tells this asking from a later one; what a hub says to a farewell is not kept.

    `before`: the columns as they were before the row said that this is asked; None when there was no row.
    """

    job: ClaimedJob
    feed_id: int
    request: FetchRequest
    asked_at: datetime
    is_farewell: bool = False
    before: Mapping[str, Any] | None = field(default=None, repr=False)


def websub_is_open() -> bool:
    """Whether hubs can push to this desk: they are wanted, and the desk has a public https address."""
    return settings.WEBSUB == "auto" and can_be_called(settings.SITE_URL)


def plan_subscriptions() -> int:
    """Have hubs asked where a subscription is missing, ends soon, or is no longer wanted; how many."""
    is_open = websub_is_open()
    if not is_open and not Subscription.objects.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TO_PLAN, {"is_open": is_open})
        feed_ids = [feed_id for (feed_id,) in cursor.fetchall()]
    add_jobs(Job.Kind.SUBSCRIBE, [(feed_id, "", 0, None) for feed_id in feed_ids])
    return len(feed_ids)


def ask_hubs(seconds: float) -> int:
    """Send what is due to hubs until nothing is or the time is up; how many feeds were seen to.

    Each row says what was asked before the hub hears of it: it may ask back before it answers. What was not sent is
    taken back, and comes again. Whoever goes to another hub first takes leave of the old one.
    """
    deadline = time.monotonic() + seconds
    done = 0
    while time.monotonic() < deadline - settings.FETCH_TOTAL_SECONDS or not done:
        token, jobs = claim_jobs(Job.Kind.SUBSCRIBE, ASKED_AT_ONCE, LEASE_SECONDS)
        if not jobs:
            break
        with jobs_handed_back(token, [job.id for job in jobs]):
            parted = _do_jobs(token, jobs)
            if parted:
                _do_jobs(token, parted)
        done += len(jobs)
    return done


def answer_intent(token: str, intent: Intent) -> bool:
    """What a hub asks by this token: True when we want it, and it is written down; False is a 404.

    That we are no longer subscribed is confirmed for tokens that nobody knows as well.
    """
    now = timezone.now()
    with transaction.atomic():
        row = (
            Subscription.objects.select_for_update(of=("self",))
            .select_related("feed")
            .filter(token=token, topic=intent.topic)
            .first()
        )
        if intent.mode == "unsubscribe":
            return row is None or row.state == State.ENDED
        if row is None:
            return False
        if intent.mode == "denied":
            message = f"The hub refuses: {intent.reason or 'it gives no reason'}."
            Subscription.objects.filter(pk=row.pk).update(
                state=State.DENIED, message=message, lease_until=None, renew_at=now + REFUSED_RETRY
            )
            return True
        is_pending = row.asked_at is not None and now - row.asked_at < PENDING
        is_wanted = (row.state in {State.ASKED, State.FAILED} and is_pending) or row.state == State.ACTIVE
        if not is_wanted or row.feed.state != Feed.State.ACTIVE:
            return False
        Subscription.objects.filter(pk=row.pk).update(
            state=State.ACTIVE,
            lease_until=now + intent.lease,
            renew_at=renew_at(now, intent.lease, token),
            verified_at=now,
            tries=0,
            message="",
        )
        return True


def is_push_awaited(token: str) -> bool:
    """Whether a subscription stands that was given this token: who has none is not listened to."""
    return _standing(token).exists()


def take_push(token: str, body: bytes, signature: str, content_type: str) -> Taken:
    """Keep what a hub sent until a worker stores it.

    "ignored": not signed by our hub, which is counted and never read; "busy": so much waits that the hub is to come
    again; "unknown": no such subscription stands.
    """
    row = _standing(token).first()
    if row is None:
        return "unknown"
    if not is_signed(signature, _secret_of(row), body):
        Subscription.objects.filter(pk=row.pk).update(refused=F("refused") + 1)
        return "ignored"
    if Push.objects.filter(feed_id=row.pk).count() >= settings.PUSHES_WAITING:
        return "busy"
    with transaction.atomic():
        push = Push.objects.create(feed_id=row.pk, body=body, content_type=content_type[:200])
        # The very moment at which its entries will count as seen: see `claim_feeds`, which asks whether the last news
        # came by push.
        Subscription.objects.filter(pk=row.pk).update(pushed_at=push.at, pushes=F("pushes") + 1)
        add_jobs(Job.Kind.PUSH, [(row.pk, "", 0, None)])
    return "taken"


def _standing(token: str) -> QuerySet[Subscription]:
    return Subscription.objects.filter(token=token).exclude(state__in=[State.ENDED, State.DENIED])


def _do_jobs(token: uuid.UUID, jobs: Sequence[ClaimedJob]) -> list[ClaimedJob]:
    """Ask for these feeds; the jobs that go on with another hub, for they only took leave of the one before."""
    asks: list[_Ask] = []
    for job in jobs:
        try:
            ask = _prepare(job)
        except Exception as error:
            if is_outage(error):
                raise
            _note_fault(token, job, error)
        else:
            if ask is None:
                finish_jobs(token, [job.id])
            else:
                asks.append(ask)
    try:
        answers = _send([ask.request for ask in asks])
    except BaseException as error:
        _undo(asks)
        if not isinstance(error, Exception) or is_outage(error):
            raise
        if len(asks) > 1:  # which of them broke it shows one by one
            return [job for ask in asks for job in _do_jobs(token, [ask.job])]
        _note_fault(token, asks[0].job, error)
        return []
    return [ask.job for ask, answer in zip(asks, answers, strict=True) if _is_only_parted(token, ask, answer)]


def _is_only_parted(token: uuid.UUID, ask: _Ask, answer: Answer) -> bool:
    """Close the job as its hub's answer demands, but for a farewell that was sent: its job may go on elsewhere."""
    try:
        if isinstance(answer, Deferred):
            _take_back(ask)
            give_back_jobs(token, {ask.job.id: answer.seconds})
            return False
        if isinstance(answer, FetchFailure) and not ask.is_farewell:
            _note_failure(ask, answer)
    except Exception as error:
        if is_outage(error):
            raise
        _note_fault(token, ask.job, error)
        return False
    if not ask.is_farewell:
        finish_jobs(token, [ask.job.id])
    return ask.is_farewell


def _note_fault(token: uuid.UUID, job: ClaimedJob, error: Exception) -> None:
    """One feed's trouble, which holds up no other."""
    logger.error("the hub of feed %s could not be asked", job.subject_id, exc_info=error)
    message = f"Its hub could not be asked ({type(error).__name__}); the log of the worker says more."
    retry_or_fail(token, job, RETRIES, message)


def _prepare(job: ClaimedJob) -> _Ask | None:
    """Write down what is to be asked of which hub, and say it; None when there is nothing to ask."""
    feed_id = job.subject_id
    now = timezone.now()
    with transaction.atomic():
        feed = Feed.objects.filter(pk=feed_id).first()
        row = Subscription.objects.select_for_update().filter(pk=feed_id).first()
        if feed is None:
            return None
        lives = row is not None and row.state in {State.ASKED, State.ACTIVE}
        if not (websub_is_open() and feed.state == Feed.State.ACTIVE and not feed.sample and feed.hub_url):
            return _farewell(job, row, now, "No longer wanted here.") if row is not None and lives else None
        if row is not None and lives and _is_another(row, feed):
            # The old one is dropped first; when that is sent, the job goes on with the new one.
            return _farewell(job, row, now, "Its feed names another hub or topic now.")
        return _subscribe(job, feed, row, now)


def _subscribe(job: ClaimedJob, feed: Feed, row: Subscription | None, now: datetime) -> _Ask | None:
    topic = feed.topic_url or feed.url
    old = row
    if row is not None and _is_another(row, feed):
        row = None
    secret = _secret_of(row) if row is not None else ""
    is_kept = row is not None and bool(secret) and row.state not in {State.ENDED, State.DENIED}
    token = row.token if row is not None and is_kept else randomness.token_urlsafe(32)
    secret = secret if is_kept else randomness.token_urlsafe(48)
    runs_on = row is not None and is_kept and _still_runs(row, now)
    tries = row.tries + 1 if row is not None and is_kept else 1
    fault = _fault_of(feed.hub_url)
    values = {
        "hub": feed.hub_url,
        "topic": topic,
        "token": token,
        "secret": seal({"secret": secret}),
        "state": State.FAILED if fault else State.ACTIVE if runs_on else State.ASKED,
        "lease_until": row.lease_until if row is not None and runs_on else None,
        "renew_at": now + (REFUSED_RETRY if fault else retry_after(tries)),
        "tries": tries,
        "asked_at": now,
        "message": fault or ("The hub took the last request, but never verified it." if tries > 1 else ""),
    }
    Subscription.objects.update_or_create(pk=feed.pk, defaults=values)
    if fault:
        return None
    form = request_form("subscribe", callback=_callback(token), topic=topic, secret=secret)
    request = FetchRequest(feed.hub_url, purpose="hub", form=form)
    return _Ask(job, feed.pk, request, now, before=_columns(old, values))


def _is_another(row: Subscription, feed: Feed) -> bool:
    """Another hub or topic is another subscription, with a token of its own."""
    return row.hub != feed.hub_url or row.topic != (feed.topic_url or feed.url)


def _farewell(job: ClaimedJob, row: Subscription, now: datetime, why: str) -> _Ask:
    form = request_form("unsubscribe", callback=_callback(row.token), topic=row.topic, secret="")
    values = {"state": State.ENDED, "lease_until": None, "asked_at": now, "message": why}
    before = _columns(row, values)
    Subscription.objects.filter(pk=row.pk).update(**values)
    request = FetchRequest(row.hub, purpose="hub", form=form)
    return _Ask(job, row.pk, request, now, is_farewell=True, before=before)


def _columns(row: Subscription | None, names: Iterable[str]) -> Mapping[str, Any] | None:
    return None if row is None else {name: getattr(row, name) for name in names}


def _take_back(ask: _Ask) -> None:
    """The hub has not heard of it: the row is what it was, and the next time counts as the first."""
    mine = Subscription.objects.filter(pk=ask.feed_id, asked_at=ask.asked_at)
    if ask.before is None:
        mine.delete()
    else:
        mine.update(**ask.before)


def _undo(asks: Sequence[_Ask]) -> None:
    # If the database does not answer, the rows stay as if it had been asked.
    with suppress(DatabaseError, InterfaceError):
        drop_dead_connection()
        for ask in asks:
            _take_back(ask)


def _send(requests: Sequence[FetchRequest]) -> Sequence[Answer]:
    """Send the forms, politely."""
    policy = policy_from_settings(sample=False)
    policy = replace(policy, batch_seconds=min(policy.batch_seconds, BATCH_SECONDS))
    turns = reserve_hosts(stranger_hosts(requests, policy), policy.batch_seconds + policy.total_seconds)
    try:
        return fetch_many(requests, policy, turns) if requests else []
    finally:
        release_hosts(turns, policy.host_pause_seconds)


def _note_failure(ask: _Ask, failure: FetchFailure) -> None:
    """The hub did not take the request; unless it asked back meanwhile, which says more than a lost answer."""
    mine = Subscription.objects.filter(pk=ask.feed_id, asked_at=ask.asked_at).exclude(
        verified_at__gte=ask.asked_at
    )
    mine.update(message=f"The hub did not take the request: {failure.message}")
    # A lease that still runs is not lost by a renewal that failed.
    mine.filter(state=State.ASKED).update(state=State.FAILED)


def _still_runs(row: Subscription, now: datetime) -> bool:
    return row.state == State.ACTIVE and row.lease_until is not None and row.lease_until > now


def _secret_of(row: Subscription) -> str:
    """The secret that signs, or nothing when it cannot be opened: the next renewal makes another."""
    try:
        return unseal(row.secret).get("secret", "")
    except UnreadableSecretsError:
        return ""


def _callback(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('push', args=[token])}"


def _fault_of(hub: str) -> str:
    """Why a hub is not used, in words; empty when it is. Over plain http everybody on the way could read our secret."""
    rules = policy_from_settings(sample=False).rules
    try:
        target = read_target(hub, rules)
    except BadUrlError as error:
        return f"The hub's address cannot be used: {error}."
    if target.scheme == "https" or is_allowed_network(target.address, rules):
        return ""
    return "The hub speaks plain http, over which no secret is sent: pushes could be forged."
