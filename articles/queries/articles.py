"""What the article list reads: one page of matches, facets, what to drop when nothing matches, the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

from django.utils import timezone

from articles.errors import SearchTooSlowError
from articles.queries.chips import Chip, chips_of
from articles.search.facets import Facets, count_facets
from articles.search.find import Cursor, Label, Meaning, ask, count_each, newest_sql, read_cursor, understand
from articles.search.language import Query

PAGE = 25
CHIPS = 3
EXPORTED = 5000
SNIPPET = 300

_ROWS = """
WITH m AS MATERIALIZED ({newest})
SELECT m.article_id, m.title, m.published_at, p.name, a.sample, a.corrected_at IS NOT NULL, a.url,
       (SELECT array_agg(x.entity_id) FROM (
            SELECT e.entity_id FROM articles_articleentity e WHERE e.article_id = m.article_id
            ORDER BY e.in_title DESC, e.mentions DESC, e.entity_id LIMIT {chips}) x),
       coalesce(cardinality(m.entity_ids), 0),
       (SELECT count(*) FROM articles_annotation n WHERE n.article_id = m.article_id AND n.deleted_at IS NULL),
       coalesce((SELECT g.article_count - 1 FROM articles_articlecopy c JOIN articles_copygroup g ON g.id = c.group_id
                 WHERE c.article_id = m.article_id AND c.kind = 'origin'), 0)
FROM m JOIN articles_article a ON a.id = m.article_id JOIN articles_publisher p ON p.id = m.publisher_id
ORDER BY m.published_at DESC, m.article_id DESC
"""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article in a list. `more` is how many entities are named beyond its chips."""

    id: int
    title: str
    published_at: datetime
    publisher: str
    sample: bool
    corrected: bool
    url: str
    chips: tuple[Chip, ...]
    more: int
    notes: int
    copies: int


@dataclass(frozen=True, slots=True)
class DayRows:
    """The rows of one day in the reader's zone."""

    day: date
    rows: tuple[ArticleRow, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """A filter to leave out when nothing matches, and how many match then."""

    words: str
    query: Query
    n: int


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    """One page of matches with its facets; `after` is the next page's cursor or empty.

    `limited` says what searching in this language leaves out, `problem` why there is no answer.
    """

    query: Query
    labels: tuple[Label, ...]
    days: tuple[DayRows, ...]
    shown: int
    after: str
    facets: Facets
    drops: tuple[Drop, ...]
    limited: str = ""
    problem: str = ""


def rows_of(meaning: Meaning, *, limit: int, after: Cursor | None = None) -> list[ArticleRow]:
    """The newest matches, two queries whatever their number."""
    newest, values = newest_sql(meaning, limit=limit, after=after)
    found = ask(_ROWS.format(newest=newest, chips=CHIPS), values)
    chips = chips_of(pk for row in found for pk in row[7] or ())
    rows = []
    for pk, title, at, publisher, sample, corrected, url, ids, entities, notes, copies in found:
        named = tuple(chips[one] for one in ids or () if one in chips)
        more = max(0, entities - len(named))
        rows.append(ArticleRow(pk, title, at, publisher, sample, corrected, url, named, more, notes, copies))
    return rows


def articles_page(query: Query, after: str, now: datetime, zone: tzinfo) -> ArticlesPage:
    """What the list shows for a query; times in `zone`. An `after` that makes no sense is the first page."""
    meaning = understand(query, now, zone)
    try:
        rows = rows_of(meaning, limit=PAGE + 1, after=read_cursor(after, zone))
        facets = count_facets(meaning, zone)
        drops = () if facets.total else tuple(_drops(meaning, now, zone))
    except SearchTooSlowError as error:
        return ArticlesPage(
            query, meaning.labels, (), 0, "", Facets(0, more=False), (), meaning.limited, problem=str(error)
        )
    page, more = rows[:PAGE], len(rows) > PAGE
    days = tuple(
        DayRows(day, tuple(of_day))
        for day, of_day in groupby(page, key=lambda row: timezone.localtime(row.published_at, zone).date())
    )
    return ArticlesPage(
        query=query,
        labels=meaning.labels,
        days=days,
        shown=len(page),
        after=str(Cursor(page[-1].published_at, page[-1].id)) if more else "",
        facets=facets,
        drops=drops,
        limited=meaning.limited,
    )


def _drops(meaning: Meaning, now: datetime, zone: tzinfo) -> Iterator[Drop]:
    """Each filter alone left out, those that then find something, most first."""
    ways = [
        (f"{label.filter.key}: {label.words}", meaning.query.without(label.filter))
        for label in meaning.labels
    ]
    if meaning.query.words and ways:
        ways.append((f"the words “{meaning.query.words}”", meaning.query.without_words()))
    counts = count_each([understand(query, now, zone) for _, query in ways])
    drops = [Drop(words, query, n) for (words, query), n in zip(ways, counts, strict=True) if n]
    yield from sorted(drops, key=lambda drop: -drop.n)


_EXPORT = """
WITH m AS MATERIALIZED ({newest})
SELECT m.published_at, p.name, m.title, a.url, m.language, left(coalesce(nullif(a.summary, ''), r.text, ''), 2000),
       (SELECT coalesce(array_agg(t.name ORDER BY t.name), '{{}}') FROM articles_articleentity e
        JOIN entities_entity t ON t.id = e.entity_id WHERE e.article_id = m.article_id)
FROM m JOIN articles_article a ON a.id = m.article_id JOIN articles_publisher p ON p.id = m.publisher_id
LEFT JOIN articles_revision r ON r.id = a.revision_id
ORDER BY m.published_at DESC, m.article_id DESC
"""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One article as it leaves the desk: title, link and a snippet, never the whole text."""

    published: datetime
    source: str
    title: str
    link: str
    language: str
    snippet: str
    entities: Sequence[str]


@dataclass(frozen=True, slots=True)
class Export:
    """A view as it leaves the desk. `capped` is the most rows of a file when there are more, else 0."""

    rows: tuple[ExportRow, ...]
    capped: int


def export_rows(query: Query, now: datetime, zone: tzinfo) -> Export:
    """The newest EXPORTED matches of a query. Raises SearchTooSlowError."""
    newest, values = newest_sql(understand(query, now, zone), limit=EXPORTED + 1)
    found = ask(_EXPORT.format(newest=newest), values)
    rows = (
        ExportRow(at, source, title, link, language, " ".join(snippet.split())[:SNIPPET], entities)
        for at, source, title, link, language, snippet, entities in found[:EXPORTED]
    )
    return Export(tuple(rows), EXPORTED if len(found) > EXPORTED else 0)
