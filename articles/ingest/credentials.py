"""What an admin may send along with a request: sign-in, cookie, headers, proxy; pure rules over their texts."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

HEADER = "header:"
NAMES = ("username", "password", "cookie", "proxy")
MAX_HEADERS = 20
MAX_VALUE = 4000

# Those that decide how the connection itself works or that the desk writes itself (RFC 9110, 7.6.1 and 8).
_OURS = frozenset(
    {
        "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type", "cookie",
        "expect", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "range", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent", "via",
    }
)  # fmt: skip
_FORMS = {
    "username": "A user name cannot hold a colon or a control character (RFC 7617).",
    "password": "A password cannot hold a control character (RFC 7617).",
    "cookie": "A cookie may hold printable ASCII characters only: write it like name=value; other=value.",
    "proxy": "Write the proxy like http://user:password@host:port; other kinds of proxies are not spoken to.",
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy listens. `username` and `password` are for it alone."""

    host: str
    port: int
    username: str = ""
    password: str = ""

    @property
    def authorization(self) -> str:
        """The value of Proxy-Authorization."""
        return basic_authorization(self.username, self.password)

    def __repr__(self) -> str:
        """Nothing that a log should not hold."""
        return "Proxy(...)"


def find_fault(name: str, value: str) -> str:
    """Why this one cannot be sent, as a sentence that never repeats the value; empty when it can."""
    if name not in NAMES and not name.startswith(HEADER):
        return f"“{name[:60]}” is nothing that can be sent: use {', '.join(NAMES)} or {HEADER}NAME."
    if len(value) > MAX_VALUE:
        return f"{_shown(name)} is longer than {MAX_VALUE} characters."
    if name.startswith(HEADER):
        return _fault_of_header(name.removeprefix(HEADER), value)
    is_sound = {
        "username": ":" not in value and value.isprintable(),
        "password": value.isprintable(),
        "cookie": _VALUE.fullmatch(value) is not None,
        "proxy": read_proxy(value) is not None,
    }
    return "" if is_sound[name] else _FORMS[name]


def _fault_of_header(header: str, value: str) -> str:
    if _TOKEN.fullmatch(header) is None:
        return f"“{header[:80]}” is no name of a header: use letters, digits and hyphens."
    if header.lower() in _OURS:
        return f"The header {header} is set by the desk itself; sign-in, cookie and User-Agent have fields of their own."
    if _VALUE.fullmatch(value) is None:
        return f"The header {header} may hold printable ASCII characters only, and must not be empty."
    return ""


def find_faults(values: Mapping[str, str]) -> list[str]:
    """Every fault of a set of values, in order; see `find_fault`."""
    faults = [fault for name, value in values.items() if (fault := find_fault(name, value))]
    if sum(name.startswith(HEADER) for name in values) > MAX_HEADERS:
        faults.append(f"At most {MAX_HEADERS} headers can be sent along.")
    if values.get("password") and not values.get("username"):
        faults.append("A password needs a user name.")
    return faults


def read_proxy(text: str) -> Proxy | None:
    """A proxy from http://user:password@host:port; None when it is written otherwise.

    Only proxies that are spoken to by plain http are known; https sites go through them by CONNECT.
    """
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port or 0, parts.hostname or ""
    except ValueError:
        return None
    if (
        parts.scheme != "http"
        or not host
        or not port
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        return None
    if re.fullmatch(r"[A-Za-z0-9._:-]+", host) is None:
        return None
    return Proxy(host, port, unquote(parts.username or ""), unquote(parts.password or ""))


def basic_authorization(username: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617, in UTF-8)."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")


def _shown(name: str) -> str:
    header = name.removeprefix(HEADER)
    return f"The header {header[:80]}" if name.startswith(HEADER) else f"The {name}"
