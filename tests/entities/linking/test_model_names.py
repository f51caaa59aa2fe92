"""What a language model calls names confirms and proposes; it never settles a kind alone and never takes a link away
that the text's own full name gives."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import FoundMention, LexiconEntity, NamedSpan, TextField
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()


def spans(text: str, *names: tuple[str, str], field: TextField = "text") -> list[NamedSpan]:
    """The model's spans: each (words, label) at the first place where the words stand."""
    return [
        NamedSpan(field, text.index(words), text.index(words) + len(words), label) for words, label in names
    ]


def read(text: str, *names: tuple[str, str]) -> list[FoundMention]:
    return list(link_text("", text, LEXICON, language="en", spans=spans(text, *names)).mentions)


def one(mentions: list[FoundMention], words: str) -> FoundMention:
    (found,) = [m for m in mentions if m.text == words]
    return found


def test_the_models_eye_adds_a_reason_in_words() -> None:
    text = "Analysts looked at Toyota again."
    without = link_text("", text, LEXICON, language="en").mentions[0]
    seen = one(read(text, ("Toyota", "ORG")), "Toyota")
    assert seen.entity_id == without.entity_id == kb.TOYOTA
    assert seen.score > without.score
    assert [w.words for w in seen.why if w.code == "model"] == [
        "the language model reads the name of an organisation here"
    ]


def test_a_wrong_label_still_confirms_that_a_name_stands_there() -> None:
    text = "Analysts looked at Toyota again."
    seen = one(read(text, ("Toyota", "PERSON")), "Toyota")
    assert (seen.entity_id, seen.kind) == (kb.TOYOTA, "company")
    right = one(read(text, ("Toyota", "ORG")), "Toyota")
    assert right.score > seen.score


def test_a_label_of_another_kind_is_not_told_as_if_it_spoke_for_the_entity() -> None:
    text = "Analysts looked at Toyota again."
    seen = one(read(text, ("Toyota", "PERSON")), "Toyota")
    assert [w.words for w in seen.why if w.code == "model"] == ["the language model reads a name here"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Shares of Lenovo Group (0992.HK) rose.", "0992.HK"),
        ("Shares of Novo Nordisk (CPH: NOVO-B) rose.", "CPH"),
        ("Shares of Novo Nordisk (CPH: NOVO-B) rose.", "NOVO-B"),
        ("Shares of Wuliangye (000858.SZ) rose.", "000858.SZ"),
        ("Shares of Acme (Euronext Paris: ACM) rose.", "Euronext Paris"),
    ],
)
def test_no_code_of_a_share_is_proposed_as_a_name(text: str, words: str) -> None:
    assert [m.text for m in read(text, (words, "ORG")) if m.status == "proposed" and words in m.text] == []


def test_the_code_behind_a_name_is_no_part_of_the_proposal() -> None:
    text = "Shares of Acme Widgets (ACM.L) rose."
    assert [m.text for m in read(text, ("Acme Widgets (ACM.L)", "ORG"))] == ["Acme Widgets"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Elon Musk, a teacher in Leeds, won. Musk said so.", [("Elon Musk", "PERSON")]),
        ("He lives with his daughters Toyota and Jane.", [("Toyota", "ORG")]),
    ],
)
def test_somebody_else_of_a_known_name_is_neither_linked_nor_proposed(
    text: str, names: list[tuple[str, str]]
) -> None:
    assert [m.text for m in read(text, *names)] == []


def test_no_model_and_a_model_that_saw_nothing_are_told_apart() -> None:
    text = "They met in the shop and saw Target again."
    assert all(w.code != "unseen" for m in link_text("", text, LEXICON).mentions for w in m.why)
    assert not [m for m in read(text) if m.status == "linked"]


@pytest.mark.parametrize("label", ["GPE", "PERSON", "NORP", ""])
def test_a_short_name_that_the_text_gave_in_full_is_never_vetoed(label: str) -> None:
    text = "Semiconductor Manufacturing International Corp. rose. A plant of SMIC burnt."
    names = [("SMIC", label)] if label else []
    assert one(read(text, *names), "SMIC").entity_id == kb.SMIC


def test_a_company_inside_a_persons_name_is_not_meant() -> None:
    text = "The prize went to Kofi Toyota for his book."
    assert all(m.entity_id != kb.TOYOTA for m in read(text, ("Kofi Toyota", "PERSON")))


def test_a_place_inside_a_longer_name_is_no_place() -> None:
    text = "It was bought by Baring Partners Shanghai last year."
    mentions = read(text, ("Baring Partners Shanghai", "ORG"))
    assert [(m.text, m.status, m.kind) for m in mentions] == [
        ("Baring Partners Shanghai", "proposed", "organization")
    ]


