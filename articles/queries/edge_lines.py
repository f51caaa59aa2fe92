"""What the page of a publisher's edge lines reads: learnt lines with counts, the rules that fired, the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from articles.ingest.clean import LEARNT
from articles.ingest.decided import EDGE_LINES
from articles.ingest.edge_lines import FORGOTTEN_AFTER, PAGES_COMPARED
from articles.ingest.publisher_rules import rereadable
from articles.ingest.residue import RULE_WORDS
from articles.models import Article, EdgeLine, PageRules, Publisher
from articles.queries.source_page import HistoryLine, history_line
from entities.history import history_of

SHOWN_LINES = 200
# What the rules took off is counted in so many of the newest articles.
ARTICLES_COUNTED = 200
# The choices for reading again, as far as there are so many articles.
_PORTIONS = (10, 30, 100)

_FIRED = """
SELECT part->>0 AS rule, count(*), count(DISTINCT a.id),
       (array_agg(part->>1 ORDER BY a.published_at DESC, a.id DESC))[1],
       (array_agg(a.id ORDER BY a.published_at DESC, a.id DESC))[1]
FROM (SELECT id, revision_id, published_at FROM articles_article
      WHERE publisher_id = %s ORDER BY published_at DESC, id DESC LIMIT %s) a
JOIN articles_revision r ON r.id = a.revision_id
CROSS JOIN LATERAL jsonb_array_elements(r.removed) part
GROUP BY 1
"""
_PAGES = """
SELECT count(*) FROM (
    SELECT 1 FROM articles_article a JOIN articles_revision r ON r.id = a.revision_id AND r.text <> ''
    WHERE a.publisher_id = %s LIMIT %s
) found
"""

# (lines, articles, the newest line, its article)
_Fired = tuple[int, int, str, int | None]
_NOTHING: _Fired = (0, 0, "", None)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line that a publisher repeats, with a sentence on how it stands."""

    line: EdgeLine
    state: str  # on, off, faded
    words: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule of residue as it works for one publisher; `example` is the newest line it took, in `article_id`."""

    id: str
    words: str
    lines: int
    articles: int
    example: str
    article_id: int | None
    is_on: bool


@dataclass(frozen=True, slots=True)
class LinesPage:
    """Everything that the page shows. `pages` are the newest texts, of pages and feeds, in which lines are counted."""

    publisher: Publisher
    rows: Sequence[LineRow]
    more: int
    rules: Sequence[RuleRow]
    pages: int
    taken: int
    rereadable: Sequence[int]
    history: Sequence[HistoryLine]

    @property
    def on(self) -> int:
        """How many of the shown lines are taken off."""
        return sum(row.state == "on" for row in self.rows)


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line that was taken off one article, and the rule that did it, in words."""

    line: str
    rule: str
    words: str


def taken_lines(removed: Iterable[Sequence[str]]) -> tuple[TakenLine, ...]:
    """`Revision.removed` for people; a rule of an earlier version is named by its id."""
    return tuple(TakenLine(str(line), str(rule), RULE_WORDS.get(rule, str(rule))) for rule, line in removed)


def lines_page(publisher_id: int) -> LinesPage | None:
    """The edge lines of one publisher; None when there is none. Ten queries, whatever it has."""
    publisher = Publisher.objects.filter(pk=publisher_id).first()
    if publisher is None:
        return None
    known = EdgeLine.objects.filter(publisher_id=publisher_id)
    rows = list(known.order_by("-is_on", "-articles", "-last_seen_at", "pk")[: SHOWN_LINES + 1])
    total = len(rows) if len(rows) <= SHOWN_LINES else known.count()
    off = PageRules.objects.filter(pk=publisher_id).values_list("rules_off", flat=True).first() or []
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, [publisher_id, PAGES_COMPARED])
        pages = int(cursor.fetchone()[0])
        cursor.execute(_FIRED, [publisher_id, ARTICLES_COUNTED])
        fired: dict[str, _Fired] = {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
    newest = Article.objects.filter(rereadable(publisher_id)).values("pk")[: settings.PAGE_RULE_REREADS]
    return LinesPage(
        publisher=publisher,
        rows=[_line_row(row, pages) for row in rows[:SHOWN_LINES]],
        more=max(0, total - SHOWN_LINES),
        rules=_rule_rows(fired, off),
        pages=pages,
        taken=int(fired[LEARNT][0]) if LEARNT in fired else 0,
        rereadable=_portions(newest.count()),
        history=[history_line(change) for change in history_of(EDGE_LINES, publisher_id)],
    )


def _line_row(line: EdgeLine, pages: int) -> LineRow:
    if line.decided_by:
        state = "on" if line.is_on else "off"
        return LineRow(line, state, f"decided by {line.decided_by}")
    if line.is_on:
        return LineRow(line, "on", "learnt by the desk")
    if line.articles:
        return LineRow(line, "faded", "seen again, too seldom yet")
    return LineRow(
        line,
        "faded",
        f"faded: in none of the newest {pages or ''} texts".replace("  ", " ")
        + f"; forgotten {FORGOTTEN_AFTER.days} days after it was last seen",
    )


def _rule_rows(fired: Mapping[str, _Fired], off: Sequence[str]) -> list[RuleRow]:
    """The rules that took something or are switched off, the busiest first."""
    rows = [
        RuleRow(rule, RULE_WORDS[rule], *fired.get(rule, _NOTHING), is_on=rule not in off)
        for rule in {*fired, *off} - {LEARNT}
        if rule in RULE_WORDS
    ]
    return sorted(rows, key=lambda row: (-row.lines, row.id))


def _portions(count: int) -> list[int]:
    """How many articles may be read again at once, ending with all there are."""
    found = [portion for portion in _PORTIONS if portion < count]
    return [*found, count] if count else []
