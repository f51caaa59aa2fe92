"""What the directories of people, companies and bodies read: one page of entities by name, by articles or by heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from articles.ingest.counting import STEP
from articles.measures.heat import LEAST, Heat
from articles.models import Progress
from articles.queries.chips import Chip, chips_of
from articles.queries.countries import country_name
from articles.queries.entities import LONGEST, starting_with
from articles.queries.heat import Measure, heats_of, measure_days
from articles.queries.times import Range
from entities.models import Entity

PAGE = 50
HOTTEST = 200  # whose heat is told exactly when a list is sorted by it
LOOKED_AT = 2000  # the most named ones: of those the hottest are found
COUNT_HOLDS = timedelta(hours=3)  # that a count of a year is shown for; it is renewed every hour
SORTS = {"": "Most named", "heat": "Most unusual", "name": "A to Z"}
KINDS: Mapping[str, str] = {value: str(label) for value, label in Entity.Kind.choices}
# How a list of one kind is headed.
PLURALS = {
    "": "Entities",
    "person": "People",
    "company": "Companies",
    "organization": "Organisations",
    "public_body": "Public bodies",
    "place": "Places",
    "other": "Others",
}


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """What a directory was asked for: the beginning of a name, a kind, where from, listed where, and in which order."""

    text: str = ""
    kind: str = ""
    country: str = ""
    exchange: str = ""
    watched: bool = False
    sort: str = ""
    after: str = ""

    @property
    def narrow(self) -> bool:
        """Whether more than a kind was asked for."""
        return bool(self.text or self.country or self.exchange or self.watched)


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One entity in a list with the articles of the range that name it, and how unusual that is."""

    chip: Chip
    kind_words: str
    country: str
    articles: int
    heat: Heat | None
    watched: bool
    post: str = ""  # what a person is by now, and where


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter with how many entities it leaves."""

    value: str
    words: str
    n: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many entities there are by kind and by country, within the other filters; `total` within all of them."""

    total: int
    kinds: tuple[Choice, ...]
    countries: tuple[Choice, ...]
    exchanges: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class EntitiesPage:
    """One page of entities; `after` is the next page's cursor or empty. `any` is false before the first entity."""

    rows: tuple[EntityRow, ...]
    after: str
    any: bool
    facets: Facets
    measure: Measure
    counted_at: datetime | None = None  # when the articles of the range were counted; None: just now


# Which entities a filter leaves, but for kind and country, that are counted beside.
_STANDS = """
e.merged_into_id IS NULL
AND (%(pattern)s = '' OR e.id IN (
    SELECT a.entity_id FROM entities_alias a WHERE a.folded LIKE %(pattern)s
    UNION ALL
    SELECT s.issuer_id FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
    WHERE l.ticker = %(ticker)s AND l.valid_to IS NULL))
AND (%(exchange)s = '' OR e.id IN (
    SELECT s.issuer_id FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
    WHERE l.mic = %(exchange)s AND l.valid_to IS NULL))
AND (NOT %(watched)s OR e.id IN (SELECT w.entity_id FROM articles_watch w WHERE w.user_id = %(user)s))
"""
_FITS = (
    f"{_STANDS} AND (%(kind)s = '' OR e.kind = %(kind)s) AND (%(country)s = '' OR e.country = %(country)s)"
)
_MINE = "EXISTS (SELECT 1 FROM articles_watch w WHERE w.user_id = %(user)s AND w.entity_id = e.id)"
_FACETS = f"SELECT e.kind, e.country, count(*) FROM entities_entity e WHERE {_STANDS} GROUP BY 1, 2"  # noqa: S608 - constants of this module
_EXCHANGES = """
SELECT x.mic, x.name FROM entities_exchange x
WHERE EXISTS (SELECT 1 FROM entities_listing l WHERE l.mic = x.mic AND l.valid_to IS NULL) ORDER BY x.name, x.mic
"""


@dataclass(frozen=True, slots=True)
class _Sums:
    """Where the articles of a range come from: `of` is those of the entity `{id}`, `named` all entities with theirs,
    `is_named` whether the entity `e` has any. `named` takes a condition on the sum `{{n}}` and the number `{{id}}`.
    """

    of: str
    named: str
    is_named: str


