"""Articles are linked anew behind what is new: by jobs that no crash loses, without the model, where they stand left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import pipeline
from articles.editing.jobs import drop_job, retry_job
from articles.ingest import relinking
from articles.ingest.link import relink_article, write_mentions
from articles.ingest.merging import _merge
from articles.ingest.new_names import search_new_names
from articles.ingest.relinking import claim_links, relink_claimed, relink_later, relink_names, relink_now
from articles.ingest.retention import untouched
from articles.jobs import add_jobs, claim_jobs
from articles.models import Article, ArticleEntity, EntityDay, Job, LinkRule, Membership, Mention
from articles.tasks import link_again
from articles.wakeups import due_wakeups
from entities.history import MACHINE
from entities.lexicon import names_changed
from entities.models import Alias, Entity
from newsdesk.accounts.models import User
from tests.articles.editing.test_links import searched
from tests.factories import make_article, make_entity, make_event, make_revision, name_in
from tests.workers import Worker, test_environment, wait_until

pytestmark = pytest.mark.django_db
SECONDS = 600.0  # more than any machine needs


@pytest.fixture(autouse=True)
def _now(settings: LazySettings) -> None:
    """A change of names is seen at once, and nothing waits for it."""
    settings.LEXICON_CHECK_SECONDS = -1.0
    settings.NER_MODEL = ""


@pytest.fixture
def shipping(db: None) -> Entity:
    return make_entity("Orne Shipping")


@pytest.fixture
def article(shipping: Entity) -> Article:
    """Read, placed, and linked before the entity was known."""
    made = make_article()
    make_event("Harbour of Halvard closed", [made])
    return made


def due() -> set[int]:
    """Articles that wait to be linked anew."""
    return set(Job.objects.filter(kind="link", state="waiting").values_list("subject_id", flat=True))


def the_job() -> Job:
    return Job.objects.get(kind="link")


def linked(article: Article) -> set[int]:
    return set(ArticleEntity.objects.filter(article=article).values_list("entity_id", flat=True))


def test_it_writes_all_that_is_counted_and_leaves_the_event_alone(article: Article, shipping: Entity) -> None:
    before = Membership.objects.get()
    assert relink_later([article.pk, article.pk]) == 1
    assert pipeline.link_again(SECONDS) == 1
    assert linked(article) == {shipping.pk}
    assert searched(article) == [shipping.pk]
    assert EntityDay.objects.get(entity=shipping).n == 1
    after = Membership.objects.get()
    assert (after.event_id, after.placed_at) == (before.event_id, before.placed_at)
    assert not Job.objects.filter(kind="place").exists()
    assert (the_job().state, the_job().message) == ("done", "")
    article.refresh_from_db()
    assert article.stage == "done"


def test_a_mention_that_stays_keeps_its_number_and_nothing_is_counted_twice(
    article: Article, shipping: Entity
) -> None:
    relink_article(article.pk)
    before = list(Mention.objects.order_by("pk").values())
    rows = list(ArticleEntity.objects.order_by("pk").values_list("pk", flat=True))
    relink_later([article.pk])
    pipeline.link_again(SECONDS)
    assert list(Mention.objects.order_by("pk").values()) == before
    assert list(ArticleEntity.objects.order_by("pk").values_list("pk", flat=True)) == rows
    assert EntityDay.objects.get(entity=shipping).n == 1


def test_a_mention_that_changes_is_written_anew_and_the_others_stay(
    article: Article, shipping: Entity
) -> None:
    relink_article(article.pk)
    first, second = Mention.objects.filter(entity=shipping, field="text").order_by("start")
    Mention.objects.filter(pk=second.pk).update(score=0.1)
    relink_article(article.pk)
    kept, renewed = Mention.objects.filter(entity=shipping, field="text").order_by("start")
    assert kept.pk == first.pk
    assert renewed.pk != second.pk
    assert renewed.score == pytest.approx(second.score)


def test_linking_asks_the_database_as_often_for_many_names_as_for_few(shipping: Entity) -> None:
    few = make_article("Few", "Orne Shipping said so.")
    for number in range(12):
        make_entity(f"Tessin Line {number} Holding")
    many = make_article(
        "Many",
        "Orne Shipping said so. " + " ".join(f"Tessin Line {n} Holding agreed with it." for n in range(12)),
    )
    relink_article(few.pk)  # the lexicon is compiled
    Mention.objects.all().delete()
    ArticleEntity.objects.all().delete()

    def asked(article: Article) -> int:
        with CaptureQueriesContext(connection) as queries:
            relink_article(article.pk)
        return len(queries)

    assert asked(many) == asked(few) <= 24
    assert ArticleEntity.objects.filter(article=many).count() == 13


def test_a_job_that_somebody_else_has_claimed_since_writes_nothing(article: Article) -> None:
    relink_later([article.pk])
    token, jobs = claim_links(10, 90)
    relink_later([article.pk])  # names have changed once more
    assert relink_claimed(token, jobs, lambda: False) == 1
    assert not Mention.objects.exists()
    assert the_job().state == "waiting"
    assert pipeline.link_again(SECONDS) == 1
    assert Mention.objects.exists()


def test_what_is_not_done_in_time_goes_back_uncounted(article: Article) -> None:
    relink_later([article.pk])
    assert pipeline.link_again(0.0) == 0
    job = the_job()
    assert (job.state, job.attempts, job.lease_token) == ("waiting", 0, None)


def test_an_article_that_kills_its_worker_three_times_is_set_aside(
    article: Article, admin: User, client: Client
) -> None:
    relink_later([article.pk])
    for _ in range(3):
        token, jobs = claim_links(10, 90)
        assert jobs
        Job.objects.filter(lease_token=token).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claim_links(10, 90)[1] == []
    assert the_job().state == "quarantined"
    assert the_job().message.startswith("Three workers died while they linked its names anew")
    article.refresh_from_db()
    assert article.stage == "done", "its readers have it all the same"
    client.force_login(admin)
    page = client.get("/jobs/").content.decode()
    assert "Link names anew" in page
    assert article.title in page
    retry_job("ada", the_job().pk)
    assert pipeline.link_again(SECONDS) == 1
    assert the_job().state == "done"


def test_an_article_over_which_linking_trips_is_tried_again_and_stops_no_other(
    article: Article, shipping: Entity, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_article("Quay opens", "Orne Shipping opened a quay.")
    real = write_mentions

    def trip(which: Article, *rest: object) -> None:
        if which.pk == article.pk:
            raise ValueError("an odd text")
        real(which, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(relinking, "write_mentions", trip)
    relink_later([article.pk, other.pk])
    assert pipeline.link_again(SECONDS) == 2
    assert linked(other) == {shipping.pk}
    for tries in (1, 2):
        job = Job.objects.get(subject_id=article.pk, kind="link")
        assert (job.state, job.tries) == ("waiting", tries)
        assert "an odd text" in job.message
        Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        pipeline.link_again(SECONDS)
    assert Job.objects.get(subject_id=article.pk, kind="link").state == "failed"
    article.refresh_from_db()
    assert article.stage == "done"


def test_a_job_can_be_dropped_and_says_nothing_of_the_article(article: Article) -> None:
    relink_later([article.pk])
    drop_job("ada", the_job().pk)
    article.refresh_from_db()
    assert (the_job().state, article.stage, article.message) == ("dropped", "done", "")


def test_an_article_that_is_gone_or_still_to_be_read_is_no_work(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(stage="new")
    relink_later([article.pk, 999_999])
    assert pipeline.link_again(SECONDS) == 2
    assert set(Job.objects.values_list("state", "message")) == {
        ("done", relinking.IS_READ_ANYWAY),
        ("done", relinking.IS_GONE),
    }
    assert not Mention.objects.exists()


def test_new_articles_go_before(article: Article, settings: LazySettings) -> None:
    settings.RELINK_BATCH = 1
    other = make_article("Quay opens", "Orne Shipping opened a quay.")
    relink_later([article.pk, other.pk])
    add_jobs(Job.Kind.READ, [(999_999, "", 0, None)])
    assert [name for name in due_wakeups(10) if name in {"read", "link"}] == ["read", "link"]
    assert pipeline.link_again(SECONDS) == 1, "one portion"
    claim_jobs(Job.Kind.READ, 1, 90)
    assert pipeline.link_again(SECONDS) == 1
    assert "link" not in due_wakeups(10)


# --- which articles ------------------------------------------------------------------------------------------


def test_articles_are_found_by_their_mentions_of_whatever_sort(article: Article, shipping: Entity) -> None:
    relink_article(article.pk)
    unsure = make_article("Storm", "The board met. Halden Lines agreed.")
    name_in(unsure, "Halden Lines", None)
    make_article("Snow", "Nobody is named here.")
    assert relink_names(["Halden Lines"]) == 1
    assert due() == {unsure.pk}
    assert relink_names([], entity_ids=[shipping.pk]) == 1
    assert due() == {unsure.pk, article.pk}


def test_a_mention_of_an_older_text_counts_no_more(article: Article) -> None:
    name_in(article, "Halvard", None)
    make_revision(article, article.title, "Another text.")
    assert relink_names(["Halvard"], is_new=False) == 0


def test_a_name_that_was_unknown_is_looked_for_in_the_texts(article: Article, shipping: Entity) -> None:
    make_article("Small print", "The fishermen at tessin bank met on Tuesday.")  # in lower case: other words
    other = make_article("Bank opens", "On Tuesday the lender Tessin Bank opened a branch.")
    bank = make_entity("Halvard Savings", aliases=["Tessin Bank"])
    assert relink_names(["Tessin Bank"], is_new=False) == 0
    names_changed()
    assert relink_names(["Tessin Bank"]) == 0  # whoever changed the name does not wait for the search
    assert search_new_names(timezone.now()) == (1, False)
    assert due() == {other.pk}
    pipeline.link_again(SECONDS)
    assert linked(other) == {bank.pk}


def test_the_newest_so_many_are_linked_anew(shipping: Entity, settings: LazySettings) -> None:
    settings.RELINK_MOST = 2
    now = timezone.now()
    made = [make_article(f"Day {n}", published_at=now - timedelta(days=n)) for n in range(4)]
    for one in made:
        relink_article(one.pk)
    assert relink_names(["Orne Shipping"]) == 2
    assert due() == {made[0].pk, made[1].pk}


def test_whoever_is_just_linking_by_the_old_names_does_it_once_more(article: Article) -> None:
    add_jobs(Job.Kind.READ, [(article.pk, "", 0, None)])
    assert relink_names(["Nobody Here"]) == 0
    claim_jobs(Job.Kind.READ, 1, 90)
    assert relink_names(["Nobody Here"]) == 1
    assert due() == {article.pk}


def test_a_name_that_is_switched_off_goes_from_the_articles(article: Article, shipping: Entity) -> None:
    relink_article(article.pk)
    Alias.objects.filter(entity=shipping).update(off_at=timezone.now(), off_by="ed")
    names_changed()
    relink_names(["Orne Shipping"], entity_ids=[shipping.pk])
    pipeline.link_again(SECONDS)
    assert linked(article) == set()
    assert searched(article) == []


def test_a_few_are_done_at_once_with_their_jobs(article: Article, shipping: Entity) -> None:
    relink_later([article.pk])
    assert relink_now([article.pk, 999_999]) == 1
    assert linked(article) == {shipping.pk}
    assert the_job().state == "done"


# --- other acts on articles ----------------------------------------------------------------------------------


def test_a_merged_article_leaves_no_job_and_takes_the_rules_that_were_made_at_it(
    article: Article, shipping: Entity
) -> None:
    other = make_article("Quay opens", "Orne Shipping opened a quay.")
    relink_article(other.pk)
    rule = LinkRule.objects.create(surface="OS", entity=shipping, article=other, by="ed", why="so it is")
    relink_later([other.pk])
    assert EntityDay.objects.get(entity=shipping).n == 1
    _merge(article, other, MACHINE, "the page of one calls it so")
    assert not Job.objects.exists()
    rule.refresh_from_db()
    assert rule.article_id == article.pk


def test_what_a_rule_says_keeps_no_old_article_from_being_dropped(article: Article, shipping: Entity) -> None:
    rule = LinkRule.objects.create(surface="OS", entity=shipping, by="ed", why="so it is")
    name_in(article, "Orne Shipping", shipping, decided_by="ed", rule=rule)
    assert untouched(Article.objects.all(), timezone.now()).count() == 1
    name_in(article, "Halvard", shipping, decided_by="ed")
    assert untouched(Article.objects.all(), timezone.now()).count() == 0


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    made = Worker(tmp_path / "text.log", test_environment(), queues="text", concurrency=1)
    yield made
    made.kill()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_links_them_anew(worker: Worker) -> None:
    shipping = make_entity("Orne Shipping")
    made = [make_article(f"Day {n}") for n in range(3)]
    relink_later([one.pk for one in made])
    link_again.apply_async()
    wait_until(
        lambda: Job.objects.filter(kind="link", state="done").count() == 3, f"all are linked; {worker.log}"
    )
    assert [linked(one) for one in made] == [{shipping.pk}] * 3
