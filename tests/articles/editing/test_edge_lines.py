"""Admins switch lines and rules of one publisher, add lines of their own, and take each decision back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from articles.editing.edge_lines import MOST_BY_HAND, add_line, switch_line, switch_rule, undo_line_change
from articles.errors import RefusedError
from articles.ingest.clean import line_key
from articles.ingest.decided import EDGE_LINES
from articles.ingest.edge_lines import learn_lines, lines_on
from articles.ingest.publisher_rules import is_read_otherwise, reading_rules
from articles.models import EdgeLine, PageRules
from entities.history import history_of
from tests.edges_world import CALL, make_pages
from tests.factories import NOON, make_publisher

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=3)


def _row(line: str = CALL) -> dict[str, Any]:
    return dict(EdgeLine.objects.filter(key=line_key(line)).values("is_on", "decided_by").get())


def test_a_learnt_line_is_left_in_and_that_can_be_taken_back() -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL)
    learn_lines([post.pk], LATER)
    line = EdgeLine.objects.get()
    change = switch_line("ada", post.pk, line.pk, is_on=False)
    assert _row() == {"is_on": False, "decided_by": "ada"}
    assert reading_rules([post.pk])[post.pk].repeated_lines == frozenset()
    learn_lines([post.pk], LATER)
    assert _row()["is_on"] is False
    assert undo_line_change("bo", change.pk) == post.pk
    assert _row() == {"is_on": True, "decided_by": ""}
    assert is_read_otherwise(post.pk, change.at), "what reads otherwise since then does so by our doing"
    with pytest.raises(RefusedError, match="taken back already"):
        undo_line_change("bo", change.pk)
    assert [row.act for row in history_of(EDGE_LINES, post.pk)] == ["undone", "line switched off"]


def test_a_decision_that_another_followed_is_not_taken_back() -> None:
    post = make_publisher("Post")
    first = add_line("ada", post.pk, CALL)
    switch_line("bo", post.pk, EdgeLine.objects.get().pk, is_on=False)
    with pytest.raises(RefusedError, match="decided otherwise since"):
        undo_line_change("ada", first.pk)
    assert _row() == {"is_on": False, "decided_by": "bo"}


def test_an_old_decision_about_a_line_leaves_a_later_word_that_says_the_same() -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL)
    learn_lines([post.pk], LATER)
    line = EdgeLine.objects.get()
    first, second, third = (
        switch_line(who, post.pk, line.pk, is_on=is_on)
        for who, is_on in (("ada", False), ("bo", True), ("cy", False))
    )
    with pytest.raises(RefusedError, match=r"^cy decided otherwise since: take that back first"):
        undo_line_change("dan", first.pk)
    assert _row() == {"is_on": False, "decided_by": "cy"}
    for change in (third, second, first):
        undo_line_change("dan", change.pk)
    assert _row() == {"is_on": True, "decided_by": ""}


def test_an_old_decision_about_a_rule_leaves_a_later_word_that_says_the_same() -> None:
    post = make_publisher("Post")
    first, second, third = (
        switch_rule(who, post.pk, "share", is_on=is_on)
        for who, is_on in (("ada", False), ("bo", True), ("cy", False))
    )
    other = switch_rule("bo", post.pk, "follow", is_on=False)
    with pytest.raises(RefusedError, match=r"^cy decided otherwise since: take that back first"):
        undo_line_change("dan", first.pk)
    assert PageRules.objects.get().rules_off == ["follow", "share"]
    for change in (third, second, first):
        undo_line_change("dan", change.pk)
    assert PageRules.objects.get().rules_off == ["follow"]
    undo_line_change("dan", other.pk)
    assert PageRules.objects.get().rules_off == []


def test_a_line_of_ones_own_is_taken_off_before_it_is_ever_seen() -> None:
    post = make_publisher("Post")
    change = add_line("ada", post.pk, f"  {CALL.upper()} \n ")
    assert lines_on([post.pk])[post.pk] == {line_key(CALL)}
    assert EdgeLine.objects.get().line == CALL.upper()
    learn_lines([post.pk], LATER)
    assert _row() == {"is_on": True, "decided_by": "ada"}
    undo_line_change("ada", change.pk)
    assert not EdgeLine.objects.exists()


def test_adding_a_line_that_is_known_switches_it_on() -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL)
    learn_lines([post.pk], LATER)
    switch_line("ada", post.pk, EdgeLine.objects.get().pk, is_on=False)
    assert add_line("bo", post.pk, CALL).act == "line switched on"
    assert _row() == {"is_on": True, "decided_by": "bo"}
    with pytest.raises(RefusedError, match="on already"):
        add_line("bo", post.pk, CALL)


def test_keeping_what_the_machine_does_is_a_decision_too() -> None:
    post = make_publisher("Post")
    make_pages(post, 3, CALL)
    learn_lines([post.pk], LATER)
    switch_line("ada", post.pk, EdgeLine.objects.get().pk, is_on=True)
    assert _row() == {"is_on": True, "decided_by": "ada"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "at least two letters"),
        (" *** ", "at least two letters"),
        ("7.", "at least two"),
        ("x" * 301, "301 characters"),
    ],
)
def test_it_refuses_what_is_no_line(line: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        add_line("ada", make_publisher().pk, line)


def test_it_refuses_what_is_gone_and_what_is_too_much() -> None:
    post, wire = make_publisher("Post"), make_publisher("Wire")
    add_line("ada", wire.pk, CALL)
    for act in (
        lambda: add_line("ada", 999_999, CALL),
        lambda: switch_line("ada", post.pk, EdgeLine.objects.get().pk, is_on=False),
        lambda: switch_rule("ada", 999_999, "share", is_on=False),
        lambda: switch_rule("ada", post.pk, "no-such-rule", is_on=False),
        lambda: undo_line_change("ada", 999_999),
    ):
        with pytest.raises(RefusedError):
            act()
    EdgeLine.objects.bulk_create(
        EdgeLine(publisher=post, key=f"line {n}", line=f"Line {n}", decided_by="ada", last_seen_at=NOON)
        for n in range(MOST_BY_HAND)
    )
    with pytest.raises(RefusedError, match="a rule for its pages does more"):
        add_line("ada", post.pk, "One more")


def test_a_rule_is_left_out_for_one_publisher_and_used_again() -> None:
    post, wire = make_publisher("Post"), make_publisher("Wire")
    first = switch_rule("ada", post.pk, "share", is_on=False)
    second_at = PageRules.objects.get().changed_at
    switch_rule("ada", post.pk, "follow", is_on=False)
    assert reading_rules([post.pk])[post.pk].rules_off == {"share", "follow"}
    assert is_read_otherwise(post.pk, second_at)
    assert reading_rules([wire.pk])[wire.pk].rules_off == frozenset()
    with pytest.raises(RefusedError, match="off already"):
        switch_rule("bo", post.pk, "share", is_on=False)
    assert undo_line_change("bo", first.pk) == post.pk
    assert reading_rules([post.pk])[post.pk].rules_off == {"follow"}
    switch_rule("bo", post.pk, "follow", is_on=True)
    assert reading_rules([post.pk])[post.pk].rules_off == frozenset()
    acts = [row.act for row in history_of(EDGE_LINES, post.pk)]
    assert acts == ["rule switched on", "undone", "rule switched off", "rule switched off"]


def test_switching_a_rule_leaves_the_selectors_and_their_lock() -> None:
    post = make_publisher("Post")
    PageRules.objects.create(publisher=post, keep=".story", version=4, changed_by="ada")
    switch_rule("bo", post.pk, "share", is_on=False)
    row = PageRules.objects.get()
    assert (row.keep, row.version, row.rules_off) == (".story", 4, ["share"])


def test_who_switched_a_rule_is_named_with_the_time_of_it() -> None:
    post = make_publisher("Post")
    PageRules.objects.create(publisher=post, keep=".story", version=4, changed_by="ada")
    before = PageRules.objects.get().changed_at
    change = switch_rule("bo", post.pk, "share", is_on=False)
    row = PageRules.objects.get()
    assert row.changed_by == "bo"
    assert row.changed_at > before
    undo_line_change("cy", change.pk)
    assert PageRules.objects.get().changed_by == "cy"
