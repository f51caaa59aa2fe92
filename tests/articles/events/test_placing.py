"""Placing in PostgreSQL: the same as in memory, once, in order, by any process, obeying people."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.events import database, stories
from articles.events.embedding import embedding_model
from articles.events.memory import MemoryStore
from articles.events.placement import place
from articles.events.placing import place_articles
from articles.events.vectors import DIMENSIONS
from articles.models import (
    Article,
    ArticleCopy,
    ArticleEmbedding,
    Constraint,
    Event,
    EventVector,
    Membership,
    PlacedTerms,
    TermCount,
)
from tests.articles.events.told import (
    BRIDGE_AGAIN,
    ELECTION_AGAIN,
    STREAM,
    VACCINE_AGAIN,
    Told,
    revise,
    store_article,
)

WINDOW = timedelta(days=14)


@pytest.fixture(autouse=True)
def _new_process(db: None) -> None:
    database._held.clear()


def _stream() -> list[Article]:
    return [store_article(told) for told in STREAM]


def _events() -> dict[int, int]:
    return dict(Membership.objects.values_list("article_id", "event_id"))


def test_it_gathers_each_story_into_one_event_within_the_window() -> None:
    articles = _stream()
    place_articles(article.pk for article in articles)
    events = _events()
    by_story: dict[str, list[int]] = {}
    for told, article in zip(STREAM, articles, strict=True):
        by_story.setdefault(told.story, []).append(events[article.pk])
    assert len(set(by_story["vaccine"])) == 1
    assert len(set(by_story["election"])) == 1
    assert len(set(by_story["bridge"][:-1])) == 1
    assert by_story["bridge"][-1] != by_story["bridge"][0]
    assert Event.objects.count() == 4


def _embed(article: Article, *towards: int) -> None:
    """Have a language model of our own say that the article reads like others that point there."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[list(towards)] = 1 / np.sqrt(len(towards))
    ArticleEmbedding.objects.create(
        article=article,
        revision_id=article.revision_id or 0,
        model=embedding_model(),
        vector=vector,
        title_vector=vector,
    )


def test_both_stores_decide_alike_with_the_same_scores_reasons_and_vectors() -> None:
    articles = _stream()
    for number, article in enumerate(articles[:-1]):
        _embed(article, len(STREAM[number].story), number % 2)
    place_articles(article.pk for article in articles)
    told = stories.load_stories([article.pk for article in articles])
    assert sum(story.embedding is not None for story in told) == len(told) - 1
    memory = MemoryStore(WINDOW)
    numbers: dict[int, int] = {}
    for story in told:
        event_id, placement = place(story, memory, WINDOW)
        row = Membership.objects.get(article_id=story.key)
        assert numbers.setdefault(event_id, row.event_id) == row.event_id
        assert row.score == placement.score
        assert row.runner_up_score == placement.runner_up_score
        assert row.parts == placement.parts
        assert row.threshold == placement.threshold
        assert row.unsure == placement.unsure
        assert row.why == stories.reasons_as_rows(placement.why)
    assert len(numbers) == Event.objects.count()
    assert any("dense" in row.parts for row in Membership.objects.all())
    for event_id, number in numbers.items():
        held = memory.live("en").index.get(event_id)
        vector = EventVector.objects.get(event_id=number)
        assert held is not None
        assert bytes(vector.data) == held.packed()
        assert (vector.size, vector.first_at, vector.last_at) == (held.size, held.first_at, held.last_at)
        for row, sums in ((vector.dense, held.dense), (vector.dense_title, held.dense_title)):
            assert (row is None) == (sums is None)
            assert row is None or (np.array(row, np.float32) == sums).all()


def test_it_decides_alike_when_every_placement_is_made_by_a_new_process() -> None:
    articles = _stream()
    for number, article in enumerate(articles):
        _embed(article, len(STREAM[number].story), number % 2)
    for article in articles:
        database._held.clear()
        place_articles([article.pk])
    one_by_one = {
        row.article_id: (row.event_id, row.score, row.why)
        for row in Membership.objects.order_by("article_id")
    }
    first = min(event for event, _, _ in one_by_one.values())
    Event.objects.all().delete()
    database.forget_shard("en")
    for model in (TermCount, PlacedTerms, ArticleCopy):
        model.objects.all().delete()
    connection.cursor().execute("DELETE FROM articles_placingshard")
    connection.cursor().execute("DELETE FROM articles_articlesketch")
    place_articles(article.pk for article in articles)
    again = {row.article_id: row for row in Membership.objects.order_by("article_id")}
    shift = min(row.event_id for row in again.values()) - first
    assert {key: (row.event_id - shift, row.score, row.why) for key, row in again.items()} == one_by_one


