"""When two articles carry one text."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from articles.events.copies import (
    FULL_BELOW,
    LEAST_SHARED_SHINGLES,
    MOST_SHARES_VERIFIED,
    STOCK_OF_ALL,
    STOCK_OF_PUBLISHER,
    OriginClaim,
    Overlap,
    Shingles,
    SketchMatch,
    compare,
    is_sampled,
    kind_of_overlap,
    overlap,
    presumed_origin,
    shared_share,
    shingles_of,
    sketch_of,
    stock_counts,
    worth_checking,
)
from articles.events.credits import Credit
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


def test_the_earliest_is_presumed_the_origin_and_the_reason_says_since_when() -> None:
    early = OriginClaim(1, NOW, Credit("Reuters", "dateline"), "Tessin Times")
    late = OriginClaim(2, NOW + timedelta(hours=1), None, "Coast Daily")
    found = presumed_origin([late, early])
    assert found.key == 1
    assert found.why[0].words == "first published at 00:00 UTC on 10 March 2026"
    assert presumed_origin([OriginClaim(5, NOW, None, "B"), OriginClaim(3, NOW, None, "A")]).key == 3


def test_the_piece_of_whom_the_texts_credit_is_the_origin_even_when_it_comes_later() -> None:
    early = OriginClaim(1, NOW, Credit("Reuters", "dateline"), "Tessin Times")
    late = OriginClaim(2, NOW + timedelta(hours=1), None, "reuters.com")
    found = presumed_origin([early, late])
    assert found.key == 2
    assert found.why[0].words == "credited to Reuters in the dateline of Tessin Times"
    own = OriginClaim(2, NOW + timedelta(hours=1), Credit("Reuters", "byline"), "Reuters")
    assert presumed_origin([early, own]).why[0].words == "credited to Reuters in its byline"
    again = OriginClaim(3, NOW, Credit("Reuters", "dateline"), "Coast Daily")
    assert presumed_origin([early, again, late]).why[0].words.endswith("of Tessin Times and of 1 more")


def test_an_agencys_own_piece_is_the_origin_though_nobody_credits_it_unless_it_credits_another() -> None:
    early = OriginClaim(1, NOW, None, "Tessin Times")
    wire = OriginClaim(2, NOW + timedelta(hours=1), None, "The Associated Press")
    assert presumed_origin([early, wire]).key == 2
    assert "agency" in presumed_origin([early, wire]).why[0].words
    passed_on = OriginClaim(
        2, NOW + timedelta(hours=1), Credit("PR Newswire", "dateline"), "The Associated Press"
    )
    assert presumed_origin([early, passed_on]).key == 1


def test_another_paper_that_is_credited_is_the_origin_when_it_is_among_them() -> None:
    taken = OriginClaim(1, NOW, Credit("Tessin Times", "closing line"), "Coast Daily")
    paper = OriginClaim(2, NOW + timedelta(hours=1), None, "The Tessin Times")
    assert presumed_origin([taken, paper]).key == 2


def test_a_persons_word_on_the_origin_counts_before_all_and_the_latest_of_two() -> None:
    wire = OriginClaim(1, NOW, Credit("Reuters", "dateline"), "Reuters")
    said = OriginClaim(2, NOW, None, "A", said=4, said_words="ed said that this is the origin")
    later = OriginClaim(3, NOW, None, "B", said=9, said_words="ann said that this is the origin")
    assert presumed_origin([wire, said]).key == 2
    assert presumed_origin([wire, said]).why[0].words == "ed said that this is the origin"
    assert presumed_origin([wire, said, later]).key == 3


def test_a_time_of_publication_is_believed_only_near_the_time_the_desk_saw_it() -> None:
    seen = OriginClaim(1, NOW, None, "A", NOW + timedelta(minutes=5))
    backdated = OriginClaim(2, NOW - timedelta(days=9), None, "B", NOW + timedelta(days=2))
    assert presumed_origin([seen, backdated]).key == 1
    ahead = OriginClaim(3, NOW + timedelta(days=1), None, "C", NOW + timedelta(minutes=1))
    assert presumed_origin([seen, ahead]).key == 1
    assert ahead.time == NOW + timedelta(minutes=1)
    words = presumed_origin([ahead]).why[0].words
    assert words == "first seen at 00:01 UTC on 10 March 2026"


def test_an_article_of_an_unknown_hour_was_not_there_at_midnight() -> None:
    day = OriginClaim(1, NOW, None, "A", NOW + timedelta(hours=30), day_only=True)
    told = OriginClaim(2, NOW + timedelta(hours=9), None, "B", NOW + timedelta(hours=10))
    assert presumed_origin([day, told]).key == 2


def test_old_articles_that_a_new_source_brings_at_once_keep_their_order() -> None:
    seen = NOW + timedelta(days=30)
    old, older = (
        OriginClaim(key, NOW - timedelta(days=key), None, "A", seen + timedelta(seconds=key))
        for key in (1, 2)
    )
    assert presumed_origin([old, older]).key == 1  # seen a moment before; no more is known
    same = [OriginClaim(key, NOW - timedelta(days=key), None, "A", seen) for key in (1, 2)]
    assert presumed_origin(same).key == 2


@pytest.mark.parametrize(
    ("containment", "jaccard", "kind"),
    [(1, 0.7, "verbatim"), (1, 0.69, "abridged"), (0.5, 0.4, "abridged"), (0.499, 0.4, "shares"),
     (0.25, 0.2, "shares"), (0.249, 0.2, None)],
)  # fmt: skip
def test_the_lines_between_the_kinds(containment: float, jaccard: float, kind: str | None) -> None:
    found = Overlap(containment, jaccard)
    assert kind_of_overlap(found) == kind
    assert found.kind == (None if kind == "shares" else kind)


def test_a_quotation_in_common_is_no_shared_text() -> None:
    quote = " ".join(BRIDGE.split()[:15])
    one, two = _shingles(VACCINE + " " + quote), _shingles(quote + " said " + " ".join(ELECTION.split()[:16]))
    assert 0 < len(one.known & two.known) < LEAST_SHARED_SHINGLES
    assert overlap(one.known, two.known) == Overlap(0.0, 0.0)


def test_a_brief_is_a_copy_only_of_the_very_same_brief() -> None:
    text = "The Halvard Bridge was closed to lorries on Tuesday after inspectors found cracks in its cables."
    brief = shingles_of(text, "Bridge closed")
    assert brief is not None
    assert brief.is_brief
    same = shingles_of(text.upper(), "Bridge closed!")
    assert same is not None
    assert compare(brief, same).kind == "verbatim"
    for other in (
        shingles_of(text, "Ferries run"),
        shingles_of(text.replace("Tuesday", "Monday"), "Bridge closed"),
        shingles_of(text + " " + BRIDGE, "Bridge closed"),
    ):
        assert other is not None
        assert compare(brief, other).kind is None


def test_a_brief_of_stock_phrases_is_no_copy() -> None:
    brief = shingles_of("Read the latest news of the river and the coast every day at Coast Daily.", "News")
    assert brief is not None
    assert compare(brief, brief).kind == "verbatim"
    assert compare(brief, brief, brief.known, brief.known).kind is None


def test_scripts_without_blanks_are_compared_by_characters() -> None:
    bridge = "哈瓦德大桥周二起禁止货车通行，检查人员在两根主缆上发现裂缝。诺兰道路局的工程师说，裂缝不超过一只手的长度，但自秋天以来一直在扩大。"
    more = "渡轮将每二十分钟开一班，直到缆索更换完毕。该局预计维修需要十一周，耗资四千万克朗。运输商说绕道对渔业是一场灾难。"
    other = "卡斯特兰选民周日选出玛拉为总统，选举委员会在清点了九成选票后宣布。这位前法官得票百分之五十四，省长在午夜前承认失败。她承诺结束矿区的紧急法令。"
    whole, part, edited = (
        _shingles(bridge + more),
        _shingles(bridge),
        _shingles("（路透社）" + bridge.replace("周二", "周三") + more),
    )
    assert overlap(whole.known, part.known).kind == "abridged"
    assert overlap(whole.known, edited.known).kind == "verbatim"
    assert overlap(whole.known, _shingles(other).known) == Overlap(0.0, 0.0)


def test_few_of_one_group_are_checked_so_that_other_groups_are_seen() -> None:
    text = _long_text(3)
    matches = [_match(number, text, text) for number in range(1, 12)]
    groups = dict.fromkeys(range(1, 11), 1)
    checked = worth_checking(sketch_of(_shingles(text)), matches, groups)
    assert [match.key for match in checked] == [1, 2, 3, 11]


def test_texts_that_may_share_passages_are_looked_at_after_the_likely_copies() -> None:
    text = _long_text(3)
    part = " ".join(text.split()[:300]) + " " + _long_text(9, 700)
    matches = [_match(number, part, text) for number in range(1, 20)]
    assert len(worth_checking(sketch_of(_shingles(text)), matches)) == MOST_SHARES_VERIFIED
