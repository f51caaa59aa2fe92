"""The review queue: what waits for an editor, one page of a kind or the first of each, and how much is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection

from articles.queries import review_placements as placements
from articles.queries.chips import Chip, chips_of
from articles.queries.review_kinds import (
    FACT,
    KINDS,
    LINK,
    NAME,
    PLACEMENT,
    POSITION,
    SAME,
    Question,
    link_question,
)
from entities.models import Conflict

PAGE = 30
FIRST_OF_EACH = 8  # of a kind, where all are shown together
LONGEST_CURSOR = 320
COUNTED_FOR = 60  # seconds that the rail's number may be old
COUNT_KEY = "review-left"
SHOWN_CANDIDATES = 2

# Each gives (number, surface, candidates, name, other, figure, cursor's figure), best first, after a cursor.
_LINKS = """
SELECT 0::bigint, t.text, g.ids, t.text, '', g.n::float8, t.n::float8
FROM (
    SELECT u.text, count(*) AS n FROM (
        SELECT m.text FROM articles_mention m JOIN articles_article a ON a.revision_id = m.revision_id
        WHERE m.status = 'ambiguous' GROUP BY m.text, m.revision_id
    ) u GROUP BY u.text
    HAVING %(after)s::float8 IS NULL OR count(*) < %(after)s OR (count(*) = %(after)s AND u.text > %(after_text)s)
    ORDER BY n DESC, u.text LIMIT %(limit)s
) t JOIN LATERAL (
    SELECT k.ids, count(DISTINCT k.revision_id) AS n FROM (
        SELECT m.revision_id, ARRAY(
            SELECT DISTINCT (c ->> 'entity')::bigint FROM jsonb_array_elements(m.candidates) c ORDER BY 1) AS ids
        FROM articles_mention m JOIN articles_article a ON a.revision_id = m.revision_id
        WHERE m.status = 'ambiguous' AND m.text = t.text
    ) k GROUP BY k.ids
) g ON true
ORDER BY t.n DESC, t.text, g.n DESC, g.ids
"""
_NAMES = """
SELECT p.id, '', '{}'::bigint[], p.name, p.kind, p.articles::float8, p.articles::float8
FROM articles_proposal p WHERE p.state = 'open' AND p.askable AND p.articles > 0
  AND (%(after)s::float8 IS NULL OR p.articles < %(after)s OR (p.articles = %(after)s AND p.id > %(after_id)s))
ORDER BY p.articles DESC, p.id LIMIT %(limit)s
"""
_UNJUDGED = """
FROM entities_resemblance r JOIN entities_entity l ON l.id = r.left_id JOIN entities_entity o ON o.id = r.right_id
WHERE l.merged_into_id IS NULL AND o.merged_into_id IS NULL AND NOT EXISTS (
    SELECT FROM entities_judgement j WHERE j.left_id = r.left_id AND j.right_id = r.right_id AND j.withdrawn_at IS NULL)
"""
_PAIRS = f"""
SELECT r.id, '', '{{}}'::bigint[], l.name, o.name, r.score, r.score {_UNJUDGED}
  AND (%(after)s::float8 IS NULL OR r.score < %(after)s OR (r.score = %(after)s AND r.id > %(after_id)s))
ORDER BY r.score DESC, r.id LIMIT %(limit)s
"""
_FACTS = """
SELECT c.id, '', '{}'::bigint[], e.name, c.field, 0::float8, 0::float8
FROM entities_conflict c JOIN entities_entity e ON e.id = c.entity_id
WHERE c.decision = '' AND (%(after)s::float8 IS NULL OR c.id < %(after_id)s)
ORDER BY c.id DESC LIMIT %(limit)s
"""
_POSITIONS = """
SELECT p.id, '', '{}'::bigint[], p.person_name, p.title || ' of ' || p.organization_name, p.articles::float8,
       p.articles::float8
FROM articles_positionproposal p WHERE p.state = 'open' AND p.articles > 0
  AND (%(after)s::float8 IS NULL OR p.articles < %(after)s OR (p.articles = %(after)s AND p.id > %(after_id)s))
ORDER BY p.articles DESC, p.id LIMIT %(limit)s
"""
_LISTS = {
    LINK: _LINKS, NAME: _NAMES, SAME: _PAIRS, FACT: _FACTS, POSITION: _POSITIONS, PLACEMENT: placements.LIST,
}  # fmt: skip
# A name with two sets of candidates counts once: telling them apart would mean to open each row.
_COUNTS = f"""
SELECT (SELECT count(*) FROM (
           SELECT FROM articles_mention m JOIN articles_article a ON a.revision_id = m.revision_id
           WHERE m.status = 'ambiguous' GROUP BY m.text) q),
       (SELECT count(*) FROM articles_proposal WHERE state = 'open' AND askable AND articles > 0),
       (SELECT count(*) {_UNJUDGED}),
       (SELECT count(*) FROM entities_conflict WHERE decision = ''),
       (SELECT count(*) FROM articles_positionproposal WHERE state = 'open' AND articles > 0),
       ({placements.COUNT})