def test_it_sees_what_another_process_wrote() -> None:
    articles = _stream()
    place_articles([articles[0].pk])
    mine = dict(database._held)
    database._held.clear()
    place_articles([articles[1].pk, articles[4].pk])
    database._held.clear()
    database._held.update(mine)
    place_articles([articles[5].pk, articles[6].pk])
    events = _events()
    assert events[articles[5].pk] == events[articles[1].pk]
    assert events[articles[6].pk] == events[articles[4].pk]


def test_it_decides_alike_after_the_terms_were_moved_into_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = _stream()
    place_articles(article.pk for article in articles)
    plain = list(Membership.objects.order_by("article_id").values_list("score", flat=True))
    connection.cursor().execute("DELETE FROM articles_articlesketch")
    for model in (Event, TermCount, PlacedTerms, ArticleCopy):
        model.objects.all().delete()
    connection.cursor().execute("DELETE FROM articles_placingshard")
    database._held.clear()
    monkeypatch.setattr(database, "FOLD_EVERY", 2)
    for article in articles:
        place_articles([article.pk])
        if article.pk % 3 == 0:
            database._held.clear()
    assert list(Membership.objects.order_by("article_id").values_list("score", flat=True)) == plain
    assert PlacedTerms.objects.count() < 2
    assert TermCount.objects.exists()


def test_placing_again_changes_nothing() -> None:
    articles = _stream()
    ids = [article.pk for article in articles]
    assert len(place_articles(ids)) == len(ids)
    before = list(Membership.objects.order_by("id").values())
    vectors = list(EventVector.objects.order_by("event_id").values())
    assert place_articles(ids) == []
    assert list(Membership.objects.order_by("id").values()) == before
    assert list(EventVector.objects.order_by("event_id").values()) == vectors


def test_it_places_in_the_order_of_the_stream_whatever_order_is_asked() -> None:
    articles = _stream()
    placed = place_articles(article.pk for article in reversed(articles))
    assert [one.article_id for one in placed] == [article.pk for article in articles]


def test_the_event_counts_articles_publishers_and_owners_and_takes_a_fitting_headline() -> None:
    articles = _stream()
    for article in (articles[0], articles[3]):
        article.publisher.owner = "Coast Group"
        article.publisher.save(update_fields=["owner"])
    place_articles(article.pk for article in articles)
    event = Event.objects.get(memberships__article=articles[0])
    assert (event.article_count, event.publisher_count, event.owner_count) == (3, 3, 2)
    assert event.first_at == STREAM[0].published
    assert event.last_at == STREAM[3].published
    assert event.title in {STREAM[0].title, STREAM[2].title}


def test_a_copy_takes_its_origins_event_and_says_so() -> None:
    articles = _stream()
    place_articles(article.pk for article in articles)
    copy = articles[3]
    row = Membership.objects.get(article=copy)
    assert row.event_id == Membership.objects.get(article=articles[0]).event_id
    assert row.why[0]["code"] == "copy"
    assert STREAM[0].title in row.why[0]["words"]
    assert (copy.copy.kind, copy.copy.group.origin_id, copy.copy.group.article_count) == (
        "verbatim",
        articles[0].pk,
        2,
    )
    assert articles[7].copy.kind == "abridged"
    assert not ArticleCopy.objects.filter(article=articles[2]).exists()


def test_reasons_runner_up_and_rule_version_are_stored() -> None:
    articles = _stream()
    place_articles(article.pk for article in articles)
    row = Membership.objects.get(article=articles[6])
    assert row.rule_version
    assert {reason["code"] for reason in row.why} >= {"all", "names", "lead"}
    assert any("Quint" in reason["words"] for reason in row.why if reason["code"] == "names")
    assert row.score == pytest.approx(sum(reason["weight"] for reason in row.why), abs=0.001)


def test_the_runner_up_keeps_the_parts_of_its_own_score() -> None:
    place_articles(article.pk for article in _stream())
    rows = [row for row in Membership.objects.all() if any(part["code"] == "next_best" for part in row.why)]
    assert rows, "no article of the stream had a runner-up"
    for row in rows:
        (second,) = (part for part in row.why if part["code"] == "next_best")
        assert second["weight"] == pytest.approx(row.runner_up_score, abs=0.001)
        assert max(0.0, sum(second["detail"].values())) == pytest.approx(row.runner_up_score, abs=0.001)


