"""Versions of an article in a real browser: axe in both themes, reflow, keyboard, and without JavaScript."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.editing.annotations import NoteDraft, attach_note
from articles.models import Article
from newsdesk.accounts.models import User
from tests.articles.views.versions_world import THIRD, TITLES, make_revised_article, revise
from tests.browser import LEAST, Desk
from tests.factories import make_article, make_entity, make_event, make_revision, name_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def make_everything() -> Article:
    """The crane in three versions, in an event, with a name and a note whose passage changed; one more was deleted."""
    article = make_revised_article()
    company = make_entity("Mara Quint", kind="person")
    name_in(article, "Mara Quint", company)
    attach_note(article.pk, "ed", NoteDraft("The repair will cost 1.4 million crowns", "Who pays for it?"))
    revise(article, TITLES[2], THIRD.replace("1.4 million", "1.6 million"), 1)
    name_in(article, "Mara Quint", company)
    gone = make_article("A story that its publisher took away", gone_at=timezone.now())
    make_event("The crane of Halvard", [article, gone])
    return article


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("compare", "/articles/{article}/versions/1/2/"),
        ("compare-back", "/articles/{article}/versions/3/1/"),
        ("version", "/articles/{article}/versions/1/"),
        ("article-versions", "/articles/{article}/"),
        ("markers-articles", "/articles/?peek={article}"),
        ("markers-event", "/events/{event}/"),
        ("markers-entity", "/entities/mara-quint/"),
        ("markers-today", "/"),
    ],
)
def test_it_passes_axe_in_both_themes_and_reflows(desk: Desk, editor: User, name: str, path: str) -> None:
    article = make_everything()
    desk.sign_in(editor)
    event = article.membership.event_id
    desk.check_page(name, path.format(article=article.pk, event=event))


def test_a_comparison_whose_paragraphs_moved_and_broke_passes_axe(desk: Desk, analyst: User) -> None:
    one, two = "The first of the paragraphs stands here.", "Two is this one. It goes on for a while."
    rest = [f"Paragraph {place} of the story says what it says." for place in range(9)]
    article = make_article("Long" * 30, "\n\n".join([one, two, *rest]))
    make_revision(article, "Lang" * 30, "\n\n".join([two.replace(". It", ".\n\nIt"), *rest, one, "x" * 200]))
    desk.sign_in(analyst)
    desk.check_page("compare-moved", f"/articles/{article.pk}/versions/1/2/")
    page = desk.open(f"/articles/{article.pk}/versions/1/2/", width=LEAST)
    fold = page.locator("details.unchanged")
    assert not fold.evaluate("one => one.open")
    page.locator("details.unchanged summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Paragraph 4 of the story")).to_be_visible()
    assert not desk.scrolls_sideways()
    assert desk.axe() == []


def test_two_versions_are_chosen_by_keyboard_alone(desk: Desk, analyst: User) -> None:
    article = make_revised_article()
    desk.sign_in(analyst)
    page = desk.open(f"/articles/{article.pk}/")
    page.get_by_role("link", name="Compare version 2 with version 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/1/2/")
    page.get_by_label("to", exact=True).focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Compare").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/1/3/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Version 1 and version 3")


def test_a_marker_in_the_list_leads_to_what_changed(desk: Desk, analyst: User) -> None:
    make_revised_article()
    desk.sign_in(analyst)
    page = desk.open("/articles/")
    page.get_by_role("link", name="headline and number changed").click()
    page.wait_for_url("**/versions/1/2/")
    expect(page.locator("h2.story del")).to_contain_text("12")
    expect(page.locator("h2.story ins")).to_contain_text("15")


def test_versions_are_compared_without_javascript(scriptless: Desk, analyst: User) -> None:
    article = make_revised_article()
    scriptless.sign_in(analyst)
    page = scriptless.open(f"/articles/{article.pk}/versions/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Version 2 and version 3")
    page.get_by_label("From").select_option("1")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/versions/1/3/")
    expect(page.get_by_text("12 is now 15")).to_be_visible()
    page.get_by_role("link", name="Swap").click()
    page.wait_for_url("**/versions/3/1/")
    page.get_by_role("link", name="Version 1", exact=True).click()
    page.wait_for_url("**/versions/1/")
    expect(page.get_by_text("The police ask witnesses")).to_be_visible()
