"""Search rows: once a text, in the text's language, whole in a backup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, SearchRow
from articles.search.find import understand
from articles.search.index import (
    INDEXED_BYTES,
    SearchText,
    index_articles,
    index_entities,
    index_texts,
    redate_article,
)
from articles.search.language import read_query
from newsdesk.backup import restore_backup, sum_tables, write_backup
from newsdesk.prepare import known_migrations
from tests.databases import new_database
from tests.factories import make_article, make_entity, make_revision, name_in
from tests.search_rows import rows_of
from tests.workers import test_environment


def found(text: str) -> list[str]:
    return [row.title for row in rows_of(understand(read_query([text]), timezone.now(), UTC), limit=50)]


def text_of(article: Article, text: str, **values: object) -> SearchText:
    row = {
        "title": article.title,
        "language": article.language,
        "published_at": article.published_at,
        **values,
    }
    return SearchText(article_id=article.pk, publisher_id=article.publisher_id, text=text, **row)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_texts_at_hand_are_indexed_without_reading_and_others_by_one_read_for_all() -> None:
    articles = [make_article(f"Story {number}") for number in range(12)]
    with CaptureQueriesContext(connection) as caught:
        index_texts(text_of(article, "Changed words.") for article in articles)
    assert not any(query["sql"].startswith("SELECT") for query in caught.captured_queries)
    assert len(found("changed")) == 12
    assert found("ferries") == []
    for count in (1, 12):
        with CaptureQueriesContext(connection) as caught:
            index_articles([article.pk for article in articles[:count]])
        assert len(caught) <= 2
    assert len(found("ferries")) == 12
    assert SearchRow.objects.count() == 12


@pytest.mark.django_db
def test_names_and_dates_are_written_without_making_a_vector_again() -> None:
    article = make_article("Orne Shipping speaks")
    company = make_entity("Orne Shipping")
    was_at = article.published_at
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_searchrow SET tsv = 'marked'")
    name_in(article, "Orne Shipping", company)
    Article.objects.filter(pk=article.pk).update(published_at=was_at - timedelta(days=400))
    redate_article(article.pk, was_at=was_at)
    index_entities([article.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT published_at, entity_ids, tsv::text FROM articles_searchrow")
        assert cursor.fetchall() == [(was_at - timedelta(days=400), [company.pk], "'marked'")]
    assert found("marked entity:orne-shipping") == ["Orne Shipping speaks"]


@pytest.mark.django_db
def test_another_text_keeps_the_names_until_they_are_read_anew() -> None:
    article = make_article("Orne Shipping speaks")
    company = make_entity("Orne Shipping")
    name_in(article, "Orne Shipping", company)
    make_revision(article, "Orne speaks", "Quite other words.")
    index_articles([article.pk])
    assert SearchRow.objects.get().title == "Orne speaks"
    with connection.cursor() as cursor:
        cursor.execute("SELECT entity_ids FROM articles_searchrow")
        assert cursor.fetchall() == [([company.pk],)]


@pytest.mark.django_db
def test_entities_are_written_in_two_statements_for_one_and_for_many() -> None:
    company = make_entity("Orne Shipping")
    articles = [
        make_article(f"Story {number}", published_at=timezone.now() - timedelta(days=40 * number))
        for number in range(8)
    ]
    for article in articles:
        name_in(article, "Orne Shipping", company)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_searchrow SET entity_ids = '{}'")
    for count in (1, 8):
        with CaptureQueriesContext(connection) as caught:
            index_entities([article.pk for article in articles[:count]])
        assert len(caught) == 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM articles_searchrow WHERE entity_ids = %s::integer[]", [[company.pk]]
        )
        assert cursor.fetchone() == (8,)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "", "de", "zh", "ru"])
def test_the_longest_text_of_different_words_fits(language: str) -> None:
    article = make_article("Long", language=language)
    letters = (
        "芯片产业发展中国半导体行业协会"
        if language == "zh"
        else "абвгдежзиклмнопр"
        if language == "ru"
        else "abcdefghijklmnop"
    )
    words = (
        "".join(
            letters[number >> shift & 15 if len(letters) > 15 else (number >> shift & 15) % 15]
            for shift in (0, 4, 8, 12)
        )
        for number in range(65_536)
    )
    long = " ".join(words)
    index_texts([text_of(article, f"erstes {long} {long} letztes", title="Lang")])
    assert len(long.encode()) * 2 > INDEXED_BYTES // 2
    assert found("erstes") == ["Lang"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SMIC", "SMIC grows"),
        ("smic", "SMIC grows"),
        ("Modi", "Visit"),
        ("modi's", "Visit"),
        ("Rolls-Royce", "Engines"),
        ("rolls royce", "Engines"),
        ('"Rolls Royce"', "Engines"),
        ("Hua-Hong", "SMIC grows"),
        ("hua hong", "SMIC grows"),
        ("growing", "SMIC grows"),
        ("AT&T", "Phones"),
        ("at&t phones", "Phones"),
        ("AT phones", ""),
        ("WHO", "Health"),
        ("who", "Health"),
        ("WHO meeting", "Health"),
        ("WHO -meeting", ""),
        ("who engines", "Engines"),  # in small letters it is a common word
        ("U.S.", "Phones"),
        ("bosnia", "Phones"),
        ("herzegovina", "Phones"),
        ("advanced", "Quotes"),
        ("record", "Quotes"),
        ("begin*", "Quotes"),
    ],
)
def test_names_are_found_however_they_are_written(query: str, expected: str) -> None:
    make_article("SMIC grows", "The chips of Hua Hong and SMIC.")
    make_article("Visit", "Modi’s visit ended. Narendra Modi left.")
    make_article("Engines", "Rolls-Royce makes engines.")
    make_article("Phones", "AT&T of the U.S. sells phones in Bosnia/Herzegovina.")
    make_article("Quotes", "Nodes are “advanced”—a record… Beginnings are hard.")
    make_article("Health", "The WHO ended its meeting. It said who came.")
    assert found(query) == ([expected] if expected else [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cafe", ["English", "Français"]),
        ("café", ["English", "Français"]),
        (
            "CAFÉS",
            ["English", "Français"],
        ),  # another form of the word, in the language that is taken for granted
        ("cafés lang:fr", ["Français"]),
        ("Häuser lang:de", ["Deutsch"]),
        ("Haus lang:de", ["Deutsch"]),
        ("Häuser", ["Deutsch"]),
        ("Strasse", ["Deutsch"]),
        ("芯片", ["中文"]),
        ("中国芯片", ["中文"]),
        ("国片", []),
        ("芯", ["中文"]),
        ("半導体", ["日本語"]),
        ("ガス", ["日本語"]),
        ("삼성전자", ["한국어"]),
        ("삼성", ["한국어"]),
        ("москве", ["Русский"]),  # the stem of another case
        ("елки", ["Русский"]),
        ("أحمد", ["عربي"]),
        ("احمد", ["عربي"]),
    ],
)
def test_a_query_in_any_language_finds(query: str, expected: list[str]) -> None:
    make_article("English", "A cafe by the harbour.", language="en")
    make_article("Français", "Un café au port.", language="fr")
    make_article("Deutsch", "Die Häuser an der Straße.", language="de")
    make_article("中文", "中国芯片产业发展。", language="zh")
    make_article("日本語", "半導体とガスの会社", language="ja")
    make_article("한국어", "삼성전자는 반도체를 만든다.", language="ko")
    make_article("Русский", "Москва. Ёлки стоят.", language="ru")
    make_article("عربي", "قال أحمد ذلك", language="ar")
    assert sorted(found(query)) == expected


@pytest.fixture
def target() -> Iterator[str]:
    """The URL of a new, empty database."""
    with new_database(f"searched_{connection.settings_dict['NAME']}") as url:
        yield url


@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_all_partitions_back_as_one_table(target: str, tmp_path: Path) -> None:
    now = timezone.now()
    for days in (0, 20, 900, -400):
        make_article(f"{days} days", published_at=now - timedelta(days=days))
    (tmp_path / "new").mkdir()
    source = test_environment()["DATABASE_URL"]
    manifest = write_backup(source, tmp_path / "b.tar", tmp_path, with_keys=False)
    assert manifest.tables["articles_searchrow"].rows == 4
    assert not [name for name in manifest.tables if name.startswith("articles_searchrow_")]
    for replace in (False, True):
        restore_backup(
            target,
            tmp_path / "b.tar",
            tmp_path / "new",
            known_migrations=known_migrations(),
            replace=replace,
            with_keys=False,
        )
    with psycopg.connect(source) as old, psycopg.connect(target) as new:
        assert sum_tables(old) == sum_tables(new) == manifest.tables
        parts = "SELECT tableoid::regclass::text, count(*) FROM articles_searchrow GROUP BY 1 ORDER BY 1"
        assert old.execute(parts).fetchall() == new.execute(parts).fetchall()
        assert len(new.execute(parts).fetchall()) == 4
        newest = "SELECT count(*) FROM articles_search_newest($$'ferri'::tsquery$$, '', '{infinity,-infinity}', 9, true)"
        assert new.execute(newest).fetchone() == (4,)
        new.execute("DELETE FROM articles_article WHERE title = '900 days'")
        assert new.execute("SELECT count(*) FROM articles_searchrow").fetchone() == (3,)
        new.rollback()
