"""Articles live on: their pages are looked at again over real HTTP, and what changed or was deleted shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from articles import pipeline
from articles.errors import SandboxKilledError, StaleLeaseError
from articles.ingest import fetch
from articles.ingest.canonical import url_sha256
from articles.ingest.looking import Seen, claim_looks, close_unchanged, finish_look, plan_missed_looks
from articles.ingest.retention import _delete_articles
from articles.ingest.robots import RobotsMemory
from articles.jobs import add_jobs
from articles.models import (
    Article,
    EdgeLine,
    Job,
    Membership,
    Mention,
    PageLook,
    PageRules,
    Revision,
    SearchRow,
)
from articles.types import ExtractedPage, PageKind
from articles.wakeups import due_wakeups
from entities.lexicon import forget_lexicon
from tests.articles.ingest.rows import make_feed
from tests.articles.test_pipeline import item, page, rss, run_all
from tests.feedworld import FeedWorld, serving

pytestmark = pytest.mark.django_db
SECONDS = 600.0  # more than any machine needs
WORDS = (
    "The ministry said the reform will take effect in the spring after long talks with the unions. Its head had called "
    "for a vote before the winter, and the chamber of commerce warned of the costs for small firms in the provinces."
)
AGREED = "At least 12 unions agreed to the plan after a night of talks, the minister told reporters in the capital."
MORE = AGREED.replace("12", "15")
COURT = "A court in Ghent objected to a part of it and asked the government for an answer within three weeks."
LAST = "The parties meet again on Friday, when the paper on pensions is to be laid before the chamber of deputies."
TITLE = "Reform to take effect"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget_lexicon()
    yield
    forget_lexicon()


@pytest.fixture
def world() -> Iterator[FeedWorld]:
    """A feed of one story with a page, which is read and placed."""
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as served:
        served.bodies = {
            "/a.xml": rss(item(served.url("/story"), TITLE, "In the spring.")),
        }
        serve(served, AGREED)
        make_feed(url=served.url("/a.xml"))
        run_all()
        yield served


def serve(world: FeedWorld, *paragraphs: str, title: str = TITLE) -> None:
    """The story's page says this from now on."""
    world.bodies = {**world.bodies, "/story": page(title, WORDS, *paragraphs, LAST)}


def remove(world: FeedWorld) -> None:
    """The story's page is there no more."""
    world.bodies = {path: body for path, body in world.bodies.items() if path != "/story"}


def look(*, hours: float = 1.0) -> int:
    """So many hours later its time has come; whatever changed is placed too."""
    passed = timedelta(hours=hours)
    for row in PageLook.objects.all():
        if row.looked_at is not None:
            PageLook.objects.filter(pk=row.pk).update(looked_at=row.looked_at - passed)
    Job.objects.filter(kind="look", state="waiting").update(not_before=timezone.now() - timedelta(seconds=1))
    done = pipeline.look_again(SECONDS)
    pipeline.place_linked_articles(SECONDS)
    return done


def the_article() -> Article:
    return Article.objects.select_related("revision", "look").get()


def the_job() -> Job:
    return Job.objects.get(kind="look")


def test_an_article_that_was_read_is_looked_at_again_in_an_hour(world: FeedWorld) -> None:
    article, job = the_article(), the_job()
    assert (job.subject_id, job.state, job.tries) == (article.pk, "waiting", 0)
    wait = (job.not_before - timezone.now()).total_seconds()
    assert 3400 < wait < 4000
    assert article.look.next_why == "Again in 60 min: it is new."
    assert (article.look.looks, article.look.status, article.look.title) == (0, 200, TITLE)
    assert pipeline.look_again(SECONDS) == 0, "its time has not come"


