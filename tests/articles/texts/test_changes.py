"""What changed between two versions: headline, numbers that another took the place of, how much text came and went."""

from __future__ import annotations

import random

import pytest

from articles.texts.changes import MOST_NUMBERS, changes_between


def numbers(before: str, after: str) -> list[tuple[str, str]]:
    """Was and now of each number that changed in a text under one title."""
    return [(one.was, one.now) for one in changes_between("T", before, "T", after) if one.code == "number"]


def amount(before: str, after: str) -> str:
    return next((one.words for one in changes_between("T", before, "T", after) if one.code == "text"), "")


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("At least 12 people died.", "At least 15 people died.", [("12", "15")]),
        ("At least 12 people died.", "Fifteen people died.", [("12", "Fifteen")]),
        ("Twelve people died.", "15 people died.", [("Twelve", "15")]),
        ("One person died.", "Two people died.", [("One", "Two")]),
        ("Un homme est mort.", "Deux hommes sont morts.", [("Un", "Deux")]),
        ("It cost $5 million.", "It cost $6 billion.", [("$5 million", "$6 billion")]),
        ("It cost $5 million.", "It cost €5 million.", [("$5 million", "€5 million")]),
        ("It hit 5 people.", "It hit 5 million people.", [("5", "5 million")]),
        ("Rates rose 25 basis points to 4.5%.", "Rates rose 50 basis points to 4.75%.",
         [("25 basis points", "50 basis points"), ("4.5%", "4.75%")]),
        ("They won 3-2 at home.", "They won 2-3 at home.", [("3-2", "2-3")]),
        ("It rose from 10 to 12 pounds.", "It rose from 12 to 10 pounds.", [("10", "12"), ("12 pounds", "10 pounds")]),
        ("They meet on 12 March.", "They meet on 13 March 2026.", [("12 March", "13 March 2026")]),
        ("Doors open at 9:30 pm.", "Doors open at 10:15 pm.", [("9:30 pm", "10:15 pm")]),
        ("12 people died.", "Several people died.", [("12", "")]),
        ("Several people died.", "12 people died.", [("", "12")]),
        ("Er kostet 3,5 Mio. Euro.", "Er kostet 4,5 Mio. Euro.", [("3,5 Mio. Euro", "4,5 Mio. Euro")]),
        ("地震で三人が死亡した。", "地震で五人が死亡した。", [("三", "五")]),
        ("被害額は1億2000万円。", "被害額は1億5000万円。", [("1億2000万円", "1億5000万円")]),
        ("The ministry updated the toll to 15.", "The ministry updated the toll to 16.", [("15", "16")]),
        (
            "Officials said 1,200 homes lost power and 14 roads were closed.",
            "Officials said 14 roads were closed and 1,350 homes lost power.",
            [("1,200", "1,350")],
        ),
        (
            "The deal is worth 5 million euros, said the chief executive, who expects to close it soon.",
            "According to the chief executive, the deal would be worth about 6 million euros. It should close by May.",
            [("5 million euros", "6 million euros")],
        ),
    ],
)  # fmt: skip
def test_it_says_which_number_took_the_place_of_which(
    before: str, after: str, changed: list[tuple[str, str]]
) -> None:
    assert numbers(before, after) == changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("12 people died.", "Twelve people died."),
        ("It cost 1.200.000 Euro.", "It cost 1,2 Mio. Euro."),
        ("12 killed, 30 hurt in the blast.", "30 hurt, 12 killed in the blast."),
        ("They meet on 12 March.", "They meet on 12 March 2026."),
        ("A story.\n\nUpdated 10:45", "A story.\n\nUpdated 11:45"),
        ("A story.\n\nLast updated on 11 March 2026", "A story.\n\nLast updated on 12 March 2026"),
        ("A story.\n\n12 comments", "A story.\n\n15 comments"),
        ("A b.", "A b.\n\nA new paragraph with 40 people and 3 cars."),
        ("A b.\n\nA paragraph with 40 people and 3 cars.", "A b."),
        ("In 2025 they met 3 times.\n\nNobody knows.", "Nobody knows.\n\nIn 2025 they met 3 times."),
        ("12 people died.", "12 people died in the fire."),
        ("The two men left.", "The men left."),
        ("COVID-19 spread.", "COVID-20 spread."),
        ("He flew an A320 home.", "He flew an A330 home."),
        ("", "12 people died."),
        ("12 people died.", ""),
    ],
)
def test_what_only_moved_or_is_written_otherwise_is_no_change(before: str, after: str) -> None:
    assert numbers(before, after) == []