_DAYS = _Sums(
    of="""(SELECT coalesce(sum(d.n), 0)::int FROM articles_entityday d
           WHERE d.entity_id = {id} AND d.day >= %(first)s AND d.day <= %(last)s)""",
    # Days are aggregated before their entities are looked at: merged ones keep none, but for a moment.
    named="""SELECT d.entity_id, sum(d.n)::int AS n FROM articles_entityday d
             WHERE d.day >= %(first)s AND d.day <= %(last)s GROUP BY 1
             HAVING sum(d.n) > 0 AND (%(after_n)s::int IS NULL OR (sum(d.n), -d.entity_id) < (%(after_n)s::int, -%(after_id)s))
             ORDER BY 2 DESC, 1 LIMIT %(enough)s""",
    is_named="""EXISTS (SELECT 1 FROM articles_entityday d
                WHERE d.entity_id = e.id AND d.day >= %(first)s AND d.day <= %(last)s AND d.n > 0)""",
)
# The year as it was counted last.
_YEAR = _Sums(
    of="coalesce((SELECT y.n FROM articles_entityyear y WHERE y.entity_id = {id}), 0)",
    named="""SELECT y.entity_id, y.n FROM articles_entityyear y
             WHERE %(after_n)s::int IS NULL OR (y.n, -y.entity_id) < (%(after_n)s::int, -%(after_id)s)
             ORDER BY y.n DESC, y.entity_id LIMIT %(enough)s""",
    is_named="EXISTS (SELECT 1 FROM articles_entityyear y WHERE y.entity_id = e.id)",
)


# All that fit, with their articles of the range: for filters that leave few.
def _narrow(sums: _Sums) -> str:
    return f"""
        SELECT f.id, f.n, f.mine FROM (
            SELECT e.id, {_MINE} AS mine, {sums.of.format(id="e.id")} AS n FROM entities_entity e WHERE {_FITS} OFFSET 0
        ) f WHERE %(after_n)s::int IS NULL OR (f.n, -f.id) < (%(after_n)s::int, -%(after_id)s)
        ORDER BY f.n DESC, f.id LIMIT %(limit)s
    """  # noqa: S608 - constants of this module


# Those that articles of the range name, and after the last of them (n = 0) the others.
def _named(sums: _Sums) -> str:
    return f"""
        SELECT e.id, c.n, {_MINE} FROM ({sums.named}) c JOIN entities_entity e ON e.id = c.entity_id
        WHERE {_FITS} ORDER BY c.n DESC, e.id LIMIT %(limit)s
    """  # noqa: S608 - constants of this module


def _unnamed(sums: _Sums) -> str:
    return f"""
        SELECT e.id, 0, {_MINE} FROM entities_entity e
        WHERE {_FITS} AND (%(after_n)s::int IS DISTINCT FROM 0 OR e.id > %(after_id)s) AND NOT {sums.is_named}
        ORDER BY e.id LIMIT %(limit)s
    """  # noqa: S608 - constants of this module


def _by_name(sums: _Sums) -> str:
    return f"""
        SELECT f.id, {sums.of.format(id="f.id")}, f.mine FROM (
            SELECT e.id, lower(e.name) AS name, {_MINE} AS mine FROM entities_entity e
            WHERE {_FITS} AND (%(after_id)s = 0 OR (lower(e.name), e.id) > (
                SELECT lower(x.name), x.id FROM entities_entity x WHERE x.id = %(after_id)s))
            ORDER BY lower(e.name), e.id LIMIT %(limit)s
        ) f ORDER BY f.name, f.id
    """  # noqa: S608 - constants of this module


def _most(sums: _Sums) -> str:
    return f"""
        SELECT m.entity_id, m.n FROM ({sums.named}) m JOIN entities_entity e ON e.id = m.entity_id
        WHERE e.merged_into_id IS NULL ORDER BY m.n DESC, m.entity_id LIMIT %(limit)s
    """  # noqa: S608 - constants of this module


