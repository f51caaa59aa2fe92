"""Words of an article have an address that finds them again when the text has moved."""

from __future__ import annotations

import pytest

from articles.texts.citing import cite, find_cited, read_citation
from articles.texts.passages import Name, heading, lay_out

TEXT = "Ana 🌊 met Bo.\n\nBo left; Ana & Bo stayed."
WORDS = "Ana & Bo stayed."


def cited_part(text: str, name: str = "") -> list[str]:
    start = TEXT.index(text)
    names = [Name(1, TEXT.rindex(name), TEXT.rindex(name) + len(name), "person", "linked")] if name else []
    parts = lay_out(TEXT, names, cited=(start, start + len(text)))
    return [piece.text for part in parts for run in part.runs if run.cited for piece in run.pieces]


def test_an_address_says_the_same_when_it_is_read_again() -> None:
    start = TEXT.index(WORDS)
    for field in ("text", "title"):
        citation = cite(field, start, start + len(WORDS), WORDS)
        assert read_citation(str(citation)) == citation
        assert find_cited(citation, TEXT) == (start, start + len(WORDS))


def test_words_that_moved_are_found_and_of_equal_ones_the_nearest() -> None:
    start = TEXT.index(WORDS)
    citation = cite("text", start, start + len(WORDS), WORDS)
    moved = "A line more.\n\n" + TEXT
    assert find_cited(citation, moved) == (start + 14, start + 14 + len(WORDS))
    assert find_cited(citation, WORDS + TEXT) == (start + len(WORDS), start + 2 * len(WORDS))


def test_words_that_are_gone_are_not_found() -> None:
    start = TEXT.index(WORDS)
    citation = cite("text", start, start + len(WORDS), WORDS)
    assert find_cited(citation, TEXT.replace("stayed", "sat up")) is None
    assert find_cited(citation, "") is None


@pytest.mark.parametrize(
    "text", ["", "1-2", "5-5-00000000", "9-5-00000000", "0-2000-00000000", "٣-٤-00000000", "1-2-XYZ", "x"]
)
def test_an_address_that_makes_no_sense_cites_nothing(text: str) -> None:
    assert read_citation(text) is None


def test_the_cited_words_are_marked_and_nothing_else() -> None:
    assert cited_part(WORDS) == [WORDS]
    assert cited_part(WORDS, name="Bo") == ["Ana & ", "Bo", " stayed."]
    assert cited_part("Bo.\n\nBo left") == ["Bo.", "Bo left"]


def test_the_first_cited_words_have_the_anchor_once() -> None:
    parts = lay_out(TEXT, [], cited=(TEXT.index("Bo."), TEXT.index("Bo left") + 2))
    assert [run.cited_first for part in parts for run in part.runs if run.cited] == [True, False]
    assert [run.cited for run in heading("Ana met Bo", [], (0, 3)).runs] == [True, False]
    assert not any(run.cited for run in heading("Ana met Bo", []).runs)
