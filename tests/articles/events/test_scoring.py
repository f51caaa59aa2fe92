"""How alike an article and an event are, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from articles.events.features import LengthClass, features_of
from articles.events.frequencies import Frequencies
from articles.events.live_index import CANDIDATES, EventIndex
from articles.events.scoring import (
    GREY,
    GREY_MARGIN,
    MIXES,
    SCORED_PARTS,
    Choice,
    Score,
    choose,
    explain,
    scores,
)
from articles.events.vectors import (
    DIMENSIONS,
    MOST_EVENT_TERMS,
    ArticleVector,
    Embedding,
    EventVector,
    unpacked,
    weigh,
)
from tests.articles.events.told import BRIDGE, BRIDGE_AGAIN, ELECTION, VACCINE

NOW = datetime(2026, 3, 10, tzinfo=UTC)
WINDOW = timedelta(days=14)


def _embedding(*towards: int) -> Embedding:
    """A unit vector halfway between some axes."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[list(towards)] = 1 / np.sqrt(len(towards))
    return Embedding(vector, vector)


def _vector(text: str, title: str = "", embedding: Embedding | None = None) -> ArticleVector:
    return weigh(features_of(title, text), Frequencies(), embedding)


def _event(event_id: int, *texts: str, at: datetime = NOW, embedding: Embedding | None = None) -> EventVector:
    event = EventVector(event_id, at, at, at)
    for text in texts:
        event.add(_vector(text, embedding=embedding), at, at)
    return event


def _index(*events: EventVector) -> EventIndex:
    index = EventIndex()
    for event in events:
        index.put(event)
    return index


def _scored(vector: ArticleVector, event: EventVector, length: LengthClass = "full") -> Score:
    return scores(_index(event).likeness(vector, [event.event_id]), length)[0]


def _chosen(vector: ArticleVector, *events: EventVector) -> Choice:
    return choose(_index(*events).likeness(vector, [event.event_id for event in events]), "full")


def test_the_same_text_scores_high_and_another_story_far_below_the_bar() -> None:
    event = _event(1, BRIDGE)
    assert _scored(_vector(BRIDGE), event).total > 0.9
    other = _scored(_vector(VACCINE), event)
    assert other.total < other.threshold / 3


def test_the_parts_add_up_and_never_pass_one() -> None:
    event = _event(1, *[BRIDGE] * 50, embedding=_embedding(1))
    for length in MIXES:
        for embedding in (None, _embedding(1), _embedding(1, 2)):
            found = _scored(_vector(BRIDGE_AGAIN, embedding=embedding), event, length)
            assert found.total == pytest.approx(min(sum(found.parts.values()), 1.0))
            assert 0 < found.total <= 1


def test_of_equal_events_the_older_one_is_chosen() -> None:
    choice = _chosen(_vector(BRIDGE), *(_event(event_id, BRIDGE) for event_id in (9, 4, 7)))
    assert choice.best is not None
    assert choice.runner_up is not None
    assert (choice.best.event_id, choice.runner_up.event_id) == (4, 7)


def test_nothing_to_compare_with_means_a_new_event() -> None:
    choice = _chosen(_vector(BRIDGE))
    assert not choice.joins
    assert not choice.unsure


def test_an_article_without_embedding_is_weighed_by_its_words_alone() -> None:
    event = _event(1, BRIDGE, embedding=_embedding(1))
    plain, dense = (
        _scored(_vector(BRIDGE_AGAIN, embedding=embedding), event) for embedding in (None, _embedding(1))
    )
    assert "dense" not in plain.parts
    assert dense.parts["dense"] > 0
    assert plain.threshold == MIXES["full"][0].threshold
    assert dense.threshold == MIXES["full"][1].threshold


def test_what_reads_alike_is_found_without_a_word_in_common() -> None:
    index = _index(*(_event(n, VACCINE, embedding=_embedding(n)) for n in range(1, 40)))
    vector = _vector("Halvard Bridge", embedding=_embedding(7, 30))
    found = index.candidates(vector, NOW, WINDOW)
    assert {7, 30} <= set(found)
    assert len(found) <= CANDIDATES
    assert not index.candidates(_vector("Halvard Bridge"), NOW, WINDOW)
    assert not {7, 30} & set(index.candidates(vector, NOW, WINDOW, without={7, 30}))


