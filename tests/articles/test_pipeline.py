"""From a feed's address to linked articles in events, in one process, over real HTTP and real parsing children."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as desk_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import pipeline
from articles.ingest import pages
from articles.ingest.fetch import Deferred
from articles.ingest.hosts import reserve_hosts
from articles.ingest.policy import policy_from_settings
from articles.models import (
    Article,
    ArticleEntity,
    EntityDay,
    Event,
    Feed,
    FetchRun,
    Job,
    Mention,
    NetworkState,
    SearchRow,
)
from entities.lexicon import forget_lexicon
from entities.models import Alias, Entity, Listing
from entities.sources.starter import load_starter
from tests.articles.ingest.rows import make_feed
from tests.feedworld import FeedWorld, generated_feed, serving

pytestmark = pytest.mark.django_db
SECONDS = 600.0  # more than any machine needs
SHARED = Path(os.environ.get("NEWSDESK_SHARED") or Path(desk_settings.BASE_DIR).parent / "shared")
EXAMPLE = SHARED / "data/example"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget_lexicon()
    yield
    forget_lexicon()


def run_all() -> None:
    pipeline.ingest_due_feeds(SECONDS)
    pipeline.read_new_articles(SECONDS)
    pipeline.place_linked_articles(SECONDS)


def make_due() -> None:
    Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>P</title>{"".join(items)}</channel></rss>'.encode()


def item(link: str, title: str, description: str) -> str:
    return f"<item><guid>{link}</guid><link>{link}</link><title>{title}</title><description>{description}</description></item>"


def page(title: str, *paragraphs: str) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = f'<title>{title}</title><meta property="og:title" content="{title}">'
    menu = "<nav><a href='/'>Home</a> <a href='/world'>World</a></nav>"
    return f"<html lang='en'><head>{head}</head><body>{menu}<article><h1>{title}</h1>{body}</article></body></html>".encode()


def test_a_feed_becomes_articles_with_a_place_in_an_event() -> None:
    with serving(FeedWorld({"/a.xml": generated_feed(1, 3)})) as world:
        make_feed(url=world.url("/a.xml"))
        run_all()
    assert list(Article.objects.values_list("stage", flat=True)) == ["done"] * 3
    assert Event.objects.filter(merged_into=None).exists()
    assert all(hasattr(article, "membership") for article in Article.objects.select_related("membership"))


def test_a_short_entry_gets_its_text_from_the_page() -> None:
    words = (
        "The ministry said the reform will take effect in the spring after long talks with the unions. " * 6
    )
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as world:
        world.bodies = {
            "/a.xml": rss(item(world.url("/story"), "Reform to take effect", "In the spring.")),
            "/story": page("Reform to take effect", words, "Unions welcomed the date."),
        }
        make_feed(url=world.url("/a.xml"))
        run_all()
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert (article.revision.origin, article.revision.number, article.needs_page) == ("page", 2, False)
    assert "Unions welcomed the date." in article.revision.text
    assert "Home" not in article.revision.text
    assert article.corrected_at is None


def test_a_page_that_does_not_answer_leaves_the_feeds_text_and_says_so() -> None:
    with serving(FeedWorld({})) as world:
        world.bodies = {"/a.xml": rss(item(world.url("/gone"), "Notice", "A short notice about the ferry."))}
        make_feed(url=world.url("/a.xml"))
        run_all()
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert (article.stage, article.revision.text) == ("done", "A short notice about the ferry.")
    assert "404" in article.message


def test_nothing_waits_for_a_page_that_does_not_answer_and_its_text_follows() -> None:
    words = (
        "The ministry said the reform will take effect in the spring after long talks with the unions. " * 6
    )
    with socket.socket() as closed:  # bound and not listening: whoever asks here is refused at once
        closed.bind(("127.0.0.1", 0))
        link = f"http://127.0.0.1:{closed.getsockname()[1]}/story"
        with serving(FeedWorld({"/a.xml": rss(item(link, "Reform", "In the spring."))})) as world:
            make_feed(url=world.url("/a.xml"))
            run_all()
        article = Article.objects.select_related("revision").get()
        assert article.revision is not None
        assert (article.stage, article.revision.text) == ("done", "In the spring.")
        assert "could not be read" in article.message
        before = article.membership.placed_at
        job = Job.objects.get(kind="read")
        assert (job.state, job.tries) == ("waiting", 1)
        assert job.not_before > timezone.now()
        closed.listen()
        pages = threading.Thread(target=_answer_once, args=(closed, page("Reform", words)))
        pages.start()
        Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        run_all()
        pages.join(30)
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert (article.stage, article.revision.number, article.revision.origin) == ("done", 2, "page")
    assert (article.message, article.needs_page) == ("", False)
    assert article.membership.placed_at > before, "its place was looked for anew"
    assert Job.objects.get(kind="read").state == "done"


def _answer_once(listening: socket.socket, body: bytes) -> None:
    """One page, and no robots.txt, to whoever asks."""
    listening.settimeout(30)
    is_served = False
    while not is_served:
        link, _ = listening.accept()
        with link:
            asked = link.recv(65_536)
            is_served = asked.startswith(b"GET /story")
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" if is_served else b"HTTP/1.1 404 No\r\n"
            length = len(body) if is_served else 0
            link.sendall(head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % length + body[:length])


def test_an_article_is_not_kept_waiting_by_a_busy_site(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    links = [f"https://busy.example/{number}" for number in range(3)]
    monkeypatch.setattr(
        pages, "fetch_many", lambda requests, *_: [Deferred(request, 5.0) for request in requests]
    )
    with serving(FeedWorld({})) as world:
        world.bodies = {"/a.xml": rss(*(item(link, f"Story {link}", "Short.") for link in links))}
        make_feed(url=world.url("/a.xml"))
        run_all()
    assert set(Article.objects.values_list("stage", flat=True)) == {"new"}, "its page may come in a moment"
    patience = timedelta(seconds=settings.PAGE_PATIENCE_SECONDS)
    Job.objects.update(not_before=timezone.now() - patience, created_at=timezone.now() - patience)
    run_all()
    assert set(Article.objects.values_list("stage", flat=True)) == {"done"}
    assert set(Job.objects.filter(kind="read").values_list("state", "tries", "attempts")) == {
        ("waiting", 0, 0)
    }


def test_what_stumbles_in_the_database_is_tried_alone_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def dawdle(article: Article, *_: Any) -> None:
        if article.title == "Slow":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '20ms'")
                cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr("articles.ingest.taking.write_mentions", dawdle)
    text = "The board met on Monday. " * 80
    with serving(FeedWorld({})) as world:
        world.bodies = {
            "/a.xml": rss(*(item(f"https://p.example/{title}", title, text) for title in ("Slow", "Quick")))
        }
        make_feed(url=world.url("/a.xml"))
        run_all()
    assert dict(Article.objects.values_list("title", "stage")) == {"Slow": "new", "Quick": "done"}
    job = Job.objects.get(kind="read", state="waiting")
    assert (job.tries, job.lease_token) == (1, None)
    assert "statement timeout" in job.message


def test_a_page_is_read_again_when_its_feed_entry_changes() -> None:
    words = (
        "The ministry said the reform will take effect in the spring after long talks with the unions. " * 6
    )
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as world:
        link = world.url("/story")
        world.bodies = {"/a.xml": rss(item(link, "Reform", "Spring.")), "/story": page("Reform", words)}
        make_feed(url=world.url("/a.xml"))
        run_all()
        world.bodies = {
            "/a.xml": rss(item(link, "Reform", "Autumn.")),
            "/story": page("Reform", words, "Correction: the reform takes effect in the autumn."),
        }
        make_due()
        run_all()
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert "autumn" in article.revision.text
    assert article.revision.number == 3
    assert article.corrected_at is not None
    assert article.stage == "done"


def test_a_page_of_markup_for_a_feed_is_named_and_counts_as_a_failure() -> None:
    with serving(FeedWorld({"/a.xml": page("Consent", "Please accept our cookies.")})) as world:
        make_feed(url=world.url("/a.xml"))
        run_all()
    feed = Feed.objects.get()
    assert (feed.failures, feed.last_outcome) == (1, "failed")
    assert FetchRun.objects.get().kind == "not_a_feed"
    assert feed.last_message


def test_a_feed_cut_short_is_named_apart_from_what_is_no_feed() -> None:
    with serving(
        FeedWorld({"/a.xml": b'{"version": "https://jsonfeed.org/version/1.1", "items": [{'})
    ) as world:
        make_feed(url=world.url("/a.xml"))
        run_all()
    assert FetchRun.objects.get().kind == "parse"


def test_what_a_publisher_repeats_on_its_pages_goes_and_stays_away() -> None:
    residue = "The Harbour Ledger, voice of the coast since 1884"
    # Of different events, in words of their own: what stands in all pages about one may be its background.
    stories = []
    for number in range(6):
        draw = random.Random(number)  # noqa: S311 - the same words each time
        own = ["".join(draw.choices("bdfgklmnprstaeiou", k=7)) for _ in range(90)]
        stories.append((" ".join(own[:5]).title(), f"{' '.join(own).capitalize()}."))
    bodies: dict[str, bytes] = {}
    with serving(FeedWorld(bodies)) as world:
        items: list[str] = []
        paths = [f"/story-{number}" for number in range(6)]
        world.content_types = dict.fromkeys(paths, "text/html")
        make_feed(url=world.url("/a.xml"))
        for number, path in enumerate(paths):
            title, words = stories[number]
            bodies[path] = page(title, words, residue)
            items.append(item(world.url(path), title, "Short."))
            bodies["/a.xml"] = rss(*items)
            make_due()
            run_all()
    articles = Article.objects.select_related("revision").order_by("id")
    texts = [article.revision.text for article in articles if article.revision is not None]
    assert [residue in text for text in texts] == [True] * 3 + [False] * 3
    assert all(words in text for text, (_, words) in zip(texts, stories, strict=True))
    last = articles[5].revision
    assert last is not None
    assert ["repeated", residue] in last.removed


def test_a_page_tells_the_language_in_which_its_words_are_found() -> None:
    words = "The companies agreed upon tariffs for ferries after long talks with the unions. " * 8
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as world:
        world.bodies = {
            "/a.xml": rss(item(world.url("/story"), "Ferries", "In the spring.")),
            "/story": page("Ferries", words),
        }
        make_feed(url=world.url("/a.xml"), language="")
        run_all()
    assert Article.objects.get().language == "en"
    found = SearchRow.objects.extra(where=["tsv @@ to_tsquery('english', 'company & tariff')"])
    assert found.count() == 1


def test_a_backlog_of_one_busy_host_is_worked_off_and_counts_against_nobody(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Feeds that are due at once on one public host, asked a few at a time."""

    async def resolve(_host: str) -> Sequence[str]:
        return ["127.0.0.1"]

    # Under a name the server is a stranger to whom the door is polite.
    monkeypatch.setattr(
        pages, "policy_from_settings", lambda **_: replace(policy_from_settings(), resolve=resolve)
    )
    settings.FETCH_HOST_SECONDS = 0.001
    settings.FETCH_HOST_BUDGET = 20
    settings.FETCH_BATCH = 40
    feeds = 60
    with serving(
        FeedWorld({f"/{number}.xml": generated_feed(number, 1) for number in range(feeds)})
    ) as world:
        settings.FETCH_PORTS = frozenset({world.port})
        for number in range(feeds):
            make_feed(f"P{number}", url=f"http://busy.example:{world.port}/{number}.xml", host="busy.example")
        rounds = 0
        while Feed.objects.filter(last_success_at=None).exists():
            pipeline.ingest_due_feeds(SECONDS)
            assert not Feed.objects.exclude(state="active", attempts=0, failures=0, lease_token=None).exists()
            waiting = Feed.objects.filter(last_success_at=None)
            assert not waiting.filter(next_fetch_at__gt=timezone.now() + timedelta(minutes=5)).exists()
            waiting.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
            rounds += 1
            assert rounds <= feeds
        assert (world.count(200), len(world.answers)) == (feeds, feeds)


