"""Placing happens in the process of its queue, whichever queue a wake-up came by."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from articles.models import Article, Job
from articles.tasks import PLACE_QUEUE, place_articles, read_articles
from tests.articles.events.told import STREAM, store_article


def waiting(settings: Any) -> int:
    """Messages in the queue of placing."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        count = int(broker.llen(PLACE_QUEUE))
        broker.delete(PLACE_QUEUE)
        return count


def article_to_place() -> Article:
    article = store_article(STREAM[0])
    Job.objects.create(kind="place", subject_id=article.pk, shard="en", not_before=article.fetched_at)
    Article.objects.update(stage="linked")
    return article


@pytest.mark.django_db
def test_a_wakeup_of_before_there_was_a_queue_for_it_is_passed_on_and_not_worked(settings: Any) -> None:
    article = article_to_place()
    waiting(settings)
    place_articles.apply(routing_key="text")
    assert waiting(settings) == 1
    assert not Article.objects.filter(membership__isnull=False).exists()
    place_articles.apply(routing_key=PLACE_QUEUE)
    assert waiting(settings) == 0, "nor does it go round"
    assert Article.objects.get(membership__isnull=False) == article


@pytest.mark.django_db
def test_who_has_read_articles_wakes_the_one_that_places_and_places_nothing_itself(settings: Any) -> None:
    article = article_to_place()
    Article.objects.update(stage="new")
    Job.objects.update(kind="read")
    waiting(settings)
    read_articles()
    assert Article.objects.get(pk=article.pk).stage == "linked"
    assert waiting(settings) == 1
    assert Job.objects.get(kind="place").state == "waiting"
