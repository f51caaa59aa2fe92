"""What must be true again after every fault, asked of the database in SQL so that any runner may ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class Cursor(Protocol):
    """What Django's and psycopg's cursors share."""

    def execute(self, query: Any, params: Any = ..., /) -> Any:
        """Run one statement."""

    def fetchall(self) -> Sequence[Any]:
        """Its rows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant with its figure; `is_kept` says whether it holds."""

    name: str
    is_kept: bool
    figure: str


TRACEBACK = re.compile(r"Traceback \(most recent call last\)")


def every_due_feed_is_fetched(cursor: Cursor, *, since: Any, late_seconds: float) -> Finding:
    """I1: no active feed is overdue by more than `late_seconds` (lease and two ticks), none was forgotten `since`."""
    rows = _rows(
        cursor,
        """SELECT url, extract(epoch FROM statement_timestamp() - next_fetch_at) FROM articles_feed
           WHERE state = 'active' AND (next_fetch_at < statement_timestamp() - make_interval(secs => %s)
                 OR last_fetch_at IS NULL OR (lease_until < statement_timestamp() - make_interval(secs => %s)))
           ORDER BY next_fetch_at LIMIT 5""",
        [late_seconds, late_seconds],
    )
    fetched = _rows(cursor, "SELECT count(*) FROM articles_fetchrun WHERE at >= %s", [since])[0][0]
    words = f"{fetched} fetches, overdue: {[f'{url} by {seconds:.1f} s' for url, seconds in rows]}"
    return Finding("I1 every due source is fetched", not rows, words)


def nothing_is_doubled(cursor: Cursor) -> Finding:
    """I2: no article, sighting, revision, event place or job stands twice, and none hangs in the air."""
    questions = {
        "sightings": "SELECT count(*) - count(DISTINCT (feed_id, guid_sha256)) FROM articles_sighting",
        "addresses": "SELECT count(*) - count(DISTINCT url_sha256) FROM articles_article",
        "stories": """SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM articles_article
                      GROUP BY publisher_id, title, published_raw HAVING count(*) > 1) doubled""",
        "revisions": """SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM articles_revision
                        GROUP BY article_id, text_sha256 HAVING count(*) > 1) doubled""",
        "places in events": "SELECT count(*) - count(DISTINCT article_id) FROM articles_membership",
        "jobs": "SELECT count(*) - count(DISTINCT (kind, subject_id)) FROM articles_job",
        "articles without text": "SELECT count(*) FROM articles_article WHERE revision_id IS NULL",
        "articles that nobody saw": """SELECT count(*) FROM articles_article a
            WHERE NOT EXISTS (SELECT 1 FROM articles_sighting s WHERE s.article_id = a.id)""",
    }
    found = {name: int(_rows(cursor, question)[0][0]) for name, question in questions.items()}
    wrong = {name: n for name, n in found.items() if n}
    total = _rows(cursor, "SELECT count(*) FROM articles_article")[0][0]
    return Finding("I2 nothing is doubled", not wrong, f"{total} articles, doubled: {wrong or 'nothing'}")


def every_entry_is_stored(cursor: Cursor, expected: int) -> Finding:
    """I2's other half: as many sightings as the world has published entries."""
    stored = int(_rows(cursor, "SELECT count(*) FROM articles_sighting")[0][0])
    return Finding("I2 nothing is lost", stored == expected, f"{stored} of {expected} entries")


def every_acknowledged_write_stands(written: Iterable[str], standing: Iterable[str]) -> Finding:
    """I3: what a user was told is stored is stored."""
    said = list(written)
    missing = sorted(set(said) - set(standing))
    return Finding(
        "I3 no acknowledged write is missing",
        not missing,
        f"{len(said)} writes, missing: {missing or 'none'}",
    )


def no_error_is_bare(answers: Iterable[tuple[int, str, str]]) -> Finding:
    """I5: each answer (status, X-Request-ID, body) of 500 and more bears its id, and none shows a traceback."""
    seen = list(answers)
    broken = [answer for answer in seen if answer[0] >= 500]
    bare = [answer for answer in broken if not answer[1] or answer[1] not in answer[2]]
    shown = [answer for answer in seen if TRACEBACK.search(answer[2])]
    words = f"{len(seen)} answers, {len(broken)} of 5xx, without id {len(bare)}, with traceback {len(shown)}"
    return Finding("I5 no error is bare", not bare and not shown, words)


def memory_is_back(before: float, after: float, *, share: float = 0.2) -> Finding:
    """I6: megabytes of a process are back within a fifth of what they were."""
    words = f"{before:.0f} MB before, {after:.0f} MB after"
    return Finding("I6 memory is back", after <= before * (1 + share), words)


def megabytes(pid: int) -> float:
    """Resident memory of a process; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1024 / 1024


def check(*findings: Finding) -> None:
    """Fail with every invariant that is broken."""
    broken = [f"{finding.name}: {finding.figure}" for finding in findings if not finding.is_kept]
    assert not broken, "\n".join(broken)


def _rows(cursor: Cursor, query: str, values: Sequence[Any] = ()) -> Sequence[Any]:
    cursor.execute(query, list(values) or None)
    return cursor.fetchall()
