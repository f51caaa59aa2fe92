"""One act for many sources: looked at first, all or none, recorded for each, taken back as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing import sources, sources_bulk
from articles.editing.sources_bulk import apply_bulk, plan_bulk, read_wish, undo_bulk
from articles.errors import RefusedError
from articles.ingest.claim import claim_feeds
from articles.models import Feed, FetchRun, Publisher, RemovedSource
from entities.history import history_of
from tests.sources_world import make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[int]:
    """Alpha, Beta and Gamma."""
    return [make_source(name).pk for name in ("Alpha", "Beta", "Gamma")]


def test_it_says_what_would_change_and_writes_nothing(three: list[int]) -> None:
    sources.pause_source("ada", three[1])
    lines = plan_bulk(three, read_wish("pause", ""))
    assert [(line.title, line.before, line.after, line.problem) for line in lines] == [
        ("Alpha", "active", "paused", ""),
        ("Beta", "paused", "paused", "nothing would be different"),
        ("Gamma", "active", "paused", ""),
    ]
    assert Feed.objects.filter(state="paused").count() == 1


def test_it_records_each_source_and_takes_all_of_it_back(three: list[int]) -> None:
    sources.pause_source("ada", three[1])
    done = apply_bulk("ada", three, read_wish("pause", ""))
    assert (done.done, done.left_out) == (2, 1)
    assert Feed.objects.filter(state="paused").count() == 3
    assert history_of("source", three[0])[0].why == "in bulk"
    assert done.change is not None
    assert undo_bulk("ed", done.change.pk) == 2
    assert list(Feed.objects.filter(state="paused").values_list("pk", flat=True)) == [three[1]]
    with pytest.raises(RefusedError, match="taken back already"):
        undo_bulk("ed", done.change.pk)


def test_it_keeps_what_somebody_changed_after_the_bulk(three: list[int]) -> None:
    done = apply_bulk("ada", three, read_wish("section", "World"))
    Feed.objects.filter(pk=three[0]).update(section="Asia")
    assert done.change is not None
    undo_bulk("ada", done.change.pk)
    assert list(Feed.objects.order_by("pk").values_list("section", flat=True)) == ["Asia", "", ""]


def test_it_leaves_out_what_was_taken_back_alone(three: list[int]) -> None:
    done = apply_bulk("ada", three, read_wish("pause", ""))
    sources.undo_source_change("ada", history_of("source", three[0])[0].pk)
    assert done.change is not None
    assert undo_bulk("ada", done.change.pk) == 2


def test_it_adds_and_removes_tags(three: list[int]) -> None:
    apply_bulk("ada", three, read_wish("tag", "Asia, chips ,asia"))
    apply_bulk("ada", three[:1], read_wish("untag", "chips"))
    assert [list(tags) for tags in Feed.objects.order_by("pk").values_list("tags", flat=True)] == [
        ["asia"],
        ["asia", "chips"],
        ["asia", "chips"],
    ]


def test_it_fixes_an_interval_that_holds_at_once_and_gives_it_back(three: list[int]) -> None:
    Feed.objects.update(next_fetch_at=timezone.now() + timedelta(hours=9))
    apply_bulk("ada", three, read_wish("interval", "30"))
    for feed in Feed.objects.all():
        assert feed.fixed_seconds == 1800
        assert feed.next_fetch_at < timezone.now() + timedelta(minutes=31)
        assert feed.next_why == "Every 30 min, as an admin fixed it."
    apply_bulk("ada", three, read_wish("interval", ""))
    assert not Feed.objects.filter(fixed_seconds__isnull=False).exists()


def test_it_moves_sources_to_one_publisher(three: list[int]) -> None:
    apply_bulk("ada", three, read_wish("publisher", "Harbour Group"))
    assert Feed.objects.filter(publisher__name="Harbour Group").count() == 3
    Publisher.objects.create(name="Invented", slug="invented", sample=True)
    with pytest.raises(RefusedError, match="invented publisher"):
        apply_bulk("ada", three, read_wish("publisher", "invented"))


def test_it_makes_active_ones_due_and_names_the_others(three: list[int]) -> None:
    Feed.objects.update(next_fetch_at=timezone.now() + timedelta(hours=9))
    sources.pause_source("ada", three[1])
    assert [line.problem for line in plan_bulk(three, read_wish("fetch", ""))] == ["", "it is paused", ""]
    done = apply_bulk("ada", three, read_wish("fetch", ""))
    assert (done.done, done.change) == (2, None)
    assert Feed.objects.filter(next_fetch_at__lte=timezone.now()).count() == 2


def test_it_removes_many_and_brings_them_back(three: list[int]) -> None:
    apply_bulk("ada", three, read_wish("tag", "asia"))
    done = apply_bulk("ada", three, read_wish("remove", ""))
    assert not Feed.objects.exists()
    assert RemovedSource.objects.count() == 3
    # Somebody adds one of the addresses again meanwhile: it stays as it is.
    make_source("Beta")
    assert done.change is not None
    assert undo_bulk("ada", done.change.pk) == 2
    assert sorted(Feed.objects.values_list("title", flat=True)) == ["Alpha", "Beta", "Gamma"]
    assert Feed.objects.filter(tags=["asia"]).count() == 2
    assert not RemovedSource.objects.exists()


@pytest.mark.parametrize(
    ("act", "value", "part"),
    [
        ("", "", "Choose what"),
        ("explode", "", "Choose what"),
        ("tag", " , ", "at least one tag"),
        ("publisher", "", "name of the publisher"),
        ("interval", "0", "no whole number of minutes from 5 to 1,440"),
        ("interval", "4", "no whole number"),
        ("interval", "1441", "no whole number"),
        ("interval", "1e3", "no whole number"),
        ("interval", "99999999", "no whole number"),
        ("language", "en us!", "language tag"),
    ],
)
def test_it_says_what_is_wrong_with_a_wish(act: str, value: str, part: str) -> None:
    with pytest.raises(RefusedError, match=part):
        read_wish(act, value)


def test_it_refuses_what_would_change_nothing(three: list[int]) -> None:
    with pytest.raises(RefusedError, match="at least one source"):
        plan_bulk([], read_wish("pause", ""))
    with pytest.raises(RefusedError, match="Nothing would be different"):
        apply_bulk("ada", three, read_wish("resume", ""))
    with pytest.raises(RefusedError, match="cannot be taken back"):
        undo_bulk("ada", 999_999)


def test_it_costs_the_same_for_three_and_for_thirty(three: list[int]) -> None:
    costs = []
    for ids in (three, [*three, *(make_source(f"Post {number}").pk for number in range(27))]):
        with CaptureQueriesContext(connection) as queries:
            apply_bulk("ada", ids, read_wish("section", f"of {len(ids)}"))
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(("act", "value"), [("interval", "30"), ("fetch", ""), ("resume", "")])
def test_what_is_decided_for_many_wins_over_the_fetches_under_way(
    three: list[int], act: str, value: str
) -> None:
    claim_feeds(2, 90)
    if act == "resume":
        Feed.objects.update(state="paused")
    apply_bulk("ada", three, read_wish(act, value))
    assert not Feed.objects.filter(lease_token__isnull=False).exists()
    assert list(Feed.objects.values_list("attempts", flat=True)) == [0, 0, 0]
    assert Feed.objects.filter(next_fetch_at__lte=timezone.now()).count() == 3


def test_removing_many_has_a_time_limit_of_its_own(three: list[int]) -> None:
    rows = [
        FetchRun(feed_id=feed_id, at=timezone.now(), outcome="unchanged")
        for feed_id in three
        for _ in range(3000)
    ]
    FetchRun.objects.bulk_create(rows)
    limits: list[str] = []

    def slow_web(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("DELETE"):
            with connection.connection.cursor() as cursor:
                limits.append(cursor.execute("SHOW statement_timeout").fetchone()[0])
        return execute(sql, *rest)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
    with connection.execute_wrapper(slow_web):
        done = apply_bulk("ada", three, read_wish("remove", ""))
    assert set(limits) == {"1min"}
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("5s",)
    assert not FetchRun.objects.exists()
    assert done.change is not None
    assert undo_bulk("ada", done.change.pk) == 3


def test_it_removes_in_portions_and_no_more_than_one_request_can(
    three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources_bulk, "REMOVED_AT_ONCE", 2)
    with pytest.raises(RefusedError, match="At most 1,000 sources can be removed at once"):
        plan_bulk(range(1001), read_wish("remove", ""))
    assert apply_bulk("ada", three, read_wish("remove", "")).done == 3
    assert not Feed.objects.exists()
