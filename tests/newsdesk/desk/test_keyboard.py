"""The main jobs by keyboard alone, the keys of the desk, and everything without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from articles.models import Feed
from newsdesk.accounts.models import User
from tests.browser import NARROW, Desk
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.sources_world import make_source

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = b"""<!doctype html><html><head><title>Paper</title>
<link rel="alternate" type="application/rss+xml" title="All stories" href="/feed">
<link rel="alternate" type="application/rss+xml" title="Business" href="/business"></head><body></body></html>"""


def tab_to(page: Page, name: str, *, most: int = 60) -> None:
    """Press Tab until the element of this accessible name has the focus."""
    script = """() => { const e = document.activeElement; if (!e || e === document.body) return "";
        return (e.getAttribute("aria-label") || (e.labels && e.labels[0] && e.labels[0].innerText)
                || e.innerText || "").trim(); }"""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(script).startswith(name):
            return
    pytest.fail(f"{name!r} cannot be reached by Tab")


def test_it_signs_in_by_keyboard_alone(desk: Desk, analyst: User) -> None:
    page = desk.open("/sign-in/?next=/help/")
    tab_to(page, "User name or e-mail")
    page.keyboard.type("ana")
    tab_to(page, "Password")
    page.keyboard.type("correct horse 12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Help and keys")


def test_it_says_what_was_wrong_and_keeps_the_name(desk: Desk, analyst: User) -> None:
    page = desk.open("/sign-in/")
    page.get_by_label("User name or e-mail").fill("ana")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("User name or e-mail")).to_have_value("ana")
    assert desk.axe() == []
    desk.shoot("sign-in-wrong-light-1440")


@pytest.mark.usefixtures("patience")
def test_it_adds_a_source_of_a_site_by_keyboard_alone(desk: Desk, admin: User, settings: Any) -> None:
    bodies = {"/": PAGE, "/feed": generated_feed(1, 14), "/business": generated_feed(2, 3)}
    with serving(FeedWorld(bodies, {"/": "text/html"})) as world:
        settings.FETCH_PORTS = frozenset({world.port})
        desk.sign_in(admin)
        page = desk.open("/sources/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        tab_to(page, "Add a source")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Add a source")
        tab_to(page, "Address of a feed or a site")
        page.keyboard.type(world.url("/"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=2).first).to_contain_text("names 2 feeds")
        assert desk.axe() == []
        desk.shoot("source-add-found-light-1440")
        tab_to(page, "Look at All stories")
        page.keyboard.press("Enter")
        expect(page.get_by_text("What would be stored")).to_be_visible()
        assert desk.axe() == []
        desk.shoot("source-add-preview-light-1440", full=True)
        desk.look(width=NARROW)
        desk.shoot("source-add-preview-light-390", full=True)
        tab_to(page, "Add this source")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Paper 1")
    assert Feed.objects.get().url.endswith("/feed")


def test_it_offers_undo_in_a_toast_and_undoes(desk: Desk, admin: User) -> None:
    feed = make_source("Post")
    desk.sign_in(admin)
    page = desk.open(f"/sources/{feed.pk}/")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status").filter(has_text="Paused.")).to_be_visible()
    assert desk.axe() == []
    desk.shoot("source-toast-light-1440")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_it_obeys_the_keys_outside_of_fields_only(desk: Desk, admin: User) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        make_source(name)
    desk.sign_in(admin)
    page = desk.open("/help/")
    desk.go("s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Alpha")).to_be_focused()
    page.keyboard.type("jjj")
    expect(page.get_by_role("link", name="Gamma")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Beta")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Beta")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("gp?j")
    expect(page.locator("#q")).to_have_value("gp?j")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert desk.axe() == []
    desk.shoot("keys-light-1440")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_it_leaves_single_letters_alone_when_a_person_switched_them_off(desk: Desk, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(single_key_shortcuts=False)
    desk.sign_in(admin)
    page = desk.open("/help/")
    page.keyboard.type("?")
    desk.go("s")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Help and keys")


def test_it_reaches_every_place_by_the_menu_of_a_phone(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    page = desk.open("/help/", width=NARROW)
    page.get_by_role("button", name="Menu").click()
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu).to_be_visible()
    assert desk.axe() == []
    desk.shoot("menu-light-390")
    menu.get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_it_works_without_script(scriptless: Desk, admin: User) -> None:
    feed = make_source("Post")
    page = scriptless.open("/sign-in/?next=/sources/")
    page.get_by_label("User name or e-mail").fill("ada")
    page.get_by_label("Password").fill("correct horse 12")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Post", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("link", name="Help and keys").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help and keys")
    feed.refresh_from_db()
    assert feed.state == "paused"


def test_it_takes_a_second_factor_and_a_passkey_under_the_strict_policy(desk: Desk, analyst: User) -> None:
    devtools = desk.context.new_cdp_session(desk.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page = desk.open("/sign-in/?next=/account/")
    page.get_by_label("User name or e-mail").fill("ana")
    page.get_by_label("Password").fill("correct horse 12")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Second factor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    assert desk.axe() == []
    desk.shoot("mfa-light-1440")
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    assert desk.axe() == []
    desk.shoot("mfa-still-you-light-1440")
    page.get_by_label("Password").fill("correct horse 12")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add Security Key")
    assert desk.axe() == []
    desk.shoot("mfa-passkey-add-light-1440")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    assert desk.axe() == []
    desk.shoot("mfa-codes-light-1440")
    desk.context.clear_cookies()
    page = desk.open("/sign-in/?next=/help/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help and keys")


def test_it_goes_anywhere_by_the_palette(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    page = desk.open("/help/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Go to")
    expect(field).to_be_focused()
    # The first answer names the places of the desk; the one to what is typed stands there when it is replaced.
    expect(page.get_by_role("option", name=re.compile("^Today"))).to_be_visible()
    field.fill("sour")
    expect(page.get_by_role("option", name=re.compile("^Today"))).to_have_count(0)
    option = page.get_by_role("option", name=re.compile("^Sources"))
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-expanded", "true")
    found = desk.axe()
    assert not found, found
    desk.shoot("palette-light-1440")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    page.wait_for_load_state("load")
    page.get_by_role("link", name="Go to anything").focus()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Go to anything")).to_be_focused()
    page.keyboard.press("Control+k")
    field.fill("peop")
    page.keyboard.press("Enter")  # before the answer can be there
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
