"""Acts: who does which work. PostgreSQL hands out leases; a lease that ran out is claimed again.

The pattern (SKIP LOCKED, lease, fencing token, attempts counted in the row) is that of a job table: whoever
holds a token that the row no longer bears may not write. The clock is the database's: its
statement_timestamp(), which moves inside a transaction as well.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db import connection, transaction

# A row whose worker died this many times is set aside where an admin sees it.
KILLS_TO_QUARANTINE = 3
# After one death the work is shared out in small portions, after two it goes alone: one poison row is found
# without condemning those that were claimed beside it.
SUSPECT_PORTION = 20

# How many times a portion of articles is looked at to fill it fairly.
WINDOW = 50

Table = Literal["articles_feed", "articles_article"]


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed that this worker may fetch until the lease runs out."""

    id: int
    url: str
    host: str
    sample: bool
    etag: str
    last_modified: str
    body_sha256: str
    publisher_id: int
    title: str
    language: str
    failures: int
    interval_seconds: int

    @property
    def is_public(self) -> bool:
        """Whether its answer says that the internet can be reached: the sample's and a private network's do not."""
        name = urlsplit(f"//{self.host}").hostname or ""
        try:
            return not self.sample and ip_address(name).is_global
        except ValueError:
            return not self.sample and "." in name


@dataclass(frozen=True, slots=True)
class ClaimedArticle:
    """An article that this worker may read and link until the lease runs out."""

    id: int
    url: str
    sample: bool
    needs_page: bool
    page_tries: int
    revision_id: int
    language: str
    publisher_id: int


_DUE_FEED = "state = 'active' AND next_fetch_at <= statement_timestamp()"
_DUE_ARTICLE = "stage = 'new' AND not_before <= statement_timestamp()"
_FEED_COLUMNS = "id, url, host, sample, etag, last_modified, body_sha256, publisher_id, title, language, failures, interval_seconds"
_ARTICLE_COLUMNS = "id, url, sample, needs_page, page_tries, revision_id, language, publisher_id"

# Of the oldest `window` that are free, each publisher's first few pages; the sample's own server needs no mercy.
_FAIR = """AND id IN (
    SELECT id FROM (
        SELECT id, needs_page AND NOT sample AS is_strangers,
               row_number() OVER (PARTITION BY publisher_id, needs_page ORDER BY not_before, id) AS place
        FROM (SELECT id, publisher_id, needs_page, sample, not_before FROM articles_article
              WHERE {{free}} ORDER BY not_before, id LIMIT {window}) waiting
    ) ranked WHERE place <= {most} OR NOT is_strangers)"""


def claim_feeds(limit: int, lease_seconds: int) -> tuple[uuid.UUID, list[ClaimedFeed]]:
    """Claim up to `limit` due feeds, longest overdue first; none when nothing is due."""
    _quarantine("articles_feed", _DUE_FEED, "state")
    token, rows = _claim("articles_feed", _DUE_FEED, "next_fetch_at", _FEED_COLUMNS, limit, lease_seconds)
    return token, [ClaimedFeed(*row) for row in rows]


def claim_articles(
    limit: int, lease_seconds: int, *, pages_a_publisher: int
) -> tuple[uuid.UUID, list[ClaimedArticle]]:
    """Claim up to `limit` new articles whose time has come, oldest first; none when nothing waits.

    Of those whose page must be fetched at most `pages_a_publisher` of each publisher come: politeness allows no
    more of one host at a time, and the rest of the portion is better spent on others.
    """
    _quarantine("articles_article", _DUE_ARTICLE, "stage")
    among = _FAIR.format(window=limit * WINDOW, most=int(pages_a_publisher))
    token, rows = _claim(
        "articles_article", _DUE_ARTICLE, "not_before, id", _ARTICLE_COLUMNS, limit, lease_seconds, among
    )
    return token, [ClaimedArticle(*row) for row in rows]


def give_back(table: Table, token: uuid.UUID, seconds_by_id: Mapping[int, float]) -> None:
    """Return claimed rows undone, due again in so many seconds; it does not count as an attempt."""
    if not seconds_by_id:
        return
    due = "next_fetch_at" if table == "articles_feed" else "not_before"
    ids = sorted(seconds_by_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} t SET lease_until = NULL, lease_token = NULL, attempts = greatest(t.attempts - 1, 0),
                    {due} = statement_timestamp() + make_interval(secs => g.seconds)
                FROM unnest(%s::bigint[], %s::float8[]) AS g(id, seconds)
                WHERE t.id = g.id AND t.lease_token = %s""",  # noqa: S608 - names of ours
            [ids, [seconds_by_id[row_id] for row_id in ids], token],
        )


def holds_lease(table: Table, row_id: int, token: uuid.UUID) -> bool:
    """Lock the row and say whether the token still rules it. Call it inside the transaction that writes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE id = %s AND lease_token = %s FOR UPDATE",  # noqa: S608
            [row_id, token],
        )
        return cursor.fetchone() is not None


def count_due() -> dict[str, int]:
    """How many feeds are to fetch, articles to read and articles to place now (each counted up to 1,000)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT
              (SELECT count(*) FROM (SELECT 1 FROM articles_feed WHERE {_DUE_FEED}
                 AND (lease_until IS NULL OR lease_until < statement_timestamp()) LIMIT 1000) f),
              (SELECT count(*) FROM (SELECT 1 FROM articles_article WHERE {_DUE_ARTICLE}
                 AND (lease_until IS NULL OR lease_until < statement_timestamp()) LIMIT 1000) n),
              (SELECT count(*) FROM (SELECT 1 FROM articles_article WHERE stage = 'linked' LIMIT 1000) l)"""  # noqa: S608
        )
        feeds, articles, to_place = cursor.fetchone()
    return {"feeds": feeds, "articles": articles, "to_place": to_place}


def _claim(  # noqa: PLR0913, PLR0917 - the parts of one statement
    table: Table, due: str, order: str, columns: str, limit: int, lease_seconds: int, among: str = ""
) -> tuple[uuid.UUID, Sequence[tuple[Any, ...]]]:
    token = uuid.uuid4()
    returned = ", ".join(f"t.{name.strip()}" for name in columns.split(","))
    free = f"{due} AND (lease_until IS NULL OR lease_until < statement_timestamp())"
    for attempts, portion in (
        ("attempts = 0", limit),
        ("attempts = 1", min(limit, SUSPECT_PORTION)),
        ("attempts > 1", 1),
    ):
        # `among` only chooses; the outer condition is tested again on rows that another worker has just changed.
        chosen = among.format(free=f"{free} AND {attempts}")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE {table} t SET lease_until = statement_timestamp() + make_interval(secs => %s), lease_token = %s,
                        attempts = t.attempts + 1
                    FROM (SELECT id FROM {table} WHERE {free} AND {attempts} {chosen}
                          ORDER BY {order} LIMIT %s FOR UPDATE SKIP LOCKED) due
                    WHERE t.id = due.id RETURNING {returned}""",  # noqa: S608
                [lease_seconds, token, portion],
            )
            rows = cursor.fetchall()
        if rows:
            return token, sorted(rows, key=lambda row: row[0])
    return token, []


def _quarantine(table: Table, due: str, column: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET {column} = 'quarantined', lease_until = NULL, lease_token = NULL
                WHERE id IN (SELECT id FROM {table} WHERE {due} AND attempts >= %s AND lease_until < statement_timestamp()
                             ORDER BY id FOR UPDATE SKIP LOCKED)""",  # noqa: S608
            [KILLS_TO_QUARANTINE],
        )
