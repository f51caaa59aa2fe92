"""Unknown names in their whole extent: with degrees, the state behind a town, the year before an event."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from entities.compiled import Lexicon
from entities.linking.drafts import Draft
from entities.linking.fields import FieldText, Spans
from entities.linking.seen import DEGREE
from entities.names import is_common
from entities.words import ORGANISATION_HEADS, STATES, TITLE_WORDS, words

_POSTAL = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT"
    r"|VT|VA|WA|WV|WI|WY|DC|D\.C\.|N\.Y\.|N\.J\.|N\.H\.|N\.C\.|S\.C\.|N\.M\."
)
_STATE = re.compile(
    rf", (?:{'|'.join(re.escape(s) for s in sorted(STATES, key=len, reverse=True))}|{_POSTAL})(?!\w)"
)
_DEGREES = re.compile(rf"(?:,? {DEGREE})+")
_COUNTIES = re.compile(r" Count(?:y|ies)\b")
# "an Iowa State coach" is of the university, "the Iowa State Police" are not.
_UNIVERSITY = re.compile(r" State(?= [a-z]|[,.;])")
_YEAR = re.compile(r"(?:19|20)\d\d $")
_HELD = re.compile(
    r"(?:Cup|Olympics|Games|Open|Championships?|Grand Prix|Bowl|Masters|Series|Marathon|Festival)$"
)
_PARTY = " party"
# "Ministry of Ports and Tides": the second half of what it is for.
_FOR_ONE = re.compile(
    r"(?:Department|Ministry|Bureau|Office|Organi[sz]ation|Committee|Commission|Agency|Institute|Secretary) (?:of|for) [A-Z]\w+$"
)
_TOPICS = words(
    "Commerce Defence Defense Education Energy Finance Health Interior Labor Labour Technology Trade"
)
_AND_ONE = re.compile(r" and ([A-Z][a-z]+)(?![\w'])")
_LONGEST_YEAR = 5  # characters


def in_full(
    read: FieldText, drafts: Sequence[Draft], lexicon: Lexicon, taken: Sequence[Draft] = ()
) -> list[Draft]:
    """The drafts, the unknown ones of them in their whole extent where nothing known stands in it.

    The name by which an unknown one goes (`label`) stays as it is, and so does what people decided.
    """
    known = Spans(len(read.plain), ((d.start, d.end) for d in (*drafts, *taken) if d.status != "proposed"))
    for other in taken:
        known.add(other.start, other.end)
    kept: list[Draft] = []
    reached = 0
    for draft in sorted(drafts, key=lambda d: d.start):
        if draft.start < reached:
            continue  # the state behind a town is a part of its name
        whole = _in_full(read.plain, draft) if draft.status == "proposed" else draft
        if _is_party(read.plain, draft, lexicon):
            whole = replace(draft, end=draft.end + len(_PARTY))
        free = not known.touches(draft.end, whole.end) and not known.touches(whole.start, draft.start)
        kept.append(whole if free and whole.start >= reached else draft)
        reached = kept[-1].end
    return kept


def _is_party(plain: str, draft: Draft, lexicon: Lexicon) -> bool:
    """Whether the rest of a known party's name stands behind, in small letters: "the Green party"."""
    if draft.entity_id is None or draft.decided_by or not plain.startswith(_PARTY, draft.end):
        return False
    entity, stop = lexicon.entities.get(draft.entity_id), draft.end + len(_PARTY)
    called = plain[draft.start : stop].lower()
    return entity is not None and entity.name.lower() == called and not plain[stop : stop + 1].isalnum()


def _in_full(plain: str, draft: Draft) -> Draft:
    name = plain[draft.start : draft.end]
    if draft.kind == "person":
        behind = _DEGREES.match(plain, draft.end)
    elif draft.kind == "place":
        behind = _COUNTIES.match(plain, draft.end) or _STATE.match(plain, draft.end)
        if behind is None and name in STATES and (behind := _UNIVERSITY.match(plain, draft.end)) is not None:
            draft = replace(draft, kind="organization")
    elif _FOR_ONE.search(name) and (behind := _AND_ONE.match(plain, draft.end)) is not None:
        other = behind.group(1)
        topic = other in _TOPICS or (is_common(other) and other not in TITLE_WORDS | ORGANISATION_HEADS)
        behind = behind if topic else None
    else:
        year = _YEAR.search(plain, max(0, draft.start - _LONGEST_YEAR), draft.start)
        return replace(draft, start=year.start()) if year and _HELD.search(name) else draft
    return replace(draft, end=behind.end()) if behind else draft