# A rough score first: who may be among the hottest at all. Only those who are named often enough now are looked back at.
_HOT = f"""
SELECT e.id, h.n, {_MINE} FROM (
    SELECT d.entity_id, coalesce(sum(d.n) FILTER (WHERE d.day >= %(hot_first)s), 0)::int AS n,
           coalesce(sum(d.n) FILTER (WHERE d.day < %(hot_first)s), 0) AS past
    FROM articles_entityday d WHERE d.day >= %(before)s AND d.day <= %(last)s
    GROUP BY 1 HAVING sum(d.n) FILTER (WHERE d.day >= %(hot_first)s) >= %(least)s
    ORDER BY 2 DESC, 1 LIMIT %(looked_at)s
) h JOIN entities_entity e ON e.id = h.entity_id
WHERE {_FITS}
ORDER BY sqrt(h.n + 0.375) - sqrt(h.past * %(part)s + 0.375) DESC, e.id LIMIT %(limit)s
"""  # noqa: S608 - constants of this module
_POSTS = """
SELECT DISTINCT ON (p.person_id) p.person_id, p.title, o.name
FROM entities_position p JOIN entities_entity o ON o.id = p.organization_id
WHERE p.person_id = ANY(%s) AND NOT p.former AND p.until = '' ORDER BY p.person_id, p.since DESC, p.id
"""
_Found = Sequence[tuple[int, int, bool]]


def entities_page(wanted: EntityFilter, span: Range, user_id: int) -> EntitiesPage:
    """One page of a directory; days are UTC days. Eight queries at most, whatever it holds."""
    counted_at = year_counted_at(span)
    sums = _YEAR if counted_at else _DAYS
    values = _values(wanted, span, user_id)
    facets = _facets(values)
    if wanted.sort == "heat":
        found, measure, heats, after = _hottest(wanted, values, span)
    else:
        found, after = _in_order(wanted, values, sums)
        measure, heats = heats_of([row[0] for row in found], span)
    chips = chips_of(row[0] for row in found)
    posts = _posts_of([pk for pk, chip in chips.items() if chip.kind == Entity.Kind.PERSON])
    rows = tuple(
        EntityRow(
            chips[pk],
            KINDS[chips[pk].kind],
            country_name(chips[pk].country),
            n,
            heats.get(pk),
            mine,
            posts.get(pk, ""),
        )
        for pk, n, mine in found
        if pk in chips
    )
    shown = counted_at if wanted.sort != "heat" else None
    return EntitiesPage(rows, after, bool(rows) or Entity.objects.exists(), facets, measure, shown)


def _posts_of(person_ids: Sequence[int]) -> dict[int, str]:
    """What each of these people is by now and where, the post begun last; one query, none for nobody."""
    if not person_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, [list(person_ids)])
        return {pk: f"{title}, {where}" for pk, title, where in cursor.fetchall()}


def most_named_sql(span: Range, limit: int, counted_at: datetime | None) -> tuple[str, Mapping[str, Any]]:
    """The statement for (entity id, articles in the range) of those named most, and its values.

    `counted_at` is what `year_counted_at` says of the range.
    """
    values = _values(EntityFilter(), span, 0) | {"limit": limit, "enough": 2 * limit}
    return _most(_YEAR if counted_at else _DAYS), values


def year_counted_at(span: Range) -> datetime | None:
    """When the articles of a year were counted last, for the range of a year; None where they are added up anew.

    One query for a year, none for any other range. A count that nobody renews any more is not used.
    """
    if span.code != "1y":
        return None
    return year_if_fresh(span, Progress.objects.filter(pk=STEP).values_list("number", flat=True).first())


def year_if_fresh(span: Range, second: int | None) -> datetime | None:
    """The same for whoever has read the second (Unix time) of the count already."""
    if span.code != "1y":
        return None
    at = datetime.fromtimestamp(second, UTC) if second is not None else None
    return at if at is not None and span.until - at < COUNT_HOLDS else None


def range_days(span: Range) -> tuple[date, date]:
    """The first and the last UTC day of a range; one of hours is its day."""
    days = max(1, round((span.until - span.since).total_seconds() / 86_400))
    last = span.until.date()
    return last - timedelta(days=days - 1), last


