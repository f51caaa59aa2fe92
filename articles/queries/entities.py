"""Entities by the beginning of a name, an alias or a ticker: what one types to go somewhere."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from articles.queries.chips import Chip, chips_of
from entities.names import fold

FOUND = 12
LONGEST = 100

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


def starting_with(text: str) -> str:
    """A pattern for LIKE on folded names that begin with a text, in which nothing is a wildcard; nothing for nothing."""
    folded = fold(text)
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    # What folds to nothing (only signs) begins no name.
    return f"{escaped}%" if escaped else ("\\%" if text else "")


def find_entities(text: str, limit: int = FOUND) -> list[Chip]:
    """Entities whose name, alias or ticker begins with a text, whole matches and prominent ones first; two queries."""
    text = text.replace("\x00", "").strip()[:LONGEST]
    folded = fold(text)
    if not folded:
        return []
    values: dict[str, str | int] = {
        "folded": folded,
        "pattern": starting_with(text),
        "ticker": text.upper(),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        ids = [row[0] for row in cursor.fetchall()]
    chips: Mapping[int, Chip] = chips_of(ids)
    return [chips[pk] for pk in ids if pk in chips]
