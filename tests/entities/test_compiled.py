"""Names compile into bytes that are read lazily, and legal forms are told apart."""

from __future__ import annotations

import pytest

from entities.compiled import Lexicon, build_lexicon, legal_forms
from entities.linking import link_text
from entities.names import prepare
from entities.recognition import find_names
from entities.sentences import split_sentences
from entities.types import LexiconAlias, LexiconEntity
from tests.entities.names_for_tests import BIDEN, HUAWEI, SMIC, ZHOU, small_lexicon

LEXICON = small_lexicon()


def test_a_lexicon_that_lives_on_copied_bytes_finds_the_same() -> None:
    copy = Lexicon({name: memoryview(bytes(section)) for name, section in LEXICON.sections.items()})
    prepared = prepare("SMIC and Huawei")
    hits = find_names(prepared.plain, prepared.scan, copy, split_sentences(prepared.plain))
    assert {row.entity_id for hit in hits for row in hit.rows} >= {SMIC, HUAWEI}
    assert copy.version == LEXICON.version


def test_the_same_names_compile_into_the_same_values() -> None:
    again = small_lexicon()
    for name in ("lengths", "rows", "row_starts", "ids", "entities", "entity_starts"):
        assert bytes(again.sections[name]) == bytes(LEXICON.sections[name]), name
    assert again.tickers == LEXICON.tickers
    assert again.related == LEXICON.related
    assert again.shared_heads == LEXICON.shared_heads


def test_entities_are_found_by_id_and_unknown_ones_are_not() -> None:
    entity = LEXICON.entities[SMIC]
    assert entity.tickers == (("0981", "XHKG"), ("688981", "XSHG"))
    assert (entity.id, entity.kind, entity.country, entity.prominence) == (SMIC, "company", "CN", 0.9)
    assert BIDEN in LEXICON.entities
    assert 4711 not in LEXICON.entities
    assert LEXICON.entities.get(4711) is None
    with pytest.raises(KeyError):
        LEXICON.entities[4711]
    assert list(LEXICON.entities) == sorted(LEXICON.entities)
    assert len(LEXICON.entities) == len(set(LEXICON.entities))


def test_relations_go_both_ways() -> None:
    assert SMIC in LEXICON.related[ZHOU]
    assert ZHOU in LEXICON.related[SMIC]


def test_an_empty_lexicon_finds_nothing() -> None:
    empty = build_lexicon([], [])
    assert len(empty.rows) == len(empty.entities) == 0
    assert find_names("Intel", prepare("Intel").scan, empty, split_sentences("Intel")) == []


@pytest.mark.parametrize(
    ("suffix", "forms"),
    [
        ("& Co., Limited", ("co", "ltd")),
        ("Corporation", ("corp",)),
        ("S.p.A.", ("spa",)),
        ("A/S", ("as",)),
        ("Holdings Ltd", ("ltd",)),
        ("Group", ()),
        ("", ()),
    ],
)
def test_legal_forms_have_one_spelling(suffix: str, forms: tuple[str, ...]) -> None:
    assert legal_forms(suffix) == forms


def test_a_legal_form_tells_two_firms_of_one_name_apart() -> None:
    lexicon = build_lexicon(
        [
            LexiconEntity(1, "zandermar-us", "Zandermar & Co.", "company", "US", prominence=0.9),
            LexiconEntity(2, "zandermar-de", "Zandermar KGaA", "company", "DE", prominence=0.8),
        ],
        [
            LexiconAlias(1, "Zandermar & Co., Inc.", "legal"),
            LexiconAlias(1, "Zandermar", "short", weak=True),
        ],
    )
    found = link_text("", "Zandermar KGaA sold a lab. Zandermar & Co. bought it.", lexicon, language="en")
    assert [(m.text, m.entity_id) for m in found.mentions] == [("Zandermar KGaA", 2), ("Zandermar & Co.", 1)]


def test_a_short_name_with_a_legal_form_that_it_never_has_is_somebody_else() -> None:
    lexicon = build_lexicon(
        [LexiconEntity(1, "zandermar", "Zandermar Air Lines", "company", "US", prominence=0.4)],
        [LexiconAlias(1, "Zandermar", "short", weak=True)],
    )
    (mention,) = link_text("", "The zinc works belong to Zandermar Plc.", lexicon, language="en").mentions
    assert mention.status != "linked"
