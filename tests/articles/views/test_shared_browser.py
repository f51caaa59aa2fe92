"""Two articles side by side in a real browser: axe, reflow, keys, and without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Article
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.copies_world import BRIDGE, BRIDGE_RETOLD, make_copies
from tests.factories import make_article, make_publisher

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pair(db: None) -> tuple[Article, Article]:
    """An article and an abridged copy of it."""
    first = make_article(
        "Halvard Bridge closed to lorries after cracks in its cables",
        BRIDGE,
        publisher=make_publisher("Coastwire"),
        published_at=timezone.now() - timedelta(hours=5),
    )
    second = make_article(
        "Bridge closed to lorries", BRIDGE_RETOLD, publisher=make_publisher("Tessin Courier")
    )
    make_copies(first, [(second, "abridged")], share=0.74)
    return first, second


def test_it_passes_axe_in_both_themes_and_reflows(
    desk: Desk, editor: User, pair: tuple[Article, Article]
) -> None:
    desk.sign_in(editor)
    desk.check_page("shared", f"/articles/{pair[0].pk}/shared/{pair[1].pk}/")


def test_passages_are_walked_through_by_keys(
    desk: Desk, analyst: User, pair: tuple[Article, Article]
) -> None:
    desk.sign_in(analyst)
    page = desk.open(f"/articles/{pair[0].pk}/shared/{pair[1].pk}/")
    focused = "document.activeElement.id"
    seen = []
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
        seen.append(page.evaluate(focused))
    assert seen == ["a1", "a2", "a1"]
    page.keyboard.press("Enter")
    page.wait_for_url("**#b1")


def test_the_texts_stand_one_below_the_other_on_a_phone(
    desk: Desk, analyst: User, pair: tuple[Article, Article]
) -> None:
    desk.sign_in(analyst)
    page = desk.open(f"/articles/{pair[0].pk}/shared/{pair[1].pk}/")
    for width, beside in ((1440, True), (700, False)):
        desk.look(width=width)
        boxes = [half.bounding_box() for half in page.locator(".halves > section").all()]
        assert boxes[0]
        assert boxes[1]
        assert (boxes[0]["y"] == boxes[1]["y"]) == beside
