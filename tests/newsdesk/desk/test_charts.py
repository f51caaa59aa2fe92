"""Small charts: what they draw adds up and stays inside its room."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from articles.queries.times import Bar, fill, read_range
from newsdesk.templatetags.charts import bars, day_words, percent, share, signed, spark


@pytest.mark.parametrize("count", [1, 14, 24, 30, 52, 60])
def test_a_sparkline_has_a_bar_a_value_within_its_room(count: int) -> None:
    svg = spark(list(range(count)), "", 20, 76)
    assert svg.count("<rect") == count
    assert int(re.findall(r'width="(\d+)" height="20" viewBox', svg)[0]) <= 76
    edges = [int(x) + int(w) for x, w in re.findall(r'x="(\d+)" y="\d+" width="(\d+)"', svg)]
    assert max(edges) <= 76
    assert svg.count('class="last"') == 1


def test_a_label_is_escaped() -> None:
    assert "<b>" not in spark([1], '"><b>')


def test_nothing_is_a_base_line_and_the_most_is_full_height() -> None:
    svg = spark([0, 5, 10])
    assert 'class="base"' in svg
    assert 'y="0" width="3" height="24"' in svg


def test_each_bar_that_is_not_empty_is_a_link() -> None:
    drawn = bars([Bar(0, "/a", "Monday", "1"), Bar(3, "/b?x=1&y=2", "Tuesday", "2")])
    assert re.findall(r'<a href="([^"]*)" aria-label="([^"]*)"', drawn) == [("/b?x=1&amp;y=2", "Tuesday: 3")]


@pytest.mark.parametrize(("code", "pieces"), [("24h", 24), ("7d", 14), ("30d", 30), ("1y", 52), ("<x>", 24)])
def test_the_pieces_of_a_range_fill_it(code: str, pieces: int) -> None:
    span = read_range(code, datetime(2026, 3, 11, 12, tzinfo=UTC))
    assert span.pieces == pieces
    assert abs(span.since + timedelta(seconds=span.seconds * pieces) - span.until) < timedelta(seconds=1)


def test_counts_beyond_the_ends_go_to_the_end_pieces() -> None:
    assert fill(3, [(-1, 1), (0, 2), (3, 4)]) == (3, 0, 4)


def test_figures_are_written_as_the_desk_writes_them() -> None:
    assert (percent(0.666), signed(-0.2), signed(0.42)) == ("67\u00a0%", "−0.20", "+0.42")
    assert 'width="1" height="7"' in share(0.0)


def test_days_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    today = date(2026, 3, 1)
    monkeypatch.setattr(timezone, "localdate", lambda: today)
    assert (day_words(today), day_words(today - timedelta(days=1))) == ("Today", "Yesterday")
    assert day_words(date(2026, 2, 27)) == "Friday 27 February"
    assert day_words(date(2025, 12, 31)) == "Wednesday 31 December 2025"
