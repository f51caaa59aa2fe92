"""Feeds and pages that attack their parser: each ends as text or as a named error, and its neighbours come on time."""

from __future__ import annotations

import itertools
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles import pipeline
from articles.models import Article, Feed, FetchRun, Revision, Sighting
from tests.faults.visits import (
    CPU_SECONDS,
    LONG,
    PATIENT,
    Pass,
    forget_children,
    item,
    page_of,
    short_limits,
    visit,
)
from tests.servers import Handler, LoopbackServer, Reply, text_reply
from tests.shared_data import shared, unpacked

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1200)]
# Of a processor: what the children that read take besides, to start and for what is honest.
SPARE_SECONDS = 20.0


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Iterator[None]:
    short_limits(settings)
    yield
    forget_children()


def serve(body: bytes, content_type: str = "application/rss+xml") -> Handler:
    return lambda _: text_reply(body, content_type)


def doctype(declaration: str, use: str = "&a;") -> bytes:
    head = f'<?xml version="1.0"?><!DOCTYPE rss {declaration}>'
    return (
        head + f'<rss version="2.0"><channel><title>{use}</title>{item("x", use)}</channel></rss>'
    ).encode()


def laughs() -> str:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f"[{''.join(lines)}]"


def seconds_of_children() -> float:
    """The time of a processor that the children which read have taken; those of now end."""
    forget_children()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def each_is_told(found: Pass) -> None:
    """Stored or refused in words; never a leased, silent or half-stored feed."""
    for path, run in found.runs.items():
        assert run.outcome in {"stored", "failed"}, path
        assert run.outcome == "stored" or (run.kind and run.message), path
        assert run.outcome == "stored" or not found.articles(path), path


def test_entity_bombs_and_doors_to_files_and_networks_are_refused_unopened() -> None:
    with LoopbackServer({"/evil.dtd": lambda _: Reply(body=b'<!ENTITY a "fetched">')}) as listener:
        outside = listener.url("/evil.dtd")
        before = seconds_of_children()
        found = visit(
            {
                "/laughs": serve(doctype(laughs(), "&a9;")),
                "/quadratic": serve(doctype(f'[<!ENTITY a "{"x" * 50_000}">]', "&a;" * 2000)),
                "/file": serve(doctype('[<!ENTITY a SYSTEM "file:///etc/passwd">]')),
                "/network": serve(doctype(f'[<!ENTITY a SYSTEM "{outside}">]')),
                "/dtd": serve(doctype(f'SYSTEM "{outside}"', "x")),
                "/parameter": serve(doctype(f'[<!ENTITY % p SYSTEM "{outside}"> %p;]')),
                "/xinclude": serve(
                    page_of(
                        item(
                            "i",
                            text=f"<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='{outside}'/>",
                        )
                    )
                ),
                "/stylesheet": serve(f'<?xml-stylesheet href="{outside}"?>'.encode() + page_of(item("s"))),
            }
        )
        assert listener.connections == 0
    each_is_told(found)
    refused = {path for path, run in found.runs.items() if run.outcome == "failed"}
    assert refused >= {"/laughs", "/quadratic", "/file", "/network", "/parameter"}
    assert not Revision.objects.filter(text__contains="root:").exists()
    assert seconds_of_children() - before < SPARE_SECONDS, "nobody unfolded a bomb"


def poisons() -> dict[str, bytes]:
    """What costs a naive parser minutes, each below a megabyte or two."""
    attributes = " ".join(f'a{number}="1"' for number in range(100_000))
    return {
        "/attributes": page_of(f"<item><x {attributes}/></item>"),
        "/attributes-inside": page_of(item("a", text=f"&lt;p {attributes}&gt;words")),
        "/comments": page_of(item("c", text="&lt;!--" * 100_000)),
        "/declarations": page_of(item("d", text="&lt;![" * 100_000)),
        "/open-tags": page_of(item("t", text='&lt;a b="' * 100_000)),
        "/dots": page_of("<item><title>t</title><author>" + "a." * 16_000 + "</author></item>"),
        "/deep": page_of(item("n", text="&lt;div&gt;" * 100_000)),
        "/deep-xml": page_of("<item>" * 100_000),
        "/unclosed": page_of("<item><title>" + "<" * 300_000),
    }


