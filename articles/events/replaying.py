"""Acts: the events of a stream are built from scratch by the rules of now, compared with what stands, and written.

Whoever plans a replay that is to be written holds the stream's turn meanwhile: new articles wait. What people decided
is obeyed: their constraints, the events that they named, typed, closed or put articles into, and the copies as they
stand. A replay that was killed is run again: the same stream gives the same plan, and what is written is written.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from articles.events.casebook import close_case, lead_on, new_event, open_case
from articles.events.copies import Overlap
from articles.events.database import (
    LOADED_WINDOWS,
    PostgresStore,
    fold_terms,
    forget_shard,
    lock_events,
    lock_shard,
    next_seq,
)
from articles.events.features import shard_of
from articles.events.heirs import Succession, succeed
from articles.events.placement import CopyVerdict, LiveShard, Outcome, Story, Wishes, absorb, decide_again
from articles.events.scoring import RULE_VERSION
from articles.events.stories import load_stories, reasons_as_rows, reasons_of_rows
from articles.models import (
    Article,
    ArticleCopy,
    Constraint,
    Event,
    Membership,
    PlacedTerms,
    StorylineLink,
    TermCount,
)
from articles.types import Reason
from entities.history import MACHINE, record_change

PORTION = 500  # articles read, or written, at once
FORGET_EVERY = 1000  # articles
FOLD_EVERY = 5000
_DETAILS = ("score", "runner_up_id", "runner_up_score", "parts", "threshold", "unsure", "why", "rule_version")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class EventChange:
    """What a replay does to one event. `event_id` None: it is opened. `leads_to`: where its address will lead, as the
    event or, negative, the number of a new one.
    """

    event_id: int | None
    number: int
    title: str
    before: int
    after: int
    came: tuple[int, ...]
    left: tuple[int, ...]
    parts: int  # events among which its articles are now
    leads_to: int | None = None

    @property
    def kind(self) -> str:
        """What became of it, in a word: opened, joined, split, grew, shrank or changed."""
        if self.event_id is None:
            return "opened"
        if not self.after:
            return "joined"
        if self.parts > 1:
            return "split"
        return "changed" if self.came and self.left else "grew" if self.came else "shrank"


@dataclass(slots=True)
class Replay:
    """A stream built anew, beside what stands. Its details lie in a file of its own until `close`."""

    shard: str
    was: dict[int, int]  # article -> event
    now: dict[int, int] = field(
        default_factory=dict
    )  # article -> group, counted from 1 in the order of opening
    succession: Succession = field(default_factory=lambda: Succession({}, {}))
    held: dict[int, tuple[str, str]] = field(
        default_factory=dict
    )  # article -> by whom it was put there, confirmed
    spool: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(""))

    @property
    def moving(self) -> dict[int, list[int]]:
        """The articles that come to a group from another event, by group."""
        found: dict[int, list[int]] = defaultdict(list)
        for article, group in self.now.items():
            if self.succession.heirs[group] != self.was[article]:
                found[group].append(article)
        return dict(found)

    def close(self) -> None:
        """Drop the details."""
        self.spool.close()


def rule_is_in_use(shard: str, rule_version: str) -> bool:
    """Whether an article of the stream stands where a machine of that rule version put it."""
    rows = Membership.objects.filter(event__shard=shard, rule_version=rule_version, decided_by="")
    return rows.exists()


def plan_replay(shard: str, say: Say = lambda _: None) -> Replay:
    """Build the events of a stream from scratch, in the order (batch, published, id); only reads.

    A short of memory: what is kept of an article is three numbers, and of events those of the last windows.
    """
    stream = _Stream(shard, timedelta(days=settings.EVENT_WINDOW_DAYS))
    for done, stories in enumerate(_portions(shard), start=1):
        stream.take(stories)
        if done % 10 == 0:
            say(f"{len(stream.replay.now)} articles compared")
    stream.replay.succession = succeed(stream.replay.was, stream.replay.now, stream.owners)
    return stream.replay


def changes_of(replay: Replay) -> list[EventChange]:
    """What the replay would change, event by event, those that most articles come to or leave first."""
    heirs = replay.succession.heirs
    before: Counter[int] = Counter(replay.was.values())
    after: Counter[int] = Counter(replay.now.values())
    came: dict[int, list[int]] = replay.moving
    left: dict[int, list[int]] = defaultdict(list)
    spread: dict[int, set[int]] = defaultdict(set)
    for article, group in replay.now.items():
        spread[replay.was[article]].add(group)
        if heirs[group] != replay.was[article]:
            left[replay.was[article]].append(article)
    group_of = {event: group for group, event in heirs.items() if event is not None}
    touched = sorted({*left, *(heirs[group] or 0 for group in came)} - {0})
    titles = dict(Event.objects.filter(pk__in=touched).values_list("pk", "title"))
    opening = {group: min(articles) for group, articles in came.items() if heirs[group] is None}
    headlines = dict(Article.objects.filter(pk__in=opening.values()).values_list("pk", "title"))
    found = []
    for event in touched:
        own = group_of.get(event, 0)  # groups are counted from 1
        goal = replay.succession.leads_to.get(event)
        found.append(
            EventChange(
                event_id=event,
                number=own,
                title=titles.get(event, ""),
                before=before[event],
                after=after[own],
                came=tuple(came.get(own, ())),
                left=tuple(left.get(event, ())),
                parts=len(spread[event]),
                leads_to=None if goal is None else heirs[goal] or -goal,
            )
        )
    found += [
        EventChange(None, group, headlines.get(first, ""), 0, after[group], tuple(came[group]), (), 1)
        for group, first in sorted(opening.items())
    ]
    return sorted(found, key=lambda one: (-len(one.came) - len(one.left), one.event_id or 0, one.number))


def write_replay(replay: Replay, say: Say = lambda _: None) -> int:
    """Write a replay, event by event, each in a transaction of its own with its row of history; how many articles moved.

    What people moved, deleted or decided since it was planned is left as they have it.
    """
    try:
        _write_counts(replay)
        opened: dict[int, int] = {}
        moved = 0
        for number, (group, articles) in enumerate(sorted(replay.moving.items()), start=1):
            moved += _write_group(replay, group, articles, opened)
            if number % 50 == 0:
                _write_vectors(replay.shard)
                say(f"{number} events written")
        _write_vectors(replay.shard)
        _write_details(replay, opened)
    except BaseException:
        forget_shard(replay.shard)
        raise
    return moved


class _Stream:
    """The stream on its way through the rules: what was decided so far, and what people want of what is to come."""

    def __init__(self, shard: str, window: timedelta) -> None:
        self.replay = Replay(shard, {})
        self.owners: dict[
            int, int
        ] = {}  # group -> the event that people had a say in, and whose articles it keeps
        self._owned: dict[int, int] = {}  # the other way round
        self._window = window
        self._live = LiveShard()
        self._copies: dict[int, tuple[int, int]] = {}  # copy group -> (an article of it that came, its group)
        self._kept = _events_people_decided(shard)
        self._groups = 0
        self._taken = 0
        self.replay.spool.execute("CREATE TABLE detail (article INTEGER PRIMARY KEY, row TEXT, terms TEXT)")

    def take(self, stories: Sequence[Story]) -> None:
        """Place some articles, in order."""
        keys = [story.key for story in stories]
        standing = {
            row.article_id: row for row in Membership.objects.filter(article_id__in=keys).defer("why")
        }
        copies = ArticleCopy.objects.in_bulk(keys)
        said = _said_of(keys)
        rows = []
        for story in stories:
            place = standing.get(story.key)
            if place is None:
                continue
            copy = copies.get(story.key)
            outcome = decide_again(
                story,
                self._verdict(copy),
                self._wishes(place, said.get(story.key, ())),
                self._live,
                self._window,
            )
            group = self._absorb(outcome, place, copy)
            rows.append((story.key, _detail_of(outcome, group), json.dumps(list(outcome.terms))))
        self.replay.spool.executemany("INSERT INTO detail VALUES (?, ?, ?)", rows)

    def _verdict(self, copy: ArticleCopy | None) -> CopyVerdict | None:
        """What the text of an article says of its event: it is that of the first of its copies that came."""
        known = self._copies.get(copy.group_id) if copy is not None else None
        if copy is None or known is None:
            return None
        # What makes it the origin of its group does not say why it is here.
        told = () if copy.kind == ArticleCopy.Kind.ORIGIN else reasons_of_rows(copy.why)
        why = told or (
            Reason("copy", "It carries the text of an article of this event", round(copy.containment, 4)),
        )
        kind = "abridged" if copy.kind == ArticleCopy.Kind.ABRIDGED else "verbatim"
        return CopyVerdict(known[0], known[1], kind, Overlap(copy.containment, copy.jaccard), why)  # type: ignore[arg-type]

    def _wishes(self, place: Membership, said: Sequence[tuple[str, int]]) -> Wishes:
        """What people said: pair by pair, the later word first; and by having put it there, or kept its event."""
        found = [(kind, self.replay.now[other]) for kind, other in said if other in self.replay.now]
        must = next((group for kind, group in reversed(found) if kind == Constraint.Kind.MUST), None)
        own = self._owned.get(place.event_id)
        if must is None and (place.decided_by or place.checked_by):
            must = own
        cannot = {group for kind, group in found if kind == Constraint.Kind.CANNOT}
        if place.event_id in self._kept:
            cannot |= self.owners.keys() - {own}
        is_tied = any(kind == Constraint.Kind.MUST for kind, _ in said)
        if must is None and (place.decided_by or place.checked_by) and not is_tied:
            # A person left it alone in its event, and nothing of that came yet: all other groups are other events.
            cannot.update(range(1, self._groups + 1))
        return Wishes(must, frozenset(cannot - {must}))

    def _absorb(self, outcome: Outcome, place: Membership, copy: ArticleCopy | None) -> int:
        group = outcome.placement.event_id
        if group is None:
            self._groups += 1
            group = self._groups
        absorb(self._live, outcome, group)
        key = place.article_id
        self.replay.was[key], self.replay.now[key] = place.event_id, group
        if place.decided_by or place.checked_by:
            self.replay.held[key] = (place.decided_by, place.checked_by)
        if place.event_id in self._kept and place.event_id not in self._owned and group not in self.owners:
            self.owners[group], self._owned[place.event_id] = place.event_id, group
        if copy is not None:
            self._copies.setdefault(copy.group_id, (key, group))
        self._taken += 1
        seen_at = outcome.placement.story.seen_at
        if self._taken % FORGET_EVERY == 0 and seen_at is not None:
            self._live.index.forget(seen_at - LOADED_WINDOWS * self._window)
        return group


def _portions(shard: str) -> Iterator[list[Story]]:
    """The placed articles of a stream in the order of placing, some at a time."""
    after: tuple[int, datetime, int] | None = None
    placed = Article.objects.filter(membership__event__shard=shard).order_by("batch", "published_at", "id")
    while True:
        rows = placed
        if after is not None:
            batch, published, key = after
            rows = placed.filter(
                Q(batch__gt=batch)
                | Q(batch=batch, published_at__gt=published)
                | Q(batch=batch, published_at=published, pk__gt=key)
            )
        found = list(rows.values_list("batch", "published_at", "pk", "language")[:PORTION])
        if not found:
            return
        after = found[-1][:3]
        # What a person put here from the stream of another language stays where it is.
        yield load_stories([key for _, _, key, language in found if shard_of(language) == shard])


def _events_people_decided(shard: str) -> set[int]:
    """Events that people named, typed, closed, linked with others, or put or confirmed articles in."""
    events = Event.objects.filter(shard=shard, merged_into__isnull=True)
    said = events.filter(~Q(titled_by="") | ~Q(typed_by="") | ~Q(status=Event.Status.OPEN))
    links = StorylineLink.objects.exclude(decided_by="")
    placed = Membership.objects.filter(~Q(decided_by="") | ~Q(checked_by=""), event__shard=shard)
    return {
        *said.values_list("pk", flat=True),
        *placed.values_list("event_id", flat=True),
        *(key for pair in links.values_list("earlier_id", "later_id") for key in pair),
    }


def _said_of(keys: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """By article: what people said of it and another, in the order of saying."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    rows = Constraint.objects.filter(Q(a_id__in=keys) | Q(b_id__in=keys), withdrawn_at__isnull=True)
    for kind, a, b in rows.order_by("id").values_list("kind", "a_id", "b_id"):
        found[a].append((kind, b))
        found[b].append((kind, a))
    return found


