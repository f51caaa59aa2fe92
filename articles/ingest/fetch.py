"""A URL becomes bytes: the one door to the network."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import re
import socket
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
import brotli
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from articles.ingest.addresses import (
    AddressRules,
    BadUrlError,
    RefusedAddressError,
    Target,
    check_address,
    is_allowed_network,
    read_target,
)
from articles.ingest.robots import EVERYTHING, MAX_BYTES, NOTHING, Robots, read_robots
from articles.types import FailureKind, FetchFailure, FetchPurpose, FetchRequest, FetchResult

# Takes the name of a host, gives its addresses; raises OSError when there are none.
Resolve = Callable[[str], Awaitable[Sequence[str]]]

_ACCEPT: dict[FetchPurpose, str] = {
    "feed": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, text/plain;q=0.8, */*;q=0.1",
}
_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = {*_PERMANENT, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
_MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_MAX_HEADER = 16 * 1024
_RETRY_AFTER = (60, 86_400)
_LOOKUP_THREADS = 32
# Hosts that the operator calls their own are not strangers to be polite to, but are not to be flooded either.
_OWN_HOST_AT_ONCE = 8
_ROBOTS_SECONDS = 3600.0
_ROBOTS_RETRY_SECONDS = 300.0
_ROBOTS_KEPT = 5000
_GZIP_START = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """All that the door must know; it reads no settings.

    `sample_address` is the one "127.0.0.1:port" that requests marked `sample` may reach. `resolve` replaces the
    system's look-up of names. Seconds are wall clock, bytes are counted while they stream in.
    """

    user_agent: str
    rules: AddressRules = field(default_factory=AddressRules)
    sample_address: str = ""
    connect_seconds: float = 5.0
    total_seconds: float = 20.0
    batch_seconds: float = 30.0
    max_raw: int = 5 * 1024 * 1024
    max_feed: int = 10 * 1024 * 1024
    max_page: int = 5 * 1024 * 1024
    concurrency: int = 64
    host_pause_seconds: float = 1.0
    host_budget: int = 5
    resolve: Resolve | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not asked in this batch, because the host was busy: give it back and try again after `seconds`."""

    request: FetchRequest
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the door would connect, and a sentence about it."""

    is_open: bool
    message: str


Answer = FetchResult | FetchFailure | Deferred
OnAnswer = Callable[[int, Answer], Awaitable[None]]
_NEVER_ASKED = frozenset({"bad_url", "refused_address", "dns"})


def fetch_one(request: FetchRequest, policy: FetchPolicy) -> FetchResult | FetchFailure:
    """Fetch one address now. Never raises for what the network does."""
    return asyncio.run(_fetch_alone(request, policy))


def fetch_many(requests: Sequence[FetchRequest], policy: FetchPolicy) -> list[Answer]:
    """Fetch side by side; the answers are in the order of the requests. See `fetch_all`."""
    return asyncio.run(fetch_all(requests, policy))


async def fetch_all(requests: Sequence[FetchRequest], policy: FetchPolicy) -> list[Answer]:
    """Fetch a batch with one shared session.

    A host is asked one thing at a time with a pause between; what goes beyond its budget, or would start after
    `batch_seconds`, comes back as Deferred, so that the batch never waits for a busy host.
    """
    answers: dict[int, Answer] = {}

    async def keep(number: int, answer: Answer) -> None:
        answers[number] = answer

    await fetch_each(requests, policy, keep)
    return [answers[number] for number in range(len(requests))]


async def fetch_each(requests: Sequence[FetchRequest], policy: FetchPolicy, on_answer: OnAnswer) -> None:
    """`fetch_all` that hands over each answer, with the place of its request, as soon as it is known.

    The hand-over is awaited while the request's slot is still held: whoever is slow to take answers slows the
    fetching down, so that the bodies of a large batch never lie in memory all at once.
    """
    async with _Door(policy) as door:
        await door.fetch_batch(requests, on_answer)


def explain_url(url: str, policy: FetchPolicy) -> Verdict:
    """Whether the door would connect to this address. Looks names up, sends nothing."""
    return asyncio.run(_explain(url, policy))


def retry_after_seconds(value: str, date: str = "") -> int | None:
    """What a Retry-After header asks for, in seconds within a minute and a day; None when it says nothing.

    `date` is the answer's own Date header: a server's clock is compared with itself.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            until, at = parsedate_to_datetime(text), parsedate_to_datetime(date) if date else None
            seconds = until.timestamp() - (at.timestamp() if at else time.time())
        except (ValueError, TypeError, OverflowError):
            return None
    least, most = _RETRY_AFTER
    return int(min(max(seconds, least), most))


