"""A feed says something else of its articles: what changed is told, what moves by itself is no change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.ingest.claim import claim_feeds
from articles.ingest.store import Stored, store_answer
from articles.models import Article, Feed, Revision
from articles.types import ParsedEntry
from tests.articles.ingest.rows import LONG, NOW, RULES, answer, entry, make_feed, parsed, visit

pytestmark = pytest.mark.django_db
TOLD = f"{LONG} At least 12 ships waited outside, the harbour master said."


def poll(*entries: ParsedEntry) -> Stored:
    """The one feed says this."""
    if not Feed.objects.exists():
        make_feed()
    Feed.objects.update(next_fetch_at=timezone.now() - timedelta(seconds=1))
    token, claimed = claim_feeds(1, 90)
    return store_answer(visit(claimed[0], token), answer(), parsed(*entries), RULES)


def test_a_number_that_a_feed_changes_is_told_with_its_time() -> None:
    poll(entry(1, text=TOLD))
    poll(entry(1, text=TOLD.replace("12 ships", "15 ships")))
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert (article.number_changed_at, article.headline_changed_at, article.corrected_at) == (NOW, None, NOW)
    assert "number" in {change["code"] for change in article.revision.changes}
    assert Revision.objects.get(number=1).changes == []


def test_a_headline_that_a_feed_changes_is_told_with_its_time() -> None:
    poll(entry(1, title="Quay opens"))
    poll(entry(1, title="Quay stays closed"))
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert (article.title, article.headline_changed_at, article.number_changed_at) == (
        "Quay stays closed",
        NOW,
        None,
    )
    assert [change["code"] for change in article.revision.changes] == ["headline"]


def test_a_counter_in_a_feeds_text_makes_no_revision() -> None:
    poll(entry(1, text=f"{TOLD}</p><p>12 comments"))
    stored = poll(entry(1, text=f"{TOLD}</p><p>13 comments"))
    assert (stored.changed, Revision.objects.count()) == ((), 1)
    assert Article.objects.get().corrected_at is None


def test_a_headline_that_the_page_changed_stands_until_the_feed_changes_its_own() -> None:
    poll(entry(1, title="Quay opens", text=TOLD))
    article = Article.objects.get()
    page = Revision.objects.create(
        article=article, number=2, title="Quay stays closed", text=TOLD, text_sha256="p", origin="page"
    )
    Article.objects.update(title="Quay stays closed", revision=page)
    poll(entry(1, title="Quay opens", text=f"{TOLD} More ships came."))
    article = Article.objects.select_related("revision").get()
    assert article.revision is not None
    assert (article.title, article.revision.number) == ("Quay stays closed", 3)
    poll(entry(1, title="Quay is sold", text=f"{TOLD} More ships came."))
    assert Article.objects.get().title == "Quay is sold"
