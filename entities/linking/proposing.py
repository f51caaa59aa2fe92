"""Names that nobody knows but whose form, role or announcement shows what they are, and their short forms."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product

from entities.coreference import ShortName, find_short, short_names
from entities.evidence import MODEL_WORDS
from entities.linking.drafts import PROPOSED_SCORE, Draft
from entities.linking.fields import FieldText, Spans
from entities.linking.kinds import voted_kinds
from entities.linking.seen import is_plain_word
from entities.linking.settling import is_longer_name
from entities.linking.weighing import Verdict
from entities.objections import NOBODY
from entities.recognition import NameHit
from entities.roles import KnownSpan, unknown_organization
from entities.sentences import sentence_at
from entities.types import EntityKind, TextField, Why
from entities.words import COUNTRY_WORDS, GIVEN_NAMES, PLACE_WORDS, TITLE_WORDS

MAX_REPEATED = 300


# Nouns that announce one company by its own name ("consultancy Intralink"); "unit" or "group" would not do.
_ANNOUNCED = re.compile(
    r"\b([Aa]nalysts at|[Ee]conomists at|[Ss]trategists at|consultancy|start-?up|chipmaker|automaker|carmaker|drugmaker|brokerage|fintech|planemaker|retailer|lender|insurer|telco"
    r"|conglomerate|airline|brewer|steelmaker|shipbuilder|toymaker|grocer|steelmaker|think tank|hedge fund|law firm) "
    r"([A-Z][\w&'-]*(?: (?:& )?[A-Z][\w&'-]*){0,3})"
)


def propose(
    fields: Sequence[FieldText],
    drafts: dict[TextField, list[Draft]],
    verdicts: Mapping[TextField, Sequence[Verdict]],
    *,
    english: bool,
) -> None:
    """Add names that the lexicon does not know but whose form or role shows what they are, and their short forms.

    Nobody is asked about people of a known name whom the text shows to be somebody else: a teacher, a child.
    """
    nobodies = {f.name: _refused(verdicts[f.name]) for f in fields}
    called = {word for f in fields for start, end in nobodies[f.name] for word in _called(f.plain[start:end])}
    taken = {f.name: Spans(len(f.plain), ((d.start, d.end) for d in drafts[f.name])) for f in fields}
    kinds = voted_kinds(fields)
    for read in fields:
        for start, end in nobodies[read.name]:
            taken[read.name].add(start, end)
        known = [d for d in drafts[read.name] if d.status != "proposed"]
        for draft in chain(_new_names(read, known, english=english), _seen_names(read, kinds)):
            known_else = draft.label in called or draft.label in read.ordinary
            if not taken[read.name].touches(draft.start, draft.end) and not known_else:
                drafts[read.name].append(draft)
                taken[read.name].add(draft.start, draft.end)
    _join_surnames(drafts)
    _propose_repeats(fields, drafts, taken)


def _refused(verdicts: Sequence[Verdict]) -> list[tuple[int, int]]:
    """Where somebody else than the one of that name stands: a stranger, or a child with a company's name."""
    return [
        (v.hit.start, v.hit.end)
        for v in verdicts
        if v.status is None and any(part.code in NOBODY for part in v.candidates[0].why)
    ]


def _called(name: str) -> tuple[str, str]:
    """The name, and the surname by which the text goes on."""
    return name, name.rpartition(" ")[2]


def _seen_names(read: FieldText, kinds: Mapping[str, EntityKind]) -> Iterator[Draft]:
    """The names that only the model sees."""
    for name in read.seen or ():
        words = read.plain[name.start : name.end]
        kind = kinds[words]
        # The code of a share is no part of a name: "Acme Widgets (ABC.L)".
        end = read.codes.free_until(name.start, name.end)
        if end < name.end:
            words = words[: end - name.start].rstrip(" ,")
            end = name.start + len(words)
        if kind == "other" or not words or is_plain_word(words):
            continue
        why = Why("model", f"the language model reads {MODEL_WORDS[name.label]} here", PROPOSED_SCORE)
        yield Draft(name.start, end, kind, "proposed", None, PROPOSED_SCORE, (why,), label=words)


def _join_surnames(drafts: dict[TextField, list[Draft]]) -> None:
    """Where the model sees a surname alone, it is the one person whom the text names in full by it."""
    whole: dict[str, set[str]] = defaultdict(set)
    for draft in chain.from_iterable(drafts.values()):
        if draft.status == "proposed" and draft.kind == "person":
            for short in short_names(draft.label, "person"):
                whole[short.text.lower()].add(draft.label)
    for name, own in drafts.items():
        for at, draft in enumerate(own):
            owners = whole.get(draft.label.lower(), set()) if draft.status == "proposed" else set()
            if len(owners) == 1 and draft.why[0].code == "model":
                (label,) = owners
                why = Why("anchor", f"short for {label}, named in full in this text", PROPOSED_SCORE)
                drafts[name][at] = replace(draft, kind="person", label=label, why=(why, *draft.why))