def test_a_poison_feed_costs_its_own_child_and_never_a_neighbours_time() -> None:
    before = seconds_of_children()
    found = visit({path: serve(body) for path, body in poisons().items()})
    each_is_told(found)
    # Were they not ended, one of them alone would take longer than all may together.
    assert seconds_of_children() - before < len(found.runs) * 3 * CPU_SECONDS + SPARE_SECONDS
    assert all(len(run.message) < 500 for run in found.runs.values())


def test_the_hostile_files_harm_nothing_on_their_whole_way() -> None:
    files = sorted(path for path in shared("feeds/hostile").iterdir() if path.is_file())
    assert files
    found = visit({f"/{path.name}": serve(unpacked(path)) for path in files})
    each_is_told(found)
    assert not Revision.objects.filter(text__contains="root:x:0").exists()


def test_pages_of_endless_depth_or_size_end_as_text_or_as_a_named_error(settings: Any) -> None:
    short = "A short word about the bridge."
    words = "<p>The council met on Monday and put the matter of the old bridge off again.</p>"
    pages = {
        "/deep": "<div>" * 100_000 + words * 30,
        "/flat": words * 140_000,  # ten megabytes
        "/attributes": "<p " + " ".join(f'a{n}="1"' for n in range(100_000)) + f">{words * 30}",
        "/comments": "<!--" * 100_000 + words * 30,
        "/good": f"<article><h1>Bridge</h1>{words * 30}</article>",
    }
    with LoopbackServer() as server:
        entries = [item(path, f"Bridge {path}", link=server.url(path), text=short) for path in pages]
        handlers: dict[str, Handler] = {
            path: serve(f"<html><body>{body}</body></html>".encode(), "text/html")
            for path, body in pages.items()
        }
        server.handlers.update(handlers)
        visit({"/feed.xml": serve(page_of(*entries))}, server)
        pipeline.read_new_articles(PATIENT)
    articles = {
        article.title.split()[1]: article for article in Article.objects.filter(title__startswith="Bridge")
    }
    assert set(articles) == set(pages)
    for path, article in articles.items():
        assert article.stage == "linked", path
        assert article.revision is not None
        assert article.revision.origin == "page" or article.message, f"{path}: nobody says why"
        assert article.revision.text, path
    assert "put the matter" in articles["/good"].revision.text  # type: ignore[union-attr]
    assert articles["/flat"].message


