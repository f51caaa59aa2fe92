"""Rules that people made of their corrections hold in every text, but never against what a text says itself."""

from __future__ import annotations

from entities.linking import link_text
from entities.types import Decision, FoundMention, NameRule
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()
SIA = NameRule(7, "SIA", kb.SIA, "ed", why="on this desk")


def read(
    text: str, *rules: NameRule, title: str = "", decisions: tuple[Decision, ...] = ()
) -> list[FoundMention]:
    return list(link_text(title, text, LEXICON, language="en", rules=rules, decisions=decisions).mentions)


def who(mentions: list[FoundMention], words: str) -> set[int | None]:
    return {m.entity_id for m in mentions if m.text == words}


def test_a_rule_says_what_a_name_means_wherever_it_stands() -> None:
    mentions = read("The SIA welcomed it. SIA has members.", SIA, title="SIA speaks")
    ruled = [m for m in mentions if m.text == "SIA"]
    assert [(m.entity_id, m.status, m.decided_by, m.rule_id) for m in ruled] == [
        (kb.SIA, "linked", "ed", 7)
    ] * 3
    assert ruled[0].why[0].code == "rule"
    assert ruled[0].why[0].words == "a rule made by ed says so: on this desk"


def test_a_rule_may_say_that_a_name_is_nothing() -> None:
    assert who(read("Intel Corp. fell."), "Intel Corp.") == {kb.INTEL}
    assert who(read("Intel Corp. fell.", NameRule(1, "Intel Corp.", None, "ed")), "Intel Corp.") == set()


def test_a_rule_with_a_companion_holds_only_beside_it() -> None:
    rule = NameRule(1, "SIA", kb.SIA, "ed", beside=kb.INTEL)
    assert who(read("The SIA met.", rule), "SIA") == set()
    assert who(read("The SIA met. Intel Corp. is a member.", rule), "SIA") == {kb.SIA}


def test_the_companion_may_be_there_by_a_persons_word() -> None:
    rule = NameRule(1, "SIA", kb.SIA, "ed", beside=kb.INTEL)
    mentions = read("The SIA met at Chipzilla.", rule, decisions=(Decision("Chipzilla", kb.INTEL, "ana"),))
    assert who(mentions, "SIA") == {kb.SIA}


def test_a_text_that_defines_the_short_name_otherwise_stands_over_a_rule() -> None:
    text = "The Sunshine Inspection Agency (SIA) closed a mill. SIA inspectors came twice."
    assert all(m.rule_id is None for m in read(text, SIA))


def test_a_text_that_defines_it_just_so_agrees_with_the_rule() -> None:
    text = "The Semiconductor Industry Association (SIA) spoke. SIA members met."
    assert who(read(text, SIA), "SIA") == {kb.SIA}


def test_a_rule_says_nothing_of_longer_names() -> None:
    text = "SIA Engineering Ltd. repaired it, the SIA said."
    ruled = [m for m in read(text, SIA) if m.rule_id is not None]
    assert [(m.start, m.text) for m in ruled] == [(text.rindex("SIA"), "SIA")]


def test_a_decision_on_the_text_stands_over_a_rule() -> None:
    mentions = read("The SIA met.", SIA, decisions=(Decision("SIA", kb.CSIA, "ana"),))
    assert [(m.entity_id, m.decided_by, m.rule_id) for m in mentions if m.text == "SIA"] == [
        (kb.CSIA, "ana", None)
    ]
    assert who(read("The SIA met.", SIA, decisions=(Decision("SIA", None, "ana"),)), "SIA") == set()


def test_a_later_rule_may_build_on_an_earlier_one() -> None:
    second = NameRule(8, "the Group", kb.SMIC, "ed", beside=kb.SIA)
    assert who(read("The SIA met the Group.", SIA, second), "the Group") == {kb.SMIC}


def test_a_rule_holds_for_an_entity_that_is_newer_than_the_lexicon() -> None:
    mentions = read("The SIA met.", NameRule(9, "SIA", 999_999, "ed"))
    assert [(m.entity_id, m.kind) for m in mentions if m.text == "SIA"] == [(999_999, "other")]


def test_names_of_many_capitals_are_read_in_no_time() -> None:
    text = "A" * 5000 + " (SIA) " + "Aa " * 2000 + "(SIA)"
    assert read(text, SIA)
