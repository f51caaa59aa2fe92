"""Positions: which contradict each other, and where they lie on a line of time."""

from __future__ import annotations

from datetime import date

import pytest

from articles.measures.posts import Post, contradictions, lines_of, post_name, year_of


def post(key: str, person: str, title: str, **more: object) -> Post:
    return Post(key, person, "acme", title, **more)  # type: ignore[arg-type]  # dates and whether it is over


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (post("a", "p", "CEO"), post("b", "q", "chief executive officer"), True),
        (post("a", "p", "chairman"), post("b", "q", "Chairwoman of the board"), True),
        (post("a", "p", "co-chief executive"), post("b", "q", "co-chief executive"), False),
        (post("a", "p", "vice president"), post("b", "q", "vice president"), False),
        (post("a", "p", "director"), post("b", "q", "director"), False),
        (post("a", "p", "CEO"), post("b", "q", "CFO"), False),
        (post("a", "p", "CEO", until="2020"), post("b", "q", "CEO", since="2020"), False),
        (post("a", "p", "CEO", since="2010", until="2020"), post("b", "q", "CEO", since="2015"), True),
        (post("a", "p", "CEO", since="2010", until="2020-06"), post("b", "q", "CEO", since="2020-01"), False),
        (post("a", "p", "CEO", former=True), post("b", "q", "CEO"), False),
        (post("a", "p", "CEO", former=True), post("b", "p", "chief executive"), True),
        (post("a", "p", "CEO", until="2018"), post("b", "p", "CEO", since="2021"), False),
        (post("a", "p", "CEO"), post("b", "p", "CEO"), False),
    ],
)
def test_it_tells_what_cannot_be_true_together(one: Post, other: Post, found: bool) -> None:
    expected = {"a": ("b",), "b": ("a",)} if found else {}
    assert contradictions([one, other]) == expected


def test_posts_at_two_organisations_never_contradict() -> None:
    assert contradictions([post("a", "p", "CEO"), Post("b", "q", "other", "CEO")]) == {}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("CEO", "chief executive"),
        ("Chief Executive Officer", "chief executive"),
        ("Premier", "prime minister"),
    ],
)
def test_titles_are_compared_in_one_form(title: str, name: str) -> None:
    assert post_name(title) == name


@pytest.mark.parametrize(
    ("written", "year"),
    [("2021", 2021.0), ("2021-07", 2021.5), ("", 0.0), ("soon", 0.0), ("2021-01-01", 2021.0)],
)
def test_dates_are_as_exact_as_they_are(written: str, year: float) -> None:
    assert year_of(written) == pytest.approx(year)


def test_lines_go_from_the_first_year_to_today() -> None:
    first, lines = lines_of(
        [
            post("held", "p", "CEO", since="2016"),
            post("over", "q", "CEO", since="2011", until="2016"),
            post("undated", "r", "CFO"),
            post("end", "s", "CFO", until="2013"),
        ],
        date(2021, 1, 1),
    )
    assert first == 2011
    assert (lines["held"].start, lines["held"].end, lines["held"].ended) == (0.5, 1.0, False)
    assert (lines["over"].start, lines["over"].end, lines["over"].ended) == (0.0, 0.5, True)
    assert lines["end"].open
    assert "undated" not in lines


def test_a_post_without_dates_is_a_point_where_its_source_said_so() -> None:
    first, lines = lines_of(
        [
            post("said", "p", "CFO", known="2016-01"),
            post("over", "q", "CEO", former=True, known="2011"),
            post("odd", "r", "COO", known="lately"),
        ],
        date(2021, 1, 1),
    )
    assert first == 2011
    assert (lines["said"].start, lines["said"].end, lines["said"].point) == (0.5, 0.5, True)
    assert (lines["over"].start, lines["over"].ended) == (0.0, True)
    assert "odd" not in lines
