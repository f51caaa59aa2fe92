"""Events in a real browser: a sentence leads to its words, lists go by keys, all of it without scripts, too."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsdesk.accounts.models import User
from tests.browser import PATIENCE, Desk
from tests.event_world import SILENT, make_doubts, make_told, make_told_event
from tests.factories import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CITED = re.compile(r"/articles/\d+/\?cite=.*#cited$")


def test_an_event_is_read_and_its_words_are_found_by_keyboard(desk: Desk, editor: User) -> None:
    now = timezone.now()
    told = make_told(now)
    event = make_told_event(told)
    make_doubts(event, told, now)
    desk.sign_in(editor)
    desk.check_page("event-rich", f"/events/{event.pk}/")
    page = desk.open("/events/?order=heat")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/events/{event.pk}/")
    page.get_by_role("link", name=SILENT).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(CITED)
    cited = page.locator("#cited")
    assert SILENT.startswith(cited.inner_text())
    expect(cited).to_be_in_viewport(ratio=1)
    desk.check_page("article-cited")


def test_lists_and_feeds_are_chosen_and_read(desk: Desk, analyst: User) -> None:
    make_told_event(make_told(timezone.now()))
    desk.sign_in(analyst)
    desk.check_page("events-filtered", "/events/?entity=csia&silence=live&type=agreement&order=growth")
    page = desk.open("/events/")
    page.get_by_label("Names (an entity)").fill("CSIA")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**entity=CSIA**")
    page.get_by_role("link", name="Feeds").click()
    page.get_by_role("button", name="Make a key").click()
    address = page.locator("#atom-at").inner_text()
    assert "entity=CSIA" in address
    assert page.request.get(address, timeout=PATIENCE).ok
    desk.check_page("events-feeds", "/events/feeds/?entity=CSIA")
    desk.check_page("account-feeds", "/account/")


def test_an_event_is_whole_without_scripts(scriptless: Desk, editor: User) -> None:
    event = make_told_event(make_told(NOON))  # at midnight the repeats would be those of two days
    scriptless.sign_in(editor)
    page = scriptless.open(f"/events/{event.pk}/")
    page.locator("summary", has_text="repeat Kestrel Wire").click()
    expect(page.get_by_text("Strait Courier").first).to_be_visible()
    address = page.get_by_role("link", name=SILENT).get_attribute("href")
    page.goto(f"{scriptless.base}{address}")
    expect(page.locator("mark.cited#cited")).to_be_in_viewport(ratio=1)
