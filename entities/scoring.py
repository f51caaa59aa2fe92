"""How likely a name in a text means an entity: the parts of the score, each with the words that explain it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from entities.coreference import How
from entities.names import has_cjk, is_capitals, is_common, names_a_firm, plain_form
from entities.recognition import FIRM_KINDS, Casing, NameHit, NameRow
from entities.types import Candidate, EntityKind, LexiconEntity, Why
from entities.words import (
    CALENDAR,
    COMMON_WORDS,
    COMPANY_NOUNS,
    COUNTRY_WORDS,
    GIVEN_NAMES,
    HONORIFICS,
    MARKET_WORDS,
    ORGANISATION_HEADS,
    OTHER_NAME_TAILS,
    PLACE_WORDS,
    SENTENCE_STARTERS,
    TITLE_WORDS,
)

# Set by hand on our own texts, checked on measured sets; README "Decisions" gives the figures.
THRESHOLD = 0.5
MARGIN = 0.12
SHOWN = 0.4  # an unsure name below this is not even offered as ambiguous

FULL_NAME = 0.78
SEVERAL_WORDS = 0.62
LONG_NAME = 4  # words: so many ordinary words in this order are no accident
SEVERAL_COMMON_WORDS = 0.28
ONE_WORD = 0.42
ONE_COMMON_WORD = 0.12
ACRONYM = {2: 0.25, 3: 0.36}
LONG_ACRONYM = 0.42
NATIVE = {2: 0.4}
LONG_NATIVE = 0.6
WEAK = 0.12
PLACE = 0.5
PROMINENCE = 0.3
ANCHOR = 0.55
SAME_NAME = 0.4
CAPITAL = 0.15
WELL_KNOWN = 0.6  # prominence from which a capital alone says that the company is meant
TICKER_BESIDE = 0.5
UNKNOWN_TICKER_BESIDE = 0.2
CUE = 0.2
MARKET = 0.25
COUNTRY = 0.06
RELATED = 0.1
INSIDE_LARGER = -0.7
OTHER_NAME = -0.35
HEADLINE = -0.2
SENTENCE_START = -0.15
PERSON_CUE = -0.6
LOOKS_LIKE_PERSON = -0.35
HONORIFIC = 0.3


@dataclass(frozen=True, slots=True)
class Anchor:
    """Why a short name is settled in this text: the name in full, and how the short one comes from it."""

    name: str
    how: How
    weight: float = ANCHOR


@dataclass(frozen=True, slots=True)
class TextContext:
    """What the whole text says: countries spoken of, and what has been settled about entities in it."""

    countries: frozenset[str] = frozenset()
    settled: frozenset[int] = frozenset()
    surnames: frozenset[str] = frozenset()  # of people whom the text names in full
    related: Mapping[int, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around one name."""

    before: str  # up to 60 characters
    after: str
    casing: Casing
    opens_sentence: bool
    tickers: frozenset[int]  # entities whose ticker stands beside the name
    ticker_words: str  # that ticker as written
    has_ticker: bool


_LISTED = re.compile(
    r"(" + "|".join(re.escape(w) for w in MARKET_WORDS) + r")(?:-listed| listed| trading|-traded)"
)
_COMPANY_BEFORE = re.compile(
    r"(?:\b(?:shares?|stock|units?|bonds?|stake|stakes|investors?|customers|employees|products|executives?|CEO|chairman|president"
    r"|headquarters|subsidiary|division|analysts?|economists?|strategists?|trader|manager) (?:of|in|at|from|with|by) (?:[a-z-]+ )?"
    r"|\b(?:"
    + "|".join(sorted(COMPANY_NOUNS))
    + r") |\b(?:acquire|acquired|acquiring|buy|buying|bought|owns?|sued|rival) )$"
)
_COMPANY_AFTER = re.compile(
    r"^(?:'s?)? ?(?:\([^)]{1,30}\) ?)?(?:<[^>]{1,14}> ?)?"
    r"(?:(?:said|says|reported|posted|announced|declined to|did not (?:immediately )?(?:respond|comment)|didn't (?:immediately )?(?:respond|comment)"
    r"|plans to|agreed to|expects|has agreed|will (?:buy|sell|acquire|pay|launch|cut|invest)|filed|unveiled|launched|raised its|cut its"
    r"|beat|missed|surged|jumped|fell|rose|climbed|dropped|gained|slid|tumbled|added|slumped|soared|sank|lost \d|shed \d)\b"
    r"|(?:shares|stock|CEO|chief|executives?|spokes\w+|revenue|profit|earnings|sales|results|bonds|employees|board|investors|analysts?"
    r"|economists?|strategists?|shareholders|customers|factory|factories|plant|stores|quarterly|unit|subsidiary|chairman|founder"
    r"|co-founder|management|products|headquarters)\b)"
)
_CONTACT = re.compile(r":? ?\x01")  # addresses were blanked out before
_NEXT = re.compile(r"^(?:'s)? ([A-Za-z][\w&'-]*)")
_PREVIOUS = re.compile(r"([A-Za-z][\w&.'-]*) $")