class _FailedError(Exception):
    """Ends a fetch with a reason."""

    def __init__(
        self, kind: FailureKind, message: str, status: int | None = None, wait: int | None = None
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.status = status
        self.wait = wait


class _RefusedConnectError(OSError):
    """Raised inside the connector, where only OSError finds its way out in good order."""


class _CheckingResolver(AbstractResolver):
    """Looks names up and lets an answer pass only when every address in it may be dialled."""

    def __init__(self, policy: FetchPolicy, threads: ThreadPoolExecutor) -> None:
        self._policy = policy
        self._threads = threads

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host, in aiohttp's form."""
        results: list[ResolveResult] = []
        for text in await self.addresses(host, family):
            try:
                check_address(ipaddress.ip_address(text), port, self._policy.rules)
            except RefusedAddressError as error:
                raise _RefusedConnectError(f"{host} resolves to a closed address: {error}") from error
            kind = socket.AF_INET6 if ":" in text else socket.AF_INET
            results.append(
                ResolveResult(
                    hostname=host,
                    host=text,
                    port=port,
                    family=kind,
                    proto=0,
                    flags=int(socket.AI_NUMERICHOST),
                )
            )
        return results

    async def addresses(self, host: str, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[str]:
        """The addresses of a host as texts, each once. Raises OSError."""
        if self._policy.resolve is not None:
            return list(dict.fromkeys(await self._policy.resolve(host)))
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, lambda: _look_up(host, family))
        return list(dict.fromkeys(found))

    async def close(self) -> None:
        """Nothing is held open between look-ups."""


def _look_up(host: str, family: socket.AddressFamily) -> list[str]:
    answers = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]).partition("%")[0] for _, _, _, _, sockaddr in answers]