"""  # noqa: S608 - a constant of this module


@dataclass(frozen=True, slots=True)
class Line:
    """One question in the list: what it is about, what is asked, and the figure that it is sorted by."""

    question: Question
    name: str
    asks: str
    figure: str

    @property
    def key(self) -> str:
        """The question as an address names it."""
        return self.question.key

    @property
    def kind_words(self) -> str:
        """The word for its kind."""
        return KINDS[self.question.kind][1]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue; `after` is the cursor of the next page of one kind, or empty."""

    lines: tuple[Line, ...]
    after: str

    def neighbours(self, key: str) -> tuple[str, str]:
        """The questions before and after one, empty at the ends; the first is what follows one that is not here."""
        keys = [line.key for line in self.lines]
        if key not in keys:
            return "", keys[0] if keys else ""
        at = keys.index(key)
        return keys[at - 1] if at else "", keys[at + 1] if at + 1 < len(keys) else ""


@dataclass(frozen=True, slots=True)
class Left:
    """How many questions of each kind wait."""

    by_kind: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_kind.values())


def questions_left() -> Left:
    """How many questions of each kind wait now, one query; the rail's number is as new as this."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"window": placements.window_days()})
        left = Left(dict(zip(KINDS, cursor.fetchone(), strict=True)))
    cache.set(COUNT_KEY, left.total, COUNTED_FOR)
    return left


def about_left() -> int:
    """How many questions wait, at most a minute old: what every page of an editor shows."""
    known = cache.get(COUNT_KEY)
    return known if isinstance(known, int) else questions_left().total


def forget_left() -> None:
    """Count anew when the number is wanted next: something was decided."""
    cache.delete(COUNT_KEY)


def queue_page(kind: str, after: str = "") -> Queue:
    """The questions of one kind, most telling first, or the first of each kind; two queries."""
    if kind in _LISTS:
        return _page_of(kind, after)
    rows: list[tuple[str, Any]] = []
    none = {
        "after": None,
        "after_id": 0,
        "after_text": "",
        "limit": FIRST_OF_EACH,
        "window": placements.window_days(),
    }
    parts = " UNION ALL ".join(
        f"SELECT '{name}', q.* FROM ({sql}) q(number, surface, ids, name, other, figure, at)"  # noqa: S608 - constants
        for name, sql in _LISTS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(parts, none)
        rows = [(row[0], row[1:]) for row in cursor.fetchall()]
    return Queue(_lines(rows), "")


def _page_of(kind: str, after: str) -> Queue:
    figure, text = _cursor(after)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 - a bigint
    values = {
        "after": figure, "after_id": number, "after_text": text, "limit": PAGE + 1,
        "window": placements.window_days(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_LISTS[kind], values)
        rows = cursor.fetchall()
    places = list(dict.fromkeys((row[6], row[1] if kind == LINK else row[0]) for row in rows))
    more = len(places) > PAGE
    if more:
        rows = [row for row in rows if (row[6], row[1] if kind == LINK else row[0]) != places[PAGE]]
    last = f"{places[PAGE - 1][0]!r}~{places[PAGE - 1][1]}" if more else ""
    return Queue(_lines([(kind, row) for row in rows]), last)


def _cursor(after: str) -> tuple[float | None, str]:
    """The figure and the number or name behind which a page begins; (None, "") for the first."""
    figure, tilde, rest = after.replace("\x00", "")[:LONGEST_CURSOR].partition("~")
    try:
        value = float(figure)
    except ValueError:
        return None, ""
    return (value, rest) if tilde and value == value else (None, "")  # noqa: PLR0124 - not a number


def _lines(rows: Sequence[tuple[str, Any]]) -> tuple[Line, ...]:
    chips = chips_of(pk for kind, row in rows if kind == LINK for pk in row[2])
    return tuple(_line(kind, row, chips) for kind, row in rows)


def _line(kind: str, row: Sequence[Any], chips: Mapping[int, Chip]) -> Line:
    number, surface, ids, name, other, figure = row[:6]
    if kind == LINK:
        names = [chips[pk].short for pk in ids if pk in chips]
        asks = " or ".join(names[:SHOWN_CANDIDATES]) + (
            f" or {len(names) - SHOWN_CANDIDATES} more" if len(names) > SHOWN_CANDIDATES else ""
        )
        return Line(link_question(surface, ids), name, f"{asks}?" if asks else "whom?", f"{figure:.0f}")
    if kind == PLACEMENT:
        asks = f"or {other}?" if other else "or an event of its own?"
        return Line(Question(PLACEMENT, number, candidates=tuple(ids)), name, asks, f"{figure:.0f}")
    asks = {
        NAME: "new?",
        SAME: f"{other}?" if other != name else "twice?",
        FACT: f"{_field(other)}?",
        POSITION: f"{other}?",
    }[kind]
    shown = f"{figure:.2f}" if kind == SAME else f"{figure:.0f}" if figure else ""
    return Line(Question(kind, number), name, asks, shown)


def _field(value: str) -> str:
    return str(dict(Conflict.Field.choices).get(value, value))