def test_an_entry_that_cannot_be_read_is_skipped_with_its_reason_and_sinks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(title: str, _text: str) -> str:
        if title.startswith("Quay 1, bid 1"):
            raise ValueError("no such quay")
        return title

    monkeypatch.setattr("articles.ingest.entries.text_key", refuse)
    with serving(FeedWorld({f"/{number}.xml": generated_feed(number, 3) for number in range(3)})) as world:
        for number in range(3):
            make_feed(f"P{number}", url=world.url(f"/{number}.xml"))
        pipeline.ingest_due_feeds(SECONDS)
    assert not Feed.objects.filter(last_success_at=None).exists()
    assert Article.objects.count() == 8
    skipped = {run.feed.title: run.skipped for run in FetchRun.objects.select_related("feed")}
    assert skipped["P0"] == skipped["P2"] == []
    assert [(line["n"], line["example"]) for line in skipped["P1"]] == [(1, "1-1")]
    assert "no such quay" in skipped["P1"][0]["why"]


def test_names_of_the_knowledge_base_are_linked_with_reasons_and_counted_by_day() -> None:
    entity = Entity.objects.create(
        kind="company",
        name="Quayside Holdings",
        slug="quayside-holdings",
        source="editorial",
        as_of="2026",
        prominence=0.8,
    )
    Alias.objects.create(
        entity=entity,
        text="Quayside Holdings",
        folded="quayside holdings",
        kind="legal",
        source="editorial",
        as_of="2026",
    )
    text = (
        "Quayside Holdings won the bid. "
        + "The board of the port had asked three builders for their plans. " * 30
    )
    with serving(FeedWorld({})) as world:
        world.bodies = {"/a.xml": rss(item("https://p.example/1", "Port picks builder", text))}
        make_feed(url=world.url("/a.xml"))
        run_all()
    mention = Mention.objects.get(entity=entity)
    assert (mention.status, mention.start, mention.end, mention.text) == (
        "linked",
        0,
        17,
        "Quayside Holdings",
    )
    assert mention.why
    assert ArticleEntity.objects.get().entity_id == entity.pk
    assert EntityDay.objects.get().n == 1


