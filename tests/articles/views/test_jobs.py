"""The Jobs page: what it shows, what can be done about a job, and who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.jobs import drop_job, retry_job, undo_job_change
from articles.errors import RefusedError
from articles.jobs import add_jobs, claim_jobs, finish_jobs
from articles.models import Article, Feed, FetchRun, Job
from articles.queries import jobs as queries
from entities.models import Change
from newsdesk.accounts.models import User
from tests.articles.ingest.rows import make_feed
from tests.factories import make_article

pytestmark = pytest.mark.django_db
READ, PLACE, LOOK = Job.Kind.READ, Job.Kind.PLACE, Job.Kind.LOOK


@pytest.fixture
def desk_of_admin(client: Client, admin: User) -> Client:
    """A client signed in as an admin."""
    client.force_login(admin)
    return client


def words(answer: Any) -> str:
    """The visible text of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def add_read(*articles: Article, seconds: float = 0.0) -> None:
    add_jobs(READ, [(article.pk, "", 0, None) for article in articles], seconds=seconds)


def make_failed(title: str = "Quay opens", *, kind: Job.Kind = READ, stage: str = "failed") -> Job:
    """An article in trouble with its job."""
    article = make_article(title, stage=stage, message="It stumbled.")
    add_jobs(kind, [(article.pk, "", 0, None)])
    job = Job.objects.filter(kind=kind, subject_id=article.pk)
    job.update(state="failed", message="It stumbled.", finished_at=timezone.now())
    return job.get()


def make_every_state() -> None:
    """One job of each state, and a feed that was set aside."""
    done, running, due, later, aside, dropped = (
        make_article(f"Story {name}") for name in ("done", "running", "due", "later", "aside", "dropped")
    )
    add_read(done)
    token, claimed = claim_jobs(READ, 1, 90)
    finish_jobs(token, [claimed[0].id])
    add_read(running)
    claim_jobs(READ, 1, 90)
    add_read(due, aside, dropped)
    add_read(later, seconds=3600)
    Job.objects.filter(subject_id=aside.pk).update(state="quarantined", message="Three workers died.")
    Job.objects.filter(subject_id=dropped.pk).update(state="dropped", finished_at=timezone.now())
    Job.objects.filter(subject_id=later.pk).update(tries=2, message="The server did not answer.")
    make_failed("Story failed")
    make_feed("Poison Post", state="quarantined")


def test_it_says_that_nothing_waits(desk_of_admin: Client) -> None:
    page = words(desk_of_admin.get("/jobs/"))
    assert "Nothing waits" in page
    assert "Retry all" not in page


def test_it_opens_with_what_is_in_trouble_and_counts_the_rest(desk_of_admin: Client) -> None:
    make_every_state()
    page = words(desk_of_admin.get("/jobs/"))
    for shown in ("Story failed", "It stumbled.", "Story aside", "Three workers died.", "Poison Post"):
        assert shown in page
    for hidden in ("Story done", "Story due", "Story later", "Story running", "Story dropped"):
        assert hidden not in page
    assert "1 due , 1 running, 1 put off, 1 failed , 2 set aside" in page


def test_a_look_that_is_planned_is_no_work_that_waits(desk_of_admin: Client) -> None:
    planned, failed = make_article("Story planned"), make_article("Story silent")
    add_jobs(LOOK, [(planned.pk, "", 0, None), (failed.pk, "", 0, None)], seconds=3600)
    Job.objects.filter(subject_id=failed.pk).update(tries=1, message="The server did not answer.")
    assert "0 due , 0 running, 1 put off" in words(desk_of_admin.get("/jobs/"))
    page = words(desk_of_admin.get("/jobs/?kind=look&state=waiting"))
    assert "Look again at pages 0 0 2 0 0 0" in page
    assert "Planned Story planned Look again at pages" in page
    assert "Put off Story silent" in page
    Job.objects.filter(subject_id=failed.pk).delete()
    assert "Nothing waits" in words(desk_of_admin.get("/jobs/"))


