"""Whoever writes several events takes them by their numbers: no two acts wait for each other in a circle."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from articles.editing.publishers import RECOUNT
from articles.events import suggesting
from articles.events.forgetting import forget_articles, lock_shards
from articles.events.storylines import Suggestion
from articles.ingest.merging import lock_pair
from articles.models import Article, Event, Membership
from newsdesk.sample.sources import remove_sample
from tests.articles.events.told import STREAM, store_article
from tests.workers import wait_until

ASK = "SELECT 1 FROM articles_event WHERE id = %s FOR NO KEY UPDATE NOWAIT"
WAITING = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE NOT granted AND pid <> pg_backend_pid() AND pg_stat_activity.datname = current_database()"""


def suggest(low: int, high: int, _articles: list[int]) -> None:
    """A link of the event with the higher number goes, of which the lower one is the other end."""
    suggesting._write(high, [], {low})


def suggest_anew(low: int, high: int, _articles: list[int]) -> None:
    suggesting._write(high, [Suggestion(low, high, 0.9, ())], set())


def forget(_low: int, _high: int, articles: list[int]) -> None:
    with transaction.atomic():
        lock_shards([])
        forget_articles(articles)


def merge(_low: int, _high: int, articles: list[int]) -> None:
    with transaction.atomic():
        assert len(lock_pair(*articles)) == 2


def tell_owner(_low: int, _high: int, articles: list[int]) -> None:
    publisher = Article.objects.get(pk=articles[0]).publisher_id
    Article.objects.filter(pk__in=articles).update(publisher=publisher)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RECOUNT, [publisher])
        assert cursor.rowcount == 2


def remove(_low: int, _high: int, _articles: list[int]) -> None:
    remove_sample()


@pytest.mark.parametrize("act", [suggest, suggest_anew, forget, merge, tell_owner, remove])
@pytest.mark.django_db(transaction=True)
def test_who_waits_for_an_event_holds_none_with_a_higher_number(
    act: Callable[[int, int, list[int]], None],
) -> None:
    first, second = (store_article(told) for told in STREAM[:2])
    made = [
        Event.objects.create(
            title=f"Event {n}",
            shard="en",
            first_at=first.published_at,
            last_at=first.published_at,
            article_count=1,
            owner_count=9,
            rule_version="trial",
            sample=act is remove,
        )
        for n in range(2)
    ]
    low, high = (event.pk for event in made)
    # Written last, the event with the lower number is the first that a scan of the table finds.
    Event.objects.filter(pk=low).update(title="Event of the lower number")
    Membership.objects.create(article=second, event_id=low, score=1.0, rule_version="trial")
    Membership.objects.create(article=first, event_id=high, score=1.0, rule_version="trial")
    stranger = connections.create_connection("default")
    stranger.settings_dict = connections["default"].settings_dict

    def run() -> None:
        try:
            act(low, high, [first.pk, second.pk])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        try:
            with stranger.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(ASK, [low])
                done = pool.submit(run)
                wait_until(lambda: _number(WAITING) > 0 or done.done(), "the act waits for the event")
                assert not done.done(), done.exception(0)
                cursor.execute(ASK, [high])  # refused, were it held by the act
                cursor.execute("COMMIT")
            done.result(240)
        finally:
            stranger.close()


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
