"""What the page of one event reads: its timeline, who is in it, who repeats whom; and previews of decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Any

from django.db.models import Count
from django.utils import timezone

from articles.models import Article, ArticleEntity, Event, Membership
from articles.queries.chips import Chip, chips_of
from articles.queries.decided import Decided, decided_about
from articles.queries.events import StatusWord, status_word
from articles.queries.markers import MARKED, Marker, markers

MOST_SHOWN = 300  # articles of one event on its page, the newest
ENTITIES = 12
VOICES = 6
CELLS = 9  # squares of one line of the meter
MOST_HOPS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """One article of an event: who published it and why it is here."""

    id: int
    title: str
    publisher: str
    owner: str
    published_at: datetime
    score: float
    why: Sequence[Mapping[str, Any]]
    decided_by: str
    runner_up_id: int | None
    runner_up: str
    runner_up_score: float
    sample: bool
    marks: tuple[Marker, ...]
    copy_group: int | None
    is_copy: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: an article that stands for itself, or the copies of one text within a day.

    `of` is whose text they are.
    """

    at: datetime
    own: Told | None
    copies: tuple[Told, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """A day of the timeline, oldest entry first."""

    day: date
    articles: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """A publisher in the meter: own reports and repeats, and the squares that show them."""

    name: str
    own: int
    repeats: int
    cells: tuple[tuple[str, float], ...]
    width: int


@dataclass(frozen=True, slots=True)
class Share:
    """An entity and the share of the event's articles that name it."""

    chip: Chip
    articles: int
    part: float


@dataclass(frozen=True, slots=True)
class EventPage:
    """All that the page of one event says. `hidden` is how many older articles are not shown."""

    id: int
    title: str
    titled_by: str
    status: StatusWord
    first_at: datetime
    last_at: datetime
    articles: int
    publishers: int
    owners: int
    sample: bool
    version: int
    days: tuple[TimelineDay, ...]
    voices: tuple[Voice, ...]
    more_voices: int
    copies: int
    shares: tuple[Share, ...]
    history: Sequence[Decided]
    hidden: int


def leads_to(event_id: int) -> int | None:
    """Where a joined event's address leads; None when it stands for itself or does not exist."""
    at, hops = event_id, 0
    while hops < MOST_HOPS:
        target = Event.objects.filter(pk=at).values_list("merged_into_id", flat=True).first()
        if target is None:
            break
        at, hops = target, hops + 1
    return None if at == event_id else at


def event_page(event_id: int, zone: tzinfo, *, folding: bool = True) -> EventPage | None:
    """One event whole, days of `zone`, six queries; None when there is no such event.

    Copies are folded day by day, but for one of each text: its origin or, when that is not here, the earliest.
    """
    row = Event.objects.filter(pk=event_id).values(
        "id", "title", "titled_by", "status", "first_at", "last_at", "article_count", "publisher_count",
        "owner_count", "sample", "version",
    ).first()  # fmt: skip
    if row is None:
        return None
    told = _told(event_id)
    voices = _voices(told)
    return EventPage(
        id=row["id"],
        title=row["title"],
        titled_by=row["titled_by"],
        status=status_word(row["status"]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        articles=row["article_count"],
        publishers=row["publisher_count"],
        owners=row["owner_count"],
        sample=row["sample"],
        version=row["version"],
        days=_days(told, zone, folding=folding),
        voices=voices[:VOICES],
        more_voices=max(0, len(voices) - VOICES),
        copies=sum(one.is_copy for one in told),
        shares=_shares(event_id, row["article_count"]),
        history=decided_about("event", event_id),
        hidden=max(0, row["article_count"] - len(told)),
    )


def _told(event_id: int) -> list[Told]:
    """The newest articles of an event in the order of time."""
    rows = (
        Membership.objects.filter(event_id=event_id)
        .order_by("-article__published_at", "-article_id")
        .values_list(
            "article_id", "article__title", "article__publisher__name", "article__publisher__owner",
            "article__published_at", "score", "why", "decided_by", "runner_up_id", "runner_up__title",
            "runner_up_score", "article__sample", "article__copy__group_id", "article__copy__kind",
            *(f"article__{column}" for column in MARKED),
        )[:MOST_SHOWN]
    )  # fmt: skip
    return [
        Told(
            id=row[0],
            title=row[1],
            publisher=row[2],
            owner=row[3],
            published_at=row[4],
            score=row[5],
            why=[part for part in row[6] if part.get("words")],
            decided_by=row[7],
            runner_up_id=row[8],
            runner_up=row[9] or "",
            runner_up_score=row[10],
            sample=row[11],
            copy_group=row[12],
            is_copy=row[13] in {"verbatim", "abridged"},
            marks=markers(*row[14:]),
        )
        for row in reversed(rows)
    ]


def _days(told: Sequence[Told], zone: tzinfo, *, folding: bool) -> tuple[TimelineDay, ...]:
    heads: dict[int, Told] = {}
    for one in told:
        if one.copy_group is not None and (one.copy_group not in heads or not one.is_copy):
            heads[one.copy_group] = one

    def day_of(one: Told) -> date:
        return timezone.localtime(one.published_at, zone).date()

    days = []
    for day, group in groupby(told, key=day_of):
        of_day = list(group)
        entries: list[Entry] = []
        folds: dict[int, list[Told]] = {}
        for one in of_day:
            if folding and one.copy_group is not None and heads[one.copy_group] is not one:
                folds.setdefault(one.copy_group, []).append(one)
            else:
                entries.append(Entry(one.published_at, one))
        entries += [
            Entry(copies[0].published_at, None, tuple(copies), heads[key].publisher)
            for key, copies in folds.items()
        ]
        days.append(TimelineDay(day, len(of_day), tuple(sorted(entries, key=lambda entry: entry.at))))
    return tuple(days)


def _voices(told: Sequence[Told]) -> tuple[Voice, ...]:
    own = Counter(one.publisher for one in told if not one.is_copy)
    repeats = Counter(one.publisher for one in told if one.is_copy)
    names = sorted({*own, *repeats}, key=lambda name: (-own[name], -repeats[name], name))
    voices = []
    for name in names:
        kinds = (["own"] * own[name] + ["rep"] * repeats[name])[:CELLS]
        cells = tuple((kind, place * 16 + 0.5) for place, kind in enumerate(kinds))
        voices.append(Voice(name, own[name], repeats[name], cells, len(kinds) * 16 - 4))
    return tuple(voices)


def _shares(event_id: int, articles: int) -> tuple[Share, ...]:
    counted = list(
        ArticleEntity.objects.filter(article__membership__event_id=event_id)
        .values("entity_id")
        .annotate(n=Count("article_id"))
        .order_by("-n", "entity_id")
        .values_list("entity_id", "n")[:ENTITIES]
    )
    chips = chips_of(pk for pk, _ in counted)
    return tuple(Share(chips[pk], n, n / max(articles, n)) for pk, n in counted if pk in chips)


@dataclass(frozen=True, slots=True)
class Side:
    """An event before and after a decision, in figures."""

    id: int | None
    title: str
    articles: int
    publishers: int
    articles_after: int
    publishers_after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would do to one or two events."""

    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """An article and the event it is in now, with the runner-up of the machine."""

    article_id: int
    title: str
    publisher: str
    published_at: datetime
    event_id: int
    event_title: str
    runner_up_id: int | None
    runner_up: str
    runner_up_score: float


def standing_of(article_id: int) -> Standing | None:
    """Where an article stands; None when it has no event."""
    row = (
        Membership.objects.filter(article_id=article_id)
        .values_list(
            "article_id", "article__title", "article__publisher__name", "article__published_at", "event_id",
            "event__title", "runner_up_id", "runner_up__title", "runner_up_score",
        )
        .first()
    )  # fmt: skip
    return None if row is None else Standing(*row[:7], row[7] or "", row[8])


def preview_move(article_id: int, to: int | None) -> Preview | None:
    """Both events before and after moving an article (None: into a new event); None when that is not possible."""
    standing = standing_of(article_id)
    if standing is None or standing.event_id == to:
        return None
    publishers = _publishers([standing.event_id, *([to] if to else [])])
    moved = Article.objects.filter(pk=article_id).values_list("publisher_id", flat=True).first()
    left = publishers.get(standing.event_id, [])
    rest = list(left)
    if moved in rest:
        rest.remove(moved)
    sides = [
        Side(standing.event_id, standing.event_title, len(left), len(set(left)), len(rest), len(set(rest)))
    ]
    if to is None:
        sides.append(Side(None, standing.title, 0, 0, 1, 1))
    else:
        title = Event.objects.filter(pk=to, merged_into__isnull=True).values_list("title", flat=True).first()
        if title is None:
            return None
        there = publishers.get(to, [])
        sides.append(Side(to, title, len(there), len(set(there)), len(there) + 1, len({*there, moved})))
    return Preview(tuple(sides))


def preview_join(keep: int, other: int) -> Preview | None:
    """Both events before and after joining the other into the kept one; None when that is not possible."""
    titles = dict(
        Event.objects.filter(pk__in=[keep, other], merged_into__isnull=True).values_list("id", "title")
    )
    if keep == other or len(titles) != 2:  # noqa: PLR2004 - both of them
        return None
    publishers = _publishers([keep, other])
    kept, coming = publishers.get(keep, []), publishers.get(other, [])
    return Preview(
        (
            Side(
                keep, titles[keep], len(kept), len(set(kept)), len(kept) + len(coming), len({*kept, *coming})
            ),
            Side(other, titles[other], len(coming), len(set(coming)), 0, 0),
        )
    )


def _publishers(event_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = Membership.objects.filter(event_id__in=event_ids).values_list("event_id", "article__publisher_id")
    for event_id, publisher_id in rows:
        found.setdefault(event_id, []).append(publisher_id)
    return found


def event_head(event_id: int) -> Mapping[str, Any] | None:
    """Title, who gave it, status and version of an event that stands for itself, for the pages of decisions."""
    return (
        Event.objects.filter(pk=event_id, merged_into__isnull=True)
        .values("id", "title", "titled_by", "status", "version", "article_count", "publisher_count")
        .first()
    )
