"""What a feed says besides its texts: dates that can be and cannot, people and agencies, headlines, other addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.ingest.bylines import signed_by
from articles.ingest.canonical import url_sha256
from articles.ingest.claim import claim_feeds
from articles.ingest.entries import without_house
from articles.ingest.store import Stored, store_answer
from articles.models import Article, ArticleAddress, Feed, Sighting
from articles.types import ParsedEntry
from tests.articles.ingest.rows import NOW, RULES, answer, entry, make_feed, parsed, visit

pytestmark = pytest.mark.django_db
ADDRESS = "https://harbour-ledger.example/story/1"


def _poll(*entries: ParsedEntry) -> Stored:
    Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
    token, (feed,) = claim_feeds(1, 90)
    return store_answer(visit(feed, token), answer(), parsed(*entries), RULES)


def _stored(**said: object) -> Article:
    make_feed()
    _poll(replace(entry(1), **said))  # type: ignore[arg-type]
    return Article.objects.get()


@pytest.mark.parametrize(
    ("moment", "raw", "flag"),
    [
        (NOW + timedelta(days=2), "Fri, 06 Mar 2026 12:00:00 GMT", "ahead"),
        (datetime(1970, 1, 1, tzinfo=UTC), "Thu, 01 Jan 1970 00:00:00 GMT", "ancient"),
        (None, "31 Febtober, late in the evening", "unreadable"),
    ],
)
def test_a_date_that_cannot_be_is_flagged_and_kept_as_it_was_written(
    moment: datetime | None, raw: str, flag: str
) -> None:
    article = _stored(published=moment, published_raw=raw)
    assert (article.published_at, article.published_from) == (NOW, "fetched")
    assert (article.published_flag, article.published_raw) == (flag, raw)


def test_a_feed_without_dates_is_silent_and_not_wrong() -> None:
    article = _stored(published=None, published_raw="")
    assert (article.published_from, article.published_flag) == ("fetched", "")


def test_an_update_stands_in_for_a_publication_that_cannot_be() -> None:
    article = _stored(
        published=datetime(1970, 1, 1, tzinfo=UTC), published_raw="1970", updated=NOW - timedelta(hours=3)
    )
    assert (article.published_at, article.published_from) == (NOW - timedelta(hours=3), "feed")
    assert (article.published_flag, article.published_raw, article.updated_at) == ("ancient", "1970", None)


@pytest.mark.parametrize(
    ("raw", "is_day"),
    [
        ("2026-03-04", True),
        ("4 March 2026", True),
        ("Wed, 04 Mar 2026", True),
        ("20260304", True),
        ("Wed, 04 Mar 2026 00:00:00 GMT", False),
        ("2026-03-04T00:00:00Z", False),
        ("20260304T000000", False),
    ],
)
def test_a_day_alone_is_known_as_one(raw: str, is_day: bool) -> None:
    article = _stored(published=datetime(2026, 3, 4, tzinfo=UTC), published_raw=raw)
    assert article.published_day_only is is_day


def test_a_time_of_change_is_kept_when_it_tells_of_one() -> None:
    published = NOW - timedelta(hours=5)
    article = _stored(published=published, updated=published + timedelta(hours=1))
    assert (article.updated_at, article.updated_from) == (published + timedelta(hours=1), "feed")
    for updated in (published, published + timedelta(seconds=59), NOW + timedelta(days=3)):
        Article.objects.all().delete()
        Feed.objects.all().delete()
        article = _stored(published=published, updated=updated)
        assert (article.updated_at, article.updated_from) == (None, "")


def test_a_changed_entry_brings_its_time_of_change() -> None:
    make_feed()
    first = replace(entry(1), published=NOW - timedelta(hours=5))
    _poll(first)
    changed = replace(
        first,
        content_html=f"<p>{'The quay was closed again by a storm. ' * 20}</p>",
        updated=NOW - timedelta(hours=1),
    )
    _poll(changed)
    article = Article.objects.get()
    assert (article.updated_at, article.updated_from) == (NOW - timedelta(hours=1), "feed")


def test_bylines_are_people_and_the_agency_is_credited() -> None:
    article = _stored(
        authors=("By Ana Reyes and Tom Berg, Reuters", "Harbour Ledger", "Staff", "ledgeradmin")
    )
    assert article.authors == ["Ana Reyes", "Tom Berg"]
    assert article.source_name == "Reuters"


@pytest.mark.parametrize(
    ("raw", "people", "agency"),
    [
        ("AFP", (), "AFP"),
        ("Ana Reyes | dpa", ("Ana Reyes",), "dpa"),
        ("ann@ledger.example (Ana Reyes)", (), ""),
        ("Von Ana Reyes und Jürgen Groß", ("Ana Reyes", "Jürgen Groß"), ""),
        ("Редакция", (), ""),
        ("x" * 100_000, (), ""),
        ("a, " * 50_000, (), ""),
    ],
)
def test_people_and_agencies_are_told_apart(raw: str, people: tuple[str, ...], agency: str) -> None:
    signed = signed_by((raw,), "Harbour Ledger")
    if raw[0] != "x":
        assert signed.people == people
    assert signed.agency == agency


@pytest.mark.parametrize(
    ("title", "names", "left"),
    [
        ("Quay of Halvard opens - Harbour Ledger", ("", "Harbour Ledger"), "Quay of Halvard opens"),
        ("Quay of Halvard opens | HARBOUR LEDGER", ("Harbour Ledger",), "Quay of Halvard opens"),
        ("Quay of Halvard opens — Harbour Ledger", ("Harbour Ledger | World",), "Quay of Halvard opens"),
        ("港口在星期二重新开放｜海港报消息", ("海港报消息",), "港口在星期二重新开放"),
        # The name is part of the headline, or all of it.
        ("A day at the Harbour Ledger", ("Harbour Ledger",), "A day at the Harbour Ledger"),
        ("News - Harbour Ledger", ("Harbour Ledger",), "News - Harbour Ledger"),
        ("Quay opens: storm", ("storm",), "Quay opens: storm"),
        ("Quay opens - we", ("we",), "Quay opens - we"),
        ("", ("", ""), ""),
    ],
)
def test_a_headline_loses_the_name_of_its_paper(title: str, names: tuple[str, ...], left: str) -> None:
    assert without_house(title, *names) == left


def test_an_entry_at_another_address_of_a_known_article_is_that_article() -> None:
    make_feed()
    _poll(entry(1))
    article = Article.objects.get()
    other = "https://harbour-ledger.example/?p=77"
    ArticleAddress.objects.create(article=article, url=other, url_sha256=url_sha256(other), kind="canonical")
    Feed.objects.update(next_fetch_at=timezone.now() + timedelta(days=1))
    make_feed(url="https://harbour-ledger.example/second.xml")
    token, (feed,) = claim_feeds(1, 90)
    stored = store_answer(visit(feed, token), answer(), parsed(replace(entry(9), url=other)), RULES)
    assert stored.new == ()
    assert Article.objects.count() == 1
    assert Sighting.objects.filter(article=article).count() == 2


def test_amp_and_mobile_links_of_two_feeds_are_one_article_from_the_start() -> None:
    make_feed()
    _poll(replace(entry(1), url=f"{ADDRESS}/amp/?utm_source=rss"), replace(entry(1), guid="b", url=ADDRESS))
    assert Article.objects.count() == 1
    article = Article.objects.get()
    assert bytes(article.url_sha256) == url_sha256(ADDRESS)
