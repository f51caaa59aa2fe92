"""Who is named together with an entity, how much more often than chance would have it, and who of them with whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection

from articles.queries.chips import Chip, chips_of
from articles.queries.times import Range

MOST = 40
SHOWN = 16  # rows before "all"
READ = 2000  # the newest articles of the range that are read
LEAST = 2  # one article is chance

_ARTICLES = """
articles AS MATERIALIZED (
    SELECT x.article_id FROM articles_articleentity x
    WHERE x.entity_id = %(me)s AND x.published_at >= %(since)s AND x.published_at <= %(until)s
    ORDER BY x.published_at DESC LIMIT %(read)s
)
"""
# `whole` are the desk's articles of the range and `theirs` those that name the other one: what chance would give.
_TOGETHER = f"""
WITH {_ARTICLES}, named AS (
    SELECT o.entity_id, count(*)::int AS n, count(*) FILTER (WHERE o.about)::int AS about
    FROM articles a JOIN articles_articleentity o ON o.article_id = a.article_id
    WHERE o.entity_id <> %(me)s GROUP BY 1 HAVING count(*) >= %(least)s ORDER BY 2 DESC, 1 LIMIT %(most)s
)
SELECT n.entity_id, n.n, n.about,
       (SELECT coalesce(sum(d.n), 0)::int FROM articles_entityday d
        WHERE d.entity_id = n.entity_id AND d.day >= %(first)s AND d.day <= %(last)s),
       (SELECT count(*)::int FROM articles),
       (SELECT count(*)::int FROM articles_searchrow s WHERE s.published_at >= %(since)s AND s.published_at <= %(until)s)
FROM named n ORDER BY n.n DESC, n.entity_id
"""  # noqa: S608 - a constant of this module
_PAIRS = f"""
WITH {_ARTICLES}, named AS (
    SELECT o.article_id, o.entity_id FROM articles a
    JOIN articles_articleentity o ON o.article_id = a.article_id WHERE o.entity_id = ANY(%(ids)s)
)
SELECT l.entity_id, r.entity_id, count(*)::int FROM named l JOIN named r USING (article_id)
WHERE l.entity_id < r.entity_id GROUP BY 1, 2 HAVING count(*) >= %(least)s
ORDER BY 3 DESC, 1, 2 LIMIT %(pairs)s
"""  # noqa: S608 - a constant of this module
PAIRS = 60
SORTS = ("articles", "lift", "about", "name")


@dataclass(frozen=True, slots=True)
class Other:
    """An entity that is named in the same articles. `lift` is how many times chance; `share` of the articles read."""

    chip: Chip
    n: int
    about: int
    lift: float
    share: float


@dataclass(frozen=True, slots=True)
class Together:
    """Who is named together with an entity; `pairs` are (entity, entity, articles) among them."""

    others: tuple[Other, ...]
    pairs: tuple[tuple[int, int, int], ...]
    read: int
    capped: bool
    sort: str


def together_with(entity_id: int, span: Range, sort: str = "") -> Together:
    """Entities in the articles of the range that name this one, at most 40; three queries.

    Lift is P(both) / (P(one) P(other)) over the desk's articles of the range: above 1 they seek each other.
    """
    values: dict[str, Any] = {
        "me": entity_id,
        "since": span.since,
        "until": span.until,
        "first": span.since.astimezone(UTC).date(),
        "last": span.until.astimezone(UTC).date(),
        "read": READ,
        "least": LEAST,
        "most": MOST,
        "pairs": PAIRS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOGETHER, values)
        found = cursor.fetchall()
        ids = [row[0] for row in found]
        cursor.execute(_PAIRS, values | {"ids": ids})
        pairs = tuple(cursor.fetchall())
    chips = chips_of(ids)
    others = [
        Other(chips[pk], n, about, _lift(n, theirs, read, whole), n / read)
        for pk, n, about, theirs, read, whole in found
        if pk in chips
    ]
    read = found[0][4] if found else 0
    kept = sort if sort in SORTS else "articles"
    return Together(_sorted(others, kept), pairs, read, read >= READ, kept)


def _lift(n: int, theirs: int, ours: int, whole: int) -> float:
    chance = ours * max(theirs, n) / whole if whole else 0.0
    return n / chance if chance else 0.0


def _sorted(others: Sequence[Other], sort: str) -> tuple[Other, ...]:
    if sort == "name":
        return tuple(sorted(others, key=lambda other: other.chip.name.casefold()))
    if sort == "lift":
        return tuple(sorted(others, key=lambda other: (-other.lift, -other.n, other.chip.id)))
    if sort == "about":
        return tuple(sorted(others, key=lambda other: (-other.about, -other.n, other.chip.id)))
    return tuple(others)
