"""A name is settled in many articles: said at once for all, linked one by one, and what is left waits as jobs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from articles import pipeline
from articles.editing import link_batches
from articles.editing.link_batches import settle_name
from articles.editing.links import LinkDraft, decide_link
from articles.editing.taking_back import take_back
from articles.errors import RefusedError
from articles.models import Article, ArticleEntity, EntityDay, Job, LinkDecision, Mention
from entities.models import Alias, Change, Entity
from tests.factories import make_article, make_entity
from tests.review_world import SENTENCE, unsure_of

NAME = "Fudal"


@pytest.fixture(autouse=True)
def _quick(settings: LazySettings) -> None:
    settings.LEXICON_CHECK_SECONDS = -1.0
    settings.NER_MODEL = ""


def make_unsure(n: int = 3) -> tuple[Entity, list[Article]]:
    """Two that bear a name, and articles in which nobody is sure which of them it is."""
    bank = make_entity("Fudal Bank", aliases=[NAME])
    school = make_entity("Fudal University", kind="organization", aliases=[NAME])
    articles = [make_article(f"Board {number}", SENTENCE.format(name=NAME)) for number in range(n)]
    for article in articles:
        unsure_of(article, NAME, bank, school)
    return bank, articles


def ids(articles: list[Article]) -> list[int]:
    return [article.pk for article in articles]


def linked_to(entity: Entity) -> set[int]:
    return set(ArticleEntity.objects.filter(entity=entity).values_list("article_id", flat=True))


def waiting() -> set[int]:
    return set(Job.objects.filter(kind="link", state="waiting").values_list("subject_id", flat=True))


@pytest.mark.django_db
def test_it_links_all_of_them_and_one_step_takes_all_back() -> None:
    bank, articles = make_unsure()
    settled = settle_name(NAME, ids(articles), bank.pk, "ed")
    assert (settled.articles, settled.shown, settled.rest) == (3, 3, 0)
    assert linked_to(bank) == set(ids(articles))
    assert sum(EntityDay.objects.filter(entity=bank).values_list("n", flat=True)) == 3
    assert Alias.objects.get(entity=bank, text=NAME).right == 3
    assert not waiting()
    take_back(settled.change.pk, "ed")
    assert linked_to(bank) == set()
    assert Alias.objects.get(entity=bank, text=NAME).right == 0
    assert not LinkDecision.objects.filter(withdrawn_at__isnull=True).exists()
    assert not waiting()
    with pytest.raises(RefusedError, match="taken back already"):
        take_back(settled.change.pk, "ed")


@pytest.mark.django_db
def test_what_is_not_linked_at_once_is_said_and_waits_as_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_batches, "AT_ONCE", 1)
    bank, articles = make_unsure()
    settled = settle_name(NAME, ids(articles), bank.pk, "ed")
    assert (settled.articles, settled.shown, settled.rest) == (3, 1, 2)
    assert LinkDecision.objects.filter(entity=bank, withdrawn_at__isnull=True).count() == 3
    assert len(linked_to(bank)) == 1
    assert len(waiting()) == 2
    assert pipeline.link_again(600.0) == 2
    assert linked_to(bank) == set(ids(articles))


@pytest.mark.django_db
def test_an_undo_leaves_alone_what_was_decided_again_since() -> None:
    bank, articles = make_unsure()
    settled = settle_name(NAME, ids(articles), bank.pk, "ed")
    other = make_entity("Fudal Press", aliases=[NAME])
    decide_link(articles[0].pk, "someone", LinkDraft(NAME, other.pk))
    take_back(settled.change.pk, "ed")
    assert linked_to(other) == {articles[0].pk}
    assert linked_to(bank) == set()


@pytest.mark.django_db
def test_articles_where_it_is_settled_by_now_are_left_out() -> None:
    bank, articles = make_unsure(2)
    Mention.objects.filter(revision=articles[0].revision).update(status="linked", entity=bank)
    assert settle_name(NAME, ids(articles), bank.pk, "ed").articles == 1
    with pytest.raises(RefusedError, match="settled in these articles by now"):
        settle_name(NAME, ids(articles), bank.pk, "ed")
    with pytest.raises(RefusedError, match="at least one"):
        settle_name(NAME, [], bank.pk, "ed")
    with pytest.raises(RefusedError, match="At most 50"):
        settle_name(NAME, range(1, 60), bank.pk, "ed")
    assert Change.objects.filter(act="settle_name").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_links_another_of_the_articles_is_not_waited_for_crosswise() -> None:
    """The worker has the second article and wants a day that the first one's links have changed."""
    bank, articles = make_unsure(2)
    day = EntityDay.objects.create(entity=bank, day=articles[0].published_at.date(), n=1)
    has_article, may_go_on = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                Article.objects.select_for_update(of=("self",)).get(pk=articles[1].pk)
                has_article.set()
                assert may_go_on.wait(240)
                EntityDay.objects.select_for_update().get(pk=day.pk)
        finally:
            connection.close()

    def settle() -> int:
        try:
            return settle_name(NAME, ids(articles), bank.pk, "ed").shown
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        worker = pool.submit(work)
        assert has_article.wait(240)
        settling = pool.submit(settle)
        wait_for_a_lock()
        may_go_on.set()
        worker.result(240)  # a deadlock would be raised in one of the two
        assert settling.result(240) == 2
    assert linked_to(bank) == set(ids(articles))


def wait_for_a_lock() -> None:
    """Until the act waits for a row that the worker has."""
    for _ in range(20_000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
