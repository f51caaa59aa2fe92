"""What the article list says of a search: estimates, limits of a language, and that it took too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from articles.errors import SearchTooSlowError
from articles.queries.articles import articles_page
from articles.search import find
from articles.search.facets import count_facets
from articles.search.find import ask, estimate_matches, newest_sql, understand
from articles.search.language import read_query
from newsdesk.accounts.models import User
from tests.factories import make_article

NOW = timezone.now()


@contextmanager
def nobody_reads() -> Iterator[None]:
    """The search table locked by somebody else: searches wait for as long as they may."""
    holds, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE articles_searchrow IN ACCESS EXCLUSIVE MODE")
            holds.set()
            may_go.wait(240)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert holds.wait(240)
        with override_settings(SEARCH_SECONDS=0.2):
            yield
    finally:
        may_go.set()
        other.join(240)


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_says_what_to_do(analyst: User) -> None:
    make_article()
    client = Client()
    client.force_login(analyst)
    with nobody_reads():
        page = client.get("/articles/?q=harbour")
        part = client.get("/articles/?q=harbour", headers={"HX-Request": "true", "HX-Target": "results"})
        file = client.get("/articles/export.csv?q=harbour")
    for answer in (page, part):
        assert answer.status_code == 200
        assert "This search takes too long: add a word, a source or a time range." in answer.content.decode()
        assert "Nothing matches" not in answer.content.decode()
    assert file.status_code == 503
    assert file.content.decode().startswith("This search takes too long")
    assert "1 match" in client.get("/articles/?q=harbour").content.decode()


@pytest.mark.django_db(transaction=True)
@override_settings(SEARCH_SECONDS=61)
def test_the_limit_of_a_search_holds_for_the_search_alone() -> None:
    sql, values = newest_sql(understand(read_query(["harbour"]), NOW, UTC), limit=5)
    with nobody_reads(), pytest.raises(SearchTooSlowError):
        ask(sql, values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
        assert ask(sql, values) == []
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before != ("61s",)


@pytest.mark.django_db
def test_many_matches_are_estimated_and_the_page_says_so(
    analyst: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        make_article(
            f"Story {number}", "ferry" if number % 2 else "harbour", published_at=NOW - timedelta(days=number)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_searchrow")
    monkeypatch.setattr(find, "COUNTED", 4)
    monkeypatch.setattr("articles.search.facets.COUNTED", 4)
    facets = count_facets(understand(read_query(["harbour"]), NOW, UTC), UTC)
    assert (facets.total, facets.more) == (4, True)
    assert facets.about >= 4
    client.force_login(analyst)
    page = client.get("/articles/?q=harbour").content.decode()
    assert f"About {facets.about} match (an estimate)" in page
    assert f"of about {facets.about} shown" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "said"),
    [("q=harbour", ""), ("q=芯片", "pairs of characters"), ("f=lang:pl", "as they are written")],
)
def test_the_list_says_where_searching_is_limited(
    analyst: User, client: Client, query: str, said: str
) -> None:
    make_article("芯片 harbour")
    make_article("Polski", language="pl")
    client.force_login(analyst)
    page = client.get(f"/articles/?{query}").content.decode()
    assert ("Search is limited for this language" in page) is bool(said)
    assert said in page


@pytest.mark.django_db
def test_rare_and_common_words_page_by_cursor_through_all_windows_and_ask_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(9):
        make_article(f"Story {number}", published_at=NOW - timedelta(days=60 * number))
    for query in ("harbour", "", '"harbour of halvard"', "-absent"):
        seen: list[str] = []
        after = ""
        while True:
            monkeypatch.setattr("articles.queries.articles.PAGE", 2)
            with CaptureQueriesContext(connection) as caught:
                page = articles_page(read_query([query]), after, NOW, UTC)
            assert len(caught) <= 3
            seen += [row.title for day in page.days for row in day.rows]
            after = page.after
            if not after:
                break
        assert seen == [f"Story {number}" for number in range(9)], query


@pytest.mark.django_db
def test_times_cut_the_windows_to_the_moment() -> None:
    for hours in (1, 30, 24 * 20, 24 * 500):
        make_article(f"{hours} h", published_at=NOW - timedelta(hours=hours))
    for query, expected in (
        ("harbour since:24h", ["1 h"]),
        ("harbour since:2d", ["1 h", "30 h"]),
        (f"harbour until:{NOW - timedelta(days=10):%Y-%m-%d}", ["480 h", "12000 h"]),
        (f"harbour since:30d until:{NOW - timedelta(days=10):%Y-%m-%d}", ["480 h"]),
        (f"harbour until:{NOW - timedelta(days=450):%Y-%m-%d}", ["12000 h"]),
        (f"harbour since:1d until:{NOW - timedelta(days=450):%Y-%m-%d}", []),
    ):
        sql, values = newest_sql(understand(read_query([query]), NOW, UTC), limit=9)
        assert [row[3] for row in ask(sql, values)] == expected, query


@pytest.mark.django_db
def test_common_words_are_met_on_the_way_and_rare_ones_looked_up() -> None:
    """Both ways give the same rows; which one is taken is the statistics' choice."""
    publisher = make_article("zebra common", "common", published_at=NOW - timedelta(days=20)).publisher_id
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH a AS (
                   INSERT INTO articles_article (publisher_id, url, url_sha256, title, summary, language, authors,
                       published_at, published_from, published_raw, published_day_only, fetched_at, source_name, sample,
                       status, version, stage, batch, needs_page, message)
                   SELECT %s, '', sha256(n::text::bytea), n::text, '', 'en', '[]',
                       %s::timestamptz - make_interval(secs => n), 'feed', '', false, now(), '', false, 'unreviewed', 1,
                       'done', 0, false, ''
                   FROM generate_series(1, 3000) n RETURNING id, publisher_id, published_at, title)
               INSERT INTO articles_searchrow (article_id, publisher_id, published_at, title, language, tsv)
               SELECT id, publisher_id, published_at, title, 'en',
                   to_tsvector('english', 'common' || CASE WHEN title::int %% 1000 = 0 THEN ' zebra' ELSE '' END)
               FROM a""",
            [publisher, NOW],
        )
        cursor.execute("ANALYZE articles_searchrow")
    for words, expected in (
        ("common", ["1", "2", "3", "4"]),
        ("zebra", ["1000", "2000", "3000", "zebra common"]),
    ):
        sql, values = newest_sql(understand(read_query([words]), NOW, UTC), limit=4)
        assert [row[3] for row in ask(sql, values)] == expected
    # Of each of the empty partitions the planner expects a row.
    assert 2_700 <= estimate_matches(understand(read_query(["common"]), NOW, UTC)) <= 3_300
    assert estimate_matches(understand(read_query(["zebra"]), NOW, UTC)) <= 300
