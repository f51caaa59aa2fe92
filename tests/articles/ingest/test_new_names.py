"""Texts are searched for names that people added, later and once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from articles.editing.entities import AliasDraft, EntityDraft, add_alias, create_entity, edit_entity
from articles.ingest.new_names import NAMES_A_PORTION, search_new_names
from articles.ingest.relinking import seek_names
from articles.models import Article, Job
from articles.queries.entity_edit import names_sought
from tests.factories import make_article, make_entity

pytestmark = pytest.mark.django_db


def waiting() -> set[int]:
    return set(Job.objects.filter(kind="link").values_list("subject_id", flat=True))


@pytest.fixture
def article(db: None) -> Article:
    return make_article("A quay closes", "The quay of Tessinwerft closed on Monday.")


def test_an_article_that_nothing_read_as_a_name_is_found_behind_the_editors_back(article: Article) -> None:
    yard = make_entity("Orne Shipping")
    make_article("Another", "Nothing is said of it.")
    add_alias(yard.pk, "ed", AliasDraft("Tessinwerft"))
    assert waiting() == set()  # no text was searched while the editor waited
    assert Job.objects.get(kind="tidy").state == "waiting"
    assert names_sought(yard.pk) == ("Tessinwerft",)
    assert search_new_names(timezone.now()) == (1, False)
    assert waiting() == {article.pk}
    assert names_sought(yard.pk) == ()
    assert search_new_names(timezone.now()) == (0, False)


def test_a_new_entity_and_a_new_name_of_one_are_sought_and_an_edit_without_names_is_not(
    article: Article,
) -> None:
    change = create_entity("ed", EntityDraft("company", "Tessinwerft"))
    assert names_sought(change.subject_id) == ("Tessinwerft",)
    assert search_new_names(timezone.now()) == (1, False)
    Job.objects.all().delete()
    edit_entity(change.subject_id, "ed", EntityDraft("company", "Tessinwerft", description="A yard"))
    assert names_sought(change.subject_id) == ()
    edit_entity(change.subject_id, "ed", EntityDraft("company", "Tessin Yard"))
    assert names_sought(change.subject_id) == ("Tessin Yard",)


def test_names_are_searched_for_in_portions_and_each_once(article: Article) -> None:
    seek_names([f"Name {n}" for n in range(NAMES_A_PORTION)])
    seek_names(["Name 0", "Tessinwerft"])
    assert search_new_names(timezone.now()) == (0, True)
    assert search_new_names(timezone.now()) == (1, False)
    assert search_new_names(timezone.now()) == (0, False)


def test_names_of_tables_are_not_searched_for(article: Article) -> None:
    make_entity("Tessinwerft")
    assert search_new_names(timezone.now()) == (0, False)
    assert waiting() == set()
