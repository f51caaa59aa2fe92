"""Jobs: each has one worker at a time, a dead worker's come back, and what kills its workers is set aside."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from articles.jobs import (
    KILLS_TO_QUARANTINE,
    SUSPECT_PORTION,
    ClaimedJob,
    NewJob,
    add_jobs,
    claim_in_order,
    claim_jobs,
    count_due_jobs,
    due_shards,
    fail_job,
    finish_jobs,
    give_back_jobs,
    holds_job,
    put_off_job,
)
from articles.models import Article, Job
from tests.factories import make_article

pytestmark = pytest.mark.django_db
READ, PLACE, TIDY = Job.Kind.READ, Job.Kind.PLACE, Job.Kind.TIDY
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def add(kind: Job.Kind, *subjects: int) -> None:
    add_jobs(kind, [(subject, "", 0, None) for subject in subjects])


def die(token: uuid.UUID) -> None:
    """The worker is gone: nothing is given back, and its leases have run out."""
    Job.objects.filter(lease_token=token).update(lease_until=timezone.now() - timedelta(seconds=1))


def subjects(claimed: Sequence[ClaimedJob]) -> list[int]:
    return [job.subject_id for job in claimed]


def job_of(subject: int, kind: Job.Kind = READ) -> Job:
    return Job.objects.get(kind=kind, subject_id=subject)


def test_it_claims_what_is_due_and_nothing_else() -> None:
    add(READ, 2, 1)
    add(PLACE, 9)
    add_jobs(READ, [(3, "", 0, None)], seconds=60)
    _, claimed = claim_jobs(READ, 10, 90)
    assert subjects(claimed) == [1, 2]
    assert claim_jobs(READ, 10, 90)[1] == []


@pytest.mark.parametrize("without", ["", "hashjoin"])
def test_it_claims_no_more_than_it_may_whatever_the_database_takes_the_table_for(without: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_job")  # as it was when it had no row
        if without:
            cursor.execute(f"SET LOCAL enable_{without} = off")
    add(READ, *range(6))
    assert len(claim_jobs(READ, 1, 90)[1]) == 1
    assert Job.objects.filter(lease_token__isnull=False).count() == 1


def test_a_subject_has_one_job_of_a_kind_however_often_it_is_asked_for() -> None:
    add(READ, 1, 1)
    since = job_of(1).created_at
    add(READ, 1)
    assert (Job.objects.count(), job_of(1).created_at) == (1, since)


@pytest.mark.parametrize("state", ["done", "failed", "quarantined", "dropped"])
def test_asking_again_opens_a_job_that_was_over(state: str) -> None:
    add(READ, 1)
    long_ago = timezone.now() - timedelta(days=3)
    Job.objects.update(
        state=state, tries=2, attempts=3, message="no", finished_at=long_ago, created_at=long_ago
    )
    add(READ, 1)
    job = job_of(1)
    assert (job.state, job.tries, job.attempts, job.message, job.finished_at) == ("waiting", 0, 0, "", None)
    assert job.created_at > long_ago
    assert subjects(claim_jobs(READ, 1, 90)[1]) == [1]


def test_asking_again_takes_the_job_from_whoever_does_it_for_what_was_before() -> None:
    add(READ, 1)
    token, claimed = claim_jobs(READ, 1, 90)
    add(READ, 1)
    assert not holds_job(token, claimed[0].id)
    assert finish_jobs(token, [claimed[0].id]) == 0
    again, anew = claim_jobs(READ, 1, 90)
    assert holds_job(again, anew[0].id)
    assert anew[0].attempts == 1


def test_a_job_that_its_transaction_takes_back_was_never_asked_for() -> None:
    with transaction.atomic():
        add(READ, 1)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_dead_workers_job_comes_back_when_its_lease_ends_and_the_old_token_rules_nothing() -> None:
    add(READ, 1)
    old, first = claim_jobs(READ, 1, 90)
    die(old)
    new, second = claim_jobs(READ, 1, 90)
    assert (second[0].id, second[0].attempts) == (first[0].id, 2)
    job_id = first[0].id
    assert not holds_job(old, job_id)
    assert holds_job(new, job_id)
    give_back_jobs(old, {job_id: 3600.0})
    assert (finish_jobs(old, [job_id]), fail_job(old, job_id, "x"), put_off_job(old, job_id, 9, "x")) == (
        0,
        False,
        False,
    )
    assert holds_job(new, job_id)
    assert finish_jobs(new, [job_id]) == 1


def test_what_is_finished_is_done_and_says_what_is_worth_telling() -> None:
    add(READ, 1)
    token, claimed = claim_jobs(READ, 1, 90)
    finish_jobs(token, [claimed[0].id], "The page said no more.")
    job = job_of(1)
    assert (job.state, job.message, job.lease_token, job.attempts) == (
        "done",
        "The page said no more.",
        None,
        0,
    )
    assert job.finished_at is not None


def test_what_failed_for_good_is_not_claimed_again() -> None:
    add(READ, 1)
    token, claimed = claim_jobs(READ, 1, 90)
    assert fail_job(token, claimed[0].id, "It has no text.")
    assert (job_of(1).state, job_of(1).message) == ("failed", "It has no text.")
    assert claim_jobs(READ, 1, 90)[1] == []


def test_what_may_heal_is_put_off_and_counts_its_tries_not_its_deaths() -> None:
    add(READ, 1)
    token, claimed = claim_jobs(READ, 1, 90)
    assert put_off_job(token, claimed[0].id, 600, "The server did not answer.")
    job = job_of(1)
    assert (job.state, job.tries, job.attempts, job.message) == (
        "waiting",
        1,
        0,
        "The server did not answer.",
    )
    assert timezone.now() + timedelta(minutes=9) < job.not_before < timezone.now() + timedelta(minutes=11)
    assert claim_jobs(READ, 1, 90)[1] == []


def test_giving_back_counts_nothing() -> None:
    add(READ, 1)
    token, claimed = claim_jobs(READ, 1, 90)
    give_back_jobs(token, {claimed[0].id: 30.0})
    job = job_of(1)
    assert (job.attempts, job.tries, job.lease_token) == (0, 0, None)
    assert job.not_before > timezone.now() + timedelta(seconds=20)


def test_a_job_that_killed_its_worker_three_times_is_set_aside_and_its_neighbours_are_done() -> None:
    articles = [make_article(f"Quay {number}", stage="new") for number in range(SUSPECT_PORTION + 5)]
    ids = [article.pk for article in articles]
    add(READ, *ids)
    poison, done, alone = ids[3], set[int](), 0
    for _ in range(100):
        token, claimed = claim_jobs(READ, 200, 90)
        if not claimed:
            break
        if poison in subjects(claimed):
            alone += len(claimed) == 1
            die(token)
        else:
            finish_jobs(token, [job.id for job in claimed])
            done.update(subjects(claimed))
    assert done == set(ids) - {poison}
    assert alone == 1, "two deaths among others, the third alone"
    job = job_of(poison)
    assert (job.state, job.attempts) == ("quarantined", KILLS_TO_QUARANTINE)
    article = Article.objects.get(pk=poison)
    assert article.stage == "quarantined"
    assert article.message == job.message
    assert "Three workers died" in job.message


def test_an_article_that_stands_keeps_its_stage_when_asking_its_page_again_killed_the_worker() -> None:
    article = make_article(stage="done")
    add(READ, article.pk)
    for _ in range(KILLS_TO_QUARANTINE):
        die(claim_jobs(READ, 1, 90)[0])
    claim_jobs(READ, 1, 90)
    article.refresh_from_db()
    assert (job_of(article.pk).state, article.stage) == ("quarantined", "done")


def test_suspects_have_their_turn_however_much_new_work_comes() -> None:
    add(READ, 1, 2)
    die(claim_jobs(READ, 10, 90)[0])
    add(READ, *range(10, 40))
    assert subjects(claim_jobs(READ, 10, 90)[1]) == [1, 2]


def test_a_shard_is_claimed_in_its_order_and_apart_from_others() -> None:
    rows: list[NewJob] = [
        (1, "en", 7, NOON),
        (2, "en", 5, NOON + timedelta(hours=1)),
        (3, "en", 5, NOON),
        (4, "de", 1, NOON),
        (6, "en", 5, NOON),
    ]
    add_jobs(PLACE, rows)
    assert sorted(due_shards(PLACE)) == ["de", "en"]
    assert subjects(claim_in_order(PLACE, "en", 3, 90)[1]) == [3, 6, 2]


def test_whoever_has_the_turn_takes_over_a_dead_workers_jobs_at_once_in_their_order() -> None:
    add_jobs(PLACE, [(number, "en", 0, NOON) for number in range(1, 5)])
    token, _ = claim_in_order(PLACE, "en", 2, 90)
    again, claimed = claim_in_order(PLACE, "en", 4, 90)
    assert subjects(claimed) == [1, 2], "suspects go apart from what nobody has touched"
    assert [job.attempts for job in claimed] == [2, 2]
    assert finish_jobs(token, [claimed[0].id]) == 0
    assert finish_jobs(again, [job.id for job in claimed]) == 2
    assert subjects(claim_in_order(PLACE, "en", 4, 90)[1]) == [3, 4]


def test_a_shard_goes_on_past_an_article_that_kills_its_workers() -> None:
    articles = [make_article(f"Quay {number}", stage="linked") for number in range(4)]
    ids = [article.pk for article in articles]
    add_jobs(PLACE, [(article_id, "en", 0, NOON) for article_id in ids])
    poison, done = ids[1], list[int]()
    for _ in range(20):
        token, claimed = claim_in_order(PLACE, "en", 10, 90)
        for job in claimed:
            if job.subject_id == poison:
                break  # the worker dies here, and the next takes over at once
            finish_jobs(token, [job.id])
            done.append(job.subject_id)
        if not claimed:
            break
    assert done == [article_id for article_id in ids if article_id != poison]
    assert Article.objects.get(pk=poison).stage == "quarantined"
    assert job_of(poison, PLACE).state == "quarantined"


def test_what_waits_for_a_worker_is_counted_by_kind() -> None:
    add(READ, 1, 2)
    add(PLACE, 1)
    add_jobs(TIDY, [(0, "", 0, None)], seconds=60)
    claim_jobs(PLACE, 1, 90)
    assert count_due_jobs() == {
        "read": 2,
        "place": 0,
        "digest": 0,
        "link": 0,
        "look": 0,
        "subscribe": 0,
        "push": 0,
        "mail": 0,
        "tidy": 0,
    }


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_jobs_without_doubling() -> None:
    add(READ, *range(60))

    def work(_: int) -> list[int]:
        try:
            return [job.subject_id for _ in range(6) for job in claim_jobs(READ, 4, 90)[1]]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [subject for ids in pool.map(work, range(4)) for subject in ids]
    assert sorted(claimed) == list(range(60))


@pytest.mark.django_db(transaction=True)
def test_workers_that_ask_for_the_same_jobs_at_once_never_stop_each_other() -> None:
    numbers = list(range(200))

    def ask(worker: int) -> None:
        try:
            for turn in range(5):
                shuffled = sorted(numbers, key=lambda number: (number * (worker + 3) + turn) % 211)
                add(READ, *shuffled)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    assert Job.objects.count() == len(numbers)
