"""The one door to the network, against honest and evil servers on loopback."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import resource
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network

import pytest
from backports import zstd

from articles.ingest.addresses import AddressRules, read_target
from articles.ingest.fetch import (
    Deferred,
    FetchPolicy,
    _Door,
    _FailedError,
    explain_url,
    fetch_all,
    fetch_many,
    fetch_one,
    retry_after_seconds,
    stranger_hosts,
)
from articles.ingest.turns import PAUSE, REFUSED, REFUSED_ONCE, SILENT, Pause, Turns
from articles.types import FetchFailure, FetchRequest, FetchResult
from tests.servers import FEED, LoopbackServer, Reply, evil_server, free_port, redirect, text_reply

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
POLICY = FetchPolicy(
    user_agent="Newsdesk/test (tests; +https://desk.example/)",
    rules=AddressRules(allow=LOOPBACK, only=LOOPBACK),
    connect_seconds=60.0,  # no machine is too slow for these tests
    total_seconds=120.0,
    batch_seconds=240.0,
    max_raw=1024 * 1024,
    max_feed=2 * 1024 * 1024,
    host_pause_seconds=0.01,
)
CLOSED = replace(POLICY, rules=AddressRules(only=LOOPBACK))


@pytest.fixture(scope="module")
def evil() -> Iterator[LoopbackServer]:
    with evil_server() as server:
        yield server


def _get(url: str, policy: FetchPolicy = POLICY, **request: object) -> FetchResult | FetchFailure:
    return fetch_one(replace(FetchRequest(url=url), **request), policy)  # type: ignore[arg-type]  # the test names fields


def _ok(answer: object) -> FetchResult:
    assert isinstance(answer, FetchResult), answer
    return answer


def _failed(answer: object) -> FetchFailure:
    assert isinstance(answer, FetchFailure), answer
    return answer


@pytest.mark.parametrize(
    "path", ["/feed", "/gzip", "/gzip-unsaid", "/gzip-members", "/deflate", "/deflate-bare", "/cookie"]
)
def test_it_gets_an_honest_answer(evil: LoopbackServer, path: str) -> None:
    answer = _ok(_get(evil.url(path)))
    assert (answer.status, answer.body, answer.final_url) == (200, FEED, evil.url(path))
    assert answer.headers["content-type"] == "application/rss+xml"
    assert answer.permanent_url == ""


def test_it_unpacks_brotli() -> None:
    brotli = pytest.importorskip("brotli")
    packed = brotli.compress(FEED)
    bomb = brotli.compress(bytes(64 * 1024 * 1024))
    handlers = {
        "/br": lambda _: text_reply(packed, Content_Encoding="br"),
        "/cut": lambda _: text_reply(packed[:-9], Content_Encoding="br"),
        "/bomb": lambda _: text_reply(bomb, Content_Encoding="br"),
    }
    with LoopbackServer(handlers) as server:
        assert _ok(_get(server.url("/br"))).body == FEED
        assert _failed(_get(server.url("/cut"))).kind == "protocol"
        assert _failed(_get(server.url("/bomb"))).kind == "too_large"


def test_it_unpacks_zstandard() -> None:
    packed = zstd.compress(FEED)
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    wide = packer.compress(bytes(64 * 1024)) + packer.flush()
    bodies = {
        "/zstd": packed,
        "/frames": zstd.compress(FEED[:50]) + zstd.compress(FEED[50:]),
        "/cut": packed[:-5],
        "/broken": b"no zstandard at all",
        "/bomb": zstd.compress(bytes(64 * 1024 * 1024)),
        "/wide": wide,
    }
    handlers = {
        path: lambda _, body=body: text_reply(body, Content_Encoding="zstd") for path, body in bodies.items()
    }
    with LoopbackServer(handlers) as server:
        assert _ok(_get(server.url("/zstd"))).body == FEED
        assert _ok(_get(server.url("/frames"))).body == FEED
        assert _failed(_get(server.url("/cut"))).kind == "protocol"
        assert _failed(_get(server.url("/broken"))).kind == "protocol"
        assert _failed(_get(server.url("/wide"))).kind == "protocol"
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert _failed(_get(server.url("/bomb"))).kind == "too_large"
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024


def test_a_packing_of_a_thousand_pieces_is_refused() -> None:
    body = gzip.compress(b"") * 1000
    with LoopbackServer({"/": lambda _: text_reply(body, Content_Encoding="gzip")}) as server:
        assert "more than 64 pieces" in _failed(_get(server.url("/"))).message


def test_it_counts_what_came_and_when(evil: LoopbackServer) -> None:
    answer = _ok(_get(evil.url("/gzip")))
    assert answer.raw_bytes == len(gzip.compress(FEED)) != len(answer.body)
    assert [word for word, _ in answer.steps] == ["connected", "answered", "read"]
    moved = _ok(_get(evil.url("/moved")))
    assert [word for word, _ in moved.steps].count("answered") == 3
    failure = _failed(_get(evil.url("/to?/gone")))
    assert failure.final_url == evil.url("/gone")
    assert failure.headers["content-length"] == "4"
    assert [word for word, _ in failure.steps][-1] == "answered"


def test_the_look_up_of_a_name_is_a_step() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        answer = _ok(_get(f"http://a.example:{server.port}/", _stranger(server, "a.example")))
    assert [word for word, _ in answer.steps] == ["looked up", "connected", "answered", "read"]
    times = [milliseconds for _, milliseconds in answer.steps]
    assert times == sorted(times)


def test_a_server_that_says_unchanged_unasked_is_not_believed() -> None:
    with LoopbackServer({"/": lambda _: Reply(304)}) as server:
        assert _failed(_get(server.url("/"))).kind == "protocol"
        assert _ok(_get(server.url("/"), etag='"x"')).status == 304


@pytest.mark.parametrize("status", [300, 305, 306])
def test_an_odd_status_is_a_failure_and_not_an_empty_feed(status: int) -> None:
    with LoopbackServer({"/": lambda _: Reply(status)}) as server:
        failure = _failed(_get(server.url("/")))
    assert (failure.kind, failure.status) == ("http", status)


def test_it_names_itself_and_sends_no_secrets() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        _get(server.url("/"))
        headers = server.asked[0].headers
    assert headers["user-agent"] == POLICY.user_agent
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert not {"authorization", "cookie", "proxy-authorization", "referer"} & set(headers)


def test_it_ignores_the_proxies_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, evil: LoopbackServer
) -> None:
    with LoopbackServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert _ok(_get(evil.url("/feed"))).body == FEED
        assert proxy.connections == 0


def test_it_asks_again_only_for_what_is_new(evil: LoopbackServer) -> None:
    first = _ok(_get(evil.url("/etag")))
    again = _ok(
        _get(evil.url("/etag"), etag=first.headers["etag"], last_modified=first.headers["last-modified"])
    )
    assert (again.status, again.body) == (304, b"")
    assert evil.asked[-1].headers["if-modified-since"] == "Sat, 21 Nov 2026 10:00:00 GMT"


def test_a_server_cannot_smuggle_a_header_into_our_next_question(evil: LoopbackServer) -> None:
    _get(evil.url("/feed"), etag='"a"\r\nX-Evil: 1', last_modified="x\ny")
    assert "x-evil" not in evil.asked[-1].headers


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/bomb", "too_large", "unpacks to more than 2 MB"),
        ("/huge", "too_large", "longer than 1 MB"),
        ("/endless", "too_large", "longer than 1 MB"),
        ("/huge-length", "too_large", "longer than 1 MB"),
        ("/bomb-twice", "protocol", "gzip, gzip"),
        ("/broken-gzip", "protocol", "packing is broken"),
        ("/cut-gzip", "protocol", "middle of its packing"),
        ("/unknown-encoding", "protocol", "compress"),
        ("/false-length", "protocol", "HTTP"),
        ("/no-http", "protocol", "HTTP"),
        ("/silent", "protocol", "HTTP"),
        ("/huge-header", "protocol", "HTTP"),
        ("/loop", "redirects", "circle"),
        ("/hop", "redirects", "more than 5"),
        ("/nowhere", "protocol", "where to"),
        ("/gone", "http", "410 Gone"),
        ("/busy", "http", "429"),
    ],
)
def test_it_survives_an_evil_answer(evil: LoopbackServer, path: str, kind: str, words: str) -> None:
    failure = _failed(_get(evil.url(path)))
    assert failure.kind == kind
    assert words in failure.message


def test_a_bomb_stays_packed_in_memory(evil: LoopbackServer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        assert _failed(_get(evil.url("/bomb"))).kind == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024


def test_only_one_layer_is_unpacked(evil: LoopbackServer) -> None:
    assert _ok(_get(evil.url("/bomb-inside"))).body.startswith(b"\x1f\x8b")


@pytest.mark.parametrize("path", ["/drip-body", "/drip-headers"])
def test_a_slow_drip_ends_at_the_total_deadline(evil: LoopbackServer, path: str) -> None:
    started = time.monotonic()
    failure = _failed(_get(evil.url(path), replace(POLICY, total_seconds=0.6)))
    assert failure.kind == "timeout"
    assert time.monotonic() - started < 200, "and not when the last byte has come, after ten minutes"


def test_it_gives_status_and_wait_with_an_http_failure(evil: LoopbackServer) -> None:
    busy, down = _failed(_get(evil.url("/busy"))), _failed(_get(evil.url("/down")))
    assert (busy.status, busy.retry_after_seconds) == (429, 120)
    assert (down.status, down.retry_after_seconds) == (503, 60)
    assert _failed(_get(evil.url("/gone"))).retry_after_seconds is None


def test_it_follows_redirects_and_says_what_is_permanent(evil: LoopbackServer) -> None:
    moved = _ok(_get(evil.url("/moved")))
    assert (moved.body, moved.final_url, moved.permanent_url) == (FEED, evil.url("/feed"), evil.url("/feed"))
    assert _ok(_get(evil.url("/moved-then-found"))).permanent_url == evil.url("/found")
    assert _ok(_get(evil.url("/found"))).permanent_url == ""


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://0x7f000001/",
        "http://2130706433/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_PING", "http://user:pass@127.0.0.1/",
        "http://[fe80::1]/", "//10.0.0.1/x", "ftp://127.0.0.1/", "data:text/xml,<rss/>",
    ],
)  # fmt: skip
def test_it_does_not_follow_a_redirect_to_a_closed_address(evil: LoopbackServer, target: str) -> None:
    failure = _failed(_get(evil.url(f"/to?{target}")))
    assert failure.kind == "refused_address"


def test_a_redirect_from_https_to_http_is_refused() -> None:
    # There is no certificate that a test could be trusted with: the rule is asked itself.
    async def hop() -> None:
        async with _Door(POLICY) as door:
            with pytest.raises(_FailedError, match="plain http"):
                door._redirected(read_target("https://a.example/", POLICY.rules), "http://a.example/x")

    asyncio.run(hop())


def test_https_to_a_server_without_it_is_a_tls_failure(evil: LoopbackServer) -> None:
    assert _failed(_get(f"https://{evil.address}/feed")).kind == "tls"


def test_a_closed_door_sends_nothing(evil: LoopbackServer) -> None:
    before = evil.connections
    port = evil.port
    for url in (
        evil.url("/feed"), f"http://127.1:{port}/", f"http://2130706433:{port}/", f"http://0x7f000001:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/", f"http://[::ffff:7f00:1]:{port}/", f"http://localhost:{port}/",
        f"http://0:{port}/", f"http://0.0.0.0:{port}/", f"http://[::]:{port}/", f"http://127.0.0.2:{port}/",
        f"http://①②⑦.⓪.⓪.①:{port}/", f"http://x@127.0.0.1:{port}/", f"http://[64:ff9b::7f00:1]:{port}/",
    ):  # fmt: skip
        assert _failed(_get(url, CLOSED)).kind in {"refused_address", "bad_url"}, url
    assert evil.connections == before


def test_a_name_that_rebinds_is_judged_by_the_address_it_is_dialled_at(evil: LoopbackServer) -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def resolve(_host: str) -> Sequence[str]:
        return answers[0] if len(answers) == 1 else answers.pop(0)

    before = evil.connections
    policy = replace(CLOSED, rules=AddressRules(ports=frozenset({evil.port})), resolve=resolve)
    assert explain_url(f"http://rebind.example:{evil.port}/", policy).is_open
    failure = _failed(_get(f"http://rebind.example:{evil.port}/feed", policy))
    assert failure.kind == "refused_address"
    assert "rebind.example resolves to a closed address" in failure.message
    assert evil.connections == before


def test_every_address_of_a_name_must_be_open(evil: LoopbackServer) -> None:
    async def resolve(_host: str) -> Sequence[str]:
        return ["8.8.8.8", "10.0.0.1"]

    failure = _failed(_get("http://both.example/", replace(CLOSED, rules=AddressRules(), resolve=resolve)))
    assert failure.kind == "refused_address"


def test_the_fence_dials_nothing_but_what_it_names(evil: LoopbackServer) -> None:
    dialled: list[str] = []

    async def resolve(host: str) -> Sequence[str]:
        dialled.append(host)
        return ["93.184.216.34"]

    failure = _failed(_get("http://news.example/", replace(POLICY, resolve=resolve)))
    assert dialled == ["news.example"]
    assert failure.kind == "refused_address"
    assert "NEWSDESK_FETCH_ONLY" in failure.message
    for url in ("http://93.184.216.34/", "http://[2606:4700::1111]/"):
        assert _failed(_get(url, POLICY)).kind == "refused_address"


def test_a_name_without_an_address_is_a_dns_failure() -> None:
    async def resolve(_host: str) -> Sequence[str]:
        raise OSError("no such host")

    async def resolve_to_nothing(_host: str) -> Sequence[str]:
        return []

    for answer in (resolve, resolve_to_nothing):
        failure = _failed(_get("http://nobody.example/", replace(POLICY, resolve=answer)))
        assert failure.kind == "dns"


def test_a_closed_port_is_a_connect_failure() -> None:
    assert _failed(_get(f"http://127.0.0.1:{free_port()}/")).kind == "connect"


def test_ipv6_is_dialled_too() -> None:
    try:
        server = LoopbackServer({"/": lambda _: text_reply(FEED)}, "::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        assert _ok(_get(server.url("/"))).body == FEED
        assert _failed(_get(server.url("/"), CLOSED)).kind == "refused_address"


# --- the sample world -----------------------------------------------------------------------------


def test_the_sample_exception_is_one_address_for_marked_requests_only(evil: LoopbackServer) -> None:
    policy = replace(CLOSED, sample_address=evil.address)
    assert _ok(_get(evil.url("/feed"), policy, sample=True)).body == FEED
    assert _failed(_get(evil.url("/feed"), policy)).kind == "refused_address"
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as other:
        assert _failed(_get(other.url("/"), policy, sample=True)).kind == "refused_address"
        assert other.connections == 0
    assert _failed(_get(evil.url("/feed"), CLOSED, sample=True)).kind == "refused_address"


def test_a_marked_request_warms_no_connection_for_an_unmarked_one(evil: LoopbackServer) -> None:
    policy = replace(CLOSED, sample_address=evil.address)
    requests = [FetchRequest(url=evil.url("/feed"), sample=number % 2 == 0) for number in range(6)]
    answers = fetch_many(requests, policy)
    assert [isinstance(answer, FetchResult) for answer in answers] == [True, False] * 3


def test_the_sample_world_is_not_reached_by_redirect_from_elsewhere(evil: LoopbackServer) -> None:
    with LoopbackServer({"/": lambda _: redirect(evil.url("/feed"))}) as other:
        # Even when the other server is the operator's own, and even for a request that is marked.
        rules = AddressRules(allow=(ip_network("127.0.0.0/8"),))
        opened = replace(POLICY, rules=rules, sample_address=evil.address)
        assert _ok(_get(other.url("/"), opened, sample=True)).final_url == evil.url("/feed")
        sample_is_other = replace(CLOSED, sample_address=other.address)
        before = evil.connections
        assert _failed(_get(other.url("/"), sample_is_other, sample=True)).kind == "refused_address"
        assert evil.connections == before


def test_the_sample_world_may_redirect_within_itself(evil: LoopbackServer) -> None:
    policy = replace(CLOSED, sample_address=evil.address)
    assert _ok(_get(evil.url("/moved"), policy, sample=True)).permanent_url == evil.url("/feed")


def test_other_spellings_of_the_sample_address_are_closed(evil: LoopbackServer) -> None:
    policy = replace(CLOSED, sample_address=evil.address)
    before = evil.connections
    for host in ("localhost", "[::ffff:127.0.0.1]", "127.1", "127.0.0.2", "0.0.0.0"):  # noqa: S104
        _failed(_get(f"http://{host}:{evil.port}/feed", policy, sample=True))
    assert evil.connections == before


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_answers_in_order_and_one_failure_spoils_nothing(evil: LoopbackServer) -> None:
    urls = [evil.url("/feed"), "nonsense", evil.url("/gone"), evil.url("/gzip"), "http://10.0.0.1/"]
    answers = fetch_many([FetchRequest(url=url) for url in urls], POLICY)
    kinds = [answer.kind if isinstance(answer, FetchFailure) else type(answer).__name__ for answer in answers]
    assert kinds == ["FetchResult", "bad_url", "http", "FetchResult", "refused_address"]


def _stranger(server: LoopbackServer, *names: str) -> FetchPolicy:
    """A policy for which the server is a public host under the given names: politeness holds."""

    async def resolve(host: str) -> Sequence[str]:
        assert host in names
        return ["127.0.0.1"]

    return replace(POLICY, resolve=resolve, host_budget=3)


def _left(turns: Turns, name: str) -> Pause:
    """How the host of a name was left, whatever its port."""
    return next(pause for place, (_, pause) in turns.pauses.items() if place.startswith(f"{name}:"))


def test_a_busy_host_is_given_back_and_holds_up_nobody() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        policy = _stranger(server, "a.example", "b.example")
        requests = [FetchRequest(url=f"http://{name}.example:{server.port}/") for name in "aaaaab"]
        answers = fetch_many(requests, policy)
        assert [isinstance(answer, Deferred) for answer in answers] == [False] * 3 + [True] * 2 + [False]
        deferred = [answer for answer in answers if isinstance(answer, Deferred)]
        assert [answer.request.url for answer in deferred] == [requests[3].url, requests[4].url]
        assert all(answer.seconds > 0 for answer in deferred)
        assert len(server.asked) == 4


def test_one_host_is_asked_one_thing_at_a_time_with_a_pause() -> None:
    at_once = [0, 0]
    begun: list[float] = []

    def slow(_asked: object) -> Reply:
        begun.append(time.monotonic())
        at_once[0] += 1
        at_once[1] = max(at_once)
        time.sleep(0.05)
        at_once[0] -= 1
        return text_reply(FEED)

    with LoopbackServer({"/": slow}) as server:
        policy = replace(_stranger(server, "a.example"), host_pause_seconds=0.2)
        fetch_many([FetchRequest(url=f"http://a.example:{server.port}/")] * 3, policy)
    assert at_once[1] == 1
    assert min(later - earlier for earlier, later in itertools.pairwise(begun)) >= 0.2


def test_a_host_that_asks_twice_to_wait_is_not_asked_again_in_the_batch() -> None:
    with LoopbackServer(
        {f"/{number}": lambda _: Reply(429, headers={"Retry-After": "300"}) for number in range(4)}
    ) as server:
        requests = [FetchRequest(url=f"http://a.example:{server.port}/{number}") for number in range(4)]
        turns = Turns()
        answers = fetch_many(requests, _stranger(server, "a.example"), turns)
        assert server.paths() == ["/0", "/1"]
    assert [_failed(answer).retry_after_seconds for answer in answers[:2]] == [300, 300]
    assert all(isinstance(answer, Deferred) and answer.seconds > 300 for answer in answers[2:])
    assert _left(turns, "a.example") == Pause(300.0, REFUSED)


def test_the_other_feeds_of_a_shared_host_are_not_punished_for_one_that_is_refused() -> None:
    handlers = {f"/{number}": lambda _: text_reply(FEED) for number in range(3)}
    handlers["/1"] = lambda _: Reply(503, headers={"Retry-After": "3600"})
    with LoopbackServer(handlers) as server:
        requests = [FetchRequest(url=f"http://proxy.example:{server.port}/{number}") for number in range(3)]
        turns = Turns()
        answers = fetch_many(requests, _stranger(server, "proxy.example"), turns)
    assert _failed(answers[1]).retry_after_seconds == 3600
    assert _ok(answers[2]).body == FEED
    assert _left(turns, "proxy.example") == Pause(POLICY.host_pause_seconds, PAUSE)


def test_a_host_whose_last_answer_was_a_refusal_is_left_alone_at_the_next_one() -> None:
    with LoopbackServer({"/": lambda _: Reply(429, headers={"Retry-After": "120"})}) as server:
        request = FetchRequest(url=f"http://a.example:{server.port}/")
        first, second = Turns(), Turns(wary=frozenset({f"a.example:{server.port}"}))
        fetch_many([request], _stranger(server, "a.example"), first)
        answers = fetch_many([request, request], _stranger(server, "a.example"), second)
        assert len(server.asked) == 2
    assert _left(first, "a.example") == Pause(POLICY.host_pause_seconds, REFUSED_ONCE)
    assert _left(second, "a.example") == Pause(120.0, REFUSED)
    assert isinstance(answers[1], Deferred)


def test_a_host_that_does_not_answer_twice_costs_the_batch_no_more_time() -> None:
    port, turns = free_port(), Turns()
    requests = [FetchRequest(url=f"http://a.example:{port}/{number}") for number in range(3)]
    with LoopbackServer() as server:  # at another port
        answers = fetch_many(requests, _stranger(server, "a.example"), turns)
    assert [_failed(answer).kind for answer in answers[:2]] == ["connect", "connect"]
    assert isinstance(answers[2], Deferred)
    assert _left(turns, "a.example") == Pause(60.0, SILENT)


def test_a_host_that_another_worker_asks_is_given_back_one_pause_after_the_other() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        policy = replace(_stranger(server, "a.example", "b.example"), host_pause_seconds=2.0)
        requests = [FetchRequest(url=f"http://{name}.example:{server.port}/") for name in "aab"]
        assert stranger_hosts(requests, policy) == {f"a.example:{server.port}", f"b.example:{server.port}"}
        turns = Turns(waits={f"a.example:{server.port}": 10.0})
        answers = fetch_many(requests, policy, turns)
        assert len(server.asked) == 1
    assert [answer.seconds for answer in answers[:2] if isinstance(answer, Deferred)] == [12.0, 14.0]
    assert set(turns.pauses) == {f"b.example:{server.port}"}


def test_an_operators_own_host_is_asked_side_by_side_unless_it_shall_be_met_like_a_stranger() -> None:
    def most_at_once(policy: FetchPolicy, waited_for: int) -> int:
        running: list[int] = []
        at_once = [0]
        so_many = threading.Event()

        def counted(_asked: object) -> Reply:
            running.append(1)
            at_once[0] = max(at_once[0], len(running))
            if len(running) >= waited_for:
                so_many.set()
            so_many.wait(100)  # on a slow machine, too, they come while this one is answered
            time.sleep(0.05)
            running.pop()
            return text_reply(FEED)

        with LoopbackServer({"/": counted}) as server:
            requests = [FetchRequest(url=server.url("/"))] * 6
            fetch_many(requests, policy)
            assert (stranger_hosts(requests, policy) == set()) is bool(policy.own_at_once)
        return at_once[0]

    patient = replace(POLICY, connect_seconds=60.0, total_seconds=200.0, batch_seconds=240.0)
    assert most_at_once(replace(patient, own_at_once=3), 3) == 3
    assert most_at_once(replace(patient, own_at_once=0), 1) == 1


def test_redirects_of_many_hosts_into_one_never_ask_it_two_things_at_once() -> None:
    running: list[int] = []
    at_once = [0]

    def counted(_asked: object) -> Reply:
        running.append(1)
        at_once[0] = max(at_once[0], len(running))
        time.sleep(0.05)
        running.pop()
        return text_reply(FEED)

    with LoopbackServer({"/feed": counted}) as server:
        server.handlers["/"] = lambda _: redirect(f"http://shared.example:{server.port}/feed")
        names = [f"h{number}.example" for number in range(6)]
        policy = _stranger(server, "shared.example", *names)
        answers = fetch_many([FetchRequest(url=f"http://{name}:{server.port}/") for name in names], policy)
    assert all(isinstance(answer, FetchResult) for answer in answers)
    assert at_once[0] == 1


def test_a_failure_that_stands_already_is_passed_on_in_its_place(evil: LoopbackServer) -> None:
    known = FetchFailure("http://a.example/", "secrets", "They cannot be read.")
    answers = fetch_many([known, FetchRequest(url=evil.url("/feed"))], POLICY)
    assert answers[0] is known
    assert _ok(answers[1]).body == FEED


def test_a_batch_starts_nothing_after_its_time() -> None:
    def last(_asked: object) -> Reply:
        object.__setattr__(policy, "batch_seconds", 0.0)  # while it answers the time runs out
        return text_reply(FEED)

    with LoopbackServer({"/": last}) as server:
        policy = _stranger(server, "a.example")
        answers = fetch_many([FetchRequest(url=f"http://a.example:{server.port}/")] * 3, policy)
        assert len(server.asked) == 1
    assert [isinstance(answer, Deferred) for answer in answers] == [False, True, True]


def test_waiting_for_a_slot_does_not_stretch_a_batch() -> None:
    def silent(_asked: object) -> Reply:
        time.sleep(1.0)
        return text_reply(FEED)

    with LoopbackServer({"/": silent}) as server:
        names = [f"h{number}.example" for number in range(12)]
        policy = replace(
            _stranger(server, *names),
            concurrency=2,
            total_seconds=0.3,
            batch_seconds=0.4,
            connect_seconds=0.2,
        )
        answers = fetch_many([FetchRequest(url=f"http://{name}:{server.port}/") for name in names], policy)
    # Two rounds of two begin in time; what waited longer for its turn goes back unasked.
    assert sum(isinstance(answer, Deferred) for answer in answers) >= 8


@pytest.mark.parametrize(
    "raw",
    [
        b'HTTP/1.1 200 OK\r\nETag: "\xff\xfe"\r\nContent-Length: 2\r\n\r\nhi',
        b"HTTP/1.1 301 Moved\r\nLocation: http://\xff\xfe/x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: \xff\xfe\r\nContent-Length: 2\r\n\r\nhi",
    ],
)
def test_what_a_server_says_in_no_characters_can_be_stored(raw: bytes) -> None:
    with LoopbackServer({"/": lambda _: Reply(raw=raw)}) as server:
        answer = _get(server.url("/"))
    words = answer.message if isinstance(answer, FetchFailure) else "".join(answer.headers.values())
    assert words.encode("utf-8")


def test_a_server_that_hangs_up_after_each_answer_without_saying_so_costs_no_feed() -> None:
    # The connection looks alive when the next request takes it from the pool.
    body = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(FEED), FEED)
    with LoopbackServer({"/": lambda _: Reply(raw=body)}) as server:
        answers = fetch_many([FetchRequest(url=server.url("/"))] * 8, replace(POLICY, own_at_once=1))
    assert all(isinstance(answer, FetchResult) for answer in answers)


def test_too_many_headers_are_refused() -> None:
    lines = b"".join(b"X-%d: a\r\n" % number for number in range(200))
    with LoopbackServer({"/": lambda _: Reply(raw=b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n")}) as server:
        assert _failed(_get(server.url("/"))).kind == "protocol"


def test_what_nobody_foresaw_fails_alone_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def resolve(host: str) -> Sequence[str]:
        if host == "odd.example":
            raise LookupError("never seen")
        return ["127.0.0.1"]

    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        urls = [f"http://{name}.example:{server.port}/" for name in ("odd", "good")]
        answers = fetch_many([FetchRequest(url=url) for url in urls], replace(POLICY, resolve=resolve))
    assert (
        _failed(answers[0]).message == "The answer could not be read (LookupError); the desk's log says more."
    )
    assert _ok(answers[1]).body == FEED
    assert "An answer of odd.example could not be read" in caplog.text


def test_two_hundred_feeds_of_many_hosts_go_side_by_side() -> None:
    running: list[int] = []
    at_once = [0]
    so_many = threading.Event()

    def slow(_asked: object) -> Reply:
        running.append(1)
        at_once[0] = max(at_once[0], len(running))
        if len(running) > 8:
            so_many.set()
        so_many.wait(100)
        running.pop()
        return text_reply(FEED)

    with LoopbackServer({"/": slow}) as server:
        names = [f"h{number}.example" for number in range(200)]
        patient = replace(
            _stranger(server, *names), connect_seconds=60.0, total_seconds=200.0, batch_seconds=240.0
        )
        answers = fetch_many([FetchRequest(url=f"http://{name}:{server.port}/") for name in names], patient)
    assert all(isinstance(answer, FetchResult) for answer in answers)
    assert 8 < at_once[0] <= POLICY.concurrency


def test_a_batch_can_be_awaited(evil: LoopbackServer) -> None:
    answers = asyncio.run(fetch_all([FetchRequest(url=evil.url("/feed"))], POLICY))
    assert _ok(answers[0]).body == FEED


# --- robots ---------------------------------------------------------------------------------------


def test_robots_closes_pages_and_never_feeds() -> None:
    handlers = {
        "/robots.txt": lambda _: text_reply(b"User-agent: newsdesk\nDisallow: /closed\n", "text/plain"),
        "/closed": lambda _: text_reply(b"<p>x</p>", "text/html"),
        "/open": lambda _: text_reply(b"<p>x</p>", "text/html"),
    }
    with LoopbackServer(handlers) as server:
        assert _failed(_get(server.url("/closed"), purpose="page")).kind == "robots"
        assert _ok(_get(server.url("/open"), purpose="page")).status == 200
        assert _ok(_get(server.url("/closed"))).status == 200
        assert server.paths() == ["/robots.txt", "/open", "/closed"]


@pytest.mark.parametrize(
    ("status", "kind"), [(404, ""), (403, ""), (401, ""), (429, "robots"), (500, "robots"), (503, "robots")]
)
def test_a_missing_robots_file_opens_and_a_broken_server_closes(status: int, kind: str) -> None:
    with LoopbackServer({"/robots.txt": lambda _: Reply(status), "/x": lambda _: text_reply(b"x")}) as server:
        answer = _get(server.url("/x"), purpose="page")
    assert (answer.kind if isinstance(answer, FetchFailure) else "") == kind


def test_of_a_robots_file_without_end_the_first_half_megabyte_counts() -> None:
    lines = b"User-agent: *\nDisallow: /closed\n" + b"#" * 5_000_000
    handlers = {
        "/robots.txt": lambda _: text_reply(lines, "text/plain"),
        "/closed": lambda _: text_reply(b"x"),
        "/open": lambda _: text_reply(b"x"),
    }
    with LoopbackServer(handlers) as server:
        assert _failed(_get(server.url("/closed"), purpose="page")).kind == "robots"
        assert _ok(_get(server.url("/open"), purpose="page")).status == 200


def test_a_robots_file_that_redirects_for_ever_is_no_robots_file() -> None:
    handlers = {
        "/robots.txt": lambda _: redirect("/r?0"),
        "/r": lambda asked: redirect(f"/r?{int(asked.path.partition('?')[2]) + 1}"),
        "/x": lambda _: text_reply(b"x"),
    }
    with LoopbackServer(handlers) as server:
        assert _ok(_get(server.url("/x"), purpose="page")).body == b"x"
        assert len(server.asked) == 7


def test_a_page_whose_robots_file_is_not_reached_is_not_fetched() -> None:
    with LoopbackServer(
        {"/robots.txt": lambda _: Reply(raw=b""), "/x": lambda _: text_reply(b"x")}
    ) as server:
        assert _failed(_get(server.url("/x"), purpose="page")).kind == "protocol"
        assert "/x" not in server.paths()


def test_a_crawl_delay_is_a_longer_pause_up_to_the_bound() -> None:
    handlers = {f"/{number}": lambda _: text_reply(b"x") for number in range(3)}
    handlers["/robots.txt"] = lambda _: text_reply(b"User-agent: *\nCrawl-delay: 20\n", "text/plain")
    with LoopbackServer(handlers) as server:
        requests = [
            FetchRequest(url=f"http://a.example:{server.port}/{number}", purpose="page")
            for number in range(3)
        ]
        turns = Turns()
        answers = fetch_many(requests, _stranger(server, "a.example"), turns)
        assert server.paths() == ["/robots.txt", "/0"]
        assert [answer.seconds for answer in answers if isinstance(answer, Deferred)] == [20.0, 40.0]
        assert _left(turns, "a.example") == Pause(20.0, PAUSE)
        bounded = replace(_stranger(server, "a.example"), crawl_delay_most=0.2)
        started = time.monotonic()
        assert all(isinstance(answer, FetchResult) for answer in fetch_many(requests, bounded))
        assert time.monotonic() - started >= 0.4


def test_robots_is_asked_again_on_the_host_that_a_redirect_leads_to() -> None:
    shut = {
        "/robots.txt": lambda _: text_reply(b"User-agent: *\nDisallow: /\n"),
        "/y": lambda _: text_reply(b"y"),
    }
    with (
        LoopbackServer(shut) as second,
        LoopbackServer({"/x": lambda _: redirect(second.url("/y"))}) as first,
    ):
        assert _failed(_get(first.url("/x"), purpose="page")).kind == "robots"
        assert second.paths() == ["/robots.txt"]


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("1", 60), ("9999999", 86_400), ("0", 60), ("soon", None), ("", None), ("-5", None),
     ("Sun, 22 Nov 2026 12:10:00 GMT", 600), ("Sun, 22 Nov 2026 11:00:00 GMT", 60)],
)  # fmt: skip
def test_it_reads_how_long_to_wait(value: str, seconds: int | None) -> None:
    assert retry_after_seconds(value, "Sun, 22 Nov 2026 12:00:00 GMT") == seconds


def test_it_explains_without_sending(evil: LoopbackServer) -> None:
    before = evil.connections
    assert explain_url("http://127.0.0.1/", CLOSED).message == "refused: 127.0.0.1 is loopback"
    assert explain_url("ftp://x.example/", CLOSED).message == "refused: ftp is neither http nor https"
    verdict = explain_url(evil.url("/feed"), POLICY)
    assert verdict.is_open
    assert verdict.message == f"open: would connect to 127.0.0.1 port {evil.port}"
    assert evil.connections == before
