"""What the entity list reads, and entities by the beginning of a name, an alias or a ticker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from articles.queries.chips import Chip, chips_of
from articles.queries.times import Range
from entities.models import Entity
from entities.names import fold

PAGE = 50
FOUND = 12
LONGEST = 100


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """What the entity list was asked for: the beginning of a name, a kind, the cursor of a page."""

    text: str = ""
    kind: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One entity in a list with the articles that name it in the range, and those before on average."""

    chip: Chip
    kind_words: str
    articles: int
    usual: float


@dataclass(frozen=True, slots=True)
class EntitiesPage:
    """One page of entities; `after` is the next page's cursor or empty. `any` is false before the first entity."""

    rows: tuple[EntityRow, ...]
    after: str
    any: bool


KINDS: Sequence[tuple[str, str]] = tuple((value, str(label)) for value, label in Entity.Kind.choices)

# `usual` is the average of the four spans of the same length before the range.
_COUNTS = """
counted AS (
    SELECT d.entity_id, sum(d.n) FILTER (WHERE d.day > %(first)s)::int AS n,
           coalesce(sum(d.n) FILTER (WHERE d.day <= %(first)s), 0) / 4.0 AS usual
    FROM articles_entityday d WHERE d.day > %(before)s GROUP BY 1
)
"""
_MOST = f"""
WITH {_COUNTS}
SELECT e.id, c.n, c.usual FROM counted c JOIN entities_entity e ON e.id = c.entity_id
WHERE c.n > 0 AND e.merged_into_id IS NULL AND (%(kind)s = '' OR e.kind = %(kind)s)
  AND (%(after_n)s::int IS NULL OR (c.n, -e.id) < (%(after_n)s::int, -%(after_id)s))
ORDER BY c.n DESC, e.id LIMIT %(limit)s
"""  # noqa: S608 - a constant of this module
_NAMED = f"""
WITH {_COUNTS}, named AS (
    SELECT DISTINCT e.id, e.name FROM entities_entity e
    LEFT JOIN entities_alias a ON a.entity_id = e.id AND a.folded LIKE %(pattern)s
    LEFT JOIN entities_security s ON s.issuer_id = e.id
    LEFT JOIN entities_listing l ON l.security_id = s.id AND l.ticker = %(ticker)s AND l.valid_to IS NULL
    WHERE e.merged_into_id IS NULL AND (%(kind)s = '' OR e.kind = %(kind)s)
      AND (a.id IS NOT NULL OR l.id IS NOT NULL)
)
SELECT x.id, coalesce(c.n, 0), coalesce(c.usual, 0) FROM named x LEFT JOIN counted c ON c.entity_id = x.id
WHERE (%(after_n)s::int IS NULL OR (coalesce(c.n, 0), -x.id) < (%(after_n)s::int, -%(after_id)s))
ORDER BY coalesce(c.n, 0) DESC, x.id LIMIT %(limit)s
"""  # noqa: S608 - a constant of this module


def entities_page(wanted: EntityFilter, span: Range) -> EntitiesPage:
    """Entities that articles of the range name most; with a text, all whose name, alias or ticker begins so.

    Days are UTC days; three queries.
    """
    text = wanted.text.replace("\x00", "").strip()[:LONGEST]
    kind = wanted.kind if wanted.kind in dict(KINDS) else ""
    n, _, pk = wanted.after.partition("-")
    sound = n.isascii() and n.isdecimal() and pk.isascii() and pk.isdecimal() and len(wanted.after) < 28  # noqa: PLR2004 - an int and a bigint
    values: dict[str, Any] = {
        **_days(span),
        "kind": kind,
        "pattern": f"{_escaped(fold(text))}%",
        "ticker": text.upper(),
        "after_n": int(n) if sound else None,
        "after_id": int(pk) if sound else 0,
        "limit": PAGE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NAMED if text else _MOST, values)
        found = cursor.fetchall()
    rows = _rows(found[:PAGE])
    after = f"{found[PAGE - 1][1]}-{found[PAGE - 1][0]}" if len(found) > PAGE else ""
    return EntitiesPage(rows, after, bool(rows) or Entity.objects.exists())


def most_named(span: Range, limit: int) -> Sequence[tuple[int, int, float]]:
    """(entity id, articles in the range, usual) of the entities named most."""
    values = {**_days(span), "kind": "", "after_n": None, "after_id": 0, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_MOST, values)
        return list(cursor.fetchall())


def _days(span: Range) -> dict[str, Any]:
    """The day before the first day of the range, and the one four ranges earlier; a range of hours is its days."""
    days = max(1, round((span.until - span.since).total_seconds() / 86_400))
    last = span.until.date()
    return {"first": last - timedelta(days=days), "before": last - timedelta(days=days * 5)}


def _rows(found: Sequence[tuple[int, int, float]]) -> tuple[EntityRow, ...]:
    chips, kinds = chips_of(row[0] for row in found), dict(KINDS)
    return tuple(
        EntityRow(chips[pk], kinds[chips[pk].kind], n, float(usual)) for pk, n, usual in found if pk in chips
    )


def _escaped(text: str) -> str:
    """A text for LIKE in which nothing is a wildcard."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_FIND = """
SELECT e.id FROM entities_entity e
JOIN LATERAL (
    SELECT max(m.rank) AS rank FROM (
        SELECT CASE WHEN a.folded = %(folded)s THEN 2 ELSE 1 END AS rank FROM entities_alias a
        WHERE a.entity_id = e.id AND a.folded LIKE %(pattern)s
        UNION ALL
        SELECT 3 FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
        WHERE s.issuer_id = e.id AND l.ticker = %(ticker)s AND l.valid_to IS NULL
    ) m
) r ON r.rank IS NOT NULL
WHERE e.merged_into_id IS NULL AND e.id IN (
    SELECT a.entity_id FROM entities_alias a WHERE a.folded LIKE %(pattern)s
    UNION
    SELECT s.issuer_id FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
    WHERE l.ticker = %(ticker)s AND l.valid_to IS NULL
)
ORDER BY r.rank DESC, e.prominence DESC, length(e.name), e.id LIMIT %(limit)s
"""


def find_entities(text: str, limit: int = FOUND) -> list[Chip]:
    """Entities whose name, alias or ticker begins with a text, whole matches and prominent ones first; two queries."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    folded = fold(text)
    if not folded:
        return []
    values: dict[str, Any] = {
        "folded": folded,
        "pattern": f"{_escaped(folded)}%",
        "ticker": text.upper(),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        ids = [row[0] for row in cursor.fetchall()]
    chips: Mapping[int, Chip] = chips_of(ids)
    return [chips[pk] for pk in ids if pk in chips]