def _detail_of(outcome: Outcome, group: int) -> str:
    placement = outcome.placement
    return json.dumps(
        {
            "group": group,
            "score": placement.score,
            "runner_up_id": placement.runner_up,
            "runner_up_score": placement.runner_up_score,
            "parts": dict(placement.parts),
            "threshold": placement.threshold,
            "unsure": placement.unsure,
            "why": reasons_as_rows(placement.why),
            "rule_version": placement.rule_version,
        }
    )


def _write_counts(replay: Replay) -> None:
    """Count the terms of the stream anew, as the rules of now see them."""
    shard = replay.shard
    with transaction.atomic():
        lock_shard(shard)
        next_seq(shard)  # whoever holds the shard in memory reads it anew
        PlacedTerms.objects.filter(shard=shard).delete()
        TermCount.objects.filter(shard=shard).delete()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE articles_placingshard SET documents = 0 WHERE name = %s", [shard])
        rows: list[PlacedTerms] = []
        # Their numbers are only to be different: they are folded before anybody reads them.
        for number, (terms,) in enumerate(
            replay.spool.execute("SELECT terms FROM detail ORDER BY article"), start=1
        ):
            rows.append(PlacedTerms(shard=shard, seq=-number, terms=json.loads(terms)))
            if len(rows) == FOLD_EVERY:
                PlacedTerms.objects.bulk_create(rows, batch_size=PORTION)
                fold_terms(shard)
                rows = []
        PlacedTerms.objects.bulk_create(rows, batch_size=PORTION)
        fold_terms(shard)
    forget_shard(shard)


