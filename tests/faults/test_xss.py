"""Every payload goes the real way from a feed server to the pages, and does nothing: no dialog, no request, no report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Dialog, expect

from articles import pipeline
from articles.editing.sources import SourceDraft, add_source
from articles.models import Article, Event, Feed, Revision, Sighting
from newsdesk.accounts.models import User
from tests.browser import Desk
from tests.faults.payloads import PAYLOADS, active_parts
from tests.faults.visits import LONG, forget_children
from tests.servers import LoopbackServer, Reply, redirect, text_reply
from tests.shared_data import shared

PACK = 10  # payloads in one text


@pytest.fixture(autouse=True)
def _limits(settings: Any, patience: None) -> Iterator[None]:
    settings.FETCH_HOST_SECONDS, settings.FETCH_HOST_BUDGET = 0.0, 1000
    forget_children()
    yield
    forget_children()


def feed_of(payloads: tuple[str, ...], *, name: str) -> bytes:
    """Each payload in each field of an entry of its own; texts carry many at once."""
    items = []
    for number, payload in enumerate(payloads):
        many = " ".join(payloads[number : number + PACK]) if number % PACK == 0 else payload
        fields = {
            "guid": f"{name}-{number}-{payload}",
            "title": f"Zebra {number} {payload}",
            "author": payload,
            "dc:creator": payload,
            "category": payload,
            "link": f"https://odd.example/{name}/{number}?q={payload}" if number % 3 else payload,
            "comments": payload,
            "source": payload,
            "description": f"Zebra {many} {LONG if number % 2 else ''}",
            "content:encoded": f"<p>Zebra crossing {number}</p>{many}<p>{LONG}</p>",
        }
        items.append(
            "<item>" + "".join(f"<{tag}>{_xml(text)}</{tag}>" for tag, text in fields.items()) + "</item>"
        )
    head = _xml(f"{name} {payloads[0]} {payloads[-1]}")
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{head}</title><description>{head}</description><link>https://odd.example/{head}</link>"
        f"<language>en</language><generator>{head}</generator>{''.join(items)}</channel></rss>"
    ).encode("utf-8", "surrogatepass")


def _xml(text: str) -> str:
    """Text as an XML document may hold it."""
    allowed = (letter for letter in text if letter in "\t\n" or ord(letter) >= 32)
    return escape("".join(allowed))


def rows_are_inert() -> None:
    """Markup is what the allow list lets through; what is text is text, and pages escape it."""
    for html in Revision.objects.values_list("html", flat=True):
        assert not active_parts(html), html[:500]
    for url in Article.objects.values_list("url", flat=True):
        assert not url or url.startswith(("http://", "https://")), url
        assert not set(url) & set('<>" \t\n'), url
    for homepage in Feed.objects.values_list("site_url", flat=True):
        assert not homepage or homepage.startswith(("http://", "https://")), homepage


@pytest.mark.django_db
def test_no_payload_of_the_shared_list_is_stored_active() -> None:
    lines = tuple(
        line for line in shared("security/xss-payloads.txt").read_text(encoding="utf-8").split("\n") if line
    )
    body = feed_of(lines, name="shared")
    with LoopbackServer({"/feed.xml": lambda _: text_reply(body)}) as server:
        add_source("ada", SourceDraft(server.url("/feed.xml"), lines[0][:100], "Odd Times"))
        pipeline.ingest_due_feeds(600.0)
    assert Feed.objects.get().last_outcome == "stored", Feed.objects.get().last_message
    assert Sighting.objects.count() > len(lines) * 0.9, "entries with the same words are one"
    rows_are_inert()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_payload_does_anything_on_any_page_that_shows_it(desk: Desk, admin: User, tmp_path: Path) -> None:
    dialogs: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    desk.page.on("dialog", on_dialog)
    desk.sign_in(admin)
    bodies = {
        "/one.xml": feed_of(PAYLOADS, name="one"),
        "/two.xml": feed_of(PAYLOADS[:PACK], name="two"),
    }
    words = PAYLOADS[0] + PAYLOADS[11]
    with LoopbackServer() as server:
        server.handlers.update(
            {
                "/one.xml": lambda _: text_reply(bodies["/one.xml"], ETag=f'"{words}"', Server=words),
                "/two.xml": lambda _: text_reply(bodies["/two.xml"]),
                "/page": lambda _: text_reply(
                    f"<html><title>{words}</title>no feed {words}</html>".encode(), "text/html"
                ),
                "/away": lambda _: redirect(f"http://{PAYLOADS[11].replace(' ', '')}/"),
                "/broken": lambda _: Reply(raw=f"HTTP/1.1 404 {words}\r\nX-Odd: {words}\r\n\r\n".encode()),
            }
        )
        list_file = tmp_path / "list.opml"
        list_file.write_text(opml(server), encoding="utf-8")
        desk.open("/sources/import/")
        desk.page.set_input_files("input[type=file]", list_file)
        desk.page.get_by_role("button", name="Show what would be added").click()
        desk.page.get_by_role("button", name=re.compile(r"Add \d")).click()
        desk.page.wait_for_url("**/sources/")
        assert Feed.objects.filter(title__contains="<img").exists(), "the list went the real way"
        desk.open("/sources/add/")
        desk.page.fill("input[name=address]", server.url("/two.xml?again"))
        desk.page.locator("main form button[type=submit]").first.click()
        expect(desk.page.get_by_text("Would be stored", exact=True)).to_be_visible()
        Feed.objects.update(next_fetch_at=timezone.now())
        pipeline.ingest_due_feeds(600.0)
        pipeline.read_new_articles(600.0)
        pipeline.place_linked_articles(600.0)
    assert Article.objects.count() >= len(PAYLOADS)
    assert Feed.objects.filter(last_outcome="failed").count() == 3
    rows_are_inert()

    for path in pages():
        answer = desk.page.goto(desk.base + path)
        assert answer is not None
        assert answer.status == 200, path
        assert desk.page.evaluate("document.querySelectorAll('main').length") == 1, (
            f"{path}: the page is whole"
        )
    assert not dialogs
    desk.assert_clean()

    exports_are_inert(admin)


def exports_are_inert(admin: User) -> None:
    """What is taken along is a file of its own kind, never a page."""
    client = Client()
    client.force_login(admin)
    for path in (
        "/articles/export.csv",
        "/articles/export.json",
        "/sources/export.opml",
        "/sources/export.json",
    ):
        export = client.get(path)
        if export.status_code == 404:
            continue
        assert export.status_code == 200, path
        assert export["X-Content-Type-Options"] == "nosniff"
        assert "html" not in export["Content-Type"], path
        assert export["Content-Disposition"].startswith("attachment"), path
        body = b"".join(export.streaming_content) if export.streaming else export.content  # type: ignore[attr-defined]
        assert body
        if path.endswith("opml"):
            titles = [outline.get("text") for outline in ET.fromstring(body).iter("outline")]  # noqa: S314 - our own
            assert any(title and PAYLOADS[11] in title for title in titles)
        if path.endswith("csv"):
            cells = [cell.strip('"') for line in body.decode().splitlines() for cell in line.split(",")]
            assert not any(cell.startswith(("=", "@", "+", "\t")) for cell in cells)


def opml(server: LoopbackServer) -> str:
    """A list whose every word is a payload."""
    outlines = "".join(
        f'<outline text="{_xml(PAYLOADS[number])}"><outline type="rss" text="{_xml(PAYLOADS[11 + number])}"'
        f' title="{_xml(PAYLOADS[11 + number])}" category="{_xml(PAYLOADS[number + 3])}" language="en"'
        f' htmlUrl="{_xml(PAYLOADS[28])}" xmlUrl="{_xml(server.url(path))}"/></outline>'
        for number, path in enumerate(("/one.xml", "/two.xml", "/page", "/away", "/broken"))
    )
    bad = f'<outline type="rss" text="bad" xmlUrl="{_xml(PAYLOADS[28])}"/>'
    return f'<opml version="2.0"><head><title>{_xml(PAYLOADS[0])}</title></head><body>{outlines}{bad}</body></opml>'


def pages() -> list[str]:
    """Every page that shows what came in."""
    packed = Article.objects.filter(title__regex=r"^Zebra \d*0 ").values_list("pk", flat=True)
    some = Article.objects.exclude(pk__in=packed).values_list("pk", flat=True)[:3]
    return [
        "/",
        "/articles/",
        "/articles/?q=zebra",
        "/articles/?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/articles/?q=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E",
        *(f"/articles/{pk}/" for pk in [*packed, *some]),
        "/events/",
        *(f"/events/{pk}/" for pk in Event.objects.filter(merged_into=None).values_list("pk", flat=True)[:3]),
        "/entities/",
        "/sources/",
        "/sources/?q=%3Cimg+src%3Dx%3E",
        *(f"/sources/{pk}/" for pk in Feed.objects.values_list("pk", flat=True)),
        *(f"/sources/{pk}/edit/" for pk in Feed.objects.values_list("pk", flat=True)[:2]),
        "/sources/import/",
        "/sources/add/",
        "/jobs/",
        "/health/",
        "/palette/?q=alert",
    ]
