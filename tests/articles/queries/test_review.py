"""The review queue's reads: what waits, in which order, page by page, and that they stay as cheap when much waits."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles.models import Mention
from articles.queries.review import PAGE, about_left, forget_left, questions_left, queue_page
from articles.queries.review_items import (
    FactItem,
    LinkItem,
    NameItem,
    PositionItem,
    review_item,
    why_gone,
)
from articles.queries.review_kinds import KINDS, Question, link_question, read_question
from articles.queries.review_pairs import PairItem
from entities.models import Entity, Judgement
from tests.factories import make_article, make_entity, make_revision
from tests.plans import plan_of
from tests.review_world import Waiting, alike, make_waiting, propose, unsure_of

pytestmark = pytest.mark.django_db
ASKED = [kind for kind in KINDS if kind != "placement"]  # their world has no event in doubt


@pytest.fixture
def waiting(db: None) -> Waiting:
    forget_left()
    return make_waiting()


def test_it_names_a_question_in_an_address_and_reads_it_again() -> None:
    for question in (
        link_question("Fudal: a-b.c", [9, 3, 9]),
        link_question("SIA", []),
        Question("name", 12),
    ):
        assert read_question(question.key) == question
    for bad in ("", "link", "link.1.", "name.x", "name.12.3", "link.a.B", "fact.-1", "same.1\n2", "name.٣"):
        assert read_question(bad) is None


def test_it_lists_one_of_each_kind_and_counts_them(waiting: Waiting) -> None:
    queue = queue_page("")
    assert [line.question.kind for line in queue.lines] == ASKED
    assert [(line.name, line.asks, line.figure) for line in queue.lines] == [
        ("Fudal", "Fudal Bank or Fudal University?", "2"),
        ("Intral Metals", "new?", "2"),
        ("Semi Works", "Semi Works International?", "0.80"),
        ("Fudal Bank", "Country?", ""),
        ("Zhao Wei", "chairman of Fudal Bank?", "1"),
    ]
    left = questions_left()
    assert dict(left.by_kind) == {**dict.fromkeys(ASKED, 1), "placement": 0}
    assert left.total == about_left() == 5
    for kind, line in zip(ASKED, queue.lines, strict=True):
        assert queue_page(kind).lines == (line,)


def test_names_with_other_candidates_and_former_texts_are_other_questions(waiting: Waiting) -> None:
    third = make_entity("Fudal Street", kind="place")
    other = make_article("Elsewhere", "In Fudal it rained.")
    unsure_of(other, "Fudal", waiting.school, third)
    lines = queue_page("link").lines
    assert [line.figure for line in lines] == ["2", "1"]
    assert lines[0].question.candidates != lines[1].question.candidates
    make_revision(other, "Elsewhere", "It rained.")
    assert len(queue_page("link").lines) == 1


def test_it_goes_page_by_page_without_loss(waiting: Waiting) -> None:
    for number in range(PAGE + 8):
        article = make_article(f"Story {number}", f"Somebody called Nam{number:03} spoke.")
        unsure_of(article, f"Nam{number:03}", waiting.bank, waiting.school)
        propose(f"New {number:03} Corp", article)
        alike(make_entity(f"Left {number}"), make_entity(f"Right {number}"), 0.5)
    for kind in ("link", "name", "same"):
        first = queue_page(kind)
        second = queue_page(kind, first.after)
        assert first.after
        assert not second.after
        keys = [line.key for line in (*first.lines, *second.lines)]
        assert len(keys) == len(set(keys)) == questions_left().by_kind[kind] == PAGE + 9
    for wrong in ("x", "nan~1", "~", "1", "1~y", "9" * 500):
        assert queue_page("name", wrong).lines is not None


def test_a_name_that_nobody_is_asked_about_is_neither_listed_nor_counted(waiting: Waiting) -> None:
    town = propose(
        "Kalundborg", make_article("Works", "The works of Kalundborg."), kind="place", askable=False
    )
    lines = queue_page("name").lines
    assert [line.name for line in lines] == ["Intral Metals"]
    assert [line.name for line in queue_page("").lines if line.question.kind == "name"] == ["Intral Metals"]
    forget_left()
    assert questions_left().by_kind["name"] == 1
    assert about_left() == 5
    # Whoever comes from its article can still decide about it.
    assert isinstance(review_item(Question("name", town.pk)), NameItem)
    type(town).objects.filter(pk=town.pk).update(askable=True)
    assert len(queue_page("name").lines) == questions_left().by_kind["name"] == 2


def test_a_link_shows_each_candidate_and_the_sentences(waiting: Waiting) -> None:
    item = review_item(queue_page("link").lines[0].question)
    assert isinstance(item, LinkItem)
    assert [meant.chip.name for meant in item.candidates] == ["Fudal Bank", "Fudal University"]
    assert [row.name for row in item.rows] == ["Name", "Words near"]
    assert item.passages.total == 2
    newest = item.passages.rows[0]
    assert newest.article_id == waiting.article.pk
    assert (newest.snippet.before, newest.snippet.name) == ("Traders in Halvard said that ", "Fudal")
    assert newest.snippet.after == " kept most of its gain."
    assert item.passages.rows[1].times == 2


def test_a_new_name_shows_how_articles_write_it_and_whom_it_resembles(waiting: Waiting) -> None:
    like = propose("Intral Metal", make_article("Again", "The Intral Metal works."))
    type(like).objects.filter(pk=waiting.proposal.pk).update(
        like=like, like_entity=waiting.bank, like_why="shares a word"
    )
    item = review_item(Question("name", waiting.proposal.pk))
    assert isinstance(item, NameItem)
    assert item.kinds == (("company", 2),)
    assert item.like is not None
    assert item.like.name == "Fudal Bank"
    assert [(one.name, one.articles) for one in item.akin] == [("Intral Metal", 1)]
    assert item.passages.total == 2


def test_names_that_begin_alike_stand_beside_each_other(waiting: Waiting) -> None:
    text = "Intral and Intral Metals of Halvard and Intralis grew."
    shorter, longer, other = (
        propose(name, make_article(name, text)) for name in ("Intral", "Intral Metals of Halvard", "Intralis")
    )
    type(other).objects.filter(pk=longer.pk).update(articles=5)

    def beside(pk: int) -> list[str]:
        item = review_item(Question("name", pk))
        assert isinstance(item, NameItem)
        return [one.name for one in item.akin]

    assert beside(waiting.proposal.pk) == ["Intral Metals of Halvard", "Intral"]
    assert beside(shorter.pk) == ["Intral Metals of Halvard", "Intral Metals"]
    assert beside(other.pk) == [], "a part of a word is no name"
    type(other).objects.filter(pk=longer.pk).update(state="rejected")
    assert beside(shorter.pk) == ["Intral Metals"]


def test_a_pair_says_what_agrees_and_what_differs(waiting: Waiting) -> None:
    item = review_item(Question("same", waiting.pair.pk))
    assert isinstance(item, PairItem)
    assert {row.name: row.verdict for row in item.rows} == {"Kind": "agrees", "Names": ""}
    waiting.pair.left.identifiers.create(scheme="lei", value="A", source="test", as_of="2026")
    waiting.pair.right.identifiers.create(scheme="lei", value="B", source="test", as_of="2026")
    again = review_item(Question("same", waiting.pair.pk))
    assert isinstance(again, PairItem)
    assert {row.name: row.verdict for row in again.rows}["LEI"] == "contradicts"


def test_a_judged_or_merged_pair_waits_no_longer(waiting: Waiting) -> None:
    pair = waiting.pair
    Judgement.objects.create(left=pair.left, right=pair.right, verdict="not_same", by="ed")
    assert review_item(Question("same", pair.pk)) is None
    assert not queue_page("same").lines
    Judgement.objects.update(withdrawn_at="2026-01-01T00:00Z")
    assert len(queue_page("same").lines) == 1
    type(pair.left).objects.filter(pk=pair.left_id).update(merged_into=pair.right_id)
    assert review_item(Question("same", pair.pk)) is None
    assert questions_left().by_kind["same"] == 0


def test_a_fact_has_both_values_and_a_settled_one_says_who_was_first(waiting: Waiting) -> None:
    question = Question("fact", waiting.conflict.pk)
    item = review_item(question)
    assert isinstance(item, FactItem)
    assert (item.ours, item.theirs) == ("Hong Kong (HK)", "China (CN)")
    assert item.entity.name == "Fudal Bank"
    type(waiting.conflict).objects.update(decision="ours", decided_by="Ursula")
    assert review_item(question) is None
    assert why_gone(question).startswith("Ursula decided it")


def test_a_position_shows_its_quote_and_what_contradicts_it(waiting: Waiting) -> None:
    other = make_entity("Old Head", kind="person")
    waiting.bank.people.create(person=other, title="Chairwoman", source="Register", as_of="2024")
    for title, until in (("Chairman", "2021-09"), ("Vice chairman", ""), ("Treasurer", "")):
        whose = Entity.objects.get(name="Zhao Wei") if until else other
        waiting.bank.people.create(person=whose, title=title, until=until, source="Register", as_of="2021-09")
    item = review_item(Question("position", waiting.position.pk))
    assert isinstance(item, PositionItem)
    assert item.is_whole
    assert item.quotes[0].words == "Zhao Wei, chairman of Fudal Bank"
    held = {(held.person, held.title): held.contradicts for held in item.held}
    assert held == {("Old Head", "Chairwoman"): True, ("Zhao Wei", "Chairman"): True}, (
        "a post by another word, or over"
    )


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_the_queue_costs_the_same_for_ten_and_for_a_hundred(waiting: Waiting, kind: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            queue_page(kind)
            for line in queue_page("").lines:
                review_item(line.question)
        return len(seen)

    before = cost()
    for number in range(40):
        article = make_article(f"Story {number}", f"Somebody called Nam{number:03} spoke of Fudal.")
        unsure_of(article, f"Nam{number:03}", waiting.bank, waiting.school)
        unsure_of(article, "Fudal", waiting.bank, waiting.school)
        propose(f"New {number:03} Corp", article)
    assert len(queue_page("").lines) > 5
    per_item = 5
    assert before <= 4 + 5 * per_item
    with CaptureQueriesContext(connection) as seen:
        queue_page(kind)
    assert len(seen) <= 2


def test_it_uses_the_indexes_made_for_it(waiting: Waiting) -> None:
    revision = waiting.article.revision
    assert revision is not None
    # Most names of a desk are linked: the few that are not are found without reading those.
    Mention.objects.bulk_create(
        Mention(
            revision=revision,
            entity=waiting.bank,
            field="text",
            start=number,
            end=number + 1,
            text=f"Name {number}",
            kind="company",
            status="linked",
            rule_version="test",
        )
        for number in range(1000, 3000)
    )
    with CaptureQueriesContext(connection) as seen:
        questions_left()
    plan = plan_of(seen[0]["sql"])
    for index in ("mention_ambiguous", "proposal_most", "conflict_open", "position_proposal_most"):
        assert index in plan
