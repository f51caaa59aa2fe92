"""Articles live on: their pages are looked at again over real HTTP, and what changed or was deleted shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from articles import pipeline
from articles.models import Article, Job, Membership, Mention, PageLook, Revision
from entities.lexicon import forget_lexicon
from tests.articles.ingest.rows import make_feed
from tests.articles.test_pipeline import item, page, rss, run_all
from tests.feedworld import FeedWorld, serving

pytestmark = pytest.mark.django_db
SECONDS = 60.0
WORDS = "The ministry said the reform will take effect in the spring after long talks with the unions. " * 6
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
            "/story": page(TITLE, WORDS, "At least 12 unions agreed."),
        }
        make_feed(url=served.url("/a.xml"))
        run_all()
        yield served


def serve(world: FeedWorld, *paragraphs: str, title: str = TITLE) -> None:
    """The story's page says this from now on."""
    world.bodies = {**world.bodies, "/story": page(title, WORDS, *paragraphs)}


def remove(world: FeedWorld) -> None:
    """The story's page is there no more."""
    world.bodies = {path: body for path, body in world.bodies.items() if path != "/story"}


def look(*, hours: float = 1.0) -> int:
    """So many hours later its time has come; whatever changed is placed too."""
    passed = timedelta(hours=hours)
    for row in PageLook.objects.exclude(looked_at=None):
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
    serve(world, "At least 15 unions agreed.", "A court in Ghent objected.")
    look()
    article = the_article()
    assert article.revision is not None
    assert (article.revision.number, article.revision.origin, article.stage) == (3, "page", "done")
    assert "At least 15 unions agreed." in article.revision.text
    assert article.corrected_at is not None
    assert article.revision.changes, "what changed is told"
    after = Membership.objects.get()
    assert (after.event_id, after.placed_at > before.placed_at) == (before.event_id, True)
    assert Mention.objects.filter(revision=article.revision).count() == Mention.objects.count()
    assert (article.look.changes, article.look.quiet) == (1, 0)
    assert "it has changed once, just now too" in article.look.next_why
