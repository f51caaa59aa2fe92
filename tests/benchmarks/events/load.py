"""How fast articles are placed among few and many live events, and what a process holds that knows many."""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
import numpy as np

django.setup()

# What imports settings comes after the set-up.
from articles.events.features import features_of  # noqa: E402
from articles.events.frequencies import PART_BITS  # noqa: E402
from articles.events.memory import MemoryStore  # noqa: E402
from articles.events.placement import LiveShard, Story, place  # noqa: E402
from articles.events.placing import place_articles  # noqa: E402, F401 - what a placing worker has loaded
from articles.events.vectors import DIMENSIONS, PART_MASK, EventVector, weigh, whole_rows  # noqa: E402
from tests.benchmarks.copies.prose import Piece, piece  # noqa: E402

WINDOW = timedelta(days=14)
START = datetime(2026, 3, 1, tzinfo=UTC)
MEASURED = 400  # articles, placed when so many events are live
LEAST_RATE = 0.3
MOST_MEGABYTES = 600
TERMS_COUNTED = 1_000_000  # different terms that a desk has met
TOLD = 500  # articles that are written out; the events of `memory` are made of these
OWN_TERMS = 0.2
NAMED_EVERY = 9  # one word in so many begins a name


def measure_speed(few: int, many: int) -> bool:
    """Place articles one by one; whether the rate among many live events is as great a part of that among few."""
    store = MemoryStore(WINDOW)
    coming = stories()
    rates = {}
    for events in (few, many):
        while len(store.live("en").index) < events:
            place(next(coming), store, WINDOW)
        some = list(itertools.islice(coming, MEASURED))
        begun = time.process_time()
        for story in some:
            place(story, store, WINDOW)
        rates[events] = MEASURED / (time.process_time() - begun)
        _say(f"{events} live events: {rates[events]:.0f} articles a second of one processor")
    share = rates[many] / rates[few]
    _say(f"rate among {many} to rate among {few}: {share:.2f} (bar {LEAST_RATE})")
    return share >= LEAST_RATE


def measure_memory(events: int) -> bool:
    """Fill the columns of a stream with events that have embeddings; whether the process stays below its bar."""
    _say(f"before: {_megabytes('VmRSS')} MB")
    live = LiveShard()
    live.frequencies.take((f"term{number}", 1 + number % 7) for number in range(TERMS_COUNTED))
    _say(f"{TERMS_COUNTED} terms counted: {_megabytes('VmRSS')} MB")
    chance = np.random.default_rng(1)
    told = []
    for story in itertools.islice(stories(), TOLD):
        features = features_of(story.title, story.text)
        live.frequencies.add(features.distinct_terms())
        told.append(weigh(features, live.frequencies))
    for number in range(1, events + 1):
        one = told[number % TOLD]
        # Another event of the kind: a part of its terms are its own.
        own = chance.random(len(one.keys)) < OWN_TERMS
        others = chance.integers(0, 1 << 60, len(one.keys)) << PART_BITS | one.keys & PART_MASK
        keys = np.where(own, others, one.keys)
        order = np.argsort(keys)
        rows = chance.normal(size=(2, DIMENSIONS)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        vector = replace(
            one,
            keys=keys[order],
            weights=one.weights[order],
            dense=whole_rows(rows[0]),
            dense_title=whole_rows(rows[1]),
        )
        at = START + timedelta(minutes=number)
        event = EventVector(number, at, at, at)
        event.add(vector, at, at)
        live.index.put(event)
    held, most = _megabytes("VmRSS"), _megabytes("VmHWM")
    _say(f"{len(live.index)} live events: {held} MB, at most {most} MB (bar {MOST_MEGABYTES})")
    return most <= MOST_MEGABYTES


def stories() -> Iterator[Story]:
    """Articles that are no copies, most of them of an event of their own; a minute apart."""
    for number in itertools.count(1):
        one = piece(number)
        if one.of is None:
            yield _story(one)


def _story(one: Piece) -> Story:
    """With capital letters and figures, as news has them."""
    chance = random.Random(one.number)  # noqa: S311 - prose, not secrets
    words = [word.title() if chance.randrange(NAMED_EVERY) == 0 else word for word in one.text.split()]
    for at in range(20, len(words), 40):
        words[at] = str(chance.randrange(10, 9_999))
    published = START + timedelta(minutes=one.number)
    return Story(
        one.number, "en", " ".join(words[:9]), " ".join(words), published, published, str(one.publisher)
    )


def _megabytes(what: str) -> int:
    """A line of the kernel's account of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) // 1024
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
