"""The proxy does what it is told, or the rows that rely on it prove nothing."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.faults.proxy import BLACKHOLE, PASS, REFUSE, Fault, FaultProxy
from tests.servers import LoopbackServer, Reply
from tests.workers import wait_until


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with (
        LoopbackServer({"/": lambda _: Reply(body=b"x" * 50)}) as server,
        FaultProxy(server.address) as made,
    ):
        yield made


def ask(proxy: FaultProxy, seconds: float = 60.0) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=seconds)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_it_passes_bytes_both_ways(proxy: FaultProxy) -> None:
    assert ask(proxy) == b"x" * 50


def test_a_refusing_one_lets_nobody_in_and_opens_the_same_port_again(proxy: FaultProxy) -> None:
    port = proxy.port
    proxy.behave(REFUSE)
    with pytest.raises(ConnectionRefusedError):
        ask(proxy)
    proxy.behave(PASS)
    assert proxy.port == port
    assert ask(proxy)


def test_a_delay_and_a_drip_take_their_time_and_lose_nothing(proxy: FaultProxy) -> None:
    for fault, least in ((Fault("delay", seconds=0.2), 0.4), (Fault("drip", seconds=0.002), 0.2)):
        proxy.behave(fault)
        started = time.monotonic()
        assert ask(proxy) == b"x" * 50
        assert time.monotonic() - started >= least


def test_it_resets_in_the_middle(proxy: FaultProxy) -> None:
    proxy.behave(Fault("reset", count=100))
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        ask(proxy)


def test_a_black_hole_answers_nothing_and_a_forgotten_link_stays_dead(proxy: FaultProxy) -> None:
    proxy.behave(BLACKHOLE)
    with pytest.raises(TimeoutError):
        ask(proxy, seconds=0.3)
    proxy.behave(PASS)
    before = proxy.accepted
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=0.3) as link:
        wait_until(lambda: proxy.accepted > before, "the link is open")
        assert proxy.forget() >= 1
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(TimeoutError):
            link.recv(100)
        assert ask(proxy) == b"x" * 50


def test_who_is_reset_by_the_server_is_told(proxy: FaultProxy) -> None:
    with (
        LoopbackServer({"/": lambda _: Reply(raw=b"HTTP/1.1 200 OK\r\n", is_reset=True)}) as server,
        FaultProxy(server.address) as rude,
        socket.create_connection(("127.0.0.1", rude.port), timeout=60) as link,
    ):
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with suppress(ConnectionResetError):
            while link.recv(100):
                pass
