"""Acts: articles get their event, one transaction each, in the order of the stream."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, transaction

from articles.events.database import PostgresStore, forget_shard, load_stories, lock_shard
from articles.events.placement import Story, place
from articles.models import Article, Membership

logger = logging.getLogger(__name__)


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
            found = _place_one(story, timedelta(days=settings.EVENT_WINDOW_DAYS))
        except (OperationalError, InterfaceError, InternalError):
            # The database is in trouble, not this article: it keeps its turn.
            raise
        except Exception:
            # The stream must not stop at one article; its page says what happened and the log says where.
            logger.exception("article %s could not be placed in an event", story.key)
            _fail(story.key)
            continue
        if found is not None:
            placed.append(found)
    return placed


def _place_one(story: Story, window: timedelta) -> Placed | None:
    try:
        with transaction.atomic(durable=True):
            lock_shard(story.shard)
            return _place_locked(story, window)
    except BaseException:
        forget_shard(story.shard)
        raise


def _place_locked(story: Story, window: timedelta) -> Placed | None:
    seen_at = story.seen_at or story.published
    standing = Membership.objects.filter(article_id=story.key).first()
    if standing is None:
        store = PostgresStore(story.shard, seen_at, window)
        event_id, placement = place(story, store, window)
        return Placed(story.key, event_id, opened=placement.event_id is None)
    if not _is_revised(story.key, standing):
        return None
    if standing.decided_by:
        PostgresStore(story.shard, seen_at, window).refresh(standing.event_id)
        standing.save(update_fields=["placed_at"])
        return Placed(story.key, standing.event_id, opened=False)
    store = PostgresStore(story.shard, seen_at, window, standing)
    event_id, placement = place(story, store, window, counted=True)
    return Placed(story.key, event_id, opened=placement.event_id is None and event_id != standing.event_id)


def _is_revised(article_id: int, standing: Membership) -> bool:
    """Whether the article's text is younger than its place."""
    return Article.objects.filter(pk=article_id, revision__created_at__gt=standing.placed_at).exists()


def _fail(article_id: int) -> None:
    Article.objects.filter(pk=article_id).update(
        stage=Article.Stage.FAILED,
        message="It could not be placed in an event; the log of the text worker says why.",
    )
