"""How alike an article and an event are, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from articles.events.features import Frequencies, Vectors, features_of, weigh
from articles.events.scoring import (
    CANDIDATES,
    MOST_EVENT_TERMS,
    THRESHOLDS,
    EventIndex,
    EventVector,
    choose,
    explain,
    score,
)
from tests.articles.events.told import BRIDGE, BRIDGE_AGAIN, ELECTION, VACCINE

NOW = datetime(2026, 3, 10, tzinfo=UTC)
WINDOW = timedelta(days=14)


def _vectors(text: str, title: str = "") -> Vectors:
    return weigh(features_of(title, text), Frequencies())


def _event(event_id: int, *texts: str, at: datetime = NOW) -> EventVector:
    event = EventVector(event_id, at, at, at)
    for text in texts:
        event.add(_vectors(text), at, at)
    return event


def _index(*events: EventVector) -> EventIndex:
    index = EventIndex()
    for event in events:
        index.put(event)
    return index


def test_the_same_text_scores_one_and_another_story_far_below_the_bar() -> None:
    event = _event(1, BRIDGE)
    assert score(_vectors(BRIDGE), "full", event).total == pytest.approx(1.0)
    assert score(_vectors(VACCINE), "full", event).total < THRESHOLDS["full"] / 3


def test_the_parts_add_up_and_never_pass_one() -> None:
    event = _event(1, *[BRIDGE] * 50)
    for length in THRESHOLDS:
        found = score(_vectors(BRIDGE_AGAIN), length, event)
        assert found.total == pytest.approx(sum(found.parts.values()))
        assert 0 < found.total <= 1


def test_of_equal_events_the_older_one_is_chosen() -> None:
    events = [_event(event_id, BRIDGE) for event_id in (9, 4, 7)]
    choice = choose(_vectors(BRIDGE), "full", events)
    assert choice.best is not None
    assert choice.runner_up is not None
    assert (choice.best.event_id, choice.runner_up.event_id) == (4, 7)


def test_nothing_to_compare_with_means_a_new_event() -> None:
    assert not choose(_vectors(BRIDGE), "full", []).joins


def test_an_event_is_found_within_the_window_on_both_sides_only() -> None:
    index = _index(_event(1, BRIDGE))
    vectors = _vectors(BRIDGE_AGAIN)
    for days, found in ((13, 1), (-13, 1), (15, 0), (-15, 0)):
        assert len(index.candidates(vectors, NOW + timedelta(days=days), WINDOW)) == found
    assert index.candidates(vectors, NOW + timedelta(days=400), None)


def test_an_event_long_unheard_of_or_forbidden_is_no_candidate() -> None:
    index = _index(_event(1, BRIDGE))
    vectors = _vectors(BRIDGE_AGAIN)
    assert not index.candidates(vectors, NOW, WINDOW, NOW + timedelta(seconds=1))
    assert not index.candidates(vectors, NOW, WINDOW, without={1})


def test_candidates_are_capped_to_those_that_share_most() -> None:
    index = _index(
        *(_event(number, VACCINE + f" Lorries number{number}.") for number in range(1, 60)),
        _event(99, BRIDGE),
    )
    found = index.candidates(_vectors(BRIDGE), NOW, WINDOW)
    assert len(found) <= CANDIDATES
    assert found[0].event_id == 99


def test_a_dropped_event_leaves_nothing_behind() -> None:
    index = _index(_event(1, BRIDGE), _event(2, VACCINE))
    index.drop(1)
    index.drop(1)
    assert not index.candidates(_vectors(BRIDGE), NOW, WINDOW, without={2})
    index.forget(NOW + timedelta(days=1))
    assert not index.events
    assert not index._postings


def test_a_changed_event_is_found_by_its_new_terms_only() -> None:
    index = _index(_event(1, BRIDGE))
    index.put(_event(1, ELECTION))
    assert not index.candidates(_vectors(BRIDGE), NOW, WINDOW)
    assert index.candidates(_vectors(ELECTION), NOW, WINDOW)


def test_a_vector_keeps_its_heaviest_terms_whatever_the_order_they_came_in() -> None:
    texts = [" ".join(f"word{number}x{part}" for part in range(90)) for number in range(6)]
    event = _event(1, *texts)
    assert all(len(event.terms[part]) <= most for part, most in MOST_EVENT_TERMS.items())
    again = _event(1, *texts)
    assert again.terms == event.terms
    assert again.norms == event.norms


def test_reasons_name_what_is_shared_as_the_article_writes_it() -> None:
    features = features_of("Halvard Bridge closed", BRIDGE_AGAIN)
    vectors = weigh(features, Frequencies())
    event = _event(1, BRIDGE)
    why = explain(score(vectors, "full", event), vectors, event, features.labels)
    words = {reason.code: reason.words for reason in why}
    assert words["names"].startswith("shares ")
    assert "Kestrel Pass" in words["names"]
    assert words["lead"].startswith("same lead words: ")
    assert [reason.weight for reason in why] == sorted((reason.weight for reason in why), reverse=True)


def test_parts_that_share_nothing_give_no_reason() -> None:
    event = _event(1, BRIDGE)
    vectors = _vectors("A wholly other thing concerning kangaroos")
    assert explain(score(vectors, "headline", event), vectors, event, {}) == ()
