"""How many independent sources an event has, who repeats whom, and how that is drawn over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from articles.measures.independence import Telling, weigh
from articles.measures.spread import MOST_ROWS, ROW, spread_of

T = datetime(2026, 3, 11, 14, 5, tzinfo=UTC)
_numbers = count(1)


def told(
    publisher: str, minutes: float = 0, *, owner: str = "", group: int | None = None, copy: bool = False
) -> Telling:
    return Telling(
        next(_numbers),
        publisher,
        publisher.lower(),
        owner,
        "NO",
        "en",
        T + timedelta(minutes=minutes),
        group,
        copy,
    )


def chips() -> list[Telling]:
    """A notice, a wire report with six repeats, and a report of one's own: nine articles of five publishers."""
    return [
        told("CSIA"),
        told("Reuters", 17, group=1),
        *(told("MarketTape", 26 + n, group=1, copy=True) for n in range(3)),
        *(told("Strait Courier", 40 + n, group=1, copy=True) for n in range(2)),
        told("Reuters", 60, group=1, copy=True),
        told("Harbour Post", 65),
    ]


def test_nine_articles_of_five_publishers_are_three_sources() -> None:
    found = weigh(chips())
    assert (found.articles, len(found.tellers), len(found.sources)) == (9, 5, 3)
    assert found.repeat_words == "6 repeat Reuters"
    assert found.articles == sum(source.own + source.repeats for source in found.sources)
    reuters = found.sources[0]
    assert (reuters.name, reuters.own, reuters.repeats) == ("Reuters", 1, 6)
    assert reuters.repeated_by == (("MarketTape", 3), ("Strait Courier", 2), ("Reuters", 1))


def test_the_order_of_the_articles_changes_nothing() -> None:
    articles = chips()
    assert weigh(articles) == weigh(articles[::-1])


def test_publishers_of_one_owner_are_one_source() -> None:
    found = weigh([told("Post", owner="Lion"), told("Courier", 5, owner="Lion"), told("Lion", 9)])
    (source,) = found.sources
    assert (source.name, source.publishers, source.own) == ("Lion", ("Post", "Courier", "Lion"), 3)
    assert (len(found.tellers), found.repeats, found.repeat_words) == (3, 0, "")


def test_a_text_whose_origin_is_elsewhere_is_told_by_the_earliest_that_carries_it() -> None:
    found = weigh([told("B", 5, group=1, copy=True), told("A", group=1, copy=True)])
    assert ([source.name for source in found.sources], found.repeat_words) == (["A"], "1 repeats A")


def test_the_origin_speaks_for_its_text_even_when_a_copy_came_first() -> None:
    found = weigh([told("Early", group=1, copy=True), told("Wire", 5, group=1)])
    assert [source.name for source in found.sources] == ["Wire"]
    assert [(teller.name, teller.own, teller.repeats) for teller in found.tellers] == [
        ("Early", 0, 1),
        ("Wire", 1, 0),
    ]


def test_more_origins_than_a_sentence_takes_are_others() -> None:
    articles = [told(f"W{n}", n, group=n) for n in range(1, 5)]
    articles += [told("Tape", 30 + n, group=n, copy=True) for n in (1, 1, 1, 2, 2, 3, 4)]
    assert weigh(articles).repeat_words == "3 repeat W1, 2 repeat W2, 2 repeat others"


def test_publishers_stand_by_when_they_came() -> None:
    found = weigh(chips())
    assert [(teller.name, teller.behind) for teller in found.tellers][:3] == [
        ("CSIA", timedelta(0)),
        ("Reuters", timedelta(minutes=17)),
        ("MarketTape", timedelta(minutes=26)),
    ]


def test_the_drawing_runs_from_the_first_article_to_the_last() -> None:
    drawn = spread_of(weigh(chips()).tellers, 720, 120)
    dots = [dot for row in drawn.rows for dot in row.dots]
    assert (min(dot.x for dot in dots), max(dot.x for dot in dots)) == (126, 712)
    assert [row.y for row in drawn.rows] == [place * ROW + ROW // 2 for place in range(5)]
    assert [f"{at:%H:%M}" for _, at in drawn.ticks] == ["14:15", "14:30", "14:45", "15:00"]
    assert (drawn.by_day, drawn.more) == (False, 0)


def test_long_events_are_cut_by_days_and_many_publishers_are_not_all_drawn() -> None:
    tellers = weigh([told(f"P{n:02}", n * 1440) for n in range(MOST_ROWS + 3)]).tellers
    drawn = spread_of(tellers, 328, 90, narrow=True)
    assert (len(drawn.rows), drawn.more, drawn.by_day) == (MOST_ROWS, 3, True)
    assert len(drawn.ticks) <= 4


def test_one_article_and_none_are_drawn_too() -> None:
    (row,) = spread_of(weigh([told("A")]).tellers, 720, 120).rows
    assert row.dots[0].x == 126
    assert spread_of((), 720, 120).rows == ()
    assert weigh([]).sources == ()
