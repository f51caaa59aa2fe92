"""A company beside the word "index" is the company, unless the words between say that its index is meant."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import LexiconAlias, LexiconEntity
from tests.entities import names_for_tests as kb

LEXICON = kb.small_lexicon()


@pytest.mark.parametrize(
    "text",
    [
        "Intel led the index higher on Monday.",
        "Shares rose. Intel will join the index on Monday, the exchange said.",
        "Intel leaves the index.",
        "Qualcomm and Intel enter the index.",
    ],
)
def test_a_company_that_joins_leaves_or_leads_an_index_is_linked(text: str) -> None:
    found = link_text("", text, LEXICON, language="en").mentions
    assert kb.INTEL in {m.entity_id for m in found if m.status == "linked"}, found


def test_an_index_neither_speaks_nor_buys() -> None:
    entities = [
        LexiconEntity(
            id=1, slug="dow-jones", name="Dow Jones Industrial Average", kind="other", prominence=0.9
        ),
        LexiconEntity(id=2, slug="dow", name="Dow Inc", kind="company", prominence=0.6),
    ]
    aliases = [
        LexiconAlias(entity_id=1, text="Dow", kind="short"),
        LexiconAlias(entity_id=2, text="Dow", kind="name", weak=True),
    ]
    lexicon = build_lexicon(entities, aliases)

    def meant(text: str) -> list[int | None]:
        return [m.entity_id for m in link_text("", text, lexicon, language="en").mentions if m.text == "Dow"]

    assert meant("Stocks slid. The Dow fell 200 points on Monday.") == [1]
    assert 1 not in meant("Dow said it would close a plant as demand for chemicals fell.")


@pytest.mark.parametrize(
    "text",
    [
        "Intel's broadest index of Asian shares fell 1%.",
        "Intel's closely watched gauge of sentiment rose.",
        "The Intel emerging markets index rose.",
    ],
)
def test_the_index_that_it_makes_is_not_the_company(text: str) -> None:
    found = link_text("", text, LEXICON, language="en").mentions
    assert kb.INTEL not in {m.entity_id for m in found if m.status == "linked"}, found
