"""The running example and our own telling of it, linked against the starter knowledge base as it ships."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from entities.lexicon import current_lexicon, forget_lexicon
from entities.linking import link_text
from entities.names import fold
from entities.queries import EntityCard, entity_cards
from entities.sources.starter import load_starter
from entities.types import FoundMention, LinkedText
from tests.entities.test_linking import TWIN

pytestmark = pytest.mark.django_db

FIVE = {("0981", "XHKG"), ("1347", "XHKG"), ("1385", "XHKG"), ("INTC", "XNAS"), ("QCOM", "XNAS")}
NEVER = {("600810", "XSHG"), ("SMI", "XNYS")}


@pytest.fixture(autouse=True)
def starter(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.LEXICON_CHECK_SECONDS = 0.0
    load_starter(lambda _words: None)
    forget_lexicon()


def link(text: str) -> tuple[LinkedText, dict[int, EntityCard]]:
    result = link_text("", text, current_lexicon(), language="en")
    return result, entity_cards(m.entity_id for m in result.mentions if m.entity_id is not None)


def lines(mentions: tuple[FoundMention, ...], cards: dict[int, EntityCard]) -> set[tuple[str, str]]:
    return {
        (x.ticker, x.mic) for m in mentions if m.entity_id is not None for x in cards[m.entity_id].listings
    }


def names(mentions: tuple[FoundMention, ...], text: str) -> set[int | None]:
    return {m.entity_id for m in mentions if m.text == text and m.status == "linked"}


def test_the_twin_is_linked_against_the_starter_set() -> None:
    result, cards = link(TWIN)
    found = lines(result.mentions, cards)
    assert found >= FIVE
    assert not found & NEVER
    assert (
        len(
            names(result.mentions, "SMIC")
            | names(result.mentions, "Semiconductor Manufacturing International Corp.")
        )
        == 1
    )
    assert (
        len(
            names(result.mentions, "CSIA")
            | names(result.mentions, "China Semiconductor Industry Association")
        )
        == 1
    )


def test_the_example_is_linked_against_the_starter_set() -> None:
    shared = os.environ.get("NEWSDESK_SHARED") or str(Path(django_settings.BASE_DIR).parent / "shared")
    folder = Path(shared) / "data" / "example"
    if not folder.is_dir():
        pytest.skip(f"the example is not there: {folder}")
    text = (folder / "csia-sia.txt").read_text("utf-8")
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    result, cards = link(text)
    found = lines(result.mentions, cards)
    assert found >= FIVE
    assert not found & NEVER
    spans = {(m.start, m.end): m for m in result.mentions if m.status != "ambiguous"}
    for name, places in expected["mentions"].items():
        hits = [spans.get((a, b)) or spans.get((a, b - 1)) for a, b in places]
        assert all(hits), f"a mention of {name} is missing"
        assert len({hit.entity_id for hit in hits if hit is not None}) == 1
    for name in expected["not_entities"]:
        assert all(name not in m.text for m in result.mentions)
    stated = {(fold(r.person), fold(r.title)) for r in result.roles}
    for person in expected["people"]:
        assert (fold(person["name"]), fold(person["role"])) in stated
    linked = {m.text for m in result.mentions if m.status == "linked"}
    for place in expected["places"]["required"]:
        assert any(place in text for text in linked), f"{place} is missing"