def test_a_look_is_taken_now_or_dropped_and_its_article_stays_as_it_is(admin: User) -> None:
    article = make_article("Story planned", stage="done")
    add_jobs(LOOK, [(article.pk, "", 0, None)], seconds=3600)
    job = Job.objects.get()
    retry_job("admin", job.pk)
    assert [one.subject_id for one in claim_jobs(LOOK, 5, 90)[1]] == [article.pk]
    change = drop_job("admin", job.pk)
    article.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, article.stage, article.message) == ("dropped", "done", "")
    undo_job_change("admin", change.pk)
    article.refresh_from_db()
    assert (Job.objects.get().state, article.stage) == ("waiting", "done")


def test_a_look_that_killed_three_workers_is_set_aside_and_its_article_stays_as_it_is() -> None:
    article = make_article("Story poison", stage="linked")
    add_jobs(LOOK, [(article.pk, "", 0, None)])
    Job.objects.update(attempts=3)
    assert claim_jobs(LOOK, 5, 90)[1] == []
    article.refresh_from_db()
    assert (Job.objects.get().state, article.stage) == ("quarantined", "linked")
    assert "whether it changed" in Job.objects.get().message


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("due", "Story due"),
        ("running", "Story running"),
        ("waiting", "Story later"),
        ("failed", "Story failed"),
        ("quarantined", "Story aside"),
        ("done", "Story done"),
        ("dropped", "Story dropped"),
    ],
)
def test_each_state_has_its_list(desk_of_admin: Client, state: str, title: str) -> None:
    make_every_state()
    page = words(desk_of_admin.get(f"/jobs/?state={state}"))
    assert re.findall(r"Story \w+", page) == [title]
    if state == "waiting":
        assert "The server did not answer." in page


