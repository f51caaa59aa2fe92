"""Names that are easily mistaken are linked right or not at all, against the starter set as it ships."""

from __future__ import annotations

from functools import cache
from itertools import chain

import pytest
from django.conf import settings as django_settings

from entities.compiled import Lexicon, build_lexicon
from entities.linking import link_text
from entities.ner import read_names
from entities.sources.facts import FactBatch
from entities.sources.starter.reading import read_starter
from entities.types import LexiconAlias, LexiconEntity, LinkedText
from tests.entities.traps import NAMESAKE_ALIASES, NAMESAKES, TRAPS, Trap

BAR = 0.95
FEWEST = 60


@cache
def lexicon() -> Lexicon:
    """The starter set and the namesakes, compiled without a database."""
    batch: FactBatch = read_starter()
    ids = {fact.slug: number for number, fact in enumerate(batch.entities, start=1)}
    tickers: dict[str, list[tuple[str, str]]] = {}
    for fact in batch.listings:
        tickers.setdefault(fact.slug, []).append((fact.ticker, fact.mic))
    entities = (
        LexiconEntity(
            ids[f.slug], f.slug, f.name, f.kind, f.country, tuple(tickers.get(f.slug, ())), f.prominence
        )
        for f in batch.entities
    )
    aliases = (LexiconAlias(ids[f.slug], f.text, f.kind, f.weak, f.lang) for f in batch.aliases)
    return build_lexicon(
        chain(entities, NAMESAKES),
        chain(aliases, NAMESAKE_ALIASES),
        related=((ids[f.person], ids[f.organization]) for f in batch.positions),
    )


def wrong_links(trap: Trap, result: LinkedText) -> list[str]:
    """The links that a trap must not have, each as a sentence."""
    found = []
    for mention in result.mentions:
        if mention.status != "linked" or mention.entity_id is None:
            continue
        entity = lexicon().entities[mention.entity_id]
        right = {trap.links.get(mention.text), trap.may.get(mention.text)}
        elsewhere = entity.kind == "place" and mention.text not in (*trap.links, *trap.never)
        if entity.slug not in right and not elsewhere:
            reasons = ", ".join(f"{part.code} {part.weight:+.2f}" for part in mention.why)
            found.append(f'{trap.name}: "{mention.text}" is linked to {entity.slug} ({reasons})')
    return found


def missing_links(trap: Trap, result: LinkedText) -> list[str]:
    """The links that a trap must have and has not at each place of the name, each as a sentence."""
    found = []
    for text, slug in trap.links.items():
        meant = [
            lexicon().entities[m.entity_id].slug if m.entity_id is not None else m.status
            for m in result.mentions
            if m.text == text
        ]
        if not meant or set(meant) != {slug}:
            found.append(f'{trap.name}: "{text}" is {", ".join(meant) or "not found"}, not {slug}')
    return found


@pytest.mark.parametrize("with_model", [False, True], ids=["names alone", "with the language model"])
def test_nearly_all_traps_are_read_right_and_no_link_is_wrong(*, with_model: bool) -> None:
    texts = [(trap.title, trap.text) for trap in TRAPS]
    spans = read_names(texts, "en") if with_model else None
    if with_model and spans is None:
        pytest.skip(f"the pipeline {django_settings.NER_MODEL!r} is not installed")
    wrong: list[str] = []
    missing: list[str] = []
    failed = 0
    for number, trap in enumerate(TRAPS):
        result = link_text(
            trap.title,
            trap.text,
            lexicon(),
            language="en",
            spans=spans[number] if spans is not None else None,
        )
        bad, lost = wrong_links(trap, result), missing_links(trap, result)
        failed += bool(bad or lost)
        wrong += bad
        missing += lost
    share = 1 - failed / len(TRAPS)
    told = f"{share:.3f} of {len(TRAPS)} traps right (bar {BAR}), {len(wrong)} wrong links (bar 0)"
    assert share >= BAR, "\n".join([told, *wrong, *missing])
    assert wrong == [], "\n".join([told, *wrong])


def test_there_are_enough_traps_and_each_has_its_own_name() -> None:
    assert len(TRAPS) >= FEWEST
    assert len({trap.name for trap in TRAPS}) == len(TRAPS)


def test_every_entity_that_a_trap_wants_is_in_the_set() -> None:
    known = {lexicon().entities[key].slug for key in lexicon().entities}
    assert {slug for trap in TRAPS for slug in trap.links.values()} <= known
