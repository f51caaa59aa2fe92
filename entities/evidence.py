"""What stands around a name and speaks for an entity: tickers, markets, cue words, titles, countries, company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from entities.compiled import FIRM_KINDS, NameRow
from entities.recognition import NameHit
from entities.sentences import Casing
from entities.types import EntityKind, LexiconEntity, Why
from entities.words import (
    COMMON_WORDS,
    COMPANY_NOUNS,
    COUNTRY_PAIRS,
    COUNTRY_WORDS,
    HONORIFICS,
    MARKET_WORDS,
    PLACE_WORDS,
    TITLE_WORDS,
)

TICKER_BESIDE = 0.5
UNKNOWN_TICKER_BESIDE = 0.2
CUE = 0.2
CAPITAL = 0.15
WELL_KNOWN = 0.6  # prominence from which a capital alone says that the company is meant
MARKET = 0.25
COUNTRY = 0.06
RELATED = 0.1
TITLE = 0.3
MODEL_AGREES = 0.10
OFFICE = 0.3
LEVEL = 0.2
ARTICLE = 0.13
INDEX_CODE = 0.5
TRADED = 0.25
LISTED = 0.12
LISTED_BETWEEN = 0.24
MODEL_SEES = 0.06
LOOKED_AT = 60  # characters on either side

# Labels of the OntoNotes scheme in plain words, and the kinds of entities that they agree with.
MODEL_WORDS = {
    "PERSON": "a person's name", "PER": "a person's name", "ORG": "the name of an organisation", "GPE": "the name of a place",
    "LOC": "the name of a place", "FAC": "the name of a building", "NORP": "the name of a people or a party",
    "EVENT": "the name of an event", "PRODUCT": "the name of a product",
}  # fmt: skip
MODEL_KINDS: dict[str, frozenset[EntityKind]] = {
    "PERSON": frozenset({"person"}), "PER": frozenset({"person"}), "ORG": FIRM_KINDS, "GPE": frozenset({"place"}),
    "LOC": frozenset({"place"}), "FAC": frozenset({"place"}), "NORP": frozenset({"place", "other"}),
    "EVENT": frozenset({"other"}), "PRODUCT": frozenset({"other"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextContext:
    """What the whole text says: countries spoken of, and what has been settled about entities in it."""

    countries: frozenset[str] = frozenset()
    settled: frozenset[int] = frozenset()
    surnames: frozenset[str] = frozenset()  # of people whom the text names in full
    related: Mapping[int, frozenset[int]] = field(default_factory=dict)
    # People whom the text does not mean though it has their name, and people of whom it gives nothing but an age; with
    # the words that tell.
    strangers: Mapping[int, str] = field(default_factory=dict)
    aged: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenName:
    """What a language model reads at a place: the label of the name there, "" for none, and the longer name around it."""

    label: str
    longer: str = ""


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
    seen: SeenName | None = None  # None: no model ran
    listed: int = 0  # companies beside it in one list: 0, 1 or 2
    firm: str = ""  # a company of just this short name that the text names in full
    indices: int = 0  # indices beside it in one list
    officers: frozenset[int] = frozenset()  # people whom the words beside it give an office there


_LISTED = re.compile(
    r"(" + "|".join(re.escape(w) for w in MARKET_WORDS) + r")(?:-listed| listed| trading|-traded)"
)
COMPANY_BEFORE = re.compile(
    r"(?:\b(?:shares?|stock|units?|bonds?|stake|stakes|investors?|customers|employees|products|executives?|CEO|chairman|president"
    r"|headquarters|subsidiary|division|analysts?|economists?|strategists?|trader|manager) (?:of|in|at|from|with|by) (?:[a-z-]+ )?"
    r"|\b(?:"
    + "|".join(sorted(COMPANY_NOUNS))
    + r") |\b(?i:companies|firms|banks|lenders|insurers|brokers|brokerages|rivals|peers|retailers|carmakers|automakers|chipmakers|drugmakers|airlines|miners|utilities"
    r"|investors|funds)"
    r",? (?:like|such as|including) |\b[Ss]pokes(?:people|persons?|m[ae]n|wom[ae]n) (?:for|at|from) |\b(?:acquire|acquired|acquiring|buy|buying|bought|owns?|sued|rival) )$"
)
COMPANY_AFTER = re.compile(
    r"^(?:'s?)? ?(?:\([^)]{1,30}\) ?)?(?:<[^>]{1,14}> ?)?"
    r"(?:(?:said|says|reported|posted|announced|declined to|did not (?:immediately )?(?:respond|comment)|didn't (?:immediately )?(?:respond|comment)"
    r"|plans to|agreed to|expects|has agreed|will (?:buy|sell|acquire|pay|launch|cut|invest)|filed|unveiled|launched|raised its|cut its"
    r"|beat|missed|surged|jumped|fell|rose|climbed|dropped|gained|slid|tumbled|added|slumped|soared|sank|lost \d|shed \d)\b"
    r"|(?:shares|stock|CEO|CFO|[Cc]hief|executives?|spokes\w+|revenue|profit|earnings|sales|results|bonds|employees|board|investors|analysts?"
    r"|economists?|strategists?|shareholders|customers|factory|factories|plant|stores|quarterly|unit|subsidiary|chairman|founder"
    r"|co-founder|management|products|headquarters|Chair|Chairman|Chairwoman|Vice Chair|Governor|policymakers|officials|minutes)\b)"
)
# "The Nasdaq fell 2%" is an index, "listed on Nasdaq" an exchange; the firm of the name says and earns.
_MOVES = re.compile(
    r"^(?: (?:has|had|also|was|is|were|then|briefly))* (?:up|down|rose|rises|fell|falls|gained|gains|added|adds|lost|loses|shed|sheds|slid|slides|sank|sinks"
    r"|jumped|jumps|climbed|climbs|dropped|drops|dipped|dips|surged|surges|tumbled|tumbles|slumped|slumps|soared|soars|advanced|advances|declined"
    r"|declines|edged|closed|closes|ended|ends|finished|finishes|opened|opens|rallied|rallies|retreated|retreats|slipped|slips|plunged|plunges"
    r"|hit|hits|hovered|stood|traded|trimmed|pared|extended|recovered|rebounded)\b"
)
_TRADED_BEFORE = re.compile(
    r"\b(?:(?:list(?:ed|ing|s)?|delist(?:ed|ing)?|trad(?:e[sd]?|ing)|debut(?:ed|s)?|float(?:ed|s)?|quoted|IPO|offering)\b[^.;,]{0,40}"
    r"|shares|stocks?|public) (?:on|at|from) (?:the )?$"
)
_TRADED_AFTER = re.compile(r"^(?:-(?:listed|traded)\b| (?:listings?|stock exchange|stock market|exchange)\b)")
_INDEX_CODE = re.compile(r"^(?:'s?)? ?[<(]\.[A-Z]")
_EXCHANGE = re.compile(r"\b(?:Exchange|Market|Bourse)\b")
_PAIR = re.compile(r"\b(" + "|".join(COUNTRY_PAIRS) + r")\b")
_SHARES_BEFORE = re.compile(r"\b(?:[Ss]hares?|[Ss]tocks?) (?:of|in) $")
_SHARES_AFTER = re.compile(r"^(?:'s?)? (?:shares?|stock)\b")
PREVIOUS = re.compile(r"([A-Za-z][\w&.'-]*) $")


def surroundings(  # noqa: PLR0913 - one value an argument
    plain: str,
    hit: NameHit,
    *,
    casing: Casing,
    sentence_start: int,
    tickers: frozenset[int],
    ticker_words: str,
    has_ticker: bool,
    seen: SeenName | None,
) -> Surroundings:
    """Cut out what scoring looks at around a hit."""
    return Surroundings(
        before=plain[max(sentence_start, hit.start - LOOKED_AT) : hit.start],
        after=plain[hit.end : hit.end + LOOKED_AT],
        casing=casing,
        opens_sentence=plain[sentence_start : hit.start].rstrip(" (*")[-1:] in ("", '"', ":", ".", "\n"),
        tickers=tickers,
        ticker_words=ticker_words,
        has_ticker=has_ticker,
        seen=seen,
    )


def countries_in(plain: str) -> frozenset[str]:
    """The countries (ISO 3166-1 alpha-2) that a text speaks of by name, adjective or great city."""
    found = {COUNTRY_WORDS[w] for w in set(re.findall(r"[A-Z][A-Za-z.]+", plain)) & COUNTRY_WORDS.keys()}
    found |= {COUNTRY_PAIRS[pair] for pair in _PAIR.findall(plain)}
    return frozenset(found - {""})


def supports(row: NameRow, entity: LexiconEntity, around: Surroundings, context: TextContext) -> list[Why]:
    """The parts of a score that speak for an entity."""
    parts = [
        _capital(row, entity, around),
        _ticker(entity, around),
        _market(entity, around),
        _cue(entity, around),
        _level(entity, around),
        _model(entity, around),
    ]
    if around.listed and entity.kind == "company":
        one = around.listed == 1
        words = "stands in one list with a company" if one else "stands between companies in one list"
        parts.append(Why("list", words, LISTED if one else LISTED_BETWEEN))
    if context.related.get(entity.id, frozenset()) & around.officers:
        parts.append(Why("office", "stands with somebody who holds an office there", OFFICE))
    if entity.country and entity.country in context.countries:
        parts.append(Why("country", "the text speaks of its country", COUNTRY))
    if context.related.get(entity.id, frozenset()) & context.settled:
        parts.append(Why("related", "named beside somebody it belongs to", RELATED))
    return [part for part in parts if part is not None]


def _capital(row: NameRow, entity: LexiconEntity, around: Surroundings) -> Why | None:
    word = row.text.lower()
    if word not in COMMON_WORDS or word in PLACE_WORDS or entity.kind not in FIRM_KINDS:
        return None
    # "the Amazon" is the river, "the Fed" the bank.
    unlikely = entity.kind == "company" and around.before.lower().endswith("the ")
    if around.casing != "normal" or around.opens_sentence or entity.prominence < WELL_KNOWN or unlikely:
        return None
    return Why("capital", "an ordinary word, but written with a capital inside a sentence", CAPITAL)


def _ticker(entity: LexiconEntity, around: Surroundings) -> Why | None:
    if entity.id in around.tickers:
        return Why("ticker", f"ticker beside the name: {around.ticker_words}", TICKER_BESIDE)
    if around.has_ticker and not around.tickers and entity.kind == "company":
        words = f"a share's code stands beside the name: {around.ticker_words}"
        return Why("code", words, UNKNOWN_TICKER_BESIDE)
    return None


def _market(entity: LexiconEntity, around: Surroundings) -> Why | None:
    mics = {mic for _, mic in entity.tickers}
    for piece in (around.before[-30:], around.after) if mics else ():
        match = _LISTED.search(piece)
        if match and mics & MARKET_WORDS[match.group(1)]:
            return Why("market", f"the text speaks of its market: {match.group()}", MARKET)
    return None


def _model(entity: LexiconEntity, around: Surroundings) -> Why | None:
    """The model's eye confirms that a name stands there; what kind of name, it often gets wrong."""
    seen = around.seen
    if seen is None or not seen.label or seen.longer:
        return None
    agrees = entity.kind in MODEL_KINDS.get(seen.label, frozenset())
    # That it takes a company for a person speaks for a name, and against nobody.
    said = MODEL_WORDS.get(seen.label, "a name") if agrees else "a name"
    words = f"the language model reads {said} here"
    return Why("model", words, MODEL_AGREES if agrees else MODEL_SEES)


