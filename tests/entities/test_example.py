"""The running example and our own telling of it, linked against the starter knowledge base as it ships."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from entities.compiled import Lexicon
from entities.lexicon import current_lexicon, forget_lexicon
from entities.linking import link_text
from entities.names import fold
from entities.ner import read_names
from entities.queries import EntityCard, entity_cards
from entities.sources.starter import load_starter
from entities.types import FoundMention, LinkedText
from tests.entities.test_linking import TWIN
from tests.shared_data import shared

pytestmark = pytest.mark.django_db

# ticker and market of each company as it is named in full
LISTED = {
    "Semiconductor Manufacturing International Corp.": ("0981", "XHKG"),
    "Hua Hong Semiconductor Ltd.": ("1347", "XHKG"),
    "Shanghai Fudan Microelectronics Group Co.": ("1385", "XHKG"),
    "Intel Corp.": ("INTC", "XNAS"),
    "Qualcomm Inc.": ("QCOM", "XNAS"),
}
OTHERS = {
    "China Semiconductor Industry Association",
    "Semiconductor Industry Association",
    "Huawei Technologies Co.",
    "Tsinghua Unigroup",
    "Intralink",
}
SHORT = {
    "SMIC": "Semiconductor Manufacturing International Corp.",
    "CSIA": "China Semiconductor Industry Association",
    "Huawei": "Huawei Technologies Co.",
}
ROLES = {
    ("Li Keqiang", "premier", ""),
    ("Joe Biden", "president", "Government of the United States"),
    ("Stewart Randall", "head of electronics", "Intralink"),
    ("Zhou Zixue", "chairman", "Semiconductor Manufacturing International Corp."),
    ("Zhou Zixue", "head", "China Semiconductor Industry Association"),
    ("Xu Zhijun", "deputy chairman", "Huawei Technologies Co."),
    ("Zhao Weiguo", "chairman", "Tsinghua Unigroup"),
}
NEVER = {("600810", "XSHG"), ("SMI", "XNYS")}
# Besides places: the administration is a government, "Biden" and "Randall" are short for people named in full.
ALSO_RIGHT = {"Trump administration", "Biden", "Randall"}


@pytest.fixture
def lexicon(settings: Any, tmp_path: Path) -> Iterator[Lexicon]:
    settings.DATA_DIR = tmp_path
    settings.LEXICON_CHECK_SECONDS = 0.0
    load_starter(lambda _words: None)
    forget_lexicon()
    yield current_lexicon()
    forget_lexicon()


@pytest.fixture(params=[False, True], ids=["names alone", "with the language model"])
def link(request: pytest.FixtureRequest, lexicon: Lexicon) -> Any:
    return partial(linked_text, lexicon, with_model=request.param)


def linked_text(lexicon: Lexicon, text: str, *, with_model: bool) -> LinkedText:
    spans = read_names([("", text)], "en") if with_model else None
    if with_model and spans is None:
        pytest.skip(f"the pipeline {django_settings.NER_MODEL!r} is not installed")
    return link_text("", text, lexicon, language="en", spans=spans[0] if spans else None)


def check(result: LinkedText) -> dict[str, set[int]]:
    """Assert all that both texts must give; the entities of each linked name, as written."""
    linked = [m for m in result.mentions if m.status == "linked" and m.entity_id is not None]
    owners: dict[str, set[int]] = {}
    for mention in linked:
        assert mention.entity_id is not None
        owners.setdefault(mention.text, set()).add(mention.entity_id)
    cards = entity_cards(m.entity_id for m in linked if m.entity_id is not None)
    for name, line in LISTED.items():
        (owner,) = owners[name]
        lines = [(x.ticker, x.mic) for x in cards[owner].listings]
        assert lines[0] == line, f"{name}: {lines}"
    assert owners.keys() >= OTHERS
    for short, full in SHORT.items():
        assert owners[short] == owners[full], short
    assert not {line for card in cards.values() for line in _lines(card)} & NEVER
    people = {person for person, _, _ in ROLES}
    assert owners.keys() >= people
    expected = LISTED.keys() | OTHERS | SHORT.keys() | people | ALSO_RIGHT
    wrong = [m.text for m in linked if m.kind != "place" and m.text not in expected]
    assert wrong == []
    names = {owner: name for name in LISTED.keys() | OTHERS for owner in owners[name]}
    posts = {r.organization_id for r in result.roles if r.organization_id}
    names |= {card.id: card.name for card in entity_cards(posts - names.keys()).values()}
    told = {
        (r.person, fold(r.title), names[r.organization_id] if r.organization_id else "") for r in result.roles
    }
    assert told == ROLES
    assert {r.person_id for r in result.roles} == set().union(*(owners[person] for person in people))
    assert not any(r.former for r in result.roles)
    return owners


def _lines(card: EntityCard) -> Iterable[tuple[str, str]]:
    return ((x.ticker, x.mic) for x in card.listings)


def test_the_twin_is_linked_whole_against_the_starter_set(link: Any) -> None:
    check(link(TWIN))


def test_the_example_is_linked_whole_against_the_starter_set(link: Any) -> None:
    folder = shared("example")
    text = (folder / "csia-sia.txt").read_text("utf-8")
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    result: LinkedText = link(text)
    owners = check(result)
    spans: dict[tuple[int, int], FoundMention] = {
        (m.start, m.end): m for m in result.mentions if m.status == "linked"
    }
    for name, places in expected["mentions"].items():
        hits = [spans.get((a, b)) or spans.get((a, b - 1)) for a, b in places]
        assert all(hits), f"a mention of {name} is missing"
        assert len({hit.entity_id for hit in hits if hit is not None}) == 1
    for name in expected["not_entities"]:
        assert all(name not in m.text for m in result.mentions), name
    stated = {(fold(r.person), fold(r.title)) for r in result.roles}
    for person in expected["people"]:
        assert (fold(person["name"]), fold(person["role"])) in stated
    for place in expected["places"]["required"]:
        assert any(place in name for name in owners), f"{place} is missing"