def test_when_no_public_source_answers_nothing_is_counted() -> None:
    for number in range(3):
        # Nothing listens on port 1 of these loopback hosts: each refuses at once.
        make_feed(
            f"Paper {number}", url=f"http://127.0.0.{10 + number}:1/a.xml", host=f"paper-{number}.example"
        )
    run_all()
    assert set(Feed.objects.values_list("failures", "last_outcome")) == {(0, "offline")}
    assert NetworkState.objects.get().silent_since is not None


def test_nothing_is_fetched_while_the_disk_is_short_of_room(settings: Any) -> None:
    with serving(FeedWorld({"/a.xml": generated_feed(1, 1)})) as world:
        feed = make_feed(url=world.url("/a.xml"))
        settings.MIN_FREE_GB = 10**9
        run_all()
        assert world.count(200) == 0
        feed.refresh_from_db()
        assert (feed.attempts, feed.lease_token) == (0, None)
        settings.MIN_FREE_GB = 0.0
        run_all()
        assert world.count(200) == 1


def test_nothing_is_read_while_the_disk_is_short_of_room(settings: Any) -> None:
    with serving(FeedWorld({"/a.xml": generated_feed(1, 1)})) as world:
        make_feed(url=world.url("/a.xml"))
        pipeline.ingest_due_feeds(600)
        settings.MIN_FREE_GB = 10**9
        assert pipeline.read_new_articles(600) == 0
        job = Job.objects.get(kind="read")
        assert (job.state, job.attempts, job.lease_token) == ("waiting", 0, None)
        settings.MIN_FREE_GB = 0.0
        assert pipeline.read_new_articles(600) == 1