def _values(wanted: EntityFilter, span: Range, user_id: int) -> dict[str, Any]:
    first, last = range_days(span)
    text = wanted.text.replace("\x00", "").strip()[:LONGEST]
    n, pk = _cursor(wanted.after)
    hot = measure_days(span)
    return {
        "pattern": starting_with(text),
        "ticker": text.upper(),
        "kind": wanted.kind if wanted.kind in KINDS else "",
        "country": wanted.country.upper()[:2],
        "exchange": wanted.exchange.upper()[:4],
        "watched": wanted.watched,
        "user": user_id,
        "first": first,
        "last": last,
        "hot_first": hot.first,
        "before": hot.before,
        "part": ((hot.last - hot.first).days + 1) / (hot.first - hot.before).days,
        "after_n": n,
        "after_id": pk,
        "least": LEAST,
        "looked_at": LOOKED_AT,
        # Without a kind to look for, a page needs no more than these: merged entities keep no days, but for a moment.
        "enough": None if wanted.kind in KINDS else 2 * PAGE,
        "limit": PAGE + 1,
    }


def _cursor(after: str) -> tuple[int | None, int]:
    """The figure and the number that a page goes on from; (None, 0) for the first page and for what is none."""
    n, _, pk = after.partition("-")
    sound = n.isascii() and n.isdecimal() and pk.isascii() and pk.isdecimal() and len(after) < 28  # noqa: PLR2004 - an int and a bigint
    return (int(n), int(pk)) if sound and int(n) < 2**31 else (None, 0)


def _in_order(wanted: EntityFilter, values: dict[str, Any], sums: _Sums) -> tuple[_Found, str]:
    """The rows of one page and the cursor of the next, by articles or by name."""
    if wanted.sort == "name":
        found = _ask(_by_name(sums), values)
    elif wanted.narrow:
        found = _ask(_narrow(sums), values)
    else:
        found = [] if values["after_n"] == 0 else _ask(_named(sums), values)
        if len(found) <= PAGE:
            found = [*found, *_ask(_unnamed(sums), values | {"limit": PAGE + 1 - len(found)})]
    more = len(found) > PAGE
    found = found[:PAGE]
    return found, f"{found[-1][1]}-{found[-1][0]}" if more else ""


def _hottest(
    wanted: EntityFilter, values: dict[str, Any], span: Range
) -> tuple[_Found, Measure, Mapping[int, Heat], str]:
    """The hottest first, by their exact heat; the cursor is the score in millionths and the number of the last one."""
    found = _ask(_HOT, values | {"limit": HOTTEST})
    measure, heats = heats_of([row[0] for row in found], span)
    told = sorted(
        (row for row in found if heats[row[0]].level not in {"few", "short"}),
        key=lambda row: _place(heats[row[0]], row[0]),
    )
    after, pk = _cursor(wanted.after)
    if after is not None:
        told = [row for row in told if _place(heats[row[0]], row[0]) > (-after, pk)]
    page = told[:PAGE]
    last = page[-1][0] if len(told) > PAGE else None
    return page, measure, heats, f"{-_place(heats[last], last)[0]}-{last}" if last is not None else ""


def _place(heat: Heat, pk: int) -> tuple[int, int]:
    """Where an entity stands in the order of heat; what is cooler than usual stands together at the end."""
    return -max(0, round(heat.score * 1_000_000)), pk


def _facets(values: Mapping[str, Any]) -> Facets:
    with connection.cursor() as cursor:
        cursor.execute(_FACETS, values)
        counted = cursor.fetchall()
        cursor.execute(_EXCHANGES)
        exchanges = cursor.fetchall()
    kind, country = values["kind"], values["country"]
    kinds: dict[str, int] = {}
    countries: dict[str, int] = {}
    for of_kind, of_country, n in counted:
        if country in {"", of_country}:
            kinds[of_kind] = kinds.get(of_kind, 0) + n
        if kind in {"", of_kind} and of_country:
            countries[of_country] = countries.get(of_country, 0) + n
    named = [Choice(code, country_name(code), n) for code, n in countries.items()]
    return Facets(
        total=sum(n for of_kind, n in kinds.items() if kind in {"", of_kind}),
        kinds=(
            Choice("", "All", sum(kinds.values())),
            *(Choice(code, PLURALS[code], kinds.get(code, 0)) for code in KINDS),
        ),
        countries=tuple(sorted(named, key=lambda choice: choice.words)),
        exchanges=tuple(Choice(mic, name, 0) for mic, name in exchanges),
    )


def _ask(statement: str, values: Mapping[str, Any]) -> _Found:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
