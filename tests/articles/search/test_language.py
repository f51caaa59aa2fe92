"""The query language of the article list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from articles.search.language import Filter, Query, day_after, read_query, since_moment

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def test_it_parts_filters_from_words() -> None:
    query = read_query(["entity:smic chip since:7d makers"])
    assert query.filters == (Filter("entity", "smic"), Filter("since", "7d"))
    assert query.words == "chip makers"


def test_it_reads_quoted_values_and_writes_them_back() -> None:
    query = read_query(['source:"Harbour Post" "working group"'])
    assert query.value("source") == "Harbour Post"
    assert query.words == '"working group"'
    assert read_query([str(query)]) == query


@pytest.mark.parametrize(
    "text", ["nonsense:1", "http://halvard.example/", "entity:", "14:30", ":", '"', 'source:"']
)
def test_it_takes_what_is_no_filter_as_words(text: str) -> None:
    query = read_query([text])
    assert query.filters == ()
    assert query.words


def test_it_keeps_one_of_a_key_that_holds_once_and_all_of_others() -> None:
    query = read_query(["lang:en lang:de entity:a entity:b entity:a"])
    assert query.values("lang") == ("de",)
    assert query.values("entity") == ("a", "b")


def test_it_drops_and_adds_filters() -> None:
    query = read_query(["entity:a entity:b chip"])
    assert str(query.without(Filter("entity", "a"))) == "entity:b chip"
    assert str(query.without_words().having("lang", "en")) == "entity:a entity:b lang:en"
    assert not Query()


def test_it_leaves_out_what_no_database_takes() -> None:
    assert read_query(["a\x00b \ud800c"]).words == "a b c"
    assert len(read_query(["x" * 1000]).words) == 400


def test_it_reads_spans_and_days_in_the_readers_zone() -> None:
    hong_kong = ZoneInfo("Asia/Hong_Kong")
    assert since_moment("24h", NOW, UTC) == NOW - timedelta(hours=24)
    assert since_moment("2026-03-11", NOW, hong_kong) == datetime(2026, 3, 10, 16, tzinfo=UTC)
    assert day_after("2026-03-11", hong_kong) == datetime(2026, 3, 11, 16, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "7", "2026-02-30", "9999-01-01", "-1d"])
def test_it_says_that_a_time_is_none(text: str) -> None:
    assert since_moment(text, NOW, UTC) is None
