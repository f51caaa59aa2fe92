"""Which headline an event carries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from articles.events.titles import Headline, choose_headline, is_aside

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def _chosen(*headlines: tuple[str, bool]) -> str:
    return choose_headline(
        [
            Headline(key, text, NOW + timedelta(hours=key), is_copy=copy)
            for key, (text, copy) in enumerate(headlines)
        ]
    ).text


def test_the_headline_that_shares_most_with_the_others_is_chosen() -> None:
    best = "Cracked cables close Halvard Bridge"
    assert _chosen(
        ("Fishermen fear for their trade", False), (best, False), ("Halvard Bridge: cracked cables", False)
    ) in {
        best,
        "Halvard Bridge: cracked cables",
    }


def test_copies_very_short_and_very_long_ones_come_last() -> None:
    plain = "Quint elected in Castellane"
    assert (
        _chosen(
            ("Quint wins Castellane vote", True),
            ("Breaking", False),
            (plain + " again" * 40, False),
            (plain, False),
        )
        == plain
    )
    assert _chosen(("Copy of it all", True)) == "Copy of it all"


def test_of_equals_the_earliest_is_chosen() -> None:
    assert _chosen(("Bridge cables crack", False), ("Crack bridge cables", False)) == "Bridge cables crack"


def test_an_event_is_called_by_what_happened_rather_than_by_what_came_of_it() -> None:
    told, after = (
        "Storm Maren shuts ports and grounds flights round the North Sea",
        "Port reopens as Storm Maren moves off",
    )
    others = (("Crosswinds from Maren wipe out departures", False), ("A ferry rides out Storm Maren", False))
    copies = ((told, True), (after, True))
    assert _chosen((told, False), *others, (after, False), *copies) == told


def test_without_any_headline_there_is_nothing_to_choose() -> None:
    with pytest.raises(ValueError, match="empty"):
        choose_headline([])


def test_copies_speak_for_the_headline_that_they_repeat_a_text_under() -> None:
    wire = "Chip association announces working group with its American counterpart"
    late = "Washington's chip lobby is quiet about the working group"
    others = (("Quiet in Washington", False), ("Seoul waits for the lobby", False))
    assert _chosen((wire, False), (late, False), *others) == late
    assert _chosen((wire, False), (late, False), *others, (wire, True), (wire, True)) == wire


def test_a_report_goes_before_what_explains_asks_or_shows() -> None:
    report = "Strike empties the quay at Gothenburg"
    for aside in (
        "What an empty quay at Gothenburg costs in a strike", "Strike at the quay of Gothenburg: what we know",
        "Analysis: the strike empties the quay at Gothenburg", "Who empties the quay at Gothenburg?",
        "Watch: strike empties the quay at Gothenburg", "Five reasons why a strike empties the quay at Gothenburg",
        "The arithmetic of the Gothenburg quay strike",
        "A day later, the strike empties the quay at Gothenburg",
    ):  # fmt: skip
        assert is_aside(aside), aside
        assert _chosen((aside, False), (report, False), (aside, False)) == report
    assert _chosen(("Why a strike empties the quay", False), ("Quay emptied", True)).startswith("Why")


def test_a_report_that_begins_like_a_question_is_none() -> None:
    for report in (
        "WHO declares an emergency over a new flu", "Will Stane named head of the harbour", "Live Nation sued by rivals",
        "Watchmaker Orne buys rival", "Video-game maker cuts jobs", "Comment period on filings extended", "Review board blocks merger",
        "Ten ships wait outside Gothenburg",
    ):  # fmt: skip
        assert not is_aside(report), report
