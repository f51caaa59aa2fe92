"""Entries keep their identity through what feeds do to guids, addresses, order and dates."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from articles.ingest.canonical import url_sha256
from articles.ingest.identity import (
    POLICIES,
    IdentityPolicy,
    KnownEntries,
    content_key,
    entry_keys,
    judge_identity,
    key_sha256,
    try_identity,
)
from articles.types import ParsedEntry

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def entry(number: int, **changes: object) -> ParsedEntry:
    made = ParsedEntry(
        guid=f"guid-{number}",
        url=f"https://harbour.example/story/{number}",
        title=f"Quay {number} opens",
        published=NOW - timedelta(hours=number),
        published_raw=f"hour {number}",
        content_html=f"<p>The board opened quay {number} on Monday.</p>",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # tests name the fields


def entries(count: int) -> list[ParsedEntry]:
    return [entry(number) for number in range(count)]


def known(feed: Sequence[ParsedEntry], policy: IdentityPolicy = "guid") -> KnownEntries:
    return KnownEntries(
        keys={key_sha256(key) for key in entry_keys(policy, feed)},
        addresses={url_sha256(item.url) for item in feed if item.url},
    )


def test_a_sound_feed_stays_with_its_guids() -> None:
    verdict = judge_identity("guid", entries(30), known(entries(30)))
    assert (verdict.policy, verdict.why, verdict.stepped_down) == ("guid", "", False)


def test_guids_that_are_absent_give_way_to_addresses() -> None:
    feed = [replace(item, guid="") if number < 12 else item for number, item in enumerate(entries(30))]
    verdict = judge_identity("guid", feed)
    assert (verdict.policy, verdict.stepped_down) == ("url", True)
    assert verdict.why == "12 of 30 entries have no guid. Entries are told apart by their address."


def test_one_guid_for_all_gives_way_to_addresses() -> None:
    verdict = judge_identity("guid", [replace(item, guid="1") for item in entries(20)])
    assert verdict.policy == "url"
    assert "20 of 20 entries share their guid with another story" in verdict.why


def test_one_fault_in_ten_is_tolerated_and_two_are_not() -> None:
    one = [*entries(9), entry(9, guid="")]
    assert judge_identity("guid", one).policy == "guid"
    assert judge_identity("guid", [entry(8, guid=""), entry(9, guid=""), *entries(8)]).policy == "url"


def test_a_few_faults_of_many_are_tolerated() -> None:
    feed = entries(100)
    feed[:5] = [replace(item, guid="") for item in feed[:5]]
    assert judge_identity("guid", feed).policy == "guid"
    feed[5] = replace(feed[5], guid="")
    assert judge_identity("guid", feed).policy == "url"


def test_guids_that_change_under_the_same_addresses_give_way() -> None:
    renamed = [replace(item, guid=f"{item.guid}?t=2") for item in entries(20)]
    verdict = judge_identity("guid", renamed, known(entries(20)))
    assert verdict.policy == "url"
    assert "20 of 20 known addresses came back under new guids" in verdict.why


def test_new_stories_are_no_churn() -> None:
    feed = [*(entry(number) for number in range(100, 120)), *entries(10)]
    assert judge_identity("guid", feed, known(entries(20))).policy == "guid"


def test_a_live_page_with_many_entries_is_no_churn() -> None:
    blog = [entry(number, url="https://harbour.example/live") for number in range(20)]
    later = [entry(number, url="https://harbour.example/live") for number in range(5, 25)]
    assert judge_identity("guid", later, known(blog)).policy == "guid"


def test_addresses_that_are_absent_or_shared_give_way_to_content() -> None:
    nowhere = [replace(item, guid="", url="") for item in entries(10)]
    assert judge_identity("guid", nowhere).policy == "content"
    front = [replace(item, guid="", url="https://harbour.example/") for item in entries(10)]
    assert judge_identity("guid", front).policy == "content"
    assert "share their address" in judge_identity("url", front).why


def test_a_story_listed_twice_is_no_fault() -> None:
    twice = [*entries(10), *entries(10)]
    assert judge_identity("guid", twice).policy == "guid"
    assert len(set(entry_keys("guid", twice))) == 10
    assert judge_identity("url", [replace(item, guid="") for item in twice]).policy == "url"


def test_what_a_person_chose_stands_with_a_warning() -> None:
    feed = [replace(item, guid="") for item in entries(10)]
    verdict = judge_identity("guid", feed, chosen_by="ann")
    assert (verdict.policy, verdict.stepped_down) == ("guid", False)
    assert verdict.why == "10 of 10 entries have no guid. The choice of ann stands."


def test_it_never_steps_up_by_itself() -> None:
    assert judge_identity("content", entries(10), known(entries(10))).policy == "content"
    assert judge_identity("url", entries(10)).policy == "url"


def test_one_guid_with_two_addresses_in_a_document_is_two_entries() -> None:
    first, second = entry(1), entry(2, guid="guid-1")
    assert entry_keys("guid", [first, second, entry(3)]) == [
        "guid-1|https://harbour.example/story/1",
        "guid-1|https://harbour.example/story/2",
        "guid-3",
    ]


def test_one_guid_without_addresses_is_told_apart_by_content() -> None:
    feed = [entry(number, guid="g", url="") for number in (1, 2, 2)]
    keys = entry_keys("guid", feed)
    assert keys[0] != keys[1] == keys[2]


def test_tracking_in_an_address_makes_no_second_entry() -> None:
    first = entry(1, guid="")
    second = replace(first, url=f"{first.url}?utm_source=feed")
    assert len(set(entry_keys("url", [first, second]))) == 1
    assert len(set(entry_keys("guid", [first, second]))) == 1


def test_a_correction_further_down_leaves_the_content_key() -> None:
    long = "The harbour board opened its new quay on Monday. " * 20
    one = entry(1, content_html=f"<p>{long}five ships</p>")
    assert content_key(one) == content_key(replace(one, content_html=f"<div>{long}six ships</div>"))
    assert content_key(one) != content_key(replace(one, title="Quay closes"))


def test_entries_without_text_are_told_apart_by_their_dates_as_served() -> None:
    bare = [entry(1, content_html="", published_raw=f"day {day}") for day in range(3)]
    assert len({content_key(item) for item in bare}) == 3


def test_a_dry_run_says_how_many_articles_there_would_be() -> None:
    feed = [*entries(28), entry(30, url=entry(0).url), entry(31, url=entry(1).url)]
    trial = try_identity("url", feed)
    assert (trial.entries, trial.articles) == (30, 28)
    assert trial.words == "With identity by address these 30 entries would be 28 articles."
    assert "4 of 30 entries share their address" in trial.why_not
    assert try_identity("guid", feed).why_not == ""
    assert (
        try_identity("content", [entry(1)]).words == "With identity by content this entry would be 1 article."
    )


def test_an_empty_poll_says_nothing() -> None:
    for policy in POLICIES:
        assert judge_identity(policy, [], KnownEntries()).policy == policy
        assert try_identity(policy, []).articles == 0


def _messy(rng: random.Random) -> list[ParsedEntry]:
    """A feed with every kind of fault, each at random."""
    feed = []
    for number in range(rng.randint(0, 40)):
        made = entry(number)
        if rng.random() < 0.2:
            made = replace(made, guid=rng.choice(["", "1", "guid-0", "é\ud800"]))
        if rng.random() < 0.2:
            made = replace(
                made,
                url=rng.choice(["", "https://harbour.example/", "https://harbour.example/story/0?utm_x=1"]),
            )
        if rng.random() < 0.1:
            made = replace(made, title="", content_html="")
        feed.append(made)
    return feed


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("policy", POLICIES)
def test_keys_never_depend_on_order_or_dates(policy: IdentityPolicy, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a reproducible mess
    feed = _messy(rng)
    keys = entry_keys(policy, feed)
    assert len(keys) == len(feed)
    assert all(keys)
    order = rng.sample(range(len(feed)), len(feed))
    assert entry_keys(policy, [feed[i] for i in order]) == [keys[i] for i in order]
    redated = [
        replace(item, published=NOW + timedelta(days=rng.randint(-9, 9)), updated=None) for item in feed
    ]
    assert entry_keys(policy, redated) == keys


@pytest.mark.parametrize("seed", range(20))
def test_stories_with_different_guids_and_addresses_are_never_merged(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a reproducible mess
    feed = _messy(rng)
    for policy in POLICIES[:2]:
        keys = entry_keys(policy, feed)
        for one, key in zip(feed, keys, strict=True):
            for other, other_key in zip(feed, keys, strict=True):
                if key == other_key:
                    same_guid = one.guid == other.guid
                    same_url = url_sha256(one.url) == url_sha256(other.url)
                    assert same_guid or same_url


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("policy", POLICIES)
def test_a_verdict_only_goes_down_and_is_stable(policy: IdentityPolicy, seed: int) -> None:
    feed = _messy(random.Random(seed))  # noqa: S311 - a reproducible mess
    verdict = judge_identity(policy, feed, known(feed[::2]))
    assert POLICIES.index(verdict.policy) >= POLICIES.index(policy)
    assert verdict.stepped_down == (verdict.policy != policy) == bool(verdict.why)
    again = judge_identity(verdict.policy, feed)
    assert again.policy == verdict.policy


@pytest.mark.parametrize("seed", range(15))
def test_a_sliding_window_never_loses_or_doubles_an_entry(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a reproducible mess
    stories = entries(60)
    seen: set[str] = set()
    start = 0
    while start < 40:
        # Entries arrive late and out of order; each poll shows a window of the newest.
        window = rng.sample(stories[: start + 20], 20) if rng.random() < 0.3 else stories[start : start + 20]
        verdict = judge_identity("guid", window, known(stories[:start]))
        assert verdict.policy == "guid"
        seen.update(entry_keys(verdict.policy, window))
        start += rng.randint(1, 9)
    assert seen <= {item.guid for item in stories}
    assert len(seen) >= start
