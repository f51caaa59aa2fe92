"""Articles that nearly went to another event: the two events side by side, and what speaks for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from articles.events.features import words_of
from articles.models import Event, Membership
from articles.queries.chips import Chip, chips_of
from articles.queries.review_kinds import PLACEMENT, Question
from articles.queries.score_parts import Parts, next_parts, own_reasons, parts_in_words

SHOWN = 20  # articles of one question, the most doubtful
HEADLINES = 4  # of each event
COMPARED = 60  # headlines of each event that the article's is compared with
WORDS = 6
LONGEST = 280

# Asked: whose event nobody has confirmed, as long as the event may still grow. Several that waver between the same
# two events are one question; the newest hour first, in it the most doubtful.
UNSURE = """
    SELECT m.event_id, coalesce(r.merged_into_id, r.id, 0) AS runner_up_id, count(*) AS n,
           max(m.placed_at) AS newest,
           min(least(abs(m.score - coalesce(m.threshold, 0)),
                     CASE WHEN m.score > m.runner_up_score THEN m.score - m.runner_up_score END, 1)) AS doubt
    FROM articles_membership m LEFT JOIN articles_event r ON r.id = m.runner_up_id
    WHERE m.unsure <> '' AND m.checked_by = '' AND m.decided_by = ''
      AND m.placed_at >= statement_timestamp() - make_interval(days => %(window)s)
      AND m.event_id IS DISTINCT FROM coalesce(r.merged_into_id, r.id)
    GROUP BY 1, 2
"""
LIST = f"""
SELECT q.event_id, '', CASE WHEN q.runner_up_id > 0 THEN ARRAY[q.runner_up_id] ELSE '{{}}' END::bigint[],
       e.title, coalesce(r.title, ''), q.n::float8, q.at
