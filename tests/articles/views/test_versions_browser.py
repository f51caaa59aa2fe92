"""Versions of an article in a real browser: axe in both themes, reflow, keyboard, and without JavaScript."""

from __future__ import annotations

import pytest

from newsdesk.accounts.models import User
from tests.articles.views.versions_world import make_revised_article
from tests.browser import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("compare", "/articles/{}/versions/1/2/"),
        ("compare-all", "/articles/{}/versions/1/3/"),
        ("compare-back", "/articles/{}/versions/3/1/"),
        ("version", "/articles/{}/versions/1/"),
        ("article-versions", "/articles/{}/#versions"),
        ("markers", "/articles/"),
    ],
)
def test_it_passes_axe_in_both_themes_and_reflows(desk: Desk, analyst: User, name: str, path: str) -> None:
    article = make_revised_article()
    desk.sign_in(analyst)
    desk.check_page(name, path.format(article.pk))
