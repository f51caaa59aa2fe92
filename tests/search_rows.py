"""What a search finds, by the statement that the article list is built on."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from articles.search.find import Cursor, Meaning, ask, newest_sql


class Found(NamedTuple):
    """A match: its number, title and time."""

    id: int
    title: str
    published_at: datetime


def rows_of(meaning: Meaning, *, limit: int, after: Cursor | None = None) -> list[Found]:
    """The newest matches, newest first."""
    newest, values = newest_sql(meaning, limit=limit, after=after)
    statement = f"""
        WITH m AS MATERIALIZED ({newest}) SELECT article_id, title, published_at FROM m
        ORDER BY published_at DESC, article_id DESC
    """  # noqa: S608 - no words of anybody
    return [Found(*row) for row in ask(statement, values)]