def surroundings(  # noqa: PLR0913 - one value an argument
    plain: str,
    hit: NameHit,
    *,
    casing: Casing,
    sentence_start: int,
    tickers: frozenset[int],
    ticker_words: str,
    has_ticker: bool,
) -> Surroundings:
    """Cut out what scoring looks at around a hit."""
    return Surroundings(
        before=plain[max(sentence_start, hit.start - 60) : hit.start],
        after=plain[hit.end : hit.end + 60],
        casing=casing,
        opens_sentence=plain[sentence_start : hit.start].rstrip(" (*")[-1:] in ("", '"', ":", ".", "\n"),
        tickers=tickers,
        ticker_words=ticker_words,
        has_ticker=has_ticker,
    )


def countries_in(plain: str) -> frozenset[str]:
    """The countries (ISO 3166-1 alpha-2) that a text speaks of by name, adjective or great city."""
    found = {COUNTRY_WORDS[w] for w in set(re.findall(r"[A-Z][A-Za-z.]+", plain)) & COUNTRY_WORDS.keys()}
    return frozenset(found - {""})


def score_candidate(  # noqa: PLR0913 - the parts of the evidence
    row: NameRow,
    entity: LexiconEntity,
    hit: NameHit,
    around: Surroundings,
    context: TextContext,
    anchor: Anchor | None,
) -> Candidate:
    """All that speaks for and against one entity at one place, summed; 0..1 after cutting off."""
    written = _written(row, hit)
    parts = [_name_part(row, entity, hit, written)]
    if entity.prominence > 0:
        parts.append(Why("prominence", "widely known by this name", round(PROMINENCE * entity.prominence, 3)))
    if anchor is not None:
        parts.append(Why("anchor", _anchor_words(anchor), anchor.weight))
    parts.extend(_context_parts(row, entity, around, context))
    parts.extend(_objections(row, entity, hit, around, context, anchored=anchor is not None))
    total = max(0.0, min(1.0, sum(part.weight for part in parts)))
    return Candidate(entity_id=entity.id, score=round(total, 3), why=tuple(parts))


def _written(row: NameRow, hit: NameHit) -> str:
    base = row.text if not row.suffix else row.text[: -len(row.suffix)].strip(" ,")
    return f"{base} {hit.suffix}".strip()


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


def _name_part(row: NameRow, entity: LexiconEntity, hit: NameHit, written: str) -> Why:
    plain = plain_form(row.text)
    if hit.suffix and (names_a_firm(hit.suffix) or row.suffix):
        return Why("full_name", f"named in full: {written}", FULL_NAME)
    if row.weak:
        return Why("weak_name", f"a name that also means other things: {row.text}", WEAK)
    base = plain if not row.suffix else plain[: -len(row.suffix)].strip(" ,")
    if has_cjk(base):
        return Why("native_name", f"native name: {row.text}", NATIVE.get(len(base), LONG_NATIVE))
    if entity.kind == "place":
        return Why("place_name", f"name of a place: {row.text}", PLACE)
    if " " in base or "-" in base:
        if entity.kind == "company" and is_common(base) and len(base.split()) < LONG_NAME:
            return Why("common_words", f"name made of ordinary words: {base}", SEVERAL_COMMON_WORDS)
        code = "full_name" if row.kind in ("legal", "name") else "known_name"
        words = "named in full" if code == "full_name" else "known name"
        return Why(code, f"{words}: {base}", SEVERAL_WORDS)
    if is_capitals(base):
        return Why("acronym", f"acronym: {base}", ACRONYM.get(sum(c.isalpha() for c in base), LONG_ACRONYM))
    if is_common(base):
        return Why("common_word", f"an ordinary word, too: {base}", ONE_COMMON_WORD)
    return Why("short_name", f"short name: {base}", ONE_WORD)


