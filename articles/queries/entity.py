"""What the page of one entity reads: who it is, where it is listed, how often it is named, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.dateformat import format as format_date

from articles.events.folds import Fold, fold_copies
from articles.models import ArticleEntity, EntityDay
from articles.queries.decided import Decided, decided_about
from articles.queries.events import StatusWord, status_word
from articles.queries.markers import MARKED, Marker, markers
from articles.queries.times import Bar, Range
from entities.models import Alias, Entity, Identifier, Listing, Position

LATEST = 10
LATEST_READ = 3 * LATEST  # with copies folded, so many articles are read for ten lines
EVENTS = 8
MOST_BARS = 60  # more days than this are drawn as weeks
MOST_HOPS = 20


@dataclass(frozen=True, slots=True)
class EntityPage:
    """All that the page of one entity says; `mentioned` is the sum of the bars."""

    row: Mapping[str, Any]
    kind_words: str
    icon: str
    verified: bool
    aliases: Sequence[Mapping[str, Any]]
    identifiers: Sequence[Mapping[str, Any]]
    listings: Sequence[Mapping[str, Any]]
    held: Sequence[Mapping[str, Any]]
    people: Sequence[Mapping[str, Any]]
    bars: tuple[Bar, ...]
    weekly: bool
    mentioned: int
    latest: Sequence[Fold[LatestRow]]
    events: Sequence[EntityEvent]
    history: Sequence[Decided]


@dataclass(frozen=True, slots=True)
class LatestRow:
    """One of the latest articles that name the entity; `group` is its copy group and `kind` its place there."""

    id: int
    title: str
    publisher: str
    published_at: datetime
    mentions: int
    sample: bool
    group: int | None
    kind: str
    marks: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class EntityEvent:
    """An event that names the entity."""

    id: int
    title: str
    status: StatusWord
    last_at: datetime
    named: int
    articles: int


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


def entity_page(slug: str, span: Range, *, folding: bool = True) -> EntityPage | None:
    """One entity whole; None when there is no such entity. Days of the chart are UTC days, as they are counted."""
    row = (
        Entity.objects.filter(slug=slug)
        .values(
            "id",
            "slug",
            "name",
            "kind",
            "country",
            "description",
            "source",
            "as_of",
            "wikidata_id",
            "prominence",
        )
        .first()
    )
    if row is None:
        return None
    pk = row["id"]
    bars, weekly = _bars(pk, row["slug"], span)
    return EntityPage(
        row=row,
        kind_words=Entity.Kind(row["kind"]).label,
        icon={"public_body": "organization", "other": "entities"}.get(row["kind"], row["kind"]),
        verified=row["source"] != "editorial",
        aliases=list(
            Alias.objects.filter(entity_id=pk).exclude(text=row["name"])
            .order_by("kind", "text").values("text", "kind", "lang", "weak", "source", "as_of")
        ),
        identifiers=list(
            Identifier.objects.filter(entity_id=pk).order_by("scheme", "value")
            .values("scheme", "value", "source", "as_of", "valid")
        ),
        listings=list(
            Listing.objects.filter(security__issuer_id=pk)
            .order_by("valid_to", "-primary", "exchange_id", "ticker")
            .values(
                "ticker", "exchange_id", "exchange__name", "currency", "primary", "valid_from", "valid_to",
                "security__isin", "security__kind", "security__name", "source", "as_of",
            )
        ),
        held=_positions("person_id", pk),
        people=_positions("organization_id", pk),
        bars=bars,
        weekly=weekly,
        mentioned=sum(bar.n for bar in bars),
        latest=_latest(pk, folding=folding),
        events=_events(pk),
        history=decided_about("entity", pk),
    )  # fmt: skip


def _latest(pk: int, *, folding: bool) -> tuple[Fold[LatestRow], ...]:
    """The latest articles that name it, copies under the text that they repeat."""
    found = (
        ArticleEntity.objects.filter(entity_id=pk)
        .order_by("-published_at", "-article_id")
        .values_list(
            "article_id", "article__title", "article__publisher__name", "published_at", "mentions",
            "article__sample", "article__copy__group_id", "article__copy__kind",
            *(f"article__{column}" for column in MARKED),
        )[: LATEST_READ if folding else LATEST]
    )  # fmt: skip
    rows = [
        LatestRow(article_id, title, publisher, at, mentions, sample, group, kind or "", markers(*became))
        for article_id, title, publisher, at, mentions, sample, group, kind, *became in found
    ]
    return fold_copies(
        rows, attrgetter("group"), lambda row: row.kind == "origin", most=LATEST, folding=folding
    ).folds


def _positions(side: str, pk: int) -> list[Mapping[str, Any]]:
    """Positions of a person, or at an organisation; those that are held now first, the newest first."""
    rows: list[Mapping[str, Any]] = list(
        Position.objects.filter(**{side: pk})
        .values(
            "title", "kind", "since", "until", "source", "as_of", "person__name", "person__slug",
            "organization__name", "organization__slug",
        )
        .order_by("-since", "person__name", "organization__name")
    )  # fmt: skip
    return sorted(rows, key=lambda row: bool(row["until"]))


def _bars(pk: int, slug: str, span: Range) -> tuple[tuple[Bar, ...], bool]:
    """The articles a day of the range, or a week of it when there would be too many bars; gaps are zeros."""
    last, days = span.until.date(), max(7, round((span.until - span.since).total_seconds() / 86_400))
    first = last - timedelta(days=days - 1)
    counted = dict(
        EntityDay.objects.filter(entity_id=pk, day__gte=first, day__lte=last).values_list("day", "n")
    )
    weekly = days > MOST_BARS
    width = 7 if weekly else 1
    starts = [last - timedelta(days=width * back - 1) for back in range(days // width, 0, -1)]
    bars = []
    for start in starts:
        end = start + timedelta(days=width - 1)
        n = sum(counted.get(start + timedelta(days=place), 0) for place in range(width))
        bars.append(Bar(n, _day_link(slug, start, end), _day_words(start, end), format_date(start, "j M")))
    return tuple(bars), weekly


def _day_link(slug: str, start: date, end: date) -> str:
    when = f"day:{start}" if start == end else f"since:{start} until:{end}"
    return f"{reverse('articles')}?q=entity:{slug}+{when.replace(' ', '+')}"


def _day_words(start: date, end: date) -> str:
    return format_date(start, "j F Y") if start == end else f"week from {format_date(start, 'j F Y')}"


_EVENTS = """
SELECT e.id, e.title, e.status, e.last_at, count(*), e.article_count
FROM articles_articleentity x
JOIN articles_membership m ON m.article_id = x.article_id
JOIN articles_event e ON e.id = m.event_id
WHERE x.entity_id = %s AND e.merged_into_id IS NULL
GROUP BY e.id ORDER BY e.last_at DESC, e.id DESC LIMIT %s
"""


def _events(pk: int) -> list[EntityEvent]:
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [pk, EVENTS])
        return [EntityEvent(row[0], row[1], status_word(row[2]), *row[3:]) for row in cursor.fetchall()]
