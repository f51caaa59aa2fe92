"""How the desk names itself to servers."""

from __future__ import annotations

import pytest

from articles.ingest.robots import product_token
from newsdesk.user_agent import ABOUT_PATH, contact_link, default_user_agent


@pytest.mark.parametrize(
    ("site_url", "contact", "name"),
    [
        ("", "", "Newsdesk/1.2 (feed reader)"),
        ("https://desk.example", "", "Newsdesk/1.2 (+https://desk.example/about-our-fetcher)"),
        ("", "ops@desk.example", "Newsdesk/1.2 (ops@desk.example)"),
        (
            "https://desk.example",
            "ops@desk.example",
            "Newsdesk/1.2 (+https://desk.example/about-our-fetcher; ops@desk.example)",
        ),
        # What would break the header is left out.
        ("https://desk.example/(x)", "ops@dösk.example", "Newsdesk/1.2 (feed reader)"),
        ("https://desk.example", "a\r\nX: y", "Newsdesk/1.2 (+https://desk.example/about-our-fetcher)"),
    ],
)
def test_it_says_who_asks_and_where_to_read_more(site_url: str, contact: str, name: str) -> None:
    assert default_user_agent("1.2", site_url, contact) == name
    assert product_token(name) == "newsdesk"


def test_a_contact_is_a_link() -> None:
    assert contact_link("ops@desk.example") == "mailto:ops@desk.example"
    assert contact_link("https://desk.example/contact") == "https://desk.example/contact"
    assert ABOUT_PATH == "/about-our-fetcher"