def test_counts_end_at_a_limit_and_say_so(desk_of_admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COUNTED_UP_TO", 5)
    add_read(*(make_article(f"Story {number}") for number in range(5)))
    assert "5 due , 0 running" in words(desk_of_admin.get("/jobs/"))
    add_read(make_article("One more"), make_article("And one"))
    assert "6+ due , 0+ running" in words(desk_of_admin.get("/jobs/"))


def test_fetches_are_done_when_they_were_answered(desk_of_admin: Client) -> None:
    feed = make_feed()
    for outcome in ("stored", "unchanged", "unchanged", "failed", "lost", "offline"):
        FetchRun.objects.create(feed=feed, at=timezone.now(), outcome=outcome)
    (line,) = [
        line for line in queries.jobs_page(queries.JobFilter(), timezone.now()).counts if line.kind == "fetch"
    ]
    assert str(dict(line.cells)["done"]) == "3"


def test_a_job_of_a_dead_worker_may_be_tried_again_and_of_a_living_one_not(desk_of_admin: Client) -> None:
    article = make_article("Story")
    add_read(article)
    token, (job,) = claim_jobs(READ, 1, 90)
    with pytest.raises(RefusedError, match="right now"):
        retry_job("ada", job.id)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    retry_job("ada", job.id)
    row = Job.objects.get()
    assert (row.state, row.attempts, row.lease_token) == ("waiting", 0, None)
    assert not finish_jobs(token, [job.id]), "whoever had it writes nothing any more"


def test_a_filter_that_finds_nothing_says_how_to_go_on(desk_of_admin: Client) -> None:
    make_every_state()
    assert "No job fits" in words(desk_of_admin.get("/jobs/?kind=mail&state=failed"))
    assert "Nothing is in trouble" not in words(desk_of_admin.get("/jobs/?kind=mail"))


@pytest.mark.parametrize(
    "query", ["state=%00", "kind=x&state=y", "state=due&after=2026-99~1", "after=" + "9" * 90]
)
def test_an_address_that_makes_no_sense_shows_the_page(desk_of_admin: Client, query: str) -> None:
    make_every_state()
    assert desk_of_admin.get(f"/jobs/?{query}").status_code == 200


@pytest.mark.parametrize("state", ["trouble", "due", "waiting", "done"])
def test_more_than_a_page_is_walked_to_the_end_without_a_double(desk_of_admin: Client, state: str) -> None:
    Job.objects.bulk_create(
        Job(
            kind=READ,
            subject_id=number,
            state={"trouble": "failed", "done": "done"}.get(state, "waiting"),
            # Many have the same time: the number then tells them apart.
            not_before=timezone.now() + timedelta(days=1 if state == "waiting" else -1, minutes=number // 60),
            finished_at=timezone.now() - timedelta(minutes=number // 60) if state == "done" else None,
        )
        for number in range(130)
    )
    seen: list[str] = []
    address = f"/jobs/?state={state}"
    while address:
        page = desk_of_admin.get(address).content.decode()
        seen += re.findall(r"number (\d+), which is gone", page)
        more = re.search(r'href="([^"]+)" rel="next"', page)
        address = "/jobs/" + more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == 130
    assert len(set(seen)) == 130


def test_the_same_number_of_queries_for_ten_and_for_fifty_rows(desk_of_admin: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert desk_of_admin.get("/jobs/").status_code == 200
        return len(captured)

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            make_failed(f"Quay {number}", kind=READ if number % 2 else PLACE)
            make_feed(f"Poison {number}", state="quarantined")

    add(0, 5)
    few = count()
    add(5, 25)
    assert count() == few
    assert few <= 12


def test_a_failed_job_is_retried_with_its_article_and_that_is_in_the_history(desk_of_admin: Client) -> None:
    job = make_failed()
    answer = desk_of_admin.post(f"/jobs/{job.pk}/retry/", {"state": "failed"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/jobs/?state=failed"
    assert "It is due again." in words(answer)
    job.refresh_from_db()
    assert (job.state, job.tries, job.message) == ("waiting", 0, "")
    assert Article.objects.get(pk=job.subject_id).stage == "new"
    change = Change.objects.get(subject_kind="job", subject_id=job.pk)
    assert (change.by, change.act, change.before["state"]) == ("ada", "retry_job", "failed")


def test_an_article_without_its_event_waits_for_it_again(desk_of_admin: Client) -> None:
    job = make_failed(kind=PLACE)
    desk_of_admin.post(f"/jobs/{job.pk}/retry/")
    assert Article.objects.get(pk=job.subject_id).stage == "linked"


def test_what_is_put_off_can_be_had_now(desk_of_admin: Client) -> None:
    article = make_article()
    add_read(article, seconds=3600)
    desk_of_admin.post(f"/jobs/{Job.objects.get().pk}/retry/")
    assert len(claim_jobs(READ, 5, 90)[1]) == 1
    article.refresh_from_db()
    assert article.stage == "done", "an article that stands stays so while its page is asked again"


def test_what_a_worker_has_is_not_retried(desk_of_admin: Client) -> None:
    add_read(make_article())
    token, claimed = claim_jobs(READ, 1, 90)
    answer = desk_of_admin.post(f"/jobs/{claimed[0].id}/retry/", follow=True)
    assert "A worker is doing this job right now" in words(answer)
    assert finish_jobs(token, [claimed[0].id]) == 1


def test_a_dropped_job_is_done_by_nobody_and_comes_back_by_undo(desk_of_admin: Client) -> None:
    article = make_article(stage="new")
    add_read(article)
    token, claimed = claim_jobs(READ, 1, 90)
    job = Job.objects.get()
    answer = desk_of_admin.post(f"/jobs/{job.pk}/drop/", follow=True)
    undo = re.search(r'action="(/jobs/changes/\d+/undo/)"', answer.content.decode())
    assert undo is not None
    article.refresh_from_db()
    assert article.stage == "failed"
    assert "ada dropped" in article.message
    assert finish_jobs(token, [claimed[0].id]) == 0, "whoever was doing it has lost it"
    assert claim_jobs(READ, 1, 90)[1] == []
    assert "Taken back." in words(desk_of_admin.post(undo[1], follow=True))
    article.refresh_from_db()
    assert (article.stage, article.message) == ("new", "")
    assert len(claim_jobs(READ, 1, 90)[1]) == 1
    assert "taken back already" in words(desk_of_admin.post(undo[1], follow=True))


def test_a_retry_is_taken_back_until_a_worker_has_it(desk_of_admin: Client) -> None:
    first, second = make_failed("One"), make_failed("Two")
    for job in (first, second):
        desk_of_admin.post(f"/jobs/{job.pk}/retry/")
    changes = {change.subject_id: change.pk for change in Change.objects.filter(act="retry_job")}
    desk_of_admin.post(f"/jobs/changes/{changes[first.pk]}/undo/")
    first.refresh_from_db()
    assert (first.state, first.message) == ("failed", "It stumbled.")
    assert Article.objects.get(pk=first.subject_id).stage == "failed"
    claim_jobs(READ, 5, 90)
    answer = desk_of_admin.post(f"/jobs/changes/{changes[second.pk]}/undo/", follow=True)
    assert "has gone on since" in words(answer)


def test_a_whole_filter_is_retried_at_once(desk_of_admin: Client) -> None:
    for number in range(3):
        make_failed(f"Read {number}")
    place = make_failed("Place", kind=PLACE)
    page = words(desk_of_admin.get("/jobs/?kind=read&state=failed"))
    assert "Retry all 3 of this filter" in page
    answer = desk_of_admin.post("/jobs/retry/", {"kind": "read", "state": "failed"}, follow=True)
    assert "3 jobs due again." in words(answer)
    place.refresh_from_db()
    assert place.state == "failed"
    assert set(Job.objects.filter(kind="read").values_list("state", flat=True)) == {"waiting"}
    assert Article.objects.filter(stage="new").count() == 3
    assert Change.objects.get(subject_kind="jobs").after["jobs"] == 3


def test_what_is_in_no_trouble_is_not_retried_by_the_filter(desk_of_admin: Client) -> None:
    article = make_article()
    add_read(article)
    token, claimed = claim_jobs(READ, 1, 90)
    finish_jobs(token, [claimed[0].id])
    desk_of_admin.post("/jobs/retry/", {"state": "done"})
    assert Job.objects.get().state == "done"


def test_a_feed_that_was_set_aside_is_resumed_from_here(desk_of_admin: Client) -> None:
    feed = make_feed("Poison Post", state="quarantined")
    page = desk_of_admin.get("/jobs/?kind=fetch&state=quarantined").content.decode()
    action = re.search(r'action="(/sources/\d+/resume/)"', page)
    assert action is not None
    desk_of_admin.post(action[1])
    assert Feed.objects.get(pk=feed.pk).state == "active"


def test_a_job_that_is_gone_is_told(desk_of_admin: Client) -> None:
    for act in ("retry", "drop"):
        assert "There is no such job any more" in words(desk_of_admin.post(f"/jobs/99/{act}/", follow=True))


def test_an_articles_page_says_why_it_is_stuck_and_lets_an_admin_retry_it(
    desk_of_admin: Client, analyst: User
) -> None:
    job = make_failed()
    address = f"/articles/{job.subject_id}/"
    page = desk_of_admin.get(address)
    assert "It stumbled." in words(page)
    assert f'action="{address}retry/"' in page.content.decode()
    reader = Client()
    reader.force_login(analyst)
    seen = reader.get(address)
    assert "It stumbled." in words(seen)
    assert "retry/" not in seen.content.decode()
    assert "It is tried again" in words(desk_of_admin.post(f"{address}retry/", follow=True))
    job.refresh_from_db()
    assert job.state == "waiting"
    assert "on its way already" in words(desk_of_admin.post(f"{address}retry/", follow=True))


def test_an_article_whose_page_did_not_come_is_read_again_on_request(desk_of_admin: Client) -> None:
    article = make_article(
        stage="done", message="The page could not be read: it answered 404.", needs_page=True
    )
    desk_of_admin.post(f"/articles/{article.pk}/retry/")
    assert Job.objects.get(kind="read", subject_id=article.pk).state == "waiting"
    article.refresh_from_db()
    assert article.stage == "done"
