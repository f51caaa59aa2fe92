"""A URL becomes bytes: the one door to the network."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.tracing import Trace
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
from articles.ingest.asking import Asking, UnsendableError, asking_for
from articles.ingest.credentials import Proxy
from articles.ingest.robots import EVERYTHING, MAX_BYTES, NOTHING, Robots, RobotsMemory, read_robots
from articles.ingest.turns import Turns, after_answer, deferred_seconds, pause_after
from articles.ingest.unpacking import Decoder, UnpackError
from articles.types import FailureKind, FetchFailure, FetchRequest, FetchResult

logger = logging.getLogger(__name__)

# Takes the name of a host, gives its addresses; raises OSError when there are none.
Resolve = Callable[[str], Awaitable[Sequence[str]]]
OnBytes = Callable[[int], None]

_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_SAME_METHOD = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = {*_PERMANENT, *_SAME_METHOD, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}
_UNAUTHORISED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_MAX_REDIRECTS = 5
_MAX_HEADER = 16 * 1024
_MAX_HEADERS = 128
_RETRY_AFTER = (60, 86_400)
_LOOKUP_THREADS = 32
# Nobody sleeps longer than this inside a batch for the sake of one host: its other requests come again later.
_LONGEST_SLEEP = 3.0
# A redirect to a host that is just being asked waits for its turn so long, then the request comes again later.
_GATE_SECONDS = 2.0
# How long a site's robots.txt holds; RFC 9309 (2.4) allows a day at most.
_ROBOTS_SECONDS = 3600.0
_ROBOTS_RETRY_SECONDS = 300.0
_LISTS = frozenset({"link", "cache-control"})
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_ANYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """All that the door must know; it reads no settings.

    `sample_address` is the one "127.0.0.1:port" that requests marked `sample` may reach. `resolve` replaces the
    system's look-up of names. Seconds are wall clock, bytes are counted while they stream in. `own_at_once` is how
    many requests at once a host in an allowed network gets, without a pause; 0 treats it like a stranger.
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
    own_at_once: int = 8
    crawl_delay_most: float = 60.0
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


# What a batch is given: questions, and failures that stand already (see `articles.ingest.secrets.request_for`).
Asked = FetchRequest | FetchFailure
Answer = FetchResult | FetchFailure | Deferred
OnAnswer = Callable[[int, Answer], Awaitable[None]]
_NEVER_ASKED = frozenset({"bad_url", "refused_address", "dns", "secrets"})


def fetch_one(request: FetchRequest, policy: FetchPolicy) -> FetchResult | FetchFailure:
    """Fetch one address now. Never raises for what the network does."""
    return asyncio.run(_fetch_alone(request, policy))


def fetch_file(
    request: FetchRequest, policy: FetchPolicy, sink: BinaryIO, on_bytes: OnBytes = lambda _count: None
) -> FetchResult | FetchFailure:
    """Fetch one large file now, written to `sink` as it comes; `on_bytes` hears how many bytes came so far.

    The answer's own body is empty. A packed file stays packed; only a content encoding is undone. The limits are
    `total_seconds`, `max_raw` and `max_page` of the policy. After a failure what the sink holds is worth nothing.
    Never raises for what the network does; what the sink raises (no room) comes through as OSError.
    """
    return asyncio.run(_fetch_alone(request, policy, _Sink(sink, on_bytes)))


def fetch_many(requests: Sequence[Asked], policy: FetchPolicy, turns: Turns | None = None) -> list[Answer]:
    """Fetch side by side; the answers are in the order of the requests. See `fetch_all`."""
    return asyncio.run(fetch_all(requests, policy, turns))


async def fetch_all(
    requests: Sequence[Asked], policy: FetchPolicy, turns: Turns | None = None
) -> list[Answer]:
    """Fetch a batch with one shared session.

    A host is asked one thing at a time with a pause between; what goes beyond its budget, or would start after
    `batch_seconds`, comes back as Deferred, so that the batch never waits for a busy host. `turns` brings in what
    other workers know of the hosts, and takes away how long each is to be left alone.
    """
    answers: dict[int, Answer] = {}

    async def keep(number: int, answer: Answer) -> None:
        answers[number] = answer

    await fetch_each(requests, policy, keep, turns)
    return [answers[number] for number in range(len(requests))]