class _Door:
    """One batch's sessions: a guarded one for the world, and one that can reach the sample world only."""

    def __init__(self, policy: FetchPolicy) -> None:
        self._policy = policy
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="lookup")
        self.resolver = _CheckingResolver(policy, self._threads)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._started = time.monotonic()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()
        # A look-up that hangs must not hold up the batch.
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch_batch(self, requests: Sequence[FetchRequest], on_answer: OnAnswer) -> None:
        """Hands over each answer with the place of its request."""
        hosts: dict[str, list[int]] = {}
        own: dict[str, list[int]] = {}
        for number, request in enumerate(requests):
            try:
                target = read_target(request.url, self._policy.rules)
            except BadUrlError as error:
                await on_answer(number, self._bad_url(request, error))
                continue
            is_own = self._is_sample(request, target) or is_allowed_network(
                target.address, self._policy.rules
            )
            (own if is_own else hosts).setdefault(target.host, []).append(number)
        async with asyncio.TaskGroup() as group:
            for numbers in hosts.values():
                group.create_task(self._fetch_host(requests, numbers, on_answer))
            for numbers in own.values():
                slots = asyncio.Semaphore(_OWN_HOST_AT_ONCE)
                for number in numbers:
                    group.create_task(self._fetch_own(requests[number], number, on_answer, slots))

    async def fetch(self, request: FetchRequest) -> FetchResult | FetchFailure:
        """One answer under the total deadline; whatever the network does becomes a FetchFailure."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._policy.total_seconds):
                result = await self._follow(request, started)
        except _FailedError as failed:
            return FetchFailure(
                request.url,
                failed.kind,
                _storable(str(failed)),
                failed.status,
                failed.wait,
                time.monotonic() - started,
            )
        except Exception as error:  # noqa: BLE001 - told apart below; only the unknown is raised again
            kind, message = _explain_error(error, self._policy)
            return FetchFailure(
                request.url, kind, _storable(message), elapsed_seconds=time.monotonic() - started
            )
        return result

    def _bad_url(self, request: FetchRequest, error: BadUrlError) -> FetchFailure:
        return FetchFailure(request.url, "bad_url", f"This address is not fetched: {error}.")

    async def _fetch_host(
        self, requests: Sequence[FetchRequest], numbers: Sequence[int], on_answer: OnAnswer
    ) -> None:
        """One stranger's host: one thing at a time, a pause between, no more than its budget."""
        pause = self._policy.host_pause_seconds
        wait = 0.0
        was_asked = False
        for place, number in enumerate(numbers):
            request = requests[number]
            later = Deferred(request, wait or pause * (1 + max(0, place - self._policy.host_budget)))
            if self._is_late() or wait or place >= self._policy.host_budget:
                await on_answer(number, later)
                continue
            if was_asked:
                await asyncio.sleep(pause)
            async with self._slots:
                # The wait for a free slot may have been the longer one.
                answer = later if self._is_late() else await self.fetch(request)
                await on_answer(number, answer)
            # What our own door refused has cost the host nothing.
            was_asked = not (isinstance(answer, FetchFailure) and answer.kind in _NEVER_ASKED)
            if isinstance(answer, FetchFailure) and answer.retry_after_seconds:
                wait = float(answer.retry_after_seconds)

    async def _fetch_own(
        self, request: FetchRequest, number: int, on_answer: OnAnswer, slots: asyncio.Semaphore
    ) -> None:
        async with slots, self._slots:
            answer = Deferred(request, 0.0) if self._is_late() else await self.fetch(request)
            await on_answer(number, answer)

    def _is_late(self) -> bool:
        """Whether the batch starts no request any more."""
        return time.monotonic() - self._started > self._policy.batch_seconds

    async def _follow(self, request: FetchRequest, started: float) -> FetchResult:
        """Walk the redirects, each hop checked like the first."""
        try:
            target = read_target(request.url, self._policy.rules)
        except BadUrlError as error:
            raise _FailedError("bad_url", f"This address is not fetched: {error}.") from error
        seen = {target.url}
        permanent_url, is_permanent = "", True
        is_sample = self._is_sample(request, target)
        while True:
            if request.purpose == "page":
                await self._ask_robots(target, is_sample=is_sample)
            async with self._get(target, self._headers(request), is_sample=is_sample) as response:
                if response.status not in _REDIRECTS:
                    body, headers = await self._read(response, request.purpose)
                    return FetchResult(
                        url=request.url,
                        final_url=target.url,
                        status=response.status,
                        headers=headers,
                        body=body,
                        body_sha256=hashlib.sha256(body).hexdigest(),
                        elapsed_seconds=time.monotonic() - started,
                        permanent_url=permanent_url,
                    )
                is_permanent = is_permanent and response.status in _PERMANENT
                after = self._redirected(target, response.headers.get("Location", ""))
            if after.url in seen:
                raise _FailedError("redirects", f"The server sends us in a circle ({after.url}).")
            if len(seen) > _MAX_REDIRECTS:
                raise _FailedError("redirects", f"The server redirects more than {_MAX_REDIRECTS} times.")
            seen.add(after.url)
            # The sample world may send us on within itself; nobody else may send us into it.
            is_sample = is_sample and after.origin == target.origin
            target = after
            if is_permanent:
                permanent_url = target.url

    def _redirected(self, target: Target, location: str) -> Target:
        if not location:
            raise _FailedError("protocol", "The server redirects, but does not say where to.")
        try:
            after = read_target(urljoin(target.url, location.strip()), self._policy.rules)
        except (BadUrlError, ValueError) as error:
            raise _FailedError(
                "refused_address", f"The server redirects to an address that is not fetched: {error}."
            ) from error
        if target.scheme == "https" and after.scheme == "http":
            raise _FailedError("redirects", f"The server redirects from https to plain http ({after.url}).")
        return after

    def _is_sample(self, request: FetchRequest, target: Target) -> bool:
        address = f"{target.host}:{target.port}"
        return bool(
            request.sample and self._policy.sample_address and target.scheme == "http"
            and address == self._policy.sample_address
        )  # fmt: skip

    def _headers(self, request: FetchRequest) -> dict[str, str]:
        headers = {
            "User-Agent": self._policy.user_agent,
            "Accept": _ACCEPT[request.purpose],
            "Accept-Encoding": "gzip, deflate, br",
        }
        if request.etag:
            headers["If-None-Match"] = _header_text(request.etag)
        if request.last_modified:
            headers["If-Modified-Since"] = _header_text(request.last_modified)
        return headers

    def _get(
        self, target: Target, headers: Mapping[str, str], *, is_sample: bool
    ) -> aiohttp.client._RequestContextManager:
        if not is_sample and target.address is not None:
            # A kept-alive connection is not dialled again, so a written address is looked at here as well.
            try:
                check_address(target.address, target.port, self._policy.rules)
            except RefusedAddressError as error:
                raise _FailedError("refused_address", f"This address is refused: {error}.") from error
        url = URL(target.url, encoded=True)
        return self._session(is_sample=is_sample).get(url, headers=headers, allow_redirects=False)

    def _session(self, *, is_sample: bool) -> aiohttp.ClientSession:
        if is_sample not in self._sessions:
            policy = self._policy
            connector = aiohttp.TCPConnector(
                resolver=self.resolver,
                limit=policy.concurrency,
                # It gets the address of every connection, also of hosts written as numbers, which no resolver sees.
                socket_factory=self._sample_socket if is_sample else self._checked_socket,
            )
            self._sessions[is_sample] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=policy.connect_seconds),
                auto_decompress=False,
                trust_env=False,
                max_line_size=_MAX_HEADER,
                max_field_size=_MAX_HEADER,
            )
        return self._sessions[is_sample]

    def _checked_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, proto, _, sockaddr = info
        try:
            check_address(ipaddress.ip_address(str(sockaddr[0])), int(sockaddr[1]), self._policy.rules)
        except RefusedAddressError as error:
            raise _RefusedConnectError(str(error)) from error
        return socket.socket(family=family, type=kind, proto=proto)

    def _sample_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, proto, _, sockaddr = info
        host, port = str(sockaddr[0]), int(sockaddr[1])
        if f"{host}:{port}" != self._policy.sample_address:
            raise _RefusedConnectError(f"{host}:{port} is not the sample world")
        # The fence stands even here.
        opened = replace(self._policy.rules, allow=(*self._policy.rules.allow, *_just(host)))
        try:
            check_address(ipaddress.ip_address(host), port, opened)
        except RefusedAddressError as error:
            raise _RefusedConnectError(str(error)) from error
        return socket.socket(family=family, type=kind, proto=proto)

    async def _read(
        self, response: aiohttp.ClientResponse, purpose: FetchPurpose
    ) -> tuple[bytes, dict[str, str]]:
        status = response.status
        if status >= HTTPStatus.BAD_REQUEST:
            asked = retry_after_seconds(
                response.headers.get("Retry-After", ""), response.headers.get("Date", "")
            )
            wait = asked if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE} else None
            raise _FailedError("http", f"The server answers {status} {_phrase(status)}.", status, wait)
        # Bytes beyond ASCII come as lone surrogates, which no table can hold.
        headers = {name.lower(): _storable(value) for name, value in response.headers.items()}
        if status == HTTPStatus.NOT_MODIFIED:
            return b"", headers
        most = self._policy.max_page if purpose == "page" else self._policy.max_feed
        return await _body(response, self._policy.max_raw, most), headers

    async def _ask_robots(self, target: Target, *, is_sample: bool) -> None:
        """Raises _FailedError when the site's robots.txt closes this page to us."""
        kept = _robots.get(target.origin)
        if kept is None or kept[0] < time.monotonic():
            robots, seconds = await self._get_robots(target, is_sample=is_sample)
            if len(_robots) >= _ROBOTS_KEPT:
                _robots.clear()
            kept = _robots[target.origin] = (time.monotonic() + seconds, robots)
        if kept[1].is_closed:
            raise _FailedError(
                "robots", f"{target.host} cannot say whether robots may come; the page is left alone.", 503
            )
        if not kept[1].allows(target.url):
            raise _FailedError("robots", f"The robots.txt of {target.host} closes this page to us.")

    async def _get_robots(self, target: Target, *, is_sample: bool) -> tuple[Robots, float]:
        """(rules, how long they hold). No file means everything, a broken server nothing (RFC 9309, 2.3.1)."""
        hop = replace(target, url=urljoin(target.url, "/robots.txt"))
        headers = {
            "User-Agent": self._policy.user_agent,
            "Accept": "text/plain",
            "Accept-Encoding": "gzip, deflate, br",
        }
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._get(hop, headers, is_sample=is_sample) as response:
                if response.status in _REDIRECTS:
                    after = self._redirected(hop, response.headers.get("Location", ""))
                    is_sample = is_sample and after.origin == hop.origin
                    hop = after
                    continue
                if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    return NOTHING, _ROBOTS_RETRY_SECONDS
                if response.status >= HTTPStatus.BAD_REQUEST:
                    return EVERYTHING, _ROBOTS_SECONDS
                try:
                    body = await _body(response, MAX_BYTES, MAX_BYTES)
                except _FailedError:
                    return EVERYTHING, _ROBOTS_SECONDS
                return read_robots(body, self._policy.user_agent), _ROBOTS_SECONDS
        return EVERYTHING, _ROBOTS_SECONDS


