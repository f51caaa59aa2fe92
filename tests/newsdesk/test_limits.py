"""Each kind of process has its own limits on the database, and Celery the settings that keep work from being lost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from newsdesk.celery import app
from newsdesk.services.pytest_plugin import PATIENCE
from tests.workers import ROOT, test_environment

SHOW = """
import django
from django.db import connection
django.setup()
with connection.cursor() as cursor:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "jit"):
        cursor.execute("SHOW " + name)
        print(cursor.fetchone()[0], end=" ")
"""
OPENED_BY = {
    "web": "import newsdesk.wsgi\n",
    "worker": "import newsdesk.celery\n",
    "command": "",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("role", "limits"),
    [("web", "5s 2s 10s off"), ("worker", "30s 5s 1min off"), ("command", "30s 5s 1min off")],
)
def test_a_page_answers_soon_and_a_task_may_take_its_time(role: str, limits: str) -> None:
    environment = test_environment(NEWSDESK_ROLE="command", DJANGO_SETTINGS_MODULE="newsdesk.settings")
    environment = {name: value for name, value in environment.items() if name not in PATIENCE}
    done = subprocess.run(
        [sys.executable, "-c", OPENED_BY[role] + SHOW],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == limits


def test_celery_loses_no_task_with_its_worker_and_floods_nobody() -> None:
    conf = app.conf
    assert conf.task_ignore_result
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.accept_content == ["json"]
    assert conf.worker_max_tasks_per_child == 200
    assert conf.worker_soft_shutdown_timeout > 0
    assert conf.broker_connection_max_retries is None
    assert conf.broker_transport_options["socket_timeout"] <= 5
    assert conf.broker_transport_options["socket_connect_timeout"] <= 2
    tick = conf.beat_schedule["poke"]
    assert tick["options"]["expires"] < tick["schedule"]


def test_every_task_has_limits_and_none_is_delivered_again_while_it_may_still_run() -> None:
    app.loader.import_default_modules()
    ours = {name for name, task in app.tasks.items() if task.__module__.startswith("articles.")}
    limits = app.conf.task_annotations
    assert ours == set(limits)
    for limit in limits.values():
        assert "soft_time_limit" not in limit, "tasks end by their own deadlines"
        assert 2 * limit["time_limit"] <= app.conf.broker_transport_options["visibility_timeout"]
