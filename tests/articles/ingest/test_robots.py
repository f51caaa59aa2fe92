"""robots.txt is read as RFC 9309 says."""

from __future__ import annotations

import time

import pytest

from articles.ingest.robots import EVERYTHING, NOTHING, Robots, RobotsMemory, read_robots

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


# --- how fast, and how long it is remembered ------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10\nDisallow: /x", 10.0),
        ("User-agent: *\nDisallow: /x\nCrawl-delay: 2.5", 2.5),
        ("User-agent: *\nCrawl-delay: 10\n\nUser-agent: newsdesk\nDisallow: /x", 0.0),
        ("User-agent: *\nCrawl-delay: 10\n\nUser-agent: newsdesk\nCrawl-delay: 3", 3.0),
        ("User-agent: other\nCrawl-delay: 10", 0.0),
        ("User-agent: *\nCrawl-delay: -1", 0.0),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: 1e9", 0.0),
        ("Crawl-delay: 10", 0.0),
    ],
)
def test_it_reads_how_long_a_site_wants_to_be_left_alone(text: str, seconds: float) -> None:
    assert read_robots(text.encode(), "Newsdesk/1").delay_seconds == seconds


def test_a_delay_between_two_names_ends_the_names_of_its_group() -> None:
    text = b"User-agent: a\nCrawl-delay: 5\nUser-agent: newsdesk\nDisallow: /x"
    robots = read_robots(text, "Newsdesk/1")
    assert (robots.delay_seconds, robots.allows("http://a.example/x")) == (0.0, False)


def test_what_a_site_said_holds_for_its_time_and_no_longer() -> None:
    memory = RobotsMemory()
    site = ("https", "a.example", 443)
    assert memory.get(site, now=0.0) is None
    memory.put(site, EVERYTHING, until=100.0)
    assert memory.get(site, now=99.0) is EVERYTHING
    assert memory.get(site, now=100.0) is None
    assert memory.get(("http", "a.example", 80), now=50.0) is None


def test_memory_is_bounded_by_sites_and_by_rules() -> None:
    memory = RobotsMemory(sites=3, rules=10)
    sites = [("https", f"h{number}.example", 443) for number in range(5)]
    for site in sites:
        memory.put(site, EVERYTHING, until=10.0)
    assert [memory.get(site, now=0.0) is None for site in sites] == [True, True, False, False, False]
    long = Robots(tuple((False, f"/{number}") for number in range(9)))
    memory.put(sites[0], long, until=10.0)
    memory.put(sites[1], long, until=10.0)
    assert [memory.get(site, now=0.0) is None for site in sites[:2]] == [True, False]
    # One that is larger than all the room is kept until the next comes.
    memory.put(sites[2], Robots(long.rules * 2), until=10.0)
    assert memory.get(sites[2], now=0.0) is not None
