"""Where names that wait for an editor stand: the newest articles with the sentence around each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from articles.texts.snippets import Snippet, sentence_around

SHOWN = 10
AROUND = 600  # code points read on either side of a name

# The first place of the name in each article, in the text rather than in the title; `times` counts all of them.
_PASSAGES = """
WITH found AS (
    SELECT m.id, m.revision_id, m.field, m.start, m."end", m.candidates,
           count(*) OVER (PARTITION BY m.revision_id) AS times
    FROM articles_mention m WHERE {where}
), firsts AS (
    SELECT DISTINCT ON (f.revision_id) f.*, a.id AS article_id, a.title AS headline, a.published_at, a.publisher_id
    FROM found f JOIN articles_article a ON a.revision_id = f.revision_id
    ORDER BY f.revision_id, f.field = 'title', f.start
), newest AS (
    SELECT *, count(*) OVER () AS total FROM firsts ORDER BY published_at DESC, article_id DESC LIMIT %(limit)s
)
SELECT n.article_id, n.headline, p.name, n.published_at, n.times, n.id, n.candidates, n.total,
       CASE WHEN n.field = 'title' THEN r.title ELSE substr(r.text, greatest(n.start - %(around)s, 0) + 1, n."end" - n.start + 2 * %(around)s) END,
       CASE WHEN n.field = 'title' THEN 0 ELSE greatest(n.start - %(around)s, 0) END, n.start, n."end"
FROM newest n JOIN articles_revision r ON r.id = n.revision_id JOIN articles_publisher p ON p.id = n.publisher_id
ORDER BY n.published_at DESC, n.article_id DESC
"""
AMBIGUOUS = """m.status = 'ambiguous' AND m.text = %(surface)s AND ARRAY(
    SELECT DISTINCT (c ->> 'entity')::bigint FROM jsonb_array_elements(m.candidates) c ORDER BY 1) = %(ids)s::bigint[]"""
PROPOSED = "m.proposal_id = %(proposal)s"


@dataclass(frozen=True, slots=True)
class Passage:
    """An article in which a name stands, and the sentence of its first place there."""

    article_id: int
    title: str
    publisher: str
    published_at: datetime
    times: int
    mention_id: int
    snippet: Snippet
    candidates: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Passages:
    """The newest articles with a name; `total` counts all of them."""

    rows: tuple[Passage, ...]
    total: int

    @property
    def more(self) -> int:
        """Articles that are not shown."""
        return self.total - len(self.rows)


def _passages(where: str, values: Mapping[str, Any]) -> Passages:
    with connection.cursor() as cursor:
        cursor.execute(_PASSAGES.format(where=where), {**values, "limit": SHOWN, "around": AROUND})
        columns = [(*row[:6], json.loads(row[6]), *row[7:]) for row in cursor.fetchall()]
    return Passages(
        tuple(
            Passage(
                article_id=row[0],
                title=row[1],
                publisher=row[2],
                published_at=row[3],
                times=row[4],
                mention_id=row[5],
                candidates=row[6],
                snippet=sentence_around(row[8], row[10] - row[9], row[11] - row[9]),
            )
            for row in columns
        ),
        columns[0][7] if columns else 0,
    )


def unsure_passages(surface: str, candidates: Sequence[int]) -> Passages:
    """Articles whose current text has a name that may mean exactly these entities (ids sorted), one query."""
    return _passages(AMBIGUOUS, {"surface": surface, "ids": list(candidates)})


def proposed_passages(proposal_id: int) -> Passages:
    """Articles whose current text has a name that nobody knows, one query."""
    return _passages(PROPOSED, {"proposal": proposal_id})
