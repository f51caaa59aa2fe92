"""What the door sends along: sign-in, cookie, headers and proxy, to whom they belong and to nobody else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network

import pytest

from articles.ingest.addresses import AddressRules
from articles.ingest.fetch import FetchPolicy, fetch_one
from articles.types import FetchFailure, FetchRequest, FetchResult
from tests.servers import FEED, Asked, LoopbackServer, Reply, free_port, redirect, text_reply

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
POLICY = FetchPolicy(
    user_agent="Newsdesk/test",
    rules=AddressRules(allow=LOOPBACK, only=LOOPBACK),
    connect_seconds=60.0,  # no machine is too slow for these tests
    total_seconds=120.0,
)
WORDS = {
    "username": "ana",
    "password": "geheim:ü",
    "cookie": "id=verysecret",
    "headers": {"X-Key": "keysecret"},
}
SECRETS = ("geheim", "verysecret", "keysecret", "proxysecret", b64encode("ana:geheim:ü".encode()).decode())


def _request(url: str, **more: object) -> FetchRequest:
    return replace(FetchRequest(url=url), **more)  # type: ignore[arg-type]  # the test names fields


def _ok(answer: object) -> FetchResult:
    assert isinstance(answer, FetchResult), answer
    return answer


def _failed(answer: object) -> FetchFailure:
    assert isinstance(answer, FetchFailure), answer
    return answer


def _secrets_in(asked: Asked) -> set[str]:
    return {"authorization", "cookie", "x-key", "proxy-authorization"} & set(asked.headers)


def test_it_sends_what_the_source_is_set_to() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        _ok(fetch_one(_request(server.url("/"), user_agent="Reader/1", **WORDS), POLICY))
        headers = server.asked[0].headers
    assert headers["authorization"] == "Basic " + b64encode("ana:geheim:ü".encode()).decode()
    assert (headers["cookie"], headers["x-key"], headers["user-agent"]) == (
        "id=verysecret",
        "keysecret",
        "Reader/1",
    )


def test_a_header_of_the_source_takes_the_place_of_our_own() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        _ok(fetch_one(_request(server.url("/"), headers={"accept": "text/xml"}), POLICY))
        assert server.asked[0].headers["accept"] == "text/xml"


def test_secrets_stay_within_their_origin_and_do_not_come_back_with_the_way() -> None:
    with LoopbackServer() as home, LoopbackServer() as other:
        home.handlers |= {
            "/": lambda _: redirect("/within"),
            "/within": lambda _: redirect(other.url("/")),
            "/again": lambda _: text_reply(FEED),
        }
        other.handlers["/"] = lambda _: redirect(home.url("/again"))
        _ok(fetch_one(_request(home.url("/"), **WORDS), POLICY))
        assert [len(_secrets_in(asked)) for asked in home.asked] == [3, 3, 0]
        assert [_secrets_in(asked) for asked in other.asked] == [set()]


def test_another_port_or_another_spelling_of_the_host_is_another_origin() -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}, "127.0.0.2") as other:
        with LoopbackServer({"/": lambda _: redirect(other.url("/"))}) as home:
            _ok(fetch_one(_request(home.url("/"), **WORDS), POLICY))
        assert _secrets_in(other.asked[0]) == set()


def test_a_refusal_behind_a_redirect_says_that_the_sign_in_was_not_sent() -> None:
    with (
        LoopbackServer({"/": lambda _: Reply(401)}) as other,
        LoopbackServer({"/": lambda _: redirect(other.url("/"), 301)}) as home,
    ):
        failure = _failed(fetch_one(_request(home.url("/"), **WORDS), POLICY))
        assert "are not sent" in failure.message
        assert "are not sent" not in _failed(fetch_one(_request(other.url("/"), **WORDS), POLICY)).message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headers", {"X-Key": "a\r\nHost: evil.example"}),
        ("headers", {"Host": "evil.example"}),
        ("headers", {"Transfer-Encoding": "chunked"}),
        ("headers", {"X Key": "a"}),
        ("headers", {"X-Key": ""}),
        ("headers", {f"X-{number}": "a" for number in range(30)}),
        ("cookie", "a=b\nX: y"),
        ("username", "an:a"),
        ("proxy", "socks5://127.0.0.1:9"),
        ("proxy", "http://127.0.0.1"),
    ],
)
def test_what_cannot_be_sent_is_told_and_nobody_is_asked(field: str, value: object) -> None:
    with LoopbackServer({"/": lambda _: text_reply(FEED)}) as server:
        failure = _failed(fetch_one(_request(server.url("/"), **{field: value}), POLICY))
        assert server.connections == 0
    assert failure.kind == "secrets"
    assert "Edit page" in failure.message


def test_no_secret_shows_in_what_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with LoopbackServer({"/": lambda _: Reply(403)}) as server:
        request = _request(server.url("/"), proxy="http://p:proxysecret@127.0.0.1:1", **WORDS)
        direct = replace(request, proxy="")
        texts = [
            repr(request),
            repr(fetch_one(request, POLICY)),
            repr(fetch_one(direct, POLICY)),
            caplog.text,
        ]
    assert not [secret for secret in SECRETS for text in texts if secret in text]


# --- proxies --------------------------------------------------------------------------------------


def _resolving(**names: str) -> FetchPolicy:
    async def resolve(host: str) -> Sequence[str]:
        if host not in names:
            raise OSError("no such host")
        return [names[host]]

    return replace(POLICY, resolve=resolve)


def test_a_proxy_is_asked_for_the_whole_address_and_alone_gets_its_password() -> None:
    with LoopbackServer({"http://127.0.0.3:8099/feed": lambda _: text_reply(FEED)}) as proxy:
        request = _request(
            "http://127.0.0.3:8099/feed", proxy=f"http://p:proxysecret@{proxy.address}", **WORDS
        )
        answer = _ok(fetch_one(request, POLICY))
        asked = proxy.asked[0]
    assert answer.body == FEED
    assert asked.headers["host"] == "127.0.0.3:8099"
    assert asked.headers["proxy-authorization"] == "Basic " + b64encode(b"p:proxysecret").decode()
    assert asked.headers["x-key"] == "keysecret"


def test_a_proxy_is_trusted_where_it_stands_but_not_with_where_it_is_sent() -> None:
    # The deny list is in force: the proxy on loopback is an admin's choice, an address behind it is not.
    closed = replace(POLICY, rules=AddressRules(only=(*LOOPBACK, ip_network("8.8.8.8/32"))))
    with LoopbackServer({"http://8.8.8.8/feed": lambda _: text_reply(FEED)}) as proxy:
        by_proxy = f"http://{proxy.address}"
        assert _ok(fetch_one(_request("http://8.8.8.8/feed", proxy=by_proxy), closed)).body == FEED
        assert proxy.connections == 1
        for url in ("http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/"):
            assert _failed(fetch_one(_request(url, proxy=by_proxy), closed)).kind == "refused_address"
        assert proxy.connections == 1


def test_the_name_of_a_target_is_looked_up_before_a_proxy_is_asked_for_it() -> None:
    with LoopbackServer({"http://good.example/": lambda _: text_reply(FEED)}) as proxy:
        by_proxy = f"http://{proxy.address}"
        rules = AddressRules(only=(*LOOPBACK, ip_network("93.184.216.0/24")))
        policy = replace(
            _resolving(**{"good.example": "93.184.216.34", "bad.example": "10.0.0.1"}), rules=rules
        )
        assert _ok(fetch_one(_request("http://good.example/", proxy=by_proxy), policy)).body == FEED
        failure = _failed(fetch_one(_request("http://bad.example/", proxy=by_proxy), policy))
        assert failure.kind == "refused_address"
        assert "bad.example resolves to a closed address" in failure.message
        assert _failed(fetch_one(_request("http://none.example/", proxy=by_proxy), policy)).kind == "dns"
        assert proxy.connections == 1


def test_a_redirect_through_a_proxy_is_checked_like_any_other() -> None:
    rules = AddressRules(only=(*LOOPBACK, ip_network("8.8.8.8/32")))
    with LoopbackServer({"http://8.8.8.8/": lambda _: redirect("http://127.0.0.1/")}) as proxy:
        request = _request("http://8.8.8.8/", proxy=f"http://{proxy.address}")
        assert _failed(fetch_one(request, replace(POLICY, rules=rules))).kind == "refused_address"
        assert proxy.connections == 1


def test_the_fence_holds_for_proxies_too() -> None:
    with LoopbackServer() as server:
        request = _request(server.url("/"), proxy="http://93.184.216.34:3128")
        failure = _failed(fetch_one(request, POLICY))
    assert failure.kind == "refused_address"
    assert "NEWSDESK_FETCH_ONLY" in failure.message


def test_https_goes_through_a_proxy_by_connect() -> None:
    with LoopbackServer({"127.0.0.3:443": lambda _: Reply(407)}) as proxy:
        failure = _failed(fetch_one(_request("https://127.0.0.3/", proxy=f"http://{proxy.address}"), POLICY))
        assert [(asked.method, asked.path) for asked in proxy.asked] == [("CONNECT", "127.0.0.3:443")]
        assert "proxy" in failure.message
        assert "407" in failure.message
        assert not _secrets_in(proxy.asked[0])


def test_a_proxy_that_does_not_answer_is_named_as_one() -> None:
    by_proxy = f"http://p:proxysecret@127.0.0.1:{free_port()}"
    failure = _failed(fetch_one(_request("http://127.0.0.3/", proxy=by_proxy), POLICY))
    assert failure.kind == "connect"
    assert "proxy" in failure.message


# --- hubs -----------------------------------------------------------------------------------------


def test_a_hub_is_sent_a_form() -> None:
    with LoopbackServer({"/hub": lambda _: Reply(202, b"ok")}) as hub:
        form = {"hub.mode": "subscribe", "hub.topic": "https://ä.example/?a=1&b=2", "hub.secret": "keysecret"}
        request = FetchRequest(hub.url("/hub"), purpose="hub", form=form)
        answer = _ok(fetch_one(request, POLICY))
        asked = hub.asked[0]
    assert (answer.status, answer.body) == (202, b"ok")
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert asked.body == (
        b"hub.mode=subscribe&hub.topic=https%3A%2F%2F%C3%A4.example%2F%3Fa%3D1%26b%3D2&hub.secret=keysecret"
    )
    assert "keysecret" not in repr(request)


def test_a_hub_that_has_moved_gets_the_form_where_it_is_now() -> None:
    with (
        LoopbackServer({"/": lambda _: Reply(204)}) as new,
        LoopbackServer(
            {"/": lambda _: redirect(new.url("/"), 307), "/get": lambda _: redirect("/", 303)}
        ) as old,
    ):
        answer = _ok(fetch_one(FetchRequest(old.url("/"), purpose="hub", form={"a": "b"}), POLICY))
        assert (answer.final_url, new.asked[0].method, new.asked[0].body) == (new.url("/"), "POST", b"a=b")
        failure = _failed(fetch_one(FetchRequest(old.url("/get"), purpose="hub", form={"a": "b"}), POLICY))
        assert failure.kind == "redirects"
        assert [asked.path for asked in old.asked] == ["/", "/get"]