def _context_parts(
    row: NameRow, entity: LexiconEntity, around: Surroundings, context: TextContext
) -> list[Why]:
    parts = []
    plain_sentence = around.casing == "normal" and not around.opens_sentence
    known = entity.prominence >= WELL_KNOWN and row.text.lower() not in PLACE_WORDS
    if plain_sentence and known and entity.kind in FIRM_KINDS and row.text.lower() in COMMON_WORDS:
        if not (entity.kind == "company" and around.before.endswith((" the ", "The "))):
            parts.append(
                Why("capital", "an ordinary word, but written with a capital inside a sentence", CAPITAL)
            )
    if entity.id in around.tickers:
        parts.append(Why("ticker", f"ticker beside the name: {around.ticker_words}", TICKER_BESIDE))
    elif around.has_ticker and not around.tickers and entity.kind == "company":
        parts.append(
            Why(
                "code", f"a share's code stands beside the name: {around.ticker_words}", UNKNOWN_TICKER_BESIDE
            )
        )
    market = _market_of(entity, around)
    if market:
        parts.append(Why("market", f"the text speaks of its market: {market}", MARKET))
    if entity.kind in FIRM_KINDS:
        cue = _COMPANY_BEFORE.search(around.before) or _COMPANY_AFTER.match(around.after)
        if cue:
            parts.append(
                Why("cue", f'the words beside it speak of an organisation: "{cue.group().strip()}"', CUE)
            )
    elif entity.kind == "person":
        title = _PREVIOUS.search(around.before)
        if title and (title.group(1).rstrip(".") in HONORIFICS or title.group(1) in TITLE_WORDS):
            parts.append(Why("title", f'a title stands before the name: "{title.group(1)}"', HONORIFIC))
    if entity.country and entity.country in context.countries:
        parts.append(Why("country", "the text speaks of its country", COUNTRY))
    kin = context.related.get(entity.id, frozenset()) & context.settled
    if kin:
        parts.append(Why("related", "named beside somebody it belongs to", RELATED))
    return parts


def _market_of(entity: LexiconEntity, around: Surroundings) -> str:
    mics = {mic for _, mic in entity.tickers}
    for piece in (around.before[-30:], around.after):
        match = _LISTED.search(piece)
        if match and mics & MARKET_WORDS[match.group(1)]:
            return match.group()
    return ""


def _objections(
    row: NameRow,
    entity: LexiconEntity,
    hit: NameHit,
    around: Surroundings,
    context: TextContext,
    *,
    anchored: bool,
) -> list[Why]:
    parts: list[Why] = []
    if _CONTACT.match(around.after):
        parts.append(Why("contact", "an address follows: where to write, not who is meant", INSIDE_LARGER))
    written = plain_form(row.text)
    single = " " not in written[: len(written) - len(row.suffix)].strip()
    full = bool(hit.suffix)
    inside = _larger_name_words(written, entity, around, single=single, full=full)
    if inside:
        parts.append(inside)
    if anchored or full:
        return parts
    doubtful = row.weak or (is_common(written) and (single or entity.prominence < THRESHOLD))
    if around.casing != "normal" and (doubtful or (single and entity.prominence < THRESHOLD)):
        if entity.kind != "place":
            parts.append(Why("headline", "every word is capitalised here", HEADLINE))
    elif around.opens_sentence and doubtful and single and entity.kind != "place":
        # "Target shares fell" is about Target; "Total shares" is not, and nobody calls TotalEnergies just so.
        if row.suffix or not _COMPANY_AFTER.match(around.after):
            parts.append(Why("sentence_start", "an ordinary word at the head of a sentence", SENTENCE_START))
    previous = _PREVIOUS.search(around.before)
    if entity.kind != "person" and previous:
        word = previous.group(1)
        if word.rstrip(".") in HONORIFICS or (row.weak and word in PERSON_TITLES):
            parts.append(Why("person", f'a person: "{word}" stands before the name', PERSON_CUE))
    if (
        entity.kind == "company"
        and not single
        and entity.prominence < THRESHOLD
        and written.split()[0] in GIVEN_NAMES
    ):
        parts.append(Why("person_like", "reads like a person's name", LOOKS_LIKE_PERSON))
    return parts


