"""A WebSub hub of our own on loopback: it takes subscriptions, verifies them at the callback, and pushes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.servers import Asked, LoopbackServer, Reply


@dataclass
class Hub:
    """What was asked of it, by callback path; `status` is what it answers to a request."""

    server: LoopbackServer
    status: int = 202
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url("/hub")

    def take(self, asked: Asked) -> Reply:
        """A request to subscribe or unsubscribe."""
        assert asked.method == "POST"
        assert asked.headers["content-type"].startswith("application/x-www-form-urlencoded")
        self.asked.append(dict(parse_qsl(asked.body.decode())))
        return Reply(self.status, b"")

    @property
    def last(self) -> dict[str, str]:
        """The last request."""
        return self.asked[-1]

    @property
    def callback(self) -> str:
        """The path of the last request's callback."""
        return urlsplit(self.last["hub.callback"]).path

    def intent(self, mode: str = "subscribe", **changes: str) -> dict[str, str]:
        """The question by which the last request is verified."""
        return {
            "hub.mode": mode,
            "hub.topic": self.last["hub.topic"],
            "hub.challenge": "a challenge <b>&amp;",
            "hub.lease_seconds": "864000",
            **{f"hub.{name}": value for name, value in changes.items()},
        }

    def signature(self, body: bytes, method: str = "sha256", secret: str = "") -> str:
        """X-Hub-Signature under the last secret, or another."""
        secret = secret or next(form["hub.secret"] for form in reversed(self.asked) if "hub.secret" in form)
        return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@contextmanager
def hub_serving() -> Iterator[Hub]:
    """A hub until the context ends."""
    with LoopbackServer() as server:
        hub = Hub(server)
        server.handlers["/hub"] = hub.take
        yield hub


@pytest.fixture
def hub(settings: Any) -> Iterator[Hub]:
    """A hub, and a desk that hubs can reach."""
    settings.SITE_URL = "https://desk.example"
    settings.ENCRYPTION_KEY = settings.ENCRYPTION_KEY or "a key of the tests"
    with hub_serving() as hub:
        settings.FETCH_ALLOW = (ip_network("127.0.0.0/8"),)
        settings.FETCH_PORTS = frozenset({hub.server.port})
        yield hub
