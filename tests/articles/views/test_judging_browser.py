"""The dialogs of decisions about events in a real browser: axe in both themes, reflow at 320 px, and keys alone."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.models import Membership, StorylineLink
from articles.queries.review import forget_left
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.doubts_world import make_doubts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_dialogs_pass_axe_and_a_doubt_is_settled_by_keys(desk: Desk, editor: User) -> None:
    forget_left()
    doubts = make_doubts(timezone.now())
    here, there, article = doubts.here.pk, doubts.there.pk, doubts.articles[0].pk
    StorylineLink.objects.create(earlier=doubts.there, later=doubts.here, score=0.6)
    desk.sign_in(editor)
    for name, path in (
        ("split", f"/events/{here}/split/?article={article}"),
        ("not-same", f"/events/{here}/not-same/?to={there}"),
        ("type", f"/events/{here}/type/"),
        ("developments", f"/events/{here}/developments/?to={there}"),
        ("placement", "/review/?kind=placement"),
    ):
        desk.check_page(f"event-{name}", path)
    page = desk.open("/review/?kind=placement")
    # Until the answer stands there, what does is the question fetched ahead: it is busy.
    answered = page.locator("#review:not([aria-busy])")
    page.keyboard.press("n")
    expect(answered).to_contain_text("Nothing waits for you")
    doubted = Membership.objects.filter(article__in=doubts.articles[1:3])
    assert set(doubted.values_list("event_id", flat=True)) == {there}
    page.keyboard.press("u")
    expect(answered.locator("#it-h")).to_contain_text("Do these belong to")
    page.keyboard.press("y")
    expect(answered).to_contain_text("Nothing waits for you")
    assert set(doubted.values_list("event_id", "checked_by")) == {(here, editor.username)}
    # A split without a mouse: tick, look, do.
    page = desk.open(f"/events/{here}/split/")
    page.locator("input[name=article]").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="See what would change").press("Enter")
    page.get_by_role("button", name="Split them off").press("Enter")
    expect(page.locator(".toast")).to_contain_text("They are an event of their own now")
