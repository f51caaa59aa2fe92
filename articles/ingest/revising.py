"""Acts: a feed says something else of articles that it had; what they said before stays as a revision."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from articles.ingest.clean import without_lines
from articles.ingest.closing import Visit
from articles.ingest.copying import copy_rows, reserve_ids
from articles.ingest.entries import Entry, text_key
from articles.ingest.noise import is_noise, is_same_headline
from articles.models import Revision
from articles.texts.changes import changes_between

REVISION_COLUMNS = (
    "id", "article_id", "number", "title", "text", "html", "text_sha256", "origin", "removed", "problems", "changes",
    "created_at", "follows",
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

    listed_by: frozenset[int]
    publisher_id: int
    number: int
    text_sha256: str
    origin: str
    revision_id: int | None
    corrected_at: datetime | None
    headline_changed_at: datetime | None
    number_changed_at: datetime | None
    article_title: str
    title: str  # of the revision
    text: str
    fed_title: str | None  # the headline that a feed gave last
    removed: str  # of the revision: JSON


@dataclass(frozen=True, slots=True)
class _NewRevision:
    """A revision that a change brings, with what it changed."""

    number: int
    change: Change
    title: str
    key: str
    changes: list[dict[str, str]]


def revise_articles(changes: Sequence[Change], *, full_text_characters: int) -> list[Change]:
    """Take over what feeds now say of articles that they had; those changes that give somebody something to read."""
    if not changes:
        return []
    states = _lock({change.article_id for change in changes})
    taken: list[Change] = []
    articles: dict[int, tuple[Change, bool]] = {}
    revisions: list[_NewRevision] = []
    for change in changes:
        state = states.get(change.article_id)
        if state is None or not _may_revise(state, change):
            continue
        title = _title(state, change.entry)
        key = text_key(title, change.entry.text)
        if state.text_sha256 == key or _says_the_same(state, title, change.entry):
            continue
        wants_page = needs_page(change.entry, full_text_characters)
        state = replace(state, article_title=title)
        if state.number == 0 or state.origin == Revision.Origin.FEED or not wants_page:
            revision, state = _revise(state, change, title, key)
            revisions.append(revision)
        # Otherwise the page holds the text, and reading it again decides whether it changed.
        states[change.article_id] = state
        articles[change.article_id] = (change, wants_page)
        taken.append(change)
    _write_revisions(revisions, states)
    _write_articles(articles, states)
    return taken


def _title(state: _State, entry: Entry) -> str:
    """The feed's headline when it is another one than it gave before; else the one that stands, perhaps the page's."""
    if state.number and state.fed_title is not None and is_same_headline(state.fed_title, entry.title):
        return state.article_title
    return entry.title


def _says_the_same(state: _State, title: str, entry: Entry) -> bool:
    """Whether only a counter or a clock in the feed's text is another, or what we take off its edges."""
    if state.origin != Revision.Origin.FEED or state.title != title:
        return False
    return is_noise(state.text, entry.text) or is_noise(*_alike(state, entry))


def _alike(state: _State, entry: Entry) -> tuple[str, str]:
    """Both texts without the lines that were taken off the other: what the publisher changed is all that differs."""
    return (
        without_lines(state.text, {line for _, line in entry.removed}),
        without_lines(entry.text, {line for _, line in json.loads(state.removed)}),
    )


def _revise(state: _State, change: Change, title: str, key: str) -> tuple[_NewRevision, _State]:
    """What the feed says now as the next revision, and the article as it stands with it."""
    entry, now = change.entry, change.visit.now
    # Of a text that takes the place of another sort, only the headline can be compared.
    is_same_sort = state.origin == Revision.Origin.FEED
    before, after = _alike(state, entry) if is_same_sort else ("", "")
    changes = changes_between(state.title, before, title, after) if state.number else []
    codes = {one.code for one in changes}
    revision = _NewRevision(state.number + 1, change, title, key, [one.as_json() for one in changes])
    return revision, replace(
        state,
        number=state.number + 1,
        text_sha256=key,
        origin=Revision.Origin.FEED.value,
        corrected_at=state.corrected_at or (now if state.number else None),
        headline_changed_at=now if "headline" in codes else state.headline_changed_at,
        number_changed_at=now if "number" in codes else state.number_changed_at,
        title=title,
        text=entry.text,
        fed_title=title,
        removed=json.dumps(entry.removed),
    )


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
        json.dumps(entry.removed) if entry.removed else "[]",
        "[]",
        "[]",
        now,
        None,
    ]


