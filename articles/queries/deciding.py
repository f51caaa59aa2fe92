"""What the pages of decisions about events read: where things stand, what may be chosen, what would change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from articles.events.casebook import with_copies
from articles.events.titles import TITLED_FROM, Headline, choose_headline
from articles.models import ArticleCopy, Constraint, Event, Membership, StorylineLink

NAMES = 6  # publishers that a preview names
MOST_TEXTS = 300  # of an event to choose from, the newest
MOST_LINKS = 100
TYPES: tuple[tuple[str, str], ...] = tuple((str(value), str(words)) for value, words in Event.Type.choices)


@dataclass(frozen=True, slots=True)
class Standing:
    """An article and the event it is in now, with the runner-up of the machine and who checked it."""

    article_id: int
    title: str
    publisher: str
    published_at: datetime
    event_id: int
    event_title: str
    runner_up_id: int | None
    runner_up: str
    runner_up_score: float
    unsure: str
    decided_by: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class Side:
    """An event before and after a decision; `id` None is a new one, `names` its publishers then (the first few)."""

    id: int | None
    title: str
    articles: int
    publishers: int
    articles_after: int
    publishers_after: int
    names: tuple[str, ...] = ()
    title_after: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would do to one or two events; `followers` are copies that go along unasked."""

    sides: tuple[Side, ...]
    followers: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list to choose from."""

    id: int
    title: str
    publisher: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an event: its article, and the copies of it that go wherever it goes."""

    line: Line
    copies: tuple[Line, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Apart:
    """Two events, or an article and an event, as they are told apart."""

    id: int
    title: str
    articles: int
    publishers: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """That two were said not to belong together, by whom and why."""

    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Development:
    """An event that came before or after another in one storyline; `why` are reasons as rows hold them."""

    link_id: int
    event_id: int
    title: str
    first_at: datetime
    last_at: datetime
    articles: int
    publishers: int
    is_earlier: bool
    status: str
    score: float
    why: Sequence[Mapping[str, Any]]
    decided_by: str


@dataclass(frozen=True, slots=True)
class _Member:
    """An article of an event as previews count it."""

    article_id: int
    title: str
    published_at: datetime
    publisher_id: int
    publisher: str
    copy_kind: str
    group_id: int | None


def event_head(event_id: int) -> Mapping[str, Any] | None:
    """Title, status, type and figures of an event that stands for itself; None when there is none."""
    return (
        Event.objects.filter(pk=event_id, merged_into__isnull=True)
        .values(
            "id", "title", "titled_by", "status", "type", "typed_by", "type_why", "version", "article_count",
            "publisher_count", "first_at", "last_at",
        )
        .first()
    )  # fmt: skip


def standing_of(article_id: int) -> Standing | None:
    """Where an article stands; None when it has no event."""
    row = (
        Membership.objects.filter(article_id=article_id)
        .values_list(
            "article_id", "article__title", "article__publisher__name", "article__published_at", "event_id",
            "event__title", "runner_up_id", "runner_up__title", "runner_up_score", "unsure", "decided_by",
            "checked_by",
        )
        .first()
    )  # fmt: skip
    return None if row is None else Standing(*row[:7], row[7] or "", *row[8:])


def preview_move(article_id: int, to: int | None) -> Preview | None:
    """Both events before and after moving an article with its copies (None: into a new event); two queries.

    None when that is not possible.
    """
    standing = standing_of(article_id)
    if standing is None or standing.event_id == to:
        return None
    going = with_copies(standing.event_id, [article_id])
    heads = _heads([standing.event_id, *([to] if to else [])])
    if standing.event_id not in heads or (to and to not in heads):
        return None
    members = _members(heads)
    left = members.get(standing.event_id, [])
    moved = [one for one in left if one.article_id in going]
    staying = [one for one in left if one.article_id not in going]
    there = members.get(to, []) if to else []
    return Preview(
        (
            _side(heads[standing.event_id], left, staying),
            _side(heads[to] if to else None, there, [*there, *moved]),
        ),
        len(moved) - 1,
    )


def preview_join(keep: int, other: int) -> Preview | None:
    """Both events before and after joining the other into the kept one; None when that is not possible."""
    heads = _heads([keep, other])
    if keep == other or len(heads) != 2:  # noqa: PLR2004 - both of them
        return None
    members = _members(heads)
    kept, coming = members.get(keep, []), members.get(other, [])
    return Preview((_side(heads[keep], kept, [*kept, *coming]), _side(heads[other], coming, [])))


def preview_split(event_id: int, article_ids: Collection[int]) -> Preview | None:
    """Both parts of an event when these articles and their copies leave it; None when nothing or all would."""
    heads = _heads([event_id])
    if event_id not in heads:
        return None
    members = _members(heads).get(event_id, [])
    chosen = {one.article_id for one in members} & set(article_ids)
    going = set(with_copies(event_id, chosen)) if chosen else set()
    leaving = [one for one in members if one.article_id in going]
    staying = [one for one in members if one.article_id not in going]
    if not leaving or not staying:
        return None
    sides = (_side(heads[event_id], members, staying), _side(None, [], leaving))
    return Preview(sides, len(going) - len(chosen))


def texts_of(event_id: int, chosen: Collection[int] = ()) -> list[Text]:
    """The texts of an event, newest first, each with the copies that follow it; one query.

    Copies whose origin is in another event are texts of their own.
    """
    rows = _members({event_id: {}}).get(event_id, [])[:MOST_TEXTS]
    heads = {row.group_id: row.article_id for row in rows if row.copy_kind == ArticleCopy.Kind.ORIGIN}
    copies: dict[int, list[_Member]] = {}
    for row in rows:
        head = heads.get(row.group_id)
        if head is not None and head != row.article_id:
            copies.setdefault(head, []).append(row)
    followers = {row.article_id for held in copies.values() for row in held}
    return [
        Text(
            _line(row), tuple(_line(one) for one in copies.get(row.article_id, ())), row.article_id in chosen
        )
        for row in rows
        if row.article_id not in followers
    ]


def apart_from(event_id: int) -> Apart | None:
    """An event that another, or an article, is told apart from; None when there is none."""
    head = event_head(event_id)
    if head is None:
        return None
    return Apart(
        head["id"], head["title"], head["article_count"], head["publisher_count"], head["first_at"],
        head["last_at"],
    )  # fmt: skip


def said_apart(event_id: int, other_id: int) -> Said | None:
    """Whether a person said that two events are not one, the latest such word; one query."""
    mine = Membership.objects.filter(event_id=event_id).values("article_id")
    theirs = Membership.objects.filter(event_id=other_id).values("article_id")
    row = (
        Constraint.objects.filter(
            Q(a_id__in=mine, b_id__in=theirs) | Q(a_id__in=theirs, b_id__in=mine),
            kind=Constraint.Kind.CANNOT,
            withdrawn_at__isnull=True,
        )
        .order_by("-id")
        .values_list("by", "why", "at")
        .first()
    )
    return None if row is None else Said(*row)


def developments_of(event_id: int) -> list[Development]:
    """All links of an event to earlier and later ones, whatever people said of them; by time, one query."""
    links = (
        StorylineLink.objects.filter(
            Q(later_id=event_id, earlier__merged_into__isnull=True)
            | Q(earlier_id=event_id, later__merged_into__isnull=True)
        )
        .select_related("earlier", "later")
        .order_by("-score", "id")[:MOST_LINKS]
    )
    found = []
    for link in links:
        is_earlier = link.later_id == event_id
        other = link.earlier if is_earlier else link.later
        found.append(
            Development(
                link_id=link.pk,
                event_id=other.pk,
                title=other.title,
                first_at=other.first_at,
                last_at=other.last_at,
                articles=other.article_count,
                publishers=other.publisher_count,
                is_earlier=is_earlier,
                status=link.status,
                score=link.score,
                why=[part for part in link.why if part.get("words")],
                decided_by=link.decided_by,
            )
        )
    return sorted(found, key=lambda one: (one.first_at, one.event_id))


# Confirmed links are few; the bound keeps a mistaken knot of them from filling the page.
_CHAIN = """
WITH RECURSIVE line(id) AS (
    SELECT %(event)s::bigint
    UNION
    SELECT CASE WHEN l.earlier_id = line.id THEN l.later_id ELSE l.earlier_id END
    FROM line JOIN articles_storylinelink l
      ON l.status = 'confirmed' AND (l.earlier_id = line.id OR l.later_id = line.id)
)
SELECT e.id, e.title, e.first_at, e.last_at, e.article_count, e.publisher_count
FROM (SELECT id FROM line LIMIT %(most)s) line JOIN articles_event e ON e.id = line.id
WHERE e.merged_into_id IS NULL ORDER BY e.first_at, e.id
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One event in a chain of developments that people confirmed."""

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    articles: int
    publishers: int


def chain_of(event_id: int) -> list[Link]:
    """The whole storyline of an event by confirmed links, the earliest first; empty when it has none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"event": event_id, "most": MOST_LINKS})
        found = [Link(*row) for row in cursor.fetchall()]
    return found if len(found) > 1 else []


def event_of_link(link_id: int) -> int | None:
    """The later event of a link, whose page shows it; None when the link is gone."""
    return StorylineLink.objects.filter(pk=link_id).values_list("later_id", flat=True).first()


def _heads(event_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Title and who gave it of events that stand for themselves."""
    rows = Event.objects.filter(pk__in=event_ids, merged_into__isnull=True)
    return {row["id"]: row for row in rows.values("id", "title", "titled_by")}


def _members(event_ids: Collection[int]) -> dict[int, list[_Member]]:
    """The articles of events, the newest first."""
    found: dict[int, list[_Member]] = {}
    rows = (
        Membership.objects.filter(event_id__in=list(event_ids))
        .order_by("-article__published_at", "-article_id")
        .values_list(
            "event_id", "article_id", "article__title", "article__published_at", "article__publisher_id",
            "article__publisher__name", "article__copy__kind", "article__copy__group_id",
        )
    )  # fmt: skip
    for event_id, key, title, at, publisher_id, publisher, kind, group_id in rows:
        member = _Member(key, title, at, publisher_id, publisher, kind or "", group_id)
        found.setdefault(event_id, []).append(member)
    return found


def _line(row: _Member) -> Line:
    return Line(row.article_id, row.title, row.publisher, row.published_at)


def _side(head: Mapping[str, Any] | None, before: Sequence[_Member], after: Sequence[_Member]) -> Side:
    """An event before and after; with the title that it would carry then."""
    named = {row.publisher_id: row.publisher for row in sorted(after, key=lambda row: row.publisher)}
    title = str(head["title"]) if head is not None else ""
    then = title if head is not None and (head["titled_by"] or not after) else _title(after)
    return Side(
        id=head["id"] if head is not None else None,
        title=title or then,
        articles=len(before),
        publishers=len({row.publisher_id for row in before}),
        articles_after=len(after),
        publishers_after=len(named),
        names=tuple(named.values())[:NAMES],
        title_after=then,
    )


def _title(rows: Sequence[_Member]) -> str:
    headlines = [
        Headline(
            row.article_id,
            row.title,
            row.published_at,
            is_copy=row.copy_kind not in {"", ArticleCopy.Kind.ORIGIN},
        )
        for row in sorted(rows, key=lambda row: row.article_id)
        if row.title.strip()
    ]
    return choose_headline(headlines[:TITLED_FROM]).text if headlines else ""
