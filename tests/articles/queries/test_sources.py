"""The list of sources says the truth about each, in every order, at one price."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.sources import (
    SecretEdit,
    SourceDraft,
    edit_source,
    fetch_now,
    pause_source,
    resume_source,
)
from articles.ingest.entries import WITHDRAWN
from articles.models import Feed, FetchRun, HostTime, NetworkState, Publisher
from articles.queries.source_page import fetch_log, source_detail
from articles.queries.sources import desk_pulse
from articles.queries.sources_list import (
    HEALTH_ORDER,
    SourceFilter,
    filter_choices,
    matching_ids,
    read_filter,
    sources_page,
)
from tests.sources_world import make_every_state, make_runs, make_source, make_told_run

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
    assert row.strip_words == "3 hours answered, 1 hour slow or failed at times, 1 hour failed"


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


def test_it_filters_by_tag_publisher_country_language_and_difference() -> None:
    now = timezone.now()
    one = make_source("Alpha", tags=["asia"], language="zh", fixed_seconds=1800)
    two = make_source("Beta", secret_names=["cookie", "header:X-Key"], user_agent="Desk/1")
    Publisher.objects.filter(pk=two.publisher_id).update(country="HK", language="en")
    three = make_source("Gamma", identity="url", identity_by="ada")

    def found(**wanted: str) -> list[int]:
        return [row.id for row in sources_page(SourceFilter(sort="name", **wanted), now).rows]

    assert found(tag="Asia") == [one.pk]
    assert found(publisher=two.publisher.slug) == [two.pk]
    assert found(country="hk") == found(language="en") == [two.pk]
    assert found(language="zh") == [one.pk]
    assert found(differs="1") == [one.pk, two.pk, three.pk]
    make_source("Delta")
    assert found(differs="1") == [one.pk, two.pk, three.pk]
    rows = {row.id: row.differs for row in sources_page(SourceFilter(), now).rows}
    assert rows[one.pk] == ("every 30 min",)
    assert rows[two.pk] == ("own User-Agent", "sends cookie, X-Key")
    assert rows[three.pk] == ("entries by its address",)
    choices = filter_choices()
    assert (choices.tag, choices.country) == ([("asia", 1)], [("HK", 1)])
    assert sorted(choices.language) == [("en", 1), ("zh", 1)]


def test_it_finds_all_of_a_filter_and_says_how_many() -> None:
    now = timezone.now()
    ids = [make_source(f"Post {number}", tags=["asia"]).pk for number in range(5)]
    make_source("Other")
    wanted = read_filter({"tag": "asia", "nonsense": "x", "q": "po\0st", "sort": "name"})
    page = sources_page(wanted, now, size=2)
    assert (len(page.rows), page.matching, page.total) == (2, 5, 6)
    assert matching_ids(wanted, now) == ids
    assert wanted.as_query() == "q=post&tag=asia&sort=name"


def test_it_orders_by_news_a_day_next_fetch_and_known_share() -> None:
    now = timezone.now()
    busy = make_source("Busy", known_share=0.2, next_fetch_at=now + timedelta(hours=2))
    calm = make_source("Calm", known_share=0.9, next_fetch_at=now + timedelta(hours=1))
    rest = make_source("Rest", state="paused")
    make_runs(busy, now, "....")
    make_runs(calm, now, "=.")

    def order(sort: str) -> list[int]:
        return [row.id for row in sources_page(SourceFilter(sort=sort), now).rows]

    assert order("a_day") == [busy.pk, calm.pk, rest.pk]
    assert order("next") == [calm.pk, busy.pk, rest.pk]
    assert order("known") == [calm.pk, busy.pk, rest.pk]


def test_it_says_what_to_do_about_a_failure() -> None:
    now = timezone.now()
    feed = make_source("Post", failures=1, last_fetch_at=now, last_message="No answer.")
    FetchRun.objects.create(feed=feed, at=now, outcome="failed", kind="dns")
    assert "Check its spelling" in sources_page(SourceFilter(), now).rows[0].advice


def test_it_shows_of_a_fetch_what_says_something_and_no_cookie() -> None:
    now = timezone.now()
    feed = make_source("Post")
    make_told_run(feed, now)
    detail = source_detail(feed.pk, now)
    assert detail is not None
    (view,) = detail.runs
    assert [name for name, _ in view.headers] == ["content-type", "etag", "cache-control", "server"]
    assert (view.unpacked, view.left_out, view.steps[0]) == (48_200, 2, ("name", 12))


def test_it_costs_the_same_whatever_a_source_has_behind_it() -> None:
    now = timezone.now()
    feed = make_source("Post")
    costs = []
    for size in (1, 20):
        make_runs(feed, now, "." * size)
        for number in range(size):
            pause_or_resume(feed.pk, number)
        with CaptureQueriesContext(connection) as queries:
            source_detail(feed.pk, now)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 11


def pause_or_resume(feed_id: int, number: int) -> None:
    (pause_source if number % 2 == 0 else resume_source)("ada", feed_id)


def test_it_follows_an_asked_fetch_from_waiting_to_stored() -> None:
    feed = make_source("Post")
    make_told_run(feed, timezone.now())
    asked = fetch_now("ada", feed.pk)
    now = timezone.now()

    def stage(later: float = 0) -> tuple[str, str]:
        log = fetch_log(feed.pk, asked.pk, now + timedelta(seconds=later))
        assert log is not None
        return log.stage, log.late

    assert stage() == ("waiting", "")
    assert stage(31)[1].startswith("Beat, which starts the rounds")
    NetworkState.objects.update_or_create(pk=1, defaults={"poked_at": now + timedelta(seconds=25)})
    assert "no fetch worker takes it" in stage(31)[1]
    HostTime.objects.create(host=feed.host, free_at=now + timedelta(seconds=90), why="it asked us to wait")
    assert stage(31)[1] == "Its host post.example is left alone for 59 s more (it asked us to wait)."
    assert stage(301)[0] == "given up"
    Feed.objects.filter(pk=feed.pk).update(lease_until=now + timedelta(minutes=1))
    assert stage(1) == ("asked", "")
    make_told_run(feed, timezone.now())
    log = fetch_log(feed.pk, asked.pk, now)
    assert log is not None
    assert log.is_over
    assert log.run is not None
    assert log.run.run.pk == FetchRun.objects.latest("pk").pk
    assert fetch_log(feed.pk, 999_999, now) is None


def test_it_tells_the_history_in_words_with_what_can_be_taken_back() -> None:
    feed = make_source("Post", tags=["asia"])
    draft = SourceDraft(feed.url, "Post", "Post Ltd", fixed_minutes=30)
    edit_source("ada", feed.pk, draft, secrets=SecretEdit({"cookie": "a=b"}))
    pause_source("ada", feed.pk)
    edit_source("ada", feed.pk, draft, secrets=SecretEdit({"cookie": "c=d"}))
    detail = source_detail(feed.pk, timezone.now())
    assert detail is not None
    only_secret, paused, edited, added = detail.history
    assert (only_secret.parts, only_secret.undo) == ([("entered anew", "", "cookie")], None)
    assert paused.parts == [("state", "active", "paused")]
    assert paused.undo == paused.change.pk
    assert ("interval", "learned", "every 30 min") in edited.parts
    assert ("sent along", "none", "cookie") in edited.parts
    assert added.undo is None


def test_the_doctor_tells_what_a_publisher_took_back() -> None:
    now = timezone.now()
    feed = make_source("Post")
    skipped = [{"why": WITHDRAWN, "n": 1, "example": "Quay sold"}]
    FetchRun.objects.create(feed=feed, at=now, outcome="stored", skipped=skipped)
    detail = source_detail(feed.pk, now)
    assert detail is not None
    assert [one.code for one in detail.findings] == ["withdrawn"]