def _write_group(replay: Replay, group: int, articles: Sequence[int], opened: dict[int, int]) -> int:
    """Move articles to their event, if they still are where they were; how many."""
    heir = replay.succession.heirs[group]
    why = f"rebuilt by the rules {RULE_VERSION}"
    with transaction.atomic():
        sources = sorted({replay.was[article] for article in articles})
        case = open_case(MACHINE, why, articles, [*([heir] if heir is not None else []), *sources])
        going = [
            article for article in articles if _is_as_planned(replay, article, case.before["memberships"])
        ]
        if heir is not None and not Event.objects.filter(pk=heir, merged_into__isnull=True).exists():
            going = []  # it became part of another meanwhile
        if not going:
            return 0
        case.take(going)
        target = heir if heir is not None else new_event(case, going[0]).pk
        opened[group] = target
        Membership.objects.filter(article_id__in=going).update(event_id=target)
        for source in sources:
            goal = replay.succession.leads_to.get(source)
            # An event that lost its last article leads to where most of them went.
            if goal is not None:
                lead_on(source, [replay.succession.heirs[goal] or opened.get(goal, target), target])
        words = f"put {len(going)} articles here" if len(going) > 1 else "put an article here"
        change_id = close_case(case, "event", target, "replay_events", detail={"words": words})
        lost = Counter(replay.was[article] for article in going)
        for source, count in sorted(lost.items()):
            words = f"put {count} articles elsewhere" if count > 1 else "put an article elsewhere"
            after = {"part_of": change_id, "words": words}
            record_change("event", source, MACHINE, "replay_events", after=after, why=why)
    return len(going)


