"""Leases: each row has one worker, and a dead worker's rows come back."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles.ingest.canonical import url_sha256
from articles.ingest.claim import (
    SUSPECT_PORTION,
    claim_articles,
    claim_feeds,
    count_due,
    give_back,
    holds_lease,
)
from articles.models import Article, Feed, Publisher, Revision
from tests.articles.ingest.rows import make_feed

pytestmark = pytest.mark.django_db


def expire(*feeds: Feed) -> None:
    Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_it_claims_what_is_due_and_nothing_else() -> None:
    due = make_feed("Due")
    make_feed("Later", next_fetch_at=timezone.now() + timedelta(hours=1))
    make_feed("Paused", state="paused")
    _, claimed = claim_feeds(10, 90)
    assert [feed.id for feed in claimed] == [due.pk]


def test_a_claimed_row_is_not_claimed_again_before_its_lease_ends() -> None:
    feed = make_feed()
    token, _ = claim_feeds(10, 90)
    assert claim_feeds(10, 90)[1] == []
    expire(feed)
    second, again = claim_feeds(10, 90)
    assert [row.id for row in again] == [feed.pk]
    assert not holds_lease("articles_feed", feed.pk, token)
    assert holds_lease("articles_feed", feed.pk, second)


def test_giving_back_is_no_attempt() -> None:
    feed = make_feed()
    token, _ = claim_feeds(10, 90)
    give_back("articles_feed", token, {feed.pk: 30.0})
    feed.refresh_from_db()
    assert (feed.attempts, feed.lease_token) == (0, None)
    assert feed.next_fetch_at > timezone.now() + timedelta(seconds=20)


def test_giving_back_under_an_old_token_changes_nothing() -> None:
    feed = make_feed()
    old, _ = claim_feeds(10, 90)
    expire(feed)
    new, _ = claim_feeds(10, 90)
    give_back("articles_feed", old, {feed.pk: 3600.0})
    assert holds_lease("articles_feed", feed.pk, new)


def test_a_row_that_killed_its_worker_three_times_is_quarantined_and_its_neighbours_are_not() -> None:
    feeds = [make_feed(f"Paper {number}") for number in range(SUSPECT_PORTION + 5)]
    poison = feeds[3].pk
    finished: set[int] = set()
    for _ in range(100):
        token, claimed = claim_feeds(200, 90)
        if not claimed:
            break
        ids = {feed.id for feed in claimed}
        if poison in ids:  # the worker dies: nothing is given back, the leases run out
            Feed.objects.filter(lease_token=token).update(lease_until=timezone.now() - timedelta(seconds=1))
        else:
            finished |= ids
            Feed.objects.filter(lease_token=token).update(
                lease_until=None,
                lease_token=None,
                attempts=0,
                next_fetch_at=timezone.now() + timedelta(hours=1),
            )
    assert Feed.objects.get(pk=poison).state == "quarantined"
    assert finished == {feed.pk for feed in feeds} - {poison}


def make_waiting(publisher: str, count: int, *, needs_page: bool, sample: bool = False) -> None:
    feed = make_feed(publisher)
    for number in range(count):
        url = f"https://{publisher.lower()}.example/{number}"
        article = Article.objects.create(
            publisher=feed.publisher, url=url, url_sha256=url_sha256(url), title=url, published_at=timezone.now(),
            published_from="feed", fetched_at=timezone.now(), needs_page=needs_page, sample=sample,
            not_before=timezone.now() - timedelta(minutes=5),
        )  # fmt: skip
        article.revision = Revision.objects.create(
            article=article, number=1, title=url, text_sha256="", origin="feed"
        )
        article.save(update_fields=["revision"])


def test_a_portion_of_pages_is_shared_between_publishers() -> None:
    make_waiting("Big", 12, needs_page=True)
    make_waiting("Small", 2, needs_page=True)
    make_waiting("Whole", 6, needs_page=False)
    _, claimed = claim_articles(20, 90, pages_a_publisher=3)
    names = Counter(Publisher.objects.get(pk=article.publisher_id).name for article in claimed)
    assert names == {"Big": 3, "Small": 2, "Whole": 6}
    _, rest = claim_articles(20, 90, pages_a_publisher=3)
    assert len(rest) == 3, "the others have their turn in the next portion"


def test_the_samples_pages_come_all_at_once() -> None:
    make_waiting("Sample", 8, needs_page=True, sample=True)
    assert len(claim_articles(20, 90, pages_a_publisher=3)[1]) == 8


def test_what_waits_is_counted() -> None:
    make_feed("One")
    make_feed("Two")
    assert count_due() == {"feeds": 2, "articles": 0, "to_place": 0}


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_rows_without_doubling() -> None:
    for number in range(60):
        make_feed(f"Paper {number}")

    def work(_: int) -> list[int]:
        try:
            return [feed.id for _ in range(5) for feed in claim_feeds(4, 90)[1]]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [feed_id for ids in pool.map(work, range(4)) for feed_id in ids]
    assert len(claimed) == 60
    assert len(set(claimed)) == 60
