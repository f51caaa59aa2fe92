"""The store of placing that lives in PostgreSQL: rows are the truth, each process keeps an index of them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import starmap
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import BinaryField, F, Func, Model, Q, QuerySet

from articles.events.carrying import carry_links
from articles.events.copies import (
    LEAST_SHARED,
    MOST_HOLDERS,
    STOCK_OF_ALL,
    STOCK_OF_PUBLISHER,
    Matches,
    Shingles,
    Sketch,
    SketchMatch,
    is_sampled,
    shingles_of,
    sketch_of,
)
from articles.events.copy_groups import (
    groups_of,
    join_group,
    leave_group,
    not_copies_of,
    note_shares,
    relatives_of,
)
from articles.events.features import features_of
from articles.events.frequencies import Frequencies
from articles.events.placement import (
    FORGET_AFTER,
    EarlierText,
    GroupView,
    LiveShard,
    Outcome,
    Placement,
    Story,
    Wishes,
    absorb,
)
from articles.events.scoring import RULE_VERSION
from articles.events.stories import load_stories, reasons_as_rows, text_of
from articles.events.titles import TITLED_FROM, Headline, choose_headline
from articles.events.vectors import Dense, EventVector, unpacked, weigh
from articles.models import (
    Article,
    ArticleCopy,
    ArticleSketch,
    Constraint,
    Event,
    Membership,
    PlacedTerms,
    StockPhrase,
    TermCount,
)
from articles.models import EventVector as VectorRow
from articles.turns import turn

LOCK_ROOM = 0x4E44  # the first half of the advisory lock's key: ours alone in this database
TURN_ROOM = 0x4E45  # the same for the turn of a worker, which is longer than one placement
FOLD_EVERY = 500  # placements between two bulk writes of term counts
LOADED_WINDOWS = FORGET_AFTER + 1  # more than any candidate may be old
REBUILT_FROM = 300  # articles of an event, the newest, when its vector is computed anew


@dataclass(slots=True)
class _Held:
    """A shard as this process knows it: up to which write, and how much of it is not yet in the term counts."""

    live: LiveShard = field(default_factory=LiveShard)
    seq: int = 0
    stock_id: int = 0
    unfolded: int = 0


# Asked for hash by hash: the index answers each at once, while comparing whole arrays takes the square of their length,
# which the planner does not see. Nor does it see how little is found: what it may only look up row by row is behind an
# OFFSET or a subquery, or it would read whole tables to join them. Most of what is found shares a phrase and no more: it
# is counted here, for hashes that many events carry are stock phrases, and only what may share text is answered.
MATCHES = """
WITH hits AS MATERIALIZED (
    SELECT s.article_id, s.publisher_id, s.least, k.hash
    FROM unnest(%(hashes)s::bigint[]) AS k(hash) CROSS JOIN LATERAL (
        SELECT s.article_id, s.publisher_id, s.shard, s.seen_at,
               CASE WHEN cardinality(s.hashes) < 8 THEN 1 WHEN s."full" THEN %(least_of_full)s
                    ELSE %(least_of_long)s END AS least
        FROM articles_articlesketch s WHERE s.hashes @> ARRAY[k.hash]
        OFFSET 0
    ) s
    WHERE s.shard = %(shard)s AND s.article_id <> %(key)s
      AND (%(since)s::timestamptz IS NULL OR s.seen_at >= %(since)s::timestamptz)
), who AS MATERIALIZED (
    SELECT h.article_id, h.publisher_id, min(h.least) AS least, array_agg(h.hash) AS shared,
           (SELECT m.event_id FROM articles_membership m WHERE m.article_id = h.article_id) AS event_id
    FROM hits h GROUP BY h.article_id, h.publisher_id
), stock AS (
    SELECT h.hash, count(*) AS holders, count(DISTINCT w.event_id) AS of_all,
           count(DISTINCT w.event_id) FILTER (WHERE w.publisher_id = %(publisher)s) AS of_publisher
    FROM hits h JOIN who w ON w.article_id = h.article_id
    GROUP BY h.hash HAVING count(*) >= least(%(stock_of_all)s, %(stock_of_publisher)s)
)
SELECT w.article_id, w.publisher_id, w.event_id, s."full", s.size, s.sampled, w.shared
FROM who w CROSS JOIN LATERAL (
    SELECT s."full", cardinality(s.hashes) AS size,
           CASE WHEN s."full" THEN (SELECT count(*) FROM unnest(s.hashes) h WHERE h %% 8 = 0)
                ELSE cardinality(s.hashes) END AS sampled
    FROM articles_articlesketch s WHERE s.article_id = w.article_id
    OFFSET 0
) s
WHERE w.event_id IS NOT NULL AND cardinality(w.shared) >= w.least
UNION ALL
SELECT NULL, NULL, NULL, of_all >= %(stock_of_all)s, holders, of_publisher, ARRAY[hash] FROM stock
WHERE of_all >= %(stock_of_all)s OR of_publisher >= %(stock_of_publisher)s OR holders >= %(holders)s
"""

# By which column a row stands for an earlier one; a table that is not named here only gets new rows.
_KEYS = {Membership: "article_id", VectorRow: "event_id", ArticleSketch: "article_id"}
_VECTOR_FIELDS = ("event_id", "first_at", "last_at", "seen_at", "size", "stale", "data")
_held: dict[str, _Held] = {}


def lock_shard(shard: str) -> None:
    """Wait for the shard's turn; it is held until the transaction ends.

    What is read under it is read by bitmaps of indexes alone: the planner would rather read all sketches of a
    young desk once for each hash than ask the index on their hashes (ten times as long).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', '60s', true), set_config('enable_seqscan', 'off', true),"
            " set_config('enable_indexscan', 'off', true), pg_advisory_xact_lock(%s, %s)",
            [LOCK_ROOM, zlib.crc32(shard.encode()) - (1 << 31)],
        )


