"""What is measured: beside a peer, killed in mid-run, over many fetches, and with many feeds on few hosts."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Count

from articles.models import Article, Feed, FetchRun, Revision, SearchRow, Sighting
from tests.benchmarks.ingest.desk import Desk, Measured, make_all_due, subscribe
from tests.benchmarks.ingest.newsload import Newsload
from tests.benchmarks.ingest.processes import resident_megabytes
from tests.benchmarks.ingest.reader_peer import Cost, ReaderPeer, reading
from tests.benchmarks.ingest.visitors import visited

NOTHINGS = 100  # fewer than the tasks after which a worker's process is replaced
CHANGED_SHARE = 0.05
KILLED_AT = 0.4  # of the feeds
FLAT_WITHIN = 0.2
ALL_WITHIN, PAGE_WITHIN = 300.0, 0.8  # seconds: all feeds, and the 95th percentile of pages
WARM_UP = 0.2  # of the fetches: caches fill


@dataclass(frozen=True, slots=True)
class House:
    """What a measurement has at hand."""

    web: Newsload
    folder: Path
    log: Path
    reader_python: str
    rounds: int
    fetches: int
    say: Callable[[str], None]


def compare(house: House) -> bool:
    """Cold, warm and 5 % changed, step by step with the peer; whether every count is exact."""
    addresses = house.web.addresses()
    feeds, say = len(addresses), house.say
    subscribe(addresses)
    with _working(house) as desk, _peer(house) as peer:
        exact = _Exact(say)
        nothing = _cost_of_nothing(desk)
        if peer is not None:
            peer.add(addresses)
        ours = _poll(house, desk)
        expected = house.web.control("stats")["expected_entries"]
        exact.is_equal("articles after the first poll", _articles(), expected)
        exact.is_equal("search rows", SearchRow.objects.count(), expected)
        _tell(say, f"cold, {feeds} feeds, {expected} articles, searchable", ours, expected, "articles")
        say(_memory_line(ours))
        theirs = peer.fetch() + peer.index() if peer else None
        _beside(say, ours.cost, theirs, expected, "articles")
        warm: list[tuple[Cost, Cost | None]] = []
        for _ in range(house.rounds):
            ours = _poll(house, desk)
            with_validators = Feed.objects.exclude(etag="", last_modified="").count()
            exact.is_equal("answers 304", house.web.control("stats")["feed_304"], with_validators)
            exact.is_equal("articles after a warm poll", _articles(), expected)
            _tell(say, "warm, nothing changed", ours, feeds, "feeds")
            tasks = 1 + -(-feeds // _batch())
            say(
                f"   Celery: {ours.celery:.2f} s beside the tasks and {tasks} x {nothing * 1000:.1f} ms of a task that does"
                f" nothing = {(ours.celery + tasks * nothing) / ours.cost.cpu:.1%} at most"
            )
            warm.append((ours.cost, peer.fetch() if peer else None))
            _beside(say, *warm[-1], feeds, "feeds")
        changed: list[tuple[Cost, Cost | None]] = []
        for _ in range(house.rounds):
            new = house.web.control(f"publish?{CHANGED_SHARE}")["new_entries"]
            before = _articles()
            ours = _poll(house, desk)
            exact.is_equal("new articles", _articles() - before, new)
            _tell(say, f"{CHANGED_SHARE:.0%} changed, {new} new articles", ours, feeds, "feeds")
            changed.append((ours.cost, peer.fetch() + peer.index() if peer else None))
            _beside(say, *changed[-1], feeds, "feeds")
        say(_memory_line(ours))
        for name, rounds in (("warm", warm), ("changed", changed)):
            _medians(say, name, rounds, feeds)
        if peer is not None:
            exact.is_equal("articles of the peer", peer.count(), _articles())
    return exact.is_all


def be_killed(house: House) -> bool:
    """Kill the worker with all its children in mid-run and start another; whether every count is exact."""
    addresses = house.web.addresses()
    subscribe(addresses)
    exact = _Exact(house.say)
    some = int(len(addresses) * KILLED_AT)
    since = make_all_due()
    desk = Desk(house.log)
    desk.start()
    desk.poke()
    desk.wait_until(lambda: Feed.objects.filter(last_success_at__isnull=False).count() >= some)
    desk.kill()
    done = Feed.objects.filter(last_success_at__isnull=False).count()
    house.say(f"killed when {done} of {len(addresses)} feeds were stored and {_articles()} articles")
    desk.start()
    try:
        desk.wait_for_poll(since)
        expected = house.web.control("stats")["expected_entries"]
        _count_all(exact, expected)
        lost = FetchRun.objects.filter(outcome="lost").count()
        house.say(f"{lost} fetches were interrupted and say so")
        stored = (
            FetchRun.objects.exclude(outcome="lost").values("feed").annotate(n=Count("id")).filter(n__gt=1)
        )
        exact.is_equal("feeds stored twice", stored.count(), 0)
        new = house.web.control(f"publish?{CHANGED_SHARE}")["new_entries"]
        desk.poll_all()
        _count_all(exact, expected + new)
    finally:
        desk.kill()
    return exact.is_all


def watch_memory(house: House) -> bool:
    """Poll again and again, a little new each time; whether a worker's memory stays flat."""
    addresses = house.web.addresses()
    subscribe(addresses)
    # One process for the whole run: replacing it would hide what it keeps.
    with _working(house, "--max-tasks-per-child=1000000") as desk:
        seen: list[float] = []
        fetched = 0
        while fetched < house.fetches:
            if fetched:
                house.web.control("publish?0.02")
            desk.poll_all()
            fetched += len(addresses)
            seen.append(max(map(resident_megabytes, desk.pollers()), default=0.0))
            if len(seen) % 5 == 1:
                house.say(f"{fetched} fetches: the worker holds {seen[-1]:.0f} MB")
        house.say(_memory_line_of(desk))
        settled = seen[int(len(seen) * WARM_UP) :]
        growth = max(settled) / settled[0] - 1
        house.say(
            f"after the first {WARM_UP:.0%}: from {settled[0]:.0f} to at most {max(settled):.0f} MB ({growth:+.0%})"
        )
    return growth <= FLAT_WITHIN


