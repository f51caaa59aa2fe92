"""A real browser for tests: one Chromium a session, one context a test, and what every page must pass.

Fixtures: `desk` (a `Desk` bound to the live server), `scriptless` (another without JavaScript), `patience` (what a page
has fetched and read may take as long as the page itself). Typical use:

    def test_it_lists_sources(desk, admin):
        desk.sign_in(admin)
        desk.open("/sources/")
        desk.check_page("sources")          # axe in both themes, reflow, no violation
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import Client
from playwright._impl._sync_base import SyncBase
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from articles.editing import page_rules, preview
from articles.ingest.policy import sandbox_from_settings
from articles.ingest.sandbox import Sandbox
from newsdesk import env

# The pop-ups of the address bar are pages of their own, which cost each new window more than a page of ours. This list
# stands for Playwright's own, of which what counts here is said again.
NEEDLESS = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join(NEEDLESS)}",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDE, NARROW, LEAST = 1440, 390, 320
LIGHT, DARK = "light", "dark"
# How long a page may take on a busy machine; only a test that fails waits for so long.
PATIENCE = 60_000  # ms
# Chromium says so in the console for every answer of 400 and more; pages that mean it list the status.
STATUS_NOISE = "Failed to load resource: the server responded with a status of"
# Nothing that a page asks for by itself changes it while it is read; what is under way ends before.
HOLD = """() => {
    window.held = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
    window.addEventListener("htmx:beforeRequest", window.held, true);
}"""
RELEASE = "() => window.removeEventListener('htmx:beforeRequest', window.held, true)"
# The lengths of the page are reckoned anew first: that is when a font is sent for.
IS_SETTLED = """(width) => document.documentElement.offsetWidth > 0 && window.innerWidth === width
    && [...document.fonts].every((face) => face.status !== "loading")"""
# htmx says so twice when a question gives way to a newer one (hx-sync) or to the next page: nothing went wrong.
ABORT_NOISE = ("htmx:afterRequest", "htmx:sendAbort")


def _keep_the_loop_out_of_sight(patch: pytest.MonkeyPatch) -> None:
    """Playwright's event loop counts as running only while one of its own calls runs.

    Its sync API leaves the loop set in the thread of the tests; there Django would open a second connection (or
    refuse the database), and later tests could not call asyncio.run.
    """

    def in_the_loop(whole: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **named: Any) -> Any:
            asyncio._set_running_loop(self._loop)  # made for event loops, as this is
            try:
                return whole(self, *args, **named)
            finally:
                asyncio._set_running_loop(None)

        return call

    for name in ("_sync", "on", "once", "remove_listener"):
        patch.setattr(SyncBase, name, in_the_loop(getattr(SyncBase, name)))


class Visits:
    """The connections to the live server: what a page asked for last is done before the tables are emptied."""

    def __init__(self) -> None:
        self._open = 0
        self._change = threading.Condition()

    def count(self, patch: pytest.MonkeyPatch) -> None:
        """Count them from now on until the patch is undone."""
        accept, serve = ThreadedWSGIServer.process_request, ThreadedWSGIServer.process_request_thread

        def process_request(server: Any, request: Any, address: Any) -> None:
            self._add(1)  # before the thread begins, so that none is between the two
            accept(server, request, address)

        def process_request_thread(server: Any, request: Any, address: Any) -> None:
            try:
                serve(server, request, address)
            finally:
                self._add(-1)

        patch.setattr(ThreadedWSGIServer, "process_request", process_request)
        patch.setattr(ThreadedWSGIServer, "process_request_thread", process_request_thread)

    def _add(self, number: int) -> None:
        with self._change:
            self._open += number
            self._change.notify_all()

    def wait(self) -> None:
        """Until every browser has hung up and every thread that answered has gone."""
        with self._change:
            assert self._change.wait_for(lambda: not self._open, PATIENCE / 1000), f"open: {self._open}"


VISITS = Visits()


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """Debian's chromium. Absent: skipped, or failed when NEWSDESK_REQUIRE_BROWSER=1."""
    program = shutil.which("chromium")
    if program is None:
        say = "chromium is not installed (Debian's package of that name): browser tests cannot run"
        if env.text("NEWSDESK_REQUIRE_BROWSER") == "1":
            pytest.fail(say)
        pytest.skip(say)
    with pytest.MonkeyPatch.context() as patch:
        playwright = sync_playwright().start()
        loop = asyncio.get_running_loop()
        _keep_the_loop_out_of_sight(patch)
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=2 * PATIENCE)
        yield browser
        browser.close()
        asyncio._set_running_loop(loop)
        playwright.stop()
        asyncio._set_running_loop(None)


