"""No way of writing an address, and no way of handing one to the desk, makes it dial where it must not."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from ipaddress import ip_network
from typing import Any

import pytest
from django.utils import timezone

from articles import pipeline
from articles.editing.preview import look_at
from articles.editing.source_lists import import_list, plan_list, read_list
from articles.errors import RefusedError
from articles.ingest.opml import Outline, write_opml
from articles.models import Article, Feed, FetchRun
from tests.faults.names import dialling, naming
from tests.faults.visits import PATIENT, forget_children, item, page_of, short_limits, visit
from tests.servers import Handler, LoopbackServer, Reply, redirect, text_reply
from tests.shared_data import shared

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1200)]
# Ours is the street at 127.0.0.1; whoever reaches the house at 127.0.0.2 was let out.
FORBIDDEN = "127.0.0.2"
NAMES = {
    "forbidden.example": [[FORBIDDEN]],
    "both.example": [["127.0.0.1", FORBIDDEN]],
    "mapped.example": [["::ffff:127.0.0.2"]],
    "rebinding.example": [["127.0.0.1"], [FORBIDDEN]],
}


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Iterator[None]:
    short_limits(settings)
    settings.FETCH_ALLOW = (ip_network("127.0.0.1/32"),)
    with naming(NAMES):
        yield
    forget_children()


@pytest.fixture
def house() -> Iterator[LoopbackServer]:
    """The house that nobody may reach. It would answer everything."""
    anything: dict[str, Handler] = {
        path: lambda _: text_reply(page_of(item("inside"))) for path in ("", "/", "/x", "/robots.txt")
    }
    with LoopbackServer(anything, FORBIDDEN) as server:
        yield server
        assert server.connections == 0, "somebody was let into the house"


def spellings(port: int) -> list[str]:
    """Addresses of the house in every notation, and schemes that lead elsewhere."""
    hosts = [
        "127.0.0.2", "127.0.0.2.", "127.2", "127.0.2", "2130706434", "0x7f000002", "0x7f.0.0.2", "0x7F.0x0.0x0.0x2",
        "0177.0.0.2", "017700000002", "127.000.000.002", "0177.0.0.02", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]",
        "[0:0:0:0:0:ffff:127.0.0.2]", "[::127.0.0.2]", "[::7f00:2]", "[64:ff9b::127.0.0.2]", "[2002:7f00:2::]",
        "[::ffff:0:127.0.0.2]", "[fe80::1%25lo]", "①②⑦.⓪.⓪.②", "１２７.0.0.2", "127。0。0。2", "127%2e0%2e0%2e2",
        "%31%32%37.0.0.2", "forbidden.example", "FORBIDDEN.example", "forbidden.example.", "both.example",
        "mapped.example", "me@127.0.0.2", "127.0.0.1@127.0.0.2", "127.0.0.1:80@127.0.0.2", "ip6-localhost",
        "127.0.0.2#.news.example", "127.0.0.2\\.news.example", "127.0.0.2 ", "127.0.0.2\t", "127.0.0.2\u00ad",
    ]  # fmt: skip
    http = [f"http://{host}:{port}/x" for host in hosts]
    others = [
        f"{scheme}://{FORBIDDEN}:{port}/x"
        for scheme in ("file", "gopher", "ftp", "dict", "ldap", "sftp", "ws", "jar:http", "view-source:http")
    ]
    rest = ["file:///etc/passwd", "data:text/xml,<rss/>", "javascript:alert(1)", f"//{FORBIDDEN}:{port}/x"]
    return [*http, *others, *rest, f"http:{FORBIDDEN}:{port}/x", f"https://{FORBIDDEN}:{port}/x"]


def was_refused(run: FetchRun) -> None:
    """In words, without a stored word."""
    assert run.outcome == "failed"
    # Which of them it is depends on the address; a link that broke on the way there counts too.
    kinds = {
        "refused_address",
        "bad_url",
        "dns",
        "redirects",
        "http",
        "connect",
        "tls",
        "protocol",
        "timeout",
    }
    assert run.kind in kinds, (run.kind, run.message)
    assert run.message
    assert not run.new


def lead(target: str) -> Handler:
    """An answer that sends us there, byte for byte."""
    raw = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    return lambda _: Reply(raw=raw)


def test_no_redirect_leads_a_feed_to_a_closed_address_however_it_is_written(house: LoopbackServer) -> None:
    targets = spellings(house.port)
    assert len(targets) >= 50

    with dialling() as dialled:
        found = visit({f"/to-{number}": lead(target) for number, target in enumerate(targets)})
    assert set(dialled) == {"127.0.0.1"}
    for run in found.runs.values():
        was_refused(run)
    assert not Article.objects.exclude(url__contains="paper-").exists()


def test_no_line_of_an_opml_list_leads_to_a_closed_address(house: LoopbackServer) -> None:
    targets = spellings(house.port)
    outlines = [Outline(url, f"Line {number}", "", "", "") for number, url in enumerate(targets)]
    listed = read_list(write_opml("List", outlines).encode())
    told = plan_list(listed)
    taken = import_list("ada", listed)
    assert taken == sum(not line.problem for line in told)
    visit({})
    for feed in Feed.objects.filter(title__startswith="Line"):
        was_refused(FetchRun.objects.get(feed=feed))


def test_no_address_is_previewed_that_is_closed(house: LoopbackServer) -> None:
    for address in [
        *spellings(house.port)[:12],
        f"http://forbidden.example:{house.port}/x",
        "file:///etc/passwd",
    ]:
        with pytest.raises(RefusedError):
            look_at(address, timezone.now())


def test_links_pictures_hubs_and_icons_of_an_entry_lead_to_no_closed_address(house: LoopbackServer) -> None:
    short = "A short word."
    targets = [target for target in spellings(house.port) if target.startswith("http")]
    inside = f"http://{FORBIDDEN}:{house.port}/x"
    page = (
        f'<html><head><base href="{inside}"><link rel="canonical" href="{inside}"><link rel="icon" href="{inside}">'
        f'<link rel="amphtml" href="{inside}"><link rel="next" href="{inside}">'
        f'<meta http-equiv="refresh" content="0;url={inside}"><meta property="og:url" content="{inside}">'
        f'<meta property="og:image" content="{inside}"><script src="{inside}"></script></head><body><article>'
        f'<h1>Bridge</h1><img src="{inside}"><iframe src="{inside}"></iframe>'
        + "<p>The council met on Monday and put the matter of the bridge off.</p>" * 30
        + "</article></body></html>"
    )
    head = (
        f'<image><url>{inside}</url></image><docs>{inside}</docs><cloud domain="{FORBIDDEN}" port="{house.port}" path="/x"/>'
        f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{inside}"/>'
        f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{inside}"/>'
    )
    with LoopbackServer() as server:
        server.handlers["/page"] = lambda _: text_reply(page.encode(), "text/html")
        server.handlers["/robots.txt"] = lambda _: redirect(inside)
        entries = [
            item(f"t{number}", f"Linked {number}", link=escape(target), text=short)
            for number, target in enumerate(targets)
        ]
        good = f'<enclosure url="{inside}" length="1" type="image/png"/><comments>{inside}</comments>'
        entries.append(
            item("page", "Page", link=server.url("/page"), text=short).replace("</item>", good + "</item>")
        )
        visit({"/feed.xml": lambda _: text_reply(page_of(*entries, head=head))}, server)
        pipeline.read_new_articles(PATIENT)
    articles = Article.objects.filter(title__startswith="Linked").select_related("revision")
    assert articles.count() == len(targets)
    for article in articles:
        assert article.stage == "linked", article.url
        assert article.revision is not None
        assert "inside" not in article.revision.text
        assert not article.url or article.message, f"{article.url}: nobody says why its page was not read"


def test_robots_files_lead_to_no_closed_address(house: LoopbackServer) -> None:
    short = "A short word."
    with LoopbackServer() as server:
        server.handlers["/robots.txt"] = lambda _: redirect(f"http://{FORBIDDEN}:{house.port}/robots.txt")
        server.handlers["/page"] = lambda _: text_reply(b"<html><body>no</body></html>", "text/html")
        entry = item("page", "Page", link=server.url("/page"), text=short)
        visit({"/feed.xml": lambda _: text_reply(page_of(entry))}, server)
        pipeline.read_new_articles(PATIENT)
        assert "/robots.txt" in server.paths()


def test_a_name_that_changes_its_address_is_refused_at_the_second_look(house: LoopbackServer) -> None:
    with LoopbackServer(host="127.0.0.1") as server:
        server.handlers["/x"] = lambda _: text_reply(page_of(item("outside")))
        # The same port on both addresses, so that only the address tells them apart.
        with LoopbackServer(host=FORBIDDEN) as trap:
            url = f"http://rebinding.example:{server.port}/x"
            assert look_at(url, timezone.now()).url
            found = visit({"/to": lambda _: redirect(url)})
            was_refused(found.runs["/to"])
            assert FORBIDDEN in found.runs["/to"].message or "closed" in found.runs["/to"].message
            assert trap.connections == 0


def test_circles_chains_and_leaps_of_redirects_end_with_a_name() -> None:
    hops = {f"/hop-{number}": lead(f"/hop-{number + 1}") for number in range(20)}
    with LoopbackServer(hops) as server:
        found = visit(
            {
                "/circle": lambda _: redirect("/circle"),
                "/hop-0": hops["/hop-0"],
                "/file": lambda _: redirect("file:///etc/passwd"),
                "/private": lambda _: redirect("http://10.0.0.1/"),
                "/metadata": lambda _: redirect("http://169.254.169.254/latest/meta-data/"),
                "/nowhere": lambda _: Reply(302),
            },
            server,
        )
        asked = [path for path in server.paths() if path.startswith("/hop-")]
    kinds = {path: run.kind for path, run in found.runs.items()}
    assert kinds == {
        "/circle": "redirects",
        "/hop-0": "redirects",
        "/file": "refused_address",
        "/private": "refused_address",
        "/metadata": "refused_address",
        "/nowhere": "protocol",
    }
    assert len(asked) <= 6, "five redirects are followed, no more"


def test_no_line_of_the_shared_list_is_dialled_behind_a_redirect(settings: Any) -> None:
    lines = [
        line for line in shared("security/ssrf-urls.txt").read_text(encoding="utf-8").split("\n") if line
    ]
    # The street lies at ::1 this time, so that every form of 127.0.0.1 is closed.
    settings.FETCH_ALLOW = (ip_network("::1/128"),)
    with LoopbackServer(host="::1") as server, dialling() as dialled:
        found = visit({f"/to-{number}": lead(line) for number, line in enumerate(lines)}, server)
        assert set(dialled) == {"::1"}
    for run in found.runs.values():
        was_refused(run)
