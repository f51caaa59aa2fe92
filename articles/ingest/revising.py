"""Acts: a feed says something else of articles that it had; what they said before stays as a revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from articles.ingest.closing import Visit
from articles.ingest.copying import copy_rows, reserve_ids
from articles.ingest.entries import Entry
from articles.models import Revision

REVISION_COLUMNS = (
    "id", "article_id", "number", "title", "text", "html", "text_sha256", "origin", "removed", "problems", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is not what its feed last said of this article."""

    article_id: int
    entry: Entry
    visit: Visit


@dataclass(frozen=True, slots=True)
class _State:
    """An article as it stands, and whose feeds list it. `number` is 0 when it has no revision at all."""

    publisher_id: int
    number: int
    text_sha256: str
    origin: str
    revision_id: int | None
    corrected_at: datetime | None
    listed_by: frozenset[int] = frozenset()


def revise_articles(changes: Sequence[Change], *, full_text_characters: int) -> list[Change]:
    """Take over what feeds now say of articles that they had; those changes that give somebody something to read."""
    if not changes:
        return []
    states = _lock({change.article_id for change in changes})
    taken: list[Change] = []
    articles: dict[int, tuple[Change, bool]] = {}
    revisions: list[tuple[int, Change]] = []
    for change in changes:
        state = states.get(change.article_id)
        if state is None or not _may_revise(state, change) or state.text_sha256 == change.entry.text_sha256:
            continue
        wants_page = needs_page(change.entry, full_text_characters)
        if state.number == 0 or state.origin == Revision.Origin.FEED or not wants_page:
            revisions.append((state.number + 1, change))
            corrected_at = state.corrected_at or (change.visit.now if state.number else None)
            states[change.article_id] = replace(
                state,
                number=state.number + 1,
                text_sha256=change.entry.text_sha256,
                origin=Revision.Origin.FEED.value,
                corrected_at=corrected_at,
            )
        # Otherwise the page holds the text, and reading it again decides whether it changed.
        articles[change.article_id] = (change, wants_page)
        taken.append(change)
    _write_revisions(revisions, states)
    _write_articles(articles, states)
    return taken


def needs_page(entry: Entry, full_text_characters: int) -> bool:
    """Whether the feed's own text is too short to stand for the article."""
    return bool(entry.url) and len(entry.text) < full_text_characters


def revision_row(revision_id: int, article_id: int, number: int, entry: Entry, now: datetime) -> list[Any]:
    """A revision with the feed's own text, in the order of REVISION_COLUMNS."""
    return [
        revision_id,
        article_id,
        number,
        entry.title,
        entry.text,
        entry.html,
        entry.text_sha256,
        Revision.Origin.FEED.value,
        "[]",
        "[]",
        now,
    ]


def _may_revise(state: _State, change: Change) -> bool:
    """Whoever only points to a story of others does not rewrite it, unless nobody else tells us of it."""
    own = change.visit.feed.publisher_id
    return state.publisher_id == own or state.listed_by == {own}


def _lock(article_ids: set[int]) -> dict[int, _State]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.id,
                      ARRAY(SELECT DISTINCT f.publisher_id FROM articles_sighting s JOIN articles_feed f ON f.id = s.feed_id
                            WHERE s.article_id = a.id),
                      a.publisher_id, coalesce(r.number, 0), coalesce(r.text_sha256, ''), coalesce(r.origin, ''),
                      a.revision_id, a.corrected_at
               FROM articles_article a LEFT JOIN articles_revision r ON r.id = a.revision_id
               WHERE a.id = ANY(%s) ORDER BY a.id FOR NO KEY UPDATE OF a""",
            [sorted(article_ids)],
        )
        return {
            row[0]: _State(row[2], row[3], row[4], row[5], row[6], row[7], frozenset(row[1]))
            for row in cursor.fetchall()
        }


def _write_revisions(revisions: Sequence[tuple[int, Change]], states: dict[int, _State]) -> None:
    ids = reserve_ids("articles_revision", len(revisions))
    if not ids:
        return
    copy_rows(
        "articles_revision",
        REVISION_COLUMNS,
        [
            revision_row(revision_id, change.article_id, number, change.entry, change.visit.now)
            for revision_id, (number, change) in zip(ids, revisions, strict=True)
        ],
    )
    for revision_id, (_, change) in zip(ids, revisions, strict=True):
        states[change.article_id] = replace(states[change.article_id], revision_id=revision_id)


def _write_articles(articles: dict[int, tuple[Change, bool]], states: dict[int, _State]) -> None:
    if not articles:
        return
    rows = [
        (
            article_id,
            states[article_id].revision_id,
            states[article_id].corrected_at,
            change.entry.title,
            change.entry.summary,
            wants_page,
        )
        for article_id, (change, wants_page) in sorted(articles.items())
    ]
    with connection.cursor() as cursor:
        # An entry that is told anew is not withdrawn any more.
        cursor.execute(
            """UPDATE articles_article a SET revision_id = n.revision_id, corrected_at = n.corrected_at, title = n.title,
                   summary = n.summary, needs_page = n.needs_page, stage = 'new', withdrawn_at = NULL
               FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::boolean[])
                    AS n(id, revision_id, corrected_at, title, summary, needs_page)
               WHERE a.id = n.id""",
            [list(column) for column in zip(*rows, strict=True)],
        )