def test_a_private_source_that_answers_says_nothing_about_the_internet() -> None:
    with serving(FeedWorld({"/a.xml": generated_feed(1, 1)})) as world:
        make_feed("Own", url=world.url("/a.xml"), host=f"127.0.0.1:{world.port}")
        for number in range(3):
            url = f"http://127.0.0.{10 + number}:1/a.xml"
            make_feed(f"Paper {number}", url=url, host=f"paper-{number}.example")
        run_all()
    assert Feed.objects.get(title="Own").last_outcome == "stored"
    assert set(Feed.objects.exclude(title="Own").values_list("failures", "last_outcome")) == {(0, "offline")}
    assert NetworkState.objects.get().silent_since is not None


def test_a_refusal_is_an_answer_too_and_ends_the_silence() -> None:
    NetworkState.objects.update_or_create(pk=1, defaults={"silent_since": timezone.now()})
    with serving(FeedWorld({})) as world:
        make_feed("Refused", url=world.url("/no-such-feed.xml"), host="refused.example")
        run_all()
    assert Feed.objects.get().last_status == 404
    assert NetworkState.objects.get().silent_since is None


def test_one_silent_source_among_answering_ones_is_its_own_fault() -> None:
    with serving(FeedWorld({"/a.xml": generated_feed(1, 1)})) as world:
        make_feed("Good", url=world.url("/a.xml"), host="good.example")
        make_feed("Bad", url="http://127.0.0.10:1/a.xml", host="bad.example")
        run_all()
    assert Feed.objects.get(title="Bad").failures == 1
    assert NetworkState.objects.get().silent_since is None


