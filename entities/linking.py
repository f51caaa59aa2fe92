"""Names in a text become entities, with their reasons: find, settle short names, weigh, obey what people decided."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, product

from entities.coreference import How, ShortName, defined_acronym, find_short, short_names
from entities.evidence import Surroundings, TextContext, countries_in, surroundings
from entities.names import (
    PreparedText,
    has_cjk,
    is_capitals,
    is_common,
    plain_form,
    prepare,
    written_suffix_end,
)
from entities.recognition import (
    FIRM_KINDS,
    LONGEST_LARGER,
    LargerName,
    Lexicon,
    NameHit,
    NameRow,
    Sentence,
    TickerHit,
    find_larger_names,
    find_names,
    find_tickers,
    sentence_at,
    split_sentences,
)
from entities.roles import KnownSpan, RoleSpan, find_role_spans, state_roles, unknown_organization
from entities.scoring import (
    MARGIN,
    SAME_NAME,
    THRESHOLD,
    Anchor,
    best_two,
    is_overruled,
    is_settling,
    is_worth_showing,
    kind_of_hit,
    score_candidate,
)
from entities.types import (
    Candidate,
    Decision,
    EntityKind,
    FoundMention,
    FoundRole,
    LexiconEntity,
    LinkedText,
    MentionStatus,
    NamedSpan,
    NameRule,
    TextField,
    Why,
)
from entities.words import (
    CALENDAR,
    COUNTRY_ADJECTIVES,
    COUNTRY_WORDS,
    GIVEN_NAMES,
    HONORIFICS,
    PLACE_WORDS,
    SENTENCE_STARTERS,
    TITLE_WORDS,
)

LINK_RULES = "link-1"

MAX_CANDIDATES = 5
# What no honest article reaches; they keep the time that a made one can cost in bounds.
MAX_ROLES = 200
MAX_REPEATED = 300
BESIDE = 4  # characters between a name and the bracket of its ticker
TICKER_SCORE = 0.95
DECIDED_SCORE = 1.0
PROPOSED_SCORE = 0.5

_CODE = re.compile(r"<\.?[\w.=\-]{1,20}>|\(\.[A-Z]{1,8}\)")
_GAP = re.compile(r"(?:'s?)?,? ?")
_NAME_BEFORE_CODE = re.compile(r"([A-Z][\w&.'-]*(?: (?:& )?[A-Z][\w&.'-]*){0,4}),? ?$")
# Nouns that announce one company by its own name ("consultancy Intralink"); "unit" or "group" would not do.
_ANNOUNCED = re.compile(
    r"\b([Aa]nalysts at|[Ee]conomists at|[Ss]trategists at|consultancy|start-?up|chipmaker|automaker|carmaker|drugmaker|brokerage|fintech|planemaker|retailer|lender|insurer|telco"
    r"|conglomerate|airline|brewer|steelmaker|shipbuilder|toymaker|grocer|steelmaker|think tank|hedge fund|law firm) "
    r"([A-Z][\w&'-]*(?: [A-Z][\w&'-]*){0,3})"
)


class _Spans:
    """Which characters are taken; asked in one pass of C code, however many spans there are."""

    def __init__(self, size: int, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._marks = bytearray(size)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        self._marks[start:end] = b"\x01" * (min(end, len(self._marks)) - start)

    def touches(self, start: int, end: int) -> bool:
        return self._marks.find(1, start, end) >= 0

    def covers(self, start: int, end: int) -> bool:
        return self._marks.find(0, start, end) < 0


@dataclass(slots=True)
class _Field:
    """One field of the text while it is read."""

    name: TextField
    source: str
    prepared: PreparedText
    sentences: list[Sentence]
    tickers: list[TickerHit]
    larger: list[LargerName]  # by their start
    roles: list[RoleSpan]
    codes: _Spans  # tickers and other codes, brackets included: no name stands there
    named: _Spans  # where hits stand
    hits: dict[tuple[int, int], NameHit] = field(default_factory=dict)
    anchors: dict[tuple[int, int, int], Anchor] = field(default_factory=dict)  # (start, end, entity id)
    around: dict[tuple[int, int], Surroundings] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        return self.prepared.plain

    def add_hit(self, hit: NameHit) -> None:
        """Take a hit in, or its new form where one stood before."""
        self.hits[hit.start, hit.end] = hit
        self.named.add(hit.start, hit.end)

    def larger_around(self, hit: NameHit) -> Iterator[LargerName]:
        """The larger names that the hit lies in."""
        index = bisect.bisect_right(self.larger, hit.start, key=lambda name: name.start)
        while index and self.larger[index - 1].start >= hit.start - LONGEST_LARGER:
            index -= 1
            name = self.larger[index]
            if hit.end <= name.end and name.end - name.start > hit.end - hit.start:
                yield name

    def ticker_beside(self, hit: NameHit) -> TickerHit | None:
        """The bracketed ticker right behind a name: "Intel (NASDAQ: INTC)", "Pfizer's <PFE.N>"."""
        first = bisect.bisect_left(self.tickers, hit.end, key=lambda t: t.outer_start)
        if first == len(self.tickers) or self.tickers[first].outer_start > hit.end + BESIDE:
            return None
        ticker = self.tickers[first]
        bracketed = ticker.outer_start < ticker.start
        return ticker if bracketed and _GAP.fullmatch(self.plain, hit.end, ticker.outer_start) else None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was decided about one hit."""

    hit: NameHit
    status: MentionStatus | None  # None: nothing to show
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A mention in offsets of the plain text. `label` groups the proposals of one unknown name."""

    start: int
    end: int
    kind: EntityKind
    status: MentionStatus
    entity_id: int | None
    score: float
    why: tuple[Why, ...]
    candidates: tuple[Candidate, ...] = ()
    decided_by: str = ""
    label: str = ""
    rule_id: int | None = None


def link_text(  # noqa: PLR0913 - what is known of a text before it is read
    title: str,
    text: str,
    lexicon: Lexicon,
    *,
    language: str = "",
    decisions: Iterable[Decision] = (),
    rules: Iterable[NameRule] = (),
    spans: Iterable[NamedSpan] | None = None,  # noqa: ARG001
) -> LinkedText:
    """Find the names in a title and a text and say whom each means, or that it stays open, and why.

    Offsets are code points of the given strings. `decisions` are obeyed before everything else, then `rules`.
    `spans` are what a language model calls names (None: no model ran). Patterns of
    English (roles, larger names, headline rules) are only used when the language is English or not known.
    """
    english = language[:2].lower() in ("", "en")
    fields = [
        _read("title", title, lexicon, english=english),
        _read("text", text, lexicon, english=english),
    ]
    countries = countries_in(title) | countries_in(text)
    surnames = frozenset(
        f.plain[name.start : name.end].rsplit(" ", 1)[-1]
        for f in fields
        for name in f.larger
        if name.kind == "person"
    )
    context = TextContext(countries=countries, surnames=surnames, related=lexicon.related)
    first = {f.name: _weigh(f, lexicon, context) for f in fields}
    _settle(fields, first, lexicon)
    settled = frozenset(
        v.candidates[0].entity_id for vs in first.values() for v in vs if v.status == "linked"
    )
    context = replace(context, settled=settled)
    second = {f.name: _weigh_again(f, first[f.name], lexicon, context) for f in fields}
    carried = _carry_same_names(fields, second, lexicon)
    final = {
        f.name: [
            _verdict(f, v.hit, lexicon, context) if (f.name, v.hit.start) in carried else v
            for v in second[f.name]
        ]
        for f in fields
    }
    drafts = {f.name: [*_drafts(final[f.name], lexicon), *_ticker_drafts(f, lexicon)] for f in fields}
    _propose(fields, drafts, english=english)
    kept = {f.name: _without_overlaps(len(f.plain), drafts[f.name]) for f in fields}
    kept = _obey_rules(fields, kept, rules, lexicon)
    by_field = {f.name: _obey(f, kept[f.name], decisions, lexicon) for f in fields}
    mentions = [_mention(f, draft) for f in fields for draft in by_field[f.name]]
    roles = [role for f in fields if f.name == "text" for role in _roles(f, by_field["text"], lexicon)]
    return LinkedText(mentions=tuple(mentions), roles=tuple(roles))


# --- reading ---------------------------------------------------------------------------------------------


def _read(name: TextField, source: str, lexicon: Lexicon, *, english: bool) -> _Field:
    prepared = prepare(source)
    plain = prepared.plain
    sentences = split_sentences(plain) or [Sentence(0, len(plain), "normal")]
    tickers = find_tickers(plain, lexicon)
    larger = find_larger_names(plain, sentences) if english else []
    read = _Field(
        name=name,
        source=source,
        prepared=prepared,
        sentences=sentences,
        tickers=tickers,
        larger=sorted(larger, key=lambda n: n.start),
        roles=find_role_spans(plain, sentences)[:MAX_ROLES] if english else [],
        codes=_Spans(
            len(plain),
            chain(((t.outer_start, t.outer_end) for t in tickers), (m.span() for m in _CODE.finditer(plain))),
        ),
        named=_Spans(len(plain)),
    )
    for hit in find_names(plain, prepared.scan, lexicon, sentences):
        whole = None if read.codes.covers(hit.start, hit.end) else _outside_larger(hit, read, lexicon)
        if whole is not None:
            read.add_hit(whole)
    return read


def _outside_larger(hit: NameHit, read: _Field, lexicon: Lexicon) -> NameHit | None:
    """The hit, with the entities left that it can mean where it stands inside a longer name; None when none can."""
    for name in read.larger_around(hit):
        if name.kind == "person":
            rows = tuple(r for r in hit.rows if lexicon.entities[r.entity_id].kind == "person")
            if not rows or hit.start == name.start:
                return None
            continue
        left = read.plain[name.start : hit.start].split()
        rows = tuple(r for r in hit.rows if _is_of(left, lexicon.entities[r.entity_id].country))
        if hit.end < name.end or not left or not rows:
            return None
        hit = replace(hit, rows=rows)
    return hit


def _is_of(words: Sequence[str], country: str) -> bool:
    """Whether the words before a name only say its own country: "U.S. Semiconductor Industry Association"."""
    return bool(country) and all(COUNTRY_WORDS.get(word) == country for word in words)


# --- weighing --------------------------------------------------------------------------------------------


def _weigh(read: _Field, lexicon: Lexicon, context: TextContext) -> list[_Verdict]:
    return [_verdict(read, hit, lexicon, context) for hit in read.hits.values()]


def _weigh_again(
    read: _Field, before: Sequence[_Verdict], lexicon: Lexicon, context: TextContext
) -> list[_Verdict]:
    """Weigh with what the text has settled; a hit that nothing new speaks of keeps its verdict."""
    anchored = {(start, end) for start, end, _ in read.anchors}
    known = {verdict.hit: verdict for verdict in before}
    verdicts = []
    for hit in read.hits.values():
        verdict = known.get(hit)
        stands = verdict is not None and (hit.start, hit.end) not in anchored
        if verdict is None or not stands or any(row.entity_id in context.related for row in hit.rows):
            verdict = _verdict(read, hit, lexicon, context)
        verdicts.append(verdict)
    return verdicts


def _surroundings(read: _Field, hit: NameHit) -> Surroundings:
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
        )
        read.around[hit.start, hit.end] = found
    return found


def _verdict(read: _Field, hit: NameHit, lexicon: Lexicon, context: TextContext) -> _Verdict:
    around = _surroundings(read, hit)
    best: dict[int, Candidate] = {}
    for row in hit.rows:
        anchor = read.anchors.get((hit.start, hit.end, row.entity_id))
        candidate = score_candidate(
            row, lexicon.entities[row.entity_id], hit, around, context=context, anchor=anchor
        )
        if row.entity_id not in best or candidate.score > best[row.entity_id].score:
            best[row.entity_id] = candidate
    ranked = tuple(sorted(best.values(), key=lambda c: (-c.score, c.entity_id)))
    top, lead = best_two(ranked)
    if top.score >= THRESHOLD and lead >= MARGIN:
        return _Verdict(hit, "linked", ranked)
    return _Verdict(hit, "ambiguous" if is_worth_showing(top) else None, ranked)


# --- short names of what is named in full ----------------------------------------------------------------


def _settle(
    fields: Sequence[_Field], verdicts: Mapping[TextField, Sequence[_Verdict]], lexicon: Lexicon
) -> None:
    """Anchor short names to the entities that the text names in full, and find short names no alias knows."""
    full = _named_in_full(fields, verdicts)
    by_entity: dict[int, list[tuple[_Field, NameHit]]] = defaultdict(list)
    for read in fields:
        for hit in read.hits.values():
            for row in hit.rows:
                by_entity[row.entity_id].append((read, hit))
    for entity_id, places in full.items():
        entity = lexicon.entities[entity_id]
        written = _text_of(*max(places, key=lambda p: p[1].end - p[1].start))
        _anchor_aliases(by_entity[entity_id], places, written, entity)
        first_end = _first_places(places, start=False) if entity.kind == "person" else {}
        for short in _short_forms(entity, written, places, lexicon):
            for read in fields:
                unseen = -1 if entity.kind == "person" and read.name == "text" else 0
                _add_short(read, short, entity_id, written, after=first_end.get(read.name, unseen))


def _named_in_full(
    fields: Sequence[_Field], verdicts: Mapping[TextField, Sequence[_Verdict]]
) -> dict[int, list[tuple[_Field, NameHit]]]:
    full: dict[int, list[tuple[_Field, NameHit]]] = defaultdict(list)
    for read in fields:
        for verdict in verdicts[read.name]:
            if verdict.status == "linked" and is_settling(verdict.candidates[0]):
                full[verdict.candidates[0].entity_id].append((read, verdict.hit))
    return full


def _short_forms(
    entity: LexiconEntity, written: str, places: Sequence[tuple[_Field, NameHit]], lexicon: Lexicon
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


def _text_of(read: _Field, hit: NameHit) -> str:
    return read.plain[hit.start : hit.end]


def _anchor_aliases(
    found: Sequence[tuple[_Field, NameHit]],
    places: Sequence[tuple[_Field, NameHit]],
    written: str,
    entity: LexiconEntity,
) -> None:
    """Settle the shorter names of an entity; a person's surname only behind the full name, and not another's."""
    first = _first_places(places, start=True)
    for read, hit in found:
        if hit.end - hit.start >= len(written):
            continue
        # A title may use the surname of somebody whom only the text names in full.
        earliest = first.get(read.name, 0 if read.name == "title" else len(read.plain))
        if entity.kind == "person" and (hit.start < earliest or _has_other_given_name(read, hit)):
            continue
        how: How = "surname" if entity.kind == "person" else "head"
        read.anchors[hit.start, hit.end, entity.id] = Anchor(written, how)


def _first_places(places: Sequence[tuple[_Field, NameHit]], *, start: bool) -> dict[TextField, int]:
    """Where a name first starts, or ends, in each field that has it."""
    first: dict[TextField, int] = {}
    for read, hit in places:
        at = hit.start if start else hit.end
        first[read.name] = min(first.get(read.name, at), at)
    return first


def _add_short(read: _Field, short: ShortName, entity_id: int, written: str, *, after: int) -> None:
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
        hit = NameHit(start, stop, end, (row,), read.plain[end:stop].strip(" ,"))
        if (
            read.codes.covers(start, stop)
            or read.plain[start:stop] == written
            or start < after
            or any(read.larger_around(hit))
            or _is_longer_name(read, hit, short)
        ):
            continue
        anchor = Anchor(written, short.how)
        present = read.hits.get((start, stop))
        if present is None and read.named.touches(start, stop):
            continue
        if present is None:
            read.add_hit(hit)
        elif all(r.entity_id != entity_id for r in present.rows):
            read.add_hit(replace(present, rows=(*present.rows, row)))
        read.anchors.setdefault((start, stop, entity_id), anchor)


def _is_longer_name(read: _Field, hit: NameHit, short: ShortName) -> bool:
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


def _has_other_given_name(read: _Field, hit: NameHit) -> bool:
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


def _carry_same_names(
    fields: Sequence[_Field], verdicts: Mapping[TextField, Sequence[_Verdict]], lexicon: Lexicon
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
            if verdict.status == "linked" and lexicon.entities[owner].kind != "person":
                linked[_text_of(read, verdict.hit)].add(owner)
    for read in fields:
        for verdict in verdicts[read.name]:
            owners = linked.get(_text_of(read, verdict.hit), set())
            if verdict.status == "linked" or len(owners) != 1 or is_overruled(verdict.candidates[0]):
                continue
            (owner,) = owners
            key = (verdict.hit.start, verdict.hit.end, owner)
            read.anchors.setdefault(key, Anchor(lexicon.entities[owner].name, "same", SAME_NAME))
            carried.add((read.name, verdict.hit.start))
    return carried


# --- mentions --------------------------------------------------------------------------------------------


def _drafts(verdicts: Sequence[_Verdict], lexicon: Lexicon) -> Iterator[_Draft]:
    for verdict in verdicts:
        if verdict.status is None:
            continue
        top = verdict.candidates[0]
        linked = verdict.status == "linked"
        kind = (
            lexicon.entities[top.entity_id].kind
            if linked
            else kind_of_hit(verdict.hit.rows, lexicon.entities)
        )
        why = top.why if linked else (_unsure(verdict, lexicon), *top.why)
        yield _Draft(
            start=verdict.hit.start,
            end=verdict.hit.end,
            kind=kind,
            status=verdict.status,
            entity_id=top.entity_id if linked else None,
            score=top.score,
            why=why,
            candidates=verdict.candidates[:MAX_CANDIDATES]
            if len(verdict.candidates) > 1 or not linked
            else (),
        )


def _unsure(verdict: _Verdict, lexicon: Lexicon) -> Why:
    names = [lexicon.entities[c.entity_id].name for c in verdict.candidates[:2]]
    if len(names) > 1 and verdict.candidates[0].score - verdict.candidates[1].score < MARGIN:
        return Why("close", f"{names[0]} and {names[1]} fit almost equally well")
    return Why("thin", f"too little speaks for {names[0]}")


def _ticker_drafts(read: _Field, lexicon: Lexicon) -> Iterator[_Draft]:
    """Tickers that stand for a company themselves: no name beside them has taken them as its evidence."""
    used = {
        (ticker.start, row.entity_id)
        for hit in read.hits.values()
        if (ticker := read.ticker_beside(hit)) is not None
        for row in hit.rows
    }
    for ticker in read.tickers:
        owners = {entity_id for entity_id, _ in ticker.found}
        name = _name_before(read, ticker)
        if len(owners) == 1:
            draft = _listed_draft(read, ticker, name, lexicon.entities[owners.pop()], used)
        elif name is not None and not owners:
            draft = _coded_draft(read, ticker, name)
        else:
            draft = None
        if draft is not None:
            yield draft


def _listed_draft(
    read: _Field,
    ticker: TickerHit,
    name: tuple[int, int] | None,
    entity: LexiconEntity,
    used: Collection[tuple[int, int]],
) -> _Draft | None:
    if (ticker.start, entity.id) in used:
        return None
    mic = min(mic for _, mic in ticker.found)
    why = (Why("ticker", f"ticker {ticker.ticker} on {mic}", TICKER_SCORE),)
    span = (ticker.start, ticker.end)
    if name is not None:
        written = set(read.plain[name[0] : name[1]].lower().split())
        span = name if written & set(plain_form(entity.name).lower().split()) else span
    return _Draft(*span, entity.kind, "linked", entity.id, TICKER_SCORE, why)


def _coded_draft(read: _Field, ticker: TickerHit, name: tuple[int, int]) -> _Draft | None:
    if read.named.touches(*name):
        return None
    if " " not in read.plain[name[0] : name[1]] and is_common(read.plain[name[0] : name[1]]):
        return None
    code = read.plain[ticker.start : ticker.end]
    why = (Why("code", f"a share's code stands behind the name: {code}", PROPOSED_SCORE),)
    label = read.plain[name[0] : name[1]]
    return _Draft(*name, "company", "proposed", None, PROPOSED_SCORE, why, label=label)


def _name_before(read: _Field, ticker: TickerHit) -> tuple[int, int] | None:
    """The run of capitalised words right before a bracketed ticker."""
    if ticker.outer_start == ticker.start or sentence_at(read.sentences, ticker.start).casing != "normal":
        return None
    start = max(0, ticker.outer_start - 80)
    match = _NAME_BEFORE_CODE.search(read.plain[start : ticker.outer_start])
    if match is None:
        return None
    words = match.group(1).split(" ")
    while words and (
        words[0] in SENTENCE_STARTERS or words[0] in TITLE_WORDS or words[0] in COUNTRY_ADJECTIVES
    ):
        words.pop(0)
    # "Domino's Pizza" is one name and "Alphabet's Google" two: nothing in the words tells which.
    if any(word.endswith("'s") for word in words):
        return None
    name = " ".join(words)
    end = start + match.end(1)
    return (end - len(name), end) if name else None


def _propose(fields: Sequence[_Field], drafts: dict[TextField, list[_Draft]], *, english: bool) -> None:
    """Add names that the lexicon does not know but whose form or role shows what they are, and their short forms."""
    taken = {f.name: _Spans(len(f.plain), ((d.start, d.end) for d in drafts[f.name])) for f in fields}
    for read in fields:
        known = [d for d in drafts[read.name] if d.status != "proposed"]
        for draft in _new_names(read, known, english=english):
            if not taken[read.name].touches(draft.start, draft.end):
                drafts[read.name].append(draft)
                taken[read.name].add(draft.start, draft.end)
    _propose_repeats(fields, drafts, taken)


def _propose_repeats(
    fields: Sequence[_Field], drafts: dict[TextField, list[_Draft]], taken: Mapping[TextField, _Spans]
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


def _repeats(read: _Field, short: ShortName, taken: _Spans, *, after: int) -> Iterator[tuple[int, int]]:
    """The other places where a proposed name, or a short form of it, stands."""
    surname = short.how == "surname"
    for start, end in find_short(read.plain, short.text, surname=surname):
        hit = NameHit(start, end, end, (), "")
        if taken.touches(start, end) or read.codes.covers(start, end) or any(read.larger_around(hit)):
            continue
        if not surname or (start >= after and not _is_longer_name(read, hit, short)):
            yield start, end


def _repeated(start: int, end: int, kind: EntityKind, label: str, short: ShortName) -> _Draft:
    same = short.how == "same"
    words = f"the same name as before: {label}" if same else f"short for {label}, named in full in this text"
    why = (Why("anchor", words, PROPOSED_SCORE),)
    return _Draft(start, end, kind, "proposed", None, PROPOSED_SCORE, why, label=label)


def _new_names(read: _Field, taken: Sequence[_Draft], *, english: bool) -> Iterator[_Draft]:
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
        yield _Draft(
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
            yield _Draft(*place, "organization", "proposed", None, PROPOSED_SCORE, (reason,), label=name)
    for larger in read.larger:
        if larger.kind != "person" and larger.evident:
            name = read.plain[larger.start : larger.end]
            form = "a legal form" if larger.kind == "company" else "the word for an institution"
            why = Why("form", f"{form} shows it: {name}", PROPOSED_SCORE)
            if read.plain[: larger.start].endswith("'s "):
                continue  # "Domino's Pizza Inc": nothing tells whether the owner is a part of the name
            yield _Draft(
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
            yield _Draft(
                start, end, "company", "proposed", None, PROPOSED_SCORE, (why,), label=" ".join(words)
            )


_RANK = {"linked": 0, "ambiguous": 1, "proposed": 2}


def _without_overlaps(size: int, drafts: Sequence[_Draft]) -> list[_Draft]:
    kept: list[_Draft] = []
    taken = _Spans(size)
    for draft in sorted(drafts, key=lambda d: (_RANK[d.status], d.start - d.end, d.start)):
        if not taken.touches(draft.start, draft.end):
            kept.append(draft)
            taken.add(draft.start, draft.end)
    return sorted(kept, key=lambda d: d.start)


# --- what people decided ---------------------------------------------------------------------------------


def _obey_rules(
    fields: Sequence[_Field],
    drafts: Mapping[TextField, list[_Draft]],
    rules: Iterable[NameRule],
    lexicon: Lexicon,
) -> dict[TextField, list[_Draft]]:
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


def _is_defined_otherwise(read: _Field, start: int, end: int, entity_id: int | None) -> bool:
    return any(
        anchor.how == "defined" and (low, high) == (start, end) and owner != entity_id
        for (low, high, owner), anchor in read.anchors.items()
    )


def _ruled(start: int, end: int, rule: NameRule, lexicon: Lexicon) -> _Draft:
    entity = lexicon.entities.get(rule.entity_id) if rule.entity_id is not None else None
    reason = f": {rule.why}" if rule.why else ""
    return _Draft(
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


def _obey(
    read: _Field, drafts: list[_Draft], decisions: Iterable[Decision], lexicon: Lexicon
) -> list[_Draft]:
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
                    _Draft(
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


def _places(read: _Field, decision: Decision) -> list[tuple[int, int]]:
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


# --- out -------------------------------------------------------------------------------------------------


def _mention(read: _Field, draft: _Draft) -> FoundMention:
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
    )


def _roles(read: _Field, drafts: Sequence[_Draft], lexicon: Lexicon) -> Iterator[FoundRole]:
    known = [KnownSpan(d.start, d.end, d.kind, _name_of(read, d, lexicon), d.entity_id) for d in drafts]
    people = {(d.start, d.end): d for d in drafts if d.kind == "person"}
    roles = [r for r in read.roles if (r.person_start, r.person_end) in people]
    for role in state_roles(read.plain, roles, known):
        start, end = read.prepared.source_span(role.start, role.end)
        yield replace(role, start=start, end=end, quote=read.source[start:end])


def _name_of(read: _Field, draft: _Draft, lexicon: Lexicon) -> str:
    if draft.entity_id is not None and draft.kind in FIRM_KINDS and draft.entity_id in lexicon.entities:
        return lexicon.entities[draft.entity_id].name
    return draft.label or read.plain[draft.start : draft.end]
