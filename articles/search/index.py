"""Acts: articles become searchable; the vector is computed by PostgreSQL once for each text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

# to_tsvector refuses more than 1 MiB; what comes after this many characters of an article is not searched.
INDEXED_CHARACTERS = 200_000
# Languages that PostgreSQL stems; all others are indexed as written.
STEMMED = {
    "ar": "arabic", "da": "danish", "nl": "dutch", "en": "english", "fi": "finnish", "fr": "french",
    "de": "german", "el": "greek", "hu": "hungarian", "id": "indonesian", "it": "italian", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "es": "spanish", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# Names must be found as written beside their stems: both configurations go into one vector.
_VECTOR = """
    setweight(to_tsvector(c.stemmed, r.title), 'A') || setweight(to_tsvector('simple', r.title), 'A')
    || to_tsvector(c.stemmed, left(r.text, %(most)s)) || to_tsvector('simple', left(r.text, %(most)s))
"""
_INDEX = f"""
INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv)
SELECT a.id, a.publisher_id, a.published_at, r.title, a.language, {_VECTOR}
FROM articles_article a
JOIN articles_revision r ON r.id = a.revision_id
JOIN LATERAL (SELECT coalesce((%(languages)s::jsonb ->> a.language), 'simple')::regconfig AS stemmed) c ON true
WHERE a.id = ANY(%(ids)s)
ORDER BY a.id
ON CONFLICT (article_id, published_at) DO UPDATE SET
    publisher_id = excluded.publisher_id, title = excluded.title, language = excluded.language, tsv = excluded.tsv
"""  # noqa: S608 - no value is written into the text

# The row goes to another partition, vector and all: PostgreSQL deletes it here and inserts it there.
_REDATE = """
WITH gone AS (
    DELETE FROM articles_searchrow WHERE article_id = %(id)s AND published_at = %(was_at)s RETURNING *
)
INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv, entity_ids)
SELECT g.article_id, g.publisher_id, a.published_at, g.title, g.language, g.tsv, g.entity_ids
FROM gone g JOIN articles_article a ON a.id = g.article_id
"""

_ENTITIES = """
UPDATE articles_searchrow s SET entity_ids = e.ids
FROM (
    SELECT a.id, coalesce(array_agg(x.entity_id ORDER BY x.entity_id) FILTER (WHERE x.entity_id IS NOT NULL),
                          '{}')::integer[] AS ids
    FROM unnest(%(ids)s::bigint[]) AS a(id)
    LEFT JOIN articles_articleentity x ON x.article_id = a.id
    GROUP BY a.id
) e
WHERE s.article_id = e.id AND s.entity_ids IS DISTINCT FROM e.ids
"""


def index_articles(article_ids: Sequence[int]) -> None:
    """Write the search rows of these articles from their current revision, title before text in weight."""
    if not article_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _INDEX,
            {"ids": sorted(article_ids), "most": INDEXED_CHARACTERS, "languages": json.dumps(STEMMED)},
        )


def redate_article(article_id: int, *, was_at: datetime) -> None:
    """Move the search row of an article whose date was corrected; `was_at` is the date before. Its words stay."""
    with connection.cursor() as cursor:
        cursor.execute(_REDATE, {"id": article_id, "was_at": was_at})


def index_entities(article_ids: Sequence[int]) -> None:
    """Copy the articles' entity ids into their search rows; the vector is not touched."""
    if not article_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ENTITIES, {"ids": sorted(article_ids)})
