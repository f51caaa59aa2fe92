"""Texts are searched for names that people added, later and once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from articles.editing.entities import AliasDraft, add_alias
from articles.ingest.new_names import search_new_names
from articles.models import Article, Job
from tests.factories import make_article, make_entity

pytestmark = pytest.mark.django_db


def waiting() -> set[int]:
    return set(Job.objects.filter(kind="link").values_list("subject_id", flat=True))


@pytest.fixture
def article(db: None) -> Article:
    return make_article("A quay closes", "The quay of Tessinwerft closed on Monday.")


def test_an_article_that_nothing_read_as_a_name_is_linked_anew(article: Article) -> None:
    yard = make_entity("Orne Shipping")
    make_article("Another", "Nothing is said of it.")
    assert search_new_names(timezone.now()) == (0, False)
    add_alias(yard.pk, "ed", AliasDraft("Tessinwerft"))
    Job.objects.all().delete()
    assert search_new_names(timezone.now()) == (1, False)
    assert waiting() == {article.pk}
    assert search_new_names(timezone.now()) == (0, False)


def test_names_of_tables_are_not_searched_for(article: Article) -> None:
    search_new_names(timezone.now())
    make_entity("Tessinwerft")
    assert search_new_names(timezone.now()) == (0, False)
    assert waiting() == set()
