"""What the page of one entity reads: who it is, how often it is named and how unusual that is, and with whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as format_date

from articles.measures.graph import Graph, Tie, lay_out
from articles.measures.heat import Heat, heat_of, usual_by_day
from articles.queries.comentions import Together, together_with
from articles.queries.countries import country_name
from articles.queries.decided import Decided
from articles.queries.entity_card import Card, card_of
from articles.queries.entity_history import entity_history
from articles.queries.entity_stories import EntityEvent, Latest, about_in, events_of, latest_of
from articles.queries.heat import Measure, measured
from articles.queries.positions import Posts, posts_of
from articles.queries.times import Bar, Flag, Range
from articles.queries.watched import watch_since
from entities.models import Entity

MOST_BARS = 60  # more days than this are drawn as weeks
MOST_HOPS = 20
LONG_NAME = 24  # a longer one gives way to the entity's short name where there is little room
WIDE, TALL = 740, 560  # the graph beside its table
THIN, THIN_TALL, THIN_NODES = 328, 400, 14  # and on a phone


@dataclass(frozen=True, slots=True)
class EntityAsked:
    """What the page was asked for beyond its range: a tab and a place of the articles, an order, the whole of a list."""

    show: str = ""
    after: str = ""
    sort: str = ""
    every: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class EntityPage:
    """All that the page of one entity says; `mentioned` is the sum of the bars."""

    row: Mapping[str, Any]
    kind_words: str
    icon: str
    country: str
    verified: bool
    card: Card
    posts: Posts
    bars: tuple[Bar, ...]
    flags: tuple[Flag, ...]
    weekly: bool
    mentioned: int
    about: int
    heats: Sequence[tuple[str, Heat]]
    measure: Measure
    latest: Latest
    events: Sequence[EntityEvent]
    together: Together
    graph: Graph
    graph_thin: Graph
    history: Sequence[Decided]
    seen_at: datetime | None


def slug_now(slug: str) -> str | None:
    """Where a merged entity's address leads; None when it stands for itself or does not exist."""
    row = Entity.objects.filter(slug=slug).values_list("merged_into_id", flat=True).first()
    hops = 0
    found: str | None = None
    while row is not None and hops < MOST_HOPS:
        target = Entity.objects.filter(pk=row).values_list("slug", "merged_into_id").first()
        if target is None:
            break
        found, row = target
        hops += 1
    return found


def entity_page(
    slug: str, span: Range, user_id: int, asked: EntityAsked | None = None, *, folding: bool = True
) -> EntityPage | None:
    """One entity whole; None when none stands under this slug. Days of the chart are UTC days, as they are counted."""
    asked = asked or EntityAsked()
    row = (
        Entity.objects.filter(slug=slug, merged_into=None)
        .values(
            "id", "slug", "name", "kind", "country", "description", "source", "as_of", "wikidata_id", "edited_by_human"
        )
        .first()
    )  # fmt: skip
    if row is None:
        return None
    pk = row["id"]
    chart = chart_days(span)
    measure, counted = measured([pk], span, since=chart[0])
    counts = counted.get(pk, {})
    usual = usual_by_day(counts, measure.days, measure.weeks)
    bars, weekly = bars_of(counts, row["slug"], chart, usual)
    events, flagged = events_of(pk, span)
    together = together_with(pk, span, asked.sort)
    card = card_of(pk, row["name"], row["wikidata_id"])
    short = short_name(row["name"], card)
    seen_at = watch_since(user_id, pk)
    return EntityPage(
        row=row,
        kind_words=Entity.Kind(row["kind"]).label,
        icon={"public_body": "organization", "other": "entities"}.get(row["kind"], row["kind"]),
        country=country_name(row["country"]),
        verified=row["source"] != "editorial",
        card=card,
        posts=posts_of(pk, span.until.date()),
        bars=bars,
        flags=_flags(flagged, chart, weekly=weekly),
        weekly=weekly,
        mentioned=sum(bar.n for bar in bars),
        about=about_in(pk, *chart),
        heats=_heats(counts, measure),
        measure=measure,
        latest=latest_of(pk, show=asked.show, after=asked.after, seen_at=seen_at, folding=folding),
        events=events,
        together=together,
        graph=graph_of(short, together, width=WIDE, height=TALL),
        graph_thin=graph_of(short, together, width=THIN, height=THIN_TALL, most=THIN_NODES),
        history=entity_history(pk, whole="history" in asked.every),
        seen_at=seen_at,
    )


