"""The page about a publisher's rules in a real browser: the preview follows the typing; keys, themes, widths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from articles.editing.page_rules import RulesDraft, save_rules
from articles.models import Article, PageRules, Publisher
from newsdesk.accounts.models import User
from tests.browser import DARK, LEAST, NARROW, Desk
from tests.feedworld import FeedWorld
from tests.pages_world import BOX, harbour_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

World = tuple[FeedWorld, Publisher]


@pytest.fixture
def post(settings: Any, patience: None) -> Iterator[World]:
    with harbour_post() as (world, publisher):
        settings.FETCH_PORTS = frozenset({world.port})
        settings.FETCH_HOST_SECONDS = 0.0
        yield world, publisher


def _path(publisher: Publisher) -> str:
    article = Article.objects.get(publisher=publisher, url__endswith="/story")
    return f"/sources/publishers/{publisher.pk}/pages/?article={article.pk}"


def test_a_swap_gives_back_a_focus_that_it_took_and_leaves_one_that_moved_on(
    desk: Desk, admin: User, post: World
) -> None:
    """The two moments of a swap are told to the page as htmx tells them, so that no clock decides what is tried."""
    desk.sign_in(admin)
    page = desk.open(_path(post[1]))
    # The page's own first swap is over: what follows are the only ones.
    expect(page.locator("#trial").get_by_role("status")).to_contain_text("reads the same")
    expect(page.locator(".htmx-settling")).to_have_count(0)
    keep, remove = page.locator("#id_keep"), page.locator("#id_remove")
    begins = "document.dispatchEvent(new Event('htmx:beforeSwap'))"
    ends = "document.dispatchEvent(new Event('htmx:afterSettle'))"
    keep.focus()
    page.evaluate(begins)
    remove.focus()
    page.evaluate(ends)
    expect(remove).to_be_focused()
    page.evaluate(begins)
    page.evaluate("document.activeElement.blur()")
    page.evaluate(begins)  # another, while the first settles
    page.evaluate(ends)
    expect(remove).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.evaluate(ends)  # of the other: what was left since stays left
    expect(page.locator("body")).to_be_focused()


def test_the_preview_follows_the_typing_and_one_fetch_serves_it_all(
    desk: Desk, admin: User, post: World
) -> None:
    world, publisher = post
    desk.sign_in(admin)
    page = desk.open(_path(publisher))
    trial = page.locator("#trial")
    expect(trial.get_by_role("status")).to_contain_text("reads the same")
    use = trial.get_by_role("button", name="Use div.story-text as keep")
    use.focus()
    page.keyboard.press("Enter")
    keep = page.locator("#id_keep")
    expect(keep).to_have_value("div.story-text")
    expect(keep).to_be_focused()
    page.locator("#id_remove").fill(".box")
    expect(trial.locator(".trial-text del").first).to_contain_text(BOX[:30])
    expect(page.locator("#id_remove")).to_be_focused()
    page.locator("#id_author").fill(".writer[")
    expect(trial).to_contain_text("“.writer[” cannot be used")
    page.locator("#id_author").fill(".writer")
    page.locator("#id_date").fill(".stamp")
    page.locator("#id_title").fill("h1.headline")
    # A timer of the page's own, set after that of the last typing, ends after it: then the last preview is under way.
    page.evaluate("() => new Promise((done) => window.setTimeout(done, 700))")
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(trial).to_contain_text("Anna Smith, Bob Jones")
    assert desk.axe() == []
    desk.shoot("rules-tried-light-1440", full=True)
    desk.look(theme=DARK)
    desk.shoot("rules-tried-dark-1440", full=True)
    assert desk.axe() == []
    desk.look(theme=DARK, width=NARROW)
    assert desk.axe() == []
    desk.shoot("rules-tried-dark-390", full=True)
    desk.look(width=NARROW)
    desk.shoot("rules-tried-light-390", full=True)
    desk.look(width=LEAST)
    assert not desk.scrolls_sideways()
    assert world.answers["/story", 200] == 1
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="How its pages are read")).to_be_visible()
    expect(page.locator("body")).to_contain_text("Saved: pages are read by these rules")
    assert PageRules.objects.get().remove == ".box"
    desk.assert_clean()


def test_a_page_that_does_not_come_is_told_and_typing_goes_on(desk: Desk, admin: User, post: World) -> None:
    world, publisher = post
    desk.sign_in(admin)
    page = desk.open(_path(publisher))
    trial = page.locator("#trial")
    expect(trial.get_by_role("status")).to_contain_text("reads the same")
    page.locator("#id_article").select_option(label="A story that is gone")
    expect(trial.get_by_role("alert")).to_contain_text("404")
    desk.shoot("rules-failed-light-1440")
    page.locator("#id_keep").press_sequentially("main")
    page.wait_for_timeout(1500)  # longer than the pause after which typing has the page read
    assert world.answers["/gone", 404] == 1
    page.locator("#id_address").fill(world.url("/other"))
    page.locator("#id_address").press("Tab")
    expect(trial).to_contain_text("/other")
    desk.assert_clean()


def test_it_passes_axe_empty_and_with_rules_and_a_fault(desk: Desk, admin: User, post: World) -> None:
    _, publisher = post
    desk.sign_in(admin)
    path = f"/sources/publishers/{publisher.pk}/pages/"
    desk.check_page("rules-empty", path)
    save_rules("ada", publisher.pk, RulesDraft(keep="main\narticle", remove=".advert"), version=0)
    desk.check_page("rules-saved", path)
    page = desk.open(path)
    page.locator("#id_keep").fill("div[")
    desk.expected_statuses = (422,)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#id_keep_error")).to_contain_text("“div[” cannot be used")
    assert desk.axe() == []
    desk.shoot("rules-fault-light-1440")
    desk.assert_clean()


def test_it_works_without_script(scriptless: Desk, admin: User, post: World) -> None:
    _, publisher = post
    scriptless.sign_in(admin)
    page = scriptless.open(_path(publisher))
    page.locator("#id_remove").fill(".box")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".trial-text del").first).to_contain_text(BOX[:30])
    page.get_by_role("button", name="Use div.story-text as keep").click()
    expect(page.locator("#id_keep")).to_have_value("div.story-text")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved: pages are read by these rules")
    assert PageRules.objects.get().keep == "div.story-text"
