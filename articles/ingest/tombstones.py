"""Acts on tombstones: an entry whose article was dropped for its age does not come back while its feed lists it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import connection, transaction

from articles.models import Sighting, Tombstone

# A feed that has brought other news so long after it last listed an entry lists it no more.
LISTED_NO_MORE = timedelta(days=90)
# Each poll meets the same old entries: that they are still listed is written no more often than this.
_NOTED_EVERY = timedelta(days=1)

# One look into the unique index and one into that of addresses for each entry, however many stones a feed has.
_FIND = """
SELECT n.feed_id, n.guid, n.url, t.id, t.seen_at < statement_timestamp() - make_interval(secs => %s)
FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS n(feed_id, guid, url)
CROSS JOIN LATERAL (
    (SELECT id, seen_at FROM articles_tombstone WHERE feed_id = n.feed_id AND guid_sha256 = n.guid LIMIT 1)
    UNION ALL
    (SELECT id, seen_at FROM articles_tombstone WHERE feed_id = n.feed_id AND url_sha256 = n.url LIMIT 1)
) t
WHERE EXISTS (SELECT FROM articles_tombstone)
"""
_DROP = """
DELETE FROM articles_tombstone WHERE id IN (
    SELECT t.id FROM articles_feed f JOIN articles_tombstone t ON t.feed_id = f.id
    WHERE t.seen_at < f.last_new_at - make_interval(secs => %s) ORDER BY t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED)
"""

# feed, sha256 of the guid's key, sha256 of the address
ListedEntry = tuple[int, bytes, bytes]


def find_tombstones(entries: Iterable[ListedEntry]) -> set[ListedEntry]:
    """Those of the entries that must not come back, by their guid or their address; that they are listed is noted."""
    listed = sorted(set(entries))
    if not listed:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND, [_NOTED_EVERY.total_seconds(), *(list(column) for column in zip(*listed, strict=True))]
        )
        found = cursor.fetchall()
        stale = sorted({stone for _, _, _, stone, is_stale in found if is_stale})
        if stale:
            cursor.execute(
                """UPDATE articles_tombstone SET seen_at = statement_timestamp() WHERE id IN (
                       SELECT id FROM articles_tombstone WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED)""",
                [stale],
            )
    return {(feed_id, bytes(guid), bytes(url)) for feed_id, guid, url, _, _ in found}


def leave_tombstones(article_ids: Collection[int]) -> None:
    """One for each entry that brought these articles, before they are deleted."""
    Tombstone.objects.bulk_create(
        [
            Tombstone(feed_id=feed_id, guid_sha256=guid, url_sha256=url)
            for feed_id, guid, url in Sighting.objects.filter(article_id__in=article_ids)
            .order_by("feed_id", "guid_sha256")
            .values_list("feed_id", "guid_sha256", "article__url_sha256")
        ],
        ignore_conflicts=True,
    )


def drop_tombstones(limit: int) -> int:
    """Drop up to so many whose feed lists them no more; how many went.

    The feed tells by its news, not by the clock: one that is silent, paused or failing may still list the entry.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DROP, [LISTED_NO_MORE.total_seconds(), limit])
        return int(cursor.rowcount)
