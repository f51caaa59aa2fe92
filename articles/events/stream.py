"""Articles as lines of a file: read, placed one after the other, and written as lines; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from articles.errors import RefusedError
from articles.events.features import shard_of
from articles.events.memory import MemoryStore
from articles.events.placement import Placement, Story, place
from articles.events.vectors import Embedding

START_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """One line of input as it is meant; `published` is None when the line names no time."""

    name: str | int
    title: str
    text: str
    published: datetime | None
    source: str
    language: str


def read_line(line: str, known: Collection[str | int] = ()) -> ArticleLine:
    """The article of a JSON line. Raises RefusedError that says what is wrong with the line.

    `known` holds the ids of the lines before.
    """
    row = _object_of(line)
    name = row.get("id")
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        message = "The line has no id: give each article a string or a number of its own."
        raise RefusedError(message)
    if isinstance(name, str) and name != _sound(name):
        message = "The id holds half a character (a lone surrogate): give the article another one."
        raise RefusedError(message)
    if name in known:
        message = f"The id {name!r} was given before: each article needs its own."
        raise RefusedError(message)
    texts = {key: row.get(key) for key in ("title", "text", "source", "language", "published")}
    for key, value in texts.items():
        if value is not None and not isinstance(value, str):
            message = f"The field {key} must be a string or null."
            raise RefusedError(message)
    title, text, source = (_sound(texts[key] or "") for key in ("title", "text", "source"))
    if not title.strip() and not text.strip():
        message = "The article has neither title nor text: there is nothing to compare."
        raise RefusedError(message)
    return ArticleLine(name, title, text, _moment(texts["published"]), source, texts["language"] or "")


# Gives what a language model makes of each article, None for those that it does not read.
Embed = Callable[[Sequence[ArticleLine]], Sequence[Embedding | None]]


def group_lines(lines: Iterable[str], window: timedelta | None) -> Iterator[dict[str, Any]]:
    """Place the articles in the order of their lines, one by one; a bad line yields its id and an error."""
    return group_batches(([line] for line in lines), window)


def group_batches(
    batches: Iterable[Sequence[str]], window: timedelta | None, embed: Embed | None = None
) -> Iterator[dict[str, Any]]:
    """Place the articles in the order of their lines; a bad line yields its id and an error.

    The articles of a batch go through `embed` together; how the lines are cut into batches changes nothing else.
    """
    store = MemoryStore(window)
    names: list[str | int] = []
    known: set[str | int] = set()
    latest = START_OF_TIME
    for batch in batches:
        found = _read_batch(batch, known)
        articles = [one for one in found if isinstance(one, ArticleLine)]
        embeddings = iter(embed(articles) if embed is not None and articles else [None] * len(articles))
        for article in found:
            if not isinstance(article, ArticleLine):
                yield article
                continue
            names.append(article.name)
            latest = article.published or latest
            story = Story(
                key=len(names),
                shard=shard_of(article.language),
                title=article.title,
                text=article.text,
                published=latest,
                seen_at=None,
                publisher=article.source,
                publisher_name=article.source,
                embedding=next(embeddings),
            )
            event_id, placement = place(story, store, window)
            yield _row(article.name, event_id, placement, store, names)


def _read_batch(batch: Sequence[str], known: set[str | int]) -> list[ArticleLine | dict[str, Any]]:
    """The articles of some lines, and for bad lines what is answered; empty lines are skipped."""
    found: list[ArticleLine | dict[str, Any]] = []
    for line in batch:
        if not line.strip():
            continue
        try:
            article = read_line(line, known)
        except RefusedError as error:
            found.append({"id": _name_of(line), "error": str(error)})
            continue
        known.add(article.name)
        found.append(article)
    return found


def _row(
    name: str | int, event_id: int, placement: Placement, store: MemoryStore, names: list[str | int]
) -> dict[str, Any]:
    key = placement.story.key
    group_id = store.group_of.get(key)
    group = store.groups_by_id[group_id] if group_id is not None else None
    place_in_group = group.members[key] if group is not None else None
    is_copy = place_in_group is not None and place_in_group.kind != "origin"
    return {
        "id": name,
        "event": f"e{event_id}",
        "copy_group": None if group_id is None else f"c{group_id}",
        "copy_of": names[group.origin - 1] if group is not None and is_copy else None,
        "copy_kind": place_in_group.kind if place_in_group is not None and is_copy else None,
        "score": round(placement.score, 4),
        "runner_up": None
        if placement.runner_up is None
        else {"event": f"e{placement.runner_up}", "score": round(placement.runner_up_score, 4)},
        "why": [
            {"code": reason.code, "words": reason.words, "weight": reason.weight} for reason in placement.why
        ],
    }


def _object_of(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        message = "The line is not JSON: write one object a line."
        raise RefusedError(message) from error
    if not isinstance(row, dict):
        message = "The line is JSON but not an object: write one object a line."
        raise RefusedError(message)
    return row


def _name_of(line: str) -> str | int | None:
    """The id of a bad line, None when it has none that could be named."""
    try:
        name = _object_of(line).get("id")
    except RefusedError:
        return None
    if isinstance(name, str):
        return _sound(name)
    return name if isinstance(name, int) and not isinstance(name, bool) else None


def _sound(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 output can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _moment(stamp: str | None) -> datetime | None:
    if stamp is None:
        return None
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError as error:
        message = f"The time {stamp!r} is not ISO 8601, such as 2026-03-11T09:30:00Z."
        raise RefusedError(message) from error
    if moment.tzinfo is None:
        message = f"The time {stamp!r} has no zone: add Z or an offset such as +08:00."
        raise RefusedError(message)
    return moment.astimezone(UTC)
