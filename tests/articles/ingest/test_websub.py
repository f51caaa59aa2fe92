"""The rules of WebSub: forms, intents, leases and signatures."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from articles.ingest.websub import (
    LEASE_BOUNDS,
    LONGEST_CHALLENGE,
    RETRIES,
    WANTED_LEASE,
    can_be_called,
    declared_links,
    is_signed,
    lease_of,
    read_intent,
    renew_at,
    request_form,
    retry_after,
)

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
BODY = "<feed>Über</feed>".encode()


def _signature(method: str, secret: str = "s3cret", body: bytes = BODY) -> str:  # noqa: S107 - of the tests
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_body_signed_by_a_method_of_the_recommendation_is_believed(method: str) -> None:
    assert is_signed(_signature(method), "s3cret", BODY)
    assert is_signed(_signature(method).upper(), "s3cret", BODY)


def test_the_signature_is_that_of_rfc_4231_as_well() -> None:
    # RFC 4231, test case 2.
    wanted = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert is_signed(wanted, "Jefe", b"what do ya want for nothing?")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256",
        "sha256=",
        "md5=" + hmac.new(b"s3cret", BODY, hashlib.md5).hexdigest(),
        _signature("sha256", secret="other"),
        _signature("sha256", body=BODY + b" "),
        _signature("sha256")[:-1],
        _signature("sha1").replace("sha1", "sha256"),
        "sha256=ÜÜÜ",
        "sha256=\udcff",
    ],
)
def test_anything_else_is_not(header: str) -> None:
    assert not is_signed(header, "s3cret", BODY)


def test_nothing_is_signed_without_a_secret() -> None:
    assert not is_signed(_signature("sha256", secret=""), "", BODY)


@pytest.mark.parametrize(
    ("site", "is_open"),
    [
        ("https://desk.example.org", True),
        ("https://desk.example.org:8443/news", True),
        ("https://1.1.1.1", True),
        ("http://desk.example.org", False),
        ("", False),
        ("https://localhost:8000", False),
        ("https://desk.localhost", False),
        ("https://desk", False),
        ("https://desk.internal", False),
        ("https://192.168.1.5", False),
        ("https://[::1]", False),
        ("https://[broken", False),
    ],
)
def test_hubs_can_reach_a_public_https_address_only(site: str, *, is_open: bool) -> None:
    assert can_be_called(site) == is_open


def test_the_secret_goes_along_when_subscribing_only() -> None:
    form = request_form(
        "subscribe", callback="https://d.example/push/x/", topic="https://a.example/f", secret="s"
    )
    assert form == {
        "hub.mode": "subscribe",
        "hub.callback": "https://d.example/push/x/",
        "hub.topic": "https://a.example/f",
        "hub.lease_seconds": "864000",
        "hub.secret": "s",
    }
    farewell = request_form("unsubscribe", callback="c", topic="t", secret="s")
    assert set(farewell) == {"hub.mode", "hub.callback", "hub.topic"}


def test_an_intent_is_read_with_its_lease() -> None:
    intent = read_intent(
        {"hub.mode": "subscribe", "hub.topic": "t", "hub.challenge": "c", "hub.lease_seconds": "3600"}
    )
    assert intent is not None
    assert (intent.mode, intent.topic, intent.challenge, intent.lease) == (
        "subscribe",
        "t",
        "c",
        timedelta(hours=1),
    )
    denied = read_intent(
        {"hub.mode": "denied", "hub.topic": "t", "hub.reason": "not\n allowed " + "x" * 9999}
    )
    assert denied is not None
    assert denied.reason.startswith("not allowed x")
    assert len(denied.reason) <= 500


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "publish", "hub.topic": "t", "hub.challenge": "c"},
        {"hub.mode": "subscribe", "hub.challenge": "c"},
        {"hub.mode": "subscribe", "hub.topic": "t"},
        {"hub.mode": "unsubscribe", "hub.topic": "t", "hub.challenge": ""},
        {"hub.mode": "subscribe", "hub.topic": "t", "hub.challenge": "c" * (LONGEST_CHALLENGE + 1)},
        {"hub.mode": "subscribe", "hub.topic": "t\x00", "hub.challenge": "c"},
    ],
)
def test_what_is_no_intent_is_none(query: dict[str, str]) -> None:
    assert read_intent(query) is None


@pytest.mark.parametrize(
    ("header", "hub", "topic"),
    [
        ("", "", ""),
        ('<https://h.example/>; rel="hub"', "https://h.example/", ""),
        (
            '<https://h.example/>; rel="hub", <https://a.example/f>; rel=self',
            "https://h.example/",
            "https://a.example/f",
        ),
        ("</hub>;rel=HUB", "https://a.example/hub", ""),
        ('<https://a.example/f>; rel="alternate self"; type="a,b"', "", "https://a.example/f"),
        ('<https://1.example/>; rel="hub", <https://2.example/>; rel="hub"', "https://1.example/", ""),
        ('<https://x.example/>; rel="preload"; as=style', "", ""),
        ("<javascript:alert(1)>; rel=hub", "", ""),
        ("<" * 9000 + ">; rel=hub", "", ""),
        ('<https://h.example/>; title="rel=hub"; rel="next"', "", ""),
    ],
)
def test_the_links_of_an_answers_headers_are_read(header: str, hub: str, topic: str) -> None:
    assert declared_links(header, "https://a.example/feed") == (hub, topic)


@pytest.mark.parametrize(
    ("text", "lease"),
    [
        ("", WANTED_LEASE),
        ("soon", WANTED_LEASE),
        ("-5", WANTED_LEASE),
        ("1", LEASE_BOUNDS[0]),
        ("9" * 500, LEASE_BOUNDS[1]),
        ("86400", timedelta(days=1)),
    ],
)
def test_a_lease_is_read_within_reason(text: str, lease: timedelta) -> None:
    assert lease_of(text) == lease


def test_a_lease_is_renewed_well_before_its_end_and_not_all_at_once() -> None:
    moments = {renew_at(NOW, timedelta(days=10), str(number)) for number in range(50)}
    assert min(moments) >= NOW + timedelta(days=7)
    assert max(moments) <= NOW + timedelta(days=8.5)
    assert len(moments) > 40


def test_a_hub_that_fails_is_left_alone_ever_longer() -> None:
    waits = [retry_after(tries) for tries in (0, 1, 2, 3, 4, 99)]
    assert waits == [RETRIES[0], *RETRIES, RETRIES[-1]]
