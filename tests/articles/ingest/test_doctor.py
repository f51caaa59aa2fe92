"""The doctor names what ails a source, shows why, and is silent about those that are well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from articles.ingest.doctor import Chart, EntryFacts, Finding, RunFacts, advice_for, examine, expected_words
from articles.ingest.entries import WITHDRAWN

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ENTRY = EntryFacts("Quay sold", 4000, 0, wants_page=False, dated=True)


def runs(outcomes: str, **columns: object) -> tuple[RunFacts, ...]:
    """Hourly runs, newest first: "." answered with news, "=" unchanged, "x" failed, "o" offline."""
    kinds = {".": "stored", "=": "unchanged", "x": "failed", "o": "offline"}
    return tuple(
        RunFacts(
            at=NOW - timedelta(hours=place),
            outcome=kinds[letter],
            milliseconds=200,
            entries=20 if letter == "." else 0,
            new=2 if letter == "." else 0,
            **(columns if letter == "x" else {}),  # type: ignore[arg-type]
        )
        for place, letter in enumerate(outcomes)
    )


WELL = Chart(
    state="active",
    runs=runs("..=.."),
    entries=(ENTRY,) * 10,
    arrivals=[NOW - timedelta(hours=hours) for hours in range(20)],
    interval_seconds=900,
    known_share=0.8,
)


def codes(chart: Chart) -> list[str]:
    return [finding.code for finding in examine(chart, NOW)]


def only(chart: Chart) -> Finding:
    (finding,) = examine(chart, NOW)
    return finding


def test_it_finds_nothing_wrong_with_a_source_that_is_well() -> None:
    assert examine(WELL, NOW) == []
    assert examine(Chart("active"), NOW) == []
    assert examine(replace(WELL, state="paused"), NOW) == []


def test_it_proposes_the_address_that_the_feed_has_moved_to() -> None:
    found = only(replace(WELL, proposed_url="https://new.example/feed", redirects_seen=3))
    assert (found.code, found.act, found.value) == ("moved", "move", "https://new.example/feed")
    assert "3 times" in found.evidence[0]


@pytest.mark.parametrize(
    ("status", "code", "place"),
    [
        (403, "blocked", "edit"),
        (406, "blocked", "edit"),
        (401, "sign_in", "edit"),
        (429, "too_often", "edit"),
    ],
)
def test_it_tells_how_a_server_shuts_us_out(status: int, code: str, place: str) -> None:
    found = only(replace(WELL, runs=runs("xxx..", kind="http", status=status), failures=3))
    assert (found.code, found.place) == (code, place)
    assert f"3 of the last 5 fetches were answered with {status}" in found.evidence[0]


def test_it_says_whose_name_is_refused() -> None:
    blocked = replace(WELL, runs=runs("x", kind="http", status=403), failures=1)
    assert "our own User-Agent" in only(blocked).words
    assert "set here" in only(replace(blocked, has_own_agent=True)).words


@pytest.mark.parametrize(("kind", "status"), [("not_a_feed", 200), ("http", 404), ("redirects", 301)])
def test_it_looks_on_the_site_when_the_feed_is_no_feed_any_more(kind: str, status: int) -> None:
    found = only(replace(WELL, runs=runs("xx..", kind=kind, status=status), failures=2))
    assert (found.code, found.act) == ("not_a_feed", "discover")
    assert found.evidence == ("2 tries in a row.", "Before that it was a feed of 20 entries.")


def test_it_forgets_a_failure_once_the_source_answers() -> None:
    assert codes(replace(WELL, runs=runs(".xxx", kind="http", status=403))) == []
    # Our own silence says nothing about the source: the fetch before it counts.
    assert codes(replace(WELL, runs=runs("oox.", kind="http", status=403), failures=1)) == ["blocked"]


def test_it_advises_on_what_is_gone_or_set_aside() -> None:
    assert only(replace(WELL, state="gone", runs=runs("x", kind="http", status=410))).act == "discover"
    assert only(replace(WELL, state="quarantined")).act == "resume"


def test_it_tells_of_a_silence_only_while_the_source_answers() -> None:
    silent = replace(WELL, silence="Nothing new for 9 days; usually every 3 h.", runs=runs("===="))
    assert codes(silent) == ["silent"]
    assert codes(replace(silent, runs=runs("x===", kind="timeout"), failures=1)) == ["failing"]
    assert codes(replace(silent, state="paused")) == []


def test_it_compares_identities_when_the_machine_stepped_down_and_nobody_chose() -> None:
    stepped = replace(WELL, identity="url", identity_why="9 of 20 entries have no guid.")
    assert (only(stepped).code, only(stepped).place) == ("guids", "identity")
    assert only(stepped).evidence == ("9 of 20 entries have no guid.",)
    assert codes(replace(stepped, identity_by="ada")) == []


def test_it_tells_dates_of_the_future_from_dates_that_are_missing() -> None:
    ahead = replace(ENTRY, dated=False, is_ahead=True, date_as_served="Fri, 3 Jul 2026 10:00:00")
    none = replace(ENTRY, dated=False)
    assert codes(replace(WELL, entries=(ahead,) * 3 + (ENTRY,) * 7)) == ["future"]
    assert codes(replace(WELL, entries=(none,) * 3 + (ENTRY,) * 7)) == ["undated"]
    # One of ten is no pattern.
    assert codes(replace(WELL, entries=(ahead, none) + (ENTRY,) * 8)) == []


def test_it_calls_a_text_cut_when_the_pages_are_much_longer() -> None:
    short = EntryFacts("Quay sold", 180, 3600, wants_page=True, dated=True)
    assert codes(replace(WELL, entries=(short,) * 5)) == ["cut"]
    assert codes(replace(WELL, entries=(short,) * 2)) == []
    assert codes(replace(WELL, entries=(replace(short, page_characters=300),) * 5)) == []


def test_it_tells_of_pages_that_robots_closes() -> None:
    closed = EntryFacts("Quay sold", 180, 0, wants_page=True, dated=True, robots=True)
    assert codes(replace(WELL, entries=(closed,) * 3 + (ENTRY,) * 7)) == ["robots"]
    assert codes(replace(WELL, entries=(closed,) + (replace(closed, robots=False),) * 9)) == []


def test_it_catches_validators_that_lie_by_what_forced_fetches_bring() -> None:
    forced = RunFacts(NOW, "stored", entries=20, new=4, forced=True)
    polite = RunFacts(NOW, "unchanged")
    lying = replace(WELL, runs=(forced, *(polite,) * 8, forced))
    assert (only(lying).code, only(lying).act) == ("validators", "full_fetch")
    assert "8 new entries" in only(lying).evidence[0]
    honest = replace(lying, runs=(forced, *(polite,) * 8, RunFacts(NOW, "stored", new=1), forced))
    assert codes(honest) == []
    assert codes(replace(lying, runs=(forced, *(polite,) * 8))) == []


def test_it_calls_a_wish_too_long_only_for_a_feed_that_brings_much() -> None:
    long = replace(WELL, floor_seconds=6 * 3600, interval_seconds=1200, known_share=0.1)
    assert only(long).code == "wish"
    assert "every 6 h" in only(long).words
    assert codes(replace(long, known_share=0.95)) == []
    assert codes(replace(long, interval_seconds=4 * 3600)) == []


def test_it_tells_of_slow_answers_by_their_median() -> None:
    slow = tuple(replace(run, milliseconds=9400) for run in runs("...."))
    assert only(replace(WELL, runs=slow)).words == "It usually takes 9.4 s to answer."
    assert codes(replace(WELL, runs=(slow[0], *runs("....")))) == []


@pytest.mark.parametrize(
    ("kind", "status", "part"),
    [
        ("dns", None, "spelling"),
        ("http", 403, "User-Agent"),
        ("http", 410, "for good"),
        ("http", 502, "server's side"),
        ("not_a_feed", 200, "Look for the feed"),
        ("secrets", None, "anew"),
        ("http", 418, ""),
        ("", None, ""),
    ],
)
def test_it_says_what_to_do_about_each_failure(kind: str, status: int | None, part: str) -> None:
    assert part in advice_for(kind, status)
    assert bool(part) == bool(advice_for(kind, status))


def test_it_says_what_to_expect_of_a_source_by_its_own_rhythm() -> None:
    moments = [NOW - timedelta(hours=2 * step) for step in range(1, 9)]
    assert expected_words(moments, NOW) == (
        "Nine of ten pauses between news are no longer than 2 h, the longest was 2 h; the last news came 2 h ago."
    )
    assert "Too little" in expected_words(moments[:2], NOW)


def test_it_says_that_articles_were_taken_back() -> None:
    runs = [RunFacts(NOW, "stored", skipped=((WITHDRAWN, 2), ("It has neither a title nor a text.", 7)))]
    (finding,) = [one for one in examine(Chart("active", runs), NOW) if one.code == "withdrawn"]
    assert finding.evidence[0].startswith("2 articles")
    assert not [
        one for one in examine(Chart("active", [RunFacts(NOW, "stored")]), NOW) if one.code == "withdrawn"
    ]