def test_a_page_that_did_not_change_is_neither_parsed_nor_written(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.sandbox(), "extract_page", None)
    assert look() == 1
    article = the_article()
    assert world.answers["/story", 304] == 1
    assert (article.look.looks, article.look.quiet, article.look.status) == (1, 1, 304)
    assert (Revision.objects.count(), article.stage, the_job().state) == (2, "done", "waiting")
    assert article.look.next_why.startswith("Again in ")


def test_a_changed_page_becomes_a_revision_that_is_found_linked_and_placed(world: FeedWorld) -> None:
    before = Membership.objects.get()
    serve(world, MORE, COURT)
    look()
    article = the_article()
    assert article.revision is not None
    assert (article.revision.number, article.revision.origin, article.stage) == (3, "page", "done")
    assert MORE in article.revision.text
    assert article.corrected_at is not None
    assert article.revision.changes, "what changed is told"
    after = Membership.objects.get()
    assert (after.event_id, after.placed_at > before.placed_at) == (before.event_id, True)
    assert Mention.objects.filter(revision=article.revision).count() == Mention.objects.count()
    assert (article.look.changes, article.look.quiet) == (1, 0)
    assert "it has changed once, just now too" in article.look.next_why


def wait_for_held() -> None:
    """What is held back has waited long enough."""
    PageLook.objects.filter(held_until__isnull=False).update(held_until=timezone.now() - timedelta(seconds=1))


def serve_trouble(world: FeedWorld, words: str, sign: str = "") -> None:
    body = f"<html><head><title>Trouble</title></head><body><article><p>{words}</p></article><!-- {sign} --></body></html>"
    world.bodies = {**world.bodies, "/story": body.encode()}


TROUBLE = "Our presses stand still at this moment, and the newsroom makes some coffee for all who came."


def test_a_page_in_trouble_never_takes_the_place_of_a_text_by_one_look(world: FeedWorld) -> None:
    serve_trouble(world, TROUBLE)
    look()
    article = the_article()
    assert article.revision is not None
    assert AGREED in article.revision.text
    assert (Revision.objects.count(), article.corrected_at, article.stage) == (2, None, "done")
    assert "much less text than before" in article.message
    assert "much less text" in article.look.next_why
    assert article.look.held_until is not None
    assert article.look.title == TITLE
    look(hours=3)
    assert Revision.objects.count() == 2, "still before its time"
    serve(world, AGREED)
    look(hours=3)
    article = the_article()
    assert (Revision.objects.count(), article.message, article.look.held_until) == (2, "", None)
    serve_trouble(world, TROUBLE, "again")
    look(hours=3)
    assert Revision.objects.count() == 2, "what was found before the good page is forgotten"


def test_a_page_that_is_read_again_by_hand_is_held_back_too(world: FeedWorld) -> None:
    serve_trouble(world, TROUBLE)
    Article.objects.update(needs_page=True)
    add_jobs(Job.Kind.READ, [(the_article().pk, "", 0, None)])
    pipeline.read_new_articles(SECONDS)
    article = the_article()
    assert (Revision.objects.count(), article.look.held_until is not None) == (2, True)
    assert "much less text" in article.look.next_why


def test_what_the_publisher_cut_is_a_correction_when_a_later_look_finds_it_too(world: FeedWorld) -> None:
    serve(world, AGREED, COURT, MORE, COURT.replace("Ghent", "Bruges"))
    look()
    assert Revision.objects.count() == 3
    serve_trouble(world, WORDS.partition(". ")[0] + ". " + LAST)
    look()
    assert Revision.objects.count() == 3
    wait_for_held()
    look(hours=3)
    article = the_article()
    assert article.revision is not None
    assert (article.revision.number, article.corrected_at is not None, article.message) == (4, True, "")
    assert COURT not in article.revision.text
    assert article.look.held_until is None


def test_another_trouble_than_before_waits_anew(world: FeedWorld) -> None:
    serve_trouble(world, TROUBLE)
    look()
    wait_for_held()
    serve_trouble(world, TROUBLE.replace("coffee", "green tea"))
    look(hours=3)
    assert Revision.objects.count() == 2
    assert (the_article().look.held_until or timezone.now()) > timezone.now()


