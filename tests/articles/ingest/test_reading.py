"""Reading: whose turn it is, what a page changes, and that nothing waits for a slow one."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.errors import StaleLeaseError
from articles.ingest.canonical import url_sha256
from articles.ingest.reading import ClaimedArticle, PageLater, claim_articles, finish_reading, put_back
from articles.jobs import add_jobs
from articles.models import Article, Job, Publisher, Revision
from articles.types import ExtractedPage
from tests.articles.ingest.rows import make_feed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
FEED_TEXT = "The quay opens."
PAGE_TEXT = "The harbour board opened its new quay on Monday.\n\nShips may call from Tuesday."


def make_waiting(publisher: str, count: int, *, needs_page: bool, sample: bool = False) -> list[Article]:
    feed = make_feed(publisher)
    made = []
    for number in range(count):
        url = f"https://{publisher.lower()}.example/{number}"
        article = Article.objects.create(
            publisher=feed.publisher, url=url, url_sha256=url_sha256(url), title=url, published_at=NOW,
            published_from="feed", fetched_at=NOW, needs_page=needs_page, sample=sample, language="en", batch=7,
        )  # fmt: skip
        article.revision = Revision.objects.create(
            article=article, number=1, title=url, text=FEED_TEXT, text_sha256="", origin="feed"
        )
        article.save(update_fields=["revision"])
        made.append(article)
    add_jobs(Job.Kind.READ, [(article.pk, "", 0, None) for article in made])
    return made


def claim_one() -> tuple[ClaimedArticle, uuid.UUID]:
    token, claimed = claim_articles(1, 90, pages_a_publisher=5)
    return claimed[0], token


def page(text: str = PAGE_TEXT) -> ExtractedPage:
    return ExtractedPage(title="Quay", text=text, html=f"<p>{text}</p>", language="en")


def read_job(article: Article) -> Job:
    return Job.objects.get(kind="read", subject_id=article.pk)


def make_due() -> None:
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def test_a_portion_of_pages_is_shared_between_publishers() -> None:
    make_waiting("Big", 12, needs_page=True)
    make_waiting("Small", 2, needs_page=True)
    make_waiting("Whole", 6, needs_page=False)
    _, claimed = claim_articles(20, 90, pages_a_publisher=3)
    names = Counter(Publisher.objects.get(pk=article.publisher_id).name for article in claimed)
    assert names == {"Big": 3, "Small": 2, "Whole": 6}
    _, rest = claim_articles(20, 90, pages_a_publisher=3)
    assert len(rest) == 3, "the others have their turn in the next portion"


def test_what_came_together_is_read_in_the_order_in_which_it_was_published() -> None:
    later, first, last = made = make_waiting("Big", 3, needs_page=False)
    for article, hours in ((later, 2), (first, 1), (last, 3)):
        article.published_at = NOW + timedelta(hours=hours)
        article.save(update_fields=["published_at"])
    add_jobs(Job.Kind.READ, [(article.pk, "", 0, article.published_at) for article in made])
    portions = [claim_articles(2, 90, pages_a_publisher=3)[1] for _ in range(2)]
    assert [[one.id for one in portion] for portion in portions] == [[first.pk, later.pk], [last.pk]]


def test_the_samples_pages_come_all_at_once() -> None:
    make_waiting("Sample", 8, needs_page=True, sample=True)
    assert len(claim_articles(20, 90, pages_a_publisher=3)[1]) == 8


def test_the_job_of_an_article_that_is_gone_is_closed() -> None:
    article, other = make_waiting("Big", 2, needs_page=False)
    Article.objects.filter(pk=article.pk).delete()
    _, claimed = claim_articles(20, 90, pages_a_publisher=3)
    assert [found.id for found in claimed] == [other.pk]
    assert (read_job(article).state, read_job(other).state) == ("done", "waiting")


def test_what_is_read_waits_for_its_event_in_the_order_of_its_batch() -> None:
    (article,) = make_waiting("Big", 1, needs_page=True)
    claimed, token = claim_one()
    finish_reading(claimed, token, page(), "", now=NOW)
    article.refresh_from_db()
    assert article.revision is not None
    assert (article.stage, article.needs_page, article.revision.text) == ("linked", False, PAGE_TEXT)
    placing = Job.objects.get(kind="place")
    assert (placing.subject_id, placing.shard, placing.batch, placing.order_at) == (article.pk, "en", 7, NOW)
    assert read_job(article).state == "done"


def test_an_article_goes_on_with_its_feeds_text_and_its_page_is_asked_again() -> None:
    (article,) = make_waiting("Big", 1, needs_page=True)
    claimed, token = claim_one()
    finish_reading(claimed, token, None, "It did not answer.", now=NOW, later=PageLater(120, counts=True))
    article.refresh_from_db()
    assert (article.stage, article.needs_page, article.message) == ("linked", True, "It did not answer.")
    assert Job.objects.get(kind="place").state == "waiting"
    job = read_job(article)
    assert (job.state, job.tries, job.message) == ("waiting", 1, "It did not answer.")
    assert job.not_before > timezone.now() + timedelta(seconds=100)


def test_a_busy_host_is_not_a_try() -> None:
    (article,) = make_waiting("Big", 1, needs_page=True)
    claimed, token = claim_one()
    finish_reading(claimed, token, None, "Later.", now=NOW, later=PageLater(5, counts=False))
    job = read_job(article)
    assert (job.state, job.tries, job.attempts) == ("waiting", 0, 0)


def test_a_page_that_came_later_becomes_a_revision_and_is_placed_anew() -> None:
    (article,) = make_waiting("Big", 1, needs_page=True)
    claimed, token = claim_one()
    finish_reading(claimed, token, None, "", now=NOW, later=PageLater(120, counts=True))
    Article.objects.update(stage="done")
    Job.objects.filter(kind="place").update(state="done")
    make_due()
    claimed, token = claim_one()
    assert not claimed.is_new
    finish_reading(claimed, token, page(), "", now=NOW)
    article.refresh_from_db()
    assert article.revision is not None
    assert (article.stage, article.revision.number, article.revision.origin) == ("linked", 2, "page")
    assert Job.objects.get(kind="place").state == "waiting"
    assert read_job(article).state == "done"


def test_a_page_that_came_later_and_says_no_more_changes_nothing() -> None:
    (article,) = make_waiting("Big", 1, needs_page=True)
    claimed, token = claim_one()
    finish_reading(claimed, token, None, "", now=NOW, later=PageLater(120, counts=True))
    Article.objects.update(stage="done")
    Job.objects.filter(kind="place").update(state="done")
    make_due()
    claimed, token = claim_one()
    finish_reading(claimed, token, page("Quay."), "", now=NOW)
    article.refresh_from_db()
    assert article.revision is not None
    assert (article.stage, article.revision.number) == ("done", 1)
    assert Job.objects.get(kind="place").state == "done"


def test_whoever_lost_the_job_writes_nothing() -> None:
    (article,) = make_waiting("Big", 1, needs_page=True)
    claimed, token = claim_one()
    add_jobs(Job.Kind.READ, [(article.pk, "", 0, None)])  # its entry changed meanwhile
    with pytest.raises(StaleLeaseError):
        finish_reading(claimed, token, page(), "", now=NOW)
    with pytest.raises(StaleLeaseError):
        put_back(claimed, token, "It stumbled.")
    article.refresh_from_db()
    assert (article.stage, article.message, Revision.objects.count()) == ("new", "", 1)


def test_an_article_that_trips_its_reader_is_tried_again_and_then_shown_to_an_admin() -> None:
    (article,) = make_waiting("Big", 1, needs_page=False)
    for tries in (1, 2):
        claimed, token = claim_one()
        put_back(claimed, token, "It could not be read (ValueError: odd).")
        job = read_job(article)
        assert (job.state, job.tries) == ("waiting", tries)
        make_due()
    claimed, token = claim_one()
    put_back(claimed, token, "It could not be read (ValueError: odd).")
    article.refresh_from_db()
    assert (read_job(article).state, article.stage) == ("failed", "failed")
    assert "odd" in article.message


def test_an_article_without_any_text_fails_with_a_word() -> None:
    (article,) = make_waiting("Big", 1, needs_page=False)
    Article.objects.update(revision=None)
    claimed, token = claim_one()
    finish_reading(claimed, token, None, "", now=NOW)
    article.refresh_from_db()
    assert (article.stage, read_job(article).state) == ("failed", "failed")
    assert "no text" in article.message