@dataclass
class Desk:
    """One signed-in (or anonymous) browser at the live server."""

    base: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    expected_statuses: tuple[int, ...] = ()
    expected_words: tuple[str, ...] = ()  # with which a message of the console may begin
    width: int = WIDE

    def sign_in(self, user: Any) -> None:
        """Sign in without the form, by a session cookie."""
        client = Client()
        client.force_login(user)
        self.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.base}]
        )

    def open(self, path: str, *, theme: str = LIGHT, width: int = WIDE, height: int = 900) -> Page:
        """Go to a path of the desk in a theme and at a width."""
        self.look(theme=theme, width=width, height=height)
        self.page.goto(self.base + path)
        self.settle()
        return self.page

    def look(self, *, theme: str = LIGHT, width: int = WIDE, height: int = 900) -> None:
        """Look at the page that is open in a theme and at a width: both are the style sheet's alone."""
        self.page.emulate_media(color_scheme="dark" if theme == DARK else "light")
        self.page.set_viewport_size({"width": width, "height": height})
        self.width = width
        self.settle()
        # Where a page was opened at a passage, a link half under the bar that stays on top is no small target.
        self.page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")

    def settle(self) -> None:
        """Wait until the window is as wide as was asked for and no font is on its way: what is measured then stays."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(IS_SETTLED, self.width):
            assert time.monotonic() < deadline, f"the window is not {self.width} px wide with all its fonts"
            self.page.wait_for_timeout(20)

    def go(self, key: str) -> None:
        """Press `g` and the key of a place. The page's clock stands still meanwhile: no slow machine parts the two."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("() => { const now = performance.now(); performance.now = () => now; }")
        self.page.keyboard.type(f"g{key}")

    def axe(self) -> list[str]:
        """Findings of axe (WCAG 2.2 AA) on the page once nothing on it waits for an answer; empty is good."""
        self.page.wait_for_load_state("load")
        self.settle()
        self.page.evaluate(HOLD)
        # What waits is dimmed: not meant to be read until it is there.
        expect(self.page.locator("[aria-busy=true], .htmx-request, .htmx-settling")).to_have_count(0)
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
        results = Axe().run(self.page, options=options)
        self.page.evaluate(RELEASE)
        return [
            f"{found['id']}: {found['help']} at {node['html'][:160]}"
            for found in results.response["violations"]
            for node in found["nodes"]
        ]

    def scrolls_sideways(self) -> bool:
        """True when the page is wider than the window."""
        self.page.wait_for_load_state("load")
        self.settle()
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        )

    def shoot(self, name: str, *, full: bool = False) -> None:
        """Keep a picture in the folder NEWSDESK_SHOTS; without the setting nothing happens."""
        folder = env.text("NEWSDESK_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    def check_page(self, name: str, path: str | None = None) -> None:
        """What every page must pass: axe light and wide and dark and narrow, no sideways scroll at 320 px.

        `path` defaults to the page that is open. With NEWSDESK_SHOTS all four pictures are kept.
        """
        self.open(path if path is not None else self.page.url.removeprefix(self.base))
        for theme, width in ((LIGHT, WIDE), (DARK, NARROW)):
            self.look(theme=theme, width=width)
            self.shoot(f"{name}-{theme}-{width}")
            found = self.axe()
            assert not found, f"{name}, {theme}, {width} px:\n" + "\n".join(found)
        if env.text("NEWSDESK_SHOTS"):
            for theme, width in ((LIGHT, NARROW), (DARK, WIDE)):
                self.look(theme=theme, width=width)
                self.shoot(f"{name}-{theme}-{width}")
        self.look(width=LEAST)
        assert not self.scrolls_sideways(), f"{name} scrolls sideways at {LEAST} px"

    def assert_clean(self) -> None:
        """No console error, page error, policy violation or request to anywhere else since the start."""
        assert not self.faults, "\n".join(self.faults)


def _press_keys_when_it_listens(page: Page) -> None:
    """A key is pressed once the page is loaded: its scripts, which listen to keys, run just before."""
    keyboard = page.keyboard

    def once_loaded(whole: Callable[..., None]) -> Callable[..., None]:
        def call(keys: str, **named: Any) -> None:
            page.wait_for_load_state("load")
            whole(keys, **named)

        return call

    for name in ("press", "type"):
        setattr(keyboard, name, once_loaded(getattr(keyboard, name)))


@pytest.fixture
def desk(live_server: Any, chromium: Browser) -> Generator[Desk]:
    """A fresh browser context at the live server; the test fails when a page complained about anything."""
    with _fresh(chromium, live_server.url) as desk:
        page = desk.page

        def on_console(message: ConsoleMessage) -> None:
            ended, aborted = ABORT_NOISE
            if message.text.startswith(aborted):
                if desk.faults and desk.faults[-1].startswith(f"console: {ended}"):
                    desk.faults.pop()
            elif message.type == "error" and not message.text.startswith(
                (*desk.expected_words, *(f"{STATUS_NOISE} {status}" for status in desk.expected_statuses))
            ):
                desk.faults.append(f"console: {message.text}")

        def on_request(request: Request) -> None:
            if not request.url.startswith((desk.base, "data:", "blob:")):
                desk.faults.append(f"request to elsewhere: {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: desk.faults.append(f"script: {error}"))
        page.on("request", on_request)
        yield desk
        desk.assert_clean()


@pytest.fixture
def scriptless(live_server: Any, chromium: Browser) -> Generator[Desk]:
    """A fresh browser context at the live server that runs no script."""
    with _fresh(chromium, live_server.url, java_script_enabled=False) as desk:
        yield desk


@contextmanager
def _fresh(chromium: Browser, base: str, *, java_script_enabled: bool = True) -> Generator[Desk]:
    context = chromium.new_context(
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        java_script_enabled=java_script_enabled,
    )
    try:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        _press_keys_when_it_listens(page)
        yield Desk(base, context, page)
    finally:
        context.close()


@pytest.fixture(scope="session")
def patient_reader() -> Generator[Callable[[], Sandbox]]:
    """The web's parsing children with the limits of `patience`; made at the first call."""
    made: list[Sandbox] = []

    def reader() -> Sandbox:
        if not made:
            made.append(sandbox_from_settings(2, wall_seconds=PATIENCE / 1000))
        return made[0]

    yield reader
    for pool in made:
        pool.close()


@pytest.fixture
def patience(settings: Any, monkeypatch: pytest.MonkeyPatch, patient_reader: Callable[[], Sandbox]) -> None:
    """What is fetched and read while a page waits may take as long as the page: no limit of time is what is tested."""
    seconds = PATIENCE / 1000
    settings.FETCH_CONNECT_SECONDS = settings.FETCH_TOTAL_SECONDS = settings.FETCH_BATCH_SECONDS = seconds
    settings.SANDBOX_WALL_SECONDS = settings.SANDBOX_PAGE_WALL_SECONDS = seconds
    settings.SANDBOX_CPU_SECONDS = round(seconds)
    for name in ("LOOK_SECONDS", "TURN_SECONDS"):
        monkeypatch.setattr(preview, name, seconds)
    for module in (preview, page_rules):
        monkeypatch.setattr(module, "reader", patient_reader)