def test_years_that_both_name_speak_for_an_event_and_other_years_against_it() -> None:
    event = _event(1, BRIDGE + " It was built in 1968.")
    parts = [
        _scored(_vector(BRIDGE_AGAIN + said), event).parts.get("years")
        for said in (" It was built in 1968.", "", " It was built in 2011.")
    ]
    same, silent, other = parts
    assert same is not None
    assert same > 0
    assert silent is None
    assert other is not None
    assert other < 0


def test_a_large_event_asks_for_more() -> None:
    one, many = _event(1, BRIDGE), _event(1, *[BRIDGE] * 9)
    vector = _vector(BRIDGE_AGAIN)
    assert "size" not in _scored(vector, one).parts
    assert _scored(vector, many).parts["size"] < 0


def _choice(best: float, second: float | None = None) -> Choice:
    runner_up = None if second is None else Score(2, {}, second, 0.3)
    return Choice(Score(1, {}, best, 0.3), runner_up)


def test_what_is_close_to_the_bar_or_to_the_runner_up_is_unsure() -> None:
    assert _choice(0.3 + GREY * 0.9).unsure == "threshold"
    assert _choice(0.3 - GREY * 0.9).unsure == "threshold"
    assert _choice(0.3 - GREY * 1.1, 0.2).unsure == ""
    assert _choice(0.6, 0.6 - GREY_MARGIN * 0.9).unsure == "runner_up"
    assert _choice(0.6, 0.6 - GREY_MARGIN * 1.1).unsure == ""
    assert _choice(0.1, 0.1).unsure == ""


def test_an_event_is_found_within_the_window_on_both_sides_only() -> None:
    index = _index(_event(1, BRIDGE))
    vector = _vector(BRIDGE_AGAIN)
    for days, found in ((13, 1), (-13, 1), (15, 0), (-15, 0)):
        assert len(index.candidates(vector, NOW + timedelta(days=days), WINDOW)) == found
    assert index.candidates(vector, NOW + timedelta(days=400), None)


def test_an_event_long_unheard_of_or_forbidden_is_no_candidate() -> None:
    index = _index(_event(1, BRIDGE))
    vector = _vector(BRIDGE_AGAIN)
    assert not index.candidates(vector, NOW, WINDOW, NOW + timedelta(seconds=1))
    assert not index.candidates(vector, NOW, WINDOW, without={1})


def test_candidates_are_capped_to_those_that_share_most() -> None:
    index = _index(
        *(_event(number, VACCINE + f" Lorries number{number}.") for number in range(1, 60)),
        _event(99, BRIDGE),
    )
    found = index.candidates(_vector(BRIDGE), NOW, WINDOW)
    assert len(found) <= CANDIDATES
    assert 99 in found


def test_a_dropped_event_leaves_nothing_behind() -> None:
    index = _index(_event(1, BRIDGE), _event(2, VACCINE))
    index.drop(1)
    index.drop(1)
    assert not index.candidates(_vector(BRIDGE), NOW, WINDOW, without={2})
    index.forget(NOW + timedelta(days=1))
    assert len(index) == 0
    assert index.get(2) is None
    assert not index.candidates(_vector(BRIDGE), NOW, None)


def test_a_changed_event_is_found_by_its_new_terms_only() -> None:
    index = _index(_event(1, BRIDGE))
    index.put(_event(1, ELECTION))
    assert not index.candidates(_vector(BRIDGE), NOW, WINDOW)
    assert index.candidates(_vector(ELECTION), NOW, WINDOW)


def test_events_are_found_alike_whether_they_came_one_by_one_or_were_let_go_and_loaded() -> None:
    texts = (BRIDGE, VACCINE, ELECTION, BRIDGE_AGAIN)
    kinds = [
        _event(1, f"{texts[kind % 4]} Lorries number{kind}.", embedding=_embedding(kind % 7))
        for kind in range(40)
    ]
    events = [replace(kinds[number % 40], event_id=number) for number in range(1, 700)]
    grown, loaded = EventIndex(), EventIndex()
    for event in events:
        grown.put(replace(kinds[0], event_id=event.event_id))
        grown.put(event)
    for event in events[::3]:
        grown.drop(event.event_id)
    kept = [event for event in reversed(events) if (event.event_id - 1) % 3]
    for event in kept[:50]:
        loaded.put(replace(kinds[0], event_id=event.event_id))  # as it was before
    for event in kept[-50:]:
        loaded.put(event)
    loaded.put_all(kept)
    vector = _vector(BRIDGE_AGAIN, embedding=_embedding(3, 5))
    found = grown.candidates(vector, NOW, WINDOW)
    assert found == loaded.candidates(vector, NOW, WINDOW)
    assert len(found) > CANDIDATES
    one, other = grown.likeness(vector, found), loaded.likeness(vector, found)
    assert (one.cosines == other.cosines).all()
    assert choose(one, "full") == choose(other, "full")


