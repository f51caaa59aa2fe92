"""What feeds of events read: the events of a filter with what they say, and whose key a feed reader has."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.contrib.auth import get_user_model

from articles.models import Event
from articles.queries.chips import chips_of
from articles.queries.event_lists import EventFilter, ask_events, event_rows
from articles.queries.events import courses_of, entities_of
from articles.queries.times import Range

NAMED = 8  # entities of an entry
# Names of events as RFC 4122 has them, so that an entry keeps its id when the desk moves to another address.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://newsdesk.invalid/events")


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event as an entry of a feed. `updated` moves when its articles, its title or its summary do."""

    id: int
    urn: str
    title: str
    summary: str
    type_words: str
    status_words: str
    first_at: datetime
    updated: datetime
    articles: int
    publishers: int
    independent: int
    names: tuple[str, ...]

    @property
    def figures(self) -> str:
        """Its figures in a sentence."""
        parts = ((self.articles, "article"), (self.publishers, "publisher"))
        counted = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts)
        return f"{counted}, {self.independent} independent. {self.status_words}."


@dataclass(frozen=True, slots=True)
class EventFeed:
    """The entries of a feed in the order of its list, and what the list is called."""

    title: str
    entries: tuple[FeedEvent, ...]
    problem: str = ""


def event_feed(
    wanted: EventFilter, span: Range, zone: tzinfo, dormant_before: datetime, limit: int
) -> EventFeed:
    """The first events of a filter; eight queries at most, whatever their number."""
    asked = ask_events(wanted, span, dormant_before)
    rows, _ = event_rows(asked, wanted.order, limit, "", zone)
    ids = [row[0] for row in rows]
    parts = [f"{label.called} {label.words}".strip() for label in asked.labels]
    title = f"Newsdesk events: {', '.join(parts) or 'all'}, {span.spoken}"
    problem = next((label.problem for label in asked.labels if label.problem), "")
    if not ids:
        return EventFeed(title, (), problem)
    more = Event.objects.filter(pk__in=ids).values(
        "id", "dek", "created_at", "updated_at", "digest__built_at", "digest__summary"
    )
    said = {row["id"]: row for row in more}
    named = entities_of(ids)
    chips = chips_of(pk for pks in named.values() for pk in pks[:NAMED])
    courses = courses_of(ids, span)
    entries = []
    for row in rows:
        pk, title_of, status, first_at, *_ = row
        about = said[pk]
        entries.append(
            FeedEvent(
                id=pk,
                urn=uuid.uuid5(_NAMESPACE, f"{pk} {about['created_at'].isoformat()}").urn,
                title=title_of,
                summary=_summary(about),
                type_words=str(Event.Type(row[9]).label) if row[9] else "",
                status_words=str(Event.Status(status).label),
                first_at=first_at,
                updated=max(filter(None, (about["updated_at"], about["digest__built_at"]))),
                articles=row[5],
                publishers=row[6],
                independent=courses[pk].independent,
                names=tuple(chips[one].name for one in named.get(pk, [])[:NAMED] if one in chips),
            )
        )
    return EventFeed(title, tuple(entries), problem)


def _summary(about: Mapping[str, Any]) -> str:
    sentences: Sequence[Mapping[str, Any]] = about["digest__summary"] or ()
    text = " ".join(str(sentence["text"]) for sentence in sentences) or about["dek"]
    return " ".join(text.split())


def reader_of_key(key: str) -> int | None:
    """The number of the active person whose feed readers have this key; None when nobody's have.

    Keys are random and only their sha256 is kept: what the search of an index tells by its time leads nobody to a key.
    """
    digest = hashlib.sha256(key.encode()).digest()
    found = (
        get_user_model()
        .objects.filter(feed_key_sha256=digest, is_active=True)
        .values_list("pk", "feed_key_sha256")
        .first()
    )
    kept = b"" if found is None or found[1] is None else bytes(found[1])
    return int(found[0]) if found is not None and hmac.compare_digest(kept, digest) else None