# What sites said lately, for all batches of this process: origin -> (monotonic time until which it holds, rules).
_robots: dict[tuple[str, str, int], tuple[float, Robots]] = {}


async def _fetch_alone(request: FetchRequest, policy: FetchPolicy) -> FetchResult | FetchFailure:
    async with _Door(policy) as door:
        return await door.fetch(request)


async def _explain(url: str, policy: FetchPolicy) -> Verdict:
    try:
        target = read_target(url, policy.rules)
    except BadUrlError as error:
        return Verdict(is_open=False, message=f"refused: {error}")
    async with _Door(policy) as door:
        try:
            async with asyncio.timeout(policy.total_seconds):
                found = (
                    [str(target.address)] if target.address else await door.resolver.addresses(target.host)
                )
            for text in found:
                check_address(ipaddress.ip_address(text), target.port, policy.rules)
        except RefusedAddressError as error:
            return Verdict(is_open=False, message=f"refused: {error}")
        except TimeoutError:
            return Verdict(
                is_open=False, message=f"refused: nobody says in time what address {target.host} has"
            )
        except OSError:
            return Verdict(is_open=False, message=f"refused: the name {target.host} does not resolve")
    if not found:
        return Verdict(is_open=False, message=f"refused: the name {target.host} has no address")
    return Verdict(is_open=True, message=f"open: would connect to {found[0]} port {target.port}")