def _propose_repeats(
    fields: Sequence[FieldText], drafts: dict[TextField, list[Draft]], taken: Mapping[TextField, Spans]
) -> None:
    labels: dict[str, EntityKind] = {}
    first: dict[tuple[TextField, str], int] = {}
    for read in fields:
        for draft in drafts[read.name]:
            if draft.status == "proposed":
                labels.setdefault(draft.label, draft.kind)
                key = (read.name, draft.label)
                first[key] = min(first.get(key, draft.start), draft.start)
    for label, kind in list(labels.items())[:MAX_REPEATED]:
        shorts = [s for s in short_names(label, kind) if kind == "person" or s.how != "head"]
        for read, short in product(fields, (ShortName(label, "same"), *shorts)):
            after = first.get((read.name, label), 0)
            for start, end in _repeats(read, short, taken[read.name], after=after):
                drafts[read.name].append(_repeated(start, end, kind, label, short))
                taken[read.name].add(start, end)


def _repeats(read: FieldText, short: ShortName, taken: Spans, *, after: int) -> Iterator[tuple[int, int]]:
    """The other places where a proposed name, or a short form of it, stands."""
    surname = short.how == "surname"
    for start, end in find_short(read.plain, short.text, surname=surname):
        hit = NameHit(start, end, end, (), "")
        if taken.touches(start, end) or read.codes.covers(start, end) or any(read.larger_around(hit)):
            continue
        if not surname or (start >= after and not is_longer_name(read, hit, short)):
            yield start, end


def _repeated(start: int, end: int, kind: EntityKind, label: str, short: ShortName) -> Draft:
    same = short.how == "same"
    words = f"the same name as before: {label}" if same else f"short for {label}, named in full in this text"
    why = (Why("anchor", words, PROPOSED_SCORE),)
    return Draft(start, end, kind, "proposed", None, PROPOSED_SCORE, why, label=label)


def _new_names(read: FieldText, taken: Sequence[Draft], *, english: bool) -> Iterator[Draft]:
    if not english:
        return
    known = [KnownSpan(d.start, d.end, d.kind, read.plain[d.start : d.end]) for d in taken]
    for role in read.roles:
        person = read.plain[role.person_start : role.person_end]
        title = re.split(r" (?:of|at|for|with|on|in) ", role.title)[0]
        reason_words = (
            f'a role names a person: "{title}"' if title else "somebody who speaks for an organisation"
        )
        why = Why("role", reason_words, PROPOSED_SCORE)
        yield Draft(
            role.person_start,
            role.person_end,
            "person",
            "proposed",
            None,
            PROPOSED_SCORE,
            (why,),
            label=person,
        )
        place = unknown_organization(read.plain, role, known)
        if place is not None:
            name = read.plain[place[0] : place[1]]
            reason = Why("role", f"{person} has a role there", PROPOSED_SCORE)
            yield Draft(*place, "organization", "proposed", None, PROPOSED_SCORE, (reason,), label=name)
    for larger in read.larger:
        if larger.kind != "person" and larger.evident:
            name = read.plain[larger.start : larger.end]
            form = "a legal form" if larger.kind == "company" else "the word for an institution"
            why = Why("form", f"{form} shows it: {name}", PROPOSED_SCORE)
            if read.plain[: larger.start].endswith("'s "):
                continue  # "Domino's Pizza Inc": nothing tells whether the owner is a part of the name
            yield Draft(
                larger.start, larger.end, larger.kind, "proposed", None, PROPOSED_SCORE, (why,), label=name
            )
    for match in _ANNOUNCED.finditer(read.plain):
        words = match.group(2).removesuffix("'s").split(" ")
        plainly = (
            words[0] not in GIVEN_NAMES
            and words[0] not in COUNTRY_WORDS
            and words[0].lower() not in PLACE_WORDS
        )
        if (
            plainly
            and words[0] not in TITLE_WORDS
            and sentence_at(read.sentences, match.start()).casing == "normal"
        ):
            start = match.start(2)
            end = start + len(" ".join(words))
            why = Why("announced", f'the word before it says what it is: "{match.group(1)}"', PROPOSED_SCORE)
            yield Draft(
                start, end, "company", "proposed", None, PROPOSED_SCORE, (why,), label=" ".join(words)
            )
