"""What the page of one event reads: its timeline, who is in it, who repeats whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.measures.independence import Independence, Telling, weigh
from articles.measures.spread import Spread, spread_of
from articles.models import Event, Membership
from articles.queries.chips import Chip, chips_of
from articles.queries.countries import country_name
from articles.queries.decided import Decided, decided_about
from articles.queries.event_digest import Digest, read_digest
from articles.queries.event_relations import Development, Near, developments_of, near_events
from articles.queries.events import StatusWord, status_word
from articles.queries.markers import MARKED, Marker, markers
from articles.queries.score_parts import Parts, next_parts, own_reasons, parts_in_words

MOST_SHOWN = 300  # articles of one event on its page, the newest
MOST_COUNTED = 5_000  # articles of one event that the meter weighs, the newest
ENTITIES = 12
VOICES = 6
CELLS = 9  # squares of one line of the meter
MOST_HOPS = 20
WIDE, NARROW = 420, 288
READ_LANGUAGES = frozenset({"", "en"})  # of digests; an article without a language is read as English
NAMES_WIDE, NAMES_NARROW = 132, 96  # pixels that names of publishers take in the drawing


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
    parts: Parts
    next_parts: Parts
    threshold: float | None
    unsure: str
    checked_by: str
    decided_by: str
    runner_up_id: int | None
    runner_up: str
    runner_up_score: float
    sample: bool
    marks: tuple[Marker, ...]
    copy_group: int | None
    is_copy: bool

    @property
    def margin(self) -> float:
        """By how much this event was better than the next best."""
        return self.score - self.runner_up_score

    @property
    def nearest(self) -> Parts:
        """The parts of the score of the next best event, or of the nearest when it opened one of its own."""
        return self.parts if self.missed else self.next_parts

    @property
    def missed(self) -> bool:
        """Whether it opened an event of its own: the nearest was not alike enough."""
        return not self.decided_by and self.threshold is not None and self.score < self.threshold


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: an article that stands for itself, or the copies of one text within a day.

    `of` is whose text they are.
    """

    at: datetime
    own: Told | None
    copies: tuple[Told, ...] = ()
    of: str = ""

    @property
    def until(self) -> datetime:
        """When the last of its articles came."""
        return self.copies[-1].published_at if self.copies else self.at


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """A day of the timeline, oldest entry first."""

    day: date
    articles: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """An independent source in the meter: own reports and who repeats them, and the squares that show them."""

    name: str
    publishers: tuple[str, ...]
    own: int
    repeats: int
    repeated_by: tuple[tuple[str, int], ...]
    cells: tuple[tuple[str, float], ...]
    width: int


@dataclass(frozen=True, slots=True)
class Share:
    """An entity, the share of the event's articles that name it, and its part in the event in a few words."""

    chip: Chip
    articles: int
    part: float
    role: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Articles and publishers of one country or one language."""

    code: str
    words: str
    articles: int
    publishers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """All that the page of one event says. `hidden` is how many older articles are not shown."""

    id: int
    title: str
    titled_by: str
    lead_id: int | None
    lead_title: str
    lead_publisher: str
    dek: str
    type: str
    type_words: str
    typed_by: str
    type_why: Sequence[Mapping[str, Any]]
    heat: float | None
    growth: float | None
    measured_at: datetime | None
    status: StatusWord
    first_at: datetime
    last_at: datetime
    silent_days: int  # since when nothing came, in whole days; 0 while it is not dormant
    articles: int
    publishers: int
    sample: bool
    version: int
    digest: Digest | None
    meter: Independence
    days: tuple[TimelineDay, ...]
    voices: tuple[Voice, ...]
    more_voices: int
    spread: Spread
    spread_narrow: Spread
    countries: tuple[Coverage, ...]
    languages: tuple[Coverage, ...]
    shares: tuple[Share, ...]
    slot_chips: Mapping[int, Chip]
    earlier: tuple[Development, ...]
    later: tuple[Development, ...]
    near: tuple[Near, ...]
    history: Sequence[Decided]
    hidden: int

    @property
    def owners(self) -> int:
        """Independent sources: owners with a report of their own."""
        return len(self.meter.sources)

    @property
    def copies(self) -> int:
        """Articles that only repeat another."""
        return self.meter.repeats

    @property
    def developments(self) -> tuple[tuple[str, tuple[Development, ...]], ...]:
        """Earlier and later developments under their headings."""
        return (("Earlier", self.earlier), ("Later", self.later))

    @property
    def is_read(self) -> bool:
        """Whether an article is in the language in which statements, slots and types are read."""
        return any(one.code in READ_LANGUAGES for one in self.languages)

    @property
    def unread(self) -> tuple[Coverage, ...]:
        """The languages of articles in which neither statements nor slots nor types are read."""
        return tuple(one for one in self.languages if one.code not in READ_LANGUAGES)

    @property
    def unread_articles(self) -> int:
        """How many articles are in one of those."""
        return sum(one.articles for one in self.unread)


def leads_to(event_id: int) -> int | None:
    """Where a joined event's address leads; None when it stands for itself or does not exist."""
    at, hops = event_id, 0
    while hops < MOST_HOPS:
        target = Event.objects.filter(pk=at).values_list("merged_into_id", flat=True).first()
        if target is None:
            break
        at, hops = target, hops + 1
    return None if at == event_id else at


