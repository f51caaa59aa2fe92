"""What stands in a text besides the names that a desk follows: peoples, events, works, names in lines of the page.

Whoever reads all names of a text is told of it, and it counts for nothing: no article is about it, nobody is asked
about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from entities.compiled import Lexicon
from entities.evidence import MODEL_WORDS
from entities.genders import gender_of_name
from entities.linking.drafts import PROPOSED_SCORE, Draft, without_overlaps
from entities.linking.fields import FieldText, Spans
from entities.linking.seen import KIND_OF_LABEL, is_plain_word
from entities.linking.shaping import in_full
from entities.types import EntityKind, Why
from entities.words import GIVEN_NAMES
from entities.written_names import find_written

PEOPLE_SCORE = 0.8
# Of these one ordinary word is a name when the model says so: "the Conservatives", "Nice", "Wimbledon".
_SURE = frozenset({"NORP", "GPE", "LOC", "FAC", "EVENT", "LANGUAGE", "WORK_OF_ART"})
_WORDS = {"WORK_OF_ART": "the title of a work", "LANGUAGE": "the name of a language"}


def stand_besides(  # noqa: PLR0913 - what is known of the field
    read: FieldText,
    kept: Sequence[Draft],
    drafts: Sequence[Draft],
    lexicon: Lexicon,
    *,
    nothing: Collection[str],
    english: bool,
) -> list[Draft]:
    """What stands where no mention (`kept`) does: `drafts` that were left out, what the model sees, what is written as names.

    `nothing` are words that people said to name nothing.
    """
    taken = Spans(len(read.plain), ((d.start, d.end) for d in kept))
    found: list[Draft] = []
    for source in (drafts, list(_seen(read, lexicon)), list(_written(read, lexicon)) if english else []):
        free = [
            d
            for d in source
            if not taken.touches(d.start, d.end)
            and not read.codes.touches(d.start, d.end)
            and read.plain[d.start : d.end] not in nothing
        ]
        for draft in without_overlaps(len(read.plain), free):
            found.append(draft)
            taken.add(draft.start, draft.end)
    return in_full(read, found, lexicon, taken=kept)


def _seen(read: FieldText, lexicon: Lexicon) -> Iterator[Draft]:
    for name in read.all_seen:
        words = read.plain[name.start : name.end]
        if words in read.ordinary or (name.label not in _SURE and is_plain_word(words)):
            continue
        people = _people(words, lexicon) if name.label == "NORP" else None
        if people is not None:
            yield _of_people(name.start, name.end, people, lexicon)
            continue
        told = MODEL_WORDS.get(name.label) or _WORDS.get(name.label, "a name")
        why = Why("model", f"the language model reads {told} here", PROPOSED_SCORE)
        kind = KIND_OF_LABEL.get(name.label, "other")
        yield Draft(name.start, name.end, kind, "proposed", None, PROPOSED_SCORE, (why,), label=words)


def _people(words: str, lexicon: Lexicon) -> int | None:
    """The country of a people by the words for it, or for its things: "Iraqi", "Iraqis"."""
    government = lexicon.nations.get(words) or lexicon.nations.get(words.removesuffix("s"))
    country = lexicon.states.get(government) if government is not None else None
    return country if country is not None and country in lexicon.entities else None


def _of_people(start: int, end: int, country: int, lexicon: Lexicon) -> Draft:
    why = Why("people", f"people and things of {lexicon.entities[country].name}", PEOPLE_SCORE)
    return Draft(start, end, "place", "linked", country, PEOPLE_SCORE, (why,))


def _written(read: FieldText, lexicon: Lexicon) -> Iterator[Draft]:
    for start, end in find_written(read.plain, read.sentences):
        words = read.plain[start:end]
        people = _people(words, lexicon)
        if people is not None:
            yield _of_people(start, end, people, lexicon)
        if people is not None or words in read.ordinary:
            continue
        given = words.partition(" ")[0]
        person = " " in words and (given in GIVEN_NAMES or bool(gender_of_name(words)))
        kind: EntityKind = "person" if person else "other"
        why = Why("written", "written as a name", PROPOSED_SCORE)
        yield Draft(start, end, kind, "proposed", None, PROPOSED_SCORE, (why,), label=words)
