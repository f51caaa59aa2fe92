"""Unknown names become entities, names of known ones or nothing for ever; each decision can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from articles.editing.entities import AliasDraft, EntityDraft, add_alias
from articles.editing.entity_undo import undo_entity_change
from articles.editing.proposals import accept_proposal, join_proposal, reject_proposal
from articles.errors import NamesakeError, RefusedError
from articles.ingest.link import relink_article
from articles.models import Article, Job, Mention, Proposal
from entities.models import Alias, Change, Entity
from tests.factories import make_article, make_entity

pytestmark = pytest.mark.django_db

TEXT = "Orne Widgets Ltd. closed its plant in Halvard on Tuesday. The plant of Orne Widgets is old."


@pytest.fixture
def articles(db: None) -> list[Article]:
    made = [make_article(f"A plant closes {n}", TEXT) for n in range(2)]
    for article in made:
        relink_article(article.pk)
    Job.objects.all().delete()
    return made


@pytest.fixture
def proposal(articles: list[Article]) -> Proposal:
    return Proposal.objects.get(key="orne widgets")


def statuses(article: Article) -> list[str]:
    rows = Mention.objects.filter(revision=article.revision_id, text__startswith="Orne").order_by("start")
    return list(rows.values_list("status", flat=True))


def relinked() -> list[int]:
    return sorted(Job.objects.filter(kind="link").values_list("subject_id", flat=True))


def test_articles_propose_what_nobody_knows(proposal: Proposal, articles: list[Article]) -> None:
    assert (proposal.articles, proposal.kind, proposal.state) == (2, "company", "open")
    assert statuses(articles[0]) == ["proposed", "proposed"]
    assert set(Mention.objects.filter(status="proposed").values_list("proposal_id", flat=True)) == {
        proposal.pk
    }


def test_an_accepted_name_is_linked_in_every_article(proposal: Proposal, articles: list[Article]) -> None:
    change = accept_proposal(proposal.pk, "ed", why="read its register")
    entity = Entity.objects.get(pk=change.subject_id)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.entity_id, proposal.decided_by) == ("accepted", entity.pk, "ed")
    assert "Orne Widgets" in set(entity.aliases.values_list("text", flat=True))
    assert relinked() == [article.pk for article in articles]
    for article in articles:
        relink_article(article.pk)
        assert statuses(article) == ["linked", "linked"]
    assert Proposal.objects.get().articles == 0
    assert change.after["words"].endswith("an unknown name of 2 articles")


def test_no_text_is_searched_while_an_editor_waits(proposal: Proposal) -> None:
    with CaptureQueriesContext(connection) as caught:
        accept_proposal(proposal.pk, "ed")
    assert [row["sql"] for row in caught if "tsquery" in row["sql"]] == []


def test_a_draft_says_otherwise_than_the_articles(proposal: Proposal) -> None:
    draft = EntityDraft("organization", "Orne Widgets Association", aliases=(AliasDraft("Orne Widgets"),))
    entity = Entity.objects.get(pk=accept_proposal(proposal.pk, "ed", draft).subject_id)
    assert (entity.kind, entity.name) == ("organization", "Orne Widgets Association")
    assert entity.aliases.count() == 2


def test_accepting_is_taken_back_whole(proposal: Proposal, articles: list[Article]) -> None:
    change = accept_proposal(proposal.pk, "ed")
    for article in articles:
        relink_article(article.pk)
    Job.objects.all().delete()
    undo_entity_change(change.pk, "ed")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.entity_id, proposal.decided_by, proposal.decided_at) == (
        "open",
        None,
        "",
        None,
    )
    assert not Entity.objects.exists()
    assert relinked() == [article.pk for article in articles]
    for article in articles:
        relink_article(article.pk)
        assert statuses(article) == ["proposed", "proposed"]
    assert Proposal.objects.get().articles == 2


def test_accepting_before_anything_was_linked_anew_is_taken_back_too(
    proposal: Proposal, articles: list[Article]
) -> None:
    undo_entity_change(accept_proposal(proposal.pk, "ed").pk, "ed")
    for article in articles:
        relink_article(article.pk)
        assert statuses(article) == ["proposed", "proposed"]
    assert Proposal.objects.get().articles == 2


def test_a_name_of_a_known_entity_is_joined_to_it(proposal: Proposal, articles: list[Article]) -> None:
    known = make_entity("Halvard Group")
    change = join_proposal(proposal.pk, known.pk, "ed")
    assert set(known.aliases.values_list("text", flat=True)) == {
        "Halvard Group", "Orne Widgets Ltd.", "Orne Widgets",
    }  # fmt: skip
    relink_article(articles[0].pk)
    assert [row.entity_id for row in articles[0].entity_rows.all()] == [known.pk]
    undo_entity_change(change.pk, "ed")
    assert list(known.aliases.values_list("text", flat=True)) == ["Halvard Group"]
    known.refresh_from_db()
    assert not known.edited_by_human
    relink_article(articles[0].pk)
    assert statuses(articles[0]) == ["proposed", "proposed"]


def test_joining_switches_a_name_on_that_was_off(proposal: Proposal) -> None:
    known = make_entity("Halvard Group", aliases=[proposal.name])
    alias = known.aliases.get(text=proposal.name)
    alias.off_by = "eve"
    alias.off_at = proposal.first_at
    alias.save(update_fields=["off_by", "off_at"])
    change = join_proposal(proposal.pk, known.pk, "ed")
    assert known.aliases.get(text=proposal.name).off_at is None
    undo_entity_change(change.pk, "ed")
    assert known.aliases.get(text=proposal.name).off_at == proposal.first_at


def test_a_rejected_name_goes_at_once_and_stays_away(proposal: Proposal, articles: list[Article]) -> None:
    change = reject_proposal(proposal.pk, "ed", why="a product")
    assert not Mention.objects.filter(status="proposed").exists()
    relink_article(articles[0].pk)
    later = make_article("A third plant", TEXT)
    relink_article(later.pk)
    assert statuses(articles[0]) == statuses(later) == []
    undo_entity_change(change.pk, "eve")
    assert relinked() == sorted([*(article.pk for article in articles), later.pk])
    for article in (*articles, later):
        relink_article(article.pk)
        assert statuses(article) == ["proposed", "proposed"]
    assert Proposal.objects.get().articles == 3


def test_what_is_decided_is_not_decided_again(proposal: Proposal) -> None:
    change = accept_proposal(proposal.pk, "ed")
    known = Entity.objects.get(pk=change.subject_id)
    acts: list[Callable[[], Change]] = [
        lambda: accept_proposal(proposal.pk, "eve"),
        lambda: reject_proposal(proposal.pk, "eve"),
        lambda: join_proposal(proposal.pk, known.pk, "eve"),
    ]
    for act in acts:
        with pytest.raises(RefusedError, match=r"ed accepted “.*” as .* already"):
            act()
    undo_entity_change(change.pk, "ed")
    reject_proposal(proposal.pk, "ed")
    with pytest.raises(RefusedError, match=r"ed rejected “.*” already"):
        accept_proposal(proposal.pk, "eve")


def test_a_name_that_an_entity_has_is_not_accepted_by_mistake(proposal: Proposal) -> None:
    known = make_entity(proposal.name)
    with pytest.raises(NamesakeError):
        accept_proposal(proposal.pk, "ed")
    proposal.refresh_from_db()
    assert proposal.state == "open"
    assert not Change.objects.exists()
    accept_proposal(proposal.pk, "ed", EntityDraft("company", proposal.name, is_namesake=True))
    assert Entity.objects.exclude(pk=known.pk).get().name == proposal.name


def test_an_accepted_entity_that_was_edited_since_stays(proposal: Proposal) -> None:
    change = accept_proposal(proposal.pk, "ed")
    later = add_alias(change.subject_id, "eve", AliasDraft("Widgets of Halvard"))
    with pytest.raises(RefusedError, match="eve added the name “Widgets of Halvard” since"):
        undo_entity_change(change.pk, "ed")
    undo_entity_change(later.pk, "ed")
    undo_entity_change(change.pk, "ed")
    assert not Alias.objects.exists()


@contextmanager
def meanwhile(act: Any) -> Iterator[list[BaseException]]:
    """Another editor at the same moment, on another connection; what became of it."""
    failed: list[BaseException] = []
    started = Event()

    def run() -> None:
        started.set()
        try:
            act()
        except RefusedError as error:
            failed.append(error)
        finally:
            connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        yield failed
        thread.start()
        started.wait(240)
    thread.join(240)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_the_later_one_is_told() -> None:
    article = make_article("A plant closes", TEXT)
    with transaction.atomic():
        relink_article(article.pk)
    proposal = Proposal.objects.get(key="orne widgets")
    with meanwhile(lambda: reject_proposal(proposal.pk, "eve")) as failed:
        accept_proposal(proposal.pk, "ed")
    assert [str(error)[:11] for error in failed] == ["ed accepted"]
    assert Proposal.objects.get().state == "accepted"
    assert Change.objects.count() == 1