_EVENT = (
    "id", "title", "titled_by", "lead_id", "lead__title", "lead__publisher__name", "dek", "type", "typed_by",
    "type_why", "heat", "growth", "measured_at", "status", "first_at", "last_at", "article_count",
    "publisher_count", "sample", "version", "merged_into_id", "digest__built_from", "digest__summary",
    "digest__slots", "digest__times", "digest__unconfirmed", "digest__built_at",
)  # fmt: skip


def event_page(
    event_id: int, zone: tzinfo, now: datetime, *, folding: bool = True, suggestions: bool = False
) -> EventPage | int | None:
    """One event whole, days of `zone`; the number of the event that it was joined into; None when there is none.

    Eight queries, one more for an event of more than MOST_SHOWN articles and one for decisions that others are part of.
    Copies are folded day by day, but for one of each text: its origin or, when that is not here, the earliest.
    `suggestions` asks for developments that nobody has confirmed yet, too.
    """
    row = Event.objects.filter(pk=event_id).values(*_EVENT).first()
    if row is None:
        return None
    if row["merged_into_id"] is not None:
        return leads_to(event_id)
    told, tellings = _told(event_id)
    if row["article_count"] > len(told):
        tellings = _tellings(event_id)
    meter = weigh(tellings)
    known = {one.article: one for one in tellings}
    digest = read_digest(row, known)
    counted = _counted(event_id)
    developments = developments_of(event_id, suggestions=suggestions)
    chips = chips_of([*(pk for pk, *_ in counted), *(digest.entities if digest else ())])
    return EventPage(
        id=row["id"],
        title=row["title"],
        titled_by=row["titled_by"],
        lead_id=row["lead_id"],
        lead_title=row["lead__title"] or "",
        lead_publisher=row["lead__publisher__name"] or "",
        dek=row["dek"],
        type=row["type"],
        type_words=str(Event.Type(row["type"]).label) if row["type"] else "",
        typed_by=row["typed_by"],
        type_why=[part for part in row["type_why"] if part.get("words")],
        heat=row["heat"],
        growth=row["growth"],
        measured_at=row["measured_at"],
        status=status_word(row["status"]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        silent_days=silent_days(row["last_at"], now),
        articles=row["article_count"],
        publishers=row["publisher_count"],
        sample=row["sample"],
        version=row["version"],
        digest=digest,
        meter=meter,
        days=_days(told, zone, folding=folding),
        voices=_voices(meter),
        more_voices=max(0, len(meter.sources) - VOICES),
        spread=_spread(tellings, zone, narrow=False),
        spread_narrow=_spread(tellings, zone, narrow=True),
        countries=_coverage([(one.country, one) for one in tellings]),
        languages=_coverage([(one.language, one) for one in tellings]),
        shares=_shares(counted, chips, digest, row["article_count"]),
        slot_chips=chips,
        earlier=_developments(developments, later=False),
        later=_developments(developments, later=True),
        near=near_events(
            event_id,
            [
                (one.runner_up_id, one.runner_up, one.runner_up_score)
                for one in told
                if one.runner_up_id is not None
            ],
        ),
        history=decided_about("event", event_id),
        hidden=max(0, row["article_count"] - len(told)),
    )


def silent_days(last_at: datetime, now: datetime) -> int:
    """Since how many whole days nothing came; 0 before NEWSDESK_EVENT_DORMANT_DAYS are over."""
    past = now - last_at
    return past.days if past >= timedelta(days=settings.EVENT_DORMANT_DAYS) else 0


_TELLING = (
    "article_id", "article__publisher__name", "article__publisher__slug", "article__publisher__owner",
    "article__publisher__country", "article__language", "article__published_at", "article__copy__group_id",
    "article__copy__kind",
)  # fmt: skip
_COPIES = frozenset({"verbatim", "abridged"})


def _telling(row: Sequence[Any]) -> Telling:
    article, name, slug, owner, country, language, at, group, kind = row
    return Telling(article, name, slug, owner, country, language, at, group, kind in _COPIES)


def _tellings(event_id: int) -> list[Telling]:
    """The newest articles of a large event, as the meter weighs them."""
    rows = Membership.objects.filter(event_id=event_id).order_by("-article__published_at", "-article_id")
    return [_telling(row) for row in rows.values_list(*_TELLING)[:MOST_COUNTED]]


def _told(event_id: int) -> tuple[list[Told], list[Telling]]:
    """The newest articles of an event in the order of time, and the same as the meter weighs them."""
    rows = (
        Membership.objects.filter(event_id=event_id)
        .order_by("-article__published_at", "-article_id")
        .values_list(
            *_TELLING, "article__title", "score", "why", "parts", "threshold", "unsure", "checked_by", "decided_by",
            "runner_up_id", "runner_up__title", "runner_up_score", "article__sample",
            *(f"article__{column}" for column in MARKED),
        )[:MOST_SHOWN]
    )  # fmt: skip
    told, tellings = [], []
    for row in reversed(rows):
        telling = _telling(row[: len(_TELLING)])
        (
            title, score, why, parts, threshold, unsure, checked_by, decided_by, runner_up_id, runner_up, next_score, sample,
            *became,
        ) = row[len(_TELLING) :]  # fmt: skip
        tellings.append(telling)
        told.append(
            Told(
                id=telling.article,
                title=title,
                publisher=telling.publisher,
                owner=telling.owner,
                published_at=telling.at,
                score=score,
                why=own_reasons(why),
                parts=parts_in_words(parts),
                next_parts=next_parts(why),
                threshold=threshold,
                unsure=str(Membership.Unsure(unsure).label) if unsure else "",
                checked_by=checked_by,
                decided_by=decided_by,
                runner_up_id=runner_up_id,
                runner_up=runner_up or "",
                runner_up_score=next_score,
                sample=sample,
                marks=markers(*became),
                copy_group=telling.group,
                is_copy=telling.is_copy,
            )
        )
    return told, tellings


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


def _voices(meter: Independence) -> tuple[Voice, ...]:
    voices = []
    for source in meter.sources[:VOICES]:
        kinds = (["own"] * source.own + ["rep"] * source.repeats)[:CELLS]
        cells = tuple((kind, place * 16 + 0.5) for place, kind in enumerate(kinds))
        width = len(kinds) * 16 - 4
        voices.append(
            Voice(
                source.name, source.publishers, source.own, source.repeats, source.repeated_by, cells, width
            )
        )
    return tuple(voices)


def _spread(tellings: Sequence[Telling], zone: tzinfo, *, narrow: bool) -> Spread:
    """The drawing of who came when, in the reader's zone."""
    local = [replace(one, at=timezone.localtime(one.at, zone)) for one in tellings]
    width, left = (NARROW, NAMES_NARROW) if narrow else (WIDE, NAMES_WIDE)
    return spread_of(weigh(local).tellers, width, left, narrow=narrow)


def _coverage(coded: Sequence[tuple[str, Telling]]) -> tuple[Coverage, ...]:
    """Articles by a code, most first; those without a code last."""
    found: dict[str, list[Telling]] = {}
    for code, one in coded:
        found.setdefault(code, []).append(one)
    order = sorted(found, key=lambda code: (not code, -len(found[code]), code))
    return tuple(
        Coverage(
            code,
            country_name(code),
            len(found[code]),
            tuple(dict.fromkeys(one.publisher for one in sorted(found[code], key=lambda one: one.at))),
        )
        for code in order
    )


# Whom most of an event's articles name, in how many headlines, and a person's post now (at somebody named here if any).
_COUNTED = """
WITH counted AS (
    SELECT x.entity_id, count(*) AS n, count(*) FILTER (WHERE x.in_title) AS headlines
    FROM articles_membership m JOIN articles_articleentity x ON x.article_id = m.article_id
    WHERE m.event_id = %(event)s GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1 LIMIT 60
)
SELECT c.entity_id, c.n, c.headlines, coalesce(p.words, '') FROM counted c
LEFT JOIN LATERAL (
    SELECT p.title || ', ' || o.name AS words FROM entities_position p
    JOIN entities_entity o ON o.id = p.organization_id
    WHERE p.person_id = c.entity_id AND NOT p.former AND p.until = ''
    ORDER BY EXISTS (SELECT FROM counted d WHERE d.entity_id = p.organization_id) DESC, p.as_of DESC, p.id LIMIT 1
) p ON true
ORDER BY c.n DESC, c.headlines DESC, c.entity_id LIMIT %(most)s
"""
_Counted = tuple[int, int, int, str]


def _counted(event_id: int) -> list[_Counted]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"event": event_id, "most": ENTITIES})
        return list(cursor.fetchall())


def _shares(
    counted: Sequence[_Counted], chips: Mapping[int, Chip], digest: Digest | None, articles: int
) -> tuple[Share, ...]:
    """The entities with their part: what the texts say of them, else their post, else where they stand."""
    said = digest.roles if digest else {}

    def role(pk: int, headlines: int, post: str) -> str:
        in_headlines = f"in {headlines} headline{'' if headlines == 1 else 's'}" if headlines else ""
        return "; ".join(filter(None, [*said.get(pk, ()), post])) or in_headlines

    return tuple(
        Share(chips[pk], n, n / max(articles, n), role(pk, headlines, post))
        for pk, n, headlines, post in counted
        if pk in chips
    )


def _developments(found: Sequence[Development], *, later: bool) -> tuple[Development, ...]:
    return tuple(one for one in found if one.is_later == later)
