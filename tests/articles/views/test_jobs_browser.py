"""The Jobs page and Health in a real browser: axe, both themes, 320 px, the keyboard, and no script at all."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Heartbeat, Job, SizeDay
from newsdesk.accounts.models import User
from tests.articles.views.test_jobs import make_every_state, make_failed
from tests.browser import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_passes_axe_and_reflows_with_jobs_of_every_state(desk: Desk, admin: User) -> None:
    make_every_state()
    desk.sign_in(admin)
    desk.check_page("jobs", "/jobs/")
    desk.check_page("jobs-waiting", "/jobs/?state=waiting")


def test_it_passes_axe_when_nothing_waits(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    desk.check_page("jobs-empty", "/jobs/")


def test_an_article_in_trouble_passes_axe(desk: Desk, admin: User) -> None:
    job = make_failed()
    desk.sign_in(admin)
    desk.check_page("article-failed", f"/articles/{job.subject_id}/")


def test_health_passes_axe_with_sizes_and_a_silent_part(desk: Desk, admin: User) -> None:
    now = timezone.now()
    for days_ago, size in ((3, 40), (0, 100)):
        for part in ("database", "postgres", "valkey"):
            day = (now - timedelta(days=days_ago)).date()
            SizeDay.objects.create(day=day, part=part, bytes=size * 1024**2)
    Heartbeat.objects.create(part="text", name="text@one", at=now - timedelta(minutes=5))
    desk.sign_in(admin)
    desk.check_page("health-silent", "/health/")


def test_a_job_is_dropped_and_had_back_by_the_keyboard_alone(desk: Desk, admin: User) -> None:
    job = make_failed("Quay opens")
    desk.sign_in(admin)
    page = desk.open("/")
    desk.go("j")
    page.wait_for_url("**/jobs/")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Quay opens")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Retry Quay opens")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Drop Quay opens")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dropped.", exact=True)).to_be_visible()
    job.refresh_from_db()
    assert job.state == "dropped"
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_filter_and_a_retry_work_without_a_script(scriptless: Desk, admin: User) -> None:
    job = make_failed("Quay opens")
    make_failed("Quay shuts")
    scriptless.sign_in(admin)
    page = scriptless.open("/jobs/")
    page.get_by_label("State").select_option("failed")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("state=failed$"))
    page.get_by_role("button", name="Retry Quay opens").click()
    expect(page.get_by_text("It is due again.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/jobs/\?state=failed$"))
    assert Job.objects.get(pk=job.pk).state == "waiting"