FROM (
    SELECT u.event_id, u.runner_up_id, u.n,
           extract(epoch FROM date_trunc('hour', u.newest))::float8 + 1 - u.doubt::float8 AS at
    FROM ({UNSURE}) u
) q JOIN articles_event e ON e.id = q.event_id LEFT JOIN articles_event r ON r.id = q.runner_up_id
WHERE %(after)s::float8 IS NULL OR q.at < %(after)s OR (q.at = %(after)s AND q.event_id > %(after_id)s)
ORDER BY q.at DESC, q.event_id, q.runner_up_id LIMIT %(limit)s
"""  # noqa: S608 - constants of this module
COUNT = f"SELECT count(*) FROM ({UNSURE}) u"  # noqa: S608 - the same


@dataclass(frozen=True, slots=True)
class Doubted:
    """An article whose event is in doubt, with the figures of the machine."""

    article_id: int
    title: str
    publisher: str
    published_at: datetime
    summary: str
    score: float
    threshold: float | None
    runner_up_score: float
    is_close_to_bar: bool
    why: Sequence[Mapping[str, Any]]
    nearest: (
        Parts  # of the score of the next best event; of one that opened its own, of the nearest there was
    )

    @property
    def joined(self) -> bool:
        """Whether it was alike enough; else it opened an event of its own."""
        return self.threshold is None or self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class Told:
    """A headline of an event."""

    article_id: int
    title: str
    publisher: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """One of the two events, and what it has in common with the article that is shown first."""

    id: int
    title: str
    articles: int
    publishers: int
    first_at: datetime
    last_at: datetime
    others: int  # articles that are not in doubt here
    headlines: tuple[Told, ...]
    names: tuple[Chip, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacementItem:
    """Articles that the machine put into one event and nearly into another (None: there was no other)."""

    question: Question
    articles: tuple[Doubted, ...]
    more: int
    here: Place
    there: Place | None
    kind = PLACEMENT

    @property
    def is_own(self) -> bool:
        """Whether nobody else is in the event: the alternative to it is the other event only."""
        return self.here.others == 0

    @property
    def to_there_first(self) -> bool:
        """Whether a no most likely means the other event, not a new one."""
        first = self.articles[0]
        return self.there is not None and (self.is_own or not first.is_close_to_bar or not first.joined)


def placement_question(event_id: int, runner_up_id: int | None) -> Question:
    """The question whether articles belong to an event or to the next best one."""
    return Question(PLACEMENT, number=event_id, candidates=(runner_up_id,) if runner_up_id else ())


def window_days() -> int:
    """How long a doubtful placement is asked about: as long as articles may join the event."""
    return settings.EVENT_WINDOW_DAYS


def placement_item(question: Question) -> PlacementItem | None:
    """Both events with what speaks for each, five queries; None when nothing of it is in doubt any more."""
    rows = _doubted(question)
    if not rows:
        return None
    first = rows[0]
    keys = [question.number, *question.candidates]
    heads = Event.objects.filter(pk__in=keys).in_bulk()
    if question.number not in heads:
        return None
    doubted = {row.article_id for row in rows}
    told = _told(keys, doubted)
    shared = _shared_names(first.article_id, keys, doubted)
    chips = chips_of(pk for names in shared.values() for pk in names)
    places = [
        _place(heads[key], told.get(key, []), [chips[pk] for pk in shared.get(key, ()) if pk in chips], first)
        for key in keys
        if key in heads
    ]
    here = places[0]
    return PlacementItem(
        question,
        articles=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        here=here,
        there=places[1] if len(places) > 1 else None,
    )


def _doubted(question: Question) -> tuple[Doubted, ...]:
    """The articles of the question, the most doubtful first."""
    found = Membership.objects.filter(event_id=question.number, checked_by="", decided_by="").exclude(
        unsure=""
    )
    if question.candidates:
        runner_up = question.candidates[0]
        found = found.filter(runner_up_id=runner_up) | found.filter(runner_up__merged_into_id=runner_up)
    else:
        found = found.filter(runner_up__isnull=True)
    rows = found.order_by(F("score") - F("runner_up_score"), "-placed_at", "article_id").values_list(
        "article_id", "article__title", "article__publisher__name", "article__published_at",
        "article__summary", "article__revision__text", "score", "threshold", "runner_up_score", "unsure", "why", "parts",
    )[: SHOWN * 10]  # fmt: skip
    return tuple(
        Doubted(
            article_id=row[0],
            title=row[1],
            publisher=row[2],
            published_at=row[3],
            summary=_beginning(row[5] or row[4]),
            score=row[6],
            threshold=row[7],
            runner_up_score=row[8],
            is_close_to_bar=row[9] == Membership.Unsure.THRESHOLD,
            why=own_reasons(row[10]),
            nearest=parts_in_words(row[11])
            if row[7] is not None and row[6] < row[7]
            else next_parts(row[10]),
        )
        for row in rows
    )


def _beginning(text: str) -> str:
    words = " ".join(text[: LONGEST * 2].split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


_TOLD = """
SELECT m.event_id, m.article_id, m.title, p.name, m.published_at, m.others FROM unnest(%(events)s::bigint[]) AS k(id)
CROSS JOIN LATERAL (
    SELECT m.event_id, m.article_id, a.title, a.publisher_id, a.published_at, count(*) OVER () AS others
    FROM articles_membership m JOIN articles_article a ON a.id = m.article_id
    WHERE m.event_id = k.id AND m.article_id <> ALL(%(without)s)
    ORDER BY a.published_at DESC, m.article_id DESC LIMIT %(most)s
) m JOIN articles_publisher p ON p.id = m.publisher_id
ORDER BY m.published_at DESC, m.article_id DESC
"""


def _told(event_ids: Sequence[int], without: set[int]) -> dict[int, list[tuple[Told, int]]]:
    """The newest articles of each event that are not in doubt, and how many such there are."""
    found: dict[int, list[tuple[Told, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"events": list(event_ids), "without": list(without), "most": COMPARED})
        for event_id, key, title, publisher, at, others in cursor.fetchall():
            found.setdefault(event_id, []).append((Told(key, title, publisher, at), others))
    return found


_NAMES = """
SELECT m.event_id, x.entity_id FROM articles_articleentity own
JOIN articles_articleentity x ON x.entity_id = own.entity_id
JOIN articles_membership m ON m.article_id = x.article_id
WHERE own.article_id = %(article)s AND m.event_id = ANY(%(events)s) AND m.article_id <> ALL(%(without)s)
GROUP BY 1, 2 ORDER BY count(*) DESC, 2
"""


def _shared_names(article_id: int, event_ids: Sequence[int], without: set[int]) -> dict[int, list[int]]:
    """The entities that the article shares with each event, those that most of its articles name first."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, {"article": article_id, "events": list(event_ids), "without": list(without)})
        for event_id, entity_id in cursor.fetchall():
            names = found.setdefault(event_id, [])
            if len(names) < WORDS:
                names.append(entity_id)
    return found


def _place(event: Event, told: Sequence[tuple[Told, int]], names: Sequence[Chip], first: Doubted) -> Place:
    known = {term for one, _ in told for term, _ in words_of(one.title)}
    words = dict.fromkeys(written for term, written in words_of(first.title) if term in known)
    return Place(
        id=event.pk,
        title=event.title,
        articles=event.article_count,
        publishers=event.publisher_count,
        first_at=event.first_at,
        last_at=event.last_at,
        others=told[0][1] if told else 0,
        headlines=tuple(one for one, _ in told[:HEADLINES]),
        names=tuple(names),
        words=tuple(words)[:WORDS],
    )
