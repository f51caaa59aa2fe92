"""robots.txt is read as RFC 9309 says."""

from __future__ import annotations

import time

import pytest

from articles.ingest.robots import EVERYTHING, NOTHING, read_robots

AGENT = "Newsdesk/0.1 (feed reader)"
FILE = b"""
# a comment
User-agent: *
Disallow: /private
Allow: /private/open
Disallow: /*.pdf$
Disallow: /a*b/c
Disallow:

User-agent: otherbot
User-agent: NewsDesk
Disallow: /ours
Allow: /ours/yes

Sitemap: https://x.example/sitemap.xml
user-agent: newsdesk
disallow: /more
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private", False),
        ("/private/x", False),
        ("/privately", False),
        ("/private/open/x", True),
        ("/x.pdf", False),
        ("/x.pdf?y", True),
        ("/a1b/c/d", False),
        ("/a/b", True),
        ("/robots.txt", True),
    ],
)
def test_the_longest_rule_of_the_common_group_decides(path: str, allowed: bool) -> None:
    assert read_robots(FILE, "Stranger/1").allows(f"https://x.example{path}") is allowed


@pytest.mark.parametrize(
    ("path", "allowed"), [("/private", True), ("/ours", False), ("/ours/yes", True), ("/more", False)]
)
def test_our_own_groups_count_together_and_replace_the_common_one(path: str, allowed: bool) -> None:
    assert read_robots(FILE, AGENT).allows(f"https://x.example{path}") is allowed


def test_allow_wins_a_tie() -> None:
    robots = read_robots(b"User-agent: *\nDisallow: /x\nAllow: /x\n", AGENT)
    assert robots.allows("https://x.example/x")


def test_escapes_are_compared_in_one_spelling() -> None:
    robots = read_robots("User-agent: *\nDisallow: /caf\u00e9/%7Eme\n".encode(), AGENT)
    assert not robots.allows("https://x.example/caf%c3%a9/~me/page")


def test_no_file_allows_everything_and_a_broken_server_nothing() -> None:
    assert EVERYTHING.allows("https://x.example/a")
    assert not NOTHING.allows("https://x.example/a")
    assert read_robots(b"<html>not found</html>\xff\x00", AGENT).allows("https://x.example/a")


def test_a_pattern_of_stars_does_not_hang_it() -> None:
    robots = read_robots(
        b"User-agent: *\nDisallow: /" + b"*a" * 5000 + b"$\nDisallow: /" + b"*a" * 15 + b"$\n", AGENT
    )
    started = time.process_time()
    robots.allows("https://x.example/" + "a" * 1500 + "b")
    assert time.process_time() - started < 1
