"""Two entities side by side: how often each is named, where both are, and whom and what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection

from articles.measures.heat import Heat, heat_of
from articles.queries.chips import Chip, chips_of
from articles.queries.entity import bars_of, chart_days
from articles.queries.events import StatusWord, status_word
from articles.queries.heat import Measure, measured
from articles.queries.times import Bar, Range

READ = 2000  # the newest articles of each in the range
SHARED = 12
OTHERS = 20


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its bars, their sum, and how unusual that is."""

    chip: Chip
    bars: tuple[Bar, ...]
    named: int
    heat: Heat


@dataclass(frozen=True, slots=True)
class SharedArticle:
    """An article that names both."""

    id: int
    title: str
    publisher: str
    published_at: datetime
    about: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class SharedEvent:
    """An event in whose articles both are named; `named` counts them for each."""

    id: int
    title: str
    status: StatusWord
    last_at: datetime
    named: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SharedOther:
    """Somebody who is named together with each of them, in so many articles."""

    chip: Chip
    together: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SharedPost:
    """A person with a position at both, or an organisation at which both hold one: who, and what on each side."""

    name: str
    slug: str
    titles: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tie:
    """One owns (a part of) the other."""

    owner: str
    asset: str
    words: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that the page about two entities says; `both` is exact for the days of the chart."""

    sides: tuple[Side, Side]
    weekly: bool
    measure: Measure
    both: int
    articles: Sequence[SharedArticle]
    events: Sequence[SharedEvent]
    others: Sequence[SharedOther]
    posts: Sequence[SharedPost]
    ties: Sequence[Tie]


_BOTH = """
shared AS MATERIALIZED (
    SELECT a.article_id, a.published_at, a.about AS about_a, b.about AS about_b
    FROM articles_articleentity a JOIN articles_articleentity b ON b.article_id = a.article_id AND b.entity_id = %(b)s
    WHERE a.entity_id = %(a)s AND a.published_at >= %(since)s AND a.published_at < %(until)s
)
"""
_ARTICLES = f"""
WITH {_BOTH}
SELECT r.id, r.title, p.name, r.published_at, x.about_a, x.about_b, x.n FROM (
    SELECT shared.*, count(*) OVER () AS n FROM shared ORDER BY published_at DESC, article_id DESC LIMIT %(shared)s
) x JOIN articles_article r ON r.id = x.article_id JOIN articles_publisher p ON p.id = r.publisher_id
ORDER BY r.published_at DESC, r.id DESC
"""  # noqa: S608 - constants of this module
_NEWEST = """
SELECT x.article_id FROM articles_articleentity x
WHERE x.entity_id = {who} AND x.published_at >= %(since)s AND x.published_at < %(until)s
ORDER BY x.published_at DESC LIMIT %(read)s
"""
_NEAR = f"""
a AS MATERIALIZED ({_NEWEST.format(who="%(a)s")}), b AS MATERIALIZED ({_NEWEST.format(who="%(b)s")})
"""
_EVENTS = f"""
WITH {_NEAR}, na AS (
    SELECT m.event_id, count(*)::int AS n FROM a JOIN articles_membership m USING (article_id) GROUP BY 1
), nb AS (
    SELECT m.event_id, count(*)::int AS n FROM b JOIN articles_membership m USING (article_id) GROUP BY 1
)
SELECT e.id, e.title, e.status, e.last_at, na.n, nb.n FROM na JOIN nb USING (event_id)
JOIN articles_event e ON e.id = na.event_id WHERE e.merged_into_id IS NULL
ORDER BY least(na.n, nb.n) DESC, e.last_at DESC, e.id DESC LIMIT %(shared)s
"""  # noqa: S608 - constants of this module
_OTHERS = f"""
WITH {_NEAR}, na AS (
    SELECT o.entity_id, count(*)::int AS n FROM a JOIN articles_articleentity o USING (article_id) GROUP BY 1
), nb AS (
    SELECT o.entity_id, count(*)::int AS n FROM b JOIN articles_articleentity o USING (article_id) GROUP BY 1
)
SELECT na.entity_id, na.n, nb.n FROM na JOIN nb USING (entity_id)
WHERE na.entity_id NOT IN (%(a)s, %(b)s)
ORDER BY least(na.n, nb.n) DESC, na.n + nb.n DESC, na.entity_id LIMIT %(others)s
"""  # noqa: S608 - constants of this module
_POSTS = """
SELECT e.name, e.slug, x.title, y.title FROM (
    SELECT person_id AS third, title, former OR until <> '' AS over FROM entities_position WHERE organization_id = %(a)s
    UNION ALL
    SELECT organization_id, title, former OR until <> '' FROM entities_position WHERE person_id = %(a)s
) x JOIN (
    SELECT person_id AS third, title, former OR until <> '' AS over FROM entities_position WHERE organization_id = %(b)s
    UNION ALL
    SELECT organization_id, title, former OR until <> '' FROM entities_position WHERE person_id = %(b)s
) y USING (third) JOIN entities_entity e ON e.id = x.third
ORDER BY x.over, y.over, e.name, x.title, y.title LIMIT 40
"""
_TIES = """
SELECT o.name, s.name, CASE w.kind WHEN 'direct' THEN 'is the direct parent of'
       WHEN 'ultimate' THEN 'is the ultimate parent of' ELSE 'holds shares of' END, w.until <> ''
