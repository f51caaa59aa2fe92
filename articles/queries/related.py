"""Articles of other events that read like an article: found by the index of embeddings, which is near enough for readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from articles.events.embedding import embedding_model

SHOWN = 6
LOOKED_AT = 120  # neighbours; those of its own event, and further copies of one text, are left out
# The least cosine at which two "title. lead" are shown as alike: below, they only come from one world (sports, courts).
LEAST_ALIKE = 0.5

# The index answers as many neighbours as it is told to look at, for this statement alone; the subquery that says so is
# computed before the scan begins. What is asked of them besides stands outside, so that nothing but the index is read.
_NEAR = """
WITH mine AS MATERIALIZED (
    SELECT e.vector, m.event_id, coalesce(c.group_id, 0) AS group_id,
           set_config('hnsw.ef_search', %(looked_at)s::text, true)
    FROM articles_articleembedding e
    LEFT JOIN articles_membership m ON m.article_id = e.article_id
    LEFT JOIN articles_articlecopy c ON c.article_id = e.article_id
    WHERE e.article_id = %(article)s AND e.model = %(model)s
), near AS MATERIALIZED (
    SELECT e.article_id, e.model, -(e.vector <#> (SELECT vector FROM mine)) AS alike
    FROM articles_articleembedding e ORDER BY e.vector <#> (SELECT vector FROM mine) LIMIT %(looked_at)s
), told AS (
    SELECT DISTINCT ON (coalesce(c.group_id, -n.article_id)) n.article_id, n.alike, m.event_id
    FROM near n LEFT JOIN articles_membership m ON m.article_id = n.article_id
    LEFT JOIN articles_articlecopy c ON c.article_id = n.article_id
    WHERE n.model = %(model)s AND n.article_id <> %(article)s AND n.alike >= %(least)s
      AND m.event_id IS DISTINCT FROM (SELECT coalesce(event_id, 0) FROM mine)
      AND c.group_id IS DISTINCT FROM (SELECT group_id FROM mine)
    ORDER BY coalesce(c.group_id, -n.article_id), n.alike DESC, n.article_id
)
SELECT a.id, a.title, p.name, a.published_at, a.published_day_only, t.event_id, coalesce(ev.title, ''), t.alike
FROM told t JOIN articles_article a ON a.id = t.article_id JOIN articles_publisher p ON p.id = a.publisher_id
     LEFT JOIN articles_event ev ON ev.id = t.event_id
ORDER BY t.alike DESC, a.id LIMIT %(shown)s
"""


@dataclass(frozen=True, slots=True)
class Related:
    """An article that reads alike. `alike` is the cosine of the two texts' vectors, 1 for the same words."""

    id: int
    title: str
    publisher: str
    published_at: datetime
    published_day_only: bool
    event_id: int | None
    event: str
    alike: float


def related_articles(article_id: int) -> list[Related]:
    """Articles that read most like this one, best first, one of each copied text; none of its own event.

    One query, and none where the desk has no language model; empty when the model has not read the article.
    """
    model = embedding_model()
    if not model:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAR,
            {
                "article": article_id,
                "model": model,
                "looked_at": LOOKED_AT,
                "least": LEAST_ALIKE,
                "shown": SHOWN,
            },
        )
        return [Related(*row) for row in cursor.fetchall()]
