"""Settings that must fit together are checked when the desk starts, in one sentence that names them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from articles import tasks
from articles.ingest.pages import SECONDS_TO_SPARE
from newsdesk.celery import app

ROOT = Path(__file__).resolve().parents[2]


def started_with(**values: str) -> str:
    """The last line that a process says which only reads the settings; empty when it takes them."""
    names = {"PATH": os.environ["PATH"], "NEWSDESK_DATA": str(settings.DATA_DIR)}
    done = subprocess.run(
        [sys.executable, "-c", "import newsdesk.settings"],
        cwd=ROOT,
        env=names | values,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = done.stderr.strip().splitlines()
    return lines[-1].partition("SettingError: ")[2] if lines else ""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"NEWSDESK_LEASE_SECONDS": "75"}, "NEWSDESK_LEASE_SECONDS=75 must be more than 75"),
        ({"NEWSDESK_READ_LEASE_SECONDS": "300"}, "NEWSDESK_READ_LEASE_SECONDS=300 must be more than 300"),
        (
            {"NEWSDESK_FETCH_BATCH_SECONDS": "40"},
            "NEWSDESK_FETCH_BATCH_SECONDS=40 and NEWSDESK_FETCH_TOTAL_SECONDS=20 must together be less than 60",
        ),
        ({"NEWSDESK_FETCH_TOTAL_SECONDS": "59"}, "NEWSDESK_FETCH_TOTAL_SECONDS=59 must together"),
        ({"NEWSDESK_FEED_MINUTES": "2"}, "NEWSDESK_FEED_MINUTES=2 must lie between"),
    ],
)
def test_settings_that_do_not_fit_are_refused_by_name(values: dict[str, str], said: str) -> None:
    assert said in started_with(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"NEWSDESK_LEASE_SECONDS": "76", "NEWSDESK_READ_LEASE_SECONDS": "301"},
        {"NEWSDESK_FETCH_BATCH_SECONDS": "39"},
        {"NEWSDESK_LEASE_SECONDS": "4", "NEWSDESK_SHORT_LEASES": "True"},
    ],
)
def test_settings_that_fit_are_taken(values: dict[str, str]) -> None:
    assert not started_with(**values)


def test_the_limits_of_tasks_are_those_that_the_settings_are_checked_against() -> None:
    limits = {name: limit["time_limit"] for name, limit in app.conf.task_annotations.items()}
    assert limits["fetch_feeds"] == settings.FETCH_TASK_SECONDS
    assert limits["read_articles"] == limits["place_articles"] == settings.READ_TASK_SECONDS
    assert tasks.FETCH_SECONDS <= settings.FETCH_TASK_SECONDS - settings.STORING_SECONDS
    assert tasks.TEXT_SECONDS + SECONDS_TO_SPARE < settings.READ_TASK_SECONDS
