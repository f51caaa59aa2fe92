"""Acts on WebSub subscriptions: ask hubs, believe or refuse what they ask back, take what they push."""

from __future__ import annotations

import secrets as randomness
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from articles.errors import UnreadableSecretsError
from articles.ingest.addresses import BadUrlError, is_allowed_network, read_target
from articles.ingest.fetch import Deferred, fetch_many, stranger_hosts
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
from articles.jobs import add_jobs, claim_jobs, finish_jobs, give_back_jobs
from articles.models import Feed, Job, Push, Subscription
from articles.types import FetchFailure, FetchRequest

ASKED_AT_ONCE = 50
LEASE_SECONDS = 120
# Nobody waits for hubs: what would start later than this comes back in the next round.
BATCH_SECONDS = 10.0
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
                  AND j.state IN ('waiting', 'quarantined'))
ORDER BY f.id LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class _Ask:
    """One form to send. `asked_at` tells this asking from a later one; None for a farewell, whose answer is not kept."""

    job_id: int
    feed_id: int
    request: FetchRequest
    asked_at: datetime | None


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

    Each row says what was asked before the hub hears of it: it may ask back before it answers.
    """
    deadline = time.monotonic() + seconds
    done = 0
    while time.monotonic() < deadline - settings.FETCH_TOTAL_SECONDS or not done:
        token, jobs = claim_jobs(Job.Kind.SUBSCRIBE, ASKED_AT_ONCE, LEASE_SECONDS)
        if not jobs:
            break
        try:
            back = _send([ask for job in jobs for ask in _prepare(job.id, job.subject_id)])
        except SystemExit:  # a worker that is told to stop gives back at once what it has not finished
            give_back_jobs(token, dict.fromkeys([job.id for job in jobs], 0.0))
            raise
        finish_jobs(token, [job.id for job in jobs if job.id not in back])
        give_back_jobs(token, back)
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


def take_push(token: str, body: bytes, signature: str, content_type: str) -> Taken:
    """Keep what a hub sent until a worker stores it.

    "ignored": not signed by our hub, which is counted and never read; "busy": so much waits that the hub is to come
    again; "unknown": no such subscription stands.
    """
    row = Subscription.objects.filter(token=token).exclude(state__in=[State.ENDED, State.DENIED]).first()
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


def _prepare(job_id: int, feed_id: int) -> list[_Ask]:
    """Write down what is to be asked of which hub, and say it."""
    now = timezone.now()
    with transaction.atomic():
        feed = Feed.objects.filter(pk=feed_id).first()
        row = Subscription.objects.select_for_update().filter(pk=feed_id).first()
        if feed is None:
            return []
        lives = row is not None and row.state in {State.ASKED, State.ACTIVE}
        if not (websub_is_open() and feed.state == Feed.State.ACTIVE and not feed.sample and feed.hub_url):
            if row is None or not lives:
                return []
            Subscription.objects.filter(pk=feed_id).update(
                state=State.ENDED, lease_until=None, asked_at=now, message="No longer wanted here."
            )
            return [_farewell(job_id, row)]
        topic = feed.topic_url or feed.url
        asks = []
        if row is not None and (row.hub != feed.hub_url or row.topic != topic):
            # Another hub or topic is another subscription, with a token of its own; the old one is dropped.
            asks = [_farewell(job_id, row)] if lives else []
            row = None
        return [*asks, *_subscribe(job_id, feed, row, now)]


def _subscribe(job_id: int, feed: Feed, row: Subscription | None, now: datetime) -> list[_Ask]:
    topic = feed.topic_url or feed.url
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
        return []
    form = request_form("subscribe", callback=_callback(token), topic=topic, secret=secret)
    return [_Ask(job_id, feed.pk, FetchRequest(feed.hub_url, purpose="hub", form=form), now)]


def _farewell(job_id: int, row: Subscription) -> _Ask:
    form = request_form("unsubscribe", callback=_callback(row.token), topic=row.topic, secret="")
    return _Ask(job_id, row.pk, FetchRequest(row.hub, purpose="hub", form=form), None)


def _send(asks: Sequence[_Ask]) -> Mapping[int, float]:
    """Send the forms, politely; the jobs whose hub is busy, by the seconds after which they may come again."""
    policy = policy_from_settings(sample=False)
    policy = replace(policy, batch_seconds=min(policy.batch_seconds, BATCH_SECONDS))
    requests = [ask.request for ask in asks]
    turns = reserve_hosts(stranger_hosts(requests, policy), policy.batch_seconds + policy.total_seconds)
    try:
        answers = fetch_many(requests, policy, turns) if requests else []
    finally:
        release_hosts(turns, policy.host_pause_seconds)
    back: dict[int, float] = {}
    for ask, answer in zip(asks, answers, strict=True):
        if isinstance(answer, Deferred):
            back[ask.job_id] = max(answer.seconds, back.get(ask.job_id, 0.0))
        elif isinstance(answer, FetchFailure):
            _note_failure(ask, answer)
    return back


def _note_failure(ask: _Ask, failure: FetchFailure) -> None:
    """The hub did not take the request; unless it asked back meanwhile, which says more than a lost answer."""
    if ask.asked_at is None:
        return
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