def test_numbers_of_unlike_sorts_do_not_take_each_others_place() -> None:
    assert numbers("It rose by 7% today.", "It rose by 9 points today.") == [("7%", ""), ("", "9")]


def test_a_rewritten_paragraph_does_not_pair_numbers_by_chance() -> None:
    before = "The school has 400 pupils and was built by a local firm before the long war, as the teachers say today."
    after = "Ferries to Tessin carry 90 cars on weekdays; a captain explained why nobody counts them at night any more."
    assert numbers(before, after) == []


def test_it_tells_the_headline_first_and_its_number_once() -> None:
    found = changes_between(
        "12 hurt at port", "12 people were hurt.", "15 hurt at port", "15 people were hurt."
    )
    assert [one.code for one in found] == ["headline", "number", "text"]
    assert (found[0].was, found[0].now) == ("12 hurt at port", "15 hurt at port")
    assert (found[1].was, found[1].now, found[1].words) == ("12", "15", "15 hurt at port")


def test_spaces_change_nothing() -> None:
    assert changes_between("A  title", "One two.\n\nThree.", "A title ", "One  two. Three.") == []
    assert changes_between("", "", "", "") == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("A b c.", "A b c.\n\nD e f g.\n\nH i.", "2 paragraphs added, 6 words added"),
        ("A b c.\n\nD e f g.", "A b c.", "1 paragraph removed, 4 words removed"),
        ("A b c.", "A x c.", "1 word added, 1 word removed"),
        ("Same words.", "Same words!", "punctuation or paragraphs only"),
        ("首相は語った。", "首相は強く語った。", "2 characters added"),
        (
            "One two three four five six.\n\nB stands here alone.\n\nC too.",
            "B stands here alone.\n\nC too.\n\nOne two three four five six.",
            "1 paragraph moved",
        ),
    ],
)
def test_it_says_how_much_came_and_went(before: str, after: str, words: str) -> None:
    assert amount(before, after) == words


def test_it_gives_both_lengths() -> None:
    (found,) = changes_between("T", "A b c.", "T", "A b c.\n\n" + "word " * 1200)
    assert (found.was, found.now) == ("3 words", "1,203 words")


def test_it_quotes_a_few_words_around_a_number_and_not_beyond_its_sentence() -> None:
    before = "It was late. The mayor of Halvard told us that at least 12 people were hurt when the old crane fell. Ferries ran."
    (found, _) = changes_between("T", before, "T", before.replace("12", "15"))
    assert found.words == "us that at least 15 people were hurt when the"
    (short, _) = changes_between("T", "Yes. Now 3. No.", "T", "Yes. Now 4. No.")
    assert short.words == "Now 4"


def test_a_revision_keeps_it_as_json() -> None:
    (found, _) = changes_between("T", "12 died.", "T", "15 died.")
    assert found.as_json() == {"code": "number", "words": "15 died", "was": "12", "now": "15"}


def test_it_lists_so_many_numbers_and_no_more() -> None:
    before = "\n\n".join(
        f"Village {chr(97 + n % 26)}{chr(97 + n // 26)} has {n + 100} people now." for n in range(60)
    )
    after = "\n\n".join(
        f"Village {chr(97 + n % 26)}{chr(97 + n // 26)} has {n + 300} people now." for n in range(60)
    )
    found = changes_between("Before", before, "After", after)
    assert sum(one.code == "number" for one in found) == MOST_NUMBERS
    assert [found[0].code, found[-1].code] == ["headline", "text"]


def test_texts_full_of_numbers_are_compared_in_bounded_steps() -> None:
    picks = random.Random(2)  # noqa: S311 - invented texts
    before = " ".join(str(picks.randrange(9999)) for _ in range(15_000))
    after = " ".join(str(picks.randrange(9999)) for _ in range(15_000))
    assert changes_between("", before, "", after)[-1].code == "text"