def test_a_must_brings_an_article_where_likeness_would_not() -> None:
    articles = _stream()
    place_articles([articles[0].pk])
    Constraint.objects.create(kind="must", a=articles[0], b=articles[1], by="ed")
    place_articles([articles[1].pk])
    rows = Membership.objects.order_by("article_id")
    assert rows[0].event_id == rows[1].event_id
    assert rows[1].why[0]["code"] == "must"


def test_a_cannot_keeps_even_a_copy_out_and_a_withdrawn_one_does_not() -> None:
    articles = _stream()
    place_articles([articles[0].pk])
    word = Constraint.objects.create(kind="cannot", a=articles[0], b=articles[3], by="ed")
    place_articles([articles[3].pk])
    assert _events()[articles[3].pk] != _events()[articles[0].pk]
    Constraint.objects.filter(pk=word.pk).update(withdrawn_at=articles[0].published_at)
    Membership.objects.filter(article=articles[3]).delete()
    place_articles([articles[3].pk])
    assert _events()[articles[3].pk] == _events()[articles[0].pk]


def test_a_revised_article_is_placed_anew_and_its_empty_event_leads_on() -> None:
    stub = store_article(
        Told("bridge", "stub-news", 1, "Breaking: more soon", "More on this story as we get it.")
    )
    articles = _stream()
    place_articles([stub.pk, *(article.pk for article in articles[:3])])
    old = _events()[stub.pk]
    revise(
        stub,
        "Halvard Bridge closed to lorries as cables crack",
        BRIDGE_AGAIN.replace("today", "Tuesday morning"),
    )
    place_articles([stub.pk])
    new = _events()[stub.pk]
    assert new == _events()[articles[0].pk] != old
    assert Event.objects.get(pk=old).merged_into_id == new
    assert Event.objects.get(pk=old).article_count == 0
    assert EventVector.objects.get(event_id=old).size == 0
    assert EventVector.objects.get(event_id=new).size == 3


def test_a_revised_article_alone_in_its_event_keeps_it() -> None:
    article = store_article(STREAM[0])
    place_articles([article.pk])
    before = _events()[article.pk]
    revise(article, "Halvard Bridge closed", VACCINE_AGAIN)
    place_articles([article.pk])
    assert _events()[article.pk] == before
    assert Event.objects.count() == 1
    other = store_article(STREAM[1])
    place_articles([other.pk])
    assert _events()[other.pk] == before


def test_a_revised_article_stays_where_a_person_put_it() -> None:
    articles = _stream()[:5]
    place_articles(article.pk for article in articles)
    event_id = _events()[articles[0].pk]
    Membership.objects.filter(article=articles[0]).update(decided_by="ed")
    revise(articles[0], "Quint beats Ferrant", ELECTION_AGAIN)
    place_articles([articles[0].pk])
    assert _events()[articles[0].pk] == event_id


def test_articles_of_different_languages_never_meet() -> None:
    place_articles([store_article(STREAM[0]).pk, store_article(STREAM[2], language="de").pk])
    assert set(Event.objects.values_list("shard", flat=True)) == {"en", "de"}


def test_one_article_that_cannot_be_placed_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = _stream()[:3]
    original = database.PostgresStore.wishes

    def broken(self: database.PostgresStore, story: object) -> object:
        if getattr(story, "key", None) == articles[1].pk:
            raise ValueError("broken")
        return original(self, story)  # type: ignore[arg-type]  # the same story goes on

    monkeypatch.setattr(database.PostgresStore, "wishes", broken)
    placed = place_articles(article.pk for article in articles)
    assert [one.article_id for one in placed] == [articles[0].pk, articles[2].pk]
    articles[1].refresh_from_db()
    assert articles[1].stage == Article.Stage.FAILED
    assert _events()[articles[2].pk] == _events()[articles[0].pk]


def test_a_placement_takes_a_bounded_number_of_queries_whatever_the_number_of_events() -> None:
    articles = _stream()
    place_articles(article.pk for article in articles[:4])
    with CaptureQueriesContext(connection) as few:
        place_articles([articles[4].pk])
    place_articles(article.pk for article in articles[5:8])
    with CaptureQueriesContext(connection) as more:
        place_articles([articles[8].pk])
    assert len(more) <= len(few) + 1
    assert len(few) <= 19  # one of them asks for the digest of its event