def test_a_score_that_changed_makes_a_revision(world: FeedWorld) -> None:
    serve(world, AGREED, "Final score: 2 - 1", title="Bonn - Ulm: 2 - 1")
    look()
    serve(world, AGREED, "Final score: 2 - 3", title="Bonn - Ulm: 2 - 1")
    look()
    article = the_article()
    assert article.revision is not None
    assert (article.revision.number, article.number_changed_at is not None) == (4, True)
    serve(world, AGREED, "Final score: 2 - 3", title="Bonn - Ulm: 2 - 3")
    look()
    article = the_article()
    assert (Revision.objects.count(), article.title) == (5, "Bonn - Ulm: 2 - 3")


def test_what_moves_on_a_page_makes_no_revision(world: FeedWorld) -> None:
    serve(world, AGREED, "Last updated: 22 Nov 2026, 10:45 GMT", "12 comments")
    look()
    article = the_article()
    assert (Revision.objects.count(), article.corrected_at, article.look.quiet) == (2, None, 1)
    serve(world, AGREED, "Last updated: 22 Nov 2026, 11:30 GMT", "14 comments")
    look(hours=5)
    assert (Revision.objects.count(), the_article().look.looks) == (2, 2)


def test_a_number_and_a_headline_that_changed_are_marked_with_their_time(world: FeedWorld) -> None:
    article = the_article()
    assert (article.headline_changed_at, article.number_changed_at) == (None, None)
    serve(world, MORE)
    look()
    numbered = the_article()
    assert (numbered.headline_changed_at, numbered.number_changed_at is not None) == (None, True)
    serve(world, MORE, title="Reform is put off")
    look()
    article = the_article()
    assert article.revision is not None
    assert (article.title, article.revision.title) == ("Reform is put off", "Reform is put off")
    assert article.headline_changed_at is not None
    assert article.number_changed_at == numbered.number_changed_at
    assert article.revision.changes[0]["code"] == "headline"
    assert SearchRow.objects.get().title == "Reform is put off"


def test_a_page_with_another_headline_than_its_feed_from_the_start_has_not_changed_it() -> None:
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as served:
        served.bodies = {
            "/a.xml": rss(item(served.url("/story"), "Unions agree", "In the spring.")),
        }
        serve(served, AGREED)
        make_feed(url=served.url("/a.xml"))
        run_all()
        serve(served, MORE)
        look()
    article = the_article()
    assert article.revision is not None
    assert (article.title, article.headline_changed_at) == ("Unions agree", None)
    assert (article.revision.number, article.look.title) == (3, TITLE)


def test_a_page_that_is_gone_at_two_looks_some_hours_apart_was_deleted_and_its_text_stays(
    world: FeedWorld,
) -> None:
    remove(world)
    look()
    article = the_article()
    assert (article.gone_at, article.look.missing, article.look.status) == (None, 1, 404)
    assert "Again in 6 h" in article.look.next_why
    look(hours=1)
    assert the_article().gone_at is None, "an hour is not enough"
    look(hours=6)
    article = the_article()
    assert article.gone_at is not None
    assert article.revision is not None
    assert AGREED in article.revision.text
    assert (Revision.objects.count(), article.stage) == (2, "done")
    assert "404" in article.message
    assert "may come back" in article.look.next_why
    serve(world, AGREED)
    look(hours=24)
    article = the_article()
    assert (article.gone_at, article.message, article.look.missing) == (None, "", 0)
    assert Revision.objects.count() == 2


def test_a_page_that_its_server_calls_gone_was_deleted_at_once(world: FeedWorld) -> None:
    remove(world)
    world.statuses = {"/story": 410}
    look()
    assert the_article().gone_at is not None