FROM entities_ownership w JOIN entities_entity o ON o.id = w.owner_id JOIN entities_entity s ON s.id = w.asset_id
WHERE (w.owner_id, w.asset_id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))
UNION ALL
SELECT p.name, g.name, 'is ' || x.title || ' of', x.former OR x.until <> ''
FROM entities_position x JOIN entities_entity p ON p.id = x.person_id JOIN entities_entity g ON g.id = x.organization_id
WHERE (x.person_id, x.organization_id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))
ORDER BY 4, 1, 3
"""


def compare(one: Chip, other: Chip, span: Range) -> Comparison:
    """Two entities in the days of a range; seven queries."""
    chart = chart_days(span)
    measure, counts = measured([one.id, other.id], span, since=chart[0])
    sides = tuple(_side(chip, counts.get(chip.id, {}), chart, measure) for chip in (one, other))
    values: dict[str, Any] = {
        "a": one.id,
        "b": other.id,
        "since": datetime.combine(chart[0], time.min, UTC),
        "until": datetime.combine(chart[1] + timedelta(days=1), time.min, UTC),
        "shared": SHARED,
        "others": OTHERS,
        "read": READ,
    }
    found = {name: _ask(statement, values) for name, statement in _STATEMENTS.items()}
    chips = chips_of(row[0] for row in found["others"])
    return Comparison(
        sides=(sides[0][0], sides[1][0]),
        weekly=sides[0][1],
        measure=measure,
        both=found["articles"][0][6] if found["articles"] else 0,
        articles=[
            SharedArticle(row[0], row[1], row[2], row[3], (row[4], row[5])) for row in found["articles"]
        ],
        events=[
            SharedEvent(row[0], row[1], status_word(row[2]), row[3], (row[4], row[5]))
            for row in found["events"]
        ],
        others=[SharedOther(chips[pk], (n, m)) for pk, n, m in found["others"] if pk in chips],
        posts=[SharedPost(row[0], row[1], (row[2], row[3])) for row in found["posts"]],
        ties=[
            Tie(owner, asset, f"{'once ' if over else ''}{words}")
            for owner, asset, words, over in found["ties"]
        ],
    )


_STATEMENTS = {
    "articles": _ARTICLES,
    "events": _EVENTS,
    "others": _OTHERS,
    "posts": _POSTS,
    "ties": _TIES,
}


def _side(
    chip: Chip, counted: Mapping[Any, int], chart: tuple[Any, Any], measure: Measure
) -> tuple[Side, bool]:
    bars, weekly = bars_of(counted, chip.slug, chart, {})
    heat = heat_of(counted, measure.days, measure.weeks)
    return Side(chip, bars, sum(bar.n for bar in bars), heat), weekly


def _ask(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