def _is_as_planned(replay: Replay, article: int, standing: Mapping[str, Mapping[str, Any]]) -> bool:
    row = standing.get(str(article))
    if row is None or row["event_id"] != replay.was[article]:
        return False
    return (row["decided_by"], row["checked_by"]) == replay.held.get(article, ("", ""))


def _write_vectors(shard: str) -> None:
    """Compute the vectors of the events that were changed, so that the next article need not wait for it."""
    with transaction.atomic():
        lock_shard(shard)
        PostgresStore(shard, timezone.now(), timedelta(days=settings.EVENT_WINDOW_DAYS))


def _write_details(replay: Replay, opened: Mapping[int, int]) -> None:
    """Give each article that the machine placed the reasons of now."""
    event_of = {
        group: heir if heir is not None else opened.get(group)
        for group, heir in replay.succession.heirs.items()
    }
    rows = replay.spool.execute("SELECT article, row FROM detail ORDER BY article")
    while portion := rows.fetchmany(PORTION):
        details = {article: json.loads(row) for article, row in portion}
        with transaction.atomic():
            lock_shard(replay.shard)
            standing = Membership.objects.filter(article_id__in=details, decided_by="", checked_by="")
            changed = []
            for place in standing.select_for_update().order_by("article_id"):
                detail = details[place.article_id]
                if event_of[detail["group"]] != place.event_id:
                    continue
                wanted = {**detail, "runner_up_id": event_of.get(detail["runner_up_id"])}
                if any(getattr(place, name) != wanted[name] for name in _DETAILS):
                    for name in _DETAILS:
                        setattr(place, name, wanted[name])
                    changed.append(place)
            fields = [name.removesuffix("_id") for name in _DETAILS]
            Membership.objects.bulk_update(changed, fields, batch_size=100)
    older = Event.objects.filter(shard=replay.shard, merged_into__isnull=True).exclude(
        rule_version=RULE_VERSION
    )
    while ids := list(older.order_by("id").values_list("id", flat=True)[:PORTION]):
        with transaction.atomic():
            lock_events(ids)
            Event.objects.filter(pk__in=ids).update(rule_version=RULE_VERSION)
