"""Verdicts and tickers become mentions, none over another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from entities.compiled import Lexicon
from entities.linking.fields import FieldText, Spans
from entities.linking.weighing import Verdict
from entities.names import is_common, plain_form, strip_legal
from entities.residue import Residue
from entities.scoring import MARGIN, kind_of_hit
from entities.sentences import sentence_at
from entities.tickers import TickerHit
from entities.types import Candidate, EntityKind, LexiconEntity, MentionStatus, Why
from entities.words import CONNECTORS, COUNTRY_ADJECTIVES, SENTENCE_STARTERS, TITLE_WORDS

MAX_CANDIDATES = 5


TICKER_SCORE = 0.95
UNSURE_TICKER = 0.5
FAR = 12  # characters before a code in which a figure says that it stands in a table
_FIGURE = re.compile(r"\d|\bmln\b|\bbln\b")


PROPOSED_SCORE = 0.5


_NAME_BEFORE_CODE = re.compile(r"([A-Z][\w&.'-]*(?: (?:& )?[A-Z][\w&.'-]*){0,4}),? ?$")


@dataclass(frozen=True, slots=True)
class Draft:
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


def linked_drafts(verdicts: Sequence[Verdict], lexicon: Lexicon) -> Iterator[Draft]:
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
        yield Draft(
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


def _unsure(verdict: Verdict, lexicon: Lexicon) -> Why:
    names = [lexicon.entities[c.entity_id].name for c in verdict.candidates[:2]]
    if len(names) > 1 and verdict.candidates[0].score - verdict.candidates[1].score < MARGIN:
        return Why("close", f"{names[0]} and {names[1]} fit almost equally well")
    return Why("thin", f"too little speaks for {names[0]}")


def ticker_drafts(read: FieldText, lexicon: Lexicon, linked: set[int]) -> Iterator[Draft]:
    """Tickers that stand for a company themselves: no name beside them has taken them as its evidence.

    A bracketed ticker of a company that the text names anyway (`linked`) is no further mention of it.
    """
    used = {
        (ticker.start, row.entity_id)
        for hit in read.hits.values()
        if (ticker := read.ticker_beside(hit)) is not None
        for row in hit.rows
    }
    for ticker in read.tickers:
        owners = {entity_id for entity_id, _ in ticker.found}
        name = _name_before(read, ticker)
        bracketed = ticker.outer_start < ticker.start
        if bracketed and owners & linked:
            draft = None
        elif len(owners) == 1:
            draft = _listed_draft(read, ticker, name, lexicon.entities[owners.pop()], used)
        elif name is not None and not owners:
            draft = _coded_draft(read, ticker, name)
        else:
            draft = None
        if draft is not None:
            if draft.entity_id is not None:
                linked.add(draft.entity_id)
            yield draft


def _listed_draft(
    read: FieldText,
    ticker: TickerHit,
    name: tuple[int, int] | None,
    entity: LexiconEntity,
    used: Collection[tuple[int, int]],
) -> Draft | None:
    if (ticker.start, entity.id) in used:
        return None
    mic = min(mic for _, mic in ticker.found)
    why = Why("ticker", f"ticker {ticker.ticker} on {mic}", TICKER_SCORE)
    span = (ticker.start, ticker.end)
    words = read.plain[name[0] : name[1]] if name is not None else ""
    if name is not None and _own_words(words) & _own_words(entity.name):
        return Draft(*name, entity.kind, "linked", entity.id, TICKER_SCORE, (why,))
    before = read.plain[max(0, ticker.outer_start - FAR) : ticker.outer_start]
    in_table = ticker.outer_start < ticker.start and _FIGURE.search(before) is not None
    if not words and not in_table:
        return Draft(*span, entity.kind, "linked", entity.id, TICKER_SCORE, (why,))
    # Codes are given to others when a company goes: the name beside one tells more than an old table.
    doubt = (
        f'"{words}" stands before it, not {entity.name}' if words else f"no name beside it says {entity.name}"
    )
    candidate = Candidate(entity.id, UNSURE_TICKER, (why,))
    reasons = (Why("other_name", doubt), why)
    return Draft(*span, entity.kind, "ambiguous", None, UNSURE_TICKER, reasons, (candidate,))


def _own_words(name: str) -> set[str]:
    """The words of a name without its form and its small words, in lower case."""
    return {w for w in strip_legal(plain_form(name)).base.lower().split() if w not in CONNECTORS}


def _coded_draft(read: FieldText, ticker: TickerHit, name: tuple[int, int]) -> Draft | None:
    if read.named.touches(*name):
        return None
    if " " not in read.plain[name[0] : name[1]] and is_common(read.plain[name[0] : name[1]]):
        return None
    code = read.plain[ticker.start : ticker.end]
    why = (Why("code", f"a share's code stands behind the name: {code}", PROPOSED_SCORE),)
    label = read.plain[name[0] : name[1]]
    return Draft(*name, "company", "proposed", None, PROPOSED_SCORE, why, label=label)


def _name_before(read: FieldText, ticker: TickerHit) -> tuple[int, int] | None:
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


_RANK = {"linked": 0, "ambiguous": 1, "proposed": 2}


def outside_residue(plain: str, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts without what stays open or is new in lines that pages and agencies add: nobody is asked about those."""
    residue = Residue(plain)
    return [d for d in drafts if d.status == "linked" or not residue.covers(d.start)]


def without_overlaps(size: int, drafts: Sequence[Draft]) -> list[Draft]:
    kept: list[Draft] = []
    taken = Spans(size)
    for draft in sorted(drafts, key=lambda d: (_RANK[d.status], d.start - d.end, d.start)):
        if not taken.touches(draft.start, draft.end):
            kept.append(draft)
            taken.add(draft.start, draft.end)
    return sorted(kept, key=lambda d: d.start)