def _changed_row(revision_id: int, new: _NewRevision, follows: int | None) -> list[Any]:
    """The same for a revision that follows another one."""
    row = revision_row(revision_id, new.change.article_id, new.number, new.change.entry, new.change.visit.now)
    values = dict(zip(REVISION_COLUMNS, row, strict=True))
    values |= {
        "title": new.title,
        "text_sha256": new.key,
        "changes": json.dumps(new.changes),
        "follows": follows,
    }
    return list(values.values())


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
                      a.publisher_id,
                      coalesce((SELECT max(n.number) FROM articles_revision n WHERE n.article_id = a.id), 0),
                      coalesce(r.text_sha256, ''), coalesce(r.origin, ''),
                      a.revision_id, a.corrected_at, a.headline_changed_at, a.number_changed_at, a.title,
                      coalesce(r.title, ''), coalesce(r.text, ''),
                      CASE WHEN r.origin = 'feed' THEN r.title ELSE
                          (SELECT o.title FROM articles_revision o WHERE o.article_id = a.id AND o.origin = 'feed'
                           ORDER BY o.number DESC LIMIT 1) END,
                      coalesce(r.removed, '[]')
               FROM articles_article a LEFT JOIN articles_revision r ON r.id = a.revision_id
               WHERE a.id = ANY(%s) ORDER BY a.id FOR NO KEY UPDATE OF a""",
            [sorted(article_ids)],
        )
        return {row[0]: _State(frozenset(row[1]), *row[2:]) for row in cursor.fetchall()}


def _write_revisions(revisions: Sequence[_NewRevision], states: dict[int, _State]) -> None:
    ids = reserve_ids("articles_revision", len(revisions))
    if not ids:
        return
    rows = []
    for revision_id, new in zip(ids, revisions, strict=True):
        state = states[
            new.change.article_id
        ]  # two feeds may change one article at once: each follows the one before
        rows.append(_changed_row(revision_id, new, state.revision_id))
        states[new.change.article_id] = replace(state, revision_id=revision_id)
    copy_rows("articles_revision", REVISION_COLUMNS, rows)


def _write_articles(articles: dict[int, tuple[Change, bool]], states: dict[int, _State]) -> None:
    if not articles:
        return
    rows = [
        (
            article_id,
            states[article_id].revision_id,
            states[article_id].corrected_at,
            states[article_id].headline_changed_at,
            states[article_id].number_changed_at,
            states[article_id].article_title,
            change.entry.summary,
            wants_page,
            change.entry.updated_at,
        )
        for article_id, (change, wants_page) in sorted(articles.items())
    ]
    with connection.cursor() as cursor:
        # An entry that is told anew is not withdrawn any more.
        cursor.execute(
            """UPDATE articles_article a SET revision_id = n.revision_id, corrected_at = n.corrected_at,
                   headline_changed_at = n.headline_changed_at, number_changed_at = n.number_changed_at, title = n.title,
                   summary = n.summary, needs_page = n.needs_page, stage = 'new', withdrawn_at = NULL,
                   updated_from = CASE WHEN n.updated_at > coalesce(a.updated_at, '-infinity') THEN 'feed'
                                       ELSE a.updated_from END,
                   updated_at = greatest(a.updated_at, n.updated_at)
               FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
                           %s::text[], %s::text[], %s::boolean[], %s::timestamptz[])
                    AS n(id, revision_id, corrected_at, headline_changed_at, number_changed_at, title, summary, needs_page,
                         updated_at)
               WHERE a.id = n.id""",
            [list(column) for column in zip(*rows, strict=True)],
        )
