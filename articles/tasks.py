"""Doors for Celery: a wake-up comes in, one function of the pipeline runs. The work itself is in the database."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import current_app, shared_task
from celery.beat import PersistentScheduler
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import heartbeat_sent, task_received
from celery.utils.nodenames import gethostname
from celery.worker.state import active_requests, reserved_requests
from django.conf import settings
from django.utils import timezone

from articles import pipeline, wakeups
from articles.editing.mailing import mail_notices
from articles.editing.notices import sweep_notices
from articles.events.measuring import measure_due_events
from articles.hearing import Hearing, do_messages_wait
from articles.ingest.looking import plan_missed_looks
from articles.ingest.retention import tidy_up
from articles.ingest.subscribing import ask_hubs, plan_subscriptions
from articles.search.partitions import clean_pending_lists

logger = logging.getLogger(__name__)

# Soft ends inside Celery's hard limits (newsdesk.celery): a task gives back in time what it cannot finish.
FETCH_SECONDS = 60.0
TEXT_SECONDS = 240.0
LOOK_SECONDS = 60.0
LINK_SECONDS = 60.0
DIGEST_SECONDS = 60.0
TIDY_SECONDS = 3.0
PLACE_QUEUE = "place"
ERRAND_SECONDS = 20.0

# Of this process: the worker's main one.
_hearing = Hearing(time.monotonic())


@shared_task(name="poke")
def poke() -> None:
    """Beat's one tick: note that it beats, and wake whoever has work."""
    for name in wakeups.due_wakeups(settings.FETCH_BATCH):
        WAKE[name].apply_async(expires=settings.POKE_SECONDS * 6)
    # After the waking: whatever may go wrong here stops no work.
    sweep_notices()
    plan_subscriptions()


@shared_task(name="fetch_feeds")
def fetch_feeds() -> None:
    """Fetch due feeds, and wake the readers of what is new after each batch."""
    pipeline.ingest_due_feeds(FETCH_SECONDS, _wake_readers)


def _wake_readers() -> None:
    # The tick may wait behind this very task: readers would learn of the first batch a minute late.
    read_articles.apply_async(expires=settings.POKE_SECONDS * 6)


@shared_task(name="read_articles")
def read_articles() -> None:
    """Read and link new articles, and wake the one that places after each portion; then make up for a few older ones."""
    deadline = time.monotonic() + TEXT_SECONDS
    pipeline.read_new_articles(TEXT_SECONDS, _wake_placer)
    pipeline.embed_older_articles(deadline - time.monotonic())
    # So that searches need not walk through what came lately.
    clean_pending_lists()


def _wake_placer() -> None:
    place_articles.apply_async(expires=settings.POKE_SECONDS * 6)


@shared_task(name="place_articles", bind=True)
def place_articles(self: Any) -> None:
    """Place linked articles that nobody placed yet, in the process that keeps what they are compared with."""
    came_by = (self.request.delivery_info or {}).get("routing_key")
    if came_by is not None and came_by != PLACE_QUEUE:
        # A wake-up of a release that had no queue for it: this process reads texts and would keep all events beside.
        _wake_placer()
        return
    pipeline.place_linked_articles(TEXT_SECONDS)


@shared_task(name="digest_events")
def digest_events() -> None:
    """Sum up events whose articles have changed."""
    pipeline.digest_events(DIGEST_SECONDS)


@shared_task(name="link_again")
def link_again() -> None:
    """Link articles anew whose names, or rules for them, have changed."""
    pipeline.link_again(LINK_SECONDS)


@shared_task(name="look_again")
def look_again() -> None:
    """Look at pages of known articles whose time has come."""
    pipeline.look_again(LOOK_SECONDS)


@shared_task(name="tidy")
def tidy() -> None:
    """Drop a few portions of what is older than it is kept, and plan the looks that were missed."""
    plan_missed_looks()
    tidy_up(TIDY_SECONDS, now=timezone.now())


@shared_task(name="measure_events")
def measure_events() -> None:
    """Measure how hot the live events are and how they grow."""
    measure_due_events(settings.EVENT_MEASURE_MINUTES * 60, now=timezone.now())


@shared_task(name="errands")
def errands() -> None:
    """Store what hubs pushed and wake the readers of what is new, ask hubs, mail notices.

    Each is run even when one before it failed; the first failure is the task's.
    """
    with wakeups.errand_turn() as is_ours:
        if not is_ours:
            return
        faults: list[Exception] = []
        for errand in (_store_pushes, _ask_hubs, mail_notices):
            try:
                errand()
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:
                logger.exception("An errand failed: %s", errand.__name__)
                faults.append(error)
        if faults:
            raise faults[0]


def _store_pushes() -> None:
    if pipeline.store_pushed_feeds(ERRAND_SECONDS):
        read_articles.apply_async(expires=settings.POKE_SECONDS * 6)


def _ask_hubs() -> None:
    ask_hubs(ERRAND_SECONDS)


WAKE = {
    "fetch": fetch_feeds,
    "read": read_articles,
    "place": place_articles,
    "digest": digest_events,
    "link": link_again,
    "look": look_again,
    "tidy": tidy,
    "measure": measure_events,
    "errands": errands,
}


class NotedScheduler(PersistentScheduler):
    """Celery's own scheduler, which also leaves a heartbeat with each tick: a beat that hangs is seen on Health."""

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send what is due, and note that beat lives whether or not the broker took it.

        Nothing may be raised here: Celery has taken the entry from its timetable by then, and would end.
        """
        super().apply_entry(entry, producer)
        wakeups.note_life(["beat"], f"beat@{gethostname()}")


@heartbeat_sent.connect
def note_worker(sender: Any, **_: Any) -> None:
    """A worker's main process lives, whatever its children do: note it for each queue that it serves."""
    queues = sorted(current_app.amqp.queues.consume_from)
    wakeups.note_life(queues, sender.eventer.hostname)
    is_busy = bool(active_requests or reserved_requests)
    if _hearing.is_to_look(time.monotonic(), is_busy=is_busy) and do_messages_wait(queues):
        # Raised by the event loop itself, it makes the worker drop its links and connect anew.
        sender.timer.call_after(0, _reconnect)


@task_received.connect
def note_hearing(**_: Any) -> None:
    """The worker hears."""
    _hearing.note(time.monotonic())


def _reconnect() -> None:
    raise ConnectionError("messages wait, but this worker hears none of them: it connects anew")
