"""The provenance box of an article's page, and numbers of articles that became part of others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.ingest.canonical import url_sha256
from articles.models import Article, ArticleAddress, Feed, Sighting
from articles.queries.article_origin import origin_of
from newsdesk.accounts.models import User
from tests.factories import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    """Somebody who may read."""
    client.force_login(User.objects.create_user("ann", password="long enough 1", role="analyst"))
    return client


def _sees(article: Article, feeds: int) -> None:
    for n in range(feeds):
        url = f"https://tessin-times.example/{article.pk}-{n}.xml"
        feed = Feed.objects.create(
            publisher=article.publisher,
            url=url,
            url_sha256=url_sha256(url),
            title=f"Feed {n}",
            next_fetch_at=timezone.now(),
        )
        at = timezone.now() - timedelta(hours=feeds - n)
        key = url_sha256(f"https://guid.example/{article.pk}/{n}")
        Sighting.objects.create(
            feed=feed,
            article=article,
            guid=str(n),
            guid_sha256=key,
            entry_sha256=key,
            first_seen_at=at,
            changed_at=at,
        )


def _addresses(article: Article, count: int) -> None:
    for n in range(count):
        url = f"https://tessin-times.example/{article.pk}/{n}"
        ArticleAddress.objects.create(article=article, url=url, url_sha256=url_sha256(url), kind="amp")


def _text(reader: Client, article: Article) -> str:
    answer = reader.get(f"/articles/{article.pk}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_box_says_who_gives_the_date_and_how_precisely(reader: Client) -> None:
    article = make_article(
        published_at=datetime(2026, 3, 11, tzinfo=UTC), published_day_only=True, published_raw="11 March 2026"
    )
    Article.objects.filter(pk=article.pk).update(published_from="meta")
    shown = _text(reader, article)
    assert "Wed 11 March 2026</time> (only the day is known), says the page’s own data" in shown
    assert "“11 March 2026”" in shown
    assert "00:00" not in shown.partition("<dt>Published</dt>")[2].partition("</dd>")[0]


def test_a_day_is_the_same_day_for_every_reader(reader: Client) -> None:
    article = make_article(published_at=datetime(2026, 3, 11, tzinfo=UTC), published_day_only=True)
    User.objects.update(timezone="America/Los_Angeles")
    assert 'datetime="2026-03-11">Wed 11 March 2026' in _text(reader, article)


@pytest.mark.parametrize(
    ("flag", "raw", "words"),
    [
        ("ahead", "Fri, 01 Jan 2099 00:00:00 GMT", "too far in the future to be taken"),
        ("ancient", "1970-01-01", "before 1990, so it was not taken"),
        ("unreadable", "31st of Febtober", "which is no date that can be read"),
    ],
)
def test_a_date_that_was_refused_is_told_as_it_was_written(
    reader: Client, flag: str, raw: str, words: str
) -> None:
    article = make_article(published_flag=flag, published_raw=raw)
    Article.objects.filter(pk=article.pk).update(published_from="fetched")
    shown = _text(reader, article)
    assert f"The source says “{raw}”, {words}." in shown
    assert "when it was first seen here: nobody gives a date that could be" in shown


def test_it_tells_update_section_keywords_image_and_the_kind_of_page(reader: Client) -> None:
    now = timezone.now()
    article = make_article(
        updated_at=now,
        updated_from="jsonld",
        section="Ports & Sea",
        keywords=["harbour", "ferries"],
        image_url="https://img.tessin-times.example/a.jpg?w=1200",
        page_kind="paywall",
        gone_at=now,
        canonical_url="https://tessin-times.example/2026/harbour",
    )
    shown = _text(reader, article)
    assert "<dt>Updated</dt>" in shown
    assert "says the page’s own data (JSON-LD)" in shown
    assert "<dt>Section</dt><dd>Ports &amp; Sea</dd>" in shown
    assert "<dt>Keywords</dt><dd>harbour, ferries</dd>" in shown
    assert ">img.tessin-times.example</a>, never loaded here" in shown
    assert "<img" not in shown.partition("Provenance")[2].partition("</section>")[0]
    assert "The beginning of a paid article, deleted; found gone on" in shown
    assert ">https://tessin-times.example/2026/harbour</a>" in shown


def test_it_lists_the_feeds_and_the_other_addresses(reader: Client) -> None:
    article = make_article()
    _sees(article, 2)
    url = "https://tessin-times.example/?p=77"
    ArticleAddress.objects.create(
        article=article, url=url, url_sha256=url_sha256(url), kind="merged", merged_id=4711
    )
    shown = _text(reader, article)
    assert "<dt>Feed</dt><dd>Feed 0, first" in shown
    assert "<dt>Also in</dt><dd>Feed 1, first" in shown
    assert f"{url}</a>, was article 4711" in shown


def test_an_address_that_is_no_web_address_is_never_a_link(reader: Client) -> None:
    article = make_article()
    url = "javascript:alert(1)"
    ArticleAddress.objects.create(article=article, url=url, url_sha256=url_sha256(url), kind="amp")
    shown = _text(reader, article)
    assert "javascript:alert(1), AMP form" in shown
    assert 'href="javascript:' not in shown


def test_the_number_of_an_article_that_became_part_of_another_leads_there(reader: Client) -> None:
    article = make_article()
    url = "https://tessin-times.example/?p=77"
    ArticleAddress.objects.create(
        article=article, url=url, url_sha256=url_sha256(url), kind="merged", merged_id=article.pk + 1000
    )
    answer = reader.get(f"/articles/{article.pk + 1000}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/articles/{article.pk}/")
    assert reader.get(f"/articles/{article.pk + 1001}/").status_code == 404


def test_more_feeds_and_addresses_ask_no_more_of_the_database(
    django_assert_num_queries: Callable[[int], AbstractContextManager[CaptureQueriesContext]],
) -> None:
    few, many = make_article("Few"), make_article("Many")
    for article, count in ((few, 1), (many, 30)):
        _sees(article, count)
        _addresses(article, count)
    for article in (few, many):
        with django_assert_num_queries(2):
            origin = origin_of(article)
    assert (len(origin.seen_in), len(origin.addresses)) == (30, 30)
