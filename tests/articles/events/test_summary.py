"""An event is told in sentences of its articles, word for word, none torn from what it leans on and none twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from articles.events.summary import summarize
from tests.articles.events.reports import DAY, report

FIRST = "Harlow Motors agreed on Thursday to acquire Volta Cells, a maker of batteries, for two billion dollars in cash."
SECOND = (
    "The carmaker expects regulators in four countries to look at the purchase before the end of the year."
)
THIRD = "Volta Cells employs 4,100 people in Norland and supplies batteries to seven other makers of electric cars."


def told(*texts: str, titles: tuple[str, ...] = ()) -> list[str]:
    names = titles or tuple("Harlow Motors to acquire Volta Cells" for _ in texts)
    reports = [
        report(text, title, key=n, published=DAY + timedelta(hours=n))
        for n, (text, title) in enumerate(zip(texts, names, strict=True), 1)
    ]
    return [one.text for one in summarize(reports, 1)]


def test_the_first_sentence_that_all_tell_comes_first() -> None:
    assert told(f"{FIRST} {SECOND} {THIRD}")[0] == FIRST
    assert set(told(f"{FIRST} {SECOND} {THIRD}")) == {FIRST, SECOND, THIRD}


def test_what_two_articles_say_alike_is_told_once() -> None:
    again = FIRST.replace("agreed on Thursday", "has agreed")
    sentences = told(f"{FIRST} {SECOND}", f"{again} {THIRD}")
    assert len([one for one in sentences if "acquire Volta Cells" in one]) == 1
    assert THIRD in sentences


@pytest.mark.parametrize(
    "leaning",
    [
        "He said the purchase of Volta Cells by Harlow Motors was the largest that he had ever seen in the trade.",
        "But the purchase of Volta Cells by Harlow Motors for two billion dollars must still be approved by shareholders.",
        "“The purchase of Volta Cells by Harlow Motors is good for both companies and for all who work there.",
        "Read more about Harlow Motors and the acquisition of Volta Cells for two billion dollars in our newsletter.",
        "Will the acquisition of Volta Cells by Harlow Motors for two billion dollars be approved by the end of the year?",
        "HARLOW MOTORS AGREED ON THURSDAY TO ACQUIRE VOLTA CELLS FOR TWO BILLION DOLLARS IN CASH.",
        "It is the largest acquisition by Harlow Motors since the company was founded in 1931 in Norland.",
        "Harlow Motors, Volta Cells",
    ],
)
def test_a_sentence_that_cannot_stand_alone_is_not_taken(leaning: str) -> None:
    sentences = told(f"{leaning}\n\n{FIRST} {SECOND}")
    assert leaning not in sentences
    assert sentences[0] == FIRST


def test_a_whole_quotation_stays() -> None:
    whole = (
        "“Volta Cells makes the best batteries in Norland,” Harlow Motors said in a statement on its website."
    )
    assert whole in told(f"{FIRST} {whole}")


def test_the_dateline_is_no_part_of_the_sentence() -> None:
    text = f"HALVARD, Norland (Reuters) - {FIRST}"
    (chosen,) = summarize([report(text, "Harlow Motors to acquire Volta Cells")])
    assert chosen.text == FIRST
    assert text[chosen.span.start : chosen.span.end] == FIRST


def test_copies_are_not_asked_and_nothing_fit_gives_nothing() -> None:
    copy = report(f"{FIRST} {SECOND}", "x", key=2, is_copy=True)
    assert {one.span.article for one in summarize([report(FIRST, "x", key=1), copy])} == {1}
    assert summarize([copy]) == []
    assert summarize([report("Photos.", "Photos")]) == []


def test_at_most_five_sentences_and_the_same_ones_each_time() -> None:
    text = " ".join(
        f"Harlow Motors said the plant number {n} in district {n * 7} builds {n * 100} cars of model {n * 3} each day."
        for n in range(1, 12)
    )
    other = " ".join(f"Volta Cells opened the {word} laboratory for {word} research near Halvard with {word} funds." for word in
                     ("northern", "chemical", "solar", "marine", "private", "public", "quantum"))  # fmt: skip
    reports = [report(text, "Harlow", key=1), report(other, "Volta", key=2)]
    chosen = summarize(reports, 1)
    assert 2 <= len(chosen) <= 5
    assert summarize(list(reversed(reports)), 1) == chosen
