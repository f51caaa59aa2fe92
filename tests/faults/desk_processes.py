"""Beat and the web server as `up` starts them, with ticks of a second, and what one can ask of them."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from tests.servers import free_port
from tests.workers import Process, test_environment, wait_until

TICK_SECONDS = 1
# A lease of the living never runs out, however slow this machine is; those of the dead end by their rows.
LEASE_SECONDS = 900
# What is due is fetched so soon.
LATE_SECONDS = 6
TOKEN = "f" * 32  # of the forms: the cookie and the field say the same
# What makes a row short, and what keeps a request alive that a test holds up.
QUICK = {
    "NEWSDESK_POKE_SECONDS": str(TICK_SECONDS),
    "NEWSDESK_LEASE_SECONDS": str(LEASE_SECONDS),
    "NEWSDESK_READ_LEASE_SECONDS": str(LEASE_SECONDS),
    "NEWSDESK_FETCH_HOST_SECONDS": "0",
    "NEWSDESK_FETCH_HOST_BUDGET": "500",
    "NEWSDESK_FETCH_TOTAL_SECONDS": "44",
    "NEWSDESK_FETCH_BATCH_SECONDS": "15",
    "REMAP_SIGTERM": "SIGQUIT",
}
# As `up` starts its workers.
WORKER_OPTIONS = ("--without-gossip", "--without-mingle")


def quick_environment(**more: str) -> dict[str, str]:
    """The environment of a child on this test's database, with short ticks."""
    return test_environment(**{**QUICK, **more})


class Beat(Process):
    """The one scheduler; nothing but the wake-up."""

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        schedule = log.with_suffix(".schedule")
        options = ("--schedule", str(schedule), "--pidfile", "", "--loglevel", "INFO")
        super().__init__(log, environment, "-m", "celery", "--app", "newsdesk.celery", "beat", *options)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the web server."""

    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float


class Web(Process):
    """The web server on a free port."""

    def __init__(
        self, log: Path, environment: Mapping[str, str], *, threads: int = 4, kill_seconds: int = 3
    ) -> None:
        self.port = free_port()
        self.cookie = ""
        super().__init__(
            log,
            {**environment, "NEWSDESK_ALLOWED_HOSTS": "127.0.0.1,localhost"},
            *("-m", "granian", "--interface", "wsgi", "newsdesk.wsgi:application"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1", "--no-ws"),
            *("--blocking-threads", str(threads), "--workers-kill-timeout", str(kill_seconds)),
        )

    def sign_in(self, user: Any) -> None:
        """Every later request is this user's."""
        client = Client()
        client.force_login(user)
        self.cookie = f"sessionid={client.cookies['sessionid'].value}"

    def wait(self) -> None:
        """Until it answers."""

        def answers() -> bool:
            assert self.process.poll() is None, self.text[-2000:]
            with suppress(OSError, http.client.HTTPException):
                return self.get("/healthz").status == 200
            return False

        wait_until(answers, f"the web server answers; see {self.log}")

    def get(self, path: str, *, seconds: float = 200.0, port: int = 0) -> Page:
        """Ask for a page. Raises OSError or HTTPException when nobody answers."""
        return self._ask("GET", path, None, seconds, port)

    def post(self, path: str, form: Mapping[str, str], *, seconds: float = 200.0, port: int = 0) -> Page:
        """Send a form, with the token that it needs."""
        return self._ask("POST", path, form, seconds, port)

    def upload(self, path: str, name: str, filename: str, content: bytes, *, seconds: float = 200.0) -> Page:
        """Send a form with one file."""
        mark = "newsdesk-part"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n'.encode(),
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'.encode(),
            b"Content-Type: text/xml\r\n\r\n" + content + f"\r\n--{mark}--\r\n".encode(),
        ]
        return self._send(
            "POST",
            path,
            b"".join(parts),
            content_type=f"multipart/form-data; boundary={mark}",
            seconds=seconds,
        )

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None, seconds: float, port: int) -> Page:
        if form is None:
            return self._send(method, path, None, seconds=seconds, port=port)
        body = urlencode({**form, "csrfmiddlewaretoken": TOKEN}).encode()
        content_type = "application/x-www-form-urlencoded"
        return self._send(method, path, body, content_type=content_type, seconds=seconds, port=port)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        content_type: str = "",
        seconds: float = 200.0,
        port: int = 0,
    ) -> Page:
        headers = {"Cookie": f"csrftoken={TOKEN}; {self.cookie}"}
        if content_type:
            headers["Content-Type"] = content_type
        started = time.monotonic()
        link = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=seconds)
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
            named: dict[str, str] = {}
            for header, value in answer.getheaders():
                named[header.lower()] = (
                    f"{named[header.lower()]}, {value}" if header.lower() in named else value
                )
        finally:
            link.close()
        return Page(answer.status, named, text, time.monotonic() - started)


def database_url(port: int) -> str:
    """This test's database by way of a proxy on that port."""
    values = connection.settings_dict
    return f"postgresql://{values['USER']}@127.0.0.1:{port}/{quote(str(values['NAME']))}?sslmode=disable"


def database_socket() -> str:
    """The Unix socket of this test's PostgreSQL, for a proxy to lead to."""
    values = connection.settings_dict
    return f"{values['HOST']}/.s.PGSQL.{values['PORT'] or 5432}"


def broker_database() -> int:
    """The number of this test process's database in the broker."""
    return int(settings.REDIS_URL.rpartition("db=")[2])
