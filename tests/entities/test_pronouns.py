"""Pronouns mean somebody or something that the text has named, or nobody; never the wrong gender or the speaker."""

from __future__ import annotations

import re

import pytest

from entities.pronouns import Named, Pronoun, read_pronouns
from entities.sentences import split_sentences

PEOPLE = (
    "Ada Roe",
    "Roe",
    "Peter Quist",
    "Quist",
    "Maria Vindel",
    "Vindel",
    "Sam Orne",
    "Mr Holt",
    "Frank Holt",
)
THINGS = ("Brenner Partners", "Iceland")
FULL = {"Roe": "Ada Roe", "Quist": "Peter Quist", "Vindel": "Maria Vindel"}


def named(text: str) -> list[Named]:
    """Each of the names above where it stands, the longest first."""
    found: list[Named] = []
    for name in sorted(PEOPLE + THINGS, key=len, reverse=True):
        for match in re.finditer(rf"\b{name}\b", text):
            if not any(n.start < match.end() and match.start() < n.end for n in found):
                start = match.end() - len(name.removeprefix("Mr "))
                key = FULL.get(name, name)
                found.append(Named(start, match.end(), key, key, name in PEOPLE))
    return found


def read(text: str) -> list[Pronoun]:
    return read_pronouns(text, split_sentences(text), named(text))


def meant(text: str) -> list[tuple[str, str]]:
    """(the pronoun as written, whom it means)."""
    return [(text[p.start : p.end], p.meant.name if p.meant else "whoever writes") for p in read(text)]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Ada Roe left. She took her coat.", [("She", "Ada Roe"), ("her", "Ada Roe")]),
        ("Peter Quist hurt himself.", [("himself", "Peter Quist")]),
        ("Maria Vindel met Peter Quist. She liked him.", [("She", "Maria Vindel"), ("him", "Peter Quist")]),
        ("Maria Vindel met Peter Quist. He smiled.", [("He", "Peter Quist")]),
        # Nobody knows whether Sam is a man or a woman, until the text says so.
        (
            "Sam Orne spoke. She left. Peter Quist came. She stayed.",
            [("She", "Sam Orne"), ("She", "Sam Orne")],
        ),
        ("Mr Holt rose. Ada Roe sat. He spoke.", [("He", "Mr Holt")]),
        ("Ada Roe left. He stayed.", []),
        ("He came alone. Peter Quist left.", []),
    ],
)
def test_he_and_she_mean_somebody_named_before_of_that_gender(
    text: str, pairs: list[tuple[str, str]]
) -> None:
    assert meant(text) == pairs


@pytest.mark.parametrize(
    "text",
    [
        "Maria Vindel left. A woman at the door lost her key.",
        "Maria Vindel left. Another user said she liked it.",
    ],
)
def test_somebody_without_a_name_is_nobody_named(text: str) -> None:
    assert meant(text) == []


def test_what_somebody_is_is_nobody_else() -> None:
    text = "Maria Vindel worked as a lawyer before she left."
    assert meant(text) == [("she", "Maria Vindel")]


def test_a_cut_headline_goes_on_with_no_other_line() -> None:
    assert meant("Peter Quist left town today\n\nThe moment when a bus lost his...") == []


def test_nobody_is_meant_from_far_away() -> None:
    rain = "It rained there all day. " * 9
    assert meant(f"Peter Quist left. {rain}He stayed.") == []


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ('"I am tired," said Peter Quist, who left.', "Peter Quist"),
        ('"I am tired," Maria Vindel said.', "Maria Vindel"),
        ('Maria Vindel wrote: "I am tired."', "Maria Vindel"),
        ("'I am tired,' Maria Vindel said.", "Maria Vindel"),
        ('Ada Roe came. "I am tired," she said.', "Ada Roe"),
        ('"It rains," Ada Roe said. "I am tired."', "Ada Roe"),
        ('"It rains," Ada Roe said.\n\n"I am tired."', "Ada Roe"),
    ],
)
def test_i_inside_a_quotation_is_its_speaker(text: str, speaker: str) -> None:
    assert ("I", speaker) in meant(text)


def test_i_of_a_speaker_without_a_name_means_nobody() -> None:
    assert meant('Peter Quist left.\n\n"I am tired," a neighbour said.') == []


def test_i_outside_all_quotations_is_whoever_writes() -> None:
    assert meant("When I saw the boat it was my turn.") == [("I", "whoever writes"), ("my", "whoever writes")]


def test_whom_a_speaker_speaks_of_is_not_the_speaker() -> None:
    text = 'Frank Holt arrived. Peter Quist said: "He is late."'
    assert meant(text) == [("He", "Frank Holt")]


def test_an_attack_on_somebody_is_said_by_somebody_else() -> None:
    text = 'Frank Holt went on with an attack on Peter Quist: "He is late."'
    assert meant(text) == [("He", "Peter Quist")]


@pytest.mark.parametrize(
    "text",
    [
        "Queen Maria I left.",
        "They sang She Gave Me Rain all night.",
        "I AM TIRED SAYS VINDEL",
        "You and we and they left.",
    ],
)
def test_numbers_titles_and_shouted_lines_hold_no_pronouns(text: str) -> None:
    assert meant(text) == []


def test_its_means_what_the_sentence_is_about() -> None:
    assert meant("Brenner Partners sold its boats.") == [("its", "Brenner Partners")]
    assert meant("Brenner Partners sold boats. It plans more.") == [("It", "Brenner Partners")]
    assert meant("Brenner Partners spoke to Iceland.\n\nBoats sank. Rain fell. Its roof leaked.") == []


def test_it_of_the_weather_means_nothing() -> None:
    assert meant("Iceland froze. It was said that it is cold, and it has been so.") == []


def test_one_made_sentence_without_an_end_is_read_in_no_time() -> None:
    text = "Sam said he was " * 2_000
    named = [Named(at, at + 3, "sam", "Sam", is_person=True) for at in range(0, len(text), 16)]
    assert len(read_pronouns(text, split_sentences(text), named)) == 2_000