def shard_turn(shard: str) -> AbstractContextManager[bool]:
    """Whether this worker may take the shard's jobs until the block ends; never waits."""
    return turn(TURN_ROOM, zlib.crc32(shard.encode()) - (1 << 31))


def lock_events(event_ids: Iterable[int]) -> None:
    """Wait for the rows of events, in the order of their numbers, as all do who write several in one transaction.

    Summing up and suggesting lock rows of events without their shard: who took them in another order could wait for
    them while they wait for him.
    """
    rows = Event.objects.select_for_update(no_key=True).filter(pk__in=set(event_ids)).order_by("id")
    list(rows.values_list("id"))


def next_seq(shard: str) -> tuple[int, int, int]:
    """The number of this write of the shard, and up to which write how many articles' terms are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_placingshard (name, seq, folded, documents) VALUES (%s, 1, 0, 0)
               ON CONFLICT (name) DO UPDATE SET seq = articles_placingshard.seq + 1
               RETURNING seq, folded, documents""",
            [shard],
        )
        seq, folded, documents = cursor.fetchone()
    return int(seq), int(folded), int(documents)


def match_parameters(story: Story, sketch: Sketch, since: datetime | None) -> dict[str, Any]:
    """What MATCHES asks for: the earlier articles that share a hash with this one."""
    sampled = sum(map(is_sampled, sketch.hashes))
    return {
        "hashes": list(sketch.hashes),
        "shard": story.shard,
        "key": story.key,
        "since": since,
        "publisher": int(story.publisher),
        # As `shared_share` asks for: fewer where one of the two has but a handful of hashes that both may hold.
        "least_of_full": LEAST_SHARED if sketch.full and len(sketch.hashes) >= 2 * LEAST_SHARED else 1,
        "least_of_long": LEAST_SHARED if sampled >= 2 * LEAST_SHARED else max(1, sampled // 2),
        "stock_of_all": STOCK_OF_ALL,
        "stock_of_publisher": STOCK_OF_PUBLISHER,
        "holders": MOST_HOLDERS,
    }


def forget_shard(shard: str) -> None:
    """Drop what this process knows of a shard: after a failed write it may be ahead of the rows."""
    _held.pop(shard, None)


class PostgresStore:
    """One placement in one transaction, under the lock of its shard."""

    def __init__(
        self, shard: str, seen_at: datetime, window: timedelta, standing: Membership | None = None
    ) -> None:
        """Take the next write of the locked shard. `standing` is where a revised article is now."""
        self.shard = shard
        self.seq, self._folded, self._documents = next_seq(shard)
        self._seen_at = seen_at
        self._window = window
        self._standing = standing
        self._held = self._synced()
        if standing is not None:
            self._lift(standing)

    def live(self, shard: str) -> LiveShard:
        """The current state of the shard that is locked."""
        if shard != self.shard:
            message = f"the lock is on {self.shard}, not on {shard}"
            raise ValueError(message)
        return self._held.live

    def wishes(self, story: Story) -> Wishes:
        """What people said of the article; of two events it must be in, the later word counts."""
        said = Constraint.objects.filter(Q(a_id=story.key) | Q(b_id=story.key), withdrawn_at__isnull=True)
        pairs = [
            (kind, b if a == story.key else a)
            for kind, a, b in said.order_by("id").values_list("kind", "a_id", "b_id")
        ]
        if not pairs:
            return Wishes()
        others = Membership.objects.filter(article_id__in=[other for _, other in pairs])
        event_of = dict(others.values_list("article_id", "event_id"))
        found = [(kind, event_of[other]) for kind, other in pairs if other in event_of]
        must = next((event_id for kind, event_id in reversed(found) if kind == Constraint.Kind.MUST), None)
        cannot = {event_id for kind, event_id in found if kind == Constraint.Kind.CANNOT}
        return Wishes(must, frozenset(cannot - {must}))

    def matches(self, story: Story, sketch: Sketch, window: timedelta | None) -> Matches:
        """Earlier articles of the shard that may share text and were seen within the window.

        A revised article is compared with its copies and with what shared its text, too, however old they are.
        """
        since = story.seen_at - window if window is not None and story.seen_at is not None else None
        with connection.cursor() as cursor:
            cursor.execute(MATCHES, match_parameters(story, sketch, since))
            rows = cursor.fetchall()
        found: dict[int, SketchMatch] = {}
        of_publisher: set[int] = set()
        of_all: set[int] = set()
        crowded: set[int] = set()
        for key, publisher, event_id, full, size, sampled, shared in rows:
            if key is None:  # a hash: how many sketches hold it, and in how many of its publisher's events
                if full:
                    of_all.update(shared)
                elif sampled >= STOCK_OF_PUBLISHER:
                    of_publisher.update(shared)
                if size >= MOST_HOLDERS:
                    crowded.update(shared)
            else:
                found[key] = SketchMatch(
                    key, str(publisher), event_id, frozenset(shared), size, sampled, full
                )
        if self._standing is not None:
            found |= self._relatives(sketch, found.keys())
        return Matches(
            tuple(found[key] for key in sorted(found)),
            frozenset(of_publisher),
            frozenset(of_all),
            frozenset(crowded),
        )

    def _relatives(self, sketch: Sketch, known: Collection[int]) -> dict[int, SketchMatch]:
        """Copies of a revised article's text before, and articles that shared it, as matches of what it says now."""
        if self._standing is None:
            return {}
        keys = [key for key in relatives_of(self._standing.article_id) if key not in known]
        events = dict(Membership.objects.filter(article_id__in=keys).values_list("article_id", "event_id"))
        found = {}
        for text in self.texts(list(events)):
            shingles = shingles_of(text.text, text.title)
            if shingles is None:
                continue
            other = sketch_of(shingles, self._held.live.stock_for(text.publisher))
            found[text.key] = SketchMatch(
                text.key,
                text.publisher,
                events[text.key],
                frozenset(sketch.hashes) & frozenset(other.hashes),
                len(other.hashes),
                sum(map(is_sampled, other.hashes)),
                other.full,
            )
        return found

    def texts(self, keys: Sequence[int]) -> list[EarlierText]:
        """The texts of earlier articles as they are now."""
        articles = Article.objects.filter(pk__in=keys).select_related("publisher", "revision").order_by("id")
        return [
            EarlierText(
                article.pk, text_of(article), article.title, str(article.publisher_id), article.publisher.name
            )
            for article in articles
        ]

    def groups(self, keys: Collection[int]) -> dict[int, GroupView]:
        """The copy group of each of these articles that is in one; a revised article is no member of its own."""
        return groups_of(keys, without=self._standing.article_id if self._standing is not None else None)

    def not_copies(self, keys: Collection[int]) -> set[tuple[int, int]]:
        """The pairs that people said are no copies."""
        return not_copies_of(keys)

    def write(self, outcome: Outcome) -> int:
        """Write a decision; returns the article's event.

        A revised article that was alone in its event and joins no other keeps that event; when it joins another,
        the empty one leads there. Where a person put or confirmed it, it stays, and only its copies are looked for
        anew.
        """
        standing, story = self._standing, outcome.placement.story
        if standing is not None and (standing.decided_by or standing.checked_by):
            _write_rows(self._sketch_rows(outcome))
            self._store_text(outcome)
            self.refresh(standing.event_id)
            standing.save(update_fields=["placed_at"])
            return standing.event_id
        alone = standing is not None and not _others(standing).exists()
        event_id = outcome.placement.event_id
        if event_id is None:
            event_id = standing.event_id if standing is not None and alone else self._new_event(story)
        if standing is not None:
            lock_events({event_id, standing.event_id})
        self._write(outcome, event_id)
        if standing is not None and standing.event_id != event_id:
            if alone:
                redirect_event(standing.event_id, event_id)
            else:
                recount_event(standing.event_id)
        return event_id

    def _write(self, outcome: Outcome, event_id: int) -> None:
        placement = outcome.placement
        story = placement.story
        row = Membership(
            article_id=story.key,
            event_id=event_id,
            score=placement.score,
            runner_up_id=placement.runner_up,
            runner_up_score=placement.runner_up_score,
            parts=dict(placement.parts),
            threshold=placement.threshold,
            unsure=placement.unsure,
            checked_by="",
            why=reasons_as_rows(placement.why),
            rule_version=placement.rule_version,
            decided_by="",
        )
        rows: list[Model] = [row]
        if self._holds(event_id, is_new=placement.event_id is None):
            rows.append(self._vector_row(absorb(self._held.live, outcome, event_id)))
        if self._standing is None:
            rows.append(PlacedTerms(shard=self.shard, seq=self.seq, terms=list(outcome.terms)))
            self._held.unfolded += 1
        _write_rows([*rows, *self._sketch_rows(outcome)])
        self._store_text(outcome)
        if self._standing is not None or placement.event_id is not None:
            recount_event(event_id)  # a new one was made with its figures
        if self._held.unfolded >= FOLD_EVERY:
            self._fold()
        self._held.seq = self.seq

    def _holds(self, event_id: int, *, is_new: bool) -> bool:
        """Whether the event's vector is this shard's to change; loads it when it had left memory."""
        if is_new or event_id in self._held.live.index:
            return True
        if not Event.objects.filter(pk=event_id, shard=self.shard).exists():
            return False
        self._take_vectors(self._held, Q(event_id=event_id))
        return True

    def refresh(self, event_id: int) -> None:
        """Compute the vector of an event anew: the text of one of its articles changed."""
        if VectorRow.objects.filter(event_id=event_id, shard=self.shard).exists():
            self._rebuild(self._held.live, event_id)
        recount_event(event_id)
        self._held.seq = self.seq

    def _lift(self, standing: Membership) -> None:
        """Take a revised article out of its event's vector before it is compared again."""
        if VectorRow.objects.filter(event_id=standing.event_id, shard=self.shard).exists():
            self._rebuild(self._held.live, standing.event_id, without=standing.article_id)

    def _new_event(self, story: Story) -> int:
        """An event with the figures and the headline of its first article."""
        event = Event(
            title=(story.title or story.text[:120])[:1000],
            shard=self.shard,
            first_at=story.published,
            last_at=story.published,
            article_count=1,
            publisher_count=1,
            owner_count=1,
            sample=Article.objects.values_list("sample", flat=True).get(pk=story.key),
            rule_version=RULE_VERSION,
        )
        event.save(force_insert=True)
        return event.pk

    def _store_text(self, outcome: Outcome) -> None:
        """What placing learnt of the article's text beside its sketch: stock phrases, copies, shared passages."""
        new_stock = [
            StockPhrase(shard=self.shard, publisher_id=int(publisher) if publisher else None, hash=value)
            for publisher, values in sorted(outcome.new_stock.items())
            for value in sorted(values)
        ]
        if new_stock:
            StockPhrase.objects.bulk_create(new_stock, ignore_conflicts=True)
        if self._standing is not None and not self._sketch_rows(outcome):
            ArticleSketch.objects.filter(article_id=outcome.placement.story.key).delete()
        self._store_kin(outcome.placement)

    def _sketch_rows(self, outcome: Outcome) -> list[Model]:
        """The article's sketch, unless it is too short for one or nobody knows when it came."""
        sketch, story = outcome.sketch, outcome.placement.story
        if sketch is None or story.seen_at is None:
            return []
        return [
            ArticleSketch(
                article_id=story.key,
                publisher_id=int(story.publisher),
                shard=self.shard,
                hashes=list(sketch.hashes),
                full=sketch.full,
                seen_at=story.seen_at,
            )
        ]

    def _store_kin(self, placement: Placement) -> None:
        """The article's copy group and with whom it shares text; a revised text may have neither any more."""
        key, is_again = placement.story.key, self._standing is not None
        if placement.copy is not None:
            article = Article.objects.select_related("publisher", "revision").get(pk=key)
            join_group(article, placement.copy, self._stock_of)
        elif is_again:
            leave_group(key, self._stock_of)
        if placement.shares or is_again:
            note_shares(key, placement.shares, is_again=is_again)

    def _stock_of(self, article: Article, _shingles: Shingles) -> Container[int]:
        return self._held.live.stock_for(str(article.publisher_id))

    def _vector_row(self, vector: EventVector) -> VectorRow:
        return VectorRow(
            event_id=vector.event_id,
            shard=self.shard,
            seq=self.seq,
            first_at=vector.first_at,
            last_at=vector.last_at,
            seen_at=vector.seen_at,
            size=vector.size,
            data=vector.packed(),
            dense=vector.dense,
            dense_title=vector.dense_title,
        )

    def _synced(self) -> _Held:
        """This process's state of the shard with all that others wrote since."""
        held = _held.get(self.shard)
        if held is None or held.seq >= self.seq or held.seq < self._folded:
            held = self._loaded()
            _held[self.shard] = held
            self._take_vectors(
                held, Q(seen_at__gte=self._seen_at - LOADED_WINDOWS * self._window) | Q(stale=True)
            )
        elif held.seq < self.seq - 1:
            self._take_terms(held, held.seq)
            self._take_vectors(held, Q(seq__gt=held.seq))
            self._take_stock(held)
        held.seq = self.seq - 1
        return held

    def _loaded(self) -> _Held:
        held = _Held()
        counts = TermCount.objects.filter(shard=self.shard).values_list("term", "articles")
        held.live.frequencies = Frequencies(articles=self._documents)
        # Row by row: a million terms as strings would be the most that this process ever holds.
        held.live.frequencies.take(counts.iterator(chunk_size=5000))
        self._take_terms(held, self._folded)
        self._take_stock(held)
        return held

    def _take_terms(self, held: _Held, after: int) -> None:
        rows = PlacedTerms.objects.filter(shard=self.shard, seq__gt=after).order_by("seq")
        for terms in rows.values_list("terms", flat=True).iterator(chunk_size=500):
            held.live.frequencies.add(terms)
            held.unfolded += 1

    def _take_stock(self, held: _Held) -> None:
        rows = StockPhrase.objects.filter(shard=self.shard, id__gt=held.stock_id).order_by("id")
        for row_id, publisher, value in rows.values_list("id", "publisher_id", "hash"):
            held.live.stock.setdefault(str(publisher or ""), set()).add(value)
            held.stock_id = row_id

    def _take_vectors(self, held: _Held, which: Q) -> None:
        stale: list[int] = []
        held.live.index.put_all(self._vectors(held, which, stale))
        for event_id in stale:
            self._rebuild(held.live, event_id)

    def _vectors(self, held: _Held, which: Q, stale: list[int]) -> Iterator[EventVector]:
        """The vectors of rows, a few hundred at a time; drops those that are empty, and notes the stale ones."""
        rows = VectorRow.objects.filter(which, shard=self.shard).order_by("event_id")
        # As bytes: a sum that comes as a list of figures is ten times as large, and takes ten times as long.
        found = rows.values_list(*_VECTOR_FIELDS, _sent("dense"), _sent("dense_title"))
        for event_id, first_at, last_at, seen_at, size, is_stale, data, *sums in found.iterator(
            chunk_size=500
        ):
            if is_stale:
                stale.append(event_id)
            elif size == 0:
                held.live.index.drop(event_id)
            else:
                terms = unpacked(bytes(data))
                dense, dense_title = map(_received, sums)
                yield EventVector(event_id, first_at, last_at, seen_at, size, *terms, dense, dense_title)

    def _rebuild(self, live: LiveShard, event_id: int, *, without: int | None = None) -> None:
        """Compute an event's vector anew from the texts of its articles."""
        members = Membership.objects.filter(event_id=event_id).order_by("-id")
        if without is not None:
            members = members.exclude(article_id=without)
        stories = load_stories(list(members.values_list("article_id", flat=True)[:REBUILT_FROM]))
        live.index.drop(event_id)
        if not stories:
            VectorRow.objects.filter(pk=event_id).update(
                size=0, data=b"", dense=None, dense_title=None, stale=False, seq=self.seq
            )
            return
        first = stories[0]
        vector = EventVector(event_id, first.published, first.published, first.seen_at or first.published)
        for story in stories:
            features = features_of(story.title, story.text, story.links)
            vector.add(
                weigh(features, live.frequencies, story.embedding),
                story.published,
                story.seen_at or story.published,
            )
        live.index.put(vector)
        _write_rows([self._vector_row(vector)])

    def _fold(self) -> None:
        """Move the waiting terms into the counts and let go of events that no later article can meet."""
        fold_terms(self.shard)
        self._held.unfolded = 0
        self._held.live.index.forget(self._seen_at - LOADED_WINDOWS * self._window)


def fold_terms(shard: str) -> None:
    """Move the waiting terms of a locked shard into its counts, in one bulk write.

    A process whose last write is older than this one loads the shard anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_termcount (shard, term, articles)
               SELECT p.shard, t.term, count(*) FROM articles_placedterms p, unnest(p.terms) AS t(term)
               WHERE p.shard = %s GROUP BY p.shard, t.term ORDER BY t.term
               ON CONFLICT (shard, term)
               DO UPDATE SET articles = articles_termcount.articles + excluded.articles""",
            [shard],
        )
        cursor.execute(
            """WITH gone AS (DELETE FROM articles_placedterms WHERE shard = %s RETURNING 1)
               UPDATE articles_placingshard
               SET folded = seq, documents = documents + (SELECT count(*) FROM gone) WHERE name = %s""",
            [shard, shard],
        )


