"""How fast copies are looked up among few sketches and among many, in the program and in its database process."""

from __future__ import annotations

import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import django
from django.core.management import call_command
from django.db import connection, transaction

from tests.benchmarks.copies.prose import HOT, PUBLISHERS, Piece, copied_by, piece, pieces
from tests.benchmarks.search.measure import Cost, Meter

django.setup()

# Models and what imports them come after the set-up.
from articles.events import database  # noqa: E402
from articles.events.copies import (  # noqa: E402
    MOST_HOLDERS,
    STOCK_OF_ALL,
    STOCK_OF_PUBLISHER,
    Matches,
    Sketch,
    shingles_of,
    sketch_of,
    stored_sketch,
)
from articles.events.placement import LiveShard, Story  # noqa: E402
from articles.models import Article, ArticleSketch, Event, Membership, Publisher  # noqa: E402

WINDOW = timedelta(days=14)
SHARD = "en"
BATCH = 1_000
ROUNDS = 5
BAR = 0.5
_HASH_BYTES = 32
# How the fresh articles and the copies that are looked up are mixed.
_KINDS = ("fresh", "copy", "hot")
_SHARE = {"fresh": 0.7, "copy": 0.28, "hot": 0.02}


class Stock:
    """Which hashes are stock phrases by now: counted as placing counts them, each article or copied text an event."""

    def __init__(self) -> None:
        self.live = LiveShard()
        self._every: dict[int, set[int]] = {}
        self._own: dict[tuple[int, int], set[int]] = {}
        self._holders: Counter[int] = Counter()

    def stored(self, one: Piece) -> Sketch | None:
        """The sketch that placing stores: none of a text that enough others tell already."""
        sketch = self.sketch(one)
        if sketch is None:
            return None
        crowded = frozenset(value for value in sketch.hashes if self._holders[value] >= MOST_HOLDERS)
        stored = stored_sketch(sketch, Matches(crowded=crowded))
        if stored is not None:
            self._holders.update(stored.hashes)
        return stored

    def sketch(self, one: Piece) -> Sketch | None:
        """The sketch of an article without what is stock by now, which it adds to."""
        shingles = shingles_of(one.text)
        if shingles is None:
            return None
        sketch = sketch_of(shingles, self.live.stock_for(str(one.publisher)))
        event = one.number if one.of is None else one.of
        for value in sketch.hashes:
            self._note(value, event, one.publisher)
        return sketch

    def _note(self, value: int, event: int, publisher: int) -> None:
        events = self._every.setdefault(value, set())
        events.add(event)
        if len(events) > STOCK_OF_ALL:
            self.live.stock.setdefault("", set()).add(value)
        own = self._own.setdefault((value, publisher), set())
        own.add(event)
        if len(own) > STOCK_OF_PUBLISHER:
            self.live.stock.setdefault(str(publisher), set()).add(value)


def measure_speed(rows: int, small: int, asked: int, *, show_plan: bool) -> bool:
    """Fill, look up, fill up, look the same up again; whether the bar was reached."""
    call_command("migrate", verbosity=0, interactive=False)
    now = datetime.now(UTC)
    Publisher.objects.bulk_create(
        Publisher(pk=number + 1, slug=f"source-{number}", name=f"Source {number}")
        for number in range(PUBLISHERS)
    )
    stock = Stock()
    mix = _mix(small, asked)
    costs = {}
    filled = 0
    for size in (small, rows):
        begun = time.monotonic()
        _fill(stock, pieces(filled, size - filled), rows, now)
        filled = size
        _run("VACUUM ANALYZE articles_articlesketch", "VACUUM ANALYZE articles_membership")
        _say(f"{size:,} articles with sketches ({time.monotonic() - begun:.0f} s to make), {_sizes()}")
        costs[size] = {kind: _look_up(stock, mix[kind], now) for kind in _KINDS}
        for kind in _KINDS:
            wall, cpu = costs[size][kind].wall, costs[size][kind].cpu
            _say(
                f"  {kind:5} {1000 / wall:7.0f} look-ups a second, {1000 / cpu:7.0f} a CPU second ({cpu:.2f} ms)"
            )
        if show_plan:
            for kind in ("fresh", "hot"):
                _say(f"{kind}:\n{_plan(stock, mix[kind][0], now)}")
    ratios = {
        kind: (
            costs[small][kind].wall / costs[rows][kind].wall,
            costs[small][kind].cpu / costs[rows][kind].cpu,
        )
        for kind in _KINDS
    }
    for kind, (wall, cpu) in ratios.items():
        _say(f"rate at {rows:,} to rate at {small:,}, {kind}: wall {wall:.2f}, CPU {cpu:.2f}")
    wall, cpu = (
        sum(_SHARE[kind] * getattr(costs[small][kind], name) for kind in _KINDS)
        / sum(_SHARE[kind] * getattr(costs[rows][kind], name) for kind in _KINDS)
        for name in ("wall", "cpu")
    )
    _say(f"FIGURE copy_lookup_wall={wall:.3f} copy_lookup_cpu={cpu:.3f} bar={BAR}")
    return bool(min(wall, cpu) >= BAR)


