"""Lines that pages and agencies add are told from the story."""

from __future__ import annotations

import pytest

from entities.linking import link_text
from entities.residue import Residue
from tests.entities.names_for_tests import INTEL, small_lexicon

STORY = "Intel fell on Monday, and many people said so.\n\nIt rose again later in the week.\n\n"


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Jane Roe; Editing by John Doe)",
        "Editing by Jane Roe",
        "\u00a9 2024 Quillbrook Media",
        "Read more: Quillbrook Media falls",
        "Back to top button",
        "Source link",
        "Most Related Links :\nGovernmental News Finance News",
        "About Quillbrook Media\nQuillbrook Media Ltd. makes lamps.",
        "Media contacts:\nJane Roe, Quillbrook Media Ltd.",
    ],
)
def test_such_lines_are_covered_and_the_story_is_not(line: str) -> None:
    residue = Residue(STORY + line)
    assert not any(residue.covers(at) for at in range(len(STORY)))
    assert residue.covers(len(STORY))
    assert residue.covers(len(STORY + line) - 1)


@pytest.mark.parametrize(
    "line",
    [
        "Related news reports said that Quillbrook Media Ltd. had left.",
        "About half of the shops were closed.",
        "Sources said so.",
    ],
)
def test_sentences_that_begin_alike_are_story(line: str) -> None:
    residue = Residue(STORY + line)
    assert not residue.covers(len(STORY))


def test_nobody_is_asked_about_names_in_such_lines() -> None:
    text = STORY + "(Reporting by Jane Roe, editor of Quillbrook Media Ltd.)"
    found = link_text("", text, small_lexicon(), language="en").mentions
    assert [m.entity_id for m in found] == [INTEL]
    told = link_text(
        "", STORY + "Jane Roe is editor of Quillbrook Media Ltd.", small_lexicon(), language="en"
    )
    assert {m.text for m in told.mentions} == {"Intel", "Jane Roe", "Quillbrook Media Ltd."}
