"""Each hit is weighed against the entities that it can mean, first alone, then with what the text has settled."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from entities.compiled import Lexicon, written_forms
from entities.evidence import SeenName, Surroundings, TextContext, surroundings
from entities.linking.fields import FieldText
from entities.linking.seen import seen_at
from entities.longer_names import LONGEST_LARGER
from entities.objections import is_longer
from entities.recognition import NameHit
from entities.scoring import MARGIN, THRESHOLD, best_two, full_sum, is_worth_showing, score_candidate
from entities.sentences import sentence_at
from entities.types import Candidate, EntityKind, MentionStatus

_OWNS = re.compile(r"(?:'s?)? (?:former |then-?)?")
_IN_LIST = re.compile(r"(?: ?<[\w.]+>)?(?:,? (?:and|or|&) |, |/)(?:the )?")


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
    listed = _beside(read, before, lexicon, "company")
    indices = _beside(read, before, lexicon, "other")
    officers = _officers(read, before, lexicon)
    verdicts = []
    for hit in read.hits.values():
        verdict = known.get(hit)
        stands = verdict is not None and (hit.start, hit.end) not in anchored
        place = (hit.start, hit.end)
        if place in listed or place in indices or place in officers:
            read.around[place] = replace(
                _surroundings(read, hit),
                listed=min(2, listed[place]),
                indices=indices[place],
                officers=officers.get(place, frozenset()),
            )
            stands = False
        if verdict is None or not stands or any(row.entity_id in context.related for row in hit.rows):
            verdict = verdict_on(read, hit, lexicon, context)
        verdicts.append(verdict)
    return verdicts


def _officers(
    read: FieldText, verdicts: Sequence[Verdict], lexicon: Lexicon
) -> dict[tuple[int, int], frozenset[int]]:
    """The known people to whom the words give an office at the name of a hit: "SIA president John Neuffer"."""
    people = {
        (v.hit.start, v.hit.end): v.candidates[0].entity_id
        for v in verdicts
        if v.status == "linked" and lexicon.entities[v.candidates[0].entity_id].kind == "person"
    }
    found: dict[tuple[int, int], frozenset[int]] = {}
    places = sorted(read.hits) if people else []
    for role in read.roles if people else ():
        person = people.get((role.person_start, role.person_end))
        if person is None or person not in lexicon.related:
            continue
        near = bisect_left(places, (min(role.reach_start, role.owner_end) - LONGEST_LARGER, 0))
        for place in islice(places, near, None):
            if place[0] > role.reach_end:
                break
            inside = role.reach_start <= place[0] and place[1] <= role.reach_end
            if inside or (
                place[1] < role.owner_end and _OWNS.fullmatch(read.plain, place[1], role.owner_end)
            ):
                found[place] = found.get(place, frozenset()) | {person}
    return found


def _beside(
    read: FieldText, verdicts: Sequence[Verdict], lexicon: Lexicon, kind: EntityKind
) -> Counter[tuple[int, int]]:
    """Hits that stand in one list with what is linked to this kind, with the number of such neighbours.

    Only what nothing settled, or what may be of the kind itself: "Exxon, Hess and Repsol"; "Allianz, Zurich and AXA",
    where the town may be an insurer; "the S&P 500 and the Nasdaq".
    """
    found: Counter[tuple[int, int]] = Counter()
    ordered = sorted(verdicts, key=lambda v: v.hit.start)
    for left, right in pairwise(ordered):
        if not _IN_LIST.fullmatch(read.plain, left.hit.end, right.hit.start):
            continue
        of_kind = _is_linked_to(left, kind, lexicon), _is_linked_to(right, kind, lexicon)
        if of_kind[0] != of_kind[1]:
            other = right if of_kind[0] else left
            if other.status != "linked" or any(
                lexicon.entities[r.entity_id].kind == kind for r in other.hit.rows
            ):
                found[other.hit.start, other.hit.end] += 1
    return found


def _is_linked_to(verdict: Verdict, kind: EntityKind, lexicon: Lexicon) -> bool:
    return verdict.status == "linked" and lexicon.entities[verdict.candidates[0].entity_id].kind == kind


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


def _firm_so_called(read: FieldText, hit: NameHit, lexicon: Lexicon) -> str:
    """The full name of a company that the text gives, and to which the short name here may lead; "" for none."""
    for row in hit.rows if len(hit.rows) > 1 else ():
        anchor = read.anchors.get((hit.start, hit.end, row.entity_id))
        if anchor is not None and lexicon.entities[row.entity_id].kind == "company":
            return anchor.name
    return ""


def owners_of_form(hit: NameHit) -> set[int]:
    """The entities that have the very form behind the name: "Nasdaq Inc" is the firm, not the exchange."""
    written = set(written_forms(hit.suffix))
    shared = [(len(written & set(row.forms)), row.entity_id) for row in hit.rows] if written else []
    most = max((count for count, _ in shared), default=0)
    return {entity_id for count, entity_id in shared if count == most} if most else set()


def verdict_on(read: FieldText, hit: NameHit, lexicon: Lexicon, context: TextContext) -> Verdict:
    around = _surroundings(read, hit)
    if (firm := _firm_so_called(read, hit, lexicon)) != around.firm:
        around = replace(around, firm=firm)
    best: dict[int, Candidate] = {}
    owners = owners_of_form(hit)
    for row in hit.rows:
        candidate = score_candidate(
            row,
            lexicon.entities[row.entity_id],
            hit,
            around,
            context=context,
            anchor=read.anchors.get((hit.start, hit.end, row.entity_id)),
            lent=bool(owners) and row.entity_id not in owners,
        )
        if row.entity_id not in best or full_sum(candidate) > full_sum(best[row.entity_id]):
            best[row.entity_id] = candidate
    ranked = tuple(sorted(best.values(), key=lambda c: (-full_sum(c), c.entity_id)))
    top, lead = best_two(ranked)
    if top.score >= THRESHOLD and lead >= MARGIN:
        return Verdict(hit, "linked", ranked)
    return Verdict(hit, "ambiguous" if is_worth_showing(top) else None, ranked)
