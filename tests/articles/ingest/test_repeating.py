"""What a publisher repeats at the edges is told from what its stories have in common."""

from __future__ import annotations

from articles.ingest.clean import LEARNT, line_key
from articles.ingest.repeating import REPEATS, SeenPage, seen_lines

TOPICS = (
    *(
        "Ferries return",
        "Crane strike ends",
        "Cod prices fall",
        "Museum robbed",
        "Elections called",
        "Lighthouse sold",
    ),
    *(
        "Orchestra tours",
        "Bridge inspected",
        "Glacier shrinks",
        "Vaccine approved",
        "Chess final drawn",
        "Bakery burns",
    ),
)
CALL = "The Harbour Post, since 1881"
BACKGROUND = "The harbour board and the crane drivers have been at odds over night shifts since the spring of last year."


def _pages(count: int, *lines: str, every: int = 1, title: str = "") -> list[SeenPage]:
    """Pages about different things, of which each `every`th ends in `lines`."""
    return [
        SeenPage(
            title or TOPICS[number],
            "\n\n".join([f"Text {number} of its own.", *(lines if number % every == 0 else ())]),
        )
        for number in range(count)
    ]


def _enough(pages: list[SeenPage], line: str) -> bool:
    found = seen_lines(pages).get(line_key(line))
    return found is not None and found.is_enough


def test_a_line_of_three_stories_is_the_publishers() -> None:
    assert REPEATS == 3
    assert not _enough(_pages(2, CALL), CALL)
    assert _enough(_pages(3, CALL), CALL)
    assert _enough(_pages(12, CALL, every=4), CALL)


def test_counts_say_in_how_many_articles_it_stands_and_off_how_many_it_was_taken() -> None:
    pages = [*_pages(2), *(SeenPage(title, "Clean text.", [(LEARNT, CALL)]) for title in TOPICS[5:8])]
    pages += [SeenPage("Opera opens", f"Text.\n\n{CALL.upper()}")]
    seen = seen_lines(pages)[line_key(CALL)]
    assert (seen.articles, seen.stories, seen.removed, seen.newest, seen.line) == (4, 4, 3, 2, CALL)


def test_residue_stays_learnt_when_all_stored_texts_are_clean() -> None:
    assert _enough([SeenPage(title, "Clean text.", [(LEARNT, CALL)]) for title in TOPICS], CALL)


def test_what_a_fixed_rule_took_is_not_learnt_besides() -> None:
    pages = [SeenPage(title, "Clean text.", [("share", "Share this")]) for title in TOPICS]
    assert line_key("Share this") not in seen_lines(pages)


def test_a_line_that_an_admin_has_left_in_by_its_rule_is_not_learnt_instead() -> None:
    pages = _pages(6, "Follow us on Facebook")
    assert _enough(pages, "Follow us on Facebook")
    assert line_key("Follow us on Facebook") not in seen_lines(pages, rules_off=["follow"])
    assert line_key(CALL) in seen_lines(_pages(6, CALL), rules_off=["follow"])


def test_the_background_of_a_running_story_is_no_residue() -> None:
    # The same event, the same headline, or a part of what a paper with other things to tell writes.
    one_event = [SeenPage(title, f"Text.\n\n{BACKGROUND}", event_id=7) for title in TOPICS[:8]]
    one_headline = [
        SeenPage(f"Crane strike in Halvard, day {number}", f"Text {number}.\n\n{BACKGROUND}")
        for number in range(8)
    ]
    for pages in (one_event, one_headline, _pages(12, BACKGROUND, every=3)):
        assert not _enough(pages, BACKGROUND)
    assert not _enough([*one_event, *_pages(12)], BACKGROUND)
    assert not _enough(_pages(4, BACKGROUND), BACKGROUND), "four stories are too few to judge a sentence by"


def test_a_short_line_of_a_running_story_is_no_residue_either() -> None:
    pages = [SeenPage(title, "Text.\n\nWhat we know so far", event_id=7) for title in TOPICS[:8]]
    assert not _enough(pages, "What we know so far")


def test_a_sentence_below_nearly_every_story_is_the_publishers() -> None:
    about = "The Harbour Post is an independent newspaper that has been read on both shores of the bay since 1881."
    assert _enough(_pages(12, about), about)


def test_a_habit_of_the_writers_is_no_residue() -> None:
    assert not _enough([*_pages(3, "Nobody was hurt."), *_pages(12)[3:], *_extra(18)], "Nobody was hurt.")
    assert _enough(_pages(12, "Nobody was hurt."), "Nobody was hurt.")


def _extra(count: int) -> list[SeenPage]:
    return [
        SeenPage(f"Qwert{chr(97 + n) * 4} zuiop{chr(97 + n) * 5}", f"Other text {n}.") for n in range(count)
    ]


def test_stories_in_a_script_without_blanks_are_told_apart() -> None:
    titles = ("渡轮恢复运行", "起重机罢工结束", "鳕鱼价格下跌", "博物馆被盗", "灯塔出售")
    line = "港口晚报 一八八一年创刊"
    assert _enough([SeenPage(title, f"正文。\n\n{line}") for title in titles], line)
    same = [SeenPage(f"起重机罢工第{day}天", f"正文。\n\n{line}") for day in "一二三四五"]
    assert not _enough(same, line)


def test_long_lines_and_empty_ones_are_passed_over() -> None:
    assert seen_lines(_pages(4, "x " * 200, "***")).keys() == {f"text {n} of its own" for n in range(4)}
