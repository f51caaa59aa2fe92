"""Texts cut into paragraphs, names and notes at exact code points."""

from __future__ import annotations

from articles.texts.passages import Name, Noted, heading, lay_out, spans

TEXT = "Ana 🌊 met Bo.\n\nBo left; Ana & Bo stayed."


def name(number: int, words: str, entity: int | None = 1, *, nth: int = 0, status: str = "linked") -> Name:
    at = -1
    for _ in range(nth + 1):
        at = TEXT.index(words, at + 1)
    return Name(number, at, at + len(words), "person", status, entity, says=words, listing="7 XHKG")


def whole(passage: object) -> str:
    return "".join(piece.text for run in passage.runs for piece in run.pieces)  # type: ignore[attr-defined]


def test_it_loses_no_character() -> None:
    parts = lay_out(TEXT, [name(1, "Ana"), name(2, "Bo", 2)], [Noted(1, 2, 9)])
    assert [whole(part) for part in parts] == TEXT.split("\n\n")
    assert [(part.start, part.end) for part in parts] == list(spans(TEXT))


def test_it_counts_code_points_after_a_character_beyond_the_basic_plane() -> None:
    (first, _) = lay_out(TEXT, [name(1, "Bo", 2)])
    assert [piece.text for piece in first.runs[0].pieces if piece.name] == ["Bo"]


def test_it_shows_a_listing_at_the_first_place_of_an_entity_only() -> None:
    parts = lay_out(TEXT, [name(1, "Bo", 2), name(2, "Bo", 2, nth=1), name(3, "Ana", 1)])
    listings = [piece.listing for part in parts for run in part.runs for piece in run.pieces if piece.name]
    assert listings == ["7 XHKG", "7 XHKG", ""]


def test_it_marks_notes_that_overlap_and_cut_a_name() -> None:
    (first, _) = lay_out(TEXT, [name(1, "Ana")], [Noted(1, 1, 8), Noted(2, 6, 12)])
    assert [(run.notes, run.ends) for run in first.runs] == [
        ((), ()), ((1,), ()), ((1, 2), (1,)), ((2,), (2,)), ((), ()),
    ]  # fmt: skip
    named = [piece for run in first.runs for piece in run.pieces if piece.name]
    assert [(piece.text, piece.first) for piece in named] == [("A", True), ("na", False)]


def test_it_hangs_a_note_over_two_paragraphs_at_the_first() -> None:
    first, second = lay_out(TEXT, [], [Noted(1, 4, 18)])
    assert (first.notes, second.notes) == ((1,), ())
    assert second.runs[0].ends == (1,)


def test_it_leaves_out_spans_that_are_not_in_the_text() -> None:
    parts = lay_out(TEXT, [Name(1, 900, 905, "person", "linked"), Name(2, 3, 3, "person", "linked")])
    assert all(not part.names for part in parts)


def test_it_leaves_out_a_name_that_begins_inside_another() -> None:
    (first, _) = lay_out(TEXT, [Name(1, 0, 5, "person", "linked", 1), Name(2, 2, 8, "person", "linked", 2)])
    assert whole(first) == TEXT.split("\n\n", maxsplit=1)[0]


def test_it_makes_nothing_of_an_empty_text() -> None:
    assert lay_out("", []) == ()
    assert list(spans("\n\n \n\n")) == []
    assert heading("", []).runs == ()