def _larger_name_words(
    written: str, entity: LexiconEntity, around: Surroundings, *, single: bool, full: bool
) -> Why | None:
    """The objection that the name is a piece of another name, by the words right before and behind it."""
    following = _NEXT.match(around.after)
    possessive = around.after.startswith("'s")
    if following and not possessive and not full and entity.kind != "person":
        word = following.group(1)
        heads = word in ORGANISATION_HEADS or word in OTHER_NAME_TAILS
        if heads and around.casing == "normal":
            return Why("inside", f'part of a longer name that ends in "{word}"', INSIDE_LARGER)
        plain_word = (
            word in TITLE_WORDS or word in CALENDAR or word in COUNTRY_WORDS or word in SENTENCE_STARTERS
        )
        if word[0].isupper() and around.casing == "normal" and not plain_word:
            if entity.kind == "place":
                return Why("inside", f'part of a longer name: "... {word}"', INSIDE_LARGER)
            if single:
                return Why("inside", f'may be part of a longer name: "... {word}"', OTHER_NAME)
    previous = _PREVIOUS.search(around.before)
    if previous is None or entity.kind == "person" and not single:
        return None
    word = previous.group(1)
    country = COUNTRY_WORDS.get(word)
    if country is not None:
        # "China Semiconductor Industry Association" is not the American one; "U.S. Semiconductor ..." is.
        foreign = (
            country not in ("", "EU", entity.country)
            and word not in _ADJECTIVES
            and entity.kind in FIRM_KINDS
        )
        if foreign and not full and entity.country:
            return Why("inside", f'part of a longer name that begins with "{word}"', INSIDE_LARGER)
        return None
    if word[0].isupper() and around.casing == "title" and full and single and is_common(written):
        if word not in SENTENCE_STARTERS:
            return Why("inside", f'may be part of a longer name: "{word} ..."', INSIDE_LARGER)
    if not word[0].isupper() or around.casing != "normal" or full or word.endswith("'s"):
        return None
    if word in GIVEN_NAMES and single:
        return Why("person", f'a person\'s name: "{word} ..."', PERSON_CUE)
    opener = around.before.strip() == word and (word in SENTENCE_STARTERS or is_common(word))
    plain_word = (
        word in TITLE_WORDS or word in CALENDAR or word in SENTENCE_STARTERS or word.rstrip(".") in HONORIFICS
    )
    if single and not opener and not plain_word and entity.kind != "place" and "-" not in word:
        return Why("inside", f'may be part of a longer name: "{word} ..."', OTHER_NAME)
    return None


# Many countries and towns have one: the word before such a name tells which.
INSTITUTION_HEADS = frozenset(
    [
        "Party", "Association", "Cross", "Council", "Court", "Ministry", "Department", "Congress", "Parliament", "Senate", "Union",
        "Federation", "Institute", "University", "Society", "Commission", "Chamber", "Agency", "Authority", "Police", "Club", "League",
    ]
)  # fmt: skip
PERSON_TITLES = frozenset(
    [
        "President",
        "Senator",
        "Sen",
        "Rep",
        "Representative",
        "Governor",
        "Minister",
        "Chancellor",
        "Mayor",
        "Premier",
        "King",
        "Queen",
    ]
)
_ADJECTIVES = frozenset(
    w
    for w in COUNTRY_WORDS
    if w.endswith(("ese", "ish", "an", "ch", "ss", "i", "ans")) and w not in ("Japan", "Iran", "Taiwan")
)


def best_two(candidates: Sequence[Candidate]) -> tuple[Candidate, float]:
    """The best candidate and how far it is ahead of the next."""
    first = candidates[0]
    return first, first.score - (candidates[1].score if len(candidates) > 1 else 0.0)


OVERRULING = frozenset({"inside", "person", "contact"})


def is_overruled(candidate: Candidate) -> bool:
    """Whether something at the very place says that this entity is not meant there."""
    return any(part.code in OVERRULING for part in candidate.why)


def is_worth_showing(candidate: Candidate) -> bool:
    """Whether an unsure name is offered to a person; an ordinary word that nothing supports is not."""
    codes = {part.code for part in candidate.why}
    ordinary = bool(codes & {"common_word", "common_words", "weak_name"})
    if codes & OVERRULING:
        return False
    return candidate.score >= SHOWN and not (
        ordinary and not codes & {"cue", "market", "code", "ticker", "anchor", "title"}
    )


def is_settling(candidate: Candidate) -> bool:
    """Whether a link made by this candidate may settle other, shorter names in the same text."""
    return any(part.code in ("full_name", "ticker", "known_name", "decision") for part in candidate.why)


def kind_of_hit(rows: Sequence[NameRow], entities: Mapping[int, LexiconEntity]) -> EntityKind:
    """The kind that most of the names at one place have."""
    kinds = [entities[row.entity_id].kind for row in rows]
    return max(kinds, key=kinds.count)
