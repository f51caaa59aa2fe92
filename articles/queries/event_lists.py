"""What lists and feeds of events are asked for: filters, orders and pages of the event table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, Literal
from urllib.parse import urlencode

from django.db import connection

from articles.models import Event
from articles.queries.countries import NAMES, country_name
from articles.queries.events import COLUMNS, EventRow, dress_events
from articles.queries.times import Range
from articles.search.find import Cursor, read_cursor
from entities.names import fold

PAGE = 25
COUNTED = 1_000  # more are said to be more
LONGEST = 200  # characters of a filter
DIGITS = 18  # all of them fit a bigint

Order = Literal["last", "heat", "growth", "first"]
ORDERS: Mapping[str, str] = {"last": "Latest told", "heat": "Heat", "growth": "Growth", "first": "First seen"}
TYPES: tuple[tuple[str, str], ...] = tuple((value, str(label)) for value, label in Event.Type.choices)
SILENCE: Mapping[str, str] = {"live": "Live only", "dormant": "Dormant only"}
# What a filter is called on its chip.
CALLED = {
    "text": "words",
    "status": "status",
    "type": "type",
    "entity": "entity",
    "ticker": "listing",
    "country": "country",
    "source": "told by",
    "silence": "silence",
    "new": "began in this range",
}


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What an address asks of the events; every combination of these is a list and two feeds.

    `entity` is a slug or a name, `ticker` one with or without its market (0981.XHKG), `country` where one that it names
    is at home (ISO 3166 alpha-2), `source` the slug of a publisher that tells it.
    """

    text: str = ""
    status: str = ""
    type: str = ""
    entity: str = ""
    ticker: str = ""
    country: str = ""
    source: str = ""
    silence: str = ""
    new: str = ""
    order: str = "last"
    after: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CALLED)

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """The filters that are set, as (name, value)."""
        return tuple((name, getattr(self, name)) for name in CALLED if getattr(self, name))

    def without(self, name: str) -> EventFilter:
        """The filter less one of its parts, from its first page."""
        return replace(self, **{name: "", "after": ""})

    def address(self, span: str) -> str:
        """The query string of its list in a range, without a leading question mark."""
        pairs = [("range", span), *self.asked, *([("order", self.order)] if self.order != "last" else [])]
        return urlencode(pairs)


def read_filter(asked: Mapping[str, str]) -> EventFilter:
    """The filter of an address; what is not known there is left out."""

    def text(name: str) -> str:
        return asked.get(name, "").replace("\x00", "").strip()[:LONGEST]

    def among(name: str, known: Mapping[str, str] | Sequence[str], default: str = "") -> str:
        return text(name) if text(name) in known else default

    return EventFilter(
        text=text("text"),
        status=among("status", Event.Status.values),
        type=among("type", Event.Type.values),
        entity=text("entity"),
        ticker=text("ticker").upper(),
        country=text("country").upper() if text("country").upper() in NAMES else "",
        source=text("source"),
        silence=among("silence", SILENCE),
        new="1" if text("new") == "1" else "",
        order=among("order", ORDERS, "last"),
        after=text("after"),
    )


