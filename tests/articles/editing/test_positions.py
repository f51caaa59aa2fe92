"""Stated positions become dated positions with their source, or not; each decision can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from articles.editing.entity_undo import undo_entity_change
from articles.editing.positions import PositionDraft, accept_position, end_position, reject_position
from articles.errors import RefusedError
from articles.ingest.proposing import keep_positions
from articles.models import Article, Job, PositionEvidence, PositionProposal
from entities.models import Change, Entity, Position
from entities.types import FoundRole, LinkedText
from tests.factories import make_article, make_entity

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def quint(db: None) -> Entity:
    return make_entity("Mara Quint", kind="person")


@pytest.fixture
def widgets(db: None) -> Entity:
    return make_entity("Orne Widgets")


def state(
    title: str, person: Entity | str, firm: Entity | str, *, days: int = 0, former: bool = False
) -> PositionProposal:
    """An article says so; the proposal that came of it."""
    article = make_article(f"Says {title} {days}", published_at=MONDAY + timedelta(days=days))
    names = [one if isinstance(one, str) else one.name for one in (person, firm)]
    ids = [None if isinstance(one, str) else one.pk for one in (person, firm)]
    quote = f"{names[0]}, {title} of {names[1]}"
    role = FoundRole(names[0], title, names[1], 0, len(quote), quote, ids[0], ids[1], former)
    assert article.revision is not None
    keep_positions(article, article.revision, LinkedText((), (role,)))
    return PositionEvidence.objects.get(article=article).proposal


def test_an_accepted_position_is_dated_and_names_the_newest_article(quint: Entity, widgets: Entity) -> None:
    state("chairman", quint, widgets)
    proposal = state("chairman", quint, widgets, days=3)
    change = accept_position(proposal.pk, "ed", PositionDraft(since="2024-05"))
    position = Position.objects.get()
    newest = Article.objects.order_by("-published_at")[0]
    assert (position.title, position.kind, position.since, position.until, position.former) == (
        "chairman", "director", "2024-05", "", False,
    )  # fmt: skip
    assert (position.source, position.as_of) == (f"Tessin Times: {newest.url}", "2026-03-12")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.position_id, proposal.articles) == ("accepted", position.pk, 2)
    assert set(Change.objects.values_list("subject_id", "act")) == {
        (quint.pk, "accept_position"),
        (widgets.pk, "position_accepted"),
    }
    assert change.after["words"] == "noted it as chairman of Orne Widgets"
    assert Job.objects.filter(kind="link").count() == 2
    quint.refresh_from_db()
    assert quint.edited_by_human
    undo_entity_change(change.pk, "ed")
    quint.refresh_from_db()
    assert not quint.edited_by_human


def test_contradicting_positions_stand_side_by_side(quint: Entity, widgets: Entity) -> None:
    hale = make_entity("Joss Hale", kind="person")
    accept_position(state("chairman", quint, widgets).pk, "ed")
    accept_position(state("chairman", hale, widgets, days=1).pk, "ed")
    former = state("Chairman", quint, widgets, days=2, former=True)
    assert former.state == "open"
    accept_position(former.pk, "ed")
    assert set(Position.objects.values_list("person__name", "title", "former")) == {
        ("Mara Quint", "chairman", False),
        ("Joss Hale", "chairman", False),
        ("Mara Quint", "Chairman", True),
    }


def test_the_same_words_again_end_the_position_and_that_is_taken_back(quint: Entity, widgets: Entity) -> None:
    accept_position(state("chairman", quint, widgets).pk, "ed")
    before = Position.objects.values().get()
    change = accept_position(
        state("chairman", quint, widgets, days=9, former=True).pk, "ed", PositionDraft(until="2026-02")
    )
    position = Position.objects.get()
    assert (position.former, position.until, position.as_of) == (True, "2026-02", "2026-03-18")
    undo_entity_change(change.pk, "ed")
    assert Position.objects.values().get() == before


def test_who_is_unknown_must_be_named_first(quint: Entity, widgets: Entity) -> None:
    proposal = state("chairman", "Mara Quint", "Orne Widgets")
    with pytest.raises(RefusedError, match="who “Mara Quint” is"):
        accept_position(proposal.pk, "ed")
    with pytest.raises(RefusedError, match="what “Orne Widgets” is"):
        accept_position(proposal.pk, "ed", PositionDraft(person_id=quint.pk))
    with pytest.raises(RefusedError, match="Orne Widgets is no person"):
        accept_position(proposal.pk, "ed", PositionDraft(widgets.pk, quint.pk))
    accept_position(proposal.pk, "ed", PositionDraft(quint.pk, widgets.pk))
    assert Position.objects.get().person == quint


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (PositionDraft(since="May 2024"), "is no beginning"),
        (PositionDraft(until="2024-13"), "is no end"),
        (PositionDraft(since="2024-05", until="2023"), "before its beginning"),
        (PositionDraft(title="x" * 201), "201 characters"),
        (PositionDraft(kind="boss"), "no kind of position"),
    ],
)
def test_what_makes_no_sense_is_refused(
    draft: PositionDraft, words: str, quint: Entity, widgets: Entity
) -> None:
    proposal = state("chairman", quint, widgets)
    with pytest.raises(RefusedError, match=words):
        accept_position(proposal.pk, "ed", draft)
    assert not Position.objects.exists()


def test_accepting_is_taken_back_with_what_only_agreed(quint: Entity, widgets: Entity) -> None:
    change = accept_position(state("chief executive and president", quint, widgets).pk, "ed")
    agreed = state("CEO", quint, widgets, days=1)
    assert (agreed.state, agreed.decided_by) == ("accepted", "newsdesk")
    undo_entity_change(change.pk, "eve")
    assert not Position.objects.exists()
    assert set(PositionProposal.objects.values_list("state", "decided_by")) == {("open", "")}
    assert not PositionProposal.objects.exclude(position=None).exists()
    with pytest.raises(RefusedError, match="taken back already"):
        undo_entity_change(change.pk, "ed")


def test_a_rejected_position_stays_so_however_often_it_is_stated(quint: Entity, widgets: Entity) -> None:
    proposal = state("chairman", quint, widgets)
    change = reject_position(proposal.pk, "ed")
    again = state("chairman", quint, widgets, days=1)
    assert (again.pk, again.state, again.articles) == (proposal.pk, "rejected", 2)
    with pytest.raises(RefusedError, match="ed rejected this position already"):
        accept_position(proposal.pk, "eve")
    undo_entity_change(change.pk, "eve")
    again.refresh_from_db()
    assert (again.state, again.decided_by, again.articles) == ("open", "", 2)


def test_a_rejected_position_of_an_unknown_person_is_taken_back(db: None) -> None:
    proposal = state("chairman", "Mara Quint", "Orne Widgets")
    undo_entity_change(reject_position(proposal.pk, "ed").pk, "ed")
    assert PositionProposal.objects.get().state == "open"


def test_a_position_ends_and_that_is_taken_back_before_what_made_it(quint: Entity, widgets: Entity) -> None:
    accepted = accept_position(state("chairman", quint, widgets).pk, "ed", PositionDraft(since="2020"))
    position = Position.objects.get()
    with pytest.raises(RefusedError, match="in the future"):
        end_position(position.pk, "ed", "2999")
    with pytest.raises(RefusedError, match="before its beginning"):
        end_position(position.pk, "ed", "2019-12")
    ended = end_position(position.pk, "ed", "2026-01")
    position.refresh_from_db()
    assert (position.until, position.former) == ("2026-01", True)
    with pytest.raises(RefusedError, match="over already"):
        end_position(position.pk, "eve", "2026-02")
    with pytest.raises(RefusedError, match="ended its position as chairman"):
        undo_entity_change(accepted.pk, "ed")
    undo_entity_change(ended.pk, "ed")
    position.refresh_from_db()
    assert (position.until, position.former, position.as_of) == ("", False, "2026-03-09")
    undo_entity_change(accepted.pk, "ed")
    assert not Position.objects.exists()


def test_a_word_is_taken_back_from_either_page(quint: Entity, widgets: Entity) -> None:
    accept_position(state("chairman", quint, widgets).pk, "ed")
    companion = Change.objects.get(subject_id=widgets.pk)
    undo_entity_change(companion.pk, "ed")
    assert not Position.objects.exists()
    newest = Change.objects.filter(subject_id=widgets.pk).order_by("-id")[0]
    assert newest.after["words"] == "took back: noted Mara Quint as its chairman"
    with pytest.raises(RefusedError, match="cannot be taken back"):
        undo_entity_change(newest.pk, "ed")
