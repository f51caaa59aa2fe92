"""What is told of an event at a glance, put together from its articles: sort, sentences, slots, days, what is not confirmed.

Pure: articles in, the digest as its rows hold it out. The same articles always give the same digest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from articles.events.event_types import TypeChoice, type_of
from articles.events.moves import Move, price_moves
from articles.events.slots import Filler, slots_of
from articles.events.spans import Report
from articles.events.statements import Unconfirmed, unconfirmed
from articles.events.summary import summarize
from articles.events.times import Moment, time_spans

RULE_VERSION = "digest-2"
MOST_TIMES = 60
TIMES_OF_AN_ARTICLE = 8
TIMES_WITHIN = 3000  # characters of a text
MOST_UNCONFIRMED = 12
MOST_MOVES = 12

# Whoever gives out the news himself need not confirm it: "CSIA said in a statement".
_GIVES_OUT = re.compile(
    r"^[^.;]{0,40}?\b(?:said|says|say|announced?|announces|confirmed|reported|reports|posted|published|disclosed|unveiled|tweeted|wrote)\b"
)
_SILENT = frozenset({"no_answer", "declined", "not_reached"})


@dataclass(frozen=True, slots=True)
class Digest:
    """An event's digest; the lists and `slots` are as `EventDigest` holds them."""

    type: TypeChoice
    dek: str
    summary: list[dict[str, Any]] = field(default_factory=list)
    slots: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    times: list[dict[str, Any]] = field(default_factory=list)
    unconfirmed: list[dict[str, Any]] = field(default_factory=list)


def digest_of(reports: Sequence[Report], lead: int | None = None) -> Digest:
    """The digest of an event from (some of) its articles; `lead` is the key of the one whose headline it bears."""
    ordered = sorted(
        reports, key=lambda report: (report.key != lead, report.is_copy, report.published, report.key)
    )
    own = [report for report in ordered if not report.is_copy] or ordered
    sort = type_of(own, lead)
    sentences = summarize(own, lead)
    slots = slots_of(own, sort.type, lead)
    silent = _unconfirmed(own, {one.entity for one in slots["who"] if one.entity is not None})
    moves = _moves(own)
    filled: dict[str, list[dict[str, Any]]] = {
        slot: [_filler(one) for one in fillers] for slot, fillers in slots.items() if fillers
    }
    if moves:
        filled["moves"] = moves
    return Digest(
        type=sort,
        dek=" ".join(sentences[0].text.split()) if sentences else "",
        summary=[{"text": one.text, "span": one.span.as_json()} for one in sentences],
        slots=filled,
        times=_times(own),
        unconfirmed=silent,
    )


def _filler(one: Filler) -> dict[str, Any]:
    row: dict[str, Any] = {"text": one.text, "entity": one.entity, "span": one.span.as_json()}
    return row | (_days(one.moment) if one.moment is not None else {})


def _days(moment: Moment) -> dict[str, Any]:
    return {
        "first": moment.first.isoformat(),
        "last": moment.last.isoformat(),
        "precision": moment.precision,
    }


def _times(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """The words of time near the head of each article, each of its meanings once an article."""
    rows: list[dict[str, Any]] = []
    for report in reports:
        seen: set[tuple[Any, Any]] = set()
        for moment in time_spans(report.text[:TIMES_WITHIN], report.published, report.language):
            if (moment.first, moment.last) in seen:
                continue
            seen.add((moment.first, moment.last))
            span = {"article": report.key, "field": "text", "start": moment.start, "end": moment.end}
            rows.append({"text": moment.text, "span": span, **_days(moment)})
            if len(seen) == TIMES_OF_AN_ARTICLE:
                break
        if len(rows) >= MOST_TIMES:
            break
    return rows[:MOST_TIMES]


def _moves(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Moves of prices, each company's once as it was told first."""
    rows: dict[tuple[int, str, float], dict[str, Any]] = {}
    for report in reports:
        for move in price_moves(report):
            rows.setdefault((move.name.entity, move.direction, move.percent), _move(move))
    return list(rows.values())[:MOST_MOVES]


def _move(move: Move) -> dict[str, Any]:
    return {
        "text": move.text,
        "entity": move.name.entity,
        "name": move.name.label,
        "direction": move.direction,
        "percent": move.percent,
        "hedge": move.hedge,
        "market": move.market,
        "span": move.span.as_json(),
    }


def _unconfirmed(reports: Sequence[Report], actors: set[int]) -> list[dict[str, Any]]:
    """What the texts say is not confirmed, each once; who gave the news out himself is no party that keeps silent."""
    found: dict[tuple[Any, ...], Unconfirmed] = {}
    for report in reports:
        for one in unconfirmed(report):
            found.setdefault(one.key, one)
    rows = list(found.values())
    is_nameless = any(one.code == "nameless" for one in rows)
    tellers = set() if is_nameless else {actor for actor in actors if _gives_out(reports, actor)}
    rows.sort(key=lambda one: (one.entity in tellers, one.entity is None, one.code == "nameless"))
    return [_silence(one, tellers) for one in rows[:MOST_UNCONFIRMED]]


def _silence(one: Unconfirmed, tellers: set[int]) -> dict[str, Any]:
    # A paper that could not verify something is no party to it, either.
    is_other = one.code != "not_verified" and not (one.code in _SILENT and one.entity in tellers)
    return {
        "text": one.text,
        "party": one.party if is_other else "",
        "entity": one.entity if is_other else None,
        "code": one.code,
        "span": one.span.as_json(),
    }


def _gives_out(reports: Sequence[Report], actor: int) -> bool:
    """Whether a text has this actor say it."""
    return any(
        _GIVES_OUT.match(report.of(which)[name.end : name.end + 60])
        for report in reports
        for which in ("title", "text")
        for name in report.names_in(which)
        if name.entity == actor
    )
