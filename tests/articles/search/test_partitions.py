"""The search table's partitions: made ahead, filled from the default one, folded in portions, never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from articles.models import Article, SearchRow
from articles.search import partitions
from articles.search.find import understand
from articles.search.grid import KEPT, LENGTH, OLD, REST, cell_at, cells_at
from articles.search.index import redate_article
from articles.search.language import read_query
from articles.search.partitions import clean_pending_lists, make_partitions
from tests.factories import make_article, make_entity, name_in
from tests.search_rows import rows_of

NOW = timezone.now()
LOCK_WAIT = partitions._LOCK_WAIT
# A vacuum of the server's own gives way after a second, and another thread when it has its turn again.
PATIENT_WAIT = "60s"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_LOCK_WAIT", PATIENT_WAIT)


def tables() -> dict[str, int]:
    """The partitions and the rows in each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'articles_searchrow'::regclass"
        )
        names = [row[0] for row in cursor.fetchall()]
        counts = {}
        for name in names:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
            counts[name] = cursor.fetchone()[0]
    return counts


def found(words: str, now: datetime = NOW) -> list[str]:
    return [row.title for row in rows_of(understand(read_query([words]), now, UTC), limit=100)]


@pytest.fixture
def portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "FOLDED_ROWS", 3)
    monkeypatch.setattr(partitions, "PORTIONS", 2)


def test_every_machine_names_and_bounds_a_partition_alike() -> None:
    cell = cell_at(datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert cell.name == "articles_searchrow_20261116"
    assert (cell.since, cell.until - cell.since) == (datetime(2026, 11, 16, tzinfo=UTC), LENGTH)
    assert cell_at(cell.since) == cell != cell_at(cell.until)
    cells = list(cells_at(cell.since))
    assert [left.until for left in cells[:-1]] == [right.since for right in cells[1:]]
    assert cells[0].since <= cell.since - KEPT < cells[0].until


@pytest.mark.django_db
def test_the_migration_and_the_act_make_the_same_partitions() -> None:
    assert set(tables()) == {OLD, REST, *(cell.name for cell in cells_at(NOW))}
    made = make_partitions(NOW)
    assert (made.partitions, made.moved, made.folded, made.more) == (0, 0, 0, False)


@pytest.mark.django_db
def test_rows_that_came_before_their_partition_are_moved_into_it() -> None:
    later = NOW + timedelta(days=100)
    article = make_article("From the future", published_at=later)
    assert tables()[REST] == 1
    made = make_partitions(later)
    assert made.moved == 1
    assert made.partitions >= 3
    assert tables()[REST] == 0
    assert tables()[cell_at(later).name] == 1
    assert found("harbour", later) == ["From the future"]
    article.delete()
    assert sum(tables().values()) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("portions")
def test_old_partitions_are_folded_in_portions_and_no_row_is_lost_on_the_way() -> None:
    oldest = next(cells_at(NOW))
    titles = []
    for number in range(8):
        # Four of one moment: more than one portion takes at most.
        at = oldest.since + timedelta(hours=0 if number < 4 else number)
        titles.append(make_article(f"Old {number}", published_at=at).title)
    make_article("Older", published_at=oldest.since - timedelta(days=300))
    later = NOW + LENGTH
    seen = []
    for _ in range(9):
        made = make_partitions(later)
        seen.append((made.folded_rows, made.folded))
        assert sorted(found("harbour", later)) == sorted([*titles, "Older"])
        if not made.more:
            break
    assert made.more is False
    assert sum(rows for rows, _ in seen) == 8
    assert sum(folded for _, folded in seen) == 1
    assert len(seen) > 1
    assert oldest.name not in tables()
    assert tables()[OLD] == 9
    assert make_partitions(later).folded == 0


@pytest.mark.django_db
def test_a_desk_that_stood_still_for_two_years_has_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "PORTIONS", 100)
    later = NOW + timedelta(days=750)
    make_article("Then", published_at=NOW)
    make_article("Meanwhile", published_at=NOW + timedelta(days=200))
    make_article("Now", published_at=later)
    made = make_partitions(later)
    assert made.more is False
    assert set(tables()) == {OLD, REST, *(cell.name for cell in cells_at(later))}
    assert (tables()[OLD], tables()[REST], tables()[cell_at(later).name]) == (1 + 1, 0, 1)
    assert found("harbour", later) == ["Now", "Meanwhile", "Then"]


