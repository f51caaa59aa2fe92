"""How much a text is about what it names: title, lead, share, subject; lines of pages and agencies count nothing."""

from __future__ import annotations

from entities.linking import link_text
from entities.types import Salient
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()
FILLER = "The weather was fine and nobody said a word about it for many hours. " * 12


def salient(text: str, title: str = "") -> dict[int, Salient]:
    return {s.entity_id: s for s in link_text(title, text, LEXICON, language="en").salience}


def codes(found: Salient) -> set[str]:
    return {part.code for part in found.why if part.weight > 0}


def test_a_name_in_the_title_and_in_the_text_is_what_it_is_about() -> None:
    found = salient("Intel Corp. will close a plant. " + FILLER, title="Intel to close a plant in Leeds")
    assert found[kb.INTEL].about
    assert codes(found[kb.INTEL]) >= {"title", "lead", "subject"}


def test_a_name_in_the_middle_of_a_long_text_is_only_mentioned() -> None:
    found = salient(f"Qualcomm Inc. rose. Qualcomm is big. {FILLER} It once bought from Huawei. {FILLER}")
    assert found[kb.QUALCOMM].salience > found[kb.HUAWEI].salience
    assert not found[kb.HUAWEI].about


def test_every_linked_entity_has_one_line_and_the_most_salient_comes_first() -> None:
    result = link_text("Intel falls", f"Intel Corp. fell. {FILLER} So did Huawei and Tencent.", LEXICON)
    linked = {m.entity_id for m in result.mentions if m.status == "linked"}
    assert result.salience[0].entity_id == kb.INTEL
    assert sorted(s.entity_id for s in result.salience) == sorted(i for i in linked if i is not None)
    values = [s.salience for s in result.salience]
    assert values == sorted(values, reverse=True)
    assert all(0 <= value <= 1 for value in values)


def test_a_text_that_names_many_is_about_none_of_them() -> None:
    names = "Huawei, Tencent, Toyota, Qualcomm, Intel Corp. and Tsinghua Unigroup"
    found = salient(f"{FILLER} Shares moved little. {names} were all traded as usual. {FILLER}")
    assert len(found) == 6
    assert not any(s.about for s in found.values())


def test_more_mentions_are_more_salient() -> None:
    once = salient(f"{FILLER} Intel fell. {FILLER}")
    often = salient(f"{FILLER} Intel fell. Then Intel rose. Intel Corp. was glad. {FILLER}")
    assert often[kb.INTEL].salience > once[kb.INTEL].salience


def test_who_tells_the_news_is_not_in_it() -> None:
    told = salient("Toyota will cut output, an official told Huawei. Huawei reported it first.")
    assert told[kb.TOYOTA].about
    assert not told[kb.HUAWEI].about
    assert told[kb.HUAWEI].salience == 0
    assert {part.code for part in told[kb.HUAWEI].why} == {"teller"}


def test_somebodys_employer_counts_less() -> None:
    body = f"Toyota will cut output. {FILLER}"
    aside = salient(body + "It is late, said Jane Roe, an analyst at Huawei.")
    plain = salient(body + "It is late, said a buyer who likes Huawei.")
    assert aside[kb.HUAWEI].salience < plain[kb.HUAWEI].salience


def test_lines_of_pages_and_agencies_count_nothing() -> None:
    body = f"Toyota will cut output. {FILLER}\n\n"
    for line in (
        "(Reporting by Jane Roe for Huawei)",
        "Source: Huawei",
        "Related Links:\nHuawei sells phones\nHuawei buys chips",
        "\u00a9 2024 Huawei",
        "Read more: Huawei opens a shop",
    ):
        found = salient(body + line)
        assert found[kb.HUAWEI].salience == 0, line
        assert {part.code for part in found[kb.HUAWEI].why} == {"residue"}


def test_a_title_at_the_head_of_the_text_counts_as_the_title_once() -> None:
    title, body = "Intel to close a plant in Leeds", f"Nobody knew. {FILLER} Intel Corp. did not speak."
    given = salient(body, title=title)
    repeated = salient(f"{title}\n\n{body}", title=title)
    alone = salient(f"{title}\n\n{body}")
    assert given[kb.INTEL].salience == repeated[kb.INTEL].salience == alone[kb.INTEL].salience


def test_a_place_needs_more_than_a_company() -> None:
    found = salient("Intel fell in Shanghai.")
    assert found[kb.INTEL].about
    assert found[kb.SHANGHAI].salience < found[kb.INTEL].salience


def test_what_stays_open_has_no_salience() -> None:
    assert salient("Analysts spoke of Zentrix for hours.") == {}
    assert link_text("", "", LEXICON).salience == ()
