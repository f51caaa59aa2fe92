"""What people decided takes the place of what was found: rules first, then words on this very text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from entities.compiled import Lexicon
from entities.coreference import defined_acronym
from entities.linking.drafts import Draft
from entities.linking.fields import FieldText
from entities.longer_names import LONGEST_LARGER
from entities.names import has_cjk, prepare
from entities.recognition import NameHit
from entities.types import Decision, NameRule, TextField, Why

DECIDED_SCORE = 1.0
_RUN_BEFORE = re.compile(
    r"(?<![\w&'.-])[A-Z][\w&'.-]*(?: (?:(?:of|and|for|the|on|in|de|&) )*[A-Z][\w&'.-]*)*$"
)
_WORD_START = re.compile(r"(?<![\w&'.-])[A-Z]")


def obey_rules(
    fields: Sequence[FieldText],
    drafts: Mapping[TextField, list[Draft]],
    rules: Iterable[NameRule],
    lexicon: Lexicon,
    *,
    decided: AbstractSet[int],
) -> dict[TextField, list[Draft]]:
    """Put what rules say of names in the place of what was found.

    A rule gives way in a text that defines the name as the short form of somebody else, inside longer names, and one
    with `beside` where that entity is not linked in the text; `decided` are the entities that people put there.
    """
    obeyed = dict(drafts)
    for rule in rules:
        linked = {d.entity_id for kept in obeyed.values() for d in kept if d.status == "linked"} | decided
        if rule.beside is not None and rule.beside not in linked:
            continue
        word = Decision(rule.surface, rule.entity_id, rule.by)
        if _is_defined_otherwise(fields, obeyed, rule):
            continue
        for read in fields:
            for start, end in _places(read, word):
                if _is_inside(read, obeyed[read.name], start, end):
                    continue
                others = [d for d in obeyed[read.name] if d.end <= start or end <= d.start]
                if rule.entity_id is not None:
                    others.append(_ruled(start, end, rule, lexicon))
                obeyed[read.name] = sorted(others, key=lambda d: d.start)
    return obeyed


def _is_defined_otherwise(
    fields: Sequence[FieldText], drafts: Mapping[TextField, list[Draft]], rule: NameRule
) -> bool:
    """Whether the text gives the rule's name in brackets behind the full name of another: "... Authority (SIA)"."""
    short = re.compile(rf" ?\((?:the |or )?[\"']?{re.escape(rule.surface)}[\"']?\)")
    for read in fields:
        for bracket in short.finditer(read.plain):
            name = _full_name_before(read.plain, bracket.start())
            if name is None:
                continue
            owners = {d.entity_id for d in drafts[read.name] if d.start < bracket.start() and name < d.end}
            if rule.entity_id not in owners or rule.entity_id is None:
                return True
    return False


def _full_name_before(plain: str, end: int) -> int | None:
    """Where a name starts that ends at `end` and has the letters of the short form behind it."""
    run = _RUN_BEFORE.search(plain, max(0, end - LONGEST_LARGER), end)
    starts = [m.start() for m in _WORD_START.finditer(plain, run.start(), end)] if run else []
    for start in starts:
        if defined_acronym(plain, end, plain[start:end]):
            return start
    return None


def _is_inside(read: FieldText, drafts: Sequence[Draft], start: int, end: int) -> bool:
    """Whether the place is a part of a longer name: a rule for "SIA" says nothing of "SIA Engineering"."""
    longer = any(d.start <= start and end <= d.end and d.end - d.start > end - start for d in drafts)
    return longer or any(read.larger_around(NameHit(start, end, end, (), "")))


def _ruled(start: int, end: int, rule: NameRule, lexicon: Lexicon) -> Draft:
    entity = lexicon.entities.get(rule.entity_id) if rule.entity_id is not None else None
    reason = f": {rule.why}" if rule.why else ""
    return Draft(
        start=start,
        end=end,
        kind=entity.kind if entity else "other",
        status="linked",
        entity_id=rule.entity_id,
        score=DECIDED_SCORE,
        why=(Why("rule", f"a rule made by {rule.by} says so{reason}", DECIDED_SCORE),),
        decided_by=rule.by,
        rule_id=rule.id,
    )


def obey_decisions(
    read: FieldText, drafts: list[Draft], decisions: Iterable[Decision], lexicon: Lexicon
) -> list[Draft]:
    """Put what people decided in the place of what was found; the later word stands over the earlier one."""
    for decision in decisions:
        if decision.field not in (None, read.name):
            continue
        for start, end in _places(read, decision):
            drafts = [d for d in drafts if d.end <= start or end <= d.start]
            if decision.entity_id is not None:
                entity = lexicon.entities.get(decision.entity_id)
                why = Why("decision", f"decided by {decision.by}", DECIDED_SCORE)
                drafts.append(
                    Draft(
                        start=start,
                        end=end,
                        kind=entity.kind if entity else "other",
                        status="linked",
                        entity_id=decision.entity_id,
                        score=DECIDED_SCORE,
                        why=(why,),
                        decided_by=decision.by,
                    )
                )
    return sorted(drafts, key=lambda d: d.start)


def _places(read: FieldText, decision: Decision) -> list[tuple[int, int]]:
    """Where a decision holds, in the plain text; a given span only while the same words still stand there."""
    if decision.start is not None and decision.end is not None:
        if read.source[decision.start : decision.end] != decision.surface:
            return []
        offsets = read.prepared.offsets
        if offsets is None:
            return [(decision.start, decision.end)]
        inside = [i for i, source in enumerate(offsets) if decision.start <= source < decision.end]
        return [(inside[0], inside[-1] + 1)] if inside else []
    surface = prepare(decision.surface).plain.strip()
    if not surface:
        return []
    if has_cjk(surface):
        return [m.span() for m in re.finditer(re.escape(surface), read.plain)]
    return [m.span() for m in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", read.plain)]
