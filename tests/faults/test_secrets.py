"""What a source's server is told in confidence is told to nobody else: no page, log, history, export or row shows it."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles import pipeline
from articles.models import Feed, FetchRun
from newsdesk.accounts.models import User
from tests.faults.visits import PATIENT, forget_children, item, page_of, short_limits
from tests.servers import Asked, LoopbackServer, Reply, redirect, text_reply

pytestmark = pytest.mark.django_db
SECRETS = {
    "username": "reader-7f31c0",
    "password": "Pa55-94d2e7-word",
    "cookie": "session=c00k1e-5b8e21",
    "headers": "X-Api-Key: k3y-e02f6a\nX-Tenant: t3nant-91ab44",
}
VALUES = ["reader-7f31c0", "Pa55-94d2e7-word", "c00k1e-5b8e21", "k3y-e02f6a", "t3nant-91ab44"]
BASIC = base64.b64encode(b"reader-7f31c0:Pa55-94d2e7-word").decode()


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Iterator[None]:
    short_limits(settings)
    yield
    forget_children()


def shown(text: str) -> list[str]:
    """Which secrets stand in a text, in any of the forms in which they travel."""
    return [value for value in [*VALUES, BASIC] if value in text]


def rows_that_show() -> list[str]:
    """Tables of which a row, written as text, holds a secret."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            for value in [*VALUES, BASIC]:
                hidden = value.encode().hex()  # as bytes are written
                cursor.execute(
                    f"SELECT count(*) FROM {name} t WHERE t::text LIKE %s OR t::text LIKE %s",  # noqa: S608
                    [f"%{value}%", f"%{hidden}%"],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{table}: {value}")
    return found


def test_no_secret_of_a_source_is_ever_shown(admin: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Asked] = []
    desk = Client()
    desk.force_login(admin)

    def guarded(asked: Asked) -> Reply:
        seen.append(asked)
        if asked.headers.get("authorization") != f"Basic {BASIC}":
            return Reply(401, headers={"WWW-Authenticate": "Basic"})
        return text_reply(page_of(item("inside")), ETag='"v"')

    with LoopbackServer() as elsewhere, LoopbackServer() as server:
        elsewhere.handlers["/away"] = lambda _: text_reply(page_of(item("away")))
        server.handlers |= {
            "/good.xml": guarded,
            "/broken.xml": lambda _: Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
            "/denied.xml": lambda _: Reply(403),
            "/away.xml": lambda _: redirect(elsewhere.url("/away")),
        }
        for path in ("/good.xml", "/broken.xml", "/denied.xml", "/away.xml"):
            form = {"url": server.url(path), "title": f"Guarded {path}", "publisher": "Guarded", **SECRETS}
            answer = desk.post("/sources/create/", form)
            assert answer.status_code == 302, answer.content.decode()[:2000]
        pipeline.ingest_due_feeds(PATIENT)
        feeds = {feed.url: feed for feed in Feed.objects.all()}
        good = feeds[server.url("/good.xml")]
        assert good.last_outcome == "stored", good.last_message
        assert seen[-1].headers["x-api-key"] == "k3y-e02f6a", "the secrets are really sent"
        assert "c00k1e-5b8e21" in seen[-1].headers["cookie"]
        for asked in elsewhere.asked:
            assert not shown(str(asked)), "another origin hears none of them"
        # Changed by a person, refused by a form, failing in other ways: each leaves words behind.
        form = {
            "url": good.url,
            "title": "Guarded again",
            "publisher": "Guarded",
            "password": "",
            "clear": "cookie",
        }
        desk.post(f"/sources/{good.pk}/edit/", form)
        bad_form = {"url": "nonsense", "title": "", "publisher": "", **SECRETS}
        pages = [desk.post("/sources/create/", bad_form), desk.post(f"/sources/{good.pk}/edit/", bad_form)]
        Feed.objects.update(next_fetch_at=timezone.now())
        pipeline.ingest_due_feeds(PATIENT)
    assert FetchRun.objects.filter(outcome="failed").exists()

    pks = list(Feed.objects.values_list("pk", flat=True))
    for path in (
        *("/", "/sources/", "/health/", "/jobs/", "/articles/", "/sources/import/", "/sources/export/"),
        *("/sources/export.opml", "/sources/export.json", "/articles/export.csv", "/articles/export.json"),
        *(f"/sources/{pk}/" for pk in pks),
        *(f"/sources/{pk}/edit/" for pk in pks),
    ):
        pages.append(desk.get(path))
        assert pages[-1].status_code in {200, 404}, path
    for page in pages:
        assert not shown(page.getvalue().decode(errors="replace")), page.request["PATH_INFO"]
    assert not shown(caplog.text)
    assert rows_that_show() == []
    assert not any(shown(repr(feed.__dict__)) for feed in Feed.objects.all())
