"""What people decided takes the place of what was found: rules first, then words on this very text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from entities.linking.drafts import Draft
from entities.linking.fields import FieldText
from entities.names import has_cjk, prepare
from entities.recognition import Lexicon
from entities.types import Decision, NameRule, TextField, Why

DECIDED_SCORE = 1.0


def obey_rules(
    fields: Sequence[FieldText],
    drafts: Mapping[TextField, list[Draft]],
    rules: Iterable[NameRule],
    lexicon: Lexicon,
) -> dict[TextField, list[Draft]]:
    """Put what rules say of names in the place of what was found.

    A rule gives way where the text itself defines the name as the short form of somebody else, and one with
    `beside` where that entity is not linked in the text.
    """
    obeyed = dict(drafts)
    for rule in rules:
        linked = {d.entity_id for kept in obeyed.values() for d in kept if d.status == "linked"}
        if rule.beside is not None and rule.beside not in linked:
            continue
        word = Decision(rule.surface, rule.entity_id, rule.by)
        for read in fields:
            for start, end in _places(read, word):
                if _is_defined_otherwise(read, start, end, rule.entity_id):
                    continue
                others = [d for d in obeyed[read.name] if d.end <= start or end <= d.start]
                if rule.entity_id is not None:
                    others.append(_ruled(start, end, rule, lexicon))
                obeyed[read.name] = sorted(others, key=lambda d: d.start)
    return obeyed


def _is_defined_otherwise(read: FieldText, start: int, end: int, entity_id: int | None) -> bool:
    return any(
        anchor.how == "defined" and (low, high) == (start, end) and owner != entity_id
        for (low, high, owner), anchor in read.anchors.items()
    )


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
