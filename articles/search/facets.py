"""Facets: how the newest matches of a search fall on sources, entities, languages and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from articles.search.find import COUNTED, Meaning, ask, estimate_matches, newest_sql

SHOWN = 6

_FACETS = """
WITH m AS MATERIALIZED ({newest}),
     e AS (SELECT x.id, count(*) AS n FROM m, unnest(m.entity_ids) AS x(id) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {shown})
SELECT 'total' AS kind, '' AS value, '' AS words, count(*) AS n FROM m
UNION ALL
(SELECT 'source', p.slug, p.name, count(*) FROM m JOIN articles_publisher p ON p.id = m.publisher_id
 GROUP BY 2, 3 ORDER BY 4 DESC, 3 LIMIT {shown})
UNION ALL
(SELECT 'entity', t.slug, t.name, e.n FROM e JOIN entities_entity t ON t.id = e.id ORDER BY 4 DESC, 3)
UNION ALL
(SELECT 'lang', split_part(m.language, '-', 1), '', count(*) FROM m WHERE m.language <> '' GROUP BY 2
 ORDER BY 4 DESC, 2 LIMIT {shown})
UNION ALL
(SELECT 'day', ((m.published_at AT TIME ZONE %(zone)s)::date)::text,
        to_char((m.published_at AT TIME ZONE %(zone)s)::date, 'Dy FMDD Mon'), count(*) FROM m GROUP BY 2, 3
 ORDER BY 2 DESC LIMIT {shown})
UNION ALL
(SELECT 'text', CASE WHEN c.kind <> 'origin' THEN 'copy' ELSE 'original' END, '', count(*) FROM m
 LEFT JOIN articles_articlecopy c ON c.article_id = m.article_id GROUP BY 2 ORDER BY 2 DESC)
"""
_TEXTS = {"original": "Originals", "copy": "Copies"}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One line of a facet: the value for the query language, its words, how many of the matches have it."""

    value: str
    words: str
    n: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The matches counted. With `more`, only the newest COUNTED of them were, and `about` estimates how many match."""

    total: int
    more: bool
    about: int = 0
    source: tuple[FacetValue, ...] = ()
    entity: tuple[FacetValue, ...] = ()
    lang: tuple[FacetValue, ...] = ()
    day: tuple[FacetValue, ...] = ()
    text: tuple[FacetValue, ...] = ()  # empty when there are no copies among them


def count_facets(meaning: Meaning, zone: tzinfo) -> Facets:
    """Count the matches of a search by source, entity, language, day of `zone` and text, in one query; a second one when they are many."""
    newest, values = newest_sql(meaning, limit=COUNTED + 1)
    rows = ask(_FACETS.format(newest=newest, shown=SHOWN), {**values, "zone": str(zone)})
    by_kind: dict[str, list[FacetValue]] = {}
    for kind, value, words, n in rows:
        by_kind.setdefault(kind, []).append(FacetValue(value, words or _TEXTS.get(value, value), n))
    texts = by_kind.get("text", [])
    total = by_kind["total"][0].n
    return Facets(
        total=min(total, COUNTED),
        more=total > COUNTED,
        about=max(estimate_matches(meaning), total) if total > COUNTED else 0,
        source=tuple(by_kind.get("source", ())),
        entity=tuple(by_kind.get("entity", ())),
        lang=tuple(by_kind.get("lang", ())),
        day=tuple(by_kind.get("day", ())),
        text=tuple(texts) if any(text.value == "copy" for text in texts) else (),
    )
