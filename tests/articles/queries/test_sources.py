"""The list of sources says the truth about each, in every order, at one price."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import FetchRun, NetworkState, Publisher
from articles.queries.source_page import source_detail
from articles.queries.sources import desk_pulse
from articles.queries.sources_list import HEALTH_ORDER, SourceFilter, sources_page
from tests.sources_world import make_every_state, make_runs, make_source

pytestmark = pytest.mark.django_db


def test_it_names_the_health_of_each_source_worst_first() -> None:
    now = timezone.now()
    made = make_every_state(now)
    page = sources_page(SourceFilter(), now)
    assert [row.health for row in page.rows] == list(HEALTH_ORDER)
    assert all(row.id == made[row.health].pk for row in page.rows)
    assert page.counts == dict.fromkeys(HEALTH_ORDER, 1)
    words = {row.health: row.words for row in page.rows}
    assert "403" in words["failing"]
    assert words["slow"] == "answers in 9.4 s"
    assert words["ok"] == ""


def test_it_calls_a_source_slow_when_nobody_fetches_it() -> None:
    now = timezone.now()
    make_source("Post", last_fetch_at=now - timedelta(hours=2), next_fetch_at=now - timedelta(minutes=50))
    row = sources_page(SourceFilter(), now).rows[0]
    assert (row.health, row.words) == ("slow", "due for 50 min; are the workers running?")


def test_it_draws_a_strip_of_24_hours_oldest_first() -> None:
    now = timezone.now()
    feed = make_source("Post")
    make_runs(feed, now, "x_..=x")
    FetchRun.objects.create(feed=feed, at=now - timedelta(minutes=10), outcome="stored", milliseconds=80)
    FetchRun.objects.create(feed=feed, at=now - timedelta(hours=30), outcome="failed")
    FetchRun.objects.create(feed=feed, at=now - timedelta(hours=10), outcome="offline")
    row = sources_page(SourceFilter(), now).rows[0]
    assert row.strip[-6:] == ("bad", "none", "ok", "ok", "ok", "late")
    assert set(row.strip[:-6]) == {"none"}
    assert row.strip_words == "3 hours answered, 1 hour late or slow, 1 hour failed"


def test_it_counts_new_articles_a_day_over_the_days_that_were_watched() -> None:
    now = timezone.now()
    feed = make_source("Post")
    for days, new in ((2, 6), (1, 4), (0, 2)):
        at = now - timedelta(days=days) + timedelta(seconds=1 if days == 2 else -1)
        FetchRun.objects.create(feed=feed, at=at, outcome="stored", new=new)
    FetchRun.objects.create(feed=feed, at=now - timedelta(hours=1), outcome="unchanged", status=304)
    row = sources_page(SourceFilter(), now).rows[0]
    assert row.a_day == pytest.approx(6.0, rel=0.01)
    assert row.unmodified == 25


@pytest.mark.parametrize("sort", ["health", "name", "last", "next", "a_day", "known", "nonsense"])
def test_it_pages_through_every_source_once_in_every_order(sort: str) -> None:
    now = timezone.now()
    make_every_state(now)
    for number in range(6):
        make_source(f"same name {number}", title="Same ~ name", last_success_at=None if number % 2 else now)
    whole = [row.id for row in sources_page(SourceFilter(sort=sort), now).rows]
    seen: list[int] = []
    after = ""
    while True:
        page = sources_page(SourceFilter(sort=sort, after=after), now, size=4)
        seen += [row.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert seen == whole
    assert len(seen) == 15


@pytest.mark.parametrize(
    "after", ["x", "1", "~", "1~", "1~x~y", "9" * 40, "1~2~", "1~2026-01-01", "5~2026-01-01T00:00", "5~nan"]
)
@pytest.mark.parametrize("sort", ["health", "name", "last", "next", "a_day", "known"])
def test_it_bears_a_cursor_that_makes_no_sense(sort: str, after: str) -> None:
    make_source("Post")
    assert sources_page(SourceFilter(sort=sort, after=after), timezone.now()).total == 1


def test_it_filters_by_health_and_by_words() -> None:
    now = timezone.now()
    made = make_every_state(now)
    assert [row.id for row in sources_page(SourceFilter(health="paused"), now).rows] == [made["paused"].pk]
    assert [row.id for row in sources_page(SourceFilter(q="KOWLOON-wire.example"), now).rows] == [
        made["failing"].pk
    ]
    assert sources_page(SourceFilter(q="100%_"), now).rows == []
    assert sources_page(SourceFilter(health="nonsense"), now).total == 9


def test_it_costs_the_same_for_ten_and_for_twenty_sources() -> None:
    now = timezone.now()
    costs = []
    for number in range(20):
        make_runs(make_source(f"Post {number}"), now, ".x")
        if number in {9, 19}:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                sources_page(SourceFilter(), now)
            costs.append(len(queries))
    assert costs[0] == costs[1] <= 5


def test_it_tells_one_source_with_its_last_runs_newest_first() -> None:
    now = timezone.now()
    feed = make_source("Post")
    make_runs(feed, now, "." * 23 + "x")
    detail = source_detail(feed.pk, now)
    assert detail is not None
    assert len(detail.runs) == 24
    assert detail.runs[0].run.outcome == "failed"
    assert source_detail(feed.pk + 1, now) is None


def test_it_feels_the_pulse_in_one_query() -> None:
    now = timezone.now()
    make_every_state(now)
    with CaptureQueriesContext(connection) as queries:
        pulse = desk_pulse()
    assert len(queries) == 1
    assert (pulse.sources, pulse.failing, pulse.sample, pulse.offline_since) == (9, 2, False, None)
    Publisher.objects.create(name="Invented", slug="invented", sample=True)
    NetworkState.objects.update_or_create(pk=1, defaults={"silent_since": now})
    pulse = desk_pulse()
    assert (pulse.sample, pulse.offline_since) == (True, now)
