"""When two articles carry one text."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from articles.events.copies import (
    FULL_BELOW,
    STOCK_OF_ALL,
    STOCK_OF_PUBLISHER,
    OriginClaim,
    Shingles,
    SketchMatch,
    credit_of,
    is_sampled,
    overlap,
    presumed_origin,
    shared_share,
    shingles_of,
    sketch_of,
    stock_counts,
    worth_checking,
)
from tests.articles.events.told import BRIDGE, BRIDGE_AGAIN, ELECTION, VACCINE

GOLDEN = (4676576328373256, 4098444314021266634)
NOW = datetime(2026, 3, 10, tzinfo=UTC)


def _shingles(text: str) -> Shingles:
    found = shingles_of(text)
    assert found is not None
    return found


def _long_text(seed: int, words: int = 900) -> str:
    chance = random.Random(seed)  # noqa: S311 - texts, not secrets
    vocabulary = [f"w{number}" for number in range(2000)]
    return " ".join(chance.choice(vocabulary) for _ in range(words))


def _match(key: int, text: str, of: str, *, publisher: str = "p", event: int = 1) -> SketchMatch:
    sketch, other = sketch_of(_shingles(text)), sketch_of(_shingles(of))
    return SketchMatch(
        key,
        publisher,
        event,
        frozenset(sketch.hashes) & frozenset(other.hashes),
        len(sketch.hashes),
        sum(map(is_sampled, sketch.hashes)),
        sketch.full,
    )


def test_hashes_are_the_same_in_every_process_and_fit_the_database() -> None:
    # Sketches are stored: were these to change, no copy of an older article would be found.
    assert _shingles("one two three " * 12).ordered[:2] == GOLDEN
    assert all(0 <= value < 1 << 63 for value in _shingles(BRIDGE).known)


def test_case_punctuation_and_line_breaks_do_not_matter() -> None:
    assert _shingles(BRIDGE.upper().replace(". ", "!\n\n")).known == _shingles(BRIDGE).known


def test_short_texts_are_not_compared() -> None:
    assert shingles_of("Bridge closed. " * 5) is None
    assert shingles_of("") is None


@pytest.mark.parametrize(
    ("copy", "kind"),
    [
        (BRIDGE, "verbatim"),
        ("COAST (Coastwire) - " + BRIDGE + " Read more on our site.", "verbatim"),
        (". ".join(BRIDGE.split(". ")[:2]) + ".", "abridged"),
        (BRIDGE + " " + VACCINE + " " + ELECTION, "abridged"),
        (BRIDGE_AGAIN, None),
        (VACCINE, None),
    ],
)
def test_it_tells_verbatim_from_abridged_from_a_telling_of_its_own(copy: str, kind: str | None) -> None:
    assert overlap(_shingles(BRIDGE).known, _shingles(copy).known).kind == kind


def test_short_texts_are_sketched_whole_and_long_ones_by_a_sample() -> None:
    short, long = _shingles(BRIDGE), _shingles(_long_text(1))
    assert len(short.known) < FULL_BELOW
    assert sketch_of(short).full
    assert set(sketch_of(short).hashes) == short.known
    assert not sketch_of(long).full
    assert 70 < len(sketch_of(long).hashes) < 150
    assert all(map(is_sampled, sketch_of(long).hashes))


def test_sketches_find_a_cut_copy_of_a_long_text_and_no_other_text() -> None:
    for seed in range(30):
        text = _long_text(seed)
        half = " ".join(text.split()[:500])
        assert worth_checking(sketch_of(_shingles(half)), [_match(1, text, half)])
        other = _long_text(seed + 1000)
        assert not worth_checking(sketch_of(_shingles(other)), [_match(1, text, other)])


def test_a_short_cut_is_found_in_a_long_text_although_few_of_its_hashes_are_sampled() -> None:
    found = 0
    for seed in range(40):
        text = _long_text(seed)
        cut = " ".join(text.split()[:120])
        found += bool(worth_checking(sketch_of(_shingles(cut)), [_match(1, text, cut)]))
    assert found == 40


def test_the_likeliest_copies_are_checked_first_and_not_too_many() -> None:
    text = _long_text(3)
    matches = [_match(number, " ".join(text.split()[: 400 + 40 * number]), text) for number in range(1, 12)]
    checked = worth_checking(sketch_of(_shingles(text)), matches)
    assert len(checked) == 8
    assert shared_share(sketch_of(_shingles(text)), checked[0]) == 1.0


def test_a_publishers_boilerplate_does_not_make_copies() -> None:
    footer = _long_text(77, 260)
    one, two = _shingles(_long_text(1, 200) + " " + footer), _shingles(_long_text(2, 200) + " " + footer)
    assert overlap(one.known, two.known).kind is not None
    stock = {value for value in _shingles(footer).known if is_sampled(value)}
    cleaned = overlap(one.without(stock), two.without(stock))
    assert cleaned.kind is None
    assert cleaned.containment < 0.1


def test_a_stock_phrase_inside_a_text_takes_nothing_of_the_text_around_it() -> None:
    text = _shingles(_long_text(5))
    one = [value for value in text.ordered if is_sampled(value)][5]
    assert text.known - text.without({one}) == {one}


def test_a_hash_becomes_stock_by_the_events_of_one_publisher_or_of_all() -> None:
    def match(key: int, publisher: str, event: int) -> SketchMatch:
        return SketchMatch(key, publisher, event, frozenset({8}), 10, 10, full=False)

    own = [match(number, "a", number) for number in range(STOCK_OF_PUBLISHER)]
    assert stock_counts("a", own) == ({8}, set())
    assert stock_counts("b", own) == (set(), set())
    assert stock_counts("a", own[1:]) == (set(), set())
    assert stock_counts("a", [match(number, "a", 1) for number in range(50)]) == (set(), set())
    every = [match(number, f"p{number}", number) for number in range(STOCK_OF_ALL)]
    assert stock_counts("a", every) == (set(), {8})


@pytest.mark.parametrize(
    ("text", "byline", "wire"),
    [
        ("TESSIN (Reuters) - The bridge is closed.", "", "Reuters"),
        ("(AP) — The bridge is closed.", "", "AP"),
        ("The bridge is closed.\n\nXinhua", "", "Xinhua"),
        ("The bridge is closed.", "Reuters", "Reuters"),
        ("The bridge is closed, people told Reuters on Monday.", "", ""),
        ("The bridge is closed.", "Ann AP Smith", ""),
    ],
)
def test_credit_lines_name_the_wire(text: str, byline: str, wire: str) -> None:
    assert credit_of(text, byline) == wire


def test_the_earliest_is_presumed_the_origin_unless_the_credited_wire_is_among_them() -> None:
    early = OriginClaim(1, NOW, "Reuters", "Tessin Times")
    late = OriginClaim(2, NOW + timedelta(hours=1), "", "Reuters")
    assert presumed_origin([early, late]) == 2
    assert presumed_origin([early]) == 1
    assert presumed_origin([OriginClaim(5, NOW, "", "B"), OriginClaim(3, NOW, "", "A")]) == 3
