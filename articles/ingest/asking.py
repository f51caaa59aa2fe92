"""What is sent with a request, hop by hop: our name, what we know already, and secrets for their own origin alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from articles.ingest.credentials import HEADER, Proxy, basic_authorization, find_faults, read_proxy
from articles.ingest.unpacking import ACCEPT_ENCODING
from articles.types import FetchPurpose, FetchRequest

_ACCEPT: dict[FetchPurpose, str] = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, text/plain;q=0.8, */*;q=0.1",
    "hub": "text/plain, */*;q=0.5",
    # A query service that is not told otherwise answers in XML, which no importer reads.
    "file": "application/sparql-results+json, application/json, text/csv, application/zip, */*;q=0.5",
}
_ACCEPT_ROBOTS = "text/plain, */*;q=0.1"
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")
_MOST_TEXT = 1000


class UnsendableError(ValueError):
    """What is to be sent along is not fit for a header; the message says what to do and repeats no secret."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The headers of the next hop, the form that is sent (for hubs) and the proxy that carries it.

    `has_left_secrets` says that secrets were held back because another origin is asked by now.
    """

    headers: Mapping[str, str] = field(repr=False)
    form: bytes | None = field(default=None, repr=False)
    proxy: Proxy | None = None
    has_left_secrets: bool = False
    _common: Mapping[str, str] = field(default_factory=dict, repr=False)

    def away(self) -> Asking:
        """How another origin is asked: without secrets, for good, even if it sends us back."""
        if self.headers is self._common:
            return self
        return replace(self, headers=self._common, has_left_secrets=True)

    def for_robots(self) -> Asking:
        """How the same origin is asked for its robots.txt."""
        common = _about_robots(self._common)
        headers = common if self.headers is self._common else _about_robots(self.headers)
        return replace(self, headers=headers, form=None, _common=common)


def asking_for(request: FetchRequest, user_agent: str) -> Asking:
    """How a request is sent to its own origin. Raises UnsendableError."""
    common = {
        "User-Agent": header_text(request.user_agent) or user_agent,
        "Accept": _ACCEPT[request.purpose],
        "Accept-Encoding": "identity" if request.purpose == "file" else ACCEPT_ENCODING,
    }
    if request.etag:
        common["If-None-Match"] = header_text(request.etag)
    if request.last_modified:
        common["If-Modified-Since"] = header_text(request.last_modified)
    form = None
    if request.purpose == "hub":
        form = urlencode(request.form).encode("ascii")
        common["Content-Type"] = "application/x-www-form-urlencoded"
    if not (request.username or request.cookie or request.headers or request.proxy):
        return Asking(common, form, _common=common)
    secrets = _secrets_of(request)
    named = {name.lower() for name in secrets}
    headers = {name: value for name, value in common.items() if name.lower() not in named} | secrets
    return Asking(headers, form, read_proxy(request.proxy), _common=common)


def header_text(value: str) -> str:
    """A header's value from somebody else's words: no line may be smuggled in."""
    return _NOT_ASCII.sub("", value)[:_MOST_TEXT]


def _secrets_of(request: FetchRequest) -> dict[str, str]:
    given = {
        "username": request.username,
        "password": request.password,
        "cookie": request.cookie,
        "proxy": request.proxy,
    }
    faults = find_faults(
        {name: value for name, value in given.items() if value}
        | {HEADER + name: value for name, value in request.headers.items()}
    )
    if faults:
        raise UnsendableError(f"{faults[0]} Enter it anew on the source's Edit page.")
    secrets = dict(request.headers)
    if request.username:
        secrets["Authorization"] = basic_authorization(request.username, request.password)
    if request.cookie:
        secrets["Cookie"] = request.cookie
    return secrets


def _about_robots(headers: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in headers.items()
        if name.lower() not in {"if-none-match", "if-modified-since", "content-type", "accept"}
    }
    return {**kept, "Accept": _ACCEPT_ROBOTS}