def _mix(small: int, asked: int) -> dict[str, list[Piece]]:
    """Articles to look up: new ones, copies of what is there in both sizes, and copies of the piece that all carry."""
    first = 10_000_000
    numbers = itertools.count(first)
    fresh = [
        piece(number) for number in itertools.islice((n for n in numbers if copied_by(n) is None), asked)
    ]
    copied = [number for number in range(small) if copied_by(number) is None][:: max(1, small // asked)]
    return {
        "fresh": fresh,
        "copy": [Piece(first + number, number % PUBLISHERS, piece(number).text, number) for number in copied],
        "hot": [
            Piece(first + number, number % PUBLISHERS, piece(200 * number).text, HOT)
            for number in range(1, 31)
        ],
    }


def _look_up(stock: Stock, asked: Sequence[Piece], now: datetime) -> Cost:
    """What one look-up costs on the average: the best round of a few, for others use the machine, too."""
    meter = Meter()
    sketches = [(_story(one, now), _sketch(stock, one)) for one in asked]
    rounds = []
    for _ in range(ROUNDS + 1):
        cost = meter.of(partial(_look_all_up, stock, sketches, now))
        rounds.append(Cost(cost.wall / len(asked), cost.cpu / len(asked)))
    rounds = rounds[1:]  # the first warms the caches
    return Cost(min(one.wall for one in rounds), min(one.cpu for one in rounds))


def _look_all_up(stock: Stock, asked: Sequence[tuple[Story, Sketch]], now: datetime) -> None:
    with transaction.atomic():
        store = _store(stock, now)
        for story, sketch in asked:
            store.matches(story, sketch, WINDOW)


def _sketch(stock: Stock, one: Piece) -> Sketch:
    shingles = shingles_of(one.text)
    if shingles is None:
        raise AssertionError(f"piece {one.number} is too short")
    return sketch_of(shingles, stock.live.stock_for(str(one.publisher)))


def _store(stock: Stock, now: datetime) -> database.PostgresStore:
    database.lock_shard(SHARD)
    store = database.PostgresStore(SHARD, now, WINDOW)
    store.live(SHARD).stock = stock.live.stock
    return store


def _story(one: Piece, now: datetime) -> Story:
    return Story(one.number, SHARD, "", one.text, now, now, str(one.publisher + 1), "")


def _fill(stock: Stock, told: Iterable[Piece], rows: int, now: datetime) -> None:
    """Rows as placing leaves them, spread over the window so that each is a candidate."""
    step = (WINDOW - timedelta(hours=1)) / rows
    while batch := list(itertools.islice(told, BATCH)):
        found = [
            (one, stock.stored(one), now - WINDOW + timedelta(hours=1) + step * one.number) for one in batch
        ]
        with transaction.atomic():
            Article.objects.bulk_create(
                Article(
                    pk=one.number + 1,
                    publisher_id=one.publisher + 1,
                    url=f"https://source.example/{one.number}",
                    url_sha256=one.number.to_bytes(_HASH_BYTES, "big"),
                    title=f"Piece {one.number}",
                    summary=one.text,
                    language=SHARD,
                    published_at=at,
                    published_from="feed",
                    fetched_at=at,
                    stage=Article.Stage.DONE,
                )
                for one, _, at in found
            )
            Event.objects.bulk_create(
                Event(
                    pk=one.number + 1, title="", shard=SHARD, first_at=at, last_at=at, rule_version="measured"
                )
                for one, _, at in found
                if one.of is None
            )
            Membership.objects.bulk_create(
                Membership(
                    article_id=one.number + 1,
                    event_id=(one.number if one.of is None else one.of) + 1,
                    rule_version="measured",
                )
                for one, _, at in found
            )
            ArticleSketch.objects.bulk_create(
                ArticleSketch(
                    article_id=one.number + 1,
                    publisher_id=one.publisher + 1,
                    shard=SHARD,
                    hashes=list(sketch.hashes),
                    full=sketch.full,
                    seen_at=at,
                )
                for one, sketch, at in found
                if sketch is not None
            )


def _plan(stock: Stock, one: Piece, now: datetime) -> str:
    sketch = _sketch(stock, one)
    with transaction.atomic(), connection.cursor() as cursor:
        _store(stock, now)
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + database.MATCHES,
            database.match_parameters(_story(one, now), sketch, now - WINDOW),
        )
        return "\n".join(row[0] for row in cursor.fetchall())


def _sizes() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(pg_table_size('articles_articlesketch')),"
            " pg_size_pretty(pg_indexes_size('articles_articlesketch'))"
        )
        table, indexes = cursor.fetchone()
    return f"{table} of rows, {indexes} of indexes"


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
