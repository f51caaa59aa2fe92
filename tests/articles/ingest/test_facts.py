"""What of a page's facts is taken over: who wins, what is refused and told, what a later look changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from articles.ingest.facts import take_facts
from articles.models import Article
from articles.types import ExtractedPage

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
AT = datetime(2026, 3, 11, 8, 30, tzinfo=UTC)
DAY = datetime(2026, 3, 11, tzinfo=UTC)


def _article(**columns: Any) -> Article:
    return Article(
        **{"published_at": AT, "published_from": "feed", "published_raw": "raw", "authors": [], **columns}
    )


def _page(**said: Any) -> ExtractedPage:
    return ExtractedPage(**{"title": "", "text": "", "html": "", **said})


def _dated(
    moment: datetime | None = AT, source: str = "jsonld", precision: str = "time", raw: str = "page raw"
) -> ExtractedPage:
    return _page(published=moment, published_from=source, published_precision=precision, published_raw=raw)


def _date_of(article: Article) -> tuple[object, ...]:
    return (
        article.published_at,
        article.published_from,
        article.published_raw,
        article.published_day_only,
        article.published_flag,
    )


def test_a_time_that_the_feed_gives_stands() -> None:
    article = _article()
    assert take_facts(article, _dated(AT + timedelta(hours=1)), now=NOW) == []
    assert _date_of(article) == (AT, "feed", "raw", False, "")


def test_a_page_tells_the_time_of_a_day_that_the_feed_gives() -> None:
    article = _article(published_at=DAY, published_day_only=True)
    assert sorted(take_facts(article, _dated(), now=NOW)) == [
        "published_at", "published_day_only", "published_from", "published_raw",
    ]  # fmt: skip
    assert _date_of(article) == (AT, "jsonld", "page raw", False, "")


@pytest.mark.parametrize(
    "page",
    [
        _dated(DAY, precision="day"),
        _dated(DAY + timedelta(days=3)),
        _dated(DAY - timedelta(days=400)),
        _dated(None, raw=""),
    ],
)
def test_a_day_that_the_feed_gives_stands_against_another_day(page: ExtractedPage) -> None:
    article = _article(published_at=DAY, published_day_only=True)
    assert take_facts(article, page, now=NOW) == []
    assert article.published_from == "feed"


def test_a_page_gives_the_date_where_the_feed_was_silent() -> None:
    article = _article(published_at=NOW, published_from="fetched", published_raw="")
    take_facts(article, _dated(DAY, "htmldate", "day", ""), now=NOW)
    assert _date_of(article) == (DAY, "htmldate", "", True, "")


@pytest.mark.parametrize("flag", ["ahead", "ancient", "unreadable"])
def test_what_the_feed_wrote_stays_on_record_when_the_page_knows_better(flag: str) -> None:
    article = _article(
        published_at=NOW, published_from="fetched", published_flag=flag, published_raw="1 Jan 2099"
    )
    take_facts(article, _dated(), now=NOW)
    assert _date_of(article) == (AT, "jsonld", "1 Jan 2099", False, flag)


@pytest.mark.parametrize(
    ("moment", "flag"),
    [(NOW + timedelta(days=2), "ahead"), (datetime(1970, 1, 1, tzinfo=UTC), "ancient"), (None, "unreadable")],
)
def test_a_pages_impossible_date_is_flagged_with_its_string_and_not_taken(
    moment: datetime | None, flag: str
) -> None:
    article = _article(published_at=NOW, published_from="fetched", published_raw="")
    take_facts(article, _dated(moment, raw="what it says"), now=NOW)
    assert _date_of(article) == (NOW, "fetched", "what it says", False, flag)
    known = _article()
    assert take_facts(known, _dated(moment, raw="what it says"), now=NOW) == []


def test_an_hour_ahead_is_a_clock_that_is_wrong_and_no_more() -> None:
    article = _article(published_from="fetched", published_at=NOW)
    take_facts(article, _dated(NOW + timedelta(hours=1)), now=NOW)
    assert (article.published_from, article.published_flag) == ("jsonld", "")


def test_an_admins_rule_wins_over_the_feed() -> None:
    article = _article(authors=["Ana Reyes"])
    rule = _page(
        published=AT - timedelta(days=9), published_from="rule", published_raw="2 March", authors=("Li Wei",), by_rule=("date", "author"),
    )  # fmt: skip
    take_facts(article, rule, now=NOW)
    assert (article.published_at, article.published_from, article.authors) == (
        AT - timedelta(days=9),
        "rule",
        ["Li Wei"],
    )


def test_looks_that_find_another_date_do_not_move_the_article() -> None:
    article = _article(published_from="jsonld")
    assert take_facts(article, _dated(AT + timedelta(days=1), raw="raw"), now=NOW) == []


def test_the_latest_word_on_a_change_counts() -> None:
    article = _article(updated_at=AT + timedelta(hours=1), updated_from="feed")
    earlier = _page(updated=AT + timedelta(minutes=30), updated_from="meta")
    assert take_facts(article, earlier, now=NOW) == []
    later = _page(updated=AT + timedelta(hours=2), updated_from="jsonld")
    assert sorted(take_facts(article, later, now=NOW)) == ["updated_at", "updated_from"]
    assert (article.updated_at, article.updated_from) == (AT + timedelta(hours=2), "jsonld")


@pytest.mark.parametrize(
    "updated", [AT, AT + timedelta(seconds=30), AT - timedelta(days=1), NOW + timedelta(days=2)]
)
def test_an_update_that_is_none_or_cannot_be_is_left_out(updated: datetime) -> None:
    article = _article()
    assert take_facts(article, _page(updated=updated, updated_from="jsonld"), now=NOW) == []


def test_the_feeds_people_stand_and_the_pages_fill_in() -> None:
    signed, unsigned = _article(authors=["Ana Reyes"]), _article()
    for article in (signed, unsigned):
        take_facts(article, _page(authors=("Tom Berg",)), now=NOW)
    assert (signed.authors, unsigned.authors) == (["Ana Reyes"], ["Tom Berg"])


def test_labels_are_the_pages_newest_and_silence_takes_nothing_away() -> None:
    article = _article()
    said = {
        "section": "Ports", "keywords": ("harbour", "ferry"), "image_url": "https://a.example/i.jpg",
        "canonical_url": "https://a.example/77",
    }  # fmt: skip
    assert sorted(take_facts(article, _page(**said), now=NOW)) == [
        "canonical_url",
        "image_url",
        "keywords",
        "section",
    ]
    assert take_facts(article, _page(), now=NOW) == []
    assert (article.section, article.keywords) == ("Ports", ["harbour", "ferry"])


def test_no_value_is_longer_than_its_column() -> None:
    article = _article(published_from="fetched", published_at=NOW)
    page = _page(
        section="s" * 5000,
        keywords=("k" * 5000,) * 10_000,
        published=AT,
        published_from="jsonld",
        published_raw="r" * 5000,
    )
    take_facts(article, page, now=NOW)
    assert (
        len(article.section),
        len(article.keywords),
        len(article.keywords[0]),
        len(article.published_raw),
    ) == (100, 20, 100, 200)


@pytest.mark.parametrize(("raw", "flag"), [("2199-01-01T00:00:00Z", "ahead"), ("1970-01-01", "ancient")])
def test_of_a_date_that_was_passed_over_the_reason_is_told(raw: str, flag: str) -> None:
    article = _article(published_at=NOW, published_from="fetched", published_raw="")
    take_facts(article, _dated(None, raw=raw), now=NOW)
    assert _date_of(article) == (NOW, "fetched", raw, False, flag)