@dataclass(frozen=True, slots=True)
class Label:
    """A filter as its chip says it, and the address of the list without it. `problem`: why it cannot match."""

    name: str
    called: str
    words: str
    drop: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A filter to leave out when nothing fits, and how many fit then."""

    words: str
    address: str
    n: int


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page of events; `after` is the next page's cursor or empty, `total` at most COUNTED + 1."""

    rows: tuple[EventRow, ...]
    after: str
    total: int
    any: bool
    labels: tuple[Label, ...]
    drops: tuple[Drop, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as conditions on `articles_event e`, by the name of the part that asks for each."""

    span: Range
    conditions: Mapping[str, str]
    values: Mapping[str, Any]
    labels: tuple[Label, ...] = ()
    problems: frozenset[str] = field(default_factory=frozenset)

    def where(self, *, without: str = "") -> str:
        """The conditions in one, without those of one part."""
        parts = [condition for name, condition in self.conditions.items() if name != without]
        if self.problems - {without}:
            parts.append("false")
        if without == "new":
            parts.append(_TOLD)
        return " AND ".join(parts)


_TOLD = "e.last_at >= %(since)s"
_STANDS = "e.merged_into_id IS NULL AND e.article_count > 0"
_WORDS = (
    "to_tsvector('english', e.title) || to_tsvector('simple', e.title)"
    " @@ (websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s))"
)
_NAMES_ENTITY = (
    "e.id IN (SELECT m.event_id FROM articles_articleentity x JOIN articles_membership m ON m.article_id = x.article_id"
    " WHERE x.entity_id = %({name})s)"
)
_CONDITIONS = {
    "text": _WORDS,
    "status": "e.status = %(status)s",
    "type": "e.type = %(type)s",
    "entity": _NAMES_ENTITY.format(name="entity"),
    "ticker": _NAMES_ENTITY.format(name="ticker"),
    "country": (
        "EXISTS (SELECT FROM articles_membership m JOIN articles_articleentity x ON x.article_id = m.article_id"
        " JOIN entities_entity n ON n.id = x.entity_id WHERE m.event_id = e.id AND n.country = %(country)s)"
    ),
    "source": (
        "EXISTS (SELECT FROM articles_membership m JOIN articles_article a ON a.id = m.article_id"
        " WHERE m.event_id = e.id AND a.publisher_id = %(source)s)"
    ),
    "new": "e.first_at >= %(since)s",
}
_SILENT = {"live": "e.last_at >= %(dormant)s", "dormant": "e.last_at < %(dormant)s"}
_FOUND = """
(SELECT 'source', p.id, p.name FROM articles_publisher p WHERE p.slug = lower(%(source)s) OR lower(p.name) = lower(%(source)s)
 LIMIT 1)
UNION ALL
(SELECT 'entity', c.id, c.name FROM (
    SELECT x.id, x.name, x.prominence, 0 AS rank FROM entities_entity o
    JOIN entities_entity x ON x.id = coalesce(o.merged_into_id, o.id) WHERE o.slug = lower(%(entity)s)
    UNION ALL
    SELECT x.id, x.name, x.prominence, 1 FROM entities_alias a JOIN entities_entity x ON x.id = a.entity_id
    WHERE a.folded = %(folded)s AND %(folded)s <> '' AND x.merged_into_id IS NULL
 ) c ORDER BY c.rank, c.prominence DESC, c.id LIMIT 1)
UNION ALL
(SELECT 'ticker', x.id, x.name FROM entities_listing l JOIN entities_security s ON s.id = l.security_id
 JOIN entities_entity x ON x.id = s.issuer_id
 WHERE l.ticker = %(ticker)s AND %(mic)s IN ('', l.mic) AND l.valid_to IS NULL
 ORDER BY x.prominence DESC, l.primary DESC, x.id LIMIT 1)
"""
_THINGS = {"source": "publisher", "entity": "entity", "ticker": "listing"}


def ask_events(wanted: EventFilter, span: Range, dormant_before: datetime) -> Asked:
    """The conditions of a filter within a range; one query when it names an entity, a listing or a publisher."""
    found = _look_up(wanted)
    values: dict[str, Any] = {
        "since": span.since,
        "dormant": dormant_before,
        "text": wanted.text,
        "status": wanted.status,
        "type": wanted.type,
        "country": wanted.country,
        **{name: pk for name, (pk, _) in found.items()},
    }
    conditions = {"stands": _STANDS}
    if not wanted.new:
        conditions["range"] = _TOLD
    labels, problems = [], set()
    for name, value in wanted.asked:
        problem = f"No {_THINGS[name]} is called “{value}”." if name in _THINGS and name not in found else ""
        if problem:
            problems.add(name)
        else:
            conditions[name] = _SILENT[value] if name == "silence" else _CONDITIONS[name]
        words = found[name][1] if name in found else _value_words(name, value)
        drop = wanted.without(name).address(span.code)
        labels.append(Label(name, CALLED[name], words, drop, problem))
    return Asked(span, conditions, values, tuple(labels), frozenset(problems))


def _value_words(name: str, value: str) -> str:
    if name == "status":
        return str(Event.Status(value).label)
    if name == "type":
        return str(Event.Type(value).label)
    if name == "silence":
        return SILENCE[value]
    return {"country": country_name(value), "new": ""}.get(name, value)


def _look_up(wanted: EventFilter) -> dict[str, tuple[int, str]]:
    """Ids and names of the entity, the listing's issuer and the publisher that a filter names."""
    if not (wanted.entity or wanted.ticker or wanted.source):
        return {}
    ticker, _, mic = wanted.ticker.replace(" ", ".").partition(".")
    values = {
        "source": wanted.source,
        "entity": wanted.entity,
        "folded": fold(wanted.entity),
        "ticker": ticker,
        "mic": mic,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, values)
        found = {kind: (pk, name) for kind, pk, name in cursor.fetchall()}
    return {name: hit for name, hit in found.items() if getattr(wanted, name)}


# Column of each order. Of those that may not be known the unknown come last, by when they were told.
_COLUMN = {"last": "last_at", "first": "first_at", "heat": "heat", "growth": "growth"}
_MEASURED = frozenset({"heat", "growth"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page of an order by a measure ended: at a figure, or (None) among those without one."""

    figure: float | None
    id: int


def event_rows(
    asked: Asked, order: str, limit: int, after: str, zone: tzinfo
) -> tuple[list[tuple[Any, ...]], str]:
    """Up to `limit` rows of COLUMNS in an order, and the cursor of what follows or empty; one or two queries."""
    if order not in _MEASURED:
        column, place = _COLUMN[order], read_cursor(after, zone)
        rows = _page(asked, column, place, limit + 1)
        more = rows[limit - 1] if len(rows) > limit else None
        at = 3 if order == "first" else 4
        return rows[:limit], str(Cursor(more[at], more[0])) if more else ""
    figure = COLUMNS.index(order)
    rest, measured = _read_place(after, zone)
    rows = [] if rest is not None else _measured_page(asked, _COLUMN[order], measured, limit + 1)
    if len(rows) <= limit:
        rows += _page(asked, "last_at", rest, limit + 1 - len(rows), extra=f"e.{_COLUMN[order]} IS NULL")
    if len(rows) <= limit:
        return rows, ""
    last = rows[limit - 1]
    follows = f"h{last[figure]!r}:{last[0]}" if last[figure] is not None else f"r{Cursor(last[4], last[0])}"
    return rows[:limit], follows


def _read_place(after: str, zone: tzinfo) -> tuple[Cursor | None, _Place | None]:
    """A cursor among those without a figure, or among those with one."""
    if after.startswith("r"):
        return read_cursor(after[1:], zone), None
    figure, colon, number = after.removeprefix("h").partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= DIGITS
    if not (after.startswith("h") and colon and is_number):
        return None, None
    try:
        found = float(figure)
    except ValueError:
        return None, None
    return None, _Place(found, int(number)) if math.isfinite(found) else None


def _page(
    asked: Asked, column: str, after: Cursor | None, limit: int, extra: str = "true"
) -> list[tuple[Any, ...]]:
    step = f"AND (e.{column}, e.id) < (%(after)s, %(after_id)s)" if after else ""
    values = {"after": after.published_at, "after_id": after.article_id} if after else {}
    return _ask(
        f"SELECT {_SELECTED} FROM articles_event e WHERE {asked.where()} AND {extra} {step}"  # noqa: S608 - constants of this module
        f" ORDER BY e.{column} DESC, e.id DESC LIMIT %(limit)s",
        {**asked.values, **values, "limit": limit},
    )


def _measured_page(asked: Asked, column: str, after: _Place | None, limit: int) -> list[tuple[Any, ...]]:
    step = f"AND (e.{column}, e.id) < (%(after)s, %(after_id)s)" if after else ""
    values = {"after": after.figure, "after_id": after.id} if after else {}
    return _ask(
        f"SELECT {_SELECTED} FROM articles_event e WHERE {asked.where()} AND e.{column} IS NOT NULL {step}"  # noqa: S608 - constants of this module
        f" ORDER BY e.{column} DESC, e.id DESC LIMIT %(limit)s",
        {**asked.values, **values, "limit": limit},
    )


_SELECTED = ", ".join(f"e.{column}" for column in COLUMNS)


def _ask(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def events_page(wanted: EventFilter, span: Range, zone: tzinfo, dormant_before: datetime) -> EventsPage:
    """Events of a range that fit a filter, in its order; seven queries at most, one more when nothing fits."""
    asked = ask_events(wanted, span, dormant_before)
    rows, after = event_rows(asked, wanted.order, PAGE, wanted.after, zone)
    counted = f"SELECT 1 FROM articles_event e WHERE {asked.where()} LIMIT {COUNTED + 1}"  # noqa: S608 - constants of this module
    total, some = _ask(
        f"SELECT count(*), EXISTS (SELECT FROM articles_event) FROM ({counted}) AS m",  # noqa: S608 - the same
        asked.values,
    )[0]
    drops = tuple(_drops(asked)) if not rows and wanted else ()
    return EventsPage(dress_events(rows, span), after, total, some, asked.labels, drops)


def _drops(asked: Asked) -> Iterator[Drop]:
    """Each part alone left out, those that then find something, most first; one query."""
    parts = [
        f"SELECT '{label.name}', count(*) FROM (SELECT 1 FROM articles_event e"  # noqa: S608 - constants of this module
        f" WHERE {asked.where(without=label.name)} LIMIT {COUNTED + 1}) AS m"
        for label in asked.labels
    ]
    counts = dict(_ask(" UNION ALL ".join(parts), asked.values))
    for label in sorted(asked.labels, key=lambda label: -counts[label.name]):
        if counts[label.name]:
            words = f"{label.called}: {label.words}" if label.words else label.called
            yield Drop(words, label.drop, counts[label.name])
