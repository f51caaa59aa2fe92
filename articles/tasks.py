"""Doors for Celery: a wake-up comes in, one function of the pipeline runs. The work itself is in the database."""

from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings

from articles import pipeline, wakeups

# Soft ends inside Celery's hard limits (newsdesk.celery): a task gives back in time what it cannot finish.
FETCH_SECONDS = 60.0
TEXT_SECONDS = 240.0


@shared_task(name="poke")
def poke() -> None:
    """Beat's one tick: note that it beats, and wake whoever has work."""
    for name in wakeups.due_wakeups(settings.FETCH_BATCH):
        WAKE[name].apply_async(expires=settings.POKE_SECONDS * 6)


@shared_task(name="fetch_feeds")
def fetch_feeds() -> None:
    """Fetch due feeds, then wake the readers of what is new."""
    if pipeline.ingest_due_feeds(FETCH_SECONDS):
        read_articles.apply_async(expires=settings.POKE_SECONDS * 6)


@shared_task(name="read_articles")
def read_articles() -> None:
    """Read and link new articles, then place them."""
    deadline = time.monotonic() + TEXT_SECONDS
    pipeline.read_new_articles(TEXT_SECONDS)
    # What is not placed in the time that is left is placed at the next poke.
    pipeline.place_linked_articles(deadline - time.monotonic())


@shared_task(name="place_articles")
def place_articles() -> None:
    """Place linked articles that nobody placed yet."""
    pipeline.place_linked_articles(TEXT_SECONDS)


WAKE = {"fetch": fetch_feeds, "read": read_articles, "place": place_articles}
