"""Who is what at whom: the positions of a person or at an organisation, what articles state of them, and the sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from articles.measures.posts import Line, Post, contradictions, lines_of
from articles.models import PositionProposal
from entities.models import Position

SHOWN = 12  # rows before "all"
MOST = 400
STATED = 30
QUOTES = 3


@dataclass(frozen=True, slots=True)
class Quote:
    """Where an article states a position."""

    article_id: int
    quote: str
    publisher: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PostRow:
    """One position, of the knowledge base or (`stated`) only of articles; `against` are those that contradict it."""

    key: str
    id: int
    name: str
    slug: str
    title: str
    since: str
    until: str
    former: bool
    source: str
    as_of: str
    stated: bool
    articles: int
    quotes: tuple[Quote, ...]
    line: Line | None
    against: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.former or bool(self.until)

    @property
    def told_by(self) -> tuple[str, str]:
        """Who is its source, and the page where it says so: an accepted statement names an article; ("…", "") for none."""
        who, colon, page = self.source.partition(": ")
        is_page = bool(colon) and page.startswith(("https://", "http://")) and not page.endswith("…")
        return (who, page) if is_page else (self.source, "")


@dataclass(frozen=True, slots=True)
class Posts:
    """Positions of one entity: `held` by it, `people` at it; each line begins with the `first` year of its list."""

    held: tuple[PostRow, ...]
    held_first: int
    people: tuple[PostRow, ...]
    people_first: int


# The newest articles of each statement, three each.
_QUOTES = """
SELECT q.proposal_id, q.article_id, q.quote, q.name, q.published_at FROM (
    SELECT e.proposal_id, e.article_id, e.quote, p.name, e.published_at,
           row_number() OVER (PARTITION BY e.proposal_id ORDER BY e.published_at DESC, e.id DESC) AS place
    FROM articles_positionevidence e JOIN articles_article a ON a.id = e.article_id
    JOIN articles_publisher p ON p.id = a.publisher_id WHERE e.proposal_id = ANY(%s)
) q WHERE q.place <= %s ORDER BY q.proposal_id, q.place
"""


def posts_of(entity_id: int, today: date) -> Posts:
    """Positions from both sides, those that are held now first; at most three queries."""
    kept = list(
        Position.objects.filter(Q(person_id=entity_id) | Q(organization_id=entity_id))
        .values(
            "id", "person_id", "organization_id", "title", "since", "until", "former", "source", "as_of",
            "person__name", "person__slug", "organization__name", "organization__slug",
        )
        .order_by("-since", "person__name", "organization__name", "id")[:MOST]
    )  # fmt: skip
    stated = list(
        PositionProposal.objects.filter(Q(person_id=entity_id) | Q(organization_id=entity_id))
        .exclude(state=PositionProposal.State.REJECTED)
        .values(
            "id", "person_id", "organization_id", "title", "former", "articles", "state", "position_id", "last_at",
            "person_name", "organization_name", "person__slug", "organization__slug",
        )
        .order_by("-articles", "id")[: STATED * 4]
    )  # fmt: skip
    quotes = _quotes([row["id"] for row in stated])
    backed: dict[int, list[Quote]] = {}
    for row in stated:
        if row["position_id"] is not None:
            backed.setdefault(row["position_id"], []).extend(quotes.get(row["id"], ()))
    waiting = [row for row in stated if row["state"] == "open"][:STATED]
    held, held_first = _side("person_id", "organization", entity_id, kept, waiting, backed, quotes, today)
    people, first = _side("organization_id", "person", entity_id, kept, waiting, backed, quotes, today)
    return Posts(held, held_first, people, first)


def _quotes(proposal_ids: Sequence[int]) -> dict[int, list[Quote]]:
    found: dict[int, list[Quote]] = {}
    if not proposal_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_QUOTES, [list(proposal_ids), QUOTES])
        for proposal_id, *quote in cursor.fetchall():
            found.setdefault(proposal_id, []).append(Quote(*quote))
    return found


def _side(  # noqa: PLR0913, PLR0917 - the two sides of one reading
    mine: str,
    theirs: str,
    entity_id: int,
    kept: Sequence[Mapping[str, Any]],
    waiting: Sequence[Mapping[str, Any]],
    backed: Mapping[int, Sequence[Quote]],
    quotes: Mapping[int, Sequence[Quote]],
    today: date,
) -> tuple[tuple[PostRow, ...], int]:
    """The positions in which the entity stands on one side, each with its line and what contradicts it."""
    rows = [(f"k{row['id']}", row, False) for row in kept if row[mine] == entity_id]
    rows += [(f"s{row['id']}", row, True) for row in waiting if row[mine] == entity_id]
    posts = [_post(key, row, stated=stated) for key, row, stated in rows]
    first, lines = lines_of(posts, today)
    against = contradictions(posts)
    words = {
        post.key: _words(row, theirs, stated=stated)
        for post, (_, row, stated) in zip(posts, rows, strict=True)
    }
    made = []
    for post, (key, row, stated) in zip(posts, rows, strict=True):
        evidence = quotes.get(row["id"], ()) if stated else backed.get(row["id"], ())
        made.append(
            PostRow(
                key=key,
                id=row["id"],
                name=row[f"{theirs}_name"] if stated else row[f"{theirs}__name"],
                slug=row[f"{theirs}__slug"] or "",
                title=post.title,
                since=post.since,
                until=post.until,
                former=post.former,
                source="" if stated else row["source"],
                as_of=f"{row['last_at']:%Y-%m-%d}" if stated else row["as_of"],
                stated=stated,
                articles=row["articles"] if stated else len(evidence),
                quotes=tuple(evidence[:QUOTES]),
                line=lines.get(key),
                against=tuple(words[other] for other in against.get(key, ())),
            )
        )
    return tuple(sorted(made, key=lambda row: (row.ended, row.stated))), first


def _post(key: str, row: Mapping[str, Any], *, stated: bool) -> Post:
    person = row["person_id"] or (row["person_name"] if stated else "")
    organization = row["organization_id"] or (row["organization_name"] if stated else "")
    return Post(
        key, str(person), str(organization), row["title"],
        "" if stated else row["since"], "" if stated else row["until"], row["former"],
        f"{row['last_at']:%Y-%m-%d}" if stated else row["as_of"],
    )  # fmt: skip


def _words(row: Mapping[str, Any], theirs: str, *, stated: bool) -> str:
    """Another statement in a few words: who says what, from when to when, as of when."""
    name = row[f"{theirs}_name"] if stated else row[f"{theirs}__name"]
    over = "formerly " if row["former"] and (stated or not row["until"]) else ""
    if stated:
        n = row["articles"]
        return f"{name}, {over}{row['title']} ({n} article{'' if n == 1 else 's'}, {row['last_at']:%Y-%m-%d})"
    years = " to ".join(year for year in (row["since"], row["until"]) if year)
    years = f" until {years}" if row["until"] and not row["since"] else f" {years}" if row["until"] else ""
    return f"{name}, {over}{row['title']}{years} ({row['source']}, {row['as_of']})"
