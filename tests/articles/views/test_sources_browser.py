"""The pages about sources in a real browser: both themes, all widths, keys, forms, the live log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from articles.editing import sources
from articles.editing.sources import SecretEdit, SourceDraft
from articles.models import Feed, FetchRun
from newsdesk.accounts.models import User
from tests.browser import NARROW, Desk
from tests.feedworld import FeedWorld, generated_feed, serving
from tests.sources_world import make_every_state, make_source, make_told_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_passes_axe_on_the_list_with_everything_on_it(desk: Desk, admin: User) -> None:
    made = make_every_state(timezone.now())
    Feed.objects.filter(pk=made["ok"].pk).update(
        tags=["asia", "harbour"],
        fixed_seconds=1800,
        user_agent="Desk/1",
        secret_names=["cookie"],
        known_share=0.87,
        next_why="Every 30 min, as an admin fixed it.",
    )
    desk.sign_in(admin)
    desk.check_page("sources-differs", "/sources/?differs=1&tag=asia")


def test_it_passes_axe_on_the_page_of_a_source(desk: Desk, admin: User) -> None:
    made = make_every_state(timezone.now())
    failing = made["failing"]
    make_told_run(failing, timezone.now())
    Feed.objects.filter(pk=failing.pk).update(
        proposed_url="https://new.example/feed",
        redirects_seen=4,
        note="Ask Kim first.",
        identity="url",
        identity_why="9 of 20 entries have no guid.",
        next_why="Again in 50 min, after 5 failures in a row.",
    )
    sources.edit_source(
        "ada", failing.pk, SourceDraft(failing.url, "Kowloon Wire", "Kowloon Wire Ltd", tags=("asia",))
    )
    desk.sign_in(admin)
    desk.check_page("source", f"/sources/{failing.pk}/")
    page = desk.open(f"/sources/{failing.pk}/")
    page.locator("summary", has_text="Details").first.click()
    assert desk.axe() == []
    desk.shoot("source-details-light-1440", full=True)
    desk.look(width=NARROW)
    desk.shoot("source-details-light-390", full=True)
    desk.check_page("publisher", f"/sources/publishers/{failing.publisher_id}/")
    desk.check_page("source-identity", f"/sources/{failing.pk}/identity/")


def test_it_passes_axe_on_the_forms(desk: Desk, admin: User) -> None:
    feed = make_source("Post")
    sources.edit_source(
        "ada",
        feed.pk,
        SourceDraft(feed.url, "Post", "Post Ltd"),
        secrets=SecretEdit({"cookie": "a=b", "header:X-Key": "k"}),
    )
    desk.sign_in(admin)
    desk.check_page("sources-export", "/sources/export/")
    page = desk.open(f"/sources/{feed.pk}/edit/")
    page.get_by_text("Sign-in, cookie, headers and proxy").click()
    assert desk.axe() == []
    desk.shoot("source-edit-open-light-1440", full=True)


def test_it_chooses_rows_by_key_and_changes_them_at_once(desk: Desk, admin: User) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        make_source(name)
    desk.sign_in(admin)
    page = desk.open("/sources/")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#picked")).to_have_text("2 ticked")
    desk.shoot("sources-picked-light-1440")
    page.get_by_label("What to do with them").select_option("tag")
    page.get_by_label("Value", exact=True).fill("asia")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_role("status").first).to_contain_text("2 sources would change")
    assert desk.axe() == []
    desk.shoot("sources-bulk-light-1440")
    page.get_by_role("button", name="Add tags: 2 sources").click()
    expect(page.locator(".toast")).to_contain_text("Add tags: 2 sources.")
    assert sorted(Feed.objects.filter(tags=["asia"]).values_list("title", flat=True)) == ["Alpha", "Beta"]
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Taken back for 2 sources.")
    assert not Feed.objects.filter(tags=["asia"]).exists()


def test_it_shows_a_fetch_live_and_stops_by_itself(desk: Desk, admin: User) -> None:
    feed = make_source("Post")
    desk.sign_in(admin)
    page = desk.open(f"/sources/{feed.pk}/")
    page.get_by_role("button", name="Fetch now").click()
    log = page.locator("#log")
    expect(log).to_contain_text("for a worker")
    Feed.objects.filter(pk=feed.pk).update(lease_until=timezone.now() + timedelta(hours=1))
    expect(log).to_contain_text("under way")
    assert desk.axe() == []
    desk.shoot("source-log-light-1440")
    make_told_run(feed, timezone.now())
    expect(log).to_contain_text("3 new, 1 changed, 2 skipped")
    expect(log).to_contain_text("This is all.")
    desk.shoot("source-log-done-light-1440")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1600)
    assert not asked


@pytest.mark.usefixtures("patience")
def test_it_keeps_typed_secrets_out_of_the_page(desk: Desk, admin: User, settings: Any) -> None:
    with serving(FeedWorld({"/feed": generated_feed(1, 3)})) as world:
        settings.FETCH_PORTS = frozenset({world.port})
        feed = make_source("Post", url=world.url("/feed"))
        desk.sign_in(admin)
        page = desk.open(f"/sources/{feed.pk}/edit/")
        page.get_by_text("Sign-in, cookie, headers and proxy").click()
        page.get_by_label("Cookie").fill("session=topsecret")
        page.get_by_role("button", name="Try it first").click()
        expect(page.get_by_text("Typed and held until you save: cookie")).to_be_visible()
        expect(page.get_by_text("Would be stored", exact=True)).to_be_visible()
        assert "topsecret" not in page.content()
        assert desk.axe() == []
        desk.shoot("source-edit-try-light-1440", full=True)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Post")
        assert "topsecret" not in page.content()
    assert Feed.objects.get().secret_names == ["cookie"]
    connection.close()


def test_it_runs_without_script(scriptless: Desk, admin: User) -> None:
    feed = make_source("Post")
    scriptless.sign_in(admin)
    page = scriptless.open(f"/sources/{feed.pk}/")
    page.get_by_role("button", name="Fetch now").click()
    expect(page.locator("#log")).to_contain_text("for a worker")
    make_told_run(feed, timezone.now())
    # The page looks again by itself.
    expect(page.locator("#log")).to_contain_text("This is all.")
    assert FetchRun.objects.count() == 1
