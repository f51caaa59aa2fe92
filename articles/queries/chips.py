"""Entities as every page names them: short name, kind, and the ticker of the first listing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from articles.queries.countries import country_name
from entities.names import fold

# The shortest agreed short name stands for a long one; weak names would mislead.
_CHIPS = """
SELECT e.id, e.slug, e.name, e.kind, e.country, e.description, e.source = 'editorial',
       coalesce((SELECT a.text FROM entities_alias a
                 WHERE a.entity_id = e.id AND a.kind IN ('short', 'acronym') AND NOT a.weak
                       AND length(a.text) < length(e.name) AND length(e.name) > 24
                 ORDER BY a.kind = 'short' DESC, length(a.text), a.id LIMIT 1), e.name),
       coalesce(l.ticker, ''), coalesce(l.mic, '')
FROM entities_entity e
LEFT JOIN LATERAL (
    SELECT l.ticker, l.mic FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
    WHERE s.issuer_id = e.id AND l.valid_to IS NULL ORDER BY l.primary DESC, l.id LIMIT 1
) l ON true
WHERE e.id = ANY(%s)
"""


KIND_WORDS = {
    "person": "person",
    "company": "company",
    "organization": "organisation",
    "public_body": "public body",
    "place": "place",
    "other": "other",
}
CALLED = 8


@dataclass(frozen=True, slots=True)
class Chip:
    """An entity in a few words."""

    id: int
    slug: str
    name: str
    kind: str
    country: str
    description: str
    unverified: bool
    short: str
    ticker: str
    mic: str

    @property
    def kind_words(self) -> str:
        """Its kind as a page says it."""
        return KIND_WORDS.get(self.kind, self.kind)

    @property
    def country_words(self) -> str:
        """Its country by name, empty when none is known."""
        return country_name(self.country)

    @property
    def icon(self) -> str:
        """The picture of its kind in the sprite."""
        return {"public_body": "organization", "other": "entities"}.get(self.kind, self.kind)


def chips_of(entity_ids: Iterable[int]) -> dict[int, Chip]:
    """The chips of these entities by id, one query (none for none); unknown ids are absent."""
    wanted = sorted(set(entity_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CHIPS, [wanted])
        return {row[0]: Chip(*row) for row in cursor.fetchall()}


_CALLED = """
SELECT id FROM (
    SELECT coalesce(e.merged_into_id, e.id) AS id, e.prominence, 0 AS rank FROM entities_entity e WHERE e.slug = %(slug)s
    UNION ALL
    SELECT e.id, e.prominence, 1 FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
    JOIN entities_entity e ON e.id = s.issuer_id
    WHERE l.ticker = %(ticker)s AND %(mic)s IN ('', l.mic) AND l.valid_to IS NULL AND e.merged_into_id IS NULL
    UNION ALL
    SELECT e.id, e.prominence, 2 FROM entities_alias a JOIN entities_entity e ON e.id = a.entity_id
    WHERE a.folded = %(folded)s AND e.merged_into_id IS NULL
) hits GROUP BY id ORDER BY min(rank) > 0, max(prominence) DESC, min(rank), id LIMIT %(most)s
"""


def called(text: str) -> tuple[Chip, ...]:
    """Entities that a person may mean by a slug, a name or a ticker (0981, 0981.XHKG, 0981 XHKG); likeliest first.

    A slug or a ticker with its market means one and nothing else.
    """
    text = text.replace("\x00", "").strip()
    if not text:
        return ()
    ticker, _, mic = text.upper().replace(".", " ").partition(" ")
    values: dict[str, str | int] = {
        "slug": text,
        "ticker": ticker,
        "mic": mic.strip(),
        "folded": fold(text),
        "most": CALLED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CALLED, values)
        ids = [row[0] for row in cursor.fetchall()]
    chips = chips_of(ids)
    found = tuple(chips[pk] for pk in ids if pk in chips)
    return next(((chip,) for chip in found if chip.slug == text), found)
