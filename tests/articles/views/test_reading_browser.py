"""Today, events, entities and Go to in a real browser: axe in both themes, reflow, policy, keyboard."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.stories_world import make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("today", "/?range=7d"),
        ("events", "/events/"),
        ("events-empty", "/events/?text=elephant"),
        ("event", "/events/{wind}/"),
        ("event-move", "/articles/{article}/move/?to={bridge}"),
        ("event-join", "/events/{wind}/join/?to={bridge}"),
        ("event-rename", "/events/{wind}/rename/"),
        ("event-status", "/events/{wind}/status/"),
        ("entities", "/entities/"),
        ("entities-empty", "/entities/?text=zzz"),
        ("entity", "/entities/skagen-steel-ab/"),
        ("entity-table", "/entities/skagen-steel-ab/?as=table"),
        ("palette", "/palette/?q=sk"),
    ],
)
def test_it_passes_axe_in_both_themes_and_reflows(desk: Desk, admin: User, name: str, path: str) -> None:
    world = make_world(timezone.now())
    desk.sign_in(admin)
    where = path.format(
        wind=world.events["wind"].pk, bridge=world.events["bridge"].pk, article=world.articles[4].pk
    )
    desk.check_page(name, where)


def test_it_passes_axe_before_the_first_story(desk: Desk, analyst: User) -> None:
    desk.sign_in(analyst)
    for name, path in (("today-empty", "/"), ("events-first", "/events/"), ("entities-first", "/entities/")):
        desk.check_page(name, path)


def test_an_event_is_reached_and_joined_by_keyboard_alone(desk: Desk, editor: User) -> None:
    world = make_world(timezone.now())
    desk.sign_in(editor)
    page = desk.open("/events/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/events/*/")
    page.get_by_role("link", name="Join").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/join/")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="See what would change").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Join them").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The two events are one now.").wait_for()
    expect(page.locator("main")).to_contain_text("8 articles")
    assert world.events["wind"].pk


def test_go_to_leads_to_an_entity(desk: Desk, analyst: User) -> None:
    make_world(timezone.now())
    desk.sign_in(analyst)
    page = desk.open("/events/")
    page.keyboard.press("Control+k")
    page.keyboard.type("SKST")
    page.get_by_role("option", name="Skagen Steel AB").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/entities/skagen-steel-ab/")
