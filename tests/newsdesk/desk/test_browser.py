"""The shell's pages in a real browser: axe, reflow, policy, keys, palette."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import NetworkState, Publisher
from newsdesk.accounts import acts
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.sources_world import make_every_state, make_source

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    "path", ["/help/", "/health/", "/account/", "/account/password/", "/people/", "/people/invite/"]
)
def test_it_passes_axe_and_reflows_on_every_page_of_the_house(desk: Desk, admin: User, path: str) -> None:
    User.objects.create_user("ben", "ben@desk.example", "correct horse 12", role="analyst", is_active=False)
    desk.sign_in(admin)
    desk.check_page(path.strip("/").replace("/", "-"), path)


def test_it_passes_axe_on_the_doors(desk: Desk) -> None:
    desk.check_page("sign-in", "/sign-in/")


def test_it_passes_axe_on_a_page_that_is_not_there(desk: Desk, analyst: User) -> None:
    desk.expected_statuses = (404,)
    desk.sign_in(analyst)
    desk.check_page("404", "/no-such-page/")


def test_it_passes_axe_with_every_notice(desk: Desk, admin: User) -> None:
    Publisher.objects.create(name="Invented Times", slug="invented-times", sample=True)
    NetworkState.objects.update_or_create(pk=1, defaults={"silent_since": timezone.now()})
    desk.sign_in(admin)
    desk.check_page("notices", "/help/")


def test_it_passes_axe_on_every_page_about_sources(desk: Desk, admin: User) -> None:
    made = make_every_state(timezone.now())
    desk.sign_in(admin)
    desk.check_page("sources", "/sources/")
    desk.check_page("source-failing", f"/sources/{made['failing'].pk}/")
    desk.check_page("source-edit", f"/sources/{made['ok'].pk}/edit/")
    desk.check_page("source-add", "/sources/add/")
    desk.check_page("sources-import", "/sources/import/")


def test_it_passes_axe_on_what_is_shown_once(desk: Desk, admin: User) -> None:
    ben = User.objects.create_user("ben", "ben@desk.example", "correct horse 12", role="analyst")
    acts.change_role(admin, ben.pk, "editor")
    desk.sign_in(admin)
    desk.check_page("person-history", f"/people/{ben.pk}/history/")
    page = desk.open("/people/invite/")
    page.get_by_label("E-mail").fill("neo@desk.example")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#link").inner_text()
    found = desk.axe()
    assert not found, found
    desk.shoot("invited-light-1440")
    page = desk.open("/people/")
    page.get_by_role("button", name="Password link for ben").click()
    expect(page.locator("#link")).to_be_visible()
    found = desk.axe()
    assert not found, found
    desk.shoot("password-link-light-1440")
    desk.context.clear_cookies()
    desk.check_page("join", link.removeprefix(desk.base))
    desk.expected_statuses = (410,)
    desk.check_page("join-gone", "/join/nothing/")


def test_it_passes_axe_on_a_dry_run_and_on_a_proposed_address(desk: Desk, admin: User) -> None:
    moved = make_source(
        "Moved Post",
        proposed_url="https://www.moved-post.example/a/very/long/new/address/of/the/feed.xml",
        redirects_seen=4,
        redirects_since=timezone.now(),
        last_fetch_at=timezone.now(),
        next_fetch_at=timezone.now(),
    )
    desk.sign_in(admin)
    desk.check_page("source-moved", f"/sources/{moved.pk}/")
    page = desk.open("/sources/import/")
    lines = '<outline text="Known" xmlUrl="https://moved-post.example/feed"/><outline text="New" xmlUrl="https://n.example/f"/>'
    opml = f'<opml version="2.0"><body><outline text="Asia">{lines}</outline></body></opml>'.encode()
    page.get_by_label("OPML or JSON file").set_input_files(
        {"name": "l.opml", "mimeType": "text/x-opml", "buffer": opml}
    )
    page.get_by_role("button", name="Show what would be added").click()
    expect(page.get_by_text("1 of 2 would be added")).to_be_visible()
    found = desk.axe()
    assert not found, found
    desk.shoot("sources-import-dry-light-1440")
    page.get_by_role("button", name="Add 1 source").click()
    expect(page.get_by_role("link", name="New", exact=True)).to_be_visible()


def test_it_passes_axe_on_refusals(desk: Desk, analyst: User, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.expected_statuses = (403, 500)
    desk.sign_in(analyst)
    desk.check_page("403", "/sources/")

    def fail(_now: datetime) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("newsdesk.desk.views.health_checks", fail)
    desk.check_page("500", "/health/")


def test_it_takes_a_code_app(desk: Desk, analyst: User, settings: Any) -> None:
    settings.MFA_TOTP_TOLERANCE = (
        20  # steps of half a minute: a code stays good for as long as a page may take
    )
    desk.open("/sign-in/?next=/account/second-factor/totp/activate/")
    page = desk.page
    page.get_by_label("User name or e-mail").fill("ana")
    page.get_by_label("Password").fill("correct horse 12")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Password").fill("correct horse 12")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activate Authenticator App")
    found = desk.axe()
    assert not found, found
    desk.shoot("totp-light-1440")
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret, time.time()))
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/recovery-codes/**")
    desk.context.clear_cookies()
    page = desk.open("/sign-in/?next=/help/")
    page.get_by_label("User name or e-mail").fill("ana")
    page.get_by_label("Password").fill("correct horse 12")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-Factor Authentication")
    found = desk.axe()
    assert not found, found
    desk.shoot("mfa-authenticate-light-1440")
    # The code that set it up was used; the next one is good already, by the tolerance for clocks.
    page.get_by_label("Code").first.fill(code_of(secret, time.time() + 30))
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Help and keys")


def code_of(secret: str, moment: float) -> str:
    """The six digits of RFC 6238 (SHA-1, 30 s) for a base32 secret."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_it_passes_axe_before_the_first_source(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    desk.check_page("sources-empty", "/sources/")
