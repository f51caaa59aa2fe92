"""Poisoned input ends its own parsing child and nothing else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from articles.errors import NotAFeedError, ParseFailedError, SandboxKilledError
from articles.ingest import sandbox_child, wire
from articles.ingest.limits import FeedLimits
from articles.ingest.parse import parse_feed
from articles.ingest.sandbox import Sandbox, SandboxLimits, _Child
from articles.types import FoundFeed
from tests.servers import FEED
from tests.shared_data import shared, unpacked

# feedparser's time grows with the square of the attributes: this costs it more than half a minute. The end tag is
# missing, so that feedparser is asked.
MANY_ATTRIBUTES = (
    b'<rss version="2.0"><channel><item><x '
    + b" ".join(b'a%d="1"' % number for number in range(100_000))
    + b"/></item></channel>"
)
UNCHECKED = FeedLimits(max_attributes=10_000_000)
# By the clock a job may take as long as a slow machine needs; who tests that limit sets it.
PATIENT = SandboxLimits(wall_seconds=240.0, page_wall_seconds=240.0)


@pytest.fixture(scope="module")
def pool() -> Iterator[Sandbox]:
    with Sandbox(2, PATIENT) as pool:
        yield pool


def test_it_gives_what_the_parser_gives(pool: Sandbox) -> None:
    assert pool.parse_feed(FEED, "https://a.example/feed", "text/xml") == parse_feed(
        FEED, url="https://a.example/feed"
    )


def test_a_page_survives_the_way_through_the_pipe(pool: Sandbox) -> None:
    html = (
        "<html lang='en'><head><title>Chip makers agree - The Post</title>"
        "<meta property='article:published_time' content='2020-01-02T23:00:00-05:00'></head><body><article>"
        "<h1>Chip makers agree</h1>"
        + "".join(
            f"<p>Sentence {n} about makers of chips 😀 is long enough to be kept.</p>" for n in range(9)
        )
    )
    page = pool.extract_page(html, "https://post.example/a")
    assert page.title == "Chip makers agree"
    assert page.text.count("😀") == 9
    assert page.published is not None
    assert page.published.isoformat() == "2020-01-02T23:00:00-05:00"


def test_it_finds_feeds(pool: Sandbox) -> None:
    found = pool.find_feeds(
        "<link rel=alternate type=application/atom+xml href=/f title=T>", "https://a.example/x"
    )
    assert found == [FoundFeed("https://a.example/f", "T", "atom", "link")]


def test_errors_come_back_as_what_they_are(pool: Sandbox) -> None:
    with pytest.raises(NotAFeedError, match="web page"):
        pool.parse_feed(b"<html><body>no</body></html>")
    with pytest.raises(ParseFailedError, match="DOCTYPE"):
        pool.parse_feed(b'<!DOCTYPE a [<!ENTITY b "c">]><rss/>')


def test_endless_work_is_ended_by_processor_time_and_the_pool_goes_on() -> None:
    with Sandbox(1, replace(PATIENT, cpu_seconds=1, feed=UNCHECKED)) as pool:
        with pytest.raises(SandboxKilledError, match="processor time"):
            pool.parse_feed(MANY_ATTRIBUTES)
        assert len(pool.parse_feed(FEED).entries) == 1


def test_a_late_child_is_ended_by_the_wall_clock() -> None:
    limits = SandboxLimits(cpu_seconds=60, wall_seconds=0.5, feed=UNCHECKED)
    with Sandbox(1, limits) as pool, pytest.raises(SandboxKilledError, match=r"0\.5 seconds"):
        pool.parse_feed(MANY_ATTRIBUTES)


def test_a_feed_has_six_seconds_and_a_page_its_own_time() -> None:
    settled = SandboxLimits()
    assert (settled.wall_seconds, settled.page_wall_seconds) == (6.0, 30.0)
    limits = replace(PATIENT, page_wall_seconds=0.001)
    with Sandbox(1, limits) as pool:
        assert len(pool.parse_feed(FEED).entries) == 1
        with pytest.raises(SandboxKilledError, match=r"0\.001 seconds"):
            pool.extract_page(b"<html><body><p>Words.</p></body></html>", "https://a.example/x")


def test_a_hostile_feed_ends_within_six_seconds_by_name() -> None:
    settled = replace(SandboxLimits(), cpu_seconds=60, feed=UNCHECKED)
    with Sandbox(1, settled) as pool, pytest.raises(SandboxKilledError, match="longer than 6 seconds"):
        pool.parse_feed(MANY_ATTRIBUTES)


def test_the_allowance_of_processor_time_is_for_each_job() -> None:
    items = b"".join(b"<item><title>t%d</title></item>" % number for number in range(1500))
    feed = b'<rss version="2.0"><channel>' + items + b"</channel></rss>"
    with Sandbox(1, replace(PATIENT, cpu_seconds=1)) as pool:
        for _ in range(12):
            assert len(pool.parse_feed(feed).entries) == 1500


def test_a_killed_child_is_replaced(pool: Sandbox) -> None:
    pool.parse_feed(FEED)
    for child in list(pool._pools["feed"].idle):
        os.kill(child._process.pid, signal.SIGKILL)
        child._process.wait(240)
    assert len(pool.parse_feed(FEED).entries) == 1


def test_a_lost_child_is_replaced_before_the_next_job_asks() -> None:
    with Sandbox(1, replace(PATIENT, cpu_seconds=1, feed=UNCHECKED)) as pool:
        with pytest.raises(SandboxKilledError):
            pool.parse_feed(MANY_ATTRIBUTES)
        idle = pool._pools["feed"].idle
        for _ in range(4000):
            if idle:
                break
            time.sleep(0.05)
        fresh = idle[0]
        assert len(pool.parse_feed(FEED).entries) == 1
        assert idle == [fresh]
        assert fresh.jobs == 1


def test_a_poisoned_feed_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    taken: list[_Child] = []
    with Sandbox(2, replace(PATIENT, cpu_seconds=240, feed=UNCHECKED)) as two:
        pool = two._pools["feed"]
        take = pool._take

        def take_and_note() -> _Child:
            taken.append(take())
            return taken[-1]

        monkeypatch.setattr(pool, "_take", take_and_note)

        def poison() -> None:
            with pytest.raises(SandboxKilledError):
                two.parse_feed(MANY_ATTRIBUTES)
            ended.append("poison")

        thread = threading.Thread(target=poison)
        thread.start()
        for _ in range(4000):
            if taken:
                break
            time.sleep(0.05)
        for _ in range(10):
            assert len(two.parse_feed(FEED).entries) == 1
        ended.append("others")
        taken[0]._process.kill()  # the poison alone would take half a minute
        thread.join(240)
    assert ended == ["others", "poison"]


def test_pages_and_feeds_have_children_apart(pool: Sandbox) -> None:
    pool.parse_feed(FEED)
    pool.extract_page("<p>x</p>", "https://a.example/")
    ours = {kind: {child._process.pid for child in one.idle} for kind, one in pool._pools.items()}
    assert not ours["feed"] & ours["page"]
    maps = Path(f"/proc/{min(ours['feed'])}/maps")
    if not maps.exists():
        pytest.skip("this system has no /proc")
    # What reads pages would take twice the memory: a reader of feeds has not loaded it.
    code = (
        "import sys, articles.ingest.sandbox_child as c; c._jobs('feed'); print('trafilatura' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_a_reader_of_feeds_needs_no_more_than_150_megabytes() -> None:
    item = (
        "<item><guid>%d</guid><title>t</title><description>"
        + "some words of a story " * 40
        + "</description></item>"
    )
    items = "".join(item % number for number in range(9000))
    body = f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()
    assert 8_000_000 < len(body) < 10 * 1024 * 1024
    with Sandbox(1, PATIENT) as pool:
        assert len(pool.parse_feed(body).entries) == 2000
        status = Path(f"/proc/{pool._pools['feed'].idle[0]._process.pid}/status")
        if not status.exists():
            pytest.skip("this system has no /proc")
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 150 * 1024


def test_too_old_a_parser_is_told_before_any_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A child with another idea of what is old enough.
    starter = tmp_path / "python"
    starter.write_text(
        "#!/bin/sh\nexec "
        f"{sys.executable} -c 'import sys; import articles.ingest.parse as p; p.LEAST_EXPAT = (99, 0, 0); "
        'import articles.ingest.sandbox_child as c; c.main("feed")\'\n'
    )
    starter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(starter))
    with (
        Sandbox(1, PATIENT) as pool,
        pytest.raises(SandboxKilledError, match=r"expat .* is too old .* 99\.0\.0"),
    ):
        pool.parse_feed(FEED)


def test_too_much_memory_ends_the_job_and_not_the_desk() -> None:
    text = "".join(f"<p>{number} some words of a page</p>" for number in range(40_000))
    limits = replace(PATIENT, page_memory=16 * 1024 * 1024)
    with Sandbox(1, limits) as pool:
        with pytest.raises(SandboxKilledError):
            pool.extract_page(f"<html><body>{text}</body></html>")
        assert len(pool.parse_feed(FEED).entries) == 1


def test_threads_share_the_pool(pool: Sandbox) -> None:
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(len(pool.parse_feed(FEED).entries))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert counts == [1] * 12
    assert len(pool._pools["feed"].idle) <= 2


def _parse_in_fork(pool: Sandbox, queue: multiprocessing.Queue[list[int]]) -> None:
    count = len(pool.parse_feed(FEED).entries)
    queue.put([count, pool._pools["feed"].idle[0]._process.pid])
    pool.close()


def test_a_forked_process_uses_children_of_its_own() -> None:
    context = multiprocessing.get_context("fork")
    with Sandbox(1, PATIENT) as pool:
        pool.parse_feed(FEED)
        ours = pool._pools["feed"].idle[0]._process.pid
        queue: multiprocessing.Queue[list[int]] = context.Queue()
        process = context.Process(target=_parse_in_fork, args=(pool, queue))
        process.start()
        count, theirs = queue.get(timeout=240)
        process.join(240)
        assert (count, theirs != ours) == (1, True)
        assert len(pool.parse_feed(FEED).entries) == 1
        assert pool._pools["feed"].idle[0]._process.pid == ours


def test_a_forked_process_that_never_parsed_ends_nobody_elses_children() -> None:
    with Sandbox(1, PATIENT) as pool:
        pool.parse_feed(FEED)
        process = multiprocessing.get_context("fork").Process(target=pool.close)
        process.start()
        process.join(240)
        assert process.exitcode == 0
        assert pool._pools["feed"].idle[0].is_alive()


def test_children_end_with_the_pool() -> None:
    with Sandbox(1, PATIENT) as pool:
        pool.parse_feed(FEED)
        child = pool._pools["feed"].idle[0]
    assert child._process.poll() is not None


def test_a_child_ends_when_its_parent_is_gone() -> None:
    pool = Sandbox(1, PATIENT)
    pool.parse_feed(FEED)
    child = pool._pools["feed"].idle[0]
    # What a killed parent leaves behind is a closed pipe.
    assert child._process.stdin is not None
    child._process.stdin.close()
    assert child._process.wait(240) == 0
    pool.close()


def test_a_child_is_renewed_after_its_share_of_jobs() -> None:
    with Sandbox(1, replace(PATIENT, jobs_per_child=2)) as pool:
        pids: set[int] = set()
        for _ in range(4):
            pool.parse_feed(FEED)
            pids.update(child._process.pid for child in pool._pools["feed"].idle)
        assert len(pids) == 2


def test_a_child_has_no_secrets_and_no_rights(pool: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDESK_SECRET_KEY", "hush")
    with Sandbox(1, PATIENT) as fresh:
        fresh.parse_feed(FEED)
        process = Path(f"/proc/{fresh._pools['feed'].idle[0]._process.pid}")
        if not process.exists():
            pytest.skip("this system has no /proc")
        assert b"hush" not in (process / "environ").read_bytes()
        limits = (process / "limits").read_text()
        status = (process / "status").read_text()
    assert _limit(limits, "Max processes") == "0"
    assert _limit(limits, "Max file size") == "0"
    assert _limit(limits, "Max core file size") == "0"
    if os.geteuid() == 0 and "NoNewPrivs" in status:
        assert "NoNewPrivs:\t1" in status


def _limit(table: str, name: str) -> str:
    line = next(line for line in table.splitlines() if line.startswith(name))
    return line.removeprefix(name).split()[0]


@pytest.mark.parametrize(
    "event", ["socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.fork"]
)
def test_a_child_may_neither_dial_nor_start_anything(event: str) -> None:
    with pytest.raises(PermissionError):
        sandbox_child._refuse(event, ())


def test_a_child_may_read_files() -> None:
    sandbox_child._refuse("open", ("x", "r", 0))


@pytest.mark.parametrize(
    "change",
    [
        {"title": 7},
        {"entries": {}},
        {"entries": [{"guid": "x"}]},
        {"problems": None},
    ],
)
def test_an_answer_of_the_wrong_shape_is_no_feed(change: dict[str, object]) -> None:
    row = json.loads(json.dumps(wire.feed_row(parse_feed(FEED))))
    with pytest.raises((TypeError, KeyError, ValueError)):
        wire.feed_from_json({**row, **change})


def test_the_hostile_feeds_of_the_shared_folder_harm_nothing() -> None:
    paths = sorted(shared("feeds/hostile").iterdir())
    with Sandbox(1) as pool:
        for path in paths:
            started = time.monotonic()
            try:
                feed = pool.parse_feed(unpacked(path))
            except (ParseFailedError, SandboxKilledError):
                feed = None
            assert time.monotonic() - started < 200, path.name
            assert "root:x:0:0" not in str(feed), path.name


def test_a_reader_of_pages_is_told_what_time_it_is(pool: Sandbox) -> None:
    said = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2199-01-01"}</script>'
    )
    good = '<meta property="article:published_time" content="2024-03-05T10:00:00Z">'
    page = pool.extract_page(f"<html><head>{said}{good}</head><body><p>Words.</p></body></html>")
    assert page.published_from == "meta"
