"""The shell's pages in a real browser: axe, reflow, policy, keys, palette."""

from __future__ import annotations

import pytest
from django.utils import timezone

from articles.models import NetworkState, Publisher
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.sources_world import make_every_state

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


def test_it_passes_axe_before_the_first_source(desk: Desk, admin: User) -> None:
    desk.sign_in(admin)
    desk.check_page("sources-empty", "/sources/")
