"""The query language of the article list: `entity:smic since:7d chip` becomes filters, chips and free words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

Key = Literal[
    "source", "entity", "ticker", "lang", "has", "is", "copies", "since", "until", "day", "event", "status"
]
KEYS: tuple[Key, ...] = (
    "source", "entity", "ticker", "lang", "has", "is", "copies", "since", "until", "day", "event", "status",
)  # fmt: skip
# A second one of these replaces the first; of the others each narrows further.
SINGLE: frozenset[Key] = frozenset({"lang", "since", "until", "day", "event", "status", "source", "copies"})
HAS = ("notes", "corrections", "copies")
IS = ("copy", "original", "changed", "deleted")
STATUSES = ("unreviewed", "in_review", "reviewed", "rejected")
RANGES = {
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "1y": timedelta(days=365),
}
LONGEST = 400  # characters of a query; what comes after is not read
MOST_FILTERS = 12

_PART = re.compile(r'([a-z]+):("[^"]*"|[^\s"]+)|"[^"]*"|\S+')
_SPAN = re.compile(r"(\d{1,4})([hdwmy])")
_UNIT = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}
# What neither a search nor a page can use: control characters, lone surrogates, NUL.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Filter:
    """One `key:value` of a query, as written."""

    key: Key
    value: str

    def __str__(self) -> str:
        return f'{self.key}:"{self.value}"' if " " in self.value else f"{self.key}:{self.value}"


@dataclass(frozen=True, slots=True)
class Query:
    """A read query: filters in the order written, and the words that remain for the text search."""

    filters: tuple[Filter, ...] = ()
    words: str = ""

    def __str__(self) -> str:
        return " ".join([*map(str, self.filters), *([self.words] if self.words else [])])

    def __bool__(self) -> bool:
        return bool(self.filters or self.words)

    def values(self, key: Key) -> tuple[str, ...]:
        """All values of one key, in order."""
        return tuple(part.value for part in self.filters if part.key == key)

    def value(self, key: Key) -> str:
        """The last value of one key, else empty."""
        found = self.values(key)
        return found[-1] if found else ""

    def without(self, dropped: Filter) -> Query:
        """The query less one filter."""
        return replace(self, filters=tuple(part for part in self.filters if part != dropped))

    def without_key(self, key: Key) -> Query:
        """The query less every filter of a key."""
        return replace(self, filters=tuple(part for part in self.filters if part.key != key))

    @property
    def has_since(self) -> bool:
        """Whether a filter says since when."""
        return bool(self.value("since"))

    def without_words(self) -> Query:
        """The query less its free words."""
        return replace(self, words="")

    def having(self, key: Key, value: str) -> Query:
        """The query with one more filter; keys that hold once are replaced."""
        kept = tuple(part for part in self.filters if key not in SINGLE or part.key != key)
        added = Filter(key, value)
        return replace(self, filters=kept if added in kept else (*kept, added))


def read_query(texts: Iterable[str]) -> Query:
    """Read a query from one or more pieces (chips, then what was typed). Never fails: what is no filter is a word."""
    text = _UNPRINTABLE.sub(" ", " ".join(texts))[:LONGEST]
    query, words = Query(), []
    for match in _PART.finditer(text):
        key, value = match.group(1), (match.group(2) or "").strip('"').strip()
        known = next((name for name in KEYS if name == key), None)
        if known is None or not value or len(query.filters) >= MOST_FILTERS:
            words.append(match.group())
        else:
            query = query.having(known, value)
    return replace(query, words=" ".join(words))


def since_moment(value: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When `since:` begins: a span back from now (24h, 7d, 2w, 3m, 1y) or midnight of a day in `zone`; else None."""
    span = _SPAN.fullmatch(value)
    if span:
        hours = int(span.group(1)) * _UNIT[span.group(2)]
        return now - timedelta(hours=min(hours, 24 * 36_500))
    day = read_day(value)
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)


def day_after(value: str, zone: tzinfo) -> datetime | None:
    """The midnight that ends a day in `zone`, None when it is no day."""
    day = read_day(value)
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def read_day(value: str) -> date | None:
    """A day written as 2026-03-11, between 1900 and 2200; else None."""
    if not re.fullmatch(r"(19|20|21)\d\d-\d\d-\d\d", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