@pytest.mark.django_db
def test_a_row_goes_with_its_article_wherever_it_lies() -> None:
    for days in (0, 30, 900):
        make_article(f"{days} days ago", published_at=NOW - timedelta(days=days))
    Article.objects.filter(title="900 days ago").delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM articles_article WHERE title = '30 days ago' RETURNING id)"
            " DELETE FROM articles_revision WHERE article_id IN (SELECT id FROM gone)"
        )
    assert [row.title for row in SearchRow.objects.all()] == ["0 days ago"]


@pytest.mark.django_db
def test_every_partition_is_made_for_searching() -> None:
    make_partitions(NOW + timedelta(days=60))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, c.reloptions, a.attstattarget, a.attstorage::text,
                   (SELECT array_agg(m.amname || coalesce(array_to_string(x.reloptions, ','), '') ORDER BY m.amname, 1)
                    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
                    WHERE i.indrelid = c.oid)
               FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tsv'
               WHERE h.inhparent = 'articles_searchrow'::regclass"""
        )
        rows = cursor.fetchall()
    assert {cell.name for cell in cells_at(NOW + timedelta(days=60))} <= {row[0] for row in rows}
    for name, *properties in rows:
        assert properties == [
            ["fillfactor=80"],
            100,
            "e",
            ["btree", "btree", "ginfastupdate=on,gin_pending_list_limit=16384"],
        ], name


@pytest.mark.django_db
def test_waiting_lists_are_emptied_and_then_there_is_nothing_to_do() -> None:
    clean_pending_lists()
    for number in range(3):
        make_article(f"Story {number}")
    assert clean_pending_lists() > 0
    assert clean_pending_lists() == 0
    assert len(found("ferries")) == 3


@pytest.fixture
def _remade(transactional_db: None) -> Iterator[None]:
    """What a test without a transaction around it does to the partitions is undone."""
    yield
    with connection.cursor() as cursor:
        for name in tables():
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        cursor.execute(import_module("articles.migrations.0004_search_partitions").PARTITIONS)
        cursor.execute(import_module("articles.migrations.0006_search_newest").PARTS)


@pytest.mark.usefixtures("_remade")
def test_who_comes_second_and_who_meets_a_lock_gives_way_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_LOCK_WAIT", LOCK_WAIT)
    later = NOW + LENGTH
    holds, may_go, answers = threading.Event(), threading.Event(), []

    def hold(statement: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            holds.set()
            may_go.wait(240)
        connection.close()

    for statement in (
        f"SELECT pg_advisory_xact_lock({partitions._LOCK})",
        "LOCK TABLE articles_article IN ROW EXCLUSIVE MODE",
    ):
        holds.clear()
        may_go.clear()
        other = threading.Thread(target=hold, args=[statement])
        other.start()
        assert holds.wait(240)
        answers.append(make_partitions(later))
        may_go.set()
        other.join(240)
    assert [(made.partitions, made.more) for made in answers] == [(0, True), (0, True)]

    monkeypatch.setattr(partitions, "_LOCK_WAIT", PATIENT_WAIT)

    # Nobody holds anything now: it is done, and by one of two who try at the same moment.
    def try_too() -> None:
        answers.append(make_partitions(later))
        connection.close()

    both = [threading.Thread(target=try_too) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(240)
    made = make_partitions(later)
    assert sum(answer.partitions for answer in answers) + made.partitions == 1
    assert sum(answer.folded for answer in answers) + made.folded == 1
    assert not make_partitions(later).more


@pytest.mark.django_db(transaction=True)
def test_entity_ids_reach_a_row_that_is_moved_at_the_same_moment() -> None:
    article = make_article("Moving", published_at=NOW - timedelta(days=40))
    company = make_entity("Orne Shipping")
    moved, may_go = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            was_at = article.published_at
            Article.objects.filter(pk=article.pk).update(published_at=NOW)
            redate_article(article.pk, was_at=was_at)
            moved.set()
            may_go.wait(240)
        connection.close()

    mover = threading.Thread(target=move)
    mover.start()
    assert moved.wait(240)
    threading.Timer(0.3, may_go.set).start()
    name_in(article, "Orne Shipping", company)  # waits for the row, then looks where it went
    mover.join(240)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT published_at, entity_ids FROM articles_searchrow WHERE article_id = %s", [article.pk]
        )
        assert cursor.fetchall() == [(NOW, [company.pk])]
