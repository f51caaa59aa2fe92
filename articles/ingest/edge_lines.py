"""Acts: the lines that publishers repeat at the edges of their articles are learnt, counted, and fade again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from articles.ingest.clean import LEARNT_CHARACTERS
from articles.ingest.repeating import SeenLine, SeenPage, seen_lines
from articles.models import EdgeLine, PageRules

# What a publisher repeats is counted in so many of its newest texts, of pages and feeds alike, looked for among so many
# newest articles.
PAGES_COMPARED = 30
_ARTICLES_LOOKED_AT = 300
# A line that the machine learnt and nobody decided about is forgotten when it was not seen for so long.
FORGOTTEN_AFTER = timedelta(days=90)

# Each publisher's newest texts; the inner limit keeps a publisher that has none from being read to its beginning.
_NEWEST = """
SELECT p.id, a.title, r.text, r.removed, r.created_at, m.event_id
FROM unnest(%s::bigint[]) AS p(id)
CROSS JOIN LATERAL (
    SELECT c.* FROM (
        SELECT id, title, revision_id, published_at FROM articles_article
        WHERE publisher_id = p.id ORDER BY published_at DESC, id DESC LIMIT %s
    ) c
    JOIN articles_revision o ON o.id = c.revision_id AND o.text <> ''
    ORDER BY c.published_at DESC, c.id DESC LIMIT %s
) a
JOIN articles_revision r ON r.id = a.revision_id
LEFT JOIN articles_membership m ON m.article_id = a.id
ORDER BY p.id, a.published_at DESC, a.id DESC
"""
# A person's switch stands: the machine changes only what it decided itself.
_WRITE = """
INSERT INTO articles_edgeline AS e (publisher_id, key, line, articles, removed, first_seen_at, last_seen_at, is_on,
                                    decided_by)
SELECT n.publisher_id, n.key, n.line, n.articles, n.removed, n.seen_at, n.seen_at, n.is_on, ''
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::int[], %s::timestamptz[], %s::bool[])
     AS n(publisher_id, key, line, articles, removed, seen_at, is_on)
ORDER BY n.publisher_id, n.key
ON CONFLICT (publisher_id, key) DO UPDATE SET
    line = excluded.line, articles = excluded.articles, removed = excluded.removed,
    last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
    is_on = CASE WHEN e.decided_by = '' THEN excluded.is_on ELSE e.is_on END
"""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the newest texts of one publisher say about a line."""

    publisher_id: int
    key: str
    line: str
    articles: int
    removed: int
    seen_at: datetime
    is_on: bool


@transaction.atomic
def learn_lines(publisher_ids: Collection[int], now: datetime) -> None:
    """Count anew what these publishers repeat at the edges of their newest texts; six statements for any number.

    A line of `REPEATS` different stories is learnt and taken off at the next reading. It stays learnt while any of
    the newest texts has it (standing, or taken off); in none of them, it fades: the row stays, switched off, with
    no articles, until the line repeats again or FORGOTTEN_AFTER is over. What a person switched is counted and
    left as it is. Doing it twice changes nothing.
    """
    wanted = sorted(set(publisher_ids))
    if not wanted:
        return
    pages, times = _newest_pages(wanted)
    rules_off = dict(PageRules.objects.filter(pk__in=wanted).values_list("publisher_id", "rules_off"))
    known: dict[int, dict[str, EdgeLine]] = {}
    for row in EdgeLine.objects.filter(publisher_id__in=wanted):
        known.setdefault(row.publisher_id, {})[row.key] = row
    counted: list[_Counted] = []
    for publisher_id in wanted:
        seen = seen_lines(pages.get(publisher_id, ()), rules_off=rules_off.get(publisher_id, ()))
        counted += _counted(publisher_id, seen, known.get(publisher_id, {}), times.get(publisher_id, ()))
    _write(counted)
    EdgeLine.objects.filter(
        publisher_id__in=wanted, decided_by="", articles=0, last_seen_at__lt=now - FORGOTTEN_AFTER
    ).delete()


def lines_on(publisher_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """By publisher (each has an entry), the `line_key`s of the lines that are to be taken off; one query."""
    found: dict[int, set[str]] = {publisher_id: set() for publisher_id in publisher_ids}
    rows = EdgeLine.objects.filter(publisher_id__in=list(found), is_on=True)
    for publisher_id, key in rows.values_list("publisher_id", "key"):
        found[publisher_id].add(key)
    return {publisher_id: frozenset(keys) for publisher_id, keys in found.items()}


def _newest_pages(
    publisher_ids: Sequence[int],
) -> tuple[dict[int, list[SeenPage]], dict[int, list[datetime]]]:
    pages: dict[int, list[SeenPage]] = {}
    times: dict[int, list[datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [list(publisher_ids), _ARTICLES_LOOKED_AT, PAGES_COMPARED])
        for publisher_id, title, text, removed, stored_at, event_id in cursor.fetchall():
            lines = [(str(rule), str(line)) for rule, line in json.loads(removed)]
            pages.setdefault(publisher_id, []).append(SeenPage(title, text, lines, event_id))
            times.setdefault(publisher_id, []).append(stored_at)
    return pages, times


def _counted(
    publisher_id: int, seen: Mapping[str, SeenLine], known: Mapping[str, EdgeLine], times: Sequence[datetime]
) -> Iterator[_Counted]:
    """The rows to be written: what is learnt, what was known and is still there, what was known and is gone."""
    for key, line in seen.items():
        row = known.get(key)
        if line.is_enough or row is not None:
            is_on = line.is_enough or (row is not None and row.is_on)
            at = times[line.newest]
            yield _Counted(
                publisher_id, key, line.line[:LEARNT_CHARACTERS], line.articles, line.removed, at, is_on
            )
    for key, row in known.items():
        if key not in seen and (row.articles or (row.is_on and not row.decided_by)):
            yield _Counted(publisher_id, key, row.line, 0, 0, row.last_seen_at, is_on=False)


def _write(counted: Collection[_Counted]) -> None:
    if not counted:
        return
    rows = sorted(counted, key=lambda row: (row.publisher_id, row.key))
    columns = zip(
        *((r.publisher_id, r.key, r.line, r.articles, r.removed, r.seen_at, r.is_on) for r in rows),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in columns])
