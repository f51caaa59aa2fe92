"""Each hit is weighed against the entities that it can mean, first alone, then with what the text has settled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from entities.compiled import Lexicon
from entities.evidence import SeenName, Surroundings, TextContext, surroundings
from entities.linking.fields import FieldText
from entities.linking.seen import seen_at
from entities.objections import is_longer
from entities.recognition import NameHit
from entities.scoring import MARGIN, THRESHOLD, best_two, full_sum, is_worth_showing, score_candidate
from entities.sentences import sentence_at
from entities.types import Candidate, MentionStatus

_IN_LIST = re.compile(r"(?: ?<[\w.]+>)?(?:,? (?:and|or|&) |, |/)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about one hit."""

    hit: NameHit
    status: MentionStatus | None  # None: nothing to show
    candidates: tuple[Candidate, ...]


def weigh(read: FieldText, lexicon: Lexicon, context: TextContext) -> list[Verdict]:
    return [verdict_on(read, hit, lexicon, context) for hit in read.hits.values()]


def weigh_again(
    read: FieldText, before: Sequence[Verdict], lexicon: Lexicon, context: TextContext
) -> list[Verdict]:
    """Weigh with what the text has settled; a hit that nothing new speaks of keeps its verdict."""
    anchored = {(start, end) for start, end, _ in read.anchors}
    known = {verdict.hit: verdict for verdict in before}
    listed = _beside_firms(read, before, lexicon)
    verdicts = []
    for hit in read.hits.values():
        verdict = known.get(hit)
        stands = verdict is not None and (hit.start, hit.end) not in anchored
        if (hit.start, hit.end) in listed:
            read.around[hit.start, hit.end] = replace(_surroundings(read, hit), listed=True)
            stands = False
        if verdict is None or not stands or any(row.entity_id in context.related for row in hit.rows):
            verdict = verdict_on(read, hit, lexicon, context)
        verdicts.append(verdict)
    return verdicts


def _beside_firms(read: FieldText, verdicts: Sequence[Verdict], lexicon: Lexicon) -> set[tuple[int, int]]:
    """Hits that nothing settled and that stand in one list with a company: "Exxon, Hess and Repsol"."""
    found: set[tuple[int, int]] = set()
    ordered = sorted(verdicts, key=lambda v: v.hit.start)
    for left, right in pairwise(ordered):
        if left.status == right.status or not _IN_LIST.fullmatch(read.plain, left.hit.end, right.hit.start):
            continue
        for one, other in ((left, right), (right, left)):
            if other.status == "linked" and lexicon.entities[other.candidates[0].entity_id].kind == "company":
                found.add((one.hit.start, one.hit.end))
    return found


def _surroundings(read: FieldText, hit: NameHit) -> Surroundings:
    found = read.around.get((hit.start, hit.end))
    if found is None:
        sentence = sentence_at(read.sentences, hit.start)
        beside = read.ticker_beside(hit)
        found = surroundings(
            read.plain,
            hit,
            casing=sentence.casing,
            sentence_start=sentence.start,
            tickers=frozenset(entity_id for entity_id, _ in beside.found) if beside else frozenset(),
            ticker_words=read.plain[beside.start : beside.end] if beside else "",
            has_ticker=beside is not None,
            seen=_seen(read, hit),
        )
        read.around[hit.start, hit.end] = found
    return found


def _seen(read: FieldText, hit: NameHit) -> SeenName | None:
    """What the model says of a place: nothing (None: no model ran), a name there, or a longer one around it."""
    if read.seen is None:
        return None
    name = seen_at(read.seen, hit.start, hit.end)
    if name is None:
        return SeenName("", "")
    before, after = read.plain[name.start : hit.start], read.plain[hit.end : name.end]
    larger = is_longer(before, after)
    return SeenName(name.label, read.plain[name.start : name.end] if larger else "")


def verdict_on(read: FieldText, hit: NameHit, lexicon: Lexicon, context: TextContext) -> Verdict:
    around = _surroundings(read, hit)
    best: dict[int, Candidate] = {}
    for row in hit.rows:
        anchor = read.anchors.get((hit.start, hit.end, row.entity_id))
        candidate = score_candidate(
            row, lexicon.entities[row.entity_id], hit, around, context=context, anchor=anchor
        )
        if row.entity_id not in best or full_sum(candidate) > full_sum(best[row.entity_id]):
            best[row.entity_id] = candidate
    ranked = tuple(sorted(best.values(), key=lambda c: (-full_sum(c), c.entity_id)))
    top, lead = best_two(ranked)
    if top.score >= THRESHOLD and lead >= MARGIN:
        return Verdict(hit, "linked", ranked)
    return Verdict(hit, "ambiguous" if is_worth_showing(top) else None, ranked)
