"""`python -m tests.faults.chaos --minutes 5 --seed N`: a whole desk under faults drawn at random, then the invariants.

Exit status 1 when one is broken; the seed that is printed draws the same faults again.
"""

from __future__ import annotations

import argparse
import html
import http.client
import os
import random
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsdesk.settings")

import psycopg
import redis

from newsdesk.services.data_folder import prepare_data_folder
from newsdesk.services.postgres import Postgres
from newsdesk.services.valkey import Valkey
from tests.faults.desk_processes import QUICK, WORKER_OPTIONS, Beat, Page, Web
from tests.faults.invariants import (
    Finding,
    every_acknowledged_write_stands,
    every_due_feed_is_fetched,
    every_entry_is_stored,
    megabytes,
    memory_is_back,
    no_error_is_bare,
    nothing_is_doubled,
)
from tests.faults.proxy import FaultProxy
from tests.feedworld import FeedWorld, serving
from tests.workers import ROOT, Process, Worker, children_of

LOOPBACK = "127.0.0.0/8,::1/128"
LEASE_SECONDS, TICK_SECONDS = 6, 1
LATE_SECONDS = LEASE_SECONDS + 2 * TICK_SECONDS
# After the last fault the desk may take the time that the machine needs, but some of its work must be done in any so
# long a stretch.
STILL_SECONDS = 120.0
# What failed in the storm's last moment is brought by the feed's next turn: turns come in seconds here, a few times.
ROUND_SECONDS, ROUNDS = 30.0, 4
# Health tells of the last half minute, and a feed may fall due while the web server is weighed.
CLEAR_SECONDS = 120.0
# A link that died without a word is noticed after a quarter of a minute or more: nothing for a short storm.
LONG_STORM_SECONDS = 60.0
STACK_LINES = 60
ENTRIES = 3
# Every so many feeds one whose bytes cost its parsing child its life.
POISON_EVERY = 25
POISON = (
    b'<rss version="2.0"><channel><item><x '
    + b" ".join(b'a%d="1"' % number for number in range(60_000))
    + b"/></item></channel></rss>"
)


_SYLLABLES = (
    "ba",
    "den",
    "fi",
    "gor",
    "hal",
    "ka",
    "lu",
    "men",
    "no",
    "per",
    "quin",
    "ros",
    "sta",
    "tu",
    "vel",
    "wo",
)
# Words that nobody knows, so that no two stories are copies of each other or of one event.
_WORDS = tuple(a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES)


def story_feed(number: int, entries: int) -> bytes:
    """An RSS feed of stories with words of their own; the newest comes first, and old ones never change."""
    items = []
    for entry in reversed(range(entries)):
        draw = random.Random(number * 100_000 + entry)  # noqa: S311 - the same story each time
        words = draw.choices(_WORDS, k=260)
        items.append(
            f"<item><guid>{number}-{entry}</guid><title>{' '.join(words[:7]).title()}</title>"
            f"<link>https://paper-{number}.example/story/{entry}</link>"
            f"<pubDate>Wed, {1 + entry % 28:02d} Jul 2026 {entry % 24:02d}:{number % 60:02d}:00 GMT</pubDate>"
            f"<description>{' '.join(words)}</description></item>"
        )
    head = f"<title>Paper {number}</title><link>https://paper-{number}.example/</link><language>en</language>"
    return f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


