"""Names in a text become entities, with their reasons: find, settle short names, weigh, obey what people decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from entities.compiled import FIRM_KINDS, Lexicon
from entities.evidence import TextContext, countries_in
from entities.linking.besides import stand_besides
from entities.linking.drafts import Draft, linked_drafts, outside_residue, ticker_drafts, without_overlaps
from entities.linking.fields import FieldText, read_field
from entities.linking.obeying import obey_decisions, obey_rules
from entities.linking.proposing import propose
from entities.linking.settling import carry_same_names, settle
from entities.linking.shaping import in_full
from entities.linking.spoken import spoken_of
from entities.linking.strangers import find_strangers
from entities.linking.weighing import verdict_on, weigh, weigh_again
from entities.roles import KnownSpan, state_roles
from entities.salience import salience
from entities.types import Decision, FoundMention, FoundRole, LinkedText, MentionForm, NamedSpan, NameRule

LINK_RULES = "link-4"


def link_text(  # noqa: PLR0913 - what is known of a text before it is read
    title: str,
    text: str,
    lexicon: Lexicon,
    *,
    language: str = "",
    decisions: Iterable[Decision] = (),
    rules: Iterable[NameRule] = (),
    spans: Iterable[NamedSpan] | None = None,
    besides: bool = False,
) -> LinkedText:
    """Find the names in a title and a text and say whom each means, or that it stays open, and why.

    Offsets are code points of the given strings. `decisions` are obeyed before everything else, then `rules`.
    `spans` are what a language model calls names (None: no model ran). Patterns of
    English (roles, larger names, headline rules, pronouns) are only used when the language is English or not known.
    `besides` asks for all that is no name to follow, too: it costs time and counts for nothing.
    """
    english = language[:2].lower() in ("", "en")
    named = None if spans is None else tuple(spans)
    fields = [
        read_field("title", title, lexicon, english=english, spans=named),
        read_field("text", text, lexicon, english=english, spans=named),
    ]
    countries = countries_in(title) | countries_in(text)
    surnames = frozenset(
        f.plain[name.start : name.end].rsplit(" ", 1)[-1]
        for f in fields
        for name in f.larger
        if name.kind == "person"
    )
    strangers, aged = find_strangers(fields, lexicon, countries) if english else ({}, {})
    context = TextContext(
        countries=countries, surnames=surnames, related=lexicon.related, strangers=strangers, aged=aged
    )
    first = {f.name: weigh(f, lexicon, context) for f in fields}
    settle(fields, first, lexicon)
    settled = frozenset(
        v.candidates[0].entity_id for vs in first.values() for v in vs if v.status == "linked"
    )
    context = replace(context, settled=settled)
    second = {f.name: weigh_again(f, first[f.name], lexicon, context) for f in fields}
    carried = carry_same_names(fields, second, lexicon)
    final = {
        f.name: [
            verdict_on(f, v.hit, lexicon, context) if (f.name, v.hit.start) in carried else v
            for v in second[f.name]
        ]
        for f in fields
    }
    drafts = {f.name: list(linked_drafts(final[f.name], lexicon)) for f in fields}
    linked = {d.entity_id for found in drafts.values() for d in found if d.entity_id is not None}
    for f in fields:
        drafts[f.name].extend(ticker_drafts(f, lexicon, linked))
    propose(fields, drafts, final, english=english)
    kept = {f.name: without_overlaps(len(f.plain), outside_residue(f.plain, drafts[f.name])) for f in fields}
    said, ruled = tuple(decisions), tuple(rules)
    decided = {word.entity_id for word in said if word.entity_id is not None}
    kept = obey_rules(fields, kept, ruled, lexicon, decided=decided)
    by_field = {f.name: obey_decisions(f, kept[f.name], said, lexicon) for f in fields}
    roles = [role for f in fields if f.name == "text" for role in _roles(f, by_field["text"], lexicon)]
    by_field = {f.name: in_full(f, by_field[f.name], lexicon) for f in fields}
    mentions = [_mention(f, draft) for f in fields for draft in by_field[f.name]]
    more: list[FoundMention] = []
    if besides:
        nothing = {word.surface for word in said if word.entity_id is None}
        nothing |= {rule.surface for rule in ruled if rule.entity_id is None}
        for f in fields:
            own = stand_besides(
                f, by_field[f.name], drafts[f.name], lexicon, nothing=nothing, english=english
            )
            more += [_mention(f, draft, form="besides") for draft in own]
            if english:
                own = spoken_of(f, [*by_field[f.name], *own])
                more += [_mention(f, draft, form="pronoun") for draft in own]
    return LinkedText(
        mentions=tuple(mentions),
        roles=tuple(roles),
        salience=salience(title, text, mentions),
        besides=tuple(sorted(more, key=lambda m: (m.field != "title", m.start))),
    )


def _mention(read: FieldText, draft: Draft, form: MentionForm = "name") -> FoundMention:
    start, end = read.prepared.source_span(draft.start, draft.end)
    return FoundMention(
        field=read.name,
        start=start,
        end=end,
        text=read.source[start:end],
        kind=draft.kind,
        status=draft.status,
        entity_id=draft.entity_id,
        score=draft.score,
        why=draft.why,
        candidates=draft.candidates,
        decided_by=draft.decided_by,
        rule_id=draft.rule_id,
        label=draft.label,
        form=form,
    )


def _roles(read: FieldText, drafts: Sequence[Draft], lexicon: Lexicon) -> Iterator[FoundRole]:
    known = [KnownSpan(d.start, d.end, d.kind, _name_of(read, d, lexicon), d.entity_id) for d in drafts]
    people = {(d.start, d.end): d for d in drafts if d.kind == "person"}
    roles = [r for r in read.roles if (r.person_start, r.person_end) in people]
    for role in state_roles(read.plain, roles, known, partial(_government_of, lexicon)):
        start, end = read.prepared.source_span(role.start, role.end)
        yield replace(role, start=start, end=end, quote=read.source[start:end])


def _government_of(lexicon: Lexicon, country: str) -> tuple[str, int] | None:
    """The name and id of the government of a country, whose name or adjective is given."""
    government = lexicon.nations.get(country)
    if government is None or government not in lexicon.entities:
        return None
    return lexicon.entities[government].name, government


def _name_of(read: FieldText, draft: Draft, lexicon: Lexicon) -> str:
    if draft.entity_id is not None and draft.kind in FIRM_KINDS and draft.entity_id in lexicon.entities:
        return lexicon.entities[draft.entity_id].name
    return draft.label or read.plain[draft.start : draft.end]
