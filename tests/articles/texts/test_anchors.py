"""Anchors of notes: found by quote, and carried to a changed text or to nowhere, never to the wrong words."""

from __future__ import annotations

import pytest

from articles.texts.anchors import anchor_at, carry, find_quote

TEXT = "The cables are cracked. Nobody was hurt. The cables are old. A repair takes eleven weeks."


def test_it_keeps_position_quote_and_surroundings() -> None:
    anchor = anchor_at(TEXT, 4, 10)
    assert (anchor.exact, anchor.prefix, anchor.suffix) == ("cables", "The ", TEXT[10:42])


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (5, 5), (9, 4), (0, 10_000)])
def test_it_refuses_a_span_that_is_none(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="passage"):
        anchor_at(TEXT, start, end)


def test_it_finds_the_quote_nearest_to_a_place() -> None:
    assert find_quote(TEXT, "The cables", 0).start == 0  # type: ignore[union-attr]
    assert find_quote(TEXT, "The cables", 40).start == 41  # type: ignore[union-attr]
    assert find_quote(TEXT, "the cables") is None
    assert find_quote(TEXT, "  ") is None


@pytest.mark.parametrize("start", range(0, len(TEXT) - 12, 3))
def test_it_follows_words_that_text_was_put_before(start: int) -> None:
    anchor = anchor_at(TEXT, start, start + 12)
    new = "CORRECTED: the bridge is open again.\n\n" + TEXT
    carried = carry(anchor, new)
    assert carried is not None
    assert carried.start == start + len(new) - len(TEXT)
    assert new[carried.start : carried.end] == anchor.exact


def test_it_picks_the_right_one_of_two_equal_quotes_after_sentences_changed_places() -> None:
    at = TEXT.index("The cables are old")
    anchor = anchor_at(TEXT, at, at + len("The cables"))
    new = "The cables are old. A repair takes eleven weeks. The cables are cracked. Nobody was hurt."
    carried = carry(anchor, new)
    assert carried is not None
    assert carried.start == 0


def test_it_says_nowhere_when_the_words_are_gone() -> None:
    assert carry(anchor_at(TEXT, 24, 40), TEXT.replace("Nobody", "Someone")) is None


def test_it_says_nowhere_rather_than_guess_between_equals() -> None:
    anchor = anchor_at("xx pay rise yy", 3, 11)
    assert carry(anchor, "aa pay rise bb cc pay rise dd") is None