async def _body(response: aiohttp.ClientResponse, max_raw: int, max_decoded: int) -> bytes:
    """The decoded body. Both counts are kept while it streams, so that a bomb is never unpacked."""
    length = response.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length[:18]) > max_raw:
        raise _FailedError("too_large", f"The answer is longer than {_megabytes(max_raw)}.")
    decoder: _Decoder | None = None
    raw = 0
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        raw += len(chunk)
        if raw > max_raw:
            raise _FailedError("too_large", f"The answer is longer than {_megabytes(max_raw)}.")
        if decoder is None:
            decoder = _Decoder(response.headers.get("Content-Encoding", ""), chunk)
        part = decoder.feed(chunk, max_decoded - size + 1)
        size += len(part)
        if size > max_decoded:
            raise _FailedError("too_large", f"The answer unpacks to more than {_megabytes(max_decoded)}.")
        parts.append(part)
    if decoder is not None:
        decoder.finish()
    return b"".join(parts)


class _Decoder:
    """One layer of content encoding, unpacked no further than asked for."""

    def __init__(self, encoding: str, start: bytes) -> None:
        name = encoding.strip().lower()
        if name in {"", "identity", "none"} or re.fullmatch(r"utf-?8", name):
            # Some servers keep their feeds packed and do not say so.
            name = "gzip" if start.startswith(_GZIP_START) else "identity"
        self._name = name.removeprefix("x-")
        self._zlib = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._brotli = brotli.Decompressor() if name == "br" else None
        if self._name == "deflate":
            # Both forms are in use: with zlib's header (RFC 1950), as the standard says, and bare.
            is_wrapped = start[:1] == b"\x78" and int.from_bytes(start[:2], "big") % 31 == 0
            self._zlib = zlib.decompressobj(zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS)
        elif self._name not in {"identity", "gzip", "br"}:
            raise _FailedError(
                "protocol", f"The answer is packed in a way that is not read ({encoding[:60]})."
            )

    def feed(self, chunk: bytes, most: int) -> bytes:
        """At most about `most` bytes; when there are more, that many come and the caller stops."""
        if self._name == "identity":
            return chunk
        try:
            if self._brotli is not None:
                return self._feed_brotli(chunk, most)
            part = self._zlib.decompress(chunk, most)
            while self._zlib.eof and self._zlib.unused_data.startswith(_GZIP_START) and len(part) < most:
                rest, self._zlib = self._zlib.unused_data, zlib.decompressobj(16 + zlib.MAX_WBITS)
                part += self._zlib.decompress(rest, most - len(part))
        except (zlib.error, brotli.error) as error:
            raise _FailedError("protocol", "The answer's packing is broken.") from error
        else:
            return part

    def finish(self) -> None:
        """Raises _FailedError when the packing ends too early."""
        if self._brotli is not None:
            is_whole = self._brotli.is_finished()
        else:
            is_whole = self._name == "identity" or self._zlib.eof
        if not is_whole:
            raise _FailedError("protocol", "The answer ends in the middle of its packing.")

    def _feed_brotli(self, chunk: bytes, most: int) -> bytes:
        unpacker = self._brotli
        if unpacker is None or unpacker.is_finished():
            return b""
        parts = [unpacker.process(chunk, output_buffer_limit=most)]
        size = len(parts[0])
        while size < most and not unpacker.can_accept_more_data():
            parts.append(unpacker.process(b"", output_buffer_limit=most - size))
            size += len(parts[-1])
        return b"".join(parts)


