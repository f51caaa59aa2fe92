"""Acts: articles get their event, one transaction each, in the order of the stream."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import OperationalError, transaction

from articles.events.database import PostgresStore, forget_shard, lock_shard
from articles.events.digesting import ask_for_digests
from articles.events.features import shard_of
from articles.events.placement import Story, place
from articles.events.stories import load_stories
from articles.jobs import (
    ClaimedJob,
    NewJob,
    add_jobs,
    fail_job,
    finish_jobs,
    holds_job,
    is_outage,
    put_off_job,
)
from articles.models import Article, Job, Membership

logger = logging.getLogger(__name__)

FAILED = "It could not be placed in an event; the log of the worker that places says why."
LONGEST_MESSAGE = 500
# A placement that lost a lock or took too long is tried again so often, that much later.
TRIES_FOR_A_LOCK = 3
SECONDS_FOR_A_LOCK = 30.0
# When an article was placed that is to be placed anew.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article came to be; `opened` when its event is a new one."""

    article_id: int
    event_id: int
    opened: bool


def place_articles(article_ids: Iterable[int]) -> list[Placed]:
    """Place articles in their events, by (batch, published, id); returns what was written.

    Placed articles are left alone, unless their text was revised since: then a machine's decision is taken anew
    and a person's stands. One article that cannot be placed fails alone; trouble with the database is raised, and
    what was placed until then stays placed.
    """
    placed = []
    ids = list(article_ids)
    for story in load_stories(ids):
        try:
            found = _place_one(story, _window())
        except Exception as error:
            if is_outage(error):
                raise  # the database is in trouble, not this article: it keeps its turn
            # The stream must not stop at one article; its page says what happened and the log says where.
            logger.exception("article %s could not be placed in an event", story.key)
            _mark_failed(story.key, FAILED)
            continue
        if found is not None:
            placed.append(found)
    return placed


def place_again(article_ids: Iterable[int]) -> None:
    """Have placed articles placed anew by whoever works on their shard next, in the caller's transaction.

    An article that waits for its first event is left alone: it is placed by what holds then.
    """
    placed = Membership.objects.filter(article_id__in=list(article_ids))
    articles = Article.objects.filter(membership__in=placed).order_by("id")
    rows: list[NewJob] = [
        (pk, shard_of(language), batch, published)
        for pk, language, batch, published in articles.values_list("id", "language", "batch", "published_at")
    ]
    placed.update(placed_at=NEVER)
    add_jobs(Job.Kind.PLACE, rows)


def place_claimed(token: uuid.UUID, jobs: Sequence[ClaimedJob], is_time_up: Callable[[], bool]) -> int:
    """Place the articles of claimed jobs, in this order, and finish each job with its placement; how many were done.

    Stops between two articles when the time is up. Trouble with the database is raised, and what was placed until
    then stays placed; an article that cannot be placed fails alone, and the stream goes on.
    """
    stories = {story.key: story for story in load_stories([job.subject_id for job in jobs])}
    for done, job in enumerate(jobs):
        if is_time_up():
            return done
        story = stories.get(job.subject_id)
        if story is None:
            finish_jobs(token, [job.id], "The article is gone.")
            continue
        try:
            _place_one(story, _window(), partial(_is_still_to_place, token, job))
        except Exception as error:
            if is_outage(error):
                raise
            logger.exception("article %s could not be placed in an event", story.key)
            words = f"{FAILED} ({type(error).__name__}: {error})"[:LONGEST_MESSAGE]
            if isinstance(error, OperationalError) and job.tries < TRIES_FOR_A_LOCK:
                put_off_job(token, job.id, SECONDS_FOR_A_LOCK, words)  # a lock or a limit on time, so far
            else:
                _fail_claimed(token, job, words)
    return len(jobs)


def _window() -> timedelta:
    return timedelta(days=settings.EVENT_WINDOW_DAYS)


def _place_one(
    story: Story, window: timedelta, is_still_to_place: Callable[[], bool] = lambda: True
) -> Placed | None:
    """One placement in one transaction; `is_still_to_place` is asked in it, under the shard's lock."""
    try:
        with transaction.atomic(durable=True):
            lock_shard(story.shard)
            return _place_locked(story, window) if is_still_to_place() else None
    except BaseException:
        forget_shard(story.shard)
        raise


def _is_still_to_place(token: uuid.UUID, job: ClaimedJob) -> bool:
    """Take the job out of the queue with the placement, in its transaction; False when it is not ours to place."""
    article = Article.objects.select_for_update().filter(pk=job.subject_id).only("stage").first()
    if article is None or not holds_job(token, job.id):
        return False
    if article.stage == Article.Stage.NEW:  # its text changed: whoever has read the new one asks again
        finish_jobs(token, [job.id], "Its text is read anew first.")
        return False
    article.stage = Article.Stage.DONE
    article.save(update_fields=["stage"])
    finish_jobs(token, [job.id])
    return True


def _place_locked(story: Story, window: timedelta) -> Placed | None:
    seen_at = story.seen_at or story.published
    standing = Membership.objects.filter(article_id=story.key).first()
    if standing is None:
        store = PostgresStore(story.shard, seen_at, window)
        event_id, placement = place(story, store, window)
        ask_for_digests([event_id])
        return Placed(story.key, event_id, opened=placement.event_id is None)
    if not _is_to_place_anew(story.key, standing):
        return None
    store = PostgresStore(story.shard, seen_at, window, standing)
    event_id, placement = place(story, store, window, counted=True)
    ask_for_digests({event_id, standing.event_id})
    return Placed(story.key, event_id, opened=placement.event_id is None and event_id != standing.event_id)


def _is_to_place_anew(article_id: int, standing: Membership) -> bool:
    """Whether the article's text is younger than its place, or somebody asked for it."""
    if standing.placed_at == NEVER:
        return True
    return Article.objects.filter(pk=article_id, revision__created_at__gt=standing.placed_at).exists()


def _mark_failed(article_id: int, message: str) -> None:
    Article.objects.filter(pk=article_id).update(stage=Article.Stage.FAILED, message=message)


def _fail_claimed(token: uuid.UUID, job: ClaimedJob, message: str) -> None:
    with transaction.atomic():
        Article.objects.select_for_update().filter(pk=job.subject_id).only("pk").first()
        if holds_job(token, job.id):
            _mark_failed(job.subject_id, message)
            fail_job(token, job.id, message)
