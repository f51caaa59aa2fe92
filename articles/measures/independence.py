"""Rule: how many independent sources tell an event, who only repeats whom, and who came when.

Counted are texts and owners, never feeds: articles that carry one text are one voice, that of its origin; publishers of
one owner are one source. A copy whose origin is not among the articles is spoken for by the earliest of that text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_NAMED = 2  # origins that the sentence names


@dataclass(frozen=True, slots=True)
class Telling:
    """An article of an event. `group` is its copy group, `is_copy` whether another is taken for its text's origin."""

    article: int
    publisher: str
    slug: str
    owner: str  # empty: the publisher is its own
    country: str
    language: str
    at: datetime
    group: int | None = None
    is_copy: bool = False

    @property
    def holder(self) -> str:
        """Who is behind it: whoever has the same holder is not independent."""
        return self.owner or self.publisher


@dataclass(frozen=True, slots=True)
class Source:
    """One independent source: its publishers that report themselves, and who repeats what they wrote."""

    name: str
    publishers: tuple[str, ...]
    own: int
    repeats: int
    repeated_by: tuple[tuple[str, int], ...]
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Teller:
    """A publisher of the event by when it first told it; `behind` is how long after the first of all."""

    name: str
    slug: str
    owner: str
    country: str
    first: int
    first_at: datetime
    behind: timedelta
    own: int
    repeats: int
    tellings: tuple[tuple[int, datetime, bool], ...]  # article, when, whether it repeats another

    @property
    def articles(self) -> int:
        """All of its articles."""
        return self.own + self.repeats


@dataclass(frozen=True, slots=True)
class Independence:
    """The meter: sources with the most reports first, publishers by when they came, repeats by whom they repeat."""

    articles: int
    sources: tuple[Source, ...]
    tellers: tuple[Teller, ...]
    repeated: tuple[tuple[str, int], ...]
    heads: frozenset[int]  # the articles that stand for a text of their own

    @property
    def repeats(self) -> int:
        """How many articles only repeat another."""
        return sum(n for _, n in self.repeated)

    @property
    def repeat_words(self) -> str:
        """Who is repeated, in words: "6 repeat Reuters, 1 repeats AFP"; empty when nobody is."""
        named = [f"{n} repeat{'s' if n == 1 else ''} {name}" for name, n in self.repeated[:MOST_NAMED]]
        rest = sum(n for _, n in self.repeated[MOST_NAMED:])
        return ", ".join([*named, *([f"{rest} repeat{'s' if rest == 1 else ''} others"] if rest else [])])


def weigh(tellings: Sequence[Telling]) -> Independence:
    """The independence of an event's articles, in any order."""
    ordered = sorted(tellings, key=lambda one: (one.at, one.article))
    heads = _heads(ordered)
    own = [one for one in ordered if heads.get(one.article) == one.article]
    owner_of = {one.article: one for one in own}
    repeats = [(one, owner_of[heads[one.article]]) for one in ordered if heads[one.article] != one.article]
    by_holder: dict[str, list[Telling]] = {}
    for one in own:
        by_holder.setdefault(one.holder, []).append(one)
    sources = []
    for holder, texts in by_holder.items():
        names = tuple(dict.fromkeys(one.publisher for one in texts))
        by = Counter(one.publisher for one, of in repeats if of.holder == holder)
        sources.append(
            Source(
                name=names[0] if len(names) == 1 else holder,
                publishers=names,
                own=len(texts),
                repeats=by.total(),
                repeated_by=_most(by),
                first_at=texts[0].at,
            )
        )
    sources.sort(key=lambda one: (-one.own - one.repeats, one.first_at, one.name))
    return Independence(
        articles=len(ordered),
        sources=tuple(sources),
        tellers=_tellers(ordered, heads),
        repeated=_most(Counter(of.publisher for _, of in repeats)),
        heads=frozenset(owner_of),
    )


def _heads(ordered: Sequence[Telling]) -> dict[int, int]:
    """For each article the one whose text it carries; its own number when it stands for itself."""
    by_group: dict[int, Telling] = {}
    for one in ordered:
        if one.group is not None and (one.group not in by_group or by_group[one.group].is_copy > one.is_copy):
            by_group[one.group] = one
    return {one.article: one.article if one.group is None else by_group[one.group].article for one in ordered}


def _tellers(ordered: Sequence[Telling], heads: dict[int, int]) -> tuple[Teller, ...]:
    by_slug: dict[str, list[Telling]] = {}
    for one in ordered:
        by_slug.setdefault(one.slug, []).append(one)
    found = []
    for slug, told in by_slug.items():
        first, own = told[0], sum(heads[one.article] == one.article for one in told)
        found.append(
            Teller(
                name=first.publisher,
                slug=slug,
                owner=first.owner,
                country=first.country,
                first=first.article,
                first_at=first.at,
                behind=first.at - ordered[0].at,
                own=own,
                repeats=len(told) - own,
                tellings=tuple((one.article, one.at, heads[one.article] != one.article) for one in told),
            )
        )
    return tuple(found)


def _most(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
