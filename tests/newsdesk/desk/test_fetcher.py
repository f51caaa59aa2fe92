"""The public page about our fetcher: true to the settings, open to everybody, readable anywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as real_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.ingest.fetch import fetch_one
from articles.ingest.policy import policy_from_settings
from articles.types import FetchRequest
from newsdesk.accounts.models import User
from newsdesk.desk.fetcher import minutes_in_words, seconds_in_words
from newsdesk.desk.queries import health_checks
from newsdesk.user_agent import ABOUT_PATH, default_user_agent
from tests.browser import Desk
from tests.servers import FEED, LoopbackServer, text_reply

pytestmark = pytest.mark.django_db


def _words(client: Client) -> str:
    answer = client.get(ABOUT_PATH)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_everybody_reads_it_at_the_address_that_goes_out_with_every_request(settings: Any) -> None:
    assert reverse("about_fetcher") == ABOUT_PATH
    settings.USER_AGENT = default_user_agent("1.2", "https://desk.example", "ops@desk.example")
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        fetch_one(FetchRequest(url=server.url("/")), policy_from_settings())
        sent = server.asked[0].headers["user-agent"]
    assert f"https://desk.example{ABOUT_PATH}" in sent
    assert sent in _words(Client())


def test_it_says_what_the_settings_say(settings: Any) -> None:
    settings.FEED_LEAST_MINUTES, settings.FEED_MOST_MINUTES = 7, 720
    settings.FETCH_HOST_SECONDS, settings.FETCH_HOST_BUDGET, settings.FETCH_CRAWL_DELAY_MOST = 2.5, 3, 90.0
    settings.FETCH_TOTAL_SECONDS, settings.FETCH_RAW_MB, settings.FEED_MB, settings.PAGE_MB = 33.0, 4, 9, 6
    settings.CONTACT = "ops@desk.example"
    words = _words(Client())
    for said in (
        "once in 7 minutes", "once in 12 hours", "up to 4 times within a day", "try again every 120 seconds", "2.5 seconds between", "at most 3 in one go", "up to 90 seconds",
        "after 33 seconds", "4 MB as sent", "9 MB unpacked", "6 MB for a page", "Write to ops@desk.example",
    ):  # fmt: skip
        assert said in words


def test_the_name_for_robots_is_the_one_that_robots_files_are_read_with(settings: Any) -> None:
    settings.USER_AGENT = "Acme-Desk/3 (x)"
    assert "User-agent: acme-desk Disallow: /" in _words(Client())


def test_it_speaks_of_hubs_only_when_they_are_asked(settings: Any) -> None:
    settings.SITE_URL, settings.WEBSUB = "https://desk.example", "auto"
    assert "WebSub" in _words(Client())
    settings.WEBSUB = "off"
    assert "WebSub" not in _words(Client())


def test_a_desk_without_a_contact_says_so_to_admins_and_on_health(
    settings: Any, client: Client, admin: User, analyst: User
) -> None:
    settings.CONTACT, settings.SITE_URL = "", ""
    assert "has not named an address yet" in _words(Client())
    assert "NEWSDESK_CONTACT" not in _words(Client())
    client.force_login(analyst)
    assert "NEWSDESK_CONTACT" not in _words(client)
    client.force_login(admin)
    assert "Set NEWSDESK_CONTACT" in _words(client)
    line = next(check for check in health_checks(timezone.now()) if check.name == "Contact")
    assert (line.state, "NEWSDESK_CONTACT and NEWSDESK_SITE_URL" in line.words) == ("silent", True)
    settings.CONTACT, settings.SITE_URL = "ops@desk.example", "https://desk.example"
    assert "NEWSDESK_CONTACT" not in _words(client)
    line = next(check for check in health_checks(timezone.now()) if check.name == "Contact")
    assert (line.state, "ops@desk.example" in line.words) == ("ok", True)


def test_a_contact_cannot_break_the_page(settings: Any) -> None:
    settings.CONTACT = 'https://desk.example/"><script>x</script>'
    assert b"<script>x" not in Client().get(ABOUT_PATH).content


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (5, "5 minutes"), (60, "1 hour"), (90, "90 minutes"), (1440, "24 hours")],
)
def test_minutes_become_words(minutes: int, words: str) -> None:
    assert minutes_in_words(minutes) == words


def test_seconds_become_words() -> None:
    assert [seconds_in_words(count) for count in (1.0, 0.5, 20.0)] == [
        "1 second",
        "0.5 seconds",
        "20 seconds",
    ]


def test_the_desks_own_name_holds_its_version() -> None:
    assert re.match(r"Newsdesk/\d+\.\d+", real_settings.USER_AGENT)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_passes_axe_and_reflows_signed_out_and_for_an_admin(desk: Desk, admin: User) -> None:
    desk.check_page("about-our-fetcher", ABOUT_PATH)
    desk.sign_in(admin)
    desk.check_page("about-our-fetcher-admin", ABOUT_PATH)


def test_it_says_how_often_pages_are_looked_at_again(client: Client, settings: Any) -> None:
    settings.LOOK_MOST, settings.LOOK_LEAST_MINUTES = 9, 20
    assert "no sooner than 20 minutes after the last time and 9 times at most" in _words(client)
    settings.LOOKS = False
    assert "9 times at most" not in _words(client)