def ask_many_hosts(house: House) -> bool:
    """All feeds due at once on few strangers' hosts, with the pauses that politeness asks for, people on the desk
    meanwhile; whether in five minutes, and whether nobody had to wait long for a page.
    """
    addresses = house.web.addresses()
    subscribe(addresses)
    with _working(house) as desk, visited(house.folder) as waits:
        costs = Measured()
        with desk.measured(costs):
            desk.poll_all(seconds=1200)
        house.say(waits.line())
        for trouble in waits.troubles[:5]:
            house.say(f"   {trouble}")
        exact = _Exact(house.say)
        _count_all(exact, house.web.control("stats")["expected_entries"])
        house.say(f"{len(addresses)} feeds fetched in {costs.wall:.0f} s")
        _tell(house.say, "all due at once", costs, len(addresses), "feeds")
    return exact.is_all and costs.wall <= ALL_WITHIN and waits.p95() <= PAGE_WITHIN and not waits.troubles


class _Exact:
    """Counts that must be equal, told as they come."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.is_all = True

    def is_equal(self, what: str, found: int, expected: int) -> None:
        """Say it, and remember when it is not so."""
        self.is_all = self.is_all and found == expected
        self._say(f"   {what}: {found}" + ("" if found == expected else f", NOT the {expected} expected"))


@contextmanager
def _working(house: House, *arguments: str) -> Iterator[Desk]:
    desk = Desk(house.log, *arguments)
    desk.start()
    try:
        yield desk
    finally:
        desk.kill()


@contextmanager
def _peer(house: House) -> Iterator[ReaderPeer | None]:
    with reading(house.reader_python, house.folder) if house.reader_python else nullcontext() as peer:
        yield peer


def _poll(house: House, desk: Desk) -> Measured:
    house.web.control("reset")
    costs = Measured()
    since = make_all_due()
    with desk.measured(costs):
        desk.wait_for_poll(since)
    return costs


def _cost_of_nothing(desk: Desk) -> float:
    """Processor seconds of one task that does nothing: worker and broker."""
    costs = Measured()
    with desk.measured(costs):
        desk.do_nothing(NOTHINGS)
    return costs.worker / NOTHINGS


def _count_all(exact: _Exact, expected: int) -> None:
    for name, model in (
        ("articles", Article),
        ("sightings", Sighting),
        ("revisions", Revision),
        ("search rows", SearchRow),
    ):
        exact.is_equal(name, model._default_manager.count(), expected)


def _articles() -> int:
    return Article.objects.count()


def _batch() -> int:
    return int(settings.FETCH_BATCH)


def _tell(say: Callable[[str], None], what: str, costs: Measured, count: int, noun: str) -> None:
    cost = costs.cost
    say(
        f"{what}: {count / cost.cpu:,.0f} {noun} per CPU second, {count / cost.wall:,.0f} per second"
        f" (worker {costs.worker:.2f} s, PostgreSQL {costs.database:.2f} s, wall {costs.wall:.1f} s)"
    )


def _beside(say: Callable[[str], None], ours: Cost, theirs: Cost | None, count: int, noun: str) -> None:
    if theirs is not None:
        say(
            f"   peer: {count / theirs.cpu:,.0f} {noun} per CPU second, {count / theirs.wall:,.0f} per second,"
            f" {theirs.megabytes:.0f} MB; ours is {theirs.cpu / ours.cpu:.2f} x in CPU, {theirs.wall / ours.wall:.2f} x on"
            " the clock"
        )


def _medians(
    say: Callable[[str], None], name: str, rounds: list[tuple[Cost, Cost | None]], feeds: int
) -> None:
    ours = statistics.median(cost.cpu for cost, _ in rounds)
    line = f"{name}, median of {len(rounds)}: {feeds / ours:,.0f} feeds per CPU second"
    theirs = [cost for _, cost in rounds if cost is not None]
    if theirs:
        line += f" = {statistics.median(cost.cpu for cost in theirs) / ours:.2f} x the peer"
    say(line)


def _memory_line(costs: Measured) -> str:
    memory = costs.memory
    return (
        f"   peak memory: {memory.poller:.0f} MB the process that polls, {memory.main:.0f} MB the worker's main process,"
        f" {memory.sandbox:.0f} MB the largest parsing child"
    )


def _memory_line_of(desk: Desk) -> str:
    return _memory_line(Measured(memory=desk.memory()))
