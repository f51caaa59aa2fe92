"""A state that acts is linked to its country, in whatever words."""

from __future__ import annotations

import pytest

from entities.compiled import build_lexicon
from entities.linking import link_text
from entities.types import LexiconAlias, LexiconEntity

CHILE, GOVERNMENT, COPPER, SCOTLAND = range(1, 5)
LEXICON = build_lexicon(
    [
        LexiconEntity(CHILE, "chile", "Chile", "place", "CL", prominence=0.9),
        LexiconEntity(GOVERNMENT, "government-of-chile", "Government of Chile", "public_body", "CL", (), 0.9),
        LexiconEntity(COPPER, "chilean-copper", "Chilean Copper", "company", "CL", (), 0.9),
        LexiconEntity(SCOTLAND, "scottish-government", "Scottish Government", "public_body", "GB", (), 0.9),
    ],
    [
        LexiconAlias(GOVERNMENT, "Chilean government", "short"),
        LexiconAlias(GOVERNMENT, "Chile's government", "short"),
        LexiconAlias(GOVERNMENT, "Boric administration", "short"),
    ],
)


def linked(text: str) -> list[tuple[str, int | None]]:
    found = link_text("", text, LEXICON, language="en").mentions
    return [(m.text, m.entity_id) for m in found if m.status == "linked"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Chilean government raised a tax.", "Chilean"),
        ("It is said that Chile's government raised a tax.", "Chile"),
        ("Talks with Chilean officials went on.", "Chilean"),
        ("Talks with Chilean Finance Minister Jane Roe went on.", "Chilean"),
        ("The Boric administration raised a tax.", "Boric administration"),
    ],
)
def test_a_government_that_acts_is_its_country(text: str, words: str) -> None:
    assert linked(text) == [(words, CHILE)]


@pytest.mark.parametrize("text", ["Chilean wine is sold here.", "Chilean miners went home."])
def test_what_a_nation_makes_or_does_is_not_its_state(text: str) -> None:
    assert linked(text) == []


def test_a_name_with_the_adjective_stays_a_name() -> None:
    assert linked("Shares of Chilean Copper rose.") == [("Chilean Copper", COPPER)]


def test_a_government_under_its_own_name_stays_itself() -> None:
    text = "The Government of Chile and the Scottish Government signed it."
    assert linked(text) == [("Government of Chile", GOVERNMENT), ("Scottish Government", SCOTLAND)]


def test_a_country_that_changed_since_the_names_were_compiled_is_still_the_state() -> None:
    entity = LexiconEntity(
        GOVERNMENT, "government-of-chile", "Government of Chile", "public_body", "CL", (), 0.5
    )
    patch = build_lexicon([entity], [LexiconAlias(GOVERNMENT, "Chilean government", "short")])
    renewed = LEXICON.patched(patch, {GOVERNMENT})
    found = link_text("", "The Chilean government raised a tax.", renewed, language="en").mentions
    assert [(m.text, m.entity_id) for m in found] == [("Chilean", CHILE)]
