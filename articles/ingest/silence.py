"""Acts: when no public source answers, it is us: nothing is counted, the desk says so, and all is retried gently."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from articles.ingest.claim import ClaimedFeed
from articles.ingest.copying import copy_rows
from articles.ingest.schedule import OFFLINE_RETRY_SECONDS
from articles.models import NetworkState

# The longer the silence, the less often it is tried; at most this far apart.
MOST_RETRY_SECONDS = 900
# When the silence ends, what waited is spread over so long: not everything at once.
SPREAD_SECONDS = 120
_RUN_COLUMNS = (
    "feed_id", "at", "outcome", "message", "milliseconds", "answer", "skipped", "kind", "bytes", "entries", "new",
    "changed", "forced", "pushed",
)  # fmt: skip
_NOTHING = ("", 0, 0, 0, 0, False, False)
_AGAIN = "No public source answered: all are tried again gently."
_BACK = "The network is back: what waited is asked again, spread over two minutes."


def store_silence(feeds: Sequence[ClaimedFeed], token: uuid.UUID, message: str, *, now: datetime) -> None:
    """No public source answers: the feeds are tried again soon and nothing counts against them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_networkstate AS n (id, silent_since) VALUES (1, %s)
               ON CONFLICT (id) DO UPDATE SET silent_since = coalesce(n.silent_since, excluded.silent_since)
               RETURNING silent_since""",
            [now],
        )
        (since,) = cursor.fetchone()
        wait = min(MOST_RETRY_SECONDS, max(OFFLINE_RETRY_SECONDS, (now - since).total_seconds() / 4))
        cursor.execute(
            """UPDATE articles_feed SET lease_until = NULL, lease_token = NULL, attempts = 0,
                   last_fetch_at = %s, last_outcome = 'offline', last_message = %s, next_why = %s,
                   next_fetch_at = statement_timestamp() + make_interval(secs => %s * (0.8 + 0.4 * random()))
               WHERE id = ANY(%s) AND lease_token = %s RETURNING id""",
            [now, message, _AGAIN, wait, sorted(feed.id for feed in feeds), token],
        )
        # Told apart from failures, so that a source's page shows that it was asked, and why that says nothing of it.
        rows = [(feed_id, now, "offline", message, 0, "{}", "[]") for (feed_id,) in cursor.fetchall()]
        if rows:
            copy_rows("articles_fetchrun", _RUN_COLUMNS, [[*row, *_NOTHING] for row in rows])


def note_public_answer(*, now: datetime) -> None:
    """A public source answered: the silence, if there was one, is over, and whoever waited for that end is called."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_networkstate (id, answered_at) VALUES (1, %s)
               ON CONFLICT (id) DO UPDATE SET answered_at = excluded.answered_at, silent_since = NULL
               RETURNING old.silent_since IS NOT NULL""",
            [now],
        )
        (was_silent,) = cursor.fetchone()
        if was_silent:
            cursor.execute(
                """UPDATE articles_feed SET next_why = %s,
                       next_fetch_at = least(next_fetch_at, statement_timestamp() + make_interval(secs => %s * random()))
                   WHERE id IN (SELECT id FROM articles_feed WHERE state = 'active' AND last_outcome = 'offline'
                                AND lease_token IS NULL ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)""",
                [_BACK, SPREAD_SECONDS],
            )


def is_silent() -> bool:
    """Whether no public source answered when last we tried."""
    return NetworkState.objects.filter(pk=1, silent_since__isnull=False).exists()
