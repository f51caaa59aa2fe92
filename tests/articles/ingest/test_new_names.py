"""Texts are searched for names that people added, later and once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.editing.entities import AliasDraft, EntityDraft, add_alias, create_entity, edit_entity
from articles.editing.proposals import accept_proposal, join_proposal
from articles.ingest.new_names import NAMES_A_PORTION, search_new_names
from articles.ingest.relinking import seek_names
from articles.models import Article, Job, Proposal, ProposalArticle, SoughtName
from articles.queries.entity_edit import names_sought
from tests.factories import make_article, make_entity, name_in

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


def test_a_name_that_is_asked_for_again_while_texts_are_searched_is_searched_for_again(
    article: Article,
) -> None:
    seek_names(["Tessinwerft"])
    stood: list[bool] = []

    def ask_again(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "strpos(r.text" in sql and not stood:
            stood.append(SoughtName.objects.exists())  # nothing is taken away, or locked, before it is found
            seek_names(["Tessinwerft"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(ask_again):
        assert search_new_names(timezone.now()) == (1, False)
    assert stood == [True]
    assert SoughtName.objects.get().text == "Tessinwerft"
    search_new_names(timezone.now())
    assert not SoughtName.objects.exists()


def test_names_are_sought_before_any_article_is_linked_anew(article: Article) -> None:
    yard, now = make_entity("Orne Shipping"), timezone.now()
    name_in(article, "quay", yard)
    one, other = (
        Proposal.objects.create(key=name, name=name, kind="company", first_at=now, last_at=now)
        for name in ("Halvard Line", "Skerry Line")
    )
    for proposal in (one, other):
        ProposalArticle.objects.create(
            proposal=proposal, article=article, name=proposal.name, kind="company", published_at=now
        )
    with CaptureQueriesContext(connection) as seen:
        edit_entity(yard.pk, "ed", EntityDraft("company", "Orne Yards"))
        accept_proposal(one.pk, "ed")
        join_proposal(other.pk, yard.pk, "ed")
    writes = [row["sql"] for row in seen if row["sql"].lstrip().startswith("INSERT")]
    order = "".join(
        "s" if '"articles_soughtname"' in sql else "l" if "articles_job" in sql and "'link'" in sql else ""
        for sql in writes
    )
    assert order.count("s") == 3
    assert re.fullmatch("(sl+){3}", order), order