async def fetch_each(
    requests: Sequence[Asked], policy: FetchPolicy, on_answer: OnAnswer, turns: Turns | None = None
) -> None:
    """`fetch_all` that hands over each answer, with the place of its request, as soon as it is known.

    The hand-over is awaited while the request's slot is still held: whoever is slow to take answers slows the
    fetching down, so that the bodies of a large batch never lie in memory all at once.
    """
    async with _Door(policy, turns) as door:
        await door.fetch_batch(requests, on_answer)


def stranger_hosts(requests: Sequence[Asked], policy: FetchPolicy) -> set[str]:
    """The hosts of a batch whose turn must be waited for: all but the operator's own and the sample's."""
    hosts = set()
    for request in requests:
        if isinstance(request, FetchRequest):
            try:
                target = read_target(request.url, policy.rules)
            except BadUrlError:
                continue
            if not _is_own(request, target, policy):
                hosts.add(target.place)
    return hosts


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


class _SinkError(Exception):
    """What came could not be written down: nobody's fault on the network."""


@dataclass(frozen=True, slots=True)
class _Sink:
    """Where a large file goes while it comes."""

    stream: BinaryIO
    on_bytes: OnBytes


class _BusyHostError(Exception):
    """A redirect leads to a host that is being asked just now."""


class _RefusedConnectError(OSError):
    """Raised inside the connector, where only OSError finds its way out in good order."""


class _Trail:
    """What has happened to one request so far: for the answer's steps, and for a failure's."""

    __slots__ = ("final_url", "headers", "is_dialled", "started", "steps")

    def __init__(self, url: str) -> None:
        self.started = time.monotonic()
        self.final_url = url
        self.headers: dict[str, str] = {}
        self.steps: list[tuple[str, int]] = []
        self.is_dialled = False

    def step(self, word: str) -> None:
        """Note that something is done by now."""
        self.steps.append((word, int((time.monotonic() - self.started) * 1000)))

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


# The request that the running task is at; the resolver and the connector note their steps there.
_trail: ContextVar[_Trail | None] = ContextVar("trail", default=None)


class _CheckingResolver(AbstractResolver):
    """Looks names up and lets an answer pass only when every address in it may be dialled."""

    def __init__(self, policy: FetchPolicy, rules: AddressRules) -> None:
        self._policy = policy
        self._rules = rules
        self._threads: ThreadPoolExecutor | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host, in aiohttp's form."""
        results: list[ResolveResult] = []
        for text in await self.checked(host, port, family):
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

    async def checked(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[str]:
        """The addresses of a host when all of them are open. Raises OSError."""
        texts = await self.addresses(host, family)
        if not texts:
            raise OSError(f"{host} has no address")
        for text in texts:
            try:
                check_address(ipaddress.ip_address(text), port, self._rules)
            except RefusedAddressError as error:
                raise _RefusedConnectError(f"{host} resolves to a closed address: {error}") from error
        trail = _trail.get()
        if trail is not None:
            trail.step("looked up")
        return texts

    async def addresses(self, host: str, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[str]:
        """The addresses of a host as texts, each once. Raises OSError."""
        if self._policy.resolve is not None:
            return list(dict.fromkeys(await self._policy.resolve(host)))
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="lookup")
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, lambda: _look_up(host, family))
        return list(dict.fromkeys(found))

    async def close(self) -> None:
        """A look-up that hangs must not hold up the batch."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, family: socket.AddressFamily) -> list[str]:
    answers = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]).partition("%")[0] for _, _, _, _, sockaddr in answers]


class _Connector(aiohttp.TCPConnector):
    """aiohttp's own, which also notes when a new connection stands."""

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> aiohttp.connector.Connection:
        """A connection, kept alive or new."""
        connection = await super().connect(req, traces, timeout)
        trail = _trail.get()
        if trail is not None and trail.is_dialled:
            trail.is_dialled = False
            trail.step("connected")
        return connection