def test_of_many_embeddings_only_those_that_may_be_nearest_are_weighed_exactly() -> None:
    chance = np.random.default_rng(5)
    figures = chance.normal(size=(600, DIMENSIONS))
    rows = (figures / np.linalg.norm(figures, axis=1, keepdims=True)).astype(np.float32)
    embeddings = [Embedding(row, row) for row in rows]
    events = [_event(n, "Plain words.", embedding=one) for n, one in enumerate(embeddings[1:], start=1)]
    index = _index(*events)
    weighed: list[int] = []
    exactly = index._dense.cosines

    def cosines(vector: NDArray[np.int64] | None, places: NDArray[np.int64]) -> tuple[Any, Any]:
        weighed.append(len(places))
        return exactly(vector, places)

    index._dense.cosines = cosines  # type: ignore[method-assign]
    vector = _vector("Others.", embedding=embeddings[0])
    found = index.candidates(vector, NOW, WINDOW)
    assert len(found) == CANDIDATES
    best = np.argsort(-(rows[1:].astype(np.float64) @ rows[0].astype(np.float64)))[:CANDIDATES] + 1
    assert found == sorted(best.tolist())
    assert weighed[0] < 2 * CANDIDATES, "to weigh all of a large desk exactly would take ten times as long"


def test_what_was_put_is_what_is_got_and_what_a_row_holds() -> None:
    event = _event(3, BRIDGE, BRIDGE_AGAIN, embedding=_embedding(2, 9))
    held = _index(event).get(3)
    assert held is not None
    keys, weights = unpacked(event.packed())
    for one in (held.keys, keys):
        assert (one == event.keys).all()
    for one in (held.weights, weights):
        assert (one == event.weights).all()
    assert held.dense is not None
    assert (held.dense == event.dense).all()
    assert (held.size, held.first_at, held.last_at, held.seen_at) == (2, NOW, NOW, NOW)


def test_bytes_that_are_no_table_are_refused() -> None:
    with pytest.raises(ValueError, match="13 bytes are no table"):
        unpacked(bytes(13))


def test_a_vector_keeps_its_heaviest_terms_and_the_same_ones_each_time() -> None:
    texts = [" ".join(f"word{number}x{part}" for part in range(90)) for number in range(6)]
    event, again = _event(1, *texts), _event(1, *texts)
    assert len(event.keys) <= sum(MOST_EVENT_TERMS.values())
    assert event.packed() == again.packed()


def test_an_event_is_the_same_whatever_the_order_its_articles_came_in() -> None:
    one, other = _event(1, BRIDGE, BRIDGE_AGAIN), _event(1, BRIDGE_AGAIN, BRIDGE)
    assert one.packed() == other.packed()


def test_reasons_name_what_is_shared_as_the_article_writes_it() -> None:
    features = features_of("Halvard Bridge closed", BRIDGE_AGAIN)
    vector = weigh(features, Frequencies(), _embedding(1))
    event = _event(1, BRIDGE, embedding=_embedding(1, 2))
    why = explain(_scored(vector, event), vector, event, features.labels)
    words = {reason.code: reason.words for reason in why}
    assert words["names"].startswith("shares ")
    assert "Kestrel Pass" in words["names"]
    assert words["lead"].startswith("same lead words: ")
    assert words["dense"] == "reads alike"
    assert [reason.weight for reason in why] == sorted((reason.weight for reason in why), reverse=True)
    assert set(words) <= set(SCORED_PARTS)


def test_parts_that_share_nothing_give_no_reason() -> None:
    event = _event(1, BRIDGE)
    vector = _vector("A wholly other thing concerning kangaroos")
    assert explain(_scored(vector, event, "headline"), vector, event, {}) == ()