def mark_stale(event_ids: Iterable[int], seq: int) -> None:
    """Have the vectors of these events computed anew by whoever places next in their shard."""
    rows = [
        VectorRow(
            event_id=event_id,
            shard=shard,
            seq=seq,
            first_at=first_at,
            last_at=last_at,
            seen_at=last_at,
            size=0,
            stale=True,
        )
        for event_id, shard, first_at, last_at in Event.objects.filter(pk__in=list(event_ids))
        .order_by("id")
        .values_list("id", "shard", "first_at", "last_at")
    ]
    VectorRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["event"], update_fields=["seq", "stale"]
    )


def redirect_event(event_id: int, to: int) -> None:
    """An event without articles leads to another from now on; nothing more is compared with it."""
    Event.objects.filter(pk=event_id).update(merged_into_id=to)
    carry_links(event_id, to)
    recount_event(event_id)


def recount_event(event_id: int) -> None:
    """Bring an event's figures, times and headline in line with its articles."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE articles_event e
               SET article_count = s.articles, publisher_count = s.publishers, owner_count = s.owners,
                   first_at = coalesce(s.first_at, e.first_at), last_at = coalesce(s.last_at, e.last_at),
                   sample = coalesce(s.sample, e.sample), version = e.version + 1, updated_at = now()
               FROM (SELECT count(*) AS articles, count(DISTINCT a.publisher_id) AS publishers,
                            count(DISTINCT coalesce(nullif(p.owner, ''), p.name)) AS owners,
                            min(a.published_at) AS first_at, max(a.published_at) AS last_at,
                            bool_and(a.sample) AS sample
                     FROM articles_membership m JOIN articles_article a ON a.id = m.article_id
                          JOIN articles_publisher p ON p.id = a.publisher_id
                     WHERE m.event_id = %s) s
               WHERE e.id = %s
               RETURNING e.titled_by, s.articles, e.title""",
            [event_id, event_id],
        )
        row = cursor.fetchone()
    if row is not None and not row[0] and row[1]:
        _title_event(event_id, row[2])