@pytest.mark.skipif(not EXAMPLE.is_dir(), reason="the measuring data is not beside the checkout")
def test_the_running_example_gives_all_that_must_be_found_in_it() -> None:
    load_starter(lambda _line: None)
    expected: dict[str, Any] = json.loads((EXAMPLE / "expected.json").read_text(encoding="utf-8"))
    raw = (EXAMPLE / "csia-sia.txt").read_text(encoding="utf-8")
    title, _, rest = raw.partition("\n")
    body = "".join(f"<p>{line}</p>" for line in rest.splitlines() if line.strip())
    html = f"<html lang='en'><head><title>{title}</title></head><body><h1>{title}</h1><article>{body}</article></body></html>"
    with serving(FeedWorld({}, content_types={"/chips": "text/html; charset=utf-8"})) as world:
        world.bodies = {"/a.xml": rss(item(world.url("/chips"), title, "Chips.")), "/chips": html.encode()}
        make_feed(url=world.url("/a.xml"))
        run_all()
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    text = article.revision.text
    for line in expected["clean"]["residue_lines_that_must_be_gone"]:
        assert line not in text
    assert text.startswith(expected["clean"]["first_sentence"])
    assert text.endswith(expected["clean"]["last_sentence"])
    linked = Mention.objects.filter(revision=article.revision, status="linked").select_related("entity")
    named = {mention.text.rstrip(".") for mention in linked}
    for company in expected["listed_companies"]:
        found = {
            listing.security.issuer_id
            for listing in Listing.objects.filter(
                ticker=company["ticker"], exchange_id=company["mic"], valid_to=None
            ).select_related("security")
        }
        mentions = [mention for mention in linked if mention.entity_id in found]
        assert mentions, company["name"]
    for person in expected["people"]:
        assert person["name"] in named, person["name"]
    for name in ("Back to top button", "editorpen"):
        assert not any(name in mention.text for mention in linked)


def test_once_a_day_a_feed_is_asked_for_as_a_whole_and_an_equal_body_is_not_parsed() -> None:
    with serving(FeedWorld({"/a.xml": generated_feed(1, 2)})) as world:
        feed = make_feed(url=world.url("/a.xml"))
        pipeline.ingest_due_feeds(SECONDS)
        feed.refresh_from_db()
        assert feed.full_fetch_at is not None
        make_due()
        pipeline.ingest_due_feeds(SECONDS)
        assert (world.count(200), world.count(304)) == (1, 1)
        Feed.objects.update(full_fetch_at=timezone.now() - timedelta(hours=25))
        make_due()
        pipeline.ingest_due_feeds(SECONDS)
        assert (world.count(200), world.count(304)) == (2, 1)
    run = FetchRun.objects.order_by("-id")[0]
    assert (run.outcome, run.status, run.forced) == ("unchanged", 200, True)
    feed.refresh_from_db()
    assert feed.full_fetch_at > timezone.now() - timedelta(minutes=5)
    assert Article.objects.count() == 2


def test_a_host_that_another_worker_asks_just_now_has_its_turn_later_uncounted(settings: Any) -> None:
    settings.FETCH_OWN_AT_ONCE = 0  # loopback is a stranger like others
    with serving(FeedWorld({"/a.xml": generated_feed(1, 1)})) as world:
        feed = make_feed(url=world.url("/a.xml"), host=f"127.0.0.1:{world.port}")
        turns = reserve_hosts([f"127.0.0.1:{world.port}"], 60.0)
        assert turns.held
        pipeline.ingest_due_feeds(SECONDS)
        assert world.count(200) == 0
        feed.refresh_from_db()
        assert (feed.attempts, feed.lease_token, feed.failures) == (0, None, 0)
        assert feed.next_fetch_at > timezone.now() + timedelta(seconds=5)
        assert "busy" in feed.next_why
        assert not FetchRun.objects.exists()


def test_a_batch_is_written_by_a_few_statements_however_many_feeds_had_nothing_new() -> None:
    def count_statements() -> int:
        make_due()
        with CaptureQueriesContext(connection) as queries:
            pipeline.ingest_due_feeds(SECONDS)
        return len(queries)

    with serving(FeedWorld({f"/{number}.xml": generated_feed(number, 1) for number in range(30)})) as world:
        for number in range(3):
            make_feed(f"P{number}", url=world.url(f"/{number}.xml"))
        pipeline.ingest_due_feeds(SECONDS)
        few = count_statements()
        for number in range(3, 30):
            make_feed(f"P{number}", url=world.url(f"/{number}.xml"))
        pipeline.ingest_due_feeds(SECONDS)
        assert count_statements() == few
        assert world.count(304) == 33