def test_two_names_that_the_model_takes_for_one_are_both_read() -> None:
    text = "Lawyers of Toyota and Qualcomm declined."
    found = {m.entity_id for m in read(text, ("Toyota and Qualcomm", "ORG"))}
    assert found == {kb.TOYOTA, kb.QUALCOMM}


def test_an_unknown_name_is_proposed_with_its_reason() -> None:
    text = "The report came from Vindelia on Monday."
    found = one(read(text, ("Vindelia", "ORG")), "Vindelia")
    assert (found.status, found.kind, found.entity_id) == ("proposed", "organization", None)
    assert found.why[0].words == "the language model reads the name of an organisation here"


def test_articles_possessives_and_points_are_no_part_of_a_name() -> None:
    text = "It was the Vindelia Group's idea."
    assert [m.text for m in read(text, ("the Vindelia Group's", "ORG"))] == ["Vindelia Group"]


@pytest.mark.parametrize(
    ("text", "name", "label", "kind"),
    [
        ("The report came from chipmaker Vindelia.", "Vindelia", "PERSON", "company"),
        ("Shares of Vindelia rose.", "Vindelia", "GPE", "company"),
        ("Vindelia <VDL.N> fell.", "Vindelia", "PERSON", "company"),
        ("He joined Brenner Partners in May.", "Brenner Partners", "PERSON", "organization"),
        ("The case is before Judge Vindel.", "Vindel", "ORG", "person"),
        ("She wrote to Maria Vindel.", "Maria Vindel", "GPE", "person"),
        ("Storms hit Vindelia.", "Vindelia", "GPE", "place"),
        ("Talking about her sister, Vindelia smiled.", "Vindelia", "GPE", "person"),
        ("Citing low demand, Vindelia fell.", "Vindelia", "GPE", "place"),
    ],
)
def test_the_kind_is_voted_on_by_label_and_cues(text: str, name: str, label: str, kind: str) -> None:
    assert one(read(text, (name, label)), name).kind == kind


def test_one_name_has_one_kind_in_one_text() -> None:
    text = "Vindelia grew. Nobody at Vindelia spoke. The board of Vindelia met."
    found = [
        NamedSpan("text", at, at + 8, label)
        for at, label in zip(
            [i for i in range(len(text)) if text.startswith("Vindelia", i)],
            ["GPE", "ORG", "ORG"],
            strict=True,
        )
    ]
    mentions = link_text("", text, LEXICON, language="en", spans=found).mentions
    assert [m.kind for m in mentions] == ["organization"] * 3


def test_an_unknown_name_is_found_where_the_model_missed_it() -> None:
    text = "Viktor Vindel spoke first. Later Vindel left."
    mentions = read(text, ("Viktor Vindel", "PERSON"))
    assert [m.text for m in mentions] == ["Viktor Vindel", "Vindel"]
    assert mentions[1].label == "Viktor Vindel"


def test_dates_sums_and_ordinary_words_are_no_names() -> None:
    text = "On Friday it paid 3 million. Growth came later, the Chairman said."
    found = read(text, ("Friday", "DATE"), ("3 million", "MONEY"), ("Growth", "ORG"), ("Chairman", "PERSON"))
    assert found == []


def test_spans_are_followed_through_wrapped_lines() -> None:
    text = "The long report that everybody waited for came from Vindelia\nPartners yesterday."
    (found,) = read(text, ("Vindelia\nPartners", "ORG"))
    assert (found.start, found.end) == (text.index("Vindelia"), text.index(" yesterday"))


@pytest.mark.parametrize("label", ["ORG", "UNHEARD_OF"])
def test_spans_that_fit_no_text_break_nothing(label: str) -> None:
    odd = [
        NamedSpan("text", 0, 10_000, label),
        NamedSpan("text", 7, 7, label),
        NamedSpan("title", 3, 9, label),
        NamedSpan("text", 90, 95, label),
    ]
    link_text("", "Intel Corp. rose.", LEXICON, spans=odd)


def test_a_company_in_one_list_with_another_is_likelier() -> None:
    lexicon = build_lexicon(
        [
            LexiconEntity(1, "vindelia", "Vindelia", "company", prominence=0.1),
            LexiconEntity(2, "toyota", "Toyota", "company", prominence=0.9),
        ],
        [],
    )
    alone = link_text("", "Many look at Vindelia today.", lexicon).mentions
    listed = link_text("", "Many look at Toyota and Vindelia today.", lexicon).mentions
    assert [m.status for m in alone if m.text == "Vindelia"] == ["ambiguous"]
    assert [m.entity_id for m in listed] == [2, 1]
    assert "stands in one list with a company" in {w.words for w in listed[1].why}


def test_a_chain_of_small_words_is_read_in_no_time() -> None:
    chain = "Vindel Ropes " + "ex-" * 120 + "1"
    text = f"The ropes of {chain} are sold."
    assert isinstance(read(text, ("ex-" * 120 + "1", "ORG")), list)
