"""Short names of what a text names in full, and one meaning for one name in one text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from entities.compiled import Lexicon, NameRow, legal_forms
from entities.coreference import How, ShortName, defined_acronym, find_short, short_names
from entities.linking.fields import FieldText, text_of
from entities.linking.weighing import Verdict, owners_of_form
from entities.names import is_capitals, is_common, plain_form, strip_legal, written_suffix_end
from entities.recognition import NameHit
from entities.scoring import ANCHOR, SAME_NAME, SIBLING, Anchor, is_carrying, is_overruled, is_settling
from entities.sentences import sentence_at
from entities.types import LexiconEntity, TextField
from entities.words import CALENDAR, COUNTRY_WORDS, HONORIFICS, SENTENCE_STARTERS, TITLE_WORDS


def settle(
    fields: Sequence[FieldText], verdicts: Mapping[TextField, Sequence[Verdict]], lexicon: Lexicon
) -> None:
    """Anchor short names to the entities that the text names in full, and find short names no alias knows."""
    full = _named_in_full(fields, verdicts)
    by_entity: dict[int, list[tuple[FieldText, NameHit]]] = defaultdict(list)
    for read in fields:
        for hit in read.hits.values():
            for row in hit.rows:
                by_entity[row.entity_id].append((read, hit))
    for entity_id, places in full.items():
        entity = lexicon.entities[entity_id]
        written = _longest(places)
        _anchor_aliases(by_entity[entity_id], places, written, entity, full)
        first_end = _first_places(places, start=False) if entity.kind == "person" else {}
        for short in _short_forms(entity, written, places, lexicon):
            for read in fields:
                unseen = -1 if entity.kind == "person" and read.name == "text" else 0
                _add_short(read, short, entity_id, places, full, after=first_end.get(read.name, unseen))


def _longest(places: Sequence[tuple[FieldText, NameHit]]) -> str:
    return text_of(*max(places, key=lambda p: p[1].end - p[1].start))


def _named_in_full(
    fields: Sequence[FieldText], verdicts: Mapping[TextField, Sequence[Verdict]]
) -> dict[int, list[tuple[FieldText, NameHit]]]:
    full: dict[int, list[tuple[FieldText, NameHit]]] = defaultdict(list)
    for read in fields:
        for verdict in verdicts[read.name]:
            if verdict.status == "linked" and is_settling(verdict.candidates[0]):
                full[verdict.candidates[0].entity_id].append((read, verdict.hit))
    return full


def _short_forms(
    entity: LexiconEntity, written: str, places: Sequence[tuple[FieldText, NameHit]], lexicon: Lexicon
) -> list[ShortName]:
    """The short forms of a name in this text: by habit, and as the text itself defines them in brackets."""
    shorts = {s.text: s for name in (entity.name, written) for s in reversed(short_names(name, entity.kind))}
    for read, hit in places:
        acronym = defined_acronym(read.plain, hit.end, written)
        if acronym:
            shorts[acronym] = ShortName(acronym, "defined")
    return [
        short
        for short in shorts.values()
        if short.how != "head" or " " in short.text or short.text not in lexicon.shared_heads
    ]


def _anchor_aliases(
    found: Sequence[tuple[FieldText, NameHit]],
    places: Sequence[tuple[FieldText, NameHit]],
    written: str,
    entity: LexiconEntity,
    full: Container[int],
) -> None:
    """Settle the shorter names of an entity; a person's surname only behind the full name, and not another's."""
    first = _first_places(places, start=True)
    for read, hit in found:
        if hit.end - hit.start >= len(written) or legal_forms(hit.suffix):
            continue
        if (owners := owners_of_form(hit)) and entity.id not in owners:
            continue  # "Woolworths Holdings" is not short for Woolworths Group
        # A title may use the surname of somebody whom only the text names in full.
        earliest = first.get(read.name, 0 if read.name == "title" else len(read.plain))
        if entity.kind == "person" and (hit.start < earliest or _has_other_given_name(read, hit)):
            continue
        how: How = "surname" if entity.kind == "person" else "head"
        if entity.kind != "person" and _is_told_apart(read, hit, places):
            continue
        weight = (
            SIBLING if is_cut(text_of(read, hit), written) and _is_anothers(hit, entity.id, full) else ANCHOR
        )
        read.anchors[hit.start, hit.end, entity.id] = Anchor(written, how, weight)


def _is_told_apart(read: FieldText, hit: NameHit, places: Sequence[tuple[FieldText, NameHit]]) -> bool:
    """Whether a shared name stands in one sentence before the first full one that begins with it: those are two.

    "Merck, known as MSD, and Germany's Merck KGaA": a short name is short for what went before.
    """
    if len({row.entity_id for row in hit.rows}) == 1:
        return False
    short = text_of(read, hit)
    first = min((p.start for field, p in places if field is read), default=-1)
    if first < hit.end or not read.plain.startswith(f"{short} ", first):
        return False
    return sentence_at(read.sentences, hit.start) == sentence_at(read.sentences, first)


def is_cut(short: str, written: str) -> bool:
    """Whether a short name leaves out words of the full one that are no legal form: "Volvo" of "Volvo Cars"."""
    return plain_form(written).startswith(f"{short} ") and strip_legal(plain_form(written)).base != short


def _is_anothers(hit: NameHit, entity_id: int, full: Container[int]) -> bool:
    """Whether the words are the name, not a weak one, of somebody else; two that the text names in full are alike."""
    return any(
        row.entity_id != entity_id
        and not row.weak
        and (row.kind in ("name", "legal") or row.entity_id not in full)
        for row in hit.rows
    )


def _first_places(places: Sequence[tuple[FieldText, NameHit]], *, start: bool) -> dict[TextField, int]:
    """Where a name first starts, or ends, in each field that has it."""
    first: dict[TextField, int] = {}
    for read, hit in places:
        at = hit.start if start else hit.end
        first[read.name] = min(first.get(read.name, at), at)
    return first


def _add_short(  # noqa: PLR0913 - one value an argument
    read: FieldText,
    short: ShortName,
    entity_id: int,
    places: Sequence[tuple[FieldText, NameHit]],
    full: Container[int],
    *,
    after: int,
) -> None:
    written = _longest(places)
    if after < 0 or short.text == written:
        return
    row = NameRow(
        entity_id=entity_id,
        kind="short",
        weak=False,
        text=short.text,
        suffix="",
        capitals=is_capitals(short.text),
    )
    for start, end in find_short(read.plain, short.text, surname=short.how == "surname"):
        stop = written_suffix_end(read.plain, end) if short.how in ("head", "without form") else end
        if legal_forms(read.plain[end:stop]):
            continue  # a name of its own: "Merck KGaA" is not short for "Merck & Co."
        hit = NameHit(start, stop, end, (row,), read.plain[end:stop].strip(" ,"))
        if (
            read.codes.covers(start, stop)
            or read.plain[start:stop] == written
            or start < after
            or any(read.larger_around(hit))
            or is_longer_name(read, hit, short)
        ):
            continue
        present = read.hits.get((start, stop))
        rival = short.how == "head" and present is not None and _is_anothers(present, entity_id, full)
        anchor = Anchor(written, short.how, SIBLING if rival else ANCHOR)
        if present is None and read.named.touches(start, stop):
            continue
        if present is not None and (owners := owners_of_form(present)) and entity_id not in owners:
            continue
        if present is not None and short.how != "surname" and _is_told_apart(read, present, places):
            continue
        if present is None:
            read.add_hit(hit)
        elif all(r.entity_id != entity_id for r in present.rows):
            read.add_hit(replace(present, rows=(*present.rows, row)))
        read.anchors.setdefault((start, stop, entity_id), anchor)


def is_longer_name(read: FieldText, hit: NameHit, short: ShortName) -> bool:
    """Whether a head word goes on: "Hua Hong Grace" is not Hua Hong when that is only a head."""
    if short.how == "surname" and _has_other_given_name(read, hit):
        return True
    if (
        short.how not in ("head", "surname")
        or sentence_at(read.sentences, hit.start).casing != "normal"
        or hit.suffix
    ):
        return False
    following = re.match(r" ([A-Z][\w-]+)", read.plain[hit.end : hit.end + 40])
    if following is None:
        return False
    word = following.group(1)
    return (
        word not in TITLE_WORDS
        and word not in CALENDAR
        and word not in SENTENCE_STARTERS
        and word not in COUNTRY_WORDS
    )


def _has_other_given_name(read: FieldText, hit: NameHit) -> bool:
    """Whether a capitalised word that is no title stands before a surname: Naina Yeltsin is not Boris Yeltsin."""
    sentence = sentence_at(read.sentences, hit.start)
    before = re.search(
        r"(?:^|[^\w.])([A-Z][a-z]+) $", read.plain[max(sentence.start, hit.start - 24) : hit.start]
    )
    if before is None or sentence.casing != "normal":
        return False
    word = before.group(1)
    return not (
        word in TITLE_WORDS
        or word in HONORIFICS
        or word in SENTENCE_STARTERS
        or word in CALENDAR
        or word in COUNTRY_WORDS
        or (before.start() == 0 and is_common(word))
    )


def carry_same_names(
    fields: Sequence[FieldText], verdicts: Mapping[TextField, Sequence[Verdict]], lexicon: Lexicon
) -> set[tuple[TextField, int]]:
    """One name means one entity in one text: what is linked at one place settles the same words elsewhere.

    Gives the places that were settled so.
    """
    carried: set[tuple[TextField, int]] = set()
    linked: dict[str, set[int]] = defaultdict(set)
    for read in fields:
        for verdict in verdicts[read.name]:
            owner = verdict.candidates[0].entity_id
            # A surname is settled place by place: one text may name two of a family.
            if (
                verdict.status == "linked"
                and lexicon.entities[owner].kind != "person"
                and is_carrying(verdict.candidates[0])
            ):
                linked[text_of(read, verdict.hit)].add(owner)
    for read in fields:
        for verdict in verdicts[read.name]:
            owners = linked.get(text_of(read, verdict.hit), set())
            if verdict.status == "linked" or len(owners) != 1 or is_overruled(verdict.candidates[0]):
                continue
            (owner,) = owners
            key = (verdict.hit.start, verdict.hit.end, owner)
            read.anchors.setdefault(key, Anchor(lexicon.entities[owner].name, "same", SAME_NAME))
            carried.add((read.name, verdict.hit.start))
    return carried
