"""Tombstones: found by guid or address through indexes, remembered while they are listed, dropped afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from articles.ingest import tombstones
from articles.ingest.retention import tidy
from articles.ingest.tombstones import LISTED_NO_MORE, drop_tombstones, find_tombstones
from articles.models import Feed, Tombstone
from tests.articles.ingest.rows import make_feed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def sha(number: int) -> bytes:
    return number.to_bytes(32, "big")


def make_stone(feed: Feed, number: int, **columns: object) -> Tombstone:
    return Tombstone.objects.create(
        feed=feed, guid_sha256=sha(number), url_sha256=sha(number + 1000), **columns
    )


def test_an_entry_is_found_by_its_guid_or_its_address_in_its_own_feed_alone() -> None:
    feed, other = make_feed("One"), make_feed("Two")
    make_stone(feed, 1)
    by_guid, by_address = (feed.pk, sha(1), sha(7)), (feed.pk, sha(8), sha(1001))
    unknown, elsewhere = (feed.pk, sha(9), sha(1009)), (other.pk, sha(1), sha(1001))
    assert find_tombstones([by_guid, by_address, unknown, elsewhere]) == {by_guid, by_address}
    assert find_tombstones([]) == set()


def test_what_a_feed_still_lists_is_noted_once_a_day() -> None:
    feed = make_feed()
    stone, quiet = make_stone(feed, 1), make_stone(feed, 2)
    lately, long_ago = timezone.now() - timedelta(hours=20), timezone.now() - timedelta(days=80)
    Tombstone.objects.update(seen_at=long_ago)
    find_tombstones([(feed.pk, sha(1), sha(1001))])
    stone.refresh_from_db()
    quiet.refresh_from_db()
    assert stone.seen_at > lately
    assert quiet.seen_at == long_ago
    Tombstone.objects.update(seen_at=lately)
    find_tombstones([(feed.pk, sha(1), sha(1001))])
    stone.refresh_from_db()
    assert stone.seen_at == lately, "a poll a minute is no write a minute"


def test_a_stone_goes_when_its_feed_brought_news_long_after_it_last_listed_the_entry() -> None:
    lively, silent = make_feed("Lively"), make_feed("Silent")
    for feed in (lively, silent):
        make_stone(feed, 1, seen_at=NOW - timedelta(days=100))
        make_stone(feed, 2, seen_at=NOW)
    Feed.objects.filter(pk=lively.pk).update(last_new_at=NOW)
    # It may be listing its old entries still: nobody has seen another feed since.
    Feed.objects.filter(pk=silent.pk).update(last_new_at=NOW - timedelta(days=100) + LISTED_NO_MORE)
    assert tidy(600, now=NOW).gone["tombstones"] == 1
    left = {(stone.feed_id, bytes(stone.guid_sha256)) for stone in Tombstone.objects.all()}
    assert left == {(lively.pk, sha(2)), (silent.pk, sha(1)), (silent.pk, sha(2))}
    Feed.objects.update(last_new_at=F("last_new_at") + timedelta(days=200))
    assert drop_tombstones(2) == 2
    assert drop_tombstones(2) == 1


def test_the_look_at_each_poll_reads_no_more_with_ten_thousand_stones() -> None:
    feed = make_feed()
    Tombstone.objects.bulk_create(
        [Tombstone(feed=feed, guid_sha256=sha(n), url_sha256=sha(n + 100_000)) for n in range(10_000)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_tombstone")
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + tombstones._FIND,
            [86_400.0, [feed.pk] * 2, [sha(5), sha(70_000)], [sha(70_001), sha(100_009)]],
        )
        ((told,),) = cursor.fetchall()
    plan = told[0]["Plan"]
    assert plan["Actual Rows"] == 2
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 40, "pages of the indexes, not the table"
