"""Acts: which worker fetches which feed. PostgreSQL hands out leases; a lease that ran out is claimed again.

The pattern (SKIP LOCKED, lease, fencing token, attempts counted in the row) is that of a job table: whoever holds a
token that the row no longer bears may not write. The clock is the database's: its statement_timestamp(), which moves
inside a transaction as well.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db import connection

from articles.ingest.identity import IdentityPolicy
from articles.ingest.schedule import Rhythm

# A feed whose worker died this many times is set aside where an admin sees it.
KILLS_TO_QUARANTINE = 3
# After one death the work is shared out in small portions, after two it goes alone: one poison feed is found
# without condemning those that were claimed beside it.
SUSPECT_PORTION = 20
# More than this is not counted: whoever asks only wants to know how many to wake.
COUNTED_UP_TO = 1000
# Written before the fetch: whatever happens to the worker, the row already says when it is due again, and why.
_BEING_FETCHED = "Being fetched now; should the worker not come back, again then."
_LOST = "The worker did not come back: nothing of this fetch was stored."
_SET_ASIDE = "Three workers died over it: it is set aside until an admin fetches it again."


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed that this worker may fetch until the lease runs out, with all that is needed to close it again.

    The names are those of the row's columns, as they stood when it was claimed, but for `is_pushed`: a hub of the
    feed pushes, and the last news came that way. A poll that had to find something ends that.
    """

    id: int
    url: str
    host: str
    publisher_id: int
    title: str
    sample: bool = False
    site_url: str = ""
    language: str = ""
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    user_agent: str = ""
    secrets: bytes | None = None
    fixed_seconds: int | None = None
    interval_seconds: int = 900
    floor_seconds: int = 0
    known_share: float | None = None
    turnover_seconds: int | None = None
    error_weight: float = 0.0
    full_fetch_at: datetime | None = None
    identity: IdentityPolicy = "guid"
    identity_by: str = ""
    identity_why: str = ""
    hub_url: str = ""
    topic_url: str = ""
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    proposed_url: str = ""
    redirects_seen: int = 0
    redirects_since: datetime | None = None
    next_fetch_at: datetime | None = None
    next_why: str = ""
    is_pushed: bool = False

    @property
    def is_public(self) -> bool:
        """Whether its answer says that the internet can be reached: the sample's and a private network's do not."""
        name = urlsplit(f"//{self.host}").hostname or ""
        try:
            return not self.sample and ip_address(name).is_global
        except ValueError:
            return not self.sample and "." in name

    @property
    def rhythm(self) -> Rhythm:
        """What the schedule must know of it."""
        return Rhythm(
            interval_seconds=self.interval_seconds,
            fixed_seconds=self.fixed_seconds,
            floor_seconds=self.floor_seconds,
            known_share=self.known_share,
            error_weight=self.error_weight,
            failures=self.failures,
            last_new_at=self.last_new_at,
            is_pushed=self.is_pushed,
            last_answer_at=self.last_success_at,
            turnover_seconds=self.turnover_seconds,
        )


_NAMES = [field.name for field in fields(ClaimedFeed)]
_COLUMNS = [name for name in _NAMES if name != "is_pushed"]
# As they stood before the claim wrote over them.
_BEFORE = {"next_fetch_at", "next_why"}
_RETURNED = ", ".join(f"{'due' if name in _BEFORE else 't'}.{name}" for name in _COLUMNS)
_DUE = "state = 'active' AND next_fetch_at <= statement_timestamp()"
_UNHELD = "(lease_until IS NULL OR lease_until < statement_timestamp())"
_FREE = f"{_DUE} AND {_UNHELD}"
# How much of the work a level of suspicion may take at once, and its condition.
_LEVELS = (("attempts = 0", 1 << 30), ("attempts = 1", SUSPECT_PORTION), ("attempts > 1", 1))

# The next time is written before the fetch, further off with each death: a feed that kills its worker cannot loop.
_CLAIM = f"""
WITH due AS (
    SELECT id, lease_token, lease_until, next_fetch_at, next_why FROM articles_feed
    WHERE {{free}} ORDER BY next_fetch_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), lost AS (
    INSERT INTO articles_fetchrun (feed_id, at, outcome, kind, message, milliseconds, bytes, entries, new, changed,
                                   forced, pushed, answer, skipped)
    SELECT id, lease_until, 'lost', '', %(lost)s, 0, 0, 0, 0, 0, false, false, '{{{{}}}}', '[]' FROM due
    WHERE lease_token IS NOT NULL
), claimed AS (
    UPDATE articles_feed t SET lease_token = %(token)s, attempts = t.attempts + 1, next_why = %(why)s,
        lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
        next_fetch_at = statement_timestamp() + make_interval(secs => %(lease)s * 2 ^ least(t.attempts, 10))
    FROM due WHERE t.id = due.id
    RETURNING {_RETURNED},
        EXISTS (SELECT 1 FROM articles_subscription s WHERE s.feed_id = t.id AND s.state = 'active'
                AND s.lease_until > statement_timestamp() AND s.pushed_at >= coalesce(t.last_new_at, s.pushed_at))
)
SELECT * FROM claimed ORDER BY id
"""  # noqa: S608 - names of ours