@dataclass
class Estate:
    """A whole desk on a database and a broker of its own, both reached through proxies, and a world of feeds."""

    folder: Path
    feeds: int
    postgres: Postgres = field(init=False)
    valkey: Valkey = field(init=False)
    database: FaultProxy = field(init=False)
    broker: FaultProxy = field(init=False)
    world: FeedWorld = field(init=False)
    web: Web = field(init=False)
    kept: dict[str, Callable[[], Process]] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)
    published: dict[int, int] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    answers: list[tuple[int, str, str]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    broker_rests: bool = False  # killed, and not to be started again yet
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @contextmanager
    def open(self) -> Iterator[None]:
        """Everything runs for the length of the block, and is gone after it."""
        with ExitStack() as stack:
            data = self.folder / "data"
            prepare_data_folder(data)
            # As `up` runs it: what was acknowledged must survive a crash of the server.
            self.postgres = Postgres(data)
            self.valkey = Valkey(data, is_throwaway=True)
            stack.callback(self.postgres.stop)
            stack.callback(self.valkey.stop)
            url = self.postgres.start()
            self.valkey.start()
            sockets = self.postgres._sockets
            self.database = stack.enter_context(FaultProxy(f"{sockets}/.s.PGSQL.5432"))
            self.broker = stack.enter_context(FaultProxy(str(self.valkey._socket)))
            self.world = stack.enter_context(serving(FeedWorld({})))
            environment = self._environment(data)
            for command in (["migrate", "--verbosity", "0"], ["reset_admin"]):
                subprocess.run(
                    [sys.executable, "-m", "django", *command],
                    cwd=ROOT,
                    env={**environment, "DATABASE_URL": url},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            stack.callback(self._stop)
            self._start(environment)
            self._sign_in()
            yield

    def _environment(self, data: Path) -> dict[str, str]:
        name = urlsplit(self.postgres.url)
        return {
            **os.environ,
            **QUICK,
            "NEWSDESK_DATA": str(data),
            "NEWSDESK_STATIC_ROOT": str(data / "static"),
            "NEWSDESK_ADMIN_PASSWORD": self.password,
            "NEWSDESK_FETCH_ONLY": LOOPBACK,
            "NEWSDESK_FETCH_ALLOW": LOOPBACK,
            "NEWSDESK_SHORT_LEASES": "True",
            "NEWSDESK_LEASE_SECONDS": str(LEASE_SECONDS),
            "NEWSDESK_READ_LEASE_SECONDS": str(LEASE_SECONDS),
            "NEWSDESK_FETCH_BATCH": "60",
            "NEWSDESK_FETCH_TOTAL_SECONDS": "4",
            "NEWSDESK_FETCH_BATCH_SECONDS": "8",
            "NEWSDESK_SANDBOX_CPU_SECONDS": "2",
            "NEWSDESK_SANDBOX_WALL_SECONDS": "5",
            "DATABASE_URL": f"postgresql://{name.username}@127.0.0.1:{self.database.port}{quote(name.path)}?sslmode=disable",
            "REDIS_URL": f"redis://127.0.0.1:{self.broker.port}/0",
        }

    def _start(self, environment: dict[str, str]) -> None:
        self.web = Web(self.folder / "web.log", environment)
        self.kept = {
            **{
                queue: partial(self._work, queue, environment)
                for queue in ("fetch", "text", "place", "house")
            },
            "beat": lambda: Beat(self.folder / "beat.log", environment),
        }
        self.running = {name: start() for name, start in self.kept.items()}
        self.web.wait()

    def _work(self, queue: str, environment: dict[str, str]) -> Worker:
        return Worker(
            self.folder / f"{queue}.log",
            environment,
            *WORKER_OPTIONS,
            f"--hostname={queue}@%h",
            queues=queue,
            concurrency=2 if queue == "house" else 1,
        )

    def _stop(self) -> None:
        for process in [*self.running.values(), self.web]:
            process.signal_all(signal.SIGCONT)
            process.kill()

    def tend(self) -> None:
        """Start again what has died, as `up` does."""
        for name, process in self.running.items():
            if process.process.poll() is not None:
                process.kill()
                self.running[name] = self.kept[name]()
        if not self.valkey.is_alive() and not self.broker_rests:
            self.valkey.start()
        if not self.postgres.is_alive():
            self.postgres.start()

    def _sign_in(self) -> None:
        page = self.web.post("/sign-in/", {"login": "admin", "password": self.password})
        cookie = re.search(r"sessionid=([^;]+)", page.headers.get("set-cookie", ""))
        if page.status != 302 or cookie is None:
            raise RuntimeError(f"Nobody can sign in: {page.status}, see {self.web.log}")
        self.web.cookie = f"sessionid={cookie.group(1)}"

    def ask(self, path: str, form: dict[str, str] | None = None) -> Page | None:
        """A page, or None when the link broke; every answer is kept for the check of errors."""
        try:
            page = self.web.get(path) if form is None else self.web.post(path, form)
        except (OSError, http.client.HTTPException):
            return None
        self.answers.append((page.status, page.headers.get("x-request-id", ""), page.text))
        return page

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Rows of the desk's database, asked past the proxy."""
        with psycopg.connect(self.postgres.url, autocommit=True, connect_timeout=10) as link:
            cursor = link.execute(query, list(values) or None)
            return cursor.fetchall() if cursor.description else []

    def publish(self, number: int, entries: int) -> None:
        """The feed of this number has so many entries from now on."""
        self.published[number] = entries
        self.world.bodies[f"/{number}.xml"] = story_feed(number, entries)  # type: ignore[index]

    def make_due(self, numbers: Sequence[int]) -> None:
        """These feeds are due, by their rows: the rhythm of days in seconds."""
        self.rows(
            "UPDATE articles_feed SET next_fetch_at = statement_timestamp() WHERE url = ANY(%s) AND lease_token IS NULL",
            [[self.world.url(f"/{number}.xml") for number in numbers]],
        )

    def come_round(self) -> None:
        """It is every feed's turn again; what users wrote, and what failed in the storm, need not wait either."""
        self.make_due([number for number, entries in self.published.items() if entries])
        self.rows(
            """UPDATE articles_feed SET next_fetch_at = statement_timestamp()
               WHERE title LIKE 'Written %%' AND last_outcome = 'failed' AND lease_token IS NULL"""
        )

    def import_sources(self) -> None:
        """The first sources come as a list, as an admin brings them."""
        outlines = []
        for number in range(self.feeds):
            self.publish(number, ENTRIES)
            if number % POISON_EVERY == POISON_EVERY - 1:
                self.published[number] = 0
                self.world.bodies[f"/{number}.xml"] = POISON  # type: ignore[index]
            outlines.append(
                f'<outline type="rss" text="Paper {number}" xmlUrl="{self.world.url(f"/{number}.xml")}"/>'
            )
        opml = f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>'
        page = self.web.upload("/sources/import/", "file", "list.opml", opml.encode())
        packed = re.search(
            r'name="packed"[^>]*?value="([^"]*)"|<textarea[^>]*name="packed"[^>]*>([^<]*)<', page.text
        )
        if packed is None:
            raise RuntimeError(f"The list was not read: {page.status}")
        done = self.web.post(
            "/sources/import/apply/", {"packed": html.unescape(packed.group(1) or packed.group(2))}
        )
        if done.status != 302:
            raise RuntimeError(f"The list was not imported: {done.status}")


class Storm:
    """Draws faults and acts by a seed until the time is over."""

    def __init__(self, estate: Estate, seed: int, seconds: float) -> None:
        self.estate = estate
        self.seconds = seconds
        self.draw = random.Random(seed)  # noqa: S311 - drawn again by its seed, guarded by nobody
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.next_number = estate.feeds
        self.faults: dict[str, Callable[[], None]] = {
            "fetch worker killed": lambda: self.kill("fetch"),
            "text worker killed": lambda: self.kill("text"),
            "place worker killed": lambda: self.kill("place"),
            "house worker killed": lambda: self.kill("house"),
            "pool child killed": self.kill_a_child,
            "broker flushed": self.flush,
            "broker killed": self.kill_broker,
            "beat killed": lambda: self.kill("beat"),
            "worker frozen": self.freeze,
            "database session killed": self.kill_a_session,
            "all database sessions ended": self.end_sessions,
            "database links cut": lambda: void(estate.database.cut()),
            "broker links cut": lambda: void(estate.broker.cut()),
        }
        if seconds >= LONG_STORM_SECONDS:
            self.faults["broker links silenced"] = lambda: void(estate.broker.forget())

    def rage(self) -> None:
        """Faults, new stories and users' writes until the time is over."""
        until = time.monotonic() + self.seconds
        next_fault = time.monotonic() + 1.0
        while time.monotonic() < until:
            self.live()
            self.settle()
            if time.monotonic() >= next_fault:
                name = self.draw.choice(sorted(self.faults))
                self.estate.done[name] += 1
                with suppress(ProcessLookupError, redis.RedisError, psycopg.OperationalError):
                    self.faults[name]()
                next_fault = time.monotonic() + self.draw.uniform(0.7, 2.5)
            time.sleep(0.2)

    def calm(self) -> None:
        """No more faults; what was put off is done."""
        deadline = time.monotonic() + LEASE_SECONDS * 2
        while self.later and time.monotonic() < deadline:
            self.settle()
            time.sleep(0.1)

    def settle(self) -> None:
        """Do what was put off, and start again what has died."""
        # By one look at the clock: what fell due between two would be lost, and somebody stand still for ever.
        now = time.monotonic()
        due = [work for at, work in self.later if at <= now]
        self.later = [(at, work) for at, work in self.later if at > now]
        for work in due:
            work()
        self.estate.tend()

    def live(self) -> None:
        """One turn of ordinary life: some feeds are due, some have news, a user looks and writes."""
        estate, draw = self.estate, self.draw
        numbers = [number for number, entries in estate.published.items() if entries]
        chosen = draw.sample(numbers, min(len(numbers), 12))
        for number in chosen[:2]:
            estate.publish(number, estate.published[number] + 1)
        with suppress(psycopg.OperationalError):
            estate.make_due(chosen)
        estate.ask(draw.choice(["/", "/articles/", "/events/", "/sources/", "/health/", "/articles/?q=quay"]))
        if draw.random() < 0.3:
            number, self.next_number = self.next_number, self.next_number + 1
            estate.world.bodies[f"/{number}.xml"] = story_feed(number, ENTRIES)  # type: ignore[index]
            form = {
                "url": estate.world.url(f"/{number}.xml"),
                "title": f"Written {number}",
                "publisher": "Writers",
            }
            page = estate.ask("/sources/create/", form)
            if page is not None and page.status == 302:
                estate.written.append(f"Written {number}")

    def kill(self, name: str) -> None:
        self.estate.running[name].kill()

    def kill_a_child(self) -> None:
        children = [
            pid for name in ("fetch", "text", "house") for pid in children_of(self.estate.running[name].pid)
        ]
        if children:
            os.kill(self.draw.choice(children), signal.SIGKILL)

    def flush(self) -> None:
        with redis.Redis.from_url(self.estate.valkey.url) as broker:
            broker.flushall()

    def kill_broker(self) -> None:
        child = self.estate.valkey._child
        if child is not None:
            os.kill(child.pid, signal.SIGKILL)
            child.wait(60)
            self.estate.broker_rests = True
            self.later.append((time.monotonic() + self.draw.uniform(0.5, 3.0), self.wake_broker))

    def wake_broker(self) -> None:
        self.estate.broker_rests = False

    def freeze(self) -> None:
        process = self.estate.running[self.draw.choice(["fetch", "text", "house"])]
        process.signal_all(signal.SIGSTOP)
        self.later.append(
            (time.monotonic() + LEASE_SECONDS + 1.0, lambda: process.signal_all(signal.SIGCONT))
        )

    def kill_a_session(self) -> None:
        sessions = self.estate.rows(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        if sessions:
            # The server then ends all others and recovers from its log.
            os.kill(self.draw.choice(sessions)[0], signal.SIGKILL)

    def end_sessions(self) -> None:
        self.estate.rows(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE backend_type = 'client backend' AND usename = current_user AND pid <> pg_backend_pid()"""
        )


def void(_: object) -> None:
    """The result does not matter."""


def work_left(estate: Estate) -> int:
    """The steps that are still to be done; 0: all is done.

    An entry is stored, then read, then placed: each counts until its last step, so that every step makes it less.
    """
    due, to_read, to_place, stored = estate.rows(
        """SELECT (SELECT count(*) FROM articles_feed WHERE state = 'active'
                   AND (next_fetch_at < statement_timestamp() OR lease_token IS NOT NULL)),
                  (SELECT count(*) FROM articles_job WHERE state = 'waiting' AND kind = 'read'),
                  (SELECT count(*) FROM articles_job WHERE state = 'waiting' AND kind = 'place'),
                  (SELECT count(*) FROM articles_sighting)"""
    )[0]
    return int(due + 3 * abs(expected_entries(estate) - stored) + 2 * to_read + to_place)


def expected_entries(estate: Estate) -> int:
    """What the world has published in feeds that the desk knows."""
    known = {url for (url,) in estate.rows("SELECT url FROM articles_feed WHERE title LIKE 'Written %%'")}
    return sum(estate.published.values()) + ENTRIES * len(known)


def wait_until_whole(estate: Estate) -> tuple[bool, float]:
    """Wait while work gets less, however slowly: whether all was done in the end, and after how many seconds."""
    started = last_done = next_round = time.monotonic()
    rounds, least = 0, sys.maxsize
    while time.monotonic() - last_done < STILL_SECONDS:
        with suppress(psycopg.OperationalError):
            estate.tend()
            if rounds < ROUNDS and time.monotonic() >= next_round:
                estate.come_round()
                rounds, next_round = rounds + 1, time.monotonic() + ROUND_SECONDS
                least, last_done = sys.maxsize, time.monotonic()
            left = work_left(estate)
            if not left:
                return True, time.monotonic() - started
            if left < least:
                least, last_done = left, time.monotonic()
        time.sleep(0.5)
    return False, time.monotonic() - started


def when_kept(estate: Estate, look: Callable[[], Finding]) -> Finding:
    """An invariant that tells of this very moment: the first look that finds it kept, or the last of all."""
    deadline = time.monotonic() + CLEAR_SECONDS
    while True:
        found = look()
        if found.is_kept or time.monotonic() > deadline:
            return found
        estate.tend()
        time.sleep(1)


def weigh(estate: Estate) -> float:
    """Megabytes of the web server, which nobody kills, after it has shown its pages."""
    for path in ("/", "/articles/", "/events/", "/sources/", "/health/") * 4:
        estate.ask(path)
    return sum(megabytes(pid) for pid in [estate.web.pid, *children_of(estate.web.pid)])


def health_is_clear(estate: Estate) -> Finding:
    """I4: the health page names no fault any more."""
    page = estate.ask("/health/")
    text = page.text if page is not None and page.status == HTTPStatus.OK else "the page does not answer"
    faults = re.findall(r"(?:does not answer|is silent|stands still|is full)", text)
    return Finding("I4 the health page is clear again", not faults, f"faults named: {faults}")


def judge(estate: Estate, started: datetime, whole: tuple[bool, float], before: float) -> list[Finding]:
    """Every invariant with its figure."""
    after = weigh(estate)
    is_clear = when_kept(estate, lambda: health_is_clear(estate))
    known = {title for (title,) in estate.rows("SELECT title FROM articles_feed")}
    waiting = estate.rows("SELECT kind, state, count(*) FROM articles_job GROUP BY 1, 2 ORDER BY 1, 2")
    with psycopg.connect(estate.postgres.url, autocommit=True) as link, link.cursor() as cursor:
        return [
            when_kept(
                estate, lambda: every_due_feed_is_fetched(cursor, since=started, late_seconds=LATE_SECONDS)
            ),
            Finding("I1 all is done after the calm", whole[0], f"{whole[1]:.1f} s, jobs {waiting}"),
            nothing_is_doubled(cursor),
            every_entry_is_stored(cursor, expected_entries(estate)),
            every_acknowledged_write_stands(estate.written, known),
            is_clear,
            no_error_is_bare(estate.answers),
            memory_is_back(before, after),
        ]


def run(seconds: float, seed: int, feeds: int) -> bool:
    """A whole run; prints what was done and every figure, and says whether all invariants hold."""
    say(f"seed {seed}, {seconds:g} s, {feeds} feeds")
    # PostgreSQL runs as `nobody` when we are root and must be able to walk through.
    folder = Path(tempfile.mkdtemp(prefix="newsdesk-chaos-"))
    folder.chmod(0o711)
    estate = Estate(folder, feeds)
    with estate.open():
        estate.import_sources()
        say(f"all fetched after {wait_until_whole(estate)[1]:.1f} s; the storm begins")
        before = weigh(estate)
        started = datetime.now(UTC)
        storm = Storm(estate, seed, seconds)
        storm.rage()
        storm.calm()
        whole = wait_until_whole(estate)
        findings = judge(estate, started, whole, before)
        if not whole[0]:
            tell_where_they_stand(estate)
    for name, times in sorted(estate.done.items()):
        say(f"{times:4} x {name}")
    for finding in findings:
        say(f"{'kept  ' if finding.is_kept else 'BROKEN'} {finding.name}: {finding.figure}")
    is_well = all(finding.is_kept for finding in findings)
    if is_well:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"the logs are in {folder}; run again with --seed {seed}")
    return is_well


def tell_where_they_stand(estate: Estate) -> None:
    """What each worker does at this moment (Celery writes its stack on SIGUSR1), for whoever must find out why."""
    for name in ("fetch", "text", "place", "house"):
        process = estate.running[name]
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGUSR1)
        time.sleep(3)
        for line in process.text.splitlines()[-STACK_LINES:]:
            say(f"{name}: {line}")


def say(words: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"chaos: {words}\n")
    sys.stdout.flush()


_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def _end(*_: object) -> NoReturn:
    # The first one counts; a second must not break the clearing up.
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(130)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--feeds", type=int, default=300)
    options = parser.parse_args()
    # Whoever ends us early finds nothing left behind.
    for number in _ENDING:
        signal.signal(number, _end)
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    return 0 if run(options.minutes * 60, seed, options.feeds) else 1


if __name__ == "__main__":
    sys.exit(main())
