"""The sample world answers over loopback like a small piece of the web."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from django.conf import settings

from articles.ingest.parse import parse_feed
from newsdesk.sample.server import HOST, Memory, SampleServer, open_world, recall, remember
from newsdesk.sample.world import edition_at, load_world
from tests.servers import free_port

STARTED = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
WORLD = load_world()
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


class Wheel:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = STARTED

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A client of one running world."""

    def __init__(self, server: SampleServer, wheel: Wheel) -> None:
        self.server = server
        self.wheel = wheel

    def ask(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(HOST, self.server.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    wheel = Wheel()
    server = SampleServer(WORLD, port=0, started=STARTED, clock=wheel)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield Desk(server, wheel)
    server.shutdown()
    server.server_close()
    thread.join(timeout=120)


def feed_path(slug: str) -> str:
    return f"/{slug}/{WORLD.publishers_by_slug[slug].feed.path}"


def test_it_listens_on_loopback_alone(desk: Desk) -> None:
    assert desk.server.server_address[0] == "127.0.0.1"


def test_every_feed_reads_and_every_link_in_it_leads_to_a_page(desk: Desk) -> None:
    seen = 0
    for publisher in WORLD.publishers:
        status, headers, body = desk.ask(feed_path(publisher.slug))
        if publisher.feed.fails_with:
            assert status == 500
            continue
        assert status == 200
        assert publisher.feed.format in headers["content-type"].replace("feed+json", "json")
        links = links_of(body, publisher.feed.format)
        expected = len(WORLD.editions(publisher.slug, started=STARTED, now=STARTED))
        assert len(links) == expected > 0
        for link in links:
            page_status, page_headers, page = desk.ask(link.removeprefix(desk.server.site.base_url))
            assert page_status == 200, link
            assert page_headers["content-type"].startswith("text/html")
            assert b"invented" in page
        seen += len(links)
    assert seen >= 70


def tree(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - bytes that this project made


def links_of(body: bytes, form: str) -> list[str]:
    if form == "json":
        return [item["url"] for item in json.loads(body)["items"]]
    root = tree(body)
    if form == "rss":
        return [item.findtext("link", "") for item in root.iter("item")]
    return [entry.findall(f"{ATOM}link")[0].get("href", "") for entry in root.iter(f"{ATOM}entry")]


def test_the_desk_s_own_reader_finds_nothing_to_complain_about(desk: Desk) -> None:
    for publisher in WORLD.publishers:
        if publisher.feed.fails_with:
            continue
        _, headers, body = desk.ask(feed_path(publisher.slug))
        parsed = parse_feed(body, url=desk.server.site.base_url, content_type=headers["content-type"])
        editions = WORLD.editions(publisher.slug, started=STARTED, now=STARTED)
        assert parsed.problems == ()
        assert parsed.title == publisher.name
        assert [(entry.guid, entry.title) for entry in parsed.entries] == [
            (edition.article.guid, edition.title) for edition in editions
        ]
        assert [entry.published for entry in parsed.entries] == [edition.published for edition in editions]
        assert all(entry.authors for entry in parsed.entries)


def test_full_feeds_carry_the_text_and_short_ones_do_not(desk: Desk) -> None:
    full = tree(desk.ask(feed_path("harbour-ledger"))[2])
    assert all("<p>" in item.findtext(CONTENT, "") for item in full.iter("item"))
    short = tree(desk.ask(feed_path("wafer-and-wire"))[2])
    assert all(item.find(CONTENT) is None for item in short.iter("item"))
    assert all(len(item.findtext("description", "")) < 200 for item in short.iter("item"))


@pytest.mark.parametrize("slug", ["harbour-ledger", "market-lantern", "silicon-strait-review"])
def test_a_tag_that_still_holds_gets_304_and_no_body(desk: Desk, slug: str) -> None:
    _, headers, _ = desk.ask(feed_path(slug))
    status, again, body = desk.ask(feed_path(slug), {"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")
    assert again["etag"] == headers["etag"]


def test_a_date_that_still_holds_gets_304(desk: Desk) -> None:
    _, headers, _ = desk.ask(feed_path("aviation-slate"))
    assert "etag" not in headers
    since = headers["last-modified"]
    assert desk.ask(feed_path("aviation-slate"), {"If-Modified-Since": since})[0] == 304
    earlier = (parsedate_to_datetime(since) - timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert desk.ask(feed_path("aviation-slate"), {"If-Modified-Since": earlier})[0] == 200
    assert desk.ask(feed_path("aviation-slate"), {"If-Modified-Since": "yesterday"})[0] == 200


def test_a_wrong_tag_decides_over_a_date_that_would_hold(desk: Desk) -> None:
    _, headers, _ = desk.ask(feed_path("harbour-ledger"))
    asked = {"If-None-Match": '"other"', "If-Modified-Since": headers["last-modified"]}
    assert desk.ask(feed_path("harbour-ledger"), asked)[0] == 200


def test_a_feed_does_not_change_by_being_asked_later(desk: Desk) -> None:
    _, _, body = desk.ask(feed_path("kanda-business-daily"))
    desk.wheel.now += timedelta(hours=3)
    assert desk.ask(feed_path("kanda-business-daily"))[2] == body


def test_a_new_piece_changes_feed_tag_and_front_page(desk: Desk) -> None:
    path = feed_path("corvane-wire")
    _, before, _ = desk.ask(path)
    assert b"maren-ports-reopen" not in desk.ask(path)[2]
    desk.wheel.now += timedelta(seconds=50)
    status, after, body = desk.ask(path, {"If-None-Match": before["etag"]})
    assert status == 200
    assert after["etag"] != before["etag"]
    assert parsedate_to_datetime(after["last-modified"]) > parsedate_to_datetime(before["last-modified"])
    assert b"Rotterdam reopens" in body
    assert b"Rotterdam reopens" in desk.ask("/corvane-wire/")[2]


def test_the_correction_reaches_feed_and_page(desk: Desk) -> None:
    path = feed_path("northgate-herald")
    _, before, body = desk.ask(path)
    link = next(link for link in links_of(body, "rss") if "brightmoor" in link)
    page_path = link.removeprefix(desk.server.site.base_url)
    assert "£421m" in desk.ask(page_path)[2].decode()
    desk.wheel.now += timedelta(seconds=170)
    status, _, body = desk.ask(path, {"If-None-Match": before["etag"]})
    assert status == 200
    assert "£412m" in body.decode()
    assert "Correction: an earlier version" in desk.ask(page_path)[2].decode()


def test_the_moved_feed_sends_its_readers_on_for_good(desk: Desk) -> None:
    status, headers, _ = desk.ask("/gulf-energy-monitor/rss.php")
    assert status == 301
    assert headers["location"] == f"{desk.server.site.base_url}/gulf-energy-monitor/feeds/all.xml"
    assert desk.ask("/gulf-energy-monitor/feeds/all.xml")[0] == 200


def test_the_hub_s_page_carries_the_residue_and_the_text(desk: Desk) -> None:
    page = desk.ask("/global-digest-hub/chip-lobbies-team-up-digest")[2].decode()
    for line in ("Most Related Links :", "Source link", "Back to top button"):
        assert line in page
    assert "Xu Zhijun of Huawei" in page


def test_a_front_page_names_its_feed(desk: Desk) -> None:
    page = desk.ask("/market-lantern/")[2].decode()
    found = re.search(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', page)
    assert found is not None
    assert found.groups() == (
        "application/feed+json",
        desk.server.site.base_url + "/market-lantern/feed.json",
    )


def test_markup_in_names_and_titles_is_escaped(desk: Desk) -> None:
    assert "<h1>Wafer &amp; Wire</h1>" in desk.ask("/wafer-and-wire/")[2].decode()
    assert desk.ask(feed_path("wafer-and-wire"))[2].count(b"<title>Wafer &amp; Wire</title>") == 1


def test_head_tells_the_length_and_sends_no_body(desk: Desk) -> None:
    _, headers, body = desk.ask(feed_path("harbour-ledger"))
    status, head, nothing = desk.ask(feed_path("harbour-ledger"), method="HEAD")
    assert (status, nothing) == (200, b"")
    assert head["content-length"] == headers["content-length"] == str(len(body))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(desk: Desk, method: str) -> None:
    assert desk.ask("/", method=method)[0] == 501


@pytest.mark.parametrize(
    "path",
    [
        "/../world.py",
        "/harbour-ledger/../../world.py",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/harbour-ledger/..%2fworld.py",
        "//etc/passwd",
        "/content/publishers.toml",
        "/harbour-ledger",
        "/harbour-ledger/2026/01/01/nothing",
        "http://example.com/",
    ],
)
def test_nothing_lies_outside_the_world(desk: Desk, path: str) -> None:
    assert desk.ask(path)[0] == 404


def test_two_requests_use_one_connection(desk: Desk) -> None:
    connection = http.client.HTTPConnection(HOST, desk.server.port, timeout=120)
    for path in ("/robots.txt", feed_path("harbour-ledger"), "/nowhere"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.version == 11
        assert not answer.will_close
    connection.close()


def test_a_restart_serves_the_same_world_on_the_same_port(tmp_path: Path) -> None:
    wheel, state = Wheel(), tmp_path / "sample.json"
    port = free_port()  # that nobody takes who dials out meanwhile
    first = open_world(WORLD, port=port, state=state, clock=wheel)
    first.server_close()
    wheel.now += timedelta(days=2)
    second = open_world(WORLD, port=0, state=state, clock=wheel)
    assert (second.port, second.site.started) == (port, STARTED)
    second.server_close()


def test_a_taken_port_of_the_last_start_is_replaced_and_a_wanted_one_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "sample.json"
    holder = open_world(WORLD, port=0, state=None)
    remember(state, Memory(started=STARTED, port=holder.port))
    other = open_world(WORLD, port=0, state=state)
    assert other.port != holder.port
    assert recall(state) == Memory(started=STARTED, port=other.port)
    with pytest.raises(OSError, match="in use"):
        open_world(WORLD, port=holder.port, state=None)
    other.server_close()
    holder.server_close()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"started": "2026-03-04T09:30:00", "port": 1}', '{"port": 5}']
)
def test_an_unreadable_memory_is_a_new_beginning(tmp_path: Path, text: str) -> None:
    state = tmp_path / "sample.json"
    state.write_text(text)
    assert recall(state) is None
    wheel = Wheel()
    wheel.now += timedelta(hours=1, microseconds=500)
    server = open_world(WORLD, port=0, state=state, clock=wheel)
    server.server_close()
    memory = recall(state)
    assert memory is not None
    assert memory.started == STARTED + timedelta(hours=1)


def test_the_program_says_where_it_serves_and_ends_on_sigterm(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "newsdesk.sample",
        "--port",
        "0",
        "--state",
        str(tmp_path / "sample.json"),
    ]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"sample world on 127\.0\.0\.1:(\d+)\n", line)
        assert found is not None, line
        connection = http.client.HTTPConnection(HOST, int(found[1]), timeout=120)
        connection.request("GET", "/")
        assert b"These newspapers do not exist" in connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=200)
    finally:
        process.kill()
        process.wait(timeout=200)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_the_program_names_a_port_that_is_none(port: str) -> None:
    command = [sys.executable, "-m", "newsdesk.sample", f"--port={port}"]
    ended = subprocess.run(
        command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=200, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr == f"sample world: {port} is no port; give one from 0 to 65535.\n"


def test_what_its_publisher_takes_back_leaves_the_feed_and_is_gone(desk: Desk) -> None:
    [taken_back] = [article for article in WORLD.articles if article.deleted_after is not None]
    publisher = WORLD.publishers_by_slug[taken_back.publisher]
    edition = edition_at(taken_back, publisher, started=STARTED, now=STARTED)
    assert edition is not None
    assert taken_back.deleted_after is not None
    assert desk.ask(edition.path)[0] == 200
    assert taken_back.guid.encode() in desk.ask(feed_path(publisher.slug))[2]
    desk.wheel.now = STARTED + taken_back.deleted_after
    assert desk.ask(edition.path)[0] == 410
    assert taken_back.guid.encode() not in desk.ask(feed_path(publisher.slug))[2]


@pytest.mark.parametrize(
    ("form", "there", "not_there"),
    [
        ("paywall", "isAccessibleForFree", "written off the bill"),
        ("consent", "Accept all cookies", "Nine ships"),
        ("video", "<video", "oil drum"),
    ],
)
def test_a_page_may_stand_in_the_place_of_its_article(
    desk: Desk, form: str, there: str, not_there: str
) -> None:
    [article] = [one for one in WORLD.articles if one.page == form]
    edition = edition_at(article, WORLD.publishers_by_slug[article.publisher], started=STARTED, now=STARTED)
    assert edition is not None
    page = desk.ask(edition.path)[2].decode()
    assert there in page
    assert not_there not in page