def _title_event(event_id: int, title: str) -> None:
    """Give an event, that has this title, the headline that fits its articles best."""
    rows = (
        Membership.objects.filter(event_id=event_id)
        .order_by("id")
        .values_list("article_id", "article__title", "article__published_at", "article__copy__kind")[
            :TITLED_FROM
        ]
    )
    headlines = [
        Headline(key, title, published, is_copy=kind not in {None, ArticleCopy.Kind.ORIGIN})
        for key, title, published, kind in rows
        if title.strip()
    ]
    chosen = choose_headline(headlines).text if headlines else title
    if chosen != title:
        Event.objects.filter(pk=event_id, titled_by="").update(title=chosen)


def _write_rows(rows: Sequence[Model]) -> None:
    """Insert rows of different tables, or take over their values where their key is held already; one statement."""
    if not rows:
        return
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in _written_fields(type(row))
    ]
    with connection.cursor() as cursor:
        cursor.execute(_written(tuple(map(type, rows))), values)


def _written_fields(table: type[Model]) -> list[Any]:
    """Its columns but a number that the database gives."""
    return [field for field in table._meta.concrete_fields if not field.primary_key or not field.db_returning]  # noqa: SLF001 - documented as public


@cache
def _written(tables: tuple[type[Model], ...]) -> str:
    return "WITH " + ", ".join(starmap(_part, enumerate(tables))) + " SELECT 1"


def _part(number: int, table: type[Model]) -> str:
    fields = _written_fields(table)
    # An array says of which type it is; other columns take what they are given.
    places = [
        field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s"
        for field in fields
    ]
    columns, key = [f'"{field.column}"' for field in fields], _KEYS.get(table)
    taken = ", ".join(f"{name} = excluded.{name}" for name in columns if name.strip('"') != key)
    conflict = f" ON CONFLICT ({key}) DO UPDATE SET {taken}" if key else ""
    into = f"{table._meta.db_table} ({', '.join(columns)})"  # noqa: SLF001 - documented as public
    return f"r{number} AS (INSERT INTO {into} VALUES ({', '.join(places)}){conflict})"  # noqa: S608 - names of our own models


def _others(standing: Membership) -> QuerySet[Membership]:
    return Membership.objects.filter(event_id=standing.event_id).exclude(article_id=standing.article_id)


def _sent(column: str) -> Func:
    """A vector as pgvector sends it: two 16-bit numbers, the first of which is its length, then 32-bit figures."""
    return Func(F(column), function="vector_send", output_field=BinaryField())


def _received(sent: bytes | memoryview | None) -> Dense | None:
    return None if sent is None else np.frombuffer(sent, ">f4", offset=4).astype(np.float32)
