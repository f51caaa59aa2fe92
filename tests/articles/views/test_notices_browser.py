"""The page of notices in a real browser: axe, both themes, 320 px, by keyboard."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Notice
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.sources_world import make_every_state

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_passes_axe_empty_and_full_and_is_worked_by_keyboard(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    desk.check_page("notices-none", "/sources/notices/")
    made = make_every_state(timezone.now())
    Notice.objects.all().delete()
    for name, kind in (("failing", "failing"), ("gone", "gone"), ("ok", "healed"), ("slow", "silent")):
        words = (
            "No answer that could be read since 12 Mar 2026, 06:00 UTC: The server answered 403 (forbidden)."
        )
        Notice.objects.create(feed=made[name], kind=kind, words=words)
    Notice.objects.create(kind="offline", words="No public source has answered since 12 Mar 2026, 06:00 UTC.")
    Notice.objects.filter(kind="gone").update(seen_by="ada", seen_at=timezone.now())
    desk.check_page("notices-some", "/sources/notices/")
    page = desk.open("/sources/notices/")
    expect(page.get_by_role("navigation").get_by_text("4 notices").first).to_be_visible()
    page.get_by_role("button", name="Seen: fails, Kowloon Wire").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("3 new, 2 seen")
    page.get_by_role("button", name="Mark all as seen").click()
    # What works again was good news: seen, it is taken down.
    expect(page.get_by_role("status").first).to_contain_text("nothing new, 4 seen")