def claim_feeds(limit: int, lease_seconds: float) -> tuple[uuid.UUID, list[ClaimedFeed]]:
    """Claim up to `limit` due feeds, longest overdue first; none when nothing is due.

    Of a feed that was claimed before and never closed, a run is written that says so.
    """
    token = uuid.uuid4()
    for level, most in _levels_from(_first_level()):
        claimed = _claim(token, f"{_FREE} AND {level}", min(limit, most), lease_seconds)
        if claimed:
            return token, claimed
    return token, []


def claim_feed(feed_id: int, lease_seconds: float) -> tuple[uuid.UUID, ClaimedFeed] | None:
    """Claim one feed whether it is due or not, to store what a hub pushed; None while another worker has it."""
    token = uuid.uuid4()
    claimed = _claim(
        token, f"id = {int(feed_id)} AND state = 'active' AND {_UNHELD} AND attempts < 3", 1, lease_seconds
    )
    return (token, claimed[0]) if claimed else None


def quarantine_feeds() -> list[int]:
    """Set aside the feeds that killed their worker three times; their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH killers AS (
                    SELECT id, lease_until FROM articles_feed
                    WHERE {_DUE} AND attempts >= %(kills)s AND lease_until < statement_timestamp()
                    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
                ), lost AS (
                    INSERT INTO articles_fetchrun (feed_id, at, outcome, kind, message, milliseconds, bytes, entries, new,
                                                   changed, forced, pushed, answer, skipped)
                    SELECT id, lease_until, 'lost', '', %(lost)s, 0, 0, 0, 0, 0, false, false, '{{}}', '[]' FROM killers
                )
                UPDATE articles_feed t SET state = 'quarantined', lease_until = NULL, lease_token = NULL,
                    last_outcome = 'lost', last_message = %(aside)s, next_why = %(aside)s
                FROM killers WHERE t.id = killers.id RETURNING t.id""",  # noqa: S608 - names of ours
            {"kills": KILLS_TO_QUARANTINE, "lost": _LOST, "aside": _SET_ASIDE},
        )
        return [feed_id for (feed_id,) in cursor.fetchall()]


def give_back_feeds(token: uuid.UUID, seconds_by_id: Mapping[int, float], why: str) -> None:
    """Return claimed feeds undone, due again in so many seconds; it does not count as an attempt."""
    if not seconds_by_id:
        return
    ids = sorted(seconds_by_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_feed t SET lease_until = NULL, lease_token = NULL, attempts = greatest(t.attempts - 1, 0),
                   next_fetch_at = statement_timestamp() + make_interval(secs => g.seconds), next_why = %s
               FROM unnest(%s::bigint[], %s::float8[]) AS g(id, seconds)
               WHERE t.id = g.id AND t.lease_token = %s""",
            [why, ids, [seconds_by_id[feed_id] for feed_id in ids], token],
        )


def put_back_feed(token: uuid.UUID, feed: ClaimedFeed) -> bool:
    """Undo the claim of a feed, as if it had never been; False when the token rules it no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_feed SET lease_until = NULL, lease_token = NULL, attempts = greatest(attempts - 1, 0),
                   next_fetch_at = coalesce(%s, statement_timestamp()), next_why = %s
               WHERE id = %s AND lease_token = %s""",
            [feed.next_fetch_at, feed.next_why, feed.id, token],
        )
        return bool(cursor.rowcount == 1)


def hold_feeds(leases: Mapping[int, uuid.UUID]) -> set[int]:
    """Lock these feeds and say which of them their tokens still rule. Call it in the transaction that writes."""
    ids = sorted(leases)
    with connection.cursor() as cursor:
        # Not against foreign keys: whoever notes something about a feed need not wait for its articles.
        cursor.execute(
            """SELECT f.id FROM articles_feed f JOIN unnest(%s::bigint[], %s::uuid[]) AS g(id, token)
               ON f.id = g.id AND f.lease_token = g.token ORDER BY f.id FOR NO KEY UPDATE OF f""",
            [ids, [leases[feed_id] for feed_id in ids]],
        )
        return {feed_id for (feed_id,) in cursor.fetchall()}


def count_due_feeds() -> int:
    """How many feeds are to be fetched now, counted up to 1,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM articles_feed WHERE {_FREE} LIMIT {COUNTED_UP_TO}) due"  # noqa: S608
        )
        (count,) = cursor.fetchone()
    return int(count)


def _claim(token: uuid.UUID, free: str, limit: int, lease_seconds: float) -> list[ClaimedFeed]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(free=free),
            {"token": token, "limit": limit, "lease": lease_seconds, "why": _BEING_FETCHED, "lost": _LOST},
        )
        return [ClaimedFeed(**dict(zip(_NAMES, row, strict=True))) for row in cursor.fetchall()]


def _first_level() -> int:
    """How suspect the feed is that is overdue longest: neither fresh work nor suspects shall starve."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT attempts FROM articles_feed WHERE {_FREE} ORDER BY next_fetch_at LIMIT 1")  # noqa: S608
        row = cursor.fetchone()
    return min(int(row[0]), len(_LEVELS) - 1) if row else 0


def _levels_from(first: int) -> list[tuple[str, int]]:
    return [_LEVELS[first], *_LEVELS[:first], *_LEVELS[first + 1 :]]
