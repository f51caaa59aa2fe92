"""Placing by jobs: in order, one worker a shard, past what kills or fails, and nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from articles import pipeline
from articles.events import database, placing
from articles.events.database import shard_turn
from articles.events.replaying import plan_replay
from articles.jobs import add_jobs, claim_in_order
from articles.models import Article, Event, EventVector, Job, Membership, PlacedTerms
from tests.articles.events.told import STREAM, store_article
from tests.workers import ROOT, test_environment, wait_until

PLACE = Job.Kind.PLACE
SECONDS = 600.0

# A worker that dies over one article, whenever its turn comes, and says so before.
DOOMED = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "newsdesk.settings"
import django
django.setup()
from articles import pipeline
from articles.events import placing
place = placing._place_locked

def die(story, window):
    if story.key == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return place(story, window)

placing._place_locked = die
pipeline.place_linked_articles(600.0)
"""

# A worker that is killed at one of its statements to the database, be it in the middle of a placement.
KILLED = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "newsdesk.settings"
import django
django.setup()
from django.db import connection
from articles import pipeline
left = int(sys.argv[1])

def count(execute, *arguments):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(*arguments)

with connection.execute_wrapper(count):
    pipeline.place_linked_articles(600.0)
"""


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    database._held.clear()
    yield
    database._held.clear()


def wait_for_events() -> list[int]:
    """The stream, linked and waiting; the ids in the order of placing."""
    articles = [store_article(told) for told in STREAM]
    Article.objects.update(stage="linked")
    add_jobs(PLACE, [(article.pk, "en", article.batch, article.published_at) for article in articles])
    return list(Article.objects.order_by("batch", "published_at", "id").values_list("pk", flat=True))


def stages() -> set[str]:
    return set(Article.objects.values_list("stage", flat=True))


@pytest.mark.django_db
def test_what_waits_is_placed_in_the_order_of_the_stream() -> None:
    ids = wait_for_events()
    assert pipeline.place_linked_articles(SECONDS) == len(ids)
    assert stages() == {"done"}
    assert set(Job.objects.filter(kind=PLACE).values_list("state", flat=True)) == {"done"}
    placed = list(Membership.objects.order_by("placed_at", "pk").values_list("article_id", flat=True))
    assert placed == ids
    assert pipeline.place_linked_articles(SECONDS) == 0


@pytest.mark.django_db
def test_an_article_whose_text_changed_meanwhile_waits_until_it_is_read() -> None:
    ids = wait_for_events()
    Article.objects.filter(pk=ids[0]).update(stage="new")
    pipeline.place_linked_articles(SECONDS)
    assert not Membership.objects.filter(article=ids[0]).exists()
    assert Job.objects.get(kind=PLACE, subject_id=ids[0]).state == "done"
    add_jobs(PLACE, [(ids[0], "en", 0, None)])  # as its reader asks
    Article.objects.filter(pk=ids[0]).update(stage="linked")
    pipeline.place_linked_articles(SECONDS)
    assert Membership.objects.filter(article=ids[0]).exists()


@pytest.mark.django_db
def test_an_article_that_cannot_be_placed_fails_alone_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = wait_for_events()
    place = placing._place_locked

    def refuse(story: Any, window: Any) -> Any:
        if story.key == ids[1]:
            raise ValueError("no such bridge")
        return place(story, window)

    monkeypatch.setattr(placing, "_place_locked", refuse)
    pipeline.place_linked_articles(SECONDS)
    article = Article.objects.get(pk=ids[1])
    job = Job.objects.get(kind=PLACE, subject_id=ids[1])
    assert (article.stage, job.state) == ("failed", "failed")
    assert "no such bridge" in article.message
    assert article.message == job.message
    assert Membership.objects.count() == len(ids) - 1


@pytest.mark.django_db
def test_a_statement_that_took_too_long_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = wait_for_events()

    def dawdle(_story: Any, _window: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'")
            cursor.execute("SELECT pg_sleep(30)")

    with monkeypatch.context() as patched:
        patched.setattr(placing, "_place_locked", dawdle)
        pipeline.place_linked_articles(SECONDS)
    assert set(Job.objects.filter(kind=PLACE).values_list("state", "tries")) == {("waiting", 1)}
    assert stages() == {"linked"}
    Job.objects.update(not_before="2026-01-01T00:00Z")
    pipeline.place_linked_articles(SECONDS)
    assert Membership.objects.count() == len(ids)


@pytest.mark.django_db
def test_what_no_time_is_left_for_goes_back_uncounted() -> None:
    ids = wait_for_events()
    token, jobs = claim_in_order(PLACE, "en", 10, 90)
    assert placing.place_claimed(token, jobs, lambda: Membership.objects.count() >= 2) == 2
    assert Membership.objects.count() == 2
    assert list(Job.objects.filter(kind=PLACE, state="done").values_list("subject_id", flat=True)) != ids


@pytest.mark.django_db(transaction=True)
def test_a_shard_is_one_workers_at_a_time_and_another_goes_on_at_once_when_it_dies() -> None:
    other = connections.create_connection("default")
    other.settings_dict = connection.settings_dict
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", _turn("en"))
        with shard_turn("en") as is_ours:
            assert not is_ours
        with shard_turn("de") as is_ours:
            assert is_ours
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        wait_until(_is_free, "the server gives the turn of the dead to the next")
    finally:
        other.close()
    with shard_turn("en") as is_ours:
        assert is_ours


@pytest.mark.django_db(transaction=True)
def test_an_article_that_kills_three_workers_is_set_aside_and_the_stream_goes_on() -> None:
    ids = wait_for_events()
    poison = ids[2]
    for death in range(1, 4):
        command = [sys.executable, "-c", DOOMED, str(poison)]
        done = subprocess.run(command, cwd=ROOT, env=test_environment(), timeout=280, check=False)
        assert done.returncode == -signal.SIGKILL
        assert Job.objects.get(kind=PLACE, subject_id=poison).attempts == death
    pipeline.place_linked_articles(SECONDS)
    assert (Article.objects.get(pk=poison).stage, Job.objects.get(kind=PLACE, subject_id=poison).state) == (
        "quarantined",
        "quarantined",
    )
    placed = list(Membership.objects.order_by("placed_at", "pk").values_list("article_id", flat=True))
    assert placed == [article_id for article_id in ids if article_id != poison]
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_workers_that_are_killed_at_any_moment_lose_no_article_and_place_none_twice() -> None:
    ids = wait_for_events()
    # Counted in statements, of which all placements together have over 150: what the first death leaves is always
    # enough for the second. The same moments each time: `tests.benchmarks.stream` kills at others.
    moments = [61, 24]
    for moment in moments:
        command = [sys.executable, "-c", KILLED, str(moment)]
        done = subprocess.run(command, cwd=ROOT, env=test_environment(), timeout=280, check=False)
        assert done.returncode == -signal.SIGKILL, moments
        Job.objects.filter(kind=PLACE, state="waiting").update(
            lease_until="2026-01-01T00:00Z"
        )  # its lease is over
    pipeline.place_linked_articles(SECONDS)
    assert stages() == {"done"}, moments
    assert set(Job.objects.filter(kind=PLACE).values_list("state", flat=True)) == {"done"}, moments
    placed = list(Membership.objects.order_by("pk").values_list("article_id", flat=True))
    assert placed == ids, moments
    assert sum(Event.objects.filter(merged_into=None).values_list("article_count", flat=True)) == len(ids)
    assert sum(EventVector.objects.values_list("size", flat=True)) == len(ids), moments
    assert PlacedTerms.objects.count() == len(ids), moments
    together = {
        frozenset(one.memberships.values_list("article_id", flat=True))
        for one in Event.objects.filter(merged_into=None)
    }
    plan = plan_replay("en")  # what an undisturbed run makes of the stream
    wanted = {frozenset(key for key, group in plan.now.items() if group == one) for one in plan.now.values()}
    plan.close()
    assert together == wanted, moments
    connections.close_all()


def _turn(shard: str) -> list[int]:
    """The key of the advisory lock that stands for the shard's turn."""
    return [database.TURN_ROOM, zlib.crc32(shard.encode()) - (1 << 31)]


def _is_free() -> bool:
    with shard_turn("en") as is_ours:
        return is_ours
