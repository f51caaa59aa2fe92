"""The status of an article under its optimistic lock, and one door that takes changes back."""

from __future__ import annotations

import pytest

from articles.editing.workflow import set_article_status, undo_change
from articles.errors import ConflictError, RefusedError
from articles.models import Article
from entities.history import history_of, record_change
from tests.factories import make_article

pytestmark = pytest.mark.django_db


def test_it_sets_a_status_and_takes_it_back() -> None:
    article = make_article()
    change = set_article_status(article.pk, "ed", "reviewed", article.version, "read twice")
    article.refresh_from_db()
    assert (article.status, article.version) == ("reviewed", 2)
    assert undo_change(change.pk, "ann").id == article.pk
    article.refresh_from_db()
    assert article.status == "unreviewed"
    assert [(row.act, row.by) for row in history_of("article", article.pk)] == [
        ("undo_set_article_status", "ann"),
        ("set_article_status", "ed"),
    ]


def test_it_refuses_a_status_chosen_on_an_old_page() -> None:
    article = make_article()
    set_article_status(article.pk, "ed", "reviewed", article.version)
    with pytest.raises(ConflictError):
        set_article_status(article.pk, "ann", "rejected", article.version)
    assert Article.objects.get(pk=article.pk).status == "reviewed"


@pytest.mark.parametrize("status", ["unreviewed", "nonsense", ""])
def test_it_refuses_an_unknown_status_and_the_one_it_has(status: str) -> None:
    article = make_article()
    with pytest.raises(RefusedError):
        set_article_status(article.pk, "ed", status, article.version)
    assert history_of("article", article.pk) == []


def test_it_takes_a_status_back_only_while_it_stands() -> None:
    article = make_article()
    change = set_article_status(article.pk, "ed", "in_review", 1)
    set_article_status(article.pk, "ed", "reviewed", 2)
    with pytest.raises(RefusedError, match="changed since"):
        undo_change(change.pk, "ed")


def test_it_takes_back_only_changes_of_articles_and_events() -> None:
    change = record_change("source", 1, "ada", "pause_source")
    for number in (change.pk, 999_999):
        with pytest.raises(RefusedError, match="no such change"):
            undo_change(number, "ed")
