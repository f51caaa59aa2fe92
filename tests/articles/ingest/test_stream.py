"""Answers reach the thread that stores while others are still fetched, each once, and stopping stops the fetching."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from articles.ingest.addresses import AddressRules
from articles.ingest.fetch import Deferred, FetchPolicy
from articles.ingest.stream import WAITING, Arrival, Reading, arrivals
from articles.types import FetchFailure, FetchRequest, FetchResult, ParsedFeed
from newsdesk.env import networks
from tests.feedworld import FeedWorld, generated_feed, serving


class Reader:
    """Reads every body but those of known places; what it does is told by where."""

    def __init__(self) -> None:
        self.known: set[int] = set()
        self.bad: set[int] = set()
        self.held = threading.Event()
        self.slow: set[int] = set()
        self.read_by: list[int] = []

    def is_known(self, number: int, _answer: FetchResult) -> bool:
        return number in self.known

    def read(self, number: int, answer: FetchResult) -> ParsedFeed | FetchFailure:
        self.read_by.append(number)
        if number in self.slow:
            assert self.held.wait(240)
        if number in self.bad:
            return FetchFailure(answer.url, "not_a_feed", "This is no feed.")
        return ParsedFeed("rss20", str(number), "", "", ())


def policy(**more: object) -> FetchPolicy:
    loopback = networks("NO_SUCH_SETTING", "127.0.0.0/8")
    values: dict[str, object] = {
        "user_agent": "test",
        "rules": AddressRules(allow=loopback, only=loopback),
        # No machine is too slow for these tests.
        "connect_seconds": 60.0,
        "total_seconds": 120.0,
        "batch_seconds": 240.0,
    }
    return FetchPolicy(**{**values, **more})  # type: ignore[arg-type]  # fields by their names


def world(count: int) -> FeedWorld:
    return FeedWorld({f"/{number}.xml": generated_feed(number, 1) for number in range(count)})


def requests(served: FeedWorld, count: int) -> list[FetchRequest]:
    return [FetchRequest(served.url(f"/{number}.xml")) for number in range(count)]


def rules_of(served: FeedWorld) -> AddressRules:
    loopback = networks("NO_SUCH_SETTING", "127.0.0.0/8")
    return AddressRules(allow=loopback, only=loopback, ports=frozenset({served.port}))


def test_every_answer_comes_once_and_only_what_is_new_is_read() -> None:
    reader = Reader()
    reader.known, reader.bad = {1, 4}, {2}
    with serving(world(6)) as served:
        asked = requests(served, 6)
        found: list[Arrival] = []
        for portion in arrivals(asked, policy(rules=rules_of(served)), Reading(reader, 2)):
            found += portion
    by_number = {one.number: one for one in found}
    assert sorted(one.number for one in found) == list(range(6))
    assert sorted(reader.read_by) == [0, 2, 3, 5]
    assert {number for number, one in by_number.items() if one.parsed is not None} == {0, 3, 5}
    assert isinstance(by_number[2].answer, FetchFailure)
    known = by_number[1].answer
    assert isinstance(known, FetchResult)
    assert (known.body, known.raw_bytes > 0) == (b"", True), "only its size is kept"


def test_one_slow_body_holds_up_no_other() -> None:
    reader = Reader()
    reader.slow = {0}
    with serving(world(6)) as served:
        stream = arrivals(requests(served, 6), policy(rules=rules_of(served)), Reading(reader, 2))
        with closing(stream):
            early: list[int] = []
            for portion in stream:
                early += [one.number for one in portion]
                if len(early) == 5:
                    assert 0 not in early
                    reader.held.set()
    assert sorted(early) == list(range(6))


def test_fetching_waits_for_the_thread_that_stores() -> None:
    count = WAITING * 3
    reader = Reader()
    with serving(world(count)) as served:
        stream = arrivals(
            requests(served, count), policy(rules=rules_of(served), own_at_once=64), Reading(reader, 2)
        )
        with closing(stream):
            first = len(next(stream))
            deadline = time.monotonic() + 1.0
            while time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(reader.read_by) <= first + WAITING
            rest = sum(len(portion) for portion in stream)
    assert first + rest == count


def test_who_stops_early_stops_the_fetching() -> None:
    reader = Reader()
    served_world = FeedWorld({f"/{number}.xml": generated_feed(number, 1) for number in range(40)}, most=4)
    with serving(served_world) as served:
        stream = arrivals(
            requests(served, 40), policy(rules=rules_of(served), own_at_once=2), Reading(reader, 1)
        )
        next(stream)
        stream.close()
        served.go.set()
        time.sleep(0.6)
        assert 1 <= served.asked <= 4 + 2, "those under way at most"


def test_what_breaks_the_fetching_is_raised_where_the_answers_are_taken() -> None:
    class Broken(Reader):
        def is_known(self, number: int, _answer: FetchResult) -> bool:
            raise RuntimeError("no such place")

    with serving(world(2)) as served, pytest.raises(BaseExceptionGroup, match="unhandled"):
        list(arrivals(requests(served, 2), policy(rules=rules_of(served)), Reading(Broken())))


def test_bodies_that_are_not_begun_in_time_come_back_as_deferred() -> None:
    reader = Slow()
    with serving(world(12)) as served:
        asked = requests(served, 12)
        until = time.monotonic() + 0.2
        found = [
            one
            for portion in arrivals(asked, policy(rules=rules_of(served)), Reading(reader, 2, until))
            for one in portion
        ]
    assert sorted(one.number for one in found) == list(range(12))
    put_off = [one for one in found if isinstance(one.answer, Deferred)]
    assert put_off
    assert len(reader.begun) == len(found) - len(put_off)


class Slow:
    """Each body takes longer than the whole time."""

    def __init__(self) -> None:
        self.begun: list[int] = []

    def is_known(self, _number: int, _answer: FetchResult) -> bool:
        return False

    def read(self, number: int, _answer: FetchResult) -> ParsedFeed | FetchFailure:
        self.begun.append(number)
        time.sleep(0.4)
        return ParsedFeed("rss20", "t", "", "", ())
