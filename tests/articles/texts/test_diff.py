"""The difference of two texts: nothing lost, changes where a reader sees them, bounded for the longest texts."""

from __future__ import annotations

import random
from itertools import product

import pytest

from articles.texts.aligning import PURSE
from articles.texts.diff import DiffParagraph, stretches, word_diff
from articles.texts.passages import GAP


def shown(paragraphs: list[DiffParagraph]) -> str:
    """The difference as one line: [-out-] {+in+}, a pilcrow for a break."""
    marks = {"same": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}
    return "".join(
        marks[part.op].format(part.text.replace(GAP, "¶")) for one in paragraphs for part in one.parts
    )


def both(paragraphs: list[DiffParagraph]) -> tuple[str, str]:
    parts = [part for one in paragraphs for part in one.parts]
    before = "".join(part.text for part in parts if part.op != "in")
    return before, "".join(part.text for part in parts if part.op != "out")


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("12 people died.", "15 people died.", "[-12-]{+15+} people died."),
        ("It cost $1,234.50.", "It cost $1,244.50.", "It cost $[-1,234.50-]{+1,244.50+}."),
        ("He left.", "He left early.", "He left{+ early+}."),
        ("He left early.", "He left.", "He left[- early-]."),
        ("A b.\n\nC d.", "A b.\n\nX y.\n\nC d.", "A b.¶{+X y.+}{+¶+}C d."),
        ("A b.\n\nX y.\n\nC d.", "A b.\n\nC d.", "A b.¶[-X y.-][-¶-]C d."),
        ("A b.\n\nC d.", "A b. C d.", "A b.[-¶-]{+ +}C d."),
        ("A b.", "A b.\n\nC d.", "A b.{+¶+}{+C d.+}"),
        ("", "A b.", "{+A b.+}"),
        ("A b.", "", "[-A b.-]"),
        ("", "", ""),
        (
            "The repair costs 1.2 million.",
            "The mayor comes.\n\nThe repair costs 1.4 million.",
            "{+The mayor comes.+}{+¶+}The repair costs [-1.2-]{+1.4+} million.",
        ),
        (
            "The repair costs 1.2 million.\n\nThe police wait.",
            "The repair costs 1.4 million.",
            "The repair costs [-1.2-]{+1.4+} million.[-¶-][-The police wait.-]",
        ),
        ("A b c. X said Y.", "A b c. X said Z. X said Y.", "A b c. {+X said Z. +}X said Y."),
        (
            "首相は12日、法案を発表した。",
            "首相は13日、法律案を発表した。",
            "首相は[-12-]{+13+}日、法{+律+}案を発表した。",
        ),
        ("ราคาขึ้น", "ราคาลง", "ราคา[-ขึ้น-]{+ลง+}"),
        ("हिन्दी में लिखा", "हिन्दी से लिखा", "हिन्दी [-में-]{+से+} लिखा"),
        ("two  spaces", "two spaces", "two[-  -]{+ +}spaces"),
        (
            "Old story about a cat and a dog in the house.",
            "New report on the bank and its profits in the quarter.",
            "[-Old story about a cat and a dog in the house-]{+New report on the bank and its profits in the quarter+}.",
        ),
    ],
)
def test_it_marks_what_went_out_and_what_came_in(before: str, after: str, line: str) -> None:
    assert shown(word_diff(before, after)) == line


PIECES = (
    "a", "b", "the", "said", "12", "1,200", ".", "!", "。", "\n\n", "\n", " ", "  ", "\n\n\n", "日", "本", "は", "ü",
    "naïve", "\u0301", ",", "”", "\u00a0", "ค้", "🌊", "\u200b",
)  # fmt: skip


def test_it_never_loses_a_character() -> None:
    picks = random.Random(11)  # noqa: S311 - invented texts
    for _ in range(4000):
        before = "".join(
            picks.choice(PIECES) + picks.choice(["", "", " "]) for _ in range(picks.randrange(0, 30))
        )
        if picks.random() < 0.3:
            after = "".join(picks.choice(PIECES) for _ in range(picks.randrange(0, 30)))
        else:
            after = "".join(sign for sign in before if picks.random() > 0.1)
            at = picks.randrange(len(after) + 1)
            after = after[:at] + picks.choice(PIECES) + after[at:]
        assert both(word_diff(before, after)) == (before, after)


def test_every_short_text_against_every_other_is_kept_whole() -> None:
    texts = ["".join(signs) for length in range(4) for signs in product(("a", " ", "\n\n"), repeat=length)]
    for before, after in product(texts, repeat=2):
        assert both(word_diff(before, after)) == (before, after)