class _Door:
    """One batch's sessions: a guarded one for the world, one that reaches the sample world only, one for each proxy."""

    def __init__(self, policy: FetchPolicy, turns: Turns | None = None, sink: _Sink | None = None) -> None:
        self._policy = policy
        self._sink = sink
        self._turns = turns or Turns()
        self.resolver = _CheckingResolver(policy, policy.rules)
        # A proxy is an admin's own choice: only the fence is asked whether it may be dialled.
        self._proxy_rules = AddressRules(allow=_ANYWHERE, only=policy.rules.only)
        self._sessions: dict[str | Proxy, aiohttp.ClientSession] = {}
        self._slots = asyncio.Semaphore(policy.concurrency)
        self._gates: dict[str, asyncio.Lock] = {}
        self._open_addresses: set[tuple[str, int]] = set()
        self._own_hosts: dict[str, bool] = {}
        self._delays: dict[str, float] = {}
        self._started = time.monotonic()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()
        await self.resolver.close()

    async def fetch_batch(self, requests: Sequence[Asked], on_answer: OnAnswer) -> None:
        """Hands over each answer with the place of its request."""
        hosts: dict[str, list[_Place]] = {}
        own: dict[str, list[_Place]] = {}
        for number, request in enumerate(requests):
            if isinstance(request, FetchFailure):
                await on_answer(number, request)
                continue
            try:
                target = read_target(request.url, self._policy.rules)
            except BadUrlError as error:
                await on_answer(number, _bad_url(request, error))
                continue
            queues = own if self._is_own(request, target) else hosts
            queues.setdefault(target.place, []).append((number, request, target))
        async with asyncio.TaskGroup() as group:
            for host, places in hosts.items():
                group.create_task(self._fetch_host(host, places, on_answer))
            for places in own.values():
                queue = iter(places)
                for _ in range(min(len(places), self._policy.own_at_once or self._policy.concurrency)):
                    group.create_task(self._fetch_own(queue, on_answer))

    async def fetch(self, request: FetchRequest, target: Target) -> Answer:
        """One answer under the total deadline; whatever the network does becomes a FetchFailure."""
        trail = _Trail(target.url)
        _trail.set(trail)
        kind: FailureKind
        status = wait = None
        try:
            async with asyncio.timeout(self._policy.total_seconds):
                return await self._follow(request, target, trail)
        except _FailedError as failed:
            kind, message, status, wait = failed.kind, str(failed), failed.status, failed.wait
        except _SinkError:
            raise
        except _BusyHostError:
            return Deferred(request, self._policy.host_pause_seconds)
        except Exception as error:
            known = _explain_error(error, self._policy)
            if known is not None:
                kind, message = known
            else:
                # Whatever it is, a server brought it about: the rest of the batch must not pay for it.
                logger.exception("An answer of %s could not be read", target.host)
                kind = "protocol"
                message = f"The answer could not be read ({type(error).__name__}); the desk's log says more."
        finally:
            _trail.set(None)
        return FetchFailure(
            request.url,
            kind,
            _storable(message),
            status,
            wait,
            elapsed_seconds=trail.elapsed,
            final_url=trail.final_url,
            headers=trail.headers,
            steps=tuple(trail.steps),
        )

    async def _fetch_host(self, host: str, places: Sequence[_Place], on_answer: OnAnswer) -> None:
        """One stranger's host: one thing at a time, a pause between, no more than its budget."""
        course = self._turns.begin(host)
        wait = self._turns.waits.get(host, 0.0)
        asked = 0
        left_at = 0.0
        last_asked = False
        later = 0
        for number, request, target in places:
            pause = max(self._policy.host_pause_seconds, self._delays.get(host, 0.0))
            if (
                wait
                or asked >= self._policy.host_budget
                or self._is_late()
                or (last_asked and pause > _LONGEST_SLEEP)
            ):
                await on_answer(number, Deferred(request, deferred_seconds(wait, pause, later)))
                later += 1
                continue
            if last_asked:
                await asyncio.sleep(left_at + pause - time.monotonic())
            async with self._slots:
                # The wait for a free slot may have been the longer one.
                is_late = self._is_late()
                answer = Deferred(request, pause) if is_late else await self.fetch(request, target)
                left_at = time.monotonic()
                await on_answer(number, answer)
            # What our own door refused has cost the host nothing.
            last_asked = not is_late and not (
                isinstance(answer, FetchFailure) and answer.kind in _NEVER_ASKED
            )
            asked += last_asked
            if not isinstance(answer, Deferred):
                course = after_answer(course, answer)
                wait = course.closed_seconds
        if asked:
            pause = max(self._policy.host_pause_seconds, self._delays.get(host, 0.0))
            self._turns.leave(host, pause_after(course, pause), at=left_at)
        elif host not in self._turns.waits:
            self._turns.leave(host, pause_after(course, 0.0), at=time.monotonic())

    async def _fetch_own(self, queue: Iterator[_Place], on_answer: OnAnswer) -> None:
        for number, request, target in queue:
            async with self._slots:
                answer = Deferred(request, 0.0) if self._is_late() else await self.fetch(request, target)
                await on_answer(number, answer)

    def _is_own(self, request: FetchRequest, target: Target) -> bool:
        known = self._own_hosts.get(target.host)
        if known is None or request.sample:
            known = _is_own(request, target, self._policy)
            if not request.sample:
                self._own_hosts[target.host] = known
        return known

    def _is_late(self) -> bool:
        """Whether the batch starts no request any more."""
        return time.monotonic() - self._started > self._policy.batch_seconds

    async def _follow(self, request: FetchRequest, target: Target, trail: _Trail) -> FetchResult:
        """Walk the redirects, each hop checked like the first."""
        try:
            asking = asking_for(request, self._policy.user_agent)
        except UnsendableError as error:
            raise _FailedError("secrets", str(error)) from error
        seen = {target.url}
        permanent_url, is_permanent = "", True
        is_sample = _is_sample(request, target, self._policy)
        while True:
            async with self._turn_at(request, target):
                if request.purpose == "page":
                    await self._ask_robots(target, asking, is_sample=is_sample)
                async with self._send(target, asking, is_sample=is_sample) as response:
                    trail.step("answered")
                    status = response.status
                    trail.headers = _plain_headers(response)
                    if status not in _REDIRECTS:
                        body, raw = await self._read(response, request, asking)
                        trail.step("read")
                        return FetchResult(
                            url=request.url,
                            final_url=target.url,
                            status=status,
                            headers=trail.headers,
                            body=body,
                            body_sha256=hashlib.sha256(body).hexdigest() if body else _EMPTY_SHA256,
                            elapsed_seconds=trail.elapsed,
                            permanent_url=permanent_url,
                            raw_bytes=raw,
                            steps=tuple(trail.steps),
                        )
                    after = self._redirected(target, response.headers.get("Location", ""))
            if asking.form is not None and status not in _SAME_METHOD:
                raise _FailedError("redirects", f"The hub sends a form on in a way that drops it ({status}).")
            is_permanent = is_permanent and status in _PERMANENT
            if after.url in seen:
                raise _FailedError("redirects", f"The server sends us in a circle ({after.url}).")
            if len(seen) > _MAX_REDIRECTS:
                raise _FailedError("redirects", f"The server redirects more than {_MAX_REDIRECTS} times.")
            seen.add(after.url)
            if after.origin != target.origin:
                # The sample world may send us on within itself; nobody else may send us into it.
                is_sample = False
                asking = asking.away()
            target = after
            trail.final_url = target.url
            trail.headers = {}
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

    @asynccontextmanager
    async def _turn_at(self, request: FetchRequest, target: Target) -> AsyncIterator[None]:
        """One at a time at a stranger's host, also when redirects of several others lead there."""
        if self._is_own(request, target):
            yield
            return
        gate = self._gates.setdefault(target.place, asyncio.Lock())
        try:
            async with asyncio.timeout(_GATE_SECONDS):
                await gate.acquire()
        except TimeoutError:
            raise _BusyHostError from None
        try:
            yield
        finally:
            gate.release()

    @asynccontextmanager
    async def _send(
        self, target: Target, asking: Asking, *, is_sample: bool
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One question to one address, once the address is known to be open."""
        if not is_sample and target.address is not None:
            self._check_written(target)
        url = URL(target.url, encoded=True)
        proxy = asking.proxy
        if proxy is None:
            session = self._session("sample" if is_sample else "world")
            method = "GET" if asking.form is None else "POST"
            async with session.request(
                method, url, headers=asking.headers, data=asking.form, allow_redirects=False
            ) as response:
                yield response
            return
        if is_sample:
            raise _FailedError("refused_address", "The sample world is not reached by a proxy.")
        if target.address is None:
            await self._look_up_for_proxy(target)
        named = {"Proxy-Authorization": proxy.authorization} if proxy.username else {}
        is_tunnel = target.scheme == "https"  # the proxy sees the header of CONNECT only
        async with self._session(proxy).get(
            url,
            headers=asking.headers if is_tunnel else {**asking.headers, **named},
            allow_redirects=False,
            proxy=URL.build(scheme="http", host=proxy.host, port=proxy.port),
            proxy_headers=named if is_tunnel else None,
        ) as response:
            yield response

    async def _look_up_for_proxy(self, target: Target) -> None:
        """The proxy does its own look-up; ours says first whether such a name may be asked for at all."""
        try:
            await self.resolver.checked(target.host, target.port)
        except _RefusedConnectError:
            raise
        except OSError as error:
            words = f"The name {target.host} does not resolve here, so that no proxy is asked for it."
            raise _FailedError("dns", words) from error

    def _check_written(self, target: Target) -> None:
        """A kept-alive connection is not dialled again, so a written address is looked at here as well."""
        key = target.host, target.port
        if key in self._open_addresses or target.address is None:
            return
        try:
            check_address(target.address, target.port, self._policy.rules)
        except RefusedAddressError as error:
            raise _FailedError("refused_address", f"This address is refused: {error}.") from error
        self._open_addresses.add(key)

    def _session(self, kind: str | Proxy) -> aiohttp.ClientSession:
        if kind not in self._sessions:
            policy = self._policy
            resolver, factory = self.resolver, self._checked_socket
            if isinstance(kind, Proxy):
                resolver, factory = _CheckingResolver(policy, self._proxy_rules), self._proxy_socket
            elif kind == "sample":
                factory = self._sample_socket
            connector = _Connector(
                resolver=resolver,
                limit=policy.concurrency,
                # It gets the address of every connection, also of hosts written as numbers, which no resolver sees.
                socket_factory=factory,
            )
            self._sessions[kind] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=policy.connect_seconds),
                auto_decompress=False,
                trust_env=False,
                max_line_size=_MAX_HEADER,
                max_field_size=_MAX_HEADER,
                max_headers=_MAX_HEADERS,
            )
        return self._sessions[kind]

    def _checked_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        return _open_socket(info, self._policy.rules)

    def _proxy_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        return _open_socket(info, self._proxy_rules)

    def _sample_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        host, port = str(info[4][0]), int(info[4][1])
        if f"{host}:{port}" != self._policy.sample_address:
            raise _RefusedConnectError(f"{host}:{port} is not the sample world")
        # The fence stands even here.
        rules = self._policy.rules
        return _open_socket(info, replace(rules, allow=(*rules.allow, ipaddress.ip_network(host))))

    async def _read(
        self, response: aiohttp.ClientResponse, request: FetchRequest, asking: Asking
    ) -> tuple[bytes, int]:
        """(body, length as sent) of an answer that is no redirect. Raises _FailedError for one that is no success."""
        status = response.status
        if status == HTTPStatus.NOT_MODIFIED:
            if request.etag or request.last_modified:
                return b"", 0
            raise _FailedError(
                "protocol", "The server says that nothing has changed, but was not asked for changes.", status
            )
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            asked = retry_after_seconds(
                response.headers.get("Retry-After", ""), response.headers.get("Date", "")
            )
            wait = asked if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE} else None
            hint = (
                " It redirected to another address, to which user name, cookie and headers are not sent: "
                "take that address over if it is the right one."
                if status in _UNAUTHORISED and asking.has_left_secrets
                else ""
            )
            raise _FailedError("http", f"The server answers {status} {_phrase(status)}.{hint}", status, wait)
        if self._sink is not None:
            return b"", await _save(response, self._sink, self._policy.max_raw, self._policy.max_page)
        most = self._policy.max_feed if request.purpose == "feed" else self._policy.max_page
        return await _body(response, self._policy.max_raw, most)

    async def _ask_robots(self, target: Target, asking: Asking, *, is_sample: bool) -> None:
        """Raises _FailedError when the site's robots.txt closes this page to us."""
        robots = _robots.get(target.origin, now=time.monotonic())
        if robots is None:
            robots, seconds = await self._get_robots(target, asking, is_sample=is_sample)
            _robots.put(target.origin, robots, until=time.monotonic() + seconds)
        if robots.delay_seconds:
            self._delays[target.place] = min(robots.delay_seconds, self._policy.crawl_delay_most)
        if robots.is_closed:
            raise _FailedError(
                "robots", f"{target.host} cannot say whether robots may come; the page is left alone.", 503
            )
        if not robots.allows(target.url):
            raise _FailedError("robots", f"The robots.txt of {target.host} closes this page to us.")

    async def _get_robots(self, target: Target, asking: Asking, *, is_sample: bool) -> tuple[Robots, float]:
        """(rules, how long they hold). No file means everything, a broken server nothing (RFC 9309, 2.3.1)."""
        hop = replace(target, url=urljoin(target.url, "/robots.txt"))
        question = asking.for_robots()
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._send(hop, question, is_sample=is_sample) as response:
                status = response.status
                if status in _REDIRECTS:
                    after = self._redirected(hop, response.headers.get("Location", ""))
                elif status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
                    return NOTHING, _ROBOTS_RETRY_SECONDS
                elif status >= HTTPStatus.BAD_REQUEST:
                    return EVERYTHING, _ROBOTS_SECONDS
                else:
                    try:
                        body, _raw = await _body(response, MAX_BYTES, MAX_BYTES, is_cut=True)
                    except _FailedError:
                        return EVERYTHING, _ROBOTS_SECONDS
                    return read_robots(body, self._policy.user_agent), _ROBOTS_SECONDS
            if after.origin != hop.origin:
                is_sample = False
                question = question.away()
            hop = after
        return EVERYTHING, _ROBOTS_SECONDS


_Place = tuple[int, FetchRequest, Target]

# What sites said lately, for all batches of this process.
_robots = RobotsMemory()


async def _fetch_alone(
    request: FetchRequest, policy: FetchPolicy, sink: _Sink | None = None
) -> FetchResult | FetchFailure:
    try:
        target = read_target(request.url, policy.rules)
    except BadUrlError as error:
        return _bad_url(request, error)
    async with _Door(policy, sink=sink) as door:
        try:
            answer = await door.fetch(request, target)
        except _SinkError as error:
            raise OSError(str(error)) from error
    if isinstance(answer, Deferred):  # nobody else asks anything here
        return FetchFailure(request.url, "timeout", "The host is being asked just now: try again.")
    return answer


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


def _bad_url(request: FetchRequest, error: BadUrlError) -> FetchFailure:
    return FetchFailure(request.url, "bad_url", f"This address is not fetched: {error}.")


def _is_sample(request: FetchRequest, target: Target, policy: FetchPolicy) -> bool:
    return (
        request.sample
        and bool(policy.sample_address)
        and target.scheme == "http"
        and f"{target.host}:{target.port}" == policy.sample_address
    )


def _is_own(request: FetchRequest, target: Target, policy: FetchPolicy) -> bool:
    """Whether the host is the operator's own, or the sample world: no stranger to be polite to."""
    if _is_sample(request, target, policy):
        return True
    return policy.own_at_once > 0 and is_allowed_network(target.address, policy.rules)


def _open_socket(info: aiohttp.AddrInfoType, rules: AddressRules) -> socket.socket:
    """A socket for an address that is about to be dialled. Raises _RefusedConnectError when it is closed."""
    family, kind, proto, _, sockaddr = info
    try:
        check_address(ipaddress.ip_address(str(sockaddr[0])), int(sockaddr[1]), rules)
    except (RefusedAddressError, ValueError) as error:
        raise _RefusedConnectError(str(error)) from error
    trail = _trail.get()
    if trail is not None:
        trail.is_dialled = True
    return socket.socket(family=family, type=kind, proto=proto)


def _plain_headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """An answer's headers by lower-case name; bytes beyond ASCII come as lone surrogates, which no table can hold."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key, text = name.lower(), value if value.isascii() else _storable(value)
        # Lists may come in several lines, which are one list (RFC 9110, 5.3).
        headers[key] = f"{headers[key]}, {text}" if key in _LISTS and key in headers else text
    return headers


async def _body(
    response: aiohttp.ClientResponse, max_raw: int, max_decoded: int, *, is_cut: bool = False
) -> tuple[bytes, int]:
    """The decoded body and its length as sent. Both are counted while it streams: a bomb is never unpacked.

    A body that is too long fails, or with `is_cut` is read as far as allowed.
    """
    if not is_cut:
        _check_length(response, max_raw)
    decoder: Decoder | None = None
    raw = size = 0
    parts: list[bytes] = []
    try:
        async for chunk in response.content.iter_any():
            raw += len(chunk)
            if raw > max_raw and not is_cut:
                raise _FailedError("too_large", f"The answer is longer than {_megabytes(max_raw)}.")
            if decoder is None:
                decoder = Decoder(response.headers.get("Content-Encoding", ""), chunk)
            part = decoder.feed(chunk, max_decoded - size + 1)
            size += len(part)
            parts.append(part)
            if is_cut and (size >= max_decoded or raw >= max_raw):
                return b"".join(parts)[:max_decoded], raw
            if size > max_decoded:
                raise _FailedError("too_large", f"The answer unpacks to more than {_megabytes(max_decoded)}.")
        if decoder is not None:
            decoder.finish()
    except UnpackError as error:
        raise _FailedError("protocol", str(error)) from error
    return parts[0] if len(parts) == 1 else b"".join(parts), raw


async def _save(response: aiohttp.ClientResponse, sink: _Sink, max_raw: int, max_decoded: int) -> int:
    """Write a body down while it streams, under the same two limits as `_body`; its length as sent."""
    _check_length(response, max_raw)
    raw = size = 0
    try:
        decoder = Decoder(response.headers.get("Content-Encoding", ""), b"")
        async for chunk in response.content.iter_any():
            raw += len(chunk)
            if raw > max_raw:
                raise _FailedError("too_large", f"The answer is longer than {_megabytes(max_raw)}.")
            part = decoder.feed(chunk, max_decoded - size + 1)
            size += len(part)
            if size > max_decoded:
                raise _FailedError("too_large", f"The answer unpacks to more than {_megabytes(max_decoded)}.")
            try:
                sink.stream.write(part)
            except OSError as error:
                raise _SinkError(error.strerror or str(error)) from error
            sink.on_bytes(raw)
        decoder.finish()
    except UnpackError as error:
        raise _FailedError("protocol", str(error)) from error
    return raw


def _check_length(response: aiohttp.ClientResponse, max_raw: int) -> None:
    """Nothing of a body is read whose length is told and too great."""
    length = response.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length[:18]) > max_raw:
        raise _FailedError("too_large", f"The answer is longer than {_megabytes(max_raw)}.")


def _explain_error(error: Exception, policy: FetchPolicy) -> tuple[FailureKind, str] | None:
    """Kind and sentence for what the network did; None for what is not known to be its fault."""
    refused = _cause(error, _RefusedConnectError)
    if refused is not None:
        return "refused_address", f"This address is refused: {refused}."
    for kinds, kind, words in _NETWORK_ERRORS:
        if isinstance(error, kinds):
            # What aiohttp says of a proxy holds its address, which is a secret of the source.
            status = error.status if isinstance(error, aiohttp.ClientHttpProxyError) else 0
            reason = (
                f"{status} {_phrase(status)}" if status else getattr(error, "strerror", None) or _short(error)
            )
            return kind, words.format(
                reason=reason, connect=f"{policy.connect_seconds:g}", total=f"{policy.total_seconds:g}"
            )
    return None


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
    (
        aiohttp.ClientProxyConnectionError,
        "connect",
        "The proxy of this source does not take connections ({reason}).",
    ),
    (aiohttp.ClientHttpProxyError, "connect", "The proxy of this source refuses to connect us ({reason})."),
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


def _megabytes(count: int) -> str:
    return f"{count / 1024 / 1024:g} MB"
