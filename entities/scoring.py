"""How likely a name in a text means an entity: the parts of the score, each with the words that explain it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entities.compiled import LOOSE_FORMS, NameRow, legal_forms, written_forms
from entities.coreference import How
from entities.evidence import Surroundings, TextContext, supports
from entities.names import has_cjk, is_capitals, is_common, names_a_firm, plain_form
from entities.objections import OVERRULING, objections
from entities.recognition import NameHit
from entities.senses import other_meanings
from entities.types import Candidate, EntityKind, LexiconEntity, Why

# Set by hand on our own texts, then checked on measured sets; a link asks for a threshold and for a margin.
THRESHOLD = 0.5
MARGIN = 0.12
AGED_SHOWN = 0.2  # a person whose name stands in full, and of whom the text gives nothing but an age
SHOWN = 0.4  # an unsure name below this is not even offered as ambiguous

FULL_NAME = 0.78
OTHER_FORM = 0.5
BORROWED_FORM = 0.35
SEVERAL_WORDS = 0.62
LONG_NAME = 4  # words: so many ordinary words in this order are no accident
SEVERAL_COMMON_WORDS = 0.28
ONE_WORD = 0.42
ONE_COMMON_WORD = 0.12
LEFT_OVER_WORD = -0.05
ACRONYM = {2: 0.25, 3: 0.36}  # by letters
LONG_ACRONYM = 0.42
NATIVE = {2: 0.4}  # by characters
LONG_NATIVE = 0.6
WEAK = 0.12
PLACE = 0.5
PROMINENCE = 0.3
ANCHOR = 0.55
SAME_NAME = 0.4
SIBLING = 0.1  # less than the margin: "Volvo" is Volvo's own name, though the text names Volvo Cars in full


@dataclass(frozen=True, slots=True)
class Anchor:
    """Why a short name is settled in this text: the name in full, and how the short one comes from it."""

    name: str
    how: How
    weight: float = ANCHOR


def score_candidate(  # noqa: PLR0913 - the parts of the evidence
    row: NameRow,
    entity: LexiconEntity,
    hit: NameHit,
    around: Surroundings,
    *,
    context: TextContext,
    anchor: Anchor | None,
    lent: bool = False,
) -> Candidate:
    """All that speaks for and against one entity at one place, summed; 0..1 after cutting off.

    `lent`: the form behind the name is that of another entity of the name, and not of this one.
    """
    parts = [_name_part(row, entity, hit, lent=lent)]
    if entity.prominence > 0:
        parts.append(Why("prominence", "widely known by this name", round(PROMINENCE * entity.prominence, 3)))
    if anchor is not None:
        parts.append(Why("anchor", _anchor_words(anchor), anchor.weight))
    parts += supports(row, entity, around, context)
    parts += objections(row, entity, hit, around, context=context, anchored=anchor is not None)
    parts += other_meanings(row, entity, hit, around, anchored=anchor is not None)
    total = max(0.0, min(1.0, sum(part.weight for part in parts)))
    return Candidate(entity_id=entity.id, score=round(total, 3), why=tuple(parts))


def _anchor_words(anchor: Anchor) -> str:
    match anchor.how:
        case "defined":
            return f"the text gives this as the short form of {anchor.name}"
        case "surname":
            return f"surname of {anchor.name}, named in full in this text"
        case "same":
            return f"the same name is settled elsewhere in this text: {anchor.name}"
        case _:
            return f"short for {anchor.name}, named in full in this text"


def _name_part(row: NameRow, entity: LexiconEntity, hit: NameHit, *, lent: bool) -> Why:
    base = row.text[: -len(row.suffix)].rstrip(" ,") if row.suffix else row.text
    whole = f"{base} {hit.suffix}" if hit.suffix else ""
    formed = names_a_firm(hit.suffix) or row.suffix or whole == entity.name
    if hit.suffix and (formed or set(written_forms(hit.suffix)) & set(row.forms)):
        return _with_form(row, hit, f"{base} {hit.suffix}", lent=lent)
    if row.weak:
        return Why("weak_name", f"a name that also means other things: {row.text}", WEAK)
    if has_cjk(base):
        return Why("native_name", f"native name: {row.text}", NATIVE.get(len(base), LONG_NATIVE))
    if entity.kind == "place":
        return Why("place_name", f"name of a place: {row.text}", PLACE)
    plain = plain_form(base)
    return _long_name(row, entity, plain) if " " in plain or "-" in plain else _one_word(row, plain)


def _with_form(row: NameRow, hit: NameHit, written: str, *, lent: bool) -> Why:
    """A name with a legal form is a full one, unless it is the form of somebody else: Merck KGaA is not Merck & Co."""
    forms = legal_forms(hit.suffix)
    own = set(row.forms) - set(LOOSE_FORMS.values())
    if lent:
        return Why(
            "other_form", f"another of this name is called so, this one is not: {written}", BORROWED_FORM
        )
    if forms and own and not set(forms) & own:
        return Why("other_form", f"named with a legal form that is not its own: {written}", OTHER_FORM)
    if forms and row.weak and not own:
        return Why(
            "other_form", f"a short name with a legal form that it never has: {written}", BORROWED_FORM
        )
    # "Phoenix Group" is nearly all of the weak name "Phoenix Group Plc", and less than somebody's own name.
    weight = SEVERAL_WORDS if row.weak and not forms and not row.suffix else FULL_NAME
    return Why("full_name", f"named in full: {written}", weight)


def _long_name(row: NameRow, entity: LexiconEntity, base: str) -> Why:
    if entity.kind == "company" and is_common(base) and len(base.split()) < LONG_NAME:
        return Why("common_words", f"name made of ordinary words: {base}", SEVERAL_COMMON_WORDS)
    if row.kind in ("legal", "name"):
        return Why("full_name", f"named in full: {base}", SEVERAL_WORDS)
    return Why("known_name", f"known name: {base}", SEVERAL_WORDS)


def _one_word(row: NameRow, base: str) -> Why:
    if is_capitals(base):
        letters = sum(c.isalpha() for c in base)
        return Why("acronym", f"acronym: {base}", ACRONYM.get(letters, LONG_ACRONYM))
    if is_common(base):
        # "Total" is left of "Total SA" when the form is taken off: nobody said that it is called so.
        weight = ONE_COMMON_WORD if not row.suffix else LEFT_OVER_WORD
        return Why("common_word", f"an ordinary word, too: {base}", weight)
    return Why("short_name", f"short name: {base}", ONE_WORD)


def full_sum(candidate: Candidate) -> float:
    """All parts of a score added, without the cut at 1: two that are both sure are told apart by it."""
    return sum(part.weight for part in candidate.why)


def best_two(candidates: Sequence[Candidate]) -> tuple[Candidate, float]:
    """The best candidate and how far it is ahead of the next."""
    first = candidates[0]
    return first, full_sum(first) - (max(full_sum(candidates[1]), 0.0) if len(candidates) > 1 else 0.0)


def is_overruled(candidate: Candidate) -> bool:
    """Whether something at the very place says that this entity is not meant there."""
    return any(part.code in OVERRULING or part.code == "sense" for part in candidate.why)


def is_carrying(candidate: Candidate) -> bool:
    """Whether a link settles the same words elsewhere in the text: an ordinary word needs more for it than a capital."""
    codes = {part.code for part in candidate.why if part.weight > 0}
    ordinary = {"weak_name", "common_word", "common_words"}
    return not codes & ordinary or bool(codes - ordinary - {"prominence", "capital", "country"})


def is_worth_showing(candidate: Candidate) -> bool:
    """Whether an unsure name is offered to a person; an ordinary word that nothing supports is not."""
    codes = {part.code for part in candidate.why}
    ordinary = bool(codes & {"common_word", "common_words", "weak_name"})
    if codes & OVERRULING or codes & {"sense", "stranger"}:
        return False
    if "aged" in codes:
        return candidate.score >= AGED_SHOWN
    return candidate.score >= SHOWN and not (
        ordinary and not codes & {"cue", "market", "code", "ticker", "anchor", "title"}
    )


def is_settling(candidate: Candidate) -> bool:
    """Whether a link made by this candidate may settle other, shorter names in the same text."""
    return any(
        part.code in ("full_name", "ticker", "known_name", "common_words", "decision")
        for part in candidate.why
    )


def kind_of_hit(rows: Sequence[NameRow], entities: Mapping[int, LexiconEntity]) -> EntityKind:
    """The kind that most of the names at one place have."""
    kinds = [entities[row.entity_id].kind for row in rows]
    return max(kinds, key=kinds.count)
