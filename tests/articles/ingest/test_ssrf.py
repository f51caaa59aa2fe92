"""No address that leads inside is ever dialled: however it is written, wherever it comes from, whatever a name says.

The deny list decides alone here, without the fence of the test run. Every name resolves to loopback, where listeners
count who comes, and a witness in the interpreter sees every connection that this process tries to open.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.utils import timezone

from articles import pipeline
from articles.editing.preview import look_at
from articles.editing.source_lists import import_list, read_list
from articles.errors import NewsdeskError
from articles.ingest.addresses import (
    AddressRules,
    BadUrlError,
    RefusedAddressError,
    check_address,
    read_target,
)
from articles.ingest.extract import extract_page
from articles.ingest.fetch import FetchPolicy, explain_url, fetch_many, fetch_one
from articles.ingest.opml import read_opml
from articles.ingest.policy import policy_from_settings
from articles.models import Article, Feed, FetchRun
from articles.types import FetchFailure, FetchRequest, FetchResult
from tests.articles.ingest.rows import make_feed
from tests.servers import FEED, Asked, Handler, LoopbackServer, Reply, redirect, text_reply
from tests.shared_data import shared
from tests.witness import Witness, watched

# Each names an address that is not of the public internet, or asks in a way that is not http. PORT is a listener's.
FORBIDDEN = (
    # loopback, in every notation that some resolver or parser takes for it
    "http://127.0.0.1/", "http://127.0.0.1:PORT/", "http://127.0.0.1:PORT", "http://127.0.0.2:PORT/", "http://127.255.255.254/",
    "http://127.1:PORT/", "http://127.0.1:PORT/", "http://2130706433:PORT/", "http://0x7f000001:PORT/", "http://0x7f.1:PORT/",
    "http://0x7f.0x0.0x0.0x1:PORT/", "http://0X7F.0.0.1:PORT/", "http://0177.0.0.1:PORT/", "http://0177.0.0.01:PORT/",
    "http://017700000001:PORT/", "http://00000177.0.0.1:PORT/", "http://127.0.0.1.:PORT/", "http://127.000.000.001:PORT/",
    "http://0:PORT/", "http://0.0.0.0:PORT/", "http://0000:PORT/", "http://0x0:PORT/", "http://4294967295/",
    "http://18446744071544438785:PORT/", "http://127.0.0.257:PORT/", "http://383.0.0.1:PORT/",
    "http://①②⑦.⓪.⓪.①:PORT/", "http://１２７.0.0.1:PORT/", "http://127。0。0。1:PORT/", "http://127．0．0．1:PORT/",
    "http://127｡0｡0｡1:PORT/", "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏:PORT/", "http://१२७.०.०.१:PORT/",
    "http://[::1]:PORT/", "http://[0:0:0:0:0:0:0:1]:PORT/", "http://[::]:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/", "http://[0:0:0:0:0:FFFF:7F00:0001]:PORT/", "http://[::127.0.0.1]:PORT/",
    "http://[::7f00:1]:PORT/", "http://[::1%25lo]:PORT/", "http://[::1%lo]:PORT/", "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/", "http://[64:ff9b::7f00:1]:PORT/", "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/", "http://[2001:0:0:0:0:0:80ff:fffe]:PORT/", "http://[2001::80ff:fffe]/",
    # private, link-local, carriers', documentation, multicast, reserved
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://192.168.1.1/", "http://167772161/", "http://0xa000001/", "http://012.0.0.1/", "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/", "http://0xA9FEA9FE/", "http://0xa9.0xfe.0xa9.0xfe/", "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fec0::1]/", "http://[fc00::1]/",
    "http://100.64.0.1/", "http://100.100.100.200/", "http://192.0.0.192/", "http://192.0.2.1/", "http://192.88.99.1/",
    "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/", "http://239.255.255.250/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/",
    "http://[100::1]/", "http://[2002:a00:1::]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[5f00::1]/", "http://[4000::1]/",
    # names of the local network and of clouds
    "http://localhost:PORT/", "http://LOCALHOST:PORT/", "http://localhost.:PORT/", "http://a.localhost:PORT/", "http://ip6-localhost/",
    "http://metadata.google.internal/computeMetadata/v1/", "http://router.lan/", "http://printer.local/", "http://intranet/",
    "http://db.corp/", "http://x.home.arpa/", "http://abc.onion/",
    # names that resolve inside: the connection itself is what is judged
    "http://looks-public.example/", "http://looks-public.example:PORT/", "https://looks-public.example/", "http://xn--bcher-kva.example:PORT/",
    "http://bücher.example:PORT/", "http://127.0.0.1.nip.example:PORT/", "http://www.looks-public.example.:PORT/",
    # user names, odd characters, other schemes, other ports
    "http://public.example@127.0.0.1:PORT/", "http://user:pass@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@public.example/",
    "http://public.example\\@127.0.0.1:PORT/", "http://public.example#@127.0.0.1:PORT/", "http://public.example?@127.0.0.1:PORT/",
    "http://127.1.1.1:80\\@127.2.2.2:80/", "http://127.1.1.1:80:\\@@127.2.2.2:80/", "http://127.0.0.1%2eexample.com/",
    "http://127.0.0.1%00.public.example:PORT/", "http://127.0.0.1\t:PORT/", "http://127.0.0.1 :PORT/", "http://12\t7.0.0.1:PORT/",
    "http://127.0.0.1\r\nHost: public.example:PORT/", "http:127.0.0.1:PORT/", "http:/127.0.0.1:PORT/", "http:///127.0.0.1:PORT/",
    "http://127.0.0.1:PORT:80/", "http://127.0.0.1:-1/", "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "//127.0.0.1:PORT/",
    "http://[127.0.0.1]:PORT/", "http://[::1/", "http://::1:PORT/", "http://", "", "127.0.0.1:PORT", "HTTP://127.0.0.1:PORT/",
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/_PING",
    "dict://127.0.0.1:PORT/info", "ldap://127.0.0.1:PORT/", "sftp://127.0.0.1:PORT/", "tftp://127.0.0.1:PORT/x", "jar:http://127.0.0.1!/",
    "netdoc:///etc/passwd", "data:text/xml,<rss/>", "javascript:alert(1)", "view-source:http://127.0.0.1:PORT/", "unix:///run/x.sock",
    "http+unix://%2frun%2fx.sock/", "ws://127.0.0.1:PORT/", "feed:http://127.0.0.1:PORT/", "feed://127.0.0.1:PORT/",
    "http://public-port.example:22/", "http://public-port.example:6379/", "http://public-port.example:25/",
)  # fmt: skip
OPEN = "127.0.0.9"  # plays the public server that sends us inside: the only address that is allowed


class Inside:
    """Listeners on several addresses that must see nobody, and the policy under which they are inside."""

    def __init__(self, servers: Sequence[LoopbackServer]) -> None:
        self.servers = servers
        self.ports = frozenset(server.port for server in servers)

        async def resolve(_name: str) -> Sequence[str]:
            return ["127.0.0.1"]

        self.policy = FetchPolicy(
            user_agent="Newsdesk/test",
            rules=AddressRules(ports=self.ports),
            connect_seconds=60.0,  # no machine is too slow for these tests
            total_seconds=120.0,
            batch_seconds=60.0,
            host_pause_seconds=0.0,
            host_budget=10_000,
            resolve=resolve,
        )
        # The same, with one open address beside: what comes from there may not lead further in.
        self.half_open = replace(
            self.policy, rules=AddressRules(allow=(ip_network(OPEN),), ports=self.ports), own_at_once=8
        )

    @property
    def visitors(self) -> int:
        """How many connections any listener has seen."""
        return sum(server.connections for server in self.servers)

    def forms(self) -> list[str]:
        """All forms, with the port of each listener in turn."""
        ports = sorted(self.ports)
        return [
            form.replace("PORT", str(ports[number % len(ports)])) for number, form in enumerate(FORBIDDEN)
        ]


@pytest.fixture
def inside() -> Iterator[Inside]:
    with ExitStack() as stack:
        servers = []
        for host in ("127.0.0.1", "127.0.0.2", "::1"):
            try:
                server = LoopbackServer({"/": lambda _: text_reply(FEED)}, host)
            except OSError:
                continue  # no IPv6 here
            servers.append(stack.enter_context(server))
        found = Inside(servers)
        yield found
        assert found.visitors == 0


@pytest.fixture
def witness(inside: Inside) -> Iterator[Witness]:
    with watched() as seen:
        yield seen
        assert seen.hosts() <= {OPEN}
        assert seen.looked_up == []


def _refused(urls: Sequence[str], answers: Sequence[object]) -> None:
    passed = [
        (url, answer)
        for url, answer in zip(urls, answers, strict=True)
        if not isinstance(answer, FetchFailure)
        or answer.kind not in {"bad_url", "refused_address", "redirects", "protocol", "robots"}
    ]
    assert passed == []
    assert all(answer.message.endswith(".") for answer in answers if isinstance(answer, FetchFailure))


def test_the_list_is_long_enough_and_repeats_nothing() -> None:
    assert len(FORBIDDEN) == len(set(FORBIDDEN)) >= 60


@pytest.mark.parametrize("purpose", ["feed", "page", "hub"])
def test_no_form_is_dialled_as_a_feed_a_page_or_a_hub(inside: Inside, witness: Witness, purpose: str) -> None:
    urls = inside.forms()
    requests = [FetchRequest(url=url, purpose=purpose, form={"hub.mode": "subscribe"}) for url in urls]  # type: ignore[arg-type]  # one of the three
    _refused(urls, fetch_many(requests, inside.policy))
    assert witness.dialled == []


def test_no_form_of_the_shared_list_is_dialled(inside: Inside, witness: Witness) -> None:
    lines = shared("security/ssrf-urls.txt").read_text(encoding="utf-8").split("\n")
    urls = [line for line in lines if line]
    assert len(urls) > 100
    # Every name resolves to loopback here, so that nothing on the list may pass.
    _refused(urls, fetch_many([FetchRequest(url=url) for url in urls], inside.policy))
    assert witness.dialled == []


def test_the_door_says_of_no_form_that_it_is_open(inside: Inside, witness: Witness) -> None:
    assert [url for url in inside.forms() if explain_url(url, inside.policy).is_open] == []
    assert witness.dialled == []


def test_no_redirect_leads_inside(inside: Inside, witness: Witness) -> None:
    urls = inside.forms()
    with LoopbackServer(host=OPEN) as outside:
        for status in (301, 302, 303, 307, 308):
            outside.handlers["/to"] = _sent_to(urls, status)
            requests = [FetchRequest(url=outside.url(f"/to?{number}")) for number in range(len(urls))]
            answers = fetch_many(requests, inside.half_open)
            # As the target of a redirect some forms are paths of the server itself, which does not know them.
            strays = {
                number
                for number, url in enumerate(urls)
                if url.startswith("http:///") or ("://" not in url and not url.startswith("//"))
            }
            assert outside.connections >= len(strays)
            rest = [number for number in range(len(urls)) if number not in strays]
            _refused([urls[number] for number in rest], [answers[number] for number in rest])
    assert witness.hosts() == {OPEN}


def _sent_to(urls: Sequence[str], status: int) -> Handler:
    """Redirects to the form whose number stands in the query, the first when there is none."""

    def reply(asked: Asked) -> Reply:
        # What no header can hold is left out: a server could not send it either.
        url = urls[int(asked.path.partition("?")[2] or 0)].encode("utf-8").decode("latin-1")
        return redirect(url.replace("\r", "").replace("\n", ""), status)

    return reply


def test_a_second_redirect_is_judged_like_the_first(inside: Inside, witness: Witness) -> None:
    with LoopbackServer(host=OPEN) as outside:
        for number, server in enumerate(inside.servers):
            outside.handlers[f"/{number}"] = _sent_to([f"/{number}b"], 301)
            outside.handlers[f"/{number}b"] = _sent_to([server.url("/")], 308)
            failure = fetch_one(FetchRequest(url=outside.url(f"/{number}")), inside.half_open)
            assert isinstance(failure, FetchFailure)
            assert failure.kind == "refused_address"
    assert witness.hosts() == {OPEN}


def test_a_robots_file_that_moved_inside_is_not_fetched(inside: Inside, witness: Witness) -> None:
    with LoopbackServer({"/page": lambda _: text_reply(b"<p>x</p>", "text/html")}, OPEN) as outside:
        outside.handlers["/robots.txt"] = lambda _: redirect(inside.servers[0].url("/robots.txt"))
        answer = fetch_one(FetchRequest(url=outside.url("/page"), purpose="page"), inside.half_open)
        assert isinstance(answer, FetchFailure)
        assert outside.paths() == ["/robots.txt"]
    assert witness.hosts() == {OPEN}


def test_a_hub_that_sends_its_form_inside_is_not_followed(inside: Inside, witness: Witness) -> None:
    with LoopbackServer(host=OPEN) as hub:
        hub.handlers["/"] = lambda _: redirect(inside.servers[0].url("/"), 307)
        request = FetchRequest(url=hub.url("/"), purpose="hub", form={"hub.mode": "subscribe"})
        answer = fetch_one(request, inside.half_open)
        assert isinstance(answer, FetchFailure)
        assert answer.kind == "refused_address"
    assert witness.hosts() == {OPEN}


def test_no_address_of_an_imported_list_is_dialled(inside: Inside, witness: Witness) -> None:
    urls = [url for url in inside.forms() if "\r" not in url and "\t" not in url and url]
    outlines = "".join(f'<outline type="rss" text="x" xmlUrl="{html.escape(url)}"/>' for url in urls)
    listed = read_opml(f"<opml version='2.0'><body>{outlines}</body></opml>".encode())
    assert [outline.url for outline in listed] == urls
    _refused(urls, fetch_many([FetchRequest(url=outline.url) for outline in listed], inside.policy))
    assert witness.dialled == []


def test_a_canonical_link_that_points_inside_is_no_way_in(inside: Inside, witness: Witness) -> None:
    for url in inside.forms():
        page = f'<html><head><link rel="canonical" href="{html.escape(url)}"></head><body><p>{"Words. " * 80}</p></body></html>'
        found = extract_page(
            page.encode(), url="http://news.example/a", content_type="text/html; charset=utf-8"
        )
        if found.canonical_url:
            answer = fetch_one(FetchRequest(url=found.canonical_url, purpose="page"), inside.policy)
            _refused([url], [answer])
    assert witness.dialled == []


@pytest.mark.django_db
def test_the_preview_of_a_source_dials_no_form(inside: Inside, witness: Witness, settings: object) -> None:
    settings.FETCH_ALLOW, settings.FETCH_ONLY, settings.FETCH_PORTS = (), (), inside.ports  # type: ignore[attr-defined]
    for url in inside.forms():
        # Names would be looked up by the system, which the witness forbids: literal addresses are what is left.
        if _is_written_as_number(url):
            with suppress(NewsdeskError):
                look_at(url, timezone.now())
    assert witness.dialled == []


@pytest.fixture
def _no_children_left() -> Iterator[None]:
    """The parsing children of this process end with the test; whoever needs some starts them anew."""
    yield
    while pipeline._sandboxes:
        pipeline._sandboxes.pop().close()


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_children_left")
def test_an_imported_list_and_the_links_of_a_feed_lead_nowhere_inside_on_the_whole_path(
    inside: Inside, settings: Any
) -> None:
    settings.FETCH_ALLOW, settings.FETCH_ONLY = (ip_network(OPEN),), ()
    settings.FETCH_HOST_SECONDS, settings.FETCH_HOST_BUDGET, settings.PAGE_BATCH = 0.0, 10_000, 10_000
    urls = [url for url in inside.forms() if url.isprintable() and url]
    outlines = "".join(f'<outline type="rss" text="x" xmlUrl="{html.escape(url)}"/>' for url in urls)
    items = "".join(
        f"<item><guid>{number}</guid><title>Title {number}</title><link>{html.escape(url)}</link></item>"
        for number, url in enumerate(urls)
    )
    body = f"<rss version='2.0'><channel><title>Outside</title>{items}</channel></rss>".encode()
    with LoopbackServer({"/feed": lambda _: text_reply(body)}, OPEN) as outside, watched() as witness:
        settings.FETCH_PORTS = frozenset({*inside.ports, outside.port})
        listed = read_list(f"<opml version='2.0'><body>{outlines}</body></opml>".encode())
        import_list("ada", listed)
        make_feed("Outside", url=outside.url("/feed"))
        imported = Feed.objects.count() - 1
        assert imported > 60
        pipeline.ingest_due_feeds(600.0)
        pipeline.read_new_articles(600.0)
        # Names are asked for, and the witness answers that there are none: nothing may depend on that.
        assert witness.hosts() == {OPEN}
        # Some links are paths of the feed's own server; those may be read.
        assert outside.paths()[0] == "/feed"
    assert FetchRun.objects.filter(outcome=FetchRun.Outcome.STORED).count() == 1
    assert FetchRun.objects.exclude(outcome=FetchRun.Outcome.STORED).count() >= imported
    assert Article.objects.count() > 60
    read = Article.objects.filter(revision__origin="page").values_list("url", flat=True)
    assert [url for url in read if not url.startswith(f"http://{outside.address}/")] == []


def _is_written_as_number(url: str) -> bool:
    try:
        return read_target(url, AddressRules()).address is not None
    except BadUrlError:
        return False


# --- names that change their minds ----------------------------------------------------------------


def _answers(policy: FetchPolicy, *answers: Sequence[str]) -> FetchPolicy:
    """The policy with a name server that gives one answer after the other, and the last for good."""
    left = list(answers)

    async def resolve(_name: str) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return replace(policy, resolve=resolve)


def test_a_name_that_was_public_a_moment_ago_is_judged_anew_when_it_is_dialled(
    inside: Inside, witness: Witness
) -> None:
    port = inside.servers[0].port
    policy = _answers(inside.policy, ["93.184.216.34"], ["127.0.0.1"])
    assert explain_url(f"http://rebind.example:{port}/", policy).is_open
    failure = fetch_one(FetchRequest(url=f"http://rebind.example:{port}/"), policy)
    assert isinstance(failure, FetchFailure)
    assert failure.kind == "refused_address"
    assert witness.dialled == []


def test_one_closed_address_among_open_ones_closes_the_name(inside: Inside, witness: Witness) -> None:
    for closed in ("127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
        policy = _answers(inside.policy, ["93.184.216.34", closed])
        failure = fetch_one(FetchRequest(url="http://both.example/"), policy)
        assert isinstance(failure, FetchFailure)
        assert failure.kind == "refused_address"
    assert witness.dialled == []


def test_a_name_that_rebinds_between_two_hops_stays_outside(inside: Inside, witness: Witness) -> None:
    with LoopbackServer(host=OPEN) as outside:
        outside.handlers["/"] = lambda _: redirect(f"http://rebind.example:{outside.port}/second")
        outside.handlers["/second"] = lambda _: redirect(f"http://rebind.example.:{inside.servers[0].port}/")
        policy = _answers(inside.half_open, [OPEN], ["127.0.0.1"])
        failure = fetch_one(FetchRequest(url=f"http://rebind.example:{outside.port}/"), policy)
        assert isinstance(failure, FetchFailure)
        assert failure.kind == "refused_address"
        assert outside.paths() == ["/", "/second"]
    assert witness.hosts() == {OPEN}


def test_a_batch_judges_every_look_up_of_a_name_that_flickers(inside: Inside, witness: Witness) -> None:
    # Concurrent requests for names of one server whose name server answers as it likes.
    with LoopbackServer({"/": lambda _: text_reply(FEED)}, OPEN) as outside:
        port = outside.port
        rules = replace(inside.half_open.rules, ports=frozenset({port, *inside.ports}))
        turn = [0]

        async def resolve(_name: str) -> Sequence[str]:
            turn[0] += 1
            return [OPEN if turn[0] % 2 else "127.0.0.1"]

        policy = replace(inside.half_open, rules=rules, resolve=resolve)
        requests = [FetchRequest(url=f"http://h{number}.example:{port}/") for number in range(40)]
        answers = fetch_many(requests, policy)
    assert {type(answer) for answer in answers} == {FetchResult, FetchFailure}
    assert all(answer.kind == "refused_address" for answer in answers if isinstance(answer, FetchFailure))
    assert witness.hosts() == {OPEN}


# --- the deny list, address by address ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.1", "10.1.2.3", "100.127.255.255", "127.9.9.9", "169.254.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.9",
        "192.88.99.9", "192.168.9.9", "198.19.255.255", "198.51.100.9", "203.0.113.9", "224.0.0.251", "255.255.255.255",
        "::", "::1", "::2", "::ffff:10.0.0.1", "::ffff:0:7f00:1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::9",
        "2002:a00:1::1", "2002:7f00:1::1", "2002:c0a8:101::1", "3fff:9::1", "4000::1", "5f00::1", "fc00::1", "fdff::1",
        "fe80::9", "febf::1", "fec0::1", "feff::1", "ff00::1", "ff02::fb", "ff0e::1",
    ],
)  # fmt: skip
def test_every_closed_range_is_closed(text: str) -> None:
    with pytest.raises(RefusedAddressError):
        check_address(ip_address(text), 443, AddressRules())


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1",
             "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1"],
)  # fmt: skip
def test_the_public_internet_is_open(text: str) -> None:
    check_address(ip_address(text), 443, AddressRules())


# --- the fence ------------------------------------------------------------------------------------


def test_the_fence_of_the_settings_lets_nothing_else_be_dialled(settings: object) -> None:
    settings.FETCH_PORTS = frozenset({8443})  # type: ignore[attr-defined]

    async def resolve(_name: str) -> Sequence[str]:
        return ["93.184.216.34", "2606:4700::1111"]

    policy = replace(policy_from_settings(), resolve=resolve, host_pause_seconds=0.0)
    urls = ["http://93.184.216.34/", "https://[2606:4700::1111]/", "http://news.example/", "https://news.example:8443/",
            "http://8.8.8.8:8443/", "http://[::ffff:8.8.8.8]/", "http://[64:ff9b::808:808]/"]  # fmt: skip
    with watched() as witness, LoopbackServer({"/": lambda _: Reply(200, FEED)}) as own:
        for purpose in ("feed", "page", "hub"):
            answers = fetch_many([FetchRequest(url=url, purpose=purpose) for url in urls], policy)
            assert all(
                isinstance(answer, FetchFailure) and "NEWSDESK_FETCH_ONLY" in answer.message
                for answer in answers
            )
        by_proxy = FetchRequest(url=own.url("/"), proxy="http://93.184.216.34:3128")
        assert isinstance(fetch_one(by_proxy, policy), FetchFailure)
        assert witness.dialled == []
        assert isinstance(fetch_one(FetchRequest(url=own.url("/")), policy), FetchResult)
        assert witness.dialled == [("127.0.0.1", own.port)]
