"""The traps of the tests against the whole knowledge base, namesakes of forty thousand companies and all."""

from __future__ import annotations

from entities.lexicon import current_lexicon
from entities.linking import link_text
from entities.ner import read_names
from entities.types import NamedSpan
from tests.benchmarks.linking.knowledge import say
from tests.entities.traps import NAMESAKES, TRAPS, Trap

BAR = 0.95


def measure() -> bool:
    """Print each wrong and each missing link, with and without the language model; whether the bars were reached."""
    ours = {entity.slug for entity in NAMESAKES}
    # What speaks of entities that only the tests have is left out.
    traps = [trap for trap in TRAPS if not trap.among_ours and not ours & set(trap.links.values())]
    read = read_names([(trap.title, trap.text) for trap in traps], "en")
    reached = [_measure(traps, None, "names alone")]
    if read is not None:
        reached.append(_measure(traps, read, "with the language model"))
    return all(reached)


def _measure(traps: list[Trap], spans: list[list[NamedSpan]] | None, what: str) -> bool:
    lexicon = current_lexicon()
    wrong = failed = 0
    for number, trap in enumerate(traps):
        found = link_text(
            trap.title, trap.text, lexicon, language="en", spans=spans[number] if spans else None
        )
        bad = []
        for mention in found.mentions:
            if mention.entity_id is None or mention.status != "linked":
                continue
            entity = lexicon.entities[mention.entity_id]
            if entity.slug in (trap.links.get(mention.text), trap.may.get(mention.text)):
                continue
            if entity.kind != "place" or mention.text in (*trap.links, *trap.never):
                bad.append(f'"{mention.text}" is linked to {entity.slug}')
        lost = []
        for text, slug in trap.links.items():
            meant = [m for m in found.mentions if m.text == text]
            if not meant or any(
                m.entity_id is None or lexicon.entities[m.entity_id].slug != slug for m in meant
            ):
                lost.append(f'"{text}" is not linked to {slug}')
        for line in (*bad, *lost):
            say(f"  {trap.name}: {line}")
        wrong += len(bad)
        failed += bool(bad or lost)
    share = 1 - failed / len(traps)
    say(f"FIGURE {what}: traps={share:.3f} of {len(traps)} bar={BAR} wrong_links={wrong} bar=0")
    return share >= BAR and not wrong
