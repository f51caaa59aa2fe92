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
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
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
THEMES = ("light", "dark")
# Chromium says so in the console for every answer of 400 and more; pages that mean it list the status.
STATUS_NOISE = "Failed to load resource: the server responded with a status of"


@contextmanager
def _loop_of(browser: _Running) -> Iterator[None]:
    """Playwright's loop counts as running only while a browser test runs.

    Its sync API leaves the loop set in this thread; later tests could then neither call asyncio.run nor the database.
    """
    asyncio._set_running_loop(browser.loop)  # made for event loops, as this is
    try:
        yield
    finally:
        asyncio._set_running_loop(None)


@dataclass
class _Running:
    playwright: Playwright
    browser: Browser
    loop: asyncio.AbstractEventLoop


@pytest.fixture(scope="session")
def _chromium() -> Generator[_Running]:
    """Debian's chromium. Absent: skipped, or failed when NEWSDESK_REQUIRE_BROWSER=1."""
    program = shutil.which("chromium")
    if program is None:
        say = "chromium is not installed (Debian's package of that name): browser tests cannot run"
        if env.text("NEWSDESK_REQUIRE_BROWSER") == "1":
            pytest.fail(say)
        pytest.skip(say)
    playwright = sync_playwright().start()
    running = _Running(
        playwright,
        playwright.chromium.launch(executable_path=program, args=FLAGS),
        asyncio.get_running_loop(),
    )
    asyncio._set_running_loop(None)  # see _loop_of
    yield running
    with _loop_of(running):
        running.browser.close()
        running.playwright.stop()


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

    def open(self, path: str, *, theme: str = "light", width: int = WIDE, height: int = 900) -> Page:
        """Go to a path of the desk in a theme and at a width."""
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(self.base + path)
        return self.page

    def axe(self) -> list[str]:
        """Findings of axe (WCAG 2.2 AA) on the page as it is now; empty is good."""
        results = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
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
        """What every page must pass: axe in both themes and at both widths, no sideways scroll at 320 px.

        `path` defaults to the page that is open. Pictures are kept when NEWSDESK_SHOTS is set.
        """
        path = path if path is not None else self.page.url.removeprefix(self.base)
        for theme in THEMES:
            for width in (WIDE, NARROW):
                self.open(path, theme=theme, width=width)
                self.shoot(f"{name}-{theme}-{width}")
                assert self.axe() == [], f"{name}, {theme}, {width} px"
        self.open(path, width=LEAST)
        assert not self.scrolls_sideways(), f"{name} scrolls sideways at {LEAST} px"

    def assert_clean(self) -> None:
        """No console error, page error, policy violation or request to anywhere else since the start."""
        assert self.faults == []


@pytest.fixture
def desk(live_server: Any, _chromium: _Running, monkeypatch: pytest.MonkeyPatch) -> Generator[Desk]:
    """A fresh browser context at the live server; the test fails when a page complained about anything."""
    # Playwright's loop runs in this thread, so Django would refuse its database; nothing here is really async.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with _loop_of(_chromium):
        context = _chromium.browser.new_context(locale="en-GB", timezone_id="UTC", reduced_motion="reduce")
        context.set_default_timeout(15_000)
        page = context.new_page()
        desk = Desk(live_server.url, context, page)

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(
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