def _level(entity: LexiconEntity, around: Surroundings) -> Why | None:
    """What tells an index or an exchange from a firm of the same name."""
    if entity.kind == "other":
        return _as_index(around)
    if is_exchange(entity) and (_TRADED_BEFORE.search(around.before) or _TRADED_AFTER.match(around.after)):
        return Why("traded", "shares are traded there", TRADED)
    return None


def _as_index(around: Surroundings) -> Why | None:
    if _INDEX_CODE.match(around.after):
        return Why("level", "the code of an index stands beside the name", INDEX_CODE)
    if around.indices:
        return Why("level", "stands in one list with an index", LEVEL)
    if not around.before.lower().endswith("the "):
        return None
    if _MOVES.match(around.after):
        return Why("level", "rises and falls as an index does", LEVEL)
    return Why("level", "stands with the article, as an index does", ARTICLE)


def has_shares(around: Surroundings) -> bool:
    """Whether the words beside a name speak of its shares."""
    return (_SHARES_BEFORE.search(around.before) or _SHARES_AFTER.match(around.after)) is not None


def is_exchange(entity: LexiconEntity) -> bool:
    """Whether an organisation is a place where shares are traded, by its name."""
    return entity.kind == "organization" and _EXCHANGE.search(entity.name) is not None


def _cue(entity: LexiconEntity, around: Surroundings) -> Why | None:
    if entity.kind in FIRM_KINDS:
        cue = COMPANY_BEFORE.search(around.before) or COMPANY_AFTER.match(around.after)
        if cue:
            return Why("cue", f'the words beside it speak of an organisation: "{cue.group().strip()}"', CUE)
    elif entity.kind == "person":
        title = PREVIOUS.search(around.before)
        if title and (title.group(1).rstrip(".") in HONORIFICS or title.group(1) in TITLE_WORDS):
            return Why("title", f'a title stands before the name: "{title.group(1)}"', TITLE)
    return None
