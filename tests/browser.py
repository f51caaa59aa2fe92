"""A real browser for tests: one Chromium a session, one context a test, and what every page must pass.

Fixtures: `desk` (a `Desk` bound to the live server). Typical use:

    def test_it_lists_sources(desk, admin):
        desk.sign_in(admin)
        desk.open("/sources/")
        desk.check_page("sources")          # axe in both themes, reflow, no violation
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
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

from newsdesk import env

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDE, NARROW, LEAST = 1440, 390, 320
LIGHT, DARK = "light", "dark"
# Chromium says so in the console for every answer of 400 and more; pages that mean it list the status.
STATUS_NOISE = "Failed to load resource: the server responded with a status of"
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
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
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
        return self.page

    def look(self, *, theme: str = LIGHT, width: int = WIDE, height: int = 900) -> None:
        """Look at the page that is open in a theme and at a width: both are the style sheet's alone."""
        self.page.emulate_media(color_scheme="dark" if theme == DARK else "light")
        self.page.set_viewport_size({"width": width, "height": height})
        # Where a page was opened at a passage, a link half under the bar that stays on top is no small target.
        self.page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")

    def axe(self) -> list[str]:
        """Findings of axe (WCAG 2.2 AA) on the page once nothing on it waits for an answer; empty is good."""
        # What waits is dimmed: not meant to be read until it is there.
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=30_000)
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
        results = Axe().run(self.page, options=options)
        return [
            f"{found['id']}: {found['help']} at {node['html'][:160]}"
            for found in results.response["violations"]
            for node in found["nodes"]
        ]

    def scrolls_sideways(self) -> bool:
        """True when the page is wider than the window."""
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


@pytest.fixture
def desk(live_server: Any, chromium: Browser) -> Generator[Desk]:
    """A fresh browser context at the live server; the test fails when a page complained about anything."""
    context = chromium.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    page = context.new_page()
    desk = Desk(live_server.url, context, page)

    def on_console(message: ConsoleMessage) -> None:
        ended, aborted = ABORT_NOISE
        if message.text.startswith(aborted):
            if desk.faults and desk.faults[-1].startswith(f"console: {ended}"):
                desk.faults.pop()
        elif message.type == "error" and not any(
            message.text.startswith(f"{STATUS_NOISE} {status}") for status in desk.expected_statuses
        ):
            desk.faults.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((desk.base, "data:", "blob:")):
            desk.faults.append(f"request to elsewhere: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: desk.faults.append(f"script: {error}"))
    page.on("request", on_request)
    try:
        yield desk
        desk.assert_clean()
    finally:
        context.close()
