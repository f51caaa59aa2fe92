"""Folded copies in a real browser: keys, peek, one click, no script, axe and reflow."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from articles.models import Article, ArticleShare
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.copies_world import BRIDGE, BRIDGE_RETOLD, make_copies
from tests.factories import make_article, make_entity, make_event, make_publisher, name_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAPERS = (
    "Coastwire",
    "Tessin Courier",
    "Harbour Post",
    "Lion City Business",
    "Kestrel Daily",
    "Orne Gazette",
)


@pytest.fixture
def told(db: None) -> list[Article]:
    """An origin with five copies, an article of its own, and one that shares some text; newest first."""
    steel = make_entity("Skagen Steel")
    now = timezone.now()
    rows = [
        make_article(
            "Halvard Bridge closed to lorries after cracks in its cables"
            + (", says the road authority" * (place % 2)),
            BRIDGE if place % 2 else BRIDGE_RETOLD,
            publisher=make_publisher(PAPERS[place]),
            published_at=now - timedelta(hours=7 - place),
        )
        for place in range(6)
    ]
    make_copies(
        rows[0],
        [(row, "verbatim" if row.pk % 2 else "abridged") for row in rows[1:]],
        share=0.82,
        wire="Coastwire",
    )
    own = make_article("Ferries carry lorries until spring", publisher=make_publisher("Norland Now"))
    ArticleShare.objects.create(
        article=own, other=rows[0], containment=0.31, jaccard=0.2, rule_version="test"
    )
    for row in rows:
        name_in(row, "Skagen Steel", steel)
    make_event("Halvard Bridge closed", [*rows, own])
    return [own, *reversed(rows)]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.tagName"))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("folded", "/articles/"),
        ("folded-peek", "/articles/?peek={copy}"),
        ("unfolded", "/articles/?fold=0"),
        ("copies-of-origin", "/articles/{origin}/"),
        ("copies-of-copy", "/articles/{copy}/"),
        ("fold-today", "/?range=7d"),
        ("fold-entity", "/entities/skagen-steel/"),
        ("fold-event", "/events/{event}/"),
        ("fold-event-off", "/events/{event}/?fold=0"),
        ("account-fold", "/account/"),
    ],
)
def test_it_passes_axe_in_both_themes_and_reflows(
    desk: Desk, editor: User, told: list[Article], name: str, path: str
) -> None:
    desk.sign_in(editor)
    event = told[0].membership.event_id
    desk.check_page(name, path.format(copy=told[2].pk, origin=told[-1].pk, event=event))


def test_keys_pass_over_what_is_folded_and_walk_through_what_is_not(
    desk: Desk, analyst: User, told: list[Article]
) -> None:
    desk.sign_in(analyst)
    page = desk.open("/articles/")
    seen = []
    for _ in range(3):
        page.keyboard.press("j")
        seen.append(focused(page))
    # The last row holds: there is nothing below it.
    assert seen == [f"/articles/{told[0].pk}/", *[f"/articles/{told[-1].pk}/"] * 2]
    page.keyboard.press("Tab")
    for _ in range(9):
        if focused(page) == "SUMMARY":
            break
        page.keyboard.press("Tab")
    assert focused(page) == "SUMMARY"
    page.keyboard.press("Space")
    page.locator(".fold .row").first.wait_for(state="visible")
    assert page.locator("#pane").is_hidden()
    page.keyboard.press("Tab")
    assert focused(page) == f"/articles/{told[1].pk}/"
    page.keyboard.press("j")
    assert focused(page) == f"/articles/{told[2].pk}/"
    page.keyboard.press("Space")
    page.locator("#peek-h").wait_for()
    expect(page).to_have_url(re.compile(rf"peek={told[2].pk}\b"))
    page.reload()
    expect(page.locator(f'.fold a[href="/articles/{told[2].pk}/"]')).to_be_visible()


def test_one_click_unfolds_the_list_and_typing_keeps_it_so(
    desk: Desk, analyst: User, told: list[Article]
) -> None:
    desk.sign_in(analyst)
    page = desk.open("/articles/")
    expect(page.locator(".row:visible")).to_have_count(2)
    page.get_by_role("link", name="Unfold all").click()
    page.wait_for_url("**fold=0**")
    expect(page.locator(".row:visible")).to_have_count(7)
    page.locator("#q").fill("bridge")
    page.wait_for_url("**q=bridge**")
    page.get_by_text("6 of 6 shown").wait_for()
    expect(page).to_have_url(re.compile("fold=0"))


def test_a_fold_opens_by_a_click_and_without_a_script(
    scriptless: Desk, analyst: User, told: list[Article]
) -> None:
    scriptless.sign_in(analyst)
    page = scriptless.open("/articles/")
    expect(page.locator(".fold .row:visible")).to_have_count(0)
    page.locator(".fold summary").click()
    expect(page.locator(".fold .row:visible")).to_have_count(5)
    page.locator(".fold .peek-at").first.click()
    expect(page.locator("#peek-h")).to_be_visible()
    expect(page.locator(".fold .row:visible")).to_have_count(5)