def _explain_error(error: Exception, policy: FetchPolicy) -> tuple[FailureKind, str]:
    """Kind and sentence for what the network did. Raises what is no fault of the network."""
    refused = _cause(error, _RefusedConnectError)
    if refused is not None:
        return "refused_address", f"This address is refused: {refused}."
    for kinds, kind, words in _NETWORK_ERRORS:
        if isinstance(error, kinds):
            reason = getattr(error, "strerror", None) or _short(error)
            return kind, words.format(
                reason=reason, connect=f"{policy.connect_seconds:g}", total=f"{policy.total_seconds:g}"
            )
    raise error


# What aiohttp and the system raise, the narrower kinds first.
_NETWORK_ERRORS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], FailureKind, str], ...] = (
    (
        aiohttp.ServerTimeoutError,
        "timeout",
        "The server did not take the connection within {connect} seconds.",
    ),
    (TimeoutError, "timeout", "There was no whole answer within {total} seconds."),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), "dns", "The name of the server does not resolve."),
    (
        aiohttp.ClientSSLError,
        "tls",
        "No safe connection could be made: the server speaks no TLS at this port, or its certificate is not valid.",
    ),
    (aiohttp.InvalidURL, "bad_url", "This address cannot be read."),
    (aiohttp.ClientConnectorError, "connect", "The server does not take connections ({reason})."),
    ((aiohttp.ClientError, ValueError), "protocol", "The server breaks the rules of HTTP: {reason}."),
    (OSError, "connect", "The connection broke ({reason})."),
)


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first exception of a kind among an error and what it wraps."""
    for _ in range(8):
        if error is None or isinstance(error, kind):
            return error
        inner = getattr(error, "os_error", None)
        error = (
            inner
            if isinstance(inner, BaseException) and inner is not error
            else error.__cause__ or error.__context__
        )
    return None


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.rstrip(".")[:200]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(an unknown status)"


def _storable(text: str) -> str:
    """Text from a server, with U+FFFD for what is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _header_text(value: str) -> str:
    """A header's value from a server's own words: no line may be smuggled in."""
    return re.sub(r"[^\x20-\x7e]", "", value)[:1000]


def _megabytes(count: int) -> str:
    return f"{count / 1024 / 1024:g} MB"


def _just(host: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return (ipaddress.ip_network(host),)
