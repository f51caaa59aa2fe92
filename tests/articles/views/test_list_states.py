"""The list says so when a part of it could not be fetched, and goes on when the desk answers again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.factories import make_article

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_names_a_part_that_failed_and_forgets_it_after_the_next_answer(desk: Desk, analyst: User) -> None:
    make_article("Harbour reopens")
    desk.sign_in(analyst)
    page = desk.open("/articles/")
    # The browser itself notes in its console what is cut off on purpose.
    desk.expected_words = ("htmx:", "Failed")
    desk.context.set_offline(True)
    page.locator("#q").press_sequentially("harb")
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("This part could not be fetched")
    expect(fault).to_contain_text("The desk does not answer.")
    expect(fault.get_by_role("link", name="Try again")).to_have_attribute("href", "/articles/?q=harb")
    assert desk.axe() == []
    desk.context.set_offline(False)
    page.locator("#q").press_sequentially("our")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("link", name="Harbour reopens").first).to_be_visible()