def test_an_address_that_leads_to_the_front_page_has_no_page(world: FeedWorld) -> None:
    world.bodies = {**world.bodies, "/": page("The Ledger", WORDS)}
    world.moved = {"/story": "/"}
    look()
    assert the_article().look.missing == 1
    look(hours=6)
    article = the_article()
    assert article.gone_at is not None
    assert "front page" in article.message
    assert Revision.objects.count() == 2


def test_what_a_page_says_instead_of_its_article_never_takes_its_place(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = pipeline.sandbox()
    plain = sandbox.extract_page
    kind: PageKind = "article"

    def extract(*given: Any, **named: Any) -> ExtractedPage:
        return replace(
            plain(*given, **named), kind=kind, kind_why="" if kind == "article" else f"It is {kind}."
        )

    monkeypatch.setattr(sandbox, "extract_page", extract)
    others: list[PageKind] = [
        "consent", "challenge", "login", "index", "video", "empty", "paywall", "offer", "blocked", "outage",
    ]  # fmt: skip
    for number, kind in enumerate(others):
        serve(world, f"Accept all {number} cookies of our partners.")
        look()
        article = the_article()
        assert article.revision is not None
        assert AGREED in article.revision.text
        assert (article.page_kind, article.gone_at, article.stage) == (kind, None, "done")
        assert article.message.endswith("What was read before stands.")
    assert Revision.objects.count() == 2
    kind = "article"
    serve(world, AGREED, COURT)
    look()
    article = the_article()
    assert (article.page_kind, article.message, Revision.objects.count()) == ("article", "", 3)


def test_a_page_that_says_twice_that_it_is_not_there_was_deleted(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = pipeline.sandbox().extract_page
    monkeypatch.setattr(
        pipeline.sandbox(),
        "extract_page",
        lambda *given, **named: replace(plain(*given, **named), kind="missing", kind_why="It says so."),
    )
    serve(world, "Sorry, nothing here.")
    look()
    assert (the_article().gone_at, the_article().look.missing) == (None, 1)
    look(hours=6)
    assert the_article().gone_at is not None
    assert Revision.objects.count() == 2


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_host_that_fails_counts_against_nothing_and_the_look_is_put_off(
    world: FeedWorld, status: int
) -> None:
    before = the_article()
    remove(world)
    world.statuses = {"/story": status}
    look()
    article, job = the_article(), the_job()
    assert (article.look.looks, article.look.missing, article.gone_at, article.message) == (0, 0, None, "")
    assert (job.state, job.tries) == ("waiting", 1)
    assert job.not_before > timezone.now() + timedelta(minutes=29)
    assert str(status) in article.look.next_why
    assert article.revision_id == before.revision_id


def test_a_page_that_robots_may_not_see_any_more_is_left_alone(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_robots", RobotsMemory())
    world.bodies = {**world.bodies, "/robots.txt": b"User-agent: *\nDisallow: /story\n"}
    look()
    article = the_article()
    assert (the_job().state, article.gone_at, article.look.looks) == ("done", None, 0)
    assert "robots.txt" in article.look.next_why


def test_a_sandbox_that_is_killed_is_a_named_reason_and_the_text_stays(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> ExtractedPage:
        raise SandboxKilledError("it took too long.")

    monkeypatch.setattr(pipeline.sandbox(), "extract_page", die)
    serve(world, MORE)
    look()
    article = the_article()
    assert (article.message, article.gone_at) == ("The page could not be read: it took too long.", None)
    assert (Revision.objects.count(), the_job().state, the_job().tries) == (2, "waiting", 0)
    monkeypatch.undo()
    look(hours=5)
    assert (Revision.objects.count(), the_article().message) == (3, ""), (
        "the same bytes are read the next time"
    )


def test_an_article_that_its_feed_brings_whole_is_looked_at_after_a_day_for_being_there() -> None:
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as served:
        served.bodies = {
            "/a.xml": rss(item(served.url("/story"), TITLE, "The board met on Monday. " * 80)),
            "/story": page(TITLE, WORDS * 9, "Something else."),
        }
        make_feed(url=served.url("/a.xml"))
        run_all()
        wait = (the_job().not_before - timezone.now()).total_seconds()
        assert 86_000 < wait < 96_000
        assert "its feed brings its text" in the_article().look.next_why
        look(hours=24)
        article = the_article()
        assert (Revision.objects.count(), article.page_kind, article.look.looks) == (1, "article", 1)
        remove(served)
        look(hours=24)
        look(hours=6)
    assert the_article().gone_at is not None


def test_the_24th_look_is_the_last(world: FeedWorld, settings: Any) -> None:
    settings.LOOK_MOST = 3
    for number in range(3):
        serve(world, AGREED.replace("12", str(20 + number)))
        look()
    assert (the_job().state, the_article().look.looks) == ("done", 3)
    assert the_article().look.next_why == "Not again: it was looked at 3 times, which is the most."
    assert Revision.objects.count() == 5


def test_nothing_is_looked_at_while_that_is_switched_off(world: FeedWorld, settings: Any) -> None:
    settings.LOOKS = False
    assert look() == 0
    assert the_job().state == "waiting"
    assert "look" not in due_wakeups(10)
    settings.LOOKS = True
    assert "look" in due_wakeups(10)


def test_what_came_while_looks_were_switched_off_is_looked_at_when_they_are_on_again(settings: Any) -> None:
    settings.LOOKS = False
    with serving(FeedWorld({}, content_types={"/story": "text/html"})) as served:
        served.bodies = {"/a.xml": rss(item(served.url("/story"), TITLE, "In the spring."))}
        serve(served, AGREED)
        make_feed(url=served.url("/a.xml"))
        run_all()
        assert not Job.objects.filter(kind="look").exists()
        assert plan_missed_looks() == 0, "still off"
        settings.LOOKS = True
        assert plan_missed_looks() == 1
        assert the_job().not_before < timezone.now() + timedelta(hours=1)
        assert the_article().look.next_why.startswith("Again within the hour")
        assert plan_missed_looks() == 0, "once"
        serve(served, MORE)
        look()
    assert (Revision.objects.count(), the_article().look.looks) == (3, 1)


def test_what_is_too_old_is_not_planned_when_looks_are_on_again(world: FeedWorld) -> None:
    Job.objects.filter(kind="look").delete()
    PageLook.objects.update(next_why="Not again: looking at pages again is switched off.")
    Article.objects.update(fetched_at=timezone.now() - timedelta(days=4))
    assert plan_missed_looks() == 0


@pytest.mark.parametrize("kind", ["blocked", "outage", "offer"])
def test_a_block_of_our_region_or_an_error_page_is_no_deletion(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch, kind: PageKind
) -> None:
    plain = pipeline.sandbox().extract_page
    monkeypatch.setattr(
        pipeline.sandbox(), "extract_page", lambda *given, **named: replace(plain(*given, **named), kind=kind)
    )
    good = world.bodies["/story"]
    for number in range(3):
        serve(world, f"This cannot be shown to you, says server {number}.")
        look(hours=6)
    article = the_article()
    assert (article.gone_at, article.look.missing, article.page_kind) == (None, 0, kind)
    monkeypatch.undo()
    world.bodies = {**world.bodies, "/story": good}
    look(hours=6)
    article = the_article()
    assert (article.page_kind, article.message, Revision.objects.count()) == ("article", "", 2)


def test_a_page_that_comes_back_as_it_was_after_one_miss_leaves_no_word_of_it(world: FeedWorld) -> None:
    remove(world)
    look()
    assert "404" in the_article().message
    serve(world, AGREED)
    look(hours=6)
    assert (the_article().message, the_article().look.missing) == ("", 0)


def test_new_articles_go_before_looks(world: FeedWorld, settings: Any) -> None:
    settings.LOOK_BATCH = 1
    rows = list(Article.objects.all())
    for number in range(3):
        rows.append(clone(rows[0], f"/story-{number}"))
    add_jobs(Job.Kind.LOOK, [(row.pk, "", 0, None) for row in rows])
    add_jobs(Job.Kind.READ, [(rows[1].pk, "", 0, None)])
    assert pipeline.look_again(SECONDS) == 1, "one portion while an article waits to be read"
    pipeline.read_new_articles(SECONDS)
    assert pipeline.look_again(SECONDS) >= 2


def clone(article: Article, path: str) -> Article:
    """Another article of the same publisher, without a page of its own."""
    twin = Article.objects.create(
        publisher=article.publisher, url=article.url.replace("/story", path), url_sha256=url_sha256(path),
        title=path, published_at=article.published_at, published_from="feed", fetched_at=article.fetched_at,
        language="en", stage="done",
    )  # fmt: skip
    twin.revision = Revision.objects.create(article=twin, number=1, title=path, text="Short.", origin="feed")
    twin.save(update_fields=["revision"])
    return twin


def test_an_article_whose_text_is_being_read_is_looked_at_after_that(world: FeedWorld) -> None:
    Article.objects.update(stage="new")
    serve(world, MORE)
    look()
    assert (Revision.objects.count(), the_job().state, the_job().attempts) == (2, "waiting", 0)


def test_a_look_that_somebody_else_claimed_since_writes_nothing(world: FeedWorld) -> None:
    Job.objects.filter(kind="look").update(not_before=timezone.now() - timedelta(seconds=1))
    token, (claimed,) = claim_looks(5, 90, pages_a_publisher=5)
    assert claim_looks(5, 90, pages_a_publisher=5)[1] == []
    Job.objects.filter(kind="look").update(lease_until=timezone.now() - timedelta(seconds=1))
    other, (again,) = claim_looks(5, 90, pages_a_publisher=5)
    assert (again.id, other != token) == (claimed.id, True)
    with pytest.raises(StaleLeaseError):
        finish_look(claimed, token, Seen(404, is_missing=True), None, now=timezone.now())
    assert close_unchanged(token, [(claimed, Seen(304))], timezone.now()) == 0
    assert the_article().look.looks == 0
    assert close_unchanged(other, [(again, Seen(304))], timezone.now()) == 1
    assert the_article().look.looks == 1


def test_the_looks_of_an_article_go_with_it(world: FeedWorld) -> None:
    _delete_articles([the_article().pk])
    assert (PageLook.objects.count(), Job.objects.filter(kind="look").count()) == (0, 0)


def test_lines_that_we_learnt_to_take_off_are_no_change_of_the_page(world: FeedWorld) -> None:
    serve(world, AGREED, "The Harbour Ledger, voice of the coast since 1884")
    look()
    assert Revision.objects.count() == 3
    publisher = the_article().publisher
    EdgeLine.objects.create(
        publisher=publisher, key="the harbour ledger voice of the coast since 1884", line="The Harbour Ledger",
        last_seen_at=timezone.now(), decided_by="admin",
    )  # fmt: skip
    serve(world, AGREED, "The Harbour Ledger, voice of the coast since 1884 ")
    look()
    assert (Revision.objects.count(), the_article().look.looks) == (3, 2)


def test_what_reads_otherwise_by_an_admins_rules_is_no_correction(world: FeedWorld) -> None:
    publisher = the_article().publisher
    PageRules.objects.create(publisher=publisher, remove="article p:nth-of-type(2)")
    world.bodies = {**world.bodies, "/story": world.bodies["/story"] + b"<!-- other bytes -->"}
    look(hours=-1)
    article = the_article()
    assert article.revision is not None
    assert (article.revision.number, "12 unions" in article.revision.text) == (3, False)
    assert (article.corrected_at, article.number_changed_at, article.revision.changes) == (None, None, [])