def test_its_stretches_cover_both_texts_without_a_gap() -> None:
    before, after = "A b c.\n\nD e f. G.", "A x c.\n\nD e f!\n\nG."
    at = to = 0
    for one in stretches(before, after):
        assert (one.before, one.after) == (at, to)
        at, to = one.before_end, one.after_end
        same = before[one.before : at] == after[one.after : to]
        assert one.same is same
    assert (at, to) == (len(before), len(after))


def test_a_paragraph_that_went_elsewhere_is_said_to_have_moved() -> None:
    one, two, three = (
        "The first of the paragraphs stands here.",
        "Two is this one.",
        "Three is last, says he.",
    )
    found = word_diff(GAP.join([one, two, three]), GAP.join([two, three, one]))
    assert [(part.kind, part.moved) for part in found] == [
        ("out", True), ("same", False), ("same", False), ("in", True),
    ]  # fmt: skip


def test_a_short_line_that_comes_twice_has_not_moved() -> None:
    found = word_diff(f"Read more.{GAP}A b c.{GAP}D e f.", f"A b c.{GAP}D e f.{GAP}Read more.")
    assert not any(one.moved for one in found)


def test_it_says_where_one_paragraph_became_two() -> None:
    (first, second) = word_diff("One two three. Four five six.", f"One two three.{GAP}Four five six.")
    assert (first.mark, first.kind, second.mark, second.kind) == ("parted", "same", "", "same")
    first = word_diff(f"One two three.{GAP}Four five six.", "One two three. Four five six.")[0]
    assert first.mark == "joined"


def test_a_whole_new_paragraph_has_no_mark_of_its_break() -> None:
    assert not any(one.mark for one in word_diff("A b.", f"A b.{GAP}C d.{GAP}E f."))


def test_a_sentence_that_stayed_is_not_cut_up() -> None:
    stays = "The harbour master said nothing at all."
    before = f"Fishermen were angry on Monday. {stays} Ferries ran as usual that day."
    after = f"Nobody could explain it to the families. {stays} The mayor spoke for an hour."
    parts = [part for one in word_diff(before, after) for part in one.parts]
    assert any(part.op == "same" and stays in part.text for part in parts)


def prose(length: int, seed: int, signs: str = "") -> str:
    picks = random.Random(seed)  # noqa: S311 - invented texts
    parts, done = [], 0
    while done < length:
        if signs:
            words = "".join(picks.choice(signs) for _ in range(picks.randrange(10, 60))) + "。"
        else:
            words = (
                " ".join(f"w{int(picks.paretovariate(0.6)) % 3000}" for _ in range(picks.randrange(5, 30)))
                + "."
            )
        parts.append(words + (GAP if picks.random() < 0.3 else "" if signs else " "))
        done += len(parts[-1])
    return "".join(parts)[:length]


HAN = "".join(map(chr, range(0x4E00, 0x4E00 + 600)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (prose(200_000, 1), prose(200_000, 2)),
        (prose(100_000, 1, HAN), prose(100_000, 2, HAN)),
        ("a " * 100_000, "a b " * 50_000),
        ("x" * 200_000, "x" * 199_999),
        ("。" * 100_000, "！。" * 50_000),
        (GAP.join("ab" * 10_000), GAP.join("ba" * 10_000)),
        ("\n" * 200_000, " " * 200_000),
    ],
    ids=["unrelated", "unrelated-han", "one-word", "one-long-word", "signs", "paragraphs", "spaces"],
)
def test_the_longest_texts_take_bounded_steps_and_lose_nothing(before: str, after: str) -> None:
    assert both(word_diff(before, after)) == (before, after)


def test_beyond_the_bound_stretches_count_as_replaced() -> None:
    text = prose(5000, 3)
    changed = text.replace("w1 ", "w9 ")
    few = stretches(text, changed, steps=10)
    assert sum(one.before_end - one.before for one in few if one.same) < len(text) / 2
    many = stretches(text, changed, steps=PURSE)
    assert sum(one.before_end - one.before for one in many if one.same) > len(text) * 0.6


def test_a_small_change_in_a_long_text_is_one_small_change() -> None:
    text = prose(200_000, 4)
    at = text.index(" ", 100_000)
    changed = [one for one in stretches(text, text[:at] + " inserted" + text[at:]) if not one.same]
    assert len(changed) == 1
    assert changed[0].after_end - changed[0].after == len(" inserted")
