"""A company beside the word "index" is the company, unless the words between say that its index is meant."""

from __future__ import annotations

import pytest

from entities.linking import link_text
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
