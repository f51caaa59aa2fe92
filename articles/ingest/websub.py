"""The rules of WebSub for a subscriber (W3C Recommendation of 2018-01-23); pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from articles.ingest.canonical import absolute_url

# Asked for; the hub decides (5.1). Long enough to be no burden, short enough that a hub forgets us soon.
WANTED_LEASE = timedelta(days=10)
# What a hub may say goes from a moment to a quarter; nonsense beyond is read as the nearer end.
LEASE_BOUNDS = (timedelta(minutes=2), timedelta(days=90))
# Renewed after this part of the lease, spread by a little more, so that feeds of one hub do not come together.
RENEW_FROM, RENEW_SPREAD = 0.7, 0.15
# A hub that does not answer, does not verify or refuses: again after these, then each time after the last.
RETRIES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
REFUSED_RETRY = timedelta(days=7)
# The longest text that a hub may have echoed, and that is kept of its reasons.
LONGEST_CHALLENGE = 4096
LONGEST_REASON = 500

Mode = Literal["subscribe", "unsubscribe", "denied"]
_MODES: dict[str, Mode] = {"subscribe": "subscribe", "unsubscribe": "unsubscribe", "denied": "denied"}
LONGEST_LINK = 8192
_LINK = re.compile(
    r"<([^<>]{1,2000})>((?:\s*;\s*[^;,<>\"=]{1,40}(?:=(?:\"[^\"]{0,500}\"|[^;,<>\"]{0,500}))?){0,10})"
)
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
# The methods of 7.1; others, and anything unsigned, are ignored.
_METHODS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class Intent:
    """What a hub asks our callback (5.2, 5.3): whether we want this, or it tells that it refuses."""

    mode: Mode
    topic: str
    challenge: str = ""
    lease: timedelta = WANTED_LEASE
    reason: str = ""


def can_be_called(site_url: str) -> bool:
    """Whether hubs can reach the desk at its own address: https, and a name or an address of the public internet."""
    try:
        parts = urlsplit(site_url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "https":
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.endswith((".localhost", ".local", ".internal"))


def request_form(
    mode: Literal["subscribe", "unsubscribe"], *, callback: str, topic: str, secret: str
) -> dict[str, str]:
    """The form that is sent to a hub (5.1). The secret goes along when subscribing only."""
    form = {"hub.mode": mode, "hub.callback": callback, "hub.topic": topic}
    if mode == "subscribe":
        form |= {"hub.lease_seconds": str(int(WANTED_LEASE.total_seconds())), "hub.secret": secret}
    return form


def read_intent(query: Mapping[str, str]) -> Intent | None:
    """What a hub asks by GET; None when that is nothing of WebSub."""
    mode = _MODES.get(query.get("hub.mode", ""))
    topic, challenge = query.get("hub.topic", ""), query.get("hub.challenge", "")
    if (
        mode is None
        or not topic
        or "\x00" in topic
        or len(challenge) > LONGEST_CHALLENGE
        or (mode != "denied" and not challenge)
    ):
        return None
    return Intent(
        mode,
        topic,
        challenge,
        lease_of(query.get("hub.lease_seconds", "")),
        " ".join(query.get("hub.reason", "").replace("\x00", " ").split())[:LONGEST_REASON],
    )


def declared_links(header: str, base: str) -> tuple[str, str]:
    """The hub and the topic that an answer's Link header declares (4; RFC 8288); empty what it does not."""
    found = {"hub": "", "self": ""}
    for target, parameters in _LINK.findall(header[:LONGEST_LINK]):
        relation = _REL.search(parameters)
        for name in (relation[1] or relation[2]).lower().split() if relation else ():
            if name in found and not found[name]:
                found[name] = absolute_url(target, base)
    return found["hub"], found["self"]


def lease_of(value: str) -> timedelta:
    """The lease that a hub states, in seconds; what we asked for when it states none."""
    least, most = LEASE_BOUNDS
    text = value.strip()
    if not (text.isascii() and text.isdigit()):
        return WANTED_LEASE
    return min(max(timedelta(seconds=int(text[:9])), least), most)


def renew_at(now: datetime, lease: timedelta, key: str) -> datetime:
    """When a lease that begins now is renewed, well before its end; spread by `key`."""
    part = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest()) / 0xFFFFFFFF
    return now + lease * (RENEW_FROM + RENEW_SPREAD * part)


def retry_after(tries: int) -> timedelta:
    """How long a hub is left alone after the `tries`-th failure in a row, counted from 1."""
    return RETRIES[min(max(tries, 1), len(RETRIES)) - 1]


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Whether X-Hub-Signature ("method=hex") is that of this body (7.1), compared in constant time."""
    method, _, signature = header.strip().partition("=")
    digest = _METHODS.get(method.strip().lower())
    if digest is None or not secret:
        return False
    wanted = hmac.new(secret.encode(), body, digest).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.strip().lower().encode("utf-8", "replace"))
