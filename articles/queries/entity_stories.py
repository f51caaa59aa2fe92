"""What was published about an entity: its latest articles, about it or only naming it, and the events they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import Q

from articles.events.folds import Fold, fold_copies
from articles.models import ArticleEntity
from articles.queries.events import StatusWord, status_word
from articles.queries.markers import MARKED, Marker, markers
from articles.queries.times import Range

LATEST = 10
LATEST_READ = 3 * LATEST  # with copies folded, so many articles are read for ten lines
EVENTS = 8
EVENTS_READ = 1000  # the newest articles whose events are looked at
FLAGS = 4
EPOCH, DIGITS = datetime(1970, 1, 1, tzinfo=UTC), 16  # a cursor is microseconds since then and a number
SHOWS = {"": "All", "about": "About it", "mentioning": "Mentioning it"}


@dataclass(frozen=True, slots=True)
class LatestRow:
    """One of the latest articles that name the entity; `group` is its copy group and `kind` its place there."""

    id: int
    title: str
    publisher: str
    published_at: datetime
    mentions: int
    about: bool
    why: str
    fresh: bool
    sample: bool
    group: int | None
    kind: str
    marks: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class Latest:
    """One page of the latest articles; `after` is the next one's cursor or empty."""

    folds: tuple[Fold[LatestRow], ...]
    show: str
    after: str


@dataclass(frozen=True, slots=True)
class EntityEvent:
    """An event that names the entity."""

    id: int
    title: str
    status: StatusWord
    first_at: datetime
    last_at: datetime
    named: int
    articles: int


def latest_of(
    entity_id: int, *, show: str = "", after: str = "", seen_at: datetime | None = None, folding: bool = True
) -> Latest:
    """The latest articles, copies under the text that they repeat; `fresh` are those stored since `seen_at`. One query."""
    rows = ArticleEntity.objects.filter(entity_id=entity_id)
    show = show if show in SHOWS else ""
    if show:
        rows = rows.filter(about=show == "about")
    cursor = _cursor(after)
    if cursor is not None:
        rows = rows.filter(
            Q(published_at__lt=cursor[0]) | Q(published_at=cursor[0], article_id__lt=cursor[1]),
            published_at__lte=cursor[0],
        )
    most = LATEST_READ if folding else LATEST
    found = list(
        rows.order_by("-published_at", "-article_id").values_list(
            "article_id", "article__title", "article__publisher__name", "published_at", "mentions", "about", "why",
            "article__fetched_at", "article__sample", "article__copy__group_id", "article__copy__kind",
            *(f"article__{column}" for column in MARKED),
        )[: most + 1]
    )  # fmt: skip
    page = [_row(*row, seen_at=seen_at) for row in found[:most]]
    folded = fold_copies(
        page, attrgetter("group"), lambda row: row.kind == "origin", most=LATEST, folding=folding
    ).folds
    shown = [row for fold in folded for row in (fold.row, *fold.copies)]
    last = min(shown, key=lambda row: (row.published_at, row.id), default=None)
    left = last is not None and (len(found) > most or len(shown) < len(page))
    return Latest(
        folded,
        show,
        f"{(last.published_at - EPOCH) // timedelta(microseconds=1)}-{last.id}" if left and last else "",
    )


def _cursor(after: str) -> tuple[datetime, int] | None:
    """The place that a page goes on from; None for the first page and for what is no place."""
    moment, _, number = after.partition("-")
    if not all(text.isascii() and text.isdecimal() and len(text) <= DIGITS for text in (moment, number)):
        return None
    return EPOCH + timedelta(microseconds=int(moment)), int(number)


def _row(  # noqa: PLR0913, PLR0917 - one column an argument
    article_id: int,
    title: str,
    publisher: str,
    published_at: datetime,
    mentions: int,
    about: bool,  # noqa: FBT001
    why: Sequence[dict[str, Any]],
    stored_at: datetime,
    sample: bool,  # noqa: FBT001
    group: int | None,
    kind: str | None,
    *became: datetime | None,
    seen_at: datetime | None,
) -> LatestRow:
    return LatestRow(
        article_id,
        title,
        publisher,
        published_at,
        mentions,
        about,
        "; ".join(str(part.get("words", "")) for part in why),
        seen_at is not None and stored_at > seen_at,
        sample,
        group,
        kind or "",
        markers(*became[:4]),
    )


_EVENTS = """
WITH articles AS MATERIALIZED (
    SELECT x.article_id FROM articles_articleentity x WHERE x.entity_id = %(me)s AND x.published_at <= %(until)s
    ORDER BY x.published_at DESC LIMIT %(read)s
), near AS MATERIALIZED (
    SELECT m.event_id, count(*) AS n FROM articles a JOIN articles_membership m ON m.article_id = a.article_id
    GROUP BY 1
), chosen AS (
    (SELECT e.id FROM near JOIN articles_event e ON e.id = near.event_id WHERE e.merged_into_id IS NULL
     ORDER BY e.last_at DESC, e.id DESC LIMIT %(latest)s)
    UNION
    (SELECT e.id FROM near JOIN articles_event e ON e.id = near.event_id
     WHERE e.merged_into_id IS NULL AND e.first_at >= %(since)s ORDER BY near.n DESC, e.id DESC LIMIT %(flags)s)
)
SELECT e.id, e.title, e.status, e.first_at, e.last_at,
       (SELECT count(*) FROM articles_membership m
        JOIN articles_articleentity x ON x.article_id = m.article_id AND x.entity_id = %(me)s
        WHERE m.event_id = e.id),
       e.article_count
FROM chosen JOIN articles_event e ON e.id = chosen.id ORDER BY e.last_at DESC, e.id DESC
"""


def events_of(entity_id: int, span: Range) -> tuple[list[EntityEvent], list[EntityEvent]]:
    """The latest events that name the entity, and those of the range that name it in most articles; one query.

    They are looked for among the newest 1,000 articles that name it; how many of an event's do is exact.
    """
    values: dict[str, Any] = {
        "me": entity_id,
        "since": span.since,
        "until": span.until,
        "read": EVENTS_READ,
        "latest": EVENTS,
        "flags": FLAGS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, values)
        found = [EntityEvent(row[0], row[1], status_word(row[2]), *row[3:]) for row in cursor.fetchall()]
    begun = [event for event in found if event.first_at >= span.since and event.named > 1]
    most = sorted(begun, key=lambda event: (-event.named, event.id))[:FLAGS]
    return found[:EVENTS], sorted(most, key=lambda event: event.first_at)


def about_in(entity_id: int, first: date, last: date) -> int:
    """Articles of these UTC days that are about the entity; one query."""
    rows = ArticleEntity.objects.filter(
        entity_id=entity_id,
        about=True,
        published_at__gte=datetime.combine(first, time.min, UTC),
        published_at__lt=datetime.combine(last + timedelta(days=1), time.min, UTC),
    )
    return rows.count()
