"""Anchors of notes: found by quote, and carried to a changed text or to nowhere, never to the wrong words."""

from __future__ import annotations

import pytest

from articles.texts.anchors import anchor_at, carry, find_quote, follow

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


BEFORE = (
    "The cables are cracked. Nobody was hurt in the fall of the crane. The cables are old.\n\n"
    "A repair takes eleven weeks, the operator said."
)


def followed(quote: str, after: str) -> str | None:
    at = BEFORE.index(quote)
    found = follow(anchor_at(BEFORE, at, at + len(quote)), BEFORE, after)
    assert found is None or after[found.start : found.end] == found.exact
    return found.exact if found else None


@pytest.mark.parametrize(
    ("quote", "was", "now", "found"),
    [
        ("A repair takes eleven weeks", "eleven", "twelve", "A repair takes twelve weeks"),
        ("Nobody was hurt in the fall", "Nobody was", "Three were", "Three were hurt in the fall"),
        ("hurt in the fall", "in the fall", "in the great fall", "hurt in the great fall"),
        ("of the crane. The cables", "crane. The", "crane.\n\nThe", "of the crane.\n\nThe cables"),
        ("in the fall of the crane", "The cables are cracked. ", "", "in the fall of the crane"),
        ("takes eleven weeks", "weeks,", "weeks at least,", "takes eleven weeks"),
        (
            "A repair takes eleven weeks",
            "A repair",
            "In May, a repair",
            "In May, a repair takes eleven weeks",
        ),
    ],
)
def test_it_follows_a_passage_whose_words_changed_a_little(
    quote: str, was: str, now: str, found: str
) -> None:
    assert followed(quote, BEFORE.replace(was, now)) == found


@pytest.mark.parametrize(
    ("quote", "was", "now"),
    [
        ("A repair takes eleven weeks", "A repair takes eleven weeks", "It will be mended in June"),
        ("Nobody was hurt", "Nobody was hurt in the fall of the crane. ", ""),
        ("eleven weeks", "eleven weeks", "half a year"),
    ],
)
def test_it_does_not_follow_a_passage_that_became_another(quote: str, was: str, now: str) -> None:
    assert followed(quote, BEFORE.replace(was, now)) is None


def test_it_follows_nothing_of_a_text_that_the_passage_was_never_in() -> None:
    assert follow(anchor_at(BEFORE, 4, 10), "Quite another text.", BEFORE) is None


def test_it_does_not_follow_into_an_empty_text() -> None:
    assert followed("eleven weeks", "") is None
