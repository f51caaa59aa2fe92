"""Retention: what is old goes in portions, what people touched stays, figures stay right, nothing comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from articles.ingest import retention
from articles.ingest.retention import ask_for_tidying, note_sizes, tidy, tidy_up
from articles.ingest.space import folder_sizes
from articles.jobs import add_jobs, claim_jobs
from articles.models import (
    Annotation,
    Article,
    ArticleEntity,
    ArticleSketch,
    Constraint,
    CopyDecision,
    EntityDay,
    Event,
    Feed,
    FetchDay,
    FetchRun,
    Heartbeat,
    HostTime,
    Job,
    LinkDecision,
    Membership,
    Mention,
    Notice,
    Push,
    Revision,
    SearchRow,
    Sighting,
    SizeDay,
    Tombstone,
)
from tests.articles.ingest.rows import make_feed
from tests.factories import make_article, make_entity, make_event, name_in
from tests.plans import plan_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
SECONDS = 600.0  # more than any machine needs


def make_run(feed: Feed, at: datetime, outcome: str = "stored", **columns: object) -> FetchRun:
    return FetchRun.objects.create(
        feed=feed, at=at, outcome=outcome,
        **{"bytes": 100, "milliseconds": 10, "entries": 3, "new": 1, "changed": 1, **columns},
    )  # fmt: skip


def make_old(title: str, *, days: int = 100) -> Article:
    """An article that was published and fetched so long ago."""
    return make_article(title, published_at=NOW - timedelta(days=days))


def note(article: Article, deleted_at: datetime | None) -> None:
    """A note on the article, deleted or not."""
    assert article.revision is not None
    Annotation.objects.create(
        article=article, revision=article.revision, start=0, end=3, exact="The", body="Hm.", by="ed",
        deleted_at=deleted_at,
    )  # fmt: skip


def test_details_of_fetches_become_sums_of_whole_days() -> None:
    feed, other = make_feed("One"), make_feed("Two")
    old = datetime(2026, 2, 1, tzinfo=UTC)
    make_run(feed, old)
    make_run(feed, old + timedelta(hours=23, minutes=59), "unchanged", new=0)
    make_run(feed, old + timedelta(hours=24), "failed", entries=0)
    make_run(other, old, "offline")
    kept = make_run(feed, datetime(2026, 2, 9, tzinfo=UTC))  # thirty days before, and a part of a day
    tidy(SECONDS, now=NOW)
    assert list(FetchRun.objects.values_list("pk", flat=True)) == [kept.pk]
    days = {(row.feed_id, row.day): row for row in FetchDay.objects.all()}
    first = days[feed.pk, date(2026, 2, 1)]
    assert (first.runs, first.stored, first.unchanged, first.failed) == (2, 1, 1, 0)
    assert (first.bytes, first.milliseconds, first.entries, first.new, first.changed) == (200, 20, 6, 1, 2)
    assert (days[feed.pk, date(2026, 2, 2)].failed, days[other.pk, date(2026, 2, 1)].runs) == (1, 1)
    assert len(days) == 3


def test_a_day_that_is_summed_in_two_portions_counts_each_fetch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_A_PORTION", 4)
    feed = make_feed()
    for minute in range(10):
        make_run(feed, datetime(2026, 2, 1, 0, minute, tzinfo=UTC))
    assert tidy(SECONDS, now=NOW).gone["fetch details"] == 10
    assert tidy(SECONDS, now=NOW).gone["fetch details"] == 0
    row = FetchDay.objects.get()
    assert (row.runs, row.stored, row.entries) == (10, 10, 30)


def test_jobs_that_are_over_go_after_two_weeks_and_trouble_waits_for_an_admin() -> None:
    long_ago, lately = NOW - timedelta(days=15), NOW - timedelta(days=13)
    for number, state in enumerate(("done", "dropped", "failed", "quarantined")):
        for offset, at in ((0, long_ago), (100, lately)):
            Job.objects.create(
                kind="read", subject_id=number + offset, state=state, not_before=at, finished_at=at
            )
    Job.objects.create(kind="read", subject_id=99, not_before=long_ago)
    tidy(SECONDS, now=NOW)
    left = set(Job.objects.exclude(kind="tidy").values_list("subject_id", flat=True))
    assert left == {2, 3, 99, 100, 101, 102, 103}


def test_closed_notices_past_pauses_and_dead_heartbeats_go() -> None:
    feed = make_feed()
    Notice.objects.create(feed=feed, kind="failing", words="x", closed_at=NOW - timedelta(days=91))
    Notice.objects.create(feed=feed, kind="failing", words="x", closed_at=NOW - timedelta(days=89))
    Notice.objects.create(feed=feed, kind="silent", words="x")
    Notice.objects.update(at=NOW - timedelta(days=400))
    HostTime.objects.create(host="past.example", free_at=NOW - timedelta(hours=2))
    HostTime.objects.create(host="wary.example", free_at=NOW - timedelta(minutes=50))
    HostTime.objects.create(host="busy.example", free_at=NOW + timedelta(seconds=1))
    Heartbeat.objects.create(part="fetch", name="fetch@gone", at=NOW - timedelta(days=2))
    Heartbeat.objects.create(part="fetch", name="fetch@here", at=NOW - timedelta(hours=2))
    tidy(SECONDS, now=NOW)
    assert Notice.objects.count() == 2
    assert sorted(HostTime.objects.values_list("host", flat=True)) == ["busy.example", "wary.example"]
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["fetch@here"]


def test_a_push_is_kept_while_a_job_will_store_it() -> None:
    waiting, forgotten, fresh = make_feed("One"), make_feed("Two"), make_feed("Three")
    for feed in (waiting, forgotten, fresh):
        Push.objects.create(feed=feed, body=b"<rss/>")
    Push.objects.update(at=NOW - timedelta(days=2))
    Push.objects.filter(feed=fresh).update(at=NOW)
    add_jobs(Job.Kind.PUSH, [(waiting.pk, "", 0, None)])
    tidy(SECONDS, now=NOW)
    assert set(Push.objects.values_list("feed_id", flat=True)) == {waiting.pk, fresh.pk}


def test_articles_are_kept_for_ever_unless_a_setting_says_otherwise() -> None:
    make_old("Old", days=4000)
    assert tidy(SECONDS, now=NOW).is_done
    assert Article.objects.count() == 1


def test_an_old_article_goes_with_all_that_hangs_on_it_and_does_not_come_back(settings: Any) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    entity = make_entity("Orne Shipping")
    old, young = make_old("Old harbour"), make_article("New harbour", published_at=NOW - timedelta(days=1))
    feeds = [make_feed("One"), make_feed("Two")]
    for number, feed in enumerate(feeds):
        Sighting.objects.create(
            feed=feed, article=old, guid=f"g{number}", guid_sha256=bytes([number]) * 32, entry_sha256=b"e" * 32,
            first_seen_at=NOW, changed_at=NOW,
        )  # fmt: skip
    for article in (old, young):
        name_in(article, "Orne Shipping", entity)
        add_jobs(Job.Kind.READ, [(article.pk, "", 0, None)])
    event = make_event("Harbour", [old, young])
    assert tidy(SECONDS, now=NOW).gone["articles"] == 1
    assert list(Article.objects.values_list("pk", flat=True)) == [young.pk]
    assert set(Revision.objects.values_list("article_id", flat=True)) == {young.pk}
    assert set(SearchRow.objects.values_list("article_id", flat=True)) == {young.pk}
    assert set(ArticleEntity.objects.values_list("article_id", flat=True)) == {young.pk}
    assert set(Job.objects.filter(kind="read").values_list("subject_id", flat=True)) == {young.pk}
    assert not Mention.objects.exclude(revision__article=young).exists()
    assert list(EntityDay.objects.values_list("day", "n")) == [(young.published_at.date(), 1)]
    event.refresh_from_db()
    assert (event.article_count, event.first_at) == (1, young.published_at)
    stones = {(stone.feed_id, bytes(stone.guid_sha256)): stone for stone in Tombstone.objects.all()}
    assert set(stones) == {(feed.pk, bytes([number]) * 32) for number, feed in enumerate(feeds)}
    assert {bytes(stone.url_sha256) for stone in stones.values()} == {bytes(old.url_sha256)}


def test_an_event_goes_with_its_last_article(settings: Any) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    make_event("Harbour", [make_old("Old harbour")])
    tidy(SECONDS, now=NOW)
    assert not Event.objects.exists()


def test_an_article_that_came_lately_is_young_however_old_its_date(settings: Any) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    make_old("From the archive")
    Article.objects.update(fetched_at=NOW - timedelta(days=1))
    tidy(SECONDS, now=NOW)
    assert Article.objects.count() == 1


def test_what_a_person_touched_is_kept(settings: Any) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    names = (
        "noted",
        "unnoted",
        "reviewed",
        "decided",
        "withdrawn",
        "placed",
        "left",
        "right",
        "named",
        "plain",
        "apart",
        "other",
    )
    made = {name: make_old(f"Story {name}") for name in names}

    note(made["noted"], None)
    note(made["unnoted"], NOW - timedelta(days=31))
    Article.objects.filter(pk=made["reviewed"].pk).update(status="reviewed")
    LinkDecision.objects.create(article=made["decided"], surface="Orne", by="ed")
    LinkDecision.objects.create(article=made["withdrawn"], surface="Orne", by="ed", withdrawn_at=NOW)
    make_event("Harbour", [made["placed"], made["plain"]])
    Membership.objects.filter(article=made["placed"]).update(decided_by="ed")
    first, second = sorted((made["left"], made["right"]), key=lambda article: article.pk)
    Constraint.objects.create(kind="cannot", a=first, b=second, by="ed")
    CopyDecision.objects.create(kind="not_copy", article=made["apart"], other=made["other"], by="ed")
    name_in(made["named"], "Orne Shipping", make_entity("Orne Shipping"), decided_by="ed")
    tidy(SECONDS, now=NOW)
    left = set(Article.objects.values_list("title", flat=True))
    assert left == {
        f"Story {name}"
        for name in ("noted", "reviewed", "decided", "placed", "left", "right", "named", "apart", "other")
    }


def test_sketches_by_which_nothing_is_compared_any_more_go_and_their_articles_stay(settings: Any) -> None:
    settings.EVENT_WINDOW_DAYS = 10
    for title, days in (("past", 31), ("late", 29)):
        article = make_old(f"Story {title}")
        ArticleSketch.objects.create(
            article=article,
            publisher=article.publisher,
            shard="en",
            hashes=[days],
            seen_at=NOW - timedelta(days=days),
        )
    assert tidy(SECONDS, now=NOW).gone["sketches of texts"] == 1
    assert ArticleSketch.objects.get().hashes == [29]
    assert Article.objects.count() == 2


def test_a_note_that_was_deleted_lately_can_still_be_had_back(settings: Any) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    note(make_old("Story"), NOW - timedelta(days=29))
    tidy(SECONDS, now=NOW)
    assert Article.objects.count() == 1


def test_it_stops_when_its_time_is_up_and_goes_on_where_it_stopped(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    monkeypatch.setattr(retention, "ARTICLES_A_PORTION", 2)
    for number in range(5):
        make_old(f"Story {number}")
    ask_for_tidying(3600)
    first = tidy_up(0.0, now=NOW)
    assert first is not None
    assert not first.is_done
    assert Article.objects.count() == 3
    job = Job.objects.get(kind="tidy")
    assert (job.state, job.attempts, job.tries) == ("waiting", 0, 0)
    second = tidy_up(SECONDS, now=NOW)
    assert second is not None
    assert second.is_done
    job.refresh_from_db()
    assert (Article.objects.count(), job.state, job.message) == (0, "done", "Dropped 3 articles.")


def test_tidying_is_asked_for_once_an_hour_and_done_by_one() -> None:
    ask_for_tidying(3600)
    ask_for_tidying(3600)
    token, claimed = claim_jobs(Job.Kind.TIDY, 1, 60)
    assert (len(claimed), tidy_up(SECONDS, now=NOW)) == (1, None)
    Job.objects.filter(lease_token=token).update(lease_token=None, lease_until=None)
    assert tidy_up(SECONDS, now=NOW) is not None
    ask_for_tidying(3600)
    assert Job.objects.get(kind="tidy").state == "done"
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=61))
    ask_for_tidying(3600)
    assert Job.objects.get(kind="tidy").state == "waiting"


def test_a_step_that_fails_is_told_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_now: datetime) -> tuple[int, bool]:
        raise ValueError("no such shelf")

    monkeypatch.setitem(retention._STEPS, "fetch details", refuse)
    HostTime.objects.create(host="past.example", free_at=NOW - timedelta(hours=2))
    ask_for_tidying(3600)
    tidied = tidy_up(SECONDS, now=NOW)
    assert tidied is not None
    assert dict(tidied.problems) == {"fetch details": "ValueError: no such shelf."}
    assert not HostTime.objects.exists()
    assert SizeDay.objects.exists()
    job = Job.objects.get(kind="tidy")
    assert (job.state, job.attempts, job.tries) == ("waiting", 0, 1)
    assert job.message == "fetch details: ValueError: no such shelf."
    assert job.not_before > timezone.now() + timedelta(minutes=50)


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_ends_its_own_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_now: datetime) -> tuple[int, bool]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 50")
            cursor.execute("SELECT pg_sleep(60)")
        return 0, False

    monkeypatch.setitem(retention._STEPS, "jobs", sleep)
    HostTime.objects.create(host="past.example", free_at=NOW - timedelta(hours=2))
    ask_for_tidying(3600)
    tidied = tidy_up(SECONDS, now=NOW)
    assert tidied is not None
    assert "statement timeout" in tidied.problems["jobs"]
    assert not HostTime.objects.exists()
    assert (Job.objects.get().attempts, Job.objects.get().tries) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_is_no_death_of_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(_now: datetime) -> tuple[int, bool]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return 0, False

    monkeypatch.setitem(retention._STEPS, "jobs", cut)
    ask_for_tidying(3600)
    for _ in range(4):
        with pytest.raises(OperationalError):
            tidy_up(SECONDS, now=NOW)
        job = Job.objects.get(kind="tidy")
        assert (job.state, job.attempts, job.lease_token) == ("waiting", 0, None)
        assert timezone.now() < job.not_before
        Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("state", ["quarantined", "failed"])
def test_tidying_that_was_set_aside_is_asked_for_anew_a_day_later(state: str) -> None:
    ask_for_tidying(3600)
    Job.objects.update(state=state, finished_at=timezone.now() - timedelta(hours=23))
    ask_for_tidying(3600)
    assert Job.objects.get().state == state
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    ask_for_tidying(3600)
    assert Job.objects.get().state == "waiting"


def test_sizes_are_looked_at_once_when_the_rest_is_over(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEEP_ARTICLE_DAYS = 30
    monkeypatch.setattr(retention, "ARTICLES_A_PORTION", 1)
    make_old("One")
    make_old("Two")
    assert not tidy(0.0, now=NOW).is_done
    assert not SizeDay.objects.exists()
    assert tidy(SECONDS, now=NOW).is_done
    assert SizeDay.objects.exists()


def test_sizes_are_noted_once_a_day(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "postgres" / "base").mkdir(parents=True)
    (tmp_path / "postgres" / "base" / "1").write_bytes(b"x" * 1000)
    (tmp_path / "secret_key").write_bytes(b"x" * 50)
    note_sizes(NOW)
    (tmp_path / "postgres" / "2").write_bytes(b"x" * 500)
    note_sizes(NOW + timedelta(hours=1))
    note_sizes(NOW + timedelta(days=1))
    rows = {(row.day, row.part): row.bytes for row in SizeDay.objects.all()}
    assert rows[NOW.date(), "postgres"] == 1500
    assert rows[NOW.date(), "secret_key"] == 50
    assert rows[NOW.date() + timedelta(days=1), "database"] > 0
    assert len(rows) == 6


def test_a_folder_that_is_not_there_has_no_parts(tmp_path: Path) -> None:
    assert folder_sizes(tmp_path / "no") == {}


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "large").write_bytes(b"x" * 10_000)
    (tmp_path / "data" / "link").symlink_to(tmp_path / "elsewhere")
    assert folder_sizes(tmp_path / "data")["link"] < 1000


def test_the_oldest_details_are_found_by_an_index() -> None:
    assert "Index" in plan_of("SELECT id FROM articles_fetchrun WHERE at < now() ORDER BY at, id LIMIT 10")


def test_the_search_table_has_its_partitions_after_tidying() -> None:
    """As if nobody had tidied for a year: what came meanwhile lies in the partition for all the rest."""
    far = timezone.now() + timedelta(days=365)
    article = make_article("Story of next year", published_at=far)

    def partition() -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tableoid::regclass::text FROM articles_searchrow WHERE article_id = %s", [article.pk]
            )
            return str(cursor.fetchone()[0])

    before = partition()
    assert tidy(SECONDS, now=far).gone["search rows"] >= 1
    assert partition() != before
