"""What two texts share: passages wherever they stand, past small edits, never a sentence written anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from articles.texts import shared as module
from articles.texts.shared import MOST_WORDS, Run, SharedText, shared_sentences

FIRST = "The Halvard Bridge over the river Orne was closed to lorries on Tuesday, the road authority said."
SECOND = "Shares of Skagen Steel, which made the cables, fell by four per cent in early trading."
THIRD = "Ingrid Tveit, who leads the authority, expects the repair to take eleven weeks."
OTHER = "Ferries carry lorries until spring, wrote the master of the harbour to all hauliers."


def passages(runs: tuple[Run, ...]) -> list[str]:
    """The text of each passage in order, as it stands."""
    found: dict[int, str] = {}
    for run in runs:
        if run.passage:
            found[run.passage] = found.get(run.passage, "") + run.text
    return list(found.values())


def own(runs: tuple[Run, ...]) -> str:
    """What is only in this text."""
    return " ".join(" ".join(run.text for run in runs if not run.passage).split())


def edits(runs: tuple[Run, ...]) -> list[str]:
    return [run.text for run in runs if run.is_edited]


def whole(shared: SharedText, left: str, right: str) -> bool:
    return all(
        "".join(run.text for run in side.runs) == text
        for side, text in ((shared.left, left), (shared.right, right))
    )


def test_a_text_and_itself_are_one_passage() -> None:
    text = f"{FIRST} {SECOND}\n\n{THIRD}"
    shared = shared_sentences(text, text)
    assert passages(shared.left.runs) == [text]
    assert shared.shorter.share == 1.0
    assert shared.passages == 1


def test_what_is_only_in_one_is_plain() -> None:
    shared = shared_sentences(f"{FIRST} {OTHER}", f"{SECOND} {FIRST}")
    assert passages(shared.left.runs) == passages(shared.right.runs) == [FIRST]
    assert own(shared.left.runs) == OTHER
    assert own(shared.right.runs) == SECOND
    assert shared.left.shared == shared.right.shared == 17


def test_passages_in_another_order_are_found_and_numbered_as_the_left_text_has_them() -> None:
    shared = shared_sentences(f"{FIRST} {SECOND} {THIRD}", f"{THIRD} {OTHER} {FIRST}")
    assert [run.passage for run in shared.left.runs if run.is_first] == [1, 2]
    assert [run.passage for run in shared.right.runs if run.is_first] == [2, 1]
    assert passages(shared.left.runs) == [FIRST, THIRD]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("Tuesday", "Wednesday"),  # one word for another
        ("was closed", "was closed again"),  # one more
        ("the river Orne", "the Orne"),  # one less
        ("four", "4"),
        ("The Halvard", "Yesterday the Halvard"),
        ("early trading", "early business"),
    ],
)
def test_a_changed_word_does_not_end_a_passage_and_is_said_to_differ(was: str, now: str) -> None:
    left = f"{FIRST} {SECOND} {THIRD}"
    right = left.replace(was, now)
    shared = shared_sentences(left, right)
    assert shared.passages == 1
    assert whole(shared, left, right)
    changed = edits(shared.right.runs) + own(shared.right.runs).split()
    assert len(" ".join(changed).split()) <= 1
    assert shared.shorter.words - shared.shorter.shared <= 1


def test_quotes_case_punctuation_and_line_ends_do_not_count() -> None:
    left = "“The bridge’s cables cracked,” said Ingrid Tveit. THE REPAIR takes eleven weeks; ferries sail."
    right = "'The bridge's cables cracked' said Ingrid Tveit.\n\nThe repair takes eleven weeks - ferries sail"
    shared = shared_sentences(left, right)
    assert (shared.left.shared, shared.right.shared) == (shared.left.words, shared.right.words)
    assert edits(shared.left.runs) == []
    assert passages(shared.left.runs) == [left]


def test_a_sentence_that_was_written_anew_is_not_marked() -> None:
    left = f"{FIRST} Skagen Steel, which made the cables, said that it would send engineers to Tessin."
    right = f"{FIRST} Engineers will be sent to Tessin by Skagen Steel, the maker of the cables."
    shared = shared_sentences(left, right)
    assert passages(shared.left.runs) == [FIRST]


def test_a_common_turn_of_phrase_is_no_passage() -> None:
    shared = shared_sentences(
        "At the end of the day nobody knew what to do about the harbour.",
        "They all went home at the end of the day, tired and wet.",
    )
    assert shared.passages == 0
    assert shared.shorter.share == 0.0


def test_a_short_sentence_counts_when_it_is_the_same_from_end_to_end() -> None:
    shared = shared_sentences(
        f"{FIRST} She declined to comment. {OTHER}", f"She declined to comment. {SECOND}"
    )
    assert passages(shared.left.runs) == ["She declined to comment."]


def test_what_one_text_says_twice_belongs_to_one_passage_of_the_other() -> None:
    shared = shared_sentences(f"{OTHER} {FIRST}", f"{FIRST} {SECOND} {FIRST}")
    assert shared.passages == 1
    assert passages(shared.right.runs) == [FIRST + FIRST]
    assert shared.right.shared == 2 * shared.left.shared
    turned = shared_sentences(f"{FIRST} {SECOND} {FIRST}", f"{OTHER} {FIRST}")
    assert turned.passages == 1
    assert [run.passage for run in turned.right.runs if run.is_first] == [1]


def test_it_reads_scripts_without_spaces_by_their_characters() -> None:
    left = "中国半导体行业协会今天宣布，与美国半导体行业协会共同成立工作组。双方将每年举行两次会议。其他内容完全不同。"
    right = (
        "本报讯：中国半导体行业协会昨天宣布，与美国半导体行业协会共同成立工作组。记者没有写别的东西给读者看。"
    )
    shared = shared_sentences(left, right)
    assert shared.passages == 1
    assert passages(shared.right.runs) == ["中国半导体行业协会昨天宣布，与美国半导体行业协会共同成立工作组。"]
    assert edits(shared.right.runs) == ["昨"]
    assert "工作组。" in passages(shared.left.runs)[0]


def test_a_name_of_a_few_characters_is_no_passage() -> None:
    assert (
        shared_sentences("中国半导体行业协会开会讨论。", "我们看到中国半导体行业协会的新楼。").passages == 0
    )


def test_it_reads_scripts_whose_letters_carry_marks() -> None:
    text = "हालवर्ड पुल पर दरारें मिलने के बाद मंगलवार को भारी वाहनों की आवाजाही रोक दी गई।"
    shared = shared_sentences(text + " मरम्मत में समय लगेगा।", "खबर यह है: " + text)
    assert passages(shared.left.runs) == [text]


@pytest.mark.parametrize(
    ("left", "right"), [("", ""), ("", FIRST), (FIRST, " \n\n "), ("...", "???"), ("a", "a")]
)
def test_texts_without_words_or_with_few_share_nothing(left: str, right: str) -> None:
    shared = shared_sentences(left, right)
    assert shared.passages == 0
    assert shared.shorter.share == 0.0
    assert whole(shared, left, right)


def test_its_paragraphs_are_those_of_the_text() -> None:
    text = f"{FIRST}\n\n{SECOND}\n\n{OTHER}"
    shared = shared_sentences(text, f"{FIRST} {SECOND}")
    paragraphs = shared.left.paragraphs
    assert ["".join(run.text for run in part) for part in paragraphs] == text.split("\n\n")
    assert [any(run.passage for run in part) for part in paragraphs] == [True, True, False]
    flags = [(run.is_first, run.is_last) for part in paragraphs for run in part if run.passage]
    assert flags == [(True, False), (False, True)]


@pytest.mark.parametrize("seed", range(150))
def test_the_runs_joined_are_the_texts_and_every_passage_is_in_both(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - repeatable texts, no secret
    words = draw.choice(
        [["a", "b"], ["one", "two", "three", "four’s", "五", "六"], [f"w{n}" for n in range(40)]]
    )
    signs = [" ", " ", " ", ", ", ". ", "\n\n", "! ", " “", "” ", "。", " - ", "\x00", "  "]

    def text() -> str:
        return "".join(draw.choice(words) + draw.choice(signs) for _ in range(draw.randrange(90)))

    left = text()
    at, end = sorted((draw.randrange(len(left) + 1), draw.randrange(len(left) + 1)))
    right = draw.choice([text(), text() + left[at:end] + text(), left[at:end] + text() + left[:at]])
    shared = shared_sentences(left, right)
    assert whole(shared, left, right)
    assert all(run.text for side in (shared.left, shared.right) for run in side.runs)
    numbers = [{run.passage for run in side.runs} - {0} for side in (shared.left, shared.right)]
    assert numbers[0] == numbers[1] == set(range(1, shared.passages + 1))
    for side in (shared.left, shared.right):
        firsts = [run.passage for run in side.runs if run.is_first]
        assert sorted(firsts) == sorted(numbers[0])
        assert 0 <= side.shared <= side.words


def test_its_work_grows_no_faster_than_the_texts_even_of_the_worst_kinds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = random.Random(1)  # noqa: S311 - repeatable texts, no secret

    def kinds(number: int) -> list[str]:
        words = [
            (["a"] * 9 + ["b"]) * (number // 10),
            (["a"] * 7 + ["c"] * 3) * (number // 10),
            [draw.choice("abc") for _ in range(number)],
            [f"w{draw.randrange(number // 10)}" for _ in range(number)],
            ["a"] * number,
        ]
        return [" ".join(kind) for kind in words]

    work = {"_grow": 0, "_meets": 0}
    for name in work:
        step = getattr(module, name)

        def counted(*args: Any, name: str = name, step: Callable[..., Any] = step) -> Any:
            work[name] += 1
            return step(*args)

        monkeypatch.setattr(module, name, counted)
    for number in (500, 2000):
        texts = kinds(number)
        for left, right in permutations(texts, 2):
            work.update(_grow=0, _meets=0)
            assert whole(shared_sentences(left, right), left, right)
            assert work["_grow"] <= 2 * (module.PLACES + 2) * number
            assert work["_meets"] <= 60 * number


def test_of_a_very_long_text_the_beginning_is_compared_and_that_is_said() -> None:
    long = " ".join(f"w{number}" for number in range(MOST_WORDS + 50))
    shared = shared_sentences(long, long)
    assert shared.is_cut
    assert shared.left.words == MOST_WORDS
    assert whole(shared, long, long)
    assert len(own(shared.left.runs).split()) == 50
    assert not shared_sentences(FIRST, FIRST).is_cut
