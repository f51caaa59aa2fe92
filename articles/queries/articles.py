"""What the article list reads: one page of matches, facets, what to drop when nothing matches, the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.utils import timezone

from articles.errors import SearchTooSlowError
from articles.events.folds import Fold, fold_copies
from articles.queries.chips import Chip, chips_of
from articles.queries.markers import Marker, markers
from articles.search.facets import Facets, count_facets
from articles.search.find import Cursor, Label, Meaning, ask, count_each, newest_sql, read_cursor, understand
from articles.search.language import Query

PAGE = 25
READ = 3 * PAGE  # rows that are read for one page at most: so many stand on it, with the copies folded away
CHIPS = 3
EXPORTED = 5000
SNIPPET = 300

_ROWS = """
WITH m AS MATERIALIZED ({newest})
SELECT m.article_id, m.title, m.published_at, p.name, a.sample,
       ARRAY[a.corrected_at, a.headline_changed_at, a.number_changed_at, a.gone_at], a.url,
       (SELECT array_agg(x.entity_id) FROM (
            SELECT e.entity_id FROM articles_articleentity e WHERE e.article_id = m.article_id
            ORDER BY e.in_title DESC, e.mentions DESC, e.entity_id LIMIT {chips}) x),
       coalesce(cardinality(m.entity_ids), 0),
       (SELECT count(*) FROM articles_annotation n WHERE n.article_id = m.article_id AND n.deleted_at IS NULL),
       c.group_id, coalesce(c.kind, ''), coalesce(g.article_count - 1, 0), coalesce(op.name, '')
FROM m JOIN articles_article a ON a.id = m.article_id JOIN articles_publisher p ON p.id = m.publisher_id
LEFT JOIN articles_articlecopy c ON c.article_id = m.article_id
LEFT JOIN articles_copygroup g ON g.id = c.group_id
LEFT JOIN articles_article o ON o.id = g.origin_id LEFT JOIN articles_publisher op ON op.id = o.publisher_id
ORDER BY m.published_at DESC, m.article_id DESC
"""


_GROUP, _KIND = 10, 11  # columns of _ROWS
_Found = tuple[Any, ...]
COPY_KINDS = frozenset({"verbatim", "abridged"})


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article in a list. `more` is how many entities are named beyond its chips.

    `copies` are the others that carry its text, wherever they are, `origin` the publisher of the first of them;
    `kind` is its own place among them.
    """

    id: int
    title: str
    published_at: datetime
    publisher: str
    sample: bool
    marks: tuple[Marker, ...]
    url: str
    chips: tuple[Chip, ...]
    more: int
    notes: int
    group: int | None
    kind: str
    copies: int
    origin: str

    @property
    def is_copy(self) -> bool:
        """Whether another article is taken for the origin of its text."""
        return self.kind in COPY_KINDS


@dataclass(frozen=True, slots=True)
class DayRows:
    """The rows of one day in the reader's zone, with the copies that are folded under them."""

    day: date
    folds: tuple[Fold[ArticleRow], ...]

    @property
    def rows(self) -> tuple[ArticleRow, ...]:
        """The rows that stand in the list."""
        return tuple(fold.row for fold in self.folds)


@dataclass(frozen=True, slots=True)
class Drop:
    """A filter to leave out when nothing matches, and how many match then."""

    words: str
    query: Query
    n: int


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    """One page of matches with its facets; `after` is the next page's cursor or empty.

    `shown` rows stand on it, `folded` more are folded under them. `limited` says what searching in this language leaves out, `problem` why there is no answer.
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
    folded: int = 0


def _find(meaning: Meaning, limit: int, after: Cursor | None) -> list[_Found]:
    newest, values = newest_sql(meaning, limit=limit, after=after)
    return ask(_ROWS.format(newest=newest, chips=CHIPS), values)


def _dress(found: Sequence[_Found]) -> list[ArticleRow]:
    """Rows with the names of their entities, one query more."""
    chips = chips_of(pk for row in found for pk in row[7] or ())
    return [_row(row, tuple(chips[one] for one in row[7] or () if one in chips)) for row in found]


def _row(found: _Found, named: tuple[Chip, ...]) -> ArticleRow:
    pk, title, at, publisher, sample, became, url, _, entities, *rest = found
    return ArticleRow(
        pk, title, at, publisher, sample, markers(*became), url, named, max(0, entities - len(named)), *rest
    )


def articles_page(
    query: Query, after: str, now: datetime, zone: tzinfo, *, folding: bool = True
) -> ArticlesPage:
    """What the list shows for a query; times in `zone`. An `after` that makes no sense is the first page."""
    meaning = understand(query, now, zone)
    read = READ if folding else PAGE
    try:
        found = _find(meaning, read + 1, read_cursor(after, zone))
        facets = count_facets(meaning, zone)
        drops = () if facets.total else tuple(_drops(meaning, now, zone))
    except SearchTooSlowError as error:
        return ArticlesPage(
            query, meaning.labels, (), 0, "", Facets(0, more=False), (), meaning.limited, problem=str(error)
        )
    page = fold_copies(
        found[:read], itemgetter(_GROUP), lambda row: row[_KIND] == "origin", most=PAGE, folding=folding
    )
    rows = _dress([fold.row for fold in page.folds])
    folds = [
        Fold(row, tuple(_row(copy, ()) for copy in fold.copies))
        for row, fold in zip(rows, page.folds, strict=True)
    ]
    days = tuple(
        DayRows(day, tuple(of_day))
        for day, of_day in groupby(
            folds, key=lambda fold: timezone.localtime(fold.row.published_at, zone).date()
        )
    )
    last = found[page.taken - 1] if page.taken < len(found) else None
    return ArticlesPage(
        query=query,
        labels=meaning.labels,
        days=days,
        shown=len(folds),
        after=str(Cursor(last[2], last[0])) if last else "",
        facets=facets,
        drops=drops,
        limited=meaning.limited,
        folded=page.copies,
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
        JOIN entities_entity t ON t.id = e.entity_id WHERE e.article_id = m.article_id),
       coalesce((SELECT o.url FROM articles_articlecopy c JOIN articles_copygroup g ON g.id = c.group_id
                 JOIN articles_article o ON o.id = g.origin_id
                 WHERE c.article_id = m.article_id AND c.kind <> 'origin'), '')
FROM m JOIN articles_article a ON a.id = m.article_id JOIN articles_publisher p ON p.id = m.publisher_id
LEFT JOIN articles_revision r ON r.id = a.revision_id
ORDER BY m.published_at DESC, m.article_id DESC
"""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One article as it leaves the desk: title, link and a snippet, never the whole text.

    `copy_of` is the link of the article that it is a copy of, else empty.
    """

    published: datetime
    source: str
    title: str
    link: str
    language: str
    snippet: str
    entities: Sequence[str]
    copy_of: str


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
        ExportRow(at, source, title, link, language, " ".join(snippet.split())[:SNIPPET], entities, copy_of)
        for at, source, title, link, language, snippet, entities, copy_of in found[:EXPORTED]
    )
    return Export(tuple(rows), EXPORTED if len(found) > EXPORTED else 0)
