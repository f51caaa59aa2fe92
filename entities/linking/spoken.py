"""Pronouns of a text as mentions of whom they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from entities.compiled import FIRM_KINDS
from entities.evidence import MODEL_WORDS
from entities.genders import SHE_NAMES, gender_beside
from entities.linking.drafts import PROPOSED_SCORE, Draft
from entities.linking.fields import FieldText
from entities.names import is_common
from entities.pronouns import Named, read_pronouns
from entities.types import Why
from entities.words import GIVEN_NAMES

OFTEN = 3  # times; the model seldom takes one word for a person's name so often when it is none


def spoken_of(read: FieldText, drafts: Sequence[Draft]) -> list[Draft]:
    """Each takes kind, status and entity from the name that it stands for; nothing stands for a known firm but a name.

    "I" outside all quotations is whoever writes.
    """
    by_place = {(d.start, d.end): d for d in drafts}
    people = Counter(d.label for d in drafts if d.kind == "person")
    somebody = {d.label for d in drafts if d.kind == "person" and _is_told(read, d)}
    somebody |= {label for label, count in people.items() if count >= OFTEN}
    named = [
        Named(d.start, d.end, _key(read, d), _called(read, d), d.kind == "person")
        for d in drafts
        if (d.label in somebody if d.kind == "person" else d.kind != "other" or d.entity_id is not None)
    ]
    found = []
    for pronoun in read_pronouns(read.plain, read.sentences, named):
        written = read.plain[pronoun.start : pronoun.end]
        if pronoun.meant is None:
            why = Why("pronoun", f"{written} = whoever writes", PROPOSED_SCORE)
            found.append(
                Draft(pronoun.start, pronoun.end, "person", "proposed", None, PROPOSED_SCORE, (why,))
            )
            continue
        meant = by_place[pronoun.meant.start, pronoun.meant.end]
        if meant.status != "proposed" and meant.kind in FIRM_KINDS:
            continue
        why = Why("pronoun", f"{written} = {pronoun.meant.name}", meant.score)
        found.append(
            Draft(
                start=pronoun.start,
                end=pronoun.end,
                kind=meant.kind,
                status=meant.status,
                entity_id=meant.entity_id,
                score=meant.score,
                why=(why,),
                candidates=meant.candidates,
                label=meant.label,
            )
        )
    return found


def _key(read: FieldText, draft: Draft) -> str:
    return str(draft.entity_id) if draft.entity_id is not None else _called(read, draft)


def _called(read: FieldText, draft: Draft) -> str:
    return draft.label or read.plain[draft.start : draft.end]


def _is_told(read: FieldText, draft: Draft) -> bool:
    """Whether more than the model's word for one unknown word says that a name is a person's."""
    if draft.status != "proposed" or (" " in draft.label and not is_common(draft.label)):
        return True
    if (
        draft.label in GIVEN_NAMES
        or draft.label in SHE_NAMES
        or gender_beside(read.plain, draft.start, draft.end)
    ):
        return True
    # What the words around it made a person of, against the model.
    return any(
        part.code == "role" or (part.code == "model" and MODEL_WORDS["PERSON"] not in part.words)
        for part in draft.why
    )
