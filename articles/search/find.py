"""Search over the slim table: what a query means for these rows, the newest matches, and what else would match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from django.db import connection

from articles.search.index import STEMMED
from articles.search.language import HAS, STATUSES, Filter, Query, day_after, since_moment
from entities.names import fold

# Above so many, a count is not exact and says so; facets are of the newest so many.
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
    """What a query asks of the search table. `nothing` is true when some filter cannot match at all."""

    query: Query
    labels: tuple[Label, ...] = ()
    words: str = ""
    config: str = ""
    publisher_ids: tuple[int, ...] = ()
    entity_ids: tuple[int, ...] = ()
    language: str = ""
    since: datetime | None = None
    until: datetime | None = None
    has: tuple[str, ...] = ()
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
    SELECT x.id, x.name FROM entities_entity x
    WHERE x.merged_into_id IS NULL AND (x.slug = lower(w.text)
        OR x.id IN (SELECT a.entity_id FROM entities_alias a WHERE a.folded = w.folded))
    ORDER BY x.slug = lower(w.text) DESC, x.prominence DESC, x.id LIMIT 1
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
    meaning = Meaning(query, words=query.words, config=STEMMED.get(query.value("lang")[:2].lower(), ""))
    labels = []
    for part in query.filters:
        meaning, words, problem = _apply(meaning, part, found, now, zone)
        labels.append(Label(part, words, problem))
    return replace(meaning, labels=tuple(labels), nothing=any(label.problem for label in labels))


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
    if key == "status":
        if value not in STATUSES:
            return meaning, value, f"status: knows {', '.join(STATUSES)}."
        return replace(meaning, status=value), value.replace("_", " "), ""
    if not (value.isascii() and value.isdecimal() and len(value) < len(str(_MAX_ID))):
        return meaning, value, "event: wants the number of an event."
    return replace(meaning, event_id=int(value)), value, ""


_HAS_SQL = {
    "notes": "EXISTS (SELECT FROM articles_annotation n WHERE n.article_id = s.article_id AND n.deleted_at IS NULL)",
    "corrections": "EXISTS (SELECT FROM articles_article x WHERE x.id = s.article_id AND x.corrected_at IS NOT NULL)",
    "copies": "EXISTS (SELECT FROM articles_articlecopy c JOIN articles_copygroup g ON g.id = c.group_id"
    " WHERE c.article_id = s.article_id AND g.article_count > 1)",
}


def _where(meaning: Meaning, prefix: str = "") -> _Where:  # noqa: C901 - one branch a condition
    """The conditions of a meaning on `articles_searchrow s`; names of values begin with `prefix`."""
    where = _Where()

    def add(condition: str, **values: Any) -> None:
        where.parts.append(condition.format(**{name: f"%({prefix}{name})s" for name in values}))
        where.values.update({f"{prefix}{name}": value for name, value in values.items()})

    if meaning.nothing:
        where.parts.append("false")
    if meaning.words:
        # Stems and names as written stand in one vector, so both forms of the query are asked. A word that must not
        # stand there is asked in one form only: "not this stem or not this spelling" would let too much through.
        either = "" if "-" in meaning.words else " || websearch_to_tsquery('simple', {words})"
        add(
            "s.tsv @@ (websearch_to_tsquery({config}::regconfig, {words})" + either + ")",
            config=meaning.config or "english",
            words=meaning.words,
        )
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
    if meaning.since:
        add("s.published_at >= {since}", since=meaning.since)
    if meaning.until:
        add("s.published_at < {until}", until=meaning.until)
    where.parts.extend(_HAS_SQL[name] for name in dict.fromkeys(meaning.has))
    if meaning.status:
        add(
            "EXISTS (SELECT FROM articles_article x WHERE x.id = s.article_id AND x.status = {status})",
            status=meaning.status,
        )
    if meaning.event_id is not None:
        add(
            "EXISTS (SELECT FROM articles_membership m WHERE m.article_id = s.article_id AND m.event_id = {event})",
            event=meaning.event_id,
        )
    return where


def newest_sql(
    meaning: Meaning, *, limit: int, after: Cursor | None = None, prefix: str = ""
) -> tuple[str, dict[str, Any]]:
    """A SELECT of the newest matching search rows `s`, and its values; for others to join and count."""
    where = _where(meaning, prefix)
    if after is not None:
        where.parts.append(f"(s.published_at, s.article_id) < (%({prefix}after_at)s, %({prefix}after_id)s)")
        where.values[f"{prefix}after_at"] = after.published_at
        where.values[f"{prefix}after_id"] = after.article_id
    where.values[f"{prefix}limit"] = limit
    # The conditions are texts of this module; every value is passed beside them.
    sql = (
        "SELECT s.article_id, s.publisher_id, s.published_at, s.title, s.language, s.entity_ids"  # noqa: S608
        f" FROM articles_searchrow s WHERE {' AND '.join(where.parts)}"
        f" ORDER BY s.published_at DESC, s.article_id DESC LIMIT %({prefix}limit)s"
    )
    return sql, where.values


def count_each(meanings: Sequence[Meaning]) -> list[int]:
    """How many articles each meaning finds, one query for all; at most COUNTED + 1 each."""
    if not meanings:
        return []
    parts, values = [], {}
    for place, meaning in enumerate(meanings):
        sql, more = newest_sql(meaning, limit=COUNTED + 1, prefix=f"m{place}_")
        parts.append(f"SELECT {place} AS place, count(*) FROM ({sql}) AS m{place}")  # noqa: S608 - see newest_sql
        values.update(more)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY place", values)
        return [row[1] for row in cursor.fetchall()]
