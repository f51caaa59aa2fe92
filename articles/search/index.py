"""Acts: articles become searchable; the vector is computed by PostgreSQL once for each text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from django.db import connection

from articles.search.folding import AS_WRITTEN, capital_names, search_form, stemming

# What comes after this many bytes of an article is not searched: a vector holds 1 MB, lexemes and their places.
INDEXED_BYTES = 500_000

_STAGE = """
WITH t AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(publishers)s::bigint[], %(times)s::timestamptz[], %(titles)s::text[],
        %(languages)s::text[], %(configs)s::text[], %(title_forms)s::text[], %(text_forms)s::text[],
        %(as_written)s::text[])
    AS t(id, publisher_id, published_at, title, language, config, title_form, text_form, as_written)
)
INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv)
SELECT t.id, t.publisher_id, t.published_at, t.title, t.language,
       setweight(to_tsvector(t.config::regconfig, t.title_form), 'A') || to_tsvector(t.config::regconfig, t.text_form)
           || to_tsvector('simple', t.as_written)
FROM t ORDER BY t.id
ON CONFLICT (article_id, published_at) DO UPDATE SET
    publisher_id = excluded.publisher_id, title = excluded.title, language = excluded.language, tsv = excluded.tsv
"""
_TEXTS = """
SELECT a.id, a.publisher_id, a.published_at, r.title, r.text, a.language
FROM articles_article a JOIN articles_revision r ON r.id = a.revision_id WHERE a.id = ANY(%s)
"""
# The row goes to another partition, vector and all.
_REDATE = """
WITH gone AS (
    DELETE FROM articles_searchrow WHERE article_id = %(id)s AND published_at = %(was_at)s RETURNING *
)
INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv, entity_ids)
SELECT g.article_id, g.publisher_id, a.published_at, g.title, g.language, g.tsv, g.entity_ids
FROM gone g JOIN articles_article a ON a.id = g.article_id
"""
_ENTITIES_OF = """
SELECT a.id, a.published_at, coalesce(array_agg(x.entity_id ORDER BY x.entity_id)
    FILTER (WHERE x.entity_id IS NOT NULL), '{}')::text
FROM articles_article a LEFT JOIN articles_articleentity x ON x.article_id = a.id
WHERE a.id = ANY(%s) GROUP BY a.id
"""
# The times stand there twice: as values of the rows, and as a list by which partitions are ruled out before any
# plan is made for them. What is answered are the articles whose row was found as it then was.
_ENTITIES = """
WITH e AS (
    SELECT id, published_at, ids::integer[] AS ids
    FROM unnest(%(ids)s::bigint[], %(times)s::timestamptz[], %(entities)s::text[]) AS e(id, published_at, ids)
), found AS (
    SELECT s.article_id, s.published_at, e.ids, s.entity_ids IS DISTINCT FROM e.ids AS differs
    FROM articles_searchrow s JOIN e ON e.id = s.article_id AND e.published_at = s.published_at
    WHERE s.published_at = ANY(%(times)s::timestamptz[])
), written AS (
    UPDATE articles_searchrow s SET entity_ids = f.ids FROM found f
    WHERE f.differs AND s.article_id = f.article_id AND s.published_at = f.published_at
        AND s.published_at = ANY(%(times)s::timestamptz[])
    RETURNING s.article_id
)
SELECT article_id FROM found WHERE NOT differs UNION ALL SELECT article_id FROM written
"""
# A row that somebody moves at the same moment is looked for again where it then stands.
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class SearchText:
    """What is searched of one article. `language` is a tag (BCP 47) or empty."""

    article_id: int
    publisher_id: int
    published_at: datetime
    title: str
    text: str
    language: str


def index_texts(texts: Iterable[SearchText]) -> None:
    """Write the search rows of these texts, one statement for all; who has the texts at hand needs no other read.

    The articles' rows must be there, written or locked by this transaction. A row at another date is not replaced: see
    `redate_article`.
    """
    rows = sorted(texts, key=lambda row: row.article_id)
    if not rows:
        return
    forms = [_forms(row) for row in rows]
    connection.ensure_connection()
    # Bound by the server: written into the statement, the texts would be quoted here and read twice there.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            _STAGE,
            {
                "ids": [row.article_id for row in rows],
                "publishers": [row.publisher_id for row in rows],
                "times": [row.published_at for row in rows],
                "titles": [row.title for row in rows],
                "languages": [row.language for row in rows],
                "configs": [form[0] for form in forms],
                "title_forms": [form[1] for form in forms],
                "text_forms": [form[2] for form in forms],
                "as_written": [form[3] for form in forms],
            },
        )


def _forms(row: SearchText) -> tuple[str, str, str, str]:
    """Configuration, title, text, and what is indexed as written besides (see `stemming`)."""
    config, is_both = stemming(row.language)
    title = search_form(row.title)
    text = _capped(search_form(row.text), INDEXED_BYTES // 2 if is_both else INDEXED_BYTES)
    if config == AS_WRITTEN:
        as_written = ""
    elif is_both:
        as_written = f"{title} {text}"
    else:
        as_written = " ".join([title, *sorted(capital_names(text))])
    return config, title, text, as_written


def _capped(text: str, most: int) -> str:
    if len(text) * 4 <= most:
        return text
    return text.encode()[:most].decode(errors="ignore")


def index_articles(article_ids: Sequence[int]) -> None:
    """Write the search rows of these articles from their current revision; two statements. See `index_texts`."""
    if not article_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [sorted(article_ids)])
        rows = cursor.fetchall()
    index_texts(SearchText(*row) for row in rows)


def redate_article(article_id: int, *, was_at: datetime) -> None:
    """Move the search row of an article whose date was corrected; `was_at` is the date before. Its words stay."""
    with connection.cursor() as cursor:
        cursor.execute(_REDATE, {"id": article_id, "was_at": was_at})


def index_entities(article_ids: Sequence[int]) -> None:
    """Copy the articles' entity ids into their search rows; the vector is not touched."""
    wanted = set(article_ids)
    for _ in range(_LOOKS):
        if not wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute(_ENTITIES_OF, [sorted(wanted)])
            rows = sorted(cursor.fetchall())
            if not rows:
                return
            ids, times, entities = (list(column) for column in zip(*rows, strict=True))
            cursor.execute(_ENTITIES, {"ids": ids, "times": times, "entities": entities})
            wanted.difference_update(row[0] for row in cursor.fetchall())
