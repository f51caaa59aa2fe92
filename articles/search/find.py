"""Search over the slim table: what a query means for these rows, the newest matches, and what else would match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.postgresql.psycopg_any import mogrify
from psycopg.errors import QueryCanceled

from articles.errors import SearchTooSlowError
from articles.search.folding import AS_WRITTEN, Words, read_words, search_limit
from articles.search.grid import windows
from articles.search.language import HAS, IS, STATUSES, Filter, Query, day_after, since_moment
from entities.names import fold

# Above so many, a count is an estimate and says so; facets are of the newest so many.
COUNTED = 2000
_EPOCH_DIGITS = 17
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Label:
    """How a filter reads on its chip: `words` is the name found for its value, `problem` why it cannot match."""

    filter: Filter
    words: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a query asks of the search table. `nothing` is true when some filter cannot match at all.

    `limited` is a sentence about what searching in this language leaves out, empty when nothing.
    """

    query: Query
    now: datetime
    labels: tuple[Label, ...] = ()
    words: Words = field(default_factory=Words)
    limited: str = ""
    publisher_ids: tuple[int, ...] = ()
    entity_ids: tuple[int, ...] = ()
    language: str = ""
    since: datetime | None = None
    until: datetime | None = None
    has: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # of `is:`
    copies_of: int | None = None
    status: str = ""
    event_id: int | None = None
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: everything older than this moment and id comes next."""

    published_at: datetime
    article_id: int

    def __str__(self) -> str:
        return f"{int(self.published_at.timestamp() * 1_000_000)}-{self.article_id}"


@dataclass(slots=True)
class _Where:
    parts: list[str] = field(default_factory=lambda: ["true"])
    values: dict[str, Any] = field(default_factory=dict)


def read_cursor(text: str, zone: tzinfo) -> Cursor | None:
    """The cursor of `?after=`, None when there is none or it makes no sense."""
    moment, dash, number = text.partition("-")
    sound = dash and moment.isdecimal() and number.isdecimal() and moment.isascii() and number.isascii()
    if not sound or len(moment) > _EPOCH_DIGITS or len(number) > len(str(_MAX_ID)) - 1:
        return None
    try:
        at = datetime.fromtimestamp(int(moment) // 1_000_000, zone)
    except (ValueError, OverflowError, OSError):
        return None
    return Cursor(at.replace(microsecond=int(moment) % 1_000_000), int(number))


_NAMES = """
SELECT 'source', w.text, p.id, p.name FROM unnest(%(sources)s::text[]) AS w(text)
JOIN articles_publisher p ON p.slug = lower(w.text) OR lower(p.name) = lower(w.text)
UNION ALL
SELECT 'entity', w.text, e.id, e.name FROM unnest(%(entities)s::text[], %(folded)s::text[]) AS w(text, folded)
JOIN LATERAL (
    SELECT x.id, x.name FROM (
        SELECT coalesce(m.merged_into_id, m.id) AS id, 0 AS rank FROM entities_entity m WHERE m.slug = lower(w.text)
        UNION ALL SELECT a.entity_id, 1 FROM entities_alias a WHERE a.folded = w.folded
    ) c JOIN entities_entity x ON x.id = c.id
    WHERE x.merged_into_id IS NULL ORDER BY c.rank, x.prominence DESC, x.id LIMIT 1
) e ON true
UNION ALL
SELECT 'ticker', w.text, e.id, e.name FROM unnest(%(tickers)s::text[]) AS w(text)
JOIN LATERAL (
    SELECT x.id, x.name FROM entities_listing l
    JOIN entities_security s ON s.id = l.security_id JOIN entities_entity x ON x.id = s.issuer_id
    WHERE l.ticker = split_part(upper(w.text), '.', 1) AND l.valid_to IS NULL
        AND (split_part(upper(w.text), '.', 2) IN ('', l.mic))
    ORDER BY x.prominence DESC, l.primary DESC, x.id LIMIT 1
) e ON true
"""


def understand(query: Query, now: datetime, zone: tzinfo) -> Meaning:
    """Look up the names in a query (one query of the database, none without names) and read its times.

    Days are days of `zone`. Filters that nothing answers to get a label with a problem and match nothing.
    """
    found: dict[tuple[str, str], tuple[int, str]] = {}
    sources, entities, tickers = query.values("source"), query.values("entity"), query.values("ticker")
    if sources or entities or tickers:
        with connection.cursor() as cursor:
            cursor.execute(
                _NAMES,
                {
                    "sources": list(sources),
                    "entities": list(entities),
                    "folded": [fold(name) for name in entities],
                    "tickers": list(tickers),
                },
            )
            found = {(kind, text): (pk, name) for kind, text, pk, name in cursor.fetchall()}
    language = query.value("lang")
    meaning = Meaning(
        query,
        now,
        words=read_words(query.words, language),
        limited=search_limit(query.words, language),
        nothing=bool(query.words) and not read_words(query.words, language).groups,
    )
    labels = []
    for part in query.filters:
        meaning, words, problem = _apply(meaning, part, found, now, zone)
        labels.append(Label(part, words, problem))
    return replace(
        meaning, labels=tuple(labels), nothing=meaning.nothing or any(label.problem for label in labels)
    )


def _apply(  # noqa: C901, PLR0911, PLR0912 - one branch a key of the language
    meaning: Meaning,
    part: Filter,
    found: dict[tuple[str, str], tuple[int, str]],
    now: datetime,
    zone: tzinfo,
) -> tuple[Meaning, str, str]:
    key, value = part.key, part.value
    if key in {"source", "entity", "ticker"}:
        hit = found.get((key, value))
        if hit is None:
            thing = {"source": "publisher", "entity": "entity", "ticker": "listing"}[key]
            return meaning, value, f"No {thing} is called “{value}”."
        if key == "source":
            return replace(meaning, publisher_ids=(*meaning.publisher_ids, hit[0])), hit[1], ""
        return (
            replace(meaning, entity_ids=(*meaning.entity_ids, hit[0])),
            value if key == "ticker" else hit[1],
            "",
        )
    if key == "lang":
        return replace(meaning, language=value.lower()), value, ""
    if key in {"since", "day"}:
        since = since_moment(value, now, zone)
        until = day_after(value, zone) if key == "day" else meaning.until
        if since is None or (key == "day" and until is None):
            return meaning, value, f"“{value}” is no time: write 7d or 2026-03-11."
        return replace(meaning, since=since, until=until), value, ""
    if key == "until":
        until = day_after(value, zone)
        if until is None:
            return meaning, value, f"“{value}” is no day: write it like 2026-03-11."
        return replace(meaning, until=until), value, ""
    if key == "has":
        if value not in HAS:
            return meaning, value, f"has: knows {', '.join(HAS)}."
        return replace(meaning, has=(*meaning.has, value)), value, ""
    if key == "is":
        if value not in IS:
            return meaning, value, f"is: knows {', '.join(IS)}."
        return replace(meaning, kinds=(*meaning.kinds, value)), value, ""
    if key == "copies":
        if not _is_number(value):
            return meaning, value, "copies: wants the number of an article, as its address has it."
        return replace(meaning, copies_of=int(value)), f"the same text as article {value}", ""
    if key == "status":
        if value not in STATUSES:
            return meaning, value, f"status: knows {', '.join(STATUSES)}."
        return replace(meaning, status=value), value.replace("_", " "), ""
    if not _is_number(value):
        return meaning, value, "event: wants the number of an event."
    return replace(meaning, event_id=int(value)), value, ""


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < len(str(_MAX_ID))


# The number of a joined event means the one that it became part of, here as in addresses.
_OF_EVENT = """EXISTS (SELECT FROM articles_membership m WHERE m.article_id = s.article_id AND m.event_id = (
    WITH RECURSIVE way(id, onward) AS (
        SELECT e.id, e.merged_into_id FROM articles_event e WHERE e.id = {event}
        UNION SELECT e.id, e.merged_into_id FROM way JOIN articles_event e ON e.id = way.onward
    ) SELECT id FROM way WHERE onward IS NULL))"""
_HAS_SQL = {
    "notes": "EXISTS (SELECT FROM articles_annotation n WHERE n.article_id = s.article_id AND n.deleted_at IS NULL)",
    "corrections": "EXISTS (SELECT FROM articles_article x WHERE x.id = s.article_id AND x.corrected_at IS NOT NULL)",
    "copies": "EXISTS (SELECT FROM articles_articlecopy c JOIN articles_copygroup g ON g.id = c.group_id"
    " WHERE c.article_id = s.article_id AND g.article_count > 1)",
}
_COPY = "EXISTS (SELECT FROM articles_articlecopy c WHERE c.article_id = s.article_id AND c.kind <> 'origin')"
_IS_SQL = {
    "copy": _COPY,
    "original": f"NOT {_COPY}",
    "changed": "EXISTS (SELECT FROM articles_article x WHERE x.id = s.article_id"
    " AND (x.headline_changed_at IS NOT NULL OR x.number_changed_at IS NOT NULL))",
    "deleted": "EXISTS (SELECT FROM articles_article x WHERE x.id = s.article_id AND x.gone_at IS NOT NULL)",
}
# The article itself belongs to those that carry its text.
_SAME_TEXT = (
    "s.article_id IN (SELECT c.article_id FROM articles_articlecopy c JOIN articles_articlecopy o"
    " ON o.group_id = c.group_id WHERE o.article_id = {copies_of} UNION ALL SELECT {copies_of})"
)


def _tsquery(words: Words) -> tuple[str, dict[str, str]]:
    """The words as an expression of SQL and its values.

    Stems and names as written stand in one vector, so a text may have all of a group in either form; of what must not
    stand there, it may have neither.
    """
    values: dict[str, str] = {}

    def in_forms(text: str, configs: Sequence[str]) -> str:
        name = f"words{len(values)}"
        values[name] = text
        first, *others = (f"to_tsquery('{config}', %({name})s)" for config in configs)
        either = first
        for other in others:
            # The same twice would be estimated as twice as common.
            either = f"CASE WHEN {first} = {other} THEN {either} ELSE {either} || {other} END"
        return f"({either})"

    every = (*words.configs, AS_WRITTEN)
    groups = [
        " && ".join(
            [
                *([in_forms(group.wanted, every)] if group.wanted else []),
                *([in_forms(group.written, (AS_WRITTEN,))] if group.written else []),
                *(f"!! {in_forms(text, every)}" for text in group.unwanted),
            ]
        )
        for group in words.groups
    ]
    return " || ".join(f"({group})" for group in groups), values


def _where(meaning: Meaning) -> _Where:
    """The conditions of a meaning on `articles_searchrow s`, but for its words and its times."""
    where = _Where()

    def add(condition: str, **values: Any) -> None:
        where.parts.append(condition.format(**{name: f"%({name})s" for name in values}))
        where.values.update(values)

    if meaning.nothing:
        where.parts.append("false")
    if meaning.publisher_ids:
        add("s.publisher_id = ANY({publishers})", publishers=list(meaning.publisher_ids))
    for place, entity_id in enumerate(meaning.entity_ids):
        name = f"entity{place}"
        add(
            "EXISTS (SELECT FROM articles_articleentity ae WHERE ae.article_id = s.article_id"
            f" AND ae.entity_id = {{{name}}})",
            **{name: entity_id},
        )
    if meaning.language:
        add(
            "(s.language = {language} OR s.language LIKE {dialect})",
            language=meaning.language,
            dialect=meaning.language.replace("%", "").replace("_", "") + "-%",
        )
    where.parts.extend(_HAS_SQL[name] for name in dict.fromkeys(meaning.has))
    where.parts.extend(_IS_SQL[name] for name in dict.fromkeys(meaning.kinds))
    if meaning.copies_of is not None:
        add(_SAME_TEXT, copies_of=meaning.copies_of)
    if meaning.status:
        add(
            "EXISTS (SELECT FROM articles_article x WHERE x.id = s.article_id AND x.status = {status})",
            status=meaning.status,
        )
    if meaning.event_id is not None:
        add(
            _OF_EVENT,
            event=meaning.event_id,
        )
    return where


def newest_sql(
    meaning: Meaning, *, limit: int, after: Cursor | None = None, prefix: str = ""
) -> tuple[str, dict[str, Any]]:
    """A SELECT of the newest matching search rows, and its values; for others to join and count.

    The names of the values begin with `prefix`. Ask it by `ask`, which minds the time.
    """
    where = _where(meaning)
    query, values = _tsquery(meaning.words)
    until = meaning.until
    if after is not None:
        where.parts.append("(s.published_at, s.article_id) < (%(after_at)s, %(after_id)s)")
        where.values |= {"after_at": after.published_at, "after_id": after.article_id}
        # The cursor's own moment belongs to the window: others may have been published in it too.
        end = after.published_at + timedelta(microseconds=1)
        until = end if until is None else min(until, end)
    first, *edges, last = windows(meaning.now, since=meaning.since, until=until)
    conditions = "".join(f" AND {part}" for part in where.parts)
    sql = (
        f"SELECT * FROM articles_search_newest(%({prefix}query)s, %({prefix}conditions)s,"  # noqa: S608 - names only
        f" %({prefix}edges)s::timestamptz[], %({prefix}limit)s, %({prefix}by_words)s)"
    )
    return sql, {
        f"{prefix}query": mogrify(query, values, connection) if query else "",
        f"{prefix}conditions": mogrify(conditions, where.values, connection) if where.values else conditions,
        f"{prefix}edges": [
            str(first or "infinity"),
            *(edge.isoformat() for edge in edges if edge),
            str(last or "-infinity"),
        ],
        f"{prefix}limit": limit,
        f"{prefix}by_words": meaning.words.has_phrase,
    }


def ask(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a search, within NEWSDESK_SEARCH_SECONDS; one message to the database.

    Raises SearchTooSlowError when the time is up; a transaction in which that happens is lost, like by any error.
    """
    limit = f"{settings.SEARCH_SECONDS * 1000:.0f}"
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                f"SET LOCAL statement_timeout = {limit}; {sql}; SET LOCAL statement_timeout TO DEFAULT",
                values,
            )
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise SearchTooSlowError from error
            raise
        cursor.nextset()
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def estimate_matches(meaning: Meaning) -> int:
    """About how many articles a meaning finds, by the database's statistics: two significant digits."""
    where = _where(meaning)
    query, values = _tsquery(meaning.words)
    if query:
        where.parts.append(f"s.tsv @@ ({query})")
    if meaning.since:
        where.parts.append("s.published_at >= %(since)s")
    if meaning.until:
        where.parts.append("s.published_at < %(until)s")
    sql = f"EXPLAIN (FORMAT JSON) SELECT FROM articles_searchrow s WHERE {' AND '.join(where.parts)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, {**where.values, **values, "since": meaning.since, "until": meaning.until})
        rows = int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"])
    return round(rows, 2 - len(str(rows)))


def count_each(meanings: Sequence[Meaning]) -> list[int]:
    """How many articles each meaning finds, one query for all; at most COUNTED + 1 each."""
    if not meanings:
        return []
    parts, values = [], {}
    for place, meaning in enumerate(meanings):
        sql, more = newest_sql(meaning, limit=COUNTED + 1, prefix=f"m{place}_")
        parts.append(f"SELECT {place} AS place, count(*) FROM ({sql}) AS m{place}")  # noqa: S608 - see newest_sql
        values.update(more)
    return [row[1] for row in ask(" UNION ALL ".join(parts) + " ORDER BY place", values)]