def short_name(name: str, card: Card) -> str:
    """What a long name is called for short, as chips have it: the shortest agreed short name, else the acronym."""
    if len(name) <= LONG_NAME:
        return name
    known = [
        one
        for group in card.groups
        for one in group.names
        if one["kind"] in {"short", "acronym"} and not one["weak"] and not one["off_at"]
    ]
    known = [one for one in known if len(one["text"]) < len(name)]
    best = min(known, key=lambda one: (one["kind"] != "short", len(one["text"]), one["id"]), default=None)
    return str(best["text"]) if best is not None else name


def _heats(counts: Mapping[date, int], measure: Measure) -> list[tuple[str, Heat]]:
    """How unusual today, the last week and the range are, each in words."""
    whole = (measure.days.last - measure.days.first).days + 1
    measures = [measure.last_days(length) for length in sorted({1, min(7, whole), whole})]
    return [(one.spoken, heat_of(counts, one.days, one.weeks)) for one in measures]


def graph_of(name: str, together: Together, *, width: int, height: int, most: int = 40) -> Graph:
    """The picture of who is named together with an entity: the most named of them, and who of them with whom."""
    others = sorted(together.others, key=lambda other: (-other.n, other.chip.id))[:most]
    ties = [Tie(other.chip.id, other.chip.short, other.n) for other in others]
    return lay_out(name, ties, together.pairs, width=width, height=height)


def chart_days(span: Range) -> tuple[date, date]:
    """The first and the last day of a chart: those of the range, a week at least."""
    days = max(7, round((span.until - span.since).total_seconds() / 86_400))
    last = span.until.date()
    return last - timedelta(days=days - 1), last


def bars_of(
    counted: Mapping[date, int], slug: str, chart: tuple[date, date], usual: Mapping[date, float]
) -> tuple[tuple[Bar, ...], bool]:
    """The articles a day of the chart, or a week of it when there would be too many bars; gaps are zeros."""
    first, last = chart
    days = (last - first).days + 1
    weekly = days > MOST_BARS
    width = 7 if weekly else 1
    starts = [last - timedelta(days=width * back - 1) for back in range(days // width, 0, -1)]
    bars = []
    for start in starts:
        end = start + timedelta(days=width - 1)
        n = sum(counted.get(start + timedelta(days=place), 0) for place in range(width))
        words, tick = _day_words(start, end), format_date(start, "j M")
        bars.append(Bar(n, _day_link(slug, start, end), words, tick, None if weekly else usual.get(start)))
    return tuple(bars), weekly


def _flags(events: Sequence[EntityEvent], chart: tuple[date, date], *, weekly: bool) -> tuple[Flag, ...]:
    """The events as lettered marks over the bars of their first days."""
    first, last = chart
    width = 7 if weekly else 1
    bars = ((last - first).days + 1) // width
    flags: list[Flag] = []
    for event in events:
        place = bars - 1 - (last - event.first_at.date()).days // width
        if 0 <= place < bars:
            letter = chr(ord("A") + len(flags))
            flags.append(
                Flag(letter, place, event.title, reverse("event", args=[event.id]), event.first_at.date())
            )
    return tuple(flags)


def _day_link(slug: str, start: date, end: date) -> str:
    when = f"day:{start}" if start == end else f"since:{start} until:{end}"
    return f"{reverse('articles')}?q=entity:{slug}+{when.replace(' ', '+')}"


def _day_words(start: date, end: date) -> str:
    return format_date(start, "j F Y") if start == end else f"week from {format_date(start, 'j F Y')}"