def test_broken_characters_are_cleaned_and_the_entries_beside_them_stay() -> None:
    first, last = item("first"), item("last")
    latin = page_of(item("é", "Café", text="Le café " + LONG), head="").decode()
    found = visit(
        {
            "/nul": serve(page_of(first, item("n", "A\0B", text="w\0ords " + LONG), last)),
            "/nul-reference": serve(page_of(first, item("n", "A&#0;B"), last)),
            "/surrogate": serve(page_of(first, item("s", "A\ud800B"), last)),
            "/surrogate-reference": serve(page_of(first, item("s", "A&#xD800;B"), last)),
            "/controls": serve(page_of(first, item("c", "A\x08\x1bB&#x7f;"), last)),
            "/beyond": serve(page_of(first, item("b", "A&#x110000;B"), last)),
            "/latin-unsaid": serve(latin.encode("latin-1")),
            "/latin-said-utf8": serve(b'<?xml version="1.0" encoding="utf-8"?>' + latin.encode("latin-1")),
            "/utf-16": serve(('<?xml version="1.0" encoding="utf-16"?>' + latin).encode("utf-16")),
            "/utf-7": serve(
                b'<?xml version="1.0" encoding="utf-7"?>'
                + page_of(first, item("u", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"), last)
            ),
            "/unknown": serve(b'<?xml version="1.0" encoding="x-made-up"?>' + page_of(first, last)),
            "/cut-utf8": serve(page_of(first, item("k", "Kyiv \u041a"), last)[:-200] + b"\xd0"),
        }
    )
    each_is_told(found)
    for path in ("/nul", "/nul-reference", "/surrogate", "/surrogate-reference", "/controls", "/beyond"):
        assert len(found.articles(path)) == 3, f"{path}: {found.runs[path].message}"
    for path in ("/latin-unsaid", "/latin-said-utf8", "/utf-16"):
        assert "Café" in found.articles(path)[0].title, path
    for article in Article.objects.select_related("revision"):
        revision = article.revision
        assert revision is not None
        for text in (article.title, article.summary, revision.text, revision.html):
            assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in text)
            assert not any("\ud800" <= letter <= "\udfff" for letter in text)
            assert "<script" not in text


def test_impossible_dates_are_clamped_and_the_order_of_articles_stays_sane() -> None:
    now = timezone.now()
    dates = {
        "year-1": "Mon, 01 Jan 0001 00:00:00 GMT",
        "epoch": "Thu, 01 Jan 1970 00:00:00 GMT",
        "year-9999": "Fri, 31 Dec 9999 23:59:59 GMT",
        "year-99999": "Fri, 31 Dec 99999 23:59:59 GMT",
        "next-week": f"{now + timedelta(days=7):%a, %d %b %Y %H:%M:%S} GMT",
        "words": "the day before yesterday",
        "none": "",
        "iso": f"{now - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}",
        "good": f"{now - timedelta(hours=5):%a, %d %b %Y %H:%M:%S} GMT",
    }
    found = visit({"/dates": serve(page_of(*(item(name, name, date=date) for name, date in dates.items())))})
    articles = {article.title: article for article in found.articles("/dates")}
    assert set(articles) == set(dates)
    for article in articles.values():
        assert datetime(1990, 1, 1, tzinfo=UTC) <= article.published_at <= timezone.now() + timedelta(days=1)
    assert (articles["good"].published_from, articles["iso"].published_from) == ("feed", "feed")
    for name in ("year-1", "epoch", "year-9999", "year-99999", "next-week", "words", "none"):
        assert articles[name].published_from == "fetched", name
        assert articles[name].published_raw == dates[name], name
    newest = list(
        Article.objects.filter(pk__in=[a.pk for a in articles.values()]).order_by("-published_at", "-id")
    )
    assert [article.title for article in newest][-2:] == ["iso", "good"]


def fetch_again(path: str) -> FetchRun:
    Feed.objects.filter(title=path).update(
        next_fetch_at=timezone.now() - timedelta(seconds=1), full_fetch_at=None
    )
    pipeline.ingest_due_feeds(PATIENT)
    return FetchRun.objects.filter(feed__title=path).latest("id")


def link(name: str) -> str:
    return f"https://odd.example/story/{name}"


def test_guids_that_are_missing_doubled_changed_or_used_again_make_no_article_twice() -> None:
    turn = itertools.count()
    churning = [[item(f"{n}-{m}", f"Churn {m}", link=link(f"churn-{m}")) for m in range(6)] for n in range(3)]
    reused = [
        [item("same", "Before the vote", link=link("vote"))],
        [item("same", "After the vote", link=link("vote"), text="They voted. " + LONG)],
    ]
    with LoopbackServer() as server:
        found = visit(
            {
                "/missing": serve(page_of(*(item("", f"No guid {n}", link=link(f"m{n}")) for n in range(3)))),
                "/doubled": serve(page_of(*(item("one", f"Twin {n}", link=link("twin")) for n in range(3)))),
                "/bare": serve(page_of(*(item("", f"Bare {n}") for n in range(3)))),
                "/churning": lambda _: text_reply(page_of(*churning[next(turn) % 3])),
            },
            server,
        )
        assert [len(found.articles(path)) for path in ("/missing", "/doubled", "/bare", "/churning")] == [
            3,
            1,
            3,
            6,
        ]
        before = Article.objects.count()
        for path in ("/missing", "/bare"):
            run = fetch_again(path)
            assert run.new == 0, path
        for _ in range(2):
            assert fetch_again("/churning").new == 0, "new guids on known addresses are no new articles"
        assert Article.objects.count() == before

        states = iter(reused)
        again = visit({"/reused": lambda _: text_reply(page_of(*next(states)))}, server)
        article = again.articles("/reused")[0]
        assert fetch_again("/reused").new == 0
        article.refresh_from_db()
        assert article.title == "After the vote"
        assert article.revisions.count() == 2
    doubled = Sighting.objects.values_list("feed_id", "guid_sha256")
    assert len(doubled) == len({(feed, bytes(key)) for feed, key in doubled})


def test_a_feed_of_a_hundred_thousand_entries_is_read_to_its_cap(settings: Any) -> None:
    settings.FEED_ENTRIES = 50
    entries = "".join(f"<item><guid>{n}</guid><title>Entry {n}</title></item>" for n in range(100_000))
    found = visit({"/many": serve(page_of(entries))})
    run = found.runs["/many"]
    assert run.outcome == "stored" or (run.outcome == "failed" and run.message)
    assert len(found.articles("/many")) <= 50
